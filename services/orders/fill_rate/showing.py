"""Figures, lines and failures as they are shown: exact rationals as text, percents for people, rows for CSV."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from domain.fill_rate.choice import Version
from domain.fill_rate.citing import cited
from domain.fill_rate.credit import Contribution, Ratio
from domain.fill_rate.figures import Figures, percent
from domain.fill_rate.judging import Judged, JudgedDelivery, Status
from domain.fill_rate.policy import FillRatePolicy
from domain.values import exact_text
from services.fill_rate.presets import presets
from services.http import href
from services.orders.fill_rate.reporting import Report, Section
from services.orders.fill_rate.totals import Totals

HEADLINES = ("complete", "full", "on_time", "otif", "value_fill", "orders_full")
WORDS = {"complete": "足额", "full": "足量", "on_time": "准时"}


def ratio_shown(one: Ratio) -> dict[str, Any]:
    """``rate`` is null for 0/0, which is no rate."""
    return {
        "numerator": exact_text(one.numerator), "denominator": exact_text(one.denominator),
        "rate": exact_text(one.value) if one.value is not None else None, "percent": percent(one.value),
    }


def figures_shown(found: Figures) -> dict[str, Any]:
    """The headline figures side by side, the customer's official one marked."""
    shown = {
        name: {**ratio_shown(getattr(found, name)), "official": name == found.official,
               **({"word": WORDS[name]} if name in WORDS else {})}
        for name in HEADLINES
    }  # fmt: skip
    counts = {"lines": found.lines, "pending": found.pending, "excluded": found.excluded}
    return {"official": found.official, "figures": shown, **counts}


def report_shown(report: Report | Totals) -> dict[str, Any]:
    """One programme: its official figure, and for each version of the definition all figures."""
    versions = [{"version": version_shown(one.version), **figures_shown(one.figures)} for one in report.sections]
    return {**figure_shown(report), "versions": versions}


def figure_shown(report: Report | Totals) -> dict[str, Any]:
    """One programme's official figure, and whether it meets the goal."""
    goal, ratio = report.programme.latest.goal, report.ratio
    value = ratio.value
    return {
        "programme": report.programme.name,
        "metric": report.programme.latest.metric,
        "period": period_shown(report),
        "figure": ratio_shown(ratio),
        "goal": None if goal is None else {
            "rate": exact_text(goal.rate), "comparison": goal.comparison, "met": None if value is None else goal.met(value),
        },
    }  # fmt: skip


def period_shown(report: Report | Totals) -> dict[str, Any]:
    return {"name": report.period.name, "first": report.period.first, "last": report.period.last}


def version_shown(version: Version) -> dict[str, Any]:
    """Which definition: its id, first day, where the log knows it, and how far its preset is verified."""
    preset = presets().get(version.policy.preset or "")
    return {
        "policy_id": version.policy_id, "first_day": version.first_day,
        "known": f"orders:{version.position}" if version.position else None, "preset": version.policy.preset,
        "verification": preset["verification"] if preset else None, "source": preset["source"] if preset else None,
    }


def formula(policy: FillRatePolicy) -> str:
    """What the figure divides by what, in words and field values."""
    counted = {"FILL": "what counts of D", "OTIF": "what counts of D on time", "ON_TIME": "what came on time of what came"}
    mode = "in proportion" if policy.credit_mode == "PROPORTIONAL" else f"all or nothing by {policy.pass_level}"
    parts = [
        f"{policy.metric} by {policy.weight_unit}: {counted[policy.metric]}, {mode}, over D",
        f"D = {policy.denominator.quantity_basis}",
        f"quantity by {' or '.join(policy.in_full.quantity_evidence)}",
        f"arrival by {' or '.join(policy.on_time.arrival_evidence)} in the {policy.on_time.window_kind} window of"
        f" {policy.on_time.target}",
        f"split deliveries {policy.split_deliveries}",
    ]
    return "; ".join(parts)


def line_shown(one: Contribution, section: Section) -> dict[str, Any]:
    """One want: its contribution, how it was judged and why."""
    judged, want = one.judged, one.judged.want
    line = judged.line
    return {
        "order": line.order, "href": href("orders", line.order), "purchase_order_number": line.purchase_order_number,
        "line": line.number, "part": want.part, "item": line.original.item, "category": line.original.category,
        "ship_to": want.asked.ship_to, "banner": want.asked.banner, "unit": line.original.unit,
        "requested_on": want.asked.requested_on, "status": judged.status, "ordered": exact_text(judged.d),
        "counted": exact_text(judged.q_all), "counted_on_time": exact_text(judged.q_on_time),
        "numerator": exact_text(one.numerator), "denominator": exact_text(one.denominator),
        "window": {"opens": judged.window.opens, "closes": judged.window.closes},
        "reasons": reasons(judged), "policy_id": section.version.policy_id,
    }


def reasons(judged: Judged) -> list[str]:
    """Codes that say what became of the want, each once."""
    said = [code for one in judged.deliveries for code in one.reasons]
    if judged.status is not Status.COUNTED:
        return [*dict.fromkeys([judged.exclusion or judged.status.value, *said])]
    if judged.passed:
        said.insert(0, f"PASSED_{judged.exclusion}")
    if judged.d == 0:
        said.append("ZERO_QUANTITY")
    if judged.q_all != judged.d:
        said.append("OVER" if judged.q_all > judged.d else "SHORT" if judged.q_all else "NOT_DELIVERED")
    said += [str(one.punctuality) for one in judged.deliveries if one.punctuality and not one.on_time and one.quantity]
    if not judged.conditions_met:
        said.append("CONDITION_FAILED")
    return [*dict.fromkeys(said)]


def explained_line(one: Contribution, section: Section) -> dict[str, Any]:
    """The same with each delivery and the events that made the contribution, with links."""
    events = [
        {
            "event": f"orders:{each.known.position}", "href": f"/v1/events/orders:{each.known.position}", "role": each.role,
            "said_at": each.known.at, "known_at": each.known.recorded_at, "by": each.known.actor,
        }
        for each in cited(one.judged, section.version.policy)
    ]
    shown = [_delivery_shown(each) for each in one.judged.deliveries]
    return {**line_shown(one, section), "deliveries": shown, "events": events}


def _delivery_shown(one: JudgedDelivery) -> dict[str, Any]:
    return {
        "shipment": one.delivery.shipment, "arrived_at": one.arrived.at, "arrival_evidence": one.arrived.evidence,
        "punctuality": one.punctuality, "on_time": one.on_time, "admitted": one.admitted,
        "quantity": exact_text(one.quantity), "quantity_evidence": one.evidence, "reasons": one.reasons,
    }


def plain_value(value: Any) -> Any:
    if isinstance(value, Fraction):
        return exact_text(value)
    if isinstance(value, dict):
        return {name: plain_value(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain_value(inner) for inner in value]
    return value
