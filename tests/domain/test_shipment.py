"""Shipments: what left, what is said of it, and what a receipt gives to be invoiced."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from domain.agreements import InvoicingTerms
from domain.order import Order
from domain.shipment import (
    ArrivalEvidence,
    DeliveredLine,
    RefusedLine,
    Shipment,
    ShipmentLine,
    Slot,
    Substitute,
    shipment_line,
)
from domain.shipment import refusals as no
from domain.values import Side
from tests.domain.order_facts import PLACED, RELEASED
from tests.domain.shipment_facts import CAME_AT, DELIVERED, LEFT_AT, ORDER, PRESENTED, SIX, left
from tests.given import fact, given, other


def dispatch(*lines: ShipmentLine) -> Shipment:
    return Shipment.dispatch(
        company="acme",
        number="S-1",
        partner="retailer-a",
        account="retailer-a",
        currency="USD",
        ship_to="dc-1",
        zone="America/Chicago",
        seller_zone="Asia/Shanghai",
        dispatched_at=LEFT_AT,
        lines=lines,
        invoicing=InvoicingTerms(),
        terms=None,
        expected_on=date(2026, 3, 2),
        bill_of_lading="BOL-9",
    )


def test_goods_leave_on_the_date_of_the_seller() -> None:
    outcome = given(Shipment).when_new(lambda: dispatch(SIX)).then(left())
    assert outcome.aggregate is not None
    assert outcome.aggregate.id == "shipment/acme/S-1"


def test_a_shipment_line_is_made_from_its_order() -> None:
    order = given(Order, PLACED, RELEASED, stream=ORDER).aggregate
    assert order is not None
    assert shipment_line(order, "1", Decimal(6)) == SIX


def test_a_shipment_needs_goods_each_line_once() -> None:
    given(Shipment).when_new(lambda: dispatch()).then_refused(no.NO_LINES, document="The packing list")
    given(Shipment).when_new(lambda: dispatch(SIX, SIX)).then_refused(no.LINE_TWICE, line="1")
    given(Shipment).when_new(lambda: dispatch(replace(SIX, quantity=Decimal(0)))).then_refused(
        no.QUANTITY_NOT_POSITIVE, quantity="0"
    )


def test_the_same_shipment_again_is_silent_and_other_goods_are_refused() -> None:
    def again(shipment: Shipment, *lines: ShipmentLine) -> None:
        shipment.dispatch_again(partner="retailer-a", ship_to="dc-1", dispatched_at=LEFT_AT, lines=lines)

    given(Shipment, left()).when(lambda shipment: again(shipment, SIX)).then_nothing()
    given(Shipment, left()).when(
        lambda shipment: again(shipment, replace(SIX, quantity=Decimal(5)))
    ).then_refused(no.SHIPMENT_DIFFERS, differing="goods")


def test_appointments_are_each_a_fact() -> None:
    slot = fact(Shipment.AppointmentMade, at=CAME_AT, reference="A-1", by=Side.CUSTOMER)
    given(Shipment, left()).when(
        lambda shipment: shipment.make_appointment(CAME_AT, "A-1", Side.CUSTOMER)
    ).then(slot)
    given(Shipment, left(), slot).when(
        lambda shipment: shipment.make_appointment(CAME_AT, "A-1", Side.CUSTOMER)
    ).then_nothing()


def test_a_slot_has_both_its_local_times_and_is_another_with_other_ones() -> None:  # definitions F07
    from_, to = datetime(2025, 11, 2, 0, 30), datetime(2025, 11, 2, 1, 30)
    slot = fact(
        Shipment.AppointmentMade, at=CAME_AT, reference="A-1", by=Side.CUSTOMER, slot_from=from_, slot_to=to
    )
    booked = given(Shipment, left()).when(lambda s: s.make_appointment(CAME_AT, "A-1", Side.CUSTOMER, from_, to))
    booked.then(slot).then_state(appointments={"A-1": Slot(CAME_AT, from_, to)})
    given(Shipment, left(), slot).when(
        lambda s: s.make_appointment(CAME_AT, "A-1", Side.CUSTOMER, from_, to)
    ).then_nothing()
    longer = to.replace(minute=45)
    given(Shipment, left(), slot).when(
        lambda s: s.make_appointment(CAME_AT, "A-1", Side.CUSTOMER, from_, longer)
    ).then(other(slot, slot_to=longer))
    given(Shipment, left(), slot).when(lambda s: s.make_appointment(CAME_AT, "A-1", Side.CUSTOMER)).then(
        other(slot, slot_from=None, slot_to=None)
    )
    given(Shipment, left()).when(
        lambda s: s.make_appointment(CAME_AT, "A-1", Side.CUSTOMER, slot_to=to)
    ).then_refused(no.SLOT_INCOMPLETE, given="slot_to", missing="slot_from")
    given(Shipment, left()).when(
        lambda s: s.make_appointment(CAME_AT, "A-1", Side.CUSTOMER, to, from_)
    ).then_refused(no.SLOT_BACKWARDS, slot_from="2025-11-02T01:30:00", slot_to="2025-11-02T00:30:00")


def test_two_sides_may_say_different_arrivals_and_neither_is_overwritten() -> None:  # definitions F13
    ours = fact(Shipment.Arrived, at=CAME_AT, evidence=ArrivalEvidence.GATE_ARRIVAL, by=Side.SUPPLIER)
    later = datetime(2026, 3, 2, 15, 31, tzinfo=UTC)
    theirs = fact(Shipment.Arrived, at=later, evidence=ArrivalEvidence.CHECK_IN, by=Side.CUSTOMER)
    given(Shipment, left(), ours).when(
        lambda shipment: shipment.arrive(later, ArrivalEvidence.CHECK_IN, Side.CUSTOMER)
    ).then(theirs)
    given(Shipment, left(), ours, theirs).when(
        lambda shipment: shipment.arrive(CAME_AT, ArrivalEvidence.GATE_ARRIVAL)
    ).then_nothing()


def test_nothing_arrives_before_it_has_left() -> None:
    early = datetime(2026, 2, 28, 17, 59, tzinfo=UTC)
    given(Shipment, left()).when(
        lambda shipment: shipment.arrive(early, ArrivalEvidence.GATE_ARRIVAL)
    ).then_refused(no.BEFORE_DISPATCH, at="2026-02-28T17:59:00+00:00")


def test_freight_is_ready_before_it_leaves() -> None:
    early = datetime(2026, 2, 27, 9, 0, tzinfo=UTC)
    for evidence in (ArrivalEvidence.FREIGHT_READY, ArrivalEvidence.CARRIER_REQUESTED_DATE):
        ready = fact(Shipment.Arrived, at=early, evidence=evidence, by=Side.SUPPLIER)
        given(Shipment, left()).when(lambda s, said=evidence: s.arrive(early, said)).then(ready)
    for evidence in set(ArrivalEvidence) - {ArrivalEvidence.FREIGHT_READY, ArrivalEvidence.CARRIER_REQUESTED_DATE}:
        given(Shipment, left()).when(lambda s, said=evidence: s.arrive(early, said)).then_refused(no.BEFORE_DISPATCH)


def test_what_came_in_place_of_the_goods_is_kept_with_the_proof() -> None:
    tea = Substitute("TEA-500", Decimal(2), Decimal(24), approved=True)
    line = DeliveredLine(ORDER, "1", Decimal(4), (tea,))
    given(Shipment, left()).when(lambda s: s.deliver(CAME_AT, "POD-1", [line])).then(other(DELIVERED, lines=(line,)))


def test_a_proof_of_delivery_is_dated_at_the_place() -> None:
    given(Shipment, left()).when(lambda shipment: shipment.deliver(CAME_AT, "POD-1", [PRESENTED])).then(
        DELIVERED
    )
    night = datetime(2026, 3, 3, 5, 30, tzinfo=UTC)  # 2 March 23:30 in Chicago
    given(Shipment, left()).when(lambda shipment: shipment.deliver(night, "POD-1", [PRESENTED])).then(
        other(DELIVERED, at=night)
    )


def test_a_proof_of_delivery_again_is_silent_and_with_other_content_refused() -> None:
    given(Shipment, left(), DELIVERED).when(
        lambda shipment: shipment.deliver(CAME_AT, "POD-1", [PRESENTED])
    ).then_nothing()
    given(Shipment, left(), DELIVERED).when(
        lambda shipment: shipment.deliver(CAME_AT, "POD-1", [replace(PRESENTED, quantity=Decimal(5))])
    ).then_refused(no.DOCUMENT_REUSED, document="Proof of delivery POD-1")


def test_no_more_is_presented_than_was_shipped() -> None:
    given(Shipment, left(), DELIVERED).when(
        lambda shipment: shipment.deliver(CAME_AT, "POD-2", [replace(PRESENTED, quantity=Decimal(1))])
    ).then_refused(no.MORE_THAN_SHIPPED, quantity="7", shipped="6", excess="1")
    given(Shipment, left()).when(
        lambda shipment: shipment.deliver(CAME_AT, "POD-1", [replace(PRESENTED, line="9")])
    ).then_refused(no.LINE_UNKNOWN, line="9", lines=f"line 1 of {ORDER}")


def test_goods_refused_at_the_door_carry_their_fault() -> None:  # definitions F12
    damaged = RefusedLine(ORDER, "1", Decimal(2), "damaged", Side.SUPPLIER)
    no_space = RefusedLine(ORDER, "1", Decimal(3), "no dock space", Side.CUSTOMER)
    refused = fact(Shipment.RefusedInPart, at=CAME_AT, document="R-1", lines=(damaged, no_space))
    given(Shipment, left(), DELIVERED).when(
        lambda shipment: shipment.refuse_in_part(CAME_AT, "R-1", [damaged, no_space])
    ).then(refused)
    given(Shipment, left(), refused).when(
        lambda shipment: shipment.refuse_in_part(CAME_AT, "R-2", [damaged])
    ).then_refused(no.MORE_THAN_SHIPPED, quantity="7", excess="1")
