"""Working days: published, adjusted, or unknown."""

from __future__ import annotations

from datetime import date

import pytest

from domain.calendars import (
    CALENDAR_UNKNOWN,
    PublishedCalendar,
    Roll,
    every_day,
    rolled,
    working_day,
    working_days_of,
)
from domain.refusal import Refused

CN = PublishedCalendar(
    frozenset({2025}), frozenset({date(2025, 10, 8)}), frozenset({date(2025, 9, 28), date(2025, 10, 11)})
)


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2025-10-08", False),  # a Wednesday off
        ("2025-10-11", True),  # a Saturday worked
        ("2025-10-12", False),  # a Sunday
        ("2025-10-13", True),
        ("2027-01-04", None),  # not published
    ],
)
def test_a_published_calendar_knows_its_years_only(day: str, worked: bool | None) -> None:
    assert working_day("CN", date.fromisoformat(day), {"CN": CN}) is worked


def test_a_calendar_that_nobody_gave_us_is_unknown_and_none_works_every_day() -> None:
    sunday = date(2025, 10, 12)
    assert working_day("DE", sunday, {"CN": CN}) is None
    assert working_day("NONE", sunday, {}) is True
    assert working_days_of("CN", {"CN": CN})(sunday) is False


def test_rolling_stops_at_a_calendar_that_never_works() -> None:
    with pytest.raises(Refused) as refused:
        rolled(date(2025, 1, 1), Roll.FOLLOWING, lambda day, /: False, "CN")
    assert refused.value.refusal is CALENDAR_UNKNOWN


def test_not_rolling_asks_no_calendar() -> None:
    assert rolled(date(2027, 1, 3), Roll.NONE, CN, "CN") == date(2027, 1, 3)
    assert rolled(date(2027, 1, 3), Roll.PRECEDING, every_day) == date(2027, 1, 3)
