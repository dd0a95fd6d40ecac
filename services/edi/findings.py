"""What is wrong with a document: findings, in the standard's codes and in a clerk's words.

Standards: X12 TA1 note codes, AK905 (716), AK502 (718), AK304 (720), AK403 (723).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

Severity = Literal["error", "warning"]
Level = Literal["interchange", "group", "set", "segment", "element"]

LONGEST_VALUE_SHOWN = 40
LONGEST_TAG_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong. `code` belongs to the list of the finding's level (TA1 note for an interchange,
    AK905 for a group, AK502 for a set, AK304 for a segment, AK403 for an element) and is empty where
    the standard has no word for it. `position` counts segments in the set with ST = 1; `offset` counts
    characters from the start of the payload."""

    severity: Severity
    level: Level
    code: str
    message: str
    segment: str = ""
    position: int | None = None
    element: str = ""
    offset: int | None = None
    value: str = ""
    hint: str = ""

    def line(self) -> str:
        """The finding as one line of text."""
        code = f" [{self.code}]" if self.code else ""
        place = f" at segment {self.position}" if self.position is not None else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.severity}{code} {self.level}{place}: {self.message}{hint}"


def shown(value: str) -> str:
    """A value short enough to quote, without characters that would break a line."""
    clean = "".join(character if character.isprintable() else "?" for character in value)
    return clean[:LONGEST_VALUE_SHOWN]


class Place(Protocol):
    """What a finding points at: a segment."""

    @property
    def tag(self) -> str: ...
    @property
    def position(self) -> int: ...
    @property
    def offset(self) -> int: ...


def finding(
    severity: Severity,
    level: Level,
    code: str,
    message: str,
    *,
    at: Place | None = None,
    element: str = "",
    value: str = "",
    hint: str = "",
) -> Finding:
    """A finding about the segment it points at."""
    tag, position, offset = ("", None, None) if at is None else (at.tag, at.position or None, at.offset)
    return Finding(
        severity, level, code, message, tag[:LONGEST_TAG_SHOWN], position, element, offset, shown(value), hint
    )


def error(
    level: Level,
    code: str,
    message: str,
    *,
    at: Place | None = None,
    element: str = "",
    value: str = "",
    hint: str = "",
) -> Finding:
    """What refuses the set, the group or the interchange it is about."""
    return finding("error", level, code, message, at=at, element=element, value=value, hint=hint)


def warning(
    level: Level,
    code: str,
    message: str,
    *,
    at: Place | None = None,
    element: str = "",
    value: str = "",
    hint: str = "",
) -> Finding:
    """What should be known but refuses nothing."""
    return finding("warning", level, code, message, at=at, element=element, value=value, hint=hint)
