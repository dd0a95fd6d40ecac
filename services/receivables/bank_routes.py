"""REST of bank lines: statements in as JSON or CSV, matches, and what has no counterpart on either side."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated, Any, cast

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from domain.bank_entry import BankEntry
from domain.bank_matching import bank_matches
from projections import bank
from projections.bank import BankSearch
from services.bodies import check_depth, check_json, parse, read_body
from services.csv_rows import Findings, given_cells, line_of, rows
from services.describing import Recorded
from services.http import command_route, context_of, door_of, href, principal_of, query_route, raw_route, reading, respond
from services.problem import Problem
from services.queries import Cursor, Limit, MinPosition, after_of, found, json_answer, page_answer
from services.receivables.banking import (
    BODY_LIMIT, LINES_PER_STATEMENT, LOG, BankFile, MatchBankLine, RecordBankLines, StatedBankLine, UnmatchBankLine, entry_stream,
)

CSV_PATH = "/bank-lines:csv"
COLUMNS = ("line", "booked_on", "amount", "currency", "text", "partner")
NEEDED = ("line", "booked_on", "amount", "currency")

HEADING = {"company": "acme", "bank_account": "DE89370400440532013000"}
EXAMPLE = {**HEADING, "lines": [
    {"line": "2026-04-01/17", "booked_on": "2026-04-01", "amount": "227.88", "currency": "EUR", "text": "R-4711 CARREFOUR"},
]}  # fmt: skip
EXAMPLE_FILE = {**HEADING, "csv": "line,booked_on,amount,currency,text\n2026-04-01/17,2026-04-01,227.88,EUR,R-4711 CARREFOUR\n"}


async def record_csv(request: Request) -> Response:
    """The file is read off the event loop; it becomes the same command as its JSON form."""
    principal = principal_of(request, "settlement.record")
    check_json(request)
    raw = await read_body(request, BODY_LIMIT)
    check_depth(raw)
    file = cast(BankFile, parse(BankFile, raw, {}))
    context = context_of(request, principal, f"/v1{CSV_PATH}", raw)
    command = await run_in_threadpool(read_bank_lines, file)
    given = await door_of(request).applications[LOG].submit_async(command, context)
    return respond(request, LOG, replace(given, status=422) if given.status == 404 else given)


def read_bank_lines(file: BankFile) -> RecordBankLines:
    """The command that the file stands for; a problem with every bad row where there is one."""
    findings = Findings()
    read = [
        line_of(StatedBankLine, number, given_cells(cells), findings)
        for number, cells in rows(file.csv, COLUMNS, NEEDED, findings)
    ]
    lines = tuple(line for line in read if line is not None)
    findings.check()
    if not 1 <= len(lines) <= LINES_PER_STATEMENT:
        raise Problem(422, "not_valid", f"/csv: {len(lines)} lines; a file holds 1 to {LINES_PER_STATEMENT}")
    return RecordBankLines.model_construct(company=file.company, bank_account=file.bank_account, lines=lines)


Matched = Annotated[bool | None, Query(description="Only those that have a counterpart, or only those that have none.")]


def bank_router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["bank"])
    command_route(
        router, "/bank-lines", RecordBankLines, log=LOG, permission="settlement.record", status=201,
        summary="Record lines of a bank statement", examples=[EXAMPLE], limit=BODY_LIMIT,
    )
    raw_route(
        router, CSV_PATH, record_csv, permission="settlement.record", status=201, name=BankFile.NAME,
        summary="Record lines of a bank statement as CSV", description=BankFile.__doc__ or "", body=BankFile,
        examples=[EXAMPLE_FILE], answer=Recorded,
    )
    for action, command, summary in (
        ("match", MatchBankLine, "Say which payment a line is"), ("unmatch", UnmatchBankLine, "Take a match back"),
    ):
        command_route(
            router, f"/bank-lines/{{entry:path}}:{action}", command, log=LOG, permission="settlement.record", summary=summary,
            stream=_entry_of,
        )
    return router


def bank_queries() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["bank"])

    @query_route(
        router, "/bank-lines", permission="settlement.read", name="bank.lines", summary="Lines of bank statements by day"
    )
    def lines(
        request: Request, *, company: str | None = None, partner: str | None = None, matched: Matched = None,
        first_day: date | None = None, last_day: date | None = None, limit: Limit = 50, cursor: Cursor = None,
        min_position: MinPosition = None,
    ) -> Response:
        after = after_of(request, cursor)
        with reading(request, bank.VIEW.name) as connection:
            page = bank.find_lines(connection, BankSearch(company, partner, matched, first_day, last_day), limit, after)
        for row in page.rows:
            row["href"] = href("bank-lines", row["entry_id"])
        return page_answer(request, page)

    @query_route(
        router, "/bank-payments", permission="settlement.read", name="bank.payments",
        summary="Payments of ours and whether the bank shows them",
    )
    def payments(
        request: Request, *, company: str | None = None, partner: str | None = None, matched: Matched = None,
        first_day: date | None = None, last_day: date | None = None, limit: Limit = 50, cursor: Cursor = None,
        min_position: MinPosition = None,
    ) -> Response:
        """Advised but not (yet) on the bank: `matched=false`. A group payment stands for its settlements."""
        after = after_of(request, cursor)
        with reading(request, bank.VIEW.name) as connection:
            page = bank.find_payments(connection, BankSearch(company, partner, matched, first_day, last_day), limit, after)
        return page_answer(request, page)

    @query_route(
        router, "/bank-lines/unmatched", permission="settlement.read", name="bank.unmatched",
        summary="What the bank and our books do not have in common, by currency",
    )
    def unmatched(request: Request, *, company: str | None = None, min_position: MinPosition = None) -> Response:
        with reading(request, bank.VIEW.name) as connection:
            return json_answer({"items": bank.unmatched_totals(connection, company), "next": None})

    @query_route(
        router, "/bank-lines/{entry:path}/proposals", permission="settlement.read", name="bank.proposals",
        summary="Which payment a line may be",
    )
    def proposals(request: Request, entry: str, min_position: MinPosition = None) -> Response:
        """The most likely first, each with reasons, confidence and what the amounts are apart."""
        with reading(request, bank.VIEW.name) as connection:
            row = found("bank line", entry, bank.line(connection, entry_stream(entry)))
            line = bank.line_of(row)
            matches = [] if row["payment"] is not None else bank_matches(line, bank.payments_open(connection, line))[:20]
        return json_answer({"entry": line.line, "payment": row["payment"], "items": matches})

    @query_route(
        router, "/bank-lines/{entry:path}", permission="settlement.read", name="bank.line", summary="One line of a statement"
    )
    def line(request: Request, entry: str) -> Response:
        """As it stands in the log now. The ETag is for If-Match."""
        known = found("bank line", entry, door_of(request).applications[LOG].look(BankEntry, entry_stream(entry)))
        body = {"entry": known.id, "href": href("bank-lines", known.id), "version": known.version}
        return json_answer({**body, **_shown(known)}, version=known.version)

    return router


def _shown(entry: BankEntry) -> dict[str, Any]:
    state = entry.state
    line = {name: getattr(state.line, name) for name in ("company", "booked_on", "amount", "currency", "text", "partner")}
    return {**line, "bank_account": state.bank_account, "payment": state.payment, "matched_by": state.matched_by}


def _entry_of(command: object) -> str:
    return entry_stream(command.entry)  # type: ignore[attr-defined]


ROUTERS = (bank_router, bank_queries)
