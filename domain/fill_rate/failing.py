"""Which cases of a want failed, and how: what a penalty may be charged on, with the days of grace it allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from zoneinfo import ZoneInfo

from domain.fill_rate.choices import CreditMode, Metric, PenaltyBase, SplitRule
from domain.fill_rate.credit import Contribution, contributions, passes
from domain.fill_rate.demand import NOTHING
from domain.fill_rate.evidence import window_for
from domain.fill_rate.judging import Asking, Judged, JudgedDelivery, Status
from domain.fill_rate.policy import FillRatePolicy
from domain.fill_rate.windows import Punctuality, Window, instant, shifted, start_of

_DAY = timedelta(days=1)


class Fate(StrEnum):
    """SHORT: did not come, or does not count. LATE: came, but not in time (too early is not in time either)."""

    SHORT = "SHORT"
    LATE = "LATE"
    GOOD = "GOOD"


@dataclass(frozen=True, slots=True)
class Portion:
    """Some of the cases of a want, in the ordered unit; ``shipment`` None: no shipment brought them."""

    shipment: str | None
    fate: Fate
    quantity: Fraction


def portions(one: Judged) -> tuple[Portion, ...]:
    """All cases of a want by what became of them; they sum to D. More than D is nobody's failure."""
    left = one.d
    made: list[Portion] = []
    for fate, came in (
        (Fate.GOOD, [each for each in one.deliveries if each.admitted and each.on_time]),
        (Fate.LATE, [each for each in one.deliveries if each.admitted and not each.on_time]),
    ):
        for each in came:
            made += _some((each.delivery.shipment, fate, min(each.quantity, left)))
            left -= min(each.quantity, left)
    promised = min(one.q_all, one.d) - (one.d - left)  # counted without a delivery: confirmed
    made += _some((None, Fate.GOOD, promised))
    left -= promised
    for each in one.deliveries:
        if not each.admitted:
            made += _some((each.delivery.shipment, Fate.SHORT, min(each.quantity, left)))
            left -= min(each.quantity, left)
    return (*made, *_some((None, Fate.SHORT, left)))


def _some(*said: tuple[str | None, Fate, Fraction]) -> tuple[Portion, ...]:
    return tuple(Portion(*one) for one in said if one[2] > 0)


CHARGED: Mapping[PenaltyBase, tuple[Fate, ...]] = MappingProxyType(
    {
        PenaltyBase.COST_OF_SHORT: (Fate.SHORT,),
        PenaltyBase.COST_OF_LATE: (Fate.LATE,),
        PenaltyBase.COST_OF_NONCOMPLIANT: (Fate.SHORT, Fate.LATE, Fate.GOOD),
    }
)
# The metric that says nothing of a kind of failure: what it misses is no measure of that kind.
OTHER_METRIC: Mapping[tuple[Fate, ...], Metric] = {(Fate.SHORT,): Metric.ON_TIME, (Fate.LATE,): Metric.FILL}


def failing(part: Contribution, policy: FillRatePolicy, base: PenaltyBase) -> tuple[Portion, ...]:
    """The portions that a penalty on the cost of goods is charged on, never more than the figure misses of the want.

    So what a tolerance forgives is not charged. COST_OF_NONCOMPLIANT is all that the figure misses: with ALL_OR_NOTHING
    the whole line (or order) that failed, for ON_TIME only of what came.
    """
    one = part.judged
    if one.status is not Status.COUNTED or one.passed:
        return ()
    fates = CHARGED[base]
    if fates == (Fate.SHORT,) and policy.credit_mode is CreditMode.ALL_OR_NOTHING and passes(one, policy, Metric.FILL):
        return ()  # late as it may be: what is short of it lies within the tolerance
    split = portions(one)
    left = one.d
    if OTHER_METRIC.get(fates) is not policy.metric:
        split = tuple(each for each in split if policy.metric is not Metric.ON_TIME or each.fate is not Fate.SHORT)
        whole = sum((each.quantity for each in split), NOTHING)
        left = whole * part.missed / part.denominator if part.denominator else NOTHING
    taken: list[Portion] = []
    for fate in fates:
        for each in split:
            if each.fate is fate:
                taken += _some((each.shipment, fate, min(each.quantity, left)))
                left -= min(each.quantity, left)
    return tuple(taken)


def delivered(one: Judged) -> Fraction:
    """All that came of a want and counts, also beyond D and after the first delivery: what is invoiced."""
    return sum((each.quantity for each in one.deliveries), NOTHING)


def failed_on(one: Judged, asking: Asking) -> date:
    """The last day on which the want could have been filled in time."""
    local = one.window.closes.astimezone(ZoneInfo(_zone(one, asking))).date()
    return local if one.window.closed else local - _DAY


def why(one: Judged) -> tuple[str, ...]:
    """Reason codes: how the want failed, and what the evidence says of its deliveries."""
    split = portions(one)
    codes = [Fate.SHORT.value] if any(each.fate is Fate.SHORT for each in split) else []
    for each in one.deliveries:
        if each.admitted and each.quantity > 0 and not each.on_time:
            codes.append((each.punctuality or Punctuality.LATE).value)
        codes += each.reasons
    codes += [] if one.conditions_met else ["CONDITION_NOT_MET"]
    codes += ["SPLIT"] if one.voided and len(one.deliveries) > 1 else []
    return tuple(dict.fromkeys(codes))


def with_grace(parts: Sequence[Contribution], asking: Asking, days: int) -> list[Contribution]:
    """The contributions as if what came within ``days`` after its window had come in time; all of an order must be there.

    Grace spares the penalty; the rate stays what it is.
    """
    if days == 0:
        return list(parts)
    judged = [_graced(part.judged, asking, days) for part in parts]
    if all(new is part.judged for new, part in zip(judged, parts, strict=True)):
        return list(parts)
    return contributions(judged, asking.policy, asking.policy.metric)


def _graced(one: Judged, asking: Asking, days: int) -> Judged:
    late = [each for each in one.deliveries if each.punctuality is Punctuality.LATE and not each.on_time]
    spared = {each.delivery.shipment for each in late if _within_grace(one, each, asking, days)}
    if not spared:
        return one
    deliveries = tuple(
        replace(each, on_time=True) if each.delivery.shipment in spared else each for each in one.deliveries
    )
    admitted = [each for each in deliveries if each.admitted and each.quantity > 0]
    in_time = sum((each.quantity for each in admitted if each.on_time), NOTHING)
    all_on_time = all(each.on_time for each in admitted)
    return replace(
        one,
        deliveries=deliveries,
        q_on_time=max(one.q_on_time, in_time),
        all_on_time=bool(admitted) and all_on_time,
        voided=asking.policy.split_deliveries is SplitRule.ALL_ON_TIME and not all_on_time,
    )


def _within_grace(one: Judged, each: JudgedDelivery, asking: Asking, days: int) -> bool:
    if each.arrived.at is None:
        return False
    window = window_for(one.want, each.delivery, asking.policy.on_time, asking.at, asking.calendars)
    return _longer(window, days, _zone(one, asking), asking).punctuality(each.arrived.at) is Punctuality.ON_TIME


def _longer(window: Window, days: int, zone: str, asking: Asking) -> Window:
    """The window with its end moved by days as the policy counts them: calendar days or days worked."""
    rule, calendars = asking.policy.on_time, asking.calendars
    local = window.closes.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    if window.closed:
        moved = local + (shifted(local.date(), days, rule, calendars) - local.date())
        return Window(None, instant(moved, zone, upper=True), closed=True)
    last = shifted(local.date() - _DAY, days, rule, calendars)
    return Window(None, start_of(last + _DAY, zone, upper=True), closed=False)


def _zone(one: Judged, asking: Asking) -> str:
    rule = asking.policy.on_time
    return one.want.zone if rule.time_zone == "SHIP_TO" else rule.time_zone
