"""Explaining a figure: its definition and formula, its lines, the events behind each; and the goal-post ledger."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import msgspec
from sqlalchemy import Connection

from domain.fill_rate.choice import bucket_day, judged_by
from domain.fill_rate.credit import Ratio, contributions, ratio
from domain.fill_rate.figures import order_of
from domain.fill_rate.form import policy_json
from domain.fill_rate.goal_posts import Move, moves
from domain.values import exact_text
from services.event_log.contract import EventRow
from services.orders.fill_rate.reporting import Asked, Report, asking_of, lines_of_period
from services.orders.fill_rate.showing import explained_line, figure_shown, formula, ratio_shown, version_shown


def explained(report: Report) -> dict[str, Any]:
    """The report with, for each version, its definition whole, the formula and every line."""
    sections = [
        {
            "version": version_shown(section.version), "policy": policy_json(section.version.policy),
            "formula": formula(section.version.policy), "figure": ratio_shown(ratio(section.contributions)),
            "lines": [explained_line(one, section) for one in section.contributions],
        }
        for section in report.sections
    ]
    return {**figure_shown(report), "versions": sections}


def ledger(connection: Connection, asked: Asked, report: Report) -> dict[str, Any]:
    """Every change that moved the figure, in the order of the log; the figure as first asked for and as it is."""
    lines = lines_of_period(connection, asked, report.programme.latest, report.period)
    orders = [list(group) for _, group in groupby(lines, order_of)]

    def figure_of(order: Any) -> Ratio:
        total = Ratio()
        by_version: dict[Any, Any] = {}
        asking = lambda policy: asking_of(policy, asked.effective_at)  # noqa: E731
        for version, one in judged_by(order, report.programme.choose, asking):
            if report.period.holds(bucket_day(one, version.policy)) and asked.filters.take(one):
                by_version.setdefault(version.key, (version, []))[1].append(one)
        for version, judged in by_version.values():
            total += ratio(contributions(judged, version.policy, version.policy.metric))
        return total

    found, first, last = moves(orders, figure_of)
    return {
        "programme": report.programme.name, "period": report.period.name, "as_first_asked": ratio_shown(first),
        "as_it_is": ratio_shown(last), "moves": [_move_shown(one) for one in found if one.before != one.after],
        "changes_without_effect": sum(1 for one in found if one.before == one.after),
    }


def _move_shown(one: Move) -> dict[str, Any]:
    return {
        "order": one.order, "event": f"orders:{one.known.position}", "href": f"/v1/events/orders:{one.known.position}",
        "kind": one.kind, "by": one.by, "recorded_by": one.known.actor, "said_at": one.known.at, "lines": one.lines,
        "before": ratio_shown(one.before), "after": ratio_shown(one.after),
        "moved": exact_text(one.moved) if one.moved is not None else None,
    }


def event_shown(log: str, row: EventRow) -> dict[str, Any]:
    return {
        "event": f"{log}:{row.position}", "type": row.type, "stream": row.stream, "version": row.version,
        "decided_at": row.decided_at, "recorded_at": row.recorded_at, "actor": row.actor, "causation": row.causation,
        "correlation": row.correlation, "data": msgspec.json.decode(row.data),
    }
