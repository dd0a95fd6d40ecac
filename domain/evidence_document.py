"""EvidenceDocument: what somebody states of goods that came or left, in versions, whether or not we know the goods yet.

A receiving advice, a proof of delivery or a ship notice is named by its sender and number. The highest version counts, in
whatever order they come (definitions 1.4 rule 10); what it states is a fact about the world and is not measured here
against what was ordered or shipped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from domain.aggregate import Aggregate, natural_id
from domain.refusal import Kind, Refusal
from domain.shipment import ArrivalEvidence
from domain.values import plain, utc


class EvidenceKind(StrEnum):
    RECEIVING_ADVICE = "RECEIVING_ADVICE"
    POD = "POD"
    SHIP_NOTICE = "SHIP_NOTICE"


class EvidenceAction(StrEnum):
    """What a version does: say it, say it instead of what was said before, take it back."""

    STATE = "STATE"
    REPLACE = "REPLACE"
    CANCEL = "CANCEL"


NAMES = {
    EvidenceKind.RECEIVING_ADVICE: "Receiving advice",
    EvidenceKind.POD: "Proof of delivery",
    EvidenceKind.SHIP_NOTICE: "Ship notice",
}

CONTENT_DIFFERS = Refusal(
    "evidence.content_differs",
    "{document} was stated before with other content. Send what it says now under a higher version, {next} or above.",
    Kind.CONFLICT,
)
VERSION_BELOW_ONE = Refusal(
    "evidence.version_below_one",
    "{document} has a version below 1; versions count from 1. Number it anew.",
)
NO_LINES = Refusal(
    "evidence.no_lines",
    "{document} is a {action} and names no line. Send the lines it states; to take it back, send a CANCEL.",
)
CANCEL_WITH_LINES = Refusal(
    "evidence.cancel_with_lines",
    "{document} is a CANCEL and has {count} lines; a CANCEL has none. Leave them out, or send a REPLACE.",
)
NOTHING_NAMED = Refusal(
    "evidence.nothing_named",
    "{document}, its line {place}: it names neither a line nor an item of order {order}. Name one of them.",
)
NEGATIVE = Refusal(
    "evidence.negative",
    "{document}, its line {place} of order {order}: it has {quantity}; 0 or more is needed. Ask {sender} for a"
    " corrected version.",
)
ACCEPTED_MORE_THAN_RECEIVED = Refusal(
    "evidence.accepted_more_than_received",
    "{document}, its line {place} of order {order}: it accepts {accepted} but counts {received}: {excess} too many."
    " Ask {sender} for a corrected version.",
)


@dataclass(frozen=True)
class StatedArrival:
    """When the document says that goods were there, or ready, by which record."""

    evidence: ArrivalEvidence
    at: datetime


@dataclass(frozen=True)
class StatedSubstitute:
    """Another item that came in place of the one ordered; ``base_quantity`` in its base unit."""

    item: str
    quantity: Decimal
    base_quantity: Decimal
    approved: bool


@dataclass(frozen=True)
class StatedLine:
    """What is stated of one order line, or of an item of the order; ``order`` is the order's stream.

    ``quantity`` is what was received, presented or shipped, ``accepted`` what of that was kept.
    """

    order: str
    line: str | None
    item: str | None
    quantity: Decimal
    accepted: Decimal
    condition: str | None
    substitutes: tuple[StatedSubstitute, ...] = ()


@dataclass(frozen=True)
class Statement:
    """One version. ``shipment`` is a stream; ``at`` or ``on`` is when it was posted or signed, as far as it says so."""

    partner: str
    version: int
    action: EvidenceAction
    shipment: str | None
    at: datetime | None
    on: date | None
    arrivals: tuple[StatedArrival, ...]
    lines: tuple[StatedLine, ...]


STATED = tuple(one.name for one in fields(Statement))


@dataclass
class EvidenceDocumentState:
    """``newest`` is the version that counts, heard of at ``heard_at``; of the others only what they leave behind."""

    sender: str
    kind: EvidenceKind
    number: str
    newest: Statement
    heard_at: datetime
    digests: dict[int, str] = field(default_factory=dict)  # version -> what it said
    shipments: dict[int, str] = field(default_factory=dict)  # version -> the shipment it named


class EvidenceDocument(Aggregate[EvidenceDocumentState]):
    """One document of one sender, in all its versions."""

    KIND = "evidence"
    STATE = EvidenceDocumentState
    STATE_VERSION = 1

    class Stated(Aggregate.Created):
        """The first that was heard of the document, which need not be its first version."""

        TYPE = "evidence.stated/1"
        sender: str
        partner: str
        kind: EvidenceKind
        number: str
        version: int
        action: EvidenceAction
        shipment: str | None
        at: datetime | None
        on: date | None
        arrivals: tuple[StatedArrival, ...]
        lines: tuple[StatedLine, ...]

        def apply(self, document: EvidenceDocument) -> None:
            newest = _statement(self)
            document.state = EvidenceDocumentState(self.sender, self.kind, self.number, newest, self.timestamp)
            _note(document.state, newest)

    class StatedAgain(Aggregate.Event):
        """Another version; an older one that comes late is kept and changes nothing."""

        TYPE = "evidence.stated_again/1"
        sender: str
        partner: str
        kind: EvidenceKind
        number: str
        version: int
        action: EvidenceAction
        shipment: str | None
        at: datetime | None
        on: date | None
        arrivals: tuple[StatedArrival, ...]
        lines: tuple[StatedLine, ...]

        def apply(self, document: EvidenceDocument) -> None:
            state, statement = document.state, _statement(self)
            _note(state, statement)
            if statement.version > state.newest.version:
                state.newest, state.heard_at = statement, self.timestamp

    @staticmethod
    def stream(sender: str, kind: EvidenceKind, number: str) -> str:
        return natural_id("evidence", sender, kind, number)

    @classmethod
    def stated(cls, sender: str, kind: EvidenceKind, number: str, statement: Statement) -> EvidenceDocument:
        named = {"sender": sender, "kind": kind, "number": number}
        said = _checked(_document_name(sender, kind, number, statement.version), sender, statement)
        return cls.begin(cls.Stated, cls.stream(sender, kind, number), **named, **_facts(said))

    def state_again(self, statement: Statement) -> None:
        """Another version; one that was stated before in the same words is silent."""
        state = self.state
        name = _document_name(state.sender, state.kind, state.number, statement.version)
        said = _checked(name, state.sender, statement)
        known = state.digests.get(said.version)
        if known is None:
            named = {"sender": state.sender, "kind": state.kind, "number": state.number}
            self.happened(self.StatedAgain, **named, **_facts(said))
        elif known != content_digest(said):
            raise CONTENT_DIFFERS(document=name, next=state.newest.version + 1)

    def shipments(self) -> tuple[str, ...]:
        """Every shipment that a version has named."""
        return tuple(dict.fromkeys(self.state.shipments.values()))

    def lines_about(self, shipment: str) -> tuple[StatedLine, ...]:
        """What the document states of a shipment now; a version that names none speaks of the one named last."""
        named = self.state.shipments
        about = named[max(named)] if named else None
        return self.state.newest.lines if about == shipment else ()


def content_digest(statement: Statement) -> str:
    """The same for the same content, in whatever order its lines stand and however its figures are written."""
    head = [statement.partner, statement.action, statement.shipment, statement.at, statement.on]
    arrivals = sorted(_text("arrival", one.evidence, one.at) for one in statement.arrivals)
    lines = sorted(_line_text(line) for line in statement.lines)
    return hashlib.sha256("\x1d".join([_text(*head), *arrivals, *lines]).encode()).hexdigest()


def _line_text(line: StatedLine) -> str:
    substitutes = sorted(
        _text(one.item, plain(one.quantity), plain(one.base_quantity), one.approved) for one in line.substitutes
    )
    figures = (plain(line.quantity), plain(line.accepted))
    return _text("line", line.order, line.line, line.item, *figures, line.condition, "\x1e".join(substitutes))


def _text(*parts: object) -> str:
    return "\x1f".join("" if part is None else str(part) for part in parts)


def _document_name(sender: str, kind: EvidenceKind, number: str, version: int) -> str:
    return f"{NAMES[kind]} {number} of {sender}, version {version}"


def _checked(document: str, sender: str, said: Statement) -> Statement:
    """The statement with its instants in UTC, refused where it cannot be."""
    if said.version < 1:
        raise VERSION_BELOW_ONE(document=document)
    if said.action is EvidenceAction.CANCEL and said.lines:
        raise CANCEL_WITH_LINES(document=document, count=len(said.lines))
    if said.action is not EvidenceAction.CANCEL and not said.lines:
        raise NO_LINES(document=document, action=said.action)
    for place, line in enumerate(said.lines, start=1):
        names = {"document": document, "place": place, "order": line.order}
        if line.line is None and line.item is None:
            raise NOTHING_NAMED(**names)
        lowest = min(_figures(line))
        if lowest < 0:
            raise NEGATIVE(quantity=plain(lowest), sender=sender, **names)
        if line.accepted > line.quantity:
            figures = {"accepted": plain(line.accepted), "received": plain(line.quantity)}
            excess = plain(line.accepted - line.quantity)
            raise ACCEPTED_MORE_THAN_RECEIVED(excess=excess, sender=sender, **figures, **names)
    facts = {name: getattr(said, name) for name in STATED}
    at = None if said.at is None else utc(said.at)
    arrivals = tuple(StatedArrival(one.evidence, utc(one.at)) for one in said.arrivals)
    return Statement(**(facts | {"at": at, "arrivals": arrivals}))


def _figures(line: StatedLine) -> Iterator[Decimal]:
    yield line.quantity
    yield line.accepted
    for one in line.substitutes:
        yield one.quantity
        yield one.base_quantity


def _facts(statement: Statement) -> dict[str, Any]:
    return {name: getattr(statement, name) for name in STATED}


def _statement(event: Any) -> Statement:
    return Statement(**{name: getattr(event, name) for name in STATED})


def _note(state: EvidenceDocumentState, statement: Statement) -> None:
    state.digests[statement.version] = content_digest(statement)
    if statement.shipment is not None:
        state.shipments[statement.version] = statement.shipment
