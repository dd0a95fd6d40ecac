"""The commands on what is found about an order's fill: exclusions, and why a line was missed."""

from __future__ import annotations

from typing import Any, ClassVar

from fastapi import APIRouter
from pydantic import Field

from domain.order import Order
from domain.order_findings import Department, OrderFindings, Party
from domain.values import Side
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Code, Stream, Text
from services.http import command_route, href
from services.orders.ordering.shared import LINES_PER_ORDER, order_stream


class RecordExclusion(Command):
    """A reason why lines should not count, claimed by us or granted by the customer; without lines the whole order."""

    NAME: ClassVar[str] = "findings.record_exclusion"
    order: Stream
    exclusion: Code
    code: Code
    granted_by: Side
    reference: str = Field("", max_length=200)
    lines: tuple[Code, ...] = Field((), max_length=LINES_PER_ORDER)


class WithdrawExclusion(Command):
    """The exclusion no longer holds."""

    NAME: ClassVar[str] = "findings.withdraw_exclusion"
    order: Stream
    exclusion: Code
    reason: Text


class FindCause(Command):
    """Why a line was missed and whose fault it was, in a person's judgement; it overrides the rule."""

    NAME: ClassVar[str] = "findings.find_cause"
    order: Stream
    line: Code
    cause: Code
    fault: Party
    department: Department
    reason: Text


def _findings(work: Work, command: Any) -> tuple[OrderFindings, tuple[str, ...]]:
    """The order's findings and the numbers of its lines."""
    order = work.get(Order, order_stream(command.order))
    findings = work.find(OrderFindings, OrderFindings.stream(order.id))
    if findings is None:
        findings = work.add(OrderFindings.open(order.id))
    return findings, tuple(order.state.lines)


def _answer(findings: OrderFindings) -> Answer:
    order = findings.state.order
    return Answer(200, {"order": order, "href": href("orders", order), "version": findings.version})


def record_exclusion(work: Work, command: RecordExclusion) -> Answer:
    findings, known = _findings(work, command)
    findings.record_exclusion(
        command.exclusion, command.code, command.granted_by, command.reference, command.lines, known
    )
    return _answer(findings)


def withdraw_exclusion(work: Work, command: WithdrawExclusion) -> Answer:
    findings, _ = _findings(work, command)
    findings.withdraw_exclusion(command.exclusion, command.reason)
    return _answer(findings)


def find_cause(work: Work, command: FindCause) -> Answer:
    findings, known = _findings(work, command)
    findings.find_cause(command.line, command.cause, command.fault, command.department, command.reason, known)
    return _answer(findings)


HANDLERS: dict[type[Command], Any] = {
    RecordExclusion: record_exclusion,
    WithdrawExclusion: withdraw_exclusion,
    FindCause: find_cause,
}


def finding_router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["fill rate"])
    for verb, command, summary in (
        ("record-exclusion", RecordExclusion, "Record an exclusion claimed by us or granted by the customer"),
        ("withdraw-exclusion", WithdrawExclusion, "An exclusion no longer holds"),
        ("find-cause", FindCause, "Say why a line was missed and whose fault it was"),
    ):
        command_route(
            router, f"/orders/{{order:path}}:{verb}", command, log="orders", permission="fill_rate.find", summary=summary
        )
    return router
