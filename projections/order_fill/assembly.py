"""From the facts of an order and its shipments to the facts of each of its lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from domain.order import OrderLine
from domain.values import Side
from projections import shipment_evidence as said
from projections.order_fill import facts as known_as
from projections.order_fill import tables as told
from projections.order_fill.facts import Delivery, HoldSpan, Known, LineFacts

Lists = dict[str, list[Any]]


@dataclass(frozen=True)
class Told:
    """One stored fact and when it was known."""

    known: Known
    fact: told.Fact


def assembled(
    order: Mapping[str, Any], of_order: Sequence[Told], of_shipments: Mapping[str, Sequence[Told]]
) -> Iterator[LineFacts]:
    """The lines in the order in which they came."""
    known = Known(order["position"], order["at"], order["recorded_at"], order["actor"])
    lines = {line.number: _line(order, line, known, None) for line in order["lines"]}
    heard: dict[str, Lists] = {}
    for item in of_order:
        if isinstance(item.fact, told.Amended):
            for line in item.fact.lines:
                if line.number not in lines:
                    lines[line.number] = _line(order, line, item.known, item.fact.change)
                else:
                    _hear(heard, line.number, "amendments", _amendment(item.known, item.fact, line))
        for number, name, value in _of_lines(item):
            _hear(heard, number, name, value)
    for shipment, told_of in of_shipments.items():
        for number, delivery in _deliveries(order["order_id"], shipment, told_of):
            _hear(heard, number, "deliveries", delivery)
    holds = _holds(of_order)
    for number, line_facts in lines.items():
        lists = heard.get(number, {})
        if "deliveries" in lists:
            lists["deliveries"].sort(key=lambda delivery: delivery.known.position)
        yield replace(line_facts, holds=holds, **_frozen(lists))


def _line(order: Mapping[str, Any], line: OrderLine, known: Known, added_by: str | None) -> LineFacts:
    names = ("company", "partner", "purchase_order_number", "release", "account", "currency", "ordered_on")
    header = {name: order[name] for name in names}
    return LineFacts(
        order=order["order_id"],
        number=line.number,
        cancel_after=order["cancel_after"],
        known=known,
        added_by=added_by,
        original=line,
        **header,
    )


def _hear(heard: dict[str, Lists], number: str, name: str, value: Any) -> None:
    heard.setdefault(number, {}).setdefault(name, []).append(value)


def _amendment(known: Known, fact: told.Amended, line: OrderLine) -> known_as.Amendment:
    return known_as.Amendment(known, Side.CUSTOMER, fact.change, fact.amended_on, line)


def _of_lines(item: Told) -> Iterator[tuple[str, str, Any]]:
    """(line, list, value) for each line a fact of the order speaks of."""
    match item.fact:
        case told.Amended(change=change, removed_open=removed):
            for part in removed:
                gone = known_as.Cancellation(item.known, "REMOVED", Side.CUSTOMER, part.quantity, change)
                yield part.number, "cancellations", gone
        case told.TakenOut(cause=cause, by=by, reason=reason, lines=lines):
            for part in lines:
                yield part.number, "cancellations", known_as.Cancellation(item.known, cause, by, part.quantity, reason)
        case told.Confirmed(confirmation=number, lines=promised):
            parts: dict[str, list[known_as.PromisedPart]] = {}
            for line in promised:
                promise = known_as.PromisedPart(line.quantity, line.promised_on, line.reason)
                parts.setdefault(line.number, []).append(promise)
            for name, said in parts.items():
                yield name, "confirmations", known_as.Confirmation(item.known, number, tuple(said))


def _holds(of_order: Sequence[Told]) -> tuple[HoldSpan, ...]:
    """A hold ends when credit releases, refuses anew, or the customer amends (then credit is asked again)."""
    spans: list[HoldSpan] = []
    for item in of_order:
        if not isinstance(item.fact, told.Held | told.Released | told.Amended):
            continue
        if spans and spans[-1].until is None:
            spans[-1] = replace(spans[-1], until=item.known)
        if isinstance(item.fact, told.Held):
            spans.append(HoldSpan(item.known, None, item.fact.reasons))
    return tuple(spans)


def _deliveries(order_id: str, shipment: str, of_shipment: Sequence[Told]) -> Iterator[tuple[str, Delivery]]:
    """The parts of a shipment that belong to lines of the order."""
    for item in of_shipment:
        fact = item.fact
        if not isinstance(fact, told.Dispatched):
            continue
        for carried in fact.lines:
            if carried.order != order_id:
                continue
            delivery = Delivery(
                known=item.known,
                shipment=shipment,
                number=fact.number,
                ship_to=fact.ship_to,
                zone=fact.zone,
                seller_zone=fact.seller_zone,
                dispatched_at=fact.dispatched_at,
                dispatched_on=fact.dispatched_on,
                expected_on=fact.expected_on,
                quantity=carried.quantity,
                base_quantity=carried.base_quantity,
            )
            yield carried.line, replace(delivery, **_said_of(order_id, carried.line, of_shipment))


def _said_of(order_id: str, number: str, of_shipment: Sequence[Told]) -> dict[str, Any]:
    """What was said of one line of a shipment on its way, by list."""
    lists: Lists = {}
    for item in of_shipment:
        for name, value in _said(item, order_id, number):
            lists.setdefault(name, []).append(value)
    return _frozen(lists)


def _frozen(lists: Lists) -> dict[str, Any]:
    return {name: tuple(values) for name, values in lists.items()}


def _said(item: Told, order_id: str, number: str) -> Iterator[tuple[str, Any]]:
    known = item.known
    match item.fact:
        case said.Booked(at=at, reference=reference, by=by):
            yield "appointments", known_as.Appointment(known, at, reference, by)
        case said.Arrived(at=at, evidence=evidence, by=by):
            yield "arrivals", known_as.Arrival(known, at, evidence, by)
        case said.Proven(at=at, delivered_on=day, document=document, lines=presented):
            for line in presented:
                if (line.order, line.line) == (order_id, number):
                    yield "proofs", known_as.Proof(known, at, day, document, line.quantity)
        case said.Refused(at=at, document=document, lines=refused):
            for back in refused:
                if (back.order, back.line) == (order_id, number):
                    yield (
                        "refusals",
                        known_as.Refusal(known, at, document, back.quantity, back.reason, back.fault),
                    )
        case said.Advised() as advised:
            yield "advices", _advice(known, advised, order_id, number)


def _advice(known: Known, fact: said.Advised, order_id: str, number: str) -> known_as.Advice:
    named = [line for line in fact.lines if (line.order, line.line) == (order_id, number)]
    line = named[0] if named else None
    return known_as.Advice(
        known,
        fact.document,
        fact.version,
        fact.replaces,
        fact.received_on,
        line.received if line else None,
        line.accepted if line else None,
        line.condition if line else None,
    )
