"""The ledger's checker: facts in the log's order in, violations of I1 to I10 out, command by command.

    check = LedgerCheck()
    for recorded in facts:
        violations += check.take(recorded)
    violations += check.finish()
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from domain.bank_entry import BankEntry
from domain.deduction import Deduction
from domain.dispute.dispute import Dispute
from domain.group_payment import GroupPayment
from domain.invoice import Invoice
from domain.ledger_folds import DocumentFolds, part_of
from domain.ledger_invariants import Invariant, LedgerInvariants, Violation
from domain.ledger_records import Books, Claimed, Paid
from domain.recorded import RecordedEvent
from domain.settlement import Settlement
from domain.statement import Statement
from domain.values import ZERO


class LedgerCheck(DocumentFolds):
    """Feeds the rules; what it keeps is in ``books``, so that it can go on where it was.

    ``whole``: the books hold everything from the first fact on, and what they lack the log lacks (I10). Else what they lack
    is a KeyError: the books may be at fault.
    """

    def __init__(self, books: Books | None = None, whole: bool = True) -> None:
        super().__init__(LedgerInvariants(books))
        self.whole = whole
        self._command: list[RecordedEvent] = []

    def take(self, recorded: RecordedEvent) -> list[Violation]:
        """A fact of the receivables log, in order. Answers what the command before it, now complete, has broken."""
        complete = bool(self._command) and self._command[0].command_id != recorded.command_id
        found = self.finish() if complete else []
        if type(recorded.event) in FOLDS:
            self._command.append(recorded)
        return found

    @property
    def complete_before(self) -> int | None:
        """The position up to which everything is in the books, while a command waits for its end; else None."""
        return self._command[0].position - 1 if self._command else None

    def finish(self) -> list[Violation]:
        """The last command is complete: what it has broken. Nothing twice.

        The facts of one command stand stream by stream, in no order of their own: what begins is taken first.
        """
        command, self._command = self._command, []
        for recorded in sorted(command, key=lambda one: type(one.event) not in BEGIN):
            self._rules.position = command[-1].position
            self._fold(recorded.event)
        return self._rules.judge()

    def _fold(self, event: Any) -> None:
        try:
            FOLDS[type(event)](self, event)
        except KeyError as missing:
            if not self.whole:
                raise
            self._rules.lacking(event.originator_id, missing.args[0])

    # --- payments

    def _received(self, event: Any) -> None:
        self._books.payments[event.originator_id] = Paid(event.account, event.currency, event.amount, event.amount)
        self._rules.touched.payments[event.originator_id] = None
        totals = self._rules.total(event.account, event.currency)
        totals.received += event.amount
        totals.on_account += event.amount

    def _allocated(self, event: Any) -> None:
        paid = self._payment(event.originator_id)
        paid.parts = {one.invoice: part_of(one) for one in event.allocations}
        paid.taken = [one.deduction for one in event.deductions]
        totals = self._rules.total(paid.account, paid.currency)
        totals.gain += event.gain - paid.gain
        paid.gain = event.gain
        self._pay(event, paid, paid.on_account - event.on_account)

    def _allocated_from_account(self, event: Any) -> None:
        paid = self._payment(event.originator_id)
        paid.parts |= {one.invoice: part_of(one) for one in event.allocations}
        paid.taken += [one.deduction for one in event.deductions]
        self._pay(event, paid, event.amount)

    def _pay(self, event: Any, paid: Paid, amount: Decimal) -> None:
        totals = self._rules.total(paid.account, paid.currency)
        paid.on_account -= amount
        totals.on_account -= amount
        totals.control -= event.cleared
        totals.control_credits -= event.credits_used
        self._books.payments[event.originator_id] = paid

    def _put_on_account(self, event: Any) -> None:
        paid = self._payment(event.originator_id)
        paid.parts = {one.invoice: part_of(one) for one in event.allocations}
        paid.on_account += event.amount
        self._rules.total(paid.account, paid.currency).on_account += event.amount
        self._books.payments[event.originator_id] = paid

    def _reversed(self, event: Any) -> None:
        paid = self._payment(event.originator_id)
        totals = self._rules.total(paid.account, paid.currency)
        totals.received -= paid.amount
        totals.on_account -= paid.on_account
        totals.gain -= paid.gain
        totals.control += event.cleared
        totals.control_credits += event.credits_used
        paid.reversed = True
        self._books.payments[event.originator_id] = paid

    def _group_received(self, event: Any) -> None:
        self._books.groups[event.originator_id] = list(event.settlements)
        stated = sum(event.settlements.values(), ZERO)
        if stated != event.amount:
            self._rules.note(Invariant.I3, event.originator_id, f"of {event.amount} its settlements hold {stated}")

    def _entry_recorded(self, event: Any) -> None:
        self._books.entries[event.originator_id] = event.amount

    def _entry_matched(self, event: Any) -> None:
        payments = self._books.groups.get(event.payment) or [event.payment]
        self._rules.check_bank(event.payment, event.originator_id, payments)

    # --- statements and disputes

    def _agreed(self, event: Any) -> None:
        agreed = event.agreement
        self._rules.check_statement(event.originator_id, event.balance, agreed.our_balance, agreed.bridge.values())

    def _opened(self, event: Any) -> None:
        self._books.disputes[event.originator_id] = Claimed({})
        self._claim_more(event.originator_id, _claims(event.claims))

    def _split_off(self, event: Any) -> None:
        self._claim_more(event.originator_id, _negated(_claims(event.claims)))

    def _taken_over(self, event: Any) -> None:
        self._claim_more(event.originator_id, _claims(event.claims))

    def _fell_away(self, event: Any) -> None:
        self._claim_more(event.originator_id, {event.deduction: -event.amount})

    def _ended(self, event: Any) -> None:
        """Merged into another one, or voided: it claims nothing any more."""
        self._dispute(event.originator_id)
        self._books.disputes[event.originator_id] = Claimed({})

    def _closed(self, event: Any) -> None:
        self._close(event.originator_id, True)

    def _reopened(self, event: Any) -> None:
        self._close(event.originator_id, False)

    def _close(self, name: str, closed: bool) -> None:
        dispute = self._dispute(name)
        dispute.closed = closed
        self._books.disputes[name] = dispute

    def _claim_resolved(self, event: Any) -> None:
        self._leave(event.originator_id, _negated(event.amounts))

    def _claim_unresolved(self, event: Any) -> None:
        self._leave(event.originator_id, event.amounts)

    def _claim_more(self, name: str, more: dict[str, Decimal]) -> None:
        dispute = self._dispute(name)
        for deduction, amount in more.items():
            dispute.claims[deduction] = dispute.claims.get(deduction, ZERO) + amount
        self._leave(name, more)

    def _leave(self, name: str, more: dict[str, Decimal]) -> None:
        dispute = self._dispute(name)
        for deduction, amount in more.items():
            dispute.left[deduction] = dispute.left.get(deduction, ZERO) + amount
        self._books.disputes[name] = dispute

    def _dispute(self, name: str) -> Claimed:
        dispute = self._books.disputes[name]
        self._rules.touched.disputes[name] = None
        return dispute

    def _verdict(self, event: Any) -> None:
        self._rules.check_verdict(event.originator_id, event.shares.total)


BEGIN = (
    Invoice.Issued, Deduction.Taken, Settlement.RemittanceReceived, GroupPayment.Received, BankEntry.Recorded, Dispute.Opened,
)


def _claims(claims: Iterable[Any]) -> dict[str, Decimal]:
    return {one.deduction: one.amount for one in claims}


def _negated(amounts: dict[str, Decimal]) -> dict[str, Decimal]:
    return {name: -amount for name, amount in amounts.items()}


FOLDS: dict[type[Any], Callable[[LedgerCheck, Any], None]] = {
    Invoice.Issued: LedgerCheck._issued,
    Invoice.Voided: LedgerCheck._voided_document,
    Invoice.CreditMemoIssued: LedgerCheck._memo_issued,
    Invoice.CreditMemoWithdrawn: LedgerCheck._memo_withdrawn,
    Invoice.Allocated: LedgerCheck._allocated_document,
    Invoice.AllocationReversed: LedgerCheck._allocation_reversed,
    Deduction.Taken: LedgerCheck._taken,
    Deduction.Credited: LedgerCheck._credited,
    Deduction.Repaid: LedgerCheck._repaid,
    Deduction.WrittenOff: LedgerCheck._written_off,
    Deduction.RepaymentReversed: LedgerCheck._repayment_reversed,
    Deduction.WriteOffReversed: LedgerCheck._write_off_reversed,
    Deduction.Voided: LedgerCheck._voided_deduction,
    Deduction.Disputed: LedgerCheck._disputed,
    Settlement.RemittanceReceived: LedgerCheck._received,
    Settlement.Allocated: LedgerCheck._allocated,
    Settlement.AllocatedFromAccount: LedgerCheck._allocated_from_account,
    Settlement.PutOnAccount: LedgerCheck._put_on_account,
    Settlement.Reversed: LedgerCheck._reversed,
    GroupPayment.Received: LedgerCheck._group_received,
    BankEntry.Recorded: LedgerCheck._entry_recorded,
    BankEntry.Matched: LedgerCheck._entry_matched,
    Statement.Agreed: LedgerCheck._agreed,
    Dispute.Opened: LedgerCheck._opened,
    Dispute.ClaimsSplitOff: LedgerCheck._split_off,
    Dispute.ClaimsTakenOver: LedgerCheck._taken_over,
    Dispute.ClaimFellAway: LedgerCheck._fell_away,
    Dispute.MergedInto: LedgerCheck._ended,
    Dispute.Voided: LedgerCheck._ended,
    Dispute.Credited: LedgerCheck._claim_resolved,
    Dispute.Repaid: LedgerCheck._claim_resolved,
    Dispute.WrittenOff: LedgerCheck._claim_resolved,
    Dispute.RepaymentReversed: LedgerCheck._claim_unresolved,
    Dispute.WriteOffReversed: LedgerCheck._claim_unresolved,
    Dispute.Closed: LedgerCheck._closed,
    Dispute.Reopened: LedgerCheck._reopened,
    Dispute.VerdictGiven: LedgerCheck._verdict,
}
