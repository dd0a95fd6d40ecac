"""Dispute: our case against one or several deductions, from its opening to the last of it credited, repaid or written off.

SAP's dispute case, UN/EDIFACT COMDIS. I2 of definitions.md 4.1 holds for each claim: amount = credited + repaid + written
off + outstanding.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from domain.aggregate import Aggregate, natural_id
from domain.deduction_reasons import DeductionReason
from domain.dispute import facts, posting_facts, refusals as why
from domain.dispute.checks import Checked
from domain.dispute.clocks import Clock, Deadlines, passed
from domain.dispute.fines import Fine, FineFacts, FineRule
from domain.dispute.life_cycle import ENDED, MOVES, UNFILED, Status, Step, may
from domain.dispute.state import Claim, DisputeState, Waiver, WaiverRequest
from domain.dispute.verdict import (
    Fault, Shares, Stage, Verdict, after_checks, check_shares, check_verdict, fault_of, verdict_of,
)
from domain.values import ZERO, exact_text

# What a filing window ends stays acknowledged, proven or escalated late; only these still matter once it was filed.
_ONLY_UNFILED = frozenset({Clock.EVIDENCE, Clock.ESCALATE, Clock.HARD_STOP})


class Dispute(Aggregate[DisputeState]):
    """One case of one account; all its claims are in one currency."""

    KIND = "dispute"
    STATE = DisputeState
    STATE_VERSION = 1

    Opened = facts.Opened
    WorkBegun = facts.WorkBegun
    VerdictGiven = facts.VerdictGiven
    FineRecomputed = facts.FineRecomputed
    Submitted = facts.Submitted
    AcceptedByCustomer = facts.AcceptedByCustomer
    RejectedByCustomer = facts.RejectedByCustomer
    Escalated = facts.Escalated
    ClockPassed = facts.ClockPassed
    Expired = facts.Expired
    Reopened = facts.Reopened
    Voided = facts.Voided
    Closed = facts.Closed
    Credited = posting_facts.Credited
    Repaid = posting_facts.Repaid
    WaiverRequested = posting_facts.WaiverRequested
    WaiverDeclined = posting_facts.WaiverDeclined
    WrittenOff = posting_facts.WrittenOff
    ClaimsSplitOff = posting_facts.ClaimsSplitOff
    ClaimsTakenOver = posting_facts.ClaimsTakenOver
    MergedInto = posting_facts.MergedInto
    ClaimFellAway = posting_facts.ClaimFellAway
    RepaymentReversed = posting_facts.RepaymentReversed
    WriteOffReversed = posting_facts.WriteOffReversed

    @staticmethod
    def stream(company: str, partner: str, number: str) -> str:
        return natural_id("dispute", company, partner, number)

    @classmethod
    def open(
        cls, *, company: str, partner: str, account: str, number: str, currency: str, zone: str, reason: DeductionReason,
        claims: tuple[Claim, ...], dates: Deadlines, on: date, by: str, agreement: str | None = None,
        split_from: str | None = None,
    ) -> Dispute:
        stream = cls.stream(company, partner, number)
        if not claims:
            raise why.NO_CLAIMS(dispute=stream)
        for claim in claims:
            if claim.amount <= 0:
                raise why.CLAIM_NOT_POSITIVE(dispute=stream, figure=claim.amount, deduction=claim.deduction)
        return cls.begin(
            cls.Opened, stream, company=company, partner=partner, account=account, number=number, currency=currency,
            zone=zone, reason=reason, claims=claims, dates=dates, on=on, by=by, agreement=agreement, split_from=split_from,
        )  # fmt: skip

    def begin_work(self, by: str) -> None:
        if self.state.status is not Status.IN_PROCESS:
            self._check(Step.BEGIN_WORK)
            self.happened(self.WorkBegun, by=by)

    def give_verdict(
        self, found: Shares, stage: Stage, checked: Checked, *, reason: str, by: str, agreement: str | None = None,
        verdict: Verdict | None = None, fault: Fault | None = None, position: int = 0, terms_from: date | None = None,
    ) -> None:
        """``found`` are the facts; what law or contract strikes is the customer's whatever they are."""
        state = self.state
        if state.status in ENDED:
            raise self._not_possible("a verdict", frozenset(Status) - ENDED)
        check_shares(self.id, state.claimed, state.currency, found)
        shares = after_checks(found, checked.failing)
        check_verdict(self.id, shares, verdict, fault)
        agreement = agreement or state.agreement
        if shares.contractual > 0 and not agreement:
            raise why.AGREEMENT_MISSING(dispute=self.id, figure=shares.contractual)
        if state.judged is not None and (state.judged.shares, state.judged.stage) == (shares, stage):
            return
        if state.has_postings:
            raise why.VERDICT_POSTED(dispute=self.id, figure=state.claimed - state.outstanding)
        self.happened(
            self.VerdictGiven, verdict=verdict_of(shares), fault=fault_of(shares), stage=stage, facts=found, shares=shares,
            failed=checked.failed, lacking=checked.lacking, reason=reason, agreement=agreement, position=position,
            terms_from=terms_from, by=by,
        )  # fmt: skip

    def record_fine(self, counted: FineFacts, rule: FineRule, fine: Fine, by: str) -> None:
        """What of the claim the customer's own rule makes due, as far as it is claimed here."""
        if self.state.status in ENDED:
            raise self._not_possible("a fine computed anew", frozenset(Status) - ENDED)
        due = min(fine.due, self.state.claimed)
        self.happened(
            self.FineRecomputed, ordered=counted.ordered, received=counted.received, proven=counted.proven,
            unit_cost=counted.unit_cost, goal=exact_text(rule.goal.rate), percent=exact_text(rule.percent),
            rate=exact_text(fine.rate), due=due, not_due=self.state.claimed - due, by=by,
        )  # fmt: skip

    def submit(self, pack: str, on: date, by: str) -> None:
        """Ask the customer to repay its share."""
        self._check(Step.SUBMIT)
        asked = self._judged().repayable
        if asked == 0:
            raise why.NOTHING_TO_ASK(dispute=self.id, figure=asked, limit=self.state.claimed)
        self.happened(self.Submitted, requested=asked, pack=pack, on=on, by=by)

    def accept(self, amount: Decimal, document: str, on: date, by: str) -> None:
        """The customer agrees to repay ``amount`` of what it was asked for."""
        self._check(Step.ACCEPT)
        self._check_positive("an acceptance", amount)
        limit = self.state.requested
        if amount > limit:
            figures = {"figure": amount, "limit": limit, "excess": amount - limit}
            raise why.ACCEPTED_MORE(dispute=self.id, document=document, **figures)
        self.happened(self.AcceptedByCustomer, amount=amount, document=document, on=on, by=by)

    def reject(self, reason: str, document: str, on: date, by: str) -> None:
        self._check(Step.REJECT)
        self.happened(self.RejectedByCustomer, reason=reason, document=document, on=on, by=by)

    def escalate(self, reason: str, by: str) -> None:
        self._check(Step.ESCALATE)
        self.happened(self.Escalated, reason=reason, by=by)

    def check_credit(self, amount: Decimal) -> None:
        """Whether the verdict gives so much to a credit memo."""
        self._check(Step.CONCEDE)
        self._check_positive("a credit", amount)
        limit = self._judged().creditable
        if amount > limit:
            figures = {"figure": amount, "limit": limit, "excess": amount - limit}
            raise why.CREDIT_BEYOND_VERDICT(dispute=self.id, **figures)

    def credit(
        self, amounts: dict[str, Decimal], memos: tuple[str, ...], *, reason: str, by: str, approver: str | None = None,
        request: str | None = None,
    ) -> None:
        """Credit memos were issued and used on the deductions; beyond the verdict it is given up."""
        self._check(Step.CONCEDE)
        amount = sum(amounts.values(), ZERO)
        self.check_outstanding("a credit", amount)
        given_up = max(amount - self.state.creditable, ZERO)
        self.happened(
            self.Credited, amounts=amounts, credit_memos=memos, given_up=given_up, reason=reason, by=by,
            approver=approver, request=request,
        )  # fmt: skip
        self._close_if_done()

    def repay(self, settlement: str, amounts: dict[str, Decimal], on: date, by: str) -> None:
        """Money came back, as far as the customer accepted."""
        self._check(Step.REPAY)
        amount, limit = sum(amounts.values(), ZERO), self.state.accepted - self.state.repaid
        if amount > limit:
            figures = {"figure": amount, "limit": limit, "excess": amount - limit}
            raise why.REPAID_MORE(dispute=self.id, document=settlement, **figures)
        self.happened(self.Repaid, settlement=settlement, amounts=amounts, on=on, by=by)
        self._close_if_done()

    def request_waiver(
        self, kind: Waiver, request: str, amount: Decimal, reason: str, by: str, *, band: Decimal | None, counted: Decimal,
        together_with: tuple[str, ...] = (), split: bool = False,
    ) -> None:
        """Giving up what is the customer's waits for a second person; what waits already counts as taken."""
        self._check(Step.WRITE_OFF)
        waiting = sum((one.amount for one in self.state.requests.values()), ZERO)
        self.check_outstanding(f"a request beside {waiting} waiting", amount, less=waiting)
        self.happened(
            self.WaiverRequested, kind=kind, request=request, amount=amount, reason=reason, by=by, band=band,
            counted=counted, together_with=together_with, split=split,
        )  # fmt: skip

    def waiting(self, request: str) -> WaiverRequest:
        found = self.state.requests.get(request)
        if found is None:
            raise why.REQUEST_UNKNOWN(dispute=self.id, request=request, known=list(self.state.requests) or "none")
        return found

    def approved(self, request: str, approver: str) -> WaiverRequest:
        """The request, if ``approver`` is not who asked for it."""
        found = self.waiting(request)
        if found.requester == approver:
            raise why.REQUESTER_CANNOT_APPROVE(dispute=self.id, approver=approver, figure=found.amount)
        return found

    def decline_waiver(self, request: str, reason: str, by: str) -> None:
        self.waiting(request)
        self.happened(self.WaiverDeclined, request=request, reason=reason, by=by)

    def write_off(
        self, document: str, amounts: dict[str, Decimal], *, reason: str, requester: str, approver: str | None, on: date
    ) -> None:
        self._check(Step.WRITE_OFF)
        self.check_outstanding("a write-off", sum(amounts.values(), ZERO))
        self.happened(
            self.WrittenOff, document=document, amounts=amounts, reason=reason, requester=requester, approver=approver, on=on
        )
        self._close_if_done()

    def pass_clocks(self, day: date) -> None:
        """What has run out as ``day`` begins, each clock once; nothing runs for what was filed or has ended."""
        for clock in passed(self.state.dates, day):
            state = self.state
            over = state.status not in UNFILED or (state.filed and clock in _ONLY_UNFILED)
            if over or clock in state.passed or self._is_met(clock):
                continue
            if clock is Clock.HARD_STOP:
                self.happened(self.Expired, day=day, outstanding=state.outstanding)
            else:
                self.happened(self.ClockPassed, clock=clock, day=day)

    def void(self, reason: str, by: str) -> None:
        """It was opened in error."""
        if self.state.status is Status.VOIDED:
            return
        self._check(Step.VOID)
        self.check_no_postings("voiding")
        self.happened(self.Voided, reason=reason, by=by)

    def check_no_postings(self, what: str) -> None:
        if self.state.has_postings:
            figure = self.state.claimed - self.state.outstanding
            raise why.POSTINGS_STAND(dispute=self.id, figure=figure, what=what)

    def check_outstanding(self, what: str, amount: Decimal, less: Decimal = ZERO) -> None:
        """More than 0 and at most what is outstanding, less what is promised elsewhere."""
        self._check_positive(what, amount)
        limit = self.state.outstanding - less
        if amount > limit:
            figures = {"figure": amount, "limit": limit, "excess": amount - limit}
            raise why.MORE_THAN_OUTSTANDING(dispute=self.id, what=what, **figures)

    def check_open(self, step: Step = Step.VOID) -> None:
        self._check(step)

    def _is_met(self, clock: Clock) -> bool:
        """Work has begun; a verdict stands, so that the evidence was complete."""
        if clock is Clock.ACKNOWLEDGE:
            return self.state.status is not Status.OPEN
        judged = self.state.judged
        return clock is Clock.EVIDENCE and judged is not None and judged.verdict is not Verdict.UNDETERMINED

    def _judged(self) -> DisputeState:
        if self.state.judged is None or self.state.judged.verdict is Verdict.UNDETERMINED:
            raise why.NO_VERDICT(dispute=self.id, figure=self.state.claimed)
        return self.state

    def _check(self, step: Step) -> None:
        if not may(step, self.state.status):
            raise self._not_possible(step.value, MOVES[step][0])

    def _not_possible(self, step: str, allowed: frozenset[Status]) -> Exception:
        return why.STEP_NOT_POSSIBLE(dispute=self.id, status=self.state.status, step=step, limit=allowed)

    def _check_positive(self, what: str, amount: Decimal) -> None:
        if amount <= 0:
            raise why.AMOUNT_NOT_POSITIVE(dispute=self.id, what=what, figure=amount)

    def _close_if_done(self) -> None:
        state = self.state
        if state.outstanding == 0:
            totals: Mapping[str, Decimal] = {n: getattr(state, n) for n in ("credited", "repaid", "written_off")}
            self.happened(self.Closed, **totals)
