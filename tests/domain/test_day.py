"""Days begin by an event."""

from __future__ import annotations

from datetime import date

from domain.codes import ZONE_UNKNOWN
from domain.day import Day
from tests.given import fact, given


def test_a_day_begins_in_a_zone_once() -> None:
    outcome = given(Day).when_new(lambda: Day.break_of("Asia/Shanghai", date(2026, 3, 2)))
    outcome.then(fact(Day.Began, zone="Asia/Shanghai", date=date(2026, 3, 2)))
    assert outcome.aggregate is not None
    assert (
        outcome.aggregate.id
        == Day.stream("Asia/Shanghai", date(2026, 3, 2))
        == "day/Asia%2FShanghai/2026-03-02"
    )


def test_a_day_needs_a_zone_that_exists() -> None:
    given(Day).when_new(lambda: Day.break_of("Mars/Olympus", date(2026, 3, 2))).then_refused(ZONE_UNKNOWN)
