"""What judged lines are worth: numerator, denominator and the contribution of every line (definitions 1.4 rules 6, 7).

Every figure is an exact rational; 0/0 is no rate. The contributions of the lines sum exactly to the figure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from domain.fill_rate.choices import (
    CreditMode,
    Metric,
    OnExceed,
    PassLevel,
    ToleranceKind,
    WeightUnit,
)
from domain.fill_rate.demand import NOTHING, case_size, each_factor
from domain.fill_rate.judging import Judged, Status
from domain.fill_rate.policy import FillRatePolicy, InFull

ONE = Fraction(1)
Share = tuple[Fraction, Fraction]
LEAVES: Share = (NOTHING, NOTHING)


@dataclass(frozen=True, slots=True)
class Ratio:
    """An exact rate. ``value`` is None for 0/0."""

    numerator: Fraction = NOTHING
    denominator: Fraction = NOTHING

    @property
    def value(self) -> Fraction | None:
        return self.numerator / self.denominator if self.denominator else None

    def __add__(self, other: Ratio) -> Ratio:
        return Ratio(self.numerator + other.numerator, self.denominator + other.denominator)


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one want adds to a figure. ``numerator <= denominator``; an excluded or pending one adds nothing."""

    judged: Judged
    numerator: Fraction
    denominator: Fraction

    @property
    def missed(self) -> Fraction:
        return self.denominator - self.numerator


def contributions(judged: Sequence[Judged], policy: FillRatePolicy, metric: Metric) -> list[Contribution]:
    """One for every want, in the order given; all wants of an order must be there."""
    weight = policy.weight_unit
    if weight is WeightUnit.ORDER:
        return _of_groups(judged, policy, metric, lambda one: one.line.order)
    if weight is WeightUnit.SKU_LOCATION:
        return _of_groups(judged, policy, metric, lambda one: (one.line.original.item, one.want.asked.ship_to))
    failed = _failed_orders(judged, policy, metric) if policy.pass_level is PassLevel.ORDER else frozenset()
    return [Contribution(one, *_of_line(one, policy, metric, one.line.order in failed)) for one in judged]


def ratio(parts: Iterable[Contribution]) -> Ratio:
    """The figure that the contributions make."""
    numerator = denominator = NOTHING
    for part in parts:
        numerator += part.numerator
        denominator += part.denominator
    return Ratio(numerator, denominator)


def weight_of(one: Judged, weight: WeightUnit) -> Fraction:
    """What one unit of the line's ordered unit weighs."""
    line = one.line.original
    if weight is WeightUnit.CASE:
        return each_factor(line) / case_size(line) if line.case_size else ONE
    if weight is WeightUnit.EACH:
        return each_factor(line)
    return Fraction(line.unit_price) / Fraction(line.price_per) if line.price_per else NOTHING


def _of_line(one: Judged, policy: FillRatePolicy, metric: Metric, order_failed: bool) -> Share:
    """(numerator, denominator) of a want weighed by itself."""
    if one.status is not Status.COUNTED:
        return LEAVES
    if policy.weight_unit is WeightUnit.LINE:
        return (NOTHING if order_failed else line_credit(one, policy, metric)), ONE
    per_unit = weight_of(one, policy.weight_unit)
    if metric is Metric.ON_TIME:
        delivered = min(one.q_all, one.d)
        if policy.credit_mode is CreditMode.PROPORTIONAL:
            good = delivered if one.passed else NOTHING if one.voided else min(one.q_on_time, one.d)
        else:
            good = delivered if not order_failed and (one.passed or one.all_on_time) else NOTHING
        return good * per_unit, delivered * per_unit
    whole = one.d * per_unit
    if policy.credit_mode is CreditMode.PROPORTIONAL:
        return _proportional(one, metric) * per_unit, whole
    return (NOTHING if order_failed or not passes(one, policy, metric) else whole), whole


def line_credit(one: Judged, policy: FillRatePolicy, metric: Metric) -> Fraction:
    """The credit of a want between 0 and 1, for count weights."""
    if one.zero_counts or one.passed:
        return ONE
    if metric is Metric.ON_TIME or policy.credit_mode is CreditMode.ALL_OR_NOTHING:
        return ONE if passes(one, policy, metric) else NOTHING
    return _proportional(one, metric) / one.d


def _proportional(one: Judged, metric: Metric) -> Fraction:
    """What counts of D; capping is always per line."""
    if one.passed:
        return one.d
    if one.voided or not one.conditions_met:
        return NOTHING
    return min(one.q_on_time if metric is Metric.OTIF else one.q_all, one.d)


def passes(one: Judged, policy: FillRatePolicy, metric: Metric) -> bool:
    """Whether the want passes whole: in full within the tolerances, or all its deliveries on time."""
    if one.passed or one.zero_counts:
        return True
    if metric is Metric.ON_TIME:
        return one.all_on_time
    if one.voided:
        return False
    quantity = one.q_on_time if metric is Metric.OTIF else one.q_all
    return one.conditions_met and in_full(quantity, quantity, one.d, policy.in_full)


def in_full(capped: Fraction, uncapped: Fraction, d: Fraction, rule: InFull) -> bool:
    """Not less than D less the tolerance and, where it is evaluated, not more than D and the tolerance."""
    under, over = rule.under_tolerance, rule.over_tolerance
    if capped < d - _tolerance(under.kind, under.value, d):
        return False
    if over.value is None or over.on_exceed is OnExceed.CAP:
        return True
    return uncapped <= d + _tolerance(over.kind, over.value, d)


def _tolerance(kind: ToleranceKind, value: Fraction, d: Fraction) -> Fraction:
    return d * value / 100 if kind is ToleranceKind.PERCENT else value


def _failed_orders(judged: Sequence[Judged], policy: FillRatePolicy, metric: Metric) -> frozenset[str]:
    counted = (one for one in judged if one.status is Status.COUNTED)
    return frozenset(one.line.order for one in counted if not passes(one, policy, metric))


def _of_groups(
    judged: Sequence[Judged], policy: FillRatePolicy, metric: Metric, group_of: Callable[[Judged], object]
) -> list[Contribution]:
    """Each group weighs 1; what a line adds is its share of its group's D. An order with a pending line is pending."""
    groups: dict[object, list[Judged]] = {}
    waiting: set[object] = set()
    for one in judged:
        if one.status is Status.COUNTED:
            groups.setdefault(group_of(one), []).append(one)
        elif one.status is Status.PENDING and policy.weight_unit is WeightUnit.ORDER:
            waiting.add(group_of(one))
    credits = {key: _group_credit(members, policy, metric) for key, members in groups.items() if key not in waiting}
    wanted = {key: sum((one.d for one in groups[key]), NOTHING) for key in credits}
    made: list[Contribution] = []
    for one in judged:
        key = group_of(one)
        if one.status is not Status.COUNTED or key not in credits:
            made.append(Contribution(one, *LEAVES))
            continue
        share = one.d / wanted[key] if wanted[key] else Fraction(1, len(groups[key]))
        made.append(Contribution(one, *_share_of(one, share, wanted[key], credits[key], policy, metric)))
    return made


def _group_credit(members: Sequence[Judged], policy: FillRatePolicy, metric: Metric) -> Fraction | None:
    """1 or 0 where the group passes or fails whole; None where its lines are credited in proportion."""
    wanted = sum((one.d for one in members), NOTHING)
    if metric is Metric.ON_TIME or wanted == 0:
        return ONE if all(passes(one, policy, metric) for one in members) else NOTHING
    if policy.credit_mode is CreditMode.PROPORTIONAL:
        return None
    if policy.weight_unit is WeightUnit.ORDER:
        return ONE if all(passes(one, policy, metric) for one in members) else NOTHING
    came = [one.q_on_time if metric is Metric.OTIF else one.q_all for one in members]
    uncapped = sum((one.d if one.passed else q for one, q in zip(members, came, strict=True)), NOTHING)
    capped = sum((_proportional(one, metric) for one in members), NOTHING)
    return ONE if in_full(capped, uncapped, wanted, policy.in_full) else NOTHING


def _share_of(
    one: Judged, share: Fraction, wanted: Fraction, credit: Fraction | None, policy: FillRatePolicy, metric: Metric
) -> Share:
    if credit is not None:
        return share * credit, share
    return _proportional(one, metric) / wanted, share


