"""REST of reconciling: statements in as JSON or CSV, differences resolved, statements agreed and read, ours out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from domain.aggregate import natural_id
from domain.debtor import Debtor
from domain.statement import Statement
from projections import reconciliation
from projections.reconciliation import StatementSearch
from services.bodies import BODY_LIMIT, check_depth, check_json, parse, read_body
from services.describing import Recorded, body_model
from services.http import (
    command_route, context_of, door_of, expected_of, href, principal_of, query_route, raw_route, reading, respond,
)
from services.queries import Cursor, Limit, MinPosition, after_of, found, json_answer, page_answer
from services.receivables.reconciling.commands import (
    STATEMENT_LIMIT, AgreeStatement, AskToAgree, RecordStatement, ResolveDifference, StatementFile, statement_stream,
)
from services.receivables.reconciling.counter_statement import as_csv, as_pdf, counter_statement
from services.receivables.reconciling.matching import (
    VIEW, KnownAt, Matched, known_positions, matched, shown_match, shown_positions, wait_until_folded,
)
from services.receivables.reconciling.rows import read_statement
from services.receivables.reconciling.three_way import three_way_queries

LOG = "receivables"
CSV_PATH = "/statements:csv"
AGREE_PATH = "/statements/{statement:path}:agree"

EXAMPLE_STATEMENT: dict[str, Any] = {
    "company": "acme", "partner": "carrefour-fr", "number": "ST-2026-03", "cut_off": "2026-03-25", "balance": "70820.00",
    "lines": [
        {
            "document": "2026-000102", "dated_on": "2026-03-20", "amount": "77600.00", "quantity": "1000",
            "unit_price": "77.60", "tax": "0.00",
        },
        {"document": "CM-2026-000201", "kind": "CREDIT_MEMO", "dated_on": "2026-03-21", "amount": "-6780.00"},
    ],
}
EXAMPLE_FILE = {
    **{name: value for name, value in EXAMPLE_STATEMENT.items() if name != "lines"},
    "csv": "document,kind,dated_on,amount,quantity,unit_price\n2026-000102,INVOICE,2026-03-20,77600.00,1000,77.60\n"
    "CM-2026-000201,CREDIT_MEMO,2026-03-21,-6780.00,,\n",
}
EXAMPLES_RESOLVE = (
    {"line": 4, "document": "CM-2026-000009", "reason": "their RTV305 is our memo of the return"},
    {"line": 5, "difference_class": "FEE_NOT_AGREED", "reason": "poster fee, no agreement found"},
)


async def record_csv(request: Request) -> Response:
    """The file is read off the event loop; it becomes the same command as its JSON form."""
    principal = principal_of(request, "statement.record")
    check_json(request)
    raw = await read_body(request, STATEMENT_LIMIT)
    check_depth(raw)
    file = cast(StatementFile, parse(StatementFile, raw, {}))
    context = context_of(request, principal, f"/v1{CSV_PATH}", raw)
    command = await run_in_threadpool(read_statement, file)
    given = await door_of(request).applications[LOG].submit_async(command, context)
    return respond(request, LOG, replace(given, status=422) if given.status == 404 else given)


async def agree(request: Request) -> Response:
    """Matched with all that is recorded by now; what is then agreed names the positions it rests on."""
    principal = principal_of(request, "statement.agree")
    check_json(request)
    raw = await read_body(request, BODY_LIMIT)
    check_depth(raw)
    asked = cast(AskToAgree, parse(AskToAgree, raw, {"statement": str(request.path_params["statement"])}))
    stream = statement_stream(asked.statement)
    context = context_of(request, principal, f"/v1{AGREE_PATH}", raw).expecting(expected_of(request, stream))
    command = await run_in_threadpool(_matched_to_agree, request, asked, stream)
    given = await door_of(request).applications[LOG].submit_async(command, context)
    return respond(request, LOG, given)


def _matched_to_agree(request: Request, asked: AskToAgree, stream: str) -> AgreeStatement:
    wait_until_folded(request, all_of_it=True)
    known, made = _match(request, stream, None)
    matching = made.matching
    return AgreeStatement(
        statement=stream, agreed_on=asked.agreed_on, our_balance=matching.our_balance, bridge=matching.bridge,
        documents=matching.agreed_documents, unexplained=matching.to_resolve, known_at=made.known_at, seen=known.version,
    )


def _match(request: Request, stream: str, known_at: str | None) -> tuple[Statement, Matched]:
    known = found("statement", stream.partition("/")[2], door_of(request).applications[LOG].look(Statement, stream))
    positions = known_positions(request, known_at)
    with reading(request, VIEW) as connection:
        return known, matched(connection, known.state, positions)


def statement_router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["reconciliation"])
    command_route(
        router, "/statements", RecordStatement, log=LOG, permission="statement.record", status=201,
        summary="Record a customer's statement of account", examples=[EXAMPLE_STATEMENT], limit=STATEMENT_LIMIT,
    )
    raw_route(
        router, CSV_PATH, record_csv, permission="statement.record", status=201, name=StatementFile.NAME,
        summary="Record a customer's statement with its lines as CSV", description=StatementFile.__doc__ or "",
        body=StatementFile, examples=[EXAMPLE_FILE], answer=Recorded,
    )
    command_route(
        router, "/statements/{statement:path}:resolve", ResolveDifference, log=LOG, permission="statement.record",
        summary="Say what a difference is, or which document a line speaks of", examples=EXAMPLES_RESOLVE,
    )
    raw_route(
        router, AGREE_PATH, agree, permission="statement.agree", name=AskToAgree.NAME, summary="Agree a statement",
        description=AskToAgree.__doc__ or "", body=body_model(AskToAgree, ["statement"]),
        examples=[{"agreed_on": "2026-04-02"}], versioned=True,
        answer=Recorded,
    )
    return router


def statement_queries() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["reconciliation"])

    @query_route(
        router, "/statements", permission="statement.read", name="statement.search",
        summary="Customers' statements, the latest cut-off first",
    )
    def statements(
        request: Request, *, company: str | None = None, partner: str | None = None,
        state: Literal["RECEIVED", "AGREED", "SUPERSEDED"] | None = None, cut_off_from: date | None = None,
        cut_off_to: date | None = None, limit: Limit = 50, cursor: Cursor = None, min_position: MinPosition = None,
    ) -> Response:
        wanted = StatementSearch(company, partner, state, cut_off_from, cut_off_to)
        after = after_of(request, cursor)
        with reading(request, VIEW) as connection:
            page = reconciliation.find_statements(connection, wanted, limit, after)
        rows = [{"href": href("statements", row["statement_id"]), **row} for row in page.rows]
        return page_answer(request, replace(page, rows=rows))

    @query_route(
        router, "/statements/{statement:path}", permission="statement.read", name="statement.read",
        summary="One statement beside our ledger: pairs, differences, the bridge of both balances",
    )
    def one(
        request: Request, *, statement: str, known_at: KnownAt = None, only_differences: bool = False,
        min_position: MinPosition = None,
    ) -> Response:
        """Our ledger as of the cut-off and as known at ``known_at``; an agreed statement as known when it was agreed."""
        wait_until_folded(request, min_position)
        stream = statement_stream(statement)
        known = found("statement", statement, door_of(request).applications[LOG].look(Statement, stream))
        agreement = known.state.agreement
        if known_at is None and agreement is not None:
            known_at = shown_positions(agreement.known_at)
        known, made = _match(request, stream, known_at)
        state = known.state
        heading = {
            "statement": stream, "href": href("statements", stream), "version": known.version, "state": state.status,
            "company": state.company, "partner": state.partner, "number": state.number,
            "stated_version": state.content.version, "cut_off": state.content.cut_off, "currency": state.content.currency,
            "superseded_by": state.superseded_by, "agreement": agreement, "resolutions": state.resolutions,
        }
        return json_answer({**heading, **shown_match(made, only_differences=only_differences)}, version=known.version)

    return router


def counter_statement_queries() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["reconciliation"])

    @query_route(
        router, "/counter-statements", permission="statement.read", name="counter_statement.read",
        summary="Our own statement to a customer at a cut-off, as JSON, CSV or PDF",
    )
    def counter(
        request: Request, *, partner: Annotated[str, Query(min_length=1)], cut_off: date, company: str | None = None,
        currency: str | None = None, form: Annotated[Literal["json", "csv", "pdf"], Query(alias="format")] = "json",
        known_at: KnownAt = None, min_position: MinPosition = None,
    ) -> Response:
        """What is open at the end of the day, as known then. The same question at the same positions gives the same bytes."""
        wait_until_folded(request, min_position)
        debtor = found("partner", partner, door_of(request).applications[LOG].look(Debtor, Debtor.stream(partner)))
        known = known_positions(request, known_at)
        seller, money = company or debtor.state.company, currency or debtor.state.currency
        with reading(request, VIEW) as connection:
            ledger = reconciliation.ledger_of(connection, seller, partner, money, cut_off, known["receivables"])
        # only our own ledger is in it
        position = shown_positions({LOG: known[LOG]})
        made = counter_statement(seller, partner, money, cut_off, position, ledger)
        if form == "json":
            heading = {"company": seller, "partner": partner, "currency": money, "cut_off": cut_off, "known_at": position}
            return json_answer({**heading, "balance": made.balance, "items": made.rows})
        name = f"{natural_id('statement', seller, partner).replace('/', '_').replace('%', '_')}_{cut_off}.{form}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "O2C-Known-At": position}
        if form == "csv":
            return Response(as_csv(made), 200, headers, "text/csv; charset=utf-8")
        return Response(as_pdf(made), 200, headers, "application/pdf")

    return router


ROUTERS = (statement_router, statement_queries, counter_statement_queries, three_way_queries)
