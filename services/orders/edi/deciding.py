"""What a person or a carrier program says: try a held document again, dismiss it, a document of ours has arrived."""

from __future__ import annotations

from typing import Any, ClassVar

from domain.company import Company
from domain.identifier import EDI, Identifier
from domain.interchange import EdiDocument, OutboundDocument
from domain.refusal import Kind, Refusal
from domain.trading_partner import TradingPartner
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Code, Moment, Text
from services.http import href
from services.orders.edi.addresses import EdiStream, outbound_stream, stream_of
from services.orders.edi.applying import apply, document_answer

STILL_UNKNOWN = Refusal(
    "edi.address_unknown",
    "The EDI address {address} of document {document} is still nobody's. Agree it with a {whose} first, then try again.",
    Kind.CONFLICT,
)


class ApplyAgain(Command):
    """Try a held document again, after what held it was repaired; by a person, so test traffic may be let through."""

    NAME: ClassVar[str] = "edi.apply_again"
    document: EdiStream


class Dismiss(Command):
    """Nothing will come of a held document."""

    NAME: ClassVar[str] = "edi.dismiss"
    document: EdiStream
    reason: Text


class ConfirmDelivered(Command):
    """The partner's system has a document of ours."""

    NAME: ClassVar[str] = "edi.confirm_delivered"
    outbound: EdiStream
    at: Moment | None = None
    channel: Code = "http"


def apply_again(work: Work, command: ApplyAgain) -> Answer:
    document = work.get(EdiDocument, stream_of("edi-document", command.document))
    document.check_can_be_tried()
    received = work.first_fact(document.id)
    partner, company = _parties(work, document)
    document.try_again(
        kind=received.kind, type=received.type, partner=partner, company=company, document=received.document
    )
    apply(work, document)
    return document_answer(document)


def _parties(work: Work, document: EdiDocument) -> tuple[str, str]:
    """Who it is from and for, by the addresses as they are agreed now."""
    envelope = work.first_fact(work.first_fact(document.id).interchange)
    known = document.state.partner
    stream = TradingPartner.stream(known) if known else _named(work, document, envelope.sender, "partner")
    partner = work.get(TradingPartner, stream)
    if document.state.company is not None:
        return partner.state.partner, document.state.company
    special = partner.edi_profile_on(work.context.at.date()).company_id
    if special is not None and envelope.receiver.partition(":")[2] == special:
        return partner.state.partner, partner.state.company
    company = work.get(Company, _named(work, document, envelope.receiver, "company"))
    return partner.state.partner, company.state.company


def _named(work: Work, document: EdiDocument, address: str, whose: str) -> str:
    identifier = work.find(Identifier, Identifier.stream(EDI, address))
    if identifier is None or identifier.state.to is None or not identifier.state.to.startswith(f"{whose}/"):
        raise STILL_UNKNOWN(address=address, document=document.id, whose=whose)
    return identifier.state.to


def dismiss(work: Work, command: Dismiss) -> Answer:
    document = work.get(EdiDocument, stream_of("edi-document", command.document))
    document.refuse("edi.dismissed", command.reason)
    return document_answer(document)


def confirm_delivered(work: Work, command: ConfirmDelivered) -> Answer:
    outbound = work.get(OutboundDocument, outbound_stream(command.outbound))
    outbound.delivered(command.at or work.context.at, command.channel)
    return Answer(200, {
        "document": outbound.id, "href": href("edi/outbox", outbound.id), "version": outbound.version, "delivered": True,
    })


HANDLERS: dict[type[Command], Any] = {
    ApplyAgain: apply_again,
    Dismiss: dismiss,
    ConfirmDelivered: confirm_delivered,
}
