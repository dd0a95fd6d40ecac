"""Rule 2: what is wanted of a line (D), by basis, cut-off, cancellations, rounding; lines with several places or days."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.domain.fill_rate.builders import (
    CHICAGO, SHANGHAI, SUPPLIER, Case, Pair, amended, cancelled, closed_short, came, confirmed, delivery, expired, figure, ids,
    instant, judged, line, of, of_case, order, policy, removed,
)  # fmt: skip

ON_THE_DAY = "2025-04-10T09:00"


def basis(name: str, cutoff: str = "PT0S", **more: object) -> dict[str, object]:
    return {"denominator": {"quantityBasis": name, "amendmentCutoff": cutoff, **more}}


# 100 ordered for 10 April; confirmed 90, amended to 80 on 8 April 12:00, confirmed 70, amended to 60 after the day.
CHANGED = order(
    line(
        100,
        confirmed("2025-03-20T10:00", 90),
        amended("2025-04-08T12:00", 80),
        confirmed("2025-04-08T15:00", 70),
        amended("2025-04-11T09:00", 60),
    ),
    deliveries=[delivery(ON_THE_DAY, 60)],
)
SUPPLIERS_CHANGE = order(line(100, amended("2025-04-01T10:00", 50, by=SUPPLIER)), deliveries=[delivery(ON_THE_DAY, 50)])
UNCONFIRMED = order(line(100), deliveries=[delivery(ON_THE_DAY, 60)])
# Heard in the wrong order: what was said last is what holds.
LATE_MAIL = order(
    line(100, amended("2025-04-05T10:00", 70), amended("2025-04-03T10:00", 90)), deliveries=[delivery(ON_THE_DAY, 60)]
)
# 2025-04-10T00:30 in Shanghai is 2025-04-09T16:30Z, half an hour after the cut-off there, long before midnight UTC.
NIGHT_MAIL = order(line(100, amended("2025-04-10T00:30", 60)), zone=SHANGHAI, deliveries=[delivery(ON_THE_DAY, 60)])
A_SECOND_LATE = order(line(100, amended("2025-04-08T12:00:01", 80)), deliveries=[delivery(ON_THE_DAY, 60)])
ADDED = order(line(10), line(5, added_at="2025-04-09T12:00"), deliveries=[delivery(ON_THE_DAY, 10)])
OTHER_UNIT = order(
    line(10, amended("2025-04-01T10:00", 60, eaches=True), pack=12),
    deliveries=[delivery(ON_THE_DAY, {"1": came(60, eaches=True)})],
)

NEVER_CONFIRMED = order(line(100, amended("2025-04-01T10:00", 80)), deliveries=[delivery(ON_THE_DAY, 60)])
REMOVED = order(line(10), line(5, removed("2025-04-01T10:00")), deliveries=[delivery(ON_THE_DAY, 10)])
REMOVED_REST = order(line(100, removed("2025-04-01T10:00", left=20)), deliveries=[delivery(ON_THE_DAY, 20)])
ADDED_AT = order(line(10), line(5, added_at="2025-04-08T00:00"), deliveries=[delivery(ON_THE_DAY, 10)])
SAME_INSTANT = order(
    line(100, amended("2025-04-05T10:00", 70), amended("2025-04-05T10:00", 90)), deliveries=[delivery(ON_THE_DAY, 60)]
)
SHORT_NOTICE = order(
    line(100, amended("2025-04-09T12:00", 60)), ordered_on="2025-04-09", deliveries=[delivery(ON_THE_DAY, 60)]
)

BASES = [
    Case("ORIGINAL is what was first asked for", CHANGED, "60 of 100", basis("ORIGINAL")),
    Case("FIRST_CONFIRMED", CHANGED, "60 of 90", basis("FIRST_CONFIRMED")),
    Case("LATEST_CONFIRMED", CHANGED, "60 of 70", basis("LATEST_CONFIRMED")),
    Case("LATEST_AMENDED, even after the day", CHANGED, "60 of 60", basis("LATEST_AMENDED")),
    Case("AMENDED_AT_CUTOFF at 00:00 of the day", CHANGED, "60 of 80", basis("AMENDED_AT_CUTOFF")),
    Case("AMENDED_AT_CUTOFF two days before", CHANGED, "60 of 100", basis("AMENDED_AT_CUTOFF", "P2D")),
    Case("exactly at the cut-off counts as before", CHANGED, "60 of 80", basis("AMENDED_AT_CUTOFF", "P1DT12H")),
    Case("a second later does not", A_SECOND_LATE, "60 of 100", basis("AMENDED_AT_CUTOFF", "P1DT12H")),
    Case("the cut-off is local time", NIGHT_MAIL, "60 of 100", basis("AMENDED_AT_CUTOFF")),
    Case("and the day before it in UTC", NIGHT_MAIL, "60 of 60", basis("LATEST_AMENDED")),
    Case("our own change does not alter it", SUPPLIERS_CHANGE, "50 of 100", basis("LATEST_AMENDED")),
    Case("nor at the cut-off", SUPPLIERS_CHANGE, "50 of 100", basis("AMENDED_AT_CUTOFF")),
    Case("what was said last holds, not what was heard last", LATE_MAIL, "60 of 70", basis("LATEST_AMENDED")),
    Case("no confirmation: ORIGINAL for the first", UNCONFIRMED, "60 of 100", basis("FIRST_CONFIRMED")),
    Case("no confirmation: ORIGINAL for the latest", UNCONFIRMED, "60 of 100", basis("LATEST_CONFIRMED")),
    Case("no confirmation of a line that was amended: ORIGINAL", NEVER_CONFIRMED, "60 of 100", basis("LATEST_CONFIRMED")),
    Case("two at one instant: the last heard", SAME_INSTANT, "60 of 90", basis("LATEST_AMENDED")),
    Case("taken out", REMOVED, "10 of 10", basis("LATEST_AMENDED")),
    Case("taken out after it was asked for", REMOVED, "10 of 15", basis("ORIGINAL")),
    Case("taken out but for what had gone", REMOVED_REST, "20 of 20", basis("LATEST_AMENDED")),
    Case("ordered after the cut-off: as it was ordered", SHORT_NOTICE, "60 of 100", basis("AMENDED_AT_CUTOFF", "P2D")),
    Case("a line added exactly at the cut-off was ordered then", ADDED_AT, "10 of 15", basis("AMENDED_AT_CUTOFF", "P2D")),
    Case("a line added after the cut-off was not ordered then", ADDED, "10 of 10", basis("AMENDED_AT_CUTOFF", "P2D")),
    Case("a line added before the cut-off was", ADDED, "10 of 15", basis("AMENDED_AT_CUTOFF")),
    Case("an added line's first quantity is its original", ADDED, "10 of 15", basis("ORIGINAL")),
    Case("an added line is in the latest amendment", ADDED, "10 of 15", basis("LATEST_AMENDED", "P2D")),
    Case("amended into another unit: through eaches", OTHER_UNIT, "5 of 5", basis("LATEST_AMENDED")),
    Case("delivered in another unit: through eaches", OTHER_UNIT, "5 of 10", basis("ORIGINAL")),
]


@pytest.mark.parametrize("row", BASES, **ids(BASES))
def test_the_basis_of_the_denominator(row: Case) -> None:
    assert of_case(row) == of(row.expected)


def test_an_amendment_counts_from_when_it_was_said() -> None:
    lines = order(line(100, amended("2025-04-12T12:00", 120)), deliveries=[delivery(ON_THE_DAY, 100)])
    latest = basis("LATEST_AMENDED")
    assert figure(lines, "2025-04-12T11:59:59", CHICAGO, **latest) == of("100 of 100")
    assert figure(lines, "2025-04-12T12:00:00", CHICAGO, **latest) == of("100 of 120")


def test_confirmations_and_cancellations_count_from_when_they_were_said() -> None:
    by_confirmation = order(line(100, confirmed("2025-04-12T12:00", 90)), deliveries=[delivery(ON_THE_DAY, 60)])
    by_customer = order(line(100, cancelled("2025-04-12T12:00", 10)), deliveries=[delivery(ON_THE_DAY, 60)])
    for lines, rule in ((by_confirmation, basis("FIRST_CONFIRMED")), (by_customer, basis("ORIGINAL"))):
        assert figure(lines, "2025-04-12T11:59:59", CHICAGO, **rule) == of("60 of 100")
        assert figure(lines, "2025-04-12T12:00:00", CHICAGO, **rule) == of("60 of 90")


def taken_off(*gone: object) -> list[object]:
    return order(line(100, *gone), deliveries=[delivery(ON_THE_DAY, 60)])  # type: ignore[arg-type,return-value]


def cancellation(**said: str) -> dict[str, object]:
    """The cut-off is 8 April 00:00 in Chicago."""
    return {"denominator": {"amendmentCutoff": "P2D", "cancellation": said}}


BEFORE, AT, AFTER = "2025-04-07T10:00", "2025-04-08T00:00:00", "2025-04-08T00:00:01"
FLOORED = order(
    line(100, amended("2025-04-01T10:00", 30), cancelled("2025-04-02T10:00", 50)), line(10),
    deliveries=[delivery(ON_THE_DAY, {"2": 10})],
)  # fmt: skip

CANCELLATIONS = [
    Case("customer, before", taken_off(cancelled(BEFORE, 40)), "60 of 60", cancellation()),
    Case("customer, before, kept", taken_off(cancelled(BEFORE, 40)), "60 of 100", cancellation(customerBeforeCutoff="KEEP")),
    Case("customer, after", taken_off(cancelled(AFTER, 40)), "60 of 60", cancellation()),
    Case("customer, after, kept", taken_off(cancelled(AFTER, 40)), "60 of 100", cancellation(customerAfterCutoff="KEEP")),
    Case("exactly at the cut-off is before", taken_off(cancelled(AT, 40)), "60 of 60", cancellation(customerAfterCutoff="KEEP")),
    Case("and so it is kept", taken_off(cancelled(AT, 40)), "60 of 100", cancellation(customerBeforeCutoff="KEEP")),
    Case("supplier: kept", taken_off(cancelled(BEFORE, 40, SUPPLIER)), "60 of 100", cancellation()),
    Case("supplier, taken off", taken_off(cancelled(BEFORE, 40, SUPPLIER)), "60 of 60", cancellation(supplier="EXCLUDE")),
    Case("closed short is the supplier's", taken_off(closed_short(AFTER, 40)), "60 of 100", cancellation()),
    Case("closed short, taken off", taken_off(closed_short(AFTER, 40)), "60 of 60", cancellation(supplier="EXCLUDE")),
    Case("expired: kept", taken_off(expired(AFTER, 40)), "60 of 100", cancellation(supplier="EXCLUDE")),
    Case("expired, taken off", taken_off(expired(AFTER, 40)), "60 of 60", cancellation(autoExpiry="EXCLUDE")),
    Case("each by its own rule", taken_off(cancelled(BEFORE, 10), cancelled(BEFORE, 20, SUPPLIER)), "60 of 90", cancellation()),
    Case("never below 0", FLOORED, "10 of 10", basis("LATEST_AMENDED")),
    Case(
        "after the confirmation: taken off it",
        taken_off(confirmed("2025-03-20T10:00", 90), cancelled("2025-04-01T10:00", 30)), "60 of 60", basis("FIRST_CONFIRMED"),
    ),
    Case(
        "before the confirmation: the confirmation knew",
        taken_off(cancelled("2025-03-10T10:00", 10), confirmed("2025-03-20T10:00", 90)), "60 of 90", basis("FIRST_CONFIRMED"),
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", CANCELLATIONS, **ids(CANCELLATIONS))
def test_what_cancellations_take_off(row: Case) -> None:
    assert of_case(row) == of(row.expected)


def rounding(kind: str, weight: str = "EACH", **more: object) -> dict[str, object]:
    return {"weightUnit": weight, "denominator": {"caseRounding": kind, **more}}


def eaches(quantity: int, *said: object, **more: object) -> list[object]:
    """Ordered in eaches, 24 a case; 240 came."""
    one = line(quantity, *said, eaches=True, pack=24, **more)  # type: ignore[arg-type]
    return order(one, deliveries=[delivery(ON_THE_DAY, 240)])  # type: ignore[return-value]


# 41 units of 6 are 246 eaches, 10 1/4 cases of 24.
UNITS_OF_6 = order(line(41, each=6, pack=24), deliveries=[delivery(ON_THE_DAY, 40)])
FRACTION = order(line("10.5", pack=24), deliveries=[delivery(ON_THE_DAY, 10)])
ROUNDINGS = [
    Case("NONE", eaches(250), "240 of 250", rounding("NONE")),
    Case("DOWN", eaches(250), "240 of 240", rounding("DOWN")),
    Case("UP", eaches(250), "240 of 264", rounding("UP")),
    Case("UP leaves whole cases", eaches(264), "240 of 264", rounding("UP")),
    Case("NEAREST, less than half", eaches(251), "240 of 240", rounding("NEAREST")),
    Case("NEAREST, half a case is up", eaches(252), "240 of 264", rounding("NEAREST")),
    Case("in cases", eaches(250), "10 of 11", rounding("UP", "CASE")),
    Case("what was ordered in cases is as it is", FRACTION, "10 of 21/2", rounding("UP", "CASE")),
    Case("an item without a case is as it is", eaches(250, case=False), "240 of 250", rounding("UP")),
    Case("another unit, UP", UNITS_OF_6, "240 of 264", rounding("UP")),
    Case("another unit, DOWN", UNITS_OF_6, "240 of 240", rounding("DOWN")),
    Case("another unit, in cases", UNITS_OF_6, "10 of 11", rounding("UP", "CASE")),
    Case("NONE after what was cancelled", eaches(250, cancelled(BEFORE, 5)), "240 of 245", rounding("NONE")),
    # 250 - 20 = 230 = 9.58 cases, so 216; rounded before, 240 - 20 = 220 would be left.
    Case("after what was cancelled", eaches(250, cancelled(BEFORE, 20)), "216 of 216", rounding("DOWN")),
]


@pytest.mark.parametrize("row", ROUNDINGS, **ids(ROUNDINGS))
def test_rounding_to_cases(row: Case) -> None:
    assert of_case(row) == of(row.expected)


TO_ZERO = amended("2025-04-01T10:00", 0)
ONE_OF_TWO_ZERO = order(
    line(50, pack=12, price=2), line(30, TO_ZERO), deliveries=[delivery(ON_THE_DAY, 50)]
)  # fmt: skip
ONLY_ZERO = order(line(20, TO_ZERO))
ZERO_AND_SHORT = order(line(50), line(30, TO_ZERO), deliveries=[delivery(ON_THE_DAY, 40)])

# weight, credit mode, with EXCLUDE, with COUNT_AS_FULL: first a full line and one of 0, then a line of 0 alone
ZEROS = [
    ("CASE", "PROPORTIONAL", ONE_OF_TWO_ZERO, "50 of 50", "50 of 50"),
    ("EACH", "PROPORTIONAL", ONE_OF_TWO_ZERO, "600 of 600", "600 of 600"),
    ("VALUE", "PROPORTIONAL", ONE_OF_TWO_ZERO, "100 of 100", "100 of 100"),
    ("LINE", "PROPORTIONAL", ONE_OF_TWO_ZERO, "1 of 1", "2 of 2"),
    ("LINE", "ALL_OR_NOTHING", ONE_OF_TWO_ZERO, "1 of 1", "2 of 2"),
    ("SKU_LOCATION", "PROPORTIONAL", ONE_OF_TWO_ZERO, "1 of 1", "2 of 2"),
    ("ORDER", "ALL_OR_NOTHING", ONE_OF_TWO_ZERO, "1 of 1", "1 of 1"),
    ("ORDER", "PROPORTIONAL", ZERO_AND_SHORT, "4/5 of 1", "4/5 of 1"),
    ("ORDER", "ALL_OR_NOTHING", ZERO_AND_SHORT, "0 of 1", "0 of 1"),
    ("CASE", "PROPORTIONAL", ONLY_ZERO, "0 of 0", "0 of 0"),
    ("EACH", "PROPORTIONAL", ONLY_ZERO, "0 of 0", "0 of 0"),
    ("VALUE", "ALL_OR_NOTHING", ONLY_ZERO, "0 of 0", "0 of 0"),
    ("LINE", "ALL_OR_NOTHING", ONLY_ZERO, "0 of 0", "1 of 1"),
    ("SKU_LOCATION", "ALL_OR_NOTHING", ONLY_ZERO, "0 of 0", "1 of 1"),
    ("ORDER", "ALL_OR_NOTHING", ONLY_ZERO, "0 of 0", "1 of 1"),
    ("ORDER", "PROPORTIONAL", ONLY_ZERO, "0 of 0", "1 of 1"),
]


@pytest.mark.parametrize(("weight", "mode", "lines", "excluded", "full"), ZEROS)
def test_a_line_of_quantity_0(weight: str, mode: str, lines: list[object], excluded: str, full: str) -> None:
    def asked(zero: str) -> Pair:
        return figure(  # type: ignore[arg-type]
            lines, weightUnit=weight, creditMode=mode, **basis("LATEST_AMENDED", zeroQuantityLine=zero)
        )

    assert asked("EXCLUDE") == of(excluded)
    assert asked("COUNT_AS_FULL") == of(full)


OTIF = {"metric": "OTIF"}
LINES_WHOLE = {"weightUnit": "LINE", "creditMode": "ALL_OR_NOTHING"}
TWO_PLACES = {"S1": 60, "S2": 40}
TO_TWO_PLACES = order(
    line(100, places=TWO_PLACES),
    deliveries=[delivery(ON_THE_DAY, 70, place="S1"), delivery(ON_THE_DAY, 30, place="S2")],
)
TWO_DAYS = {"2025-04-10": 60, "2025-04-12": 40}
AS_ASKED = order(line(100, days=TWO_DAYS), deliveries=[delivery(ON_THE_DAY, 60), delivery("2025-04-12T09:00", 40)])
CAUGHT_UP = order(line(100, days=TWO_DAYS), deliveries=[delivery(ON_THE_DAY, 50), delivery("2025-04-12T09:00", 50)])
AT_ONCE = order(line(100, days=TWO_DAYS), deliveries=[delivery(ON_THE_DAY, 100)])
MORE_PLACES = amended("2025-04-01T10:00", 150, places={"dc-1": 100, "S2": 50})
PLACE_ADDED = order(
    line(100, MORE_PLACES), deliveries=[delivery(ON_THE_DAY, 100, place="dc-1"), delivery(ON_THE_DAY, 50, place="S2")]
)
PLACE_ADDED_ALL_CANCELLED = order(
    line(100, MORE_PLACES, cancelled("2025-04-02T10:00", 150)), line(10), deliveries=[delivery(ON_THE_DAY, {"2": 10})]
)
LAST_CANCELLED = order(
    line(100, cancelled("2025-04-02T10:00", 40), places=TWO_PLACES), deliveries=[delivery(ON_THE_DAY, 60, place="S1")]
)
# The cut-offs are 8 and 10 April 00:00: on the 9th the customer is late for the first part only.
CUT_OFF_OF_EACH = order(
    line(100, cancelled("2025-04-09T10:00", 100), days=TWO_DAYS), deliveries=[delivery(ON_THE_DAY, 60)]
)
PLACE_GONE = order(
    line(100, amended("2025-04-01T10:00", 60, places={"S1": 60}), places=TWO_PLACES),
    deliveries=[delivery(ON_THE_DAY, 60, place="S1")],
)
CONFIRMED_IN_PART = order(line(100, confirmed("2025-03-20T10:00", 70), places=TWO_PLACES))

TWO_CANCELLED = order(
    line(100, cancelled("2025-04-02T10:00", 40), cancelled("2025-04-03T10:00", 30), places=TWO_PLACES),
    deliveries=[delivery(ON_THE_DAY, 30, place="S1")],
)


def confirming(quantity: int) -> list[object]:
    """All of it to S1 but 10."""
    return order(  # type: ignore[return-value]
        line(100, confirmed("2025-03-20T10:00", quantity), places=TWO_PLACES),
        deliveries=[delivery(ON_THE_DAY, quantity - 10, place="S1"), delivery(ON_THE_DAY, 10, place="S2")],
    )


# First S2, later S3 before it; at the cut-off there was S2 only.
EVER_MORE = order(
    line(
        100,
        amended("2025-04-01T10:00", 150, places={"dc-1": 100, "S2": 50}),
        amended("2025-04-09T10:00", 180, places={"S3": 30, "S2": 50, "dc-1": 100}),
    ),
    deliveries=[delivery(ON_THE_DAY, n, place=place) for place, n in (("dc-1", 100), ("S2", 50), ("S3", 30))],
)
REST_TAKEN_OUT = order(
    line(100, removed("2025-04-01T10:00", left=20), places=TWO_PLACES),
    deliveries=[delivery(ON_THE_DAY, 12, place="S1"), delivery(ON_THE_DAY, 8, place="S2")],
)

SEVERAL = [
    Case("too much at one place does not help another", TO_TWO_PLACES, "90 of 100"),
    Case("each place is judged by itself", TO_TWO_PLACES, "1 of 2", LINES_WHOLE),
    Case("a place and item is one weight", TO_TWO_PLACES, "7/4 of 2", {"weightUnit": "SKU_LOCATION"}),
    Case("each day has its share", AS_ASKED, "100 of 100", OTIF),
    Case("each day may pass whole", AS_ASKED, "2 of 2", {**OTIF, **LINES_WHOLE}),
    Case("the later delivery first fills what was short", CAUGHT_UP, "100 of 100"),
    Case("what was short came late, the rest in time", CAUGHT_UP, "90 of 100", OTIF),
    Case("all at once is too early for the later day", AT_ONCE, "60 of 100", {**OTIF, "onTime": {"earliestDays": 0}}),
    Case("a place added later is in no original quantity", PLACE_ADDED, "100 of 100", basis("ORIGINAL")),
    Case("a place added later is in the amended quantity", PLACE_ADDED, "150 of 150", basis("LATEST_AMENDED")),
    Case("all parts can be cancelled", PLACE_ADDED_ALL_CANCELLED, "10 of 10", basis("LATEST_AMENDED")),
    Case("then of the one before", TWO_CANCELLED, "1 of 1", LINES_WHOLE),
    Case("what is confirmed fills the parts in order", confirming(70), "70 of 70", basis("FIRST_CONFIRMED")),
    Case("and the rest is the last's", confirming(120), "70 of 120", basis("FIRST_CONFIRMED")),
    Case("places of another amendment", EVER_MORE, "150 of 150", basis("AMENDED_AT_CUTOFF", "P2D")),
    Case("places of the latest amendment", EVER_MORE, "180 of 180", basis("LATEST_AMENDED")),
    Case("taken out but for what had gone, in parts", REST_TAKEN_OUT, "20 of 20", basis("LATEST_AMENDED")),
    Case("cancelled of the last part first", LAST_CANCELLED, "1 of 1", LINES_WHOLE),
    Case("each part has its cut-off", CUT_OFF_OF_EACH, "60 of 60", cancellation(customerAfterCutoff="KEEP")),
    Case("a place taken out", PLACE_GONE, "60 of 60", basis("LATEST_AMENDED")),
    Case("a place taken out was asked for", PLACE_GONE, "60 of 100", basis("ORIGINAL")),
    Case(
        "what is confirmed is shared alike in D and as evidence", CONFIRMED_IN_PART, "70 of 70",
        {"inFull": {"quantityEvidence": ["CONFIRMATION"]}, **basis("LATEST_CONFIRMED")},
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", SEVERAL, **ids(SEVERAL))
def test_lines_with_several_places_or_days(row: Case) -> None:
    assert of_case(row) == of(row.expected)


# S1 and S2 on the 10th; then S2 on the 13th, S3 instead of S1, named the other way round.
MOVED = order(
    line(
        100,
        amended("2025-04-01T10:00", 100, parts=[("S2", "2025-04-13", 40), ("S3", "2025-04-14", 60)]),
        parts=[("S1", "2025-04-10", 60), ("S2", "2025-04-10", 40)],
    )
)
# Two days at one place; the days were swapped in the telling, and one moved.
SWAPPED = order(
    line(
        100,
        amended("2025-04-01T10:00", 100, days={"2025-04-12": 40, "2025-04-15": 60}),
        days={"2025-04-10": 60, "2025-04-12": 40},
    )
)


@pytest.mark.parametrize(
    ("lines", "days"), [(MOVED, ["2025-04-14", "2025-04-13"]), (SWAPPED, ["2025-04-15", "2025-04-12"])]
)
def test_a_part_is_known_again_by_place_and_day_then_by_place_then_as_what_is_left(lines: list[object], days: list[str]) -> None:
    found = judged(lines, policy(onTime={"target": "REQUESTED_CURRENT", "earliestDays": 0}))  # type: ignore[arg-type]
    assert [one.window.opens for one in found] == [instant(f"{day}T00:00", CHICAGO) for day in days]


def test_a_place_without_a_zone_is_in_utc() -> None:
    (one,) = order(line(10), deliveries=[delivery("2025-04-10T23:59:59Z", 10)])
    bare = replace(one, original=replace(one.original, schedule=(replace(one.original.schedule[0], zone=None),)))
    assert figure([bare], metric="OTIF") == of("10 of 10")
    late = order(line(10), deliveries=[delivery("2025-04-11T00:00:00Z", 10)])
    bare = replace(late[0], original=bare.original)
    assert figure([bare], metric="OTIF") == of("0 of 10")
