"""Changing an order: amend, confirm, cancel, close; release and hold as credit decides; expiry."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from pydantic import Field

from domain.order import ConfirmedLine, HoldReason, Order
from domain.trading_partner import TradingPartner
from domain.values import Side
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Code, Day, Moment, Part, Quantity, QuantityOrZero, Stream, Text
from services.orders.order_lines import Ordering, order_lines
from services.orders.ordering.shared import LINES_PER_ORDER, OrderedLines, order_answer, order_stream


class AmendOrder(Command):
    """The customer's change: lines whole in their new values, lines taken out by number."""

    NAME: ClassVar[str] = "order.amend"
    order: Stream
    change: Code
    amended_on: Day
    said_at: Moment | None = Field(None, description="When the customer said so; left out: now.")
    ship_to: Code | None = None
    requested_on: Day | None = None
    lines: OrderedLines = ()
    removed: tuple[Code, ...] = Field((), max_length=LINES_PER_ORDER)

    def streams(self) -> tuple[str, ...]:
        return (order_stream(self.order),)


class PromisedLine(Part):
    """What we promise of a line and by when; a quantity of 0 says that nothing comes."""

    number: Code
    quantity: QuantityOrZero
    promised_on: Day | None = None
    reason: Text | None = None


class ConfirmOrder(Command):
    """Our confirmation, whole lines at a time; without lines everything is promised as ordered."""

    NAME: ClassVar[str] = "order.confirm"
    order: Stream
    confirmation: Code
    lines: tuple[PromisedLine, ...] | None = None

    def streams(self) -> tuple[str, ...]:
        return (order_stream(self.order),)


class CancelLine(Command):
    """Take a quantity of what is still open out of a line."""

    NAME: ClassVar[str] = "order.cancel_line"
    order: Stream
    line: Code
    quantity: Quantity
    by: Side
    reason: Text
    said_at: Moment | None = None

    def streams(self) -> tuple[str, ...]:
        return (order_stream(self.order),)


class CancelOrder(Command):
    """Take everything still open out of the order."""

    NAME: ClassVar[str] = "order.cancel"
    order: Stream
    by: Side
    reason: Text
    said_at: Moment | None = None

    def streams(self) -> tuple[str, ...]:
        return (order_stream(self.order),)


class CloseShort(Command):
    """We will not deliver what is still open."""

    NAME: ClassVar[str] = "order.close_short"
    order: Stream
    reason: Text

    def streams(self) -> tuple[str, ...]:
        return (order_stream(self.order),)


class ReleaseOrder(Command):
    """Credit has reserved for this revision of the order."""

    NAME: ClassVar[str] = "order.release"
    order: Stream
    revision: int
    reservation: str

    def streams(self) -> tuple[str, ...]:
        return (self.order,)


class HoldOrder(Command):
    """Credit has refused this revision of the order, for all these reasons."""

    NAME: ClassVar[str] = "order.hold"
    order: Stream
    revision: int
    reasons: tuple[HoldReason, ...]

    def streams(self) -> tuple[str, ...]:
        return (self.order,)


class HoldDelivery(Command):
    """Credit lets the order's goods not go, for all these reasons."""

    NAME: ClassVar[str] = "order.hold_delivery"
    order: Stream
    reasons: tuple[HoldReason, ...]


class FreeDelivery(Command):
    """Credit lets the order's goods go again."""

    NAME: ClassVar[str] = "order.free_delivery"
    order: Stream
    decision: str


class ConfirmAsOrdered(Command):
    """Promise what was asked for, when it was asked for (confirmation agreed as AUTO)."""

    NAME: ClassVar[str] = "order.confirm_as_ordered"
    order: Stream
    confirmation: str

    def streams(self) -> tuple[str, ...]:
        return (self.order,)


class ExpireOrder(Command):
    """A day has begun after the customer's cancel-after date."""

    NAME: ClassVar[str] = "order.expire"
    order: Stream
    day: date

    def streams(self) -> tuple[str, ...]:
        return (self.order,)


def amend_order(work: Work, command: AmendOrder) -> Answer:
    order = work.get(Order, order_stream(command.order))
    state = order.state
    partner = work.get(TradingPartner, TradingPartner.stream(state.partner))
    ordering = Ordering(
        state.purchase_order_number, partner, state.currency, state.ordered_on, command.ship_to, command.requested_on
    )
    lines = order_lines(work, ordering, command.lines)
    order.amend_by_customer(command.change, lines, command.removed, amended_on=command.amended_on, said_at=command.said_at)
    return order_answer(order)


def confirm_order(work: Work, command: ConfirmOrder) -> Answer:
    order = work.get(Order, order_stream(command.order))
    if command.lines is None:
        order.confirm_as_ordered(command.confirmation)
    else:
        lines = [ConfirmedLine(p.number, p.quantity, p.promised_on, p.reason) for p in command.lines]
        order.confirm(command.confirmation, lines)
    return order_answer(order)


def cancel_line(work: Work, command: CancelLine) -> Answer:
    order = work.get(Order, order_stream(command.order))
    order.cancel_line(
        command.line, command.quantity, by=command.by, reason=command.reason, said_at=command.said_at
    )
    return order_answer(order)


def cancel_order(work: Work, command: CancelOrder) -> Answer:
    order = work.get(Order, order_stream(command.order))
    order.cancel(by=command.by, reason=command.reason, said_at=command.said_at)
    return order_answer(order)


def close_short(work: Work, command: CloseShort) -> Answer:
    order = work.get(Order, order_stream(command.order))
    order.close_short(command.reason)
    return order_answer(order)


def release_order(work: Work, command: ReleaseOrder) -> Answer:
    order = work.get(Order, command.order)
    order.release(command.revision, command.reservation)
    return order_answer(order)


def hold_order(work: Work, command: HoldOrder) -> Answer:
    order = work.get(Order, command.order)
    order.hold(command.revision, command.reasons)
    return order_answer(order)


def hold_delivery(work: Work, command: HoldDelivery) -> Answer:
    order = work.get(Order, command.order)
    order.hold_delivery(command.reasons)
    return order_answer(order)


def free_delivery(work: Work, command: FreeDelivery) -> Answer:
    order = work.get(Order, command.order)
    order.free_delivery(command.decision)
    return order_answer(order)


def confirm_as_ordered(work: Work, command: ConfirmAsOrdered) -> Answer:
    order = work.get(Order, command.order)
    order.confirm_as_ordered(command.confirmation)
    return order_answer(order)


def expire_order(work: Work, command: ExpireOrder) -> Answer:
    order = work.get(Order, command.order)
    order.expire(command.day)
    return order_answer(order)
