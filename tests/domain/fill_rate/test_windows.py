"""Rule 3 and section 0: deliveries EARLY, ON_TIME or LATE by DAY, TIME_OF_DAY and SLOT windows, through gaps and folds."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from domain.calendars import CALENDAR_UNKNOWN
from domain.fill_rate.windows import Punctuality, Window
from domain.refusal import Refused
from domain.shipment import ArrivalEvidence
from tests.domain.fill_rate.builders import (
    AFTERWARDS, CHICAGO, CUSTOMER, HAVANA, SAO_PAULO, SHANGHAI, SUPPLIER, amended, appointment, came, confirmed, delivery,
    figure, instant, judged, line, of, order, papers, policy, slot,
)  # fmt: skip

EARLY, ON_TIME, LATE = "EARLY", "ON_TIME", "LATE"
GATE, CHECK_IN = ArrivalEvidence.GATE_ARRIVAL, ArrivalEvidence.CHECK_IN


def punctuality(lines: Any, at: datetime = AFTERWARDS, **on_time: object) -> Punctuality | None:
    (one,) = judged(lines, policy(metric="ON_TIME", onTime=on_time), at)
    return one.deliveries[0].punctuality


EXACT_DAY = {"earliestDays": 0}

# zone, day wanted, arrival, the window, what it is
DAYS = [
    ("the first moment", CHICAGO, "2025-04-10", "2025-04-10T05:00:00Z", EXACT_DAY, ON_TIME),
    ("a second before it", CHICAGO, "2025-04-10", "2025-04-10T04:59:59Z", EXACT_DAY, EARLY),
    ("the last second", CHICAGO, "2025-04-10", "2025-04-11T04:59:59Z", EXACT_DAY, ON_TIME),
    ("the last millisecond", CHICAGO, "2025-04-10", "2025-04-11T04:59:59.999Z", EXACT_DAY, ON_TIME),
    ("00:00 of the day after is not in it", CHICAGO, "2025-04-10", "2025-04-11T05:00:00Z", EXACT_DAY, LATE),
    ("blank: a week early is not evaluated", CHICAGO, "2025-04-10", "2025-04-03T12:00:00Z", {}, ON_TIME),
    ("blank is not 0", CHICAGO, "2025-04-10", "2025-04-03T12:00:00Z", EXACT_DAY, EARLY),
    ("the day before allowed", CHICAGO, "2025-04-10", "2025-04-09T05:00:00Z", {"earliestDays": -1}, ON_TIME),
    ("two days before not", CHICAGO, "2025-04-10", "2025-04-09T04:59:59Z", {"earliestDays": -1}, EARLY),
    ("the day after allowed", CHICAGO, "2025-04-10", "2025-04-12T04:59:59Z", {"latestDays": 1}, ON_TIME),
    ("the second day after not", CHICAGO, "2025-04-10", "2025-04-12T05:00:00Z", {"latestDays": 1}, LATE),
    ("the day before is the last", CHICAGO, "2025-04-10", "2025-04-10T05:00:00Z", {"latestDays": -1}, LATE),
    ("the day before, in time", CHICAGO, "2025-04-10", "2025-04-10T04:59:59Z", {"latestDays": -1}, ON_TIME),
    ("not before the day after", CHICAGO, "2025-04-10", "2025-04-10T12:00:00Z", {"earliestDays": 1, "latestDays": 2}, EARLY),
    ("Shanghai begins", SHANGHAI, "2025-04-10", "2025-04-09T16:00:00Z", EXACT_DAY, ON_TIME),
    ("Shanghai, before", SHANGHAI, "2025-04-10", "2025-04-09T15:59:59Z", EXACT_DAY, EARLY),
    ("Shanghai ends", SHANGHAI, "2025-04-10", "2025-04-10T15:59:59Z", EXACT_DAY, ON_TIME),
    ("Shanghai, after", SHANGHAI, "2025-04-10", "2025-04-10T16:00:00Z", EXACT_DAY, LATE),
    ("another zone than the place's", CHICAGO, "2025-04-10", "2025-04-10T16:00:00Z", {"timeZone": SHANGHAI}, LATE),
    ("another zone begins earlier", CHICAGO, "2025-04-10", "2025-04-09T16:00Z", {**EXACT_DAY, "timeZone": SHANGHAI}, ON_TIME),
    ("a day of 23 hours ends", CHICAGO, "2025-03-09", "2025-03-10T04:59:59Z", EXACT_DAY, ON_TIME),
    ("a day of 23 hours is over", CHICAGO, "2025-03-09", "2025-03-10T05:00:00Z", EXACT_DAY, LATE),
    ("a day of 25 hours begins", CHICAGO, "2025-11-02", "2025-11-02T05:00:00Z", EXACT_DAY, ON_TIME),
    ("a day of 25 hours, before", CHICAGO, "2025-11-02", "2025-11-02T04:59:59Z", EXACT_DAY, EARLY),
    ("a day of 25 hours ends", CHICAGO, "2025-11-02", "2025-11-03T05:59:59Z", EXACT_DAY, ON_TIME),
    ("a day of 25 hours is over", CHICAGO, "2025-11-02", "2025-11-03T06:00:00Z", EXACT_DAY, LATE),
    # Sao Paulo, 4 November 2018: 00:00 to 01:00 did not exist, the change was at 03:00Z.
    ("a day that begins in a gap", SAO_PAULO, "2018-11-04", "2018-11-04T03:00:00Z", EXACT_DAY, ON_TIME),
    ("before a day that begins in a gap", SAO_PAULO, "2018-11-04", "2018-11-04T02:59:59Z", EXACT_DAY, EARLY),
    ("its end, in the new offset", SAO_PAULO, "2018-11-04", "2018-11-05T01:59:59Z", EXACT_DAY, ON_TIME),
    ("after its end", SAO_PAULO, "2018-11-04", "2018-11-05T02:00:00Z", EXACT_DAY, LATE),
    ("a day that ends in a gap", SAO_PAULO, "2018-11-03", "2018-11-04T02:59:59Z", EXACT_DAY, ON_TIME),
    ("after a day that ends in a gap", SAO_PAULO, "2018-11-03", "2018-11-04T03:00:00Z", EXACT_DAY, LATE),
    # Sao Paulo, 16 February 2019: 23:00 to 24:00 came twice, the day has 25 hours.
    ("the hour before midnight twice", SAO_PAULO, "2019-02-16", "2019-02-17T02:59:59Z", EXACT_DAY, ON_TIME),
    ("after both", SAO_PAULO, "2019-02-16", "2019-02-17T03:00:00Z", EXACT_DAY, LATE),
    # Havana, 2 November 2025: 00:00 comes at 04:00Z and again at 05:00Z.
    ("an end that comes twice: the second", HAVANA, "2025-11-01", "2025-11-02T04:59:59Z", EXACT_DAY, ON_TIME),
    ("after the second", HAVANA, "2025-11-01", "2025-11-02T05:00:00Z", EXACT_DAY, LATE),
    ("a beginning that comes twice: the first", HAVANA, "2025-11-02", "2025-11-02T04:00:00Z", EXACT_DAY, ON_TIME),
    ("before the first", HAVANA, "2025-11-02", "2025-11-02T03:59:59Z", EXACT_DAY, EARLY),
    ("Havana's gap is at midnight too", HAVANA, "2025-03-09", "2025-03-09T05:00:00Z", EXACT_DAY, ON_TIME),
    ("before Havana's gap", HAVANA, "2025-03-09", "2025-03-09T04:59:59Z", EXACT_DAY, EARLY),
]


@pytest.mark.parametrize(("zone", "wanted", "arrival", "rule", "found"), [row[1:] for row in DAYS], ids=[row[0] for row in DAYS])
def test_a_day_window(zone: str, wanted: str, arrival: str, rule: dict[str, object], found: str) -> None:
    assert punctuality(order(line(10), wanted=wanted, zone=zone, deliveries=[delivery(arrival, 10)]), **rule) == found


def at(clock: str) -> dict[str, object]:
    return {"windowKind": "TIME_OF_DAY", "timeOfDay": clock}


# In Chicago 02:30 of 9 March 2025 does not exist (the change is at 08:00Z); 01:30 of 2 November comes at 06:30Z and 07:30Z.
TIMES = [
    ("from the time on the day before", "2025-03-05", "2025-03-04T17:00:00Z", at("11:00"), ON_TIME),
    ("a second before", "2025-03-05", "2025-03-04T16:59:59Z", at("11:00"), EARLY),
    ("to the time on the day, itself in it", "2025-03-05", "2025-03-05T17:00:00Z", at("11:00"), ON_TIME),
    ("to the second", "2025-03-05", "2025-03-05T17:00:00.999Z", at("11:00"), ON_TIME),
    ("a second after", "2025-03-05", "2025-03-05T17:00:01Z", at("11:00"), LATE),
    ("with seconds", "2025-03-05", "2025-03-05T17:00:31Z", at("11:00:30"), LATE),
    ("an end in the gap is the change", "2025-03-09", "2025-03-09T08:00:00Z", at("02:30"), ON_TIME),
    ("after an end in the gap", "2025-03-09", "2025-03-09T08:00:01Z", at("02:30"), LATE),
    ("the day before is as usual", "2025-03-09", "2025-03-08T08:29:59Z", at("02:30"), EARLY),
    ("a beginning in the gap is the change", "2025-03-10", "2025-03-09T08:00:00Z", at("02:30"), ON_TIME),
    ("before a beginning in the gap", "2025-03-10", "2025-03-09T07:59:59Z", at("02:30"), EARLY),
    ("the day after, in the new offset", "2025-03-10", "2025-03-10T07:30:01Z", at("02:30"), LATE),
    ("an end that comes twice: the second", "2025-11-02", "2025-11-02T07:30:00Z", at("01:30"), ON_TIME),
    ("after the second", "2025-11-02", "2025-11-02T07:30:01Z", at("01:30"), LATE),
    ("a beginning that comes twice: the first", "2025-11-03", "2025-11-02T06:30:00Z", at("01:30"), ON_TIME),
    ("before the first", "2025-11-03", "2025-11-02T06:29:59Z", at("01:30"), EARLY),
]


@pytest.mark.parametrize(("wanted", "arrival", "rule", "found"), [row[1:] for row in TIMES], ids=[row[0] for row in TIMES])
def test_a_time_of_day_window(wanted: str, arrival: str, rule: dict[str, object], found: str) -> None:
    assert punctuality(order(line(10), wanted=wanted, deliveries=[delivery(arrival, 10)]), **rule) == found


def by_slot(early: int = 0, late: int = 0, **more: object) -> dict[str, object]:
    said = {"slotEarlyMinutes": early, "slotLateMinutes": late}
    return {"windowKind": "SLOT", "target": "APPOINTMENT_LATEST", **said, **more}


MORNING, GAP = slot("2025-04-10T09:00", "2025-04-10T10:00"), slot("2025-03-09T02:15", "2025-03-09T02:45")
FOLD = slot("2025-11-02T00:30", "2025-11-02T01:30")
SLOTS = [
    ("its first second", CHICAGO, MORNING, "2025-04-10T14:00:00Z", by_slot(), ON_TIME),
    ("a second before", CHICAGO, MORNING, "2025-04-10T13:59:59Z", by_slot(), EARLY),
    ("its end is in it", CHICAGO, MORNING, "2025-04-10T15:00:00Z", by_slot(), ON_TIME),
    ("to the second", CHICAGO, MORNING, "2025-04-10T15:00:00.999Z", by_slot(), ON_TIME),
    ("a second after", CHICAGO, MORNING, "2025-04-10T15:00:01Z", by_slot(), LATE),
    ("early tolerance", CHICAGO, MORNING, "2025-04-10T13:45:00Z", by_slot(early=15), ON_TIME),
    ("earlier than that", CHICAGO, MORNING, "2025-04-10T13:44:59Z", by_slot(early=15), EARLY),
    ("late tolerance", CHICAGO, MORNING, "2025-04-10T15:30:00Z", by_slot(late=30), ON_TIME),
    ("later than that", CHICAGO, MORNING, "2025-04-10T15:30:01Z", by_slot(late=30), LATE),
    ("days mean nothing to a slot", CHICAGO, MORNING, "2025-04-09T15:00:00Z", by_slot(earliestDays=-1, latestDays=1), EARLY),
    ("in Shanghai's time", SHANGHAI, MORNING, "2025-04-10T01:00:00Z", by_slot(), ON_TIME),
    ("in another zone than the place's", CHICAGO, MORNING, "2025-04-10T01:00:00Z", by_slot(timeZone=SHANGHAI), ON_TIME),
    ("in the gap it is one instant", CHICAGO, GAP, "2025-03-09T08:00:00Z", by_slot(), ON_TIME),
    ("before that instant", CHICAGO, GAP, "2025-03-09T07:59:59Z", by_slot(), EARLY),
    ("after that instant", CHICAGO, GAP, "2025-03-09T08:00:01Z", by_slot(), LATE),
    ("late tolerance from the change on", CHICAGO, GAP, "2025-03-09T08:15:00Z", by_slot(late=15), ON_TIME),
    ("and no later", CHICAGO, GAP, "2025-03-09T08:15:01Z", by_slot(late=15), LATE),
    ("its end the second time", CHICAGO, FOLD, "2025-11-02T07:30:00Z", by_slot(), ON_TIME),
    ("after that", CHICAGO, FOLD, "2025-11-02T07:30:01Z", by_slot(), LATE),
    ("its beginning", CHICAGO, FOLD, "2025-11-02T05:30:00Z", by_slot(), ON_TIME),
    ("a moment is a slot of one second", CHICAGO, appointment("2025-04-10T09:00"), "2025-04-10T14:00:00Z", by_slot(), ON_TIME),
    ("after the moment", CHICAGO, appointment("2025-04-10T09:00"), "2025-04-10T14:00:01Z", by_slot(), LATE),
]


@pytest.mark.parametrize(
    ("zone", "booked", "arrival", "rule", "found"), [row[1:] for row in SLOTS], ids=[row[0] for row in SLOTS]
)
def test_a_slot_window(zone: str, booked: Any, arrival: str, rule: dict[str, object], found: str) -> None:
    assert punctuality(order(line(10), zone=zone, deliveries=[delivery(arrival, 10, slots=[booked])]), **rule) == found


def worked(earliest: int = 0, latest: int = 0) -> dict[str, object]:
    return {"dayUnit": "BUSINESS", "calendar": "CN", "earliestDays": earliest, "latestDays": latest}


def moved(to: str) -> dict[str, object]:
    return {"nonWorkingTarget": to, "calendar": "CN", "earliestDays": 0}


# 1 to 8 October 2025 are off; Sunday 28 September and Saturday 11 October are worked. Arrivals are Shanghai's time.
WORKED = [
    ("the next day worked is after the holidays", "2025-09-30", "2025-10-09T23:59:59", worked(latest=1), ON_TIME),
    ("the second day worked is late", "2025-09-30", "2025-10-10T00:00:00", worked(latest=1), LATE),
    ("a Saturday that is worked", "2025-10-10", "2025-10-11T12:00:00", worked(latest=1), ON_TIME),
    ("the Sunday after it", "2025-10-10", "2025-10-12T00:00:00", worked(latest=1), LATE),
    ("two days worked, over the Sunday", "2025-10-10", "2025-10-13T23:59:59", worked(latest=2), ON_TIME),
    ("a Sunday that is worked, back", "2025-09-29", "2025-09-28T00:00:00", worked(earliest=-1), ON_TIME),
    ("the Saturday before it", "2025-09-29", "2025-09-27T23:59:59", worked(earliest=-1), EARLY),
    ("back over the holidays", "2025-10-09", "2025-09-30T00:00:00", worked(earliest=-1), ON_TIME),
    ("calendar days count all", "2025-09-30", "2025-10-02T00:00:00", {"latestDays": 1, "calendar": "CN"}, LATE),
    ("a target off moves on", "2025-10-04", "2025-10-09T00:00:00", moved("FOLLOWING"), ON_TIME),
    ("the day before it is early", "2025-10-04", "2025-10-08T23:59:59", moved("FOLLOWING"), EARLY),
    ("a target off moves back", "2025-10-04", "2025-09-30T23:59:59", moved("PRECEDING"), ON_TIME),
    ("the day after it is late", "2025-10-04", "2025-10-01T00:00:00", moved("PRECEDING"), LATE),
    ("a worked Sunday does not move", "2025-09-28", "2025-09-28T12:00:00", moved("FOLLOWING"), ON_TIME),
    ("NONE stays where it is", "2025-10-04", "2025-10-04T12:00:00", moved("NONE"), ON_TIME),
    ("moved first, then counted", "2025-10-04", "2025-10-10T12:00:00", {**worked(latest=1), **moved("FOLLOWING")}, ON_TIME),
    ("NONE asks no calendar", "2026-01-01", "2026-01-01T12:00:00", moved("NONE"), ON_TIME),
    ("no days counted, no calendar asked", "2026-01-01", "2026-01-01T12:00:00", worked(), ON_TIME),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "arrival", "rule", "found"), [row[1:] for row in WORKED], ids=[row[0] for row in WORKED])
def test_days_worked(wanted: str, arrival: str, rule: dict[str, object], found: str) -> None:
    assert punctuality(order(line(10), wanted=wanted, zone=SHANGHAI, deliveries=[delivery(arrival, 10)]), **rule) == found


UNKNOWN = [
    ("the target", "2026-01-03", moved("FOLLOWING")),
    ("the target, backwards", "2026-01-03", moved("PRECEDING")),
    ("the last day of the window", "2025-12-31", worked(latest=1)),
    ("the first day of the window", "2025-01-01", worked(earliest=-1)),
    ("a calendar that we do not have", "2025-10-04", {**moved("FOLLOWING"), "calendar": "JP"}),
    ("days of a calendar that we do not have", "2025-10-04", {**worked(latest=1), "calendar": "JP"}),
]


@pytest.mark.parametrize(("wanted", "rule"), [row[1:] for row in UNKNOWN], ids=[row[0] for row in UNKNOWN])
def test_a_year_that_is_not_published_is_refused(wanted: str, rule: dict[str, object]) -> None:
    with pytest.raises(Refused) as refused:
        punctuality(order(line(10), wanted=wanted, zone=SHANGHAI, deliveries=[delivery(f"{wanted}T12:00", 10)]), **rule)
    assert refused.value.refusal is CALENDAR_UNKNOWN


def test_what_early_arrival_means() -> None:
    early = order(line(10), deliveries=[delivery("2025-04-09T12:00", 10)])
    late = order(line(10), deliveries=[delivery("2025-04-11T12:00", 10)])
    rates = [
        figure(lines, metric="ON_TIME", onTime={**EXACT_DAY, "earlyArrival": said})
        for lines in (early, late)
        for said in ("FAIL", "PASS")
    ]
    assert rates == [of("0 of 10"), of("10 of 10"), of("0 of 10"), of("0 of 10")]


TARGETS = order(
    line(
        10,
        confirmed("2025-03-20T10:00", 10, "2025-04-11"),
        confirmed("2025-04-01T10:00", 10, "2025-04-12"),
        amended("2025-04-02T10:00", 10, day="2025-04-13"),
    ),
    deliveries=[
        delivery(
            "2025-04-10T09:00", 10,
            slots=[slot("2025-04-14T09:00", "2025-04-14T10:00"), slot("2025-04-15T09:00", "2025-04-15T10:00")],
        ),
    ],
)  # fmt: skip


@pytest.mark.parametrize(
    ("target", "day"),
    [
        ("REQUESTED_ORIGINAL", "2025-04-10"), ("PROMISED_FIRST", "2025-04-11"), ("PROMISED_LATEST", "2025-04-12"),
        ("REQUESTED_CURRENT", "2025-04-13"), ("APPOINTMENT_FIRST", "2025-04-14"), ("APPOINTMENT_LATEST", "2025-04-15"),
    ],
)  # fmt: skip
def test_the_day_aimed_at(target: str, day: str) -> None:
    (one,) = judged(TARGETS, policy(metric="OTIF", onTime={"target": target, **EXACT_DAY}))
    (brought,) = one.deliveries
    window = window_of(TARGETS, target)
    assert window.opens == instant(f"{day}T00:00", CHICAGO)
    assert brought.punctuality == (ON_TIME if day == "2025-04-10" else EARLY)


def window_of(lines: Any, target: str, at: datetime = AFTERWARDS) -> Window:
    (one,) = judged(lines, policy(metric="OTIF", onTime={"target": target, **EXACT_DAY}), at)
    return one.window


NOTHING_SAID = order(line(10), deliveries=[delivery("2025-04-10T09:00", 10)])
NO_DAY = order(line(10, confirmed("2025-03-20T10:00", 10)), deliveries=[delivery("2025-04-10T09:00", 10)])
OUR_CHANGE = order(line(10, amended("2025-04-02T10:00", 10, day="2025-04-13", by=SUPPLIER)))


@pytest.mark.parametrize(
    "target", ["REQUESTED_CURRENT", "PROMISED_FIRST", "PROMISED_LATEST", "APPOINTMENT_FIRST", "APPOINTMENT_LATEST"]
)
def test_without_another_day_the_one_asked_for_is_aimed_at(target: str) -> None:
    for lines in (NOTHING_SAID, NO_DAY):
        assert window_of(lines, target).opens == instant("2025-04-10T00:00", CHICAGO)


def test_promised_in_parts_is_promised_by_the_last_of_them() -> None:
    parts = (6, "2025-04-11"), (4, "2025-04-12"), (0, "2025-04-20")
    lines = order(line(10, confirmed("2025-03-20T10:00", 10, None, *parts)))
    assert window_of(lines, "PROMISED_FIRST").opens == instant("2025-04-12T00:00", CHICAGO)


def test_a_line_taken_out_keeps_its_day() -> None:
    lines = order(line(10, amended("2025-03-20T10:00", 10, day="2025-04-13"), amended("2025-03-21T10:00", 0)))
    assert window_of(lines, "REQUESTED_CURRENT").opens == instant("2025-04-10T00:00", CHICAGO)


def test_we_cannot_move_the_day_asked_for() -> None:
    assert window_of(OUR_CHANGE, "REQUESTED_CURRENT").opens == instant("2025-04-10T00:00", CHICAGO)


def test_a_target_is_as_it_was_known_then() -> None:
    """Rule 10: what is said later does not change what the score was."""
    rows = [
        ("REQUESTED_CURRENT", "2025-04-02T09:59:59", 10), ("REQUESTED_CURRENT", "2025-04-02T10:00:00", 13),
        ("PROMISED_LATEST", "2025-03-31T00:00:00", 11), ("PROMISED_LATEST", "2025-04-01T10:00:00", 12),
        ("PROMISED_FIRST", "2025-03-01T00:00:00", 10),
    ]  # fmt: skip
    for target, moment, day in rows:
        assert window_of(TARGETS, target, instant(moment, CHICAGO)).opens == instant(f"2025-04-{day}T00:00", CHICAGO)
    rebooked = order(
        line(10),
        deliveries=[
            delivery(
                "2025-04-10T09:30", 10,
                slots=[MORNING, slot("2025-04-11T09:00", "2025-04-11T10:00", booked_at="2025-04-10T12:00")],
            )
        ],
    )  # fmt: skip
    assert punctuality(rebooked, instant("2025-04-10T11:00", CHICAGO), **by_slot()) == ON_TIME
    assert punctuality(rebooked, instant("2025-04-10T12:00", CHICAGO), **by_slot()) == EARLY


IN_TIME, TOO_LATE = "2025-04-10T09:00", "2025-04-11T09:00"


def recorded(*records: tuple[ArrivalEvidence, str, Any], **more: Any) -> Any:
    return order(line(10), deliveries=[delivery(None, 10, records=records, **more)])


GATE_IN_TIME, GATE_LATE, CHECKED_LATE = (GATE, IN_TIME, CUSTOMER), (GATE, TOO_LATE, CUSTOMER), (CHECK_IN, TOO_LATE, CUSTOMER)
OUR_GATE = (GATE, IN_TIME, SUPPLIER)
PROVEN = order(line(10), deliveries=[delivery(IN_TIME, {"1": papers(proven=10)}, posted=TOO_LATE)])
POSTED = order(line(10), deliveries=[delivery(IN_TIME, 10, posted=TOO_LATE)])

EVIDENCE = [
    ("the first kind named", recorded(GATE_IN_TIME, CHECKED_LATE), ["GATE_ARRIVAL", "CHECK_IN"], ON_TIME),
    ("whichever came first", recorded(GATE_IN_TIME, CHECKED_LATE), ["CHECK_IN", "GATE_ARRIVAL"], LATE),
    ("the first that is available", recorded(CHECKED_LATE), ["GATE_ARRIVAL", "CHECK_IN"], LATE),
    ("the customer's record before ours", recorded(GATE_LATE, OUR_GATE), ["GATE_ARRIVAL"], LATE),
    ("the customer's record, heard later", recorded(OUR_GATE, GATE_LATE), ["GATE_ARRIVAL"], LATE),
    ("ours where there is no other", recorded(OUR_GATE), ["GATE_ARRIVAL"], ON_TIME),
    ("the kind before the side", recorded(CHECKED_LATE, OUR_GATE), ["GATE_ARRIVAL", "CHECK_IN"], ON_TIME),
    ("a record that was put right", recorded(GATE_LATE, GATE_IN_TIME), ["GATE_ARRIVAL"], ON_TIME),
    ("unloaded", recorded((ArrivalEvidence.UNLOAD_END, TOO_LATE, CUSTOMER)), ["UNLOAD_END"], LATE),
    ("ready", recorded((ArrivalEvidence.FREIGHT_READY, IN_TIME, SUPPLIER)), ["FREIGHT_READY"], ON_TIME),
    (
        "the carrier's date", recorded((ArrivalEvidence.CARRIER_REQUESTED_DATE, TOO_LATE, SUPPLIER)),
        ["CARRIER_REQUESTED_DATE"], LATE,
    ),
    ("a receipt posted", POSTED, ["RECEIPT_POSTED"], LATE),
    ("a proof signed", PROVEN, ["POD_SIGNED"], ON_TIME),
    ("no such record", recorded((CHECK_IN, IN_TIME, CUSTOMER)), ["GATE_ARRIVAL"], LATE),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "kinds", "found"), [row[1:] for row in EVIDENCE], ids=[row[0] for row in EVIDENCE])
def test_the_arrival_that_counts(lines: Any, kinds: list[str], found: str) -> None:
    assert punctuality(lines, arrivalEvidence=kinds) == found


def test_missing_evidence_is_late_once_the_window_has_closed() -> None:
    lines = order(line(10), deliveries=[delivery(None, 10, posted=IN_TIME)])
    assert punctuality(lines, instant("2025-04-11T04:59:59Z")) is None
    assert punctuality(lines, instant("2025-04-11T05:00:00Z")) == LATE


WALK_IN = order(line(10), deliveries=[delivery(IN_TIME, 10, posted="2025-04-12T08:00")])
WALK_IN_POSTED = order(line(10), deliveries=[delivery(IN_TIME, 10)])
WALK_IN_UNPOSTED = order(line(10), deliveries=[delivery(IN_TIME, {"1": papers(proven=10)})])
BOOKED = order(line(10), deliveries=[delivery(IN_TIME, 10, posted="2025-04-12T08:00", slots=[MORNING])])
WITHOUT = [
    ("IGNORE: it came", WALK_IN, "IGNORE", "10 of 10"),
    ("FAIL: it came in vain", WALK_IN, "FAIL", "0 of 10"),
    ("FAIL, posted on the day", WALK_IN_POSTED, "FAIL", "0 of 10"),
    ("FAIL with an appointment", BOOKED, "FAIL", "10 of 10"),
    ("RECEIPT_POSTED: the posting counts", WALK_IN, "RECEIPT_POSTED", "0 of 10"),
    ("RECEIPT_POSTED on the day", WALK_IN_POSTED, "RECEIPT_POSTED", "10 of 10"),
    ("RECEIPT_POSTED, never posted", WALK_IN_UNPOSTED, "RECEIPT_POSTED", "0 of 10"),
    ("RECEIPT_POSTED with an appointment", BOOKED, "RECEIPT_POSTED", "10 of 10"),
]


@pytest.mark.parametrize(("lines", "said", "expected"), [row[1:] for row in WITHOUT], ids=[row[0] for row in WITHOUT])
def test_without_an_appointment(lines: Any, said: str, expected: str) -> None:
    assert figure(lines, metric="OTIF", onTime={"withoutAppointment": said}) == of(expected)


def test_coming_too_early_without_an_appointment_fails_even_where_early_passes() -> None:
    early = order(line(10), deliveries=[delivery("2025-04-09T09:00", {"1": came(10)})])
    rule = {**EXACT_DAY, "earlyArrival": "PASS", "withoutAppointment": "FAIL"}
    assert figure(early, metric="OTIF", onTime=rule) == of("0 of 10")


def test_a_window_has_closed_when_nothing_can_be_in_time_any_more() -> None:
    end = instant("2025-04-10T16:00:00Z")
    half_a_second = instant("2025-04-10T16:00:00.500Z")
    day, slot_end = Window(None, end, closed=False), Window(None, end, closed=True)
    assert day.has_closed(end)
    assert not slot_end.has_closed(end)
    assert slot_end.punctuality(half_a_second) is Punctuality.ON_TIME
    assert not slot_end.has_closed(half_a_second)
    assert slot_end.has_closed(instant("2025-04-10T16:00:01Z"))


def test_the_builders_days_are_those_of_the_calendar() -> None:
    assert (date(2025, 9, 28).isoweekday(), date(2025, 10, 11).isoweekday(), date(2025, 4, 10).isoweekday()) == (7, 6, 4)
