"""A small aggregate with commands that behave and misbehave, for tests of the log itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from domain.aggregate import Aggregate, natural_id
from domain.refusal import Kind, Refusal
from services.application import LogApplication
from services.command import Answer, Command, Context
from services.event_log.work import Work
from services.settings import Settings
from services.logs import environment
from tests.conftest import asking

FULL = Refusal("tally.full", "Tally {tally} holds {total}, {amount} more would pass its limit of {limit}.")
OTHER_LABEL = Refusal("tally.other_label", "Tally {tally} is {known}, not {asked}.", Kind.CONFLICT)
LIMIT = 1_000_000


@dataclass
class TallyState:
    label: str
    limit: int
    total: int = 0
    notes: list[str] = field(default_factory=list)


class Tally(Aggregate[TallyState]):
    """A number that only grows, up to a limit, with a note for each step."""

    KIND = "tally"
    STATE = TallyState

    class Opened(Aggregate.Created):
        TYPE = "tally.opened/1"
        label: str
        limit: int

        def apply(self, tally: Tally) -> None:
            tally.state = TallyState(self.label, self.limit)

    class Added(Aggregate.Event):
        TYPE = "tally.added/1"
        amount: int
        note: str

        def apply(self, tally: Tally) -> None:
            tally.state.total += self.amount
            if self.note:
                tally.state.notes.append(self.note)

    @staticmethod
    def stream(tally: str) -> str:
        return natural_id("tally", tally)

    @classmethod
    def open(cls, tally: str, label: str, limit: int = LIMIT) -> Tally:
        return cls.begin(cls.Opened, cls.stream(tally), label=label, limit=limit)

    def add(self, amount: int, note: str = "") -> None:
        if self.state.total + amount > self.state.limit:
            raise FULL(tally=self.id, total=self.state.total, amount=amount, limit=self.state.limit)
        self.happened(self.Added, amount=amount, note=note)


class Open(Command):
    NAME: ClassVar[str] = "tally.open"
    tally: str
    label: str = ""
    limit: int = LIMIT


class Add(Command):
    NAME: ClassVar[str] = "tally.add"
    tally: str
    amount: int = 1
    note: str = ""

    def streams(self) -> tuple[str, ...]:
        return (Tally.stream(self.tally),)


class Read(Command):
    """Answers what the command sees at its turn."""

    NAME: ClassVar[str] = "tally.read"
    tally: str


class AddToBoth(Command):
    """The first has moved when the second refuses."""

    NAME: ClassVar[str] = "tally.add_to_both"
    first: str
    second: str
    amount: int = 1


class AddAndRaise(Command):
    """A defect: it raises when something has moved already."""

    NAME: ClassVar[str] = "tally.add_and_raise"
    tally: str


class OpenRaw(Command):
    """Begins a stream under an id that a back end may refuse."""

    NAME: ClassVar[str] = "tally.open_raw"
    stream: str


def _answer(tally: Tally, status: int = 200) -> Answer:
    return Answer(status, {"tally": tally.id, "version": tally.version, "total": tally.state.total})


def _open(work: Work, command: Open) -> Answer:
    known = work.find(Tally, Tally.stream(command.tally))
    if known is None:
        return _answer(work.add(Tally.open(command.tally, command.label, command.limit)), 201)
    first = work.first_fact(known.id)
    if first.label != command.label:
        raise OTHER_LABEL(tally=known.id, known=first.label, asked=command.label)
    return _answer(known)


def _add(work: Work, command: Add) -> Answer:
    tally = work.get(Tally, Tally.stream(command.tally))
    tally.add(command.amount, command.note)
    return _answer(tally)


def _read(work: Work, command: Read) -> Answer:
    return _answer(work.get(Tally, Tally.stream(command.tally)))


def _add_to_both(work: Work, command: AddToBoth) -> Answer:
    first, second = (work.get(Tally, Tally.stream(tally)) for tally in (command.first, command.second))
    first.add(command.amount)
    second.add(command.amount)
    return _answer(second)


def _add_and_raise(work: Work, command: AddAndRaise) -> Answer:
    work.get(Tally, Tally.stream(command.tally)).add(1)
    raise RuntimeError("a defect")


def _open_raw(work: Work, command: OpenRaw) -> Answer:
    return _answer(work.add(Tally.begin(Tally.Opened, command.stream, label="raw", limit=LIMIT)), 201)


class Tallies(LogApplication):
    """The application under test; its log is called ``tallies``."""

    name = "tallies"
    aggregates = (Tally,)
    handlers: ClassVar[dict[type[Command], Any]] = {
        Open: _open, Add: _add, Read: _read, AddToBoth: _add_to_both, AddAndRaise: _add_and_raise, OpenRaw: _open_raw,
    }


@contextmanager
def opened(settings: Settings, application: type[LogApplication] = Tallies) -> Iterator[Any]:
    """The application over its log; closed at the end."""
    running = application(environment(settings, application.name))
    try:
        yield running
    finally:
        running.close()


class Gate:
    """Holds the writer inside a transaction until it is opened, so that what is handed in meanwhile makes one group."""

    def __init__(self, application: LogApplication) -> None:
        self._open = threading.Event()
        entered = threading.Event()

        def wait(_: Work) -> Answer:
            entered.set()
            self._open.wait(30)
            return Answer(200)

        self.passed = application.writer.submit(wait, asking("gate"))
        assert entered.wait(10)

    def open(self) -> None:
        self._open.set()
        self.passed.result(10)


def in_one_group(application: LogApplication, asked: Sequence[Command | tuple[Command, Context]]) -> list[Any]:
    """Hand all in as one group; answers, or what was raised, in order."""
    gate = Gate(application)
    pairs = [one if isinstance(one, tuple) else (one, asking()) for one in asked]
    futures = [application.submit(command, context) for command, context in pairs]
    groups = application.writer.groups
    gate.open()
    outcomes = [outcome(future) for future in futures]
    assert application.writer.groups >= groups + 1
    return outcomes


def outcome(future: Future[Answer]) -> Any:
    """The answer or the exception of a future."""
    error = future.exception(30)
    return future.result() if error is None else error
