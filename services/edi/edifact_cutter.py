"""Cutting one EDIFACT interchange into segments: UNA if there is one, release characters undone.

Standard: ISO 9735 (syntax versions 1 to 4).
"""

from __future__ import annotations

import re

from services.edi.findings import Finding, error
from services.edi.interchange import UNIT_SEPARATOR, Segment, Separators, spot
from services.edi.x12_cutter import LONGEST_ELEMENT, MOST_SEGMENTS

_USUAL = Separators(element="+", component=":", segment="'", release="?")
_BLANK = " \t\r\n"


def cut_edifact(text: str, start: int) -> tuple[Separators, list[Segment], list[Finding], int]:
    """Cut from the UNA or UNB at `start` to UNZ, to the next UNB, or to the end of the text; the last
    value is where reading should go on."""
    separators, at = _service_characters(text, start)
    one = _segment_text(separators)
    splitter = _Splitter(separators)
    findings: list[Finding] = []
    segments: list[Segment] = []
    size, seen = len(text), 0
    while at < size:
        matched = one.match(text, at)
        stop = matched.end() if matched else size
        body = text[at:stop]
        offset = at + len(body) - len(body.lstrip(_BLANK))
        body = body.strip(_BLANK)
        tag = body[:3]
        if segments and tag in ("UNA", "UNB") and not body[3:4].isalnum():
            return separators, segments, findings, offset
        at = min(stop + 1, size)
        if not body:
            continue
        seen += 1
        if seen == MOST_SEGMENTS + 1:
            findings.append(
                error(
                    "interchange",
                    "024",
                    f"there are more than {MOST_SEGMENTS} segments",
                    at=spot(offset),
                    hint="ask the partner to split the file",
                )
            )
        if seen <= MOST_SEGMENTS or tag == "UNZ":
            segments.append(splitter.segment(body, offset, findings))
        if tag == "UNZ":
            break
    return separators, segments, findings, at


def _segment_text(separators: Separators) -> re.Pattern[str]:
    """Anything up to a terminator that is not released."""
    release, terminator = re.escape(separators.release), re.escape(separators.segment)
    if not separators.release:
        return re.compile(rf"[^{terminator}]*")
    plain = rf"[^{release}{terminator}]*"
    return re.compile(rf"{plain}(?:{release}.{plain})*", re.DOTALL)


def _service_characters(text: str, start: int) -> tuple[Separators, int]:
    if not text.startswith("UNA", start):
        marks = (
            _USUAL
            if text[start + 3 : start + 4] == "+"
            else Separators(element=text[start + 3], component=":", segment="'", release="?")
        )
        return marks, start
    una = text[start + 3 : start + 9]
    return Separators(
        element=una[1],
        component=una[0],
        segment=una[5],
        decimal_mark=una[2],
        release="" if una[3] == " " else una[3],
    ), start + 9


class _Splitter:
    """Splits segment texts by one interchange's separators; most texts hold no release character."""

    def __init__(self, separators: Separators) -> None:
        self.separators = separators
        self.marked = (
            re.compile(
                rf"{re.escape(separators.release)}(.)|({re.escape(separators.element)})|"
                rf"({re.escape(separators.component)})",
                re.DOTALL,
            )
            if separators.release
            else None
        )

    def segment(self, body: str, offset: int, findings: list[Finding]) -> Segment:
        if "\n" in body or "\r" in body:
            body = body.replace("\r", "").replace("\n", "")
        element, component, release = (
            self.separators.element,
            self.separators.component,
            self.separators.release,
        )
        if self.marked is not None and release in body:
            body = self.marked.sub(_unreleased, body)
            tag, *elements = body.split("\x1d")
        else:
            tag, *elements = body.replace(component, UNIT_SEPARATOR).split(element)
        if any(len(value) > LONGEST_ELEMENT for value in elements):
            words = f"an element of {tag[:3]} has more than {LONGEST_ELEMENT} characters and was cut"
            findings.append(error("interchange", "024", words, at=spot(offset, tag)))
            elements = [value[:LONGEST_ELEMENT] for value in elements]
        return Segment(tag.split(UNIT_SEPARATOR)[0].strip(), tuple(elements), 0, offset, UNIT_SEPARATOR)


def _unreleased(match: re.Match[str]) -> str:
    released, element, _ = match.groups()
    if released is not None:
        return released
    return "\x1d" if element is not None else UNIT_SEPARATOR
