"""The tables of the order fill view, and the facts packed into them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Column, Date, Index, MetaData, Table, Text

from domain.evidence_document import EvidenceAction, EvidenceKind, StatedArrival, StatedLine
from domain.order import ConfirmedLine, HoldReason, OrderLine
from domain.values import LineQuantity, Side
from projections.columns import Instant, Packed, key
from projections.shipment_evidence import Evidence
from projections.view import View


class Amended(msgspec.Struct, tag=True, frozen=True):
    change: str
    said_at: datetime | None
    lines: tuple[OrderLine, ...]
    removed_open: tuple[LineQuantity, ...]


class Confirmed(msgspec.Struct, tag=True, frozen=True):
    confirmation: str
    lines: tuple[ConfirmedLine, ...]


class TakenOut(msgspec.Struct, tag=True, frozen=True):
    cause: str
    by: Side | None
    reason: str
    said_at: datetime | None
    lines: tuple[LineQuantity, ...]


class Held(msgspec.Struct, tag=True, frozen=True):
    reasons: tuple[HoldReason, ...]


class Released(msgspec.Struct, tag=True, frozen=True):
    revision: int


class Excluded(msgspec.Struct, tag=True, frozen=True):
    """``lines`` empty: the whole order."""

    exclusion: str
    code: str
    granted_by: Side
    reference: str
    lines: tuple[str, ...]


class ExclusionGone(msgspec.Struct, tag=True, frozen=True):
    exclusion: str


class Caused(msgspec.Struct, tag=True, frozen=True):
    line: str
    cause: str
    fault: str
    department: str
    reason: str


class Carried(msgspec.Struct, frozen=True):
    order: str
    line: str
    quantity: Decimal
    base_quantity: Decimal


class Dispatched(msgspec.Struct, tag=True, frozen=True):
    number: str
    ship_to: str
    zone: str
    dispatched_at: datetime
    expected_on: date | None
    carrier: str | None
    lines: tuple[Carried, ...]


class Stated(msgspec.Struct, tag=True, frozen=True):
    """One version of an evidence document."""

    sender: str
    partner: str
    kind: EvidenceKind
    number: str
    version: int
    action: EvidenceAction
    shipment: str | None
    at: datetime | None
    on: date | None
    arrivals: tuple[StatedArrival, ...]
    lines: tuple[StatedLine, ...]


Fact = (
    Amended | Confirmed | TakenOut | Held | Released | Excluded | ExclusionGone | Caused | Dispatched | Stated | Evidence
)

METADATA = MetaData()

# An order as first asked for; the span is that of the days asked for, lines added later included.
ORDERS = Table(
    "orders", METADATA,
    Column("order_id", key(), primary_key=True), Column("position", BigInteger, nullable=False),
    Column("company", Text, nullable=False), Column("partner", key(), nullable=False),
    Column("purchase_order_number", Text, nullable=False), Column("release", Text, nullable=False),
    Column("account", Text, nullable=False), Column("currency", Text, nullable=False),
    Column("ordered_on", Date, nullable=False), Column("cancel_after", Date),
    Column("freight_terms", Text), Column("flow", Text),
    Column("requested_first", Date, nullable=False), Column("requested_last", Date, nullable=False),
    Column("at", Instant, nullable=False), Column("recorded_at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("lines", Packed(tuple[OrderLine, ...]), nullable=False),
    Index("orders_by_request", "partner", "requested_last"),
)  # fmt: skip

# What was said of an order, a shipment or by a document, one row a fact.
FACTS = Table(
    "facts", METADATA,
    Column("subject", key(), primary_key=True), Column("position", BigInteger, primary_key=True),
    Column("at", Instant, nullable=False), Column("recorded_at", Instant, nullable=False),
    Column("actor", Text, nullable=False), Column("fact", Packed(Fact), nullable=False),
)  # fmt: skip

# Which shipments carry goods of which orders, and which documents speak of them (by their own word).
LOADS = Table(
    "loads", METADATA,
    Column("order_id", key(), primary_key=True), Column("shipment_id", key(), primary_key=True),
    Index("loads_by_shipment", "shipment_id"),
)  # fmt: skip
PAPERS = Table(
    "papers", METADATA,
    Column("order_id", key(), primary_key=True), Column("document_id", key(), primary_key=True),
    Column("partner", key(), nullable=False),
    Index("papers_by_partner", "partner"), Index("papers_by_document", "document_id"),
)  # fmt: skip

# Definitions agreed with a partner, each version as agreed; a later one for the same first day does not replace the row.
POLICIES = Table(
    "policies", METADATA,
    Column("partner", key(), primary_key=True), Column("position", BigInteger, primary_key=True),
    Column("policy_id", Text, nullable=False), Column("first_day", Date, nullable=False),
    Column("at", Instant, nullable=False), Column("actor", Text, nullable=False),
    Column("policy", Packed(dict[str, Any]), nullable=False),
)  # fmt: skip

# Periods closed, with the figure as it was then (features X17).
CLOSES = Table(
    "closes", METADATA,
    Column("stream", key(), primary_key=True), Column("partner", key(), nullable=False),
    Column("policy_id", Text, nullable=False), Column("period", Text, nullable=False),
    Column("first", Date, nullable=False), Column("last", Date, nullable=False),
    Column("closed_position", BigInteger, nullable=False), Column("known_position", BigInteger, nullable=False),
    Column("at", Instant, nullable=False), Column("actor", Text, nullable=False),
    Column("closed", Packed(dict[str, Any]), nullable=False),
)  # fmt: skip

# Logistic parameters agreed with a partner, each version as agreed.
LOGISTICS = Table(
    "logistics", METADATA,
    Column("partner", key(), primary_key=True), Column("position", BigInteger, primary_key=True),
    Column("first_day", Date, nullable=False), Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False), Column("parameters", Packed(dict[str, Any]), nullable=False),
)  # fmt: skip

VIEW = View("order_fill", 4, METADATA)
