"""Headline figures of whole periods from lots, and which orders have to be judged line by line beside them.

Figures add up over orders. So a figure is what the lots of most orders come to, and what ``judging`` finds of the others:
those that are not plain, of which something was heard since they were settled or after the moment asked for, and those
whose windows close just about then.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, func, or_, select, text

from domain.fill_rate.choices import CreditMode, Metric, WeightUnit
from domain.fill_rate.credit import Ratio
from domain.fill_rate.figures import NAMES, Figures
from domain.fill_rate.lots import day_number
from domain.fill_rate.policy import FillRatePolicy
from projections.order_fill.lot_tables import SETTLED
from projections.order_fill.queries import ORDERS_A_TIME
from projections.order_fill.pushdown import Sight
from projections.order_fill.settling import micros, unsettled_orders
from projections.order_fill.statement import Figure, Statement, shares_of, whole_figure
from projections.order_fill.tables import ORDERS


@dataclass(frozen=True)
class Span:
    """The days, both included, on which one version of a definition judges what was wanted."""

    policy: FillRatePolicy
    first: date
    last: date


@dataclass(frozen=True)
class Wanted:
    """Whose lines, as of ``at``, as known at the position ``known_at`` (None: now); ``only``: column -> value."""

    partner: str
    at: datetime
    known_at: int | None
    only: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Summed:
    """``figures`` by span (None: nothing was wanted in it); ``left``: the orders that are not in them."""

    figures: tuple[Figures | None, ...]
    left: tuple[str, ...]


def summed(connection: Connection, wanted: Wanted, spans: Sequence[Span]) -> Summed:
    """What lots come to; every statement sees the same state of the view."""
    with _at_rest(connection) as still:
        left, numbers, reaches = _left(still, wanted, spans)
        found = tuple(
            _figures(still, wanted, span, reach, numbers) for span, reach in zip(spans, reaches, strict=True)
        )
    return Summed(found, left)


@contextmanager
def _at_rest(connection: Connection) -> Iterator[Connection]:
    """The connection in a transaction that sees nothing change: an order must not be settled between two looks."""
    connection.rollback()
    sqlite = connection.dialect.name == "sqlite"
    connection.exec_driver_sql("BEGIN" if sqlite else "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    if not sqlite:  # lots are summed by order first: the orders of a year do not fit into the 4 MB that are the default
        connection.exec_driver_sql("SET LOCAL work_mem = '64MB'")
    try:
        yield connection
    finally:
        connection.rollback()


@dataclass(frozen=True)
class _Reach:
    """Between which places in the log the orders of a span lie, and the last day any of them is aimed at."""

    lowest: int
    highest: int
    last_day: int


def _left(
    connection: Connection, wanted: Wanted, spans: Sequence[Span]
) -> tuple[tuple[str, ...], frozenset[int], list[_Reach | None]]:
    """The orders to be judged by their lines, their places in the log, and the reach of each span."""
    c = SETTLED.c
    left: dict[str, int | None] = {}
    reaches: list[_Reach | None] = []
    for span in spans:
        first, last = day_number(span.first), day_number(span.last)
        inside = (c.partner == wanted.partner, c.requested_last >= first, c.requested_first <= last)
        reach = connection.execute(select(func.min(c.order_no), func.max(c.order_no), func.max(c.last_day)).where(*inside))
        lowest, highest, last_day = reach.one()
        reaches.append(None if lowest is None else _Reach(lowest, highest, last_day))
        query = select(c.order_id, c.order_no).where(*inside, or_(*_unfit(wanted, span.policy)))
        left.update((order, number) for order, number in connection.execute(query))
    left.update(_unsettled(connection, wanted, spans))
    return tuple(sorted(left)), frozenset(number for number in left.values() if number is not None), reaches


def _unfit(wanted: Wanted, policy: FillRatePolicy) -> Iterator[Any]:
    """Why an order that is settled has to be judged by its lines."""
    c, today, late = SETTLED.c, _today(wanted), policy.on_time.latest_days
    yield c.plain.is_(False)
    yield c.last_at > micros(wanted.at)
    if wanted.known_at is not None:
        yield c.last_position > wanted.known_at
    # its windows close neither surely before nor surely after the moment, whatever the zone of its place
    yield (c.last_day + late + 1 > today - 1) & (c.first_day + late + 1 < today + 2)


def _unsettled(connection: Connection, wanted: Wanted, spans: Sequence[Span]) -> Iterator[tuple[str, int]]:
    """(order, its place in the log) of what is yet to be settled of the days asked for."""
    waiting, c = sorted(unsettled_orders(connection)), ORDERS.c
    for begin in range(0, len(waiting), ORDERS_A_TIME):
        query = select(c.order_id, c.position).where(
            c.order_id.in_(waiting[begin : begin + ORDERS_A_TIME]), c.partner == wanted.partner,
            c.requested_last >= spans[0].first, c.requested_first <= spans[-1].last,
        )  # fmt: skip
        yield from ((order, number) for order, number in connection.execute(query))


def _today(wanted: Wanted) -> int:
    return day_number(wanted.at.astimezone(UTC).date())


def _figures(
    connection: Connection, wanted: Wanted, span: Span, reach: _Reach | None, left: frozenset[int]
) -> Figures | None:
    if reach is None:
        return None
    policy, today = span.policy, _today(wanted)
    all_closed = reach.last_day + policy.on_time.latest_days + 1 <= today - 1
    made = Statement(Sight(policy, today, all_closed))
    columns = _Columns.of(made)
    source, values = _source(connection, wanted, span, reach, left)
    rows = (connection.execute(text(one), values).mappings().one() for one in made.texts(source))
    found = {name: int(value or 0) for row in rows for name, value in row.items()}
    if not found[columns.all]:
        return None

    def ratio_of(figure: Figure) -> Ratio:
        return Ratio(Fraction(found[figure.numerator], figure.scale), Fraction(found[figure.denominator], figure.scale))

    def of_metric(metric: Metric) -> Ratio:
        figure = columns.of_metric[metric]
        if figure is not None:
            return ratio_of(figure)
        parts = connection.execute(text(shares_of(made, metric, policy.weight_unit, source)), values)
        numerator = sum((Fraction(int(one.n), int(one.d)) for one in parts), Fraction(0))
        whole = columns.lines if policy.weight_unit is WeightUnit.LINE else columns.orders.denominator
        return Ratio(numerator, Fraction(found[whole]))

    full, on_time, otif = map(of_metric, (Metric.FILL, Metric.ON_TIME, Metric.OTIF))
    return Figures(
        official=NAMES[policy.metric], complete=ratio_of(columns.complete), full=full, on_time=on_time, otif=otif,
        value_fill=ratio_of(columns.value), orders_full=ratio_of(columns.orders), lines=found[columns.lines],
        pending=0 if columns.pending is None else found[columns.pending], excluded=0,
    )  # fmt: skip


@dataclass(frozen=True)
class _Columns:
    """Where in the rows everything stands; a metric is None where its credits are fractions."""

    all: str
    lines: str
    pending: str | None
    complete: Figure
    value: Figure
    orders: Figure
    of_metric: dict[Metric, Figure | None]

    @classmethod
    def of(cls, made: Statement) -> _Columns:
        sight, policy = made.sight, made.sight.policy
        value = whole_figure(made, Metric.FILL, WeightUnit.VALUE, CreditMode.PROPORTIONAL)
        assert value is not None
        lines = made.counted("lines")
        return cls(
            all=made.add("lines"), lines=lines,
            pending=None if sight.pending is None else made.add("lines", when=sight.pending),
            complete=Figure(made.counted("lines", when=f"{sight.came} > 0"), lines, 1),
            value=value,
            orders=Figure(made.orders(made.failed(Metric.FILL)), made.orders(), 1),
            of_metric={one: whole_figure(made, one, policy.weight_unit, policy.credit_mode) for one in Metric},
        )  # fmt: skip


def _source(
    connection: Connection, wanted: Wanted, span: Span, reach: _Reach, left: frozenset[int]
) -> tuple[str, dict[str, Any]]:
    """The lots of the span but for those orders, as SQL with the values it names."""
    first, last = day_number(span.first), day_number(span.last)
    tests = [
        "partner = :partner", f"order_no BETWEEN {reach.lowest} AND {reach.highest}", f"requested BETWEEN {first} AND {last}",
        *(f"{column} = :{column}" for column, _ in wanted.only),
    ]  # fmt: skip
    values = {"partner": wanted.partner, **dict(wanted.only)}
    if left:
        values["left"] = json.dumps(sorted(left))
        unfolded = (
            "SELECT value FROM json_each(:left)" if connection.dialect.name == "sqlite"
            else "SELECT CAST(value AS BIGINT) FROM jsonb_array_elements_text(CAST(:left AS JSONB))"
        )  # fmt: skip
        tests.append(f"order_no NOT IN ({unfolded})")
    return f"lots WHERE {' AND '.join(tests)}", values
