"""A fine for late or short goods computed anew under the customer's own rule, with what we can prove (definitions 4.7, S6)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from domain.fill_rate.charging import BY_ORDER
from domain.fill_rate.choices import PenaltyScope
from domain.fill_rate.policy import FillRatePolicy, Goal
from domain.refusal import Refusal
from domain.values import ZERO, round_money

QUANTITIES_WRONG = Refusal(
    "dispute.fine_quantities_wrong",
    "The fine counts {received} of {ordered} received and {proven} proven: together {figure}, at most {limit} is possible."
    " Correct the quantities.",
)


@dataclass(frozen=True)
class FineRule:
    """``percent`` of the cost of what is missing, once the rate is below the goal: of all of it, or only up to the goal."""

    goal: Goal
    percent: Fraction
    scope: PenaltyScope = PenaltyScope.ALL_NONCOMPLIANT


def rule_of(policy: FillRatePolicy) -> FineRule | None:
    """The rule in a customer's fill-rate policy; None where it has no goal, no penalty, or charges orders and not units."""
    penalty = policy.penalty
    if policy.goal is None or penalty is None or penalty.base in BY_ORDER:
        return None
    return FineRule(policy.goal, penalty.rate * 100, penalty.scope)


@dataclass(frozen=True)
class FineFacts:
    """What the customer counted, and ``proven``: of what it misses, so many units demonstrably came."""

    ordered: Decimal
    received: Decimal
    proven: Decimal
    unit_cost: Decimal


@dataclass(frozen=True)
class Fine:
    """``rate`` is exact; ``missed`` units at ``due``."""

    rate: Fraction
    missed: Decimal
    due: Decimal


def recompute(facts: FineFacts, rule: FineRule, currency: str) -> Fine:
    """The goal is compared on the exact rate; the amount is rounded once."""
    came = facts.received + facts.proven
    if facts.ordered <= 0 or min(facts.received, facts.proven) < 0 or came > facts.ordered:
        raise QUANTITIES_WRONG(
            received=facts.received, ordered=facts.ordered, proven=facts.proven, figure=came, limit=facts.ordered
        )
    rate = Fraction(came) / Fraction(facts.ordered)
    missed = facts.ordered - came
    if rule.goal.met(rate):
        return Fine(rate, missed, ZERO)
    charged = Fraction(missed)
    if rule.scope is not PenaltyScope.ALL_NONCOMPLIANT:
        charged = min(charged, rule.goal.rate * Fraction(facts.ordered) - Fraction(came))
    due = round_money(charged * Fraction(facts.unit_cost) * rule.percent / 100, currency)
    return Fine(rate, missed, due)
