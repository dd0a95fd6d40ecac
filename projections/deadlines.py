"""Deadlines: what is to happen when a day begins; read by the policies that react to day.began (decision 40)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Date, Index, Integer, MetaData, Table, Text, select

from domain.agreements import InvoiceTrigger
from domain.order import Order
from domain.recorded import RecordedEvent
from domain.shipment import Shipment
from domain.trading_partner import TradingPartner
from projections.columns import Packed, key
from projections.line_figures import Lines, follow, placed
from projections.view import Needs, Page, View

METADATA = MetaData()
CANCEL_AFTER = "CANCEL_AFTER"
RECEIPT_TIMEOUT = "RECEIPT_TIMEOUT"

# ``due_on`` is the first day on which the deadline has passed, in ``zone``.
DEADLINES = Table(
    "deadlines", METADATA,
    Column("kind", key(), primary_key=True), Column("subject", key(), primary_key=True),
    Column("due_on", Date, nullable=False), Column("zone", key(), nullable=False),
    Column("partner", Text, nullable=False),
    Column("timeout_days", Integer),  # of a receipt waited for
    Column("delivered_on", Date),
    Column("figures", Packed(Lines)),  # of an order that is still open
    Index("deadlines_by_day", "zone", "due_on"),
)  # fmt: skip

# An order's dates are read in its partner's zone.
ZONES = Table("zones", METADATA, Column("partner", key(), primary_key=True), Column("zone", Text, nullable=False))

VIEW = View("deadlines", 2, METADATA)

# Fold


def _the_order(event: Any) -> Needs:
    return {DEADLINES: [(CANCEL_AFTER, event.originator_id)]}


def _the_shipment(event: Any) -> Needs:
    return {DEADLINES: [(RECEIPT_TIMEOUT, event.originator_id)]}


@VIEW.on(TradingPartner.Registered)
def _registered(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.put(ZONES, partner=event.partner, zone=event.zone)


@VIEW.on(Order.Placed, needs=lambda event: {ZONES: [(event.partner,)]})
def _placed(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    if event.cancel_after is not None:
        page.put(
            DEADLINES,
            kind=CANCEL_AFTER,
            subject=event.originator_id,
            due_on=event.cancel_after + timedelta(days=1),
            zone=page.row(ZONES, event.partner)["zone"],
            partner=event.partner,
            figures=placed(event.lines),
        )


@VIEW.on(Order.AmendedByCustomer, Order.LineCancelled, Order.GoodsDispatched, needs=_the_order)
def _moved(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    row = page.find(DEADLINES, CANCEL_AFTER, event.originator_id)
    if row is not None:
        follow(row["figures"], event)
        if not any(line.still_open() for line in row["figures"].values()):
            page.remove(DEADLINES, CANCEL_AFTER, event.originator_id)


@VIEW.on(Order.Cancelled, Order.Expired, Order.ClosedShort, needs=_the_order)
def _closed(recorded: RecordedEvent, page: Page) -> None:
    page.remove(DEADLINES, CANCEL_AFTER, recorded.stream)


@VIEW.on(Shipment.Dispatched)
def _dispatched(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    if event.invoicing.trigger == InvoiceTrigger.RECEIPT_OR_TIMEOUT:
        days = event.invoicing.timeout_days
        page.put(
            DEADLINES,
            kind=RECEIPT_TIMEOUT,
            subject=event.originator_id,
            due_on=(event.expected_on or event.dispatched_on) + timedelta(days=days + 1),
            zone=event.zone,
            partner=event.partner,
            timeout_days=days,
        )


@VIEW.on(Shipment.Delivered, needs=_the_shipment)
def _delivered(recorded: RecordedEvent, page: Page) -> None:
    """The receipt is waited for from the first proof of delivery on."""
    event: Any = recorded.event
    row = page.find(DEADLINES, RECEIPT_TIMEOUT, event.originator_id)
    if row is not None and row["delivered_on"] is None:
        row["delivered_on"] = event.delivered_on
        row["due_on"] = event.delivered_on + timedelta(days=row["timeout_days"] + 1)


@VIEW.on(Shipment.Received, Shipment.ReceiptTimedOut, needs=_the_shipment)
def _received(recorded: RecordedEvent, page: Page) -> None:
    """A receipt that was taken back may be waited for again."""
    event: Any = recorded.event
    awaited = getattr(event, "awaited", None)
    if awaited is None:
        page.remove(DEADLINES, RECEIPT_TIMEOUT, event.originator_id)
        return
    page.put(
        DEADLINES,
        kind=RECEIPT_TIMEOUT,
        subject=event.originator_id,
        due_on=awaited.until + timedelta(days=1),
        zone=awaited.zone,
        partner=event.partner,
        timeout_days=event.invoicing.timeout_days,
    )


# Queries


@dataclass(frozen=True)
class Deadline:
    """``kind`` has come to pass for ``subject`` (a stream) as ``due_on`` begins in ``zone``."""

    kind: str
    subject: str
    due_on: date
    zone: str


def due(connection: Connection, on_or_before: date, zone: str) -> list[Deadline]:
    """What is to happen by the day that begins, oldest first."""
    c = DEADLINES.c
    query = select(c.kind, c.subject, c.due_on, c.zone).where(c.zone == zone, c.due_on <= on_or_before)
    rows = connection.execute(query.order_by(c.due_on, c.kind, c.subject))
    return [Deadline(row.kind, row.subject, row.due_on, row.zone) for row in rows]


def zones(connection: Connection) -> list[str]:
    """Zones in which something waits for a day."""
    return list(connection.execute(select(DEADLINES.c.zone).distinct().order_by(DEADLINES.c.zone)).scalars())
