"""Bytes as they came in through a door, and the interchanges that were found in them."""

from __future__ import annotations

from dataclasses import dataclass

from domain.aggregate import Aggregate, natural_id
from domain.interchange.finding import Finding


@dataclass
class PayloadState:
    """``cut`` once it was read; ``interchanges`` and ``findings`` say what it holds and what is wrong with it."""

    digest: str
    size: int
    charset: str | None
    cut: bool = False
    interchanges: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


class Payload(Aggregate[PayloadState]):
    """Kept before anything is parsed: ``edi-payload/{sha-256}``. The same bytes are the same payload."""

    KIND = "edi-payload"
    STATE = PayloadState

    class Received(Aggregate.Created):
        TYPE = "edi.payload_received/1"
        digest: str
        size: int
        door: str
        charset: str | None

        def apply(self, payload: Payload) -> None:
            payload.state = PayloadState(self.digest, self.size, self.charset)

    class Cut(Aggregate.Event):
        """What it holds: the interchanges found, or why none was."""

        TYPE = "edi.payload_cut/1"
        interchanges: tuple[str, ...]
        findings: tuple[Finding, ...]

        def apply(self, payload: Payload) -> None:
            payload.state.cut = True
            payload.state.interchanges = self.interchanges
            payload.state.findings = self.findings

    @staticmethod
    def stream(digest: str) -> str:
        return natural_id("edi-payload", digest)

    @classmethod
    def receive(cls, digest: str, size: int, door: str, charset: str | None) -> Payload:
        return cls.begin(cls.Received, cls.stream(digest), digest=digest, size=size, door=door, charset=charset)

    def cut(self, interchanges: tuple[str, ...], findings: tuple[Finding, ...]) -> None:
        """Silent when it was cut before: the same bytes hold the same."""
        if not self.state.cut:
            self.happened(self.Cut, interchanges=interchanges, findings=findings)
