"""The commands that move a dispute's money: credit memos for our share, repayments, what is given up by two persons."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from domain.aggregate import natural_id
from domain.deduction_postings import Resolving, repay, repayment_of, write_off
from domain.dispute.dispute import Dispute
from domain.dispute.life_cycle import Step
from domain.dispute.state import Waiver
from domain.dispute.write_offs import GivenUp, WriteOffBook
from domain.remittance import Remittance
from domain.settlement import Settlement
from domain.values import ZERO
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Amount, Code, Day, Text
from services.receivables.disputes.memos import credit_claims
from services.receivables.disputes.shared import (
    OnDispute, agreed_terms, deductions_of, dispute_answer, dispute_of, today,
)
from services.receivables.settling import bearers

Spread = dict[str, Decimal]


class CreditDispute(OnDispute):
    """Credit what the verdict makes ours or the contract's: a credit memo about the invoice, used on the deduction.

    ``line`` is the invoice line that it is about; without one all lines of the invoice bear it by their value.
    """

    NAME: ClassVar[str] = "dispute.credit"
    amount: Amount | None = None
    issued_on: Day | None = None
    line: Code | None = None
    reason: Text


class ConcedeDispute(OnDispute):
    """Credit what is outstanding, also what the verdict makes the customer's; above the band a second person decides."""

    NAME: ClassVar[str] = "dispute.concede"
    amount: Amount | None = None
    reason: Text


class RecordRepayment(OnDispute):
    """The customer paid back; by default all that it accepted and has not paid yet."""

    NAME: ClassVar[str] = "dispute.record_repayment"
    reference: Code
    amount: Amount | None = None
    paid_on: Day
    method: Code | None = None


class WriteOffDispute(OnDispute):
    """Write off what is outstanding. Up to the band agreed with the customer one person may; above it this asks a second."""

    NAME: ClassVar[str] = "dispute.write_off"
    amount: Amount
    reason: Text


class ApproveWaiver(OnDispute):
    """Approve what somebody else asked to give up; who asked never approves."""

    NAME: ClassVar[str] = "dispute.approve_waiver"
    request: Code


class DeclineWaiver(OnDispute):
    NAME: ClassVar[str] = "dispute.decline_waiver"
    request: Code
    reason: Text


def credit(work: Work, command: CreditDispute) -> Answer:
    dispute = dispute_of(work, command)
    amount = dispute.state.creditable if command.amount is None else command.amount
    dispute.check_credit(amount)
    amounts = dispute.state.spread(amount)
    dispute.check_outstanding("a credit", amount)
    memos = credit_claims(
        work, dispute, amounts, command.issued_on or today(work, dispute), command.reason, line=command.line
    )
    dispute.credit(amounts, memos, reason=command.reason, by=work.context.actor)
    return dispute_answer(dispute, credit_memos=memos)


def concede(work: Work, command: ConcedeDispute) -> Answer:
    dispute = dispute_of(work, command)
    dispute.check_open(Step.CONCEDE)
    amount = dispute.state.outstanding if command.amount is None else command.amount
    return _give_up(work, dispute, Waiver.CONCESSION, amount, command.reason)


def write_off_dispute(work: Work, command: WriteOffDispute) -> Answer:
    dispute = dispute_of(work, command)
    dispute.check_open(Step.WRITE_OFF)
    return _give_up(work, dispute, Waiver.WRITE_OFF, command.amount, command.reason)


def _give_up(work: Work, dispute: Dispute, kind: Waiver, amount: Decimal, reason: str) -> Answer:
    """At once within the band, else a request that waits. What the verdict gives a credit memo is not given up."""
    state, by, on = dispute.state, work.context.actor, today(work, dispute)
    waiting = sum((one.amount for one in state.requests.values()), ZERO)
    dispute.check_outstanding(f"a {kind.value.lower()} beside {waiting} waiting", amount, less=waiting)
    given_up = amount if kind is Waiver.WRITE_OFF else max(amount - state.creditable, ZERO)
    number = natural_id("write-off", state.company, state.partner, state.number, str(dispute.version + 1))
    settlements = tuple(dict.fromkeys(claim.settlement for claim in state.claims.values()))
    terms = agreed_terms(work, state.partner, on).terms.write_off
    book = work.find(WriteOffBook, WriteOffBook.stream(state.partner)) or work.add(WriteOffBook.open(state.partner))
    weighed = book.weigh(terms, given_up, state.currency, by, settlements, on)
    if given_up > 0 and weighed.second_person:
        dispute.request_waiver(
            kind, number, amount, reason, by, band=terms.band, counted=weighed.counted,
            together_with=weighed.together_with, split=weighed.split,
        )
        return dispute_answer(dispute, waiting=number, together_with=weighed.together_with, split=weighed.split)
    if given_up > 0:
        book.note(GivenUp(number, settlements, given_up, state.currency, by, on))
    return _carry_out(work, dispute, kind, number, amount, reason, by, None)


def approve_waiver(work: Work, command: ApproveWaiver) -> Answer:
    dispute = dispute_of(work, command)
    approver = work.context.actor
    asked = dispute.approved(command.request, approver)
    return _carry_out(work, dispute, asked.kind, command.request, asked.amount, asked.reason, asked.requester, approver)


def decline_waiver(work: Work, command: DeclineWaiver) -> Answer:
    dispute = dispute_of(work, command)
    dispute.decline_waiver(command.request, command.reason, work.context.actor)
    return dispute_answer(dispute)


def _carry_out(
    work: Work, dispute: Dispute, kind: Waiver, document: str, amount: Decimal, reason: str, requester: str,
    approver: str | None,
) -> Answer:
    dispute.check_outstanding(f"a {kind.value.lower()}", amount)
    amounts, on = dispute.state.spread(amount), today(work, dispute)
    if kind is Waiver.CONCESSION:
        memos = credit_claims(work, dispute, amounts, on, reason)
        dispute.credit(amounts, memos, reason=reason, by=requester, approver=approver, request=document)
        return dispute_answer(dispute, credit_memos=memos)
    write_off(document, resolving(work, dispute, amounts), dispute.id)
    dispute.write_off(document, amounts, reason=reason, requester=requester, approver=approver, on=on)
    return dispute_answer(dispute, document=document)


def resolving(work: Work, dispute: Dispute, amounts: Spread) -> list[Resolving]:
    """Each deduction with its part and the invoices that bear it."""
    deductions = deductions_of(work, dispute)
    return [Resolving(deductions[name], part, bearers(work, deductions[name])) for name, part in amounts.items()]


def record_repayment(work: Work, command: RecordRepayment) -> Answer:
    dispute = dispute_of(work, command)
    state = dispute.state
    amount = state.accepted - state.repaid if command.amount is None else command.amount
    stream = Settlement.stream(state.company, state.partner, command.reference)
    if stream in state.repayments:
        return dispute_answer(dispute, settlement=stream)
    dispute.check_open(Step.REPAY)
    dispute.check_outstanding("a repayment", amount)
    amounts = state.spread(amount)
    paid = Remittance(
        state.company, state.partner, state.account, command.reference, command.paid_on, state.currency, amount, (),
        method=command.method,
    )
    known = work.find(Settlement, stream)
    if known is not None:
        known.receive_again(repayment_of(paid, amounts))  # a payment of that reference with another content
    settlement = work.add(Settlement.receive(repayment_of(paid, amounts))) if known is None else known
    dispute.repay(settlement.id, amounts, command.paid_on, work.context.actor)
    repay(settlement, resolving(work, dispute, amounts), dispute.id)
    return dispute_answer(dispute, settlement=settlement.id)


HANDLERS: dict[type[Command], Any] = {
    CreditDispute: credit,
    ConcedeDispute: concede,
    RecordRepayment: record_repayment,
    WriteOffDispute: write_off_dispute,
    ApproveWaiver: approve_waiver,
    DeclineWaiver: decline_waiver,
}
