"""A shipment: what left, when it came and was presented, and what the customer refused or received."""

from __future__ import annotations

from domain.shipment.lines import (
    ArrivalEvidence,
    DeliveredLine,
    ReceivedLine,
    RefusedLine,
    ShipmentLine,
    received_of_item,
    shipment_line,
)
from domain.shipment.shipment import Shipment
from domain.shipment.state import Advice, BilledLine, ShipmentState

__all__ = [
    "Advice",
    "ArrivalEvidence",
    "BilledLine",
    "DeliveredLine",
    "ReceivedLine",
    "RefusedLine",
    "Shipment",
    "ShipmentLine",
    "ShipmentState",
    "received_of_item",
    "shipment_line",
]
