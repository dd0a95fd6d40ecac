"""Rules 5, 6 and 7: which deliveries are admitted, what a line earns, what it weighs."""

from __future__ import annotations

from typing import Any

import pytest

from domain.fill_rate.credit import Ratio, contributions
from domain.fill_rate.figures import percent
from tests.domain.fill_rate.builders import (
    CUSTOMER, SUPPLIER, Case, amended, came, delivery, ids, judged, line, of, of_case, order, papers, policy, refused, slot,
)  # fmt: skip

ON_THE_DAY, DAY_AFTER = "2025-04-10T09:00", "2025-04-11T09:00"
OTIF, ON_TIME = {"metric": "OTIF"}, {"metric": "ON_TIME"}
FIRST_ONLY, ALL_ON_TIME = {"splitDeliveries": "FIRST_ONLY"}, {"splitDeliveries": "ALL_ON_TIME"}
LINE, LINE_WHOLE = {"weightUnit": "LINE"}, {"weightUnit": "LINE", "creditMode": "ALL_OR_NOTHING"}
ORDER, ORDER_WHOLE = {"weightUnit": "ORDER"}, {"weightUnit": "ORDER", "creditMode": "ALL_OR_NOTHING"}

SPLIT = order(line(100), deliveries=[delivery(ON_THE_DAY, 60), delivery(DAY_AFTER, 40)])
LISTED_BACKWARDS = order(line(100), deliveries=[delivery(DAY_AFTER, 40), delivery(ON_THE_DAY, 60)])
LINE_BY_LINE = order(
    line(50), line(50), deliveries=[delivery(ON_THE_DAY, {"1": 50}), delivery("2025-04-10T15:00", {"2": 50})]
)
SECOND_LINE_LATE = order(
    line(50), line(50), deliveries=[delivery(ON_THE_DAY, {"1": 50, "2": 30}), delivery(DAY_AFTER, {"2": 20})]
)
LATE_IN_VAIN = order(
    line(50), deliveries=[delivery(ON_THE_DAY, 50), delivery(DAY_AFTER, {"1": came(0, refused(5, SUPPLIER, "DAMAGED"))})]
)
EARLY_TOO = order(line(100), deliveries=[delivery("2025-04-09T09:00", 60), delivery(ON_THE_DAY, 40)])
UNKNOWN_FIRST = order(
    line(100), deliveries=[delivery(None, 40, dispatched="2025-04-05T09:00", posted=ON_THE_DAY), delivery(ON_THE_DAY, 60)]
)
WALKED_IN_FIRST = order(
    line(100),
    deliveries=[delivery(ON_THE_DAY, 60), delivery(DAY_AFTER, 40, slots=[slot("2025-04-11T08:00", "2025-04-11T10:00")])],
)
EXACT_DAY = {"onTime": {"earliestDays": 0}}

SPLITS = [
    Case("ACCUMULATE: all that came", SPLIT, "100 of 100"),
    Case("ACCUMULATE: all that came in time", SPLIT, "60 of 100", OTIF),
    Case("FIRST_ONLY", SPLIT, "60 of 100", FIRST_ONLY),
    Case("FIRST_ONLY, in time", SPLIT, "60 of 60", {**ON_TIME, **FIRST_ONLY}),
    Case("FIRST_ONLY is the first by arrival, not the first listed", LISTED_BACKWARDS, "60 of 100", FIRST_ONLY),
    Case("FIRST_ONLY is the first against the order, not the line", LINE_BY_LINE, "50 of 100", FIRST_ONLY),
    Case("what nobody saw arrive comes after what was seen", UNKNOWN_FIRST, "60 of 100", FIRST_ONLY),
    Case(
        "it came first even if it came without an appointment", WALKED_IN_FIRST, "60 of 100",
        {**FIRST_ONLY, "onTime": {"withoutAppointment": "FAIL"}},
    ),
    Case("ALL_ON_TIME: one part late, no credit", SPLIT, "0 of 100", {**OTIF, **ALL_ON_TIME}),
    Case("ALL_ON_TIME: no credit for FILL either", SPLIT, "0 of 100", ALL_ON_TIME),
    Case("ALL_ON_TIME: nor for ON_TIME", SPLIT, "0 of 100", {**ON_TIME, **ALL_ON_TIME}),
    Case("ALL_ON_TIME is for each line", SECOND_LINE_LATE, "50 of 100", {**OTIF, **ALL_ON_TIME}),
    Case("ALL_ON_TIME: early is not on time", EARLY_TOO, "0 of 100", {**OTIF, **ALL_ON_TIME, **EXACT_DAY}),
    Case("ALL_ON_TIME: what does not count spoils nothing", LATE_IN_VAIN, "50 of 50", {**OTIF, **ALL_ON_TIME}),
]  # fmt: skip


@pytest.mark.parametrize("row", SPLITS, **ids(SPLITS))
def test_split_deliveries(row: Case) -> None:
    assert of_case(row) == of(row.expected)


def one(quantity: int, wanted: int = 100) -> Any:
    return order(line(wanted), deliveries=[delivery(ON_THE_DAY, quantity)])


def whole(under: tuple[str, str] | None = None, over: tuple[str, str | None, str] | None = None) -> dict[str, Any]:
    """ALL_OR_NOTHING by line with these tolerances."""
    said: dict[str, Any] = {}
    if under:
        said["underTolerance"] = dict(zip(("kind", "value"), under, strict=True))
    if over:
        said["overTolerance"] = dict(zip(("kind", "value", "onExceed"), over, strict=True))
    return {**LINE_WHOLE, "inFull": said}


TOO_MUCH_LATE = order(line(100), deliveries=[delivery(ON_THE_DAY, 100), delivery(DAY_AFTER, 20)])
OVER_AND_SHORT = order(line(100), line(100), deliveries=[delivery(ON_THE_DAY, {"1": 80, "2": 120})])

CREDITS = [
    Case("PROPORTIONAL is capped line by line", OVER_AND_SHORT, "180 of 200"),
    Case("PROPORTIONAL of a line", OVER_AND_SHORT, "9/5 of 2", LINE),
    Case("ALL_OR_NOTHING: one short", one(99), "0 of 1", whole()),
    Case("ALL_OR_NOTHING: exactly", one(100), "1 of 1", whole()),
    Case("ALL_OR_NOTHING in cases: the whole line", one(100), "100 of 100", {"creditMode": "ALL_OR_NOTHING"}),
    Case("ALL_OR_NOTHING in cases: nothing", one(99), "0 of 100", {"creditMode": "ALL_OR_NOTHING"}),
    Case("2 % under is allowed, exactly", one(98), "1 of 1", whole(("PERCENT", "2"))),
    Case("more than 2 % is not", one(97), "0 of 1", whole(("PERCENT", "2"))),
    Case("2 % of 90", order(line(90), deliveries=[delivery(ON_THE_DAY, 88)]), "0 of 1", whole(("PERCENT", "2"))),
    Case("3 under is allowed, exactly", one(47, 50), "1 of 1", whole(("ABSOLUTE", "3"))),
    Case("4 under is not", one(46, 50), "0 of 1", whole(("ABSOLUTE", "3"))),
    Case("credit of a tolerated line is whole", one(98), "100 of 100", {**whole(("PERCENT", "2")), "weightUnit": "CASE"}),
    Case("PROPORTIONAL knows no tolerance", one(98), "98 of 100", {"inFull": {"underTolerance": {"value": "2"}}}),
    Case("over: blank is not evaluated", one(150), "1 of 1", whole(over=("PERCENT", None, "CAP"))),
    Case("over: 0 allows none", one(101), "0 of 1", whole(over=("PERCENT", "0", "FAIL"))),
    Case("over: 0 allows what was ordered", one(100), "1 of 1", whole(over=("PERCENT", "0", "FAIL"))),
    Case("over: CAP forgives", one(101), "1 of 1", whole(over=("PERCENT", "0", "CAP"))),
    Case("over: 5 % exactly", one(105), "1 of 1", whole(over=("PERCENT", "5", "FAIL"))),
    Case("over: more than 5 %", one(106), "0 of 1", whole(over=("PERCENT", "5", "FAIL"))),
    Case("over: 4 exactly", one(54, 50), "1 of 1", whole(over=("ABSOLUTE", "4", "FAIL"))),
    Case("over: 5", one(55, 50), "0 of 1", whole(over=("ABSOLUTE", "4", "FAIL"))),
    Case(
        "over does not fail PROPORTIONAL", one(101), "100 of 100",
        {"inFull": {"overTolerance": {"value": "0", "onExceed": "FAIL"}}},
    ),
    Case("FILL takes all that came", TOO_MUCH_LATE, "0 of 1", whole(over=("PERCENT", "0", "FAIL"))),
    Case("OTIF takes what came in time", TOO_MUCH_LATE, "1 of 1", {**OTIF, **whole(over=("PERCENT", "0", "FAIL"))}),
]  # fmt: skip


@pytest.mark.parametrize("row", CREDITS, **ids(CREDITS))
def test_what_a_line_earns(row: Case) -> None:
    assert of_case(row) == of(row.expected)


def arrivals(in_time: int, late: int) -> Any:
    return order(line(100), line(50), deliveries=[delivery(ON_THE_DAY, in_time), delivery(DAY_AFTER, late)])


BY_VALUE = order(line(10, price=3), deliveries=[delivery(ON_THE_DAY, 4), delivery(DAY_AFTER, 2)])
HALF_IN_TIME = order(line(100), deliveries=[delivery(ON_THE_DAY, 50)])

# Nothing came of line 2 of ``arrivals``.
PUNCTUAL = [
    Case("in time, of what came", arrivals(30, 30), "30 of 60", ON_TIME),
    Case("both are capped", arrivals(80, 40), "80 of 100", ON_TIME),
    Case("too much in time hides nothing", arrivals(120, 40), "100 of 100", ON_TIME),
    Case("a line of which nothing came leaves", arrivals(30, 0), "30 of 30", ON_TIME),
    Case("by weight of value", BY_VALUE, "12 of 18", {**ON_TIME, "weightUnit": "VALUE"}),
    Case("a quantity weight is in proportion", arrivals(30, 30), "30 of 60", {**ON_TIME, "creditMode": "ALL_OR_NOTHING"}),
    Case("a line passes if all of it came in time", arrivals(30, 30), "0 of 2", {**ON_TIME, **LINE}),
    Case("in time is not in full", HALF_IN_TIME, "1 of 1", {**ON_TIME, **LINE}),
    Case("an order passes if all of it came in time", HALF_IN_TIME, "1 of 1", {**ON_TIME, **ORDER}),
    Case("a count weight does not let an undelivered line go", arrivals(30, 0), "1 of 2", {**ON_TIME, **LINE}),
    Case("an order with a line that never came was not in time", arrivals(30, 0), "0 of 1", {**ON_TIME, **ORDER}),
    Case("an item at a place", arrivals(30, 0), "1 of 2", {**ON_TIME, "weightUnit": "SKU_LOCATION"}),
]  # fmt: skip


@pytest.mark.parametrize("row", PUNCTUAL, **ids(PUNCTUAL))
def test_on_time(row: Case) -> None:
    assert of_case(row) == of(row.expected)


TWO_ORDERS = [
    *order(line(100), line(50), deliveries=[delivery(ON_THE_DAY, {"1": 100, "2": 40})]),
    *order(line(10), name="PO2", deliveries=[delivery(ON_THE_DAY, 10)]),
]
ONE_LATE = order(line(100), line(50), deliveries=[delivery(ON_THE_DAY, {"1": 100}), delivery(DAY_AFTER, {"2": 50})])
ONE_MISSING = order(line(100), line(50), deliveries=[delivery(ON_THE_DAY, {"1": 100})])
BY_ORDER = {"creditMode": "ALL_OR_NOTHING", "passLevel": "ORDER"}

LEVELS = [
    Case("passLevel LINE", TWO_ORDERS, "110 of 160", {"creditMode": "ALL_OR_NOTHING"}),
    Case("passLevel ORDER: a short line takes the others with it", TWO_ORDERS, "10 of 160", BY_ORDER),
    Case("passLevel ORDER by line", TWO_ORDERS, "1 of 3", {**BY_ORDER, **LINE}),
    Case("passLevel ORDER by value", TWO_ORDERS, "10 of 160", {**BY_ORDER, "weightUnit": "VALUE"}),
    Case("passLevel ORDER, in time", ONE_LATE, "0 of 150", {**BY_ORDER, **ON_TIME}),
    Case("a line that never came fails the order", ONE_MISSING, "0 of 150", BY_ORDER),
    Case("and in time, by count", ONE_MISSING, "0 of 2", {**BY_ORDER, **ON_TIME, **LINE}),
    Case("a line that leaves fails no order", ONE_MISSING, "100 of 100", {**BY_ORDER, **ON_TIME}),
]


@pytest.mark.parametrize("row", LEVELS, **ids(LEVELS))
def test_where_all_or_nothing_is_asked(row: Case) -> None:
    assert of_case(row) == of(row.expected)


# 90 of 100 cases of 12 at 5.00; 120 of 240 eaches at 2.00 for 10, 24 a case.
MIXED = order(
    line(100, pack=12, price=5), line(240, eaches=True, pack=24, price=2, per=10),
    deliveries=[delivery(ON_THE_DAY, {"1": 90, "2": 120})],
)  # fmt: skip
NO_CASE = order(line(10, eaches=True, case=False), deliveries=[delivery(ON_THE_DAY, 4)])
TOO_MUCH_OF_ONE = order(line(100), line(50), deliveries=[delivery(ON_THE_DAY, {"1": 90, "2": 60})])
SAME_ITEM = order(line(100, item="A"), line(50, item="A"), deliveries=[delivery(ON_THE_DAY, {"1": 80, "2": 70})])
SAME_ITEM_SHORT = order(line(100, item="A"), line(50, item="A"), deliveries=[delivery(ON_THE_DAY, {"1": 85, "2": 50})])
SAME_ITEM_LATE = order(
    line(100, item="A"), line(50, item="A"), deliveries=[delivery(ON_THE_DAY, {"1": 80}), delivery(DAY_AFTER, {"2": 70})]
)
ONE_OF_THEM_VOID = order(
    line(100, item="A"), line(50, item="A"),
    deliveries=[delivery(ON_THE_DAY, {"1": 80, "2": 70}), delivery(DAY_AFTER, {"1": 20})],
)  # fmt: skip
OTHER_PLACE = order(
    line(100, item="A"), line(50, item="A", place="dc-2"), deliveries=[delivery(ON_THE_DAY, {"1": 80, "2": 70})]
)
SEVERAL_ORDERS = [
    *order(line(10, item="A"), deliveries=[delivery(ON_THE_DAY, 10)]),
    *order(line(10, item="A"), name="PO2", deliveries=[delivery(ON_THE_DAY, 5)]),
]
OTHER_UNIT = order(
    line(10, item="A", pack=12), line(60, item="A", eaches=True, pack=12), deliveries=[delivery(ON_THE_DAY, {"1": 10})]
)
ITEM_AND_PLACE = {"weightUnit": "SKU_LOCATION"}
ITEM_AND_PLACE_WHOLE = {**ITEM_AND_PLACE, "creditMode": "ALL_OR_NOTHING"}


def under(percent_allowed: str) -> dict[str, Any]:
    return {**ITEM_AND_PLACE_WHOLE, "inFull": {"underTolerance": {"value": percent_allowed}}}


WEIGHTS = [
    Case("CASE", MIXED, "95 of 110"),
    Case("EACH", MIXED, "1200 of 1440", {"weightUnit": "EACH"}),
    Case("VALUE: D at its price, a price may be for several", MIXED, "474 of 548", {"weightUnit": "VALUE"}),
    Case("LINE", MIXED, "7/5 of 2", LINE),
    Case("ORDER", MIXED, "0 of 1", ORDER_WHOLE),
    Case("an item without a case: the unit ordered", NO_CASE, "4 of 10"),
    Case("ORDER in proportion: capped line by line", TOO_MUCH_OF_ONE, "14/15 of 1", ORDER),
    Case("ORDER whole: each line by itself", TOO_MUCH_OF_ONE, "0 of 1", ORDER_WHOLE),
    Case("orders are weighed alike", TWO_ORDERS, "29/15 of 2", ORDER),
    Case("orders whole", TWO_ORDERS, "1 of 2", ORDER_WHOLE),
    Case("one item at one place: first summed, then capped", SAME_ITEM, "1 of 1", ITEM_AND_PLACE),
    Case("one item at one place, whole", SAME_ITEM, "1 of 1", ITEM_AND_PLACE_WHOLE),
    Case("by case its lines are apart", SAME_ITEM, "130 of 150"),
    Case("what is late does not make up for it", SAME_ITEM_LATE, "8/15 of 1", {**ITEM_AND_PLACE, **OTIF}),
    Case("nor for a line without credit", ONE_OF_THEM_VOID, "1/3 of 1", {**ITEM_AND_PLACE, **OTIF, **ALL_ON_TIME}),
    Case("the tolerance is that of the sum", SAME_ITEM_SHORT, "1 of 1", under("10")),
    Case("and no more", SAME_ITEM_SHORT, "0 of 1", under("9.99")),
    Case("another place is another weight", OTHER_PLACE, "9/5 of 2", ITEM_AND_PLACE),
    Case("of several orders", SEVERAL_ORDERS, "3/4 of 1", ITEM_AND_PLACE),
    Case("ordered in several units: through eaches", OTHER_UNIT, "2/3 of 1", ITEM_AND_PLACE),
    Case("nothing at all: no rate", [], "0 of 0", ORDER_WHOLE),
]  # fmt: skip


@pytest.mark.parametrize("row", WEIGHTS, **ids(WEIGHTS))
def test_what_a_line_weighs(row: Case) -> None:
    assert of_case(row) == of(row.expected)


def shares(lines: Any, **said: Any) -> list[tuple[Any, Any]]:
    by = policy(**said)
    parts = contributions(judged(lines, by), by, by.metric)
    return [(part.numerator, part.denominator) for part in parts]


def test_a_line_adds_its_share_of_its_order_or_of_its_item() -> None:
    """By what was wanted of each: 100 and 50. What one line has too much is put down to the line that lacks it."""
    assert shares(TOO_MUCH_OF_ONE, **ORDER) == [of("3/5 of 2/3"), of("1/3 of 1/3")]
    assert shares(TOO_MUCH_OF_ONE, **ORDER_WHOLE) == [of("0 of 2/3"), of("0 of 1/3")]
    assert shares(SAME_ITEM, **ITEM_AND_PLACE) == [of("2/3 of 2/3"), of("1/3 of 1/3")]
    assert shares(SAME_ITEM_SHORT, **ITEM_AND_PLACE) == [of("17/30 of 2/3"), of("1/3 of 1/3")]
    assert shares(OTHER_UNIT, **ITEM_AND_PLACE) == [of("2/3 of 2/3"), of("0 of 1/3")]


UNDAMAGED, DOCUMENTS = {"conditions": ["UNDAMAGED"]}, {"conditions": ["DOCUMENTS"]}
IN_THE_AFTERNOON = "2025-04-10T15:00"


def replaced(first: Any, again: int) -> Any:
    """What was refused of 100 was brought again on the same day."""
    return order(line(100), deliveries=[delivery(ON_THE_DAY, {"1": first}), delivery(IN_THE_AFTERNOON, again)])


DAMAGED_AND_REPLACED = replaced(came(95, refused(5, SUPPLIER, "DAMAGED")), 5)
ALL_DAMAGED_AND_REPLACED = replaced(came(0, refused(100, SUPPLIER, "DAMAGED")), 100)
PAPERS_MISSING = replaced(came(95, refused(5, SUPPLIER, "NO_DOCUMENTS")), 5)
ADVISED_AS_DAMAGED = order(line(100), deliveries=[delivery(ON_THE_DAY, {"1": came(100, condition="DAMAGED")})])
REFUSED_OTHERWISE = order(line(100), deliveries=[delivery(ON_THE_DAY, {"1": came(100, refused(5, CUSTOMER, "NO_SPACE"))})])
UNANNOUNCED = order(line(100), deliveries=[delivery(ON_THE_DAY, {"1": papers(proven=100)})])
DAMAGED_ELSEWHERE = order(
    line(100, places={"S1": 60, "S2": 40}),
    deliveries=[
        delivery(ON_THE_DAY, {"1": came(60, refused(5, SUPPLIER, "DAMAGED"))}, place="S1"), delivery(ON_THE_DAY, 40, place="S2"),
    ],
)  # fmt: skip
DAMAGED_WHOLE_ELSEWHERE = order(
    line(100, places={"S1": 60, "S2": 40}),
    deliveries=[
        delivery(ON_THE_DAY, {"1": came(0, refused(60, SUPPLIER, "DAMAGED"))}, place="S1"), delivery(ON_THE_DAY, 40, place="S2"),
    ],
)  # fmt: skip

CONDITIONS = [
    Case("no condition asked", DAMAGED_AND_REPLACED, "1 of 1", LINE_WHOLE),
    Case("UNDAMAGED", DAMAGED_AND_REPLACED, "0 of 1", {**LINE_WHOLE, **UNDAMAGED}),
    Case("UNDAMAGED: all or nothing in proportion too", DAMAGED_AND_REPLACED, "0 of 100", UNDAMAGED),
    Case("UNDAMAGED by OTIF", DAMAGED_AND_REPLACED, "0 of 100", {**UNDAMAGED, **OTIF}),
    Case("UNDAMAGED: a whole delivery refused", ALL_DAMAGED_AND_REPLACED, "0 of 1", {**LINE_WHOLE, **UNDAMAGED}),
    Case("UNDAMAGED: the advice says so", ADVISED_AS_DAMAGED, "0 of 1", {**LINE_WHOLE, **UNDAMAGED}),
    Case("UNDAMAGED: refused for another reason", REFUSED_OTHERWISE, "1 of 1", {**LINE_WHOLE, **UNDAMAGED}),
    Case("UNDAMAGED: each place by itself", DAMAGED_ELSEWHERE, "1 of 2", {**LINE_WHOLE, **UNDAMAGED}),
    Case("UNDAMAGED: also what was refused whole", DAMAGED_WHOLE_ELSEWHERE, "1 of 2", {**LINE_WHOLE, **UNDAMAGED}),
    Case("DOCUMENTS", PAPERS_MISSING, "0 of 1", {**LINE_WHOLE, **DOCUMENTS}),
    Case("DOCUMENTS: damage is another matter", DAMAGED_AND_REPLACED, "1 of 1", {**LINE_WHOLE, **DOCUMENTS}),
    Case("DOCUMENTS: not announced", UNANNOUNCED, "0 of 1", {**LINE_WHOLE, **DOCUMENTS}),
    Case("UNDAMAGED: announced or not", UNANNOUNCED, "1 of 1", {**LINE_WHOLE, **UNDAMAGED}),
    Case("not announced, nobody asks", UNANNOUNCED, "1 of 1", LINE_WHOLE),
]


@pytest.mark.parametrize("row", CONDITIONS, **ids(CONDITIONS))
def test_conditions(row: Case) -> None:
    assert of_case(row) == of(row.expected)


def test_no_rate_is_neither_0_nor_100_percent() -> None:
    nothing = Ratio()
    assert nothing.value is None
    assert percent(nothing.value) == "n/a"
    zero = order(line(20, amended("2025-04-01T10:00", 0)))
    assert of_case(Case("", zero, "", {"denominator": {"quantityBasis": "LATEST_AMENDED"}})) == (0, 0)


@pytest.mark.parametrize(
    ("numerator", "denominator", "shown"),
    [
        (2, 3, "66.67%"), (1, 3, "33.33%"), (0, 5, "0.00%"), (5, 5, "100.00%"),
        (18_999, 20_000, "95.00%"),  # 94.995 % half-up
        (94_996, 100_000, "95.00%"), (94_994, 100_000, "94.99%"), (1, 32, "3.13%"),  # 3.125
    ],
)  # fmt: skip
def test_percent_is_for_people(numerator: int, denominator: int, shown: str) -> None:
    (left, right) = of(f"{numerator} of {denominator}")
    assert percent(Ratio(left, right).value) == shown
