"""Paying documents from what a payment left on account: by a clerk, or because exactly one set of open items fits.

Unlike an advice, which is recorded with findings because the money has come, an instruction of ours is carried out whole
or refused with the reason: nothing is half-posted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from domain.allocation import NO_TOLERANCE, FindingCode, Proposal, Tolerance
from domain.cash_application import allocate
from domain.deduction import Deduction
from domain.deduction_postings import Resolving, pay_back, repaying
from domain.deduction_reasons import Reasons, reason_of
from domain.invoice import Invoice
from domain.refusal import Kind, Refusal
from domain.remittance import RemittanceItem
from domain.settlement import REVERSED, Settlement, begin_deduction, open_item
from domain.values import ZERO

MORE_THAN_ON_ACCOUNT = Refusal(
    "settlement.more_than_on_account",
    "Remittance {reference} has {limit} on account; {figure} would be allocated, {excess} more. Allocate what is there.",
    Kind.CONFLICT,
)
NOTHING_TO_ALLOCATE = Refusal(
    "settlement.nothing_to_allocate", "Nothing of remittance {reference} would be allocated. Name at least one document."
)
DOCUMENT_UNKNOWN = Refusal(
    "settlement.document_unknown",
    "{document} is no document of account {account}. Check the number, or whose invoice it is.",
)
CURRENCY_DIFFERS = Refusal(
    "settlement.currency_differs",
    "{document} is in {currency}, remittance {reference} in {paid_in}. A payment clears documents of its own currency.",
)
OPEN_MOVED = Refusal(
    "settlement.open_moved",
    "{document} is open over {figure}, you saw {limit}: {by} has changed it meanwhile ({documents}). Look at it again and"
    " decide anew.",
    Kind.CONFLICT,
)
ALREADY_CLEARED = Refusal(
    "settlement.already_cleared",
    "Nothing is open of {document} any more: {by} has cleared it with {documents}. Choose another document, or have that"
    " reversed.",
    Kind.CONFLICT,
)
MORE_THAN_OPEN = Refusal(
    "settlement.more_than_open",
    "{document} is open over {limit}; {figure} would be allocated, {excess} more. Allocate at most what is open.",
    Kind.CONFLICT,
)
CREDIT_NOT_OPEN = Refusal(
    "settlement.credit_not_open",
    "{document} has no such credit open ({excess} too much); what used it before: {documents}, by {by}.",
    Kind.CONFLICT,
)
USED_BEFORE = Refusal(
    "settlement.used_before",
    "Remittance {reference} has used {document} before, by {figure}; a payment uses a document once. Reverse it to allocate it"
    " anew, or pay the rest with another payment.",
    Kind.CONFLICT,
)
NOT_PLACED = Refusal(
    "settlement.not_placed",
    "{document}: {figure} cannot be placed ({finding}). Change the amounts so that every one has its document.",
)


NOTHING = Proposal((), (), ZERO, ZERO)


@dataclass(frozen=True)
class Instruction:
    """``items`` to pay, ``seen``: what was open of a document (by reference) when it was looked at; ``why`` see the fact.

    ``repaid``: deductions that are paid back, each with its amount.
    """

    items: tuple[RemittanceItem, ...]
    seen: Mapping[str, Decimal]
    on: date
    why: str
    repaid: tuple[Resolving, ...] = ()


def allocate_from_account(
    settlement: Settlement, invoices: Sequence[Invoice], asked: Instruction, tolerance: Tolerance = NO_TOLERANCE,
    reasons: Reasons = reason_of, whose: Callable[[str], str] = lambda stream: "somebody",
) -> list[Deduction]:
    """Pay ``invoices`` from what is on account, whole or not at all. Returns the deductions that begin.

    ``whose`` names who changed a document last; refusals say it.
    """
    state, paid = settlement.state, settlement.state.remittance
    if state.reversed or state.done is None:
        raise REVERSED(reference=paid.reference)
    known = {invoice.state.number: invoice for invoice in invoices}
    _check_documents(settlement, known, asked, whose)
    _check_open(asked, known, whose)
    for invoice in (*invoices, *(bearer for one in asked.repaid for bearer in one.bearers)):
        if (before := invoice.state.allocations.get(settlement.id)) is not None:
            raise USED_BEFORE(reference=paid.reference, document=invoice.state.number, figure=before.total)
    amount = sum((item.net for item in asked.items), ZERO)
    further = NOTHING
    if asked.items:
        part = replace(paid, amount=amount, items=asked.items, adjustments=())
        further = allocate(part, [open_item(one) for one in known.values()], tolerance, reasons, len(state.done.deductions))
    for finding in further.findings:
        if finding.code is not FindingCode.SHORT_WITHOUT_REASON:
            raise NOT_PLACED(document=finding.reference, figure=finding.amount, finding=finding.code.value)
    repaid = {one.deduction.id: one.amount for one in asked.repaid}
    whole = replace(further, allocations=(*further.allocations, *repaying(settlement, asked.repaid)))
    _check_amount(settlement, whole, state.done.on_account)
    on = max(asked.on, paid.paid_on)
    settlement.happened(
        Settlement.AllocatedFromAccount, allocations=whole.allocations, deductions=whole.deductions,
        amount=amount + sum(repaid.values(), ZERO), account=paid.account, cleared=whole.cleared,
        credits_used=whole.credits_used, on=on, why=asked.why, repaid=repaid,
    )  # fmt: skip
    by_stream = {invoice.id: invoice for invoice in invoices}
    for one in further.allocations:
        by_stream[one.invoice].allocate(settlement.id, one.applied, on)
    pay_back(settlement, asked.repaid, on)
    return [begin_deduction(settlement, taken) for taken in further.deductions]


def _check_documents(
    settlement: Settlement, known: Mapping[str, Invoice], asked: Instruction, whose: Callable[[str], str]
) -> None:
    paid = settlement.state.remittance
    for item in asked.items:
        invoice = known.get(item.reference)
        if invoice is None or invoice.state.account != paid.account:
            raise DOCUMENT_UNKNOWN(document=item.reference, account=paid.account)
        if invoice.state.currency != paid.currency:
            figures = {"currency": invoice.state.currency, "paid_in": paid.currency}
            raise CURRENCY_DIFFERS(document=item.reference, reference=paid.reference, **figures)
        seen, is_open = asked.seen.get(item.reference), invoice.state.open
        if seen is not None and seen != is_open:
            named = {"by": whose(invoice.id), "documents": _used_by(invoice)}
            raise OPEN_MOVED(document=item.reference, figure=is_open, limit=seen, **named)


def _check_open(asked: Instruction, known: Mapping[str, Invoice], whose: Callable[[str], str]) -> None:
    """No document is paid, and no credit used, beyond what is open of it; no tolerance, these figures are our own."""
    wanted: dict[str, Decimal] = {}
    for item in asked.items:
        wanted[item.reference] = wanted.get(item.reference, ZERO) + item.net
    for reference, figure in wanted.items():
        invoice = known[reference]
        is_open = invoice.state.open
        named = {"document": reference, "documents": _used_by(invoice), "by": whose(invoice.id)}
        if figure < 0 and figure < is_open:
            raise CREDIT_NOT_OPEN(excess=min(is_open, ZERO) - figure, **named)
        if figure > 0 >= is_open:
            raise ALREADY_CLEARED(**named)
        if figure > 0 and figure > is_open:
            raise MORE_THAN_OPEN(document=reference, limit=is_open, figure=figure, excess=figure - is_open)


def _check_amount(settlement: Settlement, further: Proposal, on_account: Decimal) -> None:
    """No more is paid than is on account; nothing else can be left, as no document is paid beyond what is open of it."""
    reference = settlement.state.remittance.reference
    cash = sum((part.cash for part in further.allocations), ZERO)
    if not further.allocations:
        raise NOTHING_TO_ALLOCATE(reference=reference)
    if cash > on_account:
        raise MORE_THAN_ON_ACCOUNT(reference=reference, figure=cash, limit=on_account, excess=cash - on_account)


def _used_by(invoice: Invoice) -> list[str]:
    return list(invoice.state.allocations) or ["nothing yet"]
