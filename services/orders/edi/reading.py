"""The policy that reads a payload: who sent each interchange, what it holds, what our 997 says. It changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from domain.agreements import EdiProfile
from domain.company import Company
from domain.identifier import EDI, Identifier, edi_address
from domain.interchange import Finding, Payload, kept
from domain.recorded import RecordedEvent
from domain.trading_partner import TradingPartner
from domain.values import local_date
from services.command import Command
from services.edi import (
    GroupReport, Interchange, InterchangeReport, ReadingRules, Segment, SetReport, check, cut,
    functional_acknowledgment, message_maps,
)
from services.orders.edi.receiving import (
    UNKNOWN_PARTNER, UNKNOWN_RECEIVER, Found, Hold, ReadDocument, RecordCut, RecordInterchange, Reply,
)
from services.orders.edi.sending import Address, recorded
from services.reactions import Sight

LONGEST_QUALIFIER = 4
LONGEST_ADDRESS = 35
LONGEST_CONTROL = 14
SEPARATOR = "\x1d"


class Looks(Protocol):
    """Whoever can look at committed aggregates: a policy's sight, or the application for a door."""

    @property
    def look(self) -> Any: ...


@dataclass(frozen=True)
class Parties:
    """Who an interchange is from and to, as far as we know them."""

    partner: TradingPartner | None
    company: str | None
    profile: EdiProfile | None

    @property
    def rules(self) -> ReadingRules:
        """How the partner's documents are read; the codec's own rules where nothing is agreed."""
        if self.profile is None:
            return ReadingRules()
        return ReadingRules(self.profile.charset, self.profile.versions, self.profile.lenient_group_count)


def read_payload(recorded_event: RecordedEvent, sight: Sight) -> Sequence[Command]:
    """One command for each interchange in the payload, then one that says the payload is read through."""
    event = recorded_event.event
    assert isinstance(event, Payload.Received)
    raw = sight.store.attachment(event.digest)
    if raw is None:
        raise LookupError(f"the bytes of {event.originator_id} are not kept")
    parties = [_parties(sight, one, event.timestamp) for one in cut(raw, event.charset).interchanges]
    reports = _reports(raw, event.charset, parties)
    commands = [_record(event, report, who) for report, who in zip(reports.interchanges, parties, strict=False)]
    found = tuple(Found(one.sender, one.receiver, one.control, one.digest) for one in commands)
    return [*commands, RecordCut(payload=event.originator_id, interchanges=found, findings=reports.findings)]


@dataclass(frozen=True)
class _Reports:
    interchanges: list[InterchangeReport]
    findings: tuple[Finding, ...]


def _reports(raw: bytes, charset: str | None, parties: list[Parties]) -> _Reports:
    """Each interchange read by the rules of its own sender; a payload mostly has one sender and is read once."""
    by_rules = {who.rules: check(raw, _in_charset(who.rules, charset)) for who in parties}
    if not by_rules:
        report = check(raw, ReadingRules(charset))
        return _Reports(list(report.interchanges), recorded(report.findings))
    first = by_rules[parties[0].rules]
    chosen = []
    for index, who in enumerate(parties):
        own = by_rules[who.rules].interchanges
        chosen.append(own[index] if index < len(own) else first.interchanges[index])
    return _Reports(chosen, recorded(first.findings))


def rules_for(sight: Looks, raw: bytes, charset: str | None) -> ReadingRules:
    """How a payload is read, by its first sender's profile: for the dry run."""
    found = cut(raw, charset).interchanges
    rules = _parties(sight, found[0], datetime.now(UTC)).rules if found else ReadingRules()
    return _in_charset(rules, charset)


def _in_charset(rules: ReadingRules, charset: str | None) -> ReadingRules:
    """What the door was told goes before the profile."""
    return replace(rules, charset=charset) if charset else rules


def short(text: str, longest: int) -> str:
    """A part of an id as the standard would allow it: broken files put anything in these places."""
    return "".join(one if " " < one < "\x7f" else "?" for one in text.strip()[:longest])


def address_of(interchange: Interchange, side: str) -> Address:
    """The sender or the receiver in an envelope, with its code in the first group."""
    x12 = interchange.syntax == "x12"
    at = {"sender": ("05", "06", "02") if x12 else ("02-2", "02-1", "02"),
          "receiver": ("07", "08", "03") if x12 else ("03-2", "03-1", "03")}[side]
    qualifier = short(interchange.header.at(at[0]), LONGEST_QUALIFIER)
    group = interchange.groups[0].header if interchange.groups and x12 else None
    number = short(interchange.header.at(at[1]), LONGEST_ADDRESS)
    return Address(qualifier, number, short(group.at(at[2]), LONGEST_ADDRESS) if group else "")


def _parties(sight: Looks, interchange: Interchange, at: datetime) -> Parties:
    """By the addresses in the envelope; the company may be known to this partner under a special one."""
    sender, receiver = address_of(interchange, "sender"), address_of(interchange, "receiver")
    named = _named(sight, sender)
    partner = sight.look(TradingPartner, named) if named and named.startswith("partner/") else None
    profile = None
    if partner is not None and partner.state.edi_profiles:
        profile = partner.edi_profile_on(local_date(at, partner.state.zone))
    to = _named(sight, receiver)
    company = sight.look(Company, to) if to and to.startswith("company/") else None
    if company is not None:
        return Parties(partner, company.state.company, profile)
    special = profile is not None and profile.company_id == receiver.id
    return Parties(partner, partner.state.company if partner and special else None, profile)


def _named(sight: Looks, address: Address) -> str | None:
    identifier = sight.look(Identifier, Identifier.stream(EDI, edi_address(address.qualifier, address.id)))
    return None if identifier is None else identifier.state.to


def _record(event: Payload.Received, report: InterchangeReport, who: Parties) -> RecordInterchange:
    interchange = report.interchange
    sender, receiver = address_of(interchange, "sender"), address_of(interchange, "receiver")
    digest, size = content_digest(interchange)
    groups = [_judged(report, group) for group in report.groups]
    hold = _hold(interchange, who, sender, receiver)
    findings = kept([
        *_address_findings(who, sender, receiver),
        *recorded((*report.findings, *(finding for group in groups for finding in group.findings))),
    ])
    return RecordInterchange(
        payload=event.originator_id, sender=edi_address(sender.qualifier, sender.id),
        receiver=edi_address(receiver.qualifier, receiver.id), control=short(interchange.control, LONGEST_CONTROL),
        digest=digest, size=size, door=event.door, charset=event.charset,
        partner=who.partner.state.partner if who.partner else None, company=who.company, test=interchange.is_test,
        verdict=_verdict(report, groups, who), findings=findings, documents=tuple(_documents(report, groups)),
        reply=_reply(groups, sender, receiver), hold=hold,
    )


def _judged(report: InterchangeReport, group: GroupReport) -> GroupReport:
    """Nothing of a refused interchange may be acted upon, so none of it is acknowledged as accepted."""
    if report.accepted:
        return group
    return replace(group, verdict="R", sets=tuple(replace(one, verdict="R") for one in group.sets))


def _verdict(report: InterchangeReport, groups: list[GroupReport], who: Parties) -> str:
    if who.partner is None:
        return UNKNOWN_PARTNER
    if who.company is None:
        return UNKNOWN_RECEIVER
    verdicts = {group.verdict for group in groups}
    if not report.accepted or verdicts == {"R"}:
        return "R"
    if verdicts & {"R", "P"}:
        return "P"
    return "E" if "E" in verdicts else "A"


def _hold(interchange: Interchange, who: Parties, sender: Address, receiver: Address) -> Hold | None:
    if who.partner is None:
        named = edi_address(sender.qualifier, sender.id)
        return Hold("edi.unknown_partner", f"no partner has the EDI address {named}; agree it with one and try again")
    if who.company is None:
        named = edi_address(receiver.qualifier, receiver.id)
        return Hold("edi.unknown_receiver", f"no company of ours has the EDI address {named}; it may be for others")
    if interchange.is_test and not (who.profile and who.profile.in_test):
        return Hold(
            "edi.test_traffic", f"{who.partner.state.name} marked it as a test, and its profile is not in test"
        )
    return None


def _address_findings(who: Parties, sender: Address, receiver: Address) -> Iterator[Finding]:
    """TA1 note codes 006 and 008: an address that is nobody's."""
    if who.partner is None:
        yield Finding("error", "interchange", "006", f"the sender {sender.id} is unknown", "ISA", 0, "06", sender.id)
    if who.company is None:
        words = f"the receiver {receiver.id} is none of our companies"
        yield Finding("error", "interchange", "008", words, "ISA", 0, "08", receiver.id)


def _reply(groups: list[GroupReport], sender: Address, receiver: Address) -> Reply | None:
    """A set for each group but one of 997s; in the release of the first group."""
    answered = [(group, functional_acknowledgment(group)) for group in groups]
    documents = tuple(answer for _, answer in answered if answer is not None)
    if not documents:
        return None
    version = next(group.group.version for group, answer in answered if answer is not None)
    plain = version[:6] if version[:6].isdigit() and len(version) >= 6 else ""
    return Reply(receiver, sender, "005010" if plain >= "005010" else "004010", documents)


def _documents(report: InterchangeReport, groups: list[GroupReport]) -> Iterator[ReadDocument]:
    seen: dict[tuple[str, str], int] = {}
    for group in groups:
        control = short(group.group.control, LONGEST_CONTROL)
        for one in group.sets:
            key = (control, short(one.control, LONGEST_CONTROL))
            seen[key] = seen.get(key, 0) + 1
            yield _document(report, group, one, key, seen[key] - 1)


def _document(
    report: InterchangeReport, group: GroupReport, one: SetReport, key: tuple[str, str], repeat: int
) -> ReadDocument:
    message = message_maps().get(one.kind)
    rejected = one.verdict == "R" or group.verdict == "R"
    return ReadDocument(
        group=key[0], kind=message.document if message else short(one.kind, LONGEST_CONTROL) or "unknown",
        type=short(one.kind, LONGEST_CONTROL), version=short(group.group.version, LONGEST_CONTROL), control=key[1],
        verdict="R" if rejected else one.verdict, document=one.document or {}, findings=recorded(one.findings),
        rejected=_why(report, group, one) if rejected else "", repeat=repeat,
    )


def _why(report: InterchangeReport, group: GroupReport, one: SetReport) -> str:
    """The first error that explains the rejection, from the set up to the interchange."""
    for findings in (one.findings, group.findings, report.findings):
        for finding in findings:
            if finding.severity == "error":
                return finding.line()
    return "rejected with its group"


def content_digest(interchange: Interchange) -> tuple[str, int]:
    """``(digest, size)`` of what an interchange says, however it is separated and wrapped."""
    digest, size = hashlib.sha256(), 0
    for segment in _segments(interchange):
        text = SEPARATOR.join((segment.tag, *segment.elements)).encode("utf-8", "surrogatepass")
        digest.update(text + b"\x1c")
        size += len(text) + 1
    return digest.hexdigest(), size


def _segments(interchange: Interchange) -> Iterator[Segment]:
    yield interchange.header
    yield from interchange.acknowledgments
    yield from interchange.strays
    for group in interchange.groups:
        if group.header is not None:
            yield group.header
        yield from group.strays
        for one in group.sets:
            yield from one.segments
        if group.trailer is not None:
            yield group.trailer
    if interchange.trailer is not None:
        yield interchange.trailer
