"""Rule 4: how much of a delivery counts - which document says so, what was refused, substitutes, whole cases, items only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domain.fill_rate.facts import LineFacts
from tests.domain.fill_rate.builders import (
    CHICAGO, CUSTOMER, SUPPLIER, Case, amended, came, confirmed, delivery, figure, ids, instant, judged, line, of, of_case, order,
    papers, policy, refused, substitute, unnamed,
)  # fmt: skip

ON_THE_DAY, DAY_AFTER = "2025-04-10T09:00", "2025-04-11T09:00"
OURS, THEIRS = refused(12, SUPPLIER, "DAMAGED"), refused(18, CUSTOMER)


def hundred(*parts: Any, wanted: int = 100) -> list[LineFacts]:
    """Of 100 ordered, what each delivery brought on the day."""
    return order(line(wanted), deliveries=[delivery(ON_THE_DAY, {"1": part}) for part in parts])


def by(*evidence: str) -> dict[str, Any]:
    return {"inFull": {"quantityEvidence": list(evidence)}}


ALL_THREE = hundred(came(92, shipped=100, received=92, proven=98))
NO_ADVICE = hundred(papers(shipped=100, proven=98))
ONLY_SHIPPED = hundred(papers(shipped=100))
ONLY_PROVEN = hundred(papers(proven=98))
SILENT = order(
    line(10), line(100), deliveries=[delivery(ON_THE_DAY, {"1": 10, "2": unnamed(100, proven=100)})]
)  # fmt: skip
CONFIRMED = order(
    line(100, confirmed("2025-03-20T10:00", 95), confirmed("2025-04-01T10:00", 90)), deliveries=[delivery(ON_THE_DAY, 50)]
)
IN_PARTS = order(line(100, confirmed("2025-03-20T10:00", 0, None, (60, "2025-04-10"), (30, "2025-04-12"))))
MORE_CONFIRMED = order(line(100, confirmed("2025-03-20T10:00", 130)))

AMENDED = line(100, amended("2025-04-01T10:00", 90))
UNANNOUNCED = delivery(ON_THE_DAY, {"1": papers(proven=90)})

QUANTITIES = [
    Case("the advice before the proof before the notice", ALL_THREE, "92 of 100"),
    Case("the proof where there is no advice", NO_ADVICE, "98 of 100"),
    Case("the notice where there is neither", ONLY_SHIPPED, "100 of 100"),
    Case("the proof only", ALL_THREE, "98 of 100", by("POD")),
    Case("the notice only", ALL_THREE, "100 of 100", by("ASN")),
    Case("in the order that the policy says", ALL_THREE, "100 of 100", by("ASN", "RECEIVING_ADVICE")),
    Case("the proof before the advice", ALL_THREE, "98 of 100", by("POD", "RECEIVING_ADVICE")),
    Case("what is not named is not asked", ONLY_SHIPPED, "0 of 100", by("RECEIVING_ADVICE", "POD")),
    Case("a proof of what no notice announced", ONLY_PROVEN, "98 of 100"),
    Case("an advice that is silent about the line: nothing came of it", SILENT, "10 of 110"),
    Case("unless advices are not asked", SILENT, "110 of 110", by("POD", "ASN")),
    Case("CONFIRMATION is what was promised last, whatever came", CONFIRMED, "90 of 100", by("CONFIRMATION")),
    Case("CONFIRMATION in parts is their sum", IN_PARTS, "90 of 100", by("CONFIRMATION")),
    Case("CONFIRMATION is capped like anything else", MORE_CONFIRMED, "100 of 100", by("CONFIRMATION")),
    Case("nothing confirmed is nothing promised", ONLY_SHIPPED, "0 of 100", by("CONFIRMATION")),
    Case("an advice of what no notice announced", hundred(came(90, shipped=None)), "90 of 100"),
    Case("nothing came of an amended line", order(AMENDED, deliveries=[delivery(ON_THE_DAY, 0)]), "0 of 100"),
    Case("an amended line that no notice announced", order(AMENDED, deliveries=[UNANNOUNCED]), "90 of 100"),
    Case("deliveries add up", hundred(60, 30), "90 of 100"),
]


@pytest.mark.parametrize("row", QUANTITIES, **ids(QUANTITIES))
def test_the_quantity_that_counts(row: Case) -> None:
    assert of_case(row) == of(row.expected)


def test_a_document_counts_from_when_it_was_posted() -> None:
    part = came(92, shipped=100, received=92, proven=98)
    lines = order(line(90), deliveries=[delivery(ON_THE_DAY, {"1": part}, posted="2025-04-12T08:00")])
    for moment, evidence, expected in (
        ("2025-04-12T07:59:59", ["RECEIVING_ADVICE"], "0 of 90"),
        ("2025-04-12T07:59:59", ["RECEIVING_ADVICE", "POD"], "90 of 90"),
        ("2025-04-12T08:00:00", ["RECEIVING_ADVICE"], "90 of 90"),
    ):
        assert figure(lines, moment, CHICAGO, **by(*evidence)) == of(expected)


def test_a_ship_notice_counts_from_when_goods_left() -> None:
    lines = order(line(100), deliveries=[delivery(None, {"1": papers(shipped=100)}, dispatched="2025-04-12T08:00")])
    assert figure(lines, "2025-04-12T07:59:59", CHICAGO, **by("ASN")) == of("0 of 100")
    assert figure(lines, "2025-04-12T08:00:00", CHICAGO, **by("ASN")) == of("100 of 100")


def test_refusals_and_proofs_count_from_when_they_were_said() -> None:
    """Announced before the window closed, brought two days late: what was refused then."""
    late = order(line(100), deliveries=[delivery("2025-04-12T09:00", {"1": papers(shipped=100, proven=100, refused=(OURS,))})])
    for moment, evidence, expected in (
        ("2025-04-12T08:59:59", "ASN", "100 of 100"), ("2025-04-12T09:00:00", "ASN", "88 of 100"),
        ("2025-04-12T08:59:59", "POD", "0 of 100"), ("2025-04-12T09:00:00", "POD", "88 of 100"),
    ):  # fmt: skip
        assert figure(late, moment, CHICAGO, **by(evidence)) == of(expected)


NONE = {"inFull": {"rejection": "COUNT_NONE"}}
OTIF = {"metric": "OTIF"}
DOCK = came(70, OURS, THEIRS)  # 100 presented
PROVEN, SHIPPED = papers(proven=100, refused=(OURS, THEIRS)), papers(shipped=100, refused=(OURS, THEIRS))
COUNTED_APART = came(70, OURS, THEIRS, received=70)  # the advice counts only what was taken in
AGAIN = hundred(came(82, THEIRS), 18, wanted=120)
MORE_AGAIN = hundred(came(82, THEIRS), 30, wanted=120)
LATE_AGAIN = order(line(100), deliveries=[delivery(ON_THE_DAY, {"1": came(82, THEIRS)}), delivery(DAY_AFTER, 18)])
LISTED_LAST = order(line(120), deliveries=[delivery(DAY_AFTER, 18), delivery(ON_THE_DAY, {"1": came(82, THEIRS)})])
TWICE = hundred(came(82, THEIRS), came(0, THEIRS), 18, wanted=120)
OURS_AGAIN = order(
    line(100), deliveries=[delivery(ON_THE_DAY, {"1": came(88, OURS)}), delivery(DAY_AFTER, 12)]
)
# 42 taken and 18 refused at their fault; then those 18 and 25 more: 85 in all, over two days wanted of one line.
OVER_DAYS = order(
    line(100, days={"2025-04-10": 50, "2025-04-12": 50}),
    deliveries=[delivery(ON_THE_DAY, {"1": came(42, THEIRS)}), delivery("2025-04-12T09:00", 43)],
)

# Ordered in cases of 12, amended to 60 eaches: 48 of those taken, 12 refused.
IN_EACHES = order(
    line(10, amended("2025-04-01T10:00", 60, eaches=True), pack=12),
    deliveries=[delivery(ON_THE_DAY, {"1": came(48, refused(12, CUSTOMER), eaches=True)})],
)

REFUSALS = [
    Case("supplier's fault never counts, customer's does", hundred(DOCK), "88 of 100"),
    Case("COUNT_NONE", hundred(DOCK), "70 of 100", NONE),
    Case("by the proof of delivery", hundred(PROVEN), "88 of 100"),
    Case("by the proof, COUNT_NONE", hundred(PROVEN), "70 of 100", NONE),
    Case("by the ship notice", hundred(SHIPPED), "88 of 100"),
    Case("by the ship notice, COUNT_NONE", hundred(SHIPPED), "70 of 100", NONE),
    Case("an advice of what was taken in, refused before", hundred(replace(COUNTED_APART, shipped=100)), "88 of 100"),
    Case("brought again: counted once", AGAIN, "100 of 120"),
    Case("brought again without credit: counted when it came", AGAIN, "100 of 120", NONE),
    Case("more than was refused is new", MORE_AGAIN, "112 of 120"),
    Case("refused twice, brought a third time", TWICE, "100 of 120"),
    Case("in the order of arrival", LISTED_LAST, "100 of 120"),
    Case("the refusal was in time, the redelivery consumes it", LATE_AGAIN, "100 of 100", OTIF),
    Case("without credit the redelivery is late", LATE_AGAIN, "82 of 100", {**OTIF, **NONE}),
    Case("what we spoilt comes late", OURS_AGAIN, "88 of 100", OTIF),
    Case("what we spoilt and brought again is in full", OURS_AGAIN, "100 of 100"),
    Case("once, over the parts of a line", OVER_DAYS, "85 of 100"),
    Case("in another unit, through eaches", IN_EACHES, "5 of 10"),
    Case("in another unit, COUNT_NONE", IN_EACHES, "4 of 10", NONE),
    Case("a redelivery does not void what it brings again", LATE_AGAIN, "100 of 100", {**OTIF, "splitDeliveries": "ALL_ON_TIME"}),
]


@pytest.mark.parametrize("row", REFUSALS, **ids(REFUSALS))
def test_what_was_refused(row: Case) -> None:
    assert of_case(row) == of(row.expected)


def cases_of_12(*parts: Any) -> list[LineFacts]:
    return order(line(50, pack=12), deliveries=[delivery(ON_THE_DAY, {"1": part}) for part in parts])


def eaches(part: Any) -> list[LineFacts]:
    return order(line(250, eaches=True, pack=24), deliveries=[delivery(ON_THE_DAY, {"1": part})])


def taking(substitution: str, whole: bool = False) -> dict[str, Any]:
    return {"inFull": {"substitution": substitution, "wholeCasesOnly": whole}}


# 20 cases of 10 are 200 eaches, 16 2/3 cases of 12; 9 of 2 are 18 eaches, 1 1/2 cases.
APPROVED = cases_of_12(came(30, instead=(substitute(20, 10),)))
UNASKED = cases_of_12(came(30, instead=(substitute(20, 10, approved=False),)))
BOTH = cases_of_12(came(30, instead=(substitute(6, 12), substitute(3, 12, approved=False))))
TWO_HALVES = cases_of_12(came(30, instead=(substitute(9, 2),)), came(0, instead=(substitute(9, 2),)))
BY_PROOF = cases_of_12(papers(proven=30, instead=(substitute(20, 10),)))
WHOLE = {"weightUnit": "EACH", "inFull": {"wholeCasesOnly": True}}

SUBSTITUTES = [
    Case("NONE", APPROVED, "30 of 50", taking("NONE")),
    Case("APPROVED, through eaches", APPROVED, "140/3 of 50", taking("APPROVED")),
    Case("not approved", UNASKED, "30 of 50", taking("APPROVED")),
    Case("ALWAYS asks no approval", UNASKED, "140/3 of 50", taking("ALWAYS")),
    Case("each by its own approval", BOTH, "36 of 50", taking("APPROVED")),
    Case("ALWAYS takes all", BOTH, "39 of 50", taking("ALWAYS")),
    Case("as the proof of delivery says", BY_PROOF, "140/3 of 50", taking("APPROVED")),
    Case("whole cases after conversion", APPROVED, "46 of 50", taking("APPROVED", whole=True)),
    Case("whole cases of each delivery line", TWO_HALVES, "32 of 50", taking("APPROVED", whole=True)),
    Case("fractions add up otherwise", TWO_HALVES, "33 of 50", taking("APPROVED")),
    Case("whole cases of what was ordered in eaches", eaches(came(236)), "216 of 250", WHOLE),
    Case("eaches otherwise", eaches(came(236)), "236 of 250", {"weightUnit": "EACH"}),
    Case("whole cases with what the customer refused", eaches(came(236, refused(4, CUSTOMER))), "240 of 250", WHOLE),
    Case("whole cases without it", eaches(came(236, refused(4, SUPPLIER))), "216 of 250", WHOLE),
    Case("whole cases by the proof", eaches(papers(proven=240, refused=(refused(4, CUSTOMER),))), "240 of 250", WHOLE),
]


@pytest.mark.parametrize("row", SUBSTITUTES, **ids(SUBSTITUTES))
def test_substitutes_and_whole_cases(row: Case) -> None:
    assert of_case(row) == of(row.expected)


def of_item(quantity: int) -> dict[str, Any]:
    """An advice that names item A only, which stands on lines 1 and 2."""
    return {number: came(quantity, of_item=True) for number in ("1", "2")}


def two_lines(*deliveries: Any, second: int = 50) -> list[LineFacts]:
    return order(line(100, item="A"), line(second, item="A"), deliveries=deliveries)


LINES_WHOLE = {"weightUnit": "LINE", "creditMode": "ALL_OR_NOTHING"}
NOT_TOO_MUCH = {**LINES_WHOLE, "inFull": {"overTolerance": {"value": "0", "onExceed": "FAIL"}}}
PER_ITEM = [
    Case("in line order up to each D", two_lines(delivery(ON_THE_DAY, of_item(120))), "120 of 150"),
    Case("so that the first line is full", two_lines(delivery(ON_THE_DAY, of_item(120))), "1 of 2", LINES_WHOLE),
    Case("the remainder to the last", two_lines(delivery(ON_THE_DAY, of_item(170))), "1 of 2", NOT_TOO_MUCH),
    Case("the next advice goes on where the first ended", two_lines(*[delivery(ON_THE_DAY, of_item(75))] * 2), "150 of 150"),
    Case(
        "up to what a line lacks beyond what is named for itself",
        two_lines(delivery(ON_THE_DAY, {"1": 100}), delivery(ON_THE_DAY, of_item(50))), "150 of 150",
    ),
    Case(
        "up to D as the policy sees it",
        order(
            line(100, amended("2025-04-01T10:00", 60), item="A"), line(50, item="A"),
            deliveries=[delivery(ON_THE_DAY, of_item(110))],
        ),
        "110 of 110", {"denominator": {"quantityBasis": "LATEST_AMENDED"}},
    ),
    Case(
        "other items are not of it",
        order(
            line(100, item="A"), line(50, item="B"),
            deliveries=[delivery(ON_THE_DAY, {"1": came(120, of_item=True), "2": 40})],
        ),
        "140 of 150",
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", PER_ITEM, **ids(PER_ITEM))
def test_an_advice_that_names_only_the_item(row: Case) -> None:
    assert of_case(row) == of(row.expected)


def test_an_advice_of_the_item_beside_one_of_the_line() -> None:
    """One shipment, two advices: 60 of line 1 by name, and 90 of the item: 40 of those for line 1, 50 for line 2."""
    lines = two_lines(delivery(ON_THE_DAY, of_item(90)))
    (brought,) = lines[0].deliveries
    named = replace(brought.advices[0], document="other", of_item=False, received=Decimal(60), accepted=Decimal(60))
    lines[0] = replace(lines[0], deliveries=(replace(brought, advices=(*brought.advices, named)),))
    assert figure(lines) == of("150 of 150")


def test_only_what_is_admitted_fills_a_line_before_an_advice_of_the_item() -> None:
    """FIRST_ONLY: what came later for line 1 by name takes nothing from what came first."""
    lines = two_lines(delivery(ON_THE_DAY, of_item(120)), delivery(DAY_AFTER, {"1": 100}))
    assert figure(lines, splitDeliveries="FIRST_ONLY") == of("120 of 150")
    assert figure(lines, splitDeliveries="FIRST_ONLY", **LINES_WHOLE) == of("1 of 2")


def test_no_document_is_heard_before_it_was_said() -> None:
    lines: Sequence[LineFacts] = two_lines(delivery(ON_THE_DAY, of_item(150), posted="2025-04-12T08:00"))
    assert figure(lines, instant("2025-04-12T07:59:59", CHICAGO), **by("RECEIVING_ADVICE")) == of("0 of 150")
    assert figure(lines, instant("2025-04-12T08:00:00", CHICAGO), **by("RECEIVING_ADVICE")) == of("150 of 150")


def reasons(lines: Sequence[LineFacts], number: int = 0, **said: Any) -> set[str]:
    return {reason for one in judged(lines, policy(**said))[number].deliveries for reason in one.reasons}


def test_every_delivery_says_why() -> None:
    assert reasons(hundred(100)) == set()
    assert reasons(SILENT, 1) == {"NOT_ON_ADVICE"}
    assert reasons(hundred(DOCK)) == {"REFUSED_SUPPLIER_FAULT", "REFUSED_CUSTOMER_FAULT"}
    assert reasons(hundred(came(90, received=100))) == {"REFUSED_SUPPLIER_FAULT"}  # nobody else said to be at fault
    assert reasons(APPROVED, **taking("APPROVED")) == {"SUBSTITUTED"}
    assert reasons(APPROVED) == set()
    assert reasons(hundred(100), onTime={"withoutAppointment": "FAIL"}) == {"NO_APPOINTMENT"}
    assert reasons(hundred(100), onTime={"arrivalEvidence": ["CHECK_IN"]}) == {"NO_ARRIVAL_EVIDENCE"}
    assert reasons(hundred(60, 40), splitDeliveries="FIRST_ONLY") == {"NOT_FIRST_DELIVERY"}


def test_every_delivery_names_its_evidence() -> None:
    def evidence(lines: Sequence[LineFacts], *kinds: str) -> Any:
        (one,) = judged(lines, policy(**by(*kinds)))
        return one.deliveries[0].evidence, one.deliveries[0].quantity

    assert evidence(ALL_THREE, "POD", "ASN") == ("POD", 98)
    assert evidence(ALL_THREE, "ASN") == ("ASN", 100)
    assert evidence(ALL_THREE, "RECEIVING_ADVICE") == ("RECEIVING_ADVICE", 92)
    assert evidence(ALL_THREE, "CONFIRMATION") == (None, 0)
    assert evidence(ONLY_SHIPPED, "RECEIVING_ADVICE") == (None, 0)
