"""What papers say of orders and lines that are not known here: facts about the world, shown and never dropped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, or_, select

from domain.fill_rate.discrepancies import Unplaced
from domain.fill_rate.facts import Known
from domain.order import OrderLine
from domain.order.content import line_key
from domain.values import Side
from projections.order_fill.papers import Paper, Told, papers_in_force
from projections.order_fill.tables import FACTS, ORDERS, PAPERS


def unplaced_of(
    connection: Connection, partner: str, first: date, last: date, *, known_at: int | None = None
) -> tuple[Unplaced, ...]:
    """Of orders that are not known, and of lines not known of orders wanted from ``first`` to ``last``.

    A line added to an order by the customer's change counts as known, however it was learned of.
    """
    known = {row.order_id: row.lines for row in connection.execute(_orders(partner, first, last, known_at))}
    of_papers = _papers(connection, partner, first, last, known_at)
    found = papers_in_force(partner, (), of_papers)
    elsewhere = _known_elsewhere(connection, {line.order for paper in found for line in paper.lines} - set(known), known_at)
    return tuple(one for paper in found for one in _strays(paper, partner, known, elsewhere))


def _orders(partner: str, first: date, last: date, known_at: int | None) -> Select[Any]:
    c = ORDERS.c
    query = select(c.order_id, c.lines).where(c.partner == partner, c.requested_last >= first, c.requested_first <= last)
    return query if known_at is None else query.where(c.position <= known_at)


def _papers(
    connection: Connection, partner: str, first: date, last: date, known_at: int | None
) -> dict[str, list[Told]]:
    """The statements of documents that speak of an order of the days, or of one that is not known."""
    c = ORDERS.c
    spoken = (
        select(PAPERS.c.document_id).join(ORDERS, c.order_id == PAPERS.c.order_id, isouter=True)
        .where(PAPERS.c.partner == partner)
        .where(or_(c.order_id.is_(None), (c.requested_last >= first) & (c.requested_first <= last), *_late(known_at)))
    )  # fmt: skip
    query = select(FACTS).where(FACTS.c.subject.in_(spoken))
    if known_at is not None:
        query = query.where(FACTS.c.position <= known_at)
    told: dict[str, list[Told]] = {}
    for row in connection.execute(query.order_by(FACTS.c.subject, FACTS.c.position)):
        known = Known(row.position, row.at, row.recorded_at, row.actor)
        told.setdefault(row.subject, []).append(Told(known, row.fact))
    return told


def _late(known_at: int | None) -> tuple[Any, ...]:
    """An order that became known later was not known then."""
    return () if known_at is None else (ORDERS.c.position > known_at,)


def _known_elsewhere(connection: Connection, orders: set[str], known_at: int | None) -> set[str]:
    query = select(ORDERS.c.order_id).where(ORDERS.c.order_id.in_(sorted(orders)))
    if known_at is not None:
        query = query.where(ORDERS.c.position <= known_at)
    return {row.order_id for row in connection.execute(query)}


def _strays(
    paper: Paper, partner: str, known: dict[str, tuple[OrderLine, ...]], elsewhere: set[str]
) -> Iterator[Unplaced]:
    by = Side.CUSTOMER if paper.sender == partner else Side.SUPPLIER
    for line in paper.lines:
        if line.order in elsewhere:
            continue
        ours = known.get(line.order)
        named = {line_key(one.number) for one in ours or ()}
        items = {item for one in ours or () for item in (one.item, one.customer_item)}
        placed = line_key(line.line) in named if line.line is not None else line.item in items
        if ours is None or not placed:
            yield Unplaced(
                line.order, line.line, line.item, paper.shipment, line.quantity, paper.number, by, paper.known,
                order_known=ours is not None,
            )

