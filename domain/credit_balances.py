"""What a credit account remembers, and how each movement shifts it from stage to stage.

Only what is still open is kept: an order leaves when nothing of it is reserved or asked for, a shipment when
its invoice and its goods have both been heard of.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from domain.credit import (
    BaseLimit,
    CreditReason,
    LimitInForce,
    StageAmounts,
    TemporaryIncrease,
    judge_request,
    limit_on,
)
from domain.values import ZERO


@dataclass(frozen=True)
class Commitment:
    """What is reserved for an order's undelivered part; ``shipments`` makes a repeated delivery silent."""

    revision: int
    amount: Decimal
    shipments: tuple[str, ...] = ()


@dataclass(frozen=True)
class HeldRequest:
    """A request that did not fit: ``amount`` is the order's whole open value, ``turn`` its place in the queue."""

    revision: int
    amount: Decimal
    turn: int
    asked_on: date


@dataclass(frozen=True)
class Unbilled:
    """A shipment's value awaiting its invoice; below zero when the invoice was heard of before the goods."""

    value: Decimal = ZERO
    orders: tuple[str, ...] = ()


@dataclass
class CreditAccountState:
    account: str
    currency: str
    zone: str
    strict_fifo: bool = False
    totals: StageAmounts = field(default_factory=StageAmounts)
    limits: tuple[BaseLimit, ...] = ()
    increases: tuple[TemporaryIncrease, ...] = ()
    orders: dict[str, Commitment] = field(default_factory=dict)
    held: dict[str, HeldRequest] = field(default_factory=dict)
    unbilled: dict[str, Unbilled] = field(default_factory=dict)
    next_turn: int = 1

    # What is known

    def committed(self, order: str) -> Decimal:
        return self.orders[order].amount if order in self.orders else ZERO

    def revision_of(self, order: str) -> int | None:
        """The latest revision that was decided on, whether reserved or held."""
        known = [kept.revision for kept in (self.orders.get(order), self.held.get(order)) if kept is not None]
        return max(known, default=None)

    def limit(self, day: date) -> LimitInForce:
        return limit_on(day, self.limits, self.increases)

    def judged(self, order: str, amount: Decimal, day: date) -> tuple[CreditReason, ...]:
        """What fails if ``order`` takes ``amount`` in all; its own reservation already counts."""
        return judge_request(amount - self.committed(order), self.totals.exposure(), self.limit(day))

    def has_heard_of(self, order: str, shipment: str) -> bool:
        unbilled, commitment = self.unbilled.get(shipment), self.orders.get(order)
        return bool(unbilled and order in unbilled.orders) or bool(
            commitment and shipment in commitment.shipments
        )

    # How amounts move: conservation says that what leaves one stage enters the next

    def move_of_delivery(self, order: str, shipment: str, amount: Decimal, fulfils: Decimal) -> StageAmounts:
        """Open orders never fall below zero; more goods than were open raise what is delivered."""
        value = self.unbilled.get(shipment, Unbilled()).value
        awaiting = max(value + amount, ZERO) - max(value, ZERO)
        return StageAmounts(open_orders=-min(fulfils, self.committed(order)), delivered=awaiting)

    def move_of_invoice(self, gross: Decimal, shipment: str | None, delivered: Decimal) -> StageAmounts:
        value = self.unbilled.get(shipment, Unbilled()).value if shipment else ZERO
        leaving = max(value, ZERO) - max(value - delivered, ZERO)
        return StageAmounts(delivered=-leaving, receivable=gross)

    def awaiting_invoice(self, shipment: str | None) -> Decimal:
        return max(self.unbilled.get(shipment, Unbilled()).value, ZERO) if shipment else ZERO

    # Remembering, for the facts

    def commit(self, order: str, revision: int, amount: Decimal) -> None:
        self.held.pop(order, None)
        shipments = self.orders[order].shipments if order in self.orders else ()
        self._keep_order(order, Commitment(revision, amount, shipments))

    def hold(self, order: str, revision: int, amount: Decimal, on: date) -> None:
        """A request asked for again keeps its place in the queue."""
        earlier = self.held.get(order)
        turn, asked_on = (earlier.turn, earlier.asked_on) if earlier else (self.next_turn, on)
        self.held[order] = HeldRequest(revision, amount, turn, asked_on)
        self.next_turn = max(self.next_turn, turn + 1)

    def lower(self, order: str, amount: Decimal) -> None:
        if order in self.orders:
            kept = self.orders[order]
            self._keep_order(order, replace(kept, amount=min(kept.amount, amount)))
        if order in self.held:
            held = self.held[order]
            self._keep_held(order, replace(held, amount=min(held.amount, amount)))

    def deliver(self, order: str, shipment: str, amount: Decimal, fulfils: Decimal) -> None:
        if order in self.orders:
            kept = self.orders[order]
            left = max(kept.amount - fulfils, ZERO)
            self._keep_order(order, Commitment(kept.revision, left, (*kept.shipments, shipment)))
        if order in self.held:
            held = self.held[order]
            self._keep_held(order, replace(held, amount=max(held.amount - fulfils, ZERO)))
        awaiting = self.unbilled.get(shipment, Unbilled())
        self._keep_unbilled(shipment, Unbilled(awaiting.value + amount, (*awaiting.orders, order)))

    def bill(self, shipment: str | None, delivered: Decimal) -> None:
        if shipment is not None:
            awaiting = self.unbilled.get(shipment, Unbilled())
            self._keep_unbilled(shipment, replace(awaiting, value=awaiting.value - delivered))

    def _keep_order(self, order: str, commitment: Commitment) -> None:
        if commitment.amount > 0:
            self.orders[order] = commitment
        else:
            self.orders.pop(order, None)

    def _keep_held(self, order: str, request: HeldRequest) -> None:
        if request.amount > 0:
            self.held[order] = request
        else:
            self.held.pop(order, None)

    def _keep_unbilled(self, shipment: str, unbilled: Unbilled) -> None:
        if unbilled.value != 0:
            self.unbilled[shipment] = unbilled
        else:
            self.unbilled.pop(shipment, None)
