"""Whenever ..., then ...: what EDI adds to the policies of orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import unquote

from domain.interchange import EdiDocument, Payload
from domain.invoice import Invoice
from domain.invoice_facts import InvoiceKind
from domain.order import Order
from domain.recorded import RecordedEvent
from domain.remittance_document import RemittanceDocument
from domain.shipment import Shipment
from domain.trading_partner import TradingPartner
from domain.values import local_date
from services.command import Command
from services.orders.edi import answering, billing, notifying
from services.orders.edi.answered import AcceptDocument, HoldDocument
from services.orders.edi.answering import SendOrderAcknowledgment
from services.orders.edi.applying import FOR_OTHERS, ApplyDocument
from services.orders.edi.billing import SendInvoice
from services.orders.edi.notifying import SendShipNotice
from services.orders.edi.reading import read_payload
from services.orders.edi.sending import release_out
from services.reactions import Policy, Sight


def apply_what_was_received(recorded: RecordedEvent, _: Sight) -> Sequence[Command]:
    event = recorded.event
    if not isinstance(event, EdiDocument.Received) or not event.effective or event.kind in FOR_OTHERS:
        return []
    return [ApplyDocument(document=event.originator_id)]


def answer_what_was_confirmed(recorded: RecordedEvent, sight: Sight) -> Sequence[Command]:
    event = recorded.event
    if not isinstance(event, Order.Confirmed):
        return []
    if not takes(sight, partner_of(event.originator_id), answering.KIND, event.timestamp):
        return []
    return [SendOrderAcknowledgment(order=event.originator_id, confirmation=event.confirmation)]


def announce_what_was_dispatched(recorded: RecordedEvent, sight: Sight) -> Sequence[Command]:
    event = recorded.event
    if not isinstance(event, Shipment.Dispatched) or not takes(sight, event.partner, notifying.KIND, event.timestamp):
        return []
    return [SendShipNotice(shipment=event.originator_id)]


def send_what_was_invoiced(recorded: RecordedEvent, sight: Sight) -> Sequence[Command]:
    event = recorded.event
    if not isinstance(event, Invoice.Issued) or event.kind is not InvoiceKind.INVOICE:
        return []
    if not takes(sight, event.partner, billing.KIND, event.timestamp):
        return []
    names = (
        "company", "number", "partner", "currency", "issued_on", "due_on", "discount_on", "discount_amount", "shipment",
        "lines", "gross",
    )
    return [SendInvoice(invoice=event.originator_id, **{name: getattr(event, name) for name in names})]


def note_what_was_settled(recorded: RecordedEvent, _: Sight) -> Sequence[Command]:
    """Receivables answers a remittance advice with a fact of its own (decision 38)."""
    match recorded.event:
        case RemittanceDocument.Settled() | RemittanceDocument.SettledAfterAll() as done:
            return [AcceptDocument(document=done.document, effect=done.settlement, remark=done.remark)]
        case RemittanceDocument.Refused() | RemittanceDocument.RefusedAgain() as refused:
            return [HoldDocument(document=refused.document, code=refused.code, reason=refused.reason)]
    return []


def partner_of(order: str) -> str:
    """The partner that an order's stream names (decision 36)."""
    return unquote(order.split("/")[2])


def takes(sight: Sight, partner: str, kind: str, at: datetime) -> bool:
    """Whether the partner takes such documents by EDI: its profile lists them, has an address and an X12 release."""
    known = sight.look(TradingPartner, TradingPartner.stream(partner))
    if known is None or not known.state.edi_profiles:
        return False
    profile = known.edi_profile_on(local_date(at, known.state.zone))
    return kind in profile.documents_out and bool(profile.interchange_id and release_out(profile))


ON_ORDERS = (
    Policy("read_payload", (Payload.Received,), read_payload),
    Policy("apply_edi_document", (EdiDocument.Received,), apply_what_was_received),
    Policy("answer_what_was_confirmed", (Order.Confirmed,), answer_what_was_confirmed),
    Policy("announce_what_was_dispatched", (Shipment.Dispatched,), announce_what_was_dispatched),
)
SETTLED_OR_NOT = (
    RemittanceDocument.Settled, RemittanceDocument.SettledAfterAll, RemittanceDocument.Refused,
    RemittanceDocument.RefusedAgain,
)
ON_RECEIVABLES = (
    Policy("send_what_was_invoiced", (Invoice.Issued,), send_what_was_invoiced),
    Policy("note_what_was_settled", SETTLED_OR_NOT, note_what_was_settled),
)
