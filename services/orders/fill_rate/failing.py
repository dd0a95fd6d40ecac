"""The lines that failed, whose fault each part was, the figure net of what is excused; and where evidence contradicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from domain.calendars import WorkingDays
from domain.fill_rate.choices import ExclusionEffect
from domain.fill_rate.discrepancies import Discrepancy, Statement, discrepancies, unplaced
from domain.fill_rate.failures import FailedLine, failed_lines, party_totals
from domain.fill_rate.figures import percent
from domain.fill_rate.net import excused_wants, net
from domain.fill_rate.parameters import ParametersOf, as_agreed, parameters_from
from domain.values import exact_text
from projections import order_fill
from services.calendars import known_calendars
from services.http import href, query_route
from services.orders.fill_rate.asking import Asking, asked_of, facts, moments
from services.orders.fill_rate.reporting import Report, Section, asking_of, lines_of_period, reports
from services.orders.fill_rate.showing import plain_value, ratio_shown
from services.sheets import shown_as
from services.queries import json_answer

FAILED_COLUMNS = (
    "programme", "order", "purchase_order_number", "line", "part", "item", "ship_to", "requested_on", "kinds", "ordered",
    "counted", "missed", "unit", "money", "currency", "causes", "departments", "US", "CUSTOMER", "BOTH", "CARRIER", "UNKNOWN",
    "excused", "broken", "claimed",
)  # fmt: skip


def failing_queries() -> APIRouter:
    router = APIRouter(prefix="/v1/fill-rate", tags=["fill rate"])

    @query_route(
        router, "/failed-lines", permission="fill_rate.read", name="fill_rate.failed_lines",
        summary="One row for every late, short or missing line, with cause, department, fault and money",
    )
    def failed(request: Request, question: Asking) -> Response:
        """The parties of a line sum to 1; `gross` is the figure as it is, `net` without what the customer's own agreement
        or word excuses."""
        asked = asked_of(request, question)
        with facts(request) as connection:
            parameters, calendars = _logistics(connection, asked.partner, asked.known_at)
            found = [(one, _failed(connection, one, parameters, calendars)) for one in reports(connection, asked)]
        rows = [_row(one.programme.name, line) for one, of_sections in found for _, lines in of_sections for line in lines]
        totals = [_totals(one, of_sections) for one, of_sections in found]
        more = {"partner": asked.partner, **moments(asked), "programmes": totals}
        return shown_as(question.form, rows, FAILED_COLUMNS, "failed-lines", more)

    @query_route(
        router, "/discrepancies", permission="fill_rate.read", name="fill_rate.discrepancies",
        summary="Where the customer's evidence contradicts ours, with both values and the money at stake",
    )
    def contradictions(request: Request, question: Asking) -> Response:
        """Also what papers say of orders and lines that we do not know."""
        asked = asked_of(request, question)
        rows: list[dict[str, Any]] = []
        strays: dict[str, Discrepancy] = {}
        with facts(request) as connection:
            for one in reports(connection, asked):
                rows += [_contradiction(each, one.programme.name) for each in _of_programme(one)]
                said = order_fill.unplaced_of(
                    connection, asked.partner, one.period.first, one.period.last, known_at=asked.known_at
                )
                strays |= {each.id: each for each in unplaced(said)}
        rows += [_contradiction(one, None) for one in strays.values()]
        return json_answer({"partner": asked.partner, **moments(asked), "items": rows})

    return router


def _logistics(
    connection: Connection, partner: str, known_at: int | None
) -> tuple[ParametersOf, Mapping[str, WorkingDays]]:
    """The logistic parameters by the day ordered, and the calendars that they name."""
    agreed = order_fill.logistics_of(connection, partner, known_at)
    named = {parameters_from(one.parameters).calendar for one in agreed}
    calendars = {name: calendar for one in named for name, calendar in known_calendars(one).items()}
    return as_agreed(agreed), calendars


Failed = list[tuple[Section, tuple[FailedLine, ...]]]


def _failed(
    connection: Connection, one: Report, parameters: ParametersOf, calendars: Mapping[str, WorkingDays]
) -> Failed:
    """Whether an order reaches its minimum is judged on all its lines, also those that are not shown."""
    found: Failed = []
    whole_orders = tuple(lines_of_period(connection, one.asked, one.programme.latest, one.period))
    for section in one.sections:
        asking = asking_of(section.version.policy, one.asked.effective_at)
        whole = replace(asking, calendars={**asking.calendars, **calendars})
        found.append((section, failed_lines(section.contributions, whole, parameters, whole_orders)))
    return found


def _totals(one: Report, found: Failed) -> dict[str, Any]:
    """Gross, net both ways, and what each party is at fault for."""
    rows = [line for _, lines in found for line in lines]
    excused = excused_wants(rows)
    parties = party_totals(rows)
    passed = [net(s.contributions, s.version.policy, excused) for s, _ in found]
    left = [net(s.contributions, s.version.policy, excused, ExclusionEffect.EXCLUDE) for s, _ in found]
    return {
        "programme": one.programme.name, "period": one.period.name, "failed": len(rows), "excused": len(excused),
        "gross": ratio_shown(one.ratio),
        "net": ratio_shown(sum(passed[1:], passed[0])) if passed else ratio_shown(one.ratio),
        "net_without": ratio_shown(sum(left[1:], left[0])) if left else ratio_shown(one.ratio),
        "parties": None if parties is None else {
            party: {"share": exact_text(share), "percent": percent(share)} for party, share in parties.items()
        },
    }  # fmt: skip


def _row(programme: str, failed: FailedLine) -> dict[str, Any]:
    want, line = failed.judged.want, failed.judged.line
    shares = [
        {
            "kind": one.kind, "quantity": exact_text(one.quantity), "cause": one.cause.code,
            "department": one.cause.department, "party": one.cause.party, "customers_number": one.cause.number,
        }
        for one in failed.shares
    ]  # fmt: skip
    return {
        "programme": programme, "order": line.order, "href": href("orders", line.order),
        "purchase_order_number": line.purchase_order_number, "line": line.number, "part": want.part,
        "item": line.original.item, "ship_to": want.asked.ship_to, "requested_on": want.asked.requested_on,
        "kinds": failed.kinds, "ordered": exact_text(failed.ordered), "counted": exact_text(failed.counted),
        "missed": exact_text(failed.missed), "unit": line.original.unit, "money": f"{failed.money:f}",
        "currency": line.currency, "shares": shares,
        "causes": [*dict.fromkeys(one["cause"] for one in shares)],
        "departments": [*dict.fromkeys(one["department"] for one in shares)],
        **{party: exact_text(share) for party, share in failed.parties.items()},
        "excused": failed.excused, "broken": failed.broken, "claimed": failed.claimed,
        "found_by": failed.finding.known.actor if failed.finding is not None else None,
    }


def _of_programme(one: Report) -> list[Discrepancy]:
    """Whether an arrival that is told differently matters depends on the definition."""
    return [
        each
        for section in one.sections
        for each in discrepancies(section.judged, asking_of(section.version.policy, one.asked.effective_at))
    ]


def _contradiction(one: Discrepancy, programme: str | None) -> dict[str, Any]:
    shown = {"programme": programme} | {
        name: plain_value(getattr(one, name))
        for name in ("id", "kind", "order", "line", "shipment", "quantity", "money", "currency")
    }  # fmt: skip
    ours, theirs = one.punctuality or (None, None)
    judged = None if ours is None else {"ours": ours, "theirs": theirs}
    return {**shown, "punctuality": judged, "theirs": _said(one.theirs), "ours": None if one.ours is None else _said(one.ours)}


def _said(one: Statement) -> dict[str, Any]:
    event = f"orders:{one.known.position}"
    return {
        "value": plain_value(one.value), "by": one.by, "document": one.document, "event": event, "href": f"/v1/events/{event}",
    }
