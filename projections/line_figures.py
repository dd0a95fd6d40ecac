"""What has become of each line's ordered quantity: the same sums as domain.order keeps, in a small stored form."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from domain.order import ConfirmedLine, Order, OrderLine, Promise
from domain.values import ZERO, Side


class Figures(msgspec.Struct, array_like=True):
    """One line. ``ordered`` and ``requested_on`` are as first asked for; ``wanted_*`` as the line stands."""

    ordered: Decimal
    requested_on: date | None
    quantity: Decimal
    wanted_first: date | None
    wanted_last: date | None
    cancelled_by_customer: Decimal = ZERO
    cancelled_by_supplier: Decimal = ZERO
    expired: Decimal = ZERO
    closed_short: Decimal = ZERO
    dispatched: Decimal = ZERO
    first_confirmed: Promise | None = None
    last_confirmed: Promise | None = None

    def still_open(self) -> bool:
        """Whether something is to be delivered: the identity of domain.order.LineState."""
        gone = self.cancelled_by_customer + self.cancelled_by_supplier + self.expired + self.closed_short
        return self.quantity > gone + self.dispatched


Lines = dict[str, Figures]


def placed(lines: Iterable[OrderLine]) -> Lines:
    return {line.number: _asked(line) for line in lines}


def follow(lines: Lines, event: Any) -> None:
    """Move the figures as the order's event says."""
    match event:
        case Order.AmendedByCustomer():
            _amend(lines, event)
        case Order.Confirmed():
            _confirm(lines, event.lines)
        case Order.LineCancelled():
            _cancel(lines[event.number], event.quantity, event.by)
        case Order.Cancelled():
            for part in event.lines:
                _cancel(lines[part.number], part.quantity, event.by)
        case Order.Expired():
            for part in event.lines:
                lines[part.number].expired += part.quantity
        case Order.ClosedShort():
            for part in event.lines:
                lines[part.number].closed_short += part.quantity
        case Order.GoodsDispatched():
            for part in event.lines:
                lines[part.number].dispatched += part.quantity


def _asked(line: OrderLine) -> Figures:
    if len(line.schedule) == 1:
        first = last = line.schedule[0].requested_on
        return Figures(line.quantity, first, line.quantity, first, last)
    days = [part.requested_on for part in line.schedule]
    earliest = min(days, default=None)
    return Figures(line.quantity, earliest, line.quantity, earliest, max(days, default=None))


def _amend(lines: Lines, event: Any) -> None:
    for line in event.lines:
        now = _asked(line)
        known = lines.setdefault(line.number, now)
        known.quantity, known.wanted_first, known.wanted_last = now.quantity, now.wanted_first, now.wanted_last
    for part in event.removed_open:
        lines[part.number].cancelled_by_customer += part.quantity


def _confirm(lines: Lines, promised: Iterable[ConfirmedLine]) -> None:
    parts: dict[str, list[ConfirmedLine]] = {}
    for part in promised:
        parts.setdefault(part.number, []).append(part)
    for number, said in parts.items():
        line, promise = lines[number], _promise(said)
        line.first_confirmed = line.first_confirmed or promise
        line.last_confirmed = promise


def _promise(parts: list[ConfirmedLine]) -> Promise:
    """The whole of what is promised, and by when the last of it comes."""
    if len(parts) == 1:
        only = parts[0]
        return Promise(only.quantity, only.promised_on if only.quantity > 0 else None)
    days = [part.promised_on for part in parts if part.promised_on is not None and part.quantity > 0]
    return Promise(sum((part.quantity for part in parts), ZERO), max(days, default=None))


def _cancel(line: Figures, quantity: Decimal, by: Side) -> None:
    if by is Side.CUSTOMER:
        line.cancelled_by_customer += quantity
    else:
        line.cancelled_by_supplier += quantity
