"""Where the customer's evidence contradicts ours: both values, who says so, the money at stake; F13 is the model."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given as whatever
from hypothesis import strategies as st

from domain.fill_rate.discrepancies import Discrepancy, Kind, Unplaced, discrepancies, unplaced
from domain.fill_rate.facts import Advice, Appointment, Arrival, Delivery, LineFacts, Proof
from domain.fill_rate.figures import evaluate
from domain.fill_rate.windows import Punctuality
from domain.order import ScheduleLine
from domain.shipment import ArrivalEvidence
from domain.values import Side
from tests.domain.failure_facts import (
    AFTERWARDS, OTIF, WANTED, amended, asking, day, delivery, known, line, not_on_advice, order_line, policy, refusal,
)

OURS, THEIRS = Side.SUPPLIER, Side.CUSTOMER
EARLY, ON_TIME, LATE = Punctuality.EARLY, Punctuality.ON_TIME, Punctuality.LATE


def found(*lines: LineFacts, at: datetime = AFTERWARDS, **said: Any) -> tuple[Discrepancy, ...]:
    asked = asking(policy(**said), at)
    return discrepancies(evaluate(lines, asked), asked)


def only(*lines: LineFacts, **said: Any) -> Discrepancy:
    (one,) = found(*lines, **said)
    return one


# F13: slot 09:00-10:00 with half an hour of tolerance. Our telematics: at the gate 09:10, 100 signed for. The customer:
# checked in 10:41, 92 received. 12.50 a case.

SLOT = {"windowKind": "SLOT", "target": "APPOINTMENT_LATEST", "slotLateMinutes": 30}


def shanghai(clock: str) -> datetime:
    return datetime.fromisoformat(f"2025-09-16T{clock}+08:00").astimezone(UTC)


def f13() -> LineFacts:
    gate, checked_in, posted = (shanghai(clock) for clock in ("09:10", "10:41", "14:05"))
    slot = Appointment(
        known(shanghai("08:00"), 10), gate, "A-7", THEIRS, datetime(2025, 9, 16, 9, 0), datetime(2025, 9, 16, 10, 0)
    )
    came = Delivery(
        known=known(shanghai("06:00"), 11), shipment="shipment/acme/S-9", number="S-9", ship_to="dc", zone="Asia/Shanghai",
        dispatched_at=shanghai("06:00"), expected_on=date(2025, 9, 16), quantity=Decimal(100), base_quantity=Decimal(100),
        appointments=(slot,),
        arrivals=(
            Arrival(known(gate, 12), gate, ArrivalEvidence.GATE_ARRIVAL, OURS),
            Arrival(known(checked_in, 14), checked_in, ArrivalEvidence.CHECK_IN, THEIRS),
        ),
        proofs=(Proof(known(gate, 13), gate, date(2025, 9, 16), "POD-9", Decimal(100)),),
        advices=(Advice(known(posted, 15), "RA-9", 1, posted, Decimal(92), Decimal(92), None),),
    )  # fmt: skip
    parts = (ScheduleLine("dc", date(2025, 9, 16), Decimal(100), "Asia/Shanghai"),)
    return line(original=order_line("1", 100, "12.50", parts), deliveries=(came,))


def test_the_model_case_has_the_quantity_and_the_arrival() -> None:
    quantity, arrival = found(f13(), metric="OTIF", onTime={**SLOT, "arrivalEvidence": ["CHECK_IN"]})
    assert (quantity.kind, quantity.quantity, quantity.money) == (Kind.QUANTITY, 8, Decimal("100.00"))
    assert (quantity.changes, quantity.currency) == (True, "EUR")
    assert quantity.ours is not None and arrival.ours is not None
    assert (quantity.theirs.value, quantity.theirs.by, quantity.theirs.document) == (92, THEIRS, "RA-9")
    assert (quantity.ours.value, quantity.ours.by, quantity.ours.document) == (100, OURS, "POD-9")
    assert (quantity.theirs.known.position, quantity.ours.known.position) == (15, 13)
    assert (arrival.kind, arrival.punctuality, arrival.changes) == (Kind.ARRIVAL, (ON_TIME, LATE), True)
    assert (arrival.theirs.value, arrival.theirs.document) == (shanghai("10:41"), "CHECK_IN")
    assert (arrival.ours.value, arrival.ours.document) == (shanghai("09:10"), "GATE_ARRIVAL")
    assert (arrival.theirs.known.position, arrival.ours.known.position) == (14, 12)
    assert (arrival.quantity, arrival.money) == (92, Decimal("1150.00")), "what counts, at 12.50, would be in time"


def test_it_has_the_same_name_whatever_the_values_are() -> None:
    before = found(f13(), metric="OTIF", onTime={**SLOT, "arrivalEvidence": ["CHECK_IN"]})
    corrected = replace(f13().deliveries[0], advices=(replace(f13().deliveries[0].advices[0], accepted=Decimal(95), version=2),))
    after = found(replace(f13(), deliveries=(corrected,)), metric="OTIF", onTime={**SLOT, "arrivalEvidence": ["CHECK_IN"]})
    assert [one.id for one in before] == [one.id for one in after]
    assert [one.id for one in before] == [
        "discrepancy/PO-1/1/shipment%2Facme%2FS-9/QUANTITY", "discrepancy/PO-1/1/shipment%2Facme%2FS-9/ARRIVAL",
    ]
    assert (before[0].quantity, after[0].quantity) == (8, 5)


def test_it_is_not_there_before_the_customer_says_so() -> None:
    said = {"metric": "OTIF", "onTime": {**SLOT, "arrivalEvidence": ["CHECK_IN"]}}
    assert found(f13(), at=shanghai("10:00"), **said) == ()
    (arrival,) = found(f13(), at=shanghai("12:00"), **said)
    assert arrival.kind is Kind.ARRIVAL


# How much came.


def test_both_agree_or_only_one_speaks() -> None:
    assert found(line(deliveries=(delivery(100, proof=100, accepted=100),))) == ()
    assert found(line(deliveries=(delivery(100, proof=100),))) == ()
    assert found(line(deliveries=(delivery(None, left=None, accepted=90),))) == ()


def test_what_both_know_was_refused_is_no_contradiction() -> None:
    refused = {"received": 100, "accepted": 88, "refusals": (refusal(12, OURS),)}
    assert found(line(deliveries=(delivery(100, proof=100, **refused),))) == ()
    one = only(line(deliveries=(delivery(100, proof=100, **{**refused, "accepted": 80}),)))
    assert one.ours is not None
    assert (one.theirs.value, one.ours.value, one.quantity) == (80, 88, 8)


def test_without_a_proof_our_ship_notice_is_contradicted() -> None:
    one = only(line(deliveries=(delivery(100, accepted=95),)))
    assert one.ours is not None
    assert (one.ours.document, one.ours.value, one.money) == ("S-1", 100, Decimal("50.00"))


def test_an_advice_that_does_not_name_the_line_says_nothing_came() -> None:
    one = only(line(deliveries=(delivery(100, proof=100, advices=[not_on_advice()]),)))
    assert (one.theirs.value, one.quantity, one.money) == (0, 100, Decimal("1000.00"))


def test_more_than_we_sent_is_a_contradiction_too() -> None:
    one = only(line(quantity=120, deliveries=(delivery(100, accepted=110),)))
    assert (one.kind, one.quantity) == (Kind.QUANTITY, 10)


def test_an_advice_of_the_item_alone_is_shared_by_its_lines() -> None:
    """Two lines of one item, 60 and 40 sent, 95 advised of the item: the first has its 60, the second 35."""
    said = replace(not_on_advice(), received=Decimal(95), accepted=Decimal(95), of_item=True)
    lines = [
        line(number, original=replace(order_line(number, sent), item="soap"), deliveries=(delivery(sent, advices=[said]),))
        for number, sent in (("1", 60), ("2", 40))
    ]
    one = only(*lines)
    assert (one.line, one.theirs.value, one.quantity) == ("2", 35, 5)


def test_quantities_are_in_the_unit_first_ordered() -> None:
    """Ordered 10 cases of 12 at 24.00, amended to 120 eaches; 120 eaches sent, 114 accepted: half a case, 12.00."""
    first = order_line("1", 10, "24.00", case_size=12)
    each = order_line("1", 120, "2.00", unit="EA")
    change = replace(amended(120, day(-9)), line=each)
    one = only(line(original=first, amendments=(change,), deliveries=(delivery(120, accepted=114),)))
    assert (one.theirs.value, one.quantity, one.money) == (Fraction(19, 2), Fraction(1, 2), Decimal("12.00"))
    signed = only(line(original=first, amendments=(change,), deliveries=(delivery(120, proof=120, accepted=114),)))
    assert signed.ours is not None
    assert (signed.ours.value, signed.ours.document, signed.quantity) == (10, "POD-1", Fraction(1, 2))
    fewer = replace(change, quantity=Decimal(60), line=order_line("1", 60, "2.00", unit="EA"))
    more = only(line(original=first, amendments=(fewer,), deliveries=(delivery(72, accepted=72),)))
    assert (more.kind, more.quantity, more.money) == (Kind.MORE_THAN_ORDERED, 1, Decimal("24.00"))


# More than ordered.


def test_more_than_ordered() -> None:
    """Ordered 100; 60 and 50 accepted as they were sent: 10 too many."""
    came = (delivery(60, accepted=60), delivery(50, came=1, accepted=50, name="S-2"))
    one = only(line(deliveries=came))
    assert one.ours is not None
    assert (one.kind, one.theirs.value, one.ours.value, one.quantity) == (Kind.MORE_THAN_ORDERED, 110, 100, 10)
    assert (one.ours.document, one.money, one.shipment) == ("PO-1", Decimal("100.00"), None)
    assert one.id == "discrepancy/PO-1/1/-/MORE_THAN_ORDERED"
    assert found(line(amendments=(amended(110, day(-9)),), deliveries=came)) == (), "the customer ordered as much"
    assert only(line(amendments=(amended(105, day(-9)),), deliveries=came)).quantity == 5


# When it came.


def arrived(theirs: Any, ours: Any, kinds: tuple[ArrivalEvidence, ArrivalEvidence]) -> LineFacts:
    records = tuple(
        Arrival(known(at, position), at, kind, by)
        for at, kind, by, position in ((theirs, kinds[0], THEIRS, 20), (ours, kinds[1], OURS, 21))
    )
    return line(deliveries=(delivery(100, accepted=100, arrivals=records),))


GATE, CHECK_IN = ArrivalEvidence.GATE_ARRIVAL, ArrivalEvidence.CHECK_IN
ARRIVALS: dict[str, tuple[LineFacts, tuple[Punctuality, Punctuality] | None, str]] = {
    "late by them, in time by us": (arrived(day(1), day(0), (GATE, GATE)), (ON_TIME, LATE), "1000.00"),
    "early by them, in time by us": (arrived(day(-1), day(0), (CHECK_IN, GATE)), (ON_TIME, EARLY), "1000.00"),
    "another hour of the day, the same record": (
        arrived(day(0, "11:00"), day(0, "09:00"), (GATE, GATE)), (ON_TIME, ON_TIME), "0.00",
    ),
    "the gate and the check-in, both in time": (arrived(day(0, "11:00"), day(0, "09:00"), (CHECK_IN, GATE)), None, ""),
    "the same moment": (arrived(day(0), day(0), (GATE, GATE)), None, ""),
    "both late, each by its own record": (arrived(day(2), day(1), (CHECK_IN, GATE)), None, ""),
}  # fmt: skip


@pytest.mark.parametrize("name", ARRIVALS)
def test_an_arrival_is_contradicted_by_the_side_of_the_window_or_by_the_same_record(name: str) -> None:
    facts, sides, money = ARRIVALS[name]
    rows = found(facts, **OTIF)
    assert [(one.kind, one.punctuality) for one in rows] == ([(Kind.ARRIVAL, sides)] if sides else [])
    assert [(one.money, one.changes) for one in rows] == ([(Decimal(money), money != "0.00")] if sides else [])


def test_a_signed_proof_is_our_record_of_the_arrival() -> None:
    """The customer says a day late at the gate; the proof is signed on the day. Its posting a day later says nothing."""
    came = delivery(100, came=1, accepted=100)
    signed = Proof(known(day(0), 25), day(0), WANTED, "POD-1", Decimal(100))
    one = only(line(deliveries=(replace(came, proofs=(signed,)),)), **OTIF)
    assert one.ours is not None
    assert (one.kind, one.ours.document, one.punctuality) == (Kind.ARRIVAL, "POD-1", (ON_TIME, LATE))
    posted = replace(came, arrivals=(), proofs=(signed,))
    assert found(line(deliveries=(posted,)), **OTIF) == ()
    by_posting = {**OTIF, "onTime": {"earliestDays": 0, "arrivalEvidence": ["RECEIPT_POSTED"]}}
    assert only(line(deliveries=(posted,)), **by_posting).theirs.document == "RA-1", "where the policy judges by it, it does"


def test_a_line_in_parts_has_each_contradiction_once() -> None:
    parts = tuple(ScheduleLine("dc", WANTED, Decimal(50), "UTC") for _ in range(2))
    records = (Arrival(known(day(1)), day(1), GATE, THEIRS), Arrival(known(day(0)), day(0), GATE, OURS))
    came = delivery(100, accepted=92, arrivals=records)
    quantity, arrival = found(line(original=order_line("1", 100, parts=parts), deliveries=(came,)), **OTIF)
    assert (quantity.quantity, arrival.quantity, arrival.money) == (8, 92, Decimal("920.00"))


# What we do not know.


def test_a_paper_about_what_we_do_not_have_is_kept_as_one() -> None:
    heard = known(day(1), 33)
    line_unknown, order_unknown = unplaced([
        Unplaced("order/acme/retailer/PO-1/-", "9", None, "S-1", Decimal(5), "RA-1", THEIRS, heard, order_known=True),
        Unplaced("order/acme/retailer/PO-8/-", None, "soap", None, Decimal(7), "RA-2", THEIRS, heard, order_known=False),
    ])  # fmt: skip
    assert (line_unknown.kind, order_unknown.kind) == (Kind.UNKNOWN_LINE, Kind.UNKNOWN_ORDER)
    assert (line_unknown.theirs.value, line_unknown.theirs.document, line_unknown.theirs.known.position) == (5, "RA-1", 33)
    assert (line_unknown.ours, line_unknown.money, line_unknown.line) == (None, None, "9")
    assert (order_unknown.line, order_unknown.quantity) == ("soap", 7)
    assert line_unknown.id == "discrepancy/order%2Facme%2Fretailer%2FPO-1%2F-/9/S-1/UNKNOWN_LINE"
    assert order_unknown.id == "discrepancy/order%2Facme%2Fretailer%2FPO-8%2F-/soap/RA-2/UNKNOWN_ORDER"


@whatever(st.integers(0, 200), st.integers(0, 200), st.integers(0, 50), st.integers(0, 3))
def test_the_two_values_differ_by_the_quantity(signed: int, accepted: int, refused: int, price: int) -> None:
    came = delivery(100, proof=signed, accepted=accepted, refusals=(refusal(refused, OURS),) if refused else ())
    for one in found(line(original=order_line("1", 300, str(price)), deliveries=(came,))):
        assert one.ours is not None and isinstance(one.theirs.value, Fraction) and isinstance(one.ours.value, Fraction)
        assert abs(one.theirs.value - one.ours.value) == one.quantity > 0
        assert one.money == one.quantity * price
