"""What is known of an order line, for judging how it was filled: plain facts, each with when it was known.

Nothing is summed, capped or chosen here: which quantity is the denominator and which document is the evidence is the
customer's policy (definitions 1.3). Quantities are in the ordered unit unless a name says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domain.order import HoldReason, OrderLine, ScheduleLine
from domain.shipment import ArrivalEvidence
from domain.values import Side


@dataclass(frozen=True, slots=True)
class Known:
    """When a fact became known: its place in the orders log, when it was said, recorded, and by whom."""

    position: int
    at: datetime
    recorded_at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class Amendment:
    """The line in its new values, by the customer's change ``change``; ``quantity`` 0: the line was removed.

    ``at`` is when the customer said so, where that is known, else when we heard of it.
    """

    known: Known
    by: Side
    change: str
    at: datetime
    quantity: Decimal
    line: OrderLine

    @property
    def schedule(self) -> tuple[ScheduleLine, ...]:
        return self.line.schedule


@dataclass(frozen=True, slots=True)
class PromisedPart:
    quantity: Decimal
    promised_on: date | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What one confirmation promises of the line, whole."""

    known: Known
    confirmation: str
    parts: tuple[PromisedPart, ...]


@dataclass(frozen=True, slots=True)
class Cancellation:
    """A quantity that is no longer to be delivered.

    ``cause``: CANCELLED (by a side), EXPIRED (``by`` is None) or CLOSED_SHORT.
    """

    known: Known
    cause: str
    by: Side | None
    at: datetime
    quantity: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class HoldSpan:
    """The order was held by credit from ``since`` until ``until`` (None: still), for these reasons."""

    since: Known
    until: Known | None
    reasons: tuple[HoldReason, ...]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A reason why the line should not count, and which side granted it; withdrawn ones are left out."""

    known: Known
    code: str
    granted_by: Side
    reference: str


@dataclass(frozen=True, slots=True)
class CauseFound:
    """A person's finding why the line was missed and whose fault it was; overrides the rule (X14)."""

    known: Known
    cause: str
    fault: str
    department: str
    reason: str


@dataclass(frozen=True, slots=True)
class Appointment:
    """A slot at the dock; ``slot_from`` and ``slot_to`` are local times of the place, None for the moment ``at`` alone."""

    known: Known
    at: datetime
    reference: str
    by: Side
    slot_from: datetime | None = None
    slot_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """What one record says of the arrival."""

    known: Known
    at: datetime
    evidence: ArrivalEvidence
    by: Side


@dataclass(frozen=True, slots=True)
class Substitute:
    """Another item delivered in place of the one ordered; ``base_quantity`` in eaches."""

    item: str
    quantity: Decimal
    base_quantity: Decimal
    approved: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof of delivery: what of the line was presented."""

    known: Known
    at: datetime
    delivered_on: date
    document: str
    quantity: Decimal
    substitutes: tuple[Substitute, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    known: Known
    at: datetime
    document: str
    quantity: Decimal
    reason: str
    fault: Side


@dataclass(frozen=True, slots=True)
class Advice:
    """What the newest version of a receiving advice says of the line; None where it does not name it.

    ``at`` is when it was posted; where only the day is known, a moment of that day at the place. ``of_item``: the advice
    names only the item; the quantities are shared with the order's other lines of it.
    """

    known: Known
    document: str
    version: int
    at: datetime
    received: Decimal | None
    accepted: Decimal | None
    condition: str | None
    of_item: bool = False
    substitutes: tuple[Substitute, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """The line's part of one delivery, with everything said of it; lists are in the log's order.

    ``quantity`` None: the customer's papers speak of it, our ship notice does not (yet).
    """

    known: Known
    shipment: str
    number: str
    ship_to: str | None
    zone: str | None
    dispatched_at: datetime | None
    expected_on: date | None
    quantity: Decimal | None
    base_quantity: Decimal | None
    carrier: str | None = None
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


@dataclass(frozen=True, slots=True)
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
    freight_terms: str | None = None
    flow: str | None = None
    amendments: tuple[Amendment, ...] = ()
    confirmations: tuple[Confirmation, ...] = ()
    cancellations: tuple[Cancellation, ...] = ()
    holds: tuple[HoldSpan, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    causes: tuple[CauseFound, ...] = ()
    deliveries: tuple[Delivery, ...] = ()

    @property
    def ordered(self) -> Decimal:
        return self.original.quantity

    @property
    def requested_on(self) -> date:
        """The earliest day originally asked for."""
        return min(part.requested_on for part in self.original.schedule)
