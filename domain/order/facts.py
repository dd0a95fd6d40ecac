"""The facts of an order; each only remembers, and runs again on every replay."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from domain.aggregate import Aggregate
from domain.agreements import ConfirmationMode
from domain.order.line import ConfirmedLine, LineState, OrderLine, amended
from domain.order.state import Closure, Credit, Door, Flow, FreightTerms, HoldReason, OrderState
from domain.values import LineQuantity, Side


class Placed(Aggregate.Created):
    TYPE = "order.placed/1"
    company: str
    partner: str
    purchase_order_number: str
    release: str
    ordered_on: date
    currency: str
    account: str
    confirmation: ConfirmationMode
    cancel_after: date | None
    door: Door
    content_digest: str
    lines: tuple[OrderLine, ...]
    net: Decimal
    tax: Decimal
    gross: Decimal
    freight_terms: FreightTerms | None = None
    flow: Flow | None = None

    def apply(self, order: Aggregate[OrderState]) -> None:
        order.state = OrderState(
            company=self.company,
            partner=self.partner,
            purchase_order_number=self.purchase_order_number,
            release=self.release,
            ordered_on=self.ordered_on,
            currency=self.currency,
            account=self.account,
            confirmation=self.confirmation,
            cancel_after=self.cancel_after,
            content_digest=self.content_digest,
            lines={line.number: LineState.placed(line) for line in self.lines},
        )


class AmendedByCustomer(Aggregate.Event):
    """``net``, ``tax`` and ``gross`` are of what is still to be delivered after the change."""

    TYPE = "order.amended_by_customer/1"
    account: str
    change: str
    lines: tuple[OrderLine, ...]
    removed: tuple[str, ...]
    removed_open: tuple[LineQuantity, ...]  # what each removed line still had open
    amended_on: date
    revision: int
    content_digest: str
    net: Decimal
    tax: Decimal
    gross: Decimal
    said_at: datetime | None = None  # when the customer said so, where that is known

    def apply(self, order: Aggregate[OrderState]) -> None:
        state = order.state
        state.lines = amended(state.lines, self.lines, self.removed_open)
        state.revision = self.revision
        state.credit = Credit.PENDING
        state.hold_reasons = ()
        state.changes[self.change] = self.content_digest
        gone = any(line.dispatched for line in state.lines.values())
        state.close_if_nothing_is_open(Closure.DISPATCHED if gone else Closure.CANCELLED)


class Released(Aggregate.Event):
    TYPE = "order.released/1"
    revision: int
    reservation: str
    confirmation: ConfirmationMode = ConfirmationMode.MANUAL  # as the order was placed: who confirms it now

    def apply(self, order: Aggregate[OrderState]) -> None:
        order.state.credit = Credit.RELEASED
        order.state.hold_reasons = ()


class Held(Aggregate.Event):
    TYPE = "order.held/1"
    revision: int
    reasons: tuple[HoldReason, ...]

    def apply(self, order: Aggregate[OrderState]) -> None:
        order.state.credit = Credit.HELD
        order.state.hold_reasons = self.reasons


class DeliveryHeld(Aggregate.Event):
    """Credit checked before the goods leave and they wait; the order stays released."""

    TYPE = "order.delivery_held/1"
    reasons: tuple[HoldReason, ...]

    def apply(self, order: Aggregate[OrderState]) -> None:
        order.state.delivery_hold = self.reasons


class DeliveryFreed(Aggregate.Event):
    TYPE = "order.delivery_freed/1"
    decision: str

    def apply(self, order: Aggregate[OrderState]) -> None:
        order.state.delivery_hold = ()


class Confirmed(Aggregate.Event):
    TYPE = "order.confirmed/1"
    confirmation: str
    lines: tuple[ConfirmedLine, ...]

    def apply(self, order: Aggregate[OrderState]) -> None:
        order.state.confirmations[self.confirmation] = self.lines
        for number in dict.fromkeys(part.number for part in self.lines):
            parts = [part for part in self.lines if part.number == number]
            order.state.lines[number] = order.state.lines[number].with_promise(parts)


class LineCancelled(Aggregate.Event):
    """``open_gross`` of this and the following facts: what is still to be delivered of the order after it."""

    TYPE = "order.line_cancelled/1"
    account: str
    number: str
    quantity: Decimal
    by: Side
    reason: str
    open_gross: Decimal
    said_at: datetime | None = None

    def apply(self, order: Aggregate[OrderState]) -> None:
        lines = order.state.lines
        lines[self.number] = lines[self.number].with_cancelled(self.quantity, self.by)
        order.state.close_if_nothing_is_open(Closure.CANCELLED)


class Cancelled(Aggregate.Event):
    TYPE = "order.cancelled/1"
    account: str
    by: Side
    reason: str
    lines: tuple[LineQuantity, ...]
    open_gross: Decimal
    said_at: datetime | None = None

    def apply(self, order: Aggregate[OrderState]) -> None:
        for part in self.lines:
            order.state.lines[part.number] = order.state.lines[part.number].with_cancelled(
                part.quantity, self.by
            )
        order.state.close_if_nothing_is_open(Closure.CANCELLED)


class Expired(Aggregate.Event):
    """The customer's cancel-after date has passed; neither side cancelled."""

    TYPE = "order.expired/1"
    account: str
    day: date
    lines: tuple[LineQuantity, ...]
    open_gross: Decimal

    def apply(self, order: Aggregate[OrderState]) -> None:
        for part in self.lines:
            order.state.lines[part.number] = order.state.lines[part.number].with_expired(part.quantity)
        order.state.close_if_nothing_is_open(Closure.EXPIRED)


class GoodsDispatched(Aggregate.Event):
    TYPE = "order.goods_dispatched/1"
    shipment: str
    lines: tuple[LineQuantity, ...]
    open_gross: Decimal

    def apply(self, order: Aggregate[OrderState]) -> None:
        order.state.shipments[self.shipment] = self.lines
        for part in self.lines:
            order.state.lines[part.number] = order.state.lines[part.number].with_dispatched(part.quantity)
        order.state.close_if_nothing_is_open(order.state.closed or Closure.DISPATCHED)


class ClosedShort(Aggregate.Event):
    TYPE = "order.closed_short/1"
    account: str
    reason: str
    lines: tuple[LineQuantity, ...]
    open_gross: Decimal

    def apply(self, order: Aggregate[OrderState]) -> None:
        for part in self.lines:
            order.state.lines[part.number] = order.state.lines[part.number].with_closed_short(part.quantity)
        order.state.close_if_nothing_is_open(Closure.CLOSED_SHORT)
