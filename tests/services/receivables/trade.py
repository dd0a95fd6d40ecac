"""A trade in cases of tea to drive receivables with: real services, real logs, hand-made figures."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from domain.agreements import ConfirmationMode
from domain.credit import StageAmounts
from domain.credit_account import CreditAccount
from domain.interchange import EdiDocument
from domain.invoice import Invoice
from domain.payment_terms import DueRule, PaymentTerms, RuleKind
from domain.shipment_billing import ShipmentBilling
from services.command import Answer, Command, Context
from services.orders import agreeing
from services.orders.ordering import PlaceOrder
from services.orders.shipping import DispatchShipment, RecordReceipt
from services.receivables.correcting import CreditInvoice
from services.receivables.invoicing import BilledLine, IssueInvoice
from services.wired import Wired

D = Decimal
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FIRST_DAY = date(2020, 1, 1)
NET_30 = PaymentTerms(DueRule(RuleKind.NET_DAYS, days=30))
ACCOUNT = "credit/retail-a"


def asking(actor: str = "clara", key: str | None = None) -> Context:
    number = secrets.token_hex(8)
    return Context(actor, AT, number, number, key=key and f"{actor}:{key}", fingerprint="body")


@dataclass
class Trade:
    """``acme`` sells two items to ``retail-a`` at 13 % tax: tea at 1000.00 and jam at 50.00 a case."""

    wired: Wired
    zone: str = "Asia/Shanghai"
    partner: str = "retail-a"
    items: dict[str, str] = field(default_factory=lambda: {"tea": "1000", "jam": "50"})

    def seed(self, *, limit: str = "1000000.00", terms: PaymentTerms = NET_30, **invoicing: Any) -> Trade:
        first = {"first_day": FIRST_DAY}
        named = {"partner": self.partner}
        commands: list[Command] = [
            agreeing.RegisterCompany(
                company="acme", name="Acme", zone=self.zone, country="CN", currency="CNY", edi_id="ACME"
            ),
            agreeing.RegisterPartner(name="Retail A", company="acme", currency="CNY", zone=self.zone, **named),
            agreeing.AgreeCreditLimit(amount=limit, currency="CNY", **named, **first),
            agreeing.AgreePaymentTerms(terms=terms, **named, **first),
            agreeing.AgreeConfirmation(mode=ConfirmationMode.AUTO, **named, **first),
            agreeing.AgreeDeductions(
                agreement={"tolerance": {"amount": "10.00", "percent": "0.5"}}, **named, **first
            ),
            agreeing.AgreePlace(place="dc", name="DC", zone=self.zone, country="CN", tax_place="CN", **named),
            agreeing.AgreeTaxRate(place="CN", category="food", rate="0.13", **first),
        ]
        if invoicing:
            commands.append(agreeing.AgreeInvoicing(**named, **first, **invoicing))
        for item, price in self.items.items():
            commands.append(agreeing.RegisterItem(
                item=item, description=item, tax_category="food", base_unit="CS", valid_from=FIRST_DAY
            ))
            commands.append(agreeing.AgreePrice(item=item, currency="CNY", price=price, unit="CS", **named, **first))
        for command in commands:
            answer = self.orders(command)
            assert answer.status < 300, answer.text
        self.settle()
        return self

    def orders(self, command: Command, **context: Any) -> Answer:
        return self.wired.applications["orders"].handle(command, asking(**context))

    def receivables(self, command: Command, **context: Any) -> Answer:
        return self.wired.applications["receivables"].handle(command, asking(**context))

    def settle(self) -> None:
        assert self.wired.settle()

    def place(self, number: str, *lines: tuple[str, str, str]) -> str:
        """An order of (line, item, quantity); answers its stream."""
        body = {
            "partner": self.partner, "purchase_order_number": number, "ordered_on": "2026-02-20", "ship_to": "dc",
            "requested_on": "2026-03-02",
            "lines": [{"number": n, "item": item, "quantity": q, "unit": "CS"} for n, item, q in lines],
        }
        answer = self.orders(PlaceOrder.model_validate(body))
        assert answer.status == 201, answer.text
        self.settle()
        return f"order/acme/{self.partner}/{number}/-"

    def dispatch(self, number: str, order: str, *lines: tuple[str, str]) -> str:
        """Load (line, quantity) of the order; answers the shipment's stream."""
        body = {
            "company": "acme", "number": number, "partner": self.partner, "ship_to": "dc",
            "dispatched_at": "2026-03-02T08:00:00+08:00",
            "lines": [{"order": order, "line": line, "quantity": quantity} for line, quantity in lines],
        }
        answer = self.orders(DispatchShipment.model_validate(body))
        assert answer.status == 201, answer.text
        self.settle()
        return f"shipment/acme/{number}"

    def receive(
        self, shipment: str, order: str, *lines: tuple[str, str, str], document: str = "GR-1", version: int = 1,
        received_on: str = "2026-03-05",
    ) -> None:
        """The customer counted (line, received, accepted)."""
        body = {
            "shipment": shipment, "document": document, "version": version, "received_on": received_on,
            "lines": [{"order": order, "line": n, "received": r, "accepted": a} for n, r, a in lines],
        }
        answer = self.orders(RecordReceipt.model_validate(body))
        assert answer.status == 200, answer.text
        self.settle()

    def invoice(self, net: str, **fields: Any) -> str:
        """An invoice by hand over one case at ``net``; answers its number."""
        line = BilledLine(item="tea", quantity="1", unit="CS", unit_price=net, tax_rate="0.13")
        command = IssueInvoice(partner=self.partner, issued_on=date(2026, 3, 2), lines=(line,), **fields)
        return self._number(self.receivables(command))

    def credit(self, number: str, net: str) -> str:
        """A credit memo over ``net`` of the invoice's first line; answers its number."""
        body = {
            "company": "acme", "number": number, "issued_on": "2026-03-03", "reason": "agreed",
            "lines": [{"line": "1", "net": net}],
        }
        return self._number(self.receivables(CreditInvoice.model_validate(body)))

    def _number(self, answer: Answer) -> str:
        assert answer.status == 201, answer.text
        self.settle()
        return str(answer.body["number"])

    def document(self, advice: dict[str, Any], **facts: Any) -> str:
        """An EDI document in the orders log; answers its stream."""
        number = secrets.token_hex(4)
        stream = f"edi-document/RETAIL/ACME/{number}/1/1"
        values: dict[str, Any] = {
            "interchange": f"interchange/RETAIL/ACME/{number}", "kind": "remittance_advice", "type": "820",
            "version": "004010", "control": "0001", "partner": self.partner, "company": "acme", "test": False,
            "verdict": "A", "document": advice, "findings": (), **facts,
        }
        orders = self.wired.applications["orders"]
        orders.writer.submit(
            lambda work: Answer(201, {"document": work.add(EdiDocument.receive(stream, **values)).id}), asking()
        ).result(30)
        self.settle()
        return stream

    # What was recorded

    def facts(self, *classes: type[Any]) -> list[Any]:
        """Facts of these classes in the receivables log, in order."""
        events, _ = self.wired.feeds["receivables"].read(0, 100_000, classes)
        return [recorded.event for recorded in events]

    def moves(self) -> list[tuple[str, StageAmounts]]:
        """Every movement of the credit account: the fact and by how much it moved each stage."""
        events, _ = self.wired.feeds["receivables"].read(0, 100_000)
        return [(r.type.partition("/")[0], r.event.moved) for r in events if hasattr(r.event, "moved")]

    def stages(self) -> StageAmounts:
        account = self.look(CreditAccount, ACCOUNT)
        return account.state.totals  # type: ignore[no-any-return]

    def look(self, kind: type[Any], stream: str) -> Any:
        found = self.wired.applications["receivables"].look(kind, stream)
        assert found is not None, stream
        return found

    def document_of(self, number: str) -> Invoice:
        return self.look(Invoice, Invoice.stream("acme", number))  # type: ignore[no-any-return]

    def billing(self, shipment: str) -> ShipmentBilling:
        return self.look(ShipmentBilling, ShipmentBilling.stream(shipment))  # type: ignore[no-any-return]

    def issued(self) -> list[Any]:
        return self.facts(Invoice.Issued)

    def position(self) -> int:
        return self.wired.applications["receivables"].store.last_position()
