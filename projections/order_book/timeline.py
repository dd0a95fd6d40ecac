"""The timeline of the order book: who did what, when, as a result of what, with a few figures of it."""

from __future__ import annotations

from typing import Any

from domain.credit_account import CreditAccount
from domain.deduction import Deduction
from domain.goods_return import Return
from domain.interchange import EdiDocument, OutboundDocument
from domain.invoice import Invoice
from domain.order import Order
from domain.recorded import RecordedEvent
from domain.settlement import Settlement
from domain.shipment import Shipment
from projections.order_book.tables import CONCERNS, TIMELINE
from projections.view import Page

# What is shown of an event; "lines" is shown as their number.
SHOWN: dict[type[Any], tuple[str, ...]] = {
    Order.Placed: ("purchase_order_number", "door", "currency", "gross", "lines"),
    Order.AmendedByCustomer: ("change", "revision", "amended_on", "gross", "lines", "removed"),
    Order.Released: ("revision", "reservation"),
    Order.Held: ("revision", "reasons"),
    Order.DeliveryHeld: ("reasons",),
    Order.DeliveryFreed: ("decision",),
    Order.Confirmed: ("confirmation", "lines"),
    Order.LineCancelled: ("number", "quantity", "by", "reason"),
    Order.Cancelled: ("by", "reason", "lines"),
    Order.Expired: ("day", "lines"),
    Order.GoodsDispatched: ("shipment", "lines"),
    Order.ClosedShort: ("reason", "lines"),
    Shipment.Dispatched: ("number", "ship_to", "dispatched_at", "expected_on", "carrier", "bill_of_lading", "lines"),
    Shipment.AppointmentMade: ("at", "reference", "by"),
    Shipment.Arrived: ("at", "evidence", "by"),
    Shipment.Delivered: ("at", "document", "lines"),
    Shipment.RefusedInPart: ("at", "document", "lines"),
    Shipment.Received: ("document", "version", "received_on", "lines"),
    Shipment.ReceiptTimedOut: ("day",),
    Return.Authorised: ("number", "authorised_on", "lines"),
    Return.Received: ("document", "received_on", "lines"),
    Return.Credited: ("document", "credited_on", "gross"),
    EdiDocument.Received: ("kind", "type", "control", "partner", "verdict"),
    EdiDocument.Accepted: ("effect", "remark"),
    EdiDocument.Held: ("code", "reason"),
    EdiDocument.Refused: ("code", "reason"),
    EdiDocument.TriedAgain: ("kind", "type", "partner"),
    OutboundDocument.Written: ("kind", "partner", "control", "about"),
    OutboundDocument.Delivered: ("at", "channel"),
    OutboundDocument.Acknowledged: ("verdict", "interchange"),
    CreditAccount.Reserved: ("revision", "amount", "on"),
    CreditAccount.ReservationRefused: ("revision", "amount", "exposure", "limit", "reasons", "on"),
    CreditAccount.ReleasedByPerson: ("revision", "amount", "excess", "requester", "approver", "on"),
    CreditAccount.DeliveryHeld: ("exposure", "limit", "reasons", "on"),
    CreditAccount.DeliveryPassed: ("exposure", "limit", "released", "on"),
    CreditAccount.ReservationReduced: ("amount", "on"),
    CreditAccount.GoodsDelivered: ("shipment", "amount", "on"),
    Invoice.Issued: ("number", "kind", "issued_on", "due_on", "currency", "gross", "about"),
    Invoice.DueDatesKnown: ("due_on",),
    Invoice.Allocated: ("settlement", "cash", "discount", "write_off", "deducted", "credit"),
    Invoice.AllocationReversed: ("settlement",),
    Invoice.Voided: ("reason",),
    Settlement.RemittanceReceived: ("reference", "paid_on", "currency", "amount"),
    Settlement.Reversed: ("reason",),
    Deduction.Taken: ("amount", "currency", "customer_reason", "reason", "taken_on"),
    Deduction.Credited: ("credit_memo", "amount"),
    Deduction.Repaid: ("settlement", "amount"),
    Deduction.RepaymentReversed: ("settlement", "amount"),
    Deduction.WrittenOff: ("document", "amount"),
    Deduction.WriteOffReversed: ("document", "amount"),
    Deduction.Voided: ("reason",),
}


def tell(page: Page, recorded: RecordedEvent, subject: str | None = None) -> None:
    """A row of the timeline of ``subject``, by default of the event's own stream."""
    event = recorded.event
    shown = {name: getattr(event, name) for name in SHOWN[type(event)]}
    if "lines" in shown:
        shown["lines"] = len(shown["lines"])
    page.append(
        TIMELINE,
        subject=subject or event.originator_id,
        log=recorded.log,
        position=recorded.position,
        at=event.timestamp,
        recorded_at=recorded.recorded_at,
        type=recorded.type,
        stream=event.originator_id,
        actor=recorded.actor,
        causation=recorded.causation,
        correlation=recorded.correlation,
        facts=shown,
    )


def concern(page: Page, about: str | None, subject: str) -> None:
    """``subject``'s timeline is part of that of ``about`` (a stream); None is about nothing."""
    if about is not None:
        page.append(CONCERNS, about=about, subject=subject)
