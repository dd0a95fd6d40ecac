"""Periods of the calendars that a policy may name: their days by hand, their names, no gap between them."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from domain.fill_rate.periods import (
    CALENDARS, FISCAL, GREGORIAN_MONTH, ISO_WEEK, PERIOD_UNKNOWN, WEEK_SUN_SAT, Period, before, period_named, period_of,
    periods_between, year_before,
)  # fmt: skip
from domain.refusal import Refused

NRF, WALMART, QUARTERS = "FISCAL_NRF", "FISCAL_WALMART", "FISCAL_445"
DAY = timedelta(days=1)

# calendar, a day, its period, first and last day
ROWS = [
    ("a month of 28 days", GREGORIAN_MONTH, "2025-02-28", "2025-02", "2025-02-01", "2025-02-28"),
    ("a leap day", GREGORIAN_MONTH, "2024-02-29", "2024-02", "2024-02-01", "2024-02-29"),
    ("the year's first day", GREGORIAN_MONTH, "2025-01-01", "2025-01", "2025-01-01", "2025-01-31"),
    ("the year's last day", GREGORIAN_MONTH, "2025-12-31", "2025-12", "2025-12-01", "2025-12-31"),
    ("an ISO week begins on Monday", ISO_WEEK, "2025-03-03", "2025-W10", "2025-03-03", "2025-03-09"),
    ("the Sunday before is the week before", ISO_WEEK, "2025-03-02", "2025-W09", "2025-02-24", "2025-03-02"),
    ("December in week 1 of the next year", ISO_WEEK, "2024-12-30", "2025-W01", "2024-12-30", "2025-01-05"),
    ("January in week 53 of the year before", ISO_WEEK, "2021-01-03", "2020-W53", "2020-12-28", "2021-01-03"),
    ("January in week 52 of the year before", ISO_WEEK, "2022-01-01", "2021-W52", "2021-12-27", "2022-01-02"),
    ("1 January in week 1", ISO_WEEK, "2026-01-01", "2026-W01", "2025-12-29", "2026-01-04"),
    ("a Sunday begins the week", WEEK_SUN_SAT, "2025-03-02", "2025-03-02", "2025-03-02", "2025-03-08"),
    ("a Saturday ends it", WEEK_SUN_SAT, "2025-03-08", "2025-03-02", "2025-03-02", "2025-03-08"),
    ("a week over the year's end", WEEK_SUN_SAT, "2025-01-01", "2024-12-29", "2024-12-29", "2025-01-04"),
    # NRF, 4-5-4 weeks from the Sunday nearest to 1 February: 2023 from 29 January with 53 weeks, 2024 from 4 February.
    ("NRF 2023 begins", NRF, "2023-01-29", "2023-P01", "2023-01-29", "2023-02-25"),
    ("NRF 2022 ends the day before", NRF, "2023-01-28", "2022-P12", "2023-01-01", "2023-01-28"),
    ("NRF, the second period has five weeks", NRF, "2023-02-26", "2023-P02", "2023-02-26", "2023-04-01"),
    ("NRF, the third has four", NRF, "2023-04-02", "2023-P03", "2023-04-02", "2023-04-29"),
    ("NRF, the next quarter", NRF, "2023-04-30", "2023-P04", "2023-04-30", "2023-05-27"),
    ("NRF 2023, its 53rd week is in the last period", NRF, "2024-02-03", "2023-P12", "2023-12-31", "2024-02-03"),
    ("NRF 2024 begins", NRF, "2024-02-04", "2024-P01", "2024-02-04", "2024-03-02"),
    ("NRF 2024 has 52 weeks", NRF, "2025-02-01", "2024-P12", "2025-01-05", "2025-02-01"),
    ("NRF 2025 begins", NRF, "2025-02-02", "2025-P01", "2025-02-02", "2025-03-01"),
    # Walmart's year is named by the calendar year in which it ends; FY2026 from Saturday 1 February 2025.
    ("Walmart FY2026 begins", WALMART, "2025-02-01", "2026-P01", "2025-02-01", "2025-02-28"),
    ("Walmart FY2025 ends the day before", WALMART, "2025-01-31", "2025-P12", "2025-01-04", "2025-01-31"),
    ("Walmart, a year later", WALMART, "2026-01-31", "2027-P01", "2026-01-31", "2026-02-27"),
    ("Walmart, five weeks", WALMART, "2025-03-31", "2026-P02", "2025-03-01", "2025-04-04"),
    # 4-4-5 weeks from the Monday nearest to 1 January: 2025 from 30 December 2024, 2026 from 29 December 2025.
    ("4-4-5, the year begins in December", QUARTERS, "2024-12-30", "2025-P01", "2024-12-30", "2025-01-26"),
    ("4-4-5, four weeks again", QUARTERS, "2025-01-27", "2025-P02", "2025-01-27", "2025-02-23"),
    ("4-4-5, then five", QUARTERS, "2025-02-24", "2025-P03", "2025-02-24", "2025-03-30"),
    ("4-4-5, the year ends", QUARTERS, "2025-12-28", "2025-P12", "2025-11-24", "2025-12-28"),
    ("4-4-5, the next begins", QUARTERS, "2025-12-29", "2026-P01", "2025-12-29", "2026-01-25"),
    ("4-4-5, a year of 53 weeks", QUARTERS, "2027-01-03", "2026-P12", "2026-11-23", "2027-01-03"),
]


@pytest.mark.parametrize(("calendar", "day", "name", "first", "last"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_the_period_of_a_day(calendar: str, day: str, name: str, first: str, last: str) -> None:
    wanted = Period(name, date.fromisoformat(first), date.fromisoformat(last))
    assert period_of(date.fromisoformat(day), calendar) == wanted
    assert period_named(name, calendar) == wanted


# When the retail federation's years began, the weeks they had
NRF_YEARS = [(2017, "2017-01-29", 53), (2018, "2018-02-04", 52), (2019, "2019-02-03", 52), (2020, "2020-02-02", 52),
             (2021, "2021-01-31", 52), (2022, "2022-01-30", 52), (2023, "2023-01-29", 53), (2024, "2024-02-04", 52)]  # fmt: skip


@pytest.mark.parametrize(("year", "begins", "weeks"), NRF_YEARS)
def test_the_years_of_the_retail_calendar(year: int, begins: str, weeks: int) -> None:
    first, following = FISCAL[NRF].begins(year), FISCAL[NRF].begins(year + 1)
    assert first == date.fromisoformat(begins)
    assert (following - first).days == 7 * weeks


UNKNOWN = [
    (GREGORIAN_MONTH, "2025-13"), (GREGORIAN_MONTH, "2025-00"), (GREGORIAN_MONTH, "2025-1"), (GREGORIAN_MONTH, "2025"),
    (GREGORIAN_MONTH, "25-01"), (GREGORIAN_MONTH, "2025-01-01"), (GREGORIAN_MONTH, ""), (GREGORIAN_MONTH, "0000-01"),
    (GREGORIAN_MONTH, "9999-12"), (GREGORIAN_MONTH, "2025-01\n"), (GREGORIAN_MONTH, "1899-12"), (GREGORIAN_MONTH, "2025-W10"),
    (ISO_WEEK, "2025-W53"), (ISO_WEEK, "2025-W00"), (ISO_WEEK, "2025-W54"), (ISO_WEEK, "2025-10"), (ISO_WEEK, "2025W10"),
    (WEEK_SUN_SAT, "2025-03-03"), (WEEK_SUN_SAT, "2025-02-30"), (WEEK_SUN_SAT, "2025-W10"), (WEEK_SUN_SAT, "2025-03"),
    (NRF, "2025-P13"), (NRF, "2025-P00"), (NRF, "2025-01"), (NRF, "2025-P1"), (NRF, "9999-P12"), (NRF, "0000-P01"),
    (WALMART, "0001-P01"), (QUARTERS, "2025-Q1"), (GREGORIAN_MONTH, "２０２５-01"), (ISO_WEEK, "２０２５-W10"),
]  # fmt: skip


@pytest.mark.parametrize(("calendar", "name"), UNKNOWN)
def test_a_name_that_no_period_has_is_refused(calendar: str, name: str) -> None:
    with pytest.raises(Refused) as refused:
        period_named(name, calendar)
    assert refused.value.refusal is PERIOD_UNKNOWN
    example = refused.value.parameters["example"]
    assert period_named(example.split(" ")[0], calendar)
    assert calendar in str(refused.value)


def test_every_week_53_that_there_is() -> None:
    """Years that begin on a Thursday, or are leap years that begin on a Wednesday."""
    for year in range(2004, 2033):
        if year in (2004, 2009, 2015, 2020, 2026, 2032):
            assert period_named(f"{year}-W53", ISO_WEEK).first.isoweekday() == 1
        else:
            with pytest.raises(Refused):
                period_named(f"{year}-W53", ISO_WEEK)


DAYS = st.dates(date(1975, 1, 1), date(2190, 12, 31))


@given(day=DAYS, calendar=st.sampled_from(CALENDARS))
@settings(max_examples=400, deadline=None)
def test_periods_lie_end_to_end(day: date, calendar: str) -> None:
    """Every day is in one period, the period is found by its name, the next begins when it has ended."""
    period = period_of(day, calendar)
    assert period.first <= day <= period.last
    assert period.holds(day)
    assert not period.holds(period.first - DAY)
    assert not period.holds(period.last + DAY)
    assert period_named(period.name, calendar) == period
    assert period_of(period.first, calendar) == period_of(period.last, calendar) == period
    following = period_of(period.last + DAY, calendar)
    assert following.first == period.last + DAY
    assert following.name != period.name
    assert before(following, calendar) == period


@given(day=DAYS, calendar=st.sampled_from(sorted(FISCAL)))
@settings(max_examples=100, deadline=None)
def test_a_fiscal_year_is_whole_weeks_in_twelve_periods(day: date, calendar: str) -> None:
    rule = FISCAL[calendar]
    year = int(period_of(day, calendar).name[:4])
    periods = [period_named(f"{year}-P{number:02}", calendar) for number in range(1, 13)]
    weeks = [((one.last - one.first).days + 1) / 7 for one in periods]
    assert weeks[:11] == list(rule.pattern * 4)[:11]
    assert weeks[11] - rule.pattern[2] in (0, 1)
    assert periods[0].first == rule.begins(year)
    assert periods[0].first.isoweekday() == rule.weekday
    anchor = date(year - rule.year_offset, rule.month, rule.day)
    assert abs((periods[0].first - anchor).days) <= 3


@given(day=st.dates(date(2000, 1, 1), date(2100, 1, 1)), length=st.integers(0, 800), calendar=st.sampled_from(CALENDARS))
@settings(max_examples=100, deadline=None)
def test_periods_between_two_days_tile_them(day: date, length: int, calendar: str) -> None:
    last = day + timedelta(days=length)
    found = periods_between(day, last, calendar)
    assert found[0].holds(day)
    assert found[-1].holds(last)
    assert all(one.last + DAY == following.first for one, following in pairwise(found))


@pytest.mark.parametrize(
    ("calendar", "name", "earlier"),
    [
        (GREGORIAN_MONTH, "2024-02", "2023-02"),
        (NRF, "2024-P01", "2023-P01"),
        (WALMART, "2026-P12", "2025-P12"),
        (ISO_WEEK, "2025-W10", "2024-W10"),
        (ISO_WEEK, "2026-W53", "2026-W01"),  # 52 weeks back from 28 December 2026 is 29 December 2025
        (WEEK_SUN_SAT, "2025-03-02", "2024-03-03"),
    ],
)
def test_the_same_period_a_year_before(calendar: str, name: str, earlier: str) -> None:
    assert year_before(period_named(name, calendar), calendar).name == earlier
