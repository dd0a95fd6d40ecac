"""What the order fill view answers: the facts of order lines, as known now or at an earlier position of the log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from projections.order_fill.assembly import Told, assembled
from projections.order_fill.facts import Known, LineFacts
from projections.order_fill.tables import FACTS, LOADS, ORDERS


def lines_requested(
    connection: Connection,
    partner: str,
    first: date,
    last: date,
    *,
    company: str | None = None,
    known_at: int | None = None,
) -> tuple[LineFacts, ...]:
    """Lines of ``partner`` with an originally requested day from ``first`` to ``last``, both included.

    ``known_at`` is a position of the orders log: what came later is left out (decision 18).
    """
    c = ORDERS.c
    conditions = [c.partner == partner, c.requested_last >= first, c.requested_first <= last]
    if company is not None:
        conditions.append(c.company == company)
    return tuple(
        line
        for line in _lines(connection, conditions, known_at)
        if any(first <= part.requested_on <= last for part in line.original.schedule)
    )


def lines_of(connection: Connection, order_id: str, *, known_at: int | None = None) -> tuple[LineFacts, ...]:
    """The lines of one order."""
    return tuple(_lines(connection, [ORDERS.c.order_id == order_id], known_at))


def _lines(connection: Connection, wanted: list[ColumnElement[bool]], known_at: int | None) -> Iterable[LineFacts]:
    if known_at is not None:
        wanted = [*wanted, ORDERS.c.position <= known_at]
    found = connection.execute(select(ORDERS).where(*wanted).order_by(ORDERS.c.order_id)).mappings()
    orders = [dict(row) for row in found]
    of_orders = _told(connection, select(ORDERS.c.order_id).where(*wanted), known_at)
    carrying = select(LOADS.c.shipment_id).join(ORDERS, ORDERS.c.order_id == LOADS.c.order_id).where(*wanted)
    of_shipments = _told(connection, carrying, known_at)
    loads: dict[str, list[str]] = defaultdict(list)
    pairs = select(LOADS).join(ORDERS, ORDERS.c.order_id == LOADS.c.order_id).where(*wanted)
    for order_id, shipment_id in connection.execute(pairs):
        loads[order_id].append(shipment_id)
    for order in orders:
        order_id = order["order_id"]
        shipments = {name: of_shipments[name] for name in loads[order_id] if name in of_shipments}
        yield from assembled(order, of_orders.get(order_id, []), shipments)


def _told(connection: Connection, subjects: Any, known_at: int | None) -> dict[str, list[Told]]:
    """The facts of the streams that ``subjects`` selects, in the log's order."""
    query = select(FACTS).where(FACTS.c.subject.in_(subjects))
    if known_at is not None:
        query = query.where(FACTS.c.position <= known_at)
    told: dict[str, list[Told]] = defaultdict(list)
    for row in connection.execute(query.order_by(FACTS.c.subject, FACTS.c.position)):
        told[row.subject].append(Told(Known(row.position, row.at, row.recorded_at, row.actor), row.fact))
    return told
