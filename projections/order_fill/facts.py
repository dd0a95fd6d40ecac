"""What is known of an order line, for judging how it was filled: plain facts, each with when it was known.

Nothing is summed, capped or chosen here: which quantity is the denominator and which document is the evidence
is the customer's policy (definitions.md 1.3), and a policy is applied by domain functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domain.order import HoldReason, OrderLine, ScheduleLine
from domain.shipment import ArrivalEvidence
from domain.values import Side


@dataclass(frozen=True)
class Known:
    """When a fact became known: its place in the orders log, when it was said, recorded, and by whom."""

    position: int
    at: datetime
    recorded_at: datetime
    actor: str


@dataclass(frozen=True)
class Amendment:
    """The line in its new values, by the customer's change ``change``."""

    known: Known
    by: Side
    change: str
    amended_on: date
    line: OrderLine

    @property
    def quantity(self) -> Decimal:
        return self.line.quantity

    @property
    def schedule(self) -> tuple[ScheduleLine, ...]:
        return self.line.schedule


@dataclass(frozen=True)
class PromisedPart:
    quantity: Decimal
    promised_on: date | None
    reason: str | None


@dataclass(frozen=True)
class Confirmation:
    """What one confirmation promises of the line, whole."""

    known: Known
    confirmation: str
    parts: tuple[PromisedPart, ...]


@dataclass(frozen=True)
class Cancellation:
    """A quantity that is no longer to be delivered.

    ``cause``: CANCELLED (by a side), REMOVED (by the customer's change), EXPIRED (``by`` is None) or CLOSED_SHORT.
    """

    known: Known
    cause: str
    by: Side | None
    quantity: Decimal
    reason: str


@dataclass(frozen=True)
class HoldSpan:
    """The order was held by credit from ``since`` until ``until`` (None: still), for these reasons."""

    since: Known
    until: Known | None
    reasons: tuple[HoldReason, ...]


@dataclass(frozen=True)
class Appointment:
    known: Known
    at: datetime
    reference: str
    by: Side


@dataclass(frozen=True)
class Arrival:
    known: Known
    at: datetime
    evidence: ArrivalEvidence
    by: Side


@dataclass(frozen=True)
class Proof:
    """A proof of delivery: what of the line was presented."""

    known: Known
    at: datetime
    delivered_on: date
    document: str
    quantity: Decimal


@dataclass(frozen=True)
class Refusal:
    known: Known
    at: datetime
    document: str
    quantity: Decimal
    reason: str
    fault: Side


@dataclass(frozen=True)
class Advice:
    """What one version of a receiving advice says of the line; None where this version does not name it."""

    known: Known
    document: str
    version: int
    replaces: int | None
    received_on: date
    received: Decimal | None
    accepted: Decimal | None
    condition: str | None


@dataclass(frozen=True)
class Delivery:
    """The line's part of one shipment, with everything said of it on its way; lists are in the log's order.

    ``zone`` is the destination's; ``dispatched_on`` is the date in ``seller_zone``.
    """

    known: Known
    shipment: str
    number: str
    ship_to: str
    zone: str
    seller_zone: str
    dispatched_at: datetime
    dispatched_on: date
    expected_on: date | None
    quantity: Decimal
    base_quantity: Decimal
    appointments: tuple[Appointment, ...] = ()
    arrivals: tuple[Arrival, ...] = ()
    proofs: tuple[Proof, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    advices: tuple[Advice, ...] = ()

    @property
    def first_appointment(self) -> Appointment | None:
        return self.appointments[0] if self.appointments else None

    @property
    def latest_appointment(self) -> Appointment | None:
        return self.appointments[-1] if self.appointments else None


@dataclass(frozen=True)
class LineFacts:
    """An order line as first asked for (``original``, never overwritten) and all that happened to it.

    ``added_by`` is the customer's change that brought the line, None when it was placed with the order.
    """

    order: str
    number: str
    company: str
    partner: str
    purchase_order_number: str
    release: str
    account: str
    currency: str
    ordered_on: date
    cancel_after: date | None
    known: Known
    added_by: str | None
    original: OrderLine
    amendments: tuple[Amendment, ...] = ()
    confirmations: tuple[Confirmation, ...] = ()
    cancellations: tuple[Cancellation, ...] = ()
    holds: tuple[HoldSpan, ...] = ()
    deliveries: tuple[Delivery, ...] = ()

    @property
    def ordered(self) -> Decimal:
        return self.original.quantity

    @property
    def requested_on(self) -> date:
        """The earliest day originally asked for."""
        return min(part.requested_on for part in self.original.schedule)
