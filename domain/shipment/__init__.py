"""A shipment: what left, when it came and was presented, and what the customer refused or received."""

from __future__ import annotations

from domain.shipment.lines import (
    ArrivalEvidence,
    AwaitedReceipt,
    DeliveredLine,
    ReceivedLine,
    RefusedLine,
    ShipmentLine,
    Slot,
    Substitute,
    received_of_item,
    shipment_line,
)
from domain.shipment.shipment import Shipment
from domain.shipment.state import Advice, BilledLine, ShipmentState

__all__ = [
    "Advice",
    "ArrivalEvidence",
    "AwaitedReceipt",
    "BilledLine",
    "DeliveredLine",
    "ReceivedLine",
    "RefusedLine",
    "Shipment",
    "ShipmentLine",
    "ShipmentState",
    "Slot",
    "Substitute",
    "received_of_item",
    "shipment_line",
]
