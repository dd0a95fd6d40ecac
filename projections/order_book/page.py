"""An order's page, put together from its rows: each line with all that became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from domain.order import LineState, OrderLine
from domain.values import ZERO
from projections.line_figures import Figures
from projections.shipment_evidence import Advised, Arrived, Booked, Evidence, Proven, Refused, TimedOut

Row = dict[str, Any]


@dataclass(frozen=True)
class LinePage:
    """``first`` and ``line`` are the line as placed and as it stands; the quantities are in the ordered unit.

    ``state`` says what is open, cancelled by which side, confirmed and dispatched.
    """

    first: OrderLine
    line: OrderLine
    state: LineState
    removed: bool
    delivered: Decimal
    refused: Decimal
    received: Decimal
    accepted: Decimal
    invoiced: Decimal
    invoiced_gross: Decimal
    credited: Decimal
    credited_gross: Decimal


@dataclass(frozen=True)
class OrderPage:
    """``header`` is the row of the orders table; ``agreements`` the lines of each document that changed them."""

    header: Row
    lines: tuple[LinePage, ...]
    agreements: list[Row]
    shipments: list[Row]
    invoices: list[Row]
    returns: list[Row]
    timeline: list[Row]


@dataclass(frozen=True)
class ShipmentPage:
    shipment: Row
    invoices: list[Row]
    timeline: list[Row]


@dataclass
class _Sums:
    """What documents say of one line."""

    sums: dict[str, Decimal] = field(default_factory=dict)

    def add(self, name: str, amount: Decimal) -> None:
        self.sums[name] = self.sums.get(name, ZERO) + amount

    def of(self, name: str) -> Decimal:
        return self.sums.get(name, ZERO)


def line_pages(
    order_id: str,
    figures: Mapping[str, Figures],
    agreed: Sequence[Row],
    shipments: Sequence[Row],
    invoices: Sequence[Row],
) -> tuple[LinePage, ...]:
    """The lines in the order in which they came."""
    first: dict[str, OrderLine] = {}
    current: dict[str, OrderLine] = {}
    removed: set[str] = set()
    for document in agreed:
        for line in document["lines"]:
            first.setdefault(line.number, line)
            current[line.number] = line
            removed.discard(line.number)
        removed |= set(document["removed"])
    sums = {number: _Sums() for number in figures}
    for shipment in shipments:
        _add_shipment(order_id, shipment, sums)
    for invoice in invoices:
        _add_invoice(order_id, invoice, sums)
    return tuple(
        _line(first[number], current[number], figures[number], number in removed, sums[number]) for number in first
    )


def with_evidence(shipments: Sequence[Row], said: Sequence[Row]) -> list[Row]:
    """Each shipment with what was said of it in the log's order; of each receiving advice the version that counts."""
    together: dict[str, Row] = {}
    for shipment in shipments:
        lists: Row = {"appointments": [], "arrivals": [], "deliveries": [], "refusals": [], "advices": {}}
        together[shipment["shipment_id"]] = shipment | lists | {"delivered_on": None, "timed_out_on": None}
    for row in said:
        _add_evidence(together[row["shipment_id"]], row["said"])
    return list(together.values())


def _add_evidence(shipment: Row, said: Evidence) -> None:
    match said:
        case Booked():
            shipment["appointments"].append(said)
        case Arrived():
            shipment["arrivals"].append(said)
        case Proven():
            shipment["deliveries"].append(said)
            shipment["delivered_on"] = shipment["delivered_on"] or said.delivered_on
        case Refused():
            shipment["refusals"].append(said)
        case Advised():
            shipment["advices"][said.document] = said
        case TimedOut():
            shipment["timed_out_on"] = said.day


def _add_shipment(order_id: str, shipment: Row, sums: Mapping[str, _Sums]) -> None:
    """Counts of receiving advices and of proofs of delivery stand side by side; which counts is a policy's matter."""
    for proof in shipment["deliveries"]:
        for line in proof.lines:
            if line.order == order_id:
                sums[line.line].add("delivered", line.quantity)
    for refusal in shipment["refusals"]:
        for line in refusal.lines:
            if line.order == order_id:
                sums[line.line].add("refused", line.quantity)
    for advice in shipment["advices"].values():
        for line in advice.lines:
            if line.order == order_id:
                sums[line.line].add("received", line.received)
                sums[line.line].add("accepted", line.accepted)


def _add_invoice(order_id: str, invoice: Row, sums: Mapping[str, _Sums]) -> None:
    if invoice["voided"] is not None:
        return
    name = "credited" if invoice["kind"] == "CREDIT_MEMO" else "invoiced"
    for line in invoice["lines"]:
        if line.order == order_id and line.line in sums:
            sums[line.line].add(name, line.quantity)
            sums[line.line].add(f"{name}_gross", line.gross)


def _line(first: OrderLine, current: OrderLine, figures: Figures, removed: bool, sums: _Sums) -> LinePage:
    state = LineState(
        line=current,
        ordered=figures.ordered,
        requested_on=figures.requested_on,
        cancelled_by_customer=figures.cancelled_by_customer,
        cancelled_by_supplier=figures.cancelled_by_supplier,
        expired=figures.expired,
        dispatched=figures.dispatched,
        closed_short=figures.closed_short,
        first_confirmed=figures.first_confirmed,
        last_confirmed=figures.last_confirmed,
    )
    names = ("delivered", "refused", "received", "accepted", "invoiced", "invoiced_gross", "credited", "credited_gross")
    return LinePage(first, current, state, removed, **{name: sums.of(name) for name in names})
