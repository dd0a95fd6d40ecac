"""The answer to a group: the canonical 997 with what was accepted, what was not, and why.

Standard: X12 997 (AK1 to AK9). A 997 is never answered with a 997. Business refusals are not said here.
"""

from __future__ import annotations

from typing import Any

from services.edi.check import GroupReport, SetReport
from services.edi.dictionary import dictionary
from services.edi.findings import Finding

_MOST_CODES = 5


def functional_acknowledgment(report: GroupReport) -> dict[str, Any] | None:
    """The 997 for one group as a canonical document; None for a group of 997s and for EDIFACT."""
    group = report.group
    if group.header is None or group.header.tag != "GS" or group.functional_code == "FA":
        return None
    claimed = group.trailer.at("01").strip() if group.trailer else ""
    accepted = sum(one.verdict != "R" for one in report.sets)
    return {
        "document": "functional_acknowledgment",
        "group": {
            "functional_code": group.functional_code,
            "control": str(int(group.control)) if group.control.strip().isdecimal() else "0",
            "version": group.version if group.version >= "005010" else None,
        },
        "sets": [_set(one, group.version) for one in report.sets if _can_be_named(one)],
        "verdict": report.verdict,
        "included": claimed if claimed.isdecimal() else str(len(report.sets)),
        "received": str(len(report.sets)),
        "accepted": str(accepted),
        "codes": _codes(report.findings, "group"),
    }


def _can_be_named(report: SetReport) -> bool:
    """AK2 must name the set; one without kind or with an impossible control number is only counted."""
    return len(report.kind) == 3 and 4 <= len(report.control) <= 9


def _set(report: SetReport, version: str) -> dict[str, Any]:
    segments: list[dict[str, Any]] = []
    for finding in report.findings:
        if finding.level == "segment" and finding.code:
            segments.append(_segment(finding, finding.code))
        elif finding.level == "element" and finding.code and finding.position is not None:
            at = segments[-1] if segments else None
            if at is None or (at["tag"], at["position"]) != (finding.segment, str(finding.position)):
                at = _segment(finding, "8")
                segments.append(at)
            at["elements"].append(_element(finding, version))
    codes = _codes(report.findings, "set")
    if segments and "5" not in codes:
        codes = [*codes, "5"][-_MOST_CODES:]
    return {
        "kind": report.kind,
        "control": report.control,
        "segments": segments,
        "verdict": report.verdict,
        "codes": codes,
    }


def _segment(finding: Finding, code: str) -> dict[str, Any]:
    tag = finding.segment[:3].ljust(2, "?")
    return {"tag": tag, "position": str(finding.position or 1), "loop": None, "code": code, "elements": []}


def _element(finding: Finding, version: str) -> dict[str, Any]:
    number, _, part = finding.element.partition("-")
    rule = dictionary("x12", version).rule(finding.segment, finding.element)
    reference = rule.reference if rule and rule.reference.isdecimal() else None
    return {
        "number": str(int(number or 1)),
        "component": part or None,
        "reference": reference,
        "code": finding.code,
        "value": finding.value or None,
    }


def _codes(findings: tuple[Finding, ...], level: str) -> list[str]:
    """The standard's codes of one level, each once, as many as the segment holds."""
    codes = [finding.code for finding in findings if finding.level == level and finding.code]
    return list(dict.fromkeys(codes))[:_MOST_CODES]
