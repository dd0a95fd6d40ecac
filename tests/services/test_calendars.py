"""The calendars that terms name: what is published is known to the day, everything else is unknown."""

from __future__ import annotations

from datetime import date

import pytest

from domain.calendars import Roll
from domain.payment_terms import DueRule, PaymentTerms, RuleKind
from services.calendars import working_days_for

NET_30 = DueRule(RuleKind.NET_DAYS, days=30)


@pytest.mark.parametrize(("calendar", "day", "worked"), [
    ("CN", date(2024, 2, 4), True),  # a Sunday worked before Spring Festival
    ("CN", date(2024, 10, 7), False),
    ("CN", date(2025, 9, 28), True),  # a Sunday worked before National Day
    ("CN", date(2025, 10, 8), False),  # a Wednesday off
    ("CN", date(2025, 3, 2), False),  # a plain Sunday
    ("CN", date(2026, 1, 4), True),  # a Sunday worked for New Year
    ("CN", date(2026, 2, 23), False),
    ("CN", date(2026, 5, 9), True),  # a Saturday worked for Labour Day
    ("CN", date(2027, 1, 4), None),  # not published yet
    ("CN", date(2023, 12, 29), None),
    ("FR", date(2026, 7, 14), False),
    ("FR", date(2026, 7, 15), True),
    ("US", date(2031, 1, 2), None),
    ("XX", date(2026, 1, 5), None),
    ("NONE", date(2027, 1, 3), True),
])
def test_a_day_is_worked_or_not_or_unknown(calendar: str, day: date, worked: bool | None) -> None:
    assert working_days_for(PaymentTerms(NET_30, roll=Roll.FOLLOWING, calendar=calendar))(day) is worked


def test_no_terms_need_no_calendar() -> None:
    assert working_days_for(None)(date(2027, 1, 3)) is True
