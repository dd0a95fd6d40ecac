"""The goal-post ledger (features X9): how each change of what was asked or promised moved the figure, and whose it was."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from domain.fill_rate.credit import Ratio
from domain.fill_rate.facts import Amendment, Cancellation, Confirmation, Known, LineFacts

Figure = Callable[[Sequence[LineFacts]], Ratio]


@dataclass(frozen=True)
class Move:
    """One change and what it did: to its order's part of the figure, and to the figure as it stood before it."""

    order: str
    known: Known
    kind: str
    by: str
    lines: tuple[str, ...]
    before: Ratio
    after: Ratio

    @property
    def moved(self) -> Fraction | None:
        """The whole figure after less before; None where one of them is no rate."""
        if self.before.value is None or self.after.value is None:
            return None
        return self.after.value - self.before.value


def moves(orders: Iterable[Sequence[LineFacts]], figure_of: Figure) -> tuple[list[Move], Ratio, Ratio]:
    """Every move in the order of the log, the figure as first asked for, and the figure as it is.

    ``figure_of`` is the contribution of one order's lines, so that an order's moves do not depend on the others'.
    """
    whole = [list(order) for order in orders]
    steps = sorted(
        (known.position, n, known, kind, by, numbers)
        for n, order in enumerate(whole)
        for known, kind, by, numbers in _changes(order)
    )
    now = [figure_of(_until(order, _first_position(order) if _changes(order) else None)) for order in whole]
    total = first = sum(now, Ratio())
    found: list[Move] = []
    for position, n, known, kind, by, numbers in steps:
        after = figure_of(_until(whole[n], position))
        moved = Ratio(
            total.numerator - now[n].numerator + after.numerator, total.denominator - now[n].denominator + after.denominator
        )
        found.append(Move(whole[n][0].order, known, kind, by, numbers, total, moved))
        now[n], total = after, moved
    return found, first, total


def _first_position(order: Sequence[LineFacts]) -> int:
    return min(line.known.position for line in order)


def _changes(order: Sequence[LineFacts]) -> list[tuple[Known, str, str, tuple[str, ...]]]:
    """(when known, kind, by whom, lines) of every change of what is asked or promised, one for each fact."""
    found: dict[int, tuple[Known, str, str, list[str]]] = {}
    for line in order:
        changes: list[Amendment | Confirmation | Cancellation] = [*line.amendments, *line.confirmations, *line.cancellations]
        for one in changes:
            kind, by = _said(one)
            found.setdefault(one.known.position, (one.known, kind, by, []))[3].append(line.number)
        if line.added_by is not None:
            found.setdefault(line.known.position, (line.known, "AMENDED", "customer", []))[3].append(line.number)
    return [(known, kind, by, tuple(numbers)) for known, kind, by, numbers in found.values()]


def _said(one: Amendment | Confirmation | Cancellation) -> tuple[str, str]:
    if isinstance(one, Amendment):
        return "AMENDED", str(one.by)
    if isinstance(one, Confirmation):
        return "CONFIRMED", "supplier"
    return one.cause, str(one.by) if one.by is not None else "nobody"


def _until(order: Sequence[LineFacts], position: int | None) -> list[LineFacts]:
    """The lines as far as changes up to ``position`` go; None: as they are."""
    if position is None:
        return list(order)
    return [
        replace(
            line,
            amendments=tuple(one for one in line.amendments if one.known.position <= position),
            confirmations=tuple(one for one in line.confirmations if one.known.position <= position),
            cancellations=tuple(one for one in line.cancellations if one.known.position <= position),
        )
        for line in order
        if line.known.position <= position
    ]
