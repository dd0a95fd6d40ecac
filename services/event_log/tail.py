"""The newest facts of a log as the writer made them, kept in memory for the views and policies of this process.

A reader that keeps up finds its next facts here, already decoded, and asks the database for nothing. What is
not here - older facts, or those of another instance - is read from the store as ever.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from typing import Any

from domain.recorded import RecordedEvent

KEPT_FACTS = 1_024


class Tail:
    """A gapless run of facts that ends with the last one committed by this process."""

    def __init__(self, size: int = KEPT_FACTS) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._facts: list[RecordedEvent] = []
        self._listeners: list[Callable[[frozenset[type[Any]]], None]] = []

    def on_publish(self, listener: Callable[[frozenset[type[Any]]], None]) -> None:
        """Call ``listener`` with the classes of the facts after each commit."""
        self._listeners.append(listener)

    def publish(self, facts: Sequence[RecordedEvent]) -> None:
        """Facts just committed. After a gap (another instance wrote in between) the run starts anew."""
        with self._lock:
            if self._facts and facts and facts[0].position != self._facts[-1].position + 1:
                self._facts = []
            self._facts.extend(facts)
            if len(self._facts) > 2 * self._size:
                self._facts = self._facts[-self._size :]
        if facts:
            classes = frozenset(type(fact.event) for fact in facts)
            for listener in self._listeners:
                listener(classes)

    def forget(self) -> None:
        """After a commit whose outcome is not known nothing here can be relied upon."""
        with self._lock:
            self._facts = []

    def end(self) -> int | None:
        """The last position kept; None when there is none."""
        with self._lock:
            return self._facts[-1].position if self._facts else None

    def read(
        self, after: int, limit: int, wanted: Collection[type[Any]] | None
    ) -> tuple[list[RecordedEvent], int] | None:
        """Up to ``limit`` wanted facts after ``after`` and the position reached; None when the run has nothing to say."""
        with self._lock:
            if not self._facts or not self._facts[0].position - 1 <= after < self._facts[-1].position:
                return None
            facts = self._facts[after - self._facts[0].position + 1 :]
        found = facts if wanted is None else [fact for fact in facts if type(fact.event) in wanted]
        if len(found) > limit:
            return found[:limit], found[limit - 1].position
        return found, facts[-1].position
