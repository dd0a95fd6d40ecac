"""The command and the routes of evidence: receiving advices, proofs of delivery and ship notices by one door.

What is stated is kept whatever is known of the order and the shipment yet; (sender, kind, number, version) tells a repeat.
"""

from __future__ import annotations

from typing import Any, ClassVar

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from domain.evidence_document import (
    EvidenceAction, EvidenceDocument, EvidenceKind, StatedArrival, StatedLine, StatedSubstitute, Statement,
)
from domain.shipment import ArrivalEvidence
from domain.shipment_papers import ShipmentPapers
from domain.trading_partner import TradingPartner
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Code, Day, Moment, Part, QuantityOrZero, Stream
from services.http import command_route, door_of, href, query_route
from services.orders.ordering import order_stream
from services.orders.shipping import LINES_PER_SHIPMENT, SUBSTITUTES_PER_LINE, ReplacedBy, shipment_stream
from services.queries import found, json_answer

LOG = "orders"
ARRIVALS_PER_DOCUMENT = 100

EXAMPLE = {
    "partner": "carrefour-fr", "kind": "RECEIVING_ADVICE", "number": "RA-4711", "version": 1, "shipment": "acme/S-1",
    "at": "2026-03-02T10:12:00+01:00", "arrivals": [{"evidence": "CHECK_IN", "at": "2026-03-02T08:41:00+01:00"}],
    "lines": [{"order": "acme/carrefour-fr/PO-7/-", "line": "1", "quantity": "10", "accepted": "9", "condition": "DAMAGED"}],
}


class SaidArrival(Part):
    """When goods were there, or ready, and what says so."""

    evidence: ArrivalEvidence
    at: Moment


class SaidLine(Part):
    """What was received, presented or shipped of an order's line, or of an item of it; all of it accepted unless said."""

    order: Stream
    line: Code | None = None
    item: Code | None = None
    quantity: QuantityOrZero
    accepted: QuantityOrZero | None = None
    condition: Code | None = None
    substitutes: tuple[ReplacedBy, ...] = Field((), max_length=SUBSTITUTES_PER_LINE)


class StateEvidence(Command):
    """One version of a receiving advice, a proof of delivery or a ship notice, as its sender states it.

    The highest version counts, in whatever order they come; REPLACE takes the place of what was said before, CANCEL takes
    it back. The sender is the partner unless named. The order and the shipment need not be known yet.
    """

    NAME: ClassVar[str] = "evidence.state"
    partner: Code
    sender: Code | None = None
    kind: EvidenceKind
    number: Code
    version: int = Field(1, ge=1, le=1_000_000)
    action: EvidenceAction = EvidenceAction.STATE
    shipment: Stream | None = None
    at: Moment | None = None
    on: Day | None = None
    arrivals: tuple[SaidArrival, ...] = Field((), max_length=ARRIVALS_PER_DOCUMENT)
    lines: tuple[SaidLine, ...] = Field((), max_length=LINES_PER_SHIPMENT)

    def streams(self) -> tuple[str, ...]:
        papers = () if self.shipment is None else (ShipmentPapers.stream(shipment_stream(self.shipment)),)
        return (self.stream(), TradingPartner.stream(self.partner), *papers)

    def stream(self) -> str:
        return EvidenceDocument.stream(self.sender or self.partner, self.kind, self.number)


def state_evidence(work: Work, command: StateEvidence) -> Answer:
    work.get(TradingPartner, TradingPartner.stream(command.partner))
    statement = _statement(command)
    document = work.find(EvidenceDocument, command.stream())
    if document is None:
        sender = command.sender or command.partner
        document, before = work.add(EvidenceDocument.stated(sender, command.kind, command.number, statement)), 0
    else:
        before = document.version
        document.state_again(statement)
    if document.version == before:
        return _answer(document, 200)
    _keep_with_shipment(work, statement.shipment, document.id)
    return _answer(document, 201)


def _keep_with_shipment(work: Work, shipment: str | None, document: str) -> None:
    """The shipment, which may not be known yet, is to find the document when it leaves."""
    if shipment is None:
        return
    papers = work.find(ShipmentPapers, ShipmentPapers.stream(shipment))
    if papers is None:
        work.add(ShipmentPapers.named(shipment, document))
    else:
        papers.name_again(document)


def _answer(document: EvidenceDocument, status: int) -> Answer:
    """``newest`` is the version that counts now, which may be another than the one just stated."""
    body = {
        "evidence": document.id, "href": href("evidence", document.id), "version": document.version,
        "newest": document.state.newest.version,
    }
    return Answer(status, body)


def _statement(command: StateEvidence) -> Statement:
    return Statement(
        partner=command.partner, version=command.version, action=command.action,
        shipment=None if command.shipment is None else shipment_stream(command.shipment), at=command.at, on=command.on,
        arrivals=tuple(StatedArrival(one.evidence, one.at) for one in command.arrivals),
        lines=tuple(map(_line, command.lines)),
    )


def _line(said: SaidLine) -> StatedLine:
    substitutes = tuple(
        StatedSubstitute(one.item, one.quantity, one.base_quantity, one.approved) for one in said.substitutes
    )
    accepted = said.quantity if said.accepted is None else said.accepted
    return StatedLine(order_stream(said.order), said.line, said.item, said.quantity, accepted, said.condition, substitutes)


HANDLERS: dict[type[Command], Any] = {StateEvidence: state_evidence}


def evidence_router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["evidence"])
    command_route(
        router, "/evidence", StateEvidence, log=LOG, permission="receipt.record", status=201,
        summary="State a receiving advice, a proof of delivery or a ship notice", examples=[EXAMPLE],
    )

    @query_route(
        router, "/evidence/{evidence:path}", permission="shipment.read", name="evidence.read",
        summary="One document: the version that counts, and which were stated",
    )
    def one(request: Request, evidence: str) -> Response:
        """The document ``{sender}/{kind}/{number}`` as it is in the log."""
        known = door_of(request).applications[LOG].look(EvidenceDocument, f"evidence/{evidence}")
        document: EvidenceDocument = found("evidence document", evidence, known)
        state = document.state
        body = {
            "evidence": document.id, "version": document.version, "sender": state.sender, "kind": state.kind,
            "number": state.number, "versions": sorted(state.digests), "newest": state.newest,
        }
        return json_answer(body, version=document.version)

    return router
