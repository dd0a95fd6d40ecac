"""The retailer's own score beside ours: the gap in parts that sum exactly to it, each down to its lines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from domain.fill_rate.credit import ONE, Ratio, contributions
from domain.fill_rate.gap import Gap, gap
from domain.fill_rate.gap_lines import LineGap
from domain.fill_rate.policy import FillRatePolicy
from domain.refusal import Kind, Refusal
from domain.values import exact_text
from projections import retailer_scores
from projections.retailer_scores import KnownScore
from services.http import query_route, reading
from services.known_at import KnownAt
from services.orders.fill_rate.asking import facts, known_position, moments, pinned
from services.orders.fill_rate.reporting import Asked, Report, reports
from services.orders.fill_rate.showing import plain_value, ratio_shown, version_shown
from services.queries import MinPosition, found, json_answer

SEVERAL_VERSIONS = Refusal(
    "fill_rate.several_versions",
    "Period {period} of {partner} falls under several definitions ({versions}); a score is compared under one. Ask for the"
    " gap of a score that names its policy.",
    Kind.RULE,
)


def gap_queries() -> APIRouter:
    router = APIRouter(prefix="/v1/fill-rate", tags=["fill rate"])

    @query_route(
        router, "/gap", permission="fill_rate.read", name="fill_rate.gap",
        summary="The gap between our figure and the retailer's own score, in parts that sum exactly to it",
    )
    def gap_of(
        request: Request, partner: Annotated[str, Query(min_length=1)],
        score: Annotated[str, Query(min_length=1, description="The scorecard's number.")],
        known_at: KnownAt = None, min_position: MinPosition = None,
    ) -> Response:
        """`effect`: by how much a cause makes our figure higher than theirs. Lines show both values and the money."""
        position = pinned(request, known_position(request, known_at))
        with reading(request, retailer_scores.VIEW.name) as connection:
            cards = retailer_scores.scores_of(connection, partner, position)
        card = found("scorecard", score, next((one for one in cards if one.number == score), None))
        with facts(request) as connection:
            return json_answer(_gap_shown(connection, card, position))

    return router


def _gap_shown(connection: Connection, card: KnownScore, position: int) -> dict[str, Any]:
    asked = Asked(
        card.partner, datetime.now(UTC), position, period=card.card.period, calendar=card.card.calendar,
        policy_id=card.card.policy_id, metric=None if card.card.policy_id else card.card.metric,
    )
    made = reports(connection, asked)[0]
    policy = _one_policy(made)
    judged = [one for section in made.sections for one in section.judged]
    compared = gap(contributions(judged, policy, card.card.metric), card.card, policy)
    return {
        "partner": card.partner, "score": card.number, "score_version": card.version, **moments(asked),
        "period": made.period.name, "metric": card.card.metric,
        "versions": [version_shown(section.version) for section in made.sections], **_compared_shown(compared),
    }


def _one_policy(made: Report) -> FillRatePolicy:
    if len(made.sections) > 1:
        names = [f"{s.version.policy_id} from {s.version.first_day}" for s in made.sections]
        raise SEVERAL_VERSIONS(period=made.period.name, partner=made.asked.partner, versions=names)
    return made.sections[0].version.policy if made.sections else made.programme.latest


def _compared_shown(compared: Gap) -> dict[str, Any]:
    return {
        "ours": ratio_shown(compared.ours),
        "theirs": None if compared.theirs is None else ratio_shown(Ratio(compared.theirs, ONE)),
        "difference": None if compared.difference is None else exact_text(compared.difference),
        "parts": [
            {
                "cause": part.cause, "effect": None if part.effect is None else exact_text(part.effect),
                "money": [{"amount": str(amount), "currency": currency} for currency, amount in part.money.items()],
                "lines": [_line_shown(line) for line in part.lines],
            }
            for part in compared.parts
        ],
    }  # fmt: skip


def _line_shown(line: LineGap) -> dict[str, Any]:
    names = ("order", "line", "item", "ours", "theirs", "quantity", "money", "currency")
    return {name: plain_value(getattr(line, name)) for name in names}

