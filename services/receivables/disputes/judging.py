"""The commands that judge a claim: the verdict with the checks of law and contract, and a fine computed anew."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar

from pydantic import Field, model_validator

from domain.dispute.agreement import DeductionAgreement
from domain.dispute.checks import ClaimFacts, check_claim
from domain.dispute.dispute import Dispute
from domain.dispute.fines import FineFacts, FineRule, recompute
from domain.dispute.verdict import Fault, Shares, Stage, Verdict, split_both
from domain.fill_rate.choices import Comparison, PenaltyScope
from domain.fill_rate.policy import Goal
from domain.values import ZERO
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Amount, Code, Day, Part, Price, Quantity, QuantityOrZero, Text
from services.receivables.disputes.shared import OnDispute, agreed_terms, dispute_answer, dispute_of

Percent = Annotated[str, Field(pattern=r"^[0-9]{1,3}(\.[0-9]{1,6})?$", examples=["95"])]


class StatedFacts(Part):
    """What the rules of law and contract look at; what is left out is not known, and no rule fails for that."""

    about: Day | None = Field(None, description="The day of the delivery or event that the claim is about.")
    fee: Code | None = Field(None, description="The kind of fee, such as FESTIVAL_WITHOUT_SERVICE (PRC art. 13).")
    set_off_agreed: bool | None = None
    base: Amount | None = Field(None, description="The value that a cap is a percentage of.")
    proof_sent: bool | None = None
    agreed_on: Day | None = None


class GiveVerdict(OnDispute):
    """Who bears how much. Leave the parts out for a claim in which both erred and nobody knows by how much: the contract's
    percentage divides it, else half. What law or contract strikes is the customer's whatever the facts."""

    NAME: ClassVar[str] = "dispute.give_verdict"
    supplier: Amount | None = None
    customer: Amount | None = None
    contractual: Amount | None = None
    undetermined: Amount | None = None
    stage: Stage
    verdict: Verdict | None = None
    fault: Fault | None = None
    facts: StatedFacts = StatedFacts()
    agreement: Code | None = None
    reason: Text

    @property
    def shares(self) -> Shares | None:
        parts = (self.supplier, self.customer, self.contractual, self.undetermined)
        return None if all(part is None for part in parts) else Shares(*(part or ZERO for part in parts))

    @model_validator(mode="after")
    def _both(self) -> GiveVerdict:
        if self.shares is None and self.fault not in (None, Fault.BOTH):
            raise ValueError("send supplier, customer, contractual or undetermined: only BOTH is divided without them")
        return self


class RecomputeFine(OnDispute):
    """A fine under the customer's own rule, with what of the missing goods we can prove to have come.

    ``policy`` names the customer's fill-rate policy as agreed on the day of the claim; without one state the rule.
    """

    NAME: ClassVar[str] = "dispute.recompute_fine"
    ordered: Quantity
    received: QuantityOrZero
    proven: QuantityOrZero = ZERO
    unit_cost: Price
    policy: Code | None = None
    goal_percent: Percent | None = None
    comparison: Comparison = Comparison.GTE
    fine_percent: Percent | None = None
    scope: PenaltyScope = PenaltyScope.ALL_NONCOMPLIANT

    @model_validator(mode="after")
    def _one_rule(self) -> RecomputeFine:
        stated = (self.goal_percent is not None) + (self.fine_percent is not None)
        if stated != (0 if self.policy else 2):
            raise ValueError("send policy, or goal_percent and fine_percent: one rule is needed")
        return self


def give_verdict(work: Work, command: GiveVerdict) -> Answer:
    dispute = dispute_of(work, command)
    state = dispute.state
    agreed = agreed_terms(work, state.partner, _claimed_on(dispute))
    found = command.shares or split_both(state.claimed, state.currency, agreed.terms.supplier_percent)
    checked = check_claim(_claim(dispute, command.facts), agreed.terms.rules)
    dispute.give_verdict(
        found, command.stage, checked, reason=command.reason, by=work.context.actor, agreement=command.agreement,
        verdict=command.verdict, fault=command.fault, position=work.position,
        terms_from=None if agreed.first_day == date.min else agreed.first_day,
    )
    return dispute_answer(dispute, **shown(dispute))


def shown(dispute: Dispute) -> dict[str, Any]:
    """The verdict as an answer carries it."""
    judged = dispute.state.judged
    if judged is None:
        return {"verdict": None}
    return {
        "verdict": judged.verdict, "fault": judged.fault, "stage": judged.stage, "facts": judged.facts,
        "shares": judged.shares, "failed": judged.failed, "to_credit": dispute.state.creditable,
        "to_ask_for": dispute.state.repayable,
    }


def _claimed_on(dispute: Dispute) -> date:
    return min((claim.taken_on for claim in dispute.state.claims.values()), default=date.min)


def _claim(dispute: Dispute, said: StatedFacts) -> ClaimFacts:
    state = dispute.state
    return ClaimFacts(
        state.claimed, state.currency, state.reason, _claimed_on(dispute), said.about, said.fee, said.set_off_agreed,
        said.base, said.proof_sent, said.agreed_on,
    )


def recompute_fine(work: Work, command: RecomputeFine) -> Answer:
    dispute = dispute_of(work, command)
    counted = FineFacts(command.ordered, command.received, command.proven, command.unit_cost)
    rule = _rule(work, dispute, command)
    fine = recompute(counted, rule, dispute.state.currency)
    dispute.record_fine(counted, rule, fine, work.context.actor)
    due = min(fine.due, dispute.state.claimed)
    figures: dict[str, Any] = {"rate": f"{fine.rate.numerator}/{fine.rate.denominator}", "missed": fine.missed, "due": due}
    return dispute_answer(dispute, **figures, not_due=dispute.state.claimed - due)


def _rule(work: Work, dispute: Dispute, command: RecomputeFine) -> FineRule:
    if command.policy is not None:
        agreement = work.get(DeductionAgreement, DeductionAgreement.stream(dispute.state.partner))
        return agreement.fine_rule_on(command.policy, _claimed_on(dispute))
    goal = Goal(Fraction(Decimal(command.goal_percent or "0")) / 100, command.comparison)
    return FineRule(goal, Fraction(Decimal(command.fine_percent or "0")), command.scope)


HANDLERS: dict[type[Command], Any] = {GiveVerdict: give_verdict, RecomputeFine: recompute_fine}

