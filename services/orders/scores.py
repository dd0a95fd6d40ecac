"""REST of retailers' own scores: scorecards in as JSON or CSV, taken back, and read as known at any position."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, cast

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from projections import retailer_scores
from services.bodies import check_depth, check_json, parse, read_body
from services.describing import Recorded
from services.http import command_route, context_of, door_of, principal_of, query_route, raw_route, reading, respond
from services.orders.score_commands import (
    HANDLERS, SCORE_LIMIT, ReportRetailerScore, ScoreFile, VoidRetailerScore, score_stream,
)
from services.orders.score_rows import read_score
from services.queries import Cursor, Limit, MinPosition, after_of, found, json_answer, page_answer

LOG = "orders"
VIEW = retailer_scores.VIEW.name
CSV_PATH = "/retailer-scores:csv"

KnownAt = Annotated[int | None, Query(ge=0, lt=10**18, description="A position of the orders log.")]

EXAMPLE_SCORE = {
    "partner": "carrefour-fr", "number": "SC-2026-03", "metric": "FILL", "calendar": "GREGORIAN_MONTH", "period": "2026-03",
    "numerator": "192", "denominator": "200",
    "lines": [
        {"order": "PO-7", "line": "1", "ordered": "100", "received": "92", "arrived_at": "2026-03-02T09:10:00+01:00"},
        {"order": "PO-7", "item": "tea-25", "ordered": "100", "received": "100"},
    ],
}
EXAMPLE_FILE = {
    **{name: value for name, value in EXAMPLE_SCORE.items() if name != "lines"},
    "csv": "order,line,item,ordered,received,arrived_at,excused\nPO-7,1,,100,92,2026-03-02T09:10:00+01:00,\n"
    "PO-7,,tea-25,100,100,,\n",
}


async def report_csv(request: Request) -> Response:
    """The file is read off the event loop; it becomes the same command as its JSON form."""
    principal = principal_of(request, "score.record")
    check_json(request)
    raw = await read_body(request, SCORE_LIMIT)
    check_depth(raw)
    file = cast(ScoreFile, parse(ScoreFile, raw, {}))
    context = context_of(request, principal, f"/v1{CSV_PATH}", raw)
    command = await run_in_threadpool(read_score, file)
    given = await door_of(request).applications[LOG].submit_async(command, context)
    return respond(request, LOG, replace(given, status=422) if given.status == 404 else given)


def score_router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["retailer scores"])
    command_route(
        router, "/retailer-scores", ReportRetailerScore, log=LOG, permission="score.record", status=201,
        summary="Report a retailer's scorecard", examples=[EXAMPLE_SCORE], limit=SCORE_LIMIT,
    )
    raw_route(
        router, CSV_PATH, report_csv, permission="score.record", status=201, name=ScoreFile.NAME,
        summary="Report a retailer's scorecard with its lines as CSV", description=ScoreFile.__doc__ or "", body=ScoreFile,
        examples=[EXAMPLE_FILE], answer=Recorded,
    )
    command_route(
        router, "/retailer-scores/{score:path}:void", VoidRetailerScore, log=LOG, permission="score.record",
        summary="Record that a scorecard was taken back",
    )
    return router


def score_queries() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["retailer scores"])

    @query_route(
        router, "/retailer-scores", permission="score.read", summary="Scorecards, the latest first", name="score.search"
    )
    def scores(
        request: Request, partner: str | None = None, known_at: KnownAt = None, limit: Limit = 50, cursor: Cursor = None,
        min_position: MinPosition = None,
    ) -> Response:
        """The newest version of each, without lines; ``void`` says which were taken back."""
        after = after_of(request, cursor)
        with reading(request, VIEW) as connection:
            page = retailer_scores.find_scores(connection, partner, known_at=known_at, limit=limit, after=after)
            return page_answer(request, page)

    @query_route(
        router, "/retailer-scores/{score:path}", permission="score.read", name="score.read",
        summary="One scorecard with its lines, and all that was said of it",
    )
    def one(
        request: Request, score: str, known_at: KnownAt = None, min_position: MinPosition = None
    ) -> Response:
        with reading(request, VIEW) as connection:
            row = found("scorecard", score, retailer_scores.score(connection, score_stream(score), known_at))
        version = len(row["said"])
        return json_answer({"version": version, **row}, version=version)

    return router


ROUTERS = (score_router, score_queries)

__all__ = ["HANDLERS", "ROUTERS", "ReportRetailerScore", "VoidRetailerScore", "score_queries", "score_router"]
