"""The story of two orders of one retailer, told by the real aggregates in two logs.

PO-7: line 1 of 10 CS (item 100) at 25.00 and line 2 of 4 CS (item 200) at 10.00, no tax: 250 + 40 = 290.
The credit limit is 250, so the order is held; after the limit is raised by 50 it is released. Confirmed whole.
The customer takes 2 of line 1 out again, 8 + 4 are dispatched in S-1, 1 of line 1 is refused at the supplier's
fault, the receiving advice first says 7 + 3 and then, corrected, 7 + 4. Invoice 8 x 25 + 4 x 10 = 240.00.
Paid 205.00 with 25.00 deducted for the shortage and 10.00 too much for nothing: see ``pay``.
PO-8: line 1 of 3 CS, cancelled by the supplier as a whole.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

from domain.agreements import InvoicedQuantity, InvoiceTrigger, InvoicingTerms
from domain.credit_account import CreditAccount
from domain.interchange import EdiDocument, OutboundDocument
from domain.invoice import CreditedLine, Invoice
from domain.invoice_facts import InvoiceLine
from domain.order import ConfirmedLine, HoldReason, Order, OrderLine, ScheduleLine
from domain.payment_terms import DueRule, PaymentTerms, RuleKind
from domain.remittance import Adjustment, Remittance, RemittanceItem, RemittanceItemKind
from domain.deduction_postings import credit_deduction
from domain.settlement import Settlement, apply_remittance
from domain.shipment import ArrivalEvidence, DeliveredLine, ReceivedLine, RefusedLine, Shipment, shipment_line
from domain.values import LineQuantity, Side
from tests.projections.chronicle import Chronicle

ORDERED = date(2026, 3, 2)
WANTED = date(2026, 3, 9)
LATER = date(2026, 3, 16)
ORDER = Order.stream("acme", "retailer", "PO-7")
OTHER = Order.stream("acme", "retailer", "PO-8")
SHIPMENT = Shipment.stream("acme", "S-1")
INVOICE = Invoice.stream("acme", "2026-1")
MEMO = Invoice.stream("acme", "2026-2")
SETTLEMENT = Settlement.stream("acme", "retailer", "PAY-1")
DOCUMENT = "edi-document/6/1/1"
NET_30 = PaymentTerms(DueRule(RuleKind.NET_DAYS, days=30))
TIMEOUT = InvoicingTerms(InvoiceTrigger.RECEIPT_OR_TIMEOUT, 5, InvoicedQuantity.SHIPPED)


def line(number: str, item: str, quantity: int, price: str, *schedule: ScheduleLine) -> OrderLine:
    amount = quantity * D(price)
    return OrderLine(
        number=number,
        item=item,
        customer_item=f"C{item}",
        quantity=D(quantity),
        unit="CS",
        base_quantity=D(quantity * 12),
        unit_price=D(price),
        price_per=D(1),
        customer_price=None,
        net=amount,
        tax_rate=D(0),
        tax=D(0),
        gross=amount,
        schedule=schedule or (ScheduleLine("dc1", WANTED, D(quantity)),),
    )


def place(number: str, *lines: OrderLine, cancel_after: date | None = None) -> Order:
    return Order.place(
        company="acme",
        partner="retailer",
        purchase_order_number=number,
        ordered_on=ORDERED,
        currency="USD",
        account="retailer",
        lines=lines,
        cancel_after=cancel_after,
    )


class Story:
    """Each method is a chapter; ``told()`` tells them all."""

    def __init__(self) -> None:
        self.chronicle = Chronicle()
        self.documents: dict[str, Any] = {}

    def told(self) -> Chronicle:
        for chapter in (self.order, self.hold, self.ship, self.receive, self.bill, self.pay, self.settle, self.cancel):
            chapter()
        return self.chronicle

    def order(self) -> None:
        with self.chronicle.command("receivables") as log:
            self.account = CreditAccount.open("retailer", "USD", "Asia/Shanghai")
            self.account.agree_limit(D(250), date(2026, 1, 1), None, ORDERED)
            log.append(self.account)
        with self.chronicle.command("orders", actor="edi") as log:
            document = EdiDocument.receive(
                DOCUMENT, interchange="interchange/6", kind="850", type="850", version="004010", control="0001",
                partner="retailer", company="acme", test=False, verdict="A", document={}, findings=(),
            )  # fmt: skip
            two_days = (ScheduleLine("dc1", WANTED, D(6)), ScheduleLine("dc2", LATER, D(4)))
            self.first = place("PO-7", line("1", "100", 10, "25", *two_days), line("2", "200", 4, "10"))
            document.accept(ORDER)
            log += [document, self.first]

    def hold(self) -> None:
        with self.chronicle.command("receivables", actor="policy", causation="orders:3") as log:
            self.account.reserve(ORDER, 1, self.first.state.lines["1"].line.gross + D(40), ORDERED)
            log.append(self.account)
        with self.chronicle.command("orders", actor="policy", causation="receivables:3") as log:
            reason = HoldReason("LIMIT_EXCEEDED", D(290), D(250), D(40), "over the limit")
            self.first.hold(1, [reason])
            log.append(self.first)
        with self.chronicle.command("receivables", actor="chen.credit") as log:
            self.account.raise_limit_temporarily(D(50), ORDERED, date(2026, 6, 30), ORDERED)
            log.append(self.account)
        with self.chronicle.command("orders", actor="policy", causation="receivables:5") as log:
            self.first.release(1, "receivables:5")
            self.first.confirm("C-1", [ConfirmedLine("1", D(10), WANTED), ConfirmedLine("2", D(4), WANTED)])
            log.append(self.first)
        with self.chronicle.command("orders", actor="policy") as log:
            sent = OutboundDocument.write(
                OutboundDocument.stream("acme", "retailer", "855", "PO-7"), company="acme", partner="retailer",
                kind="855", about=f"{ORDER}#C-1", control=1, group_control=1, test=False, digest="d", document={},
            )  # fmt: skip
            log.append(sent)
        with self.chronicle.command("orders", actor="buyer") as log:
            self.first.cancel_line("1", D(2), by=Side.CUSTOMER, reason="too many")
            log.append(self.first)
        with self.chronicle.command("receivables", actor="policy") as log:
            self.account.reduce(ORDER, D(240), ORDERED)
            log.append(self.account)

    def ship(self) -> None:
        with self.chronicle.command("orders", actor="warehouse") as log:
            self.first.record_dispatch(SHIPMENT, [LineQuantity("1", D(8)), LineQuantity("2", D(4))])
            self.shipment = Shipment.dispatch(
                company="acme", number="S-1", partner="retailer", account="retailer", currency="USD", ship_to="dc1",
                zone="America/Chicago", seller_zone="Asia/Shanghai",
                dispatched_at=self.chronicle.now, invoicing=TIMEOUT, terms=NET_30,
                lines=[shipment_line(self.first, "1", D(8)), shipment_line(self.first, "2", D(4))],
            )  # fmt: skip
            log += [self.first, self.shipment]
        with self.chronicle.command("receivables", actor="policy") as log:
            self.account.record_delivery(ORDER, SHIPMENT, D(240), ORDERED)
            log.append(self.account)

    def receive(self) -> None:
        at = self.chronicle.now + timedelta(days=7)
        with self.chronicle.command("orders", actor="carrier") as log:
            self.shipment.make_appointment(at, "A-1", Side.CUSTOMER)
            self.shipment.make_appointment(at + timedelta(hours=3), "A-2", Side.SUPPLIER)
            self.shipment.arrive(at + timedelta(hours=3), ArrivalEvidence.GATE_ARRIVAL, Side.CUSTOMER)
            parts = [DeliveredLine(ORDER, "1", D(8)), DeliveredLine(ORDER, "2", D(4))]
            self.shipment.deliver(at + timedelta(hours=4), "POD-1", parts)
            refused = RefusedLine(ORDER, "1", D(1), "damaged", Side.SUPPLIER)
            self.shipment.refuse_in_part(at + timedelta(hours=4), "REF-1", [refused])
            log.append(self.shipment)
        for version, second in ((1, 3), (2, 4)):
            with self.chronicle.command("orders", actor="edi") as log:
                counted = [ReceivedLine(ORDER, "1", D(7), D(7)), ReceivedLine(ORDER, "2", D(second), D(second))]
                self.shipment.receive("RA-1", version, date(2026, 3, 10), counted)
                log.append(self.shipment)

    def bill(self) -> None:
        with self.chronicle.command("receivables", actor="policy") as log:
            self.invoice = Invoice.issue(
                company="acme", number="2026-1", partner="retailer", account="retailer", currency="USD",
                issued_on=date(2026, 3, 10), lines=[bill("1", "1", 8, "25"), bill("2", "2", 4, "10")], terms=NET_30,
                shipment=SHIPMENT,
            )  # fmt: skip
            self.account.record_invoice(INVOICE, D(240), date(2026, 3, 10), shipment=SHIPMENT)
            log += [self.invoice, self.account]

    def pay(self) -> None:
        """225.00 comes: invoice 2026-1 less 25.00 for the shortage is 215.00, and 10.00 stays on account."""
        shortage = Adjustment(D(25), "06", "CLAIM-1")
        paid = RemittanceItem("2026-1", RemittanceItemKind.INVOICE, D(240), D(215), adjustments=(shortage,))
        with self.chronicle.command("receivables", actor="bank") as log:
            self.settlement = Settlement.receive(
                Remittance("acme", "retailer", "retailer", "PAY-1", date(2026, 4, 8), "USD", D(225), (paid,))
            )
            self.deductions = apply_remittance(self.settlement, [self.invoice])
            done = self.settlement.state.proposal
            assert done is not None
            self.account.record_payment(SETTLEMENT, done.cleared, date(2026, 4, 8), on_account=done.on_account)
            log += [self.settlement, self.invoice, *self.deductions, self.account]

    def settle(self) -> None:
        """The shortage is admitted: a credit memo over 25.00 resolves the deduction."""
        with self.chronicle.command("receivables", actor="chen.credit") as log:
            memo = self.invoice.credit("2026-2", [CreditedLine("1", D(25), D(1))], date(2026, 4, 10), "shortage")
            credit_deduction(self.deductions[0], memo, [self.invoice])
            log += [self.invoice, memo, *self.deductions]

    def cancel(self) -> None:
        with self.chronicle.command("orders") as log:
            second = place("PO-8", line("1", "100", 3, "25"), cancel_after=date(2026, 3, 20))
            log.append(second)
        with self.chronicle.command("orders") as log:
            second.cancel(by=Side.SUPPLIER, reason="discontinued")
            log.append(second)


def bill(number: str, order_line: str, quantity: int, price: str) -> InvoiceLine:
    amount = quantity * D(price)
    return InvoiceLine(
        number, ORDER, "PO-7", order_line, order_line + "00", None, D(quantity), "CS", D(price), D(1), amount, D(0),
        D(0), amount,
    )  # fmt: skip
