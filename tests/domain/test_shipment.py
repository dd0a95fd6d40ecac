"""Shipments: what left, what is said of it, and what a receipt gives to be invoiced."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from domain.agreements import InvoicedQuantity, InvoiceTrigger, InvoicingTerms
from domain.order import Order
from domain.shipment import (
    ArrivalEvidence,
    DeliveredLine,
    ReceivedLine,
    RefusedLine,
    Shipment,
    ShipmentLine,
    received_of_item,
    shipment_line,
)
from domain.shipment import refusals as no
from domain.values import Side
from tests.domain.order_facts import PLACED, RELEASED
from tests.given import fact, given

ORDER = "order/acme/retailer-a/PO-7/-"
LEFT_AT = datetime(2026, 2, 28, 18, 0, tzinfo=UTC)  # already 1 March in Shanghai, still 28 February in Chicago
CAME_AT = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
ON_RECEIPT = InvoicingTerms(InvoiceTrigger.RECEIPT, 0, InvoicedQuantity.ACCEPTED)
SHIPPED_ON_RECEIPT = InvoicingTerms(InvoiceTrigger.RECEIPT, 0, InvoicedQuantity.SHIPPED)
OR_TIMEOUT = InvoicingTerms(InvoiceTrigger.RECEIPT_OR_TIMEOUT, 5, InvoicedQuantity.ACCEPTED)

SIX = ShipmentLine(
    order=ORDER,
    purchase_order_number="PO-7",
    line="1",
    item="COLA-330",
    customer_item="4711",
    quantity=Decimal(6),
    unit="CA",
    base_quantity=Decimal(144),
    unit_price=Decimal("2.50"),
    price_per=Decimal(1),
    tax_rate=Decimal("0.13"),
    gross=Decimal("16.95"),  # 15.00 + 1.95
)


def left(invoicing: InvoicingTerms = InvoicingTerms(), *lines: ShipmentLine) -> Shipment.Dispatched:
    return fact(
        Shipment.Dispatched,
        company="acme",
        number="S-1",
        partner="retailer-a",
        account="retailer-a",
        currency="USD",
        ship_to="dc-1",
        zone="America/Chicago",
        seller_zone="Asia/Shanghai",
        dispatched_at=LEFT_AT,
        dispatched_on=date(2026, 3, 1),
        expected_on=date(2026, 3, 2),
        carrier=None,
        bill_of_lading="BOL-9",
        invoicing=invoicing,
        terms=None,
        lines=lines or (SIX,),
    )


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


PRESENTED = DeliveredLine(ORDER, "1", Decimal(6))
DELIVERED = fact(
    Shipment.Delivered, at=CAME_AT, delivered_on=date(2026, 3, 2), document="POD-1", lines=(PRESENTED,)
)


def test_a_proof_of_delivery_is_dated_at_the_place() -> None:
    given(Shipment, left()).when(lambda shipment: shipment.deliver(CAME_AT, "POD-1", [PRESENTED])).then(
        DELIVERED
    )
    night = datetime(2026, 3, 3, 5, 30, tzinfo=UTC)  # 2 March 23:30 in Chicago
    given(Shipment, left()).when(lambda shipment: shipment.deliver(night, "POD-1", [PRESENTED])).then(
        replace(DELIVERED, at=night)
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


# Receiving advices


def counted(received: int, accepted: int | None = None, line: str = "1") -> ReceivedLine:
    return ReceivedLine(ORDER, line, Decimal(received), Decimal(received if accepted is None else accepted))


def received(
    line: ReceivedLine,
    version: int = 1,
    invoicing: InvoicingTerms = ON_RECEIPT,
    billed: tuple[ShipmentLine, ...] = (),
    overbilled: tuple[ShipmentLine, ...] = (),
    document: str = "861-1",
) -> Shipment.Received:
    return fact(
        Shipment.Received,
        company="acme",
        number="S-1",
        partner="retailer-a",
        account="retailer-a",
        currency="USD",
        document=document,
        version=version,
        replaces=version - 1 or None,
        received_on=date(2026, 3, 2),
        lines=(line,),
        invoicing=invoicing,
        terms=None,
        billed=billed,
        overbilled=overbilled,
    )


# 5 x 2.50 = 12.50 and 13 % of it 1.625, half up 1.63; 1 x 2.50 = 2.50 and 0.325, half up 0.33
FIVE = replace(SIX, quantity=Decimal(5), base_quantity=Decimal(120), gross=Decimal("14.13"))
ONE = replace(SIX, quantity=Decimal(1), base_quantity=Decimal(24), gross=Decimal("2.83"))
FIVE_ACCEPTED = received(counted(6, 5), billed=(FIVE,))

BILLED = {
    "invoiced at dispatch": (InvoicingTerms(), counted(5), ()),
    "what was accepted": (ON_RECEIPT, counted(6, 5), (FIVE,)),
    "what was accepted though more came": (ON_RECEIPT, counted(7, 6), (SIX,)),
    "nothing accepted": (ON_RECEIPT, counted(6, 0), ()),
    "what was shipped, whatever came": (SHIPPED_ON_RECEIPT, counted(4), (SIX,)),
}


@pytest.mark.parametrize("case", BILLED)
def test_a_receipt_gives_to_be_invoiced_what_was_agreed(case: str) -> None:
    invoicing, line, billed = BILLED[case]
    given(Shipment, left(invoicing)).when(
        lambda shipment: shipment.receive("861-1", 1, date(2026, 3, 2), [line])
    ).then(received(line, invoicing=invoicing, billed=billed))


def test_a_later_version_gives_only_its_difference() -> None:
    all_six = counted(6)
    given(Shipment, left(ON_RECEIPT), FIVE_ACCEPTED).when(
        lambda shipment: shipment.receive("861-1", 2, date(2026, 3, 2), [all_six])
    ).then(received(all_six, 2, billed=(ONE,)))
    four = replace(counted(6, 4))
    given(Shipment, left(ON_RECEIPT), FIVE_ACCEPTED).when(
        lambda shipment: shipment.receive("861-1", 2, date(2026, 3, 2), [four])
    ).then(received(four, 2, overbilled=(ONE,)))


def test_what_a_version_took_back_a_later_one_can_give_again() -> None:
    four = received(counted(6, 4), 2, overbilled=(ONE,))
    given(Shipment, left(ON_RECEIPT), FIVE_ACCEPTED, four).when(
        lambda shipment: shipment.receive("861-1", 3, date(2026, 3, 2), [counted(6, 5)])
    ).then(received(counted(6, 5), 3, billed=(ONE,)))


def test_shipped_quantities_are_given_once_whatever_the_documents() -> None:
    first = received(counted(6), invoicing=SHIPPED_ON_RECEIPT, billed=(SIX,))
    second = received(counted(1), invoicing=SHIPPED_ON_RECEIPT, document="861-2")
    given(Shipment, left(SHIPPED_ON_RECEIPT), first).when(
        lambda shipment: shipment.receive("861-2", 1, date(2026, 3, 2), [counted(1)])
    ).then(second)


def test_the_same_version_again_or_an_older_one_is_silent_and_other_content_refused() -> None:
    def receive(version: int, line: ReceivedLine, shipment: Shipment) -> None:
        shipment.receive("861-1", version, date(2026, 3, 2), [line])

    second = received(counted(6), 2, billed=(ONE,))
    facts = (left(ON_RECEIPT), FIVE_ACCEPTED, second)
    given(Shipment, *facts).when(lambda shipment: receive(2, counted(6), shipment)).then_nothing()
    given(Shipment, *facts).when(lambda shipment: receive(1, counted(6, 5), shipment)).then_nothing()
    given(Shipment, *facts).when(lambda shipment: receive(2, counted(6, 3), shipment)).then_refused(
        no.DOCUMENT_REUSED, document="Receiving advice 861-1 version 2"
    )


def test_an_advice_that_cannot_be_is_refused() -> None:
    def receiving(*lines: ReceivedLine, version: int = 1) -> None:
        given(Shipment, left()).when(
            lambda shipment: shipment.receive("861-1", version, date(2026, 3, 2), lines)
        ).then_refused(refusal)

    refusal = no.ACCEPTED_MORE_THAN_RECEIVED
    receiving(counted(4, 5))
    refusal = no.RECEIVED_NEGATIVE
    receiving(counted(-1))
    refusal = no.LINE_UNKNOWN
    receiving(counted(1, line="9"))
    refusal = no.LINE_TWICE
    receiving(counted(1), counted(2))
    refusal = no.NO_LINES
    receiving()
    refusal = no.VERSION_BELOW_ONE
    receiving(counted(1), version=0)


def test_without_a_receipt_in_the_days_agreed_what_was_shipped_is_invoiced() -> None:
    timed_out = fact(
        Shipment.ReceiptTimedOut,
        company="acme",
        number="S-1",
        partner="retailer-a",
        account="retailer-a",
        currency="USD",
        day=date(2026, 3, 8),
        invoicing=OR_TIMEOUT,
        terms=None,
        billed=(SIX,),
    )
    facts = (left(OR_TIMEOUT), DELIVERED)  # delivered 2 March, 5 days: the 7th is waited for
    given(Shipment, *facts).when(lambda shipment: shipment.time_out_receipt(date(2026, 3, 7))).then_nothing()
    given(Shipment, *facts).when(lambda shipment: shipment.time_out_receipt(date(2026, 3, 8))).then(timed_out)
    given(Shipment, *facts, timed_out).when(
        lambda shipment: shipment.time_out_receipt(date(2026, 3, 9))
    ).then_nothing()
    given(Shipment, *facts, timed_out).when(
        lambda shipment: shipment.receive("861-1", 1, date(2026, 3, 9), [counted(5)])
    ).then(replace(received(counted(5), invoicing=OR_TIMEOUT), received_on=date(2026, 3, 9)))
    given(Shipment, left()).when(
        lambda shipment: shipment.time_out_receipt(date(2026, 12, 31))
    ).then_nothing()


def test_an_advice_that_names_only_the_item_is_spread_in_line_order() -> None:  # definitions F25
    hundred = replace(SIX, quantity=Decimal(100))
    fifty = replace(SIX, line="2", quantity=Decimal(50))
    other = replace(SIX, line="3", item="TEA-500")
    spread = received_of_item([hundred, fifty, other], "COLA-330", Decimal(120), Decimal(110))
    assert spread == (counted(100), counted(20, 10, "2"))
    beyond = received_of_item([hundred, fifty], "COLA-330", Decimal(160), Decimal(160))
    assert beyond == (counted(100), counted(60, line="2"))
    assert received_of_item([hundred], "NONE", Decimal(1), Decimal(1)) == ()
