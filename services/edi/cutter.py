"""Cutting a payload: bytes in, interchanges with their groups, sets and segments out. Never raises.

Standards: X12.5 and X12.6 (ISA, GS, ST), ISO 9735 (UNA, UNB, UNG, UNH).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.edi.assembly import assembled
from services.edi.charset import decode
from services.edi.edifact_cutter import cut_edifact
from services.edi.findings import Finding, error, warning
from services.edi.interchange import Interchange, Payload, Segment, Separators, spot
from services.edi.x12_cutter import cut_x12

MOST_INTERCHANGES = 10_000

# ISA and its own separator around ISA01, or UNA before UNB, or UNB before a syntax identifier.
_HEADER = re.compile(
    r"(?<![A-Za-z0-9])ISA(?P<x12>[^A-Za-z0-9 \r\n]).{0,10}?(?P=x12)"
    r"|UNA.{6}\s*UNB|UNB[^A-Za-z0-9\s][A-Z]{3}[A-Z0-9]",
    re.DOTALL,
)


def cut(raw: bytes, charset: str | None = None) -> Payload:
    """Cut a payload, whatever the bytes are; what cannot be read becomes a finding."""
    text, used, findings = decode(raw, charset)
    interchanges: list[Interchange] = []
    position = 0
    headers = 0
    while (header := _HEADER.search(text, position)) is not None:
        headers += 1
        if headers > MOST_INTERCHANGES:
            words = f"there are more than {MOST_INTERCHANGES} interchanges; the rest was not read"
            findings.append(error("interchange", "024", words, at=spot(header.start())))
            position = len(text)
            break
        findings += _junk(text, position, header.start(), after=bool(interchanges))
        separators, segments, problems, position = _cut_one(text, header)
        if separators is None:
            findings += problems
            continue
        interchanges.append(assembled(segments, separators, problems))
    if not interchanges and not any(finding.code for finding in findings):
        findings = [_not_edi(text)]
    else:
        findings += _junk(text, position, len(text), after=True)
    return Payload(used, tuple(interchanges), tuple(findings))


def _cut_one(text: str, header: re.Match[str]) -> tuple[Separators | None, list[Segment], list[Finding], int]:
    if header.group("x12"):
        return cut_x12(text, header.start())
    return cut_edifact(text, header.start())


def _junk(text: str, first: int, last: int, *, after: bool) -> Iterator[Finding]:
    junk = text[first:last].strip(" \t\r\n\x1a\ufeff")
    if junk:
        where = "after the end of" if after else "before"
        words = f"{len(junk)} characters stand {where} an interchange and were left out"
        yield warning("interchange", "", words, at=spot(first), value=junk)


def _not_edi(text: str) -> Finding:
    hint = "the first characters should be ISA, UNA or UNB"
    if text.lstrip("\ufeff \r\n").startswith("STX="):
        hint = "this looks like TRADACOMS, which is not supported"
    return error("interchange", "", "not EDI: no ISA or UNB header was found", value=text[:40], hint=hint)
