"""A 997 applied: the document of ours that it is about is acknowledged, with what the partner found wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from domain.identifier import Identifier
from domain.interchange import Finding, OutboundDocument, kept
from domain.refusal import Refusal
from services.orders.edi.incoming import Incoming
from services.orders.edi.outcome import Outcome
from services.orders.edi.sending import group_scheme

NOT_SENT = Refusal(
    "edi.acknowledges_nothing",
    "{document} acknowledges group {group} ({code}), which was never sent to {partner}. Ask the partner what it answers.",
)

# GS01: the functional group that each of our documents travels in.
GROUPS = {"855": "PR", "856": "SH", "810": "IN"}


def apply_acknowledgment(paper: Incoming) -> Outcome:
    """By the group control number that we gave and the partner repeats; other codes than ours mean another document."""
    group = paper.document.get("group") or {}
    control, code = str(group.get("control") or ""), group.get("functional_code")
    scheme = group_scheme(paper.company, paper.partner.state.partner)
    identifier = paper.work.find(Identifier, Identifier.stream(scheme, control)) if control else None
    outbound = paper.work.find(OutboundDocument, identifier.state.to) if identifier and identifier.state.to else None
    if outbound is None or GROUPS.get(_kind(outbound)) != code:
        raise NOT_SENT(document=paper.name, group=control or "none", code=code, partner=paper.partner.state.partner)
    sets = paper.document.get("sets") or []
    verdict = sets[0]["verdict"] if len(sets) == 1 else paper.document.get("verdict") or ""
    findings = kept([finding for one in sets for finding in _findings(one)])
    outbound.acknowledged(verdict, paper.stream, findings)
    return Outcome(outbound.id)


def _kind(outbound: OutboundDocument) -> str:
    return outbound.id.split("/")[3]


def _findings(one: Mapping[str, Any]) -> Iterator[Finding]:
    """AK3 and AK4 of one set, in the words of the standard's codes."""
    for code in one.get("codes") or []:
        yield Finding("error", "set", code, f"the partner says {code} of the set (AK5)")
    for segment in one.get("segments") or []:
        tag, position = segment.get("tag") or "", int(segment.get("position") or 0)
        elements = segment.get("elements") or []
        if not elements:
            words = f"the partner says {segment.get('code')} of segment {tag} (AK3)"
            yield Finding("error", "segment", segment.get("code") or "", words, tag, position)
        for element in elements:
            number = element.get("number") or ""
            words = f"the partner says {element.get('code')} of element {number} of {tag} (AK4)"
            value = element.get("value") or ""
            yield Finding("error", "element", element.get("code") or "", words, tag, position, number, value)
