"""The facts of a dispute; each only remembers. ``by`` is always a person, ``on`` the day in the dispute's zone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domain.aggregate import Aggregate
from domain.deduction_reasons import DeductionReason
from domain.dispute.checks import Failed
from domain.dispute.clocks import Clock, Deadlines
from domain.dispute.life_cycle import Status, Step, after
from domain.dispute.state import Claim, DisputeState, Judgement, claim_states
from domain.dispute.verdict import Fault, Shares, Stage, Verdict


class Opened(Aggregate.Created):
    """``split_from`` is the dispute that the claims were taken out of."""

    TYPE = "dispute.opened/1"
    company: str
    partner: str
    account: str
    number: str
    currency: str
    zone: str
    reason: DeductionReason
    claims: tuple[Claim, ...]
    dates: Deadlines
    on: date
    by: str
    agreement: str | None = None
    split_from: str | None = None

    def apply(self, dispute: Aggregate[DisputeState]) -> None:
        dispute.state = DisputeState(
            company=self.company,
            partner=self.partner,
            account=self.account,
            number=self.number,
            currency=self.currency,
            zone=self.zone,
            reason=self.reason,
            status=Status.OPEN,
            claims=claim_states(self.claims),
            dates=self.dates,
            opened_by=self.by,
            agreement=self.agreement,
        )


class WorkBegun(Aggregate.Event):
    TYPE = "dispute.work_begun/1"
    by: str

    def apply(self, dispute: Aggregate[DisputeState]) -> None:
        dispute.state.status = after(Step.BEGIN_WORK)


class VerdictGiven(Aggregate.Event):
    """``facts`` as found, ``shares`` after ``failed``; ``position`` and ``terms_from`` are what was known and agreed."""

    TYPE = "dispute.verdict_given/1"
    verdict: Verdict
    fault: Fault | None
    stage: Stage
    facts: Shares
    shares: Shares
    failed: tuple[Failed, ...]
    lacking: dict[str, str]
    reason: str
    agreement: str | None
    position: int
    terms_from: date | None
    by: str

    def apply(self, dispute: Aggregate[DisputeState]) -> None:
        state = dispute.state
        state.judged = Judgement(self.verdict, self.fault, self.stage, self.facts, self.shares, self.failed)
        state.agreement = self.agreement


class FineRecomputed(Aggregate.Event):
    """A fine under the customer's rule with what we can prove; ``rate``, ``goal`` and ``percent`` are exact texts."""

    TYPE = "dispute.fine_recomputed/1"
    ordered: Decimal
    received: Decimal
    proven: Decimal
    unit_cost: Decimal
    goal: str
    percent: str
    rate: str
    due: Decimal
    not_due: Decimal
    by: str

    def apply(self, dispute: Aggregate[DisputeState]) -> None:
        """A finding; the verdict says what follows from it."""


class Submitted(Aggregate.Event):
    """The customer is asked to repay ``requested``; ``pack`` is the SHA-256 of the dispute pack that went with it."""

    TYPE = "dispute.submitted/1"
    requested: Decimal
    pack: str
    on: date
    by: str

    def apply(self, dispute: Aggregate[DisputeState]) -> None:
        dispute.state.status = after(Step.SUBMIT)
        dispute.state.requested = self.requested
        dispute.state.filed = True


class AcceptedByCustomer(Aggregate.Event):
    TYPE = "dispute.accepted_by_customer/1"
    amount: Decimal
    document: str
    on: date
    by: str

    def apply(self, dispute: Aggregate[DisputeState]) -> None:
        dispute.state.status = after(Step.ACCEPT)
        dispute.state.accepted = self.amount


class RejectedByCustomer(Aggregate.Event):
    TYPE = "dispute.rejected_by_customer/1"
    reason: str
    document: str
    on: date
    by: str

    def apply(self, dispute: Aggregate[DisputeState]) -> None:
        dispute.state.status = after(Step.REJECT)


class Escalated(Aggregate.Event):
    TYPE = "dispute.escalated/1"
    reason: str
    by: str

    def apply(self, dispute: Aggregate[DisputeState]) -> None:
        dispute.state.status = after(Step.ESCALATE)


class ClockPassed(Aggregate.Event):
    """A clock has run out as ``day`` begins; it moves nothing, it calls somebody."""

    TYPE = "dispute.clock_passed/1"
    clock: Clock
    day: date

    def apply(self, dispute: Aggregate[DisputeState]) -> None:
        dispute.state.passed = (*dispute.state.passed, self.clock)


class Expired(Aggregate.Event):
    """The filing window is over and the customer was not asked: concede or write off."""

    TYPE = "dispute.expired/1"
    day: date
    outstanding: Decimal

    def apply(self, dispute: Aggregate[DisputeState]) -> None:
        dispute.state.passed = (*dispute.state.passed, Clock.HARD_STOP)
        dispute.state.status = after(Step.EXPIRE)


class Reopened(Aggregate.Event):
    TYPE = "dispute.reopened/1"
    reason: str

    def apply(self, dispute: Aggregate[DisputeState]) -> None:
        dispute.state.status = after(Step.REOPEN)


class Voided(Aggregate.Event):
    """Opened in error, or the claim fell away before anything was posted."""

    TYPE = "dispute.voided/1"
    reason: str
    by: str

    def apply(self, dispute: Aggregate[DisputeState]) -> None:
        dispute.state.status = after(Step.VOID)
        dispute.state.requests = {}


class Closed(Aggregate.Event):
    """Nothing of the claim is outstanding."""

    TYPE = "dispute.closed/1"
    credited: Decimal
    repaid: Decimal
    written_off: Decimal

    def apply(self, dispute: Aggregate[DisputeState]) -> None:
        dispute.state.status = after(Step.CLOSE)
