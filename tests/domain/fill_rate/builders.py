"""Orders with their documents for tests of the fill rate, in few words; expected figures are read as "136 of 150".

    lines = order(line(100), line(40), deliveries=[delivery("2025-03-12T09:10", {"1": 100, "2": 36})], wanted="2025-03-12")
    assert figure(lines, weightUnit="LINE") == of("1.9 of 2")

Times without an offset are local times of the order's zone. A delivery came to the gate at its time, which the customer
recorded, and its receiving advice was posted then, unless something else is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from domain.calendars import PublishedCalendar, WorkingDays
from domain.fill_rate import facts
from domain.fill_rate.choices import Metric
from domain.fill_rate.credit import contributions, ratio
from domain.fill_rate.facts import Known, LineFacts
from domain.fill_rate.figures import evaluate
from domain.fill_rate.form import policy_from
from domain.fill_rate.judging import Asking, Judged
from domain.fill_rate.policy import FillRatePolicy
from domain.order import OrderLine, ScheduleLine
from domain.shipment import ArrivalEvidence
from domain.values import Side

SHANGHAI, CHICAGO, SAO_PAULO, HAVANA = "Asia/Shanghai", "America/Chicago", "America/Sao_Paulo", "America/Havana"
CUSTOMER, SUPPLIER = Side.CUSTOMER, Side.SUPPLIER
AFTERWARDS = datetime(2199, 1, 1, tzinfo=UTC)  # every window has closed
WANTED = "2025-04-10"  # a Thursday

# The days of 2025 around National Day that tests touch: 1 to 8 October off, Sunday 28 September and Saturday 11 October
# worked for it. Nothing is published for other years.
CN = PublishedCalendar(
    frozenset({2025}),
    frozenset(date(2025, 10, day) for day in range(1, 9)),
    frozenset({date(2025, 9, 28), date(2025, 10, 11)}),
)
CALENDARS: Mapping[str, WorkingDays] = {"CN": CN}

Number = int | str | Decimal | Fraction
Pair = tuple[Fraction, Fraction]


def of(text: str) -> Pair:
    """The numerator and the denominator of "19/10 of 3", both exact."""
    numerator, denominator = text.split(" of ")
    return Fraction(numerator), Fraction(denominator)


def instant(text: str, zone: str = "UTC") -> datetime:
    moment = datetime.fromisoformat(text)
    return (moment.replace(tzinfo=ZoneInfo(zone)) if moment.tzinfo is None else moment).astimezone(UTC)


def decimal(number: Number) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator) if isinstance(number, Fraction) else Decimal(number)


# What was ordered ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """What one side said of a line after it was ordered."""

    kind: str
    at: str
    quantity: Number
    by: Side | None = CUSTOMER
    day: str | None = None
    parts: tuple[tuple[str, str | None, Number], ...] = ()
    eaches: bool = False
    promises: tuple[tuple[Number, str | None], ...] = ()


def amended(at: str, quantity: Number, *, by: Side = CUSTOMER, day: str | None = None, eaches: bool = False, **more: Any) -> Said:
    """The line is now ``quantity``, on ``day`` where that moved; ``places``, ``days`` and ``parts`` as of a line."""
    return Said("AMENDED", at, quantity, by, day, _parts(**more), eaches)


def removed(at: str, left: Number = 0) -> Said:
    """The line was taken out of the order, but for what of it had gone before; it stands there as it was."""
    return Said("REMOVED", at, left)


def confirmed(at: str, quantity: Number, promised: str | None = None, *parts: tuple[Number, str | None]) -> Said:
    return Said("CONFIRMED", at, quantity, SUPPLIER, promises=parts or ((quantity, promised),))


def cancelled(at: str, quantity: Number, by: Side = CUSTOMER) -> Said:
    return Said("CANCELLED", at, quantity, by)


def expired(at: str, quantity: Number) -> Said:
    return Said("EXPIRED", at, quantity, None)


def closed_short(at: str, quantity: Number) -> Said:
    return Said("CLOSED_SHORT", at, quantity, SUPPLIER)


@dataclass(frozen=True)
class Line:
    quantity: Number
    number: str | None = None
    item: str | None = None
    pack: Number = 1
    eaches: bool = False
    each: Number | None = None
    case: bool = True
    price: Number = 1
    per: Number = 1
    place: str = "dc-1"
    parts: tuple[tuple[str, str | None, Number], ...] = ()
    said: tuple[Said, ...] = ()
    exclusions: tuple[tuple[str, Side, str | None], ...] = ()
    added_at: str | None = None


def line(quantity: Number, *said: Said, **more: Any) -> Line:
    """``pack``: eaches a case; ``eaches``: ordered in eaches, ``each``: in units of so many; ``places`` or ``days``:
    quantities by place or by day, ``parts``: by both.
    """
    parts = _parts(more.pop("places", None), more.pop("days", None), more.pop("parts", ()))
    return Line(quantity, said=said, parts=parts, **more)


def _parts(
    places: Mapping[str, Number] | None = None, days: Mapping[str, Number] | None = None,
    parts: Sequence[tuple[str, str | None, Number]] = (),
) -> tuple[tuple[str, str | None, Number], ...]:  # fmt: skip
    by_place = tuple((place, None, quantity) for place, quantity in (places or {}).items())
    by_day = tuple(("dc-1", day, quantity) for day, quantity in (days or {}).items())
    return by_place + by_day + tuple(parts)


def order(
    *lines: Line, deliveries: Sequence[Delivery] = (), wanted: str = WANTED, zone: str = CHICAGO, name: str = "PO1",
    exclusions: Sequence[tuple[str, Side]] = (), ordered_on: str | None = None,
) -> list[LineFacts]:
    """The facts of all lines of one order; lines are numbered "1", "2", ... unless they have a number."""
    day = date.fromisoformat(wanted)
    numbered = [replace(one, number=one.number or str(place)) for place, one in enumerate(lines, 1)]
    placed_on = date.fromisoformat(ordered_on) if ordered_on else day - timedelta(days=60)
    known = _known(1, datetime.combine(placed_on, time(), ZoneInfo(zone)).astimezone(UTC))
    made = []
    for one in numbered:
        assert one.number is not None
        own = [*one.exclusions, *((code, by, None) for code, by in exclusions)]
        seen = _known(2, instant(one.added_at, zone)) if one.added_at else known
        made.append(
            LineFacts(
                order=name, number=one.number, company="acme", partner="retailer-a", purchase_order_number=name, release="",
                account="retailer-a", currency="CNY", ordered_on=placed_on, cancel_after=None, known=seen,
                added_by="change-1" if one.added_at else None, original=_order_line(one, day, zone),
                exclusions=tuple(
                    facts.Exclusion(_known(3, instant(at, zone)) if at else known, code, by, "letter") for code, by, at in own
                ),
                deliveries=tuple(
                    brought.facts(name, n, one, zone) for n, brought in enumerate(deliveries, 1) if brought.brings(one.number)
                ),
                **_changes(one, day, zone),
            )
        )  # fmt: skip
    return made


def _known(position: int, at: datetime) -> Known:
    return Known(position, at, at, "clerk")


def _order_line(one: Line, day: date, zone: str, said: Said | None = None) -> OrderLine:
    quantity = decimal(one.quantity if said is None else said.quantity)
    eaches = one.eaches or (said is not None and said.eaches)
    day = date.fromisoformat(said.day) if said is not None and said.day else day
    parts = (said.parts if said is not None else one.parts) or ((one.place, None, quantity),)
    if said is not None and not said.parts and len(one.parts) == 1:
        parts = ((one.parts[0][0], one.parts[0][1], quantity),)
    schedule = tuple(
        ScheduleLine(place, date.fromisoformat(on) if on else day, decimal(part), zone) for place, on, part in parts
    )
    assert one.number is not None
    return OrderLine(
        number=one.number, item=one.item or f"item-{one.number}", customer_item=None, quantity=quantity,
        unit="EA" if eaches else "CS", base_quantity=quantity if eaches else quantity * decimal(one.each or one.pack),
        unit_price=decimal(one.price), price_per=decimal(one.per), customer_price=None, net=Decimal(0), tax_rate=Decimal(0),
        tax=Decimal(0), gross=Decimal(0), schedule=schedule if quantity else (),
        case_size=decimal(one.pack) if one.case else None,
    )  # fmt: skip


def _changes(one: Line, day: date, zone: str) -> dict[str, Any]:
    lists: dict[str, list[Any]] = {"amendments": [], "confirmations": [], "cancellations": []}
    for position, said in enumerate(one.said, 10):
        at = instant(said.at, zone)
        known = _known(position, at)
        if said.kind in ("AMENDED", "REMOVED"):
            assert said.by is not None
            changed = _order_line(one, day, zone, said if said.kind == "AMENDED" else None)
            lists["amendments"].append(
                facts.Amendment(known, said.by, f"change-{position}", at, decimal(said.quantity), changed)
            )
        elif said.kind == "CONFIRMED":
            days = [(decimal(quantity), date.fromisoformat(on) if on else None) for quantity, on in said.promises]
            parts = tuple(facts.PromisedPart(quantity, on, None) for quantity, on in days)
            lists["confirmations"].append(facts.Confirmation(known, str(position), parts))
        else:
            lists["cancellations"].append(facts.Cancellation(known, said.kind, said.by, at, decimal(said.quantity), "asked"))
    return {name: tuple(values) for name, values in lists.items()}


# What came -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """What a delivery brought of one line, by each document; None: the document is silent about it.

    ``of_item``: the advice names the item only. ``eaches``: shipped and advised in eaches, whatever was ordered.
    """

    shipped: Number | None = None
    accepted: Number | None = None
    received: Number | None = None
    proven: Number | None = None
    refused: tuple[tuple[Number, Side, str], ...] = ()
    instead: tuple[facts.Substitute, ...] = ()
    of_item: bool = False
    condition: str | None = None
    advised: bool = True
    eaches: bool = False


def came(accepted: Number, *refused: tuple[Number, Side, str], **more: Any) -> Part:
    """Shipped and received as many as were accepted and refused; ``shipped=`` or ``received=`` says otherwise."""
    presented = decimal(accepted) + sum((decimal(quantity) for quantity, *_ in refused), Decimal(0))
    return Part(**{"shipped": presented, "received": presented, "accepted": accepted, "refused": refused, **more})


def papers(**more: Any) -> Part:
    """No receiving advice: ``shipped=`` by the ship notice, ``proven=`` by the proof of delivery."""
    return Part(advised=False, **more)


def unnamed(shipped: Number, **more: Any) -> Part:
    """The delivery's advice is silent about the line."""
    return Part(shipped=shipped, **more)


def refused(quantity: Number, by: Side, reason: str = "NO_SPACE") -> tuple[Number, Side, str]:
    return quantity, by, reason


def substitute(quantity: Number, pack: Number = 1, *, approved: bool = True) -> facts.Substitute:
    return facts.Substitute("another", decimal(quantity), decimal(quantity) * decimal(pack), approved)


@dataclass(frozen=True)
class Delivery:
    """See ``delivery``."""

    at: str | None
    parts: Mapping[str, Part]
    place: str | None = None
    dispatched: str | None = None
    posted: str | None = None
    records: tuple[tuple[ArrivalEvidence, str, Side], ...] = ()
    slots: tuple[tuple[str, str | None, str | None, str | None], ...] = ()

    def brings(self, number: str) -> bool:
        return number in self.parts

    def facts(self, name: str, place: int, of: Line, zone: str) -> facts.Delivery:
        part = self.parts[of.number or ""]
        first = min([instant(text, zone) for text in (self.at, *(at for _, at, _ in self.records)) if text], default=None)
        posted = instant(self.posted, zone) if self.posted else first
        left = instant(self.dispatched, zone) if self.dispatched else (first or posted or AFTERWARDS) - timedelta(days=1)
        known = _known(100 + place, left)
        records = [*self.records, *([(ArrivalEvidence.GATE_ARRIVAL, self.at, CUSTOMER)] if self.at else [])]
        quantity = None if part.shipped is None else decimal(part.shipped)
        each = Decimal(1) if of.eaches or part.eaches else decimal(of.each or of.pack)
        return facts.Delivery(
            known=known, shipment=f"{name}/{place}", number=str(place), ship_to=self.place, zone=zone, dispatched_at=left,
            expected_on=None, quantity=quantity, base_quantity=quantity and quantity * each,
            appointments=self._appointments(zone, known),
            arrivals=tuple(facts.Arrival(known, instant(at, zone), kind, by) for kind, at, by in records),
            **self._papers(part, first or posted, posted, known),
        )  # fmt: skip

    def _papers(self, part: Part, at: datetime | None, posted: datetime | None, known: Known) -> dict[str, Any]:
        if at is None or posted is None:
            return {}
        advice = facts.Advice(
            known, "advice", 1, posted, None if part.received is None else decimal(part.received),
            None if part.accepted is None else decimal(part.accepted), part.condition, part.of_item, part.instead,
        )  # fmt: skip
        back = tuple(facts.Refusal(known, at, "note", decimal(n), reason, fault) for n, fault, reason in part.refused)
        proven = part.proven
        proofs = () if proven is None else (facts.Proof(known, at, at.date(), "pod", decimal(proven), part.instead),)
        return {"advices": (advice,) if part.advised else (), "refusals": back, "proofs": proofs}

    def _appointments(self, zone: str, known: Known) -> tuple[facts.Appointment, ...]:
        made = []
        for at, start, end, booked_at in self.slots:
            slot = tuple(datetime.fromisoformat(text) if text else None for text in (start, end))
            seen = replace(known, at=instant(booked_at, zone)) if booked_at else replace(known, at=known.at - timedelta(days=30))
            made.append(facts.Appointment(seen, instant(at, zone), "booking", CUSTOMER, *slot))
        return tuple(made)


def delivery(
    at: str | None, parts: Number | Mapping[str, Number | Part], *, records: Iterable[tuple[ArrivalEvidence, str, Side]] = (),
    slots: Iterable[tuple[str, str | None, str | None, str | None]] = (), **more: Any,
) -> Delivery:  # fmt: skip
    """At the gate at ``at``, with what by line number (a number alone: of line "1", all of it accepted)."""
    by_line = parts if isinstance(parts, Mapping) else {"1": parts}
    made = {number: part if isinstance(part, Part) else came(part) for number, part in by_line.items()}
    return Delivery(at, made, records=tuple(records), slots=tuple(slots), **more)


def slot(start: str, end: str, booked_at: str | None = None) -> tuple[str, str | None, str | None, str | None]:
    return start, start, end, booked_at


def appointment(at: str, booked_at: str | None = None) -> tuple[str, str | None, str | None, str | None]:
    """A moment, without a slot."""
    return at, None, None, booked_at


# What comes of it ------------------------------------------------------------------------------------------------------


def policy(**said: Any) -> FillRatePolicy:
    """The default with these fields, as a policy's JSON has them."""
    return policy_from(said)


@dataclass(frozen=True)
class Case:
    """One row of a table: what it shows, the order, the policy's JSON, and the figure worked out by hand."""

    shows: str
    lines: Sequence[LineFacts]
    expected: str
    policy: Mapping[str, Any] = field(default_factory=dict)
    at: str | None = None


def ids(rows: Iterable[Case]) -> dict[str, Any]:
    """For pytest: ``@pytest.mark.parametrize("row", ROWS, **ids(ROWS))``."""
    return {"ids": [one.shows for one in rows]}


def judged(lines: Iterable[LineFacts], by: FillRatePolicy, at: datetime = AFTERWARDS) -> list[Judged]:
    return evaluate(lines, Asking(by, at, CALENDARS))


def figure(lines: Iterable[LineFacts], at: str | datetime | None = None, zone: str = "UTC", **said: Any) -> Pair:
    """The policy's own figure."""
    return figure_by(lines, policy(**said), at, zone)


def figure_by(
    lines: Iterable[LineFacts], by: FillRatePolicy, at: str | datetime | None = None, zone: str = "UTC",
    metric: Metric | None = None,
) -> Pair:  # fmt: skip
    moment = AFTERWARDS if at is None else instant(at, zone) if isinstance(at, str) else at
    found = ratio(contributions(judged(lines, by, moment), by, metric or by.metric))
    return found.numerator, found.denominator


def of_case(row: Case) -> Pair:
    return figure(row.lines, row.at, **row.policy)
