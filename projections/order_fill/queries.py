"""What the order fill view answers: the facts of order lines, as known now or at an earlier position of the log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, func, select

from domain.agreements import AgreedLogistics
from domain.fill_rate.facts import Known, LineFacts
from projections.order_fill.assembly import OrderTold, assembled
from projections.order_fill.papers import Told
from projections.order_fill.tables import CLOSES, FACTS, LOADS, LOGISTICS, ORDERS, PAPERS, POLICIES

ORDERS_A_TIME = 500  # what is held in memory of a period at once


@dataclass(frozen=True)
class AgreedPolicy:
    """One version of a definition as it was agreed: its JSON, and when it became known."""

    policy_id: str
    first_day: date
    position: int
    at: datetime
    actor: str
    policy: dict[str, Any]


def policies_of(connection: Connection, partner: str, *, known_at: int | None = None) -> tuple[AgreedPolicy, ...]:
    """Every version agreed with the partner, in the order of the log."""
    query = select(POLICIES).where(POLICIES.c.partner == partner)
    if known_at is not None:
        query = query.where(POLICIES.c.position <= known_at)
    return tuple(
        AgreedPolicy(row.policy_id, row.first_day, row.position, row.at, row.actor, row.policy)
        for row in connection.execute(query.order_by(POLICIES.c.position))
    )


def lines_requested(
    connection: Connection, partner: str, first: date, last: date, *, company: str | None = None,
    known_at: int | None = None,
) -> Iterator[LineFacts]:
    """The lines of every order of which something was originally wanted from ``first`` to ``last``, both included.

    All lines of an order come, one order after the other: some rules look at the whole order. ``known_at`` is a
    position of the orders log: what came later is left out (decision 18).
    """
    c = ORDERS.c
    conditions = [c.partner == partner, c.requested_last >= first, c.requested_first <= last]
    if company is not None:
        conditions.append(c.company == company)
    yield from _lines(connection, conditions, known_at)


def lines_of(connection: Connection, order_id: str, *, known_at: int | None = None) -> tuple[LineFacts, ...]:
    """The lines of one order."""
    return tuple(_lines(connection, [ORDERS.c.order_id == order_id], known_at))


def _lines(
    connection: Connection, wanted: Sequence[ColumnElement[bool]], known_at: int | None
) -> Iterator[LineFacts]:
    conditions = [*wanted] if known_at is None else [*wanted, ORDERS.c.position <= known_at]
    after = ""
    while True:
        page = select(ORDERS).where(*conditions, ORDERS.c.order_id > after).order_by(ORDERS.c.order_id).limit(ORDERS_A_TIME)
        rows = [dict(row) for row in connection.execute(page).mappings()]
        if not rows:
            return
        yield from _assembled(connection, rows, known_at)
        after = rows[-1]["order_id"]


def lines_of_orders(
    connection: Connection, orders: Sequence[str], *, known_at: int | None = None
) -> Iterator[LineFacts]:
    """The lines of these orders, one order after the other."""
    for begin in range(0, len(orders), ORDERS_A_TIME):
        yield from _lines(connection, [ORDERS.c.order_id.in_(orders[begin : begin + ORDERS_A_TIME])], known_at)


def orders_told(connection: Connection, orders: Sequence[str]) -> Iterator[OrderTold]:
    """All that is known of these orders."""
    for begin in range(0, len(orders), ORDERS_A_TIME):
        query = select(ORDERS).where(ORDERS.c.order_id.in_(orders[begin : begin + ORDERS_A_TIME]))
        yield from _told_of(connection, [dict(row) for row in connection.execute(query).mappings()], None)


def _assembled(connection: Connection, rows: list[dict[str, Any]], known_at: int | None) -> Iterator[LineFacts]:
    for told in _told_of(connection, rows, known_at):
        yield from assembled(told)


def _told_of(connection: Connection, rows: list[dict[str, Any]], known_at: int | None) -> Iterator[OrderTold]:
    orders = [row["order_id"] for row in rows]
    loads, papers = _pairs(connection, LOADS, orders), _pairs(connection, PAPERS, orders)
    subjects = {*orders, *(s for named in loads.values() for s in named), *(s for named in papers.values() for s in named)}
    told = _told(connection, sorted(subjects), known_at)
    for row in rows:
        order = row["order_id"]
        carried = {name: told[name] for name in loads.get(order, ()) if name in told}
        spoken = {name: told[name] for name in papers.get(order, ()) if name in told}
        yield OrderTold(row, told.get(order, ()), carried, spoken)


def _pairs(connection: Connection, table: Table, orders: Sequence[str]) -> dict[str, list[str]]:
    """What a table of pairs says of the orders: order -> the others, in their order."""
    other = next(column for column in table.primary_key.columns if column.name != "order_id")
    query = select(table.c.order_id, other).where(table.c.order_id.in_(orders)).order_by(table.c.order_id, other)
    pairs: dict[str, list[str]] = defaultdict(list)
    for order, name in connection.execute(query):
        pairs[order].append(name)
    return pairs


def _told(connection: Connection, subjects: Sequence[str], known_at: int | None) -> dict[str, list[Told]]:
    """The facts of the streams, each in the log's order."""
    told: dict[str, list[Told]] = defaultdict(list)
    for begin in range(0, len(subjects), ORDERS_A_TIME):
        for row in connection.execute(_facts_of(subjects[begin : begin + ORDERS_A_TIME], known_at)):
            told[row.subject].append(Told(Known(row.position, row.at, row.recorded_at, row.actor), row.fact))
    return told


def _facts_of(subjects: Sequence[str], known_at: int | None) -> Select[Any]:
    query = select(FACTS).where(FACTS.c.subject.in_(subjects))
    if known_at is not None:
        query = query.where(FACTS.c.position <= known_at)
    return query.order_by(FACTS.c.subject, FACTS.c.position)


def closes_of(connection: Connection, partner: str) -> list[dict[str, Any]]:
    """The partner's closed periods, the latest first."""
    query = select(CLOSES).where(CLOSES.c.partner == partner).order_by(CLOSES.c.last.desc(), CLOSES.c.stream)
    return [dict(row) for row in connection.execute(query).mappings()]


def close_of(connection: Connection, stream: str) -> dict[str, Any] | None:
    row = connection.execute(select(CLOSES).where(CLOSES.c.stream == stream)).mappings().first()
    return None if row is None else dict(row)


def position_at(connection: Connection, instant: datetime) -> int:
    """The last position of this view's facts that was recorded at or before the instant."""
    tables = ((ORDERS, ORDERS.c.recorded_at), (FACTS, FACTS.c.recorded_at), (POLICIES, POLICIES.c.at))
    found = [connection.execute(select(func.max(t.c.position)).where(at <= instant)).scalar() for t, at in tables]
    return max((position for position in found if position is not None), default=0)


def logistics_of(connection: Connection, partner: str, known_at: int | None = None) -> tuple[AgreedLogistics, ...]:
    """Every version of the logistic parameters agreed with the partner, in the order of the log."""
    query = select(LOGISTICS).where(LOGISTICS.c.partner == partner)
    if known_at is not None:
        query = query.where(LOGISTICS.c.position <= known_at)
    found = connection.execute(query.order_by(LOGISTICS.c.position))
    return tuple(AgreedLogistics(row.first_day, row.parameters) for row in found)
