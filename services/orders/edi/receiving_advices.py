"""An 861 (or RECADV) applied: what the customer counted of a shipment of ours, and what of that it accepted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from domain.identifier import GTIN, Identifier, item_scheme, normalised
from domain.item import Item
from domain.order import Order
from domain.order.content import line_key
from domain.refusal import Refusal, Refused
from domain.shipment import ReceivedLine, Shipment, ShipmentLine, received_of_item
from domain.values import ZERO, plain
from services.orders.edi.incoming import Incoming
from services.orders.edi.outcome import Outcome
from services.orders.edi.purchase_lines import ITEM_QUALIFIERS
from services.orders.edi.purchase_orders import order_stream

NO_NUMBER = Refusal("edi.advice_without_number", "{document} has no number of its own. Ask the customer for one.")
NO_ORDER = Refusal(
    "edi.advice_order_unknown",
    "{document} is about order {order}, which {partner} never placed here. Ask which order is meant.",
)
SHIPMENT_UNKNOWN = Refusal(
    "edi.advice_shipment_unknown",
    "{document} names no shipment that is known ({named}); of order {order} these left: {shipments}. Record the receipt"
    " on the right one, or ask the customer.",
)
LINE_UNKNOWN = Refusal(
    "edi.advice_line_unknown",
    "{document}: its line {line} ({items}) is none of shipment {shipment}. Ask the customer which line is meant.",
)
OTHER_UNIT = Refusal(
    "edi.advice_unit",
    "{document}, line {line}: it counts in {unit}, we shipped in {shipped}. Agree the unit code, or record it by hand.",
)
COUNT_UNCLEAR = Refusal(
    "edi.advice_count_unclear",
    "{document}, line {line}: {stated} of {shipped} shipped, {bad} in question, {short} short and {over} over do not add"
    " up, whether {stated} is what was counted or what was accepted. Ask the customer.",
)

# X12 412: what is said of a quantity in question.
SHORT, OVER = "02", "03"
NOT_ACCEPTED = frozenset({"01", "04", "05", "06", "08", "10"})
SHIPMENT_REFERENCES = frozenset({"SI", "PK", "BM", "CN", "DO"})


def apply_receiving_advice(paper: Incoming) -> Outcome:
    """Record it on the shipment; a replacement (05) that says something new is a higher version."""
    document = paper.document
    number = document.get("number")
    if not number:
        raise NO_NUMBER(document=paper.name)
    order = _order(paper)
    shipment = _shipment(paper, order)
    lines = [line for one in document.get("lines") or [] for line in _counted(paper, shipment, order, one)]
    said = document.get("received_on") or document.get("advised_on")
    known = shipment.state.advices.get(number)
    counted = _merged(lines)
    version = 1 if known is None else known.version + (document.get("purpose") == "05" and known.lines != counted)
    shipment.receive(number, version, date.fromisoformat(said) if said else paper.day, counted)
    return Outcome(shipment.id)


def _order(paper: Incoming) -> Order:
    numbers = [paper.document.get("order_number"), *(one.get("order_number") for one in paper.document["lines"])]
    number = next((one for one in numbers if one), None) or ""
    for release in dict.fromkeys((paper.document.get("order_release"), None)):
        order = paper.work.find(Order, order_stream(paper, number, release))
        if order is not None:
            return order
    raise NO_ORDER(document=paper.name, order=number or "none", partner=paper.partner.state.partner)


def _shipment(paper: Incoming, order: Order) -> Shipment:
    """By its number or its bill of lading; else the only one of the order that no advice has come for."""
    found = [shipment for one in order.state.shipments if (shipment := paper.work.find(Shipment, one)) is not None]
    named = _references(paper.document)
    for shipment in found:
        if {shipment.state.number, shipment.state.bill_of_lading} & named:
            return shipment
    number = paper.document["number"]
    awaited = [one for one in found if not one.state.advices or number in one.state.advices]
    if not named and len(awaited) == 1:
        return awaited[0]
    raise SHIPMENT_UNKNOWN(
        document=paper.name, named=sorted(named) or ["nothing"], order=order.state.purchase_order_number,
        shipments=[one.state.number for one in found] or ["none"],
    )


def _references(document: Mapping[str, Any]) -> set[str]:
    named = {document.get("shipment_reference"), document.get("bill_of_lading")}
    named |= {one["value"] for one in document.get("references") or [] if one.get("qualifier") in SHIPMENT_REFERENCES}
    return {one for one in named if one}


def _counted(
    paper: Incoming, shipment: Shipment, order: Order, one: Mapping[str, Any]
) -> Sequence[ReceivedLine]:
    """What one RCD says, on the order line that it names or over the lines that carry its item."""
    carried = [line for line in shipment.state.lines if line.order == order.id]
    lines = _named_lines(paper, carried, one)
    if not lines:
        items = [f"{item.get('qualifier')} {item.get('id')}" for item in one.get("items") or []]
        raise LINE_UNKNOWN(
            document=paper.name, line=one["number"], items=items or ["no item"], shipment=shipment.state.number
        )
    unit = paper.profile.unit_codes.get(one.get("unit") or "", one.get("unit"))
    if unit is not None and unit != lines[0].unit:
        raise OTHER_UNIT(document=paper.name, line=one["number"], unit=unit, shipped=lines[0].unit)
    shipped = sum((line.quantity for line in lines), ZERO)
    received, accepted = quantities(paper.name, one, shipped)
    condition = next((q["condition"] for q in one.get("questions") or [] if q.get("condition")), None)
    if len(lines) == 1:
        return [ReceivedLine(lines[0].order, lines[0].line, received, accepted, condition)]
    return received_of_item(lines, lines[0].item, received, accepted, condition)


def _named_lines(
    paper: Incoming, carried: Sequence[ShipmentLine], one: Mapping[str, Any]
) -> list[ShipmentLine]:
    """By the order's line number, else by the item, else by the advice's own numbering."""
    if one.get("order_line"):
        return [line for line in carried if line_key(line.line) == line_key(one["order_line"])]
    items = set(_items(paper, one.get("items") or []))
    if items:
        return [line for line in carried if line.item in items]
    return [line for line in carried if line_key(line.line) == line_key(one["number"])]


def _items(paper: Incoming, pairs: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    schemes = {**ITEM_QUALIFIERS, **paper.profile.item_qualifiers}
    for pair in pairs:
        scheme, value = schemes.get(pair.get("qualifier") or ""), (pair.get("id") or "").strip()
        if not value or scheme is None:
            continue
        if scheme == "item":
            yield value
            continue
        scheme = item_scheme(paper.partner.state.partner) if scheme == "customer" else scheme
        try:
            identifier = paper.work.find(Identifier, Identifier.stream(scheme, normalised(scheme, value)))
        except Refused:
            if scheme == GTIN:
                continue  # an ill-formed GTIN names nothing; another number of the line may
            raise
        item = paper.work.find(Item, identifier.state.to) if identifier and identifier.state.to else None
        if item is not None:
            yield item.state.item


def quantities(name: str, one: Mapping[str, Any], shipped: Decimal) -> tuple[Decimal, Decimal]:
    """``(received, accepted)`` of one RCD.

    Senders mean by RCD02 either what they counted or what they accepted; where goods were counted and not accepted,
    the one that adds up to what was shipped is meant.
    """
    questions = one.get("questions") or []
    rejected = _sum(questions, NOT_ACCEPTED)
    bad = max(rejected, Decimal(one.get("returned") or 0))
    short, over = _sum(questions, {SHORT}), _sum(questions, {OVER})
    if one.get("received") is None:
        received = shipped - short + over
        return received, received - bad
    stated = Decimal(one["received"])
    if not bad:
        return stated, stated
    if stated + short - over == shipped:
        return stated, stated - bad
    if stated + bad + short - over == shipped:
        return stated + bad, stated
    raise COUNT_UNCLEAR(
        document=name, line=one["number"], stated=plain(stated), shipped=plain(shipped), bad=plain(bad),
        short=plain(short), over=plain(over),
    )


def _sum(questions: Iterable[Mapping[str, Any]], conditions: Collection[str]) -> Decimal:
    asked = (one for one in questions if (one.get("condition") or "") in conditions and one.get("quantity"))
    return sum((Decimal(one["quantity"]) for one in asked), ZERO)


def _merged(lines: Iterable[ReceivedLine]) -> tuple[ReceivedLine, ...]:
    """One entry a line: an advice may name a line in several segments."""
    merged: dict[tuple[str, str], ReceivedLine] = {}
    for line in lines:
        before = merged.get((line.order, line.line))
        merged[line.order, line.line] = line if before is None else ReceivedLine(
            line.order, line.line, before.received + line.received, before.accepted + line.accepted,
            before.condition or line.condition,
        )
    return tuple(merged.values())
