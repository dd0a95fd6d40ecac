"""Invoice lines from what is billed, and how an invoice is answered; shared by billing, invoicing and correcting."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from domain.invoice import Invoice
from domain.invoice_facts import InvoiceLine
from domain.tax import line_amounts
from services.command import Answer
from services.http import href


class Billable(Protocol):
    """A quantity with its price and tax: a line of a shipment, or one stated at the door."""

    @property
    def order(self) -> str | None: ...
    @property
    def purchase_order_number(self) -> str | None: ...
    @property
    def item(self) -> str: ...
    @property
    def customer_item(self) -> str | None: ...
    @property
    def quantity(self) -> Decimal: ...
    @property
    def unit(self) -> str: ...
    @property
    def unit_price(self) -> Decimal: ...
    @property
    def price_per(self) -> Decimal: ...
    @property
    def tax_rate(self) -> Decimal: ...


def invoice_line(place: int, billed: Billable, order_line: str | None, currency: str) -> InvoiceLine:
    """The line at ``place`` (from 1) with its amounts rounded once each."""
    amounts = line_amounts(billed.quantity, billed.unit_price, billed.price_per, billed.tax_rate, currency)
    return InvoiceLine(
        number=str(place), order=billed.order, purchase_order_number=billed.purchase_order_number,
        order_line=order_line, item=billed.item, customer_item=billed.customer_item, quantity=billed.quantity,
        unit=billed.unit, unit_price=billed.unit_price, price_per=billed.price_per, net=amounts.net,
        tax_rate=billed.tax_rate, tax=amounts.tax, gross=amounts.gross,
    )


def invoice_answer(invoice: Invoice, status: int = 200) -> Answer:
    """Where the document stands after the command."""
    state = invoice.state
    body = {
        "invoice": invoice.id, "number": state.number, "href": href("invoices", invoice.id),
        "version": invoice.version, "kind": state.kind, "gross": state.gross, "open": state.open,
        "due_on": state.due_on, "voided": state.voided,
    }
    return Answer(status, body)
