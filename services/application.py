"""What the three services share: an eventsourcing Application whose commands go through the group writer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, ClassVar, TypeVar, cast

from eventsourcing.application import Application
from eventsourcing.persistence import InfrastructureFactory
from eventsourcing.utils import Environment

from domain.aggregate import Aggregate
from domain.refusal import Kind, Refused
from services.command import Answer, Command, Context
from services.event_log.contract import LogStore
from services.event_log.deciding import InOrder
from services.event_log.json_form import AnyAggregate, JsonForm
from services.event_log.library import LogFactory, LogRecorder
from services.event_log.work import Work, load_aggregate
from services.event_log.writer import GroupWriter

A = TypeVar("A", bound=Aggregate[Any])
Handler = Callable[[Work, Any], Answer]

STATUS = {Kind.NOT_FOUND: 404, Kind.CONFLICT: 409, Kind.RULE: 422, Kind.FORBIDDEN: 403}


def refusal_answer(refused: Refused) -> Answer:
    """A refusal as the stored answer: the code for programs, the sentence for people."""
    body = {"code": refused.code, "detail": str(refused), "parameters": refused.parameters}
    return Answer(STATUS[refused.kind], body)


class LogApplication(Application[str]):
    """One service: its aggregates, its log, one handler per command (decision 48)."""

    aggregates: ClassVar[tuple[type[AnyAggregate], ...]] = ()
    handlers: ClassVar[dict[type[Command], Handler]] = {}

    def construct_factory(self, env: Environment) -> InfrastructureFactory[Any]:
        factory = super().construct_factory(env)
        assert isinstance(factory, LogFactory)
        self.form = JsonForm(self.aggregates)
        factory.form = self.form
        factory.refused = refusal_answer
        return factory

    def construct_transcoder(self) -> Any:
        """Our mapper writes JSON itself; the library's transcoder is not used."""
        return None

    @property
    def writer(self) -> GroupWriter:
        return cast(LogRecorder, self.recorder).writer

    @property
    def store(self) -> LogStore:
        return cast(LogRecorder, self.recorder).store

    def submit(self, command: Command, context: Context, in_order: InOrder | None = None) -> Future[Answer]:
        """Hand in a command from any thread; it overtakes none of those ``in_order`` with it."""
        return self.writer.submit(self._decision(command), context, command.streams(), command.then_streams, in_order)

    def submit_async(self, command: Command, context: Context) -> asyncio.Future[Answer]:
        """Hand in a command from an event loop."""
        return self.writer.submit_async(self._decision(command), context, command.streams(), command.then_streams)

    def handle(self, command: Command, context: Context, timeout: float = 30.0) -> Answer:
        """Hand in a command and wait for its answer."""
        return self.submit(command, context).result(timeout)

    def _decision(self, command: Command) -> Callable[[Work], Answer]:
        handler = self.handlers[type(command)]
        return lambda work: handler(work, command)

    def look(self, aggregate: type[A], stream: str) -> A | None:
        """The aggregate as committed, for doors and policies; decisions are taken in the writer."""
        head = self.store.head(stream)
        return None if head is None else cast(A | None, load_aggregate(self.form, head, self.store))

    def close(self) -> None:
        super().close()
        recorder = getattr(self, "recorder", None)
        if recorder is not None:
            recorder.writer.close()
            recorder.store.close()
