"""A server with a fault planted, to show that the harness catches it: ``python -m tests.faults.sabotaged early``.

``early`` acknowledges before the commit; ``forgetful`` drops the row that remembers a key's answer; ``unsupervised``
lets a loop of reactions end at its first error.
"""

from __future__ import annotations

import sys
import threading
import time
from typing import Any

from projections.doorbell import Doorbell
from services.cli import main
from services.event_log import library, writer
from services.event_log.deciding import GroupDecision
from services.event_log.writer import GroupWriter
from services.reactions import Reactor

BEFORE_THE_COMMIT_S = 0.05


class EarlyWriter(GroupWriter):
    """Answers first, rests a little, then commits."""

    def _store(self, group: list[Any]) -> list[Any]:
        early = self

        class Early(GroupDecision):
            def append(self) -> None:
                super().append()
                early._acknowledge(group, self.outcomes)
                time.sleep(BEFORE_THE_COMMIT_S)

            def decide(self, asked: Any) -> list[Any]:
                self.outcomes = super().decide(asked)
                return self.outcomes

        writer.GroupDecision = Early  # type: ignore[misc]
        return super()._store(group)

    def _acknowledge(self, group: list[Any], outcomes: list[Any]) -> None:
        waiting = [(s, o) for s, o in zip(group, outcomes, strict=True) if s.future is None or not s.future.done()]
        super()._acknowledge([s for s, _ in waiting], [o for _, o in waiting])


class ForgetfulDecision(GroupDecision):
    """Stores the facts and forgets the answer."""

    def append(self) -> None:
        self.group.answers.clear()
        super().append()


def unsupervised(reactor: Reactor, stopping: threading.Event, doorbell: Doorbell) -> None:
    """The loop of reactions without its supervisor."""
    while not stopping.is_set():
        if reactor.react_page() == 0:
            stopping.wait(0.05)


def plant(fault: str) -> None:
    if fault == "early":
        library.GroupWriter = EarlyWriter  # type: ignore[misc]
    elif fault == "forgetful":
        writer.GroupDecision = ForgetfulDecision  # type: ignore[misc]
    elif fault == "unsupervised":
        Reactor.run = unsupervised  # type: ignore[method-assign]
    else:
        raise SystemExit(f"there is no fault called {fault}")


if __name__ == "__main__":
    plant(sys.argv[1])
    sys.argv = ["o2c", "serve"]
    main()
