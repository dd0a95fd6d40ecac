"""REST of the receivables service, the commands: credit, invoices, payments, deductions."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from domain.invoice import Invoice
from services.bodies import check_depth, check_json, parse, read_body
from services.describing import Recorded
from services.http import command_route, context_of, door_of, principal_of, raw_route, respond
from services.receivables import (
    allocating, bank_routes, correcting, credit_routes, crediting, drafting, group_payments, invoicing, settling, stated_payment,
)
from services.receivables.remittance_rows import read_remittance

LOG = "receivables"

EXAMPLE_INVOICE = {
    "partner": "carrefour-fr", "issued_on": "2026-03-01",
    "lines": [{"item": "tea-25", "quantity": "10", "unit": "CS", "unit_price": "24.00", "tax_rate": "0.055"}],
}
EXAMPLE_CREDIT = {
    "issued_on": "2026-03-09", "reason": "2 cases damaged", "lines": [{"line": "1", "quantity": "2"}],
}
EXAMPLE_REMITTANCE = {
    "company": "acme", "partner": "carrefour-fr", "reference": "R-4711", "paid_on": "2026-04-01", "amount": "227.88",
    "items": [{
        "reference": "2026-000001", "gross": "253.20", "paid": "227.88",
        "adjustments": [{"amount": "25.32", "reason": "06"}],
    }],
}


EXAMPLE_FILE = {
    **{name: value for name, value in EXAMPLE_REMITTANCE.items() if name != "items"},
    "csv": "reference,gross,paid,adjustment,reason\n2026-000001,253.20,227.88,25.32,06\n",
}
CSV_PATH = "/settlements:csv"


async def record_csv(request: Request) -> Response:
    """The file is read off the event loop; it becomes the same command as its JSON form."""
    principal = principal_of(request, "settlement.record")
    check_json(request)
    raw = await read_body(request, stated_payment.REMITTANCE_LIMIT)
    check_depth(raw)
    file = cast(stated_payment.RemittanceFile, parse(stated_payment.RemittanceFile, raw, {}))
    context = context_of(request, principal, f"/v1{CSV_PATH}", raw)
    command = await run_in_threadpool(read_remittance, file)
    given = await door_of(request).applications[LOG].submit_async(command, context)
    return respond(request, LOG, replace(given, status=422) if given.status == 404 else given)


def credit_router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["credit"])
    command_route(
        router, "/credit-accounts/{account}:raise-limit", crediting.RaiseLimitTemporarily, log=LOG,
        permission="credit.limit.agree", summary="Raise a limit for some days",
    )
    command_route(
        router, "/credit-accounts/{account}:release", crediting.ReleaseHeldOrder, log=LOG,
        permission="credit.release.approve", summary="Release an order that credit holds",
    )
    return router


def invoice_router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["invoices"])
    command_route(
        router, "/invoices", invoicing.IssueInvoice, log=LOG, permission="invoice.issue", status=201,
        summary="Issue an invoice or a debit memo by hand", examples=[EXAMPLE_INVOICE], key_required=True,
    )
    command_route(
        router, "/invoices/{company}/{number}:credit", correcting.CreditInvoice, log=LOG, permission="invoice.credit",
        status=201, summary="Issue a credit memo about an invoice", examples=[EXAMPLE_CREDIT], key_required=True,
    )
    command_route(
        router, "/invoices/{company}/{number}:void", correcting.VoidInvoice, log=LOG, permission="invoice.void",
        summary="Void a document that nothing was paid on", stream=_invoice_of,
    )
    command_route(
        router, "/invoices/{company}/{number}:record-baseline", invoicing.RecordBaseline, log=LOG,
        permission="invoice.issue", summary="Record the day from which an invoice's terms count",
    )
    return router


def _invoice_of(command: object) -> str:
    return Invoice.stream(command.company, command.number)  # type: ignore[attr-defined]


def settlement_router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["settlements"])
    command_route(
        router, "/settlements", stated_payment.RecordRemittance, log=LOG, permission="settlement.record", status=201,
        summary="Record a remittance and apply it", examples=[EXAMPLE_REMITTANCE], limit=stated_payment.REMITTANCE_LIMIT,
    )
    raw_route(
        router, CSV_PATH, record_csv, permission="settlement.record", status=201, name=stated_payment.RemittanceFile.NAME,
        summary="Record a remittance with its items as CSV", description=stated_payment.RemittanceFile.__doc__ or "",
        body=stated_payment.RemittanceFile, examples=[EXAMPLE_FILE], answer=Recorded,
    )
    command_route(
        router, "/settlements/{settlement:path}:reverse", settling.ReverseSettlement, log=LOG,
        permission="settlement.reverse", summary="Reverse a payment that bounced", stream=_settlement_of,
    )
    command_route(
        router, "/deductions/{deduction:path}:credit", settling.CreditDeduction, log=LOG, permission="invoice.credit",
        summary="Resolve a deduction by a credit memo",
    )
    return router


def _settlement_of(command: object) -> str:
    return settling.settlement_stream(command.settlement)  # type: ignore[attr-defined]


ROUTERS = (
    credit_router, invoice_router, *allocating.ROUTERS, *drafting.ROUTERS, settlement_router, *group_payments.ROUTERS,
    *bank_routes.ROUTERS, *credit_routes.ROUTERS,
)
