"""The commands on customer plans: record the first revision, revise it later."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from pydantic import Field

from domain.customer_plan import CustomerPlan, PlanKind, PlanLine
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Code, Day, Part, QuantityOrZero, Stream, Unit
from services.http import href

LINES_PER_PLAN = 10_000


class PlannedLine(Part):
    """The whole quantity planned of one item from the first to the last day, both included."""

    item: Code
    ship_to: Code | None = None
    first_day: Day
    last_day: Day
    quantity: QuantityOrZero
    unit: Unit
    promotion: Code | None = None


class RecordPlan(Command):
    """What a customer says it will buy. A revision heard of before says nothing new, a higher one replaces it."""

    NAME: ClassVar[str] = "plan.record"
    partner: Code
    kind: PlanKind
    period: Code
    revision: int = Field(1, ge=1, le=1_000_000)
    lines: tuple[PlannedLine, ...] = Field(min_length=1, max_length=LINES_PER_PLAN)

    def streams(self) -> tuple[str, ...]:
        return (CustomerPlan.stream(self.partner, self.kind, self.period),)


class RevisePlan(Command):
    """The plan whole as it stands from this revision on; an older one that comes late changes nothing."""

    NAME: ClassVar[str] = "plan.revise"
    plan: Stream
    revision: int = Field(ge=2, le=1_000_000)
    lines: tuple[PlannedLine, ...] = Field(min_length=1, max_length=LINES_PER_PLAN)

    def streams(self) -> tuple[str, ...]:
        return (plan_stream(self.plan),)


def plan_stream(plan: str) -> str:
    """The stream of a plan as addresses name it: ``{partner}/{kind}/{period}``."""
    return plan if plan.startswith("plan/") else f"plan/{plan}"


def plan_answer(plan: CustomerPlan, status: int = 200) -> Answer:
    body = {
        "plan": plan.id, "href": href("plans", plan.id), "version": plan.version, "revision": plan.state.revision
    }
    return Answer(status, body)


def _lines(stated: tuple[PlannedLine, ...]) -> list[PlanLine]:
    return [
        PlanLine(
            line.item, line.ship_to, line.first_day, line.last_day, _plain(line.quantity), line.unit, line.promotion
        )
        for line in stated
    ]


def _plain(quantity: Decimal) -> Decimal:
    """10.0 and 10 are one quantity, and are stored as one."""
    return quantity.normalize() + 0


def record_plan(work: Work, command: RecordPlan) -> Answer:
    stream = CustomerPlan.stream(command.partner, command.kind, command.period)
    known = work.find(CustomerPlan, stream)
    if known is not None:
        known.revise(command.revision, _lines(command.lines))
        return plan_answer(known)
    plan = CustomerPlan.record(
        command.partner, command.kind, command.period, _lines(command.lines), command.revision
    )
    return plan_answer(work.add(plan), 201)


def revise_plan(work: Work, command: RevisePlan) -> Answer:
    plan = work.get(CustomerPlan, plan_stream(command.plan))
    plan.revise(command.revision, _lines(command.lines))
    return plan_answer(plan)


HANDLERS: dict[type[Command], Any] = {RecordPlan: record_plan, RevisePlan: revise_plan}
