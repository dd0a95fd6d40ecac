"""Cash application (核销): from a remittance and what is open to a proposal. Pure; nothing is posted here.

definitions.md 4.2 and edi.md 6. Money is never applied oldest-first on our own account, never more than is open,
and what cannot be placed stays on account with its reason: amount = cash allocated + gain + on account.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from domain.allocation import (
    NO_TOLERANCE,
    Allocation,
    DeductionTaken,
    Finding,
    FindingCode,
    OpenItem,
    Proposal,
    Tolerance,
)
from domain.deduction import Deduction
from domain.deduction_reasons import DeductionReason, Reasons, reason_of
from domain.invoice_facts import Applied
from domain.payment_matching import only_exact_set
from domain.remittance import Adjustment, Remittance, RemittanceItem, RemittanceItemKind
from domain.values import ZERO


def allocate(
    remittance: Remittance, open_items: Iterable[OpenItem], tolerance: Tolerance = NO_TOLERANCE, reasons: Reasons = reason_of,
    taken_before: int = 0, paid_back: Collection[str] = (),
) -> Proposal:
    """Follow the customer's references; without any, only a single exact match is taken.

    ``reasons`` reads the customer's codes, as agreed with it; ``taken_before`` deductions of this payment exist already;
    deductions named in ``paid_back`` are paid from what stays on account, which is another fact.
    """
    known = {item.reference: item for item in open_items}
    table = _Table(remittance, tolerance, reasons, taken_before)
    residual = remittance.residual
    if residual < 0:  # rejected as inconsistent (I3): the money came, what it pays is for a person to say
        table.find(FindingCode.CLAIMS_MORE_THAN_PAID, remittance.reference, -residual)
        return table.proposal(residual)
    items = remittance.items
    if not items and not remittance.adjustments:
        items = _single_match(remittance.amount, known.values())
        if not items:
            table.find(FindingCode.NO_SINGLE_MATCH, remittance.reference, remittance.amount)
    for item in items:
        if item.kind is not RemittanceItemKind.DEDUCTION:
            table.take(item, known.get(item.reference))
        elif item.reference not in paid_back:
            table.find(FindingCode.NOTHING_OPEN, item.reference, item.net)
    for adjustment in remittance.adjustments:
        table.take_beside(adjustment)
    table.close_short_items()
    table.place_debits()
    if residual > 0:
        table.find(FindingCode.RESIDUAL, remittance.reference, residual)
    return table.proposal(residual)


@dataclass
class _Row:
    """One document being paid, while the remittance is read."""

    item: OpenItem
    applied: Applied = field(default_factory=Applied)
    stated_gross: Decimal | None = None
    discounted: Decimal = ZERO
    explained: bool = False
    partial: bool = False

    @property
    def left(self) -> Decimal:
        return self.item.open - self.applied.total


@dataclass
class _Debit:
    """An amount that the customer set off without saying against which invoice."""

    reference: str
    amount: Decimal
    credit_memo: OpenItem | None = None
    customer_reason: str = ""


class _Table:
    """The clerk's working sheet for one remittance."""

    def __init__(self, remittance: Remittance, tolerance: Tolerance, reasons: Reasons, taken_before: int) -> None:
        self.remittance = remittance
        self.taken_before = taken_before
        self.reasons = reasons
        self.tolerance = tolerance
        self.rows: dict[str, _Row] = {}  # by stream, in listed order
        self.debits: list[_Debit] = []
        self.credits_used: dict[str, Decimal] = {}
        self.deductions: list[DeductionTaken] = []
        self.findings: list[Finding] = []
        self.gain = ZERO

    def find(self, code: FindingCode, reference: str, amount: Decimal) -> None:
        self.findings.append(Finding(code, reference, amount))

    def take(self, item: RemittanceItem, open_item: OpenItem | None) -> None:
        """Put one item of the advice in its place."""
        if item.adds_up_only_swapped:
            self.find(FindingCode.GROSS_AND_NET_SWAPPED, item.reference, item.net)
        elif item.net < 0:
            self._take_credit(item, open_item)
        elif open_item is None:
            self.find(FindingCode.UNKNOWN_REFERENCE, item.reference, item.net)
        elif open_item.open <= 0:
            self.find(FindingCode.NOTHING_OPEN, item.reference, item.net)
        else:
            self._pay(item, self.rows.setdefault(open_item.stream, _Row(open_item)))

    def take_beside(self, adjustment: Adjustment) -> None:
        """An adjustment beside the items: below zero it is kept back, above zero it was added."""
        reference = adjustment.reference or adjustment.customer_reason
        if adjustment.amount < 0:
            self.debits.append(
                _Debit(reference, -adjustment.amount, customer_reason=adjustment.customer_reason)
            )
        else:
            self.find(FindingCode.ADDED_BY_CUSTOMER, reference, adjustment.amount)

    def _take_credit(self, item: RemittanceItem, open_item: OpenItem | None) -> None:
        """A credit taken: ours as far as it is open, a stand-alone debit of the customer's for the rest."""
        used = ZERO
        if open_item is not None and open_item.open < 0:
            before = self.credits_used.get(open_item.stream, ZERO)
            used = min(-item.net, -open_item.open - before)
            if used > 0:
                self.debits.append(_Debit(item.reference, used, credit_memo=open_item))
                self.credits_used[open_item.stream] = before + used
        rest = -item.net - used
        if rest > 0:
            reasons = [adjustment.customer_reason for adjustment in item.adjustments]
            self.find(FindingCode.CREDIT_NOT_OURS, item.reference, rest)
            self.debits.append(_Debit(item.reference, rest, customer_reason=reasons[0] if reasons else ""))

    def _pay(self, item: RemittanceItem, row: _Row) -> None:
        cash = min(item.net, row.left)
        row.applied += Applied(cash=cash)
        row.partial = row.partial or item.partial
        row.explained = row.explained or bool(item.adjustments)
        if item.gross is not None and item.gross not in (row.item.gross, row.item.open):
            self.find(FindingCode.GROSS_DIFFERS, item.reference, item.gross - row.item.gross)
        self._discount(row, item.discount)
        for adjustment in item.adjustments:
            if adjustment.amount > 0:
                self._deduct(row, adjustment.amount, adjustment.customer_reason)
        over = item.net - cash
        if over > 0 and self.tolerance.covers(over, row.item.open):
            self.gain += over
        elif over > 0:
            self.find(FindingCode.OVERPAID, item.reference, over)

    def _discount(self, row: _Row, taken: Decimal) -> None:
        """Granted while the offer stands; taken late or not offered it is an unearned discount."""
        if taken > 0:
            offered = max(
                (o.amount for o in row.item.discounts if self.remittance.paid_on <= o.last_day), default=ZERO
            )
            granted = max(min(taken, offered - row.item.discounted - row.discounted, row.left), ZERO)
            row.discounted += granted
            row.applied += Applied(discount=granted)
            self._deduct(row, taken - granted, "", DeductionReason.UNEARNED_DISCOUNT)

    def _deduct(
        self, row: _Row, amount: Decimal, customer_reason: str, reason: DeductionReason | None = None
    ) -> None:
        taken = min(amount, row.left)
        if taken > 0:
            row.applied += Applied(deducted=taken)
            self._add_deduction(row.item.stream, taken, customer_reason, reason or self.reasons(customer_reason))
        if taken < amount:
            self.find(FindingCode.DEDUCTION_EXCEEDS_OPEN, row.item.reference, amount - taken)

    def close_short_items(self) -> None:
        """What an item leaves open without a reason: an offered discount, a small write-off, or a deduction."""
        for row in self.rows.values():
            if not row.partial and not row.explained and row.left in {o.amount for o in row.item.discounts}:
                self._discount(row, row.left)
            short = row.left
            if row.partial or short <= 0:
                continue
            if self.tolerance.covers(short, row.item.open):
                row.applied += Applied(write_off=short)
            else:
                self.find(FindingCode.SHORT_WITHOUT_REASON, row.item.reference, short)
                self._deduct(row, short, "")

    def place_debits(self) -> None:
        """A debit without an invoice reduces the cash of the remittance's invoices in listed order."""
        for debit in self.debits:
            left = debit.amount
            for row in self.rows.values():
                part = min(left, row.applied.cash)
                as_what = Applied(credit=part) if debit.credit_memo else Applied(deducted=part)
                row.applied += Applied(cash=-part) + as_what
                left -= part
            placed = debit.amount - left
            if debit.credit_memo:
                stream = debit.credit_memo.stream
                self.credits_used[stream] -= left
            elif placed > 0:
                self._add_deduction(None, placed, debit.customer_reason, self.reasons(debit.customer_reason))
            if left > 0:
                self.find(FindingCode.DEBIT_NOT_PLACED, debit.reference, left)

    def _add_deduction(
        self, invoice: str | None, amount: Decimal, customer_reason: str, reason: DeductionReason
    ) -> None:
        paid = self.remittance
        stream = Deduction.stream(paid.company, paid.partner, paid.reference, self.taken_before + len(self.deductions) + 1)
        self.deductions.append(DeductionTaken(stream, invoice, amount, customer_reason, reason))

    def proposal(self, residual: Decimal) -> Proposal:
        rows = [_allocation(stream, row.applied) for stream, row in self.rows.items() if row.applied.total]
        memos = [Allocation(stream, credit=-used) for stream, used in self.credits_used.items() if used]
        rest = self.remittance.amount - sum((row.cash for row in rows), ZERO)
        gain = min(self.gain, rest)
        return Proposal(
            (*rows, *memos), tuple(self.deductions), rest - gain, residual, gain, tuple(self.findings)
        )


def _allocation(stream: str, applied: Applied) -> Allocation:
    parts = (applied.cash, applied.discount, applied.write_off, applied.deducted, applied.credit)
    return Allocation(stream, *parts)


def _single_match(amount: Decimal, open_items: Iterable[OpenItem]) -> tuple[RemittanceItem, ...]:
    """The only set of open items that comes to the amount exactly; none when two sets do."""
    matched = only_exact_set(amount, list(open_items))
    return tuple(RemittanceItem(item.reference, RemittanceItemKind.OTHER, None, item.open) for item in matched)
