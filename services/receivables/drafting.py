"""Allocation drafts: kept while a clerk thinks, checked when they are committed against what was posted meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from decimal import Decimal
from typing import Any, ClassVar

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from domain.allocation_draft import AllocationDraft, AllocationDraftState, conflicts
from domain.deduction import Deduction
from domain.invoice import Invoice
from domain.remittance import RemittanceItem, RemittanceItemKind
from domain.settlement import Settlement
from projections import allocation_drafts
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Day, Stream
from services.http import command_route, door_of, href, query_route, reading
from services.queries import Cursor, Limit, MinPosition, after_of, found, json_answer, page_answer
from services.receivables.allocating import LOG, pay_from_account
from services.receivables.settling import deduction_stream, settlement_answer, settlement_stream
from services.receivables.stated_payment import ITEMS_PER_REMITTANCE, REMITTANCE_LIMIT, PaidItem, remittance_items

EXAMPLE = {"items": [{"reference": "2026-000001", "paid": "113.00"}], "note": "waits for the answer of their bookkeeping"}


class SaveDraft(Command):
    """Keep what you mean to pay from a payment's rest on account; a second save replaces the first. What is open of each document
    now is kept with it: committing says what has changed since."""

    NAME: ClassVar[str] = "allocation_draft.save"
    settlement: Stream
    items: tuple[PaidItem, ...] = Field((), max_length=ITEMS_PER_REMITTANCE)
    note: str = Field("", max_length=1_000)

    def streams(self) -> tuple[str, ...]:
        return (settlement_stream(self.settlement),)


class CommitDraft(Command):
    """Post the draft, whole; 409 with what another person did where a document has changed since it was saved."""

    NAME: ClassVar[str] = "allocation_draft.commit"
    draft: Stream
    allocated_on: Day | None = None


class DiscardDraft(Command):
    """The draft is not meant any more."""

    NAME: ClassVar[str] = "allocation_draft.discard"
    draft: Stream


def draft_stream(name: str) -> str:
    """The stream of a draft as addresses name it: ``{company}/{partner}/{reference}/{person}``."""
    return name if name.startswith("allocation-draft/") else f"allocation-draft/{name}"


def save_draft(work: Work, command: SaveDraft) -> Answer:
    settlement = work.get(Settlement, settlement_stream(command.settlement))
    paid, owner = settlement.state.remittance, work.context.actor
    items = remittance_items(command.items, paid.reference, paid.currency)
    work.fetch(_documents(paid.company, items).values())
    seen = _open_now(work.find, paid.company, items)
    stream = AllocationDraft.stream(settlement.id, owner)
    draft = work.find(AllocationDraft, stream)
    if draft is None:
        draft = work.add(AllocationDraft.begin_draft(settlement.id, owner, items, seen, command.note))
        return _answer(draft, 201)
    draft.save(items, seen, command.note)
    return _answer(draft, 200)


def commit_draft(work: Work, command: CommitDraft) -> Answer:
    draft = work.get(AllocationDraft, draft_stream(command.draft))
    draft.check_committable(work.context.actor)
    settlement = work.get(Settlement, draft.state.settlement)
    pay_from_account(work, settlement, draft.state.items, draft.state.seen, command.allocated_on, "DRAFT")
    draft.commit()
    answer = settlement_answer(settlement)
    return Answer(200, {"draft": draft.id, **answer.body, "version": draft.version})


def discard_draft(work: Work, command: DiscardDraft) -> Answer:
    draft = work.get(AllocationDraft, draft_stream(command.draft))
    draft.discard(work.context.actor)
    return _answer(draft, 200)


HANDLERS: dict[type[Command], Any] = {SaveDraft: save_draft, CommitDraft: commit_draft, DiscardDraft: discard_draft}


def _documents(company: str, items: Iterable[RemittanceItem]) -> dict[str, str]:
    """The stream of each reference."""
    return {
        item.reference: deduction_stream(item.reference)
        if item.kind is RemittanceItemKind.DEDUCTION else Invoice.stream(company, item.reference)
        for item in items
    }


Find = Callable[[type[Any], str], Any]


def _open_now(find: Find, company: str, items: Iterable[RemittanceItem]) -> dict[str, Decimal]:
    """By reference what is open of each known document; of a deduction, what no dispute claims."""
    opened = {}
    for reference, stream in _documents(company, items).items():
        if stream.startswith(f"{Deduction.KIND}/"):
            deduction = find(Deduction, stream)
            if deduction is not None:
                opened[reference] = deduction.state.free
        elif (invoice := find(Invoice, stream)) is not None:
            opened[reference] = invoice.state.open
    return opened


def _answer(draft: AllocationDraft, status: int) -> Answer:
    state = draft.state
    return Answer(status, {
        "draft": draft.id, "href": href("allocation-drafts", draft.id), "version": draft.version, "status": _status(state),
        "settlement": state.settlement, "seen_open": state.seen,
    })


def _status(state: AllocationDraftState) -> str:
    return state.ended or allocation_drafts.OPEN


# Doors


def draft_router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["settlements"])
    command_route(
        router, "/settlements/{settlement:path}:draft", SaveDraft, log=LOG, permission="settlement.record",
        summary="Keep a draft of what to pay from the rest on account", examples=[EXAMPLE], limit=REMITTANCE_LIMIT,
    )
    for action, command, summary in (
        ("commit", CommitDraft, "Post a draft"), ("discard", DiscardDraft, "Give up a draft"),
    ):
        command_route(
            router, f"/allocation-drafts/{{draft:path}}:{action}", command, log=LOG, permission="settlement.record",
            summary=summary, stream=_draft_of,
        )

    @query_route(
        router, "/allocation-drafts", permission="settlement.read", name="allocation_draft.search",
        summary="Drafts of allocations",
    )
    def drafts(
        request: Request, *, settlement: str | None = None, owner: str | None = None, only_open: bool = True,
        limit: Limit = 50, cursor: Cursor = None, min_position: MinPosition = None,
    ) -> Response:
        after = after_of(request, cursor)
        wanted = None if settlement is None else settlement_stream(settlement)
        with reading(request, allocation_drafts.VIEW.name) as connection:
            page = allocation_drafts.find_drafts(
                connection, settlement=wanted, owner=owner, only_open=only_open, limit=limit, after=after
            )
        for row in page.rows:
            row["href"] = href("allocation-drafts", row["draft_id"])
        return page_answer(request, page)

    @query_route(
        router, "/allocation-drafts/{draft:path}", permission="settlement.read", name="allocation_draft.read",
        summary="One draft with what has changed since it was saved",
    )
    def draft(request: Request, draft: str) -> Response:
        """As it stands in the log now, with its conflicts. The ETag is for If-Match."""
        look = door_of(request).applications[LOG].look
        known = found("draft", draft, look(AllocationDraft, draft_stream(draft)))
        state: AllocationDraftState = known.state
        settlement = look(Settlement, state.settlement)
        company = settlement.state.remittance.company if settlement is not None else ""
        now = _open_now(look, company, state.items)
        used = {reference: _users(look, stream) for reference, stream in _documents(company, state.items).items()}
        body = {
            "draft": known.id, "href": href("allocation-drafts", known.id), "version": known.version, **asdict(state),
            "status": _status(state), "conflicts": [] if state.ended else conflicts(state.seen, now, used),
        }
        return json_answer(body, version=known.version)

    return router


def _users(look: Find, stream: str) -> tuple[str, ...]:
    invoice = look(Invoice, stream) if stream.startswith(f"{Invoice.KIND}/") else None
    return () if invoice is None else tuple(invoice.state.allocations)


def _draft_of(command: object) -> str:
    return draft_stream(command.draft)  # type: ignore[attr-defined]


ROUTERS = (draft_router,)
