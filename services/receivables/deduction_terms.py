"""The command that keeps what is agreed about a partner's deductions; a policy gives it, no door does."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from domain.dispute.agreement import DeductionAgreement
from domain.dispute.terms import DeductionTerms
from services.command import Answer, Command
from services.event_log.work import Work


class KeepDeductionTerms(Command):
    """A deduction agreement was made: its reason codes, clocks, band and rules."""

    NAME: ClassVar[str] = "deduction_agreement.keep"
    partner: str
    terms: DeductionTerms
    first_day: date


def keep_deduction_terms(work: Work, command: KeepDeductionTerms) -> Answer:
    known = work.find(DeductionAgreement, DeductionAgreement.stream(command.partner))
    agreement = work.add(DeductionAgreement.open(command.partner)) if known is None else known
    agreement.agree(command.terms, command.first_day)
    return Answer(200, {"agreement": agreement.id, "version": agreement.version})


HANDLERS: dict[type[Command], Any] = {KeepDeductionTerms: keep_deduction_terms}
