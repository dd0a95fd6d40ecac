"""What receivables keeps of the deduction agreements with a customer, by first day (decision 15)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from domain.aggregate import Aggregate, natural_id
from domain.agreements import in_force, with_agreement
from domain.dispute.fines import FineRule
from domain.dispute.terms import DeductionTerms
from domain.fill_rate.choices import Comparison, PenaltyScope
from domain.fill_rate.policy import Goal
from domain.refusal import Kind, Refusal
from domain.values import exact_text

NOTHING_AGREED = DeductionTerms()

FINE_RULE_UNKNOWN = Refusal(
    "dispute.fine_rule_unknown",
    "No fill-rate policy {policy} with a fine by the unit was agreed with {partner} by {day}; those known are {known}. Name"
    " one of them, or state goal_percent and fine_percent.",
    Kind.NOT_FOUND,
)


@dataclass(frozen=True)
class AgreedDeductionTerms:
    first_day: date
    terms: DeductionTerms


@dataclass(frozen=True)
class AgreedFineRule:
    """How the customer fines by its fill-rate policy ``policy_id``; rates as exact texts such as "19/20"."""

    policy_id: str
    first_day: date
    goal: str
    comparison: Comparison
    percent: str
    scope: PenaltyScope

    @property
    def rule(self) -> FineRule:
        return FineRule(Goal(Fraction(self.goal), self.comparison), Fraction(self.percent), self.scope)


def fine_rule(policy_id: str, first_day: date, rule: FineRule) -> AgreedFineRule:
    goal, percent = exact_text(rule.goal.rate), exact_text(rule.percent)
    return AgreedFineRule(policy_id, first_day, goal, rule.goal.comparison, percent, rule.scope)


@dataclass
class DeductionAgreementState:
    partner: str
    agreed: tuple[AgreedDeductionTerms, ...] = ()
    fines: dict[str, tuple[AgreedFineRule, ...]] = field(default_factory=dict)  # by policy


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

    class FineRuleAgreed(Aggregate.Event):
        """A fill-rate policy with a penalty was agreed: what of it a fine is computed anew by."""

        TYPE = "deduction_agreement.fine_rule_agreed/1"
        rule: AgreedFineRule

        def apply(self, agreement: DeductionAgreement) -> None:
            fines = agreement.state.fines
            fines[self.rule.policy_id] = with_agreement(fines.get(self.rule.policy_id, ()), self.rule)

    @staticmethod
    def stream(partner: str) -> str:
        return natural_id("deduction-agreement", partner)

    @classmethod
    def open(cls, partner: str) -> DeductionAgreement:
        return cls.begin(cls.Opened, cls.stream(partner), partner=partner)

    def agree(self, terms: DeductionTerms, first_day: date) -> None:
        if AgreedDeductionTerms(first_day, terms) not in self.state.agreed:
            self.happened(self.Agreed, terms=terms, first_day=first_day)

    def agree_fine_rule(self, rule: AgreedFineRule) -> None:
        if rule not in self.state.fines.get(rule.policy_id, ()):
            self.happened(self.FineRuleAgreed, rule=rule)

    def fine_rule_on(self, policy_id: str, day: date) -> FineRule:
        agreed = in_force(self.state.fines.get(policy_id, ()), day)
        if agreed is None:
            raise FINE_RULE_UNKNOWN(policy=policy_id, partner=self.state.partner, day=day, known=list(self.state.fines) or "none")
        return agreed.rule

    def agreed_on(self, day: date) -> AgreedDeductionTerms | None:
        return in_force(self.state.agreed, day)

    def terms_on(self, day: date) -> DeductionTerms:
        agreed = self.agreed_on(day)
        return NOTHING_AGREED if agreed is None else agreed.terms
