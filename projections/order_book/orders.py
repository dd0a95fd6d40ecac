"""Folds of the order book: what happens to the order itself."""

from __future__ import annotations

from datetime import date
from typing import Any

from domain.order import Closure, Credit, Order, OrderLine
from domain.recorded import RecordedEvent
from projections.line_figures import Figures, follow, placed
from projections.order_book.tables import AGREED, ORDERS, VIEW, WANTED
from projections.order_book.timeline import tell
from projections.view import Needs, Page, Row

_HEADER = (
    "company", "partner", "purchase_order_number", "release", "ordered_on", "account", "currency", "confirmation",
    "cancel_after", "door", "net", "tax", "gross",
)  # fmt: skip

# What closes the order if nothing is open after it.
_CLOSES: dict[type[Any], Closure] = {
    Order.LineCancelled: Closure.CANCELLED,
    Order.Cancelled: Closure.CANCELLED,
    Order.Expired: Closure.EXPIRED,
    Order.ClosedShort: Closure.CLOSED_SHORT,
}


def _the_order(event: Any) -> Needs:
    return {ORDERS: [(event.originator_id,)]}


@VIEW.on(Order.Placed)
def _placed(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    order = page.put(
        ORDERS,
        order_id=event.originator_id,
        placed_at=event.timestamp,
        actor=recorded.actor,
        open_gross=event.gross,
        revision=1,
        credit=Credit.PENDING,
        hold_reasons=(),
        figures=placed(event.lines),
        **{name: getattr(event, name) for name in _HEADER},
    )
    _count(order)
    _agree(page, recorded, change=None, day=event.ordered_on, lines=event.lines, removed=())
    tell(page, recorded)


@VIEW.on(Order.AmendedByCustomer, needs=_the_order)
def _amended(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    order = page.row(ORDERS, event.originator_id)
    follow(order["figures"], event)
    order.update(revision=event.revision, credit=Credit.PENDING, hold_reasons=(), open_gross=event.gross)
    _count(order)
    _close(order, Closure.DISPATCHED if order["dispatched_lines"] else Closure.CANCELLED)
    _agree(page, recorded, change=event.change, day=event.amended_on, lines=event.lines, removed=event.removed)
    tell(page, recorded)


@VIEW.on(Order.Released, needs=_the_order)
def _released(recorded: RecordedEvent, page: Page) -> None:
    page.row(ORDERS, recorded.stream).update(credit=Credit.RELEASED, hold_reasons=())
    tell(page, recorded)


@VIEW.on(Order.Held, needs=_the_order)
def _held(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(ORDERS, event.originator_id).update(credit=Credit.HELD, hold_reasons=event.reasons)
    tell(page, recorded)


@VIEW.on(Order.DeliveryHeld, Order.DeliveryFreed)
def _delivery_held_or_freed(recorded: RecordedEvent, page: Page) -> None:
    tell(page, recorded)


@VIEW.on(Order.Confirmed, needs=_the_order)
def _confirmed(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    order = page.row(ORDERS, event.originator_id)
    follow(order["figures"], event)
    _count(order)
    tell(page, recorded)


@VIEW.on(Order.LineCancelled, Order.Cancelled, Order.Expired, Order.ClosedShort, needs=_the_order)
def _taken_out(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    order = page.row(ORDERS, event.originator_id)
    follow(order["figures"], event)
    order["open_gross"] = event.open_gross
    _count(order)
    _close(order, _CLOSES[type(event)])
    tell(page, recorded)


@VIEW.on(Order.GoodsDispatched, needs=_the_order)
def _goods_dispatched(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    order = page.row(ORDERS, event.originator_id)
    follow(order["figures"], event)
    order["open_gross"] = event.open_gross
    _count(order)
    _close(order, order["closed"] or Closure.DISPATCHED)
    tell(page, recorded)


def _close(order: Row, closure: str) -> None:
    if order["open_lines"] == 0:
        order["closed"] = closure


def _count(order: Row) -> None:
    """Lines by where they stand, and the span of days on which they are wanted now."""
    lines: list[Figures] = list(order["figures"].values())
    order["lines"] = len(lines)
    order["open_lines"] = sum(line.still_open() for line in lines)
    order["confirmed_lines"] = sum(line.first_confirmed is not None for line in lines)
    order["dispatched_lines"] = sum(line.dispatched > 0 for line in lines)
    order["requested_first"] = min((d for line in lines if (d := line.wanted_first) is not None), default=None)
    order["requested_last"] = max((d for line in lines if (d := line.wanted_last) is not None), default=None)


def _agree(
    page: Page,
    recorded: RecordedEvent,
    *,
    change: str | None,
    day: date,
    lines: tuple[OrderLine, ...],
    removed: tuple[str, ...],
) -> None:
    """Keep the lines as agreed, and where to search for them."""
    stream = recorded.stream
    page.append(
        AGREED, order_id=stream, position=recorded.position, change=change, agreed_on=day, lines=lines, removed=removed
    )
    for item, ship_to in {(line.item, part.ship_to) for line in lines for part in line.schedule}:
        page.append(WANTED, item=item, ship_to=ship_to, order_id=stream)
