"""The commands on a shipment: dispatch, and what is said of the goods on their way until the customer's receipt."""

from __future__ import annotations

from typing import Any

from services.command import Command
from services.orders.shipping import dispatching, on_the_way, receiving
from services.orders.shipping.dispatching import DispatchShipment, LoadedLine, dispatch_shipment
from services.orders.shipping.on_the_way import (
    MakeAppointment, PresentedLine, RecordArrival, RecordDelivery, RecordRefusal, SentBackLine,
)
from services.orders.shipping.receiving import CountedLine, RecordReceipt, TakeBackReceipt, TimeOutReceipt
from services.orders.shipping.shared import LINES_PER_SHIPMENT, SUBSTITUTES_PER_LINE, ReplacedBy, shipment_stream

HANDLERS: dict[type[Command], Any] = {**dispatching.HANDLERS, **on_the_way.HANDLERS, **receiving.HANDLERS}

__all__ = [
    "HANDLERS", "LINES_PER_SHIPMENT", "SUBSTITUTES_PER_LINE", "CountedLine", "DispatchShipment", "LoadedLine",
    "MakeAppointment", "PresentedLine", "RecordArrival", "RecordDelivery", "RecordReceipt", "RecordRefusal", "ReplacedBy",
    "SentBackLine", "TakeBackReceipt", "TimeOutReceipt", "dispatch_shipment", "shipment_stream",
]
