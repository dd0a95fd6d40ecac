"""The commands that keep what came in: the bytes first, then each interchange read from them with its answer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, ClassVar

from domain.interchange import EdiDocument, Finding, Interchange, Payload
from domain.trading_partner import TradingPartner
from domain.values import local_date
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Code
from services.http import href
from services.orders.edi.addresses import EdiStream
from services.orders.edi.sending import Address, Letter, send

PAYLOAD_LIMIT = 50_000_000
REUSED = "reused control number"
UNKNOWN_PARTNER = "unknown partner"
UNKNOWN_RECEIVER = "unknown receiver"


class ReceivePayload(Command):
    """Keep these bytes before anything is parsed. The same bytes again are the same payload."""

    NAME: ClassVar[str] = "edi.receive_payload"
    content: bytes
    door: Code
    charset: Code | None = None

    def streams(self) -> tuple[str, ...]:
        return (Payload.stream(hashlib.sha256(self.content).hexdigest()),)


@dataclass(frozen=True)
class ReadDocument:
    """One transaction set as it was read. ``repeat`` counts sets of one group with the same control number."""

    group: str
    kind: str
    type: str
    version: str
    control: str
    verdict: str
    document: dict[str, Any]
    findings: tuple[Finding, ...]
    rejected: str = ""  # why it was, in a sentence
    repeat: int = 0


@dataclass(frozen=True)
class Reply:
    """The 997 to one interchange, a set for each group, addressed as the interchange was, the other way round."""

    sender: Address
    receiver: Address
    version: str
    documents: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Hold:
    """Why nothing of an interchange may have an effect yet."""

    code: str
    reason: str


class RecordInterchange(Command):
    """An interchange as it was read: its documents, what is wrong, and our 997 in the same transaction."""

    NAME: ClassVar[str] = "edi.record_interchange"
    payload: EdiStream
    sender: str
    receiver: str
    control: str
    digest: str
    size: int
    door: str
    charset: str | None
    partner: str | None
    company: str | None
    test: bool
    verdict: str
    findings: tuple[Finding, ...]
    documents: tuple[ReadDocument, ...]
    reply: Reply | None
    hold: Hold | None

    def streams(self) -> tuple[str, ...]:
        return (Interchange.stream(self.sender, self.receiver, self.control),)


@dataclass(frozen=True)
class Found:
    """An interchange found in a payload, by its natural key and the digest of what it says."""

    sender: str
    receiver: str
    control: str
    digest: str


class RecordCut(Command):
    """The payload is read through: what was found in it, or why nothing was."""

    NAME: ClassVar[str] = "edi.record_cut"
    payload: EdiStream
    interchanges: tuple[Found, ...]
    findings: tuple[Finding, ...]


def receive_payload(work: Work, command: ReceivePayload) -> Answer:
    digest = work.attach(command.content)
    payload = work.find(Payload, Payload.stream(digest))
    if payload is None:
        payload = work.add(Payload.receive(digest, len(command.content), command.door, command.charset))
    body = {
        "payload": payload.id, "href": href("edi/payloads", payload.id), "status": "received",
        "size": payload.state.size, "digest": digest,
    }
    return Answer(202, body)


def record_interchange(work: Work, command: RecordInterchange) -> Answer:
    """A control number is used once: the same content again is silent, other content is kept without effect, except
    in place of one that was rejected whole: a damaged transfer is sent again under its number."""
    stream = Interchange.stream(command.sender, command.receiver, command.control)
    first = work.find(Interchange, stream)
    if first is not None and first.state.digest != command.digest:
        stream = Interchange.stream(command.sender, command.receiver, command.control, command.digest)
    known = work.find(Interchange, stream)
    if known is not None:
        return Answer(200, {"interchange": known.id})
    names = ("sender", "receiver", "control", "digest", "size", "door", "charset", "payload")
    facts = {name: getattr(command, name) for name in names}
    reused = first is not None and not first.may_be_replaced
    if first is not None and not reused:
        first.replaced(stream)
    interchange = work.add(Interchange.receive(stream, reused_control=reused, **facts))
    if reused:
        interchange.audited(
            partner=command.partner, test=command.test, verdict=REUSED, documents=(), acknowledgment=None,
            findings=(_reused(command), *command.findings),
        )
        return Answer(200, {"interchange": interchange.id})
    which = "" if first is None else command.digest[:16]
    documents = tuple(_receive(work, command, stream, read, which) for read in command.documents)
    interchange.audited(
        partner=command.partner, test=command.test, verdict=command.verdict, findings=command.findings,
        documents=documents, acknowledgment=_acknowledge(work, command, stream),
    )
    return Answer(200, {"interchange": interchange.id})


def _reused(command: RecordInterchange) -> Finding:
    words = (
        f"the control number {command.control} of {command.sender} was used before with other content; this one is"
        " kept and has no effect"
    )
    hint = "ask the sender for a new control number"
    return Finding("error", "interchange", "025", words, "ISA", 0, "13", command.control, hint)


def _receive(work: Work, command: RecordInterchange, interchange: str, read: ReadDocument, which: str) -> str:
    """``which`` tells the documents of a corrected interchange from those of the rejected one."""
    controls = [command.sender, command.receiver, command.control, read.group, read.control]
    more = [which] if which else []
    stream = EdiDocument.stream(*controls, *more, *([str(read.repeat)] if read.repeat else []))
    effective = not read.rejected and command.hold is None
    document = EdiDocument.receive(
        stream, interchange=interchange, kind=read.kind, type=read.type, version=read.version, control=read.control,
        partner=command.partner, company=command.company, test=command.test, verdict=read.verdict,
        document=read.document, findings=read.findings, effective=effective,
    )
    if read.rejected:
        document.refuse("edi.rejected", read.rejected)
    elif command.hold is not None:
        document.hold(command.hold.code, command.hold.reason)
    return work.add(document).id


def _acknowledge(work: Work, command: RecordInterchange, interchange: str) -> str | None:
    reply = command.reply
    if reply is None or command.partner is None or command.company is None:
        return None
    partner = work.get(TradingPartner, TradingPartner.stream(command.partner))
    letter = Letter(
        company=command.company, partner=command.partner, kind="997", about=interchange, documents=reply.documents,
        profile=partner.edi_profile_on(local_date(work.context.at, partner.state.zone)), sender=reply.sender,
        receiver=reply.receiver, version=reply.version, test=command.test,
    )
    return send(work, letter).id


def record_cut(work: Work, command: RecordCut) -> Answer:
    """Naming each interchange by the stream it was recorded under."""
    payload = work.get(Payload, command.payload)
    payload.cut(tuple(dict.fromkeys(_recorded(work, found) for found in command.interchanges)), command.findings)
    return Answer(200, {"payload": payload.id, "interchanges": payload.state.interchanges})


def _recorded(work: Work, found: Found) -> str:
    stream = Interchange.stream(found.sender, found.receiver, found.control)
    first = work.find(Interchange, stream)
    if first is None or first.state.digest == found.digest:
        return stream
    return Interchange.stream(found.sender, found.receiver, found.control, found.digest)


HANDLERS: dict[type[Command], Any] = {
    ReceivePayload: receive_payload,
    RecordInterchange: record_interchange,
    RecordCut: record_cut,
}
