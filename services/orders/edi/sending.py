"""Writing what we have to say: control numbers, bytes and the fact, all in the transaction of the command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from domain.agreements import EdiProfile
from domain.company import Company
from domain.identifier import Identifier
from domain.interchange import ControlNumbers, Finding, OutboundDocument, kept
from services import edi
from services.edi import Envelope, Sending, Separators, write_interchange
from services.event_log.work import Work

PLAIN_RELEASE = "004010"
ACKNOWLEDGMENT = "997"


@dataclass(frozen=True)
class Address:
    """An interchange address, with the group's own code where it is another."""

    qualifier: str
    id: str
    group: str = ""


@dataclass(frozen=True)
class Letter:
    """Documents of one kind about one thing, to one partner; the addresses are the profile's unless given."""

    company: str
    partner: str
    kind: str
    about: str
    documents: tuple[dict[str, Any], ...]
    profile: EdiProfile
    sender: Address | None = None
    receiver: Address | None = None
    version: str = ""
    test: bool = False


def group_scheme(company: str, partner: str) -> str:
    """Under which the group control numbers we sent name our documents: a 997 names nothing else."""
    return f"edi-group:{company}:{partner}"


def send(work: Work, letter: Letter) -> OutboundDocument:
    """One document for one (kind, about): again is silent. What cannot be written keeps no control number."""
    stream = OutboundDocument.stream(letter.company, letter.partner, letter.kind, letter.about)
    known = work.find(OutboundDocument, stream)
    if known is not None:
        return known
    numbers = _numbers(work, letter)
    control, group = numbers.next()
    sending = write_interchange(letter.documents, _envelope(work, letter, control, group))
    if sending.may_leave:
        numbers.take()
    else:
        control = group = 0
    outbound = work.add(_written(letter, stream, control, group, work.attach(sending.raw), sending))
    if sending.may_leave and letter.kind != ACKNOWLEDGMENT:
        work.add(Identifier.assign(group_scheme(letter.company, letter.partner), str(group), stream))
    return outbound


def _numbers(work: Work, letter: Letter) -> ControlNumbers:
    known = work.find(ControlNumbers, ControlNumbers.stream(letter.company, letter.partner))
    return known or work.add(ControlNumbers.open(letter.company, letter.partner))


def _written(
    letter: Letter, stream: str, control: int, group: int, digest: str, sending: Sending
) -> OutboundDocument:
    one = letter.documents[0] if len(letter.documents) == 1 else {"documents": list(letter.documents)}
    return OutboundDocument.write(
        stream, company=letter.company, partner=letter.partner, kind=letter.kind, about=letter.about, control=control,
        group_control=group, test=letter.test, digest=digest, document=one, findings=recorded(sending.findings),
        sendable=sending.may_leave,
    )


def _envelope(work: Work, letter: Letter, control: int, group: int) -> Envelope:
    """Times in an envelope are the sender's own."""
    company = work.get(Company, Company.stream(letter.company)).state
    profile = letter.profile
    sender = letter.sender or our_address(company, profile)
    receiver = letter.receiver or Address(profile.interchange_qualifier, profile.interchange_id)
    return Envelope(
        sender_qualifier=sender.qualifier, sender=sender.id, receiver_qualifier=receiver.qualifier,
        receiver=receiver.id, interchange_control=control, group_control=group, set_control=1,
        at=work.context.at.astimezone(ZoneInfo(company.zone)), usage="T" if letter.test else "P",
        version=letter.version or release_out(profile) or PLAIN_RELEASE, group_sender=sender.group,
        group_receiver=receiver.group, new_line="\r\n" if profile.newline else "", charset=profile.charset or "utf-8",
        separators=Separators(
            profile.element_separator, profile.component_separator, profile.segment_terminator,
            profile.repetition_separator,
        ),
    )


def our_address(company: Any, profile: EdiProfile) -> Address:
    """Ours as this partner knows it."""
    return Address(profile.company_id_qualifier or company.edi_qualifier, profile.company_id or company.edi_id)


def release_out(profile: EdiProfile) -> str:
    """The first X12 release that the partner takes; empty when it takes none."""
    return next((version for version in profile.versions if version[:1].isdigit()), "")


def recorded(findings: tuple[edi.Finding, ...]) -> tuple[Finding, ...]:
    """The codec's findings as facts keep them."""
    return kept([
        Finding(
            one.severity, one.level, one.code, one.message, one.segment, one.position or 0, one.element, one.value,
            one.hint,
        )
        for one in findings
    ])
