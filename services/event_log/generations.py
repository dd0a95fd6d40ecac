"""The generations of a log: a log that is restored begins a new one, so that nobody takes its new facts for the old.

A row is written when a generation begins, beside the log and never changed. Up to ``restored_to`` the facts are those of
the generation before; behind it the same positions stand for other facts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from services.event_log.aside import mark_of, rows_if_there
from services.event_log.contract import Append, CursorRow, EventRow, LogStore

FIRST = 1
TABLE = """CREATE TABLE IF NOT EXISTS generation (generation INTEGER PRIMARY KEY, restored_to BIGINT NOT NULL,
    began_at TEXT NOT NULL)"""


class GenerationRow(NamedTuple):
    """A generation after the first: up to which position it goes on with the facts of the one before, and its instant."""

    generation: int
    restored_to: int
    began_at: str


def generations_of(store: Any) -> list[GenerationRow]:
    """The generations after the first, in order; none for a log that was never restored."""
    rows = rows_if_there(store, "SELECT generation, restored_to, began_at FROM generation ORDER BY generation")
    return [GenerationRow(*row) for row in rows or ()]


def still_the_same(rows: Sequence[GenerationRow], known: int) -> int | None:
    """Up to which position the facts that a reader has of generation ``known`` are those of the log now; None: all."""
    return min((row.restored_to for row in rows if row.generation > known), default=None)


def written_in(rows: Sequence[GenerationRow], position: int) -> int:
    """The generation in which the fact that now stands at ``position`` was written."""
    return max((row.generation for row in rows if row.restored_to < position), default=FIRST)


def take_back(store: Any, position: int, rows: Sequence[GenerationRow]) -> None:
    """Forget the facts of a copy behind ``position`` and go on in the newest of ``rows``: its source was restored."""
    mark = mark_of(store)
    with store.begin() as tx:
        execute = tx._connection.execute
        execute(TABLE)
        execute("DELETE FROM generation")
        for row in rows:
            execute(f"INSERT INTO generation VALUES ({mark}, {mark}, {mark})", row)
        execute(f"DELETE FROM event WHERE position > {mark}", (position,))
        newest = rows[-1].generation if rows else FIRST
        execute(f"UPDATE log_head SET position = {mark}, generation = {mark}", (min(position, tx.position), newest))


def append_copied(store: LogStore, generation: int, rows: Sequence[EventRow], place: CursorRow | None) -> bool:
    """Add facts of another service's log to its copy, with the place they were read from, in one transaction.

    False, and nothing done, where they do not go on where the copy ends: another instance was quicker, or took it back.
    """
    with store.begin() as tx:
        if tx.generation != generation or (rows and rows[0].position != tx.position + 1):
            return False
        cursors = {} if place is None else {(place.consumer, place.log): place}
        tx.append(Append(list(rows), {}, [], {}, cursors, []))
        return True


