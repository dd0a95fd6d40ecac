"""What changes the claims of disputes: split, merge, and what a reversed payment takes back (I2 and I6 hold in each)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domain.dispute import refusals as why
from domain.dispute.dispute import Dispute
from domain.dispute.life_cycle import ENDED, Status, Step
from domain.values import ZERO


def split_off(dispute: Dispute, number: str, amounts: dict[str, Decimal], on: date, by: str) -> Dispute:
    """So much of each claim goes on in a dispute of its own, with the same clocks; the rest stays, to be judged anew."""
    dispute.check_open(Step.VOID)
    dispute.check_no_postings("splitting")
    state = dispute.state
    for deduction, amount in amounts.items():
        claim = state.claims.get(deduction)
        limit = ZERO if claim is None else claim.outstanding
        if not 0 < amount <= limit:
            raise why.SPLIT_IMPOSSIBLE(dispute=dispute.id, deduction=deduction, figure=amount, limit=limit)
    if not amounts or sum(amounts.values(), ZERO) >= state.claimed:
        figure = sum(amounts.values(), ZERO)
        raise why.SPLIT_IMPOSSIBLE(dispute=dispute.id, deduction="all its claims", figure=figure, limit=state.claimed)
    claims = state.claims_in(amounts)
    part = Dispute.open(
        company=state.company, partner=state.partner, account=state.account, number=number, currency=state.currency,
        zone=state.zone, reason=state.reason, claims=claims, dates=state.dates, on=on, by=by, agreement=state.agreement,
        split_from=dispute.id,
    )  # fmt: skip
    dispute.happened(Dispute.ClaimsSplitOff, to=part.id, claims=claims, by=by)
    return part


def merge(dispute: Dispute, other: Dispute, by: str) -> None:
    """All claims of ``other`` go on in ``dispute``; of ``other`` nothing is left."""
    ours, theirs = dispute.state, other.state
    named = [f"{one.account} in {one.currency}" for one in (ours, theirs)]
    if dispute.id == other.id or named[0] != named[1]:
        raise why.MERGE_IMPOSSIBLE(dispute=dispute.id, other=other.id, limit=named[0], figure=named[1])
    for one in (dispute, other):
        one.check_open(Step.VOID)
        one.check_no_postings("merging")
    claims = theirs.claims_in({name: claim.amount for name, claim in theirs.claims.items()})
    dispute.happened(Dispute.ClaimsTakenOver, taken_from=other.id, claims=claims, by=by)
    other.happened(Dispute.MergedInto, into=dispute.id, claims=claims, by=by)


def reverse_repayment(dispute: Dispute, settlement: str, reason: str) -> None:
    """The repayment bounced: what it had resolved is outstanding again, and a closed dispute is open again (I6)."""
    amounts = dispute.state.repayments.get(settlement)
    if amounts is None:
        return
    dispute.happened(Dispute.RepaymentReversed, settlement=settlement, amounts=amounts)
    if dispute.state.status is Status.CLOSED:
        dispute.happened(Dispute.Reopened, reason=reason)


def fall_away(dispute: Dispute, deduction: str, reason: str, by: str) -> None:
    """The payment that had taken the deduction was reversed: what was credited of it stays, nothing else (S8).

    Nothing is left to decide, so that a closed dispute stays closed and an open one without other claims ends.
    """
    for settlement, amounts in list(dispute.state.repayments.items()):
        if deduction in amounts:
            dispute.happened(
                Dispute.RepaymentReversed, settlement=settlement, amounts={deduction: amounts[deduction]}
            )
    for document, amounts in list(dispute.state.write_offs.items()):
        if deduction in amounts:
            dispute.happened(Dispute.WriteOffReversed, document=document, amounts={deduction: amounts[deduction]})
    claim = dispute.state.claims[deduction]
    if claim.outstanding > 0:
        dispute.happened(Dispute.ClaimFellAway, deduction=deduction, amount=claim.outstanding)
    state = dispute.state
    if state.status in ENDED or state.outstanding > 0:
        return
    if state.has_postings:
        totals = {name: getattr(state, name) for name in ("credited", "repaid", "written_off")}
        dispute.happened(Dispute.Closed, **totals)
    else:
        dispute.happened(Dispute.Voided, reason=reason, by=by)
