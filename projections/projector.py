"""What runs every view: fold pages, keep the position with the rows, wait, fail loudly, build anew."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import structlog
from sqlalchemy import Connection, Engine, select

from domain.recorded import RecordedEvent
from projections.away import store_is_away
from projections.doorbell import Bell, Doorbell
from projections.settler import Settler
from projections.view import Page, View
from projections.writing import upsert

PAGE = 2_000
PACE_S = 0.05
IDLE_S = 0.5
RETRY_S = 1.0
LOOK_AGAIN_S = 5.0

logger = structlog.get_logger()


class Feed(Protocol):
    """A log as views read it: facts after a position, in order, and the log's last position."""

    log: str

    def read(
        self, after: int, limit: int, event_classes: Sequence[type] | None = None
    ) -> tuple[list[RecordedEvent], int]:
        """Up to ``limit`` facts of the wanted classes after ``after``, and the position reached by reading."""

    def last_position(self) -> int: ...

    def generation(self) -> int: ...

    def still_the_same(self, known: int) -> int | None:
        """Up to which position facts read in the generation ``known`` still stand; None: all of them."""


class FromAnotherGeneration(Exception):
    """A view was folded from a log before that log was restored."""


class ViewBehind(Exception):
    """A read asked for a position the view has not folded in time."""


class Projector:
    """Folds one view from its feeds; ``failure`` holds the error that stopped it."""

    def __init__(self, view: View, feeds: Mapping[str, Feed], engine: Engine) -> None:
        self.view = view
        self.feeds = feeds
        self.engine = engine
        self.failure: Exception | None = None
        self._moved = threading.Condition()
        self._waiting = 0
        self._doubted = False
        self._generations = {log: feed.generation() for log, feed in feeds.items()}
        self._looked = time.monotonic()
        self._settler = Settler(view, engine, self._hold)
        self._bell = Bell(())
        self.reached = self._stored_positions()
        self._stored = dict(self.reached)
        self._classes = {
            log: [c for c in view.folds if c in getattr(feed, "known", view.folds)] for log, feed in feeds.items()
        }

    def _stored_positions(self) -> dict[str, int]:
        with self.engine.connect() as connection:
            rows = connection.execute(select(self.view.positions)).all()
        stored = {row.log: row for row in rows}
        reached: dict[str, int] = {}
        for log, feed in self.feeds.items():
            row = stored.get(log)
            standing = None if row is None else feed.still_the_same(row.generation)
            if row is not None and standing is not None and row.position > standing:
                raise FromAnotherGeneration(
                    f"view {self.view.name} was folded from generation {row.generation} of {log}, the log is"
                    f" generation {feed.generation()}: run o2c rebuild {self.view.name}"
                )
            reached[log] = row.position if row is not None else 0
        return reached

    def fold_page(self, log: str, limit: int = PAGE) -> int:
        """Fold one page of ``log``; returns how many facts it held. Rows and position commit together."""
        feed = self.feeds[log]
        before = self.reached[log]
        events, reached = feed.read(before, limit, self._classes[log])
        if reached == before:
            return 0
        if not events and reached - self._stored[log] < limit:
            self._have_reached(log, reached)  # nothing of this view's: its place is noted now and then
            return 0
        with self.engine.begin() as connection:
            stored = self._position_now(connection, log)
            if stored != self._stored[log]:  # another instance folded meanwhile: nothing is folded twice
                self._stored[log] = stored
                self._have_reached(log, stored)
                return 0
            page = Page(connection)
            self.view.fold(events, page)
            page.flush()
            position = {"log": log, "generation": feed.generation(), "position": reached}
            upsert(connection, self.view.positions, [position], keep=False)
        self._stored[log] = reached
        self._have_reached(log, reached)
        return len(events)

    def _position_now(self, connection: Connection, log: str) -> int:
        """The stored position, locked until the page is committed (PostgreSQL; SQLite has one process)."""
        c = self.view.positions.c
        if connection.dialect.name == "postgresql":
            first = {"log": log, "generation": self.feeds[log].generation(), "position": 0}
            upsert(connection, self.view.positions, [first], keep=True)
        query = select(c.position).where(c.log == log).with_for_update()
        return int(connection.execute(query).scalar() or 0)

    def _have_reached(self, log: str, position: int) -> None:
        with self._moved:
            self.reached[log] = position
            self._moved.notify_all()

    def check_kept(self, connection: Connection) -> None:
        """A server of views that crashed may have given up its last commits (they are not waited for, as the log has all
        of it). Raises ViewBehind when ``connection`` shows less than was folded; then that is folded again."""
        folded = dict(self._stored)
        kept = {row.log: row.position for row in connection.execute(select(self.view.positions))}
        if any(kept.get(log, 0) < position for log, position in folded.items()):
            self._doubted = True
            raise ViewBehind(f"the view {self.view.name} lost what it folded last and folds it again; try again shortly")

    def _look_again(self) -> None:
        """Go on from what the store has, where there is a doubt and now and then: an idle view would not notice a crash."""
        self._follow_generations()
        idle = self.engine.dialect.name == "postgresql" and time.monotonic() - self._looked > LOOK_AGAIN_S
        if not (self._doubted or idle):
            return
        try:
            stored = self._stored_positions()
        except FromAnotherGeneration as error:
            logger.warning("view_folded_anew", view=self.view.name, reason=str(error))
            self._empty()
            stored = self._stored_positions()
        self._looked, self._doubted = time.monotonic(), False
        if any(stored[log] < self._stored[log] for log in stored):
            logger.warning("view_steps_back", view=self.view.name, folded=self._stored, kept=stored)
            self._stored = dict(stored)
            with self._moved:
                self.reached = stored

    def _follow_generations(self) -> None:
        """A copied log may be taken back while it is read: what it gave up must neither stay folded nor count as read."""
        for log, feed in self.feeds.items():
            known, generation = self._generations[log], feed.generation()
            if generation == known:
                continue
            standing = feed.still_the_same(known)
            if standing is not None and standing < self.reached[log]:
                self._have_reached(log, standing)
            self._generations[log], self._doubted = generation, True

    def _empty(self) -> None:
        """Back to nothing, in one transaction, while no instance folds."""
        with self.engine.begin() as connection:
            self._hold(connection)
            for table in reversed(self.view.metadata.sorted_tables):
                connection.execute(table.delete())

    def settle(self) -> int:
        """Make some of what the view keeps ready; 0 where nothing is left of that."""
        return self._settler.settle()

    def _hold(self, connection: Connection) -> None:
        """No instance folds a page until the transaction ends."""
        for log in self.feeds:
            self._position_now(connection, log)

    def catch_up(self, progress: Callable[[int], None] | None = None) -> int:
        """Fold until nothing is left; returns the number of facts folded."""
        total = 0
        for log in self.feeds:
            while self.reached[log] < self.feeds[log].last_position():
                before = self.reached[log]
                total += self.fold_page(log)
                if progress is not None:
                    progress(self.reached[log] - before)
        return total

    def run(self, stopping: threading.Event, doorbell: Doorbell) -> None:
        """Fold for ever. An error stops this view loudly and skips nothing (P5); a store that is away is waited for."""
        self._bell = bell = doorbell.bell(self.view.folds)
        while not stopping.is_set():
            bell.answer()
            before, started = dict(self.reached), time.monotonic()
            try:
                self._look_again()
                folded = [self.fold_page(log) for log in self.feeds]
                moved = self.reached != before
                unsettled = self._settler.turn(moved)
            except Exception as error:
                if store_is_away(error):
                    logger.warning("view_waits", view=self.view.name, error=repr(error))
                    self._doubted = True
                    stopping.wait(RETRY_S)
                    continue
                with self._moved:
                    self.failure = error
                    self._moved.notify_all()
                logger.error("view_stopped", view=self.view.name, reached=self.reached, error=repr(error))
                return
            if not moved:
                bell.wait(0 if unsettled else IDLE_S)
            elif self.view.paced and max(folded, default=0) < PAGE:
                self._gather(time.monotonic() - started)

    def _gather(self, folding_s: float) -> None:
        """Let a page gather unless somebody is waiting for this view: for eight times as long as the last one took, so
        that a lone fact is seen at once and a stream of them leaves the processor to the commands."""
        with self._moved:
            self._moved.wait_for(lambda: self._waiting > 0, min(PACE_S, 8 * folding_s))

    def wait_for(self, positions: Mapping[str, int], timeout: float) -> None:
        """Block until the view has folded these positions; raises ViewBehind naming how far it is."""
        wanted = {log: p for log, p in positions.items() if log in self.reached}
        deadline = time.monotonic() + timeout
        with self._moved:
            self._waiting += 1
            self._moved.notify_all()
            self._bell.ring()  # the facts it sleeps through are none of its own, but its place moves past them
            try:
                while any(self.reached[log] < p for log, p in wanted.items()):
                    left = deadline - time.monotonic()
                    if left <= 0 or self.failure is not None:
                        reached = ", ".join(f"{log}={p}" for log, p in self.reached.items())
                        raise ViewBehind(f"the view {self.view.name} has folded {reached}; try again shortly")
                    self._moved.wait(left)
            finally:
                self._waiting -= 1

    def lag(self) -> int:
        """How many positions the view is behind, over all its logs."""
        return sum(feed.last_position() - self.reached[log] for log, feed in self.feeds.items())
