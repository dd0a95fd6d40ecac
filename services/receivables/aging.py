"""GET routes of aging: buckets, the items in them, and two days compared with the items that moved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from domain.aging import Aging, AgingBy, Buckets, due_day
from domain.invoice_facts import InvoiceKind
from domain.payment_terms import PaymentRun, expected_cash_on
from domain.receivable_items import ItemClass
from domain.refusal import Refused
from domain.values import ZERO, round_money
from projections.paging import Listed
from projections.receivable_aging import ItemFilter, Moment, agings, items, moved
from projections.receivable_items import DEDUCTION, ON_ACCOUNT
from services.calendars import working_days_named
from services.http import href, query_route, reading
from services.queries import after_of, page_answer
from services.receivables.aging_asking import (
    VIEW, CompareQuestion, ItemsQuestion, TotalsQuestion, both_axes, groups_of, known_of, moment_of, one_currency, places_of,
)
from services.sheets import shown_as

COLLECTIONS = dict.fromkeys((kind.value for kind in InvoiceKind), "invoices") | {
    DEDUCTION: "deductions", ON_ACCOUNT: "settlements",
}
FIGURES = ("gross", "disputed", "provisional", "unapplied_cash", "unapplied_credits", "set_off", "net")
ITEM_COLUMNS = (
    "kind", "number", "company", "partner", "account", "currency", "dated_on", "due_on", "provisional_on", "expected_cash_on",
    "bucket", "days", "amount", "disputed", "undisputed", "original", "about", "reason", "legal_excess_days", "item_id",
)  # fmt: skip
MOVED_COLUMNS = (
    "kind", "number", "company", "partner", "account", "currency", "dated_on", "due_on", "bucket_before", "bucket",
    "amount_before", "amount", "change", "disputed_before", "disputed", "item_id",
)  # fmt: skip


def aging_queries() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["aging"])

    @query_route(
        router, "/aging", permission="settlement.read", name="aging.totals",
        summary="What is outstanding in buckets by due day or invoice day, as of a day, as known when",
    )
    def totals(request: Request, question: Annotated[TotalsQuestion, Query()]) -> Response:
        """Buckets sum to what is outstanding in each currency. `disputed` and `provisional` are parts of the buckets;
        unapplied cash and credits stand beside, unless `net_oldest` sets them off."""
        moment = moment_of(request, question)
        with reading(request, VIEW) as connection:
            groups = groups_of(connection, question, moment)
        per = (question.per,) if question.per else ()
        named = {group: dict(zip(per, group, strict=True)) for group in groups}
        more: dict[str, Any] = {**both_axes(moment), "by": question.by, "buckets": question.buckets.names}
        if question.form == "csv":
            rows = [named[group] | _flat(one) for group, by in groups.items() for one in by.values()]
            columns = (*per, "currency", *question.buckets.names, *FIGURES)
            return shown_as("csv", rows, columns, "aging", more)
        rows = [named[group] | shown(one) for group, by in groups.items() for one in by.values()]
        together = one_currency(question, groups)
        if question.in_currency is not None:
            more["converted"] = together and shown(together) | {"rates": question.rates, "rates_on": question.rates_on}
        return shown_as("json", rows, (), "aging", more)

    @query_route(
        router, "/aging/items", permission="settlement.read", name="aging.items",
        summary="Every item outstanding as of a day, as known when, with its bucket and expected cash day",
    )
    def every(request: Request, question: Annotated[ItemsQuestion, Query()]) -> Response:
        """Deductions are listed too; their amounts are the contested parts of the invoices that bear them."""
        moment, buckets, after = moment_of(request, question), question.buckets, after_of(request, question.cursor)
        places = places_of(buckets, question.bucket)
        wanted = ItemFilter(tuple(ItemClass(kind) for kind in question.kind), places, question.disputed)
        with reading(request, VIEW) as connection:
            found = items(connection, question.search, moment, buckets, wanted, question.rows, after)
        rows = Listed([_item(row, buckets, moment.as_of) for row in found.rows], found.after)
        more = {**both_axes(moment), "by": question.by, "buckets": buckets.names}
        return _listed(request, question.form, rows, ITEM_COLUMNS, "aging-items", more)

    @query_route(
        router, "/aging/compare", permission="settlement.read", name="aging.compare",
        summary="Two days (or one day as known at two moments) with the items that moved",
    )
    def compare(request: Request, question: Annotated[CompareQuestion, Query()]) -> Response:
        """`before` is the day `with`. An item has moved when its amount, its contested part or its bucket is another."""
        second, buckets, after = moment_of(request, question), question.buckets, after_of(request, question.cursor)
        then = second.known_at if question.with_known_at is None else known_of(request, question.with_known_at)
        first = Moment(question.other, then)
        with reading(request, VIEW) as connection:
            was, now = (agings(connection, question.search, moment, buckets).get((), {}) for moment in (first, second))
            found = moved(connection, question.search, first, second, buckets, question.rows, after)
        rows = Listed([_moved(row, buckets) for row in found.rows], found.after)
        currencies = [_compared(name, was.get(name), now.get(name), buckets) for name in sorted({*was, *now})]
        more = {"with": both_axes(first), **both_axes(second), "by": question.by, "currencies": currencies}
        return _listed(request, question.form, rows, MOVED_COLUMNS, "aging-moved", more)

    return router


def _listed(
    request: Request, form: str, rows: Listed, columns: tuple[str, ...], name: str, more: Mapping[str, Any]
) -> Response:
    return page_answer(request, rows, more) if form == "json" else shown_as(form, rows.rows, columns, name, more)


def shown(one: Aging) -> dict[str, Any]:
    """An aging of one currency for JSON."""
    money = partial(round_money, currency=one.currency)  # a zero has its places too
    buckets = [{"name": b.name, "amount": money(b.amount), "disputed": money(b.disputed)} for b in one.buckets]
    return {"currency": one.currency, "buckets": buckets, **{name: money(getattr(one, name)) for name in FIGURES}}


def _flat(one: Aging) -> dict[str, Any]:
    """The same as one row of a sheet."""
    whole = shown(one)
    return {**whole, **{bucket["name"]: bucket["amount"] for bucket in whole["buckets"]}}


def _address(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("item_id", "kind", "number", "company", "partner", "account", "currency", "dated_on")
    return {"href": href(COLLECTIONS[row["kind"]], row["item_id"]), **{name: row[name] for name in names}}


def _bucket(row: Mapping[str, Any], buckets: Buckets, then: str = "") -> str | None:
    """Cash, credits and deductions have no bucket of their own, and what is not outstanding has none."""
    nothing = not row[f"amount{then}"] and not row[f"disputed{then}"]
    return None if nothing or row["class"] != ItemClass.RECEIVABLE.value else buckets.names[row[f"place{then}"]]


def _item(row: Mapping[str, Any], buckets: Buckets, as_of: date) -> dict[str, Any]:
    due_on = due_day(row["due_on"], row["since"], as_of)
    counted = due_on if buckets.by is AgingBy.DUE else row["dated_on"]
    excess = [warning.excess for warning in row["legal_warnings"] if warning.due_on == due_on]
    return {
        **_address(row), "due_on": due_on, "provisional_on": row["provisional_on"] if due_on is None else None,
        "expected_cash_on": _expected(row["run"], row["calendar"], due_on), "bucket": _bucket(row, buckets),
        "days": None if counted is None else (as_of - counted).days, "amount": row["amount"], "disputed": row["disputed"],
        "undisputed": row["amount"] - row["disputed"], "original": row["original"], "about": row["about"],
        "reason": row["reason"], "legal_excess_days": excess[0] if excess else None,
    }  # fmt: skip


def _expected(run: PaymentRun | None, calendar: str | None, due_on: date | None) -> date | None:
    """The customer's payment run that pays it; None where no day is known or the calendar does not know it."""
    if run is None or due_on is None:
        return due_on
    try:
        return expected_cash_on(run, due_on, working_days_named(calendar))
    except Refused:
        return None


def _moved(row: Mapping[str, Any], buckets: Buckets) -> dict[str, Any]:
    names = ("due_on", "amount_before", "amount", "disputed_before", "disputed")
    return {
        **_address(row), **{name: row[name] for name in names}, "change": row["amount"] - row["amount_before"],
        "bucket_before": _bucket(row, buckets, "_before"), "bucket": _bucket(row, buckets),
    }  # fmt: skip


def _compared(currency: str, was: Aging | None, now: Aging | None, buckets: Buckets) -> dict[str, Any]:
    def pair(before: Decimal, after: Decimal) -> dict[str, Decimal]:
        return {"before": money(before), "after": money(after), "change": money(after - before)}

    money = partial(round_money, currency=currency)

    def amounts(one: Aging | None) -> list[Decimal]:
        return [bucket.amount for bucket in one.buckets] if one else [ZERO] * len(buckets.names)

    rows = zip(buckets.names, amounts(was), amounts(now), strict=True)
    return {
        "currency": currency, "buckets": [{"name": name, **pair(before, after)} for name, before, after in rows],
        **{name: pair(getattr(was, name, ZERO), getattr(now, name, ZERO)) for name in FIGURES if name != "set_off"},
    }  # fmt: skip
