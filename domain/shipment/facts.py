"""The facts of a shipment; each carries what receivables needs of it, so that nothing is looked up."""

from __future__ import annotations

from dataclasses import field
from datetime import date, datetime

from decimal import Decimal

from domain.aggregate import Aggregate
from domain.agreements import InvoicingTerms
from domain.payment_terms import PaymentTerms
from domain.shipment.lines import (
    ArrivalEvidence, AwaitedReceipt, DeliveredLine, ReceivedLine, RefusedLine, ShipmentLine, Slot,
)
from domain.shipment.state import Advice, BilledLine, ShipmentState
from domain.values import Side


class Dispatched(Aggregate.Created):
    """Goods have left. ``zone`` is the destination's; ``dispatched_on`` is the date in ``seller_zone``."""

    TYPE = "shipment.dispatched/1"
    company: str
    number: str
    partner: str
    account: str
    currency: str
    ship_to: str
    zone: str
    seller_zone: str
    dispatched_at: datetime
    dispatched_on: date
    expected_on: date | None
    carrier: str | None
    bill_of_lading: str | None
    invoicing: InvoicingTerms
    terms: PaymentTerms | None
    lines: tuple[ShipmentLine, ...]
    fulfils: dict[str, Decimal] = field(default_factory=dict)  # order -> by how much its open value fell

    def apply(self, shipment: Aggregate[ShipmentState]) -> None:
        shipment.state = ShipmentState(
            company=self.company,
            number=self.number,
            partner=self.partner,
            account=self.account,
            currency=self.currency,
            ship_to=self.ship_to,
            zone=self.zone,
            seller_zone=self.seller_zone,
            dispatched_at=self.dispatched_at,
            dispatched_on=self.dispatched_on,
            expected_on=self.expected_on,
            carrier=self.carrier,
            bill_of_lading=self.bill_of_lading,
            invoicing=self.invoicing,
            terms=self.terms,
            lines=self.lines,
        )


class AppointmentMade(Aggregate.Event):
    """A slot at the place's dock; a later one for the same shipment is another fact, none is overwritten.

    ``slot_from`` and ``slot_to`` are local times of the place; None: the moment ``at`` alone was agreed.
    """

    TYPE = "shipment.appointment_made/1"
    at: datetime
    reference: str
    by: Side
    slot_from: datetime | None = None
    slot_to: datetime | None = None

    def apply(self, shipment: Aggregate[ShipmentState]) -> None:
        shipment.state.appointments[self.reference] = Slot(self.at, self.slot_from, self.slot_to)


class Arrived(Aggregate.Event):
    """What one piece of evidence says of the arrival; others may say otherwise, none is overwritten (F13)."""

    TYPE = "shipment.arrived/1"
    at: datetime
    evidence: ArrivalEvidence
    by: Side

    def apply(self, shipment: Aggregate[ShipmentState]) -> None:
        shipment.state.arrivals[f"{self.by}:{self.evidence}"] = self.at


class Delivered(Aggregate.Event):
    """Proof of delivery: what was presented at the place, with the date there."""

    TYPE = "shipment.delivered/1"
    at: datetime
    delivered_on: date
    document: str
    lines: tuple[DeliveredLine, ...]

    def apply(self, shipment: Aggregate[ShipmentState]) -> None:
        shipment.state.deliveries[self.document] = self.lines
        shipment.state.delivered_on = shipment.state.delivered_on or self.delivered_on


class RefusedInPart(Aggregate.Event):
    TYPE = "shipment.refused_in_part/1"
    at: datetime
    document: str
    lines: tuple[RefusedLine, ...]

    def apply(self, shipment: Aggregate[ShipmentState]) -> None:
        shipment.state.refused_in[self.document] = self.lines


class Received(Aggregate.Event):
    """The customer's receiving advice.

    ``billed`` is what is to be invoiced because of it, ready for the invoice; ``overbilled`` what an earlier
    version had given to be invoiced and this one takes back, to be credited. A version without lines takes back
    all that the one before said; ``awaited`` where a receipt is then waited for again. ``posted_at`` is when the
    customer posted it, where more than the day is known.
    """

    TYPE = "shipment.received/1"
    company: str
    number: str
    partner: str
    account: str
    currency: str
    document: str
    version: int
    replaces: int | None
    received_on: date
    lines: tuple[ReceivedLine, ...]
    invoicing: InvoicingTerms
    terms: PaymentTerms | None
    billed: tuple[ShipmentLine, ...]
    overbilled: tuple[ShipmentLine, ...]
    posted_at: datetime | None = None
    awaited: AwaitedReceipt | None = None

    def apply(self, shipment: Aggregate[ShipmentState]) -> None:
        shipment.state.advices[self.document] = Advice(self.version, self.received_on, self.lines)
        more = [BilledLine(line.order, line.line, line.quantity, self.document) for line in self.billed]
        less = [BilledLine(line.order, line.line, -line.quantity, self.document) for line in self.overbilled]
        shipment.state.billed += (*more, *less)


class ReceiptTimedOut(Aggregate.Event):
    """No receiving advice has come in the days agreed: what was shipped is to be invoiced."""

    TYPE = "shipment.receipt_timed_out/1"
    company: str
    number: str
    partner: str
    account: str
    currency: str
    day: date
    invoicing: InvoicingTerms
    terms: PaymentTerms | None
    billed: tuple[ShipmentLine, ...]

    def apply(self, shipment: Aggregate[ShipmentState]) -> None:
        shipment.state.timed_out = True
        shipment.state.billed += tuple(
            BilledLine(line.order, line.line, line.quantity, "") for line in self.billed
        )
