"""The questions about fill rates as addresses ask them: whose, of which period, as of when, as known when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from domain.fill_rate.choices import Metric
from domain.fill_rate.periods import CALENDARS
from services import moments as moments_of
from services.fields import Day, Moment
from services.http import asked_positions, door_of, positions_in, reading
from services.orders.fill_rate.reporting import Asked, Filters
from services.problem import Problem

VIEW = "order_fill"
LOG = "orders"
LONGEST_PERIOD_DAYS = 400

class Question(BaseModel):
    """Whose fill rate, of which period or days, by which definition, of which lines, as of when, as known when."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    partner: str = Field(min_length=1, description="The customer.")
    period: str | None = Field(None, description="A period as the policy's calendar names it: 2026-03, 2026-W09, 2026-P02.")
    calendar: str | None = Field(None, description="Another calendar than the policy's.")
    first: Day | None = Field(None, description="With last, instead of a period: the days themselves, both included.")
    last: Day | None = None
    policy: str | None = Field(None, description="The policy's id; left out: one figure for each metric agreed.")
    metric: Metric | None = None
    company: str | None = None
    banner: str | None = None
    ship_to: str | None = None
    category: str | None = None
    item: str | None = None
    effective_at: Moment | None = Field(None, description="As of this moment; left out: now.")
    known_at: str | None = Field(None, description="What was known then: a position (orders=42 or 42) or an instant.")
    min_position: str | None = Field(None, description="Wait until the view has folded this, for example orders=42.")
    form: Literal["json", "csv"] = Field("json", alias="format", description="csv for a sheet, where rows are answered.")


Asking = Annotated[Question, Query()]
KnownAt = Annotated[str | None, Query(description="What was known then: a position (orders=42 or 42) or an instant.")]


def asked_of(request: Request, question: Question) -> Asked:
    """The question, pinned to what is folded now where it does not say as known when, so that it can be asked again.

    Refused where it names no period, or two.
    """
    days = None
    if question.first is not None and question.last is not None and question.period is None:
        check_days(question.first, question.last)
        days = (question.first, question.last)
    elif question.period is None or question.first is not None or question.last is not None:
        raise Problem(422, "not_valid", "/period: name a period, for example 2026-03, or the days first and last; not both")
    if question.calendar is not None and question.calendar not in CALENDARS:
        raise Problem(422, "not_valid", f"/calendar: {question.calendar} is not one of {', '.join(CALENDARS)}")
    wait_for(request, asked_positions(request) | positions_in(question.min_position or ""))
    return Asked(
        partner=question.partner, effective_at=question.effective_at or datetime.now(UTC),
        known_at=pinned(request, known_position(request, question.known_at)), period=question.period, calendar=question.calendar,
        days=days, policy_id=question.policy, metric=question.metric,
        filters=Filters(question.company, question.banner, question.ship_to, question.category, question.item),
    )


def check_days(first: date, last: date) -> None:
    """A period that runs backwards or for years is refused with both days."""
    if last < first:
        raise Problem(422, "not_valid", f"/last: {last} lies before {first}")
    if (last - first).days > LONGEST_PERIOD_DAYS:
        raise Problem(
            422, "not_valid",
            f"/last: {first} to {last} are {(last - first).days} days, more than {LONGEST_PERIOD_DAYS}; ask in parts",
        )


def known_position(request: Request, known_at: str | None) -> int | None:
    """The position of the orders log that is meant (services/moments.py)."""
    return moments_of.known_position(request, LOG, known_at)


def pinned(request: Request, known: int | None) -> int:
    """The position asked for, or how far the facts are folded now: so that the answer can be asked for again."""
    return folded(request) if known is None else known


@contextmanager
def facts(request: Request) -> Iterator[Connection]:
    """A connection to the facts."""
    with reading(request, VIEW) as connection:
        yield connection


def wait_for(request: Request, positions: Mapping[str, int]) -> None:
    """Block until the facts have been folded as far; what is pinned to "now" is pinned after that."""
    door = door_of(request)
    door.projectors[VIEW].wait_for(positions, door.wait_s)


def wait_for_all(request: Request) -> None:
    """Block until everything recorded by now has been folded: for what is kept, and for what was just agreed."""
    wait_for(request, {LOG: door_of(request).applications[LOG].store.last_position()})


def folded(request: Request) -> int:
    """How far the facts have been folded; an answer names it, so that the question can be repeated."""
    return door_of(request).projectors[VIEW].reached[LOG]


def moments(asked: Asked) -> dict[str, Any]:
    """Both time axes of an answer."""
    return {"effective_at": asked.effective_at, "known_at": f"{LOG}={asked.known_at}"}
