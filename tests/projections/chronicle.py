"""Logs in memory, written by driving the real aggregates; and the checks that every view must pass."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine

from domain.aggregate import Aggregate, deciding_at
from domain.recorded import RecordedEvent
from projections.digest import digests
from projections.projector import Projector
from projections.view_store import ViewStore
from projections.view import View

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Chronicle:
    """What each log has recorded. One minute passes between two commands; positions count from 1 in each log."""

    def __init__(self) -> None:
        self.logs: dict[str, list[RecordedEvent]] = {}
        self.now = START

    @contextmanager
    def command(self, log: str, actor: str = "li.wei", causation: str | None = None) -> Iterator[list[Aggregate[Any]]]:
        """Append the aggregates that took part to the list: what happened to them is recorded in that order."""
        took_part: list[Aggregate[Any]] = []
        with deciding_at(self.now):
            yield took_part
        for aggregate in took_part:
            self.record(log, aggregate, actor=actor, causation=causation)
        self.now += timedelta(minutes=1)

    def record(
        self, log: str, aggregate: Aggregate[Any], *, actor: str = "li.wei", causation: str | None = None
    ) -> None:
        events = self.logs.setdefault(log, [])
        for event in aggregate.collect_events():
            kind: Any = type(event)
            position = len(events) + 1
            events.append(
                RecordedEvent(
                    log, position, kind.TYPE, event, self.now, actor, f"command-{position}", causation, "story"
                )
            )

    def feeds(self, logs: Sequence[str]) -> dict[str, ListFeed]:
        return {log: ListFeed(log, self.logs.get(log, [])) for log in logs}


class ListFeed:
    """A log in a list, as views read it. ``end`` is how much of it is there yet."""

    def __init__(self, log: str, events: Sequence[RecordedEvent]) -> None:
        self.log = log
        self.events = events
        self.end = len(events)

    def read(
        self, after: int, limit: int, event_classes: Sequence[type] | None = None
    ) -> tuple[list[RecordedEvent], int]:
        reached = min(after + limit, self.end)
        page = self.events[after:reached]
        return [e for e in page if event_classes is None or type(e.event) in event_classes], reached

    def last_position(self) -> int:
        return self.end

    def generation(self) -> int:
        return 1

    def still_the_same(self, known: int) -> int | None:
        return None


class Folder:
    """Folds a view into fresh databases of one back end and forgets them afterwards."""

    def __init__(self, store: ViewStore) -> None:
        self.store = store
        self.made: list[tuple[View, str]] = []

    def engine(self, view: View) -> Engine:
        suffix = f"_{uuid.uuid4().hex[:10]}"
        self.made.append((view, suffix))
        return self.store.engine(view, suffix)

    def folded(
        self, view: View, chronicle: Chronicle, logs: Sequence[str], page: int = 1_000, shuffle: int | None = None
    ) -> Engine:
        """The view after all of ``logs``, in pages; ``shuffle`` seeds the order in which the logs take turns."""
        engine = self.engine(view)
        feeds = chronicle.feeds(logs)
        projector = Projector(view, feeds, engine)
        turns = [log for log in logs for _ in range(-(-feeds[log].end // page))]
        if shuffle is not None:
            random.Random(shuffle).shuffle(turns)
        for log in turns:
            projector.fold_page(log, page)
        assert projector.lag() == 0
        return engine

    def close(self) -> None:
        for view, suffix in self.made:
            self.store.drop(view, suffix)
        self.store.close()


def digest(engine: Engine, view: View) -> Mapping[str, tuple[int, str]]:
    with engine.connect() as connection:
        return digests(connection, view)


def check_folds_alike(folder: Folder, view: View, chronicle: Chronicle, logs: Sequence[str]) -> None:
    """The same rows whatever the size of the pages, the turns of the logs, and however often it is folded anew."""
    expected = digest(folder.folded(view, chronicle, logs), view)
    assert sum(rows for rows, _ in expected.values()) > 0
    for name, engine in {
        "pages of 1": folder.folded(view, chronicle, logs, page=1),
        "pages of 7": folder.folded(view, chronicle, logs, page=7),
        "rebuilt": folder.folded(view, chronicle, logs),
        "the logs in reverse": folder.folded(view, chronicle, list(reversed(logs))),
    }.items():
        assert digest(engine, view) == expected, name
    for seed in range(4 if len(logs) > 1 else 0):
        shuffled = folder.folded(view, chronicle, logs, page=1 + seed, shuffle=seed)
        assert digest(shuffled, view) == expected, f"turns shuffled with seed {seed}"


@contextmanager
def reading(folder: Folder, view: View, chronicle: Chronicle, logs: Sequence[str]) -> Iterator[Connection]:
    with folder.folded(view, chronicle, logs).connect() as connection:
        yield connection
