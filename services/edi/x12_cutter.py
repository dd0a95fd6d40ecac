"""Cutting one X12 interchange into segments, by the separators its own ISA declares.

Real senders leave ISA unpadded, forget ISA16, wrap lines and end segments with newlines: all are read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.edi.findings import Finding, error, warning
from services.edi.interchange import Segment, Separators, spot

MOST_SEGMENTS = 100_000
LONGEST_ELEMENT = 100_000
ISA_LENGTH = 106
_FIXED_SEPARATORS = (3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103)
_FARTHEST_GS = 600
_BLANK = " \t\r\n"


@dataclass(frozen=True, slots=True)
class _Header:
    separators: Separators
    elements: tuple[str, ...]
    end: int
    findings: list[Finding]


def cut_x12(text: str, start: int) -> tuple[Separators | None, list[Segment], list[Finding], int]:
    """Cut from the ISA at `start` to its IEA, to the next ISA, or to the end of the text; the last value
    is where reading should go on. Without usable separators the first value is None."""
    header = _header(text, start)
    if header is None:
        problem = error(
            "interchange",
            "022",
            "the ISA header is cut off or its separators cannot be told",
            at=spot(start, "ISA"),
            value=text[start : start + 40],
        )
        return None, [], [problem], start + 3
    findings = header.findings
    isa = Segment("ISA", header.elements, 0, start, header.separators.component)
    segments, end = _segments(text, header, findings)
    return header.separators, [isa, *segments], findings, end


def _header(text: str, start: int) -> _Header | None:
    mark = text[start + 3]
    if all(text[start + at : start + at + 1] == mark for at in _FIXED_SEPARATORS) and len(text) > start + 105:
        at_16 = start + 104
        findings: list[Finding] = []
    else:
        at_16 = _after_sixteen(text, start, mark)
        if at_16 < 0:
            return None
        findings = [
            warning(
                "interchange",
                "022",
                "ISA is not 106 characters long; it was read by its separators",
                at=spot(start, "ISA"),
                hint="ISA elements should be padded with blanks",
            )
        ]
    tail = _component_and_terminator(text, at_16, mark)
    if tail is None:
        return None
    component, terminator, end = tail
    if not component:
        words = "ISA16 is missing; the terminator was taken from the GS line"
        findings.append(warning("interchange", "027", words, at=spot(at_16, "ISA"), element="16"))
    elements = tuple(text[start + 4 : at_16 - 1].split(mark)) + ((component,) if component else ())
    separators = Separators(mark, component, terminator, _repetition(elements))
    return _Header(separators, elements, end, findings)


def _after_sixteen(text: str, start: int, mark: str) -> int:
    at = start
    for _ in range(16):
        at = text.find(mark, at + 1, start + _FARTHEST_GS)
        if at < 0:
            return -1
    return at + 1


def _component_and_terminator(text: str, at_16: int, mark: str) -> tuple[str, str, int] | None:
    """ISA16 and the terminator stand between the sixteenth separator and the next segment's tag."""
    next_segment = re.compile(rf"[ \t\r\n]*(?:GS|TA1|IEA|ISB){re.escape(mark)}")
    following = next_segment.search(text, at_16, at_16 + _FARTHEST_GS)
    between = text[at_16 : min(following.start(), at_16 + 2) if following else at_16 + 2]
    first, second = between[:1], between[1:2]
    if not first:
        newline = text[at_16 : at_16 + 1]
        return ("", "\n", at_16 + 1) if newline in ("\r", "\n") else None
    if second and not second.isalnum():
        return first, _newline_or(second), at_16 + 2
    return _one_character_before_gs(text, at_16, first, following)


def _one_character_before_gs(
    text: str, at_16: int, first: str, following: re.Match[str] | None
) -> tuple[str, str, int] | None:
    """`>` and a newline, or a terminator alone because ISA16 is missing: the GS line tells which."""
    newline = text[at_16 + 1 : at_16 + 2]
    if following is None:
        return None
    line_end = text.find("\n", following.end())
    gs_line = text[following.end() : line_end if line_end >= 0 else len(text)].rstrip(_BLANK)
    if newline in ("\r", "\n") and not gs_line.endswith(first):
        return first, "\n", at_16 + 2
    return ("", first, at_16 + 1) if not first.isalnum() else None


def _newline_or(terminator: str) -> str:
    return "\n" if terminator == "\r" else terminator


def _repetition(elements: tuple[str, ...]) -> str:
    """ISA11 separates repetitions only from 00402 on, and only if it is not a letter or digit."""
    if len(elements) > 11 and elements[11].isdigit() and int(elements[11]) >= 402 and len(elements[10]) == 1:
        return "" if elements[10].isalnum() else elements[10]
    return ""


def _segments(text: str, header: _Header, findings: list[Finding]) -> tuple[list[Segment], int]:
    mark, terminator = header.separators.element, header.separators.segment
    by_line = terminator != "\n" and text[header.end : header.end + 2].lstrip("\r")[:1] == "\n"
    segments: list[Segment] = []
    at, size, seen = header.end, len(text), 0
    while at < size:
        end = text.find(terminator, at)
        stop = size if end < 0 else end
        piece = text[at:stop]
        body = piece.lstrip(_BLANK)
        offset = at + len(piece) - len(body)
        if body.startswith("ISA") and len(body) > 3 and not body[3].isalnum():
            return segments, offset
        is_last = body.startswith("IEA" + mark)
        if is_last and end < 0:
            # An IEA without terminator ends with its line; what follows is junk and is reported as such.
            body = re.split(r"[\r\n]", body, maxsplit=1)[0]
            stop = offset + len(body)
        at = stop + (len(terminator) if end >= 0 else 0)
        for one, offset_of_one in _unwrapped(body.rstrip("\r\n"), offset, mark, by_line, findings):
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
            if seen <= MOST_SEGMENTS or is_last:
                segments.append(_segment(one, offset_of_one, header.separators, findings))
        if is_last or end < 0:
            return segments, at
    return segments, size


def _unwrapped(
    body: str, offset: int, mark: str, by_line: bool, findings: list[Finding]
) -> list[tuple[str, int]]:
    """Lines inside a segment are joined, unless the file has one segment a line and the next line begins
    like one: then a terminator was forgotten, and joining would lose a segment."""
    if not body:
        return []
    if "\n" not in body and "\r" not in body:
        return [(body, offset)]
    if not by_line:
        return [(body.replace("\r", "").replace("\n", ""), offset)]
    pieces: list[tuple[list[str], int]] = []
    at = offset
    looks_like_segment = re.compile(rf"[ \t]*[A-Z][A-Z0-9]{{1,2}}{re.escape(mark)}")
    for line in body.split("\n"):
        clean = line.replace("\r", "")
        if pieces and looks_like_segment.match(clean):
            words = f"the terminator before {clean.strip()[:3]} is missing; the line break was taken for it"
            findings.append(warning("interchange", "", words, at=spot(at), value=clean))
            pieces.append(([clean.strip()], at))
        elif pieces:
            pieces[-1][0].append(clean)
        elif clean:
            pieces.append(([clean], at))
        at += len(line) + 1
    return [("".join(lines), start) for lines, start in pieces]


def _segment(body: str, offset: int, separators: Separators, findings: list[Finding]) -> Segment:
    tag, *elements = body.split(separators.element)
    if len(body) > LONGEST_ELEMENT and any(len(element) > LONGEST_ELEMENT for element in elements):
        words = f"an element of {tag[:3]} has more than {LONGEST_ELEMENT} characters and was cut"
        findings.append(error("interchange", "024", words, at=spot(offset, tag)))
        elements = [element[:LONGEST_ELEMENT] for element in elements]
    return Segment(tag.strip(), tuple(elements), 0, offset, separators.component)
