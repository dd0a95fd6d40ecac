"""What the commands on disputes share: the case named by an address, its day, its terms, its answer."""

from __future__ import annotations

from datetime import date
from typing import Any

from domain.credit_account import CreditAccount
from domain.deduction import Deduction
from domain.dispute.agreement import NOTHING_AGREED, AgreedDeductionTerms, DeductionAgreement
from domain.dispute.dispute import Dispute
from domain.values import local_date
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Code
from services.http import href


class OnDispute(Command):
    """A command on one dispute, named by its address."""

    company: Code
    partner: Code
    number: Code

    @property
    def dispute(self) -> str:
        return Dispute.stream(self.company, self.partner, self.number)

    def streams(self) -> tuple[str, ...]:
        return (self.dispute,)


def dispute_of(work: Work, command: OnDispute) -> Dispute:
    return work.get(Dispute, command.dispute)


def zone_of(work: Work, account: str) -> str:
    """The zone of the account's customer."""
    return work.get(CreditAccount, CreditAccount.stream(account)).state.zone


def today(work: Work, dispute: Dispute) -> date:
    return local_date(work.context.at, dispute.state.zone)


def agreed_terms(work: Work, partner: str, day: date) -> AgreedDeductionTerms:
    """What is agreed about deductions on ``day``; nothing agreed holds since ever."""
    agreement = work.find(DeductionAgreement, DeductionAgreement.stream(partner))
    found = None if agreement is None else agreement.agreed_on(day)
    return AgreedDeductionTerms(date.min, NOTHING_AGREED) if found is None else found


def deductions_of(work: Work, dispute: Dispute) -> dict[str, Deduction]:
    work.fetch(dispute.state.claims)
    return {name: work.get(Deduction, name) for name in dispute.state.claims}


def dispute_answer(dispute: Dispute, status: int = 200, **more: Any) -> Answer:
    state = dispute.state
    body = {
        "dispute": dispute.id, "href": href("disputes", dispute.id), "version": dispute.version, "status": state.status,
        "claimed": state.claimed, "credited": state.credited, "repaid": state.repaid, "written_off": state.written_off,
        "outstanding": state.outstanding,
    }
    return Answer(status, body | more)
