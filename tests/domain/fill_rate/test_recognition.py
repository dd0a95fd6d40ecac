"""Rules 8 and 9: what is excluded by whose authority, and from when on a line counts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.domain.fill_rate.builders import (
    AFTERWARDS, CHICAGO, CUSTOMER, SUPPLIER, Case, amended, cancelled, closed_short, confirmed, delivery, expired, figure, ids,
    judged, line, of, of_case, order, papers, policy, refused, slot, unnamed,
)  # fmt: skip

ON_THE_DAY, DAY_AFTER = "2025-04-10T09:00", "2025-04-11T09:00"
OTIF = {"metric": "OTIF"}
ORDER_WHOLE = {"weightUnit": "ORDER", "creditMode": "ALL_OR_NOTHING"}


def excused(*exclusions: tuple[str, Any]) -> Any:
    """Two orders: 60 late and excused, 40 in time."""
    return [
        *order(line(60), exclusions=exclusions, deliveries=[delivery(DAY_AFTER, 60)]),
        *order(line(40), name="PO2", deliveries=[delivery(ON_THE_DAY, 40)]),
    ]


def allowing(authority: str = "CUSTOMER_GRANTED", **effects: str) -> dict[str, Any]:
    return {**OTIF, "exclusions": effects, "exclusionAuthority": authority}


GRANTED, CLAIMED = excused(("RECALL", CUSTOMER)), excused(("RECALL", SUPPLIER))
BOTH = excused(("RECALL", CUSTOMER), ("IMPORT", CUSTOMER))
ONE_LINE = order(
    line(60, exclusions=(("RECALL", CUSTOMER, None),)), line(40), deliveries=[delivery(ON_THE_DAY, {"2": 40})]
)
WHOLE_ORDER = order(line(60), line(40), exclusions=[("RECALL", CUSTOMER)], deliveries=[delivery(DAY_AFTER, {"1": 60})])
SHORT_PASSED = order(line(60), exclusions=[("RECALL", CUSTOMER)], deliveries=[delivery(ON_THE_DAY, 10)])

EXCLUSIONS = [
    Case("EXCLUDE, granted by the customer", GRANTED, "40 of 40", allowing(RECALL="EXCLUDE")),
    Case("a code that the policy does not name", GRANTED, "40 of 100", allowing(IMPORT="EXCLUDE")),
    Case("no codes at all", GRANTED, "40 of 100", OTIF),
    Case("claimed by us only", CLAIMED, "40 of 100", allowing(RECALL="EXCLUDE")),
    Case("ANY takes our word", CLAIMED, "40 of 40", allowing("ANY", RECALL="EXCLUDE")),
    Case("ANY takes theirs too", GRANTED, "40 of 40", allowing("ANY", RECALL="EXCLUDE")),
    Case("PASS gives full credit", GRANTED, "100 of 100", allowing(RECALL="PASS")),
    Case("PASS claimed by us only", CLAIMED, "40 of 100", allowing(RECALL="PASS")),
    Case("PASS of a short line", SHORT_PASSED, "60 of 60", {**allowing(RECALL="PASS"), "metric": "FILL"}),
    Case("PASS of a short line, whole", SHORT_PASSED, "1 of 1", {**allowing(RECALL="PASS"), "metric": "FILL", **ORDER_WHOLE}),
    Case("EXCLUDE before PASS", BOTH, "40 of 40", allowing(RECALL="PASS", IMPORT="EXCLUDE")),
    Case("EXCLUDE before PASS, the other way round", BOTH, "40 of 40", allowing(RECALL="EXCLUDE", IMPORT="PASS")),
    Case("of one line only", ONE_LINE, "40 of 40", allowing(RECALL="EXCLUDE")),
    Case("an excluded line fails no order", ONE_LINE, "1 of 1", {**allowing(RECALL="EXCLUDE"), **ORDER_WHOLE}),
    Case("a passed line fails no order", ONE_LINE, "1 of 1", {**allowing(RECALL="PASS"), **ORDER_WHOLE}),
    Case("otherwise it does", ONE_LINE, "0 of 1", {**OTIF, **ORDER_WHOLE}),
    Case("an order without a line that counts leaves", WHOLE_ORDER, "0 of 0", {**allowing(RECALL="EXCLUDE"), **ORDER_WHOLE}),
    Case("and there is no rate", WHOLE_ORDER, "0 of 0", allowing(RECALL="EXCLUDE")),
]


@pytest.mark.parametrize("row", EXCLUSIONS, **ids(EXCLUSIONS))
def test_exclusions(row: Case) -> None:
    assert of_case(row) == of(row.expected)


def test_an_exclusion_applies_from_when_it_was_granted() -> None:
    lines = order(line(60, exclusions=(("RECALL", CUSTOMER, "2025-04-20T10:00"),)), deliveries=[delivery(DAY_AFTER, 60)])
    rule = allowing(RECALL="EXCLUDE")
    assert figure(lines, "2025-04-20T09:59:59", CHICAGO, **rule) == of("0 of 60")
    assert figure(lines, "2025-04-20T10:00:00", CHICAGO, **rule) == of("0 of 0")


def test_the_reason_is_told() -> None:
    (one, other) = judged(GRANTED, policy(**allowing(RECALL="EXCLUDE")))
    assert (one.status, one.exclusion, other.exclusion) == ("EXCLUDED", "RECALL", None)
    (one, _) = judged(GRANTED, policy(**allowing(IMPORT="EXCLUDE")))
    assert (one.status, one.exclusion) == ("COUNTED", None)
    (one, _) = judged(GRANTED, policy(**allowing(RECALL="PASS")))
    assert (one.status, one.exclusion, one.passed) == ("COUNTED", "RECALL", True)


# Chicago's 10 April ends at 05:00Z on the 11th.
BEFORE_CLOSE, CLOSE = "2025-04-11T04:59:59Z", "2025-04-11T05:00:00Z"
NOTHING_CAME = order(line(100))
FULL = order(line(100), deliveries=[delivery("2025-04-10T09:00", 100)])
LATE = order(line(100), deliveries=[delivery(DAY_AFTER, 100)])
FRESH = {"onTime": {"windowKind": "TIME_OF_DAY", "timeOfDay": "11:00"}}  # 16:00Z
LEFT, SATURDAY = "2025-04-09T09:00", slot("2025-04-12T09:00", "2025-04-12T10:00")
SLOTTED = order(line(100), deliveries=[delivery(None, {"1": papers(shipped=100)}, dispatched=LEFT, slots=[SATURDAY])])
BY_SLOT = {"onTime": {"windowKind": "SLOT", "target": "APPOINTMENT_LATEST"}, "inFull": {"quantityEvidence": ["RECEIVING_ADVICE"]}}
ONE_TO_COME = order(line(10), line(20, days={"2025-04-14": 20}), deliveries=[delivery(ON_THE_DAY, {"1": 10})])
PROMISED = order(line(100, confirmed("2025-03-01T10:00", 70)))
CONFIRMATION = {"inFull": {"quantityEvidence": ["CONFIRMATION"]}}

RECEIVED = {"inFull": {"quantityEvidence": ["RECEIVING_ADVICE"]}}
TWO_SLOTS = order(
    line(100, places={"S1": 60, "S2": 40}),
    deliveries=[
        delivery(None, {"1": unnamed(60)}, place="S1", dispatched=LEFT, slots=[SATURDAY]),
        delivery(None, {"1": unnamed(40)}, place="S2", dispatched=LEFT, slots=[slot("2025-04-14T09:00", "2025-04-14T10:00")]),
    ],
)  # fmt: skip

BACK = (refused(10, SUPPLIER, "DAMAGED"),)
# All of it left the day before; what says that it is there?
HERE = {
    "an arrival": order(line(100), deliveries=[delivery(ON_THE_DAY, {"1": papers(shipped=100)})]),
    "an advice": order(line(100), deliveries=[delivery(None, 100, posted=ON_THE_DAY, dispatched=LEFT)]),
    "a proof": order(line(100), deliveries=[delivery(None, {"1": papers(proven=100)}, posted=ON_THE_DAY, dispatched=LEFT)]),
    "a refusal": order(
        line(100), deliveries=[delivery(None, {"1": papers(shipped=110, refused=BACK)}, posted=ON_THE_DAY, dispatched=LEFT)]
    ),
}

CLOSES = [
    Case("nothing came, a second before the window closes", NOTHING_CAME, "0 of 0", at=BEFORE_CLOSE),
    Case("nothing came, the window has closed", NOTHING_CAME, "0 of 100", at=CLOSE),
    Case("in full before the window closes", FULL, "100 of 100", at="2025-04-10T14:00:00Z"),
    Case("it has left, but not come", FULL, "0 of 0", at="2025-04-10T13:59:59Z"),
    Case("it has left: not late as long as it may come in time", FULL, "0 of 0", OTIF, at="2025-04-10T13:59:59Z"),
    Case("late: counts 0 until it comes", LATE, "0 of 100", RECEIVED, at="2025-04-11T13:59:59Z"),
    Case("late: restated when it comes", LATE, "100 of 100", RECEIVED, at="2025-04-11T14:00:00Z"),
    Case("late stays late", LATE, "0 of 100", OTIF, at="2025-04-11T14:00:00Z"),
    Case("ON_TIME: nothing came", NOTHING_CAME, "0 of 0", {"metric": "ON_TIME"}, at=CLOSE),
    Case("a line by count, pending", NOTHING_CAME, "0 of 0", {"weightUnit": "LINE"}, at=BEFORE_CLOSE),
    Case("a line by count, closed", NOTHING_CAME, "0 of 1", {"weightUnit": "LINE"}, at=CLOSE),
    Case("a grace day keeps it open", NOTHING_CAME, "0 of 0", {"onTime": {"latestDays": 1}}, at="2025-04-12T04:59:59Z"),
    Case("the end of a closed window is in it", NOTHING_CAME, "0 of 0", FRESH, at="2025-04-10T16:00:00Z"),
    Case("all of that second", NOTHING_CAME, "0 of 0", FRESH, at="2025-04-10T16:00:00.500Z"),
    Case("a second later it has closed", NOTHING_CAME, "0 of 100", FRESH, at="2025-04-10T16:00:01Z"),
    Case("a slot keeps it open", SLOTTED, "0 of 0", BY_SLOT, at="2025-04-12T15:00:00Z"),
    Case("until it is over", SLOTTED, "0 of 100", BY_SLOT, at="2025-04-12T15:00:01Z"),
    Case("each place waits for its own slot", TWO_SLOTS, "0 of 60", BY_SLOT, at="2025-04-13T12:00Z"),
    Case("other lines count", ONE_TO_COME, "10 of 10", at="2025-04-12T12:00Z"),
    Case("an order waits for all its lines", ONE_TO_COME, "0 of 0", {"weightUnit": "ORDER"}, at="2025-04-12T12:00Z"),
    Case("and then counts", ONE_TO_COME, "1/3 of 1", {"weightUnit": "ORDER"}, at="2025-04-15T05:00Z"),
    Case("what was promised alone does not count", PROMISED, "0 of 0", at="2025-03-02T12:00Z"),
    *(Case(f"it has come: {said}", lines, "100 of 100", at="2025-04-10T15:00Z") for said, lines in HERE.items()),
    *(Case(f"not yet: {said}", lines, "0 of 0", at="2025-04-10T13:00Z") for said, lines in HERE.items()),
    Case("what was promised counts when it is", PROMISED, "70 of 100", CONFIRMATION, at="2025-03-02T12:00Z"),
    Case("not before", PROMISED, "0 of 0", CONFIRMATION, at="2025-03-01T12:00Z"),
]


@pytest.mark.parametrize("row", CLOSES, **ids(CLOSES))
def test_recognition_when_the_window_closes(row: Case) -> None:
    assert of_case(row) == of(row.expected)


ORDER_CLOSE = {"period": {"recogniseAt": "ORDER_CLOSE"}}
SHORT_OPEN = order(line(100), deliveries=[delivery(ON_THE_DAY, 60)])
SHORT_CLOSED = order(line(100, closed_short("2025-04-20T10:00", 40)), deliveries=[delivery(ON_THE_DAY, 60)])
SHORT_EXPIRED = order(line(100, expired("2025-04-20T10:00", 40)), deliveries=[delivery(ON_THE_DAY, 60)])
OTHER_OPEN = order(line(10), line(20), deliveries=[delivery(ON_THE_DAY, {"1": 10})])
AMENDED_CLOSED = order(line(100, amended("2025-04-01T10:00", 60)), deliveries=[delivery(ON_THE_DAY, 60)])
AMENDED_OPEN = order(line(60, amended("2025-04-01T10:00", 100)), deliveries=[delivery(ON_THE_DAY, 60)])
OUR_CHANGE = order(line(100, amended("2025-04-01T10:00", 60, by=SUPPLIER)), deliveries=[delivery(ON_THE_DAY, 60)])
GIVEN_UP = order(line(100, cancelled("2025-03-01T10:00", 100, SUPPLIER)))
ON_ITS_WAY = order(line(100), deliveries=[delivery(ON_THE_DAY, 100, dispatched="2025-04-08T09:00")])

ORDER_CLOSES = [
    Case("the window closes, the order does not", SHORT_OPEN, "0 of 0", ORDER_CLOSE),
    Case("at the close of the window it would count", SHORT_OPEN, "60 of 100"),
    Case("before it is closed short", SHORT_CLOSED, "0 of 0", ORDER_CLOSE, at="2025-04-20T14:59:59Z"),
    Case("closed short", SHORT_CLOSED, "60 of 100", ORDER_CLOSE, at="2025-04-20T15:00:00Z"),
    Case("expired", SHORT_EXPIRED, "60 of 100", ORDER_CLOSE),
    Case("all of it came", FULL, "100 of 100", ORDER_CLOSE, at="2025-04-10T14:00:00Z"),
    Case("another line of the order is open", OTHER_OPEN, "0 of 0", ORDER_CLOSE),
    Case("all of what was amended to came", AMENDED_CLOSED, "60 of 100", ORDER_CLOSE),
    Case("more was amended to", AMENDED_OPEN, "0 of 0", ORDER_CLOSE),
    Case("our change closes nothing", OUR_CHANGE, "0 of 0", ORDER_CLOSE),
    Case("given up before its day", GIVEN_UP, "0 of 100", ORDER_CLOSE, at="2025-03-01T16:00Z"),
    Case("given up, by its day", GIVEN_UP, "0 of 0", at="2025-03-01T16:00Z"),
    Case("all has left: not 0 while it is on its way", ON_ITS_WAY, "0 of 0", {**ORDER_CLOSE, **OTIF}, at="2025-04-09T12:00Z"),
    Case("it came", ON_ITS_WAY, "100 of 100", {**ORDER_CLOSE, **OTIF}, at="2025-04-10T14:00Z"),
]


@pytest.mark.parametrize("row", ORDER_CLOSES, **ids(ORDER_CLOSES))
def test_recognition_when_the_order_closes(row: Case) -> None:
    assert of_case(row) == of(row.expected)


def test_what_never_came_counts_at_the_close_of_the_window_though_all_has_left() -> None:
    lost = order(line(100), deliveries=[delivery(None, {"1": papers(shipped=100)}, dispatched="2025-04-08T09:00")])
    rule = {**ORDER_CLOSE, "inFull": {"quantityEvidence": ["RECEIVING_ADVICE"]}}
    assert figure(lost, BEFORE_CLOSE, **rule) == of("0 of 0")
    assert figure(lost, CLOSE, **rule) == of("0 of 100")
    assert figure(lost, AFTERWARDS, **rule) == of("0 of 100")


def test_an_open_order_makes_pending_only_what_would_count() -> None:
    lines = order(
        line(10, exclusions=(("RECALL", CUSTOMER, None),)), line(10, amended("2025-04-01T10:00", 0)), line(10), line(20),
        deliveries=[delivery(ON_THE_DAY, {"3": 10})],
    )  # fmt: skip
    rule = {"exclusions": {"RECALL": "EXCLUDE"}, "denominator": {"quantityBasis": "LATEST_AMENDED"}, **ORDER_CLOSE}
    assert [one.status for one in judged(lines, policy(**rule))] == ["EXCLUDED", "ZERO", "PENDING", "PENDING"]
