"""Putting segments together: which set and which group each one belongs to, and which belong to none."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from services.edi.findings import Finding, warning
from services.edi.interchange import Group, Interchange, Segment, Separators, TransactionSet


@dataclass(frozen=True, slots=True)
class _Tags:
    group: str
    group_end: str
    set: str
    set_end: str
    end: str


_X12 = _Tags("GS", "GE", "ST", "SE", "IEA")
_EDIFACT = _Tags("UNG", "UNE", "UNH", "UNT", "UNZ")


@dataclass(slots=True)
class _Assembly:
    """An interchange in the making."""

    tags: _Tags
    groups: list[Group] = field(default_factory=list)
    group_header: Segment | None = None
    sets: list[TransactionSet] = field(default_factory=list)
    group_strays: list[Segment] = field(default_factory=list)
    current: list[Segment] = field(default_factory=list)
    strays: list[Segment] = field(default_factory=list)
    acknowledgments: list[Segment] = field(default_factory=list)
    trailer: Segment | None = None

    def take(self, segment: Segment) -> None:
        tag, tags = segment.tag, self.tags
        if tag == tags.set:
            self.end_set(None)
            self.current = [replace(segment, position=1)]
        elif tag == tags.set_end:
            self.end_set(segment)
        elif tag == tags.group:
            self.end_group(None)
            self.group_header = segment
        elif tag == tags.group_end:
            self.end_group(segment)
        elif tag == tags.end:
            self.end_group(None)
            self.trailer = segment
        elif self.current:
            self.current.append(replace(segment, position=len(self.current) + 1))
        elif tag == "TA1" and self.group_header is None:
            self.acknowledgments.append(segment)
        else:
            self.stray(segment)

    def stray(self, segment: Segment) -> None:
        within_group = self.group_header is not None or bool(self.sets)
        (self.group_strays if within_group else self.strays).append(segment)

    def end_set(self, trailer: Segment | None) -> None:
        if not self.current:
            if trailer is not None:
                self.stray(trailer)
            return
        if trailer is not None:
            trailer = replace(trailer, position=len(self.current) + 1)
            self.current.append(trailer)
        header = self.current[0]
        edifact = header.tag == "UNH"
        parts = [header.at(f"02-{part}") for part in (2, 3, 5)] if edifact else [header.at("03")]
        self.sets.append(
            TransactionSet(
                kind=(header.at("02-1") if edifact else header.at("01")).strip(),
                control=(header.at("01") if edifact else header.at("02")).strip(),
                segments=tuple(self.current),
                trailer=trailer,
                release=":".join(parts).rstrip(":"),
            )
        )
        self.current = []

    def end_group(self, trailer: Segment | None) -> None:
        self.end_set(None)
        if self.group_header is None and not self.sets and not self.group_strays:
            if trailer is not None:
                self.strays.append(trailer)
            return
        self.groups.append(Group(self.group_header, tuple(self.sets), trailer, tuple(self.group_strays)))
        self.group_header, self.sets, self.group_strays = None, [], []


def assembled(segments: list[Segment], separators: Separators, findings: list[Finding]) -> Interchange:
    """The interchange that these segments make up; the first one is ISA or UNB."""
    header = segments[0]
    x12 = header.tag == "ISA"
    assembly = _Assembly(_X12 if x12 else _EDIFACT)
    for segment in segments[1:]:
        assembly.take(segment)
    assembly.end_group(None)
    trailer = assembly.trailer
    if trailer is not None:
        trailer = _without_foreign_terminator(trailer, findings)
    return Interchange(
        "x12" if x12 else "edifact",
        header,
        separators,
        tuple(assembly.groups),
        trailer,
        tuple(assembly.acknowledgments),
        tuple(assembly.strays),
        tuple(findings),
    )


def _without_foreign_terminator(trailer: Segment, findings: list[Finding]) -> Segment:
    """Some senders end the last segment with another terminator than all the others."""
    control = trailer.at("02")
    clean = re.sub(r"[^A-Za-z0-9]+$", "", control.strip())
    if not clean or clean == control.strip():
        return trailer
    findings.append(
        warning(
            "interchange",
            "004",
            f"{trailer.tag} ends with another terminator than the others",
            at=trailer,
            element="02",
            value=control,
        )
    )
    return replace(trailer, elements=(trailer.elements[0], clean, *trailer.elements[2:]))
