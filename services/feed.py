"""How views and policies read a log that lives in this process: facts after a position, in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.recorded import RecordedEvent
from services.event_log.contract import LogStore
from services.event_log.json_form import JsonForm


class LocalFeed:
    """Reads the log's store; facts of unwanted types are left out by the database."""

    def __init__(self, store: LogStore, form: JsonForm) -> None:
        self.log = store.name
        self._store = store
        self._form = form

    def read(
        self, after: int, limit: int, event_classes: Sequence[type[Any]] | None = None
    ) -> tuple[list[RecordedEvent], int]:
        """Facts after ``after`` and the position reached: the last fact's, or the log's end when it was read out."""
        tip = self._store.last_position()
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
        return self._store.last_position()

    def generation(self) -> int:
        return self._store.generation()
