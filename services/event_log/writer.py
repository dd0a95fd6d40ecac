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
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from domain.aggregate import deciding_at
from domain.refusal import Refused
from services.command import Answer, Context, KeyReused, StaleVersion
from services.event_log.contract import (
    AnswerRow, Append, EventRow, HeadRow, LogStore, LogTransaction, LogUnavailable,
)
from services.event_log.json_form import AnyAggregate, JsonForm, encode_plain
from services.event_log.work import AggregateCache, Work

GROUP_SIZE = 512
WAITING_COMMANDS = 20_000
SMALL_STATE_BYTES = 16_384
CHECKPOINT_BYTES_PER_EVENT = 256

logger = structlog.get_logger()


@dataclass
class Submission:
    """One command on its way: ``decide`` runs in the writer; ``streams`` are fetched for the whole group."""

    decide: Callable[[Work], Answer]
    context: Context
    streams: tuple[str, ...]
    future: Future[Answer] | None = None
    loop: asyncio.AbstractEventLoop | None = None
    waiter: asyncio.Future[Answer] | None = None


Outcome = Answer | BaseException


class GroupWriter:
    """The only writer of a log in this process. Start it with ``start``; ``close`` drains what waits."""

    def __init__(self, store: LogStore, form: JsonForm, refused: Callable[[Refused], Answer]) -> None:
        self.store = store
        self.form = form
        self._refused = refused
        self._queue: queue.Queue[Submission | None] = queue.Queue(WAITING_COMMANDS)
        self._cache = AggregateCache(form)
        self._position: int | None = None
        self._generation: int | None = None
        self._doorbells: list[Callable[[int], None]] = []
        self._thread = threading.Thread(target=self._run, name=f"writer-{store.name}", daemon=True)
        self._closed = False
        self.groups = 0
        self.commands = 0

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Stop after everything that is waiting has been answered."""
        self._closed = True
        self._queue.put(None)
        self._thread.join(timeout=30)

    def on_commit(self, ring: Callable[[int], None]) -> None:
        """Call ``ring(position)`` after each commit (the doorbell of decision 8)."""
        self._doorbells.append(ring)

    def waiting(self) -> int:
        return self._queue.qsize()

    def submit(self, decide: Callable[[Work], Answer], context: Context, streams: tuple[str, ...] = ()) -> Future[Answer]:
        """Hand in a command from any thread; the future ends after the commit."""
        submission = Submission(decide, context, streams, future=Future())
        self._put(submission)
        assert submission.future is not None
        return submission.future

    def submit_async(self, decide: Callable[[Work], Answer], context: Context, streams: tuple[str, ...] = ()) -> asyncio.Future[Answer]:
        """The same from an event loop; all waiters of a group wake with one call into their loop."""
        loop = asyncio.get_running_loop()
        submission = Submission(decide, context, streams, loop=loop, waiter=loop.create_future())
        self._put(submission)
        assert submission.waiter is not None
        return submission.waiter

    def _put(self, submission: Submission) -> None:
        if self._closed:
            raise LogUnavailable("closing", f"the {self.store.name} log is closing; send the request again")
        try:
            self._queue.put_nowait(submission)
        except queue.Full:
            raise LogUnavailable(
                "overloaded", f"{WAITING_COMMANDS} commands are waiting, none was taken; try again shortly"
            ) from None

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
            logger.error("log_unavailable", log=self.store.name, code=error.code, error=str(error))
            outcomes = [error] * len(group)
        except Exception as error:
            self._cache.clear()
            if len(group) > 1:
                for submission in group:
                    self._commit_group([submission])
                return
            logger.error("command_failed", log=self.store.name, error=repr(error))
            outcomes = [error]
        self._acknowledge(group, outcomes)

    def _store(self, group: list[Submission]) -> list[Outcome]:
        with self.store.begin() as tx:
            decision = GroupDecision(tx, self._cache, self.form, self._refused)
            if (tx.position, tx.generation) != (self._position, self._generation):
                self._cache.clear()
            self._position = None
            outcomes = decision.decide(group)
            decision.append()
            position, generation = decision.position, tx.generation
        self._position, self._generation = position, generation
        self._cache.trim()
        self.groups += 1
        self.commands += len(group)
        if decision.group.events:
            for ring in self._doorbells:
                ring(position)
        return outcomes

    def _acknowledge(self, group: list[Submission], outcomes: list[Outcome]) -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Answer], Outcome]]] = {}
        for submission, outcome in zip(group, outcomes, strict=True):
            if submission.waiter is not None and submission.loop is not None:
                by_loop.setdefault(submission.loop, []).append((submission.waiter, outcome))
            elif submission.future is not None and not submission.future.cancelled():
                if isinstance(outcome, BaseException):
                    submission.future.set_exception(outcome)
                else:
                    submission.future.set_result(outcome)
        for loop, answered in by_loop.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_wake, answered)


def _wake(answered: list[tuple[asyncio.Future[Answer], Outcome]]) -> None:
    for waiter, outcome in answered:
        if waiter.done():
            continue
        if isinstance(outcome, BaseException):
            waiter.set_exception(outcome)
        else:
            waiter.set_result(outcome)


class GroupDecision:
    """One group's decisions inside one transaction: who gets which position, what is written."""

    def __init__(self, tx: LogTransaction, cache: AggregateCache, form: JsonForm, refused: Callable[[Refused], Answer]) -> None:
        self._tx = tx
        self._cache = cache
        self._form = form
        self._refused = refused
        self._answers: dict[str, AnswerRow] = {}
        self._moved: dict[str, AnyAggregate] = {}
        self.group = Append.empty()
        now = datetime.now(UTC)
        if tx.last_recorded_at is not None and now <= tx.last_recorded_at:
            now = tx.last_recorded_at + timedelta(microseconds=1)  # P13: a clock set back reorders nothing
        self._recorded_at = now.isoformat(timespec="microseconds")

    @property
    def position(self) -> int:
        return self._tx.position + len(self.group.events)

    def decide(self, submissions: list[Submission]) -> list[Outcome]:
        keys = {s.context.key for s in submissions if s.context.key}
        if keys:
            self._answers = self._tx.answers(keys)
        self._cache.fetch(self._tx, {stream for s in submissions for stream in s.streams})
        return [self._one(submission) for submission in submissions]

    def _one(self, submission: Submission) -> Outcome:
        context = submission.context
        kept = self._answers.get(context.key) if context.key else None
        if kept is not None:
            if kept.fingerprint != context.fingerprint:
                return KeyReused(str(context.key).partition(":")[2])
            return Answer(kept.status, position=kept.position, replayed=True, text=kept.body)
        work = Work(self._tx, self._cache, context, self.group)
        try:
            self._check_expected(context)
            with deciding_at(context.at):
                answer = submission.decide(work)
        except Refused as refusal:
            work.discard()
            return self._answered(context, self._refused(refusal))
        except StaleVersion as error:
            return error
        except Exception as error:
            work.discard()
            logger.error("command_failed", command=context.command_id, error=repr(error))
            return error
        self._take(work)
        return self._answered(context, answer)

    def _check_expected(self, context: Context) -> None:
        """If-Match: the version seen must be the version at this command's turn."""
        expected = context.expected
        if expected is None or expected.version is None:
            return
        aggregate = self._cache.get(self._tx, expected.stream)
        actual = aggregate.version if aggregate else 0
        if aggregate is not None and actual != expected.version:
            raise StaleVersion(expected.stream, expected.version, actual)

    def _take(self, work: Work) -> None:
        context = work.context
        for stream, aggregate in work.touched.items():
            pending = aggregate.collect_events()
            if not pending:
                continue
            for event in pending:
                type_name, data = self._form.encode(event)
                self.group.events.append(EventRow(
                    self.position + 1, stream, event.originator_version, type_name, data,
                    event.timestamp.isoformat(timespec="microseconds"), self._recorded_at,
                    context.actor, context.command_id, context.causation, context.correlation,
                ))
            self._moved[stream] = aggregate
            self._cache.keep(aggregate)
        self.group.attachments.update(work.attachments)
        self.group.parked.extend(work.parked)
        for cursor in work.cursors:
            self.group.cursors[(cursor.consumer, cursor.log)] = cursor

    def _answered(self, context: Context, answer: Answer) -> Answer:
        text = answer.text or encode_plain(answer.body)
        answer = replace(answer, position=self.position, text=text)
        if context.key and answer.status < 500:
            row = AnswerRow(context.key, context.fingerprint, answer.status, text, self.position, context.kept_until)
            self._answers[context.key] = row
            self.group.answers.append(row)
        return answer

    def append(self) -> None:
        """Write everything the group decided; the heads once per stream, whatever happened to it."""
        for stream, aggregate in self._moved.items():
            self.group.heads[stream] = self._head(stream, aggregate)
        if not self.group.is_empty():
            self._tx.append(self.group)

    def _head(self, stream: str, aggregate: AnyAggregate) -> HeadRow:
        """The state goes with every write while it is small; a large one only now and then, so that a stream
        with thousands of parts does not rewrite itself for each of them (loading replays the few facts since)."""
        state_at, size = self._cache.checkpoints.get(stream, (0, 0))
        version = aggregate.version
        if size > SMALL_STATE_BYTES and version - state_at < size // CHECKPOINT_BYTES_PER_EVENT:
            return HeadRow(stream, version, None, state_at, aggregate.STATE_VERSION)
        state = self._form.encode_state(aggregate)
        self._cache.checkpoints[stream] = (version, len(state))
        return HeadRow(stream, version, state, version, aggregate.STATE_VERSION)


def any_outcome(future: Future[Any], timeout: float) -> Answer:
    """Wait for a submitted command's answer; raises what the command raised."""
    answer = future.result(timeout)
    assert isinstance(answer, Answer)
    return answer
