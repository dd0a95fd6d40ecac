"""What is on account pays documents: by a clerk who names them, or by the only exact set of open items (S7)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Path, Request
from pydantic import Field
from sqlalchemy import Connection
from starlette.responses import Response

from domain.account_allocation import Instruction, allocate_from_account
from domain.allocation import FindingCode, OpenItem
from domain.credit_account import CreditAccount
from domain.debtor import Debtor
from domain.dispute.agreement import NOTHING_AGREED, DeductionAgreement
from domain.invoice import Invoice
from domain.invoice_facts import InvoiceKind
from domain.payment_matching import Match, MatchReason, only_exact_set, proposed_matches
from domain.recorded import RecordedEvent
from domain.refusal import Kind, Refusal
from domain.remittance import Remittance, RemittanceItem, RemittanceItemKind
from domain.settlement import Settlement, SettlementState
from domain.values import ZERO, local_date
from projections import open_items
from projections.open_items import ItemSearch
from services.command import Answer, Command
from services.event_log.json_form import encode_plain
from services.event_log.work import Work
from services.fields import Day, SignedAmount, Stream
from services.http import command_route, door_of, href, query_route, reading
from services.queries import MinPosition, found, json_answer
from services.reactions import Policy, Sight
from services.receivables.settling import repayments_in, settlement_answer, settlement_stream
from services.receivables.stated_payment import ITEMS_PER_REMITTANCE, PaidItem, remittance_items

LOG = "receivables"
DOCUMENTS = tuple(kind.value for kind in InvoiceKind)
LOOKED_AT = 1_000  # open items of an account among which a proposal is looked for

NOT_REPAYABLE = Refusal(
    "deduction.not_repayable",
    "Deduction {deduction} of account {account} cannot take a repayment of {figure}: so much of it is not outstanding, or a"
    " dispute claims it. Look at the deduction; what a dispute claims is repaid through the dispute.",
    Kind.CONFLICT,
)

EXAMPLE = {"items": [{"reference": "2026-000001", "paid": "113.00", "seen_open": "113.00"}]}


class ItemToPay(PaidItem):
    """A document to pay from the account; ``seen_open`` is what you saw open of it: changed meanwhile, it is a 409."""

    seen_open: SignedAmount | None = None


class AllocateOnAccount(Command):
    """Pay documents from what a payment left on account, whole or not at all. A proposal is taken by sending its items."""

    NAME: ClassVar[str] = "settlement.allocate_on_account"
    settlement: Stream
    items: tuple[ItemToPay, ...] = Field(min_length=1, max_length=ITEMS_PER_REMITTANCE)
    allocated_on: Day | None = Field(None, description="The posting day; left out: today in the account's zone.")

    why: ClassVar[str] = "CLERK"

    def streams(self) -> tuple[str, ...]:
        return (settlement_stream(self.settlement),)


class ApplyOnlyMatch(AllocateOnAccount):
    """What the only exact set of open items asks for; refused when one of them has changed since."""

    NAME: ClassVar[str] = "settlement.apply_only_match"
    why: ClassVar[str] = MatchReason.EXACT_SUM.value


def allocate_on_account(work: Work, command: AllocateOnAccount) -> Answer:
    settlement = work.get(Settlement, settlement_stream(command.settlement))
    paid = settlement.state.remittance
    items = remittance_items(command.items, paid.reference, paid.currency)
    seen = {item.reference: item.seen_open for item in command.items if item.seen_open is not None}
    pay_from_account(work, settlement, items, seen, command.allocated_on, command.why)
    return settlement_answer(settlement)


def pay_from_account(
    work: Work, settlement: Settlement, items: tuple[RemittanceItem, ...], seen: Mapping[str, Decimal], on: date | None, why: str
) -> None:
    """Carry the instruction out over all the documents it names; ``on`` None is today in the account's zone."""
    paid = settlement.state.remittance
    debtor = work.get(Debtor, Debtor.stream(paid.partner))
    repaid = {one.named: one.resolving for one in repayments_in(work, items, paid.account)}
    for item in items:
        if item.kind is RemittanceItemKind.DEDUCTION and item.reference not in repaid:
            raise NOT_REPAYABLE(deduction=item.reference, figure=item.net, account=paid.account)
    documents = tuple(item for item in items if item.kind is not RemittanceItemKind.DEDUCTION)
    streams = list(dict.fromkeys(Invoice.stream(paid.company, item.reference) for item in documents))
    work.fetch(streams)
    invoices = [invoice for stream in streams if (invoice := work.find(Invoice, stream)) is not None]
    asked = Instruction(documents, seen, on or _today(work, paid), why, tuple(repaid.values()))
    agreement = work.find(DeductionAgreement, DeductionAgreement.stream(paid.partner))
    terms = NOTHING_AGREED if agreement is None else agreement.terms_on(paid.paid_on)
    tolerance = debtor.tolerance_on(paid.paid_on)
    for deduction in allocate_from_account(settlement, invoices, asked, tolerance, terms.reason, work.last_actor):
        work.add(deduction)


def _today(work: Work, paid: Remittance) -> date:
    account = work.find(CreditAccount, CreditAccount.stream(paid.account))
    return local_date(work.context.at, account.state.zone if account is not None else "UTC")


HANDLERS: dict[type[Command], Any] = {AllocateOnAccount: allocate_on_account, ApplyOnlyMatch: allocate_on_account}

# Policy


def take_the_only_match(recorded: RecordedEvent, sight: Sight) -> Sequence[Command]:
    """A payment that names nothing pays the only set of open items that comes to it; with two sets a person chooses."""
    event = recorded.event
    if not isinstance(event, Settlement.Allocated) or event.allocations or event.on_account <= 0:
        return []
    if not any(finding.code is FindingCode.NO_SINGLE_MATCH for finding in event.findings):
        return []
    settlement = sight.look(Settlement, event.originator_id)
    if settlement is None or settlement.state.reversed or settlement.state.further:
        return []
    with sight.view(open_items.VIEW.name, recorded) as connection:
        matched = only_exact_set(event.on_account, open_documents(connection, settlement.state.remittance))
    if not matched:
        return []
    items = tuple(ItemToPay(reference=item.reference, paid=item.open, seen_open=item.open) for item in matched)
    return [ApplyOnlyMatch(settlement=event.originator_id, items=items, allocated_on=settlement.state.remittance.paid_on)]


ON_RECEIVABLES = (Policy("take_the_only_match", (Settlement.Allocated,), take_the_only_match),)

# Doors


def open_documents(connection: Connection, paid: Remittance) -> list[OpenItem]:
    """What is open of the payer's account in the payment's currency, by due day; deductions and cash are no documents."""
    search = ItemSearch(paid.company, account=paid.account, currency=paid.currency, kinds=DOCUMENTS)
    rows = open_items.find_items(connection, search, LOOKED_AT).rows
    return [
        OpenItem(
            row["item_id"], row["number"], row["original"], row["open"], row["discounts"],
            sum((applied.discount for applied in row["applied"].values()), ZERO),
        )
        for row in rows
    ]


def proposals_of(state: SettlementState, items: Sequence[OpenItem]) -> list[Match]:
    """What the rest of a payment may be for; nothing for one that was reversed or is used up."""
    done = state.done
    if state.reversed or done is None or done.on_account <= 0:
        return []
    unknown = [(f.reference, f.amount) for f in done.findings if f.code is FindingCode.UNKNOWN_REFERENCE]
    return proposed_matches(done.on_account, items, state.remittance.paid_on, unknown)


def allocation_router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["settlements"])
    command_route(
        router, "/settlements/{settlement:path}:allocate", AllocateOnAccount, log=LOG, permission="settlement.record",
        summary="Pay documents from what is on account", examples=[EXAMPLE], stream=_settlement_of,
    )

    @query_route(
        router, "/settlements/{settlement:path}/proposals", permission="settlement.read", name="settlement.proposals",
        summary="What a payment's rest on account may be for",
    )
    def proposals(
        request: Request, settlement: Annotated[str, Path(description="company/partner/reference")],
        min_position: MinPosition = None,
    ) -> Response:
        """Each with its reasons and a confidence; nothing is posted. Send the `items` of one to `:allocate` to take it."""
        stream = settlement_stream(settlement)
        known = found("settlement", settlement, door_of(request).applications[LOG].look(Settlement, stream))
        with reading(request, open_items.VIEW.name) as connection:
            items = open_documents(connection, known.state.remittance)
        body = {
            "settlement": stream, "href": href("settlements", stream), "version": known.version,
            "on_account": known.state.done.on_account if known.state.done else ZERO, "looked_at": len(items),
            "items": [_shown(match) for match in proposals_of(known.state, items)],
        }
        return json_answer(body, version=known.version)

    return router


def _shown(match: Match) -> dict[str, Any]:
    """A proposal as it is sent back to ``:allocate``; its id is its content's."""
    items = [
        {"reference": i.reference, "paid": i.paid, "discount": i.discount, "seen_open": i.open} for i in match.items
    ]
    digest = hashlib.sha256(encode_plain(items).encode()).hexdigest()[:16]
    return {"id": digest, **asdict(match), "items": items}


def _settlement_of(command: object) -> str:
    return settlement_stream(command.settlement)  # type: ignore[attr-defined]


ROUTERS = (allocation_router,)
