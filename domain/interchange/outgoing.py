"""Documents we send, and the control numbers that are taken for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.aggregate import Aggregate, natural_id
from domain.interchange.finding import Finding
from domain.refusal import Kind, Refusal

NOT_SENDABLE = Refusal(
    "edi.not_sendable",
    "Document {document} could not be written: {reason}. Nothing was sent, so nothing can be delivered.",
    Kind.CONFLICT,
)
ACKNOWLEDGED_OTHERWISE = Refusal(
    "edi.acknowledged_otherwise",
    "Document {document} was acknowledged with {verdict} before; interchange {interchange} says {asked}. Ask the"
    " partner which one holds.",
    Kind.CONFLICT,
)


@dataclass
class ControlNumbersState:
    interchange: int = 0
    group: int = 0


class ControlNumbers(Aggregate[ControlNumbersState]):
    """Gapless control numbers to one partner, taken inside the append: ``edi-control/{company}/{partner}``."""

    KIND = "edi-control"
    STATE = ControlNumbersState

    class Opened(Aggregate.Created):
        TYPE = "edi.control_numbers_opened/1"
        company: str
        partner: str

        def apply(self, numbers: ControlNumbers) -> None:
            numbers.state = ControlNumbersState()

    class Taken(Aggregate.Event):
        TYPE = "edi.control_numbers_taken/1"
        interchange: int
        group: int

        def apply(self, numbers: ControlNumbers) -> None:
            numbers.state.interchange = self.interchange
            numbers.state.group = self.group

    @staticmethod
    def stream(company: str, partner: str) -> str:
        return natural_id("edi-control", company, partner)

    @classmethod
    def open(cls, company: str, partner: str) -> ControlNumbers:
        return cls.begin(cls.Opened, cls.stream(company, partner), company=company, partner=partner)

    def next(self) -> tuple[int, int]:
        """The ISA13 and GS06 that ``take`` will give; after 999,999,999 the standard's nine digits begin anew."""
        return self.state.interchange % 999_999_999 + 1, self.state.group % 999_999_999 + 1

    def take(self) -> tuple[int, int]:
        """The next ISA13 and GS06."""
        interchange, group = self.next()
        self.happened(self.Taken, interchange=interchange, group=group)
        return interchange, group


@dataclass
class OutboundState:
    digest: str
    delivered: bool = False
    acknowledged: str | None = None
    sendable: bool = True


class OutboundDocument(Aggregate[OutboundState]):
    """A document we sent: ``edi-out/{company}/{partner}/{kind}/{about}``; three statuses told apart (edi.md 0.5).

    One that the standard cannot carry is kept with its findings and without control numbers: not ``sendable``.
    """

    KIND = "edi-out"
    STATE = OutboundState

    class Written(Aggregate.Created):
        TYPE = "edi.document_written/1"
        company: str
        partner: str
        kind: str
        about: str
        control: int
        group_control: int
        test: bool
        digest: str
        document: dict[str, Any]
        findings: tuple[Finding, ...] = ()
        sendable: bool = True

        def apply(self, outbound: OutboundDocument) -> None:
            outbound.state = OutboundState(self.digest, sendable=self.sendable)

    class Delivered(Aggregate.Event):
        TYPE = "edi.document_delivered/1"
        at: datetime
        channel: str

        def apply(self, outbound: OutboundDocument) -> None:
            outbound.state.delivered = True

    class Acknowledged(Aggregate.Event):
        TYPE = "edi.document_acknowledged/1"
        verdict: str
        interchange: str
        findings: tuple[Finding, ...] = field(default=())

        def apply(self, outbound: OutboundDocument) -> None:
            outbound.state.acknowledged = self.verdict

    @staticmethod
    def stream(company: str, partner: str, kind: str, about: str) -> str:
        return natural_id("edi-out", company, partner, kind, about)

    @classmethod
    def write(cls, stream: str, **facts: Any) -> OutboundDocument:
        return cls.begin(cls.Written, stream, **facts)

    def delivered(self, at: datetime, channel: str) -> None:
        """The partner's system has it; said before is silent."""
        if not self.state.sendable:
            raise NOT_SENDABLE(document=self.id, reason="see its findings")
        if not self.state.delivered:
            self.happened(self.Delivered, at=at, channel=channel)

    def acknowledged(self, verdict: str, interchange: str, findings: Sequence[Finding] = ()) -> None:
        """The partner's 997; the same verdict again is silent, another one is refused."""
        known = self.state.acknowledged
        if known is None:
            self.happened(self.Acknowledged, verdict=verdict, interchange=interchange, findings=tuple(findings))
        elif known != verdict:
            raise ACKNOWLEDGED_OTHERWISE(document=self.id, verdict=known, interchange=interchange, asked=verdict)
