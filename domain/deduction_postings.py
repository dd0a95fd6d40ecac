"""What resolves deductions, over all the documents it touches: a credit memo, a repayment, a write-off.

An invoice that bears a deduction turns the resolved part into cash or write-off; nothing is open of it anew (I1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.allocation import Allocation, Proposal
from domain.deduction import Deduction
from domain.invoice import Invoice
from domain.invoice_facts import Applied
from domain.refusal import Refusal
from domain.remittance import Remittance, RemittanceItem, RemittanceItemKind
from domain.settlement import Settlement
from domain.values import ZERO

NOT_BORNE = Refusal(
    "deduction.not_borne",
    "The invoices of deduction {deduction} bear {limit} deducted; {document} would resolve {figure}, {excess} more. Look at"
    " the invoices: something else has resolved a part.",
)

NOT_DEDUCTED = Refusal(
    "settlement.not_deducted",
    "Deduction {deduction}: the invoices named bear {limit} deducted, credit memo {credit_memo} would resolve {figure},"
    " {excess} more. Name every invoice that bears the deduction.",
)


@dataclass(frozen=True)
class Resolving:
    """``amount`` of a deduction, and the invoices that bear it."""

    deduction: Deduction
    amount: Decimal
    bearers: Sequence[Invoice]


def repayment_of(paid: Remittance, amounts: Mapping[str, Decimal]) -> Remittance:
    """The remittance with an item for each deduction that it repays."""
    items = tuple(RemittanceItem(name, RemittanceItemKind.OTHER, None, amount) for name, amount in amounts.items())
    return Remittance(
        paid.company, paid.partner, paid.account, paid.reference, paid.paid_on, paid.currency, paid.amount, items,
        paid.adjustments, paid.method,
    )  # fmt: skip


def repay(settlement: Settlement, parts: Sequence[Resolving], dispute: str) -> None:
    """Cash takes the place of what was deducted; the whole payment is used so."""
    settlement.allocate(Proposal(repaying(settlement, parts), (), ZERO, ZERO))
    pay_back(settlement, parts, settlement.state.remittance.paid_on, dispute)


def repaying(settlement: Settlement, parts: Sequence[Resolving]) -> tuple[Allocation, ...]:
    """What a repayment does to the invoices that bear the deductions."""
    return tuple(
        Allocation(invoice.id, cash=amount, deducted=-amount) for invoice, amount in _borne(settlement.id, parts)
    )


def pay_back(settlement: Settlement, parts: Sequence[Resolving], on: date, dispute: str = "") -> None:
    """Post it on the invoices and the deductions."""
    for invoice, amount in _borne(settlement.id, parts):
        invoice.resolve_deducted(settlement.id, Applied(cash=amount, deducted=-amount), on)
    for part in parts:
        part.deduction.repay(settlement.id, part.amount, dispute)


def credit_deduction(deduction: Deduction, memo: Invoice, bearers: Sequence[Invoice], dispute: str = "") -> None:
    """Resolve ``deduction`` by what is open of the credit memo, on the invoices that bear it."""
    amount = -memo.state.open
    borne = [invoice.state.applied.deducted for invoice in bearers]
    if amount > sum(borne, ZERO):
        figures = {"figure": amount, "limit": sum(borne, ZERO), "excess": amount - sum(borne, ZERO)}
        raise NOT_DEDUCTED(deduction=deduction.id, credit_memo=memo.id, **figures)
    if memo.id in deduction.state.credited:
        return
    deduction.credit(memo.id, amount, dispute)
    left = amount
    for invoice, deducted in zip(bearers, borne, strict=True):
        if part := min(left, deducted):
            invoice.credit_deducted(memo.id, part, memo.state.issued_on)
            left -= part
    memo.allocate(deduction.id, Allocation(memo.id, credit=-amount).applied, memo.state.issued_on)


def write_off(document: str, parts: Sequence[Resolving], dispute: str) -> None:
    for invoice, amount in _borne(document, parts):
        invoice.resolve_deducted(document, Applied(write_off=amount, deducted=-amount))
    for part in parts:
        part.deduction.write_off(document, part.amount, dispute)


def undo(
    deductions: Sequence[Deduction], invoices: Sequence[Invoice], repayments: Mapping[str, Settlement]
) -> Decimal:
    """The payment that took ``deductions`` is reversed: repayments of them go on account, write-offs are none any more.

    Answers what was repaid or written off. ``invoices`` are those the payment had paid.
    """
    resolved = ZERO
    for deduction in deductions:
        for name, amount in list(deduction.state.repaid.items()):
            _put_on_account(repayments[name], {i.id: _taken_back(i, name, part) for i, part in _used(invoices, name, amount)})
            deduction.reverse_repayment(name)
            resolved += amount
        for name, amount in list(deduction.state.written_off.items()):
            for invoice, part in _used(invoices, name, amount):
                _taken_back(invoice, name, part)
            deduction.reverse_write_off(name)
            resolved += amount
    return resolved


def repaid_by(settlement: Settlement) -> tuple[str, ...]:
    """The deductions that a payment has paid back: those a repayment names, and those paid back from its account."""
    named = (item.reference for item in settlement.state.remittance.items if item.kind is RemittanceItemKind.OTHER)
    by_name = (name for name in named if name.startswith(f"{Deduction.KIND}/"))
    return tuple(dict.fromkeys((*by_name, *settlement.state.repaid)))


def _put_on_account(settlement: Settlement, taken_back: Mapping[str, Decimal]) -> None:
    done = settlement.state.done
    kept = []
    for part in done.allocations if done else ():
        left = part.cash - taken_back.get(part.invoice, ZERO)
        if part.invoice not in taken_back:
            kept.append(part)
        elif left:
            kept.append(Allocation(part.invoice, cash=left, deducted=-left))
    settlement.happened(
        Settlement.PutOnAccount, amount=sum(taken_back.values(), ZERO), allocations=tuple(kept),
        account=settlement.state.remittance.account,
    )  # fmt: skip


def _used(invoices: Sequence[Invoice], document: str, amount: Decimal) -> list[tuple[Invoice, Decimal]]:
    """Where ``document`` resolved ``amount``: by the invoices, as far as each was used."""
    found = []
    for invoice in invoices:
        applied = invoice.state.allocations.get(document)
        part = min(amount, ZERO if applied is None else -applied.deducted)
        if part > 0:
            found.append((invoice, part))
            amount -= part
    return found


def _taken_back(invoice: Invoice, document: str, part: Decimal) -> Decimal:
    """So much of what the document did is undone; it may have resolved another deduction there too."""
    before = invoice.state.allocations[document]
    invoice.reverse_allocation(document)
    left = -before.deducted - part
    if left > 0:
        cash = before.cash > 0
        invoice.resolve_deducted(document, Applied(cash=left if cash else ZERO, write_off=ZERO if cash else left, deducted=-left))
    return part


def _borne(document: str, parts: Sequence[Resolving]) -> list[tuple[Invoice, Decimal]]:
    """Each invoice with what is resolved of it, in the order the invoices bear the deductions."""
    found: dict[str, tuple[Invoice, Decimal]] = {}
    for part in parts:
        left = part.amount
        for invoice in part.bearers:
            used = found[invoice.id][1] if invoice.id in found else ZERO
            take = min(left, invoice.state.applied.deducted - used)
            if take > 0:
                found[invoice.id] = (invoice, used + take)
                left -= take
        if left:
            figures = {"figure": part.amount, "limit": part.amount - left, "excess": left}
            raise NOT_BORNE(deduction=part.deduction.id, document=document, **figures)
    return list(found.values())
