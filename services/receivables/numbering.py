"""Legal document numbers: one gapless series a company, year and kind, taken inside the append (decision 36)."""

from __future__ import annotations

from datetime import date

from domain.invoice_facts import InvoiceKind
from domain.invoice_series import InvoiceSeries
from services.event_log.work import Work

# An invoice is 2026-000123; the other kinds count by themselves.
PREFIXES = {InvoiceKind.INVOICE: "", InvoiceKind.CREDIT_MEMO: "CM-", InvoiceKind.DEBIT_MEMO: "DM-"}


def series_stream(company: str, kind: InvoiceKind, issued_on: date) -> str:
    return InvoiceSeries.stream(company, _series(kind, issued_on))


def number_series(work: Work, company: str, kind: InvoiceKind, issued_on: date) -> InvoiceSeries:
    """The series to number a document from. Make the document with ``upcoming``, then take it with ``next``."""
    series = work.find(InvoiceSeries, series_stream(company, kind, issued_on))
    return series if series is not None else work.add(InvoiceSeries.open(company, _series(kind, issued_on)))


def _series(kind: InvoiceKind, issued_on: date) -> str:
    return f"{PREFIXES[kind]}{issued_on.year}"
