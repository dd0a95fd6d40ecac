"""The commands on the customer's count: the receiving advice, taken back, or waited for too long."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from pydantic import Field

from domain.shipment import ReceivedLine, Shipment
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Code, Day, Moment, Part, QuantityOrZero, Stream
from services.orders.shipping.shared import (
    LINES_PER_SHIPMENT, SUBSTITUTES_PER_LINE, ReplacedBy, shipment_answer, shipment_stream, substitutes_of,
)


class CountedLine(Part):
    order: Stream
    line: Code
    received: QuantityOrZero
    accepted: QuantityOrZero
    condition: Code | None = None
    substitutes: tuple[ReplacedBy, ...] = Field((), max_length=SUBSTITUTES_PER_LINE)


class RecordReceipt(Command):
    """The customer's receiving advice; a higher version replaces a lower one."""

    NAME: ClassVar[str] = "shipment.receive"
    shipment: Stream
    document: Code
    version: int = Field(1, ge=1, le=1_000_000)
    received_on: Day
    posted_at: Moment | None = None
    lines: tuple[CountedLine, ...] = Field(min_length=1, max_length=LINES_PER_SHIPMENT)


class TakeBackReceipt(Command):
    """A receiving advice no longer speaks of the shipment: it was cancelled, or corrected to be about other goods."""

    NAME: ClassVar[str] = "shipment.take_back_receipt"
    shipment: Stream
    document: str
    version: int
    on: date


class TimeOutReceipt(Command):
    """A day has begun without the receiving advice that was waited for."""

    NAME: ClassVar[str] = "shipment.time_out_receipt"
    shipment: Stream
    day: date


def record_receipt(work: Work, command: RecordReceipt) -> Answer:
    shipment = work.get(Shipment, shipment_stream(command.shipment))
    lines = [
        ReceivedLine(p.order, p.line, p.received, p.accepted, p.condition, substitutes_of(p.substitutes))
        for p in command.lines
    ]
    shipment.receive(command.document, command.version, command.received_on, lines, command.posted_at)
    return shipment_answer(shipment)


def take_back_receipt(work: Work, command: TakeBackReceipt) -> Answer:
    shipment = work.get(Shipment, command.shipment)
    shipment.take_back_receipt(command.document, command.version, command.on)
    return shipment_answer(shipment)


def time_out_receipt(work: Work, command: TimeOutReceipt) -> Answer:
    shipment = work.get(Shipment, command.shipment)
    shipment.time_out_receipt(command.day)
    return shipment_answer(shipment)


HANDLERS: dict[type[Command], Any] = {
    RecordReceipt: record_receipt,
    TakeBackReceipt: take_back_receipt,
    TimeOutReceipt: time_out_receipt,
}
