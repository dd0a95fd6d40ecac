"""The rules of a shipment's documents: lines it carries, quantities that can be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from domain.shipment import refusals as no
from domain.shipment.lines import ReceivedLine
from domain.shipment.state import ShipmentState
from domain.values import ZERO, plain


class Named(Protocol):
    @property
    def order(self) -> str: ...
    @property
    def line(self) -> str: ...


class Quantified(Named, Protocol):
    @property
    def quantity(self) -> Decimal: ...


def check_quantities(document: str, shipment: str, lines: Sequence[Quantified]) -> None:
    if not lines:
        raise no.NO_LINES(document=document, shipment=shipment)
    for line in lines:
        if line.quantity <= 0:
            names = {"document": document, "shipment": shipment, "line": line.line, "order": line.order}
            raise no.QUANTITY_NOT_POSITIVE(quantity=plain(line.quantity), **names)


def check_once(document: str, shipment: str, lines: Iterable[Named]) -> None:
    counted = Counter((line.order, line.line) for line in lines)
    for (order, line), times in counted.items():
        if times > 1:
            raise no.LINE_TWICE(document=document, shipment=shipment, line=line, order=order)


def check_carried(state: ShipmentState, document: str, lines: Iterable[Named]) -> None:
    carried = {line.key for line in state.lines}
    for line in lines:
        if (line.order, line.line) not in carried:
            raise no.LINE_UNKNOWN(
                document=document,
                line=line.line,
                order=line.order,
                shipment=state.number,
                lines=[f"line {each.line} of {each.order}" for each in state.lines],
            )


def check_within_shipped(
    state: ShipmentState, document: str, lines: Sequence[Quantified], before: Iterable[Sequence[Quantified]]
) -> None:
    """All documents of this kind together say no more of a line than was shipped of it."""
    check_carried(state, document, lines)
    said: dict[tuple[str, str], Decimal] = {}
    for part in [*lines, *(line for each in before for line in each)]:
        said[part.order, part.line] = said.get((part.order, part.line), ZERO) + part.quantity
    for line in state.lines:
        quantity = said.get(line.key, ZERO)
        if quantity > line.quantity:
            raise no.MORE_THAN_SHIPPED(
                document=document,
                shipment=state.number,
                quantity=plain(quantity),
                line=line.line,
                order=line.order,
                shipped=plain(line.quantity),
                excess=plain(quantity - line.quantity),
            )


def check_slot(shipment: str, reference: str, slot_from: datetime | None, slot_to: datetime | None) -> None:
    names = {"shipment": shipment, "reference": reference}
    if (slot_from is None) != (slot_to is None):
        said = ("slot_from", "slot_to") if slot_to is None else ("slot_to", "slot_from")
        raise no.SLOT_INCOMPLETE(given=said[0], missing=said[1], **names)
    if slot_from is not None and slot_to is not None and slot_to < slot_from:
        raise no.SLOT_BACKWARDS(slot_from=slot_from.isoformat(), slot_to=slot_to.isoformat(), **names)


def check_advice(state: ShipmentState, document: str, version: int, lines: Sequence[ReceivedLine]) -> None:
    name = f"Receiving advice {document}"
    if version < 1:
        raise no.VERSION_BELOW_ONE(document=document, shipment=state.number, version=version)
    if not lines:
        raise no.NO_LINES(document=name, shipment=state.number)
    check_once(name, state.number, lines)
    check_carried(state, name, lines)
    for line in lines:
        names = {"document": document, "shipment": state.number, "line": line.line, "order": line.order}
        if line.received < 0 or line.accepted < 0:
            raise no.RECEIVED_NEGATIVE(quantity=plain(min(line.received, line.accepted)), **names)
        if line.accepted > line.received:
            figures = {"accepted": plain(line.accepted), "received": plain(line.received)}
            raise no.ACCEPTED_MORE_THAN_RECEIVED(
                excess=plain(line.accepted - line.received), **names, **figures
            )
