"""The questions about receivables as addresses ask them: whose, as of which day, as known when, in which buckets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from domain.aging import Aging, AgingBy, Buckets, added, converted, net_oldest
from projections import receivable_items
from projections.receivable_aging import AgingSearch, Moment, agings
from services.fields import CurrencyCode, Day
from services.http import asked_positions, door_of
from services.known_at import known_position, pinned
from services.problem import Problem

VIEW = receivable_items.VIEW.name
LOG = "receivables"
SHEET_ROWS = 200_000

_RATE = re.compile(r"([A-Z]{3}):([0-9]{1,9}(?:\.[0-9]{1,9})?)")
_SHARE = re.compile(r"[01](?:\.[0-9]{1,9})?|[0-9]{1,12}/[1-9][0-9]{0,11}")

Kind = Literal["RECEIVABLE", "CREDIT", "CASH", "DEDUCTION"]


class Whose(BaseModel):
    """Whose receivables, as known when."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    company: str | None = None
    partner: str | None = None
    account: str | None = None
    currency: CurrencyCode | None = None
    known_at: str | None = Field(None, description="What was known then: a position (receivables=42 or 42) or an instant.")
    min_position: str | None = Field(None, description="Wait until the view has folded this, for example receivables=42.")
    form: Literal["json", "csv"] = Field("json", alias="format", description="csv for a sheet, where rows are answered.")

    @property
    def search(self) -> AgingSearch:
        return AgingSearch(self.company, self.partner, self.account, self.currency)


class AgingQuestion(Whose):
    """In which buckets, as of which day."""

    as_of: Day | None = Field(None, description="As of the end of this day; left out: today (UTC).")
    by: AgingBy = Field(AgingBy.DUE, description="By due day or by invoice day.")
    edges: str = Field("30,60,90", pattern=r"^[0-9]{1,4}(,[0-9]{1,4}){0,15}$", description="The last day of each bucket.")

    @property
    def buckets(self) -> Buckets:
        return Buckets(self.by, tuple(int(edge) for edge in self.edges.split(",")))


class Paged(BaseModel):
    """Rows in pages; a sheet holds all of them."""

    form: Literal["json", "csv"] = Field("json", alias="format", description="csv for a sheet, where rows are answered.")
    limit: int = Field(50, ge=1, le=500, description="Rows a page, 500 at the most; a sheet holds all.")
    cursor: str | None = Field(None, description="The `next` of the page before; opaque, valid for the same filters only.")

    @property
    def rows(self) -> int:
        return self.limit if self.form == "json" else SHEET_ROWS


class TotalsQuestion(AgingQuestion):
    """Set off or not, for whom each, and in one currency only at rates stated with their day."""

    net_oldest: bool = Field(False, description="Set unapplied cash and credits off against the account's oldest buckets.")
    per: Literal["company", "partner", "account"] | None = Field(None, description="A row for each.")
    in_currency: CurrencyCode | None = Field(None, alias="in", description="All in this currency too, at the rates stated.")
    rates: str | None = Field(None, description="What one unit is worth in it: USD:7.12,EUR:7.80.")
    rates_on: Day | None = Field(None, description="The day of these rates.")


class ItemsQuestion(AgingQuestion, Paged):
    """Which items, in pages."""

    kind: list[Kind] = Field(default_factory=list, description="Left out: all.")
    bucket: list[str] = Field(default_factory=list, description="Of these buckets only, by name, for example >90.")
    disputed: bool = Field(False, description="Only items of which something is contested.")


class InterestQuestion(Whose, Paged):
    """At which rate: agreed, or where nothing was agreed that of the law."""

    as_of: Day | None = Field(None, description="As of the end of this day; left out: today (UTC).")
    daily: str | None = Field(None, pattern=r"^0\.[0-9]{1,9}$", description="The daily rate agreed, for example 0.0005.")
    jurisdiction: str | None = Field(None, description="Instead: the rate of the law there on the due day, for example CN.")


class CompareQuestion(AgingQuestion, Paged):
    """Two days, or one day as known at two moments."""

    other: Day = Field(alias="with", description="The day to compare with.")
    with_known_at: str | None = Field(None, description="As known when for that day; left out: the same as for the other.")


class ProvisionQuestion(AgingQuestion):
    """A loss rate for each bucket, or the days of invoices to take the rates from."""

    loss_rates: str | None = Field(None, description="From the youngest bucket to the oldest: 0.003,0.016,0.036,0.066,0.106.")
    history_first: Day | None = Field(None, description="With history_last: the rates of the invoices of these days.")
    history_last: Day | None = None


class MetricsQuestion(Whose):
    """Of which days."""

    first: Day
    last: Day


def known_of(request: Request, known_at: str | None) -> int:
    """The position asked for, or how far the facts are folded, after waiting for what the request asks to be folded."""
    door = door_of(request)
    door.projectors[VIEW].wait_for(asked_positions(request), door.wait_s)
    return pinned(request, known_position(request, known_at, LOG), VIEW, LOG)


def moment_of(request: Request, question: AgingQuestion | InterestQuestion) -> Moment:
    """As of the day asked for, as known at a position that the answer names, so that it can be asked again."""
    return Moment(question.as_of or datetime.now(UTC).date(), known_of(request, question.known_at))


def both_axes(moment: Moment) -> dict[str, Any]:
    return {"as_of": moment.as_of, "known_at": f"{LOG}={moment.known_at}"}


Groups = dict[tuple[str, ...], dict[str, Aging]]


def groups_of(connection: Connection, question: TotalsQuestion, moment: Moment) -> Groups:
    """An aging a currency for each row asked for; what is set off is set off account by account."""
    per = (question.per,) if question.per else ()
    if not question.net_oldest:
        return agings(connection, question.search, moment, question.buckets, per)
    parts: dict[tuple[str, ...], dict[str, list[Aging]]] = {}
    for group, found in agings(connection, question.search, moment, question.buckets, (*per, "account")).items():
        for currency, one in found.items():
            parts.setdefault(group[: len(per)], {}).setdefault(currency, []).append(net_oldest(one))
    return {group: {c: added(them) for c, them in sorted(by.items())} for group, by in parts.items()}


def one_currency(question: TotalsQuestion, groups: Groups) -> Aging | None:
    """Everything in the currency asked for, at rates stated with their day; never without."""
    if question.in_currency is None:
        return None
    if question.rates_on is None:
        raise Problem(422, "not_valid", "/rates_on: state the day of the rates with them")
    found = [one for by in groups.values() for one in by.values()]
    return converted(found, question.in_currency, _rates(question.rates or ""), question.rates_on) if found else None


def _rates(text: str) -> dict[str, Decimal]:
    matched = [_RATE.fullmatch(part) for part in text.split(",") if part]
    if not all(matched):
        raise Problem(422, "not_valid", f"/rates: {text} is not a list such as USD:7.12,EUR:7.80")
    rates = {one.group(1): Decimal(one.group(2)) for one in matched if one}
    if not all(rates.values()):
        raise Problem(422, "not_valid", f"/rates: {text} states a rate of 0")
    return rates


def shares(text: str) -> list[Fraction]:
    """Rates between 0 and 1, as decimals or as fractions."""
    parts = text.split(",")
    if not all(_SHARE.fullmatch(part) for part in parts):
        raise Problem(422, "not_valid", f"/loss_rates: {text} is not a list such as 0.003,0.016,1/20")
    return [Fraction(part) for part in parts]


def places_of(buckets: Buckets, names: Sequence[str]) -> tuple[int, ...]:
    """The places of the buckets named; one that there is not is refused with the names there are."""
    unknown = [name for name in names if name not in buckets.names]
    if unknown:
        raise Problem(422, "not_valid", f"/bucket: there is no {', '.join(unknown)}; the buckets are {' '.join(buckets.names)}")
    return tuple(buckets.names.index(name) for name in names)


def check_days(first: date, last: date, most: int) -> None:
    """A period that runs backwards or for too long is refused with both days."""
    if last < first:
        raise Problem(422, "not_valid", f"/last: {last} lies before {first}")
    if (last - first).days >= most:
        raise Problem(422, "not_valid", f"/last: {first} to {last} are more than {most} days; ask in parts")
