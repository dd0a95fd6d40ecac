"""The commands on goods on their way: the slot at the dock, arrivals, proofs of delivery, what was sent back."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from domain.shipment import ArrivalEvidence, DeliveredLine, RefusedLine, Shipment
from domain.values import Side
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Code, LocalMoment, Moment, Part, Quantity, Stream, Text
from services.orders.shipping.shared import (
    LINES_PER_SHIPMENT, SUBSTITUTES_PER_LINE, ReplacedBy, shipment_answer, shipment_stream, substitutes_of,
)


class MakeAppointment(Command):
    """A delivery slot is booked; ``reference`` names the booking. The slot's bounds are local times of the place."""

    NAME: ClassVar[str] = "shipment.make_appointment"
    shipment: Stream
    at: Moment
    reference: Code
    by: Side = Side.CUSTOMER
    slot_from: LocalMoment | None = None
    slot_to: LocalMoment | None = None


class RecordArrival(Command):
    """The truck is at the place; ``evidence`` says what says so (gate log, telematics, driver), ``by`` whose record it is."""

    NAME: ClassVar[str] = "shipment.arrive"
    shipment: Stream
    at: Moment
    evidence: ArrivalEvidence
    by: Side = Side.SUPPLIER


class PresentedLine(Part):
    order: Stream
    line: Code
    quantity: Quantity
    substitutes: tuple[ReplacedBy, ...] = Field((), max_length=SUBSTITUTES_PER_LINE)


class RecordDelivery(Command):
    """A signed proof of delivery: what was presented at the place."""

    NAME: ClassVar[str] = "shipment.deliver"
    shipment: Stream
    at: Moment
    document: Code
    lines: tuple[PresentedLine, ...] = Field(min_length=1, max_length=LINES_PER_SHIPMENT)


class SentBackLine(Part):
    order: Stream
    line: Code
    quantity: Quantity
    reason: Text
    fault: Side


class RecordRefusal(Command):
    """Goods were sent back at the door; a mixed fault is two lines."""

    NAME: ClassVar[str] = "shipment.refuse_in_part"
    shipment: Stream
    at: Moment
    document: Code
    lines: tuple[SentBackLine, ...] = Field(min_length=1, max_length=LINES_PER_SHIPMENT)


def make_appointment(work: Work, command: MakeAppointment) -> Answer:
    shipment = work.get(Shipment, shipment_stream(command.shipment))
    shipment.make_appointment(command.at, command.reference, command.by, command.slot_from, command.slot_to)
    return shipment_answer(shipment)


def record_arrival(work: Work, command: RecordArrival) -> Answer:
    shipment = work.get(Shipment, shipment_stream(command.shipment))
    shipment.arrive(command.at, command.evidence, command.by)
    return shipment_answer(shipment)


def record_delivery(work: Work, command: RecordDelivery) -> Answer:
    shipment = work.get(Shipment, shipment_stream(command.shipment))
    lines = [DeliveredLine(p.order, p.line, p.quantity, substitutes_of(p.substitutes)) for p in command.lines]
    shipment.deliver(command.at, command.document, lines)
    return shipment_answer(shipment)


def record_refusal(work: Work, command: RecordRefusal) -> Answer:
    shipment = work.get(Shipment, shipment_stream(command.shipment))
    lines = [RefusedLine(p.order, p.line, p.quantity, p.reason, p.fault) for p in command.lines]
    shipment.refuse_in_part(command.at, command.document, lines)
    return shipment_answer(shipment)


HANDLERS: dict[type[Command], Any] = {
    MakeAppointment: make_appointment,
    RecordArrival: record_arrival,
    RecordDelivery: record_delivery,
    RecordRefusal: record_refusal,
}
