"""Aging asked of the entries: buckets summed in SQL by the rule of domain/aging.py, items as of a day, and what moved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement, Connection, Date, Integer, Select, and_, case, func, literal, or_, select, type_coerce,
)

from domain.aging import Aging, AgingBy, Buckets, Standing, Sums, due_day
from domain.receivable_items import ItemClass, Movement
from domain.receivable_metrics import History
from domain.values import ZERO
from projections.paging import Listed, Order, listed
from projections.receivable_items import ENTRIES, ISSUED, ITEMS, VOIDED
from projections.view import Row

E = ENTRIES.c
item_class = ENTRIES.c["class"]
NO_DUE_DAY = date.max
AT_ONCE = 10_000  # parameters in one statement
PER = ("company", "partner", "account")


@dataclass(frozen=True)
class AgingSearch:
    """Whose items; None leaves a condition out."""

    company: str | None = None
    partner: str | None = None
    account: str | None = None
    currency: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        given = {E.company: self.company, E.partner: self.partner, E.account: self.account, E.currency: self.currency}
        return [column == value for column, value in given.items() if value is not None]


@dataclass(frozen=True)
class Moment:
    """As of a day, as known at a position of the receivables log."""

    as_of: date
    known_at: int

    def holds(self) -> ColumnElement[bool]:
        return and_(E.happened_on <= self.as_of, E.position <= self.known_at)


# Buckets


def agings(
    connection: Connection, search: AgingSearch, moment: Moment, buckets: Buckets, per: Sequence[str] = ()
) -> dict[tuple[str, ...], dict[str, Aging]]:
    """An aging a currency for each group named by ``per``; groups of which nothing is outstanding are left out.

    SQL sums by day, the rule puts the days into buckets.
    """
    named = [E[name] for name in per]
    days: list[Any] = [E.due_on, E.since]
    if buckets.by is AgingBy.INVOICE:
        days = [E.dated_on, _provisional(moment.as_of).label("provisional")]
    query = (
        select(*named, E.currency, item_class, *days, func.sum(E.amount), func.sum(E.disputed))
        .where(moment.holds(), *search.conditions())
        .group_by(*named, E.currency, item_class, *("provisional" if day.name == "provisional" else day for day in days))
    )
    sums: dict[tuple[str, ...], dict[str, Sums]] = {}
    for *group, currency, kind, day, more, amount, disputed in connection.execute(query):
        held = sums.setdefault(tuple(group), {}).setdefault(currency, Sums(buckets))
        counted = day if buckets.by is AgingBy.INVOICE else due_day(day, more, moment.as_of)
        provisional = bool(more) if buckets.by is AgingBy.INVOICE else counted is None
        place = buckets.index_of(counted, moment.as_of)
        held.take(ItemClass(kind), place, amount, disputed, provisional=provisional)
    found = {group: {c: held.aging(c) for c, held in sorted(by.items())} for group, by in sorted(sums.items())}
    kept = {group: {c: one for c, one in by.items() if not one.is_nothing} for group, by in found.items()}
    return {group: by for group, by in kept.items() if by}


def _place(buckets: Buckets, as_of: date) -> ColumnElement[int]:
    """``Buckets.index_of`` in SQL: the first bucket whose oldest day is not after the day."""
    oldest = buckets.oldest_days(as_of)
    last = literal(len(oldest), Integer)
    if buckets.by is AgingBy.INVOICE:
        return case(*((E.dated_on >= day, literal(n, Integer)) for n, day in enumerate(oldest)), else_=last)
    steps: list[tuple[ColumnElement[bool], Any]] = [(E.due_on >= day, literal(n, Integer)) for n, day in enumerate(oldest)]
    return case((_waiting(as_of), literal(0, Integer)), *steps, else_=last)


def _provisional(as_of: date) -> ColumnElement[int]:
    return case((_waiting(as_of), literal(1, Integer)), else_=literal(0, Integer))


def _waiting(as_of: date) -> ColumnElement[bool]:
    """``domain.aging.due_day`` in SQL: no due day yet, or it counts from an event that is still to come."""
    return or_(E.due_on.is_(None), E.since > as_of)


# Items

_KEPT = ("kind", "number", "about", "reason", "original", "run", "calendar", "legal_warnings")


@dataclass(frozen=True)
class ItemFilter:
    """Which of the items; ``places`` are buckets by their place, ``late`` those that are or were past due."""

    classes: tuple[ItemClass, ...] = ()
    places: tuple[int, ...] = ()
    only_disputed: bool = False
    late: bool = False


def items(
    connection: Connection, search: AgingSearch, moment: Moment, buckets: Buckets, wanted: ItemFilter, limit: int,
    after: str | None,
) -> Listed:
    """What was outstanding of each item under each due day, by due day; those without one last."""
    amounts = {"amount": func.sum(E.amount), "disputed": func.sum(E.disputed)}
    outstanding = or_(*(total != ZERO for total in amounts.values()))
    query = (
        select(*_identity(), *_dated(buckets, moment.as_of), *(total.label(name) for name, total in amounts.items()))
        .where(moment.holds(), *search.conditions())
        .group_by(*_identity(), "sorted_on", "place", "provisional")
        .having(or_(outstanding, func.max(E.happened_on) > E.due_on) if wanted.late else outstanding)
    )
    if wanted.late:
        query = query.where(E.due_on < moment.as_of, E.since <= moment.as_of)
    if wanted.classes:
        query = query.where(item_class.in_([one.value for one in wanted.classes]))
    if wanted.only_disputed:
        query = query.having(amounts["disputed"] != ZERO)
    return _with_items(connection, query, wanted.places, limit, after)


def moved(
    connection: Connection, search: AgingSearch, first: Moment, second: Moment, buckets: Buckets, limit: int, after: str | None
) -> Listed:
    """Items whose outstanding amount, contested part or bucket is another at ``second`` than at ``first``."""

    def at(moment: Moment, column: Any) -> ColumnElement[Decimal]:
        return func.sum(case((moment.holds(), column), else_=type_coerce(ZERO, column.type)))

    was = {"amount_before": at(first, E.amount), "disputed_before": at(first, E.disputed)}
    now = {"amount": at(second, E.amount), "disputed": at(second, E.disputed)}
    place_before = _place(buckets, first.as_of)
    either = or_(first.holds(), second.holds())
    query = (
        select(
            *_identity(), *_dated(buckets, second.as_of), place_before.label("place_before"),
            *(total.label(name) for name, total in {**was, **now}.items()),
        )
        .where(either, item_class != ItemClass.DEDUCTION.value, *search.conditions())
        .group_by(*_identity(), "sorted_on", "place", "provisional", "place_before")
    )  # fmt: skip
    inner = query.subquery()
    another_bucket = and_(inner.c["class"] == ItemClass.RECEIVABLE.value, inner.c.place_before != inner.c.place)
    differs = or_(
        inner.c.amount_before != inner.c.amount, inner.c.disputed_before != inner.c.disputed,
        and_(another_bucket, inner.c.amount != ZERO),
    )  # fmt: skip
    return _with_items(connection, select(*inner.c).where(differs), (), limit, after)


def _identity() -> list[ColumnElement[Any]]:
    names = ("item_id", "class", "company", "partner", "account", "currency", "dated_on", "due_on", "since", "provisional_on")
    return [E[name] for name in names]


def _dated(buckets: Buckets, as_of: date) -> list[ColumnElement[Any]]:
    sorted_on = func.coalesce(E.due_on, literal(NO_DUE_DAY, Date), type_=Date)
    return [
        sorted_on.label("sorted_on"), _place(buckets, as_of).label("place"), _provisional(as_of).label("provisional")
    ]


def _with_items(
    connection: Connection, query: Select[Any], places: Iterable[int], limit: int, after: str | None
) -> Listed:
    inner = query.subquery()
    kept = [ITEMS.c[name] for name in _KEPT]
    whole = select(*inner.c, *kept).join_from(inner, ITEMS, ITEMS.c.item_id == inner.c.item_id)
    wanted = tuple(places)
    if wanted:
        whole = whole.where(inner.c["class"] == ItemClass.RECEIVABLE.value, inner.c.place.in_(wanted))
    by_due_day: Any = (inner.c.sorted_on, inner.c.item_id)
    return listed(connection, whole, Order(by_due_day), limit, after)


def movements(connection: Connection, item_ids: Sequence[str], moment: Moment) -> dict[tuple[str, date | None], list[Movement]]:
    """What happened to some items under each of their due days."""
    made: dict[tuple[str, date | None], list[Movement]] = {}
    query = select(E.item_id, E.due_on, E.happened_on, E.amount, E.disputed).where(moment.holds())
    for start in range(0, len(item_ids), AT_ONCE):
        for item_id, due_on, *moved_by in connection.execute(query.where(E.item_id.in_(item_ids[start : start + AT_ONCE]))):
            made.setdefault((item_id, due_on), []).append(Movement(*moved_by))
    return made


# What metrics are made of


def standings(connection: Connection, search: AgingSearch, moment: Moment) -> list[Standing]:
    """Every item under every due day: what ``domain.aging.aged`` takes; a check on the sums made in SQL."""
    columns = (E.item_id, E.currency, item_class, E.due_on, E.since, E.dated_on)
    query = (
        select(*columns, func.sum(E.amount), func.sum(E.disputed))
        .where(moment.holds(), *search.conditions())
        .group_by(*columns)
    )
    return [
        Standing(currency, ItemClass(kind), amount, disputed, due_day(due, since, moment.as_of), on)
        for _, currency, kind, due, since, on, amount, disputed in connection.execute(query)
    ]


def sales_by_day(
    connection: Connection, search: AgingSearch, first: date, last: date, known_at: int
) -> dict[ItemClass, dict[str, dict[date, Decimal]]]:
    """What was invoiced (or credited) on each day without what was voided, by class and currency."""
    query = (
        select(item_class, E.currency, E.dated_on, func.sum(E.amount))
        .where(E.what.in_((ISSUED, VOIDED)), E.dated_on.between(first, last), E.position <= known_at, *search.conditions())
        .where(item_class.in_((ItemClass.RECEIVABLE.value, ItemClass.CREDIT.value)))
        .group_by(item_class, E.currency, E.dated_on)
    )
    made: dict[ItemClass, dict[str, dict[date, Decimal]]] = {}
    for kind, currency, day, amount in connection.execute(query):
        made.setdefault(ItemClass(kind), {}).setdefault(currency, {})[day] = amount
    return made


def past_invoices(
    connection: Connection, search: AgingSearch, first: date, last: date, moment: Moment, buckets: Buckets
) -> dict[str, list[History]]:
    """By currency, the invoices of some days with what was still open of them when each bucket was reached."""
    query = (
        select(E.item_id, E.currency, E.due_on, E.happened_on, E.amount, E.written_off, E.what)
        .where(E.dated_on.between(first, last), item_class == ItemClass.RECEIVABLE.value, moment.holds(), *search.conditions())
        .order_by(E.item_id, E.position, E.n)
    )
    entries: dict[str, list[Row]] = {}
    for row in connection.execute(query).mappings():
        entries.setdefault(row["item_id"], []).append(dict(row))
    made: dict[str, list[History]] = {}
    for of_item in entries.values():
        made.setdefault(of_item[0]["currency"], []).append(_history(of_item, moment.as_of, buckets))
    return made


def _history(entries: Sequence[Row], as_of: date, buckets: Buckets) -> History:
    """Never paid is what was written off, and what is still open in the last bucket."""
    reached = {0: sum((row["amount"] for row in entries if row["what"] in (ISSUED, VOIDED)), ZERO)}
    lost = sum((row["written_off"] for row in entries), ZERO)
    for due in {row["due_on"] for row in entries} - {None}:
        mine = [row for row in entries if row["due_on"] == due]
        for place, day in buckets.entered(due):
            if day <= as_of:
                open_then = sum((row["amount"] for row in mine if row["happened_on"] <= day), ZERO)
                reached[place] = reached.get(place, ZERO) + open_then
                lost += sum((row["amount"] for row in mine), ZERO) if place == len(buckets.names) - 1 else ZERO
    return History({place: amount for place, amount in reached.items() if amount > 0}, lost)
