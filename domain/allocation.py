"""What a payment does to the documents it pays: open items, allocations, deductions taken, findings for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domain.deduction_reasons import DeductionReason
from domain.invoice_facts import Applied, DiscountOffer
from domain.values import ZERO

_HUNDRED = Decimal(100)


class FindingCode(StrEnum):
    """What a person should look at."""

    UNKNOWN_REFERENCE = "UNKNOWN_REFERENCE"
    NOTHING_OPEN = "NOTHING_OPEN"
    OVERPAID = "OVERPAID"
    GROSS_AND_NET_SWAPPED = "GROSS_AND_NET_SWAPPED"
    GROSS_DIFFERS = "GROSS_DIFFERS"
    SHORT_WITHOUT_REASON = "SHORT_WITHOUT_REASON"
    DEDUCTION_EXCEEDS_OPEN = "DEDUCTION_EXCEEDS_OPEN"
    CREDIT_NOT_OURS = "CREDIT_NOT_OURS"
    DEBIT_NOT_PLACED = "DEBIT_NOT_PLACED"
    ADDED_BY_CUSTOMER = "ADDED_BY_CUSTOMER"
    RESIDUAL = "RESIDUAL"
    CLAIMS_MORE_THAN_PAID = "CLAIMS_MORE_THAN_PAID"
    NO_SINGLE_MATCH = "NO_SINGLE_MATCH"


@dataclass(frozen=True)
class Finding:
    """``amount`` is what the finding is about: what stays on account, what is short, what is over."""

    code: FindingCode
    reference: str
    amount: Decimal


@dataclass(frozen=True)
class Tolerance:
    """The lower of amount and percent, inclusive; a blank one disables it."""

    amount: Decimal | None = None
    percent: Decimal | None = None

    def covers(self, difference: Decimal, of: Decimal) -> bool:
        if self.amount is None or self.percent is None:
            return False
        return difference <= min(self.amount, abs(of) * self.percent / _HUNDRED)


NO_TOLERANCE = Tolerance()


@dataclass(frozen=True)
class OpenItem:
    """A document of the partner as it stands; ``open`` is below zero for a credit memo."""

    stream: str
    reference: str
    gross: Decimal
    open: Decimal
    discounts: tuple[DiscountOffer, ...] = ()
    discounted: Decimal = ZERO


@dataclass(frozen=True)
class Allocation:
    """How much of one document the payment uses, and as what."""

    invoice: str
    cash: Decimal = ZERO
    discount: Decimal = ZERO
    write_off: Decimal = ZERO
    deducted: Decimal = ZERO
    credit: Decimal = ZERO

    @property
    def applied(self) -> Applied:
        return Applied(self.cash, self.discount, self.write_off, self.deducted, self.credit)


@dataclass(frozen=True)
class DeductionTaken:
    deduction: str
    invoice: str | None
    amount: Decimal
    customer_reason: str
    reason: DeductionReason


@dataclass(frozen=True)
class Proposal:
    """What the payment would do. ``residual`` is what the advice leaves unexplained; it never vanishes."""

    allocations: tuple[Allocation, ...]
    deductions: tuple[DeductionTaken, ...]
    on_account: Decimal
    residual: Decimal
    gain: Decimal = ZERO
    findings: tuple[Finding, ...] = ()

    @property
    def cleared(self) -> Decimal:
        """What leaves the receivable: what is deducted stays in it until it is resolved."""
        own = [part.applied for part in self.allocations if part.credit >= 0]
        return sum((part.total - part.deducted for part in own), ZERO)

    @property
    def credits_used(self) -> Decimal:
        return -sum((part.credit for part in self.allocations if part.credit < 0), ZERO)


def joined(proposals: Sequence[Proposal]) -> Proposal:
    """What one payment does by several allocations, as one; ``proposals`` is not empty."""
    first = proposals[0]
    return Proposal(
        tuple(part for one in proposals for part in one.allocations),
        tuple(part for one in proposals for part in one.deductions),
        sum((one.on_account for one in proposals), ZERO), first.residual,
        sum((one.gain for one in proposals), ZERO), first.findings,
    )
