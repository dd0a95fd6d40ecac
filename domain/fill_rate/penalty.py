"""The penalty of a period: what a customer may charge by its policy for the lines that failed (definitions 1.3, penalty).

Rates are compared exactly. Every amount is rounded once: that of a period, an order or a single failure, by what the
policy charges; its charges are shares of it and sum exactly to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from domain.fill_rate.charging import Charge, Charging, Taken
from domain.fill_rate.choices import PenaltyLevel, PenaltyScope, Trigger, WeightUnit
from domain.fill_rate.credit import Contribution, Ratio, ratio, weight_of
from domain.fill_rate.demand import NOTHING
from domain.fill_rate.failing import with_grace
from domain.fill_rate.judging import Asking, Status
from domain.fill_rate.policy import Goal, Penalty
from domain.refusal import Refusal
from domain.values import ZERO, round_money

SEVERAL_CURRENCIES = Refusal(
    "fill_rate.penalty_in_several_currencies",
    "The lines are priced in {currencies}; a penalty is one amount in one currency. Ask for the lines of each currency apart.",
)
NO_CURRENCY = "XXX"  # ISO 4217: no currency; there was no line
ONE = Fraction(1)


class Outcome(StrEnum):
    """Why the total is what it is."""

    NO_PENALTY_AGREED = "NO_PENALTY_AGREED"
    GOAL_MET = "GOAL_MET"
    NOTHING_FAILED = "NOTHING_FAILED"
    TOO_OLD = "TOO_OLD"
    BELOW_MIN_TURNOVER = "BELOW_MIN_TURNOVER"
    WAIVED = "WAIVED"
    CAPPED = "CAPPED"
    CHARGED = "CHARGED"


@dataclass(frozen=True)
class Circumstances:
    """What a penalty depends on beside the lines; None: not known, so that it spares nothing.

    ``turnover``: of the supplier with the customer, in the lines' currency. ``trailing``: the exact rate of the last
    weeks, as many as the waiver names. ``invoiced_on``: the day of the customer's penalty invoice.
    """

    turnover: Decimal | None = None
    trailing: Ratio | None = None
    invoiced_on: date | None = None


@dataclass(frozen=True)
class Exemption:
    """A rule that spares the whole penalty: the agreed limit, the figure held against it, and whether it spares."""

    outcome: Outcome
    limit: Fraction
    figure: Fraction | None
    applies: bool


@dataclass(frozen=True)
class CategoryCap:
    """The most that may be charged in one category: ``limit`` of the value ordered of it; lines without one count together."""

    category: str | None
    ordered_value: Fraction
    pct: Fraction
    limit: Decimal
    charged: Decimal

    @property
    def due(self) -> Decimal:
        return min(self.charged, self.limit)


@dataclass(frozen=True)
class Assessment:
    """``charged`` is the exact sum of the charges; ``total`` is due after caps and exemptions.

    ``measured`` is the figure of all lines; where the penalty is by order, each charge has that of its order.
    """

    currency: str
    outcome: Outcome
    measured: Ratio
    goal: Goal | None
    charges: tuple[Charge, ...]
    caps: tuple[CategoryCap, ...]
    exemptions: tuple[Exemption, ...]
    charged: Decimal
    total: Decimal

    @property
    def goal_met(self) -> bool | None:
        """On the exact rate; None without a goal or a rate."""
        rate = self.measured.value
        return None if self.goal is None or rate is None else self.goal.met(rate)


Asked = tuple[Sequence[Contribution], Asking, Circumstances]


def assess(
    parts: Sequence[Contribution], asking: Asking, known: Circumstances = Circumstances()
) -> Assessment:
    """The penalty on the contributions to the policy's own figure; all wants of an order must be there."""
    return _assess(parts, asking, known, {})


def assess_together(asked: Iterable[Asked]) -> tuple[Assessment, ...]:
    """The penalties of several policies on the same deliveries, in the order given.

    A policy that charges a case once leaves out the cases that those before it have charged.
    """
    taken: Taken = {}
    return tuple(_assess(parts, asking, known, taken) for parts, asking, known in asked)


def _assess(parts: Sequence[Contribution], asking: Asking, known: Circumstances, taken: Taken) -> Assessment:
    penalty, goal = asking.policy.penalty, asking.policy.goal
    currency, measured = _currency(parts), ratio(parts)
    if penalty is None:
        return Assessment(currency, Outcome.NO_PENALTY_AGREED, measured, goal, (), (), (), ZERO, ZERO)
    exemptions = _exemptions(penalty, known)
    spared = next((one.outcome for one in exemptions if one.applies), None)
    if spared is not None:  # what is not charged after all is not charged before another policy either
        taken = {want: dict(cases) for want, cases in taken.items()}
    charging = Charging(asking, penalty, known.invoiced_on, currency, taken)
    charges: list[Charge] = []
    goals_met: list[bool] = []
    for whole, charged in _groups(parts, with_grace(parts, asking, penalty.grace_days), penalty):
        share = _share(whole, charged, penalty, goal)
        goals_met.append(share is None)
        if share:
            charges += charging.of(charged, ratio(whole), share)
    caps = _caps(parts, charges, penalty, currency)
    sums = sum((one.amount for one in charges), ZERO)
    capped = sum((one.due for one in caps), ZERO) if penalty.cap is not None else sums
    outcome = _outcome(charges, sums, capped, spared, met=bool(goals_met) and all(goals_met))
    total = ZERO if spared is not None else capped
    return Assessment(currency, outcome, measured, goal, tuple(charges), caps, exemptions, sums, total)


def _outcome(charges: Sequence[Charge], sums: Decimal, capped: Decimal, spared: Outcome | None, *, met: bool) -> Outcome:
    if not charges:
        return Outcome.GOAL_MET if met else Outcome.NOTHING_FAILED
    if all(one.too_old for one in charges):
        return Outcome.TOO_OLD
    return spared or (Outcome.CAPPED if capped < sums else Outcome.CHARGED)


def _currency(parts: Sequence[Contribution]) -> str:
    found = dict.fromkeys(part.judged.line.currency for part in parts)
    if len(found) > 1:
        raise SEVERAL_CURRENCIES(currencies=list(found))
    return next(iter(found), NO_CURRENCY)


def _groups(
    parts: Sequence[Contribution], chargeable: Sequence[Contribution], penalty: Penalty
) -> list[tuple[list[Contribution], list[Contribution]]]:
    """What is compared with the goal together, and the same with grace: the period, or each order.

    An order of which a line is still pending waits: its rate is not known yet.
    """
    if penalty.level is PenaltyLevel.PERIOD:
        return [(list(parts), list(chargeable))]
    orders: dict[str, tuple[list[Contribution], list[Contribution]]] = {}
    waiting = {part.judged.line.order for part in parts if part.judged.status is Status.PENDING}
    for part, one in zip(parts, chargeable, strict=True):
        order = part.judged.line.order
        if order not in waiting:
            whole, charged = orders.setdefault(order, ([], []))
            whole.append(part)
            charged.append(one)
    return list(orders.values())


def _share(
    whole: Sequence[Contribution], chargeable: Sequence[Contribution], penalty: Penalty, goal: Goal | None
) -> Fraction | None:
    """How much of what failed is charged: all of it, or the part below the goal; None where the goal is met."""
    figure = ratio(whole)
    rate = figure.value
    if penalty.trigger is Trigger.BELOW_GOAL:
        if goal is None or rate is None:
            return NOTHING
        if goal.met(rate):
            return None
    if penalty.scope is PenaltyScope.ALL_NONCOMPLIANT or goal is None:
        return ONE
    gap = max(goal.rate * figure.denominator - figure.numerator, NOTHING)
    missed = sum((part.missed for part in chargeable), NOTHING)
    return min(gap / missed, ONE) if missed else NOTHING


def _caps(
    parts: Sequence[Contribution], charges: Sequence[Charge], penalty: Penalty, currency: str
) -> tuple[CategoryCap, ...]:
    """The cap of every category that something is charged in, on the value ordered of it as the policy counts it."""
    if penalty.cap is None:
        return ()
    charged: dict[str | None, Decimal] = {}
    for one in charges:
        charged[one.category] = charged.get(one.category, ZERO) + one.amount
    value = dict.fromkeys(charged, NOTHING)
    for part in parts:
        category = part.judged.line.original.category
        if category in value:
            value[category] += part.judged.d * weight_of(part.judged, WeightUnit.VALUE)
    pct = penalty.cap.pct
    return tuple(
        CategoryCap(category, value[category], pct, round_money(value[category] * pct / 100, currency), amount)
        for category, amount in charged.items()
    )


def _exemptions(penalty: Penalty, known: Circumstances) -> tuple[Exemption, ...]:
    """Each rule that could spare the penalty, with the figure held against it; at the limit itself it does not."""
    made: list[Exemption] = []
    if penalty.min_turnover is not None:
        turnover = None if known.turnover is None else Fraction(known.turnover)
        small = turnover is not None and turnover < penalty.min_turnover
        made.append(Exemption(Outcome.BELOW_MIN_TURNOVER, penalty.min_turnover, turnover, small))
    if penalty.waiver is not None:
        rate = None if known.trailing is None else known.trailing.value
        above = rate is not None and rate > penalty.waiver.rate_above
        made.append(Exemption(Outcome.WAIVED, penalty.waiver.rate_above, rate, above))
    return tuple(made)
