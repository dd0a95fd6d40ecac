"""Orders, shipments and papers made up at random, as the view of order fill would read them: likely and unlikely ones."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal as D
from typing import Any
from zoneinfo import ZoneInfo

from domain.evidence_document import EvidenceAction, EvidenceDocument, EvidenceKind, StatedArrival, StatedLine
from domain.order import ConfirmedLine, Order, OrderLine, ScheduleLine
from domain.order_findings import OrderFindings
from domain.recorded import RecordedEvent
from domain.shipment import (
    ArrivalEvidence, DeliveredLine, ReceivedLine, RefusedLine, Shipment, ShipmentLine, Substitute,
)
from domain.values import LineQuantity, Side

FIRST = date(2025, 10, 25)  # clocks go back in Havana on 2 November 2025 at 01:00: that midnight occurs twice
DAYS = 20
ZONES = ("America/Chicago", "Asia/Shanghai", "America/Havana", "UTC")
SIDES = (Side.CUSTOMER, Side.SUPPLIER)
PARTNER = "retailer"
PARTS = ("1", "1", "1", "0.5", "0.4", "1.1")
COUNTED = ("1", "1", "1", "0.9", "0")


def event(kind: type[Any], stream: str, said: datetime, /, **facts: Any) -> Any:
    """A fact as it is read from the log, whatever led to it."""
    made = object.__new__(kind)
    made.__dict__.update(originator_id=stream, originator_version=1, timestamp=said, **facts)
    return made


class Orders:
    """What happens to some orders, in the order of the log; ``plain``: how often nothing out of the ordinary does."""

    def __init__(self, seed: int, count: int = 40, plain: float = 0.8) -> None:
        self.dice = random.Random(seed)
        self.plain = plain
        self.happened: list[tuple[datetime, int, Any]] = []
        self.lines: dict[str, tuple[OrderLine, ...]] = {}
        for number in range(count):
            self._order(number)

    def recorded(self) -> list[RecordedEvent]:
        """Facts by when they were said."""
        ordered = sorted(self.happened, key=lambda each: each[:2])
        return [
            RecordedEvent("orders", position, type(said).TYPE, said, at, "clerk", f"c{position}", None, "story")
            for position, (at, _, said) in enumerate(ordered, 1)
        ]

    def _say(self, said: datetime, kind: type[Any], stream: str, /, **facts: Any) -> None:
        self.happened.append((said, len(self.happened), event(kind, stream, said, **facts)))

    def _odd(self, of_ten: int = 5) -> bool:
        """Whether something out of the ordinary happens."""
        return self.dice.random() > self.plain and self.dice.randrange(10) < of_ten

    def _order(self, number: int) -> None:
        dice = self.dice
        stream = Order.stream("acme", PARTNER, f"PO-{number}")
        wanted = FIRST + timedelta(days=dice.randrange(DAYS))
        zone, place = dice.choice(ZONES), f"dc{dice.randrange(2)}"
        placed = datetime.combine(wanted - timedelta(days=10), time(8), UTC)
        lines = tuple(self._line(n, wanted, zone, place) for n in range(1, dice.randint(1, 5) + 1))
        self.lines[stream] = lines
        self._say(
            placed, Order.Placed, stream, company=dice.choice(("acme", "acme", "other")), partner=PARTNER,
            purchase_order_number=f"PO-{number}", release="-", account=PARTNER, currency="USD", ordered_on=placed.date(),
            cancel_after=None, freight_terms=None, flow=None, lines=lines,
        )  # fmt: skip
        self._said_of_it(stream, lines, wanted, placed)
        for n in range(3 if self._odd() else dice.choice((0, 1, 1, 1, 2))):
            self._shipment(f"S-{number}-{n}", stream, lines, wanted, zone, place)

    def _line(self, number: int, wanted: date, zone: str, place: str) -> OrderLine:
        dice = self.dice
        quantity = D(dice.choice(("1", "3", "10", "12", "40", "2.5")))
        pack = dice.choice((None, D(12), D(7)))
        eaches = pack is not None and dice.random() < 0.3
        day = wanted + timedelta(days=dice.choice((0, 0, 0, 1, 5)))
        parts = [ScheduleLine(place, day, quantity, zone, dice.choice((None, "north")))]
        if self._odd(2) and quantity > 1:
            parts = [ScheduleLine(place, day, D(1), zone), ScheduleLine(place, day, quantity - 1, zone)]
        return OrderLine(
            number=str(number), item=f"item-{dice.randrange(3)}", customer_item=None, quantity=quantity,
            unit="EA" if eaches else "CS", base_quantity=quantity if eaches else quantity * (pack or D(6)),
            unit_price=D(dice.choice(("2.5", "10", "0.01", "33.3333"))), price_per=D(3 if self._odd() else dice.choice((1, 100))),
            customer_price=None, net=D(0), tax_rate=D(0), tax=D(0), gross=D(0), schedule=tuple(parts),
            case_size=pack, category=dice.choice((None, "food")),
        )  # fmt: skip

    def _said_of_it(self, stream: str, lines: Sequence[OrderLine], wanted: date, placed: datetime) -> None:
        dice, later = self.dice, placed + timedelta(hours=1)
        for n in range(dice.choice((0, 1, 1, 2))):
            shares = ("1", "1", "1", "0.5", "0", "1.2")
            promised = [
                ConfirmedLine(one.number, one.quantity * D(dice.choice(shares)), wanted + timedelta(days=dice.randint(-1, 3)))
                for one in lines
            ]
            self._say(later + timedelta(days=n), Order.Confirmed, stream, confirmation=f"C{n}", lines=tuple(promised))
        if self._odd():
            by = dice.choice((Side.CUSTOMER, Side.SUPPLIER, Side.SUPPLIER))
            self._say(
                later + timedelta(days=5), Order.LineCancelled, stream, number="1", quantity=lines[0].quantity, by=by,
                reason="", said_at=None,
            )  # fmt: skip
        if dice.random() < 0.2:
            left = (LineQuantity("1", D(1)),)
            self._say(later + timedelta(days=20), Order.ClosedShort, stream, reason="sold out", lines=left)
        if self._odd():
            changed = self._line(1, wanted + timedelta(days=2), "UTC", "dc0")
            self._say(
                later + timedelta(days=3), Order.AmendedByCustomer, stream, change="X", said_at=None, lines=(changed,),
                removed_open=(),
            )  # fmt: skip
        if self._odd():
            self._say(
                later + timedelta(days=dice.randrange(30)), OrderFindings.ExclusionRecorded, f"findings/{stream}", order=stream,
                exclusion="E", code="RECALL", granted_by=dice.choice(SIDES), reference="", lines=(),
            )  # fmt: skip

    def _shipment(
        self, number: str, order: str, lines: Sequence[OrderLine], wanted: date, zone: str, place: str
    ) -> None:
        """Leaves a day or two before, arrives about the day wanted; who records what and how much of it differs."""
        dice = self.dice
        stream = Shipment.stream("acme", number)
        arrives = self._arrival(wanted + timedelta(days=dice.choice((-2, -1, 0, 0, 0, 0, 1, 3))), zone)
        left = arrives - timedelta(hours=dice.choice((5, 30)))
        alike = dice.random() < 0.5  # all lines go the same way
        carried = [(order, one) for one in lines if alike or dice.random() < 0.8]
        if self._odd():
            carried += [(other, one) for other, some in list(self.lines.items())[-2:-1] for one in some]
        brought = [(name, one, one.quantity * (D(1) if alike else D(dice.choice(PARTS)))) for name, one in carried]
        if dice.random() < 0.9:
            self._say(
                left, Shipment.Dispatched, stream, number=number, ship_to=place, zone=zone, dispatched_at=left,
                expected_on=None, carrier=None, lines=tuple(self._carried(name, one, q) for name, one, q in brought),
            )  # fmt: skip
        self._on_the_way(stream, left, arrives)
        counted = [
            (name, one, q if alike else q * D(dice.choice(COUNTED))) for name, one, q in brought if alike or dice.random() < 0.95
        ]
        if dice.random() < 0.4:
            signed = tuple(DeliveredLine(name, one.number, q) for name, one, q in counted)
            at = arrives + timedelta(hours=1)
            self._say(
                at, Shipment.Delivered, stream, at=at, delivered_on=at.astimezone(ZoneInfo(zone)).date(), document="POD",
                lines=signed,
            )  # fmt: skip
        if dice.random() < 0.7:
            self._advice(stream, number, counted, arrives, zone)
        if self._odd():
            refused = tuple(RefusedLine(name, one.number, D(1), "damaged", dice.choice(SIDES)) for name, one, _ in counted[:1])
            self._say(arrives, Shipment.RefusedInPart, stream, at=arrives, document="R", lines=refused)

    def _arrival(self, day: date, zone: str) -> datetime:
        clock = self.dice.choice((time(0), time(0, 0, 1), time(0, 30), time(9), time(9), time(23, 59, 59)))
        return datetime.combine(day, clock, ZoneInfo(zone)).replace(fold=self.dice.randrange(2)).astimezone(UTC)

    def _carried(self, order: str, line: OrderLine, quantity: D) -> Any:
        made: Any = object.__new__(ShipmentLine)
        made.__dict__.update(order=order, line=line.number, quantity=quantity, base_quantity=line.base_of(quantity))
        return made

    def _on_the_way(self, stream: str, left: datetime, arrives: datetime) -> None:
        dice = self.dice
        if dice.random() < 0.5:
            facts = {"reference": "A", "by": Side.CUSTOMER, "slot_from": None, "slot_to": None}
            self._say(left, Shipment.AppointmentMade, stream, at=arrives, **facts)
        for kind in dice.sample(tuple(ArrivalEvidence), dice.choice((0, 1, 1, 2))):
            for by in dice.sample(SIDES, dice.choice((1, 1, 2))):
                at = arrives + timedelta(hours=dice.choice((0, 0, 1, 26)))
                self._say(at, Shipment.Arrived, stream, at=at, evidence=kind, by=by)

    def _advice(self, stream: str, number: str, counted: Sequence[Any], arrives: datetime, zone: str) -> None:
        """Recorded on the shipment, or stated in a document of its own; now and then corrected or taken back."""
        dice = self.dice
        at = arrives + timedelta(hours=dice.choice((1, 1, 30)))
        on = at.astimezone(ZoneInfo(zone)).date()
        if dice.random() < 0.5:
            for version in range(1, dice.choice((1, 1, 2)) + 1):
                lines = tuple(self._received(name, one, q if version == 1 else q / 2) for name, one, q in counted)
                said = at + timedelta(days=version - 1)
                facts = {"document": "RA", "version": version, "replaces": None, "received_on": on, "posted_at": at}
                self._say(said, Shipment.Received, stream, lines=lines, **facts)
            return
        by_item = self._odd()
        stated = tuple(
            StatedLine(name, None if by_item else one.number, one.item if by_item else None, q, q, None)
            for name, one, q in counted
        )
        document = f"evidence/{PARTNER}/RECEIVING_ADVICE/{number}"
        arrived = (StatedArrival(ArrivalEvidence.CHECK_IN, arrives),) if dice.random() < 0.5 else ()
        head = {"sender": PARTNER, "partner": PARTNER, "kind": EvidenceKind.RECEIVING_ADVICE, "number": number}
        named = {"shipment": stream if dice.random() < 0.9 else None, "at": at, "on": on, "arrivals": arrived, **head}
        self._say(at, EvidenceDocument.Stated, document, version=1, action=EvidenceAction.STATE, lines=stated, **named)
        if dice.random() < 0.2:
            self._say(
                at + timedelta(days=2), EvidenceDocument.StatedAgain, document, version=2, action=EvidenceAction.CANCEL,
                lines=(), **named,
            )  # fmt: skip

    def _received(self, order: str, line: OrderLine, quantity: D) -> ReceivedLine:
        extra = (Substitute("other", D(1), D(12), True),) if self._odd() else ()
        return ReceivedLine(order, line.number, quantity, quantity, substitutes=extra)
