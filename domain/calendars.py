"""Working-day calendars and rolling: a calendar is handed in, and a year nobody published is unknown.

Weekends alone are no answer where weekends are worked in exchange for holidays (CN 调休, decision 46).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol

from domain.refusal import Kind, Refusal

NO_CALENDAR = "NONE"  # the calendar of terms that never roll: every day counts as a working day

_SATURDAY = 6  # ISO weekday
_LONGEST_CLOSURE = 31  # no published calendar closes for a month: beyond it the calendar is wrong

CALENDAR_UNKNOWN = Refusal(
    "calendar.unknown",
    "Calendar {calendar} says nothing about {day}: its working days for {year} are not published here. "
    "Load the calendar of {year}, or agree terms with roll NONE.",
    Kind.RULE,
)


class WorkingDays(Protocol):
    """Is this day worked? ``None`` says that the calendar does not know the day."""

    def __call__(self, day: date, /) -> bool | None: ...


class Roll(StrEnum):
    """What happens to a date that falls on a day off."""

    NONE = "NONE"
    FOLLOWING = "FOLLOWING"
    PRECEDING = "PRECEDING"
    MODIFIED_FOLLOWING = "MODIFIED_FOLLOWING"


@dataclass(frozen=True)
class PublishedCalendar:
    """Weekends plus published holidays minus published working weekends, for the years listed only."""

    years: frozenset[int]
    days_off: frozenset[date] = frozenset()
    working_weekends: frozenset[date] = frozenset()

    def __call__(self, day: date, /) -> bool | None:
        if day.year not in self.years:
            return None
        if day in self.working_weekends:
            return True
        return day not in self.days_off and day.isoweekday() < _SATURDAY


def every_day(day: date, /) -> bool | None:
    """The calendar ``NONE``."""
    return True


def working_day(calendar: str, day: date, calendars: Mapping[str, WorkingDays]) -> bool | None:
    """Whether ``day`` is worked in the named calendar; a calendar we were not given is unknown."""
    if calendar == NO_CALENDAR:
        return True
    return calendars[calendar](day) if calendar in calendars else None


def working_days_of(calendar: str, calendars: Mapping[str, WorkingDays]) -> WorkingDays:
    """The named calendar as a function of the day alone, for rules that roll."""
    return lambda day, /: working_day(calendar, day, calendars)


def rolled(day: date, roll: Roll, working_days: WorkingDays, calendar: str = NO_CALENDAR) -> date:
    """``day``, moved to a working day as agreed; refused when the calendar does not know."""
    match roll:
        case Roll.NONE:
            return day
        case Roll.FOLLOWING:
            return _nearest(day, 1, working_days, calendar)
        case Roll.PRECEDING:
            return _nearest(day, -1, working_days, calendar)
        case Roll.MODIFIED_FOLLOWING:
            later = _nearest(day, 1, working_days, calendar)
            same_month = (later.year, later.month) == (day.year, day.month)
            return later if same_month else _nearest(day, -1, working_days, calendar)


def _nearest(day: date, step: int, working_days: WorkingDays, calendar: str) -> date:
    for candidate in _days_from(day, step):
        worked = working_days(candidate)
        if worked is None:
            raise CALENDAR_UNKNOWN(calendar=calendar, day=candidate, year=candidate.year)
        if worked:
            return candidate
    raise CALENDAR_UNKNOWN(calendar=calendar, day=day, year=day.year)


def _days_from(day: date, step: int) -> Iterator[date]:
    return (day + timedelta(days=step * n) for n in range(_LONGEST_CLOSURE))
