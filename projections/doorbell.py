"""How views and reactions learn of new facts: a bell each, rung only for facts of the classes they want."""

from __future__ import annotations

import threading
from collections.abc import Collection


class Bell:
    """One sleeper's bell; it rings for facts of the classes it wants, or when somebody waits for the sleeper."""

    def __init__(self, wanted: Collection[type]) -> None:
        self.wanted = frozenset(wanted)
        self._rung = threading.Event()

    def ring(self) -> None:
        self._rung.set()

    def answer(self) -> None:
        """What rings from now on is new."""
        self._rung.clear()

    def wait(self, timeout: float) -> None:
        """Sleep until it has rung since the last answer, or the timeout (seconds) is over (decision 8)."""
        self._rung.wait(timeout)


class Doorbell:
    """Rung after every commit of any log in this process: it wakes only those whom the facts concern."""

    def __init__(self) -> None:
        self._bells: list[Bell] = []
        self.count = 0

    def bell(self, wanted: Collection[type]) -> Bell:
        bell = Bell(wanted)
        self._bells.append(bell)
        return bell

    def ring(self, classes: Collection[type]) -> None:
        """Facts of these classes were committed."""
        self.count += 1
        for bell in self._bells:
            if not bell.wanted.isdisjoint(classes):
                bell.ring()

    def wake_all(self) -> None:
        for bell in self._bells:
            bell.ring()
