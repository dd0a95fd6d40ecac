"""What judged lines are worth: numerator, denominator and the contribution of every line (definitions 1.4 rules 6, 7).

Every figure is an exact rational; 0/0 is no rate. The contributions of the lines sum exactly to the figure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from domain.fill_rate.choices import (
    QUANTITY_WEIGHTS,
    CreditMode,
    Metric,
    OnExceed,
    PassLevel,
    ToleranceKind,
    WeightUnit,
)
from domain.fill_rate.demand import NOTHING, case_size, each_factor, quotient
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
    sums: tuple[defaultdict[int, int], defaultdict[int, int]] = (defaultdict(int), defaultdict(int))
    for part in parts:
        for numbers, one in zip(sums, (part.numerator, part.denominator), strict=True):
            numbers[one.denominator] += one.numerator  # those over one denominator first: most are whole
    numerator, denominator = (sum((Fraction(n, d) for d, n in numbers.items()), NOTHING) for numbers in sums)
    return Ratio(numerator, denominator)


def weight_of(one: Judged, weight: WeightUnit) -> Fraction:
    """What one unit of the line's ordered unit weighs."""
    line = one.line.original
    if weight is WeightUnit.CASE:
        return _cases(each_factor(line), case_size(line)) if line.case_size else ONE
    if weight is WeightUnit.EACH:
        return each_factor(line)
    return quotient(line.unit_price, line.price_per) if line.price_per else NOTHING


@lru_cache(maxsize=65_536)
def _cases(eaches: Fraction, size: Fraction) -> Fraction:
    return eaches / size


def _times(quantity: Fraction, per_unit: Fraction) -> Fraction:
    return quantity if per_unit.numerator == per_unit.denominator else quantity * per_unit


def _of_line(one: Judged, policy: FillRatePolicy, metric: Metric, order_failed: bool) -> Share:
    """(numerator, denominator) of a want weighed by itself."""
    if one.status is not Status.COUNTED:
        return LEAVES
    if policy.weight_unit is WeightUnit.LINE:
        return (NOTHING if order_failed else line_credit(one, policy, metric)), ONE
    per_unit = weight_of(one, policy.weight_unit)
    if metric is Metric.ON_TIME:  # what came in time of what came, whatever the credit mode
        delivered = min(one.q_all, one.d)
        good = delivered if one.passed else NOTHING if one.voided else min(one.q_on_time, one.d)
        return (NOTHING if order_failed else _times(good, per_unit)), _times(delivered, per_unit)
    whole = _times(one.d, per_unit)
    if policy.credit_mode is CreditMode.PROPORTIONAL:
        return _times(_proportional(one, metric), per_unit), whole
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
    return min(_came(one, metric), one.d)


def passes(one: Judged, policy: FillRatePolicy, metric: Metric) -> bool:
    """Whether the want passes whole: in full within the tolerances, or all its deliveries on time."""
    if one.passed or one.zero_counts:
        return True
    if metric is Metric.ON_TIME:
        return one.all_on_time
    if one.voided:
        return False
    quantity = one.q_on_time if metric is Metric.OTIF else one.q_all
    return one.conditions_met and in_full(quantity, one.d, policy.in_full)


def in_full(quantity: Fraction, d: Fraction, rule: InFull) -> bool:
    """Not less than D less the tolerance and, where it is evaluated, not more than D and the tolerance."""
    under, over = rule.under_tolerance, rule.over_tolerance
    if quantity < d - _tolerance(under.kind, under.value, d):
        return False
    if over.value is None or over.on_exceed is OnExceed.CAP:
        return True
    return quantity <= d + _tolerance(over.kind, over.value, d)


def _tolerance(kind: ToleranceKind, value: Fraction, d: Fraction) -> Fraction:
    return d * value / 100 if kind is ToleranceKind.PERCENT else value


def _failed_orders(judged: Sequence[Judged], policy: FillRatePolicy, metric: Metric) -> frozenset[str]:
    """Orders of which a line fails that counts; of the time of arrival a quantity weight asks only lines that came."""
    leaves = metric is Metric.ON_TIME and policy.weight_unit in QUANTITY_WEIGHTS
    counted = (one for one in judged if one.status is Status.COUNTED and not (leaves and one.q_all == 0))
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
    shares: dict[int, Share] = {}
    for key, members in groups.items():
        if key not in waiting:
            shares.update(zip(map(id, members), _of_group(members, policy, metric), strict=True))
    return [Contribution(one, *shares.get(id(one), LEAVES)) for one in judged]


def _of_group(members: Sequence[Judged], policy: FillRatePolicy, metric: Metric) -> list[Share]:
    """What each line earns of the group's 1, and its share of that 1."""
    units = [_unit(one, members[0], policy) for one in members]
    whole = sum((one.d * unit for one, unit in zip(members, units, strict=True)), NOTHING)
    if not whole:
        parts = [Fraction(1, len(members))] * len(members)
    else:
        parts = [one.d * unit / whole for one, unit in zip(members, units, strict=True)]
    good = _passes_whole(members, units, whole, policy, metric)
    if good is None:
        earned = _earned(members, units, policy, metric)
        return [(quantity / whole, part) for quantity, part in zip(earned, parts, strict=True)]
    return [(part if good else NOTHING, part) for part in parts]


def _unit(one: Judged, first: Judged, policy: FillRatePolicy) -> Fraction:
    """Lines of one item may be ordered in several units: then in that of the first."""
    if policy.weight_unit is WeightUnit.ORDER:
        return ONE
    return each_factor(one.line.original) / each_factor(first.line.original)


def _passes_whole(
    members: Sequence[Judged], units: Sequence[Fraction], whole: Fraction, policy: FillRatePolicy, metric: Metric
) -> bool | None:
    """Whether the group passes; None where its lines are credited in proportion."""
    if metric is Metric.ON_TIME or whole == 0:
        return all(passes(one, policy, metric) for one in members)
    if policy.credit_mode is CreditMode.PROPORTIONAL:
        return None
    if policy.weight_unit is WeightUnit.ORDER:
        return all(passes(one, policy, metric) for one in members)
    came = sum((_came(one, metric) * unit for one, unit in zip(members, units, strict=True)), NOTHING)
    return in_full(came, whole, policy.in_full)


def _earned(
    members: Sequence[Judged], units: Sequence[Fraction], policy: FillRatePolicy, metric: Metric
) -> list[Fraction]:
    """What counts of each line's D. Lines of one item at one place are summed first (rule 7): what one has too much another
    that is short of it has."""
    earned = [_proportional(one, metric) * unit for one, unit in zip(members, units, strict=True)]
    if policy.weight_unit is WeightUnit.ORDER:
        return earned
    came = sum((_came(one, metric) * unit for one, unit in zip(members, units, strict=True)), NOTHING)
    over = came - sum(earned, NOTHING)
    for number, (one, unit) in enumerate(zip(members, units, strict=True)):
        if not one.voided and one.conditions_met:
            more = min(over, one.d * unit - earned[number])
            earned[number], over = earned[number] + more, over - more
    return earned


def _came(one: Judged, metric: Metric) -> Fraction:
    """What counts of a line before it is capped."""
    if one.passed:
        return one.d
    if one.voided or not one.conditions_met:
        return NOTHING
    return one.q_on_time if metric is Metric.OTIF else one.q_all
