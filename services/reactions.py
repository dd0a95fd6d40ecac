"""Reactions: pure policies turn facts into commands, each command keyed by its fact (decision 16).

The reactor reads a page of facts, hands in every command in order, and moves its own position in the log
that the effects went to, behind them: after a crash the page is read again and the keys answer for what
was done already.
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import Connection

from domain.recorded import RecordedEvent
from projections.away import store_is_away
from projections.doorbell import Doorbell
from projections.projector import Projector, ViewBehind
from services.application import LogApplication
from services.command import Answer, Command, Context
from services.event_log.contract import CursorRow, LogUnavailable, ParkedRow
from services.event_log.deciding import InOrder
from services.event_log.work import Work
from services.feed import LocalFeed

PAGE = 200
RETRY_S = 1.0
PACE_S = 0.003
IDLE_S = 0.5
VIEW_WAIT_S = 10.0

logger = structlog.get_logger()


class Sight:
    """What the policies of one service may look at: committed aggregates and kept bytes of its own log, and its
    views, which never lag behind the fact that is being reacted to."""

    def __init__(self, application: LogApplication, projectors: Mapping[str, Projector]) -> None:
        self.store = application.store
        self.look = application.look
        self._projectors = projectors

    @contextmanager
    def view(self, name: str, recorded: RecordedEvent) -> Iterator[Connection]:
        """A connection to a view that has folded the fact; a view that stopped keeps the reaction waiting."""
        projector = self._projectors[name]
        try:
            projector.wait_for({recorded.log: recorded.position}, VIEW_WAIT_S)
        except ViewBehind as error:
            raise LogUnavailable("view_behind", str(error)) from error
        try:
            with projector.engine.connect() as connection:
                projector.check_kept(connection)
                yield connection
        except ViewBehind as error:
            raise LogUnavailable("view_behind", str(error)) from error
        except Exception as error:
            if store_is_away(error):
                raise LogUnavailable("view_away", f"the view {name} could not be read; it is tried again") from error
            raise


@dataclass(frozen=True)
class Policy:
    """Whenever one of ``reacts_to`` is recorded, do what ``decide`` says. ``name`` is part of the key: never change it.

    ``decide`` gets the fact and what it may look at. The same fact gives the same commands whenever it is asked,
    except for what has been done since: the content of a command is what makes it happen once.
    """

    name: str
    reacts_to: tuple[type[Any], ...]
    decide: Callable[[RecordedEvent, Sight], Sequence[Command]]


HandedIn = tuple[RecordedEvent, str, "Future[Answer]"]


class Reactor:
    """Runs the policies of one service on the facts of one log."""

    def __init__(self, application: LogApplication, feed: LocalFeed, policies: Sequence[Policy], sight: Sight) -> None:
        self.application = application
        self.feed = feed
        self.policies = policies
        self._sight = sight
        self.name = f"reactions-{application.name}"
        self._classes = list({event for policy in policies for event in policy.reacts_to})
        self._generation = feed.generation()
        cursor = application.store.cursor(self.name, feed.log)
        self.reached = self._standing(cursor.position, cursor.generation) if cursor else 0
        self.refused = 0
        self.parked = 0
        self.failure: Exception | None = None
        self._advancing: Future[Answer] | None = None
        self._moved = threading.Condition()

    def _standing(self, reached: int, generation: int) -> int:
        """How much of what was reacted to in a generation still stands in the present one."""
        standing = self.feed.still_the_same(generation)
        return reached if standing is None else min(reached, standing)

    def run(self, stopping: threading.Event, doorbell: Doorbell) -> None:
        """React for ever; a page that cannot be read or stored is tried again, nothing is skipped.

        ``failure`` is what keeps it waiting: a log that is away, or facts that only a newer release can read.
        """
        bell = doorbell.bell(self._classes)
        while not stopping.is_set():
            bell.answer()
            try:
                passed = self.react_page()
                if passed == 0:
                    bell.wait(IDLE_S)
                elif passed < PAGE:
                    stopping.wait(PACE_S)  # let a page gather: one commit for many effects
                self.failure = None
            except Exception as error:
                self.failure = error
                level = logger.warning if isinstance(error, LogUnavailable) else logger.error
                level("reactions_wait", service=self.application.name, log=self.feed.log, error=repr(error))
                stopping.wait(RETRY_S)

    def react_page(self) -> int:
        """One page of facts; returns how many positions were passed."""
        self._check_advanced()
        generation = self.feed.generation()
        if generation != self._generation:
            self.reached = self._standing(self.reached, self._generation)
            self._generation = generation
        events, reached = self.feed.read(self.reached, PAGE, self._classes)
        if reached == self.reached:
            return 0
        parked: list[ParkedRow] = []
        in_order = InOrder()
        pending = [one for recorded in events for one in self._react(recorded, parked, in_order)]
        refused = self._settle(pending, parked)
        if events or reached - self.reached > PAGE:
            self._advance(CursorRow(self.name, self.feed.log, generation, reached), parked)
        self.refused += refused
        self.parked += len(parked)
        passed = reached - self.reached
        with self._moved:
            self.reached = reached
            self._moved.notify_all()
        return passed

    def _react(self, recorded: RecordedEvent, parked: list[ParkedRow], in_order: InOrder) -> list[HandedIn]:
        handed_in: list[HandedIn] = []
        generation = self.feed.written_in(recorded.position)
        for policy in self.policies:
            if type(recorded.event) not in policy.reacts_to:
                continue
            try:
                commands = list(policy.decide(recorded, self._sight))
                for name, command in named(commands):
                    context = self._context(policy.name, recorded, f"{generation}:{recorded.position}:{name}")
                    handed_in.append((recorded, policy.name, self.application.submit(command, context, in_order)))
            except LogUnavailable:
                raise
            except Exception as error:
                parked.append(self._park(policy.name, recorded, error))
        return handed_in

    def _context(self, policy: str, recorded: RecordedEvent, name: str) -> Context:
        key = f"policy:{policy}:{recorded.log}:{name}"
        return Context(
            actor=f"policy:{policy}", at=recorded.event.timestamp, command_id=key, correlation=recorded.correlation,
            causation=recorded.reference, key=key, fingerprint=policy, kept_until=None,
        )

    def _settle(self, handed_in: list[HandedIn], parked: list[ParkedRow]) -> int:
        """Wait for every answer: a refusal is an answer (they are counted), an unstorable log is tried again, a
        defect is parked."""
        refused = 0
        for recorded, policy, future in handed_in:
            try:
                answer = future.result()
            except LogUnavailable:
                raise
            except Exception as error:
                parked.append(self._park(policy, recorded, error))
                continue
            if answer.status >= 400:
                refused += 1
                logger.info("reaction_refused", policy=policy, fact=recorded.reference, answer=answer.text)
        return refused

    def _park(self, policy: str, recorded: RecordedEvent, error: Exception) -> ParkedRow:
        """The item is kept in the transaction that moves the position past its page."""
        logger.error("reaction_parked", policy=policy, fact=recorded.reference, error=repr(error))
        return ParkedRow(
            f"{self.name}:{policy}", recorded.log, recorded.position, repr(error), recorded.recorded_at.isoformat()
        )

    def _advance(self, cursor: CursorRow, parked: list[ParkedRow]) -> None:
        def decide(work: Work) -> Answer:
            work.advance(cursor)
            for item in parked:
                work.park(item)
            return Answer(200)

        self._advancing = self.application.writer.submit(decide, _bookkeeping(self.name))
        if parked:
            self._check_advanced()

    def _check_advanced(self) -> None:
        """The position is saved behind the effects while the next page is read: a crash in between repeats into
        the same answers. A save that failed is raised, and made good by the next one."""
        advancing, self._advancing = self._advancing, None
        if advancing is not None:
            advancing.result()

    def wait_for(self, position: int, timeout: float) -> bool:
        """Block until the facts up to ``position`` have had their reactions."""
        with self._moved:
            return self._moved.wait_for(lambda: self.reached >= position, timeout)


def named(commands: Sequence[Command]) -> Iterator[tuple[str, Command]]:
    """Each command with what tells it from the others of its fact: its content.

    Not its place in the list: a policy that looks at what is still to be done makes a shorter list when a page is
    read again after a crash, and the key of a place would then answer for another command.
    """
    counted: Counter[str] = Counter()
    for command in commands:
        content = f"{command.NAME}\n{command.model_dump_json()}"
        name = hashlib.sha256(content.encode()).hexdigest()[:20]
        yield f"{name}:{counted[name]}", command
        counted[name] += 1


def _bookkeeping(name: str) -> Context:
    return Context(actor=name, at=datetime.now(UTC), command_id=name, correlation=name)
