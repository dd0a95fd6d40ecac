"""Aging of receivables (账龄): buckets by due day or invoice day. definitions.md 3.3.

Per currency, the buckets always sum to what is outstanding. What is contested stays in its bucket and is shown as a part
of it; unapplied cash and unapplied credits stand beside the buckets and are set off only where that is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from domain.receivable_items import ItemClass
from domain.refusal import Refusal
from domain.values import ZERO, round_money

EDGES = (30, 60, 90)
MOST_EDGES = 12
_LONGEST = 3_660

EDGES_WRONG = Refusal(
    "aging.edges_wrong",
    "Bucket edges {figure} cannot be used: at most {limit} whole numbers of days between {least} and {longest}, each above"
    " the one before. Ask for example with 30,60,90.",
)
RATE_MISSING = Refusal(
    "aging.rate_missing",
    "{currencies} cannot be shown in {currency}: no rate of {on} was stated for them. State one for each, or ask without"
    " a common currency.",
)


class AgingBy(StrEnum):
    """The day an aging counts from."""

    DUE = "DUE"
    INVOICE = "INVOICE"


@dataclass(frozen=True)
class Buckets:
    """How days become buckets. By due day they are: current, 1-30, ..., over 90; by invoice day: 0-30, ..., over 90."""

    by: AgingBy = AgingBy.DUE
    edges: tuple[int, ...] = EDGES

    def __post_init__(self) -> None:
        least = 1 if self.by is AgingBy.DUE else 0
        rising = all(a < b for a, b in zip(self.edges, self.edges[1:], strict=False))
        inside = all(least <= edge <= _LONGEST for edge in self.edges)
        if not (1 <= len(self.edges) <= MOST_EDGES and rising and inside):
            raise EDGES_WRONG(figure=list(self.edges), limit=MOST_EDGES, least=least, longest=_LONGEST)

    @property
    def names(self) -> tuple[str, ...]:
        """From the youngest to the oldest; by due day the first is what is not yet due."""
        lowest = [0 if self.by is AgingBy.INVOICE else 1, *(edge + 1 for edge in self.edges[:-1])]
        spans = [f"{low}-{high}" if low < high else str(low) for low, high in zip(lowest, self.edges, strict=True)]
        return ((CURRENT,) if self.by is AgingBy.DUE else ()) + (*spans, f">{self.edges[-1]}")

    def oldest_days(self, as_of: date) -> tuple[date, ...]:
        """For every bucket but the last the oldest day it holds, counted back from ``as_of``."""
        back = (0, *self.edges) if self.by is AgingBy.DUE else self.edges
        return tuple(as_of - timedelta(days=days) for days in back)

    def entered(self, day: date) -> list[tuple[int, date]]:
        """When what counts from ``day`` enters each bucket but the first: its place and the first day in it."""
        back = (0, *self.edges) if self.by is AgingBy.DUE else self.edges
        return [(place, day + timedelta(days=days + 1)) for place, days in enumerate(back, start=1)]

    def index_of(self, day: date | None, as_of: date) -> int:
        """The place of a day's bucket in ``names``. Days past due are ``as_of`` - due day; none or fewer is current."""
        if day is None:
            return 0
        oldest = self.oldest_days(as_of)
        return next((place for place, least in enumerate(oldest) if day >= least), len(oldest))


CURRENT = "current"


def due_day(due_on: date | None, since: date | None, as_of: date) -> date | None:
    """The due day as of a day: None until the event happened from which the terms count (T13)."""
    return None if due_on is None or (since is not None and since > as_of) else due_on


@dataclass(frozen=True)
class Standing:
    """What was outstanding as of a day under one due day, of one item or of many alike."""

    currency: str
    kind: ItemClass
    amount: Decimal
    disputed: Decimal = ZERO
    due_on: date | None = None
    dated_on: date | None = None


@dataclass(frozen=True)
class Bucket:
    """``disputed`` is a part of ``amount``."""

    name: str
    amount: Decimal = ZERO
    disputed: Decimal = ZERO


@dataclass(frozen=True)
class Aging:
    """One currency. ``provisional`` is the part of the buckets whose due day waits for an event."""

    currency: str
    buckets: tuple[Bucket, ...]
    provisional: Decimal = ZERO
    unapplied_cash: Decimal = ZERO
    unapplied_credits: Decimal = ZERO
    set_off: Decimal = ZERO

    @property
    def gross(self) -> Decimal:
        """What the buckets come to; after setting off, what is left of it."""
        return sum((bucket.amount for bucket in self.buckets), ZERO)

    @property
    def disputed(self) -> Decimal:
        return sum((bucket.disputed for bucket in self.buckets), ZERO)

    @property
    def is_nothing(self) -> bool:
        """Whether nothing at all is outstanding."""
        return not any(b.amount or b.disputed for b in self.buckets) and not (self.unapplied_cash or self.unapplied_credits)

    @property
    def net(self) -> Decimal:
        """What is owed after everything that was paid or credited and not applied yet."""
        return self.gross + self.unapplied_cash + self.unapplied_credits


def aged(standings: Iterable[Standing], buckets: Buckets, as_of: date) -> dict[str, Aging]:
    """An aging a currency. Deductions are parts of the invoices that bear them and are passed over."""
    sums: dict[str, Sums] = {}
    for one in standings:
        held = sums.setdefault(one.currency, Sums(buckets))
        day = one.due_on if buckets.by is AgingBy.DUE else one.dated_on
        held.take(one.kind, buckets.index_of(day, as_of), one.amount, one.disputed, provisional=one.due_on is None)
    return {currency: held.aging(currency) for currency, held in sorted(sums.items())}


@dataclass
class Sums:
    """What one currency adds up to, bucket by bucket."""

    buckets: Buckets
    cash: Decimal = ZERO
    credits: Decimal = ZERO
    provisional: Decimal = ZERO
    amounts: dict[int, tuple[Decimal, Decimal]] = field(default_factory=dict)

    def take(self, kind: ItemClass, place: int, amount: Decimal, disputed: Decimal, *, provisional: bool) -> None:
        """``place`` counts for receivables; cash and credits have no bucket, deductions are in their invoices'."""
        match kind:
            case ItemClass.RECEIVABLE:
                held = self.amounts.get(place, (ZERO, ZERO))
                self.amounts[place] = (held[0] + amount, held[1] + disputed)
                self.provisional += amount if provisional else ZERO
            case ItemClass.CASH:
                self.cash += amount
            case ItemClass.CREDIT:
                self.credits += amount

    def aging(self, currency: str) -> Aging:
        made = tuple(Bucket(name, *self.amounts.get(place, (ZERO, ZERO))) for place, name in enumerate(self.buckets.names))
        return Aging(currency, made, self.provisional, self.cash, self.credits)


def net_oldest(one: Aging) -> Aging:
    """Unapplied cash and credits set off against the oldest buckets first; for one customer's aging, never across.

    A bucket keeps no more contested than it holds. What is left of cash and credits stays beside.
    """
    left = free = max(-(one.unapplied_cash + one.unapplied_credits), ZERO)
    made: list[Bucket] = []
    for bucket in reversed(one.buckets):
        taken = min(left, max(bucket.amount, ZERO))
        left -= taken
        rest = bucket.amount - taken
        made.append(replace(bucket, amount=rest, disputed=min(bucket.disputed, rest)))
    taken = free - left
    from_cash = min(taken, max(-one.unapplied_cash, ZERO))
    return replace(
        one,
        buckets=tuple(reversed(made)),
        unapplied_cash=one.unapplied_cash + from_cash,
        unapplied_credits=one.unapplied_credits + (taken - from_cash),
        provisional=min(one.provisional, sum((bucket.amount for bucket in made), ZERO)),
        set_off=taken,
    )


def added(agings: Sequence[Aging]) -> Aging:
    """Agings of one currency and the same buckets as one."""
    first = agings[0]
    columns = zip(*(one.buckets for one in agings), strict=True)
    return Aging(
        first.currency,
        tuple(
            Bucket(column[0].name, sum((b.amount for b in column), ZERO), sum((b.disputed for b in column), ZERO))
            for column in columns
        ),
        *(sum((getattr(one, name) for one in agings), ZERO) for name in _BESIDE),
    )


def converted(agings: Iterable[Aging], currency: str, rates: Mapping[str, Decimal], on: date) -> Aging:
    """One aging in ``currency`` at the rates stated for ``on``: every stored figure rounded once."""
    agings = list(agings)
    missing = [one.currency for one in agings if one.currency != currency and one.currency not in rates]
    if missing or not agings:
        raise RATE_MISSING(currencies=missing, currency=currency, on=on)
    return added([_in_currency(one, currency, rates.get(one.currency, Decimal(1))) for one in agings])


_BESIDE = ("provisional", "unapplied_cash", "unapplied_credits", "set_off")


def _in_currency(one: Aging, currency: str, rate: Decimal) -> Aging:
    if one.currency == currency:
        return one

    def turned(amount: Decimal) -> Decimal:
        return round_money(amount * rate, currency)

    buckets = tuple(Bucket(b.name, turned(b.amount), turned(b.disputed)) for b in one.buckets)
    return Aging(currency, buckets, *(turned(getattr(one, name)) for name in _BESIDE))
