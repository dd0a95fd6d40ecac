"""The calendars of periods that a policy may name: months, weeks, and fiscal years of 4-4-5 or 4-5-4 weeks, as data.

A period is named as its calendar writes it: 2026-03 (month), 2026-W09 (ISO week), 2026-03-01 (the Sunday that a
Sunday-to-Saturday week begins with), 2026-P02 (the second period of the fiscal year 2026).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from domain.refusal import Refusal

GREGORIAN_MONTH = "GREGORIAN_MONTH"
ISO_WEEK = "ISO_WEEK"
WEEK_SUN_SAT = "WEEK_SUN_SAT"

PERIOD_UNKNOWN = Refusal(
    "fill_rate.period_unknown",
    "{period} is no period of the calendar {calendar}. Name one as that calendar writes it, for example {example}.",
)


@dataclass(frozen=True)
class Period:
    """From ``first`` to ``last``, both included."""

    name: str
    first: date
    last: date

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True)
class FiscalCalendar:
    """Years of 52 or 53 whole weeks that begin on the ``weekday`` (ISO) nearest to a day of the year.

    ``pattern``: weeks of the three periods of a quarter. ``year_offset``: what is added to the calendar year that a
    fiscal year begins in to name it. A 53rd week belongs to the last period.
    """

    month: int
    day: int
    weekday: int
    pattern: tuple[int, int, int]
    year_offset: int = 0
    verification: str = "[M] from memory"

    def begins(self, year: int) -> date:
        """The first day of the fiscal year named ``year``."""
        anchor = date(year - self.year_offset, self.month, self.day)
        back = (anchor.isoweekday() - self.weekday) % 7
        return anchor - timedelta(days=back) if back <= 3 else anchor + timedelta(days=7 - back)


# As data: a retailer's calendar is another row. FISCAL_WALMART follows the year that begins on the Saturday nearest to
# 1 February in periods of 4-5-4 weeks (NRF's common retail calendar begins on the Sunday); not verified with them.
FISCAL: Mapping[str, FiscalCalendar] = MappingProxyType(
    {
        "FISCAL_NRF": FiscalCalendar(2, 1, 7, (4, 5, 4)),
        "FISCAL_WALMART": FiscalCalendar(2, 1, 6, (4, 5, 4), year_offset=1),
        "FISCAL_445": FiscalCalendar(1, 1, 1, (4, 4, 5)),
    }
)
CALENDARS = (GREGORIAN_MONTH, ISO_WEEK, WEEK_SUN_SAT, *FISCAL)

_EXAMPLES = {GREGORIAN_MONTH: "2026-03", ISO_WEEK: "2026-W09", WEEK_SUN_SAT: "2026-03-01 (a Sunday)"}
_FIRST_YEAR, _LAST_YEAR = 1971, 2198


def period_of(day: date, calendar: str) -> Period:
    """The period that the day lies in."""
    if calendar == GREGORIAN_MONTH:
        return _month(day.year, day.month)
    if calendar == ISO_WEEK:
        year, week, _ = day.isocalendar()
        return _week(f"{year}-W{week:02}", date.fromisocalendar(year, week, 1))
    if calendar == WEEK_SUN_SAT:
        sunday = day - timedelta(days=day.isoweekday() % 7)
        return _week(sunday.isoformat(), sunday)
    fiscal = FISCAL[calendar]
    year = day.year + fiscal.year_offset
    while fiscal.begins(year) > day:
        year -= 1
    while fiscal.begins(year + 1) <= day:
        year += 1
    return next(one for one in _fiscal_year(fiscal, year) if one.holds(day))


def period_named(name: str, calendar: str) -> Period:
    """The period of that name; refused where the calendar has none."""
    try:
        period = _named(name, calendar) if name.isascii() else None  # other digits spell other names
    except ValueError:
        period = None
    if period is None or not _FIRST_YEAR <= period.first.year <= _LAST_YEAR:
        raise PERIOD_UNKNOWN(period=name, calendar=calendar, example=_EXAMPLES.get(calendar, "2026-P02"))
    return period


def _named(name: str, calendar: str) -> Period | None:
    if calendar == GREGORIAN_MONTH and re.fullmatch(r"\d{4}-\d{2}", name):
        return _month(int(name[:4]), int(name[5:]))
    if calendar == ISO_WEEK and re.fullmatch(r"\d{4}-W\d{2}", name):
        return _week(name, date.fromisocalendar(int(name[:4]), int(name[6:]), 1))
    if calendar == WEEK_SUN_SAT and re.fullmatch(r"\d{4}-\d{2}-\d{2}", name):
        sunday = date.fromisoformat(name)
        return _week(name, sunday) if sunday.isoweekday() == 7 else None
    if calendar in FISCAL and re.fullmatch(r"\d{4}-P\d{2}", name):
        year, number = int(name[:4]), int(name[6:])
        return _fiscal_year(FISCAL[calendar], year)[number - 1] if 1 <= number <= 12 else None
    return None


def before(period: Period, calendar: str) -> Period:
    """The period just before."""
    return period_of(period.first - timedelta(days=1), calendar)


def year_before(period: Period, calendar: str) -> Period:
    """The same period a year earlier: by name where years have the same periods, else by the weeks gone back."""
    if calendar in (ISO_WEEK, WEEK_SUN_SAT):
        return period_of(period.first - timedelta(weeks=52), calendar)
    return period_named(f"{int(period.name[:4]) - 1}{period.name[4:]}", calendar)


def periods_between(first: date, last: date, calendar: str) -> list[Period]:
    """Every period that has a day from ``first`` to ``last``."""
    found = [period_of(first, calendar)]
    while found[-1].last < last:
        found.append(period_of(found[-1].last + timedelta(days=1), calendar))
    return found


def _month(year: int, month: int) -> Period:
    first = date(year, month, 1)
    following = date(year + month // 12, month % 12 + 1, 1)
    return Period(f"{year}-{month:02}", first, following - timedelta(days=1))


def _week(name: str, first: date) -> Period:
    return Period(name, first, first + timedelta(days=6))


def _fiscal_year(fiscal: FiscalCalendar, year: int) -> list[Period]:
    first, end = fiscal.begins(year), fiscal.begins(year + 1)
    made: list[Period] = []
    for number, weeks in enumerate(fiscal.pattern * 4, 1):
        following = end if number == 12 else first + timedelta(weeks=weeks)
        made.append(Period(f"{year}-P{number:02}", first, following - timedelta(days=1)))
        first = following
    return made
