"""EDI traffic as facts: interchanges in, the documents read from them, documents out, control numbers.

Raw bytes are kept beside the log before anything is parsed; the facts carry their SHA-256.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.aggregate import Aggregate, natural_id
from domain.refusal import Kind, Refusal

CONTROL_NUMBER_REUSED = Refusal(
    "edi.control_number_reused",
    "Interchange {control} from {sender} was received before with other content; it is kept for a person and"
    " has no effect. Ask the sender for a new control number.",
    Kind.CONFLICT,
)


@dataclass(frozen=True)
class Finding:
    """Something an interchange or a document has wrong, where and in words."""

    severity: str
    level: str
    code: str
    message: str
    segment: str = ""
    position: int = 0
    element: int = 0


@dataclass
class PayloadState:
    digest: str
    interchanges: tuple[str, ...] = ()


class Payload(Aggregate[PayloadState]):
    """Bytes as they came in through a door, kept before anything is parsed: ``edi-payload/{sha-256}``."""

    KIND = "edi-payload"
    STATE = PayloadState

    class Received(Aggregate.Created):
        TYPE = "edi.payload_received/1"
        digest: str
        size: int
        door: str
        charset: str | None

        def apply(self, payload: Payload) -> None:
            payload.state = PayloadState(self.digest)

    class Cut(Aggregate.Event):
        """What it holds: the interchanges found, or why none was."""

        TYPE = "edi.payload_cut/1"
        interchanges: tuple[str, ...]
        findings: tuple[Finding, ...]

        def apply(self, payload: Payload) -> None:
            payload.state.interchanges = self.interchanges

    @staticmethod
    def stream(digest: str) -> str:
        return natural_id("edi-payload", digest)

    @classmethod
    def receive(cls, digest: str, size: int, door: str, charset: str | None) -> Payload:
        return cls.begin(cls.Received, cls.stream(digest), digest=digest, size=size, door=door, charset=charset)


@dataclass
class InterchangeState:
    digest: str
    read: bool = False


class Interchange(Aggregate[InterchangeState]):
    """One interchange as it came in through a door: ``interchange/{sender}/{receiver}/{control}``."""

    KIND = "interchange"
    STATE = InterchangeState

    class Received(Aggregate.Created):
        TYPE = "interchange.received/1"
        sender: str
        receiver: str
        control: str
        digest: str
        size: int
        door: str
        charset: str | None
        reused_control: bool

        def apply(self, interchange: Interchange) -> None:
            interchange.state = InterchangeState(self.digest)

    class Audited(Aggregate.Event):
        """The envelope was read: who sent it, what it holds, what is wrong with it."""

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


@dataclass
class EdiDocumentState:
    kind: str
    partner: str | None
    outcome: str = "received"
    effect: str | None = None


class EdiDocument(Aggregate[EdiDocumentState]):
    """One transaction set read from an interchange: ``edi-document/{interchange parts}/{group}/{set}``.

    A document for another service is this fact; that service's policy reacts to it (decision 38).
    """

    KIND = "edi-document"
    STATE = EdiDocumentState

    class Received(Aggregate.Created):
        TYPE = "edi.document_received/1"
        interchange: str
        kind: str
        type: str
        version: str
        control: str
        partner: str | None
        company: str | None
        test: bool
        verdict: str
        document: dict[str, Any]
        findings: tuple[Finding, ...]

        def apply(self, document: EdiDocument) -> None:
            document.state = EdiDocumentState(self.kind, self.partner)

    class Accepted(Aggregate.Event):
        """It had its effect: ``effect`` is the stream it made or changed."""

        TYPE = "edi.document_accepted/1"
        effect: str
        remark: str

        def apply(self, document: EdiDocument) -> None:
            document.state.outcome = "accepted"
            document.state.effect = self.effect

    class Held(Aggregate.Event):
        """Kept for a person, without effect: why, as code and sentence."""

        TYPE = "edi.document_held/1"
        code: str
        reason: str

        def apply(self, document: EdiDocument) -> None:
            document.state.outcome = "held"

    @classmethod
    def receive(cls, stream: str, **facts: Any) -> EdiDocument:
        return cls.begin(cls.Received, stream, **facts)

    def accept(self, effect: str, remark: str = "") -> None:
        if self.state.outcome != "accepted":
            self.happened(self.Accepted, effect=effect, remark=remark)

    def hold(self, code: str, reason: str) -> None:
        if self.state.outcome != "held":
            self.happened(self.Held, code=code, reason=reason)


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

    def take(self) -> tuple[int, int]:
        """The next ISA13 and GS06."""
        self.happened(self.Taken, interchange=self.state.interchange + 1, group=self.state.group + 1)
        return self.state.interchange, self.state.group


@dataclass
class OutboundState:
    digest: str
    delivered: bool = False
    acknowledged: str | None = None


class OutboundDocument(Aggregate[OutboundState]):
    """A document we sent: ``edi-out/{company}/{partner}/{kind}/{about}``; three statuses told apart (edi.md 0.5)."""

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

        def apply(self, outbound: OutboundDocument) -> None:
            outbound.state = OutboundState(self.digest)

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
        if not self.state.delivered:
            self.happened(self.Delivered, at=at, channel=channel)

    def acknowledged(self, verdict: str, interchange: str) -> None:
        if self.state.acknowledged is None:
            self.happened(self.Acknowledged, verdict=verdict, interchange=interchange, findings=())
