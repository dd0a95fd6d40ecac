"""One order told in every possible sequence: two deliveries, three papers in versions, a cancellation of a paper.

PO-1: line 1 of 100 CS (item A, 10.00) and line 2 of 40 CS (item B, 20.00), wanted on Monday 2026-03-09 in Chicago.
S-1 carries 60 + 40 and is checked in on the day; S-2 carries 35 of line 1 and is checked in a day late.
RA-1 says first 55 + 38, then (version 2) 60 + 38. RA-2 says 40, is cancelled (2), and says 35 (3). POD-1 of S-1: 60 + 40.
What holds in the end: line 1 60 + 35 = 95 of 100, of which 60 on time; line 2 38 of 40, on time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal as D
from typing import Any

from domain.agreements import InvoicingTerms
from domain.evidence_document import (
    EvidenceAction, EvidenceDocument, EvidenceKind, StatedArrival, StatedLine, Statement,
)
from domain.order import Order, OrderLine, ScheduleLine
from domain.order_findings import OrderFindings
from domain.shipment import ArrivalEvidence, Shipment, shipment_line
from domain.trading_partner import TradingPartner
from domain.values import LineQuantity, Side
from services.fill_rate.presets import expanded
from tests.projections.chronicle import Chronicle

ZONE = "America/Chicago"
WANTED = date(2026, 3, 9)
ON_THE_DAY = datetime(2026, 3, 9, 15, 0, tzinfo=UTC)
A_DAY_LATE = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)
ORDER = Order.stream("acme", "retailer", "PO-1")
SHIPMENTS = {"S-1": Shipment.stream("acme", "S-1"), "S-2": Shipment.stream("acme", "S-2")}
LEFT = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)


def line(number: str, item: str, quantity: int, price: str) -> OrderLine:
    amount = quantity * D(price)
    return OrderLine(
        number=number, item=item, customer_item=None, quantity=D(quantity), unit="CS", base_quantity=D(quantity * 12),
        unit_price=D(price), price_per=D(1), customer_price=None, net=amount, tax_rate=D(0), tax=D(0), gross=amount,
        schedule=(ScheduleLine("dc1", WANTED, D(quantity), ZONE),), case_size=D(12),
    )  # fmt: skip


class Teller:
    """Tells chapters of the story; a chapter told twice is heard as the doors would hear it."""

    def __init__(self) -> None:
        self.chronicle = Chronicle()
        self.known: dict[str, Any] = {}

    def tell(self, chapters: Sequence[str]) -> Chronicle:
        for chapter in chapters:
            CHAPTERS[chapter](self)
        return self.chronicle

    def place(self) -> None:
        if "order" not in self.known:
            with self.chronicle.command("orders") as log:
                self.known["order"] = Order.place(
                    company="acme", partner="retailer", purchase_order_number="PO-1", ordered_on=date(2026, 2, 20),
                    currency="USD", account="retailer", lines=[line("1", "A", 100, "10"), line("2", "B", 40, "20")],
                )  # fmt: skip
                log.append(self.known["order"])
            with self.chronicle.command("orders") as log:
                self.known["order"].release(1, "receivables:1")
                log.append(self.known["order"])

    def ship(self, number: str, *parts: tuple[str, int]) -> None:
        if number in self.known:
            return
        order = self.known["order"]
        with self.chronicle.command("orders") as log:
            order.record_dispatch(SHIPMENTS[number], [LineQuantity(n, D(q)) for n, q in parts])
            self.known[number] = Shipment.dispatch(
                company="acme", number=number, partner="retailer", account="retailer", currency="USD", ship_to="dc1",
                zone=ZONE, seller_zone="UTC", dispatched_at=LEFT, invoicing=InvoicingTerms(), terms=None,
                lines=[shipment_line(order, n, D(q)) for n, q in parts],
            )  # fmt: skip
            log += [order, self.known[number]]

    def state(
        self, kind: EvidenceKind, number: str, version: int, action: EvidenceAction, shipment: str | None,
        checked_in: datetime | None, *counted: tuple[str, int],
    ) -> None:
        lines = tuple(StatedLine(ORDER, n, None, D(q), D(q), None) for n, q in counted)
        arrivals = (StatedArrival(ArrivalEvidence.CHECK_IN, checked_in),) if checked_in else ()
        stream = SHIPMENTS[shipment] if shipment else None
        said = Statement("retailer", version, action, stream, checked_in, None, arrivals, lines)
        with self.chronicle.command("orders", actor="edi") as log:
            document = self.known.get(number)
            if document is None:
                sender = "carrier" if kind is EvidenceKind.POD else "retailer"
                document = self.known[number] = EvidenceDocument.stated(sender, kind, number, said)
            else:
                document.state_again(said)
            log.append(document)

    def agree(self, first_day: date, policy: dict[str, Any]) -> None:
        with self.chronicle.command("orders", actor="key.account") as log:
            partner = self.known.get("partner")
            if partner is None:
                partner = self.known["partner"] = TradingPartner.register(
                    partner="retailer", name="Retailer", company="acme", currency="USD", zone=ZONE
                )
            partner.agree_fill_rate_policy("otif", expanded(policy), first_day)
            log.append(partner)

    def exclude(self) -> None:
        with self.chronicle.command("orders", actor="clerk") as log:
            findings = OrderFindings.open(ORDER)
            findings.record_exclusion("X1", "FORCE_MAJEURE", Side.CUSTOMER, "letter 7", ("2",), ("1", "2"))
            log.append(findings)

    def cancel(self) -> None:
        with self.chronicle.command("orders", actor="clerk") as log:
            order = self.known["order"]
            order.cancel_line("1", D(5), by=Side.SUPPLIER, reason="sold out")
            log.append(order)


ADVICE, POD = EvidenceKind.RECEIVING_ADVICE, EvidenceKind.POD
STATE, REPLACE, CANCEL = EvidenceAction.STATE, EvidenceAction.REPLACE, EvidenceAction.CANCEL
OTIF = {"metric": "OTIF", "onTime": {"earliestDays": 0, "arrivalEvidence": ["CHECK_IN"]}}

CHAPTERS: dict[str, Callable[[Teller], None]] = {
    "place": Teller.place,
    "ship S-1": lambda t: t.ship("S-1", ("1", 60), ("2", 40)),
    "ship S-2": lambda t: t.ship("S-2", ("1", 35)),
    "RA-1 v1": lambda t: t.state(ADVICE, "RA-1", 1, STATE, "S-1", ON_THE_DAY, ("1", 55), ("2", 38)),
    "RA-1 v2": lambda t: t.state(ADVICE, "RA-1", 2, REPLACE, "S-1", ON_THE_DAY, ("1", 60), ("2", 38)),
    "RA-2 v1": lambda t: t.state(ADVICE, "RA-2", 1, STATE, "S-2", A_DAY_LATE, ("1", 40)),
    "RA-2 v2": lambda t: t.state(ADVICE, "RA-2", 2, CANCEL, "S-2", None),
    "RA-2 v3": lambda t: t.state(ADVICE, "RA-2", 3, REPLACE, "S-2", A_DAY_LATE, ("1", 35)),
    "POD-1": lambda t: t.state(POD, "POD-1", 1, STATE, "S-1", None, ("1", 60), ("2", 40)),
    "agree otif": lambda t: t.agree(date(2026, 1, 1), OTIF),
    "agree a wider window, back-dated": lambda t: t.agree(
        date(2026, 3, 1), {**OTIF, "onTime": {**OTIF["onTime"], "latestDays": 1}}  # type: ignore[dict-item]
    ),
    "exclude line 2": Teller.exclude,
    "cancel 5": Teller.cancel,
}
PAPERS = ("RA-1 v1", "RA-1 v2", "RA-2 v1", "RA-2 v2", "RA-2 v3", "POD-1")
