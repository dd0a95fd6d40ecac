"""How views and policies read a log: facts after a position, in order.

The log lives in this process, or it is the copy that this process keeps of another service's log (services/copying.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.recorded import RecordedEvent
from services.event_log.contract import LogStore
from services.event_log.generations import generations_of, still_the_same, written_in
from services.event_log.json_form import JsonForm
from services.event_log.tail import Tail


class LocalFeed:
    """Reads the writer's tail and, for what is not there, the log's store, which leaves out facts of unwanted types."""

    def __init__(self, store: LogStore, form: JsonForm, tail: Tail | None = None) -> None:
        self.log = store.name
        self._store = store
        self._form = form
        self._tail = tail if tail is not None else Tail()
        self.refresh()

    def read(
        self, after: int, limit: int, event_classes: Sequence[type[Any]] | None = None
    ) -> tuple[list[RecordedEvent], int]:
        """Facts after ``after`` and the position reached: the last fact's, or the log's end when it was read out."""
        kept = self._tail.read(after, limit, None if event_classes is None else frozenset(event_classes))
        if kept is not None:
            return kept
        tip = self.last_position()
        if tip <= after:
            return [], after
        types = None if event_classes is None else self.stored_types(event_classes)
        rows = self._store.read(after, limit, types)
        events = [self._form.recorded(self.log, row) for row in rows]
        reached = rows[-1].position if len(rows) == limit else max(tip, rows[-1].position if rows else 0)
        return events, reached

    def stored_types(self, event_classes: Sequence[type[Any]]) -> list[str]:
        """Every stored name, all versions, of the classes that this log holds."""
        return self._form.stored_types(event_classes)

    def last_position(self) -> int:
        """Asked of the store where another instance may have written since."""
        end = self._tail.end() if self._store.exclusive else None
        return self._store.last_position() if end is None else end

    def refresh(self) -> None:
        """Look which generation the log is of. Its own log changes that only while nothing runs, a copy at any moment."""
        self._generations = generations_of(self._store)
        self._generation = self._store.generation()

    def generation(self) -> int:
        return self._generation

    def still_the_same(self, known: int) -> int | None:
        """Up to which position facts read in the generation ``known`` still stand; None: all of them."""
        return still_the_same(self._generations, known)

    def written_in(self, position: int) -> int:
        """The generation that a fact was written in: part of what makes a reaction to it happen once."""
        return written_in(self._generations, position)
