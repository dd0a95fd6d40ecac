"""What an evidence document says of the lines that one shipment carries; what it says of other goods is left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from domain.evidence_document import EvidenceDocument, StatedLine
from domain.order.content import line_key
from domain.shipment import (
    ArrivalEvidence, DeliveredLine, ReceivedLine, Shipment, ShipmentLine, Substitute, received_of_item,
)
from domain.values import ZERO, local_date

# Which arrival a proof of delivery is dated by where it has no instant of its own, the best first.
SIGNED = (
    ArrivalEvidence.POD_SIGNED, ArrivalEvidence.UNLOAD_END, ArrivalEvidence.CHECK_IN, ArrivalEvidence.GATE_ARRIVAL,
)
POSTED = (ArrivalEvidence.RECEIPT_POSTED,)


def name_on(shipment: Shipment, document: EvidenceDocument) -> str:
    """What the shipment calls the document."""
    return named_for(document.state.number, document.state.sender, shipment.state.partner)


def named_for(number: str, sender: str, partner: str) -> str:
    """Its number, and the sender where that is not the customer itself: two senders may use one number."""
    return number if sender == partner else f"{number} of {sender}"


def received_on(shipment: Shipment, document: EvidenceDocument) -> tuple[ReceivedLine, ...]:
    """The counts of a receiving advice by the shipment's lines; a line that is named several times is added up."""
    found: dict[tuple[str, str], ReceivedLine] = {}
    for line in _on_lines(shipment.state.lines, _lines_about(shipment, document)):
        before = found.get((line.order, line.line))
        found[line.order, line.line] = line if before is None else replace(
            before,
            received=before.received + line.received,
            accepted=before.accepted + line.accepted,
            condition=before.condition or line.condition,
            substitutes=before.substitutes + line.substitutes,
        )
    return tuple(found.values())


def presented_on(shipment: Shipment, document: EvidenceDocument) -> tuple[DeliveredLine, ...]:
    """What a proof of delivery says was presented; a line of which nothing was is left out."""
    return tuple(
        DeliveredLine(line.order, line.line, line.received, line.substitutes)
        for line in received_on(shipment, document)
        if line.received > 0
    )


def moment_of(document: EvidenceDocument, evidence: Sequence[ArrivalEvidence]) -> datetime | None:
    """When the document was posted or signed: its own instant, or the first of these arrivals that it states."""
    newest = document.state.newest
    if newest.at is not None:
        return newest.at
    said = {one.evidence: one.at for one in reversed(newest.arrivals)}
    return next((said[kind] for kind in evidence if kind in said), None)


def day_of(shipment: Shipment, document: EvidenceDocument) -> date:
    """The day at the place on which it was posted; where the document has none, the day on which we heard of it."""
    moment = moment_of(document, POSTED) or document.state.heard_at
    return document.state.newest.on or local_date(moment, shipment.state.zone)


def _lines_about(shipment: Shipment, document: EvidenceDocument) -> tuple[StatedLine, ...]:
    """Nothing where the document is of another customer than the shipment."""
    if document.state.newest.partner != shipment.state.partner:
        return ()
    return document.lines_about(shipment.id)


def _on_lines(carried: Sequence[ShipmentLine], stated: Iterable[StatedLine]) -> Iterator[ReceivedLine]:
    of_items: dict[tuple[str, str], list[StatedLine]] = {}
    for line in stated:
        if line.line is None:
            of_items.setdefault((line.order, line.item or ""), []).append(line)
            continue
        number = _carried_as(carried, line.order, line.line)
        if number is not None:
            substitutes = _substitutes([line])
            yield ReceivedLine(line.order, number, line.quantity, line.accepted, line.condition, substitutes)
    for (order, item), lines in of_items.items():
        yield from _of_item([one for one in carried if one.order == order], item, lines)


def _carried_as(carried: Sequence[ShipmentLine], order: str, number: str) -> str | None:
    """The line as the shipment numbers it: 1, 01 and 001 are one line unless the shipment tells them apart."""
    numbers = [one.line for one in carried if one.order == order]
    alike = (one for one in numbers if line_key(one) == line_key(number))
    return number if number in numbers else next(alike, None)


def _of_item(carried: Sequence[ShipmentLine], item: str, lines: Sequence[StatedLine]) -> Iterator[ReceivedLine]:
    """An item without its line, shared among the lines that carry it, whichever side's number it goes by."""
    ours = next((one.item for one in carried if item in (one.item, one.customer_item)), None)
    if ours is None:
        return
    received, accepted = _sum(one.quantity for one in lines), _sum(one.accepted for one in lines)
    condition = next((one.condition for one in lines if one.condition), None)
    first, *others = received_of_item(carried, ours, received, accepted, condition)
    yield replace(first, substitutes=_substitutes(lines))
    yield from others


def _substitutes(lines: Iterable[StatedLine]) -> tuple[Substitute, ...]:
    return tuple(
        Substitute(one.item, one.quantity, one.base_quantity, one.approved) for line in lines for one in line.substitutes
    )


def _sum(quantities: Iterable[Decimal]) -> Decimal:
    return sum(quantities, ZERO)
