"""One interchange as it came in: who sent it, what it holds, what is wrong with it, and how it was answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain.aggregate import Aggregate, natural_id
from domain.interchange.finding import Finding


@dataclass
class InterchangeState:
    digest: str
    read: bool = False


class Interchange(Aggregate[InterchangeState]):
    """``interchange/{sender}/{receiver}/{control}``: a sender uses a control number once."""

    KIND = "interchange"
    STATE = InterchangeState

    class Received(Aggregate.Created):
        """``digest`` is of what it says, however separated and wrapped; ``payload`` names the bytes it was in."""

        TYPE = "interchange.received/1"
        sender: str
        receiver: str
        control: str
        digest: str
        size: int
        door: str
        charset: str | None
        reused_control: bool
        payload: str = ""

        def apply(self, interchange: Interchange) -> None:
            interchange.state = InterchangeState(self.digest)

    class Audited(Aggregate.Event):
        """The envelope was read.

        ``verdict``: A accepted, E accepted with errors noted, P in part, R rejected, or why nothing was done.
        """

        TYPE = "interchange.audited/1"
        partner: str | None
        test: bool
        verdict: str
        findings: tuple[Finding, ...]
        documents: tuple[str, ...]
        acknowledgment: str | None

        def apply(self, interchange: Interchange) -> None:
            interchange.state.read = True

    @staticmethod
    def stream(sender: str, receiver: str, control: str, digest: str = "") -> str:
        """A reused control number with other content becomes a stream of its own, told apart by the digest."""
        parts = [sender, receiver, control] + ([digest[:16]] if digest else [])
        return natural_id("interchange", *parts)

    @classmethod
    def receive(cls, stream: str, **facts: Any) -> Interchange:
        return cls.begin(cls.Received, stream, **facts)

    def audited(self, **facts: Any) -> None:
        """Silent when it was read before: the same bytes always read the same."""
        if not self.state.read:
            self.happened(self.Audited, **facts)
