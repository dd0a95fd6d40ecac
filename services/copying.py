"""The copy that a process keeps of another service's log: every fact once, in order, without a gap (P3, P8).

What it reads - messages of Kafka or pages of the owner's feed - may come twice, late, or not at all: a fact that is here
already is dropped, a gap is filled from the owner's feed before anything behind it is kept, and the place it was read from
is kept in the transaction of the facts. Views and reactions read the copy as if the log lived here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from projections.away import Away
from projections.doorbell import Doorbell
from services.cloud_events import Whole
from services.event_log.contract import CursorRow, EventRow, LogStore
from services.event_log.generations import append_copied, still_the_same, take_back
from services.event_log.json_form import JsonForm, UnknownEventType
from services.event_log.tail import Tail
from services.feed import LocalFeed
from services.event_log.leases import Lease
from services.peers import FeedPage, Peer

RETRY_S = 1.0
LEASE_WAIT_S = 0.5
LOOK_S = 5.0  # how often the owner is asked where its log ends
IDLE_WAIT_S = 1

logger = structlog.get_logger()


@dataclass(frozen=True)
class Taken:
    """What a source gave: facts in the order in which they came, and the place behind them, to be kept with them."""

    facts: Sequence[Whole]
    place: CursorRow | None = None


class Source(Protocol):
    """Where facts come from, at least once and roughly in order."""

    def take(self, store: LogStore, generation: int, last: int) -> Taken:
        """What comes next, waiting a moment where there is nothing. Raises Away, or what is wrong with a message."""

    def reset(self) -> None:
        """Give again what was not kept."""

    def close(self) -> None: ...


class FeedSource:
    """The owner's feed alone, where there is no Kafka."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def take(self, store: LogStore, generation: int, last: int) -> Taken:
        page = self._peer.facts(last, IDLE_WAIT_S)
        return Taken(page.items if page is not None and page.generation == generation else ())

    def reset(self) -> None:
        return None

    def close(self) -> None:
        self._peer.close()


class Copier:
    """Keeps one copy up to date. ``failure`` is what keeps it waiting; nothing is ever stepped over."""

    def __init__(
        self, store: LogStore, form: JsonForm, source: Source, owner: Peer, lease: Lease, doorbell: Doorbell
    ) -> None:
        self.log = store.name
        self.store = store
        self.failure: Exception | None = None
        self.duplicates = 0
        self.filled = 0
        self.behind = 0
        self._tail = Tail()
        self._tail.on_publish(doorbell.ring)
        self.feed = LocalFeed(store, form, self._tail)
        self._form = form
        self._source = source
        self.owner = owner
        self.lease = lease
        self._doorbell = doorbell
        self._looked = 0.0
        self._complete_at = time.monotonic()

    def age(self) -> float:
        """Seconds since the copy was last known to hold all of its log."""
        return time.monotonic() - self._complete_at

    def run(self, stopping: threading.Event) -> None:
        """Copy for ever; one instance of a service does it, the others read what it has stored."""
        while not stopping.is_set():
            try:
                if self.lease.held():
                    self.copy_next()
                else:
                    self.feed.refresh()
                    stopping.wait(LEASE_WAIT_S)
                self.failure = None
            except Exception as error:
                if repr(error) != repr(self.failure):
                    level = logger.warning if isinstance(error, Away) else logger.error
                    level("copying_waits", log=self.log, error=repr(error))
                self.failure = error
                self._tail.forget()
                self._source.reset()
                stopping.wait(RETRY_S)

    def close(self) -> None:
        """When nothing runs any more: let go of the way, the owner, the lease and the copy."""
        self._source.close()
        self.owner.close()
        self.lease.release()
        self.store.close()

    def copy_next(self) -> int:
        """What the source has next, and what it lacks; returns how many facts were kept."""
        generation, last = self.feed.generation(), self.store.last_position()
        taken = self._source.take(self.store, generation, last)
        before = last
        fresh: list[EventRow] = []
        for fact in taken.facts:
            if fact.generation > generation:
                self._keep(generation, fresh, None)
                last, fresh = last + len(fresh), []
                if self._follow():
                    self._source.reset()
                    return self.store.last_position() - before
                logger.error("generation_unknown", log=self.log, position=fact.position, generation=fact.generation)
                continue  # its owner knows of no such generation; what it stands for, if for anything, comes from there
            expected = last + len(fresh) + 1
            if fact.generation < generation or fact.position < expected:
                self.duplicates += 1
                continue
            if fact.position > expected or not bytes(fact.data):
                self._keep(generation, fresh, None)
                last, fresh = self._fill(last + len(fresh), fact.position), []
                continue
            try:
                fresh.append(self._known(fact))
            except UnknownEventType:
                self._keep(generation, fresh, None)
                raise
        if fresh or taken.place is not None:
            self._keep(generation, fresh, taken.place)
        last = self.store.last_position()
        self._look(last, idle=not taken.facts)
        return last - before

    def _known(self, fact: Whole) -> EventRow:
        """A type that this release cannot read stops the copy: behind it, what reacts to it would be lost."""
        row = fact.row()
        self._form.form(row.type)
        return row

    def _keep(self, generation: int, rows: list[EventRow], place: CursorRow | None) -> None:
        if not append_copied(self.store, generation, rows, place):
            raise Away(f"the copy of {self.log} was moved by another instance; it is looked at again")
        if rows:
            self._tail.publish([self._form.recorded(self.log, row) for row in rows])

    def _fill(self, last: int, upto: int) -> int:
        """Fetch from the owner what is missing up to a position; the last one kept."""
        logger.warning("copying_fills_a_gap", log=self.log, after=last, upto=upto)
        while last < upto:
            page = self.owner.facts(last)
            if page is None or page.generation != self.feed.generation():
                self._follow()
                raise Away(f"{self.log} was restored while its facts were copied; they are read again")
            if not page.items:
                raise Away(f"{self.log} does not give the facts after {last}, which are missing here")
            last = self._keep_page(page)
        return last

    def _keep_page(self, page: FeedPage) -> int:
        rows = [self._known(fact) for fact in page.items]
        self._keep(page.generation, rows, None)
        self.filled += len(rows)
        return rows[-1].position

    def _look(self, last: int, *, idle: bool) -> None:
        """Now and then the owner is asked where its log ends and whether it was restored; and what does not come, although
        it is there for two looks, is fetched."""
        now = time.monotonic()
        if now - self._looked < LOOK_S:
            return
        page = self.owner.facts(last, limit=1)
        if page is None or page.generation != self.feed.generation():
            self._follow()
        elif idle and self.behind and page.last > last:
            self._fill(last, page.last)
        self._looked = now
        self.behind = 0 if page is None else max(0, page.last - last)
        if not self.behind:
            self._complete_at = now

    def _follow(self) -> bool:
        """Where the owner was restored: forget what it gave up, and go on in its generation. Whether it was."""
        page = self.owner.facts(0, limit=1)
        known = self.feed.generation()
        if page is None or page.generation < known:
            raise Away(f"{self.log} is of an earlier generation than its copy ({known}): it is no restore of the log copied")
        standing = still_the_same(page.restores, known)
        last = self.store.last_position()
        keep = last if standing is None else min(last, standing)
        if page.generation == known and keep == last and page.last >= last:
            return False
        if page.generation == known:
            raise Away(f"{self.log} ends at {page.last}, before its copy ({last}), in the same generation: restore it with o2c")
        logger.error("copied_log_was_restored", log=self.log, generation=page.generation, kept=keep, given_up=last - keep)
        take_back(self.store, keep, page.restores)
        self._tail.forget()
        self.feed.refresh()
        self._doorbell.wake_all()
        return True
