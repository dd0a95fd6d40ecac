"""The commands on payments: a remittance with all it pays, its reversal, and a deduction resolved by a credit memo."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from pydantic import Field

from domain.account_allocation import Instruction, allocate_from_account
from domain.credit_account import CreditAccount
from domain.debtor import Debtor
from domain.deduction import Deduction
from domain.dispute.agreement import NOTHING_AGREED, DeductionAgreement
from domain.invoice import Invoice
from domain.invoice_facts import InvoiceKind
from domain.refusal import Refusal
from domain.remittance import Remittance, RemittanceItem, RemittanceItemKind
from domain.deduction_postings import Resolving, credit_deduction
from domain.settlement import Settlement, apply_remittance, reverse_settlement
from domain.values import ZERO, local_date
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Code, Day, Stream, Text
from services.http import href
from services.receivables.reversing import disputes_of, let_fall_away, take_back_repayments, undone
from services.receivables.stated_payment import RecordRemittance, check_sum, stated_remittance

NOT_A_MEMO = Refusal(
    "deduction.not_a_memo",
    "{document} is a {kind} of account {account}; a deduction of account {wanted} is resolved by a credit memo of that"
    " account. Name one, or issue it about the invoice.",
)


class ReverseSettlement(Command):
    """The payment bounced: exactly what it did is undone."""

    NAME: ClassVar[str] = "settlement.reverse"
    settlement: Stream
    reason: Text
    reversed_on: Day | None = Field(None, description="The day the bank took it back; left out: today in the account's zone.")

    def streams(self) -> tuple[str, ...]:
        return (settlement_stream(self.settlement),)


class CreditDeduction(Command):
    """Resolve a deduction, as far as it is open, by all that is open of a credit memo."""

    NAME: ClassVar[str] = "deduction.credit"
    deduction: Stream
    credit_memo: Code


def settlement_stream(settlement: str) -> str:
    """The stream of a settlement as addresses name it: ``{company}/{partner}/{reference}``."""
    return settlement if settlement.startswith("settlement/") else f"settlement/{settlement}"


def deduction_stream(deduction: str) -> str:
    """The stream of a deduction as addresses name it: ``{company}/{partner}/{reference}/{number}``."""
    return deduction if deduction.startswith("deduction/") else f"deduction/{deduction}"


def settlement_answer(settlement: Settlement, status: int = 200) -> Answer:
    """What the payment did; the findings are for a person to look at."""
    done = settlement.state.done
    body = {
        "settlement": settlement.id, "href": href("settlements", settlement.id), "version": settlement.version,
        "reversed": settlement.state.reversed, "on_account": done.on_account if done else ZERO,
        "residual": done.residual if done else ZERO,
        "deductions": [part.deduction for part in done.deductions] if done else [],
        "findings": done.findings if done else (),
    }
    return Answer(status, body)


def record_remittance(work: Work, command: RecordRemittance) -> Answer:
    debtor = work.get(Debtor, Debtor.stream(command.partner))
    remittance = stated_remittance(command, debtor)
    check_sum(remittance, command.keep_anyway)
    settlement, is_new = settle(work, remittance, debtor, command.among)
    return settlement_answer(settlement, 201 if is_new else 200)


def settle(
    work: Work, remittance: Remittance, debtor: Debtor, among: Iterable[str] = ()
) -> tuple[Settlement, bool]:
    """Receive and apply; a remittance that was heard of before says nothing new. Refused before anything moves."""
    known = work.find(Settlement, Settlement.stream(remittance.company, remittance.partner, remittance.reference))
    if known is not None:
        known.receive_again(remittance)
        return known, False
    settlement = Settlement.receive(remittance)
    invoices = _paid_documents(work, remittance, among)
    agreement = work.find(DeductionAgreement, DeductionAgreement.stream(remittance.partner))
    terms = NOTHING_AGREED if agreement is None else agreement.terms_on(remittance.paid_on)
    repaid = repayments_in(work, remittance.items, remittance.account)
    tolerance, paid_back = debtor.tolerance_on(remittance.paid_on), [one.named for one in repaid]
    for deduction in apply_remittance(settlement, invoices, tolerance, terms.reason, paid_back):
        work.add(deduction)
    if repaid and settlement.state.done is not None and settlement.state.done.on_account > 0:
        resolving = tuple(one.resolving for one in repaid)
        allocate_from_account(settlement, [], Instruction((), {}, remittance.paid_on, "ADVICE", resolving))
    return work.add(settlement), True


@dataclass(frozen=True)
class PaidBack:
    """An item that pays back a deduction, as it was named."""

    named: str
    resolving: Resolving


def repayments_in(work: Work, items: Iterable[RemittanceItem], account: str) -> list[PaidBack]:
    """What items pay back of the account's deductions, as far as it is outstanding and no dispute claims it."""
    amounts: dict[str, Decimal] = {}
    for item in items:
        if item.kind is RemittanceItemKind.DEDUCTION:
            amounts[item.reference] = amounts.get(item.reference, ZERO) + item.net
    found = []
    for named, amount in amounts.items():
        deduction = work.find(Deduction, deduction_stream(named))
        if deduction is not None and deduction.state.account == account and 0 < amount <= deduction.state.free:
            found.append(PaidBack(named, Resolving(deduction, amount, bearers(work, deduction))))
    return found


def _paid_documents(work: Work, remittance: Remittance, among: Iterable[str]) -> list[Invoice]:
    """The account's own documents that the advice names; one of another account counts as unknown."""
    named = [item.reference for item in remittance.items] or list(among)
    streams = list(dict.fromkeys(Invoice.stream(remittance.company, reference) for reference in named))
    work.fetch(streams)
    found = (work.find(Invoice, stream) for stream in streams)
    return [invoice for invoice in found if invoice is not None and invoice.state.account == remittance.account]


def reverse(work: Work, command: ReverseSettlement) -> Answer:
    settlement = work.get(Settlement, settlement_stream(command.settlement))
    if settlement.state.reversed:
        return settlement_answer(settlement)
    done = settlement.state.done
    taken = [part.deduction for part in done.deductions] if done else []
    paid = [part.invoice for part in done.allocations] if done else []
    work.fetch([*taken, *paid])
    deductions = {stream: work.get(Deduction, stream) for stream in taken}
    memos = [memo for deduction in deductions.values() for memo in deduction.state.credited]
    work.fetch(memos)
    documents = {stream: work.get(Invoice, stream) for stream in [*paid, *memos]}
    disputes = disputes_of(work, deductions.values())
    on = _reversed_on(work, command, settlement)
    resolved = undone(work, deductions.values(), [documents[stream] for stream in paid])
    reverse_settlement(settlement, documents, deductions, command.reason, resolved, on)
    take_back_repayments(work, settlement, command.reason)
    let_fall_away(disputes, command.reason, work.context.actor)
    return settlement_answer(settlement)


def _reversed_on(work: Work, command: ReverseSettlement, settlement: Settlement) -> date:
    """Not before it was paid: what was open in between was paid in between."""
    paid = settlement.state.remittance
    account = work.find(CreditAccount, CreditAccount.stream(paid.account))
    today = local_date(work.context.at, account.state.zone if account is not None else "UTC")
    return max(command.reversed_on or today, paid.paid_on)


def resolve_deduction(work: Work, command: CreditDeduction) -> Answer:
    deduction = work.get(Deduction, deduction_stream(command.deduction))
    state = deduction.state
    memo = work.get(Invoice, Invoice.stream(state.company, command.credit_memo))
    if memo.state.kind is not InvoiceKind.CREDIT_MEMO or memo.state.account != state.account:
        raise NOT_A_MEMO(
            document=command.credit_memo, kind=memo.state.kind, account=memo.state.account, wanted=state.account
        )
    credit_deduction(deduction, memo, bearers(work, deduction))
    body = {
        "deduction": deduction.id, "href": href("deductions", deduction.id), "version": deduction.version,
        "outstanding": state.outstanding,
    }
    return Answer(200, body)


def bearers(work: Work, deduction: Deduction) -> list[Invoice]:
    """The invoice it was taken from; one taken beside the items is borne by those its settlement reduced."""
    if deduction.state.invoice is not None:
        return [work.get(Invoice, deduction.state.invoice)]
    done = work.get(Settlement, deduction.state.settlement).state.done
    streams = [part.invoice for part in done.allocations if part.deducted > 0] if done else []
    work.fetch(streams)
    return [work.get(Invoice, stream) for stream in streams]


HANDLERS: dict[type[Command], Any] = {
    RecordRemittance: record_remittance,
    ReverseSettlement: reverse,
    CreditDeduction: resolve_deduction,
}
