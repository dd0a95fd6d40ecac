"""A shipment to test with: 6 cases of an order, to Chicago, by a seller in Shanghai."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from domain.agreements import InvoicedQuantity, InvoiceTrigger, InvoicingTerms
from domain.shipment import DeliveredLine, Shipment, ShipmentLine
from tests.given import fact

ORDER = "order/acme/retailer-a/PO-7/-"
LEFT_AT = datetime(
    2026, 2, 28, 18, 0, tzinfo=UTC
)  # already 1 March in Shanghai, still 28 February in Chicago
CAME_AT = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
ON_RECEIPT = InvoicingTerms(InvoiceTrigger.RECEIPT, 0, InvoicedQuantity.ACCEPTED)
SHIPPED_ON_RECEIPT = InvoicingTerms(InvoiceTrigger.RECEIPT, 0, InvoicedQuantity.SHIPPED)
OR_TIMEOUT = InvoicingTerms(InvoiceTrigger.RECEIPT_OR_TIMEOUT, 5, InvoicedQuantity.ACCEPTED)

SIX = ShipmentLine(
    order=ORDER,
    purchase_order_number="PO-7",
    line="1",
    item="COLA-330",
    customer_item="4711",
    quantity=Decimal(6),
    unit="CA",
    base_quantity=Decimal(144),
    unit_price=Decimal("2.50"),
    price_per=Decimal(1),
    tax_rate=Decimal("0.13"),
    gross=Decimal("16.95"),  # 15.00 + 1.95
)


def left(invoicing: InvoicingTerms = InvoicingTerms(), *lines: ShipmentLine) -> Shipment.Dispatched:
    return fact(
        Shipment.Dispatched,
        company="acme",
        number="S-1",
        partner="retailer-a",
        account="retailer-a",
        currency="USD",
        ship_to="dc-1",
        zone="America/Chicago",
        seller_zone="Asia/Shanghai",
        dispatched_at=LEFT_AT,
        dispatched_on=date(2026, 3, 1),
        expected_on=date(2026, 3, 2),
        carrier=None,
        bill_of_lading="BOL-9",
        invoicing=invoicing,
        terms=None,
        lines=lines or (SIX,),
    )


PRESENTED = DeliveredLine(ORDER, "1", Decimal(6))
DELIVERED = fact(
    Shipment.Delivered, at=CAME_AT, delivered_on=date(2026, 3, 2), document="POD-1", lines=(PRESENTED,)
)
