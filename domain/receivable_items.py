"""Receivable items: what an invoice, a deduction, a payment or a credit memo came to over time, due day by due day.

An item is movements on business days. Its ledger says how much each day moved under each due day; sums over a ledger
give what was outstanding on any day. What is booked anew (a due day that became known, a back-dated correction) is the
difference of two ledgers, so that what was known before stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.values import ZERO


class ItemClass(StrEnum):
    """Where an item stands in an aging. A deduction is a part of the invoices that bear it and is not added again."""

    RECEIVABLE = "RECEIVABLE"
    CREDIT = "CREDIT"
    CASH = "CASH"
    DEDUCTION = "DEDUCTION"


@dataclass(frozen=True)
class Movement:
    """On ``on``, ``amount`` more is outstanding; ``disputed`` is by how much the contested part of it moved.

    ``written_off`` is what of the amount will never be paid.
    """

    on: date
    amount: Decimal
    disputed: Decimal = ZERO
    written_off: Decimal = ZERO

    def taken_back(self, on: date | None = None) -> Movement:
        """The opposite, on its own day or on ``on``, which is not before it."""
        return Movement(max(on or self.on, self.on), -self.amount, -self.disputed, -self.written_off)


@dataclass(frozen=True)
class DuePart:
    """``amount`` of an item falls due on ``due_on``, known since ``since`` (the day of an event it counts from).

    Before ``since``, and while ``due_on`` is None, it is not yet due, provisionally on ``provisional_on``.
    """

    due_on: date | None
    amount: Decimal
    since: date | None = None
    provisional_on: date | None = None

    @property
    def terms(self) -> Terms:
        return (self.due_on, self.since, self.provisional_on)


Terms = tuple[date | None, date | None, date | None]  # due day, known since, provisional day
Ledger = dict[tuple[date, Terms], tuple[Decimal, Decimal]]


def ledger(movements: Iterable[Movement], parts: Sequence[DuePart]) -> Ledger:
    """Under which due day each day's movements fall. With instalments, what is used is used up from the earliest on,
    and what is contested lies in the earliest that are left."""
    made: Ledger = {}
    if len(parts) == 1:
        terms = parts[0].terms
        for movement in movements:
            _add(made, (movement.on, terms), (movement.amount, movement.disputed))
        return _without_nothing(made)
    outstanding = disputed = ZERO
    stood: Mapping[Terms, tuple[Decimal, Decimal]] = {}
    for movement in sorted(movements, key=lambda m: m.on):
        outstanding += movement.amount
        disputed += movement.disputed
        stands = _spread(parts, outstanding, disputed)
        for terms in {**stood, **stands}:
            now, before = stands.get(terms, (ZERO, ZERO)), stood.get(terms, (ZERO, ZERO))
            _add(made, (movement.on, terms), (now[0] - before[0], now[1] - before[1]))
        stood = stands
    return _without_nothing(made)


def newly_booked(before: Ledger, after: Ledger) -> Ledger:
    """What has to be added to ``before`` so that it becomes ``after``."""
    made = dict(after)
    for key, (amount, disputed) in before.items():
        _add(made, key, (-amount, -disputed))
    return _without_nothing(made)


def day_of(on: date, item_from: date, movements: Iterable[Movement], disputed: Decimal) -> date:
    """The business day of a movement: not before the item began, and what settles a dispute not before the dispute."""
    earliest = [m.on for m in movements if disputed < 0 < m.disputed]
    return max(on, item_from, *earliest)


def _spread(parts: Sequence[DuePart], outstanding: Decimal, disputed: Decimal) -> dict[Terms, tuple[Decimal, Decimal]]:
    amounts: list[Decimal] = []
    left = outstanding
    for place, part in enumerate(reversed(parts), start=1):
        taken = left if place == len(parts) else min(part.amount, left)
        amounts.append(taken)
        left -= taken
    made: dict[Terms, tuple[Decimal, Decimal]] = {}
    for place, (part, amount) in enumerate(zip(parts, reversed(amounts), strict=True), start=1):
        contested = disputed if place == len(parts) else min(amount, disputed)
        disputed -= contested
        held = made.get(part.terms, (ZERO, ZERO))
        made[part.terms] = (held[0] + amount, held[1] + contested)
    return made


def _add(made: Ledger, key: tuple[date, Terms], amounts: tuple[Decimal, Decimal]) -> None:
    held = made.get(key)
    made[key] = amounts if held is None else (held[0] + amounts[0], held[1] + amounts[1])


def _without_nothing(made: Ledger) -> Ledger:
    return {key: amounts for key, amounts in made.items() if amounts[0] or amounts[1]}
