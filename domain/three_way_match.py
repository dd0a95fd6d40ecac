"""Three-way match: order, receipt, invoice, and what should follow from their difference (definitions.md 4.3, S5, S11).

Price variance = (invoice price - order price) x received; quantity variance = (invoiced - received) x invoice price; so
that both sum to the invoice's net less order price x received. Tax apart. Above zero we billed too much, below too little.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from domain.tax import line_amounts
from domain.values import EXACT, ZERO, round_money


class ProposalKind(StrEnum):
    """What would put a line right."""

    CREDIT_MEMO = "CREDIT_MEMO"
    DEBIT_MEMO = "DEBIT_MEMO"
    DEBIT_MEMO_OR_RETURN = "DEBIT_MEMO_OR_RETURN"


class Cause(StrEnum):
    """Which of the variances."""

    PRICE = "PRICE"
    QUANTITY = "QUANTITY"
    TAX = "TAX"


@dataclass(frozen=True)
class Ordered:
    """The price agreed on the order, for ``price_per`` units, and its tax rate."""

    unit_price: Decimal
    price_per: Decimal
    tax_rate: Decimal


@dataclass(frozen=True)
class Invoiced:
    """One invoice line; ``net`` and ``tax`` as they were billed."""

    quantity: Decimal
    unit_price: Decimal
    price_per: Decimal
    net: Decimal
    tax_rate: Decimal
    tax: Decimal


@dataclass(frozen=True)
class Proposal:
    """``net`` and ``tax`` are above zero. ``units``: so many may come back instead of being billed."""

    kind: ProposalKind
    cause: Cause
    net: Decimal
    tax: Decimal
    units: Decimal = ZERO

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


@dataclass(frozen=True)
class LineMatch:
    """The variances of one invoice line. ``deductible``: what the customer may keep back, never below zero."""

    price: Decimal
    quantity: Decimal
    tax: Decimal
    proposals: tuple[Proposal, ...]

    @property
    def net(self) -> Decimal:
        return self.price + self.quantity

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax

    @property
    def matches(self) -> bool:
        return not (self.price or self.quantity or self.tax)

    @property
    def deductible(self) -> Decimal:
        credits = (one.gross for one in self.proposals if one.kind is ProposalKind.CREDIT_MEMO)
        return sum(credits, ZERO)

    @property
    def underbilled(self) -> Decimal:
        debits = (one.gross for one in self.proposals if one.kind is not ProposalKind.CREDIT_MEMO)
        return sum(debits, ZERO)


def match_line(ordered: Ordered, received: Decimal, invoiced: Invoiced, currency: str) -> LineMatch:
    """Rounded once: the price variance and the sum; the quantity variance takes the remainder, so that they sum.

    Of the tax variance each variance carries its own at the invoice's rate; what is left is a difference of rates.
    """
    due = line_amounts(received, ordered.unit_price, ordered.price_per, ordered.tax_rate, currency)
    per_unit = Fraction(invoiced.unit_price) / Fraction(invoiced.price_per)
    agreed = Fraction(ordered.unit_price) / Fraction(ordered.price_per)
    net = invoiced.net - due.net
    price = round_money((per_unit - agreed) * Fraction(received), currency)
    if invoiced.quantity == received:
        price = net  # the whole difference is the price's, its rounding too
    quantity = net - price
    tax = invoiced.tax - due.tax
    if ordered.tax_rate == invoiced.tax_rate:  # what two roundings leave goes with the last of the parts
        price_tax = tax if quantity == 0 else _tax(price, invoiced.tax_rate, currency)
        quantity_tax = tax - price_tax
        if price == 0 and quantity == 0:
            price_tax = quantity_tax = ZERO
    else:
        price_tax = _tax(price, invoiced.tax_rate, currency)
        quantity_tax = _tax(quantity, invoiced.tax_rate, currency)
    units = max(received - invoiced.quantity, ZERO)
    made = [
        *_proposed(Cause.PRICE, price, price_tax, ZERO),
        *_proposed(Cause.QUANTITY, quantity, quantity_tax, units),
        *_proposed(Cause.TAX, ZERO, tax - price_tax - quantity_tax, ZERO),
    ]
    return LineMatch(price, quantity, tax, tuple(made))


def _tax(net: Decimal, rate: Decimal, currency: str) -> Decimal:
    return round_money(EXACT.multiply(net, rate), currency)


def _proposed(cause: Cause, net: Decimal, tax: Decimal, units: Decimal) -> list[Proposal]:
    """Too much billed is credited; too little is billed by a debit memo, or so many units come back."""
    if not net and not tax:
        return []
    if net + tax > 0:
        return [Proposal(ProposalKind.CREDIT_MEMO, cause, net, tax)]
    kind = ProposalKind.DEBIT_MEMO_OR_RETURN if units else ProposalKind.DEBIT_MEMO
    return [Proposal(kind, cause, -net, -tax, units)]
