"""The commands that issue invoices: of what left, of what was received, and by hand; and those that date them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from domain.debtor import Debtor
from domain.invoice import Invoice
from domain.invoice_facts import InvoiceKind, InvoiceLine
from domain.payment_terms import Baseline, PaymentTerms
from domain.refusal import Refusal
from domain.shipment import Shipment
from domain.shipment.lines import ShipmentLine
from domain.shipment_billing import InvoicedGoods, ShipmentBilling, goods_key
from domain.tax import line_amounts
from domain.values import ZERO
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Code, CurrencyCode, Day, Part, Price, PricePer, Quantity, Rate, Stream, Unit
from services.http import href
from services.receivables.numbering import next_number, series_stream
from services.receivables.working_days import working_days

LINES_PER_INVOICE = 5_000

SHIPMENT_OF_ANOTHER = Refusal(
    "invoice.shipment_of_another",
    "Shipment {shipment} went to {other}, not to {partner}. Invoice {other}, or leave the shipment out.",
)


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

    NAME: ClassVar[str] = "invoice.issue_for_shipment"
    shipment: str
    document: str
    issued_on: date
    received_on: date | None
    company: str
    lines: tuple[ShipmentLine, ...]

    def streams(self) -> tuple[str, ...]:
        return (
            ShipmentBilling.stream(self.shipment), series_stream(self.company, InvoiceKind.INVOICE, self.issued_on),
        )


class RecordCount(Command):
    """The customer has counted: what it did not accept is not billed."""

    NAME: ClassVar[str] = "billing.record_count"
    shipment: str
    document: str
    keys: tuple[str, ...]


class DateByReceipt(Command):
    """The goods of the shipment were received: invoices whose terms count from there get their dates."""

    NAME: ClassVar[str] = "invoice.date_by_receipt"
    shipment: str
    received_on: date


class BilledLine(Part):
    """One line to bill; ``order`` (a stream) with ``order_line`` says which goods of the shipment it bills."""

    item: Code
    customer_item: Code | None = None
    quantity: Quantity
    unit: Unit
    unit_price: Price
    price_per: PricePer = Field("1", validate_default=True)
    tax_rate: Rate
    purchase_order_number: Code | None = None
    order: Stream | None = None
    order_line: Code | None = None

    @model_validator(mode="after")
    def _order_with_line(self) -> BilledLine:
        if (self.order is None) != (self.order_line is None):
            raise ValueError("order and order_line belong together; send both or neither")
        return self


class IssueInvoice(Command):
    """An invoice or a debit memo by hand, on the partner's account and terms."""

    NAME: ClassVar[str] = "invoice.issue"
    company: Code
    partner: Code
    kind: Literal[InvoiceKind.INVOICE, InvoiceKind.DEBIT_MEMO] = InvoiceKind.INVOICE
    issued_on: Day
    currency: CurrencyCode | None = None
    shipment: Code | None = Field(None, description="The number of the shipment whose goods are billed.")
    lines: tuple[BilledLine, ...] = Field(min_length=1, max_length=LINES_PER_INVOICE)

    def streams(self) -> tuple[str, ...]:
        return (Debtor.stream(self.partner), series_stream(self.company, self.kind, self.issued_on))


class RecordBaseline(Command):
    """The day from which the invoice's terms count: its acceptance, the agreed statement, the receipt."""

    NAME: ClassVar[str] = "invoice.record_baseline"
    company: Code
    number: Code
    baseline: Baseline
    day: Day

    def streams(self) -> tuple[str, ...]:
        return (Invoice.stream(self.company, self.number),)


def invoice_answer(invoice: Invoice, status: int = 200) -> Answer:
    state = invoice.state
    body = {
        "invoice": invoice.id, "number": state.number, "href": href("invoices", invoice.id),
        "version": invoice.version, "kind": state.kind, "gross": state.gross, "open": state.open,
        "due_on": state.due_on, "voided": state.voided,
    }
    return Answer(status, body)


def open_billing(work: Work, command: OpenBilling) -> Answer:
    known = work.find(ShipmentBilling, ShipmentBilling.stream(command.shipment))
    if known is None:
        known = work.add(ShipmentBilling.open(
            command.shipment, company=command.company, partner=command.partner, account=command.account,
            currency=command.currency, terms=command.terms, lines=command.lines,
        ))
    return _billing_answer(known)


def invoice_shipment(work: Work, command: InvoiceShipment) -> Answer:
    billing = work.get(ShipmentBilling, ShipmentBilling.stream(command.shipment))
    known = billing.invoice_for(command.document)
    if known is not None:
        return invoice_answer(work.get(Invoice, known))
    state = billing.state
    number = next_number(work, state.company, InvoiceKind.INVOICE, command.issued_on)
    baselines = {} if command.received_on is None else {Baseline.GOODS_RECEIPT_DATE: command.received_on}
    invoice = work.add(Invoice.issue(
        company=state.company, number=number, partner=state.partner, account=state.account, currency=state.currency,
        issued_on=command.issued_on, lines=shipped_invoice_lines(command.lines, state.currency), terms=state.terms,
        working_days=_working_days(state.terms), baselines=baselines, shipment=state.shipment,
    ))
    _record_in(billing, command.document, invoice)
    return invoice_answer(invoice, 201)


def shipped_invoice_lines(lines: Iterable[ShipmentLine], currency: str) -> list[InvoiceLine]:
    """Shipped goods as invoice lines, each with the order line it bills."""
    made = []
    for number, line in enumerate(lines, start=1):
        amounts = line_amounts(line.quantity, line.unit_price, line.price_per, line.tax_rate, currency)
        made.append(InvoiceLine(
            number=str(number), order=line.order, purchase_order_number=line.purchase_order_number,
            order_line=line.line, item=line.item, customer_item=line.customer_item, quantity=line.quantity,
            unit=line.unit, unit_price=line.unit_price, price_per=line.price_per, net=amounts.net,
            tax_rate=line.tax_rate, tax=amounts.tax, gross=amounts.gross,
        ))
    return made


def record_count(work: Work, command: RecordCount) -> Answer:
    billing = work.get(ShipmentBilling, ShipmentBilling.stream(command.shipment))
    billing.record_count(command.document, command.keys)
    return _billing_answer(billing)


def date_by_receipt(work: Work, command: DateByReceipt) -> Answer:
    billing = work.get(ShipmentBilling, ShipmentBilling.stream(command.shipment))
    work.fetch(billing.state.invoices)
    for stream in billing.state.invoices:
        invoice = work.get(Invoice, stream)
        invoice.baseline_known(Baseline.GOODS_RECEIPT_DATE, command.received_on, _working_days(invoice.state.terms))
    return _billing_answer(billing)


def issue_invoice(work: Work, command: IssueInvoice) -> Answer:
    debtor = work.get(Debtor, Debtor.stream(command.partner)).state
    billing = _billing_of(work, command)
    currency = command.currency or (billing.state.currency if billing else debtor.currency)
    invoice = work.add(Invoice.issue(
        company=command.company, number=next_number(work, command.company, command.kind, command.issued_on),
        partner=command.partner, account=billing.state.account if billing else debtor.account, currency=currency,
        issued_on=command.issued_on, lines=billed_invoice_lines(command.lines, currency), kind=command.kind,
        **_terms_of(work, command, billing),
    ))
    if billing is not None:
        _record_in(billing, f"hand:{invoice.state.number}", invoice)
    return invoice_answer(invoice, 201)


def _billing_of(work: Work, command: IssueInvoice) -> ShipmentBilling | None:
    if command.shipment is None:
        return None
    shipment = Shipment.stream(command.company, command.shipment)
    billing = work.get(ShipmentBilling, ShipmentBilling.stream(shipment))
    if billing.state.partner != command.partner:
        raise SHIPMENT_OF_ANOTHER(shipment=command.shipment, partner=command.partner, other=billing.state.partner)
    return billing


def _terms_of(work: Work, command: IssueInvoice, billing: ShipmentBilling | None) -> dict[str, Any]:
    """The terms that travelled with the goods, otherwise those in force on the day of issue."""
    if billing is not None:
        terms, shipment = billing.state.terms, billing.state.shipment
    else:
        debtor = work.get(Debtor, Debtor.stream(command.partner))
        terms, shipment = debtor.terms_on(command.issued_on), None
    return {"terms": terms, "working_days": _working_days(terms), "shipment": shipment}


def billed_invoice_lines(lines: Sequence[BilledLine], currency: str) -> list[InvoiceLine]:
    """Lines as stated at the door, with amounts of ours."""
    made = []
    for number, line in enumerate(lines, start=1):
        amounts = line_amounts(line.quantity, line.unit_price, line.price_per, line.tax_rate, currency)
        made.append(InvoiceLine(
            number=str(number), order=line.order, purchase_order_number=line.purchase_order_number,
            order_line=line.order_line, item=line.item, customer_item=line.customer_item, quantity=line.quantity,
            unit=line.unit, unit_price=line.unit_price, price_per=line.price_per, net=amounts.net,
            tax_rate=line.tax_rate, tax=amounts.tax, gross=amounts.gross,
        ))
    return made


def record_baseline(work: Work, command: RecordBaseline) -> Answer:
    invoice = work.get(Invoice, Invoice.stream(command.company, command.number))
    invoice.baseline_known(command.baseline, command.day, _working_days(invoice.state.terms))
    return invoice_answer(invoice)


def _record_in(billing: ShipmentBilling, document: str, invoice: Invoice) -> None:
    goods = [
        InvoicedGoods(line.order, line.order_line, line.number, line.quantity, ZERO)
        for line in invoice.state.lines.values()
        if line.order is not None and line.order_line is not None
    ]
    billing.record_invoice(document, invoice.id, invoice.state.account, invoice.state.gross, goods)


def _working_days(terms: PaymentTerms | None) -> Any:
    return working_days("NONE" if terms is None else terms.calendar)


def _billing_answer(billing: ShipmentBilling) -> Answer:
    return Answer(200, {"billing": billing.id, "version": billing.version})


HANDLERS: dict[type[Command], Any] = {
    OpenBilling: open_billing,
    InvoiceShipment: invoice_shipment,
    RecordCount: record_count,
    DateByReceipt: date_by_receipt,
    IssueInvoice: issue_invoice,
    RecordBaseline: record_baseline,
}

__all__ = ["HANDLERS", "goods_key"]
