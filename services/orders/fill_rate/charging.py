"""The penalty that a period's figure comes to by the policy's own terms: shown, and recorded as calculated."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, ClassVar, cast

from fastapi import APIRouter, Query, Request
from pydantic import Field
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from dataclasses import replace

from domain.fill_rate.charging import Charge
from domain.fill_rate.credit import Ratio
from domain.fill_rate.form import policy_json
from domain.fill_rate.penalty import Assessment, Circumstances, assess, assess_together
from domain.refusal import Kind, Refusal
from domain.values import exact_text
from services.bodies import BODY_LIMIT, check_depth, check_json, parse, read_body
from services.command import Command
from services.fields import Amount, Code, Day, Text
from services.http import context_of, door_of, href, principal_of, query_route, raw_route, respond
from services.orders.fill_rate.asking import LOG, Question, asked_of, facts, moments, wait_for_all
from services.orders.fill_rate.reporting import Asked, Report, Section, asking_of, reports
from services.orders.fill_rate.showing import plain_value, ratio_shown, version_shown
from services.orders.penalties import RecordPenaltyCalculation
from services.queries import json_answer

NO_PENALTY = Refusal(
    "fill_rate.no_penalty",
    "Policy {policy} of {partner} has no line in {period}, or agrees no penalty. There is nothing to calculate.",
    Kind.RULE,
)


class PenaltyAsked(Question):
    """The penalty of a question's lines, and what it depends on beside them."""

    turnover: Amount | None = Field(None, description="Of ours with the customer; below the agreed least nothing is due.")
    invoiced_on: Day | None = Field(None, description="The day of the customer's penalty invoice: failures may be too old.")


class CalculatePenalty(Command):
    """Record what a period's penalty comes to by the policy; again when more is known."""

    NAME: ClassVar[str] = "fill_rate.calculate_penalty"
    partner: Code
    policy_id: Code
    period: Code
    turnover: Amount | None = None
    invoiced_on: Day | None = None
    reason: Text | None = None


def penalty_queries() -> APIRouter:
    router = APIRouter(prefix="/v1/fill-rate", tags=["fill rate"])

    @query_route(
        router, "/penalty", permission="fill_rate.read", name="fill_rate.penalty",
        summary="What a period's penalty comes to by the agreed terms, line by line; nothing is recorded",
    )
    def penalty(request: Request, question: Annotated[PenaltyAsked, Query()]) -> Response:
        """Where several measures are agreed, a case that one of them has charged is not charged by the next."""
        asked = asked_of(request, question)
        with facts(request) as connection:
            found = [(one, section) for one in reports(connection, asked) for section in one.sections]
            known = [
                (s.contributions, asking_of(s.version.policy, asked.effective_at),
                 _circumstances(connection, one, s, question.turnover, question.invoiced_on))
                for one, s in found
            ]  # fmt: skip
            shown = [
                {"programme": one.programme.name, "version": version_shown(section.version), **_shown(assessment)}
                for (one, section), assessment in zip(found, assess_together(known), strict=True)
            ]
        return json_answer({"partner": asked.partner, **moments(asked), "penalties": shown})

    return router


def _circumstances(
    connection: Connection, one: Report, section: Section, turnover: Decimal | None, invoiced_on: date | None
) -> Circumstances:
    penalty = section.version.policy.penalty
    waiver = None if penalty is None else penalty.waiver
    trailing = None if waiver is None else _trailing(connection, one, waiver.trailing_weeks)
    return Circumstances(turnover, trailing, invoiced_on)


def _trailing(connection: Connection, one: Report, weeks: int) -> Ratio:
    """The figure of the last whole weeks, up to the period's last day."""
    last = one.period.last
    asked = replace(one.asked, period=None, calendar=None, days=(last - timedelta(days=7 * weeks - 1), last))
    same = [r for r in reports(connection, asked) if r.programme.name == one.programme.name]
    return same[0].ratio if same else Ratio()


def _shown(found: Assessment) -> dict[str, Any]:
    return {
        "outcome": found.outcome, "currency": found.currency, "measured": ratio_shown(found.measured),
        "goal": None if found.goal is None else exact_text(found.goal.rate), "goal_met": found.goal_met,
        "charged": f"{found.charged:f}", "total": f"{found.total:f}",
        "charges": [_charge_shown(one) for one in found.charges],
        "caps": [{name: plain_value(v) for name, v in vars(cap).items()} | {"due": cap.due} for cap in found.caps],
        "exemptions": [{name: plain_value(v) for name, v in vars(one).items()} for one in found.exemptions],
    }  # fmt: skip


def _charge_shown(one: Charge) -> dict[str, Any]:
    names = ("order", "line", "part", "category", "short", "late", "quantity", "base", "rate", "amount", "failed_on", "reasons")
    return {name: plain_value(getattr(one, name)) for name in names} | {"href": href("orders", one.order)}


def penalty_commands() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["fill rate"])

    async def handle(request: Request) -> Response:
        principal = principal_of(request, "penalty.decide")
        check_json(request)
        raw = await read_body(request, BODY_LIMIT)
        check_depth(raw)
        asked = cast(CalculatePenalty, parse(CalculatePenalty, raw, {}))
        context = context_of(request, principal, "/v1/fill-rate/penalties", raw)
        command = await run_in_threadpool(_calculated, request, asked)
        return respond(request, LOG, await door_of(request).applications[LOG].submit_async(command, context))

    raw_route(
        router, "/fill-rate/penalties", handle, permission="penalty.decide", name=CalculatePenalty.NAME, status=201,
        summary="Record what a period's penalty comes to", description=CalculatePenalty.__doc__ or "", body=CalculatePenalty,
        examples=[{"partner": "walmart-us", "policy_id": "demo-in-full", "period": "2026-08"}],
    )
    return router


def _calculated(request: Request, asked: CalculatePenalty) -> RecordPenaltyCalculation:
    wait_for_all(request)
    question = Question(partner=asked.partner, period=asked.period, policy=asked.policy_id)
    pinned = asked_of(request, question)
    with facts(request) as connection:
        (one,) = reports(connection, pinned)
        if not one.sections or all(section.version.policy.penalty is None for section in one.sections):
            raise NO_PENALTY(policy=asked.policy_id, partner=asked.partner, period=asked.period)
        found = [
            assess(
                s.contributions, asking_of(s.version.policy, pinned.effective_at),
                _circumstances(connection, one, s, asked.turnover, asked.invoiced_on),
            )
            for s in one.sections
        ]
    return _command(asked, one, pinned, found)


def _command(asked: CalculatePenalty, one: Report, pinned: Asked, found: list[Assessment]) -> RecordPenaltyCalculation:
    latest = one.sections[-1].version
    stated = json.dumps(policy_json(latest.policy), sort_keys=True).encode()
    value = one.ratio.value
    goal = latest.policy.goal
    return RecordPenaltyCalculation.model_validate(
        {
            "partner": asked.partner, "policy": asked.policy_id, "period": one.period.name, "currency": found[-1].currency,
            "amount": sum((each.total for each in found), Decimal(0)), "charges": sum(len(each.charges) for each in found),
            "rate": None if value is None else exact_text(value), "goal": None if goal is None else exact_text(goal.rate),
            "policy_from": latest.first_day, "policy_digest": hashlib.sha256(stated).hexdigest(),
            "position": pinned.known_at, "reason": asked.reason,
        }
    )


ROUTERS = (penalty_queries, penalty_commands)
