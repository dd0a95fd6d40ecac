"""The clocks of a dispute: until when it is acknowledged, proven, escalated and filed (definitions 4.6, all of it data)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from domain.calendars import WorkingDays

_SATURDAY = 6
_SEARCHED = 60


class Clock(StrEnum):
    ACKNOWLEDGE = "ACKNOWLEDGE"
    EVIDENCE = "EVIDENCE"
    ESCALATE = "ESCALATE"
    HARD_STOP = "HARD_STOP"


@dataclass(frozen=True)
class ClockTerms:
    """``window_days`` is how long a claim may be contested, from the day it was made; None: no window is agreed.

    The percentages are of that window. ``calendar`` counts the business days; None: Monday to Friday.
    """

    window_days: int | None = None
    acknowledge_business_days: int = 2
    evidence_percent: int = 50
    escalate_percent: int = 70
    calendar: str | None = None


@dataclass(frozen=True)
class Deadlines:
    """Last days; ``escalate_on`` is a first day. None: no such clock, or the calendar does not know the day."""

    acknowledge_by: date | None = None
    evidence_by: date | None = None
    escalate_on: date | None = None
    last_day: date | None = None


def weekdays(day: date, /) -> bool | None:
    """Monday to Friday."""
    return day.isoweekday() < _SATURDAY


def deadlines(terms: ClockTerms, opened_on: date, claimed_on: date, working_days: WorkingDays = weekdays) -> Deadlines:
    """The window runs from the day of the claim, whenever we took it up; part days are given up."""
    acknowledge_by = _business_day(opened_on, terms.acknowledge_business_days, working_days)
    window = terms.window_days
    if window is None:
        return Deadlines(acknowledge_by)
    return Deadlines(
        acknowledge_by,
        claimed_on + timedelta(days=window * terms.evidence_percent // 100),
        claimed_on + timedelta(days=window * terms.escalate_percent // 100),
        claimed_on + timedelta(days=window),
    )


def passed(dates: Deadlines, day: date) -> tuple[Clock, ...]:
    """The clocks that have run out as ``day`` begins, in their order."""
    found = []
    if dates.acknowledge_by is not None and day > dates.acknowledge_by:
        found.append(Clock.ACKNOWLEDGE)
    if dates.evidence_by is not None and day > dates.evidence_by:
        found.append(Clock.EVIDENCE)
    if dates.escalate_on is not None and day >= dates.escalate_on:
        found.append(Clock.ESCALATE)
    if dates.last_day is not None and day > dates.last_day:
        found.append(Clock.HARD_STOP)
    return tuple(found)


def first_passed_on(dates: Deadlines) -> dict[Clock, date]:
    """The day on whose beginning each clock has run out."""
    ends = {
        Clock.ACKNOWLEDGE: _after(dates.acknowledge_by), Clock.EVIDENCE: _after(dates.evidence_by),
        Clock.ESCALATE: dates.escalate_on, Clock.HARD_STOP: _after(dates.last_day),
    }  # fmt: skip
    return {clock: day for clock, day in ends.items() if day is not None}


def _after(day: date | None) -> date | None:
    return None if day is None else day + timedelta(days=1)


def _business_day(start: date, count: int, working_days: WorkingDays) -> date | None:
    """``count`` business days after ``start``; None when the calendar does not know a day on the way."""
    day = start
    for _ in range(_SEARCHED):
        if count == 0:
            return day
        day += timedelta(days=1)
        worked = working_days(day)
        if worked is None:
            return None
        count -= worked
    return None
