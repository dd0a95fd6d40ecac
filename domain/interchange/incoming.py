"""One interchange as it came in: who sent it, what it holds, what is wrong with it, and how it was answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain.aggregate import Aggregate, natural_id
from domain.interchange.finding import Finding


@dataclass
class InterchangeState:
    """``replaced_by`` names the corrected one that came under the same control number after this was rejected."""

    digest: str
    read: bool = False
    verdict: str = ""
    replaced_by: str | None = None


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
            interchange.state.verdict = self.verdict

    class Replaced(Aggregate.Event):
        """It was rejected whole, and sent again corrected under the same control number."""

        TYPE = "interchange.replaced/1"
        by: str

        def apply(self, interchange: Interchange) -> None:
            interchange.state.replaced_by = self.by

    @staticmethod
    def stream(sender: str, receiver: str, control: str, digest: str = "") -> str:
        """A reused control number with other content becomes a stream of its own, told apart by the digest."""
        parts = [sender, receiver, control] + ([digest[:16]] if digest else [])
        return natural_id("interchange", *parts)

    @classmethod
    def receive(cls, stream: str, **facts: Any) -> Interchange:
        return cls.begin(cls.Received, stream, **facts)

    @property
    def may_be_replaced(self) -> bool:
        """Nothing of it was accepted, and nothing has come in its place: a damaged transfer is sent again."""
        return self.state.verdict == "R" and self.state.replaced_by is None

    def replaced(self, by: str) -> None:
        self.happened(self.Replaced, by=by)

    def audited(self, **facts: Any) -> None:
        """Silent when it was read before: the same bytes always read the same."""
        if not self.state.read:
            self.happened(self.Audited, **facts)
