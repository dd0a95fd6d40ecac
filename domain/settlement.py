"""Settlement: one payment with its advice, what it paid, and its reversal (X12 820, EDIFACT REMADV).

The functions at the end carry one command over the settlement, its documents and its deductions.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from domain.aggregate import Aggregate, natural_id
from domain.allocation import (
    NO_TOLERANCE,
    Allocation,
    DeductionTaken,
    Finding,
    OpenItem,
    Proposal,
    Tolerance,
    joined,
)
from domain.cash_application import allocate
from domain.deduction import Deduction
from domain.deduction_reasons import Reasons, reason_of
from domain.invoice import Invoice
from domain.refusal import Kind, Refusal
from domain.remittance import Adjustment, Remittance, RemittanceItem
from domain.settlement_facts import AllocatedFromAccount as _AllocatedFromAccount
from domain.settlement_facts import FoundOnBank as _FoundOnBank
from domain.settlement_facts import NotOnBank as _NotOnBank
from domain.settlement_facts import PutOnAccount as _PutOnAccount
from domain.values import ZERO

AMOUNT_NEGATIVE = Refusal(
    "settlement.amount_negative",
    "Remittance {reference} pays {figure}; the least is 0, short by {excess}."
    " Record a repayment to the customer apart.",
)
OTHER_CONTENT = Refusal(
    "settlement.other_content",
    "Remittance {reference} of {partner} was received before over {limit}; this one over {figure} says something else"
    " ({excess} apart in amount). Reverse the first, or give this one its own reference.",
    Kind.CONFLICT,
)
REVERSED = Refusal(
    "settlement.reversed",
    "Remittance {reference} was reversed and pays nothing any more. Receive the new payment under its own reference.",
    Kind.CONFLICT,
)
ALLOCATED_OTHERWISE = Refusal(
    "settlement.allocated_otherwise",
    "Remittance {reference} over {limit} is already allocated in another way. Reverse it before allocating it again.",
    Kind.CONFLICT,
)
DOES_NOT_ADD_UP = Refusal(
    "settlement.does_not_add_up",
    "Remittance {reference} is over {limit}; cash allocated, gain and on account come to {figure}, {excess} apart."
    " Allocate exactly what was paid.",
)


@dataclass
class SettlementState:
    remittance: Remittance
    proposal: Proposal | None = None
    reversed: bool = False
    further: tuple[Proposal, ...] = ()  # from what was on account, each with the cash it took as negative on_account
    bank_entry: str | None = None
    banked_by: str = ""
    repaid: dict[str, Decimal] = field(default_factory=dict)  # by deduction: what was paid back of it from the account

    @property
    def done(self) -> Proposal | None:
        """All that the payment does now: as it was allocated first, and what was allocated from its account since."""
        return None if self.proposal is None else joined((self.proposal, *self.further))


class Settlement(Aggregate[SettlementState]):
    """One payment of a customer; the same reference sent twice is the same settlement."""

    KIND = "settlement"
    STATE = SettlementState
    STATE_VERSION = 2

    class RemittanceReceived(Aggregate.Created):
        TYPE = "settlement.remittance_received/1"
        company: str
        partner: str
        account: str
        reference: str
        paid_on: date
        currency: str
        amount: Decimal
        method: str | None
        items: tuple[RemittanceItem, ...]
        adjustments: tuple[Adjustment, ...]

        def apply(self, settlement: Settlement) -> None:
            settlement.state = SettlementState(
                Remittance(
                    self.company,
                    self.partner,
                    self.account,
                    self.reference,
                    self.paid_on,
                    self.currency,
                    self.amount,
                    self.items,
                    self.adjustments,
                    self.method,
                )
            )

    class Allocated(Aggregate.Event):
        """``cleared`` left the receivable and ``credits_used`` the unapplied credits: what credit needs to know."""

        TYPE = "settlement.allocated/1"
        allocations: tuple[Allocation, ...]
        deductions: tuple[DeductionTaken, ...]
        on_account: Decimal
        residual: Decimal
        gain: Decimal
        findings: tuple[Finding, ...]
        account: str
        cleared: Decimal
        credits_used: Decimal

        def apply(self, settlement: Settlement) -> None:
            settlement.state.proposal = Proposal(
                self.allocations, self.deductions, self.on_account, self.residual, self.gain, self.findings
            )

    class Reversed(Aggregate.Event):
        """The payment bounced. The figures are what goes back, deductions credited since included."""

        TYPE = "settlement.reversed/1"
        reason: str
        account: str
        cleared: Decimal
        on_account: Decimal
        credits_used: Decimal
        on: date | None = None

        def apply(self, settlement: Settlement) -> None:
            settlement.state.reversed = True

    PutOnAccount = _PutOnAccount
    AllocatedFromAccount = _AllocatedFromAccount
    FoundOnBank = _FoundOnBank
    NotOnBank = _NotOnBank

    @staticmethod
    def stream(company: str, partner: str, reference: str) -> str:
        return natural_id("settlement", company, partner, reference)

    @classmethod
    def receive(cls, remittance: Remittance) -> Settlement:
        _check_amount(remittance)
        facts: dict[str, Any] = {name: getattr(remittance, name) for name in Remittance.__dataclass_fields__}
        stream = cls.stream(remittance.company, remittance.partner, remittance.reference)
        return cls.begin(cls.RemittanceReceived, stream, **facts)

    def receive_again(self, remittance: Remittance) -> None:
        """The same advice again says nothing new; another one under the same reference is refused."""
        first = self.state.remittance
        if remittance != first:
            figures = {
                "figure": remittance.amount,
                "limit": first.amount,
                "excess": remittance.amount - first.amount,
            }
            raise OTHER_CONTENT(reference=first.reference, partner=first.partner, **figures)

    def allocate(self, proposal: Proposal) -> None:
        state, paid = self.state, self.state.remittance
        if state.reversed:
            raise REVERSED(reference=paid.reference)
        if state.proposal == proposal:
            return
        if state.proposal is not None:
            raise ALLOCATED_OTHERWISE(reference=paid.reference, limit=paid.amount)
        placed = sum((part.cash for part in proposal.allocations), ZERO) + proposal.gain + proposal.on_account
        if placed != paid.amount:
            figures = {"figure": placed, "limit": paid.amount, "excess": placed - paid.amount}
            raise DOES_NOT_ADD_UP(reference=paid.reference, **figures)
        self.happened(
            self.Allocated,
            allocations=proposal.allocations,
            deductions=proposal.deductions,
            on_account=proposal.on_account,
            residual=proposal.residual,
            gain=proposal.gain,
            findings=proposal.findings,
            account=paid.account,
            cleared=proposal.cleared,
            credits_used=proposal.credits_used,
        )

    def reverse(
        self, reason: str, credited_since: Decimal = ZERO, resolved_since: Decimal = ZERO, on: date | None = None
    ) -> None:
        """``credited_since``: what credit memos resolved of its deductions; they become unapplied again.
        ``resolved_since``: what was repaid or written off of them, and is no more."""
        if self.state.reversed:
            return
        done = self.state.done
        self.happened(
            self.Reversed,
            reason=reason,
            account=self.state.remittance.account,
            cleared=(done.cleared if done else ZERO) + credited_since + resolved_since,
            on_account=done.on_account if done else ZERO,
            credits_used=(done.credits_used if done else ZERO) + credited_since,
            on=on,
        )


def apply_remittance(
    settlement: Settlement, invoices: Sequence[Invoice], tolerance: Tolerance = NO_TOLERANCE, reasons: Reasons = reason_of,
    paid_back: Collection[str] = (),
) -> list[Deduction]:
    """Pay ``invoices`` with the settlement: whole or not at all. Returns the deductions that begin."""
    if settlement.state.proposal is not None and not settlement.state.reversed:
        return []
    paid = settlement.state.remittance
    usable = {invoice.id: invoice for invoice in invoices if invoice.state.currency == paid.currency}
    proposal = allocate(paid, [open_item(invoice) for invoice in usable.values()], tolerance, reasons, 0, paid_back)
    settlement.allocate(proposal)
    for part in proposal.allocations:
        usable[part.invoice].allocate(settlement.id, part.applied, paid.paid_on)
    return [begin_deduction(settlement, taken) for taken in proposal.deductions]


def reverse_settlement(
    settlement: Settlement,
    documents: Mapping[str, Invoice],
    deductions: Mapping[str, Deduction],
    reason: str,
    resolved_since: Decimal = ZERO,
    on: date | None = None,
) -> None:
    """Undo exactly what the settlement did (S8): a memo that resolved a deduction is an unapplied credit again.

    ``documents`` are the invoices and memos it used and the memos of ``deductions``, by stream.
    """
    done = settlement.state.done
    if settlement.state.reversed:
        return
    taken = [deductions[part.deduction] for part in done.deductions] if done else []
    memos = {memo: deduction.id for deduction in taken for memo in deduction.state.credited}
    credited = sum((sum(d.state.credited.values(), ZERO) for d in taken), ZERO)
    settlement.reverse(reason, credited, resolved_since, on)
    for part in done.allocations if done else ():
        documents[part.invoice].reverse_allocation(settlement.id, on)
        for memo in memos:
            documents[part.invoice].reverse_allocation(memo, on)
    for memo, deduction in memos.items():
        documents[memo].reverse_allocation(deduction, on)
    for deduction_taken in taken:
        deduction_taken.void(reason)


def _check_amount(remittance: Remittance) -> None:
    if remittance.amount < 0:
        raise AMOUNT_NEGATIVE(
            reference=remittance.reference, figure=remittance.amount, excess=-remittance.amount
        )


def open_item(invoice: Invoice) -> OpenItem:
    """The document as cash application sees it."""
    state = invoice.state
    return OpenItem(
        invoice.id, state.number, state.gross, state.open, state.discounts, state.applied.discount
    )


def begin_deduction(settlement: Settlement, taken: DeductionTaken) -> Deduction:
    """The deduction that an allocation of the settlement has taken."""
    paid = settlement.state.remittance
    return Deduction.take(
        taken.deduction,
        company=paid.company,
        partner=paid.partner,
        account=paid.account,
        settlement=settlement.id,
        invoice=taken.invoice,
        amount=taken.amount,
        currency=paid.currency,
        customer_reason=taken.customer_reason,
        reason=taken.reason,
        taken_on=paid.paid_on,
    )
