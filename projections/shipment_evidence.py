"""What is said of a shipment on its way, kept as it was said; two views keep it, each for its own questions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import msgspec

from domain.shipment import ArrivalEvidence, DeliveredLine, ReceivedLine, RefusedLine, Shipment
from domain.values import Side


class Booked(msgspec.Struct, tag=True, frozen=True):
    """A slot at the dock."""

    at: datetime
    reference: str
    by: Side
    slot_from: datetime | None = None
    slot_to: datetime | None = None


class Arrived(msgspec.Struct, tag=True, frozen=True):
    at: datetime
    evidence: ArrivalEvidence
    by: Side


class Proven(msgspec.Struct, tag=True, frozen=True):
    """A proof of delivery."""

    at: datetime
    delivered_on: date
    document: str
    lines: tuple[DeliveredLine, ...]


class Refused(msgspec.Struct, tag=True, frozen=True):
    at: datetime
    document: str
    lines: tuple[RefusedLine, ...]


class Advised(msgspec.Struct, tag=True, frozen=True):
    """One version of a receiving advice; ``replaces`` is the version it takes the place of."""

    document: str
    version: int
    replaces: int | None
    received_on: date
    lines: tuple[ReceivedLine, ...]
    posted_at: datetime | None = None


class TimedOut(msgspec.Struct, tag=True, frozen=True):
    """No receiving advice came in the days agreed."""

    day: date


Evidence = Booked | Arrived | Proven | Refused | Advised | TimedOut

_SAID: dict[type[Any], Callable[[Any], Evidence]] = {
    Shipment.AppointmentMade: lambda e: Booked(e.at, e.reference, e.by, e.slot_from, e.slot_to),
    Shipment.Arrived: lambda e: Arrived(e.at, e.evidence, e.by),
    Shipment.Delivered: lambda e: Proven(e.at, e.delivered_on, e.document, e.lines),
    Shipment.RefusedInPart: lambda e: Refused(e.at, e.document, e.lines),
    Shipment.Received: lambda e: Advised(e.document, e.version, e.replaces, e.received_on, e.lines, e.posted_at),
    Shipment.ReceiptTimedOut: lambda e: TimedOut(e.day),
}
SAID_BY = tuple(_SAID)


def evidence(event: Any) -> Evidence:
    """What the event says of its shipment."""
    return _SAID[type(event)](event)
