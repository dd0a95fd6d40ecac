"""What a reversed payment takes back of deductions and their disputes: S8 of definitions.md, and a repayment that bounced."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from domain.deduction import Deduction
from domain.deduction_postings import repaid_by, undo
from domain.dispute.changing import fall_away, reverse_repayment
from domain.dispute.dispute import Dispute
from domain.invoice import Invoice
from domain.settlement import Settlement
from services.event_log.work import Work


def take_back_repayments(work: Work, settlement: Settlement, reason: str) -> None:
    """What the settlement had paid back of deductions is outstanding again, its disputes open."""
    for name in repaid_by(settlement):
        deduction = work.get(Deduction, name)
        if settlement.id not in deduction.state.repaid:
            continue
        dispute = deduction.state.through.get(settlement.id)
        deduction.reverse_repayment(settlement.id)
        if dispute is not None and settlement.id in work.get(Dispute, dispute).state.repayments:
            reverse_repayment(work.get(Dispute, dispute), settlement.id, reason)


def disputes_of(work: Work, deductions: Iterable[Deduction]) -> list[tuple[str, Dispute]]:
    """Each deduction with each dispute about it, as they stand before anything is taken back."""
    found = []
    for deduction in deductions:
        for name in sorted({*deduction.state.disputed, *deduction.state.through.values()}):
            found.append((deduction.id, work.get(Dispute, name)))
    return found


def undone(work: Work, deductions: Iterable[Deduction], invoices: Sequence[Invoice]) -> Decimal:
    """Repayments go on account, write-offs are none any more; answers how much that was."""
    listed = list(deductions)
    repayments = {name: work.get(Settlement, name) for one in listed for name in one.state.repaid}
    return undo(listed, invoices, repayments)


def let_fall_away(disputes: Iterable[tuple[str, Dispute]], reason: str, by: str) -> None:
    for deduction, dispute in disputes:
        if deduction in dispute.state.claims:
            fall_away(dispute, deduction, reason, by)
