"""What happens to the money of a dispute: credited, repaid, written off, split, merged, taken back; each only remembers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domain.aggregate import Aggregate
from domain.dispute.life_cycle import Status, Step, after
from domain.dispute.state import Claim, ClaimState, DisputeState, Waiver, WaiverRequest, left_of


class Credited(Aggregate.Event):
    """Credit memos over ``amounts`` by deduction. ``given_up`` of it is more than the verdict makes ours."""

    TYPE = "dispute.credited/1"
    amounts: dict[str, Decimal]
    credit_memos: tuple[str, ...]
    given_up: Decimal
    reason: str
    by: str
    approver: str | None = None
    request: str | None = None

    def apply(self, dispute: Aggregate[DisputeState]) -> None:
        for name, amount in self.amounts.items():
            dispute.state.claims[name].credited += amount
        dispute.state.requests.pop(self.request or "", None)
        if dispute.state.outstanding == 0:
            dispute.state.status = after(Step.CONCEDE)


class Repaid(Aggregate.Event):
    TYPE = "dispute.repaid/1"
    settlement: str
    amounts: dict[str, Decimal]
    on: date
    by: str

    def apply(self, dispute: Aggregate[DisputeState]) -> None:
        state = dispute.state
        for name, amount in self.amounts.items():
            state.claims[name].repaid += amount
        state.repayments[self.settlement] = self.amounts
        if state.repaid >= state.accepted:
            state.status = after(Step.REPAY)


class WaiverRequested(Aggregate.Event):
    """What is the customer's is to be given up, and waits for a second person.

    ``counted`` is what was given up before and counts together with it.
    """

    TYPE = "dispute.waiver_requested/1"
    kind: Waiver
    request: str
    amount: Decimal
    reason: str
    by: str
    band: Decimal | None
    counted: Decimal
    together_with: tuple[str, ...]
    split: bool

    def apply(self, dispute: Aggregate[DisputeState]) -> None:
        dispute.state.requests[self.request] = WaiverRequest(self.kind, self.amount, self.reason, self.by)


class WaiverDeclined(Aggregate.Event):
    TYPE = "dispute.waiver_declined/1"
    request: str
    reason: str
    by: str

    def apply(self, dispute: Aggregate[DisputeState]) -> None:
        dispute.state.requests.pop(self.request, None)


class WrittenOff(Aggregate.Event):
    """``approver`` is None only up to the band."""

    TYPE = "dispute.written_off/1"
    document: str
    amounts: dict[str, Decimal]
    reason: str
    requester: str
    approver: str | None
    on: date

    def apply(self, dispute: Aggregate[DisputeState]) -> None:
        state = dispute.state
        for name, amount in self.amounts.items():
            state.claims[name].written_off += amount
        state.write_offs[self.document] = self.amounts
        state.requests.pop(self.document, None)
        if state.outstanding == 0:
            state.status = after(Step.WRITE_OFF)


class ClaimsSplitOff(Aggregate.Event):
    """These claims go on in the dispute ``to``."""

    TYPE = "dispute.claims_split_off/1"
    to: str
    claims: tuple[Claim, ...]
    by: str

    def apply(self, dispute: Aggregate[DisputeState]) -> None:
        for claim in self.claims:
            dispute.state.claims[claim.deduction].amount -= claim.amount
        dispute.state.claims = {name: one for name, one in dispute.state.claims.items() if one.amount}
        dispute.state.judged = None


class ClaimsTakenOver(Aggregate.Event):
    """The claims of the dispute ``taken_from`` go on here; what was judged is to be judged anew."""

    TYPE = "dispute.claims_taken_over/1"
    taken_from: str
    claims: tuple[Claim, ...]
    by: str

    def apply(self, dispute: Aggregate[DisputeState]) -> None:
        claims = dispute.state.claims
        for one in self.claims:
            known = claims.get(one.deduction)
            if known is None:
                claims[one.deduction] = ClaimState(one.amount, one.invoice, one.settlement, one.taken_on)
            else:
                known.amount += one.amount
        dispute.state.judged = None


class MergedInto(Aggregate.Event):
    TYPE = "dispute.merged_into/1"
    into: str
    claims: tuple[Claim, ...]
    by: str

    def apply(self, dispute: Aggregate[DisputeState]) -> None:
        dispute.state.claims = {}
        dispute.state.judged = None
        dispute.state.status = Status.VOIDED


class ClaimFellAway(Aggregate.Event):
    """The payment that had kept ``amount`` back was reversed: nothing of it is claimed any more."""

    TYPE = "dispute.claim_fell_away/1"
    deduction: str
    amount: Decimal

    def apply(self, dispute: Aggregate[DisputeState]) -> None:
        dispute.state.claims[self.deduction].amount -= self.amount
        dispute.state.judged = None
        dispute.state.requests = {}


class RepaymentReversed(Aggregate.Event):
    """The repayment bounced, or what it repaid is no longer claimed."""

    TYPE = "dispute.repayment_reversed/1"
    settlement: str
    amounts: dict[str, Decimal]

    def apply(self, dispute: Aggregate[DisputeState]) -> None:
        for name, amount in self.amounts.items():
            dispute.state.claims[name].repaid -= amount
        left_of(dispute.state.repayments, self.settlement, self.amounts)
        dispute.state.accepted = dispute.state.repaid


class WriteOffReversed(Aggregate.Event):
    TYPE = "dispute.write_off_reversed/1"
    document: str
    amounts: dict[str, Decimal]

    def apply(self, dispute: Aggregate[DisputeState]) -> None:
        for name, amount in self.amounts.items():
            dispute.state.claims[name].written_off -= amount
        left_of(dispute.state.write_offs, self.document, self.amounts)
