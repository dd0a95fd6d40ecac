"""An order to test with: 10 cases at 2.50 and 4 at 30.00 per 12, both taxed 13 %."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.order import ConfirmationMode, Door, HoldReason, Order, OrderLine, ScheduleLine, content_digest
from domain.values import LineQuantity, Side
from tests.given import fact

ORDERED_ON = date(2026, 2, 20)
WANTED_ON = date(2026, 3, 2)

# 10 x 2.50 = 25.00; 13 % of it 3.25
TEN = OrderLine(
    number="1",
    item="COLA-330",
    customer_item="4711",
    quantity=Decimal(10),
    unit="CA",
    base_quantity=Decimal(240),
    unit_price=Decimal("2.50"),
    price_per=Decimal(1),
    customer_price=Decimal("2.50"),
    net=Decimal("25.00"),
    tax_rate=Decimal("0.13"),
    tax=Decimal("3.25"),
    gross=Decimal("28.25"),
    schedule=(ScheduleLine("dc-1", WANTED_ON, Decimal(10)),),
)
# 4 x 30.00 / 12 = 10.00; 13 % of it 1.30
FOUR = replace(
    TEN,
    number="2",
    item="TEA-500",
    customer_item=None,
    quantity=Decimal(4),
    unit="EA",
    base_quantity=Decimal(4),
    unit_price=Decimal("30.00"),
    price_per=Decimal(12),
    customer_price=None,
    net=Decimal("10.00"),
    tax=Decimal("1.30"),
    gross=Decimal("11.30"),
    schedule=(ScheduleLine("dc-1", WANTED_ON, Decimal(4)),),
)


def placed(*lines: OrderLine, cancel_after: date | None = None) -> Order.Placed:
    wanted = lines or (TEN, FOUR)
    return fact(
        Order.Placed,
        company="acme",
        partner="retailer-a",
        purchase_order_number="PO-7",
        release="",
        ordered_on=ORDERED_ON,
        currency="USD",
        account="retailer-a",
        confirmation=ConfirmationMode.AUTO,
        cancel_after=cancel_after,
        door=Door.REST,
        content_digest=content_digest("USD", ORDERED_ON, cancel_after, wanted),
        lines=wanted,
        net=sum((line.net for line in wanted), Decimal(0)),
        tax=sum((line.tax for line in wanted), Decimal(0)),
        gross=sum((line.gross for line in wanted), Decimal(0)),
    )


def of(number: str, quantity: int | str) -> LineQuantity:
    return LineQuantity(number, Decimal(quantity))


def line_of(
    quantity: int | str, base: OrderLine = TEN, net: str = "0", tax: str = "0", number: str | None = None
) -> OrderLine:
    """``base`` for another quantity, its amounts worked out by hand."""
    wanted = Decimal(quantity)
    return replace(
        base,
        number=number or base.number,
        quantity=wanted,
        base_quantity=base.base_quantity / base.quantity * wanted,
        net=Decimal(net),
        tax=Decimal(tax),
        gross=Decimal(net) + Decimal(tax),
        schedule=(ScheduleLine("dc-1", WANTED_ON, wanted),) if wanted else (),
    )


PLACED = placed()
RELEASED = fact(Order.Released, revision=1, reservation="credit/retailer-a#1", confirmation=ConfirmationMode.AUTO)
SIX_LEFT = fact(
    Order.GoodsDispatched,
    shipment="shipment/acme/S-1",
    lines=(of("1", 6),),
    open_gross=Decimal("22.60"),  # 4 x 2.50 x 1.13 = 11.30, and 11.30
)
CANCELLED = fact(
    Order.Cancelled,
    account="retailer-a",
    by=Side.CUSTOMER,
    reason="shop closed",
    lines=(of("1", 10), of("2", 4)),
    open_gross=Decimal(0),
)
HELD_REASON = HoldReason("LIMIT", Decimal("139.55"), Decimal("100.00"), Decimal("39.55"), "over by 39.55")
