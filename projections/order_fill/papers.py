"""The deliveries of an order: what our shipments carried, and what each side's papers say of it.

A document in a newer version takes the place of the older one, whatever came first (domain.fill_rate.versions). A paper
may speak of a shipment that we have not announced; it is then a delivery known by its papers alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from domain.evidence_document import EvidenceAction, EvidenceKind, StatedArrival, StatedLine, StatedSubstitute
from domain.evidence_on_shipment import named_for
from domain.fill_rate.facts import (
    Advice, Appointment, Arrival, Delivery, Known, Proof, Refusal, Substitute,
)
from domain.fill_rate.versions import in_force
from domain.order import OrderLine
from domain.order.content import line_key
from domain.shipment import DeliveredLine, ReceivedLine
from domain.values import Side
from projections import shipment_evidence as said
from projections.order_fill import tables as told


Speaking = tuple["Paper", Mapping[str, Sequence[StatedLine]]]  # a paper, and what it says of which line
Spoken = Sequence[Speaking]

_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Told:
    """One stored fact and when it was known."""

    known: Known
    fact: told.Fact


@dataclass(frozen=True, slots=True)
class Paper:
    """One version of a document in one form, whichever door it came through.

    ``document``: sender, kind and number; of a paper recorded on a shipment alone that shipment too.
    """

    known: Known
    document: tuple[str, ...]
    sender: str
    kind: EvidenceKind
    number: str
    version: int
    rank: int
    voids: bool
    shipment: str | None
    at: datetime | None
    on: date | None
    arrivals: tuple[StatedArrival, ...]
    lines: tuple[StatedLine, ...]


@dataclass
class Load:
    """One delivery while it is put together: what left, the papers about it, what was seen of it on the way."""

    key: str
    left: told.Dispatched | None
    known: Known | None
    told: Sequence[Told]
    papers: list[Paper]


def deliveries(
    order: str, partner: str, lines: Mapping[str, OrderLine], of_shipments: Mapping[str, Sequence[Told]],
    of_papers: Mapping[str, Sequence[Told]],
) -> Iterator[tuple[str, Delivery]]:
    """(line, delivery), the deliveries by when they left; those known by papers alone come after them."""
    loads = {name: _load(name, facts) for name, facts in of_shipments.items()}
    for paper in _placed(papers_in_force(partner, loads.values(), of_papers), loads):
        loads[paper.shipment or ""].papers.append(paper)
    for load in sorted(loads.values(), key=_left_at):
        yield from _of_load(order, partner, lines, load)


def papers_in_force(
    partner: str, loads: Iterable[Load], of_papers: Mapping[str, Sequence[Told]]
) -> list[Paper]:
    """Every document in the version that holds, in an order that does not depend on when each was heard of."""
    stated = [paper for facts in of_papers.values() for paper in _stated(facts)]
    recorded = list(_recorded(partner, loads, stated))
    return sorted(in_force([*stated, *recorded]), key=lambda one: one.document)


def _load(name: str, facts: Sequence[Told]) -> Load:
    for item in facts:
        if isinstance(item.fact, told.Dispatched):
            return Load(name, item.fact, item.known, facts, [])
    return Load(name, None, None, facts, [])


def _stated(facts: Sequence[Told]) -> Iterator[Paper]:
    for item in facts:
        fact = item.fact
        if isinstance(fact, told.Stated):
            yield Paper(
                item.known, (fact.sender, fact.kind, fact.number), fact.sender, fact.kind, fact.number, fact.version, 1,
                fact.action is EvidenceAction.CANCEL, fact.shipment, fact.at, fact.on, fact.arrivals, fact.lines,
            )


def _recorded(partner: str, loads: Iterable[Load], stated: Iterable[Paper]) -> Iterator[Paper]:
    """The papers that were recorded on a shipment itself, in the same form; of a proof it is not recorded who sent it."""
    known = list(stated)
    for load in loads:
        for item in load.told:
            match item.fact:
                case said.Advised() as advised:
                    lines = tuple(_advised(line) for line in advised.lines)
                    here = (EvidenceKind.RECEIVING_ADVICE, advised.document, load.key)
                    sender, document = _document(partner, partner, *here, known)
                    yield Paper(
                        item.known, document, sender, EvidenceKind.RECEIVING_ADVICE, advised.document, advised.version, 0,
                        not lines, load.key, advised.posted_at, advised.received_on, (), lines,
                    )
                case said.Proven() as proven:
                    shown = tuple(_shown(line) for line in proven.lines)
                    sender, document = _document(partner, "", EvidenceKind.POD, proven.document, load.key, known)
                    yield Paper(
                        item.known, document, sender, EvidenceKind.POD, proven.document, 1, 0, False, load.key, proven.at,
                        proven.delivered_on, (), shown,
                    )


def _document(
    partner: str, sender: str, kind: EvidenceKind, number: str, shipment: str, stated: Sequence[Paper]
) -> tuple[str, tuple[str, ...]]:
    """(sender, document) of a paper recorded on a shipment: the one that was stated by itself, where there is one."""
    for paper in stated:
        same = paper.kind is kind and named_for(paper.number, paper.sender, partner) == number
        if same and paper.shipment in (None, shipment):
            return paper.sender, paper.document
    return sender, (sender, kind, number, shipment)


def _advised(line: ReceivedLine) -> StatedLine:
    extra = tuple(StatedSubstitute(s.item, s.quantity, s.base_quantity, s.approved) for s in line.substitutes)
    return StatedLine(line.order, line.line, None, line.received, line.accepted, line.condition, extra)


def _shown(line: DeliveredLine) -> StatedLine:
    extra = tuple(StatedSubstitute(s.item, s.quantity, s.base_quantity, s.approved) for s in line.substitutes)
    return StatedLine(line.order, line.line, None, line.quantity, line.quantity, None, extra)


def _placed(papers: Sequence[Paper], loads: dict[str, Load]) -> Iterator[Paper]:
    """Each paper with the delivery it speaks of; one that names none is about the next delivery without such a paper."""
    waiting = [paper for paper in papers if paper.shipment is None]
    taken = {(paper.kind, paper.shipment) for paper in papers}
    for paper in papers:
        if paper.shipment is not None:
            loads.setdefault(paper.shipment, Load(paper.shipment, None, None, (), []))
            yield paper
    left = sorted((load for load in loads.values() if load.left is not None), key=_left_at)
    for paper in sorted(waiting, key=lambda one: (one.at or one.known.at, one.number)):
        free = next((load.key for load in left if (paper.kind, load.key) not in taken), None)
        name = free or f"{paper.kind}:{paper.number}"
        taken.add((paper.kind, name))
        loads.setdefault(name, Load(name, None, None, (), []))
        yield Paper(**{**{slot: getattr(paper, slot) for slot in Paper.__slots__}, "shipment": name})


def _left_at(load: Load) -> tuple[datetime, str]:
    return load.left.dispatched_at if load.left is not None else _LAST, load.key


def _of_load(
    order: str, partner: str, lines: Mapping[str, OrderLine], load: Load
) -> Iterator[tuple[str, Delivery]]:
    left = load.left
    carried = {part.line: part for part in left.lines if part.order == order} if left is not None else {}
    spoken = {kind: list(_spoken(order, lines, load, kind)) for kind in {paper.kind for paper in load.papers}}
    advising, proving = spoken.get(EvidenceKind.RECEIVING_ADVICE, ()), spoken.get(EvidenceKind.POD, ())
    announcing = spoken.get(EvidenceKind.SHIP_NOTICE, ())
    named = {number for papers in spoken.values() for _, said_of in papers for number in said_of}
    refused = any(isinstance(item.fact, said.Refused) for item in load.told)
    zone = left.zone if left else next((line.schedule[0].zone for line in lines.values()), None) or "UTC"
    appointments, arrivals = tuple(_appointments(load)), tuple(_arrivals(load, partner))
    for number in [*carried, *(n for n in lines if n in named and n not in carried)]:
        if number not in lines:
            continue
        part = carried.get(number)
        known = load.known or load.papers[0].known
        announced = _announced(announcing, number) if announcing else None
        yield number, Delivery(
            known=known, shipment=load.key, number=left.number if left else load.key, ship_to=left.ship_to if left else None,
            zone=zone, dispatched_at=left.dispatched_at if left else None, expected_on=left.expected_on if left else None,
            quantity=part.quantity if part else announced, base_quantity=part.base_quantity if part else None,
            carrier=left.carrier if left else None, refusals=tuple(_refusals(load, order, number)) if refused else (),
            proofs=tuple(_proofs(proving, number, zone)) if proving else (),
            advices=tuple(_advices(advising, number, zone)) if advising else (), appointments=appointments, arrivals=arrivals,
        )


def _spoken(order: str, lines: Mapping[str, OrderLine], load: Load, kind: EvidenceKind) -> Iterator[Speaking]:
    for paper in load.papers:
        if paper.kind is kind:
            found: dict[str, list[StatedLine]] = {}
            for number, one in _named(order, lines, paper):
                found.setdefault(number, []).append(one)
            yield paper, found


def _named(order: str, lines: Mapping[str, OrderLine], paper: Paper) -> Iterator[tuple[str, StatedLine]]:
    """(line, what is said of it); an item without its line is said of every line of the item."""
    for one in paper.lines:
        if one.order != order:
            continue
        if one.line is not None and one.line in lines:
            yield one.line, one
        elif one.line is not None:
            asked = line_key(one.line)
            yield from ((number, one) for number in [n for n in lines if line_key(n) == asked][-1:])
        else:
            for number, line in lines.items():
                if one.item in (line.item, line.customer_item):
                    yield number, one


def _announced(spoken: Spoken, number: str) -> Decimal | None:
    """What a carrier's ship notice says was sent, where we did not say so ourselves."""
    found = [one.quantity for _, said_of in spoken for one in said_of.get(number, ())]
    return sum(found, Decimal(0)) if found else None


def _appointments(load: Load) -> Iterator[Appointment]:
    for item in load.told:
        if isinstance(item.fact, said.Booked):
            slot = item.fact
            yield Appointment(item.known, slot.at, slot.reference, slot.by, slot.slot_from, slot.slot_to)


def _arrivals(load: Load, partner: str) -> Iterator[Arrival]:
    """What was recorded on the way, then what the papers say."""
    for item in load.told:
        if isinstance(item.fact, said.Arrived):
            yield Arrival(item.known, item.fact.at, item.fact.evidence, item.fact.by)
    for paper in load.papers:
        by = Side.CUSTOMER if paper.sender == partner else Side.SUPPLIER
        for one in paper.arrivals:
            yield Arrival(paper.known, one.at, one.evidence, by)


def _refusals(load: Load, order: str, number: str) -> Iterator[Refusal]:
    for item in load.told:
        if isinstance(item.fact, said.Refused):
            for back in item.fact.lines:
                if (back.order, back.line) == (order, number):
                    yield Refusal(item.known, item.fact.at, item.fact.document, back.quantity, back.reason, back.fault)


def _proofs(spoken: Spoken, number: str, zone: str) -> Iterator[Proof]:
    for paper, said_of in spoken:
        at = moment_of(paper, zone)
        for one in said_of.get(number, ()):
            day = paper.on or at.astimezone(ZoneInfo(zone)).date()
            yield Proof(paper.known, at, day, paper.number, one.quantity, _substitutes(one))


def _advices(spoken: Spoken, number: str, zone: str) -> Iterator[Advice]:
    for paper, said_of in spoken:
        at = moment_of(paper, zone)
        found = said_of.get(number, ())
        if not found:
            yield Advice(paper.known, paper.number, paper.version, at, None, None, None)
        for one in found:
            yield Advice(
                paper.known, paper.number, paper.version, at, one.quantity, one.accepted, one.condition,
                of_item=one.line is None, substitutes=_substitutes(one) if one.substitutes else (),
            )


def _substitutes(one: StatedLine) -> tuple[Substitute, ...]:
    return tuple(Substitute(s.item, s.quantity, s.base_quantity, s.approved) for s in one.substitutes)


def moment_of(paper: Paper, zone: str) -> datetime:
    """When it was posted; of a day alone the moment we heard of it if that was on the day, else the day's last second."""
    if paper.at is not None:
        return paper.at
    if paper.on is None:
        return paper.known.at
    first = datetime.combine(paper.on, time(), ZoneInfo(zone)).astimezone(UTC)
    last = datetime.combine(paper.on + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC) - timedelta(seconds=1)
    return min(max(paper.known.at, first), last)
