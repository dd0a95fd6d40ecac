"""Disputes for lists and pages, their clocks, and the age of deductions: what is outstanding since when, what came back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, MetaData, Table, Text

from domain.credit_account import CreditAccount
from domain.deduction import Deduction
from domain.dispute.clocks import Clock, first_passed_on
from domain.dispute.dispute import Dispute
from domain.dispute.life_cycle import Status
from domain.dispute.verdict import Verdict
from domain.recorded import RecordedEvent
from domain.values import ZERO, local_date
from projections.columns import Instant, Packed, key, money
from projections.view import Needs, Page, Row, View

METADATA = MetaData()

DISPUTES = Table(
    "disputes", METADATA,
    Column("dispute_id", key(), primary_key=True), Column("company", Text, nullable=False),
    Column("partner", key(), nullable=False), Column("account", key(), nullable=False),
    Column("number", key(), nullable=False), Column("currency", Text, nullable=False), Column("zone", key(), nullable=False),
    Column("reason", key(), nullable=False), Column("status", key(), nullable=False), Column("is_open", Boolean, nullable=False),
    Column("claimed", money(), nullable=False), Column("credited", money(), nullable=False),
    Column("repaid", money(), nullable=False), Column("written_off", money(), nullable=False),
    Column("requested", money(), nullable=False), Column("accepted", money(), nullable=False),
    Column("claims", Packed(dict[str, Decimal]), nullable=False),
    Column("verdict", Text), Column("fault", Text), Column("stage", Text), Column("shares", Packed()), Column("failed", Packed()),
    Column("agreement", Text), Column("opened_on", Date, nullable=False), Column("opened_by", Text, nullable=False),
    Column("processor", Text), Column("claimed_on", Date, nullable=False), Column("evidence_by", Date),
    Column("escalate_on", Date), Column("last_day", Date), Column("passed", Packed(list[str]), nullable=False),
    Column("waiting", Packed(dict[str, Any]), nullable=False), Column("split_from", Text), Column("merged_into", Text),
    Index("disputes_by_partner", "partner", "is_open", "last_day"), Index("disputes_by_status", "status", "last_day"),
)  # fmt: skip

# A clock that still runs: ``due_on`` is the day on whose beginning it has run out, in ``zone``.
CLOCKS = Table(
    "clocks", METADATA,
    Column("dispute_id", key(), primary_key=True), Column("clock", key(), primary_key=True),
    Column("due_on", Date, nullable=False), Column("zone", key(), nullable=False), Index("clocks_by_day", "zone", "due_on"),
)  # fmt: skip

HISTORY = Table(
    "history", METADATA,
    Column("dispute_id", key(), primary_key=True), Column("at_position", BigInteger, primary_key=True),
    Column("what", Text, nullable=False), Column("facts", Packed(), nullable=False),
    Column("recorded_at", Instant, nullable=False), Column("actor", Text, nullable=False),
)  # fmt: skip

DEDUCTIONS = Table(
    "deductions", METADATA,
    Column("deduction_id", key(), primary_key=True), Column("partner", key(), nullable=False),
    Column("account", key(), nullable=False), Column("currency", key(), nullable=False), Column("reason", key(), nullable=False),
    Column("taken_on", Date, nullable=False), Column("amount", money(), nullable=False),
    Column("credited", money(), nullable=False), Column("repaid", money(), nullable=False),
    Column("written_off", money(), nullable=False), Column("voided", money(), nullable=False),
    Column("outstanding", money(), nullable=False), Column("resolved_on", Date),
    Index("deductions_by_partner", "partner", "taken_on"),
)  # fmt: skip

ZONES = Table("zones", METADATA, Column("account", key(), primary_key=True), Column("zone", Text, nullable=False))

VIEW = View("disputes", 1, METADATA)


def _the_dispute(event: Any) -> Needs:
    return {DISPUTES: [(event.originator_id,)]}


def _its_clocks(event: Any) -> Needs:
    return {DISPUTES: [(event.originator_id,)], CLOCKS: [(event.originator_id, clock.value) for clock in Clock]}


# Fold: disputes

_KEPT = (
    "company", "partner", "account", "number", "currency", "zone", "agreement", "split_from",
)  # fmt: skip


@VIEW.on(Dispute.Opened)
def _opened(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    dates = event.dates
    page.put(
        DISPUTES, dispute_id=event.originator_id, reason=event.reason.value, status=Status.OPEN.value, is_open=True,
        claimed=sum((claim.amount for claim in event.claims), ZERO), claims={one.deduction: one.amount for one in event.claims},
        opened_on=event.on, opened_by=event.by, claimed_on=min(claim.taken_on for claim in event.claims),
        evidence_by=dates.evidence_by, escalate_on=dates.escalate_on, last_day=dates.last_day, passed=[], waiting={},
        **dict.fromkeys(("credited", "repaid", "written_off", "requested", "accepted"), ZERO),
        **{name: getattr(event, name) for name in _KEPT},
    )  # fmt: skip
    for clock, day in first_passed_on(dates).items():
        page.put(CLOCKS, dispute_id=event.originator_id, clock=clock.value, due_on=day, zone=event.zone)
    _note(page, recorded)


@VIEW.on(Dispute.WorkBegun, needs=_its_clocks)
def _work_begun(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(DISPUTES, event.originator_id).update(status=Status.IN_PROCESS.value, processor=event.by)
    _stop(page, event.originator_id, Clock.ACKNOWLEDGE)
    _note(page, recorded)


@VIEW.on(Dispute.VerdictGiven, needs=_its_clocks)
def _verdict_given(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(DISPUTES, event.originator_id).update(
        verdict=event.verdict.value, fault=event.fault, stage=event.stage.value, shares=event.shares, failed=event.failed,
        agreement=event.agreement,
    )  # fmt: skip
    if event.verdict is not Verdict.UNDETERMINED:
        _stop(page, event.originator_id, Clock.EVIDENCE)
    _note(page, recorded)


@VIEW.on(Dispute.Submitted, needs=_its_clocks)
def _submitted(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(DISPUTES, event.originator_id).update(status=Status.SUBMITTED.value, requested=event.requested)
    _stop(page, event.originator_id, *Clock)
    _note(page, recorded)


@VIEW.on(Dispute.AcceptedByCustomer, needs=_the_dispute)
def _accepted(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(DISPUTES, event.originator_id).update(status=Status.ACCEPTED_BY_CUSTOMER.value, accepted=event.amount)
    _note(page, recorded)


@VIEW.on(Dispute.RejectedByCustomer, Dispute.Escalated, Dispute.Reopened, needs=_the_dispute)
def _moved(recorded: RecordedEvent, page: Page) -> None:
    led_to: dict[type[Any], Status] = {
        Dispute.RejectedByCustomer: Status.REJECTED_BY_CUSTOMER, Dispute.Escalated: Status.ESCALATED,
        Dispute.Reopened: Status.OPEN,
    }  # fmt: skip
    row = page.row(DISPUTES, recorded.stream)
    row.update(status=led_to[type(recorded.event)].value, is_open=True)
    _note(page, recorded)


@VIEW.on(Dispute.Credited, Dispute.WrittenOff, needs=_the_dispute)
def _given(recorded: RecordedEvent, page: Page) -> None:
    """What is resolved in part stays as it is; when nothing is outstanding the dispute is closed by its own fact."""
    event: Any = recorded.event
    row = page.row(DISPUTES, event.originator_id)
    row["credited" if isinstance(event, Dispute.Credited) else "written_off"] += sum(event.amounts.values(), ZERO)
    row["waiting"].pop(getattr(event, "document", None) or event.request, None)
    _note(page, recorded)


@VIEW.on(Dispute.Repaid, needs=_the_dispute)
def _repaid(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    row = page.row(DISPUTES, event.originator_id)
    row["repaid"] += sum(event.amounts.values(), ZERO)
    if row["repaid"] >= row["accepted"]:
        row["status"] = Status.REPAID.value
    _note(page, recorded)


@VIEW.on(Dispute.WaiverRequested, Dispute.WaiverDeclined, needs=_the_dispute)
def _waiting(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    waiting = page.row(DISPUTES, event.originator_id)["waiting"]
    waiting.pop(event.request, None)
    if isinstance(event, Dispute.WaiverRequested):
        waiting[event.request] = {"kind": event.kind, "amount": event.amount, "by": event.by, "split": event.split}
    _note(page, recorded)


@VIEW.on(Dispute.ClockPassed, Dispute.Expired, needs=_its_clocks)
def _clock_passed(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    row = page.row(DISPUTES, event.originator_id)
    clock = getattr(event, "clock", Clock.HARD_STOP)
    row["passed"].append(clock.value)
    if isinstance(event, Dispute.Expired):
        row["status"] = Status.EXPIRED.value
        _stop(page, event.originator_id, *Clock)
    _stop(page, event.originator_id, clock)
    _note(page, recorded)


@VIEW.on(Dispute.ClaimsSplitOff, Dispute.ClaimsTakenOver, Dispute.MergedInto, Dispute.ClaimFellAway, needs=_its_clocks)
def _claims_moved(recorded: RecordedEvent, page: Page) -> None:
    """The verdict is to be given anew."""
    event: Any = recorded.event
    row = page.row(DISPUTES, event.originator_id)
    sign = 1 if isinstance(event, Dispute.ClaimsTakenOver) else -1
    moved = {event.deduction: event.amount} if isinstance(event, Dispute.ClaimFellAway) else {
        claim.deduction: claim.amount for claim in event.claims
    }  # fmt: skip
    for name, amount in moved.items():
        row["claims"][name] = row["claims"].get(name, ZERO) + sign * amount
        row["claimed"] += sign * amount
    row.update(verdict=None, fault=None, stage=None, shares=None, failed=None)
    if isinstance(event, Dispute.MergedInto):
        row["merged_into"] = event.into
        _end(page, row, Status.VOIDED)
    _note(page, recorded)


@VIEW.on(Dispute.RepaymentReversed, Dispute.WriteOffReversed, needs=_the_dispute)
def _reversed(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    row = page.row(DISPUTES, event.originator_id)
    row["repaid" if isinstance(event, Dispute.RepaymentReversed) else "written_off"] -= sum(event.amounts.values(), ZERO)
    _note(page, recorded)


@VIEW.on(Dispute.Closed, Dispute.Voided, needs=_its_clocks)
def _ended(recorded: RecordedEvent, page: Page) -> None:
    status = Status.CLOSED if isinstance(recorded.event, Dispute.Closed) else Status.VOIDED
    _end(page, page.row(DISPUTES, recorded.stream), status)
    _note(page, recorded)


@VIEW.on(Dispute.FineRecomputed)
def _found(recorded: RecordedEvent, page: Page) -> None:
    _note(page, recorded)


def _end(page: Page, row: Row, status: Status) -> None:
    row.update(status=status.value, is_open=False, waiting={})
    _stop(page, row["dispute_id"], *Clock)


def _stop(page: Page, dispute: str, *clocks: Clock) -> None:
    for clock in clocks:
        page.remove(CLOCKS, dispute, clock.value)


ENVELOPE = frozenset({"originator_id", "originator_version", "originator_topic", "timestamp"})


def _note(page: Page, recorded: RecordedEvent) -> None:
    facts = {name: value for name, value in vars(recorded.event).items() if name not in ENVELOPE}
    page.append(
        HISTORY, dispute_id=recorded.stream, at_position=recorded.position, what=recorded.type, facts=facts,
        recorded_at=recorded.recorded_at, actor=recorded.actor,
    )  # fmt: skip


# Fold: deductions


@VIEW.on(CreditAccount.Opened)
def _zone_known(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.put(ZONES, account=event.account, zone=event.zone)


@VIEW.on(Deduction.Taken)
def _taken(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.put(
        DEDUCTIONS, deduction_id=event.originator_id, reason=event.reason.value, outstanding=event.amount,
        **{name: getattr(event, name) for name in ("partner", "account", "currency", "taken_on", "amount")},
        **dict.fromkeys(("credited", "repaid", "written_off", "voided"), ZERO),
    )  # fmt: skip


_RESOLVED: dict[type[Any], tuple[str, int]] = {
    Deduction.Credited: ("credited", 1), Deduction.Repaid: ("repaid", 1), Deduction.RepaymentReversed: ("repaid", -1),
    Deduction.WrittenOff: ("written_off", 1), Deduction.WriteOffReversed: ("written_off", -1), Deduction.Voided: ("voided", 1),
}  # fmt: skip


@VIEW.on(*_RESOLVED, needs=lambda event: {DEDUCTIONS: [(event.originator_id,)]})
def _resolved(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    name, sign = _RESOLVED[type(event)]
    row = page.row(DEDUCTIONS, event.originator_id)
    row[name] += sign * event.amount
    row["outstanding"] -= sign * event.amount
    zone = page.find(ZONES, row["account"])
    day = local_date(event.timestamp, zone["zone"] if zone else "UTC")
    row["resolved_on"] = None if row["outstanding"] else day
