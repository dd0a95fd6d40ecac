"""An event as recorded: the fact with its place in the log and who, why and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.aggregate import DomainEvent


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """``event`` at ``position`` of ``log``. ``causation`` is the event that led to it ("orders:42") or None.

    ``recorded_at`` is when the log knew it (never decreasing with the position); ``event.timestamp`` is
    when the command was given.
    """

    log: str
    position: int
    type: str
    event: DomainEvent | Any
    recorded_at: datetime
    actor: str
    command_id: str
    causation: str | None
    correlation: str

    @property
    def stream(self) -> str:
        return str(self.event.originator_id)

    @property
    def reference(self) -> str:
        """How other events name this one: ``orders:42``."""
        return f"{self.log}:{self.position}"
