"""What the order book answers: a search, an order's page, its timeline, a shipment, returns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, select

from projections.order_book.page import OrderPage, ShipmentPage, line_pages, with_evidence
from projections.order_book.tables import (
    AGREED,
    CONCERNS,
    EVIDENCE,
    INVOICES,
    ORDERS,
    RETURNS,
    SHIPMENTS,
    TIMELINE,
    WANTED,
)
from projections.paging import Listed, Order, listed, prefixed

Row = dict[str, Any]

BY_DAY = Order((ORDERS.c.ordered_on, ORDERS.c.order_id), falling=(True, False))
HEADER = [column for column in ORDERS.columns if column.name not in ("figures",)]


@dataclass(frozen=True)
class OrderSearch:
    """What to look for; None leaves a condition out. Days are inclusive.

    ``status``: pieces that must all hold - PENDING, RELEASED, HELD (credit), OPEN, CLOSED, CANCELLED, EXPIRED,
    CLOSED_SHORT, CONFIRMED, UNCONFIRMED, DISPATCHED (in part or whole), UNDISPATCHED. With OPEN a search reads
    only what is open, however long the history.
    """

    company: str | None = None
    partner: str | None = None
    number_prefix: str | None = None
    status: tuple[str, ...] = ()
    ordered_from: date | None = None
    ordered_to: date | None = None
    requested_from: date | None = None
    requested_to: date | None = None
    item: str | None = None
    ship_to: str | None = None


STATUS = {
    "PENDING": ORDERS.c.credit == "PENDING",
    "RELEASED": ORDERS.c.credit == "RELEASED",
    "HELD": ORDERS.c.credit == "HELD",
    "OPEN": ORDERS.c.closed.is_(None),
    "CLOSED": ORDERS.c.closed.is_not(None),
    "CANCELLED": ORDERS.c.closed == "CANCELLED",
    "EXPIRED": ORDERS.c.closed == "EXPIRED",
    "CLOSED_SHORT": ORDERS.c.closed == "CLOSED_SHORT",
    "CONFIRMED": ORDERS.c.confirmed_lines > 0,
    "UNCONFIRMED": ORDERS.c.confirmed_lines == 0,
    "DISPATCHED": ORDERS.c.dispatched_lines > 0,
    "UNDISPATCHED": ORDERS.c.dispatched_lines == 0,
}


def find_orders(connection: Connection, search: OrderSearch, limit: int = 50, after: str | None = None) -> Listed:
    """Order headers, the latest day first."""
    return listed(connection, _searched(search), BY_DAY, limit, after)


def _searched(search: OrderSearch) -> Select[Any]:
    c = ORDERS.c
    query = select(*HEADER)
    given = {
        c.company: search.company,
        c.partner: search.partner,
    }
    query = query.where(*(column == value for column, value in given.items() if value is not None))
    if search.number_prefix:
        query = query.where(prefixed(c.purchase_order_number, search.number_prefix))
    if search.ordered_from is not None:
        query = query.where(c.ordered_on >= search.ordered_from)
    if search.ordered_to is not None:
        query = query.where(c.ordered_on <= search.ordered_to)
    if search.requested_from is not None:
        query = query.where(c.requested_last >= search.requested_from)
    if search.requested_to is not None:
        query = query.where(c.requested_first <= search.requested_to)
    wanted = {WANTED.c.item: search.item, WANTED.c.ship_to: search.ship_to}
    conditions = [column == value for column, value in wanted.items() if value is not None]
    if conditions:
        query = query.where(c.order_id.in_(select(WANTED.c.order_id).where(*conditions)))
    return query.where(*(STATUS[piece] for piece in search.status))


def order(connection: Connection, order_id: str) -> OrderPage | None:
    """All of one order; None when the view does not know it."""
    found = connection.execute(select(ORDERS).where(ORDERS.c.order_id == order_id)).mappings().one_or_none()
    if found is None:
        return None
    agreed = _rows(connection, select(AGREED).where(AGREED.c.order_id == order_id).order_by(AGREED.c.position))
    about = _about(connection, [order_id])
    shipments = _shipments(connection, about)
    invoices = _rows(connection, _known(INVOICES, INVOICES.c.invoice_id, about, INVOICES.c.issued_on))
    returns = _rows(connection, _known(RETURNS, RETURNS.c.return_id, about, RETURNS.c.authorised_on))
    header = {name: value for name, value in found.items() if name != "figures"}
    lines = line_pages(order_id, found["figures"], agreed, shipments, invoices)
    return OrderPage(header, lines, agreed, shipments, invoices, returns, timeline(connection, order_id))


def timeline(connection: Connection, stream: str, limit: int = 5_000) -> list[Row]:
    """Every event of a stream and of all that concerns it, in the order in which it became known."""
    subjects = _everything_about(connection, stream)
    query = select(TIMELINE).where(TIMELINE.c.subject.in_(subjects))
    sorting = (TIMELINE.c.recorded_at, TIMELINE.c.log, TIMELINE.c.position, TIMELINE.c.subject)
    rows: dict[tuple[str, int], Row] = {}
    for row in _rows(connection, query.order_by(*sorting).limit(limit)):
        rows.setdefault((row["log"], row["position"]), row)
    return list(rows.values())


def shipment(connection: Connection, shipment_id: str) -> ShipmentPage | None:
    """One shipment with its invoices and timeline."""
    found = _shipments(connection, [shipment_id])
    if not found:
        return None
    about = _about(connection, [shipment_id])
    invoices = _rows(connection, _known(INVOICES, INVOICES.c.invoice_id, about, INVOICES.c.issued_on))
    return ShipmentPage(found[0], invoices, timeline(connection, shipment_id))


def find_returns(
    connection: Connection, partner: str | None = None, limit: int = 50, after: str | None = None
) -> Listed:
    """Returns, the latest day first."""
    query = select(RETURNS) if partner is None else select(RETURNS).where(RETURNS.c.partner == partner)
    order = Order((RETURNS.c.authorised_on, RETURNS.c.return_id), falling=(True, False))
    return listed(connection, query, order, limit, after)


def goods_return(connection: Connection, return_id: str) -> Row | None:
    found = _rows(connection, select(RETURNS).where(RETURNS.c.return_id == return_id))
    return found[0] | {"timeline": timeline(connection, return_id)} if found else None


def _shipments(connection: Connection, shipment_ids: list[str]) -> list[Row]:
    found = _rows(connection, _known(SHIPMENTS, SHIPMENTS.c.shipment_id, shipment_ids, SHIPMENTS.c.dispatched_at))
    said = select(EVIDENCE).where(EVIDENCE.c.shipment_id.in_([row["shipment_id"] for row in found]))
    return with_evidence(found, _rows(connection, said.order_by(EVIDENCE.c.position)))


def _everything_about(connection: Connection, stream: str) -> list[str]:
    """The stream, what is about it, what is about that, and so on."""
    seen = {stream: None}
    reached = [stream]
    while reached:
        reached = [subject for subject in _about(connection, reached) if subject not in seen]
        seen |= dict.fromkeys(reached)
    return list(seen)


def _about(connection: Connection, streams: Iterable[str]) -> list[str]:
    query = select(CONCERNS.c.subject).where(CONCERNS.c.about.in_(list(streams))).distinct()
    return list(connection.execute(query).scalars())


def _known(table: Any, key: Any, keys: list[str], by: Any) -> Select[Any]:
    return select(table).where(key.in_(keys)).order_by(by, key)


def _rows(connection: Connection, query: Select[Any]) -> list[Row]:
    return [dict(row) for row in connection.execute(query).mappings()]
