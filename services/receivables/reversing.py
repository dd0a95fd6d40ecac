"""What a reversed payment takes back of deductions and their disputes: S8 of definitions.md, and a repayment that bounced."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from domain.deduction import Deduction
from domain.deduction_postings import repaid_by, undo
from domain.dispute.changing import fall_away, reverse_repayment
from domain.dispute.dispute import Dispute
from domain.invoice import Invoice
from domain.settlement import Settlement, reverse_settlement
from services.event_log.work import Work


def bounced(work: Work, settlement: Settlement, reason: str) -> bool:
    """Whether the settlement was a repayment: its deductions are outstanding again, its disputes open."""
    named = repaid_by(settlement)
    if not named or settlement.state.reversed:
        return settlement.state.reversed
    deductions = {name: work.get(Deduction, name) for name in named}
    disputes = {d.state.through.get(settlement.id) for d in deductions.values() if settlement.id in d.state.repaid}
    done = settlement.state.proposal
    documents = {part.invoice: work.get(Invoice, part.invoice) for part in (done.allocations if done else ())}
    reverse_settlement(settlement, documents, {}, reason)
    for deduction in deductions.values():
        deduction.reverse_repayment(settlement.id)
    for dispute in sorted(filter(None, disputes)):
        reverse_repayment(work.get(Dispute, dispute), settlement.id, reason)
    return True


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
