"""The tables of reconciling. Moves, prices, receipts and bills are only ever added, with the position that said so."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import BigInteger, Column, Date, Index, Integer, MetaData, Table, Text

from domain.invoice_facts import Applied, InvoiceLine
from domain.shipment.lines import DeliveredLine, ReceivedLine
from projections.columns import Packed, key, money, price, quantity
from projections.view import View

METADATA = MetaData()

# Invoices, memos, deductions and payments; ``open`` and ``applied`` as they stand, for the folds alone.
DOCUMENTS = Table(
    "documents", METADATA,
    Column("item_id", key(), primary_key=True), Column("position", BigInteger, nullable=False),
    Column("company", key(), nullable=False), Column("partner", key(), nullable=False),
    Column("account", key(), nullable=False), Column("currency", key(), nullable=False), Column("kind", key(), nullable=False),
    Column("number", key(), nullable=False), Column("dated_on", Date, nullable=False),
    Column("original", money(), nullable=False), Column("open", money(), nullable=False),
    Column("applied", Packed(dict[str, Applied]), nullable=False),
    Column("about", Text), Column("settlement", key()), Column("shipment", Text), Column("reason", Text, nullable=False),
    Column("lines", Packed(tuple[InvoiceLine, ...]), nullable=False),
    Index("documents_by_partner", "partner", "company", "dated_on"), Index("documents_by_settlement", "settlement"),
)  # fmt: skip

# What left a document, reversals below zero. ``on_day`` None: on the later of its own day and that of ``by``.
MOVES = Table(
    "moves", METADATA,
    Column("item_id", key(), primary_key=True), Column("position", BigInteger, primary_key=True),
    Column("by", key(), primary_key=True), Column("partner", key(), nullable=False), Column("company", key(), nullable=False),
    Column("on_day", Date), Column("total", money(), nullable=False), Column("cash", money(), nullable=False),
    Column("credit", money(), nullable=False), Column("deducted", money(), nullable=False),
    Index("moves_by_partner", "partner", "company"), Index("moves_by_what_used", "by"),
)  # fmt: skip

ZONES = Table("zones", METADATA, Column("account", key(), primary_key=True), Column("zone", Text, nullable=False))

ORDER_LINES = Table(
    "order_lines", METADATA,
    Column("order_id", key(), primary_key=True), Column("line", key(), primary_key=True),
    Column("position", BigInteger, primary_key=True), Column("quantity", quantity(), nullable=False),
    Column("unit", Text, nullable=False), Column("unit_price", price(), nullable=False),
    Column("customer_price", price()), Column("price_per", quantity(), nullable=False),
    Column("tax_rate", Packed(Decimal), nullable=False),
)  # fmt: skip

DISPATCHES = Table(
    "dispatches", METADATA,
    Column("shipment", key(), primary_key=True), Column("position", BigInteger, nullable=False),
    Column("dispatched_on", Date, nullable=False),
)  # fmt: skip

CARRIED = Table(
    "carried", METADATA,
    Column("order_id", key(), primary_key=True), Column("line", key(), primary_key=True),
    Column("shipment", key(), primary_key=True),
)  # fmt: skip

# Receiving advices, in versions; and proofs of delivery, which count where there is no advice.
RECEIPTS = Table(
    "receipts", METADATA,
    Column("shipment", key(), primary_key=True), Column("position", BigInteger, primary_key=True),
    Column("document", Text, nullable=False), Column("version", Integer, nullable=False), Column("on_day", Date, nullable=False),
    Column("lines", Packed(tuple[ReceivedLine, ...]), nullable=False),
)  # fmt: skip
DELIVERIES = Table(
    "deliveries", METADATA,
    Column("shipment", key(), primary_key=True), Column("position", BigInteger, primary_key=True),
    Column("document", Text, nullable=False), Column("on_day", Date, nullable=False),
    Column("lines", Packed(tuple[DeliveredLine, ...]), nullable=False),
)  # fmt: skip

# Which invoice bills which order line: several may bill one.
BILLS = Table(
    "bills", METADATA,
    Column("order_id", key(), primary_key=True), Column("line", key(), primary_key=True),
    Column("invoice", key(), primary_key=True), Column("invoice_line", key(), primary_key=True),
    Column("shipment", key()), Column("position", BigInteger, nullable=False), Column("quantity", quantity(), nullable=False),
    Column("withdrawn_at", BigInteger),
    Index("bills_by_invoice", "invoice"),
)  # fmt: skip

CREDITED = Table(
    "credited", METADATA,
    Column("invoice", key(), primary_key=True), Column("memo", key(), primary_key=True),
    Column("position", BigInteger, nullable=False), Column("withdrawn_at", BigInteger),
    Column("nets", Packed(dict[str, Decimal]), nullable=False),
)  # fmt: skip

STATEMENTS = Table(
    "statements", METADATA,
    Column("statement_id", key(), primary_key=True), Column("company", key(), nullable=False),
    Column("partner", key(), nullable=False), Column("number", key(), nullable=False),
    Column("version", Integer, nullable=False), Column("cut_off", Date, nullable=False),
    Column("currency", Text, nullable=False), Column("balance", money(), nullable=False),
    Column("lines", Integer, nullable=False), Column("resolved", Integer, nullable=False), Column("state", key(), nullable=False),
    Column("superseded_by", Text), Column("our_balance", money()), Column("agreed_on", Date), Column("agreed_by", Text),
    Index("statements_by_partner", "partner", "cut_off"),
)  # fmt: skip

VIEW = View("reconciliation", 1, METADATA)
