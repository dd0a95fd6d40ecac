"""Settling: an order of which something was heard is assembled and its lots are kept, when there is nothing to fold.

Nothing waits for it: an order that is not settled is judged from its facts like one that is not plain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import CompoundSelect, Connection, Select, delete, select, union

from domain.fill_rate.lots import Lot, day_number, last_said, lots_of
from projections.order_fill.assembly import OrderTold, assembled
from projections.order_fill.lot_tables import LOTS, SETTLED, UNSETTLED, lot_row
from projections.order_fill.queries import ORDERS_A_TIME, orders_told
from projections.order_fill.tables import LOADS, ORDERS, PAPERS
from projections.writing import delete as delete_rows
from projections.writing import upsert

SUBJECTS = 100  # a tick takes less than a tenth of a second: folds, also of other instances, wait that long
_ZERO = datetime(1970, 1, 1, tzinfo=UTC)


def settle(connection: Connection) -> int:
    """Settle the orders of which the next subjects speak; answers how many subjects are done with."""
    query = select(UNSETTLED.c.subject).order_by(UNSETTLED.c.subject).limit(SUBJECTS)
    subjects = list(connection.execute(query).scalars())
    if not subjects:
        return 0
    orders = sorted(connection.execute(orders_of(subjects)).scalars())
    done = [*subjects, *_others_done(connection, orders, subjects)]
    settled: list[dict[str, Any]] = []
    lots: list[dict[str, Any]] = []
    for told in orders_told(connection, orders):
        row = told.row
        found = _settled(told)
        settled.append(found[0])
        for number, lot in enumerate(found[1]):
            lots.append(lot_row(row["partner"], row["company"], row["position"], number, lot))
    _forget(connection, settled)
    upsert(connection, LOTS, lots, keep=False)
    upsert(connection, SETTLED, settled, keep=False)
    delete_rows(connection, UNSETTLED, [(subject,) for subject in done])
    return len(done)


def orders_of(subjects: Sequence[str]) -> CompoundSelect[Any]:
    """The orders that streams are, carry goods of, or speak of."""
    return union(
        select(ORDERS.c.order_id).where(ORDERS.c.order_id.in_(subjects)),
        select(LOADS.c.order_id).where(LOADS.c.shipment_id.in_(subjects)),
        select(PAPERS.c.order_id).where(PAPERS.c.document_id.in_(subjects)),
    )


def unsettled_orders(connection: Connection) -> set[str]:
    """Every order that is to be settled."""
    subjects = connection.execute(select(UNSETTLED.c.subject)).scalars().all()
    found: set[str] = set()
    for begin in range(0, len(subjects), ORDERS_A_TIME):
        found.update(connection.execute(orders_of(subjects[begin : begin + ORDERS_A_TIME])).scalars())
    return found


def _others_done(connection: Connection, orders: Sequence[str], subjects: Sequence[str]) -> Iterator[str]:
    """Other subjects that speak of nothing but these orders: they need not be looked at again."""
    for table, other in ((LOADS, LOADS.c.shipment_id), (PAPERS, PAPERS.c.document_id)):
        named = select(other).where(table.c.order_id.in_(orders))
        waiting = select(UNSETTLED.c.subject).where(UNSETTLED.c.subject.in_(named), UNSETTLED.c.subject.not_in(subjects))
        elsewhere: Select[Any] = select(other).where(other.in_(waiting), table.c.order_id.not_in(orders))
        open_still = set(connection.execute(elsewhere).scalars())
        yield from (one for one in connection.execute(waiting).scalars() if one not in open_still)


def _settled(told: OrderTold) -> tuple[dict[str, Any], tuple[Lot, ...]]:
    """The order's row in SETTLED and its lots."""
    order, row = list(assembled(told)), told.row
    lots = lots_of(order)
    fates = [lot.fate for lot in lots or ()]
    days = [day for fate in fates for day in (fate.requested, fate.promised_first, fate.promised_last)] or [0]
    at = last_said(order)
    settled = {
        "order_id": row["order_id"], "order_no": row["position"], "partner": row["partner"], "plain": lots is not None,
        "requested_first": day_number(row["requested_first"]), "requested_last": day_number(row["requested_last"]),
        "first_day": min(days), "last_day": max(days), "last_position": told.last_position,
        "last_at": 0 if at is None else micros(at),
    }  # fmt: skip
    return settled, lots or ()


def micros(at: datetime) -> int:
    """Microseconds since 1970, exactly."""
    return (at - _ZERO) // timedelta(microseconds=1)


def _forget(connection: Connection, settled: Sequence[dict[str, Any]]) -> None:
    """The lots that the orders had before."""
    partners = {row["partner"] for row in settled}
    numbers = [row["order_no"] for row in settled]
    c = LOTS.c
    connection.execute(delete(LOTS).where(c.partner.in_(partners), c.order_no.in_(numbers)))
