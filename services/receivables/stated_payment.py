"""What a payment states: the fields a door takes, and the remittance that the domain keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import ClassVar

from pydantic import Field

from domain.debtor import Debtor
from domain.invoice import Invoice
from domain.payment_matching import SEARCHED_AT_MOST
from domain.refusal import Refusal
from domain.remittance import Adjustment, Remittance, RemittanceItem, RemittanceItemKind
from domain.settlement import Settlement
from domain.values import ZERO, minor_unit, round_money
from services.command import Command
from services.fields import Amount, Code, CurrencyCode, Day, OptionalCode, Part, SignedAmount

ITEMS_PER_REMITTANCE = 20_000
REMITTANCE_LIMIT = 10_000_000
ADJUSTMENTS_PER_ITEM = 100

AMOUNT_TOO_FINE = Refusal(
    "settlement.amount_too_fine",
    "Remittance {reference} states {figure} for {what}; {currency} has no part smaller than {limit}."
    " Send whole units of {limit}.",
)
DOES_NOT_SUM = Refusal(
    "settlement.advice_does_not_sum",
    "Remittance {reference} pays {limit}, its advice adds up to {figure}, {excess} more. Correct the advice; if the money came"
    " so, send it with keep_anyway and all of it stays on account.",
)


class StatedAdjustment(Part):
    """An amount with the customer's own reason code: X12 426 as sent, EDIFACT as 4465:4, or our own name."""

    amount: SignedAmount
    reason: OptionalCode = ""
    reference: Code | None = None


class PaidItem(Part):
    """One document paid; an adjustment above zero was taken off. A credit memo used is paid below zero."""

    reference: Code
    kind: RemittanceItemKind = RemittanceItemKind.INVOICE
    gross: SignedAmount | None = None
    paid: SignedAmount
    discount: Amount = ZERO
    adjustments: tuple[StatedAdjustment, ...] = Field((), max_length=ADJUSTMENTS_PER_ITEM)
    partial: bool = False


class RemittanceHeading(Command):
    """What a payment says of itself."""

    company: Code
    partner: Code
    reference: Code
    paid_on: Day
    currency: CurrencyCode | None = None
    amount: Amount
    method: Code | None = None
    keep_anyway: bool = Field(
        False, description="The money is here though its advice claims more than was paid: keep all of it on account."
    )


class StatedPayment(RemittanceHeading):
    """A payment with what it says to pay."""

    items: tuple[PaidItem, ...] = ()
    adjustments: tuple[StatedAdjustment, ...] = Field((), max_length=ITEMS_PER_REMITTANCE)


class RecordRemittance(StatedPayment):
    """A payment with its advice: everything it pays is applied at once. The same again is the same settlement."""

    NAME: ClassVar[str] = "settlement.record_remittance"
    items: tuple[PaidItem, ...] = Field((), max_length=ITEMS_PER_REMITTANCE)
    among: tuple[Code, ...] = Field(
        (), max_length=SEARCHED_AT_MOST,
        description="Without items: the documents among which an exact match is looked for; else all that are open.",
    )

    def streams(self) -> tuple[str, ...]:
        paid = {Invoice.stream(self.company, item.reference) for item in self.items}
        return (Settlement.stream(self.company, self.partner, self.reference), Debtor.stream(self.partner), *paid)


class RemittanceFile(RemittanceHeading):
    """The same with its items as the text of a CSV file: columns reference, paid and, where stated, kind, gross, discount,
    partial, adjustment, reason. A row without paid adds an adjustment to the reference above it; one without reference is an
    adjustment beside the items (below zero: kept back). Every row that cannot be taken is named; then nothing is kept."""

    NAME: ClassVar[str] = "settlement.record_remittance_csv"
    csv: str = Field(min_length=1, max_length=REMITTANCE_LIMIT)


def check_sum(remittance: Remittance, keep_anyway: bool) -> None:
    """An advice that claims more than was paid is refused, unless the money is here and is to be kept on account (I3)."""
    if remittance.residual < 0 and not keep_anyway:
        figures = {"figure": remittance.stated, "limit": remittance.amount, "excess": -remittance.residual}
        raise DOES_NOT_SUM(reference=remittance.reference, **figures)


def stated_remittance(command: StatedPayment, debtor: Debtor) -> Remittance:
    """The remittance as the domain keeps it; amounts finer than the currency has are refused."""
    currency = command.currency or debtor.state.currency
    whole = _whole(command.reference, currency)
    return Remittance(
        company=command.company, partner=command.partner, account=debtor.state.account, reference=command.reference,
        paid_on=command.paid_on, currency=currency, amount=whole(command.amount, "the payment"),
        items=remittance_items(command.items, command.reference, currency),
        adjustments=_adjustments(command.adjustments, "the payment", whole), method=command.method,
    )


def remittance_items(stated: Iterable[PaidItem], reference: str, currency: str) -> tuple[RemittanceItem, ...]:
    """The items as the domain keeps them; amounts finer than the currency has are refused."""
    whole = _whole(reference, currency)
    return tuple(
        RemittanceItem(
            item.reference, item.kind, None if item.gross is None else whole(item.gross, item.reference),
            whole(item.paid, item.reference), whole(item.discount, item.reference),
            _adjustments(item.adjustments, item.reference, whole), item.partial,
        )
        for item in stated
    )


def _adjustments(
    stated: Iterable[StatedAdjustment], what: str, whole: Callable[[Decimal, str], Decimal]
) -> tuple[Adjustment, ...]:
    return tuple(Adjustment(whole(a.amount, f"an adjustment of {what}"), a.reason, a.reference) for a in stated)


def _whole(reference: str, currency: str) -> Callable[[Decimal, str], Decimal]:
    limit = minor_unit(currency)

    def whole(figure: Decimal, what: str) -> Decimal:
        rounded = round_money(figure, currency)
        if rounded != figure:
            raise AMOUNT_TOO_FINE(reference=reference, figure=figure, what=what, currency=currency, limit=limit)
        return rounded

    return whole
