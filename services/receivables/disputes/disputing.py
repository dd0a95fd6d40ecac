"""The commands that open disputes, lead them through their life cycle, split and merge them, and let their clocks pass."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from pydantic import Field

from domain.deduction import Deduction
from domain.deduction_reasons import DeductionReason
from domain.dispute import refusals as why
from domain.dispute.changing import merge, split_off
from domain.dispute.clocks import deadlines, weekdays
from domain.dispute.dispute import Dispute
from domain.dispute.state import Claim
from domain.values import ZERO, local_date
from services.calendars import known_calendars
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Amount, Code, Day, OptionalCode, Part, Stream, Text
from services.receivables.disputes.shared import (
    OnDispute, agreed_terms, deductions_of, dispute_answer, dispute_of, today, zone_of,
)
from services.receivables.settling import deduction_stream

CLAIMS_PER_DISPUTE = 500


class DisputedPart(Part):
    """A deduction, as addresses name it, and how much of it; by default all that no dispute claims yet."""

    deduction: Stream
    amount: Amount | None = None


class OpenDispute(Command):
    """Dispute one or several deductions of one customer, whole or in part. ``agreement`` names the promotion or contract
    that the customer refers to."""

    NAME: ClassVar[str] = "dispute.open"
    company: Code
    partner: Code
    number: Code
    deductions: tuple[DisputedPart, ...] = Field(min_length=1, max_length=CLAIMS_PER_DISPUTE)
    reason: DeductionReason | None = None
    agreement: Code | None = None

    def streams(self) -> tuple[str, ...]:
        named = (deduction_stream(one.deduction) for one in self.deductions)
        return (Dispute.stream(self.company, self.partner, self.number), *named)


class BeginWork(OnDispute):
    """Somebody takes the dispute up: it is acknowledged."""

    NAME: ClassVar[str] = "dispute.begin_work"


class SubmitDispute(OnDispute):
    """Ask the customer to repay its share. ``pack`` is the SHA-256 of the dispute pack that was sent."""

    NAME: ClassVar[str] = "dispute.submit"
    pack: str = Field("", pattern="^([0-9a-f]{64})?$")


class RecordAcceptance(OnDispute):
    """The customer agrees to repay, in whole or in part."""

    NAME: ClassVar[str] = "dispute.record_acceptance"
    amount: Amount
    document: Code
    accepted_on: Day


class RecordRejection(OnDispute):
    NAME: ClassVar[str] = "dispute.record_rejection"
    reason: Text
    document: OptionalCode = ""
    rejected_on: Day


class EscalateDispute(OnDispute):
    NAME: ClassVar[str] = "dispute.escalate"
    reason: Text


class VoidDispute(OnDispute):
    """It was opened in error; nothing may have been posted."""

    NAME: ClassVar[str] = "dispute.void"
    reason: Text


class SplitPart(Part):
    deduction: Stream
    amount: Amount


class SplitDispute(OnDispute):
    """So much of its claims goes on in a dispute of its own."""

    NAME: ClassVar[str] = "dispute.split"
    into: Code
    parts: tuple[SplitPart, ...] = Field(min_length=1, max_length=CLAIMS_PER_DISPUTE)


class MergeDispute(OnDispute):
    """All claims of the dispute ``other`` go on in this one; nothing of the other is left."""

    NAME: ClassVar[str] = "dispute.merge"
    other: Code


class PassClocks(Command):
    """A day has begun; the runner says so, no door does."""

    NAME: ClassVar[str] = "dispute.pass_clocks"
    dispute: str
    day: date


def open_dispute(work: Work, command: OpenDispute) -> Answer:
    stream = Dispute.stream(command.company, command.partner, command.number)
    known = work.find(Dispute, stream)
    asked = {deduction_stream(one.deduction): one.amount for one in command.deductions}
    deductions = [work.get(Deduction, name) for name in asked]
    if known is not None:
        _check_same(work, known, asked)
        return dispute_answer(known)
    first = deductions[0].state
    for deduction in deductions:
        state = deduction.state
        mine = (command.company, command.partner, first.account, first.currency)
        if (state.company, state.partner, state.account, state.currency) != mine:
            theirs = f"{state.company}, {state.partner}, {state.account} in {state.currency}"
            raise why.CLAIMS_DIFFER(dispute=stream, deduction=deduction.id, figure=theirs, limit=", ".join(mine))
    dispute = work.add(_opened(work, command, deductions, {n: amount for n, amount in asked.items() if amount is not None}))
    for deduction in deductions:
        deduction.claim(dispute.id, dispute.state.claims[deduction.id].amount)
    return dispute_answer(dispute, 201)


def _opened(work: Work, command: OpenDispute, deductions: list[Deduction], amounts: dict[str, Any]) -> Dispute:
    claims = tuple(
        Claim(
            one.id, amounts.get(one.id, one.state.free), one.state.invoice, one.state.settlement,
            work.first_fact(one.id).taken_on,
        )
        for one in deductions
    )  # fmt: skip
    first = deductions[0].state
    zone = zone_of(work, first.account)
    on, claimed_on = local_date(work.context.at, zone), min(claim.taken_on for claim in claims)
    reason = command.reason or first.reason
    clock = agreed_terms(work, command.partner, claimed_on).terms.clock_of(reason)
    calendar = weekdays if clock.calendar is None else known_calendars(clock.calendar).get(clock.calendar, lambda _: None)
    return Dispute.open(
        company=command.company, partner=command.partner, account=first.account, number=command.number,
        currency=first.currency, zone=zone, reason=reason, claims=claims,
        dates=deadlines(clock, on, claimed_on, calendar), on=on, by=work.context.actor, agreement=command.agreement,
    )


def _check_same(work: Work, known: Dispute, asked: dict[str, Any]) -> None:
    """The same again says nothing new."""
    opened = {claim.deduction: claim.amount for claim in work.first_fact(known.id).claims}
    if opened.keys() != asked.keys() or any(a is not None and a != opened[n] for n, a in asked.items()):
        raise why.OPENED_OTHERWISE(dispute=known.id, limit=list(opened), figure=list(asked))


def begin_work(work: Work, command: BeginWork) -> Answer:
    dispute = dispute_of(work, command)
    dispute.begin_work(work.context.actor)
    return dispute_answer(dispute)


def submit(work: Work, command: SubmitDispute) -> Answer:
    dispute = dispute_of(work, command)
    dispute.submit(command.pack, today(work, dispute), work.context.actor)
    return dispute_answer(dispute, requested=dispute.state.requested)


def record_acceptance(work: Work, command: RecordAcceptance) -> Answer:
    dispute = dispute_of(work, command)
    dispute.accept(command.amount, command.document, command.accepted_on, work.context.actor)
    return dispute_answer(dispute)


def record_rejection(work: Work, command: RecordRejection) -> Answer:
    dispute = dispute_of(work, command)
    dispute.reject(command.reason, command.document, command.rejected_on, work.context.actor)
    return dispute_answer(dispute)


def escalate(work: Work, command: EscalateDispute) -> Answer:
    dispute = dispute_of(work, command)
    dispute.escalate(command.reason, work.context.actor)
    return dispute_answer(dispute)


def void(work: Work, command: VoidDispute) -> Answer:
    dispute = dispute_of(work, command)
    dispute.void(command.reason, work.context.actor)
    for deduction in deductions_of(work, dispute).values():
        deduction.claim(dispute.id, ZERO)
    return dispute_answer(dispute)


def split(work: Work, command: SplitDispute) -> Answer:
    dispute = dispute_of(work, command)
    into = Dispute.stream(command.company, command.partner, command.into)
    known = work.find(Dispute, into)
    amounts = {deduction_stream(one.deduction): one.amount for one in command.parts}
    if known is not None:
        _check_same(work, known, dict(amounts))
        return dispute_answer(dispute, split_off=into)
    deductions = deductions_of(work, dispute)
    part = work.add(split_off(dispute, command.into, amounts, today(work, dispute), work.context.actor))
    for name, amount in amounts.items():
        left = dispute.state.claims[name].outstanding if name in dispute.state.claims else ZERO
        deductions[name].claim(dispute.id, left)
        deductions[name].claim(part.id, amount)
    return dispute_answer(dispute, split_off=part.id)


def merge_disputes(work: Work, command: MergeDispute) -> Answer:
    dispute = dispute_of(work, command)
    other = work.get(Dispute, Dispute.stream(command.company, command.partner, command.other))
    moved = list(other.state.claims)
    merge(dispute, other, work.context.actor)
    for name in moved:
        deduction = work.get(Deduction, name)
        deduction.claim(other.id, ZERO)
        deduction.claim(dispute.id, dispute.state.claims[name].outstanding)
    return dispute_answer(dispute, merged=other.id)


def pass_clocks(work: Work, command: PassClocks) -> Answer:
    dispute = work.get(Dispute, command.dispute)
    dispute.pass_clocks(command.day)
    return dispute_answer(dispute)


HANDLERS: dict[type[Command], Any] = {
    OpenDispute: open_dispute,
    BeginWork: begin_work,
    SubmitDispute: submit,
    RecordAcceptance: record_acceptance,
    RecordRejection: record_rejection,
    EscalateDispute: escalate,
    VoidDispute: void,
    SplitDispute: split,
    MergeDispute: merge_disputes,
    PassClocks: pass_clocks,
}
