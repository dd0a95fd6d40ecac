"""GET routes of receivable metrics: DSO and its kin over any days, the provision matrix, interest on what is late."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from domain.aging import Aging, AgingBy, Buckets
from domain.late_payment import accrued_interest, statutory_rate
from domain.receivable_items import ItemClass, Movement
from domain.receivable_metrics import (
    Metrics, MonthOfSales, Period, historical_rates, metrics, months_back, provision_matrix, two_places,
)
from domain.values import ZERO, exact_text, round_money
from projections.paging import Listed
from projections.receivable_aging import ItemFilter, Moment, agings, items, movements, past_invoices, sales_by_day
from services.http import query_route, reading
from services.problem import Problem
from services.queries import after_of, page_answer
from services.receivables.aging_asking import (
    LOG, VIEW, InterestQuestion, MetricsQuestion, ProvisionQuestion, both_axes, check_days, known_of, moment_of, shares,
)
from services.sheets import shown_as

MONTHS_BACK = 36
LONGEST_PERIOD_DAYS = 400
LONGEST_HISTORY_DAYS = 1_100

COLUMNS = (
    "currency", "first", "last", "days", "months", "sales", "credit_memos", "beginning", "ending", "ending_current", "dso",
    "countback_dso", "best_possible_dso", "average_days_delinquent", "collection_effectiveness",
)  # fmt: skip
PROVISION_COLUMNS = ("currency", "bucket", "gross", "rate", "loss")
INTEREST_COLUMNS = (
    "number", "company", "partner", "account", "currency", "due_on", "amount", "disputed", "undisputed", "daily",
    "interest", "rate", "item_id",
)  # fmt: skip


def metric_queries() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["aging"])

    @query_route(
        router, "/receivable-metrics", permission="settlement.read", name="receivable_metrics.read",
        summary="DSO, count-back DSO, best possible DSO, average days delinquent and CEI of some days, as known when",
    )
    def figures(request: Request, question: Annotated[MetricsQuestion, Query()]) -> Response:
        """Receivables are gross: unapplied cash and credits are not netted. Sales are invoices and debit memos without
        what was voided. Exact values are fractions; null is "n/a"."""
        check_days(question.first, question.last, LONGEST_PERIOD_DAYS)
        known_at = known_of(request, question.known_at)
        with reading(request, VIEW) as connection:
            found = _periods(connection, question, known_at)
        more = {"first": question.first, "last": question.last, "known_at": f"{LOG}={known_at}"}
        if question.form == "csv":
            rows = [_facts(*one) | _rounded(metrics(one[1])) for one in found]
            return shown_as("csv", rows, COLUMNS, "receivable-metrics", more)
        return shown_as("json", [_facts(*one) | _exact(metrics(one[1])) for one in found], (), "receivable-metrics", more)

    @query_route(
        router, "/receivable-metrics/provision", permission="settlement.read", name="receivable_metrics.provision",
        summary="Lifetime expected credit loss: a loss rate for each bucket, stated or taken from past invoices",
    )
    def provision(request: Request, question: Annotated[ProvisionQuestion, Query()]) -> Response:
        """Of past invoices a bucket's rate is what was never paid (written off, or still open in the last bucket) divided
        by what reached that bucket."""
        moment, buckets = moment_of(request, question), question.buckets
        with reading(request, VIEW) as connection:
            found = agings(connection, question.search, moment, buckets).get((), {})
            rates = _rates(connection, question, moment, buckets, found)
        rows: list[dict[str, Any]] = [
            {
                "currency": currency, "bucket": p.bucket, "gross": round_money(p.gross, currency),
                "rate": exact_text(p.rate), "loss": p.loss,
            }
            for currency, one in found.items() for p in provision_matrix(one, rates[currency])
        ]  # fmt: skip
        totals = {c: sum((row["loss"] for row in rows if row["currency"] == c), ZERO) for c in found}
        return shown_as(question.form, rows, PROVISION_COLUMNS, "provision", {**both_axes(moment), "total": totals})

    @query_route(
        router, "/receivable-metrics/late-interest", permission="settlement.read", name="receivable_metrics.late_interest",
        summary="Interest on what is or was past due, on every day's undisputed balance",
    )
    def late(request: Request, question: Annotated[InterestQuestion, Query()]) -> Response:
        """Paying the principal keeps the interest owed. `rate` says which rate and where it was read; an item without a
        rate on its due day bears none."""
        if (question.daily is None) == (question.jurisdiction is None):
            raise Problem(422, "not_valid", "/daily: state the daily rate agreed, or the jurisdiction whose law applies")
        moment, after = moment_of(request, question), after_of(request, question.cursor)
        wanted = ItemFilter((ItemClass.RECEIVABLE,), late=True)
        with reading(request, VIEW) as connection:
            found = items(connection, question.search, moment, Buckets(), wanted, question.rows, after)
            moved = movements(connection, [row["item_id"] for row in found.rows], moment)
        interest = (_interest(row, moved[row["item_id"], row["due_on"]], moment.as_of, question) for row in found.rows)
        rows = Listed([row for row in interest if row["interest"]], found.after)
        if question.form == "csv":
            return shown_as("csv", rows.rows, INTEREST_COLUMNS, "late-interest", both_axes(moment))
        return page_answer(request, rows, both_axes(moment))

    return router


def _interest(row: Mapping[str, Any], moved: Iterable[Movement], as_of: date, question: InterestQuestion) -> dict[str, Any]:
    due_on = row["due_on"]
    rate = statutory_rate(question.jurisdiction, due_on) if question.jurisdiction else None
    daily = Decimal(question.daily) if question.daily else rate.daily if rate else ZERO
    names = ("item_id", "number", "company", "partner", "account", "currency", "due_on")
    return {
        **{name: row[name] for name in names}, "amount": row["amount"], "disputed": row["disputed"],
        "undisputed": row["amount"] - row["disputed"], "daily": daily,
        "interest": accrued_interest(moved, due_on, as_of, daily, row["currency"]),
        "rate": "agreed" if question.daily else rate.source if rate else None,
    }  # fmt: skip


Found = tuple[str, Period, Decimal]


def _periods(connection: Connection, question: MetricsQuestion, known_at: int) -> list[Found]:
    """By currency: the period, and what was credited in it."""
    first, last = question.first, question.last
    spans = months_back(first, last, MONTHS_BACK)
    sold = sales_by_day(connection, question.search, spans[-1][0], last, known_at)
    ends = (first - timedelta(days=1), last)
    before, after = (agings(connection, question.search, Moment(day, known_at), Buckets()).get((), {}) for day in ends)
    sales, credited = sold.get(ItemClass.RECEIVABLE, {}), sold.get(ItemClass.CREDIT, {})
    made = []
    for currency in sorted({*sales, *credited, *before, *after}):
        opened, closed = before.get(currency), after.get(currency)
        days = sales.get(currency, {})
        months = tuple(MonthOfSales(begin, end, _between(days, begin, end)) for begin, end in spans)
        period = Period(
            first, last, opened.gross if opened else ZERO, closed.gross if closed else ZERO,
            closed.buckets[0].amount if closed else ZERO, months,
        )  # fmt: skip
        made.append((currency, period, _between(credited.get(currency, {}), first, last)))
    return made


def _between(days: Mapping[date, Decimal], first: date, last: date) -> Decimal:
    return sum((amount for day, amount in days.items() if first <= day <= last), ZERO)


def _facts(currency: str, period: Period, credited: Decimal) -> dict[str, Any]:
    amounts = {
        "sales": period.sales, "credit_memos": credited, "beginning": period.beginning, "ending": period.ending,
        "ending_current": period.ending_current,
    }  # fmt: skip
    days = {"first": period.first, "last": period.last, "days": period.days, "months": len(period.within)}
    return {"currency": currency, **days, **{name: round_money(amount, currency) for name, amount in amounts.items()}}


def _values(found: Metrics) -> Iterable[tuple[str, Fraction | None, int]]:
    """Each figure, and by what it is multiplied to be shown: days as they are, the effectiveness in percent."""
    for name in ("dso", "countback_dso", "best_possible_dso", "average_days_delinquent"):
        yield name, getattr(found, name), 1
    yield "collection_effectiveness", found.collection_effectiveness, 100


def _rounded(found: Metrics) -> dict[str, Any]:
    return {name: None if value is None else two_places(value * times) for name, value, times in _values(found)}


def _exact(found: Metrics) -> dict[str, Any]:
    return {
        name: None if value is None else {"exact": exact_text(value), "shown": two_places(value * times)}
        for name, value, times in _values(found)
    }


def _rates(
    connection: Connection, question: ProvisionQuestion, moment: Moment, buckets: Buckets, found: Mapping[str, Aging]
) -> dict[str, list[Fraction]]:
    if question.loss_rates is not None:
        return dict.fromkeys(found, shares(question.loss_rates))
    if question.history_first is None or question.history_last is None or question.by is not AgingBy.DUE:
        raise Problem(
            422, "not_valid", "/loss_rates: state a rate for each bucket, or history_first and history_last with by=DUE"
        )
    check_days(question.history_first, question.history_last, LONGEST_HISTORY_DAYS)
    past = past_invoices(connection, question.search, question.history_first, question.history_last, moment, buckets)
    made = {c: historical_rates(past.get(c, []), len(buckets.names)) for c in found}
    for currency, rates in made.items():
        silent = [name for name, rate in zip(buckets.names, rates, strict=True) if rate is None]
        if silent:
            raise Problem(
                422, "no_history", f"nothing in {currency} of these days reached {' '.join(silent)}; take more days or state"
                " loss_rates",
            )
    return {c: [rate for rate in rates if rate is not None] for c, rates in made.items()}
