"""Writing a whole interchange: envelopes, control numbers, counts and separators around written sets.

X12 has no release character: a text that holds a separator cannot be sent as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.edi.dictionary import dictionary
from services.edi.findings import Finding, error, shown, warning
from services.edi.interchange import Segment, Separators
from services.edi.message_map import map_for_document
from services.edi.writing import Element, WrittenSegment, WrittenSet, write_set

USUAL_SEPARATORS = Separators(element="*", component=">", segment="~", repetition="^")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends to whom, and how. Control numbers and the time are given: nothing here counts or looks at
    a clock. The group's ids are those of the interchange where they are not given. `new_line` follows
    every terminator, for people who read files."""

    sender_qualifier: str
    sender: str
    receiver_qualifier: str
    receiver: str
    interchange_control: int
    group_control: int
    set_control: int
    at: datetime
    usage: str = "P"
    version: str = "004010"
    group_sender: str = ""
    group_receiver: str = ""
    separators: Separators = USUAL_SEPARATORS
    new_line: str = ""
    charset: str = "utf-8"
    wants_acknowledgment: bool = False


@dataclass(frozen=True, slots=True)
class Sending:
    """An interchange ready to be sent, unless a finding is an error: then it must not leave."""

    raw: bytes
    findings: tuple[Finding, ...]
    set_controls: tuple[str, ...]

    @property
    def may_leave(self) -> bool:
        return not any(finding.severity == "error" for finding in self.findings)


@dataclass(slots=True)
class _Text:
    """The growing text of an interchange."""

    envelope: Envelope
    lines: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def add(self, tag: str, *elements: Element, position: int = 0) -> None:
        marks = self.envelope.separators
        texts = [self._element(tag, number, element, position) for number, element in enumerate(elements, 1)]
        while texts and not texts[-1]:
            texts.pop()
        self.lines.append(marks.element.join([tag, *texts]))

    def _element(self, tag: str, number: int, element: Element, position: int) -> str:
        if isinstance(element, str):
            return self._clean(tag, number, element, position)
        parts = [self._clean(tag, number, part, position) for part in element]
        while parts and not parts[-1]:
            parts.pop()
        return self.envelope.separators.component.join(parts)

    def _clean(self, tag: str, number: int, text: str, position: int) -> str:
        marks = self.envelope.separators
        forbidden = {marks.element, marks.segment, marks.component, _repetition(self.envelope), *"\r\n"} - {
            ""
        }
        clean = "".join(" " if character in forbidden else character for character in text)
        if clean != text:
            rule = dictionary("x12", self.envelope.version).rule(tag, f"{number:02d}")
            report = warning if rule and rule.is_free_text else error
            words = f"{tag}{number:02d} '{shown(text)}' holds a separator, which became a blank"
            place = Segment(tag, (), position, 0)
            self.findings.append(report("element", "6", words, at=place, element=f"{number:02d}", value=text))
        return clean.rstrip(" ")


def write_interchange(documents: Sequence[Mapping[str, Any]], envelope: Envelope) -> Sending:
    """Write canonical documents into one interchange, one group for each functional code in the order in
    which they come. A document that no map writes is an error among the findings; only a document that
    is not of the canonical shape at all (a text where a list belongs) raises."""
    text = _Text(envelope)
    written: list[WrittenSet] = []
    for document in documents:
        kind = str(document.get("document"))
        message = map_for_document(kind)
        if message is None:
            words = f"documents of kind {kind} are not written here"
            text.findings.append(error("set", "1", words, value=kind))
            continue
        written.append(write_set(document, message, envelope.version))
    text.findings += _unfit(envelope)
    codes = list(dict.fromkeys(one.message.functional_code for one in written))
    _isa(text, envelope)
    controls: list[str] = []
    for index, code in enumerate(codes):
        sets = [one for one in written if one.message.functional_code == code]
        controls += _group(text, envelope, envelope.group_control + index, code, sets, before=len(controls))
    text.add("IEA", str(len(codes)), f"{envelope.interchange_control:09d}")
    return Sending(_encoded(text), tuple(text.findings), tuple(controls))


def _isa(text: _Text, envelope: Envelope) -> None:
    """ISA is 106 characters: its elements are padded, and its sixteenth is the component separator."""
    marks = envelope.separators
    release = envelope.version[:6]
    interchange_version = release[:5] if len(release) == 6 else "00401"
    repetition = _repetition(envelope) or "U"
    elements = (
        "00",
        " " * 10,
        "00",
        " " * 10,
        envelope.sender_qualifier.ljust(2),
        envelope.sender.ljust(15)[:15],
        envelope.receiver_qualifier.ljust(2),
        envelope.receiver.ljust(15)[:15],
        f"{envelope.at:%y%m%d}",
        f"{envelope.at:%H%M}",
        repetition,
        interchange_version,
        f"{envelope.interchange_control:09d}",
        "1" if envelope.wants_acknowledgment else "0",
        envelope.usage,
        marks.component,
    )
    text.lines.append(marks.element.join(("ISA", *elements)))


def _repetition(envelope: Envelope) -> str:
    """The repetition separator exists from release 00402 on."""
    return envelope.separators.repetition if envelope.version >= "00402" else ""


def _group(
    text: _Text, envelope: Envelope, control: int, code: str, sets: list[WrittenSet], *, before: int
) -> list[str]:
    sender, receiver = envelope.group_sender or envelope.sender, envelope.group_receiver or envelope.receiver
    text.add(
        "GS",
        code,
        sender,
        receiver,
        f"{envelope.at:%Y%m%d}",
        f"{envelope.at:%H%M}",
        str(control),
        "X",
        envelope.version,
    )
    controls: list[str] = []
    for number, one in enumerate(sets):
        set_control = f"{envelope.set_control + before + number:04d}"
        controls.append(set_control)
        text.add("ST", one.message.message, set_control)
        for position, segment in enumerate(one.segments, 2):
            _body(text, segment, position)
        text.add("SE", str(len(one.segments) + 2), set_control)
        text.findings += one.findings
    text.add("GE", str(len(sets)), str(control))
    return controls


def _body(text: _Text, segment: WrittenSegment, position: int) -> None:
    text.add(segment.tag, *segment.elements, position=position)


def _unfit(envelope: Envelope) -> list[Finding]:
    """What the envelope itself cannot carry."""
    findings = []
    for words, text, longest in (
        ("the sender", envelope.sender, 15),
        ("the receiver", envelope.receiver, 15),
        ("the interchange control number", str(envelope.interchange_control), 9),
        ("the group control number", str(envelope.group_control), 9),
        ("the set control number", str(envelope.set_control), 9),
    ):
        if not text.strip() or len(text) > longest:
            findings.append(
                error("interchange", "", f"{words} {text!r} must have 1 to {longest} characters", value=text)
            )
    marks = envelope.separators
    used = [mark for mark in (marks.element, marks.component, marks.segment, marks.repetition) if mark]
    if any(len(mark) != 1 or mark.isalnum() for mark in used):
        words = "a separator must be one character and no letter or digit"
        findings.append(error("interchange", "", words, value=" ".join(used)))
    if envelope.usage not in ("P", "T", "I"):
        words = "the usage indicator must be P for production or T for test"
        findings.append(error("interchange", "", words, value=envelope.usage))
    if len(set(used)) < len(used):
        words = "two separators are the same character"
        findings.append(error("interchange", "", words, value="".join(used)))
    return findings


def _encoded(text: _Text) -> bytes:
    envelope = text.envelope
    end = envelope.separators.segment + envelope.new_line
    whole = "".join(line + end for line in text.lines)
    try:
        return whole.encode(envelope.charset)
    except UnicodeEncodeError as problem:
        words = f"some characters do not exist in {envelope.charset} and became question marks"
        text.findings.append(warning("interchange", "", words, value=whole[problem.start : problem.end]))
        return whole.encode(envelope.charset, errors="replace")
