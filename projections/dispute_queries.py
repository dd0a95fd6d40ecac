"""Questions to the view of disputes: lists, one case whole, whose clocks have run out, the age of deductions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, case, func, select

from domain.deduction_reasons import DeductionReason
from domain.dispute.life_cycle import Status
from domain.values import ZERO
from projections.disputes import CLOCKS, DEDUCTIONS, DISPUTES, HISTORY
from projections.paging import Listed, Order, listed
from projections.view import Row


@dataclass(frozen=True)
class DisputeSearch:
    """What to look for; None leaves a condition out. ``due_to``: the last day to file has come by then, inclusive."""

    partner: str | None = None
    status: Status | None = None
    reason: DeductionReason | None = None
    due_to: date | None = None
    only_open: bool = False


_C = DISPUTES.c
BY_PARTNER = Order((_C.partner, _C.claimed_on, _C.dispute_id))


def find_disputes(connection: Connection, search: DisputeSearch, limit: int = 50, after: str | None = None) -> Listed:
    """By partner, the oldest claim first."""
    status = None if search.status is None else search.status.value
    reason = None if search.reason is None else search.reason.value
    given = {_C.partner: search.partner, _C.status: status, _C.reason: reason}
    query = select(DISPUTES).where(*(column == value for column, value in given.items() if value is not None))
    if search.due_to is not None:
        query = query.where(_C.last_day <= search.due_to)
    if search.only_open:
        query = query.where(_C.is_open)
    page = listed(connection, query, BY_PARTNER, limit, after)
    return Listed([_shown(row) for row in page.rows], page.after)


def dispute(connection: Connection, dispute_id: str) -> Row | None:
    """One dispute with ``history``: everything that happened to it, in the log's order, and the clocks that run."""
    row = connection.execute(select(DISPUTES).where(_C.dispute_id == dispute_id)).mappings().one_or_none()
    if row is None:
        return None
    query = select(HISTORY).where(HISTORY.c.dispute_id == dispute_id).order_by(HISTORY.c.at_position)
    running = select(CLOCKS.c.clock, CLOCKS.c.due_on).where(CLOCKS.c.dispute_id == dispute_id).order_by(CLOCKS.c.due_on)
    clocks = {row.clock: row.due_on for row in connection.execute(running)}
    history = [{k: v for k, v in one.items() if k != "dispute_id"} for one in connection.execute(query).mappings()]
    return _shown(dict(row)) | {"clocks": clocks, "history": history}


def _shown(row: Row) -> Row:
    """``outstanding`` is what the rest leaves of the claim (I2)."""
    left = row["claimed"] - row["credited"] - row["repaid"] - row["written_off"]
    return {**row, "outstanding": left}


def due(connection: Connection, on_or_before: date, zone: str) -> list[str]:
    """Disputes of which a clock has run out by the day that begins, the oldest first."""
    c = CLOCKS.c
    first = func.min(c.due_on)
    query = select(c.dispute_id, first).where(c.zone == zone, c.due_on <= on_or_before).group_by(c.dispute_id)
    return [row[0] for row in connection.execute(query.order_by(first, c.dispute_id))]


def zones(connection: Connection) -> list[str]:
    """Zones in which a clock runs."""
    return list(connection.execute(select(CLOCKS.c.zone).distinct().order_by(CLOCKS.c.zone)).scalars())


# The age of deductions

NOTHING = Decimal("0.00")  # as the view writes an amount


@dataclass(frozen=True)
class AgeSearch:
    """As of ``on``, by what now is outstanding; ``days`` back is what the mean days outstanding are counted over."""

    on: date
    edges: tuple[int, ...] = (30, 60, 90)
    partner: str | None = None
    reason: DeductionReason | None = None
    days: int = 90


def aging(connection: Connection, search: AgeSearch) -> list[Row]:
    """By currency: outstanding in buckets of age, and how it ended: what share was recovered."""
    c = DEDUCTIONS.c
    edges = sorted(search.edges)
    age = [search.on - timedelta(days=edge) for edge in edges]
    sums = [_sum(c.outstanding, c.taken_on >= (age[0] if age else date.min)).label("b0")]
    for n, boundary in enumerate(age):
        later = age[n + 1] if n + 1 < len(age) else date.min
        sums.append(_sum(c.outstanding, (c.taken_on < boundary) & (c.taken_on >= later)).label(f"b{n + 1}"))
    names = ("amount", "outstanding", "credited", "repaid", "written_off", "voided")
    totals = [func.sum(c[name]).label(name) for name in names]
    first = search.on - timedelta(days=search.days)
    recent = [_sum(column, c.taken_on > first).label(f"recent_{column.name}") for column in (c.amount, c.voided)]
    query = select(c.currency, func.count().label("deductions"), *totals, *recent, *sums)
    given = {c.partner: search.partner, c.reason: None if search.reason is None else search.reason.value}
    query = query.where(c.taken_on <= search.on, *(column == v for column, v in given.items() if v is not None))
    rows = connection.execute(query.group_by(c.currency).order_by(c.currency)).mappings()
    return [_aged(dict(row), edges, search.days) for row in rows]


def _sum(amount: Any, condition: Any) -> Any:
    """NULL where there is nothing."""
    return func.sum(case((condition, amount)))


def _aged(row: Row, edges: Sequence[int], days: int) -> Row:
    """The recovery rate is what came back of what was resolved, exact; none where nothing is."""
    buckets = [
        {"from_day": 0 if n == 0 else edges[n - 1] + 1, "to_day": edges[n] if n < len(edges) else None,
         "outstanding": row.pop(f"b{n}") or NOTHING}
        for n in range(len(edges) + 1)
    ]  # fmt: skip
    recent = (row.pop("recent_amount") or ZERO) - (row.pop("recent_voided") or ZERO)
    resolved = row["credited"] + row["repaid"] + row["written_off"]
    return {
        **row, "buckets": buckets, "resolved": resolved, "recovery_rate": _rate(row["repaid"], resolved),
        "days_outstanding": None if not recent else _rate(row["outstanding"] * days, recent),
    }  # fmt: skip


def _rate(part: Decimal, whole: Decimal) -> dict[str, int] | None:
    if not whole:
        return None
    exact = Fraction(part) / Fraction(whole)
    return {"numerator": exact.numerator, "denominator": exact.denominator}
