"""GET three-way matches: order price, received quantity and invoice lines side by side, with what should follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from domain.three_way_match import Proposal, ProposalKind
from domain.values import ZERO, round_money
from projections import reconciliation
from projections.paging import Listed
from projections.reconciliation import Compared
from services.http import href, query_route, reading
from services.queries import Cursor, Limit, MinPosition, after_of, page_answer
from services.receivables.reconciling.matching import VIEW, KnownAt, known_positions, shown_positions, wait_until_folded

Partner = Annotated[str, Query(min_length=1, description="The customer.")]


def three_way_queries() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["reconciliation"])

    @query_route(
        router, "/three-way-matches", permission="statement.read", name="three_way_match.search",
        summary="Invoices beside order prices and receipts, with proposals for credit and debit memos",
    )
    def matches(
        request: Request, *, partner: Partner, company: str | None = None,
        invoice: Annotated[str | None, Query(min_length=1, description="One invoice, by its number.")] = None,
        known_at: KnownAt = None, limit: Limit = 50, cursor: Cursor = None, min_position: MinPosition = None,
    ) -> Response:
        """The latest invoice first. Variances above zero: too much was billed; below zero: too little."""
        after = after_of(request, cursor)
        wait_until_folded(request, min_position)
        known = known_positions(request, known_at)
        with reading(request, VIEW) as connection:
            page = reconciliation.find_invoices(
                connection, partner, company, invoice, known["receivables"], limit, after
            )
            lines = reconciliation.compared(connection, page.rows, known)
        rows = [_shown_invoice(row, lines[row["item_id"]], shown_positions(known)) for row in page.rows]
        return page_answer(request, Listed(rows, page.after))

    return router


def _shown_invoice(row: dict[str, Any], lines: Sequence[Compared], known_at: str) -> dict[str, Any]:
    found = [line.match for line in lines if line.match is not None]
    parts = ("price", "quantity", "tax", "deductible", "underbilled")
    price, quantity, tax, deductible, underbilled = (
        round_money(sum((getattr(match, part) for match in found), ZERO), row["currency"]) for part in parts
    )
    named = ("company", "partner", "currency", "number", "dated_on", "shipment")
    return {
        "invoice": row["item_id"], "href": href("invoices", row["item_id"]), **{name: row[name] for name in named},
        "gross": row["original"], "known_at": known_at,
        "price_variance": price, "quantity_variance": quantity, "tax_variance": tax, "deductible": deductible,
        "underbilled": underbilled, "lines": [_shown_line(line, row["currency"]) for line in lines],
    }


def _shown_line(compared: Compared, currency: str) -> dict[str, Any]:
    line, ordered, match = compared.line, compared.ordered, compared.match
    return {
        "line": line.number, "item": line.item, "unit": line.unit, "order": line.order, "order_line": line.order_line,
        "state": compared.state,
        "order_price": ordered and reconciliation.price_ordered(ordered), "agreed_price": ordered and ordered["unit_price"],
        "billed_as_agreed": reconciliation.billed_as_agreed(compared), "order_price_per": ordered and ordered["price_per"],
        "order_tax_rate": ordered and ordered["tax_rate"],
        "received": compared.received, "invoiced": line.quantity, "invoice_price": line.unit_price,
        "invoice_price_per": line.price_per, "net": line.net, "tax": line.tax, "credited_net": compared.credited,
        "price_variance": match and match.price, "quantity_variance": match and match.quantity,
        "tax_variance": match and match.tax, "proposals": _shown_proposals(compared, currency),
    }


def _shown_proposals(compared: Compared, currency: str) -> list[dict[str, Any]]:
    """``left_net``: what of a credit memo proposed is not credited yet."""
    credited = compared.credited
    shown = []
    for one in compared.match.proposals if compared.match is not None else ():
        left = one.net
        if one.kind is ProposalKind.CREDIT_MEMO:
            left = max(one.net - credited, ZERO)
            credited = max(credited - one.net, ZERO)
        shown.append(_shown_proposal(one) | {"left_net": round_money(left, currency)})
    return shown


def _shown_proposal(one: Proposal) -> dict[str, Any]:
    return {
        "kind": one.kind, "cause": one.cause, "net": one.net, "tax": one.tax, "gross": one.gross, "return_units": one.units,
    }
