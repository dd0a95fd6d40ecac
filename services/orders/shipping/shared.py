"""What the commands on shipments share: limits, names in addresses, answers, substitutes."""

from __future__ import annotations

from collections.abc import Sequence

from domain.shipment import Shipment, Substitute
from services.command import Answer
from services.fields import Code, Part, Quantity
from services.http import href

LINES_PER_SHIPMENT = 5_000
SUBSTITUTES_PER_LINE = 100


class ReplacedBy(Part):
    """Another item that came in place of the one ordered; ``base_quantity`` in its base unit."""

    item: Code
    quantity: Quantity
    base_quantity: Quantity
    approved: bool = False


def shipment_stream(shipment: str) -> str:
    """The stream of a shipment as addresses name it: ``{company}/{number}``."""
    return shipment if shipment.startswith("shipment/") else f"shipment/{shipment}"


def shipment_answer(shipment: Shipment, status: int = 200) -> Answer:
    body = {"shipment": shipment.id, "href": href("shipments", shipment.id), "version": shipment.version}
    return Answer(status, body)


def substitutes_of(parts: Sequence[ReplacedBy]) -> tuple[Substitute, ...]:
    return tuple(Substitute(p.item, p.quantity, p.base_quantity, p.approved) for p in parts)
