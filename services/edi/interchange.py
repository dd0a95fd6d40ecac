"""The shapes a payload is cut into: interchanges, groups, transaction sets and segments.

One shape for X12 (ISA, GS, ST) and EDIFACT (UNB, UNG, UNH), so that what comes after does not care.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from services.edi.findings import Finding

Syntax = Literal["x12", "edifact"]

# The EDIFACT cutter has already undone the release characters, so components need a mark of their own.
UNIT_SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class Separators:
    """The service characters of one interchange, as its header declares them."""

    element: str
    component: str
    segment: str
    repetition: str = ""
    release: str = ""
    decimal_mark: str = "."


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment. `elements[0]` is element 01; `position` is 1 for ST or UNH, 0 in the envelope. In EDIFACT
    the cutter has put UNIT_SEPARATOR between components."""

    tag: str
    elements: tuple[str, ...]
    position: int
    offset: int
    component: str = field(default="", repr=False)

    def at(self, address: str) -> str:
        """The value at "03" or, inside a composite, at "03-2"; empty when it is not there."""
        number, _, part = address.partition("-")
        index = int(number) - 1
        if not 0 <= index < len(self.elements):
            return ""
        whole = self.elements[index]
        if not part:
            return whole.partition(UNIT_SEPARATOR)[0] if self.component == UNIT_SEPARATOR else whole
        parts = whole.split(self.component) if self.component else [whole]
        return parts[int(part) - 1] if int(part) <= len(parts) else ""

    def number_at(self, address: str) -> str:
        """A number with a decimal point; EDIFACT senders write a comma with or without announcing it."""
        text = self.at(address)
        return text.replace(",", ".") if self.component == UNIT_SEPARATOR and "." not in text else text


def spot(offset: int, tag: str = "") -> Segment:
    """Something in the text that is not, or not yet, a segment: for findings to point at."""
    return Segment(tag, (), 0, offset)


@dataclass(frozen=True, slots=True)
class TransactionSet:
    """One business document: ST to SE, or UNH to UNT. `segments` includes header and trailer."""

    kind: str
    control: str
    segments: tuple[Segment, ...]
    trailer: Segment | None
    release: str = ""

    @property
    def header(self) -> Segment:
        return self.segments[0]

    @property
    def body(self) -> tuple[Segment, ...]:
        """The segments between header and trailer."""
        return self.segments[1:-1] if self.trailer is not None else self.segments[1:]


@dataclass(frozen=True, slots=True)
class Group:
    """GS to GE, or UNG to UNE; an EDIFACT interchange without groups has one with no header."""

    header: Segment | None
    sets: tuple[TransactionSet, ...]
    trailer: Segment | None
    strays: tuple[Segment, ...] = ()

    @property
    def functional_code(self) -> str:
        return self.header.at("01") if self.header else ""

    @property
    def control(self) -> str:
        if self.header is None:
            return ""
        return self.header.at("06" if self.header.tag == "GS" else "05")

    @property
    def version(self) -> str:
        """GS08, for example 004010VICS; empty in EDIFACT, where each message names its own."""
        return self.header.at("08").strip() if self.header and self.header.tag == "GS" else ""


@dataclass(frozen=True, slots=True)
class Interchange:
    """ISA to IEA, or UNB to UNZ. `findings` are those of the cutting itself."""

    syntax: Syntax
    header: Segment
    separators: Separators
    groups: tuple[Group, ...]
    trailer: Segment | None
    acknowledgments: tuple[Segment, ...] = ()
    strays: tuple[Segment, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def control(self) -> str:
        return self.header.at("13" if self.syntax == "x12" else "05").strip()

    @property
    def sender(self) -> str:
        return self.header.at("06" if self.syntax == "x12" else "02-1").strip()

    @property
    def receiver(self) -> str:
        return self.header.at("08" if self.syntax == "x12" else "03-1").strip()

    @property
    def is_test(self) -> bool:
        """Test traffic never becomes a production order."""
        return self.header.at("15") == "T" if self.syntax == "x12" else self.header.at("11") == "1"


@dataclass(frozen=True, slots=True)
class Payload:
    """Everything that one delivery of bytes held. Not EDI: no interchange and one finding."""

    charset: str
    interchanges: tuple[Interchange, ...]
    findings: tuple[Finding, ...]
