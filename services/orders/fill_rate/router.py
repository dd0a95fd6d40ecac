"""GET routes of the fill rate: figures, trend, lines, explanation, goal posts; each read off the same report."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from domain.fill_rate.periods import GREGORIAN_MONTH, periods_between
from services.http import door_of, query_route
from services.orders.fill_rate import charging, closing, explaining, failing, scoring, trying
from services.orders.fill_rate.asking import LOG, Asking, asked_of, facts, moments
from services.orders.fill_rate.reporting import Asked, programmes, reports, versions_of
from services.sheets import shown_as
from services.orders.fill_rate.showing import line_shown, ratio_shown, report_shown
from services.orders.fill_rate.totals import Totals, all_totals, totals
from services.problem import Problem
from services.queries import found, json_answer

LINE_COLUMNS = (
    "programme", "order", "purchase_order_number", "line", "part", "item", "category", "ship_to", "banner", "unit",
    "requested_on", "status", "ordered", "counted", "counted_on_time", "numerator", "denominator", "reasons", "policy_id",
)  # fmt: skip
TREND_COLUMNS = ("programme", "period", "first", "last", "numerator", "denominator", "rate", "percent")
LONGEST_TREND = 60
TRADE = frozenset({"order", "shipment", "evidence", "findings", "partner", "score", "fill-rate-close", "penalty"})


def figure_queries() -> APIRouter:
    router = APIRouter(prefix="/v1/fill-rate", tags=["fill rate"])

    @query_route(router, "", permission="fill_rate.read", summary="A customer's fill rate of a period", name="fill_rate.read")
    def figures(request: Request, question: Asking) -> Response:
        """The official figure by the customer's own definition, and the headline figures beside it. The same question
        with the `known_at` and `effective_at` of the answer gives the same answer for ever."""
        asked = asked_of(request, question)
        with facts(request) as connection:
            shown = [report_shown(one) for one in all_totals(connection, asked)]
        return json_answer({"partner": asked.partner, **moments(asked), "programmes": shown})

    @query_route(
        router, "/trend", permission="fill_rate.read", name="fill_rate.trend", summary="A customer's fill rate by period"
    )
    def trend(request: Request, question: Asking) -> Response:
        """Every period of the calendar that has a day from `first` to `last`."""
        asked = asked_of(request, question)
        if asked.days is None:
            raise Problem(422, "not_valid", "/first: a trend needs the days first and last")
        with facts(request) as connection:
            rows = [_trend_row(each) for each in _by_period(connection, asked)]
        return shown_as(question.form, rows, TREND_COLUMNS, "fill-rate-trend", {"partner": asked.partner, **moments(asked)})

    return router


def _by_period(connection: Connection, asked: Asked) -> list[Totals]:
    assert asked.days is not None
    made: list[Totals] = []
    for programme in programmes(versions_of(connection, asked.partner, asked.known_at), asked):
        name = asked.calendar or programme.latest.period.calendar or GREGORIAN_MONTH
        named = periods_between(*asked.days, name)
        if len(named) > LONGEST_TREND:
            raise Problem(422, "not_valid", f"/last: these are {len(named)} periods, more than {LONGEST_TREND}; ask in parts")
        made += [
            totals(connection, replace(asked, days=None, period=period.name, calendar=name), programme) for period in named
        ]
    return made


def _trend_row(one: Totals) -> dict[str, Any]:
    days = {"first": one.period.first, "last": one.period.last}
    return {"programme": one.programme.name, "period": one.period.name, **days, **ratio_shown(one.ratio)}


def line_queries() -> APIRouter:
    router = APIRouter(prefix="/v1/fill-rate", tags=["fill rate"])

    @query_route(
        router, "/lines", permission="fill_rate.read", name="fill_rate.lines",
        summary="What every line adds to the figure; the contributions sum exactly to it",
    )
    def lines(request: Request, question: Asking) -> Response:
        asked = asked_of(request, question)
        with facts(request) as connection:
            rows = [
                {"programme": one.programme.name, **line_shown(each, section)}
                for one in reports(connection, asked) for section in one.sections for each in section.contributions
            ]  # fmt: skip
        return shown_as(question.form, rows, LINE_COLUMNS, "fill-rate-lines", {"partner": asked.partner, **moments(asked)})

    @query_route(
        router, "/explain", permission="fill_rate.read", name="fill_rate.explain",
        summary="A figure down to the events that made it",
    )
    def explain(request: Request, question: Asking) -> Response:
        """The definition, the formula, every line with its contribution, and for each line the events by which it would be
        another without them."""
        asked = asked_of(request, question)
        with facts(request) as connection:
            shown = [explaining.explained(one) for one in reports(connection, asked)]
        return json_answer({"partner": asked.partner, **moments(asked), "programmes": shown})

    @query_route(
        router, "/goal-posts", permission="fill_rate.read", name="fill_rate.goal_posts",
        summary="How each change of what was asked or promised moved the figure, and whose it was",
    )
    def goal_posts(request: Request, question: Asking) -> Response:
        asked = asked_of(request, question)
        with facts(request) as connection:
            shown = [explaining.ledger(connection, asked, one) for one in reports(connection, asked)]
        return json_answer({"partner": asked.partner, **moments(asked), "programmes": shown})

    return router


def event_queries() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["fill rate"])

    @query_route(
        router, "/events/{reference}", permission="order.read", name="event.read",
        summary="One event as it is stored: what an explanation links to",
    )
    def event(request: Request, reference: str) -> Response:
        """`reference` is a log and a position, for example orders:42."""
        log, _, number = reference.partition(":")
        application = door_of(request).applications.get(log)
        known = log == LOG and application is not None and number.isdecimal() and len(number) <= 18
        row = application.store.event_at(int(number)) if application is not None and known else None
        if row is not None and row.stream.partition("/")[0] not in TRADE:
            row = None  # what persons and their keys did is not for everybody who reads orders
        return json_answer(explaining.event_shown(log, found("event", reference, row)))

    return router


ROUTERS = (
    figure_queries, line_queries, event_queries, *trying.ROUTERS, *closing.ROUTERS, *charging.ROUTERS,
    scoring.gap_queries, failing.failing_queries,
)
