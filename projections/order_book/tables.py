"""The tables of the order book, and the shapes packed into them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
from sqlalchemy import BigInteger, Column, Date, Index, Integer, MetaData, Table, Text, text

from domain.goods_return import CameBack, CreditedLine, ReturnLine
from domain.order import HoldReason, OrderLine
from domain.shipment import ShipmentLine
from projections.columns import Instant, Packed, key, money
from projections.line_figures import Figures
from projections.shipment_evidence import Evidence
from projections.view import View


class InvoicedLine(msgspec.Struct, frozen=True):
    """What a document bills (a credit memo: gives back) of one order line."""

    order: str
    line: str
    quantity: Decimal
    gross: Decimal


class Receipt(msgspec.Struct, frozen=True):
    """Goods of a return that came back with one document."""

    received_on: date
    lines: tuple[CameBack, ...]


class GivenBack(msgspec.Struct, frozen=True):
    """What was credited of a return with one credit memo."""

    credited_on: date
    gross: Decimal
    lines: tuple[CreditedLine, ...]


METADATA = MetaData()
OPEN = text("closed IS NULL")

ORDERS = Table(
    "orders", METADATA,
    Column("order_id", key(), primary_key=True),
    Column("company", key(), nullable=False), Column("partner", key(), nullable=False),
    Column("purchase_order_number", key(), nullable=False), Column("release", Text, nullable=False),
    Column("ordered_on", Date, nullable=False), Column("account", Text, nullable=False),
    Column("currency", Text, nullable=False), Column("confirmation", Text, nullable=False),
    Column("cancel_after", Date), Column("door", Text, nullable=False),
    Column("placed_at", Instant, nullable=False), Column("actor", Text, nullable=False),
    Column("net", money(), nullable=False), Column("tax", money(), nullable=False),
    Column("gross", money(), nullable=False),  # as placed
    Column("open_gross", money(), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("requested_first", Date), Column("requested_last", Date),  # as the lines stand now
    Column("credit", Text, nullable=False),
    Column("hold_reasons", Packed(tuple[HoldReason, ...]), nullable=False),
    Column("lines", Integer, nullable=False), Column("open_lines", Integer, nullable=False),
    Column("confirmed_lines", Integer, nullable=False), Column("dispatched_lines", Integer, nullable=False),
    Column("closed", Text),
    Column("figures", Packed(dict[str, Figures]), nullable=False),
    Index("orders_by_partner", "partner", text("ordered_on DESC"), "order_id"),
    Index("orders_by_day", text("ordered_on DESC"), "order_id"),
    Index("orders_open", text("ordered_on DESC"), "order_id", sqlite_where=OPEN, postgresql_where=OPEN),
    Index("orders_by_number", "purchase_order_number"),
)  # fmt: skip

# What the lines were agreed to be, at first and by each change: one row a document.
AGREED = Table(
    "agreed_lines", METADATA,
    Column("order_id", key(), primary_key=True), Column("position", BigInteger, primary_key=True),
    Column("change", Text), Column("agreed_on", Date, nullable=False),
    Column("lines", Packed(tuple[OrderLine, ...]), nullable=False),
    Column("removed", Packed(tuple[str, ...]), nullable=False),
)  # fmt: skip

# Where a search by item or place looks.
WANTED = Table(
    "wanted", METADATA,
    Column("item", key(), primary_key=True), Column("ship_to", key(), primary_key=True),
    Column("order_id", key(), primary_key=True),
    Index("wanted_by_place", "ship_to"),
)  # fmt: skip

SHIPMENTS = Table(
    "shipments", METADATA,
    Column("shipment_id", key(), primary_key=True),
    Column("company", Text, nullable=False), Column("number", Text, nullable=False),
    Column("partner", Text, nullable=False), Column("ship_to", Text, nullable=False),
    Column("zone", Text, nullable=False), Column("dispatched_at", Instant, nullable=False),
    Column("dispatched_on", Date, nullable=False), Column("expected_on", Date),
    Column("carrier", Text), Column("bill_of_lading", Text), Column("trigger", Text, nullable=False),
    Column("lines", Packed(tuple[ShipmentLine, ...]), nullable=False),
)  # fmt: skip

# What was said of a shipment on its way, one row a fact.
EVIDENCE = Table(
    "evidence", METADATA,
    Column("shipment_id", key(), primary_key=True), Column("position", BigInteger, primary_key=True),
    Column("said", Packed(Evidence), nullable=False),
)  # fmt: skip

INVOICES = Table(
    "invoices", METADATA,
    Column("invoice_id", key(), primary_key=True),
    Column("number", Text, nullable=False), Column("kind", Text, nullable=False),
    Column("issued_on", Date, nullable=False), Column("due_on", Date),
    Column("currency", Text, nullable=False), Column("net", money(), nullable=False),
    Column("tax", money(), nullable=False), Column("gross", money(), nullable=False),
    Column("open", money(), nullable=False), Column("shipment", Text), Column("about", Text),
    Column("voided", Text), Column("allocations", Packed(dict[str, Decimal]), nullable=False),
    Column("lines", Packed(tuple[InvoicedLine, ...]), nullable=False),
)  # fmt: skip

RETURNS = Table(
    "returns", METADATA,
    Column("return_id", key(), primary_key=True),
    Column("number", Text, nullable=False), Column("partner", key(), nullable=False),
    Column("company", key(), nullable=False), Column("account", Text, nullable=False),
    Column("currency", Text, nullable=False), Column("authorised_on", Date, nullable=False),
    Column("invoice", Text),
    Column("lines", Packed(tuple[ReturnLine, ...]), nullable=False),
    Column("receipts", Packed(dict[str, Receipt]), nullable=False),
    Column("credits", Packed(dict[str, GivenBack]), nullable=False),
    Index("returns_by_partner", "partner", "authorised_on", "return_id"),
)  # fmt: skip

# What is about what: a shipment about its orders, an invoice about its orders, a document about what it did.
CONCERNS = Table(
    "concerns", METADATA,
    Column("about", key(), primary_key=True), Column("subject", key(), primary_key=True),
)  # fmt: skip

# One row an event and stream it tells of; an order's timeline is that of all that concerns it.
TIMELINE = Table(
    "timeline", METADATA,
    Column("subject", key(), primary_key=True), Column("log", key(), primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("at", Instant, nullable=False), Column("recorded_at", Instant, nullable=False),
    Column("type", Text, nullable=False), Column("stream", Text, nullable=False),
    Column("actor", Text, nullable=False), Column("causation", Text), Column("correlation", Text, nullable=False),
    Column("facts", Packed(), nullable=False),
)  # fmt: skip

VIEW = View("order_book", 3, METADATA)
