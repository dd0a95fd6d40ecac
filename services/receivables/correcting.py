"""The commands that correct what was invoiced: a credit memo about an invoice, line by line, and voiding a document."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from pydantic import Field, model_validator

from domain.invoice import CreditedLine, Invoice
from domain.invoice_facts import InvoiceKind
from domain.invoice_refusals import LINE_UNKNOWN
from domain.refusal import Refusal
from domain.shipment_billing import ShipmentBilling
from domain.tax import line_amounts
from domain.values import ZERO, minor_unit, round_money
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Amount, Code, Day, Part, Quantity, Text
from services.receivables.invoice_lines import invoice_answer
from services.receivables.invoicing import LINES_PER_INVOICE
from services.receivables.numbering import number_series

NET_TOO_FINE = Refusal(
    "invoice.net_too_fine",
    "Line {line}: a net of {figure} has parts smaller than {limit} {currency}. Credit whole units of {limit}.",
)


class CreditedPart(Part):
    """What is credited of one line: units that come back at the line's price, or a net amount, or both."""

    line: Code
    quantity: Quantity | None = None
    net: Amount | None = None

    @model_validator(mode="after")
    def _something(self) -> CreditedPart:
        if self.quantity is None and self.net is None:
            raise ValueError("send quantity, net or both: nothing is credited otherwise")
        return self


class CreditInvoice(Command):
    """A credit memo about an invoice; its tax is its net at the line's rate, rounded once."""

    NAME: ClassVar[str] = "invoice.credit"
    company: Code
    number: Code
    issued_on: Day
    reason: Text
    lines: tuple[CreditedPart, ...] = Field(min_length=1, max_length=LINES_PER_INVOICE)

    def streams(self) -> tuple[str, ...]:
        return (Invoice.stream(self.company, self.number),)


class VoidInvoice(Command):
    """As if the document had never been issued; only while nothing was paid on it or credited about it."""

    NAME: ClassVar[str] = "invoice.void"
    company: Code
    number: Code
    reason: Text

    def streams(self) -> tuple[str, ...]:
        return (Invoice.stream(self.company, self.number),)


def credit_invoice(work: Work, command: CreditInvoice) -> Answer:
    invoice = work.get(Invoice, Invoice.stream(command.company, command.number))
    lines = [_credited(invoice, part) for part in command.lines]
    series = number_series(work, command.company, InvoiceKind.CREDIT_MEMO, command.issued_on)
    memo = invoice.credit(series.upcoming, lines, command.issued_on, command.reason)
    series.next()
    return invoice_answer(work.add(memo), 201)


def _credited(invoice: Invoice, part: CreditedPart) -> CreditedLine:
    state = invoice.state
    line = state.lines.get(part.line)
    if line is None:
        raise LINE_UNKNOWN(invoice=state.number, line=part.line, lines=list(state.lines))
    quantity = part.quantity or ZERO
    if part.net is not None:
        return CreditedLine(part.line, _whole(part, part.net, state.currency), quantity)
    amounts = line_amounts(quantity, line.unit_price, line.price_per, line.tax_rate, state.currency)
    return CreditedLine(part.line, amounts.net, quantity)


def _whole(part: CreditedPart, net: Decimal, currency: str) -> Decimal:
    rounded = round_money(net, currency)
    if rounded != net:
        raise NET_TOO_FINE(line=part.line, figure=net, limit=minor_unit(currency), currency=currency)
    return rounded


def void_invoice(work: Work, command: VoidInvoice) -> Answer:
    """The goods of a voided invoice wait for another one; the lines of a voided memo may be credited again."""
    invoice = work.get(Invoice, Invoice.stream(command.company, command.number))
    state = invoice.state
    if state.kind is InvoiceKind.CREDIT_MEMO and state.about is not None:
        work.get(Invoice, state.about).withdraw_credit_memo(invoice, command.reason)
        return invoice_answer(invoice)
    invoice.void(command.reason)
    if state.shipment is not None:
        billing = work.get(ShipmentBilling, ShipmentBilling.stream(state.shipment))
        billing.withdraw_invoice(invoice.id, state.account)
    return invoice_answer(invoice)


HANDLERS: dict[type[Command], Any] = {CreditInvoice: credit_invoice, VoidInvoice: void_invoice}
