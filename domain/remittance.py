"""A remittance as the customer states it: what it pays, what it takes off and why. edi.md 3.7 and 6.

Signs: an item's ``paid`` is the net of that item; a credit memo taken is below zero. An adjustment inside an
item explains the difference between gross and paid: above zero it was taken off. One beside the items adds,
signed, to their total: a fee kept back is below zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.values import ZERO


class RemittanceItemKind(StrEnum):
    """What the customer says the item is; our own books decide when they know the reference.

    DEDUCTION pays back an amount that was kept back earlier: the reference is the deduction's name.
    """

    INVOICE = "INVOICE"
    CREDIT_MEMO = "CREDIT_MEMO"
    DEDUCTION = "DEDUCTION"
    OTHER = "OTHER"


@dataclass(frozen=True)
class Adjustment:
    """An amount with the customer's own reason code (X12 426, EDIFACT 4465), kept as sent."""

    amount: Decimal
    customer_reason: str
    reference: str | None = None


@dataclass(frozen=True)
class RemittanceItem:
    """One document paid. ``partial``: the customer announces that the rest follows, so nothing is short."""

    reference: str
    kind: RemittanceItemKind
    gross: Decimal | None
    paid: Decimal
    discount: Decimal = ZERO
    adjustments: tuple[Adjustment, ...] = ()
    partial: bool = False

    @property
    def adjusted(self) -> Decimal:
        return sum((adjustment.amount for adjustment in self.adjustments), ZERO)

    @property
    def adds_up(self) -> bool:
        """net = gross - discount - sum of the adjustments inside; true when no gross is stated."""
        return self.gross is None or self.paid == self.gross - self.discount - self.adjusted

    @property
    def adds_up_only_swapped(self) -> bool:
        """The sender wrote gross where net belongs and net where gross belongs."""
        return (
            self.gross is not None
            and not self.adds_up
            and self.gross == self.paid - self.discount - self.adjusted
        )

    @property
    def net(self) -> Decimal:
        """What is really paid: the field written as gross when the two were swapped."""
        return self.gross if self.gross is not None and self.adds_up_only_swapped else self.paid


@dataclass(frozen=True)
class Remittance:
    """One payment with its advice."""

    company: str
    partner: str
    account: str
    reference: str
    paid_on: date
    currency: str
    amount: Decimal
    items: tuple[RemittanceItem, ...]
    adjustments: tuple[Adjustment, ...] = ()
    method: str | None = None

    @property
    def stated(self) -> Decimal:
        """What the advice adds up to."""
        beside = sum((adjustment.amount for adjustment in self.adjustments), ZERO)
        return sum((item.net for item in self.items), ZERO) + beside

    @property
    def residual(self) -> Decimal:
        """What the payment holds beyond its advice; below zero when the advice claims more than was paid."""
        return self.amount - self.stated if self.items or self.adjustments else ZERO
