"""By how much a payment, its reversal or a resolved deduction changes each open item of the credit account.

Read in the writer, from the documents as they stand at the command's turn: what was deducted stays open and is contested
until it is resolved.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.credit_book import ItemShift
from domain.allocation import Allocation
from domain.deduction import Deduction
from domain.invoice import Invoice
from domain.settlement import Settlement
from domain.values import ZERO
from services.event_log.work import Work


def items_paid(work: Work, document: str, cleared: Decimal) -> tuple[ItemShift, ...]:
    """``document``: the settlement as it was allocated first, or the deduction that was credited over ``cleared``."""
    if document.startswith("settlement/"):
        settlement = work.find(Settlement, document)
        done = settlement.state.proposal if settlement is not None else None
        return items_of(done.allocations if done else ())
    if document.startswith("deduction/"):
        return _summed(ItemShift(item, -part, -part) for item, part in _borne(work, document, cleared))
    return ()


def items_of(allocations: Iterable[Allocation]) -> tuple[ItemShift, ...]:
    """By how much allocations change open items; a credit memo that is used is none."""
    parts = [part for part in allocations if part.credit >= 0]
    return _summed(ItemShift(p.invoice, p.deducted - p.applied.total, p.deducted) for p in parts)


def items_reversed(work: Work, document: str) -> tuple[ItemShift, ...]:
    """Exactly what the settlement and the deductions credited since took away comes back, and is contested no more."""
    settlement = work.find(Settlement, document) if document.startswith("settlement/") else None
    done = settlement.state.done if settlement is not None else None
    if done is None:
        return ()
    back = [ItemShift(s.item, -s.amount, -s.disputed) for s in items_of(done.allocations)]
    for taken in done.deductions:
        deduction = work.find(Deduction, taken.deduction)
        credited = sum(deduction.state.credited.values(), ZERO) if deduction is not None else ZERO
        back += [ItemShift(item, part, part) for item, part in _borne(work, taken.deduction, credited)]
    shifts = _summed(back)
    work.fetch([one.item for one in shifts])
    return tuple(replace(one, due_on=_due_on(work, one.item)) for one in shifts)


def _due_on(work: Work, item: str) -> date | None:
    invoice = work.find(Invoice, item)
    return invoice.state.due_on if invoice is not None else None


def currency_of(work: Work, document: str) -> str:
    """The currency of a payment, or of the document that resolved something; "" is the account's."""
    if document.startswith("settlement/"):
        settlement = work.find(Settlement, document)
        return settlement.state.remittance.currency if settlement is not None else ""
    if document.startswith("deduction/"):
        deduction = work.find(Deduction, document)
        return deduction.state.currency if deduction is not None else ""
    memo = work.find(Invoice, document) if document.startswith("invoice/") else None
    return memo.state.currency if memo is not None else ""


def _borne(work: Work, document: str, amount: Decimal) -> list[tuple[str, Decimal]]:
    """The invoices that bear ``amount`` of a deduction: the one it names, or those its settlement reduced, in turn."""
    deduction = work.find(Deduction, document)
    if deduction is None or amount == 0:
        return []
    if deduction.state.invoice is not None:
        return [(deduction.state.invoice, amount)]
    settlement = work.find(Settlement, deduction.state.settlement)
    done = settlement.state.done if settlement is not None else None
    found, left = [], amount
    for part in done.allocations if done else ():
        if (borne := min(left, part.deducted)) > 0:
            found.append((part.invoice, borne))
            left -= borne
    return found


def _summed(shifts: Iterable[ItemShift]) -> tuple[ItemShift, ...]:
    """One shift an item."""
    found: dict[str, ItemShift] = {}
    for one in shifts:
        known = found.get(one.item, ItemShift(one.item, ZERO))
        found[one.item] = ItemShift(one.item, known.amount + one.amount, known.disputed + one.disputed)
    return tuple(one for one in found.values() if one.amount or one.disputed)
