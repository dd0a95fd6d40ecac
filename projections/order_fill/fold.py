"""Folds of the order fill view: every fact is kept as it was said."""

from __future__ import annotations

from typing import Any

from domain.order import Order
from domain.recorded import RecordedEvent
from domain.shipment import Shipment
from domain.values import LineQuantity, Side
from projections.order_fill import tables as told
from projections.order_fill.tables import FACTS, LOADS, ORDERS, VIEW
from projections.shipment_evidence import SAID_BY, evidence
from projections.view import Needs, Page

_HEADER = (
    "company", "partner", "purchase_order_number", "release", "account", "currency", "ordered_on", "cancel_after",
    "lines",
)  # fmt: skip


def _keep(page: Page, recorded: RecordedEvent, fact: told.Fact) -> None:
    page.append(
        FACTS,
        subject=recorded.stream,
        position=recorded.position,
        at=recorded.event.timestamp,
        recorded_at=recorded.recorded_at,
        actor=recorded.actor,
        fact=fact,
    )


def _the_order(event: Any) -> Needs:
    return {ORDERS: [(event.originator_id,)]}


@VIEW.on(Order.Placed)
def _placed(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    days = [part.requested_on for line in event.lines for part in line.schedule]
    page.put(
        ORDERS,
        order_id=event.originator_id,
        position=recorded.position,
        requested_first=min(days),
        requested_last=max(days),
        at=event.timestamp,
        recorded_at=recorded.recorded_at,
        actor=recorded.actor,
        **{name: getattr(event, name) for name in _HEADER},
    )


@VIEW.on(Order.AmendedByCustomer, needs=_the_order)
def _amended(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    order = page.row(ORDERS, event.originator_id)
    days = [part.requested_on for line in event.lines for part in line.schedule]
    order["requested_first"] = min([order["requested_first"], *days])
    order["requested_last"] = max([order["requested_last"], *days])
    _keep(page, recorded, told.Amended(event.change, event.amended_on, event.lines, event.removed_open))


@VIEW.on(Order.Confirmed)
def _confirmed(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _keep(page, recorded, told.Confirmed(event.confirmation, event.lines))


@VIEW.on(Order.LineCancelled)
def _line_cancelled(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    parts = (LineQuantity(event.number, event.quantity),)
    _keep(page, recorded, told.TakenOut("CANCELLED", event.by, event.reason, parts))


@VIEW.on(Order.Cancelled)
def _cancelled(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _keep(page, recorded, told.TakenOut("CANCELLED", event.by, event.reason, event.lines))


@VIEW.on(Order.Expired)
def _expired(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _keep(page, recorded, told.TakenOut("EXPIRED", None, "", event.lines))


@VIEW.on(Order.ClosedShort)
def _closed_short(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _keep(page, recorded, told.TakenOut("CLOSED_SHORT", Side.SUPPLIER, event.reason, event.lines))


@VIEW.on(Order.Held)
def _held(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _keep(page, recorded, told.Held(event.reasons))


@VIEW.on(Order.Released)
def _released(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _keep(page, recorded, told.Released(event.revision))


@VIEW.on(Shipment.Dispatched)
def _dispatched(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    lines = tuple(told.Carried(line.order, line.line, line.quantity, line.base_quantity) for line in event.lines)
    names = ("number", "ship_to", "zone", "seller_zone", "dispatched_at", "dispatched_on", "expected_on")
    _keep(page, recorded, told.Dispatched(**{name: getattr(event, name) for name in names}, lines=lines))
    for order in {line.order for line in event.lines}:
        page.append(LOADS, order_id=order, shipment_id=event.originator_id)


@VIEW.on(*SAID_BY)
def _said(recorded: RecordedEvent, page: Page) -> None:
    _keep(page, recorded, evidence(recorded.event))
