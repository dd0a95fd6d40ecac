"""What-if, comparing two moments, presets, and trying a definition before it is agreed; nothing is ever appended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Query, Request
from pydantic import ConfigDict, Field
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from domain.fill_rate.changes import Changed, changed
from domain.fill_rate.credit import Contribution
from domain.fill_rate.form import POLICY_NOT_VALID, laid_over, policy_json, read_policy
from domain.fill_rate.periods import before, period_of
from domain.fill_rate.policy import FillRatePolicy
from domain.fill_rate.schema import policy_schema
from domain.refusal import Refused
from domain.values import exact_text
from services.bodies import BODY_LIMIT, check_depth, check_json, parse, read_body
from services.command import Command
from services.fields import Code, JsonObject
from services.fill_rate.presets import preset, presets, whole_policy
from services.http import principal_of, query_route, raw_route
from services.orders.fill_rate.asking import (
    Asking, Question, asked_of, facts, folded, known_position, moments, wait_for_all,
)
from services.orders.fill_rate.reporting import (
    NO_POLICY, Asked, Report, own_report, programmes, report, reports, versions_of, what_if,
)
from services.orders.fill_rate.showing import ratio_shown, reasons, report_shown
from services.orders.fill_rate.totals import Totals, all_totals, totals
from services.problem import Problem
from services.queries import found, json_answer

Made = TypeVar("Made", Report, Totals)


class WhatIf(Question, Command):
    """The lines of a question judged by another definition: written out, a preset's, or what another customer agreed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    NAME = "fill_rate.what_if"
    form: Literal["json"] = Field("json", alias="format")
    under: JsonObject | None = Field(None, description="A definition, whole or a preset with fields laid over it.")
    under_partner: Code | None = Field(None, description="Instead: what was agreed with another customer.")
    under_policy: Code | None = Field(None, description="With under_partner: which of its policies.")
    with_lines: bool = Field(True, description="false: the figures alone, which are there at once for a whole year.")


class ValidatePolicy(Command):
    """A definition to look at before it is agreed; with a partner it is tried on a period, the last whole one
    if none is named."""

    NAME = "fill_rate.validate"
    policy: JsonObject
    partner: Code | None = None
    period: Code | None = None


class Compared(Question):
    """The same question as known at two moments."""

    against: str = Field(description="The other moment: a position (orders=42) or an instant.")


def trying_commands() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["fill rate"])
    raw_route(
        router, "/fill-rate/what-if", _asking(WhatIf, _what_if), permission="fill_rate.read", name="fill_rate.what_if",
        summary="The same lines under another definition", description=WhatIf.__doc__ or "", body=WhatIf,
        examples=[{"partner": "walmart-us", "period": "2026-08", "under": {"preset": "CN-KA-FILL"}}],
    )
    raw_route(
        router, "/fill-rate-policies:validate", _asking(ValidatePolicy, _validated), permission="fill_rate.read",
        name="fill_rate.validate", summary="Look at a definition and try it before it is agreed",
        description=ValidatePolicy.__doc__ or "", body=ValidatePolicy,
        examples=[{"policy": {"preset": "TGT-OTA", "goal": {"rate": "0.97"}}, "partner": "walmart-us"}],
    )
    return router


def _asking(model: type[Command], answer: Callable[[Request, Any], dict[str, Any]]) -> Any:
    """A POST that only asks: read, answered in a thread, nothing stored."""

    async def handle(request: Request) -> Response:
        principal_of(request, "fill_rate.read")
        check_json(request)
        raw = await read_body(request, BODY_LIMIT)
        check_depth(raw)
        asked = parse(model, raw, {})
        return json_answer(await run_in_threadpool(answer, request, asked))

    return handle


def _what_if(request: Request, question: WhatIf) -> dict[str, Any]:
    asked = asked_of(request, question)
    with facts(request) as connection:
        policy = _other_policy(connection, question, asked)
        if question.with_lines:
            other = report(connection, asked, what_if(policy))
            shown, agreed = report_shown(other), [_beside(one, other) for one in _agreed(connection, asked, reports)]
        else:
            shown = report_shown(totals(connection, asked, what_if(policy)))
            agreed = [report_shown(one) for one in _agreed(connection, asked, all_totals)]
    return {
        "partner": asked.partner, **moments(asked), "what_if": {**shown, "policy": policy_json(policy)}, "as_agreed": agreed,
    }


def _agreed(connection: Connection, asked: Asked, made: Callable[[Connection, Asked], list[Made]]) -> list[Made]:
    """What was agreed with the partner itself; nothing agreed is no reason not to ask what-if."""
    try:
        return made(connection, asked)
    except Refused as refused:
        if refused.refusal is NO_POLICY and asked.policy_id is None and asked.metric is None:
            return []
        raise


def _other_policy(connection: Connection, question: WhatIf, asked: Asked) -> FillRatePolicy:
    if (question.under is None) == (question.under_partner is None):
        raise Problem(422, "not_valid", "/under: send one definition to judge by, as under or as under_partner")
    if question.under is not None:
        return whole_policy(question.under)
    assert question.under_partner is not None
    theirs = replace(asked, partner=question.under_partner, policy_id=question.under_policy, metric=None)
    return programmes(versions_of(connection, question.under_partner, asked.known_at), theirs)[0].latest


def _beside(agreed: Report, other: Report) -> dict[str, Any]:
    moved = changed(agreed.contributions, other.contributions)
    return {**report_shown(agreed), "lines_that_change": len(moved), "changed": [changed_shown(one) for one in moved]}


def changed_shown(one: Changed) -> dict[str, Any]:
    order, line, part = one.key
    return {"order": order, "line": line, "part": part, "before": _side(one.before), "after": _side(one.after)}


def _side(one: Contribution | None) -> dict[str, Any] | None:
    if one is None:
        return None
    worth = {"numerator": exact_text(one.numerator), "denominator": exact_text(one.denominator)}
    return {"status": one.judged.status, **worth, "reasons": reasons(one.judged)}


def _validated(request: Request, command: ValidatePolicy) -> dict[str, Any]:
    """Findings are no refusal here: they are what was asked for."""
    said: Mapping[str, Any] = command.policy
    name = said.get("preset")
    if isinstance(name, str):
        said = laid_over(preset(name)["policy"], said)
    policy, findings = read_policy(said)
    shown = {"valid": not findings, "findings": [{"pointer": f.pointer, "message": f.message} for f in findings]}
    if policy is None or findings:
        return {**shown, "code": POLICY_NOT_VALID.code, "policy": None, "dry_run": None}
    dry_run = None if command.partner is None else _dry_run(request, command, policy)
    return {**shown, "policy": policy_json(policy), "dry_run": dry_run}


def _dry_run(request: Request, command: ValidatePolicy, policy: FillRatePolicy) -> dict[str, Any]:
    wait_for_all(request)
    calendar = policy.period.calendar
    now = datetime.now(UTC)
    period = command.period or before(period_of(now.date(), calendar), calendar).name
    asked = Asked(command.partner or "", now, folded(request), period, calendar)
    with facts(request) as connection:
        tried = report(connection, asked, what_if(policy))
        agreed = [_beside(one, tried) for one in _agreed(connection, asked, reports)]
    return {"partner": command.partner, **moments(asked), **report_shown(tried), "as_agreed": agreed}


def trying_queries() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["fill rate"])

    @query_route(
        router, "/fill-rate/compare", permission="fill_rate.read", name="fill_rate.compare",
        summary="The same question as known at two moments, with the lines that changed in between",
    )
    def compare(request: Request, question: Annotated[Compared, Query()]) -> Response:
        asked = asked_of(request, question)
        other = replace(asked, known_at=known_position(request, question.against))
        with facts(request) as connection:
            pairs = zip(reports(connection, other), reports(connection, asked), strict=False)
            shown = [_compared(old, new) for old, new in pairs]
        at = {**moments(asked), "against": moments(other)["known_at"]}
        return json_answer({"partner": asked.partner, **at, "programmes": shown})

    @query_route(
        router, "/fill-rate/own", permission="fill_rate.read", name="fill_rate.own",
        summary="Our own rate beside the customer's: the same definition measured on our evidence",
    )
    def own(request: Request, question: Asking) -> Response:
        """What we signed for and recorded ourselves, with the lines where the two differ. The official figure stays the
        customer's; the difference is what one disputes."""
        asked = asked_of(request, question)
        with facts(request) as connection:
            shown = [_own_shown(one, own_report(connection, one)) for one in reports(connection, asked)]
        return json_answer({"partner": asked.partner, **moments(asked), "programmes": shown})

    @query_route(
        router, "/fill-rate-policies/schema", permission="fill_rate.read", name="fill_rate.schema",
        summary="What a definition may say: JSON Schema with every field, its values and its default",
    )
    def schema(request: Request) -> Response:
        return json_answer(policy_schema())

    @query_route(
        router, "/fill-rate-presets", permission="fill_rate.read", name="fill_rate.presets",
        summary="Definitions to start a customer's contract from, each with its source and how far it is verified",
    )
    def all_presets(request: Request) -> Response:
        return json_answer({"items": list(presets().values()), "next": None})

    @query_route(
        router, "/fill-rate-presets/{preset}", permission="fill_rate.read", name="fill_rate.preset", summary="One preset whole"
    )
    def one_preset(request: Request, preset: str) -> Response:
        known = found("preset", preset, presets().get(preset))
        return json_answer({**known, "whole": policy_json(whole_policy({"preset": preset}))})

    return router


def _own_shown(official: Report, own: Report) -> dict[str, Any]:
    moved = changed(official.contributions, own.contributions)
    return {
        **report_shown(official), "own": ratio_shown(own.ratio), "lines_that_differ": len(moved),
        "differing": [changed_shown(one) for one in moved],
    }


def _compared(old: Report, new: Report) -> dict[str, Any]:
    moved = changed(old.contributions, new.contributions)
    return {
        **report_shown(new), "before": ratio_shown(old.ratio), "lines_that_change": len(moved),
        "changed": [changed_shown(one) for one in moved],
    }


ROUTERS = (trying_commands, trying_queries)
