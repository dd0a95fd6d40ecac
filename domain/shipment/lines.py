"""What one shipment carries of which order line, and what is said of it on its way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from domain.order import Order
from domain.order.checks import find_line
from domain.tax import line_amounts
from domain.values import Side


@dataclass(frozen=True)
class ShipmentLine:
    """A quantity of one order line with all that an invoice of it needs; ``order`` is the order's stream."""

    order: str
    purchase_order_number: str
    line: str
    item: str
    customer_item: str | None
    quantity: Decimal
    unit: str
    base_quantity: Decimal
    unit_price: Decimal
    price_per: Decimal
    tax_rate: Decimal
    gross: Decimal

    @property
    def key(self) -> tuple[str, str]:
        return self.order, self.line

    def of(self, quantity: Decimal, currency: str) -> ShipmentLine:
        """The same line for another quantity, its amounts computed for that quantity."""
        if quantity == self.quantity:
            return self
        base = self.base_quantity / self.quantity * quantity
        gross = line_amounts(quantity, self.unit_price, self.price_per, self.tax_rate, currency).gross
        return replace(self, quantity=quantity, base_quantity=base, gross=gross)


class ArrivalEvidence(StrEnum):
    """What says that goods arrived (or, collected, were ready): the codes that fill-rate policies name."""

    GATE_ARRIVAL = "GATE_ARRIVAL"
    CHECK_IN = "CHECK_IN"
    UNLOAD_END = "UNLOAD_END"
    POD_SIGNED = "POD_SIGNED"
    RECEIPT_POSTED = "RECEIPT_POSTED"
    FREIGHT_READY = "FREIGHT_READY"
    CARRIER_REQUESTED_DATE = "CARRIER_REQUESTED_DATE"


# Goods that the customer's carrier collects are ready, and asked for, before they leave.
BEFORE_LEAVING = frozenset({ArrivalEvidence.FREIGHT_READY, ArrivalEvidence.CARRIER_REQUESTED_DATE})


@dataclass(frozen=True)
class Slot:
    """An appointment at the dock. ``slot_from`` and ``slot_to`` are local times of the place, without an offset: where
    clocks go back a local time occurs twice, and the slot means both."""

    at: datetime
    slot_from: datetime | None = None
    slot_to: datetime | None = None


@dataclass(frozen=True)
class Substitute:
    """Another item that came in place of the one ordered; ``base_quantity`` in its base unit."""

    item: str
    quantity: Decimal
    base_quantity: Decimal
    approved: bool


@dataclass(frozen=True)
class DeliveredLine:
    """What was presented at the place, before anything was refused."""

    order: str
    line: str
    quantity: Decimal
    substitutes: tuple[Substitute, ...] = ()


@dataclass(frozen=True)
class RefusedLine:
    """What was sent back at the door, and at whose fault; a mixed fault is two lines (definitions 1.4)."""

    order: str
    line: str
    quantity: Decimal
    reason: str
    fault: Side


@dataclass(frozen=True)
class ReceivedLine:
    """What the customer's receiving advice says of one line: counted, and of that accepted."""

    order: str
    line: str
    received: Decimal
    accepted: Decimal
    condition: str | None = None
    substitutes: tuple[Substitute, ...] = ()


@dataclass(frozen=True)
class AwaitedReceipt:
    """Up to which day, as it is read in ``zone``, a receiving advice is waited for."""

    until: date
    zone: str


def shipment_line(order: Order, number: str, quantity: Decimal) -> ShipmentLine:
    """``quantity`` of an order line as a shipment carries it."""
    line = find_line(order.state, number).line
    return ShipmentLine(
        order=order.id,
        purchase_order_number=order.state.purchase_order_number,
        line=number,
        item=line.item,
        customer_item=line.customer_item,
        quantity=quantity,
        unit=line.unit,
        base_quantity=line.base_of(quantity),
        unit_price=line.unit_price,
        price_per=line.price_per,
        tax_rate=line.tax_rate,
        gross=order.gross_of(number, quantity),
    )


def received_of_item(
    lines: Iterable[ShipmentLine],
    item: str,
    received: Decimal,
    accepted: Decimal,
    condition: str | None = None,
) -> tuple[ReceivedLine, ...]:
    """An advice that names only the item, spread over the lines that carry it (definitions 1.4 rule 4).

    Each line takes up to what was shipped of it, in order; the last takes the rest.
    """
    carrying = [line for line in lines if line.item == item]
    spread: list[ReceivedLine] = []
    for place, line in enumerate(carrying, start=1):
        last = place == len(carrying)
        counted = received if last else min(received, line.quantity)
        good = accepted if last else min(accepted, counted)
        if counted or good or not spread:
            spread.append(ReceivedLine(line.order, line.line, counted, good, condition))
        received, accepted = received - counted, accepted - good
    return tuple(spread)
