"""The specification's worked examples: its own file where it is there, and every figure F01 to F26 written out by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from domain.fill_rate.choice import Version, bucket_day, by_id, judged_by
from domain.fill_rate.choices import Metric
from domain.fill_rate.credit import Ratio, contributions, ratio
from domain.fill_rate.facts import LineFacts
from domain.fill_rate.figures import figures, percent
from domain.fill_rate.judging import Asking
from domain.fill_rate.periods import GREGORIAN_MONTH, period_of
from domain.fill_rate.policy import Goal
from domain.shipment import ArrivalEvidence
from services.fill_rate.example_file import cases_in
from tests.domain.fill_rate.builders import (
    AFTERWARDS, CALENDARS, CHICAGO, CUSTOMER, SHANGHAI, SUPPLIER, Case, amended, came, cancelled, confirmed, delivery, expired,
    figure, ids, instant, judged, line, of, of_case, order, policy, refused, slot, substitute,
)  # fmt: skip

GOLDEN = Path(__file__).parents[4] / "shared" / "domain" / "golden.json"


@pytest.fixture
def golden() -> Mapping[str, Any]:
    if not GOLDEN.exists():
        reason = "shared/domain/golden.json is not on this machine: the tables of this file hold its figures"
        print(reason)
        pytest.skip(reason)
    read: Mapping[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return read


def test_every_case_of_the_specifications_file(golden: Mapping[str, Any]) -> None:
    asked = [(example["id"], case) for example in golden["examples"] for case in example["cases"]]
    found = list(cases_in(GOLDEN))
    assert len(found) == len(asked) > 90
    for (example, case), one in zip(asked, found, strict=True):
        said = {name: case[name] for name in ("policy", "numerator", "denominator", "percent")}
        assert one.line() == {"example": example, **said}
        assert one.figure.value == (None if case["rate"] is None else Fraction(case["rate"]))


# The definitions that the examples name ---------------------------------------------------------------------------------

LINE = {"weightUnit": "LINE", "creditMode": "ALL_OR_NOTHING"}
LINE_IN_PROPORTION = {"weightUnit": "LINE"}
ORDER = {"weightUnit": "ORDER", "creditMode": "ALL_OR_NOTHING"}
ORDER_IN_PROPORTION = {"weightUnit": "ORDER"}
VALUE = {"weightUnit": "VALUE"}
ITEM_AND_STORE = {"weightUnit": "SKU_LOCATION"}
ITEM_AND_STORE_WHOLE = {**ITEM_AND_STORE, "creditMode": "ALL_OR_NOTHING"}
EXACT_DAY = {"earliestDays": 0}
ON_TIME, OTIF = {"metric": "ON_TIME", "onTime": EXACT_DAY}, {"metric": "OTIF", "onTime": EXACT_DAY}
ORDER_OTIF = {**OTIF, **ORDER, "splitDeliveries": "ALL_ON_TIME"}
POSTED = {"withoutAppointment": "RECEIPT_POSTED"}
WALMART_FOOD, WALMART_GM = {"metric": "ON_TIME", "onTime": EXACT_DAY}, {"metric": "ON_TIME", "onTime": {"earliestDays": -1}}
WALMART_FOOD_POSTED = {"metric": "ON_TIME", "onTime": {**EXACT_DAY, **POSTED}}
WALMART_FRESH = {"metric": "ON_TIME", "onTime": {"windowKind": "TIME_OF_DAY", "timeOfDay": "11:00"}}
TARGET = {"metric": "ON_TIME", "onTime": {"earliestDays": -1, "latestDays": 1}}
KROGER_DATE = {"metric": "ON_TIME", **ORDER, "onTime": {"latestDays": 1}}
SCOR = {
    "metric": "OTIF", **ORDER, "splitDeliveries": "ALL_ON_TIME", "onTime": {"target": "PROMISED_FIRST", **EXACT_DAY},
    "inFull": {"overTolerance": {"value": "0", "onExceed": "FAIL"}},
}  # fmt: skip


def basis(name: str, cutoff: str = "P2D", zero: str = "EXCLUDE") -> dict[str, Any]:
    return {"denominator": {"quantityBasis": name, "amendmentCutoff": cutoff, "zeroQuantityLine": zero}}


# F01 to F04 -------------------------------------------------------------------------------------------------------------

F01 = order(
    line(100, price=48), line(40, price=120), line(10, price=300), wanted="2025-03-12", zone=SHANGHAI,
    deliveries=[delivery("2025-03-12T09:10", {"1": 100, "2": 36})],
)  # fmt: skip
F02 = order(
    line(100), line(100), wanted="2025-03-12", deliveries=[delivery("2025-03-12T09:10", {"1": 80, "2": 120})]
)  # fmt: skip
F03 = order(line(100), deliveries=[delivery("2025-04-10T14:00", 60), delivery("2025-04-11T09:00", 40)])
F04 = order(line(200), wanted="2025-05-15", deliveries=[delivery("2025-05-14T16:00", 200)])

# F05 to F07: windows ----------------------------------------------------------------------------------------------------


def fresh(arrival: str) -> list[LineFacts]:
    return order(line(50), wanted="2025-03-05", deliveries=[delivery(arrival, 50)])


F06 = order(
    line(80), wanted="2025-06-10", zone="America/Los_Angeles", deliveries=[delivery("2025-06-11T05:30:00Z", 80)]
)  # fmt: skip
F07_RULE = {"metric": "ON_TIME", "onTime": {"windowKind": "SLOT", "target": "APPOINTMENT_FIRST"}}


def night(arrival: str) -> list[LineFacts]:
    booked = slot("2025-11-02T00:30", "2025-11-02T01:30")
    return order(line(60), wanted="2025-11-02", deliveries=[delivery(arrival, 60, slots=[booked])])


def long_day(arrival: str) -> list[LineFacts]:
    return order(line(60), wanted="2025-11-02", deliveries=[delivery(arrival, 60)])


# F08 to F10: what is wanted ---------------------------------------------------------------------------------------------

F08 = order(
    line(100, confirmed("2025-07-01T10:00", 90), amended("2025-07-06T15:00", 80)), wanted="2025-07-08", zone=SHANGHAI,
    deliveries=[delivery("2025-07-08T09:00", 80)],
)  # fmt: skip
F09 = order(
    line(50), line(30, amended("2025-07-02T10:00", 0)), wanted="2025-07-08", zone=SHANGHAI,
    deliveries=[delivery("2025-07-08T09:00", 50)],
)  # fmt: skip
F09_ALONE = order(line(20, amended("2025-07-02T10:00", 0)), wanted="2025-07-08", zone=SHANGHAI)


def f10(gone: Any) -> list[LineFacts]:
    return order(
        line(100), line(60, gone), wanted="2025-08-20", zone=SHANGHAI, deliveries=[delivery("2025-08-20T09:00", 100)]
    )


def after_cutoff(said: str) -> dict[str, Any]:
    return {"denominator": {"amendmentCutoff": "P2D", "cancellation": {"customerAfterCutoff": said}}}


BEFORE, AFTER, AT = (cancelled(at, 60) for at in ("2025-08-17T10:00", "2025-08-19T10:00", "2025-08-18T00:00:00"))

# F11 to F14: what counts ------------------------------------------------------------------------------------------------

MARCH = {"wanted": "2025-03-12", "zone": SHANGHAI}
F11 = order(line(50, pack=12), **MARCH, deliveries=[delivery("2025-03-12T09:10", {"1": came(30, instead=(substitute(20, 10),))})])
DOCK = came(70, refused(12, SUPPLIER, "DAMAGED"), refused(18, CUSTOMER))
F12 = order(line(100), **MARCH, deliveries=[delivery("2025-03-12T09:10", {"1": DOCK})])
F13 = order(
    line(100), wanted="2025-09-16", zone=SHANGHAI,
    deliveries=[
        delivery(
            None, {"1": came(92, shipped=100, received=92, proven=100)}, posted="2025-09-16T14:05",
            slots=[slot("2025-09-16T09:00", "2025-09-16T10:00")],
            records=[
                (ArrivalEvidence.GATE_ARRIVAL, "2025-09-16T09:10", SUPPLIER),
                (ArrivalEvidence.CHECK_IN, "2025-09-16T10:41", CUSTOMER),
            ],
        )
    ],
)  # fmt: skip
F14 = order(line(250, eaches=True, pack=24), **MARCH, deliveries=[delivery("2025-03-12T09:10", 240)])


def taking(substitution: str, whole: bool = False) -> dict[str, Any]:
    return {"inFull": {"substitution": substitution, "wholeCasesOnly": whole}}


def booked(metric: str, arrival: str, quantity: str) -> dict[str, Any]:
    """The slot of F13 with half an hour's tolerance, by the customer's check-in and advice or by our gate and proof."""
    window = {"windowKind": "SLOT", "target": "APPOINTMENT_LATEST", "slotLateMinutes": 30, "arrivalEvidence": [arrival]}
    return {"metric": metric, "onTime": window, "inFull": {"quantityEvidence": [quantity]}}


def rounded(kind: str) -> dict[str, Any]:
    return {"weightUnit": "EACH", "denominator": {"caseRounding": kind}}


# F15 to F20 -------------------------------------------------------------------------------------------------------------

STORES = [(store, item, n) for store in ("S1", "S2", "S3") for item, n in (("A", 10), ("B", 20))]
F15 = order(
    *(line(n, number=f"{store}-{item}", item=item, place=store) for store, item, n in STORES), **MARCH,
    deliveries=[delivery("2025-03-12T09:10", {"S1-A": 10, "S1-B": 20, "S2-A": 10, "S2-B": 10, "S3-B": 20})],
)  # fmt: skip
F16 = order(line(200), wanted="2025-05-15", deliveries=[delivery("2025-05-15T16:00", 200, posted="2025-05-17T08:00")])
F17 = order(line(1000), deliveries=[delivery("2025-04-10T14:00", 985), delivery("2025-04-11T09:00", 15)])
TOLERANT = {**OTIF, **LINE, "inFull": {"underTolerance": {"value": "2"}}}


def promises(quantity: int) -> tuple[Any, Any]:
    return confirmed("2025-05-20T10:00", quantity, "2025-06-19"), confirmed("2025-06-01T10:00", quantity, "2025-06-20")


F18 = order(
    line(100, *promises(100)), line(50, *promises(50)), wanted="2025-06-18", zone=SHANGHAI,
    deliveries=[delivery("2025-06-20T09:00", {"1": 100, "2": 50})],
)  # fmt: skip


def aiming(target: str) -> dict[str, Any]:
    return {"metric": "OTIF", "onTime": {**EXACT_DAY, "target": target}}


SEPTEMBER = {"wanted": "2025-09-10", "zone": SHANGHAI}
DAY_LATE = "2025-09-11T10:00"
CLAIMED, GRANTED = [("CUSTOMER_DC_CONGESTION", SUPPLIER)], [("FORCE_MAJEURE", CUSTOMER)]
F19 = [
    *order(line(100), **SEPTEMBER, exclusions=CLAIMED, deliveries=[delivery(DAY_LATE, 100)]),
    *order(line(60), **SEPTEMBER, name="PO2", exclusions=GRANTED, deliveries=[delivery(DAY_LATE, 60)]),
    *order(line(40), **SEPTEMBER, name="PO3", deliveries=[delivery("2025-09-10T10:00", 40)]),
]
BOTH_CODES = {"CUSTOMER_DC_CONGESTION": "EXCLUDE", "FORCE_MAJEURE": "EXCLUDE"}
F20 = [
    *order(line(100), line(50), **MARCH, deliveries=[delivery("2025-03-12T09:10", {"1": 100, "2": 50})]),
    *order(line(10), **MARCH, name="PO2", deliveries=[delivery("2025-03-12T09:10", 5)]),
]

# F24, F25 ---------------------------------------------------------------------------------------------------------------

F24 = order(
    line(60, pack=12, price=90), line(40, pack=6, price=150), **MARCH,
    deliveries=[delivery("2025-03-12T09:10", {"1": 72, "2": came(30, instead=(substitute(24, 5),))})],
)  # fmt: skip
F24_FAILS = {"inFull": {"substitution": "APPROVED", "overTolerance": {"value": "10", "onExceed": "FAIL"}}}
OF_A = came(120, of_item=True)
F25 = order(line(100, item="A"), line(50, item="A"), **MARCH, deliveries=[delivery("2025-03-12T09:10", {"1": OF_A, "2": OF_A})])

WORKED = [
    Case("F01 CASE", F01, "136 of 150"),
    Case("F01 LINE all or nothing", F01, "1 of 3", LINE),
    Case("F01 LINE in proportion", F01, "19/10 of 3", LINE_IN_PROPORTION),
    Case("F01 ORDER", F01, "0 of 1", ORDER),
    Case("F01 VALUE", F01, "9120 of 12600", VALUE),
    Case("F02 CASE", F02, "180 of 200"),
    Case("F02 LINE", F02, "1 of 2", LINE),
    Case("F02 LINE, 5 % over fails", F02, "0 of 2", {**LINE, "inFull": {"overTolerance": {"value": "5", "onExceed": "FAIL"}}}),
    Case("F02 ORDER", F02, "0 of 1", ORDER),
    Case("F03 FILL", F03, "100 of 100"),
    Case("F03 FILL of the first", F03, "60 of 100", {"splitDeliveries": "FIRST_ONLY"}),
    Case("F03 ON_TIME", F03, "60 of 100", ON_TIME),
    Case("F03 OTIF", F03, "60 of 100", OTIF),
    Case("F03 ORDER OTIF, all on time", F03, "0 of 1", ORDER_OTIF),
    Case("F03 Kroger, one day of grace", F03, "1 of 1", KROGER_DATE),
    Case("F03 Target -1/+1", F03, "100 of 100", TARGET),
    Case("F04 Walmart food", F04, "0 of 200", WALMART_FOOD),
    Case("F04 Walmart GM", F04, "200 of 200", WALMART_GM),
    Case("F04 Target", F04, "200 of 200", TARGET),
    Case("F04 earliest blank", F04, "200 of 200", {"metric": "ON_TIME"}),
    Case("F04 early passes", F04, "200 of 200", {"metric": "ON_TIME", "onTime": {**EXACT_DAY, "earlyArrival": "PASS"}}),
    Case("F04 in full", F04, "200 of 200", {"onTime": EXACT_DAY}),
    Case("F04 OTIF", F04, "0 of 200", OTIF),
    Case("F05 10:59:59 the day before", fresh("2025-03-04T10:59:59"), "0 of 50", WALMART_FRESH),
    Case("F05 11:00:00 the day before", fresh("2025-03-04T11:00:00"), "50 of 50", WALMART_FRESH),
    Case("F05 11:00:00 on the day", fresh("2025-03-05T11:00:00"), "50 of 50", WALMART_FRESH),
    Case("F05 11:00:01 on the day", fresh("2025-03-05T11:00:01"), "0 of 50", WALMART_FRESH),
    Case("F06 at the dock", F06, "80 of 80", OTIF),
    Case("F06 in UTC", F06, "0 of 80", {"metric": "OTIF", "onTime": {**EXACT_DAY, "timeZone": "UTC"}}),
    Case("F06 in Shanghai", F06, "0 of 80", {"metric": "OTIF", "onTime": {**EXACT_DAY, "timeZone": SHANGHAI}}),
    Case("F07 05:30:00Z", night("2025-11-02T05:30:00Z"), "60 of 60", F07_RULE),
    Case("F07 05:29:59Z", night("2025-11-02T05:29:59Z"), "0 of 60", F07_RULE),
    Case("F07 06:45Z", night("2025-11-02T06:45:00Z"), "60 of 60", F07_RULE),
    Case("F07 07:10Z", night("2025-11-02T07:10:00Z"), "60 of 60", F07_RULE),
    Case("F07 07:30:00Z", night("2025-11-02T07:30:00Z"), "60 of 60", F07_RULE),
    Case("F07 07:30:01Z", night("2025-11-02T07:30:01Z"), "0 of 60", F07_RULE),
    Case("F07 the day begins 05:00Z", long_day("2025-11-02T05:00:00Z"), "60 of 60", ON_TIME),
    Case("F07 not before", long_day("2025-11-02T04:59:59Z"), "0 of 60", ON_TIME),
    Case("F07 it lasts 25 hours", long_day("2025-11-03T05:59:59Z"), "60 of 60", ON_TIME),
    Case("F07 no longer", long_day("2025-11-03T06:00:00Z"), "0 of 60", ON_TIME),
    Case("F08 ORIGINAL", F08, "80 of 100", basis("ORIGINAL")),
    Case("F08 FIRST_CONFIRMED", F08, "80 of 90", basis("FIRST_CONFIRMED")),
    Case("F08 LATEST_AMENDED", F08, "80 of 80", basis("LATEST_AMENDED")),
    Case("F08 at the cut-off P2D", F08, "80 of 100", basis("AMENDED_AT_CUTOFF")),
    Case("F08 at the cut-off P1D", F08, "80 of 80", basis("AMENDED_AT_CUTOFF", "P1D")),
    Case("F09 LINE, EXCLUDE", F09, "1 of 1", {**LINE, **basis("AMENDED_AT_CUTOFF")}),
    Case("F09 LINE, COUNT_AS_FULL", F09, "2 of 2", {**LINE, **basis("AMENDED_AT_CUTOFF", zero="COUNT_AS_FULL")}),
    Case("F09 CASE", F09, "50 of 50", basis("AMENDED_AT_CUTOFF")),
    Case("F09 LINE, ORIGINAL", F09, "1 of 2", LINE),
    Case("F09 alone, CASE", F09_ALONE, "0 of 0", basis("AMENDED_AT_CUTOFF")),
    Case("F09 alone, ORDER, EXCLUDE", F09_ALONE, "0 of 0", {**ORDER, **basis("AMENDED_AT_CUTOFF")}),
    Case("F09 alone, ORDER, COUNT_AS_FULL", F09_ALONE, "1 of 1", {**ORDER, **basis("AMENDED_AT_CUTOFF", zero="COUNT_AS_FULL")}),
    Case("F10 customer before", f10(BEFORE), "100 of 100", after_cutoff("KEEP")),
    Case("F10 customer after, EXCLUDE", f10(AFTER), "100 of 100", after_cutoff("EXCLUDE")),
    Case("F10 customer after, KEEP", f10(AFTER), "100 of 160", after_cutoff("KEEP")),
    Case("F10 customer exactly at the cut-off", f10(AT), "100 of 100", after_cutoff("KEEP")),
    Case("F10 supplier", f10(cancelled("2025-08-17T10:00", 60, SUPPLIER)), "100 of 160", after_cutoff("EXCLUDE")),
    Case("F10 expired", f10(expired("2025-08-27T00:00", 60)), "100 of 160", after_cutoff("EXCLUDE")),
    Case("F11 NONE", F11, "30 of 50", taking("NONE")),
    Case("F11 APPROVED", F11, "140/3 of 50", taking("APPROVED")),
    Case("F11 whole cases", F11, "46 of 50", taking("APPROVED", whole=True)),
    Case("F11 LINE", F11, "0 of 1", {**LINE, **taking("APPROVED")}),
    Case("F12 COUNT_CUSTOMER_FAULT", F12, "88 of 100"),
    Case("F12 COUNT_NONE", F12, "70 of 100", {"inFull": {"rejection": "COUNT_NONE"}}),
    Case("F13 theirs, FILL", F13, "92 of 100", booked("FILL", "CHECK_IN", "RECEIVING_ADVICE")),
    Case("F13 theirs, ON_TIME", F13, "0 of 92", booked("ON_TIME", "CHECK_IN", "RECEIVING_ADVICE")),
    Case("F13 theirs, OTIF", F13, "0 of 100", booked("OTIF", "CHECK_IN", "RECEIVING_ADVICE")),
    Case("F13 ours, FILL", F13, "100 of 100", booked("FILL", "GATE_ARRIVAL", "POD")),
    Case("F13 ours, ON_TIME", F13, "100 of 100", booked("ON_TIME", "GATE_ARRIVAL", "POD")),
    Case("F13 ours, OTIF", F13, "100 of 100", booked("OTIF", "GATE_ARRIVAL", "POD")),
    Case("F14 NONE", F14, "240 of 250", rounded("NONE")),
    Case("F14 DOWN", F14, "240 of 240", rounded("DOWN")),
    Case("F14 NEAREST", F14, "240 of 240", rounded("NEAREST")),
    Case("F14 UP", F14, "240 of 264", rounded("UP")),
    Case("F14 in cases", F14, "10 of 125/12"),
    Case("F15 CASE", F15, "70 of 90"),
    Case("F15 LINE", F15, "4 of 6", LINE),
    Case("F15 item and store in proportion", F15, "9/2 of 6", ITEM_AND_STORE),
    Case("F15 item and store whole", F15, "4 of 6", ITEM_AND_STORE_WHOLE),
    Case("F15 ORDER", F15, "0 of 1", ORDER),
    Case("F16 the posting counts", F16, "0 of 200", WALMART_FOOD_POSTED),
    Case("F16 nobody asks", F16, "200 of 200", ON_TIME),
    Case("F17 OTIF", F17, "985 of 1000", OTIF),
    Case("F17 LINE, 2 % under", F17, "1 of 1", TOLERANT),
    Case("F17 LINE, all on time", F17, "0 of 1", {**TOLERANT, "splitDeliveries": "ALL_ON_TIME"}),
    Case("F17 CASE, all on time", F17, "0 of 1000", {**OTIF, "splitDeliveries": "ALL_ON_TIME"}),
    Case("F18 REQUESTED_ORIGINAL", F18, "0 of 150", aiming("REQUESTED_ORIGINAL")),
    Case("F18 PROMISED_FIRST", F18, "0 of 150", aiming("PROMISED_FIRST")),
    Case("F18 PROMISED_LATEST", F18, "150 of 150", aiming("PROMISED_LATEST")),
    Case("F18 SCOR", F18, "0 of 1", SCOR),
    Case("F19 none", F19, "40 of 200", OTIF),
    Case("F19 both, as the customer granted", F19, "40 of 140", {**OTIF, "exclusions": BOTH_CODES}),
    Case("F19 both, ANY", F19, "40 of 40", {**OTIF, "exclusions": BOTH_CODES, "exclusionAuthority": "ANY"}),
    Case("F19 force majeure passes", F19, "100 of 200", {**OTIF, "exclusions": {"FORCE_MAJEURE": "PASS"}}),
    Case("F20 pooled", F20, "155 of 160"),
    Case("F20 the mean of orders", F20, "3/2 of 2", ORDER_IN_PROPORTION),
    Case("F20 orders whole", F20, "1 of 2", ORDER),
    Case("F24 NONE", F24, "90 of 100"),
    Case("F24 APPROVED", F24, "100 of 100", taking("APPROVED")),
    Case("F24 LINE", F24, "2 of 2", {**LINE, **taking("APPROVED")}),
    Case("F24 LINE, 10 % over fails", F24, "0 of 2", {**LINE, **F24_FAILS}),
    Case("F24 VALUE", F24, "9900 of 11400", VALUE),
    Case("F25 CASE", F25, "120 of 150"),
    Case("F25 LINE", F25, "1 of 2", LINE),
    Case("F25 item and place", F25, "0 of 1", ITEM_AND_STORE_WHOLE),
]


@pytest.mark.parametrize("row", WORKED, **ids(WORKED))
def test_a_worked_example(row: Case) -> None:
    assert of_case(row) == of(row.expected)


SHOWN = [
    ("136 of 150", "90.67%"), ("1 of 3", "33.33%"), ("19/10 of 3", "63.33%"), ("0 of 1", "0.00%"), ("9120 of 12600", "72.38%"),
    ("2 of 3", "66.67%"), ("80 of 90", "88.89%"), ("100 of 160", "62.50%"), ("140/3 of 50", "93.33%"), ("70 of 90", "77.78%"),
    ("9/2 of 6", "75.00%"), ("985 of 1000", "98.50%"), ("40 of 140", "28.57%"), ("155 of 160", "96.88%"), ("3/2 of 2", "75.00%"),
    ("9900 of 11400", "86.84%"), ("240 of 264", "90.91%"), ("0 of 0", "n/a"),
]  # fmt: skip


@pytest.mark.parametrize(("rate", "shown"), SHOWN)
def test_the_percentages_of_the_examples(rate: str, shown: str) -> None:
    assert percent(Ratio(*of(rate)).value) == shown


# The headline figures of decision 29: complete, full, on_time, otif
HEADLINES: list[tuple[str, Sequence[LineFacts], tuple[str, str, str, str]]] = [
    ("F01", F01, ("2 of 3", "136 of 150", "136 of 136", "136 of 150")),
    ("F03", F03, ("1 of 1", "100 of 100", "60 of 100", "60 of 100")),
]


@pytest.mark.parametrize(("name", "lines", "expected"), HEADLINES)
@pytest.mark.parametrize("metric", list(Metric))
def test_the_headline_figures_side_by_side(
    name: str, lines: Sequence[LineFacts], expected: tuple[str, str, str, str], metric: Metric
) -> None:
    """The same four under a policy of any metric; that metric's is the official one."""
    by = policy(metric=metric.value)
    found = figures(judged(lines, by), by)
    told = [found.complete, found.full, found.on_time, found.otif]
    assert [(one.numerator, one.denominator) for one in told] == [of(text) for text in expected]
    names = {Metric.FILL: "full", Metric.ON_TIME: "on_time", Metric.OTIF: "otif"}
    assert found.official == names[metric]
    assert found.figure == getattr(found, names[metric])


def test_beside_them_value_and_whole_orders() -> None:
    by = policy(weightUnit="LINE", creditMode="ALL_OR_NOTHING")
    found = figures(judged([*F01, *F20[-1:]], by), by)
    assert found.value_fill == Ratio(*of("9125 of 12610"))  # 9120 + 5 of 12600 + 10
    assert found.orders_full == Ratio(*of("0 of 2"))
    assert (found.lines, found.pending, found.excluded) == (4, 0, 0)


# F21: the version of the definition -------------------------------------------------------------------------------------

V1 = Version("wmt", date(2023, 1, 1), 1, policy(goal={"rate": "0.98"}, effectiveTo="2024-02-01"))
V2 = Version("wmt", date(2024, 2, 1), 2, policy(goal={"rate": "0.95"}))
RESCHEDULED = order(
    line(100, amended("2024-01-20T10:00", 100, day="2024-02-02")), wanted="2024-01-31",
    deliveries=[delivery("2024-02-02T09:00", 100)],
)  # fmt: skip
NEXT_DAY = order(line(100), wanted="2024-02-01", name="PO2", deliveries=[delivery("2024-02-01T09:00", 100)])


@pytest.mark.parametrize(("lines", "goal"), [(RESCHEDULED, "0.98"), (NEXT_DAY, "0.95")])
def test_f21_the_version_of_the_day_originally_asked_for(lines: Sequence[LineFacts], goal: str) -> None:
    ((version, _),) = judged_by(lines, by_id([V2, V1], "wmt"), lambda by: Asking(by, AFTERWARDS, CALENDARS))
    assert version.policy.goal is not None
    assert version.policy.goal.rate == Fraction(goal)


# F22: recognition and restatement ---------------------------------------------------------------------------------------

F22 = order(line(50), wanted="2025-03-31", zone=SHANGHAI, deliveries=[delivery("2025-04-01T10:00", 50)])
RECEIVED = {"inFull": {"quantityEvidence": ["RECEIVING_ADVICE"]}}


@pytest.mark.parametrize(
    ("at", "fill", "otif"),
    [
        ("2025-03-31T12:00:00+08:00", "0 of 0", "0 of 0"),
        ("2025-03-31T23:59:59+08:00", "0 of 0", "0 of 0"),
        ("2025-04-01T00:00:00+08:00", "0 of 50", "0 of 50"),
        ("2025-04-01T09:59:59+08:00", "0 of 50", "0 of 50"),
        ("2025-04-01T10:00:00+08:00", "50 of 50", "0 of 50"),
    ],
)
def test_f22_pending_then_nothing_then_restated(at: str, fill: str, otif: str) -> None:
    assert figure(F22, at, **RECEIVED) == of(fill)
    assert figure(F22, at, **RECEIVED, **OTIF) == of(otif)
    by = policy(**RECEIVED)
    assert figures(judged(F22, by, instant(at)), by).pending == (1 if fill == "0 of 0" else 0)


@pytest.mark.parametrize(
    ("bucket", "month"), [("REQUESTED_ORIGINAL", "2025-03"), ("RECEIVED", "2025-04"), ("ORDERED", "2025-01")]
)
def test_f22_the_month_it_falls_into(bucket: str, month: str) -> None:
    by = policy(period={"bucketBy": bucket})
    (one,) = judged(F22, by)
    assert period_of(bucket_day(one, by), GREGORIAN_MONTH).name == month


# F23, F26: goals on the exact rate --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "comparison", "met", "shown"),
    [
        ("9499 of 10000", "GTE", False, "94.99%"),
        ("9500 of 10000", "GTE", True, "95.00%"),
        ("94996 of 100000", "GTE", False, "95.00%"),  # shown as the goal, and missed
        ("470 of 500", "GTE", False, "94.00%"),
        ("475 of 500", "GTE", True, "95.00%"),
        ("19000 of 20000", "GTE", True, "95.00%"),
        ("18999 of 20000", "GTE", False, "95.00%"),
        ("19000 of 20000", "GT", False, "95.00%"),
        ("19001 of 20000", "GT", True, "95.01%"),
    ],
)
def test_f23_and_f26_a_goal_is_compared_before_rounding(rate: str, comparison: str, met: bool, shown: str) -> None:
    goal = policy(goal={"rate": "0.95", "comparison": comparison}).goal
    wanted, came_in = int(rate.split(" of ")[1]), int(rate.split(" of ")[0])
    lines = order(line(wanted, price=Decimal("12.40")), deliveries=[delivery("2025-04-10T09:00", came_in)])
    by = policy()
    found = ratio(contributions(judged(lines, by), by, Metric.FILL))
    assert isinstance(goal, Goal)
    assert found.value is not None
    assert goal.met(found.value) is met
    assert percent(found.value) == shown


@pytest.mark.parametrize(("days_late", "met"), [(0, "1 of 1"), (1, "1 of 1"), (2, "0 of 1")])
def test_f23_krogers_date_has_one_day_of_grace(days_late: int, met: str) -> None:
    lines = order(line(500, price=24), zone=CHICAGO, deliveries=[delivery(f"2025-04-{10 + days_late}T12:00", 470)])
    assert figure(lines, **KROGER_DATE) == of(met)
