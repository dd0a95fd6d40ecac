"""The tables of the order fill view, and the facts packed into them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import msgspec
from sqlalchemy import BigInteger, Column, Date, Index, MetaData, Table, Text

from domain.order import ConfirmedLine, HoldReason, OrderLine
from domain.values import LineQuantity, Side
from projections.columns import Instant, Packed, key
from projections.shipment_evidence import Evidence
from projections.view import View


class Amended(msgspec.Struct, tag=True, frozen=True):
    change: str
    amended_on: date
    lines: tuple[OrderLine, ...]
    removed_open: tuple[LineQuantity, ...]


class Confirmed(msgspec.Struct, tag=True, frozen=True):
    confirmation: str
    lines: tuple[ConfirmedLine, ...]


class TakenOut(msgspec.Struct, tag=True, frozen=True):
    cause: str
    by: Side | None
    reason: str
    lines: tuple[LineQuantity, ...]


class Held(msgspec.Struct, tag=True, frozen=True):
    reasons: tuple[HoldReason, ...]


class Released(msgspec.Struct, tag=True, frozen=True):
    revision: int


class Carried(msgspec.Struct, frozen=True):
    order: str
    line: str
    quantity: Decimal
    base_quantity: Decimal


class Dispatched(msgspec.Struct, tag=True, frozen=True):
    number: str
    ship_to: str
    zone: str
    seller_zone: str
    dispatched_at: datetime
    dispatched_on: date
    expected_on: date | None
    lines: tuple[Carried, ...]


Fact = Amended | Confirmed | TakenOut | Held | Released | Dispatched | Evidence

METADATA = MetaData()

# An order as first asked for; the span is that of the days asked for, lines added later included.
ORDERS = Table(
    "orders", METADATA,
    Column("order_id", key(), primary_key=True), Column("position", BigInteger, nullable=False),
    Column("company", Text, nullable=False), Column("partner", key(), nullable=False),
    Column("purchase_order_number", Text, nullable=False), Column("release", Text, nullable=False),
    Column("account", Text, nullable=False), Column("currency", Text, nullable=False),
    Column("ordered_on", Date, nullable=False), Column("cancel_after", Date),
    Column("requested_first", Date, nullable=False), Column("requested_last", Date, nullable=False),
    Column("at", Instant, nullable=False), Column("recorded_at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("lines", Packed(tuple[OrderLine, ...]), nullable=False),
    Index("orders_by_request", "partner", "requested_last"),
)  # fmt: skip

# What was said of an order or a shipment, one row a fact.
FACTS = Table(
    "facts", METADATA,
    Column("subject", key(), primary_key=True), Column("position", BigInteger, primary_key=True),
    Column("at", Instant, nullable=False), Column("recorded_at", Instant, nullable=False),
    Column("actor", Text, nullable=False), Column("fact", Packed(Fact), nullable=False),
)  # fmt: skip

# Which shipments carry goods of which orders.
LOADS = Table(
    "loads", METADATA,
    Column("order_id", key(), primary_key=True), Column("shipment_id", key(), primary_key=True),
)  # fmt: skip

VIEW = View("order_fill", 2, METADATA)
