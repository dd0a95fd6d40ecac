"""What receivables keeps of the deduction agreements with a customer, by first day (decision 15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.aggregate import Aggregate, natural_id
from domain.agreements import in_force, with_agreement
from domain.dispute.terms import DeductionTerms

NOTHING_AGREED = DeductionTerms()


@dataclass(frozen=True)
class AgreedDeductionTerms:
    first_day: date
    terms: DeductionTerms


@dataclass
class DeductionAgreementState:
    partner: str
    agreed: tuple[AgreedDeductionTerms, ...] = ()


class DeductionAgreement(Aggregate[DeductionAgreementState]):
    """The terms for one partner's deductions; kept from the facts of the orders log."""

    KIND = "deduction-agreement"
    STATE = DeductionAgreementState
    STATE_VERSION = 1

    class Opened(Aggregate.Created):
        TYPE = "deduction_agreement.opened/1"
        partner: str

        def apply(self, agreement: DeductionAgreement) -> None:
            agreement.state = DeductionAgreementState(self.partner)

    class Agreed(Aggregate.Event):
        TYPE = "deduction_agreement.agreed/1"
        terms: DeductionTerms
        first_day: date

        def apply(self, agreement: DeductionAgreement) -> None:
            agreed = AgreedDeductionTerms(self.first_day, self.terms)
            agreement.state.agreed = with_agreement(agreement.state.agreed, agreed)

    @staticmethod
    def stream(partner: str) -> str:
        return natural_id("deduction-agreement", partner)

    @classmethod
    def open(cls, partner: str) -> DeductionAgreement:
        return cls.begin(cls.Opened, cls.stream(partner), partner=partner)

    def agree(self, terms: DeductionTerms, first_day: date) -> None:
        if AgreedDeductionTerms(first_day, terms) not in self.state.agreed:
            self.happened(self.Agreed, terms=terms, first_day=first_day)

    def agreed_on(self, day: date) -> AgreedDeductionTerms | None:
        return in_force(self.state.agreed, day)

    def terms_on(self, day: date) -> DeductionTerms:
        agreed = self.agreed_on(day)
        return NOTHING_AGREED if agreed is None else agreed.terms
