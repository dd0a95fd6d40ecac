"""CustomerPlan: what a customer says it will buy: joint business plan, annual plan, rolling promotion plan.

A newer revision takes the place of an older one whole; a late older one never overrides it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any

from domain.aggregate import Aggregate, natural_id
from domain.refusal import Kind, Refusal

PLAN_EMPTY = Refusal(
    "plan.empty",
    "Plan {plan} revision {revision} has no lines; the least is 1. To take a line back, send it with quantity 0.",
)
LINE_ENDS_BEFORE_IT_BEGINS = Refusal(
    "plan.line_ends_before_it_begins",
    "Plan {plan}: {item} runs from {first_day} to {last_day}, which is {excess} days earlier. Swap the dates.",
)
QUANTITY_NEGATIVE = Refusal(
    "plan.quantity_negative",
    "Plan {plan}: {item} from {first_day} has quantity {figure}, the least is 0, short by {excess}. "
    "State the whole quantity planned, not the difference.",
)
LINE_REPEATED = Refusal(
    "plan.line_repeated",
    "Plan {plan}: {item} for {ship_to} from {first_day} to {last_day} is listed twice. Add the quantities up.",
)
PROMOTION_MISSING = Refusal(
    "plan.promotion_missing",
    "Plan {plan} is a rolling promotion plan, but {item} from {first_day} names no promotion. Name it.",
)
REVISION_TAKEN = Refusal(
    "plan.revision_taken",
    "Plan {plan} already has a revision {revision} with other lines. Send the new lines as revision {next_revision}.",
    Kind.CONFLICT,
)
REVISION_NOT_POSITIVE = Refusal(
    "plan.revision_not_positive", "Plan {plan}: revision {revision} is below 1. Count revisions from 1."
)


class PlanKind(StrEnum):
    """The plans customers share."""

    JOINT_BUSINESS_PLAN = "JOINT_BUSINESS_PLAN"
    ANNUAL = "ANNUAL"
    ROLLING_PROMOTION = "ROLLING_PROMOTION"


@dataclass(frozen=True)
class PlanLine:
    """A quantity of one item over a period; both days are included, ``ship_to`` None is the whole customer."""

    item: str
    ship_to: str | None
    first_day: date
    last_day: date
    quantity: Decimal
    unit: str
    promotion: str | None = None


@dataclass
class CustomerPlanState:
    kind: PlanKind
    revision: int
    lines: tuple[PlanLine, ...]


class CustomerPlan(Aggregate[CustomerPlanState]):
    """One plan of one customer for one period, such as ``ANNUAL`` for ``2026``."""

    KIND = "plan"
    STATE = CustomerPlanState
    STATE_VERSION = 1

    class Recorded(Aggregate.Created):
        TYPE = "plan.recorded/1"
        partner: str
        kind: PlanKind
        period: str
        revision: int
        lines: tuple[PlanLine, ...]

        def apply(self, plan: CustomerPlan) -> None:
            plan.state = CustomerPlanState(self.kind, self.revision, self.lines)

    class Revised(Aggregate.Event):
        TYPE = "plan.revised/1"
        revision: int
        lines: tuple[PlanLine, ...]

        def apply(self, plan: CustomerPlan) -> None:
            plan.state.revision = self.revision
            plan.state.lines = self.lines

    @staticmethod
    def stream(partner: str, kind: PlanKind, period: str) -> str:
        return natural_id("plan", partner, kind, period)

    @classmethod
    def record(
        cls, partner: str, kind: PlanKind, period: str, lines: Iterable[PlanLine], revision: int = 1
    ) -> CustomerPlan:
        stream, ordered = cls.stream(partner, kind, period), _in_order(lines)
        _check(stream, kind, revision, ordered)
        values: dict[str, Any] = {"partner": partner, "kind": kind, "period": period, "revision": revision}
        return cls.begin(cls.Recorded, stream, lines=ordered, **values)

    def revise(self, revision: int, lines: Iterable[PlanLine]) -> None:
        """The plan as it stands from ``revision`` on. Heard before, or overtaken by a newer one: silent."""
        state, ordered = self.state, _in_order(lines)
        _check(self.id, state.kind, revision, ordered)
        if revision < state.revision:
            return
        if revision > state.revision:
            self.happened(self.Revised, revision=revision, lines=ordered)
        elif ordered != state.lines:
            raise REVISION_TAKEN(plan=self.id, revision=revision, next_revision=revision + 1)


def _in_order(lines: Iterable[PlanLine]) -> tuple[PlanLine, ...]:
    """The same lines in another order are the same plan."""
    return tuple(sorted(lines, key=_place))


def _place(line: PlanLine) -> tuple[str, str, date, date, str, str]:
    return (line.item, line.ship_to or "", line.first_day, line.last_day, line.promotion or "", line.unit)


def _check(plan: str, kind: PlanKind, revision: int, lines: tuple[PlanLine, ...]) -> None:
    if revision < 1:
        raise REVISION_NOT_POSITIVE(plan=plan, revision=revision)
    if not lines:
        raise PLAN_EMPTY(plan=plan, revision=revision)
    for line in lines:
        where = {"plan": plan, "item": line.item, "first_day": line.first_day}
        if line.last_day < line.first_day:
            late = (line.first_day - line.last_day).days
            raise LINE_ENDS_BEFORE_IT_BEGINS(last_day=line.last_day, excess=late, **where)
        if line.quantity < 0:
            raise QUANTITY_NEGATIVE(figure=line.quantity, excess=-line.quantity, **where)
        if kind is PlanKind.ROLLING_PROMOTION and not line.promotion:
            raise PROMOTION_MISSING(**where)
    for line, following in pairwise(lines):
        if _place(line) == _place(following):
            where = {"plan": plan, "item": line.item, "first_day": line.first_day, "last_day": line.last_day}
            raise LINE_REPEATED(ship_to=line.ship_to or "every place", **where)
