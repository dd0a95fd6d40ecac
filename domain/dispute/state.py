"""What a dispute remembers: its claims and what became of each, its verdict, its clocks, its requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.deduction_reasons import DeductionReason
from domain.dispute.checks import Failed
from domain.dispute.clocks import Clock, Deadlines
from domain.dispute.life_cycle import Status
from domain.dispute.verdict import Fault, Shares, Stage, Verdict
from domain.values import ZERO


@dataclass(frozen=True)
class Claim:
    """How much of which deduction is disputed; ``deduction`` is its stream."""

    deduction: str
    amount: Decimal
    invoice: str | None
    settlement: str
    taken_on: date


@dataclass
class ClaimState:
    """I2: amount = credited + repaid + written off + outstanding."""

    amount: Decimal
    invoice: str | None
    settlement: str
    taken_on: date
    credited: Decimal = ZERO
    repaid: Decimal = ZERO
    written_off: Decimal = ZERO

    @property
    def outstanding(self) -> Decimal:
        return self.amount - self.credited - self.repaid - self.written_off


@dataclass(frozen=True)
class Judgement:
    """``facts`` as found; ``shares`` after what law and contract say of them."""

    verdict: Verdict
    fault: Fault | None
    stage: Stage
    facts: Shares
    shares: Shares
    failed: tuple[Failed, ...]


class Waiver(StrEnum):
    """How what is the customer's is given up."""

    WRITE_OFF = "WRITE_OFF"
    CONCESSION = "CONCESSION"


@dataclass
class WaiverRequest:
    kind: Waiver
    amount: Decimal
    reason: str
    requester: str


@dataclass
class DisputeState:
    """``accepted`` is what the customer has agreed to repay, ``requested`` what it was asked for."""

    company: str
    partner: str
    account: str
    number: str
    currency: str
    zone: str
    reason: DeductionReason
    status: Status
    claims: dict[str, ClaimState]
    dates: Deadlines
    opened_by: str
    agreement: str | None = None
    judged: Judgement | None = None
    requested: Decimal = ZERO
    accepted: Decimal = ZERO
    filed: bool = False
    passed: tuple[Clock, ...] = ()
    repayments: dict[str, dict[str, Decimal]] = field(default_factory=dict)  # settlement -> deduction -> amount
    write_offs: dict[str, dict[str, Decimal]] = field(default_factory=dict)  # document -> deduction -> amount
    requests: dict[str, WaiverRequest] = field(default_factory=dict)  # waiting for a second person

    @property
    def claimed(self) -> Decimal:
        return sum((claim.amount for claim in self.claims.values()), ZERO)

    @property
    def outstanding(self) -> Decimal:
        return sum((claim.outstanding for claim in self.claims.values()), ZERO)

    @property
    def credited(self) -> Decimal:
        return sum((claim.credited for claim in self.claims.values()), ZERO)

    @property
    def repaid(self) -> Decimal:
        return sum((claim.repaid for claim in self.claims.values()), ZERO)

    @property
    def written_off(self) -> Decimal:
        return sum((claim.written_off for claim in self.claims.values()), ZERO)

    @property
    def has_postings(self) -> bool:
        return self.credited > 0 or self.repaid > 0 or self.written_off > 0

    @property
    def creditable(self) -> Decimal:
        """What the verdict gives a credit memo and has not been credited yet."""
        if self.judged is None or self.judged.verdict is Verdict.UNDETERMINED:
            return ZERO
        return max(self.judged.shares.creditable - self.credited, ZERO)

    @property
    def repayable(self) -> Decimal:
        """What the verdict puts on the customer and is not resolved yet."""
        if self.judged is None or self.judged.verdict is Verdict.UNDETERMINED:
            return ZERO
        return min(max(self.judged.shares.customer - self.repaid - self.written_off, ZERO), self.outstanding)

    def claims_in(self, amounts: dict[str, Decimal]) -> tuple[Claim, ...]:
        """So much of the claims as claims of their own."""
        return tuple(
            Claim(name, amount, self.claims[name].invoice, self.claims[name].settlement, self.claims[name].taken_on)
            for name, amount in amounts.items()
        )

    def spread(self, amount: Decimal) -> dict[str, Decimal]:
        """``amount`` over the claims that are outstanding, in their order."""
        parts: dict[str, Decimal] = {}
        for name, claim in self.claims.items():
            if part := min(amount, claim.outstanding):
                parts[name] = part
                amount -= part
        return parts


def claim_states(claims: tuple[Claim, ...]) -> dict[str, ClaimState]:
    return {one.deduction: ClaimState(one.amount, one.invoice, one.settlement, one.taken_on) for one in claims}


def left_of(kept: dict[str, dict[str, Decimal]], document: str, taken: dict[str, Decimal]) -> None:
    """Take ``taken`` out of what ``document`` did; nothing left is forgotten."""
    left = {name: amount - taken.get(name, ZERO) for name, amount in kept.pop(document, {}).items()}
    if rest := {name: amount for name, amount in left.items() if amount}:
        kept[document] = rest
