"""Whenever evidence is stated, or goods leave of which it was stated before, the shipment is told what it says now.

Which version it was that came makes no difference: what counts is what the document says as a whole, so that any order of
arrival ends in the same figures. A shipment that was told of a version which no longer speaks of it takes that back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.evidence_document import EvidenceDocument, EvidenceKind
from domain.evidence_on_shipment import POSTED, SIGNED, day_of, moment_of, name_on, presented_on, received_on
from domain.recorded import RecordedEvent
from domain.shipment import DeliveredLine, ReceivedLine, Shipment, Substitute
from domain.shipment_papers import ShipmentPapers
from services.command import Command
from services.orders.shipping import (
    CountedLine, PresentedLine, RecordDelivery, RecordReceipt, ReplacedBy, TakeBackReceipt,
)
from services.reactions import Policy, Sight


def tell_the_shipment_what_is_stated(recorded: RecordedEvent, sight: Sight) -> Sequence[Command]:
    document = sight.look(EvidenceDocument, recorded.stream)
    if document is None:
        return []
    named = (sight.look(Shipment, stream) for stream in document.shipments())
    return [command for shipment in named if shipment is not None for command in _told(shipment, document)]


def tell_the_shipment_what_waited(recorded: RecordedEvent, sight: Sight) -> Sequence[Command]:
    papers = sight.look(ShipmentPapers, ShipmentPapers.stream(recorded.stream))
    shipment = sight.look(Shipment, recorded.stream) if papers is not None else None
    if papers is None or shipment is None:
        return []
    waited = (sight.look(EvidenceDocument, stream) for stream in papers.state.documents)
    return [command for document in waited if document is not None for command in _told(shipment, document)]


def _told(shipment: Shipment, document: EvidenceDocument) -> Iterator[Command]:
    """A ship notice tells the shipment nothing: what left is our own record."""
    match document.state.kind:
        case EvidenceKind.RECEIVING_ADVICE:
            yield from _receipt(shipment, document)
        case EvidenceKind.POD:
            yield from _delivery(shipment, document)


# The figures were checked when the document was stated, and what they say may be anything; a second check of their form
# here could only park a fact. Hence ``model_construct``.


def _receipt(shipment: Shipment, document: EvidenceDocument) -> Iterator[Command]:
    name, version = name_on(shipment, document), document.state.newest.version
    lines, day = received_on(shipment, document), day_of(shipment, document)
    if lines:
        yield RecordReceipt.model_construct(
            shipment=shipment.id, document=name, version=version, received_on=day,
            posted_at=moment_of(document, POSTED), lines=tuple(map(_counted, lines)),
        )
    elif name in shipment.state.advices:
        yield TakeBackReceipt(shipment=shipment.id, document=name, version=version, on=day)


def _delivery(shipment: Shipment, document: EvidenceDocument) -> Iterator[Command]:
    """A shipment is delivered once: what a corrected or cancelled proof says is for those who judge by the document."""
    name, signed_at = name_on(shipment, document), moment_of(document, SIGNED)
    lines = presented_on(shipment, document)
    if lines and signed_at is not None and name not in shipment.state.deliveries:
        yield RecordDelivery.model_construct(
            shipment=shipment.id, at=signed_at, document=name, lines=tuple(map(_presented, lines))
        )


def _counted(line: ReceivedLine) -> CountedLine:
    return CountedLine.model_construct(
        order=line.order, line=line.line, received=line.received, accepted=line.accepted, condition=line.condition,
        substitutes=tuple(map(_replaced_by, line.substitutes)),
    )


def _presented(line: DeliveredLine) -> PresentedLine:
    return PresentedLine.model_construct(
        order=line.order, line=line.line, quantity=line.quantity, substitutes=tuple(map(_replaced_by, line.substitutes))
    )


def _replaced_by(one: Substitute) -> ReplacedBy:
    return ReplacedBy.model_construct(
        item=one.item, quantity=one.quantity, base_quantity=one.base_quantity, approved=one.approved
    )


STATED = (EvidenceDocument.Stated, EvidenceDocument.StatedAgain)

ON_ORDERS = (
    Policy("tell_the_shipment_what_is_stated", STATED, tell_the_shipment_what_is_stated),
    Policy("tell_the_shipment_what_waited", (Shipment.Dispatched,), tell_the_shipment_what_waited),
)
