"""What law or contract says of a claim before its facts are looked at: each rule with its source (definitions 4.5, 4.6).

A claim that fails a rule is invalid for the failing amount whatever the facts; the facts are recorded apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

from domain.deduction_reasons import DeductionReason
from domain.values import ZERO, round_money


class RuleKind(StrEnum):
    """What a rule asks of a claim."""

    PROHIBITED_FEE = "PROHIBITED_FEE"  # a fee of one of these kinds may not be charged at all
    NO_SET_OFF = "NO_SET_OFF"  # it may not be deducted unless we agreed to the amount
    TOO_LATE = "TOO_LATE"  # so many days after what it is about it may not be claimed any more
    OVER_CAP = "OVER_CAP"  # at most so many percent of a value
    UNPROVEN = "UNPROVEN"  # the customer has to send its proof with the claim
    RETROSPECTIVE = "RETROSPECTIVE"  # agreed only after what it is about


@dataclass(frozen=True)
class LegalRule:
    """One rule. ``reasons`` empty: it holds for every claim. Figures are None where the kind asks for none."""

    rule: str
    kind: RuleKind
    source: str
    reasons: tuple[DeductionReason, ...] = ()
    fees: tuple[str, ...] = ()
    days: int | None = None
    percent: Decimal | None = None


@dataclass(frozen=True)
class ClaimFacts:
    """What the rules look at. None: not known, so that the rule does not fail the claim, but says what it lacks."""

    amount: Decimal
    currency: str
    reason: DeductionReason
    claimed_on: date
    about: date | None = None  # the day of the delivery or the event that it is about
    fee: str | None = None
    set_off_agreed: bool | None = None
    base: Decimal | None = None  # the value that a cap is a percentage of
    proof_sent: bool | None = None
    agreed_on: date | None = None


@dataclass(frozen=True)
class Failed:
    """``amount`` of the claim fails ``rule``: ``figure`` stands against ``limit``."""

    rule: str
    kind: RuleKind
    source: str
    amount: Decimal
    figure: str
    limit: str


@dataclass(frozen=True)
class Checked:
    """``failed`` with amounts, and ``lacking``: rules that could not be applied because a fact is not known."""

    failed: tuple[Failed, ...] = ()
    lacking: dict[str, str] = field(default_factory=dict)

    @property
    def failing(self) -> Decimal:
        """Rules strike the same money: the largest amount that one of them strikes."""
        return max((one.amount for one in self.failed), default=ZERO)


def check_claim(claim: ClaimFacts, rules: Iterable[LegalRule]) -> Checked:
    """Every rule that holds for the claim's reason, one after the other."""
    failed: list[Failed] = []
    lacking: dict[str, str] = {}
    for rule in rules:
        if rule.reasons and claim.reason not in rule.reasons:
            continue
        found = _checked(claim, rule)
        if isinstance(found, str):
            lacking[rule.rule] = found
        elif found is not None and found.amount > 0:
            failed.append(found)
    return Checked(tuple(failed), lacking)


def _checked(claim: ClaimFacts, rule: LegalRule) -> Failed | str | None:
    """How the claim fails, which fact is lacking, or None when it passes."""
    match rule.kind:
        case RuleKind.TOO_LATE:
            return _late(claim, rule)
        case RuleKind.OVER_CAP:
            return _over(claim, rule)
        case RuleKind.RETROSPECTIVE:
            return _retrospective(claim, rule)
        case RuleKind.PROHIBITED_FEE:
            fails = None if claim.fee is None else claim.fee in rule.fees
            lacking, figure, limit = "fee", str(claim.fee), "not chargeable"
        case RuleKind.NO_SET_OFF:
            fails = None if claim.set_off_agreed is None else not claim.set_off_agreed
            lacking, figure, limit = "set_off_agreed", "deducted", "agreed first"
        case RuleKind.UNPROVEN:
            fails = None if claim.proof_sent is None else not claim.proof_sent
            lacking, figure, limit = "proof_sent", "no proof", "proof with the claim"
    return lacking if fails is None else _struck(claim, rule, fails, figure, limit)


def _retrospective(claim: ClaimFacts, rule: LegalRule) -> Failed | str | None:
    if claim.about is None or claim.agreed_on is None:
        return "about" if claim.about is None else "agreed_on"
    return _struck(claim, rule, claim.agreed_on > claim.about, f"agreed {claim.agreed_on}", f"by {claim.about}")


def _late(claim: ClaimFacts, rule: LegalRule) -> Failed | str | None:
    if claim.about is None:
        return "about"
    days = (claim.claimed_on - claim.about).days
    limit = rule.days or 0
    return _struck(claim, rule, days > limit, f"{days} days", f"{limit} days")


def _over(claim: ClaimFacts, rule: LegalRule) -> Failed | str | None:
    """Up to the cap itself it stands."""
    if claim.base is None:
        return "base"
    cap = round_money(Fraction(claim.base) * Fraction(rule.percent or ZERO) / 100, claim.currency)
    over = max(claim.amount - cap, ZERO)
    return Failed(rule.rule, rule.kind, rule.source, over, format(claim.amount, "f"), format(cap, "f"))


def _struck(claim: ClaimFacts, rule: LegalRule, fails: bool, figure: str, limit: str) -> Failed | None:
    return Failed(rule.rule, rule.kind, rule.source, claim.amount, figure, limit) if fails else None


_FINE = (DeductionReason.LATE_FINE, DeductionReason.SHORTAGE)
_FEES = (DeductionReason.FEE, DeductionReason.PROMOTION)
_PRC = "PRC, Measures for fair transactions between retailers and suppliers (2006), art. 13"
_FRANCE = "France, Code de commerce art. L441-17"
_GSCOP = "UK, Groceries Supply Code of Practice"

# The kinds of fee that PRC art. 13 forbids, in the order it lists them.
PRC_FEES = (
    "CONTRACT_SIGNING", "STORE_CODE_FOR_CODED_GOODS", "STORE_CODE_ABOVE_COST", "REFURBISHMENT_NOT_FOR_THE_GOODS",
    "FESTIVAL_WITHOUT_SERVICE", "UNRELATED_OR_WITHOUT_SERVICE",
)  # fmt: skip

RULES: Mapping[str, tuple[LegalRule, ...]] = MappingProxyType(
    {
        "CN": (LegalRule("CN-FEES", RuleKind.PROHIBITED_FEE, _PRC, _FEES, PRC_FEES),),
        "FR": (
            LegalRule("FR-NO-SET-OFF", RuleKind.NO_SET_OFF, f"{_FRANCE}, L442-1 I 3°", _FINE),
            LegalRule("FR-CAP", RuleKind.OVER_CAP, _FRANCE, _FINE, percent=Decimal(2)),
            LegalRule("FR-ONE-YEAR", RuleKind.TOO_LATE, _FRANCE, _FINE, days=365),
            LegalRule("FR-PROOF", RuleKind.UNPROVEN, _FRANCE, _FINE),
        ),
        "GB": (LegalRule("GB-RETROSPECTIVE", RuleKind.RETROSPECTIVE, f"{_GSCOP}, part 2", _FEES),),
    }
)
