"""Credit memos for a part of deductions: the gross is what was agreed, net and tax follow from the invoice's rates (I7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

from domain.deduction import Deduction
from domain.dispute.dispute import Dispute
from domain.invoice import CreditedLine, Invoice
from domain.invoice_facts import InvoiceKind
from domain.invoice_refusals import CREDIT_EXCEEDS_LINE, LINE_UNKNOWN
from domain.deduction_postings import credit_deduction
from domain.values import ZERO, round_money, split_money
from services.event_log.work import Work
from services.receivables.numbering import number_series
from services.receivables.settling import bearers


def credit_claims(
    work: Work, dispute: Dispute, amounts: Mapping[str, Decimal], issued_on: date, reason: str, line: str | None = None
) -> tuple[str, ...]:
    """A memo for each deduction and each invoice that bears it, used on it at once; answers the memos' streams."""
    memos: list[str] = []
    for name, amount in amounts.items():
        deduction = work.get(Deduction, name)
        left = amount
        for invoice in bearers(work, deduction):
            part = min(left, invoice.state.applied.deducted)
            if part > 0:
                memo = _memo(work, invoice, part, issued_on, reason, line)
                credit_deduction(deduction, memo, [invoice], dispute.id)
                memos.append(memo.id)
                left -= part
    return tuple(memos)


def _memo(work: Work, invoice: Invoice, gross: Decimal, issued_on: date, reason: str, line: str | None) -> Invoice:
    series = number_series(work, invoice.state.company, InvoiceKind.CREDIT_MEMO, issued_on)
    memo = invoice.credit(series.upcoming, credited_lines(invoice, gross, line), issued_on, reason)
    series.next()
    return work.add(memo)


def credited_lines(invoice: Invoice, gross: Decimal, line: str | None = None) -> list[CreditedLine]:
    """``gross`` of one line, or of all lines by what is left of each; the last one takes what rounding leaves."""
    state = invoice.state
    if line is not None and line not in state.lines:
        raise LINE_UNKNOWN(invoice=state.number, line=line, lines=list(state.lines))
    numbers = [one for one in state.lines if state.net_left(one) > 0] if line is None else [line]
    left = [_gross_left(invoice, number) for number in numbers]
    if gross > sum(left, ZERO):
        figures = {"figure": gross, "limit": sum(left, ZERO), "excess": gross - sum(left, ZERO)}
        raise CREDIT_EXCEEDS_LINE(memo="over the gross", invoice=state.number, line=line or "of all its lines", **figures)
    parts = split_money(gross, left, state.currency)
    return [_credited(invoice, number, part) for number, part in zip(numbers, parts, strict=True) if part > 0]


def _gross_left(invoice: Invoice, number: str) -> Decimal:
    net = invoice.state.net_left(number)
    return net + round_money(net * invoice.state.lines[number].tax_rate, invoice.state.currency)


def _credited(invoice: Invoice, number: str, gross: Decimal) -> CreditedLine:
    """Net and tax of a gross amount: the tax is what the net leaves of it, so that the gross is exact."""
    rate = Fraction(invoice.state.lines[number].tax_rate)
    net = min(round_money(Fraction(gross) / (1 + rate), invoice.state.currency), invoice.state.net_left(number))
    return CreditedLine(number, net, tax=gross - net)
