"""The working-day calendars that terms and policies name: ``holidays`` for the years that are published (decision 46)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from types import MappingProxyType

from holidays import HolidayBase, country_holidays

from domain.calendars import NO_CALENDAR, PublishedCalendar, WorkingDays, working_days_of
from domain.payment_terms import PaymentTerms

# CN: the State Council publishes each year's days off and the weekends worked for them in the November before.
# The package knows 2024, 2025 and 2026 with both; for 2027 it only has the festivals and raises nothing, so a year
# that is not listed is unknown. The others follow from law by rule and have no weekends worked.
_BY_LAW = frozenset(range(2020, 2031))
PUBLISHED_YEARS: Mapping[str, frozenset[int]] = MappingProxyType(
    {"CN": frozenset({2024, 2025, 2026}), "DE": _BY_LAW, "FR": _BY_LAW, "GB": _BY_LAW, "US": _BY_LAW}
)


@cache
def published_calendar(calendar: str) -> PublishedCalendar:
    """The calendar of a country with its days off and its worked weekends in the listed years only."""
    years = PUBLISHED_YEARS[calendar]
    known: HolidayBase = country_holidays(calendar, years=sorted(years))
    worked: set[date] = getattr(known, "weekend_workdays", set())
    return PublishedCalendar(
        years,
        frozenset(day for day in known if day.year in years),
        frozenset(day for day in worked if day.year in years),
    )


def working_days_for(terms: PaymentTerms | None) -> WorkingDays:
    """The calendar that the terms name; one that we do not have says of every day that it is unknown."""
    return working_days_named(None if terms is None else terms.calendar)


def working_days_named(calendar: str | None) -> WorkingDays:
    """The calendar of that name; without a name every day is worked."""
    name = calendar or NO_CALENDAR
    return working_days_of(name, known_calendars(name))


def known_calendars(calendar: str | None) -> Mapping[str, WorkingDays]:
    """The named calendar by its name; nothing where we do not have it, so that its days are unknown."""
    return {calendar: published_calendar(calendar)} if calendar is not None and calendar in PUBLISHED_YEARS else {}
