"""What a shipment remembers: what it carries, which documents spoke of it, what is to be invoiced."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from domain.agreements import InvoicingTerms
from domain.payment_terms import PaymentTerms
from domain.shipment.lines import DeliveredLine, ReceivedLine, RefusedLine, ShipmentLine, Slot


@dataclass(frozen=True)
class Advice:
    """The version of a receiving advice that counts; without lines it was taken back."""

    version: int
    received_on: date
    lines: tuple[ReceivedLine, ...]


@dataclass(frozen=True)
class BilledLine:
    """How much of a line was given to be invoiced on one document."""

    order: str
    line: str
    quantity: Decimal
    document: str


@dataclass
class ShipmentState:
    company: str
    number: str
    partner: str
    account: str
    currency: str
    ship_to: str
    zone: str
    seller_zone: str
    dispatched_at: datetime
    dispatched_on: date
    expected_on: date | None
    carrier: str | None
    bill_of_lading: str | None
    invoicing: InvoicingTerms
    terms: PaymentTerms | None
    lines: tuple[ShipmentLine, ...]
    appointments: dict[str, Slot] = field(default_factory=dict)
    arrivals: dict[str, datetime] = field(default_factory=dict)
    delivered_on: date | None = None
    deliveries: dict[str, tuple[DeliveredLine, ...]] = field(default_factory=dict)
    refused_in: dict[str, tuple[RefusedLine, ...]] = field(default_factory=dict)
    advices: dict[str, Advice] = field(default_factory=dict)
    billed: tuple[BilledLine, ...] = ()
    timed_out: bool = False

    def advised(self) -> bool:
        """Whether a receiving advice speaks of the shipment."""
        return any(advice.lines for advice in self.advices.values())
