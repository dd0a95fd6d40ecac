"""What an order remembers: its lines, what credit said, and which documents it has seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.agreements import ConfirmationMode
from domain.order.line import ConfirmedLine, LineState
from domain.values import LineQuantity


class Credit(StrEnum):
    """What credit has said to the order as it stands (decision 31)."""

    PENDING = "PENDING"
    RELEASED = "RELEASED"
    HELD = "HELD"


class Closure(StrEnum):
    """Why nothing is open any more."""

    DISPATCHED = "DISPATCHED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    CLOSED_SHORT = "CLOSED_SHORT"


class Door(StrEnum):
    """Which way the order came in."""

    REST = "rest"
    EDI = "edi"
    FILE = "file"


class FreightTerms(StrEnum):
    """Who has the goods carried: we (PREPAID) or the customer (COLLECT)."""

    PREPAID = "PREPAID"
    COLLECT = "COLLECT"


class Flow(StrEnum):
    """Which way goods take through the customer's network."""

    DC = "DC"
    CROSS_DOCK = "CROSS_DOCK"
    DSD = "DSD"


@dataclass(frozen=True)
class HoldReason:
    """One reason why credit holds the order; a figure that does not apply is None."""

    code: str
    figure: Decimal | None
    limit: Decimal | None
    excess: Decimal | None
    text: str


@dataclass
class OrderState:
    company: str
    partner: str
    purchase_order_number: str
    release: str
    ordered_on: date
    currency: str
    account: str
    confirmation: ConfirmationMode
    cancel_after: date | None
    content_digest: str
    lines: dict[str, LineState]
    revision: int = 1
    credit: Credit = Credit.PENDING
    hold_reasons: tuple[HoldReason, ...] = ()
    delivery_hold: tuple[HoldReason, ...] = ()
    closed: Closure | None = None
    changes: dict[str, str] = field(default_factory=dict)
    confirmations: dict[str, tuple[ConfirmedLine, ...]] = field(default_factory=dict)
    shipments: dict[str, tuple[LineQuantity, ...]] = field(default_factory=dict)

    def close_if_nothing_is_open(self, closure: Closure) -> None:
        if not any(line.open for line in self.lines.values()):
            self.closed = closure
