"""One order line: what the customer asked for, and where each ordered unit of it has gone since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from domain.tax import NOTHING, Amounts, line_amounts
from domain.values import ZERO, LineQuantity, Side


@dataclass(frozen=True)
class ScheduleLine:
    """How much is wanted where and when; one order line has one or more (decision 34).

    ``zone`` and ``banner`` are the place's when the order came: what a day means there, whose store it is.
    """

    ship_to: str
    requested_on: date
    quantity: Decimal
    zone: str | None = None
    banner: str | None = None


@dataclass(frozen=True)
class OrderLine:
    """A line as agreed: the customer's wish, our item, its price, and what it comes to.

    ``unit_price``, and ``customer_price`` where the customer stated one, are for ``price_per`` of ``unit``.
    ``case_size`` is the item's case in base units, None where it has none; ``category`` the item's when the order came.
    """

    number: str
    item: str
    customer_item: str | None
    quantity: Decimal
    unit: str
    base_quantity: Decimal
    unit_price: Decimal
    price_per: Decimal
    customer_price: Decimal | None
    net: Decimal
    tax_rate: Decimal
    tax: Decimal
    gross: Decimal
    schedule: tuple[ScheduleLine, ...]
    case_size: Decimal | None = None
    category: str | None = None

    def amounts(self, quantity: Decimal, currency: str) -> Amounts:
        """What ``quantity`` of this line comes to; the whole line is what was stored, not computed again."""
        if quantity == self.quantity:
            return Amounts(self.net, self.tax, self.gross)
        return line_amounts(quantity, self.unit_price, self.price_per, self.tax_rate, currency)

    def base_of(self, quantity: Decimal) -> Decimal:
        """``quantity`` of the ordered unit in base units."""
        if quantity == self.quantity:
            return self.base_quantity
        return (self.base_quantity / self.quantity) * quantity


@dataclass(frozen=True)
class Promise:
    """What one confirmation promised of a line, and by when the last of it comes."""

    quantity: Decimal
    promised_on: date | None


@dataclass(frozen=True)
class ConfirmedLine:
    """What the supplier promises; a line promised in parts has several."""

    number: str
    quantity: Decimal
    promised_on: date | None
    reason: str | None = None


@dataclass(frozen=True)
class LineState:
    """Where a line stands: quantity + over = open + cancelled + expired + dispatched + closed short, always.

    ``ordered`` and ``requested_on`` are as first placed, never overwritten: the customer measures from them.
    ``line`` is the line as last amended; its quantity counts what has since been cancelled or dispatched.
    """

    line: OrderLine
    ordered: Decimal
    requested_on: date | None
    cancelled_by_customer: Decimal = ZERO
    cancelled_by_supplier: Decimal = ZERO
    expired: Decimal = ZERO
    dispatched: Decimal = ZERO
    closed_short: Decimal = ZERO
    first_confirmed: Promise | None = None
    last_confirmed: Promise | None = None

    @classmethod
    def placed(cls, line: OrderLine) -> LineState:
        days = [part.requested_on for part in line.schedule]
        return cls(line, line.quantity, min(days) if days else None)

    @property
    def quantity(self) -> Decimal:
        """What the customer orders now, whatever has become of it."""
        return self.line.quantity

    @property
    def cancelled(self) -> Decimal:
        return self.cancelled_by_customer + self.cancelled_by_supplier

    @property
    def gone(self) -> Decimal:
        """What is no longer to be delivered, because it was cancelled, has expired or was closed short."""
        return self.cancelled + self.expired + self.closed_short

    @property
    def open(self) -> Decimal:
        """What is still to be delivered."""
        return max(self.quantity - self.gone - self.dispatched, ZERO)

    @property
    def over(self) -> Decimal:
        """What was dispatched beyond what was to be delivered."""
        return max(self.dispatched + self.gone - self.quantity, ZERO)

    def with_cancelled(self, quantity: Decimal, by: Side) -> LineState:
        if by is Side.CUSTOMER:
            return replace(self, cancelled_by_customer=self.cancelled_by_customer + quantity)
        return replace(self, cancelled_by_supplier=self.cancelled_by_supplier + quantity)

    def with_expired(self, quantity: Decimal) -> LineState:
        return replace(self, expired=self.expired + quantity)

    def with_dispatched(self, quantity: Decimal) -> LineState:
        return replace(self, dispatched=self.dispatched + quantity)

    def with_closed_short(self, quantity: Decimal) -> LineState:
        return replace(self, closed_short=self.closed_short + quantity)

    def with_amendment(self, line: OrderLine) -> LineState:
        return replace(self, line=line)

    def with_promise(self, parts: Iterable[ConfirmedLine]) -> LineState:
        known = list(parts)
        days = [part.promised_on for part in known if part.promised_on is not None and part.quantity > 0]
        promise = Promise(sum((part.quantity for part in known), ZERO), max(days, default=None))
        return replace(self, first_confirmed=self.first_confirmed or promise, last_confirmed=promise)

    def open_amounts(self, currency: str) -> Amounts:
        """What the part still to be delivered comes to."""
        return self.line.amounts(self.open, currency) if self.open else NOTHING


def open_amounts(lines: Iterable[LineState], currency: str) -> Amounts:
    """What is still to be delivered of all ``lines``, each line rounded once."""
    return sum((line.open_amounts(currency) for line in lines), NOTHING)


def amended(
    lines: Mapping[str, LineState], changed: Iterable[OrderLine], removed_open: Iterable[LineQuantity]
) -> dict[str, LineState]:
    """The lines after the customer's change: amended or added ones as they are now, removed cancelled."""
    after = dict(lines)
    for line in changed:
        after[line.number] = (
            after[line.number].with_amendment(line) if line.number in after else LineState.placed(line)
        )
    for part in removed_open:
        after[part.number] = after[part.number].with_cancelled(part.quantity, Side.CUSTOMER)
    return after
