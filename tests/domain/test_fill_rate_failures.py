"""Failed lines: what was missed, why and whose fault it was; every rule by an example, the sums for whatever facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given as whatever
from hypothesis import strategies as st

from domain.fill_rate.choices import ExclusionEffect
from domain.fill_rate.credit import contributions, ratio
from domain.fill_rate.facts import LineFacts
from domain.fill_rate.failures import failed_lines, party_totals
from domain.fill_rate.figures import evaluate
from domain.fill_rate.misses import Kind
from domain.fill_rate.net import excused_wants, net
from domain.fill_rate.parameters import LogisticParameters, always
from domain.order import ScheduleLine
from domain.order_findings import Party
from domain.values import Side
from tests.domain.failure_facts import (
    OTIF, WANTED, amended, appointment, asking, cancelled, confirmed, day, delivery, exclusion, failed, finding, held, line,
    not_on_advice, order_line, policy, refusal, shares,
)

US, CUSTOMER, CARRIER, UNKNOWN, BOTH = Party.US, Party.CUSTOMER, Party.CARRIER, Party.UNKNOWN, Party.BOTH
OURS, THEIRS = Side.SUPPLIER, Side.CUSTOMER
KEEP_ALL = {"denominator": {"cancellation": {"customerBeforeCutoff": "KEEP", "customerAfterCutoff": "KEEP"}}}
FULL = {"accepted": 100}


def only(*lines: LineFacts, **said: Any) -> Any:
    (row,) = failed(*lines, **said)
    return row


# What did not come. Each: facts, policy, (cause, department, party) of the 10 that are missing of 100.

NINETY = delivery(90, accepted=90)
MISSING: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[str, str, str]]] = {
    "the customer cancelled, the policy keeps it": (
        {"deliveries": (NINETY,), "cancellations": (cancelled(10, THEIRS, day(-3)),)}, KEEP_ALL,
        ("CUSTOMER_CANCELLED", "SALES", "CUSTOMER"),
    ),
    "the customer ordered less later, the policy keeps the original": (
        {"deliveries": (NINETY,), "amendments": (amended(90, day(-3)),)}, {}, ("CUSTOMER_REDUCED", "SALES", "CUSTOMER"),
    ),
    "expired while credit held the order": (
        {"deliveries": (NINETY,), "cancellations": (cancelled(10, None, day(1)),), "holds": (held(day(-4), day(2)),)}, {},
        ("CREDIT_HOLD", "FINANCE", "US"),
    ),
    "expired while credit held the order, and the customer was overdue": (
        {
            "deliveries": (NINETY,), "cancellations": (cancelled(10, None, day(1)),),
            "holds": (held(day(-4), day(2), "LIMIT_EXCEEDED", "OLDEST_ITEM_OVERDUE"),),
        }, {}, ("CREDIT_HOLD", "FINANCE", "CUSTOMER"),
    ),
    "given up while credit held the order": (
        {"deliveries": (NINETY,), "cancellations": (cancelled(10, OURS, day(1)),), "holds": (held(day(-4), None),)}, {},
        ("CREDIT_HOLD", "FINANCE", "US"),
    ),
    "never sent, and held when it had to leave": (
        {"deliveries": (NINETY,), "holds": (held(day(-1), day(3)),)}, {}, ("CREDIT_HOLD", "FINANCE", "US"),
    ),
    "cut at our confirmation": (
        {"deliveries": (NINETY,), "confirmations": (confirmed(90),)}, {}, ("CUT_AT_CONFIRMATION", "PRODUCTION", "US"),
    ),
    "cut at our confirmation and then closed short: the same cases": (
        {
            "deliveries": (NINETY,), "confirmations": (confirmed(90),),
            "cancellations": (cancelled(10, OURS, day(1), "CLOSED_SHORT"),),
        }, {}, ("CUT_AT_CONFIRMATION", "PRODUCTION", "US"),
    ),
    "we cancelled": (
        {"deliveries": (NINETY,), "cancellations": (cancelled(10, OURS, day(-3)),)}, {}, ("WE_CANCELLED", "SALES", "US"),
    ),
    "closed short": (
        {"deliveries": (NINETY,), "cancellations": (cancelled(10, OURS, day(1), "CLOSED_SHORT"),)}, {},
        ("CLOSED_SHORT", "PRODUCTION", "US"),
    ),
    "expired, and nothing held it": (
        {"deliveries": (NINETY,), "cancellations": (cancelled(10, None, day(1)),), "holds": (held(day(-9), day(-8)),)}, {},
        ("EXPIRED", "LOGISTICS", "US"),
    ),
    "never sent": ({"deliveries": (NINETY,)}, {}, ("NOT_SHIPPED", "LOGISTICS", "US")),
    "never sent, and held only afterwards": (
        {"deliveries": (NINETY,), "holds": (held(day(2), None),)}, {}, ("NOT_SHIPPED", "LOGISTICS", "US"),
    ),
    "what the policy measures was confirmed less, whatever was sent": (
        {"confirmations": (confirmed(90),), "deliveries": (delivery(100, **FULL),)},
        {"inFull": {"quantityEvidence": ["CONFIRMATION"]}},
        ("CUT_AT_CONFIRMATION", "PRODUCTION", "US"),
    ),
    "refused, damaged": (
        {"deliveries": (delivery(100, accepted=90, received=100, refusals=(refusal(10, OURS),)),)}, {},
        ("DAMAGED", "LOGISTICS", "US"),
    ),
    "refused at our fault": (
        {"deliveries": (delivery(100, accepted=90, received=100, refusals=(refusal(10, OURS, "short shelf life"),)),)}, {},
        ("REFUSED_OUR_FAULT", "LOGISTICS", "US"),
    ),
    "received and not accepted": (
        {"deliveries": (delivery(100, accepted=90, received=100),)}, {}, ("REFUSED_OUR_FAULT", "LOGISTICS", "US"),
    ),
    "refused at the customer's fault, and the policy counts none": (
        {"deliveries": (delivery(100, accepted=90, received=100, refusals=(refusal(10, THEIRS, "no room"),)),)},
        {"inFull": {"rejection": "COUNT_NONE"}}, ("REFUSED_BY_CUSTOMER", "SALES", "CUSTOMER"),
    ),
    "signed for, counted less by the customer": (
        {"deliveries": (delivery(100, proof=100, accepted=90),)}, {}, ("RECEIPT_DIFFERS", "LOGISTICS", "UNKNOWN"),
    ),
    "sent, nobody signed, counted less": (
        {"deliveries": (delivery(100, accepted=90),)}, {}, ("LOST_IN_TRANSIT", "LOGISTICS", "CARRIER"),
    ),
    "sent, the customer's own carrier, counted less": (
        {"deliveries": (delivery(100, accepted=90),), "freight_terms": "COLLECT"}, {},
        ("LOST_IN_TRANSIT", "LOGISTICS", "CUSTOMER"),
    ),
    "sent, signed for less": (
        {"deliveries": (delivery(100, proof=90, accepted=90),)}, {}, ("LOST_IN_TRANSIT", "LOGISTICS", "CARRIER"),
    ),
    "signed for, and the advice does not name it": (
        {"deliveries": (NINETY, delivery(10, proof=10, advices=[not_on_advice()], name="S-2"))}, {},
        ("NOT_ON_ADVICE", "LOGISTICS", "UNKNOWN"),
    ),
    "not on the advice, and nobody signed": (
        {"deliveries": (NINETY, delivery(10, advices=[not_on_advice()], name="S-2"))}, {},
        ("LOST_IN_TRANSIT", "LOGISTICS", "CARRIER"),
    ),
    "signed for, and no advice came, which alone counts": (
        {"deliveries": (NINETY, delivery(10, proof=10, name="S-2"))}, {"inFull": {"quantityEvidence": ["RECEIVING_ADVICE"]}},
        ("NO_RECEIPT", "LOGISTICS", "UNKNOWN"),
    ),
    "seen at the gate, and no paper came": (
        {"deliveries": (NINETY, delivery(10, name="S-2"))}, {"inFull": {"quantityEvidence": ["RECEIVING_ADVICE"]}},
        ("NO_RECEIPT", "LOGISTICS", "UNKNOWN"),
    ),
    "sent and never seen": (
        {"deliveries": (NINETY, delivery(10, name="S-2", came=None))}, {"inFull": {"quantityEvidence": ["RECEIVING_ADVICE"]}},
        ("LOST_IN_TRANSIT", "LOGISTICS", "CARRIER"),
    ),
    "came with a later delivery, only the first counts": (
        {"deliveries": (NINETY, delivery(10, accepted=10, name="S-2", came=1))}, {"splitDeliveries": "FIRST_ONLY"},
        ("LATER_DELIVERY", "LOGISTICS", "US"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MISSING)
def test_a_case_that_is_missing_has_its_cause(name: str) -> None:
    facts, said, (cause, department, party) = MISSING[name]
    row = only(line(**facts), **said)
    assert shares(row) == [("SHORT", 10, cause, department, party)]
    assert (row.ordered, row.counted, row.missed, row.money) == (100, 90, 10, Decimal("100.00"))
    assert row.parties[Party(party)] == 1


def test_of_a_line_that_misses_for_several_reasons_each_case_has_one() -> None:
    """100 ordered; 10 cut, 5 closed short, 3 never sent; of 82 sent 80 are signed for, 70 counted, of them 12 damaged."""
    came = delivery(82, proof=80, received=70, accepted=58, refusals=(refusal(12, OURS),))
    row = only(line(
        confirmations=(confirmed(90),), cancellations=(cancelled(15, OURS, day(-1), "CLOSED_SHORT"),), deliveries=(came,)
    ))
    assert shares(row) == [
        ("SHORT", 10, "CUT_AT_CONFIRMATION", "PRODUCTION", "US"),
        ("SHORT", 5, "CLOSED_SHORT", "PRODUCTION", "US"),
        ("SHORT", 3, "NOT_SHIPPED", "LOGISTICS", "US"),
        ("SHORT", 12, "DAMAGED", "LOGISTICS", "US"),
        ("SHORT", 2, "LOST_IN_TRANSIT", "LOGISTICS", "CARRIER"),
        ("SHORT", 10, "RECEIPT_DIFFERS", "LOGISTICS", "UNKNOWN"),
    ]  # fmt: skip
    assert (row.missed, row.money) == (42, Decimal("420.00"))
    assert row.parties == {US: Fraction(30, 42), CARRIER: Fraction(2, 42), UNKNOWN: Fraction(10, 42), CUSTOMER: 0, BOTH: 0}


def test_a_cut_that_was_made_good_is_no_cause() -> None:
    """90 confirmed, yet 100 sent: what is missing was lost on the way."""
    row = only(line(confirmations=(confirmed(90),), deliveries=(delivery(100, accepted=90),)))
    assert [share.cause.code for share in row.shares] == ["LOST_IN_TRANSIT"]


def test_what_was_closed_short_is_the_cut_first() -> None:
    """Ten cut and closed short as such, five more cancelled: these alone are the cancellation's."""
    gone = (cancelled(10, OURS, day(-3), "CLOSED_SHORT"), cancelled(5, OURS, day(-2)))
    row = only(line(confirmations=(confirmed(90),), cancellations=gone, deliveries=(delivery(85, accepted=85),)))
    assert [(share.quantity, share.cause.code) for share in row.shares] == [(10, "CUT_AT_CONFIRMATION"), (5, "WE_CANCELLED")]


def test_what_the_policy_takes_out_is_no_cause() -> None:
    """Our cancellation of 10 leaves the denominator; the 10 of 90 that are missing were not sent."""
    said = {"denominator": {"cancellation": {"supplier": "EXCLUDE"}}}
    row = only(line(cancellations=(cancelled(10, OURS, day(-3)),), deliveries=(delivery(80, accepted=80),)), **said)
    assert (row.ordered, shares(row)) == (90, [("SHORT", 10, "NOT_SHIPPED", "LOGISTICS", "US")])


def test_causes_come_in_the_order_of_the_rules_not_of_the_deliveries() -> None:
    """110 sent for 100: 10 of the first were lost, 5 of the second damaged; of the 5 missing the damage is named."""
    lost, damaged = delivery(60, accepted=50), delivery(50, received=50, accepted=45, refusals=(refusal(5, OURS),), name="S-2")
    assert shares(only(line(deliveries=(lost, damaged)))) == [("SHORT", 5, "DAMAGED", "LOGISTICS", "US")]


def test_never_confirmed_where_the_confirmation_is_measured() -> None:
    row = only(line(), inFull={"quantityEvidence": ["CONFIRMATION"]})
    assert shares(row) == [("MISSING", 100, "NOT_CONFIRMED", "SALES", "US")]


def test_a_line_of_which_nothing_came_is_missing() -> None:
    row = only(line())
    assert shares(row) == [("MISSING", 100, "NOT_SHIPPED", "LOGISTICS", "US")]
    assert row.kinds == (Kind.MISSING,)


def test_a_hold_that_ended_in_time_is_no_cause() -> None:
    row = only(line(deliveries=(NINETY,), holds=(held(day(-9), day(-4)),)))
    assert [share.cause.code for share in row.shares] == ["NOT_SHIPPED"]


def test_the_agreed_transit_says_when_it_had_to_leave() -> None:
    """Released on the day before: too late where the way takes three days, in time where it takes none."""
    facts = line(deliveries=(NINETY,), holds=(held(day(-9), day(-1)),))
    far, near = (only(facts, parameters=LogisticParameters(transit_days=days)) for days in (3, 0))
    assert [row.shares[0].cause.code for row in (far, near)] == ["CREDIT_HOLD", "NOT_SHIPPED"]


def test_what_is_broken_is_no_whole_case() -> None:
    """Ordered 240 eaches in cases of 24; 230 are accepted: 9 whole cases count, 14 are broken, 10 were lost."""
    ordered = order_line("1", 240, unit="EA", base_quantity=Decimal(240))
    row = only(
        line(original=replace(ordered, case_size=Decimal(24)), deliveries=(delivery(240, accepted=230),)),
        weightUnit="EACH", inFull={"wholeCasesOnly": True},
    )
    assert [(share.quantity, share.cause.code) for share in row.shares] == [(14, "BROKEN_CASE"), (10, "LOST_IN_TRANSIT")]


def test_each_part_of_a_schedule_misses_what_was_sent_to_its_place() -> None:
    """50 to each of two places; to the second 40 are sent, of the first's 12 are refused as damaged."""
    parts = tuple(ScheduleLine(place, WANTED, Decimal(50), "UTC") for place in ("dc", "dc-2"))
    one = delivery(50, accepted=38, received=50, refusals=(refusal(12, OURS),), name="S-2")
    two = replace(delivery(40, accepted=40, name="S-1"), ship_to="dc-2")
    first, second = failed(line(original=order_line("1", 100, parts=parts), deliveries=(two, one)))
    assert shares(first) == [("SHORT", 12, "DAMAGED", "LOGISTICS", "US")]
    assert shares(second) == [("SHORT", 10, "NOT_SHIPPED", "LOGISTICS", "US")]


def test_of_parts_at_one_place_the_later_misses_first() -> None:
    """50 and, a day later, 50; 90 are sent, 80 counted: the second part misses 10 never sent and 10 lost; no case is broken."""
    parts = tuple(ScheduleLine("dc", WANTED + timedelta(days=n), Decimal(50), "UTC") for n in (0, 1))
    facts = line(original=order_line("1", 100, parts=parts), deliveries=(delivery(90, accepted=80),))
    for said in ({}, {"inFull": {"wholeCasesOnly": True}}):
        row = only(facts, **said)
        assert row.key == ("PO-1", "1", 1)
        assert shares(row) == [
            ("SHORT", 10, "NOT_SHIPPED", "LOGISTICS", "US"), ("SHORT", 10, "LOST_IN_TRANSIT", "LOGISTICS", "CARRIER"),
        ]  # fmt: skip


# What came, but not in time. Each: facts of the line, of its delivery, what is agreed, (kind, cause, department, party).

THREE_DAYS = LogisticParameters(transit_days=3)
UNTIMELY: dict[str, tuple[dict[str, Any], dict[str, Any], LogisticParameters | None, tuple[str, str, str, str]]] = {
    "left in time by the agreed transit": (
        {}, {"left": -3, "came": 1}, THREE_DAYS, ("LATE", "CARRIER_LATE", "LOGISTICS", "CARRIER"),
    ),
    "left in time by the ship notice": (
        {}, {"left": -1, "came": 1, "expected_on": WANTED}, None, ("LATE", "CARRIER_LATE", "LOGISTICS", "CARRIER"),
    ),
    "left in time, the customer's own carrier": (
        {"freight_terms": "COLLECT"}, {"left": -3, "came": 1}, THREE_DAYS, ("LATE", "CARRIER_LATE", "LOGISTICS", "CUSTOMER"),
    ),
    "left in time by the ship notice, though not by the agreed transit": (
        {}, {"left": -1, "came": 1, "expected_on": WANTED}, THREE_DAYS, ("LATE", "CARRIER_LATE", "LOGISTICS", "CARRIER"),
    ),
    "held by credit only after it had to leave": (
        {"holds": (held(day(-2), day(-1)),)}, {"left": -1, "came": 2}, THREE_DAYS,
        ("LATE", "DISPATCHED_LATE", "LOGISTICS", "US"),
    ),
    "left too late by the agreed transit": (
        {}, {"left": -2, "came": 1}, THREE_DAYS, ("LATE", "DISPATCHED_LATE", "LOGISTICS", "US"),
    ),
    "left too late by the ship notice": (
        {}, {"left": -1, "came": 1, "expected_on": WANTED + timedelta(days=1)}, None,
        ("LATE", "DISPATCHED_LATE", "LOGISTICS", "US"),
    ),
    "left after the window, however long the way": (
        {}, {"left": 1, "came": 2}, None, ("LATE", "DISPATCHED_LATE", "LOGISTICS", "US"),
    ),
    "left before, and nobody knows how long the way is": (
        {}, {"left": -1, "came": 1}, None, ("LATE", "UNEXPLAINED", "NONE", "UNKNOWN"),
    ),
    "released by credit too late to be in time": (
        {"holds": (held(day(-9), day(-1)),)}, {"left": -1, "came": 2}, THREE_DAYS, ("LATE", "CREDIT_HOLD", "FINANCE", "US"),
    ),
    "released too late, and the customer was overdue": (
        {"holds": (held(day(-9), day(-1), "DUNNING_LEVEL"),)}, {"left": -1, "came": 2}, THREE_DAYS,
        ("LATE", "CREDIT_HOLD", "FINANCE", "CUSTOMER"),
    ),
    "released in time": (
        {"holds": (held(day(-9), day(-3)),)}, {"left": -1, "came": 2}, THREE_DAYS,
        ("LATE", "DISPATCHED_LATE", "LOGISTICS", "US"),
    ),
    "the customer's appointment was after the window": (
        {}, {"left": -1, "came": 2, "appointments": (appointment(day(2)),)}, THREE_DAYS,
        ("LATE", "APPOINTMENT_LATE", "SALES", "CUSTOMER"),
    ),
    "our own appointment was after the window": (
        {}, {"left": -1, "came": 2, "appointments": (appointment(day(2), OURS),)}, THREE_DAYS,
        ("LATE", "DISPATCHED_LATE", "LOGISTICS", "US"),
    ),
    "the customer's appointment was late, and we missed even that": (
        {}, {"left": 1, "came": 4, "appointments": (appointment(day(2)),)}, THREE_DAYS,
        ("LATE", "APPOINTMENT_LATE", "LOGISTICS", "BOTH"),
    ),
    "the customer moved the day": (
        {"amendments": (amended(100, day(-6), WANTED + timedelta(days=2)),)}, {"left": -1, "came": 2}, THREE_DAYS,
        ("LATE", "DATE_MOVED", "SALES", "CUSTOMER"),
    ),
    "no record of the arrival": (
        {}, {"left": -3, "came": None}, THREE_DAYS, ("LATE", "NO_ARRIVAL_EVIDENCE", "LOGISTICS", "UNKNOWN"),
    ),
    "planned into the window and there before it": (
        {}, {"left": -3, "came": -1}, THREE_DAYS, ("EARLY", "CARRIER_EARLY", "LOGISTICS", "CARRIER"),
    ),
    "sent too early": ({}, {"left": -5, "came": -1}, THREE_DAYS, ("EARLY", "DISPATCHED_EARLY", "LOGISTICS", "US")),
    "the customer's appointment was before the window": (
        {}, {"left": -5, "came": -1, "appointments": (appointment(day(-1)),)}, THREE_DAYS,
        ("EARLY", "APPOINTMENT_EARLY", "SALES", "CUSTOMER"),
    ),
    "the customer moved the day forward": (
        {"amendments": (amended(100, day(-9), WANTED - timedelta(days=2)),)}, {"left": -5, "came": -2}, THREE_DAYS,
        ("EARLY", "DATE_MOVED", "SALES", "CUSTOMER"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", UNTIMELY)
def test_a_delivery_that_is_not_in_time_has_its_cause(name: str) -> None:
    facts, came, parameters, (kind, cause, department, party) = UNTIMELY[name]
    row = only(line(deliveries=(delivery(100, **came, **FULL),), **facts), parameters=parameters, **OTIF)
    assert shares(row) == [(kind, 100, cause, department, party)]
    assert (row.counted, row.missed) == (0, 100)


def test_without_an_appointment_that_the_customer_asks_for_it_is_ours() -> None:
    said = {**OTIF, "onTime": {"earliestDays": 0, "withoutAppointment": "RECEIPT_POSTED"}}
    late = delivery(100, came=0, advices=[replace(not_on_advice(2), received=Decimal(100), accepted=Decimal(100))])
    assert shares(only(line(deliveries=(late,)), **said)) == [("LATE", 100, "NO_APPOINTMENT", "LOGISTICS", "US")]


def test_a_delivery_that_left_after_its_slot_left_too_late() -> None:
    """A slot of the day wanted at 08:00, left at 10:00 of that day, the way takes no day."""
    said = {**OTIF, "onTime": {"windowKind": "SLOT", "target": "APPOINTMENT_LATEST"}}
    came = delivery(100, left=0, appointments=(appointment(day(0, "08:00")),), **FULL)
    row = only(line(deliveries=(came,)), parameters=LogisticParameters(transit_days=0), **said)
    assert shares(row) == [("LATE", 100, "DISPATCHED_LATE", "LOGISTICS", "US")]


def test_where_all_parts_must_be_in_time_the_good_ones_fail_by_the_late_ones() -> None:
    """60 in time, 40 a day late by the carrier: with ALL_ON_TIME nothing counts, and all of it is the carrier's."""
    came = (delivery(60, accepted=60), delivery(40, left=-3, came=1, accepted=40, name="S-2"))
    row = only(line(deliveries=came), parameters=THREE_DAYS, splitDeliveries="ALL_ON_TIME", **OTIF)
    assert shares(row) == [("LATE", 100, "CARRIER_LATE", "LOGISTICS", "CARRIER")]


def test_short_and_late_is_one_row() -> None:
    """Of 100: 50 in time, 30 a day late, 20 never sent."""
    came = (delivery(50, accepted=50), delivery(30, left=1, came=2, accepted=30, name="S-2"))
    row = only(line(deliveries=came), **OTIF)
    assert shares(row) == [
        ("SHORT", 20, "NOT_SHIPPED", "LOGISTICS", "US"), ("LATE", 30, "DISPATCHED_LATE", "LOGISTICS", "US"),
    ]  # fmt: skip
    assert row.kinds == (Kind.SHORT, Kind.LATE)


def test_the_metric_says_what_is_a_failure() -> None:
    """50 in time, 30 late, 20 missing: FILL misses 20, OTIF 50, ON_TIME 30 of the 80 that came."""
    came = (delivery(50, accepted=50), delivery(30, left=1, came=2, accepted=30, name="S-2"))
    rows = [only(line(deliveries=came), **{**OTIF, "metric": metric}) for metric in ("FILL", "OTIF", "ON_TIME")]
    assert [(row.counted, row.missed) for row in rows] == [(80, 20), (50, 50), (50, 30)]


def test_too_much_fails_where_the_policy_says_so() -> None:
    """106 of 100 with a tolerance of 5 %."""
    said = {"weightUnit": "LINE", "creditMode": "ALL_OR_NOTHING", "inFull": {"overTolerance": {"value": "5", "onExceed": "FAIL"}}}
    row = only(line(deliveries=(delivery(106, accepted=106),)), **said)
    assert shares(row) == [("OVER", 6, "OVER_DELIVERED", "LOGISTICS", "US")]
    assert (row.counted, row.missed, row.money, row.lost) == (100, 6, Decimal("60.00"), 1)
    assert failed(line(deliveries=(delivery(105, accepted=105),)), **said) == ()


def test_what_came_late_beyond_all_that_was_wanted_fails_on_time() -> None:
    """100 in time and 20 more a day late: not all of the line was in time."""
    came = (delivery(100, **FULL), delivery(20, left=1, came=2, accepted=20, name="S-2"))
    row = only(line(deliveries=came), **{**OTIF, "metric": "ON_TIME"}, weightUnit="LINE")
    assert shares(row) == [("LATE", 20, "DISPATCHED_LATE", "LOGISTICS", "US")]
    assert (row.counted, row.lost) == (100, 1)


def test_a_condition_that_fails_takes_the_whole_line() -> None:
    damaged = delivery(100, accepted=95, received=100, refusals=(refusal(5, OURS),))
    row = only(line(deliveries=(damaged,)), conditions=["UNDAMAGED"], weightUnit="LINE", creditMode="ALL_OR_NOTHING")
    assert shares(row) == [("SHORT", 5, "DAMAGED", "LOGISTICS", "US"), ("CONDITION", 95, "DAMAGED", "LOGISTICS", "US")]
    late = replace(damaged, arrivals=delivery(1, came=2).arrivals)
    row = only(line(deliveries=(late,)), conditions=["UNDAMAGED"])
    assert shares(row)[1] == ("CONDITION", 95, "DAMAGED", "LOGISTICS", "US"), "FILL does not ask when it came"
    no_papers = delivery(None, left=None, received=100, accepted=95, refusals=(refusal(5, OURS),))
    row = only(line(quantity=95, deliveries=(no_papers,)), conditions=["DOCUMENTS"])
    assert shares(row) == [("CONDITION", 95, "PAPERS_MISSING", "LOGISTICS", "US")]


def test_what_a_tolerance_forgives_is_no_failure() -> None:
    said = {"weightUnit": "LINE", "creditMode": "ALL_OR_NOTHING", "inFull": {"underTolerance": {"value": "2"}}}
    assert failed(line(deliveries=(delivery(98, accepted=98),)), **said) == ()
    assert only(line(deliveries=(delivery(97, accepted=97),)), **said).missed == 3
    rows = failed(
        line("1", deliveries=(delivery(98, accepted=98),)), line("2", deliveries=(delivery(97, accepted=97),)),
        **{**said, "weightUnit": "ORDER"},
    )
    assert [row.key[1] for row in rows] == ["2"], "the order fails, the first line does not"


def test_what_does_not_count_is_no_failure() -> None:
    """Filled, before the window closes, excluded by a grant that the policy follows, not delivered but asked for on time."""
    assert failed(line(deliveries=(delivery(100, **FULL),)), **OTIF) == ()
    assert failed(line(), at=day(-1), **OTIF) == ()
    granted = line(exclusions=(exclusion("RECALL", THEIRS),))
    assert failed(granted, exclusions={"RECALL": "EXCLUDE"}) == ()
    assert failed(granted, exclusions={"RECALL": "PASS"}) == ()
    assert failed(line(), **{**OTIF, "metric": "ON_TIME"}) == ()


# Who names the cause.


def test_the_latest_finding_of_a_person_overrides_every_rule() -> None:
    facts = line(
        deliveries=(NINETY,), confirmations=(confirmed(90),), exclusions=(exclusion("CUSTOMER_DC_CONGESTION", THEIRS),),
        causes=(finding("STRIKE", "CARRIER", "LOGISTICS", 40), finding("PROMOTION_NOT_TOLD", "BOTH", "MARKETING", 41)),
    )
    row = only(facts)
    assert shares(row) == [("SHORT", 10, "PROMOTION_NOT_TOLD", "MARKETING", "BOTH")]
    assert row.finding is not None and row.finding.known.position == 41
    assert row.parties[BOTH] == 1
    earlier = failed(facts, at=day(5, "12:00"))
    assert shares(earlier[0])[0][2] == "CUSTOMER_DC_CONGESTION", "the findings were made on the sixth day"


@pytest.mark.parametrize(
    ("code", "department", "party"),
    [
        ("CUSTOMER_DC_CONGESTION", "SALES", "CUSTOMER"), ("CUSTOMER_NO_APPOINTMENT", "SALES", "CUSTOMER"),
        ("FORCE_MAJEURE", "NONE", "UNKNOWN"), ("RECALL", "PRODUCTION", "US"), ("DISCONTINUED", "MARKETING", "US"),
    ],
)  # fmt: skip
def test_a_grant_of_the_customer_names_the_cause(code: str, department: str, party: str) -> None:
    row = only(line(deliveries=(NINETY,), exclusions=(exclusion(code, THEIRS),)))
    assert shares(row) == [("SHORT", 10, code, department, party)]
    assert row.excused


def test_our_own_claim_changes_nobody_s_fault() -> None:
    row = only(line(deliveries=(NINETY,), exclusions=(exclusion("CUSTOMER_DC_CONGESTION", OURS),)))
    assert shares(row) == [("SHORT", 10, "NOT_SHIPPED", "LOGISTICS", "US")]
    assert (row.claimed, row.excused) == (("CUSTOMER_DC_CONGESTION",), False)


def test_an_order_at_short_notice_is_the_customer_s_whatever_we_did() -> None:
    """Ordered 30 days before, 31 are agreed: METRO's cause 22."""
    row = only(line(deliveries=(NINETY,), confirmations=(confirmed(90),)), parameters=LogisticParameters(lead_time_days=31))
    (share,) = row.shares
    assert (share.cause.code, share.cause.number, share.cause.party) == ("SHORT_LEAD_TIME", "22", CUSTOMER)
    assert (row.broken, row.excused) == (("SHORT_LEAD_TIME",), True)


def test_whether_an_order_reaches_its_minimum_needs_all_of_its_lines() -> None:
    """Two lines of 100 and a minimum of 150: where only the first is shown, the second must be handed in."""
    one, two = line("1", deliveries=(NINETY,)), line("2", deliveries=(delivery(100, **FULL),))
    asked, least = asking(policy()), always(LogisticParameters(minimum_order_cases=Decimal(150)))
    shown = contributions(evaluate([one, two], asked), asked.policy, asked.policy.metric)[:1]
    assert [row.broken for row in failed_lines(shown, asked, least, [one, two])] == [()]
    assert [row.broken for row in failed_lines(shown, asked, least)] == [("BELOW_MOQ",)]


def test_a_breach_that_is_not_excused_makes_our_fault_a_fault_of_both() -> None:
    """Of 20 missing 10 were cut by us, 10 the customer counted less than was signed for, which alone would be unknown."""
    agreed = LogisticParameters(lead_time_days=31, excused=False)
    facts = line(confirmations=(confirmed(90),), deliveries=(delivery(90, proof=90, accepted=80),))
    row = only(facts, parameters=agreed)
    assert shares(row) == [
        ("SHORT", 10, "CUT_AT_CONFIRMATION", "PRODUCTION", "BOTH"), ("SHORT", 10, "SHORT_LEAD_TIME", "SALES", "CUSTOMER"),
    ]  # fmt: skip
    assert (row.shares[0].cause.number, row.excused) == ("22", False)


def test_a_person_may_find_that_a_breach_was_not_the_reason() -> None:
    agreed = LogisticParameters(lead_time_days=31)
    ours = only(line(deliveries=(NINETY,), causes=(finding("BREAKDOWN", "US", "PRODUCTION"),)), parameters=agreed)
    assert (ours.excused, ours.broken) == (False, ("SHORT_LEAD_TIME",))
    theirs = only(line(deliveries=(NINETY,), causes=(finding("OFF_SCHEDULE", "CUSTOMER", "SALES"),)), parameters=agreed)
    assert (theirs.excused, theirs.shares[0].cause.number) == (True, "23")
    other = only(line(deliveries=(NINETY,), causes=(finding("STRIKE_AT_STORE", "CUSTOMER", "SALES"),)), parameters=agreed)
    assert (other.excused, other.parties[CUSTOMER]) == (False, 1), "the customer's fault, but nothing it agreed to excuse"


# All lines together.


def test_parties_are_weighed_by_what_the_figure_lost() -> None:
    """A loses 10 of its 100 cases by us, B 30 by the carrier, of another unit price: 1/4 and 3/4 of the 40 cases lost."""
    rows = failed(
        line("1", 100, "10.00", deliveries=(NINETY,)), line("2", 100, "99.00", deliveries=(delivery(100, accepted=70),))
    )
    assert party_totals(rows) == {US: Fraction(1, 4), CARRIER: Fraction(3, 4), CUSTOMER: 0, UNKNOWN: 0, BOTH: 0}
    assert [row.money for row in rows] == [Decimal("100.00"), Decimal("2970.00")]
    assert party_totals(()) is None


def test_what_an_order_lost_is_lost_by_the_lines_that_failed() -> None:
    """Two orders fail whole: in one the carrier loses one line of two, in the other we do not send the only line."""
    said = {"weightUnit": "ORDER", "creditMode": "ALL_OR_NOTHING"}
    rows = failed(
        line("1", deliveries=(delivery(100, **FULL),)), line("2", deliveries=(delivery(100, accepted=90),)),
        line("1", order="PO-2", deliveries=(NINETY,)), **said,
    )
    assert [(row.key[:2], row.lost) for row in rows] == [(("PO-1", "2"), 1), (("PO-2", "1"), 1)]
    assert party_totals(rows) == {US: Fraction(1, 2), CARRIER: Fraction(1, 2), CUSTOMER: 0, UNKNOWN: 0, BOTH: 0}


def test_what_another_line_of_the_item_made_up_for_is_not_missed() -> None:
    """Two lines of one item at one place: 10 short and 4 too many are 6 missed."""
    one = line("1", deliveries=(NINETY,))
    two = line("2", original=replace(order_line("2", 50), item="item-1"), deliveries=(delivery(54, accepted=54),))
    row = only(one, two, weightUnit="SKU_LOCATION")
    assert (row.missed, row.lost) == (6, Fraction(6, 150))
    whole = only(one, two, weightUnit="SKU_LOCATION", creditMode="ALL_OR_NOTHING")
    assert (whole.missed, whole.lost) == (10, 1), "the item at the place fails whole, by this line"


def test_money_is_rounded_once() -> None:
    """A third of a case is missing at 1.00 a dozen cases: 1/3 x 1/12 = 0.0277..., 3 cents."""
    dear = replace(order_line("1", 100, "1.00"), price_per=Decimal(12))
    came = delivery(100, accepted="99.666667")
    row = only(line(original=dear, deliveries=(came,)))
    assert (row.missed, row.money) == (Fraction(333_333, 1_000_000), Decimal("0.03"))


# The worked table of the feature list, section 5: one purchase order under every definition, gross and net.


def worked() -> tuple[LineFacts, ...]:
    """A 100 at 10 in the window; B 60 at 20, 10 of them two days late; C 40 at 50, a day early."""
    late = delivery(10, left=1, came=2, accepted=10, name="S-2")
    return (
        line("A", 100, "10.00", deliveries=(delivery(100, accepted=100),)),
        line("B", 60, "20.00", deliveries=(delivery(50, accepted=50), late)),
        line("C", 40, "50.00", deliveries=(delivery(40, came=-1, accepted=40, name="S-3"),)),
    )


EARLY_ALLOWED = {"metric": "OTIF", "onTime": {"earliestDays": -1}}
WHOLE_LINES = {"weightUnit": "LINE", "creditMode": "ALL_OR_NOTHING"}
TABLE: dict[str, tuple[dict[str, Any], tuple[int, int]]] = {
    "cases, any time": ({"metric": "FILL"}, (200, 200)),
    "cases in the window": (OTIF, (150, 200)),
    "cases, a day early allowed": (EARLY_ALLOWED, (190, 200)),
    "lines whole in the window": ({**OTIF, **WHOLE_LINES}, (1, 3)),
    "lines whole, a day early allowed": ({**EARLY_ALLOWED, **WHOLE_LINES}, (2, 3)),
    "the order all or nothing": ({**OTIF, "weightUnit": "ORDER", "creditMode": "ALL_OR_NOTHING"}, (0, 1)),
    "value in the window": ({**OTIF, "weightUnit": "VALUE"}, (2000, 4200)),
}


@pytest.mark.parametrize("name", TABLE)
def test_one_purchase_order_under_every_definition(name: str) -> None:
    said, (numerator, denominator) = TABLE[name]
    asked = asking(policy(**said))
    figure = ratio(contributions(evaluate(worked(), asked), asked.policy, asked.policy.metric))
    assert (figure.numerator, figure.denominator) == (numerator, denominator)


def test_the_fine_of_the_worked_order() -> None:
    """3 % of 10 x 20 + 40 x 50 = 2,200 is 66.00."""
    rows = failed(*worked(), **OTIF)
    assert [(row.key[1], row.kinds, row.money) for row in rows] == [
        ("B", (Kind.LATE,), Decimal("200.00")), ("C", (Kind.EARLY,), Decimal("2000.00")),
    ]  # fmt: skip
    assert sum(row.money for row in rows) * Decimal("0.03") == Decimal("66.00")


def test_net_counts_what_is_excused_as_filled() -> None:
    """B was ordered at short notice (22): its 10 late cases are excused, 160 of 200 are left. Taken out it would be 100/140."""
    short = [replace(one, ordered_on=WANTED - timedelta(days=4 if one.number == "B" else 30)) for one in worked()]
    asked = asking(policy(**OTIF))
    parts = contributions(evaluate(short, asked), asked.policy, asked.policy.metric)
    rows = failed_lines(parts, asked, always(LogisticParameters(lead_time_days=5)))
    assert [(row.key[1], row.excused, row.shares[0].cause.number) for row in rows] == [("B", True, "22"), ("C", False, None)]
    excused = excused_wants(rows)
    gross, net_of = ratio(parts), net(parts, asked.policy, excused)
    assert (gross.numerator, gross.denominator) == (150, 200)
    assert (net_of.numerator, net_of.denominator) == (160, 200)
    left = net(parts, asked.policy, excused, ExclusionEffect.EXCLUDE)
    assert (left.numerator, left.denominator) == (100, 140)
    assert net(parts, asked.policy, frozenset()) == gross


def test_an_order_passes_net_only_where_all_that_failed_is_excused() -> None:
    asked = asking(policy(**OTIF, weightUnit="ORDER", creditMode="ALL_OR_NOTHING"))
    parts = contributions(evaluate(worked(), asked), asked.policy, asked.policy.metric)
    one, both = ({("PO-1", name, 0) for name in names} for names in ("B", "BC"))
    assert [net(parts, asked.policy, keys).value for keys in (one, both)] == [0, 1]


# Whatever the facts: the shares are all of what was missed, the parties all of what was lost.

QUANTITIES = st.integers(0, 130).map(Decimal)


@st.composite
def any_delivery(draw: st.DrawFn, name: str) -> Any:
    sent = draw(st.none() | QUANTITIES)
    received, proof = draw(st.none() | QUANTITIES), draw(st.none() | QUANTITIES)
    accepted = None if received is None else draw(st.integers(0, int(received)))
    refusals = draw(st.lists(st.builds(refusal, st.integers(1, 30), st.sampled_from(Side)), max_size=2))
    appointments = draw(st.lists(st.builds(appointment, st.integers(-2, 3).map(day), st.sampled_from(Side)), max_size=1))
    came, left = draw(st.none() | st.integers(-2, 3)), draw(st.none() | st.integers(-6, 2))
    expected = draw(st.none() | st.integers(-2, 3))
    made = delivery(
        sent, left=left, came=came, accepted=accepted, received=received, proof=proof, name=name, refusals=tuple(refusals),
        appointments=tuple(appointments), expected_on=None if expected is None else WANTED + timedelta(days=expected),
    )
    if draw(st.booleans()):
        return made
    return replace(made, advices=(not_on_advice(),), ship_to=draw(st.sampled_from(["dc", "dc-2", None])))


@st.composite
def any_line(draw: st.DrawFn, number: str) -> LineFacts:
    quantity = draw(st.integers(1, 100))
    split = draw(st.integers(0, quantity))
    parts = tuple(
        ScheduleLine(place, WANTED, Decimal(part), "UTC") for place, part in (("dc", quantity - split), ("dc-2", split)) if part
    )
    at = st.integers(-10, 3).map(day)
    cause = st.sampled_from(["CANCELLED", "CLOSED_SHORT"])
    by = st.sampled_from([*Side, None])
    cancellations = draw(st.lists(st.builds(cancelled, st.integers(1, 40), by, at, cause), max_size=3))
    holds = draw(st.lists(st.builds(held, at, st.none() | at, st.sampled_from(["NO_LIMIT", "OVERDUE"])), max_size=2))
    original = replace(order_line(number, quantity, parts=parts), item=draw(st.sampled_from(["soap", "tea"])))
    return line(
        number, original=original, cancellations=tuple(cancellations), holds=tuple(holds),
        ordered_on=WANTED - timedelta(days=draw(st.integers(0, 20))),
        confirmations=tuple(draw(st.lists(st.builds(confirmed, QUANTITIES), max_size=1))),
        amendments=tuple(draw(st.lists(st.builds(amended, QUANTITIES, at), max_size=1))),
        exclusions=tuple(draw(st.lists(st.builds(exclusion, st.just("RECALL"), st.sampled_from(Side)), max_size=1))),
        causes=tuple(draw(st.lists(st.just(finding("STRIKE", "BOTH", "LOGISTICS")), max_size=1))),
        deliveries=tuple(draw(any_delivery(f"S-{n}")) for n in range(draw(st.integers(0, 3)))),
    )  # fmt: skip


POLICIES = st.fixed_dictionaries(
    {
        "metric": st.sampled_from(["FILL", "ON_TIME", "OTIF"]),
        "weightUnit": st.sampled_from(["CASE", "LINE", "SKU_LOCATION", "ORDER", "VALUE"]),
        "creditMode": st.sampled_from(["PROPORTIONAL", "ALL_OR_NOTHING"]),
        "splitDeliveries": st.sampled_from(["FIRST_ONLY", "ACCUMULATE_IN_WINDOW", "ALL_ON_TIME"]),
        "conditions": st.sampled_from([[], ["UNDAMAGED"], ["DOCUMENTS", "UNDAMAGED"]]),
        "onTime": st.sampled_from([{"earliestDays": 0}, {"earliestDays": -1, "withoutAppointment": "FAIL"}]),
        "inFull": st.sampled_from([
            {}, {"rejection": "COUNT_NONE", "overTolerance": {"value": "5", "onExceed": "FAIL"}},
            {"quantityEvidence": ["RECEIVING_ADVICE"], "underTolerance": {"value": "3"}}, {"quantityEvidence": ["POD"]},
        ]),
        "denominator": st.sampled_from([{}, KEEP_ALL["denominator"], {"quantityBasis": "LATEST_AMENDED"}]),
    }
)  # fmt: skip
AGREED = st.none() | st.builds(
    LogisticParameters, lead_time_days=st.none() | st.just(5), transit_days=st.none() | st.integers(0, 4), excused=st.booleans()
)


@whatever(st.tuples(any_line("1"), any_line("2")), POLICIES, AGREED)
def test_the_shares_are_always_all_that_was_missed(
    lines: tuple[LineFacts, ...], said: dict[str, Any], agreed: LogisticParameters | None
) -> None:
    asked = asking(policy(**said))
    parts = contributions(evaluate(lines, asked), asked.policy, asked.policy.metric)
    rows = failed_lines(parts, asked, always(agreed))
    for row in rows:
        assert sum(share.quantity for share in row.shares) == row.missed > 0
        assert all(share.quantity > 0 for share in row.shares)
        assert sum(row.parties.values()) == 1
        assert 0 <= row.counted <= row.ordered
        assert row.lost > 0
        assert row.counted + row.missed <= row.ordered or Kind.OVER in row.kinds or asked.policy.metric == "ON_TIME"
    totals = party_totals(rows)
    assert (totals is None) is (not rows)
    assert totals is None or sum(totals.values()) == 1
    if asked.policy.pass_level == "LINE" and asked.policy.weight_unit in ("CASE", "LINE", "VALUE"):
        assert sum(row.lost for row in rows) == sum(part.missed for part in parts), "every loss of the figure has its row"


@whatever(any_line("1"))
def test_in_proportion_what_is_missed_is_what_the_figure_misses(facts: LineFacts) -> None:
    """By the eaches of one line, a case each: the sum of the quantities missed is the gap of the figure."""
    asked = asking(policy(**OTIF))
    parts = contributions(evaluate([facts], asked), asked.policy, asked.policy.metric)
    rows = failed_lines(parts, asked, always(None))
    assert sum(row.missed for row in rows) == sum(part.missed for part in parts)
