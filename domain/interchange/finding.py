"""What is wrong with an interchange or a document, where, and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

FINDINGS_KEPT = 200


@dataclass(frozen=True)
class Finding:
    """One thing wrong. ``position`` counts segments of the set with ST = 1; ``element`` is "03" or "03-2"."""

    severity: str
    level: str
    code: str
    message: str
    segment: str = ""
    position: int = 0
    element: str = ""
    value: str = ""
    hint: str = ""


def kept(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The first findings of many: a broken file of a million segments does not become a million findings."""
    if len(findings) <= FINDINGS_KEPT:
        return tuple(findings)
    more = Finding("warning", findings[-1].level, "", f"and {len(findings) - FINDINGS_KEPT} findings more")
    return (*findings[:FINDINGS_KEPT], more)
