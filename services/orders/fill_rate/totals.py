"""The figures of a period without its lines: added up in the database as far as that goes, else judged in pieces.

The same as those of the ``Report`` of the same question (reporting), in a fraction of the time and memory of a whole year.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, islice
from operator import add

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from domain.fill_rate.choice import Version, bucket_day, judged_by
from domain.fill_rate.choices import BucketBy, WeightUnit
from domain.fill_rate.credit import Ratio
from domain.fill_rate.facts import LineFacts
from domain.fill_rate.figures import Figures, figures, order_of
from domain.fill_rate.judging import Judged
from domain.fill_rate.periods import Period
from domain.fill_rate.policy import Scope
from projections import order_fill
from projections.order_fill.pushdown import eligible
from projections.order_fill.summed import Span, Summed, Wanted, summed
from services.orders.fill_rate.reporting import (
    Asked, Programme, asking_of, lines_of_period, period_asked, programmes, report, versions_of,
)

ORDERS_A_PIECE = 200

logger = structlog.get_logger()

Found = dict[object, tuple[Version, Figures]]


@dataclass(frozen=True)
class Total:
    """What one version of a definition comes to."""

    version: Version
    figures: Figures


@dataclass(frozen=True)
class Totals:
    """A programme's figures of one period, by the version that judges them."""

    asked: Asked
    programme: Programme
    period: Period
    sections: Sequence[Total]

    @property
    def ratio(self) -> Ratio:
        return sum((one.figures.figure for one in self.sections), Ratio())


def all_totals(connection: Connection, asked: Asked) -> list[Totals]:
    """One for each programme of the partner; refused where none is agreed."""
    agreed = versions_of(connection, asked.partner, asked.known_at)
    return [totals(connection, asked, programme) for programme in programmes(agreed, asked)]


def totals(connection: Connection, asked: Asked, programme: Programme) -> Totals:
    period = period_asked(asked, programme.latest)
    found = _found(connection, asked, programme, period)
    ordered = sorted(found.values(), key=lambda each: each[0].key)
    return Totals(asked, programme, period, tuple(Total(version, one) for version, one in ordered))


def _found(connection: Connection, asked: Asked, programme: Programme, period: Period) -> Found:
    policies = [one.policy for one in programme.choose.versions]
    if any(one.weight_unit is WeightUnit.SKU_LOCATION or one.denominator.demand_cap is not None for one in policies):
        made = report(connection, asked, programme)
        return {one.version.key: (one.version, one.figures) for one in made.sections}
    spans = programme.choose.spans(period.first, period.last)
    by_day = [programme.latest, *policies]
    if asked.filters.item is None and all(
        one.scope == Scope() and one.period.bucket_by is BucketBy.REQUESTED_ORIGINAL for one in by_day
    ) and spans and all(eligible(version.policy) for version, _, _ in spans):
        try:
            return _pushed_down(connection, asked, programme, period, spans)
        except DBAPIError as error:  # sums beyond 64 bits; judged line by line they are exact
            logger.warning("fill_rate_sums", partner=asked.partner, period=period.name, error=repr(error.orig))
    return _judged(asked, programme, period, lines_of_period(connection, asked, programme.latest, period))


def _pushed_down(
    connection: Connection, asked: Asked, programme: Programme, period: Period, spans: Sequence[tuple[Version, date, date]]
) -> Found:
    """What the lots come to, and what is found of the orders that are not in them."""
    only = asked.filters
    pairs = (("company", only.company), ("banner", only.banner), ("ship_to", only.ship_to), ("category", only.category))
    wanted = Wanted(
        asked.partner, asked.effective_at, asked.known_at, tuple((name, value) for name, value in pairs if value is not None)
    )
    made: Summed = summed(connection, wanted, [Span(version.policy, first, last) for version, first, last in spans])
    lines = order_fill.lines_of_orders(connection, made.left, known_at=asked.known_at)
    own = (line for line in lines if only.company in (None, line.company))
    found = _judged(asked, programme, period, own)
    for (version, _, _), one in zip(spans, made.figures, strict=True):
        if one is not None:
            _add(found, version, one)
    return found


def _judged(asked: Asked, programme: Programme, period: Period, lines: Iterable[LineFacts]) -> Found:
    """The figures of the lines, an order after the other, without keeping them."""
    found: Found = {}
    for piece in _pieces(lines):
        judged: dict[object, tuple[Version, list[Judged]]] = {}
        for version, one in judged_by(piece, programme.choose, lambda policy: asking_of(policy, asked.effective_at)):
            if period.holds(bucket_day(one, version.policy)) and asked.filters.take(one):
                judged.setdefault(version.key, (version, []))[1].append(one)
        for version, some in judged.values():
            _add(found, version, figures(some, version.policy))
    return found


def _pieces(lines: Iterable[LineFacts]) -> Iterator[list[LineFacts]]:
    """The lines of some orders at a time, each order whole."""
    orders = (list(group) for _, group in groupby(lines, order_of))
    while piece := [line for order in islice(orders, ORDERS_A_PIECE) for line in order]:
        yield piece


def _add(found: Found, version: Version, more: Figures) -> None:
    known = found.get(version.key)
    found[version.key] = (version, more if known is None else add(known[1], more))
