"""Who was right about a claim, whose fault it was and where it arose; the parts make up the claim (definitions 4.5, I9)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from domain.refusal import Refusal
from domain.values import ZERO, round_money

_HALF = Decimal(50)


class Verdict(StrEnum):
    VALID = "VALID"
    PARTIALLY_VALID = "PARTIALLY_VALID"
    INVALID = "INVALID"
    UNDETERMINED = "UNDETERMINED"


class Fault(StrEnum):
    """CONTRACTUAL: nobody erred, the allowance was agreed."""

    SUPPLIER = "SUPPLIER"
    CUSTOMER = "CUSTOMER"
    BOTH = "BOTH"
    CONTRACTUAL = "CONTRACTUAL"


class Stage(StrEnum):
    """Where the difference arose: 订单、送货、对账、扣款."""

    ORDER = "ORDER"
    DELIVERY = "DELIVERY"
    RECONCILIATION = "RECONCILIATION"
    DEDUCTION = "DEDUCTION"


PARTS_DO_NOT_ADD_UP = Refusal(
    "dispute.parts_do_not_add_up",
    "Dispute {dispute} claims {limit}; supplier {supplier}, customer {customer}, contractual {contractual} and undetermined"
    " {undetermined} come to {figure}, {excess} apart. State parts that make up the claim.",
)
PART_NEGATIVE = Refusal(
    "dispute.part_negative",
    "Dispute {dispute}: a part of {figure} is below 0, the least. State what each side bears.",
)
PART_TOO_FINE = Refusal(
    "dispute.part_too_fine",
    "Dispute {dispute}: a part of {figure} is finer than {currency} has. Round it, and give the rest to another part.",
)
VERDICT_DIFFERS = Refusal(
    "dispute.verdict_differs",
    "Dispute {dispute}: the parts make it {right}, the fault {right_fault}; {stated} with fault {stated_fault} was said."
    " Correct the parts or leave verdict and fault out.",
)


@dataclass(frozen=True)
class Shares:
    """Who bears how much of a claim."""

    supplier: Decimal = ZERO
    customer: Decimal = ZERO
    contractual: Decimal = ZERO
    undetermined: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.supplier + self.customer + self.contractual + self.undetermined

    @property
    def creditable(self) -> Decimal:
        """What a credit memo gives: our share and what was agreed."""
        return self.supplier + self.contractual


def verdict_of(shares: Shares) -> Verdict:
    """As long as a part is undetermined nothing is judged."""
    if shares.undetermined > 0 or shares.total == 0:
        return Verdict.UNDETERMINED
    if shares.customer == 0:
        return Verdict.VALID
    return Verdict.PARTIALLY_VALID if shares.creditable > 0 else Verdict.INVALID


def fault_of(shares: Shares) -> Fault | None:
    """VALID: SUPPLIER or CONTRACTUAL; INVALID: CUSTOMER; PARTIALLY_VALID: BOTH; undetermined: nobody's yet."""
    match verdict_of(shares):
        case Verdict.VALID:
            return Fault.SUPPLIER if shares.supplier > 0 else Fault.CONTRACTUAL
        case Verdict.PARTIALLY_VALID:
            return Fault.BOTH
        case Verdict.INVALID:
            return Fault.CUSTOMER
        case Verdict.UNDETERMINED:
            return None


def check_shares(dispute: str, claimed: Decimal, currency: str, shares: Shares) -> None:
    """I9: the parts, none below 0, make up the claim."""
    parts = (shares.supplier, shares.customer, shares.contractual, shares.undetermined)
    if min(parts) < 0:
        raise PART_NEGATIVE(dispute=dispute, figure=min(parts))
    for part in parts:
        if round_money(part, currency) != part:
            raise PART_TOO_FINE(dispute=dispute, figure=part, currency=currency)
    if shares.total != claimed:
        named = {name: getattr(shares, name) for name in ("supplier", "customer", "contractual", "undetermined")}
        raise PARTS_DO_NOT_ADD_UP(
            dispute=dispute, limit=claimed, figure=shares.total, excess=shares.total - claimed, **named
        )


def check_verdict(dispute: str, shares: Shares, verdict: Verdict | None, fault: Fault | None) -> None:
    """What a person says of verdict and fault is what the parts make it; None leaves it to the parts."""
    right, right_fault = verdict_of(shares), fault_of(shares)
    if (verdict or right) is not right or (fault or right_fault) is not right_fault:
        raise VERDICT_DIFFERS(
            dispute=dispute, right=right, right_fault=right_fault or "none", stated=verdict or right,
            stated_fault=fault or "none",
        )  # fmt: skip


def split_both(claimed: Decimal, currency: str, supplier_percent: Decimal | None = None) -> Shares:
    """Both erred and nobody knows by how much: the contract's percentage, else half; the customer bears the rest (S9)."""
    percent = _HALF if supplier_percent is None else supplier_percent
    ours = round_money(Fraction(claimed) * Fraction(percent) / 100, currency)
    return Shares(supplier=ours, customer=claimed - ours)


def after_checks(facts: Shares, failing: Decimal) -> Shares:
    """At least ``failing`` is the customer's, whatever the facts: what was open gives way first, then what was agreed."""
    missing = max(failing - facts.customer, ZERO)
    kept: dict[str, Decimal] = {}
    for name in ("undetermined", "contractual", "supplier"):
        before = getattr(facts, name)
        moved = min(before, missing)
        kept[name], missing = before - moved, missing - moved
    return Shares(customer=facts.total - sum(kept.values(), ZERO), **kept)
