"""Delivery windows: from a target day or slot to instants, in the place's time zone, through DST gaps and folds.

A DAY window is half-open, TIME_OF_DAY and SLOT windows are closed at both ends, at one-second resolution (section 0).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from domain.calendars import CALENDAR_UNKNOWN, Roll, WorkingDays, rolled, working_day, working_days_of
from domain.fill_rate.choices import DayUnit, EarlyArrival, NonWorkingTarget, WindowKind
from domain.fill_rate.policy import OnTime

_DAY = timedelta(days=1)
_LONGEST_SEARCH = 1_000  # days looked at for the n-th working day
_ROLLS = {NonWorkingTarget.FOLLOWING: Roll.FOLLOWING, NonWorkingTarget.PRECEDING: Roll.PRECEDING}


class Punctuality(StrEnum):
    EARLY = "EARLY"
    ON_TIME = "ON_TIME"
    LATE = "LATE"


@dataclass(frozen=True, slots=True)
class Window:
    """From ``opens`` (None: earliness is not evaluated) to ``closes``; ``closed``: the end itself is on time."""

    opens: datetime | None
    closes: datetime
    closed: bool

    def punctuality(self, arrival: datetime) -> Punctuality:
        moment = arrival.replace(microsecond=0) if self.closed else arrival
        if self.opens is not None and moment < self.opens:
            return Punctuality.EARLY
        inside = moment <= self.closes if self.closed else moment < self.closes
        return Punctuality.ON_TIME if inside else Punctuality.LATE

    def has_closed(self, now: datetime) -> bool:
        return now.replace(microsecond=0) > self.closes if self.closed else now >= self.closes


def counts_as_on_time(punctuality: Punctuality, early_arrival: EarlyArrival) -> bool:
    if punctuality is Punctuality.EARLY:
        return early_arrival is EarlyArrival.PASS
    return punctuality is Punctuality.ON_TIME


@lru_cache(maxsize=262_144)
def instant(local: datetime, zone: str, *, upper: bool) -> datetime:
    """The UTC instant of a local time of ``zone``, as a bound.

    A time that does not exist becomes the transition instant; of one that occurs twice a lower bound takes the first
    occurrence, an upper bound the second.
    """
    info = ZoneInfo(zone)
    first, second = (local.replace(tzinfo=info, fold=fold).astimezone(UTC) for fold in (0, 1))
    if second < first:  # a gap: fold 0 reads the clock as before the change, fold 1 as after it
        return _transition(second, first, info)
    return second if upper else first


def _transition(before: datetime, after: datetime, info: ZoneInfo) -> datetime:
    """The instant between the two at which the offset changes."""
    offset = before.astimezone(info).utcoffset()
    low, high = before, after
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(info).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def start_of(day: date, zone: str, *, upper: bool = False) -> datetime:
    """00:00 local of ``day`` as an instant."""
    return instant(datetime.combine(day, time()), zone, upper=upper)


@lru_cache(maxsize=65_536)
def _days_window(opens: date | None, closes: date, zone: str) -> Window:
    lower = None if opens is None else start_of(opens, zone)
    return Window(lower, start_of(closes + _DAY, zone, upper=True), closed=False)


def day_window(target: date, zone: str, rule: OnTime, calendars: Mapping[str, WorkingDays]) -> Window:
    """From ``earliest_days`` to ``latest_days`` around the target, the target itself moved to a working day if agreed."""
    if rule.day_unit is DayUnit.CALENDAR and rule.non_working_target is NonWorkingTarget.NONE:
        return _calendar_days(target, rule.earliest_days, rule.latest_days, zone)
    target = working_target(target, rule, calendars)
    opens = None if rule.earliest_days is None else shifted(target, rule.earliest_days, rule, calendars)
    return _days_window(opens, shifted(target, rule.latest_days, rule, calendars), zone)


@lru_cache(maxsize=65_536)
def _calendar_days(target: date, earliest: int | None, latest: int, zone: str) -> Window:
    opens = None if earliest is None else target + timedelta(days=earliest)
    return _days_window(opens, target + timedelta(days=latest), zone)


def time_of_day_window(target: date, zone: str, rule: OnTime, calendars: Mapping[str, WorkingDays]) -> Window:
    """From the time on the day before the target to the time on the target."""
    assert rule.time_of_day is not None
    target = working_target(target, rule, calendars)
    clock = time.fromisoformat(rule.time_of_day)
    opens = instant(datetime.combine(shifted(target, -1, rule, calendars), clock), zone, upper=False)
    return Window(opens, instant(datetime.combine(target, clock), zone, upper=True), closed=True)


def slot_window(slot_from: datetime, slot_to: datetime, zone: str, rule: OnTime) -> Window:
    """The slot with its tolerances; ``slot_from`` and ``slot_to`` are local times."""
    opens = instant(slot_from, zone, upper=False) - timedelta(minutes=rule.slot_early_minutes)
    closes = instant(slot_to, zone, upper=True) + timedelta(minutes=rule.slot_late_minutes)
    return Window(opens, closes, closed=True)


def window_on(target: date, zone: str, rule: OnTime, calendars: Mapping[str, WorkingDays]) -> Window:
    """The window of a target day; a SLOT without its slot is judged by the day."""
    if rule.window_kind is WindowKind.TIME_OF_DAY:
        return time_of_day_window(target, zone, rule, calendars)
    return day_window(target, zone, rule, calendars)


def working_target(target: date, rule: OnTime, calendars: Mapping[str, WorkingDays]) -> date:
    """The target, moved off a day that is not worked where the policy says so; an unknown year is refused."""
    if rule.non_working_target is NonWorkingTarget.NONE:
        return target
    name = rule.calendar or ""
    return rolled(target, _ROLLS[rule.non_working_target], working_days_of(name, calendars), name)


def shifted(day: date, days: int, rule: OnTime, calendars: Mapping[str, WorkingDays]) -> date:
    """``days`` later (or earlier), counted in calendar days or in days worked."""
    if rule.day_unit is DayUnit.CALENDAR or days == 0:
        return day + timedelta(days=days)
    step, left = (1 if days > 0 else -1), abs(days)
    for _ in range(_LONGEST_SEARCH):
        day += timedelta(days=step)
        worked = working_day(rule.calendar or "", day, calendars)
        if worked is None:
            break
        left -= worked
        if left == 0:
            return day
    raise CALENDAR_UNKNOWN(calendar=rule.calendar, day=day, year=day.year)
