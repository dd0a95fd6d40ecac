"""Closing a period of a customer's fill rate, and what became known since: the restatement, line by line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, ClassVar, cast

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from domain.fill_rate.changes import changed
from domain.fill_rate.digest import contributions_digest
from domain.fill_rate.judging import Status
from domain.fill_rate_close import ClosedFigure, FillRateClose, Frozen
from domain.values import exact_text
from projections import order_fill
from services.bodies import BODY_LIMIT, check_depth, check_json, parse, read_body
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Code
from services.http import context_of, door_of, href, principal_of, query_route, raw_route, respond
from services.orders.fill_rate.asking import LOG, facts, folded, wait_for_all
from services.orders.fill_rate.reporting import Asked, Report, reports
from services.orders.fill_rate.showing import HEADLINES, ratio_shown
from services.orders.fill_rate.trying import changed_shown
from services.queries import MinPosition, found, json_answer, part

CLOSES = "/v1/fill-rate/closes"


class ClosePeriod(Command):
    """Freeze the figure of a period by one policy, as it is known now."""

    NAME: ClassVar[str] = "fill_rate.close"
    partner: Code
    policy_id: Code
    period: Code


class RecordClose(Command):
    """The figure that was computed for the close; handed in by the door, never by a caller."""

    NAME: ClassVar[str] = "fill_rate.record_close"
    partner: str
    policy_id: str
    calendar: str
    period: str
    first: date
    last: date
    closed: Frozen
    pending: int

    def streams(self) -> tuple[str, ...]:
        return (FillRateClose.stream(self.partner, self.policy_id, self.period),)


def record_close(work: Work, command: RecordClose) -> Answer:
    stream = FillRateClose.stream(command.partner, command.policy_id, command.period)
    known = work.find(FillRateClose, stream)
    where = href("fill-rate/closes", stream)
    if known is not None:
        known.close_again(command.closed, where)
        return _answer(known, where)
    said = {name: getattr(command, name) for name in ("partner", "policy_id", "calendar", "period", "first", "last")}
    return _answer(work.add(FillRateClose.close(**said, closed=command.closed, pending=command.pending)), where, 201)


def _answer(close: FillRateClose, where: str, status: int = 200) -> Answer:
    frozen = close.state.closed
    body = {"close": close.id, "href": where, "version": close.version, "digest": frozen.digest, "position": frozen.position}
    return Answer(status, body)


HANDLERS: dict[type[Command], Any] = {RecordClose: record_close}


def closing_commands() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["fill rate"])

    async def handle(request: Request) -> Response:
        principal = principal_of(request, "fill_rate.close")
        check_json(request)
        raw = await read_body(request, BODY_LIMIT)
        check_depth(raw)
        asked = cast(ClosePeriod, parse(ClosePeriod, raw, {}))
        context = context_of(request, principal, CLOSES, raw)
        command = await run_in_threadpool(_computed, request, asked)
        return respond(request, LOG, await door_of(request).applications[LOG].submit_async(command, context))

    raw_route(
        router, "/fill-rate/closes", handle, permission="fill_rate.close", name=ClosePeriod.NAME, status=201,
        summary="Close a period: freeze its figure", description=ClosePeriod.__doc__ or "", body=ClosePeriod,
        examples=[{"partner": "walmart-us", "policy_id": "demo-in-full", "period": "2026-08"}],
    )
    return router


def _computed(request: Request, asked: ClosePeriod) -> RecordClose:
    """The command with the figure as it is known now."""
    wait_for_all(request)
    question = Asked(
        asked.partner, datetime.now(UTC), folded(request), period=asked.period, policy_id=asked.policy_id
    )
    with facts(request) as connection:
        made = reports(connection, question)[0]
    return RecordClose(
        partner=asked.partner, policy_id=asked.policy_id, calendar=made.programme.latest.period.calendar,
        period=made.period.name, first=made.period.first, last=made.period.last, closed=frozen(made),
        pending=sum(one.judged.status is Status.PENDING for one in made.contributions),
    )


def frozen(made: Report) -> Frozen:
    """The report's figures and digest."""
    figures = [
        ClosedFigure(name, name == section.figures.official, exact_text(ratio.numerator), exact_text(ratio.denominator))
        for section in made.sections
        for name in HEADLINES
        for ratio in [getattr(section.figures, name)]
    ]
    contributions = made.contributions
    return Frozen(
        figures=tuple(figures), lines=sum(one.judged.status is Status.COUNTED for one in contributions),
        position=made.asked.known_at or 0, effective_at=made.asked.effective_at, digest=contributions_digest(contributions),
    )


def closing_queries() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["fill rate"])

    @query_route(
        router, "/fill-rate/closes", permission="fill_rate.read", name="fill_rate.closes", summary="Closed periods of a customer"
    )
    def closes(request: Request, partner: str, min_position: MinPosition = None) -> Response:
        with facts(request) as connection:
            rows = order_fill.closes_of(connection, partner)
        return json_answer({"items": [{**row, "href": href("fill-rate/closes", row["stream"])} for row in rows], "next": None})

    @query_route(
        router, "/fill-rate/closes/{partner}/{policy}/{period}", permission="fill_rate.read", name="fill_rate.close_read",
        summary="A closed period: as it was closed, proven anew, and restated by what became known since",
    )
    def close(request: Request, partner: str, policy: str, period: str, min_position: MinPosition = None) -> Response:
        """`proven` says whether computing the figure again, as it was known then, gives the same digest."""
        stream = FillRateClose.stream(part(partner), part(policy), part(period))
        with facts(request) as connection:
            row = found("closed period", period, order_fill.close_of(connection, stream))
            return json_answer(_restated(connection, row, folded(request)))

    return router


def _restated(connection: Connection, row: dict[str, Any], now: int) -> dict[str, Any]:
    closed = row["closed"]
    then = Asked(
        row["partner"], datetime.fromisoformat(closed["effective_at"]), closed["position"], period=row["period"],
        policy_id=row["policy_id"],
    )
    as_closed = reports(connection, then)[0]
    as_known = reports(connection, replace(then, effective_at=datetime.now(UTC), known_at=now))[0]
    moved = changed(as_closed.contributions, as_known.contributions)
    return {
        **row, "proven": contributions_digest(as_closed.contributions) == closed["digest"],
        "figure": ratio_shown(as_closed.ratio),
        "restated": {
            "known_at": f"{LOG}={now}", "figure": ratio_shown(as_known.ratio), "lines_that_change": len(moved),
            "adjustments": [changed_shown(one) for one in moved],
        },
    }  # fmt: skip


ROUTERS = (closing_commands, closing_queries)
