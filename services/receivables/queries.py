"""GET routes of the receivables service: credit accounts, documents, open items, settlements, deductions."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from urllib.parse import unquote

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from domain.aggregate import Aggregate
from domain.deduction import Deduction
from domain.invoice import Invoice
from domain.invoice_facts import InvoiceKind
from domain.settlement import Settlement
from domain.values import local_date
from projections import credit_exposure, open_items
from projections.open_items import DEDUCTION, ON_ACCOUNT, ItemSearch
from projections.paging import Listed
from services.fields import Moment
from services.http import door_of, href, query_route, reading
from services.known_at import known_position
from services.queries import Cursor, Limit, MinPosition, after_of, found, json_answer, page_answer, part
from services.receivables import credit_history
from services.receivables.settling import deduction_stream, settlement_stream

DOCUMENTS = tuple(kind.value for kind in InvoiceKind)
COLLECTIONS = dict.fromkeys(DOCUMENTS, "invoices") | {DEDUCTION: "deductions", ON_ACCOUNT: "settlements"}

DocumentKind = Literal["INVOICE", "CREDIT_MEMO", "DEBIT_MEMO"]
ItemKind = Literal["INVOICE", "CREDIT_MEMO", "DEBIT_MEMO", "DEDUCTION", "ON_ACCOUNT"]
Number = Annotated[str | None, Query(min_length=1, description="Numbers beginning so.")]
DueFrom = Annotated[date | None, Query(description="Due on this day or later; items without a due day are left out.")]
AsOf = Annotated[Moment | None, Query(description="As of this moment.")]
KnownAt = Annotated[str | None, Query(description="What was known then: a position (receivables=42) or an instant.")]
DueTo = Annotated[date | None, Query(description="Due on this day or earlier.")]


def credit_queries() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["credit"])

    @query_route(
        router, "/credit-accounts/{account}", permission="credit.read", name="credit.read",
        summary="Exposure by stage, limit, headroom and what is held",
    )
    def account(
        request: Request, *, account: str, min_position: MinPosition = None,
        on: Annotated[date | None, Query(description="The day of the limit; today in the account's zone.")] = None,
        as_of: AsOf = None, known_at: KnownAt = None,
    ) -> Response:
        """With ``as_of`` or ``known_at``: under the account's own rules, as it stood then and as it was known then."""
        name = unquote(account)
        if as_of is not None or known_at is not None:
            return _as_known(request, name, as_of, known_at)
        with reading(request, credit_exposure.VIEW.name) as connection:
            day = on or _today(credit_exposure.exposure(connection, name, date.max))
            exposed = found("credit account", name, credit_exposure.exposure(connection, name, day))
            held = credit_exposure.held_requests(connection, name, 500)
            waiting = credit_exposure.delivery_holds(connection, name)
        limit = {"total": exposed.limit.total, **asdict(exposed.limit)}
        body = asdict(exposed) | {"limit": limit, "on": day, "held": held.rows, "more_held": held.after is not None}
        body |= {"delivery_holds": waiting}
        return json_answer(body)

    @query_route(
        router, "/credit-accounts/{account}/movements", permission="credit.read", name="credit.movements",
        summary="Every movement of an account, the latest first",
    )
    def movements(
        request: Request, *, account: str, document: str | None = None, order: str | None = None, limit: Limit = 50,
        cursor: Cursor = None, min_position: MinPosition = None,
    ) -> Response:
        """``document`` and ``order`` are streams, for example ``invoice/acme/2026-000001``."""
        after = after_of(request, cursor)
        with reading(request, credit_exposure.VIEW.name) as connection:
            return page_answer(request, credit_exposure.movements(
                connection, unquote(account), document=document, order_id=order, limit=limit, after=after
            ))

    return router


def _as_known(request: Request, name: str, as_of: datetime | None, known_at: str | None) -> Response:
    log = door_of(request).applications[credit_history.LOG]
    asked = known_position(request, known_at, credit_history.LOG)
    known = log.store.last_position() if asked is None else asked
    moment = as_of or datetime.now(UTC)
    account, part_of = found("credit account", name, credit_history.account_as_known(log, name, as_of, known))
    moments = {"as_of": moment, "known_at": f"{credit_history.LOG}={known}"}
    return json_answer(moments | credit_history.shown_account(account, part_of, moment))


def _today(exposed: credit_exposure.AccountExposure | None) -> date:
    return local_date(datetime.now(UTC), exposed.zone if exposed else "UTC")


def invoice_queries() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["invoices"])

    @query_route(
        router, "/invoices", permission="invoice.read", name="invoice.search",
        summary="Invoices, credit and debit memos by due day",
    )
    def invoices(
        request: Request, *, kind: Annotated[list[DocumentKind] | None, Query()] = None, company: str | None = None,
        partner: str | None = None, account: str | None = None, currency: str | None = None, number: Number = None,
        due_from: DueFrom = None, due_to: DueTo = None, only_open: bool = False, limit: Limit = 50,
        cursor: Cursor = None, min_position: MinPosition = None,
    ) -> Response:
        wanted = ItemSearch(
            company, partner, account, currency, tuple(kind or DOCUMENTS), number, due_from, due_to, only_open
        )
        return _items(request, wanted, limit, cursor)

    @query_route(
        router, "/invoices/{company}/{number}", permission="invoice.read", summary="One document whole",
        name="invoice.read",
    )
    def invoice(request: Request, company: str, number: str) -> Response:
        """As it stands in the log now. The ETag is for If-Match."""
        return _aggregate(request, Invoice, Invoice.stream(part(company), part(number)), "invoices")

    return router


def open_item_queries() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["open items"])

    @query_route(
        router, "/open-items", permission="invoice.read", name="open_item.search",
        summary="Everything open: documents, deductions and cash on account",
    )
    def items(
        request: Request, *, kind: Annotated[list[ItemKind] | None, Query()] = None, company: str | None = None,
        partner: str | None = None, account: str | None = None, currency: str | None = None, number: Number = None,
        due_from: DueFrom = None, due_to: DueTo = None, limit: Limit = 50, cursor: Cursor = None,
        min_position: MinPosition = None,
    ) -> Response:
        """Receivable positive, credit negative: the open amounts of an account add up to what it owes."""
        wanted = ItemSearch(company, partner, account, currency, tuple(kind or ()), number, due_from, due_to)
        return _items(request, wanted, limit, cursor)

    @query_route(
        router, "/open-items/totals", permission="invoice.read", name="open_item.totals",
        summary="Open amounts by currency and kind",
    )
    def totals(
        request: Request, *, company: str | None = None, partner: str | None = None, account: str | None = None,
        currency: str | None = None, due_to: DueTo = None, min_position: MinPosition = None,
    ) -> Response:
        wanted = ItemSearch(company, partner, account, currency, due_to=due_to)
        with reading(request, open_items.VIEW.name) as connection:
            return json_answer({"items": open_items.totals(connection, wanted), "next": None})

    return router


def settlement_queries() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["settlements"])

    @query_route(
        router, "/settlements", permission="settlement.read", name="settlement.search",
        summary="Payments and what of them is on account",
    )
    def settlements(
        request: Request, *, company: str | None = None, partner: str | None = None, account: str | None = None,
        number: Number = None, only_open: bool = False, limit: Limit = 50, cursor: Cursor = None,
        min_position: MinPosition = None,
    ) -> Response:
        kinds = (ON_ACCOUNT,)
        wanted = ItemSearch(company, partner, account, kinds=kinds, number_prefix=number, only_open=only_open)
        return _items(request, wanted, limit, cursor)

    @query_route(
        router, "/settlements/{settlement:path}", permission="settlement.read", name="settlement.read",
        summary="One payment with its advice, what it paid and what was found",
    )
    def settlement(request: Request, settlement: str) -> Response:
        """As it stands in the log now. The ETag is for If-Match."""
        return _aggregate(request, Settlement, settlement_stream(settlement), "settlements")

    return router


def deduction_queries() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["deductions"])

    @query_route(
        router, "/deductions", permission="deduction.read", summary="Amounts customers kept back",
        name="deduction.search",
    )
    def deductions(
        request: Request, *, company: str | None = None, partner: str | None = None, account: str | None = None,
        only_open: bool = True, limit: Limit = 50, cursor: Cursor = None, min_position: MinPosition = None,
    ) -> Response:
        wanted = ItemSearch(company, partner, account, kinds=(DEDUCTION,), only_open=only_open)
        return _items(request, wanted, limit, cursor)

    @query_route(
        router, "/deductions/{deduction:path}", permission="deduction.read", summary="One deduction",
        name="deduction.read",
    )
    def deduction(request: Request, deduction: str) -> Response:
        return _aggregate(request, Deduction, deduction_stream(deduction), "deductions")

    return router


def _items(request: Request, wanted: ItemSearch, limit: int, cursor: str | None) -> Response:
    after = after_of(request, cursor)
    with reading(request, open_items.VIEW.name) as connection:
        page = open_items.find_items(connection, wanted, limit, after)
    return page_answer(request, Listed([_item(row) for row in page.rows], page.after))


def _item(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the view with its address; what only sorts stays inside."""
    shown = {name: value for name, value in row.items() if name not in ("sorted_on", "is_open")}
    return {"href": href(COLLECTIONS[row["kind"]], row["item_id"]), **shown}


def _aggregate(request: Request, kind: type[Aggregate[Any]], stream: str, collection: str) -> Response:
    """One resource as committed, with the version that If-Match asks for."""
    known = found(kind.KIND, stream.partition("/")[2], door_of(request).applications["receivables"].look(kind, stream))
    state = known.state
    body = {kind.KIND: stream, "href": href(collection, stream), "version": known.version, **asdict(state)}
    if isinstance(known, Deduction):
        body["outstanding"] = state.outstanding
    return json_answer(body, version=known.version)


ROUTERS = (credit_queries, invoice_queries, open_item_queries, settlement_queries, deduction_queries)
