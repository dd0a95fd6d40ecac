"""Folds of the order book: shipments on their way, returns, and the EDI documents that tell of either side."""

from __future__ import annotations

from typing import Any

from domain.goods_return import Return
from domain.interchange import EdiDocument, OutboundDocument
from domain.recorded import RecordedEvent
from domain.shipment import Shipment
from projections.order_book.tables import EVIDENCE, RETURNS, SHIPMENTS, VIEW, GivenBack, Receipt
from projections.order_book.timeline import concern, tell
from projections.shipment_evidence import SAID_BY, evidence
from projections.view import Needs, Page


def _the_return(event: Any) -> Needs:
    return {RETURNS: [(event.originator_id,)]}


@VIEW.on(Shipment.Dispatched)
def _dispatched(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    names = (
        "company", "number", "partner", "ship_to", "zone", "dispatched_at", "dispatched_on", "expected_on", "carrier",
        "bill_of_lading", "lines",
    )  # fmt: skip
    facts = {name: getattr(event, name) for name in names}
    page.append(SHIPMENTS, shipment_id=event.originator_id, trigger=event.invoicing.trigger, **facts)
    for order in {line.order for line in event.lines}:
        concern(page, order, event.originator_id)
    tell(page, recorded)


@VIEW.on(*SAID_BY)
def _said(recorded: RecordedEvent, page: Page) -> None:
    page.append(EVIDENCE, shipment_id=recorded.stream, position=recorded.position, said=evidence(recorded.event))
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


@VIEW.on(
    EdiDocument.Received,
    EdiDocument.Held,
    EdiDocument.Refused,
    EdiDocument.TriedAgain,
    OutboundDocument.Delivered,
    OutboundDocument.Acknowledged,
)
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
