"""Invoice: what we bill, its due dates, how it was paid. Credit memos and debit memos are invoices too.

Standard names: X12 810 and 812, EDIFACT INVOIC 380/381/383. definitions.md 4.1 I1, I5 and I7.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from domain import invoice_facts as facts
from domain.aggregate import Aggregate, natural_id
from domain.calendars import WorkingDays, every_day
from domain.invoice_dates import invoice_dates, provisional_on
from domain.invoice_facts import Applied, InvoiceKind, InvoiceLine, InvoiceState
from domain.invoice_refusals import (
    ALLOCATED_ALREADY,
    ALLOCATION_EXCEEDS_OPEN,
    ALLOCATION_WRONG_SIGN,
    CREDIT_EXCEEDS_LINE,
    DEDUCTED_EXCEEDED,
    INVOICE_VOIDED,
    LINE_NUMBERS_REPEATED,
    LINE_UNKNOWN,
    LINES_DO_NOT_ADD_UP,
    NO_LINES,
    NOT_AN_INVOICE,
    VOID_REFUSED,
)
from domain.payment_terms import Baseline, PaymentTerms
from domain.values import ZERO, round_money


@dataclass(frozen=True)
class CreditedLine:
    """``net`` (above 0) of an invoice line to be credited, for so many units where units come back."""

    number: str
    net: Decimal
    quantity: Decimal = ZERO
    tax: Decimal | None = None  # where the gross is what was agreed: what the net leaves of it


class Invoice(Aggregate[InvoiceState]):
    """A document of the receivables ledger, from its issue until nothing of it is open."""

    KIND = "invoice"
    STATE = InvoiceState
    STATE_VERSION = 1

    Issued = facts.Issued
    DueDatesKnown = facts.DueDatesKnown
    Allocated = facts.Allocated
    AllocationReversed = facts.AllocationReversed
    CreditMemoIssued = facts.CreditMemoIssued
    CreditMemoWithdrawn = facts.CreditMemoWithdrawn
    Voided = facts.Voided

    @staticmethod
    def stream(company: str, number: str) -> str:
        return natural_id("invoice", company, number)

    @classmethod
    def issue(
        cls,
        *,
        company: str,
        number: str,
        partner: str,
        account: str,
        currency: str,
        issued_on: date,
        lines: Iterable[InvoiceLine],
        kind: InvoiceKind = InvoiceKind.INVOICE,
        terms: PaymentTerms | None = None,
        working_days: WorkingDays = every_day,
        baselines: Mapping[Baseline, date] | None = None,
        shipment: str | None = None,
    ) -> Invoice:
        """Bill ``lines``. ``baselines``: the dates already known that terms may count from, beside the issue."""
        lines = tuple(lines)
        if kind is InvoiceKind.CREDIT_MEMO:
            raise NOT_AN_INVOICE(document=number, kind=kind)
        _check_lines(number, lines)
        known = {Baseline.INVOICE_DATE: issued_on, **(baselines or {})}
        values = {"company": company, "number": number, "partner": partner, "account": account, "kind": kind}
        totals = _totals(lines)
        billed = {"net": totals["net"], "gross": totals["gross"]}
        dates = invoice_dates(terms, currency=currency, baselines=known, working_days=working_days, **billed)
        return cls.begin(
            cls.Issued,
            cls.stream(company, number),
            currency=currency,
            issued_on=issued_on,
            terms=terms,
            order_numbers=_order_numbers(lines),
            shipment=shipment,
            lines=lines,
            provisional_on=provisional_on(terms, dates["due_on"], issued_on, working_days),
            **values,
            **dates,
            **totals,
        )

    def credit(
        self, number: str, lines: Sequence[CreditedLine], issued_on: date, reason: str, account: str = ""
    ) -> Invoice:
        """A credit memo about this invoice: its tax is its net at the invoice's rate, rounded once (I7)."""
        state = self.state
        if state.kind is InvoiceKind.CREDIT_MEMO:
            raise NOT_AN_INVOICE(document=state.number, kind=state.kind)
        if state.voided:
            raise INVOICE_VOIDED(invoice=state.number)
        self._check_credited(number, lines)
        credited = tuple(self._credit_line(str(n), line) for n, line in enumerate(lines, start=1))
        memo = Invoice.begin(
            Invoice.Issued,
            Invoice.stream(state.company, number),
            company=state.company,
            number=number,
            kind=InvoiceKind.CREDIT_MEMO,
            partner=state.partner,
            account=account or state.account,
            currency=state.currency,
            issued_on=issued_on,
            due_on=None,
            discount_on=None,
            discount_amount=ZERO,
            terms=None,
            order_numbers=_order_numbers(credited),
            shipment=state.shipment,
            lines=credited,
            about=self.id,
            reason=reason,
            **_totals(credited),
        )
        nets = {line.number: line.net for line in lines}
        self.happened(self.CreditMemoIssued, credit_memo=memo.id, net_by_line=nets)
        return memo

    def withdraw_credit_memo(self, memo: Invoice, reason: str) -> None:
        """Void a credit memo about this invoice that was not used; its lines may be credited again."""
        memo.void(reason)
        if memo.id in self.state.credited:
            self.happened(self.CreditMemoWithdrawn, credit_memo=memo.id)

    def baseline_known(self, baseline: Baseline, day: date, working_days: WorkingDays = every_day) -> None:
        """Date an invoice whose terms count from something that happened after its issue."""
        state = self.state
        if (
            state.terms is None
            or state.due_on is not None
            or state.voided
            or state.terms.baseline is not baseline
        ):
            return
        known = {Baseline.INVOICE_DATE: state.issued_on, baseline: day}
        dates = invoice_dates(
            state.terms,
            net=state.net,
            gross=state.gross,
            currency=state.currency,
            baselines=known,
            working_days=working_days,
        )
        if dates.pop("undated") == "":
            self.happened(self.DueDatesKnown, baseline_on=day, **dates)

    def allocate(self, settlement: str, applied: Applied, on: date | None = None) -> None:
        """Use ``applied`` of what is open, ``on`` the day of payment; a credit memo is used with amounts below zero."""
        before = self.state.allocations.get(settlement)
        if before == applied:
            return
        number, sign = self.state.number, -1 if self.state.kind is InvoiceKind.CREDIT_MEMO else 1
        if self.state.voided:
            raise INVOICE_VOIDED(invoice=number)
        if before is not None:
            raise ALLOCATED_ALREADY(
                invoice=number, settlement=settlement, figure=applied.total, limit=before.total
            )
        parts = (applied.cash, applied.discount, applied.write_off, applied.deducted, applied.credit)
        wrong = [part for part in parts if part * sign < 0]
        if wrong or applied.total == 0:
            raise ALLOCATION_WRONG_SIGN(invoice=number, settlement=settlement, figure=(wrong or [ZERO])[0])
        excess = (applied.total - self.state.open) * sign
        if excess > 0:
            figures = {"figure": applied.total, "limit": self.state.open, "excess": excess}
            raise ALLOCATION_EXCEEDS_OPEN(invoice=number, settlement=settlement, **figures)
        self._allocated(settlement, applied, on)

    def credit_deducted(self, credit_memo: str, amount: Decimal, on: date | None = None) -> None:
        """A credit memo resolved ``amount`` of what was deducted: it is credited now and no longer deducted."""
        self.resolve_deducted(credit_memo, Applied(deducted=-amount, credit=amount), on)

    def resolve_deducted(self, document: str, applied: Applied, on: date | None = None) -> None:
        """``document`` made credit, cash or write-off of what was deducted; what is open stays as it is (I1)."""
        before, amount = self.state.allocations.get(document), -applied.deducted
        if before == applied:
            return
        number, deducted = self.state.number, self.state.applied.deducted
        if before is not None:
            raise ALLOCATED_ALREADY(
                invoice=number, settlement=document, figure=amount, limit=-before.deducted
            )
        if amount <= 0 or amount > deducted:
            figures = {"figure": amount, "limit": deducted, "excess": amount - deducted}
            raise DEDUCTED_EXCEEDED(invoice=number, credit_memo=document, **figures)
        self._allocated(document, applied, on)

    def reverse_allocation(self, settlement: str, on: date | None = None) -> None:
        """Undo exactly what ``settlement`` did; nothing of it left says nothing new."""
        if settlement in self.state.allocations:
            self.happened(self.AllocationReversed, settlement=settlement, on=on)

    def void(self, reason: str) -> None:
        """As if it had never been issued; only while nothing was paid on it or credited about it."""
        state = self.state
        if state.voided:
            return
        if state.allocations or state.credited:
            documents = [*state.allocations, *state.credited]
            raise VOID_REFUSED(invoice=state.number, documents=documents, figure=state.gross - state.open)
        values = {
            "kind": state.kind,
            "account": state.account,
            "gross": state.gross,
            "shipment": state.shipment,
        }
        self.happened(self.Voided, reason=reason, **values)

    def _allocated(self, settlement: str, applied: Applied, on: date | None) -> None:
        self.happened(
            self.Allocated,
            settlement=settlement,
            cash=applied.cash,
            discount=applied.discount,
            write_off=applied.write_off,
            deducted=applied.deducted,
            credit=applied.credit,
            on=on,
        )

    def _check_credited(self, memo: str, lines: Sequence[CreditedLine]) -> None:
        state = self.state
        if not lines:
            raise NO_LINES(document=memo)
        if len({line.number for line in lines}) < len(lines):
            raise LINE_NUMBERS_REPEATED(document=memo, lines=[line.number for line in lines])
        for line in lines:
            if line.number not in state.lines:
                raise LINE_UNKNOWN(invoice=state.number, line=line.number, lines=list(state.lines))
            left = state.net_left(line.number)
            if line.net <= 0 or line.net > left:
                figures = {"figure": line.net, "limit": left, "excess": line.net - left}
                raise CREDIT_EXCEEDS_LINE(memo=memo, invoice=state.number, line=line.number, **figures)

    def _credit_line(self, number: str, credited: CreditedLine) -> InvoiceLine:
        line = self.state.lines[credited.number]
        tax = round_money(credited.net * line.tax_rate, self.state.currency) if credited.tax is None else credited.tax
        gross = credited.net + tax
        return replace(
            line, number=number, quantity=-credited.quantity, net=-credited.net, tax=-tax, gross=-gross
        )


def _check_lines(document: str, lines: Sequence[InvoiceLine]) -> None:
    if not lines:
        raise NO_LINES(document=document)
    if len({line.number for line in lines}) < len(lines):
        raise LINE_NUMBERS_REPEATED(document=document, lines=[line.number for line in lines])
    for line in lines:
        if line.gross != line.net + line.tax:
            figures = {
                "figure": line.gross,
                "limit": line.net + line.tax,
                "excess": line.gross - line.net - line.tax,
            }
            raise LINES_DO_NOT_ADD_UP(document=document, line=line.number, **figures)


def _totals(lines: Sequence[InvoiceLine]) -> dict[str, Decimal]:
    return {name: sum((getattr(line, name) for line in lines), ZERO) for name in ("net", "tax", "gross")}


def _order_numbers(lines: Iterable[InvoiceLine]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.purchase_order_number for line in lines if line.purchase_order_number))
