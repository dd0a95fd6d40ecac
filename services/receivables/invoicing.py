"""The commands that issue an invoice or a debit memo by hand and that give an invoice the day its terms count from."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from domain.debtor import Debtor
from domain.invoice import Invoice
from domain.invoice_facts import InvoiceKind
from domain.payment_terms import Baseline
from domain.refusal import Kind, Refusal
from domain.shipment import Shipment
from domain.shipment_billing import ShipmentBilling
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Code, CurrencyCode, Day, Part, Price, PricePer, Quantity, Rate, Stream, Unit
from services.receivables.billing import record_invoice
from services.receivables.invoice_lines import invoice_answer, invoice_line
from services.receivables.numbering import number_series, series_stream
from services.calendars import working_days_for

LINES_PER_INVOICE = 5_000

COMPANY_UNKNOWN = Refusal(
    "invoice.company_unknown",
    "{company} has invoiced nobody this year; the company of {partner} is {known}. Invoice from {known}, or ship from"
    " {company} first.",
    Kind.NOT_FOUND,
)
SHIPMENT_OF_ANOTHER = Refusal(
    "invoice.shipment_of_another",
    "Shipment {shipment} went to {other}, not to {partner}. Invoice {other}, or leave the shipment out.",
)
CURRENCY_DIFFERS = Refusal(
    "invoice.currency_differs",
    "The invoice is stated in {currency}; what it bills was sold to {partner} in {agreed}. Send it in {agreed}.",
)


class BilledLine(Part):
    """One line to bill; ``order`` (a stream) with ``order_line`` says which goods of the shipment it bills."""

    item: Code
    customer_item: Code | None = None
    quantity: Quantity
    unit: Unit
    unit_price: Price
    price_per: PricePer = Decimal(1)
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
    partner: Code
    company: Code | None = None
    kind: Literal[InvoiceKind.INVOICE, InvoiceKind.DEBIT_MEMO] = InvoiceKind.INVOICE
    issued_on: Day
    currency: CurrencyCode | None = None
    shipment: Code | None = Field(None, description="The number of the shipment whose goods are billed.")
    lines: tuple[BilledLine, ...] = Field(min_length=1, max_length=LINES_PER_INVOICE)

    def streams(self) -> tuple[str, ...]:
        return (Debtor.stream(self.partner),)


class RecordBaseline(Command):
    """The day the invoice's terms count from: the customer accepted it, the statement was agreed, the goods came."""

    NAME: ClassVar[str] = "invoice.record_baseline"
    company: Code
    number: Code
    baseline: Baseline
    day: Day

    def streams(self) -> tuple[str, ...]:
        return (Invoice.stream(self.company, self.number),)


def issue_invoice(work: Work, command: IssueInvoice) -> Answer:
    debtor = work.get(Debtor, Debtor.stream(command.partner))
    company = _company(work, command, debtor)
    billing = _billing_of(work, command, company)
    agreed = billing.state.currency if billing is not None else debtor.state.currency
    if command.currency not in (None, agreed):
        raise CURRENCY_DIFFERS(currency=command.currency, partner=command.partner, agreed=agreed)
    terms = billing.state.terms if billing is not None else debtor.terms_on(command.issued_on)
    lines = [invoice_line(place, line, line.order_line, agreed) for place, line in enumerate(command.lines, start=1)]
    series = number_series(work, company, command.kind, command.issued_on)
    invoice = work.add(Invoice.issue(
        company=company, number=series.upcoming, partner=command.partner,
        account=billing.state.account if billing is not None else debtor.state.account, currency=agreed,
        issued_on=command.issued_on, lines=lines, kind=command.kind, terms=terms, working_days=working_days_for(terms),
        shipment=billing.state.shipment if billing is not None else None,
    ))
    series.next()
    if billing is not None:
        record_invoice(billing, f"hand:{invoice.state.number}", invoice)
    return invoice_answer(invoice, 201)


def _company(work: Work, command: IssueInvoice, debtor: Debtor) -> str:
    """The partner's company, or another that has a series already: a typing error opens none."""
    known = debtor.state.company
    company = command.company or known
    if company != known and not work.exists(series_stream(company, InvoiceKind.INVOICE, command.issued_on)):
        raise COMPANY_UNKNOWN(company=company, partner=command.partner, known=known)
    return company


def _billing_of(work: Work, command: IssueInvoice, company: str) -> ShipmentBilling | None:
    if command.shipment is None:
        return None
    billing = work.get(ShipmentBilling, ShipmentBilling.stream(Shipment.stream(company, command.shipment)))
    if billing.state.partner != command.partner:
        raise SHIPMENT_OF_ANOTHER(shipment=command.shipment, partner=command.partner, other=billing.state.partner)
    return billing


def record_baseline(work: Work, command: RecordBaseline) -> Answer:
    invoice = work.get(Invoice, Invoice.stream(command.company, command.number))
    invoice.baseline_known(command.baseline, command.day, working_days_for(invoice.state.terms))
    return invoice_answer(invoice)


HANDLERS: dict[type[Command], Any] = {IssueInvoice: issue_invoice, RecordBaseline: record_baseline}
