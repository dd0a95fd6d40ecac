"""Folds of the order book: shipments on their way, returns, and the EDI documents that tell of either side."""

from __future__ import annotations

from typing import Any

from domain.goods_return import Return
from domain.interchange import EdiDocument, OutboundDocument
from domain.recorded import RecordedEvent
from domain.shipment import Shipment
from projections.order_book.tables import (
    RETURNS,
    SHIPMENTS,
    VIEW,
    Advice,
    Appointment,
    Arrival,
    GivenBack,
    Receipt,
)
from projections.order_book.timeline import concern, tell
from projections.view import Needs, Page


def _the_shipment(event: Any) -> Needs:
    return {SHIPMENTS: [(event.originator_id,)]}


def _the_return(event: Any) -> Needs:
    return {RETURNS: [(event.originator_id,)]}


@VIEW.on(Shipment.Dispatched)
def _dispatched(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.put(
        SHIPMENTS,
        shipment_id=event.originator_id,
        company=event.company,
        number=event.number,
        partner=event.partner,
        ship_to=event.ship_to,
        zone=event.zone,
        dispatched_at=event.dispatched_at,
        dispatched_on=event.dispatched_on,
        expected_on=event.expected_on,
        carrier=event.carrier,
        bill_of_lading=event.bill_of_lading,
        trigger=event.invoicing.trigger,
        lines=event.lines,
        appointments=[],
        arrivals=[],
        deliveries={},
        refusals={},
        advices={},
    )
    for order in {line.order for line in event.lines}:
        concern(page, order, event.originator_id)
    tell(page, recorded)


@VIEW.on(Shipment.AppointmentMade, needs=_the_shipment)
def _appointment_made(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    appointment = Appointment(event.at, event.reference, event.by)
    page.row(SHIPMENTS, event.originator_id)["appointments"].append(appointment)
    tell(page, recorded)


@VIEW.on(Shipment.Arrived, needs=_the_shipment)
def _arrived(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(SHIPMENTS, event.originator_id)["arrivals"].append(Arrival(event.at, event.evidence))
    tell(page, recorded)


@VIEW.on(Shipment.Delivered, needs=_the_shipment)
def _delivered(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    shipment = page.row(SHIPMENTS, event.originator_id)
    shipment["deliveries"][event.document] = event.lines
    shipment["delivered_on"] = shipment["delivered_on"] or event.delivered_on
    tell(page, recorded)


@VIEW.on(Shipment.RefusedInPart, needs=_the_shipment)
def _refused_in_part(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(SHIPMENTS, event.originator_id)["refusals"][event.document] = event.lines
    tell(page, recorded)


@VIEW.on(Shipment.Received, needs=_the_shipment)
def _received(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    advice = Advice(event.version, event.replaces, event.received_on, event.lines)
    page.row(SHIPMENTS, event.originator_id)["advices"][event.document] = advice
    tell(page, recorded)


@VIEW.on(Shipment.ReceiptTimedOut, needs=_the_shipment)
def _receipt_timed_out(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(SHIPMENTS, event.originator_id)["timed_out_on"] = event.day
    tell(page, recorded)


@VIEW.on(Return.Authorised)
def _return_authorised(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    names = ("number", "partner", "company", "account", "currency", "authorised_on", "invoice", "lines")
    values = {name: getattr(event, name) for name in names}
    page.put(RETURNS, return_id=event.originator_id, receipts={}, credits={}, **values)
    for order in {line.order for line in event.lines}:
        concern(page, order, event.originator_id)
    tell(page, recorded)


@VIEW.on(Return.Received, needs=_the_return)
def _return_received(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(RETURNS, event.originator_id)["receipts"][event.document] = Receipt(event.received_on, event.lines)
    tell(page, recorded)


@VIEW.on(Return.Credited, needs=_the_return)
def _return_credited(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    given = GivenBack(event.credited_on, event.gross, event.lines)
    page.row(RETURNS, event.originator_id)["credits"][event.document] = given
    tell(page, recorded)


@VIEW.on(EdiDocument.Received, EdiDocument.Held, OutboundDocument.Delivered, OutboundDocument.Acknowledged)
def _document(recorded: RecordedEvent, page: Page) -> None:
    tell(page, recorded)


@VIEW.on(EdiDocument.Accepted)
def _document_accepted(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    concern(page, event.effect, event.originator_id)
    tell(page, recorded)


@VIEW.on(OutboundDocument.Written)
def _document_written(recorded: RecordedEvent, page: Page) -> None:
    """``about`` is a stream; what follows a "#" tells apart several documents about it."""
    event: Any = recorded.event
    concern(page, event.about.partition("#")[0], event.originator_id)
    tell(page, recorded)
