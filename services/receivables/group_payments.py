"""One payment for several customers of a group: a settlement of each, recorded and reversed together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from domain.debtor import Debtor
from domain.deduction import Deduction
from domain.group_payment import GroupPayment, shares
from domain.invoice import Invoice
from domain.refusal import Refusal
from domain.remittance import RemittanceItemKind
from domain.settlement import Settlement
from domain.values import ZERO
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Day, Stream, Text
from services.http import command_route, door_of, href, query_route
from services.queries import found, json_answer
from services.receivables.credit_accounts import credit_account
from services.receivables.settling import ReverseSettlement, deduction_stream, reverse, settle, settlement_answer
from services.receivables.stated_payment import (
    ITEMS_PER_REMITTANCE, REMITTANCE_LIMIT, PaidItem, StatedPayment, check_sum, stated_remittance,
)

LOG = "receivables"

NOT_OF_THE_GROUP = Refusal(
    "group_payment.not_of_the_group",
    "{document} is of {partner}, whose credit account {account} is not in the group of {payer}. Record that part as a payment"
    " of {partner}, or agree the group first.",
)

EXAMPLE = {
    "company": "acme", "partner": "metro-holding", "reference": "G-17", "paid_on": "2026-04-01", "amount": "300.00",
    "items": [{"reference": "2026-000001", "paid": "100.00"}, {"reference": "2026-000002", "paid": "200.00"}],
}


class RecordGroupPayment(StatedPayment):
    """A payment of ``partner`` for itself and other customers of its group: each gets a settlement with its own items, by whose
    document it is; what nobody owns is the payer's. The same again is the same payment."""

    NAME: ClassVar[str] = "group_payment.record"
    items: tuple[PaidItem, ...] = Field(min_length=1, max_length=ITEMS_PER_REMITTANCE)

    def streams(self) -> tuple[str, ...]:
        paid = {Invoice.stream(self.company, item.reference) for item in self.items}
        return (GroupPayment.stream(self.company, self.partner, self.reference), Debtor.stream(self.partner), *paid)


class ReverseGroupPayment(Command):
    """The payment bounced: every settlement of it is undone."""

    NAME: ClassVar[str] = "group_payment.reverse"
    payment: Stream
    reason: Text
    reversed_on: Day | None = None


def record_group_payment(work: Work, command: RecordGroupPayment) -> Answer:
    payer = work.get(Debtor, Debtor.stream(command.partner))
    whole = stated_remittance(command, payer)
    check_sum(whole, command.keep_anyway)
    stream = GroupPayment.stream(command.company, command.partner, command.reference)
    known = work.find(GroupPayment, stream)
    owners = {item.reference: _owner(work, command, item.kind, item.reference) for item in whole.items}
    beside = sum((adjustment.amount for adjustment in whole.adjustments), ZERO)
    held: dict[str, Any] = {}
    bodies = []
    for share in shares(command.partner, whole.amount, beside, whole.items, owners.get, command.reference):
        debtor = work.get(Debtor, Debtor.stream(share.partner))
        own = replace(
            whole, partner=share.partner, account=debtor.state.account, amount=share.amount, items=share.items,
            adjustments=whole.adjustments if share.partner == command.partner else (),
        )
        settlement, _ = settle(work, own, debtor)
        held[settlement.id] = share.amount
        bodies.append(settlement_answer(settlement).body)
    if known is None:
        known = work.add(GroupPayment.receive(
            command.company, command.partner, command.reference, whole.currency, whole.amount, held
        ))
        return _answer(known, 201, bodies)
    return _answer(known, 200, bodies)


def _owner(work: Work, command: RecordGroupPayment, kind: RemittanceItemKind, reference: str) -> str | None:
    """Whose document it is; None for one that nobody knows."""
    if kind is RemittanceItemKind.DEDUCTION:
        deduction = work.find(Deduction, deduction_stream(reference))
        partner = deduction.state.partner if deduction is not None else None
    else:
        invoice = work.find(Invoice, Invoice.stream(command.company, reference))
        partner = invoice.state.partner if invoice is not None else None
    if partner is None or partner == command.partner:
        return partner
    payer, owner = (work.get(Debtor, Debtor.stream(name)) for name in (command.partner, partner))
    if credit_account(work, payer.state.account)[0].id != credit_account(work, owner.state.account)[0].id:
        named = {"account": owner.state.account, "payer": command.partner}
        raise NOT_OF_THE_GROUP(document=reference, partner=partner, **named)
    return partner


def reverse_group_payment(work: Work, command: ReverseGroupPayment) -> Answer:
    payment = work.get(GroupPayment, payment_stream(command.payment))
    bodies = []
    for name in payment.state.settlements:
        reversing = ReverseSettlement(settlement=name, reason=command.reason, reversed_on=command.reversed_on)
        reverse(work, reversing)
        bodies.append(settlement_answer(work.get(Settlement, name)).body)
    payment.reverse(command.reason)
    return _answer(payment, 200, bodies)


def _answer(payment: GroupPayment, status: int, settlements: list[Any]) -> Answer:
    return Answer(status, {
        "payment": payment.id, "href": href("group-payments", payment.id), "version": payment.version,
        "reversed": payment.state.reversed, "settlements": settlements,
    })


HANDLERS: dict[type[Command], Any] = {
    RecordGroupPayment: record_group_payment, ReverseGroupPayment: reverse_group_payment,
}


def group_payment_router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["settlements"])
    command_route(
        router, "/group-payments", RecordGroupPayment, log=LOG, permission="settlement.record", status=201,
        summary="Record one payment for several customers of a group", examples=[EXAMPLE], limit=REMITTANCE_LIMIT,
    )
    command_route(
        router, "/group-payments/{payment:path}:reverse", ReverseGroupPayment, log=LOG, permission="settlement.reverse",
        summary="Reverse a group payment that bounced", stream=_payment_of,
    )

    @query_route(
        router, "/group-payments/{payment:path}", permission="settlement.read", name="group_payment.read",
        summary="One payment for several customers of a group, with its settlements",
    )
    def payment(request: Request, payment: str) -> Response:
        """As it stands in the log now. The ETag is for If-Match."""
        stream = payment_stream(payment)
        known = found("group payment", payment, door_of(request).applications[LOG].look(GroupPayment, stream))
        shown = {name: {"href": href("settlements", name), "amount": held} for name, held in known.state.settlements.items()}
        body = {"payment": stream, "href": href("group-payments", stream), "version": known.version}
        return json_answer({**body, "reversed": known.state.reversed, "settlements": shown}, version=known.version)

    return router


def payment_stream(name: str) -> str:
    """The stream of a group payment as addresses name it: ``{company}/{payer}/{reference}``."""
    return name if name.startswith("group-payment/") else f"group-payment/{name}"


def _payment_of(command: object) -> str:
    return payment_stream(command.payment)  # type: ignore[attr-defined]


ROUTERS = (group_payment_router,)
