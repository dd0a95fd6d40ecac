"""A customer-year of orders made of TPC-H line items, with shipments and receipts, as the view of order fill reads it.

Ten line items after one another make an order; the orders are wanted on the days of a year, evenly. What of a line leaves
is cut and split by the fixed rule of ``tpch``. Each order leaves in waves: what TPC-H received by its commit date comes by
the day wanted, what it received later as many days late as the least late of them, the second part of a line a week after.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from deploy.bench import tpch
from deploy.bench.master import COMPANY
from domain.fill_rate.form import policy_from, policy_json
from domain.order import ConfirmedLine, Order, OrderLine, ScheduleLine
from domain.recorded import RecordedEvent
from domain.shipment import ArrivalEvidence, ReceivedLine, Shipment, ShipmentLine
from domain.trading_partner import TradingPartner
from domain.values import Side

LINES = 10
YEAR, YEAR_DAYS = date(2025, 1, 1), 365
ZONE = "Europe/Berlin"
PACK = Decimal(12)
POLICY = {"metric": "OTIF", "onTime": {"earliestDays": -1, "latestDays": 0}}
OTHER_POLICY = {"metric": "OTIF", "onTime": {"earliestDays": -1, "latestDays": 1}}
LATEST = timedelta(days=9)

Part = tuple[str, Decimal]  # line, quantity


@dataclass(frozen=True)
class Filled:
    """One order: its lines as asked for and as TPC-H fared with them."""

    partner: str
    number: int
    wanted: date
    items: Sequence[tpch.Line]

    @property
    def stream(self) -> str:
        return Order.stream(COMPANY, self.partner, f"PO-{self.number}")

    def lines(self) -> tuple[OrderLine, ...]:
        return tuple(self._line(str(n), one) for n, one in enumerate(self.items, 1))

    def _line(self, number: str, one: tpch.Line) -> OrderLine:
        price = Decimal(250 + 7 * int(one.item.rpartition("-")[2])) / 100
        amount = one.quantity * price
        return OrderLine(
            number=number, item=one.item, customer_item=None, quantity=one.quantity, unit="CS",
            base_quantity=one.quantity * PACK, unit_price=price, price_per=Decimal(1), customer_price=None, net=amount,
            tax_rate=Decimal(0), tax=Decimal(0), gross=amount,
            schedule=(ScheduleLine("dc-1", self.wanted, one.quantity, ZONE),), case_size=PACK,
        )  # fmt: skip

    def arrivals(self) -> dict[date, list[Part]]:
        """What comes on which day."""
        found: dict[date, list[Part]] = defaultdict(list)
        late = [one.received - one.committed for one in self.items if one.received > one.committed]
        delay = min([*late, LATEST])
        for number, one in enumerate(self.items, 1):
            day = self.wanted + delay if one.received > one.committed else self.wanted
            for part, (_, _, quantity) in enumerate(one.departures()):
                found[day + part * tpch.SECOND_SHIPMENT].append((str(number), quantity))
        return found

    def received(self) -> list[Decimal]:
        """By line, all that came."""
        return [sum((quantity for _, _, quantity in one.departures()), Decimal(0)) for one in self.items]

    def events(self) -> Iterator[Any]:
        placed = datetime.combine(self.wanted - timedelta(days=14), time(8), UTC)
        lines = self.lines()
        yield _event(
            Order.Placed, self.stream, placed, company=COMPANY, partner=self.partner, purchase_order_number=f"PO-{self.number}",
            release="-", account=self.partner, currency="EUR", ordered_on=placed.date(), cancel_after=None, freight_terms=None,
            flow=None, lines=lines,
        )  # fmt: skip
        promised = tuple(ConfirmedLine(line.number, line.quantity, self.wanted) for line in lines)
        yield _event(Order.Confirmed, self.stream, placed + timedelta(hours=1), confirmation="C-1", lines=promised)
        for wave, (day, parts) in enumerate(sorted(self.arrivals().items()), 1):
            yield from self._shipment(f"{self.partner}-{self.number}-{wave}", day, parts)

    def _shipment(self, number: str, day: date, parts: Sequence[Part]) -> Iterator[Any]:
        stream = Shipment.stream(COMPANY, number)
        left = datetime.combine(day - timedelta(days=1), time(8), UTC)
        gate, posted = left + timedelta(hours=25), left + timedelta(hours=27)
        yield _event(
            Shipment.Dispatched, stream, left, number=number, ship_to="dc-1", zone=ZONE, dispatched_at=left, expected_on=day,
            carrier=None, lines=tuple(_carried(self.stream, line, quantity) for line, quantity in parts),
        )  # fmt: skip
        yield _event(Shipment.Arrived, stream, gate, at=gate, evidence=ArrivalEvidence.GATE_ARRIVAL, by=Side.CUSTOMER)
        yield _event(
            Shipment.Received, stream, posted, document=f"GR-{number}", version=1, replaces=None, received_on=day,
            posted_at=posted, lines=tuple(ReceivedLine(self.stream, line, quantity, quantity) for line, quantity in parts),
        )  # fmt: skip


def _event(kind: type[Any], stream: str, said: datetime, /, **facts: Any) -> Any:
    made = object.__new__(kind)
    made.__dict__.update(originator_id=stream, originator_version=1, timestamp=said, **facts)
    return made


def _carried(order: str, line: str, quantity: Decimal) -> ShipmentLine:
    made: ShipmentLine = object.__new__(ShipmentLine)
    made.__dict__.update(order=order, line=line, quantity=quantity, base_quantity=quantity * PACK)
    return made


@dataclass
class Story:
    """The orders of one customer's days, read from the TPC-H tables each time they are asked for."""

    folder: Path
    partner: str
    orders: int
    first: date = YEAR
    days: int = YEAR_DAYS

    def told(self) -> Iterator[Filled]:
        items = (line for order in tpch.purchase_orders(self.folder) for line in order.lines)
        for number in range(self.orders):
            wanted = self.first + timedelta(days=number * self.days // self.orders)
            yield Filled(self.partner, number, wanted, tuple(islice(items, LINES)))

    def events(self) -> Iterator[Any]:
        agreed = datetime(2024, 12, 1, tzinfo=UTC)
        policy = policy_json(policy_from(POLICY))
        yield _event(
            TradingPartner.FillRatePolicyAgreed, f"partner/{self.partner}", agreed, partner=self.partner, policy_id="OTIF",
            first_day=date(2024, 12, 1), policy=policy,
        )  # fmt: skip
        for order in self.told():
            yield from order.events()


class StoryFeed:
    """The stories as a log that is read once, from its beginning to its end; nothing of it is kept."""

    log = "orders"

    def __init__(self, stories: Sequence[Story]) -> None:
        self._events = (event for story in stories for event in story.events())
        self._next = next(self._events, None)
        self.position = 0

    def read(
        self, after: int, limit: int, event_classes: Sequence[type] | None = None
    ) -> tuple[list[RecordedEvent], int]:
        read: list[RecordedEvent] = []
        while self._next is not None and len(read) < limit:
            said, self.position = self._next, self.position + 1
            kind: Any = type(said)
            read.append(
                RecordedEvent("orders", self.position, kind.TYPE, said, said.timestamp, "bench", "c", None, "bench")
            )
            self._next = next(self._events, None)
        return read, self.position

    def last_position(self) -> int:
        return self.position + (self._next is not None)

    def generation(self) -> int:
        return 1
