"""The 810 out: an invoice of the receivables service in the customer's own numbers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from domain.invoice_facts import InvoiceLine
from domain.order import Order
from domain.ship_to import ShipTo
from domain.shipment import Shipment
from domain.trading_partner import TradingPartner
from domain.values import ZERO, plain
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Stream
from services.orders.edi.customer_paper import CustomerPaper, customer_paper, price_fields
from services.orders.edi.sending import Letter, send

KIND = "810"
DEBIT_INVOICE = "DI"


class SendInvoice(Command):
    """Send an issued invoice by EDI. One document for one invoice."""

    NAME: ClassVar[str] = "edi.send_invoice"
    invoice: Stream
    company: str
    number: str
    partner: str
    currency: str
    issued_on: date
    due_on: date | None
    discount_on: date | None
    discount_amount: Decimal
    shipment: str | None
    lines: tuple[InvoiceLine, ...]
    gross: Decimal

    def streams(self) -> tuple[str, ...]:
        return tuple({line.order for line in self.lines if line.order is not None})


def send_invoice(work: Work, command: SendInvoice) -> Answer:
    partner = work.get(TradingPartner, TradingPartner.stream(command.partner))
    profile = partner.edi_profile_on(command.issued_on)
    streams = list(dict.fromkeys(line.order for line in command.lines if line.order is not None))
    orders = [work.get(Order, stream) for stream in streams]
    papers = {order.id: customer_paper(work, order.id, partner, profile) for order in orders}
    plain_paper = CustomerPaper(work, command.partner, profile, None)
    first = orders[0].state if orders else None
    head = papers[streams[0]] if streams else plain_paper
    document = {
        "document": "invoice", "dated": command.issued_on.isoformat(), "number": command.number,
        "ordered_on": first.ordered_on.isoformat() if first else None,
        "order_number": first.purchase_order_number if first else None,
        "release": (first.release if first else "") or None, "type": DEBIT_INVOICE, "purpose": "00",
        "currency": command.currency, "references": head.references("IA", "DP", "MR"), "terms": _terms(command),
        "lines": [
            _line(papers.get(line.order or "", plain_paper), line, several=len(orders) > 1) for line in command.lines
        ],
        "total": plain(command.gross), "taxes": _taxes(command.lines), **_shipped(work, command, head),
    }
    outbound = send(work, Letter(
        company=command.company, partner=command.partner, kind=KIND, about=command.invoice, documents=(document,),
        profile=profile, test=profile.in_test,
    ))
    return Answer(200, {"sent": outbound.id})


def _line(paper: CustomerPaper, line: InvoiceLine, *, several: bool) -> dict[str, Any]:
    number = line.order_line or line.number
    order = line.purchase_order_number
    return {
        "number": number, "quantity": plain(line.quantity), "unit": paper.unit(number, line),
        "items": paper.items(number, line),
        "references": [{"qualifier": "PO", "value": order}] if several and order else [],
        **price_fields(line.unit_price, line.price_per),
    }


def _taxes(lines: tuple[InvoiceLine, ...]) -> list[dict[str, Any]]:
    """One sum for each rate."""
    rates: dict[Decimal, Decimal] = {}
    for line in lines:
        rates[line.tax_rate] = rates.get(line.tax_rate, ZERO) + line.tax
    return [
        {"type": "TX", "amount": plain(tax), "percent": plain(rate * 100)} for rate, tax in rates.items() if tax
    ]


def _terms(command: SendInvoice) -> list[dict[str, Any]]:
    """The days as they were computed, so that the customer need not compute them anew."""
    if command.due_on is None:
        return []
    terms: dict[str, Any] = {"type": "01", "net_due_on": command.due_on.isoformat()}
    if command.discount_on is not None and command.discount_amount:
        terms |= {
            "discount_due_on": command.discount_on.isoformat(), "discount_amount": plain(command.discount_amount)
        }
    return [terms]


def _shipped(work: Work, command: SendInvoice, paper: CustomerPaper) -> dict[str, Any]:
    shipment = work.find(Shipment, command.shipment) if command.shipment else None
    if shipment is None:
        return {}
    place = work.find(ShipTo, ShipTo.stream(command.partner, shipment.state.ship_to))
    references = paper.references("IA", "DP", "MR")
    if shipment.state.bill_of_lading:
        references.append({"qualifier": "BM", "value": shipment.state.bill_of_lading})
    references.append({"qualifier": "SI", "value": shipment.state.number})
    return {
        "shipped_on": shipment.state.dispatched_on.isoformat(), "references": references,
        "parties": [paper.place(place)] if place is not None else [],
    }


HANDLERS: dict[type[Command], Any] = {SendInvoice: send_invoice}
