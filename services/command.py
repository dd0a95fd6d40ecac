"""A command: what somebody asks for, the same whichever door it came through, and its context."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict


class Command(BaseModel):
    """The base of every command. Unknown fields are refused; values are the domain's own."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=False)

    NAME: ClassVar[str]

    def streams(self) -> tuple[str, ...]:
        """Streams the decision will read, so that one query fetches those of a whole group."""
        return ()

    def then_streams(self, peek: Callable[[str], Any]) -> tuple[str, ...]:
        """Streams whose names follow from those above: ``peek`` gives an aggregate that was fetched, or None."""
        return ()


@dataclass(frozen=True)
class Expected:
    """The version of a stream that the caller has seen; None takes whatever it is."""

    stream: str
    version: int | None


class StaleVersion(Exception):
    """The stream has moved on since the caller looked."""

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        self.actual = actual
        super().__init__(
            f"{stream} is at version {actual}, the request was made for version {expected};"
            " get it again, look at what changed and decide anew"
        )


@dataclass(frozen=True)
class Context:
    """Who asks, when (a UTC instant), why, and the key under which the answer is kept.

    ``key`` is None when the caller gave none; ``fingerprint`` guards a key against another body;
    ``kept_until`` None keeps the answer for ever (keys of policies).
    """

    actor: str
    at: datetime
    command_id: str
    correlation: str
    causation: str | None = None
    key: str | None = None
    fingerprint: str = ""
    kept_until: date | None = None
    expected: Expected | None = None

    def expecting(self, expected: Expected) -> Context:
        return replace(self, expected=expected)


@dataclass(frozen=True)
class Answer:
    """What a command is answered. ``position`` is the log's position after it; ``replayed`` a kept answer."""

    status: int
    body: Any = None
    position: int = 0
    replayed: bool = False
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)


class KeyReused(Exception):
    """The same idempotency key came with another request; REST keys are kept as ``{route} {key}``."""

    def __init__(self, key: str) -> None:
        _, _, said = key.partition(" ")
        super().__init__(
            f"the key {said or key} was used before with another request; "
            "send the first request again to get its answer, or use a new key for a new request"
        )
