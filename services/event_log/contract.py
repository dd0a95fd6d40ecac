"""What every event log store does, and the rows it keeps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Protocol

from projections.away import Away


class LogUnavailable(Away):
    """The log could not store or read: nothing is acknowledged, the caller may try again with its key."""

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        super().__init__(sentence)


class EventRow(NamedTuple):
    """One stored fact. ``position`` is gapless from 1; ``type`` is a stable name with a version."""

    position: int
    stream: str
    version: int
    type: str
    data: str
    decided_at: str
    recorded_at: str
    actor: str
    command_id: str
    causation: str | None
    correlation: str


class HeadRow(NamedTuple):
    """A stream's head. ``state`` is the aggregate's state as of version ``state_at`` (None: replay)."""

    stream: str
    version: int
    state: str | None
    state_at: int
    state_schema: int


class AnswerRow(NamedTuple):
    """What a keyed command was answered; ``kept_until`` None means for ever."""

    key: str
    fingerprint: str
    status: int
    body: str
    position: int
    kept_until: date | None


class CursorRow(NamedTuple):
    """How far a consumer of another (or this) log has come; saved with its effects."""

    consumer: str
    log: str
    generation: int
    position: int


class ParkedRow(NamedTuple):
    """An item a reaction could not digest, kept durably when its position was passed (decision 44)."""

    consumer: str
    log: str
    position: int
    error: str
    parked_at: str


@dataclass
class Append:
    """All that one group of commands writes, in one transaction."""

    events: list[EventRow]
    heads: dict[str, HeadRow]
    answers: list[AnswerRow]
    attachments: dict[str, bytes]
    cursors: dict[tuple[str, str], CursorRow]
    parked: list[ParkedRow]

    @classmethod
    def empty(cls) -> Append:
        return cls([], {}, [], {}, {}, [])

    def is_empty(self) -> bool:
        return not (self.events or self.answers or self.attachments or self.cursors or self.parked)


class LogTransaction(Protocol):
    """One write transaction, serialised with every other writer of the log."""

    position: int
    generation: int
    last_recorded_at: datetime | None

    def answers(self, keys: Iterable[str]) -> dict[str, AnswerRow]: ...
    def heads(self, streams: Iterable[str]) -> dict[str, HeadRow]: ...
    def stream(self, stream: str, after_version: int) -> list[EventRow]: ...
    def append(self, group: Append) -> None: ...

    def spoilt_by(self, error: Exception) -> bool:
        """Whether an error met while deciding is the storage's: then the whole group is undone, no command is to blame."""


class LogStore(Protocol):
    """A log's storage. ``begin`` commits on leaving its block without an error, else rolls back.

    Reads may come from any thread and see only what is committed.
    """

    name: str
    exclusive: bool  # no other process can write

    def begin(self) -> AbstractContextManager[LogTransaction]: ...
    def read(self, after: int, limit: int, types: Sequence[str] | None = None) -> list[EventRow]: ...
    def event_at(self, position: int) -> EventRow | None: ...
    def stream(self, stream: str, after_version: int = 0) -> list[EventRow]: ...
    def head(self, stream: str) -> HeadRow | None: ...
    def heads_after(self, stream: str, limit: int) -> list[HeadRow]: ...
    def answer(self, key: str) -> AnswerRow | None: ...
    def attachment(self, digest: str) -> bytes | None: ...
    def cursor(self, consumer: str, log: str) -> CursorRow | None: ...
    def parked(self) -> list[ParkedRow]: ...
    def last_position(self) -> int: ...
    def generation(self) -> int: ...
    def durability(self) -> str: ...
    def forget_answers(self, before: date) -> int: ...
    def close(self) -> None: ...
