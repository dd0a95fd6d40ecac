"""Where a fill-rate policy contradicts itself: each with the field it is about and what would agree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from domain.calendars import NO_CALENDAR
from domain.fill_rate.choices import (
    APPOINTMENTS,
    DayUnit,
    Metric,
    NonWorkingTarget,
    OnExceed,
    PassLevel,
    PenaltyBase,
    QUANTITY_WEIGHTS,
    QuantityEvidence,
    CreditMode,
    Trigger,
    WeightUnit,
    WindowKind,
)
from domain.fill_rate.periods import CALENDARS
from domain.fill_rate.policy import FillRatePolicy

Contradiction = tuple[str, str]

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?")
_FURTHEST_DAYS = 366
_FURTHEST_MINUTES = 7 * 24 * 60


def contradictions(policy: FillRatePolicy) -> Iterator[Contradiction]:
    """Each as (JSON pointer, sentence)."""
    yield from _of_the_window(policy)
    yield from _of_the_calendar(policy)
    yield from _of_the_evidence(policy)
    yield from _of_the_figure(policy)
    yield from _of_the_penalty(policy)


def _of_the_window(policy: FillRatePolicy) -> Iterator[Contradiction]:
    on_time = policy.on_time
    earliest, latest = on_time.earliest_days, on_time.latest_days
    if earliest is not None and earliest > latest:
        yield "/onTime/earliestDays", f"{earliest} is after latestDays {latest}: no day would be on time"
    if max(abs(earliest or 0), abs(latest)) > _FURTHEST_DAYS:
        yield "/onTime/latestDays", f"a window of more than {_FURTHEST_DAYS} days is no window"
    timed = on_time.window_kind is WindowKind.TIME_OF_DAY
    if timed and on_time.time_of_day is None:
        yield "/onTime/timeOfDay", 'a TIME_OF_DAY window needs its time, for example "11:00"'
    if on_time.time_of_day is not None and not _CLOCK.fullmatch(on_time.time_of_day):
        yield "/onTime/timeOfDay", f'{on_time.time_of_day!r} is no time of day; write "11:00"'
    if on_time.window_kind is WindowKind.SLOT and on_time.target not in APPOINTMENTS:
        yield (
            "/onTime/windowKind",
            f"a SLOT is that of an appointment, the target is {on_time.target}; name the target APPOINTMENT_FIRST or"
            " APPOINTMENT_LATEST, or a DAY window",
        )
    minutes = on_time.slot_early_minutes, on_time.slot_late_minutes
    if min(minutes) < 0 or max(minutes) > _FURTHEST_MINUTES:
        yield "/onTime/slotLateMinutes", f"slot minutes lie between 0 and {_FURTHEST_MINUTES}"


def _of_the_calendar(policy: FillRatePolicy) -> Iterator[Contradiction]:
    on_time = policy.on_time
    counts = on_time.day_unit is DayUnit.BUSINESS or on_time.non_working_target is not NonWorkingTarget.NONE
    if counts and on_time.calendar in (None, NO_CALENDAR):
        yield "/onTime/calendar", "working days are counted, but no calendar says which days are worked; name one, such as CN"
    if on_time.time_zone != "SHIP_TO":
        try:
            ZoneInfo(on_time.time_zone)
        except (KeyError, ValueError, OSError):
            yield "/onTime/timeZone", f"{on_time.time_zone} is neither SHIP_TO nor an IANA time zone such as Asia/Shanghai"
    if policy.period.calendar not in CALENDARS:
        yield "/period/calendar", f"{policy.period.calendar} is not one of {', '.join(CALENDARS)}"
    first, last = policy.effective_from, policy.effective_to
    if first is not None and last is not None and last <= first:
        yield "/effectiveTo", f"{last} is not after effectiveFrom {first}; the first day on which it no longer holds"


def _of_the_evidence(policy: FillRatePolicy) -> Iterator[Contradiction]:
    evidence = policy.in_full.quantity_evidence
    if not evidence:
        yield "/inFull/quantityEvidence", "name at least one document that says how much was delivered"
    if not policy.on_time.arrival_evidence:
        yield "/onTime/arrivalEvidence", "name at least one record that says when goods arrived"
    confirmed = QuantityEvidence.CONFIRMATION in evidence
    if confirmed and len(evidence) > 1:
        yield "/inFull/quantityEvidence", "CONFIRMATION measures what was promised; it cannot stand beside what was delivered"
    if confirmed and policy.metric is not Metric.FILL:
        yield "/metric", f"what was confirmed has no arrival: {policy.metric} cannot be measured by CONFIRMATION"


def _of_the_figure(policy: FillRatePolicy) -> Iterator[Contradiction]:
    over, under = policy.in_full.over_tolerance, policy.in_full.under_tolerance
    if over.on_exceed is OnExceed.FAIL and over.value is None:
        yield "/inFull/overTolerance/value", "over-delivery fails, but beyond what is not said; send a value, 0 allows none"
    if under.value < 0 or (over.value is not None and over.value < 0):
        yield "/inFull/underTolerance/value", "a tolerance is 0 or more"
    if policy.denominator.demand_cap is not None and policy.denominator.demand_cap.factor <= 0:
        yield "/denominator/demandCap/factor", "the factor is greater than 0"
    if policy.pass_level is PassLevel.ORDER and policy.credit_mode is not CreditMode.ALL_OR_NOTHING:
        yield "/passLevel", "a whole order can only pass where creditMode is ALL_OR_NOTHING"
    if policy.pass_level is PassLevel.ORDER and policy.weight_unit not in {*QUANTITY_WEIGHTS, WeightUnit.LINE}:
        yield "/passLevel", f"weightUnit {policy.weight_unit} has its own level; leave passLevel LINE"
    if policy.goal is not None and not 0 <= policy.goal.rate <= 1:
        yield "/goal/rate", "a goal lies between 0 and 1: 95 % is 0.95"


def _of_the_penalty(policy: FillRatePolicy) -> Iterator[Contradiction]:
    penalty = policy.penalty
    if penalty is None:
        return
    if policy.goal is None and (penalty.trigger is Trigger.BELOW_GOAL or penalty.scope == "GAP_TO_GOAL"):
        yield "/goal", "the penalty is measured against a goal, but none is agreed"
    if penalty.base is not PenaltyBase.FLAT_PER_PO and not 0 <= penalty.rate <= 1:
        yield "/penalty/rate", "a rate is a fraction of its base: 3 % is 0.03"
    if penalty.rate < 0 or penalty.grace_days < 0:
        yield "/penalty/rate", "rates and grace days are 0 or more"
    if penalty.min_turnover is not None and penalty.min_turnover < 0:
        yield "/penalty/minTurnover", "a turnover is 0 or more"
    if penalty.max_age_days is not None and penalty.max_age_days < 0:
        yield "/penalty/maxAgeDays", "an age is 0 days or more"
    if QuantityEvidence.CONFIRMATION in policy.in_full.quantity_evidence and penalty.base is PenaltyBase.INVOICE:
        yield "/penalty/base", "what was confirmed is not invoiced: the penalty would always be 0; name COST_OF_SHORT"
    if penalty.cap is not None and not 0 <= penalty.cap.pct <= 100:
        yield "/penalty/cap/pct", "a cap is between 0 and 100 percent"
    if penalty.waiver is not None and not (penalty.waiver.trailing_weeks > 0 and 0 <= penalty.waiver.rate_above <= 1):
        yield "/penalty/waiver", "a waiver looks back one week or more, at a rate between 0 and 1"
