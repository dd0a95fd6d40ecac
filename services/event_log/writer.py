"""Group commit: one writer per log packs concurrent commands into one transaction (decision 6).

Commands are decided one after the other inside the transaction that stores them, against the state the
log has at that point, so two commands never conflict: a refused one leaves nothing behind and its
neighbours are stored. Every caller is answered only after the commit.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
import structlog

from domain.refusal import Refused
from services.command import Answer, Context
from services.event_log.contract import LogStore, LogUnavailable
from services.event_log.deciding import Asked, GroupDecision, InOrder, Outcome, Peek, nothing_more
from services.event_log.json_form import JsonForm
from services.event_log.tail import Tail
from services.event_log.work import AggregateCache, Work

GROUP_SIZE = 512
WAITING_COMMANDS = 20_000

Decide = Callable[[Work], Answer]
Then = Callable[[Peek], tuple[str, ...]]

logger = structlog.get_logger()


@dataclass(frozen=True)
class Submission(Asked):
    """One command on its way, with whoever waits for it: a thread's future or an event loop's waiter."""

    future: Future[Answer] | None = None
    loop: asyncio.AbstractEventLoop | None = None
    waiter: asyncio.Future[Answer] | None = None


class GroupWriter:
    """The only writer of a log in this process. Start it with ``start``; ``close`` drains what waits."""

    def __init__(
        self, store: LogStore, form: JsonForm, refused: Callable[[Refused], Answer], waiting: int = WAITING_COMMANDS
    ) -> None:
        self.store = store
        self.form = form
        self._refused = refused
        self._queue: queue.SimpleQueue[Submission | None] = queue.SimpleQueue()
        self._most_waiting = waiting
        self._cache = AggregateCache(form)
        self._position: int | None = None
        self._generation: int | None = None
        self._rung = 0
        self._doorbells: list[Callable[[int], None]] = []
        self._thread = threading.Thread(target=self._run, name=f"writer-{store.name}", daemon=True)
        self._closed = False
        self._closing = threading.Lock()  # nothing is queued behind the sign to stop
        self.tail = Tail()
        self.groups = 0
        self.commands = 0

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Stop after everything that is waiting has been answered."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join(timeout=30)

    def on_commit(self, ring: Callable[[int], None]) -> None:
        """Call ``ring(position)`` after each commit (the doorbell of decision 8)."""
        self._doorbells.append(ring)

    def no_longer_on_commit(self, ring: Callable[[int], None]) -> None:
        self._doorbells.remove(ring)

    def waiting(self) -> int:
        return self._queue.qsize()

    def submit(
        self, decide: Decide, context: Context, streams: tuple[str, ...] = (), then: Then = nothing_more,
        in_order: InOrder | None = None,
    ) -> Future[Answer]:
        """Hand in a command from any thread; the future ends after the commit."""
        future: Future[Answer] = Future()
        future.set_running_or_notify_cancel()  # what is handed in can no longer be taken back
        self._put(Submission(decide, context, streams, then_streams=then, in_order=in_order, future=future))
        return future

    def submit_async(
        self, decide: Decide, context: Context, streams: tuple[str, ...] = (), then: Then = nothing_more
    ) -> asyncio.Future[Answer]:
        """The same from an event loop; all waiters of a group wake with one call into their loop."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Answer] = loop.create_future()
        self._put(Submission(decide, context, streams, then_streams=then, loop=loop, waiter=waiter))
        return waiter

    def _put(self, submission: Submission) -> None:
        with self._closing:
            if self._closed:
                raise LogUnavailable("closing", f"the {self.store.name} log is closing; send the request again")
            if self._queue.qsize() >= self._most_waiting:
                raise LogUnavailable(
                    "overloaded", f"{self._most_waiting} commands are waiting, none was taken; try again shortly"
                )
            self._queue.put(submission)

    def _run(self) -> None:
        while True:
            group = self._gather()
            if not group:
                return
            self._commit_group(group)

    def _gather(self) -> list[Submission]:
        first = self._queue.get()
        if first is None:
            return []
        group = [first]
        while len(group) < GROUP_SIZE:
            try:
                nxt = self._queue.get_nowait()
            except queue.Empty:
                break
            if nxt is None:
                self._queue.put(None)
                break
            group.append(nxt)
        return group

    def _commit_group(self, group: list[Submission]) -> None:
        """Store a group; when its rows cannot be stored together, each command alone, so only the bad one fails."""
        try:
            outcomes = self._store(group)
        except LogUnavailable as error:
            self._cache.clear()
            self.tail.forget()
            logger.error("log_unavailable", log=self.store.name, code=error.code, error=str(error))
            outcomes = [error] * len(group)
            for submission in group:
                submission.could_not_be_stored()
        except Exception as error:
            self._cache.clear()
            if len(group) > 1:
                for submission in group:
                    self._commit_group([submission])
                return
            logger.error("command_failed", log=self.store.name, error=repr(error))
            outcomes = [error]
        self._acknowledge(group, outcomes)
        self._ring()

    def _store(self, group: list[Submission]) -> list[Outcome]:
        with self.store.begin() as tx:
            decision = GroupDecision(self.store.name, tx, self._cache, self.form, self._refused)
            if (tx.position, tx.generation) != (self._position, self._generation):
                self._cache.clear()
            self._position = None
            outcomes = decision.decide(group)
            decision.append()
            position, generation = decision.position, tx.generation
        self._position, self._generation = position, generation
        self.tail.publish(decision.recorded)
        self._cache.trim()
        self.groups += 1
        self.commands += len(group)
        return outcomes

    def _ring(self) -> None:
        """Outside the transaction and after the answers: a bell that breaks takes nothing back."""
        position = self._position
        if position is None or position == self._rung:
            return
        self._rung = position
        for ring in self._doorbells:
            try:
                ring(position)
            except Exception as error:
                logger.error("doorbell_failed", log=self.store.name, error=repr(error))

    def _acknowledge(self, group: list[Submission], outcomes: list[Outcome]) -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Answer], Outcome]]] = {}
        for submission, outcome in zip(group, outcomes, strict=True):
            if submission.waiter is not None and submission.loop is not None:
                by_loop.setdefault(submission.loop, []).append((submission.waiter, outcome))
            elif submission.future is not None:
                if isinstance(outcome, BaseException):
                    submission.future.set_exception(outcome)
                else:
                    submission.future.set_result(outcome)
        for loop, answered in by_loop.items():
            with suppress(RuntimeError):  # the loop closed: nobody waits there any more
                loop.call_soon_threadsafe(_wake, answered)


def _wake(answered: list[tuple[asyncio.Future[Answer], Outcome]]) -> None:
    for waiter, outcome in answered:
        if waiter.done():
            continue
        if isinstance(outcome, BaseException):
            waiter.set_exception(outcome)
        else:
            waiter.set_result(outcome)
