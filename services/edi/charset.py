"""From bytes to text: which character set a payload is in.

X12 declares none, so the partner's profile decides, then UTF-8, then Latin-1 with a finding. EDIFACT names
one in UNB. Text is decoded before it is cut: the second byte of a GB18030 character may look like `~`.
"""

from __future__ import annotations

import codecs
import re

from services.edi.findings import Finding, warning
from services.edi.interchange import spot

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_EDIFACT_CHARSETS = {
    "UNOC": "iso8859-1",
    "UNOD": "iso8859-2",
    "UNOE": "iso8859-5",
    "UNOF": "iso8859-7",
    "UNOG": "iso8859-3",
    "UNOH": "iso8859-4",
    "UNOI": "iso8859-6",
    "UNOJ": "iso8859-8",
    "UNOK": "iso8859-9",
    "UNOY": "utf-8",
}
_SYNTAX_IDENTIFIER = re.compile(rb"UNB.(UNO[A-Z])", re.DOTALL)


def decode(raw: bytes, charset: str | None) -> tuple[str, str, list[Finding]]:
    """The text of a payload, the character set it was read in, and what was odd about it."""
    text, used, findings = _decoded(raw, charset)
    if "\x00" in text:
        findings.append(
            warning(
                "interchange",
                "",
                f"the payload holds {text.count(chr(0))} NUL bytes, which were left out",
                at=spot(text.index("\x00")),
                hint="a fixed-length file or UTF-16 text sent as it was",
            )
        )
        text = text.replace("\x00", "")
    return text, used, findings


def _decoded(raw: bytes, charset: str | None) -> tuple[str, str, list[Finding]]:
    findings: list[Finding] = []
    for mark, name in _MARKS:
        if raw.startswith(mark):
            try:
                return raw[len(mark) :].decode(name), name, findings
            except UnicodeDecodeError:
                raw = raw[len(mark) :]
                break
    if charset is not None:
        text = _strictly(raw, charset)
        if text is not None:
            return text, charset, findings
        words = f"the payload is not text in {charset}, the character set of the profile"
        findings.append(
            warning("interchange", "", words, hint="ask the partner which character set they send")
        )
    for name in _likely(raw):
        text = _strictly(raw, name)
        if text is not None:
            return text, name, findings
    findings.append(
        warning(
            "interchange",
            "",
            "the payload is not UTF-8 text and was read as Latin-1",
            hint="set the character set in the partner's profile",
        )
    )
    return raw.decode("iso8859-1"), "iso8859-1", findings


def _likely(raw: bytes) -> tuple[str, ...]:
    declared = _SYNTAX_IDENTIFIER.search(raw[:2000])
    if declared:
        named = _EDIFACT_CHARSETS.get(declared.group(1).decode("ascii"))
        if named:
            return (named, "utf-8")
    return ("utf-8",)


def _strictly(raw: bytes, charset: str) -> str | None:
    try:
        return raw.decode(charset)
    except (UnicodeError, LookupError, ValueError):
        return None
