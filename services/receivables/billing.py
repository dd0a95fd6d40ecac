"""The commands that bill a shipment as agreed: at dispatch, at receipt, or when a receipt was waited for too long.

Policies give them; each is named by the document that led to it, so that a fact is billed once.
"""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from domain.invoice import CreditedLine, Invoice
from domain.invoice_facts import InvoiceKind
from domain.payment_terms import Baseline, PaymentTerms
from domain.shipment.lines import ShipmentLine
from domain.shipment_billing import CreditedGoods, InvoicedGoods, ShipmentBilling
from domain.tax import line_amounts
from services.command import Answer, Command
from services.event_log.work import Work
from services.receivables.invoice_lines import invoice_answer, invoice_line
from services.receivables.numbering import number_series, series_stream
from services.calendars import working_days_for


class OpenBilling(Command):
    """Goods have left and wait for an invoice."""

    NAME: ClassVar[str] = "billing.open"
    shipment: str
    company: str
    partner: str
    account: str
    currency: str
    terms: PaymentTerms | None
    lines: tuple[ShipmentLine, ...]

    def streams(self) -> tuple[str, ...]:
        return (ShipmentBilling.stream(self.shipment),)


class InvoiceShipment(Command):
    """Invoice these goods because of ``document``; the same document is invoiced once."""

    NAME: ClassVar[str] = "billing.invoice"
    shipment: str
    company: str
    document: str
    issued_on: date
    received_on: date | None
    lines: tuple[ShipmentLine, ...]

    def streams(self) -> tuple[str, ...]:
        series = series_stream(self.company, InvoiceKind.INVOICE, self.issued_on)
        return (ShipmentBilling.stream(self.shipment), series)


class CreditShipment(Command):
    """A later count takes back what an earlier one gave to be invoiced."""

    NAME: ClassVar[str] = "billing.credit"
    shipment: str
    document: str
    issued_on: date
    lines: tuple[ShipmentLine, ...]


class RecordCount(Command):
    """The customer has counted these order lines: what it did not accept is not billed."""

    NAME: ClassVar[str] = "billing.record_count"
    shipment: str
    document: str
    keys: tuple[str, ...]


class DateByReceipt(Command):
    """The goods were received: invoices whose terms count from there get their dates."""

    NAME: ClassVar[str] = "billing.date_by_receipt"
    shipment: str
    received_on: date


def _billing(work: Work, shipment: str) -> ShipmentBilling:
    return work.get(ShipmentBilling, ShipmentBilling.stream(shipment))


def _answer(billing: ShipmentBilling, status: int = 200) -> Answer:
    return Answer(status, {"billing": billing.id, "version": billing.version})


def open_billing(work: Work, command: OpenBilling) -> Answer:
    known = work.find(ShipmentBilling, ShipmentBilling.stream(command.shipment))
    if known is not None:
        return _answer(known)
    return _answer(work.add(ShipmentBilling.open(
        command.shipment, company=command.company, partner=command.partner, account=command.account,
        currency=command.currency, terms=command.terms, lines=command.lines,
    )), 201)


def invoice_shipment(work: Work, command: InvoiceShipment) -> Answer:
    billing = _billing(work, command.shipment)
    known = billing.invoice_for(command.document)
    if known is not None:
        return invoice_answer(work.get(Invoice, known))
    state = billing.state
    series = number_series(work, state.company, InvoiceKind.INVOICE, command.issued_on)
    baselines = {} if command.received_on is None else {Baseline.GOODS_RECEIPT_DATE: command.received_on}
    lines = [
        invoice_line(place, line, line.line, state.currency) for place, line in enumerate(command.lines, start=1)
    ]
    invoice = work.add(Invoice.issue(
        company=state.company, number=series.upcoming, partner=state.partner, account=state.account,
        currency=state.currency, issued_on=command.issued_on, lines=lines, terms=state.terms,
        working_days=working_days_for(state.terms), baselines=baselines, shipment=state.shipment,
    ))
    series.next()
    record_invoice(billing, command.document, invoice)
    return invoice_answer(invoice, 201)


def record_invoice(billing: ShipmentBilling, document: str, invoice: Invoice) -> None:
    """Tell the billing which of its goods the invoice bills."""
    goods = [
        InvoicedGoods(line.order, line.order_line, line.number, line.quantity)
        for line in invoice.state.lines.values()
        if line.order is not None and line.order_line is not None
    ]
    billing.record_invoice(document, invoice.id, invoice.state.account, invoice.state.gross, goods)


def credit_shipment(work: Work, command: CreditShipment) -> Answer:
    billing = _billing(work, command.shipment)
    if billing.invoice_for(command.document) is not None:
        return _answer(billing)
    goods = billing.to_credit(command.lines)
    by_invoice: dict[str, list[CreditedGoods]] = {}
    for part in goods:
        by_invoice.setdefault(part.invoice, []).append(part)
    memos = [_credit(work, command, stream, parts) for stream, parts in by_invoice.items()]
    billing.record_credit(command.document, [memo.id for memo in memos if memo is not None], goods)
    return _answer(billing)


def _credit(work: Work, command: CreditShipment, stream: str, parts: list[CreditedGoods]) -> Invoice | None:
    """A memo over these quantities, as far as the invoice's lines were not credited by hand before."""
    invoice = work.get(Invoice, stream)
    lines = []
    for part in parts:
        line = invoice.state.lines[part.invoice_line]
        amounts = line_amounts(
            part.quantity, line.unit_price, line.price_per, line.tax_rate, invoice.state.currency
        )
        net = min(amounts.net, invoice.state.net_left(line.number))
        if net > 0:
            lines.append(CreditedLine(line.number, net, part.quantity))
    if not lines:
        return None
    series = number_series(work, invoice.state.company, InvoiceKind.CREDIT_MEMO, command.issued_on)
    memo = invoice.credit(series.upcoming, lines, command.issued_on, f"counted less: {command.document}")
    series.next()
    return work.add(memo)


def record_count(work: Work, command: RecordCount) -> Answer:
    billing = _billing(work, command.shipment)
    billing.record_count(command.document, command.keys)
    return _answer(billing)


def date_by_receipt(work: Work, command: DateByReceipt) -> Answer:
    billing = _billing(work, command.shipment)
    work.fetch(billing.state.invoices)
    for stream in billing.state.invoices:
        invoice = work.get(Invoice, stream)
        calendar = working_days_for(invoice.state.terms)
        invoice.baseline_known(Baseline.GOODS_RECEIPT_DATE, command.received_on, calendar)
    return _answer(billing)


HANDLERS: dict[type[Command], Any] = {
    OpenBilling: open_billing,
    InvoiceShipment: invoice_shipment,
    CreditShipment: credit_shipment,
    RecordCount: record_count,
    DateByReceipt: date_by_receipt,
}
