"""A view: its tables and its folds; and the page in which many events are folded in memory at once.

A fold only assigns, adds and appends what the event says; it never judges (decision 13).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Integer, MetaData, Table, Text

from domain.recorded import RecordedEvent
from projections.writing import delete, fetch, upsert

Key = tuple[Any, ...]
Row = dict[str, Any]
Needs = Mapping[Table, Iterable[Key]]
Fold = Callable[[RecordedEvent, "Page"], None]

# The ``info`` of a table that is not folded but made from the folded rows when there is time: no part of the digest.
CACHE = {"cache": True}


def position_table(metadata: MetaData) -> Table:
    """How far a view has come in each log; written in the transaction of its rows."""
    return Table(
        "folded", metadata, Column("log", Text, primary_key=True),
        Column("generation", Integer, nullable=False), Column("position", BigInteger, nullable=False),
    )


@dataclass
class View:
    """A named view. ``version`` rises when tables or folds change: the view is then folded from zero.

    ``logs`` are the logs it reads. Register folds with ``@view.on(EventClass, needs=...)``; ``needs`` names the
    rows (by table and key) the fold will touch, so that a page loads them with one query per table. ``settle`` is
    run when there is nothing to fold, each time in a transaction, until it answers 0.
    """

    name: str
    version: int
    metadata: MetaData
    paced: bool = True  # False: folded at once, for a few facts that must not wait (a key that was just issued)
    folds: dict[type[Any], Fold] = field(default_factory=dict)
    needs: dict[type[Any], Callable[[Any], Needs]] = field(default_factory=dict)
    settle: Callable[[Connection], int] | None = None
    positions: Table = field(init=False)

    def __post_init__(self) -> None:
        self.positions = position_table(self.metadata)

    def on(self, *event_classes: type[Any], needs: Callable[[Any], Needs] | None = None) -> Callable[[Fold], Fold]:
        def register(fold: Fold) -> Fold:
            for event_class in event_classes:
                self.folds[event_class] = fold
                if needs is not None:
                    self.needs[event_class] = needs
            return fold

        return register

    def fold(self, events: Sequence[RecordedEvent], page: Page) -> None:
        """Fold a page in order; an error leaves the whole page unfolded."""
        wanted: dict[Table, set[Key]] = {}
        for recorded in events:
            needs = self.needs.get(type(recorded.event))
            if needs is not None:
                for table, keys in needs(recorded.event).items():
                    wanted.setdefault(table, set()).update(keys)
        for table, keys in wanted.items():
            page.load(table, keys)
        for recorded in events:
            fold = self.folds.get(type(recorded.event))
            if fold is not None:
                fold(recorded, page)


class Page:
    """The rows a page of events touches, held by key; written once, set-based."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: dict[Table, dict[Key, Row | None]] = {}
        self._dirty: dict[Table, set[Key]] = {}
        self._gone: dict[Table, set[Key]] = {}
        self._appended: dict[Table, list[Row]] = {}

    def load(self, table: Table, keys: Iterable[Key]) -> None:
        """Fetch what is not held yet; a key without a row is remembered as absent."""
        held = self._rows.setdefault(table, {})
        missing = [key for key in keys if key not in held]
        if not missing:
            return
        held.update(dict.fromkeys(missing))
        held.update(fetch(self._connection, table, missing))

    def find(self, table: Table, *key: Any) -> Row | None:
        """The row to change in place, or None."""
        held = self._rows.setdefault(table, {})
        if key not in held:
            self.load(table, [key])
        row = held[key]
        if row is not None:
            self._dirty.setdefault(table, set()).add(key)
        return row

    def row(self, table: Table, *key: Any) -> Row:
        """The row to change in place; a missing one is an error that stops the view."""
        row = self.find(table, *key)
        if row is None:
            raise LookupError(f"{table.name} has no row {key}")
        return row

    def put(self, table: Table, **values: Any) -> Row:
        """A new row (or the whole row anew) under its primary key."""
        key = tuple(values[name] for name in _key_names(table))
        row = _row(table, values)
        self._rows.setdefault(table, {})[key] = row
        self._dirty.setdefault(table, set()).add(key)
        self._gone.get(table, set()).discard(key)
        return row

    def append(self, table: Table, **values: Any) -> None:
        """A row that is never changed afterwards; the same key again is kept once."""
        self._appended.setdefault(table, []).append(_row(table, values))

    def remove(self, table: Table, *key: Any) -> None:
        self._rows.setdefault(table, {})[key] = None
        self._dirty.get(table, set()).discard(key)
        self._gone.setdefault(table, set()).add(key)

    def flush(self) -> None:
        """Write everything that moved, one statement per table."""
        for table, keys in self._gone.items():
            delete(self._connection, table, list(keys))
        for table, keys in self._dirty.items():
            upsert(self._connection, table, [r for k in keys if (r := self._rows[table][k]) is not None], keep=False)
        for table, rows in self._appended.items():
            upsert(self._connection, table, rows, keep=True)


@lru_cache(maxsize=256)
def _names(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns)


@lru_cache(maxsize=256)
def _key_names(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.primary_key.columns)


def _row(table: Table, values: Row) -> Row:
    """A whole row; columns not named are None, a name that is no column is an error."""
    row: Row = dict.fromkeys(_names(table))
    row.update(values)
    if len(row) != len(_names(table)):
        raise KeyError(f"{table.name} has no column {sorted(values.keys() - set(_names(table)))}")
    return row
