"""The commands that keep what is agreed about a partner's deductions and fines; policies give them, no door does."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from domain.dispute.agreement import AgreedFineRule, DeductionAgreement
from domain.dispute.terms import DeductionTerms
from services.command import Answer, Command
from services.event_log.work import Work


class KeepDeductionTerms(Command):
    """A deduction agreement was made: its reason codes, clocks, band and rules."""

    NAME: ClassVar[str] = "deduction_agreement.keep"
    partner: str
    terms: DeductionTerms
    first_day: date


class KeepFineRule(Command):
    """A fill-rate policy was agreed that fines by the unit."""

    NAME: ClassVar[str] = "deduction_agreement.keep_fine_rule"
    partner: str
    rule: AgreedFineRule


def _agreement(work: Work, partner: str) -> DeductionAgreement:
    known = work.find(DeductionAgreement, DeductionAgreement.stream(partner))
    return work.add(DeductionAgreement.open(partner)) if known is None else known


def keep_fine_rule(work: Work, command: KeepFineRule) -> Answer:
    agreement = _agreement(work, command.partner)
    agreement.agree_fine_rule(command.rule)
    return Answer(200, {"agreement": agreement.id, "version": agreement.version})


def keep_deduction_terms(work: Work, command: KeepDeductionTerms) -> Answer:
    agreement = _agreement(work, command.partner)
    agreement.agree(command.terms, command.first_day)
    return Answer(200, {"agreement": agreement.id, "version": agreement.version})


HANDLERS: dict[type[Command], Any] = {KeepDeductionTerms: keep_deduction_terms, KeepFineRule: keep_fine_rule}
