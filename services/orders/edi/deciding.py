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
from services.orders.edi.applying import apply, document_answer

STILL_UNKNOWN = Refusal(
    "edi.address_unknown",
    "The EDI address {address} of document {document} is still nobody's. Agree it with a {whose} first, then try again.",
    Kind.CONFLICT,
)


class ApplyAgain(Command):
    """Try a held document again, after what held it was repaired; by a person, so test traffic may be let through."""

    NAME: ClassVar[str] = "edi.apply_again"
    document: Code


class Dismiss(Command):
    """Nothing will come of a held document."""

    NAME: ClassVar[str] = "edi.dismiss"
    document: Code
    reason: Text


class ConfirmDelivered(Command):
    """The partner's system has a document of ours."""

    NAME: ClassVar[str] = "edi.confirm_delivered"
    outbound: Code
    at: Moment | None = None
    channel: Code = "http"


def document_stream(document: str) -> str:
    return document if document.startswith("edi-document/") else f"edi-document/{document}"


def outbound_stream(outbound: str) -> str:
    return outbound if outbound.startswith("edi-out/") else f"edi-out/{outbound}"


def apply_again(work: Work, command: ApplyAgain) -> Answer:
    document = work.get(EdiDocument, document_stream(command.document))
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
    state = document.state
    from_partner, to_company = state.partner, state.company
    sender, receiver = work.first_fact(work.first_fact(document.id).interchange), None
    if from_partner is None:
        named = _named(work, document, sender.sender, "partner")
        from_partner = work.get(TradingPartner, named).state.partner
    if to_company is None:
        partner = work.get(TradingPartner, TradingPartner.stream(from_partner))
        profile = partner.edi_profile_on(work.context.at.date())
        receiver = sender.receiver
        if profile.company_id is not None and receiver.partition(":")[2] == profile.company_id:
            to_company = partner.state.company
        else:
            to_company = work.get(Company, _named(work, document, receiver, "company")).state.company
    return from_partner, to_company


def _named(work: Work, document: EdiDocument, address: str, whose: str) -> str:
    identifier = work.find(Identifier, Identifier.stream(EDI, address))
    if identifier is None or identifier.state.to is None or not identifier.state.to.startswith(f"{whose}/"):
        raise STILL_UNKNOWN(address=address, document=document.id, whose=whose)
    return identifier.state.to


def dismiss(work: Work, command: Dismiss) -> Answer:
    document = work.get(EdiDocument, document_stream(command.document))
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
