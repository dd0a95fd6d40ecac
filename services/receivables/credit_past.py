"""REST of a credit account's past: decisions replayed, and another limit or rule tried on a past period."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field, model_validator
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from domain.credit_account import CreditAccount
from domain.credit_backtest import WhatIf
from domain.credit_policy import credit_policy_from
from domain.refusal import Refused
from services.application import LogApplication, refusal_answer
from services.bodies import BODY_LIMIT, check_depth, check_json, parse, read_body
from services.command import Command
from services.describing import body_model
from services.fields import Amount, Code, Day, JsonObject
from services.http import door_of, principal_of, query_route, raw_route, respond
from services.problem import Problem
from services.queries import found, json_answer, part
from services.receivables.credit_history import (
    LOG, backtested, decisions, replayed_decision, shown_backtest,
)

LONGEST_PERIOD_DAYS = 800

FirstDay = Annotated[date, Query(description="The first day of the period.")]
LastDay = Annotated[date, Query(description="The last day, included.")]


class BackTest(Command):
    """Had another limit, or other rules, been in force from the first day: which orders would have been held, which let go.

    Every request, delivery, document and payment of the period happens again; nothing is stored. Without a limit and a
    policy it repeats what happened.
    """

    NAME: ClassVar[str] = "credit.backtest"
    account: Code
    first_day: Day
    last_day: Day
    limit: Amount | None = None
    policy: JsonObject | None = None
    differing: Annotated[bool, Field(description="Only the orders that go otherwise.")] = False

    @model_validator(mode="after")
    def _in_order(self) -> BackTest:
        if not 0 <= (self.last_day - self.first_day).days <= LONGEST_PERIOD_DAYS:
            raise ValueError(f"a period runs forward, over {LONGEST_PERIOD_DAYS} days at the most")
        return self


def past_queries() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["credit"])

    @query_route(
        router, "/credit-decisions/{decision}/replay", permission="credit.read", name="credit.replay",
        summary="Take a decision again from the facts before it",
    )
    def replay(
        request: Request, decision: Annotated[int, Path(ge=1, le=10**15, description="Its position in the log.")]
    ) -> Response:
        """``same`` says whether it comes out as recorded; beside it what the rules of today would have said."""
        return json_answer(found("credit decision", str(decision), replayed_decision(_log(request), decision)))

    @query_route(
        router, "/credit-accounts/{account}/decisions", permission="credit.read", name="credit.decisions.list",
        summary="Every decision of a period, each taken again",
    )
    def listed(request: Request, account: str, first: FirstDay, last: LastDay, differing: bool = False) -> Response:
        """``differing``: only those that come out otherwise, then or under the rules of today."""
        _known(_log(request), part(account))
        rows = decisions(_log(request), part(account), first, last, differing=differing)
        return json_answer({"items": rows, "next": None})

    return router


def past_routes() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["credit"])
    path = "/credit-accounts/{account}:backtest"

    async def handle(request: Request) -> Response:
        principal_of(request, "credit.read")
        check_json(request)
        raw = await read_body(request, BODY_LIMIT)
        check_depth(raw)
        asked: Any = parse(BackTest, raw, {"account": part(str(request.path_params["account"]))})
        return await _off_the_loop(request, asked)

    raw_route(
        router, path, handle, permission="credit.read", summary="Try another limit or rule on a past period",
        name=BackTest.NAME, description=BackTest.__doc__ or "", body=body_model(BackTest, ["account"]),
        examples=[{"first_day": "2026-01-01", "last_day": "2026-03-31", "limit": "500000.00"}],
    )
    return router


async def _off_the_loop(request: Request, asked: BackTest) -> Response:
    """Folding a long stream takes seconds; other requests go on meanwhile."""
    return await run_in_threadpool(_tried, request, asked)


def _tried(request: Request, asked: BackTest) -> Response:
    log = _log(request)
    _known(log, asked.account)
    try:
        policy = None if asked.policy is None else credit_policy_from(asked.policy)
    except Refused as refused:
        return respond(request, LOG, refusal_answer(refused))
    what = WhatIf(asked.account, asked.first_day, asked.last_day, asked.limit, policy)
    return json_answer(shown_backtest(backtested(log, what), differing=asked.differing))


def _known(log: LogApplication, account: str) -> None:
    if log.look(CreditAccount, CreditAccount.stream(account)) is None:
        raise Problem(404, "not_known", f"there is no credit account {account}; check its name")


def _log(request: Request) -> LogApplication:
    return door_of(request).applications[LOG]


ROUTERS = (past_routes, past_queries)
