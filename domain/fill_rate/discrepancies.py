"""Where the customer's evidence contradicts ours: both values, who says so by which paper, and the money at stake.

A contradiction is what one disputes (definitions 1.1 point 2). Nothing is decided here and nothing is overwritten: the
official figure is the customer's, these stand beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import groupby

from domain.aggregate import natural_id
from domain.fill_rate.allocation import in_order
from domain.fill_rate.case import per_unit
from domain.fill_rate.demand import NOTHING, each_factor, quantity_now
from domain.fill_rate.evidence import window_for
from domain.fill_rate.facts import Advice, Delivery, Known, LineFacts
from domain.fill_rate.failures import worth
from domain.fill_rate.judging import Asking, Judged
from domain.fill_rate.windows import Punctuality
from domain.shipment import ArrivalEvidence
from domain.values import Side

# Records of one and the same thing, the goods' coming; a receipt is posted later, which contradicts nothing.
PRESENCE = (
    ArrivalEvidence.GATE_ARRIVAL, ArrivalEvidence.CHECK_IN, ArrivalEvidence.UNLOAD_END, ArrivalEvidence.POD_SIGNED,
)  # fmt: skip


class Kind(StrEnum):
    QUANTITY = "QUANTITY"
    ARRIVAL = "ARRIVAL"
    MORE_THAN_ORDERED = "MORE_THAN_ORDERED"
    UNKNOWN_LINE = "UNKNOWN_LINE"
    UNKNOWN_ORDER = "UNKNOWN_ORDER"


@dataclass(frozen=True, slots=True)
class Statement:
    """What one side says: a quantity in the unit ordered, or a moment; ``document`` is the paper or the kind of record."""

    value: Fraction | datetime | None
    by: Side
    document: str
    known: Known


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One contradiction. ``id`` is the same whenever it is asked for, whatever the values are by then.

    ``ours`` is None where we know nothing of it. ``punctuality``: ours and theirs under the policy, for an arrival.
    ``money`` is None where no price is known.
    """

    id: str
    kind: Kind
    order: str
    line: str | None
    shipment: str | None
    theirs: Statement
    ours: Statement | None
    quantity: Fraction
    money: Decimal | None
    currency: str | None
    punctuality: tuple[Punctuality, Punctuality] | None = None

    @property
    def changes(self) -> bool:
        """Whether the figure would be another one if we were believed."""
        return self.punctuality is None or self.punctuality[0] is not self.punctuality[1]


@dataclass(frozen=True, slots=True)
class Unplaced:
    """What a paper says of an order, or of a line of it, that we do not know; the line is named, or else the item."""

    order: str
    line: str | None
    item: str | None
    shipment: str | None
    quantity: Decimal
    document: str
    by: Side
    known: Known
    order_known: bool


def discrepancies(judged: Iterable[Judged], asking: Asking) -> tuple[Discrepancy, ...]:
    """Every contradiction about the lines, in their order; the wants of a line, and the lines of an order, come together."""
    made: list[Discrepancy] = []
    for _, order in groupby(judged, lambda one: one.line.order):
        wants = list(order)
        shares = _shared_advices(wants, asking.at)
        for _, parts in groupby(wants, lambda one: one.line.number):
            made += _of_line(list(parts), shares, asking)
    return tuple(made)


def unplaced(said: Iterable[Unplaced]) -> tuple[Discrepancy, ...]:
    """What the customer's papers say of orders and lines that we do not have."""
    return tuple(
        Discrepancy(
            id=_id(one.order, one.line or one.item or "", one.shipment or one.document, kind), kind=kind, order=one.order,
            line=one.line or one.item, shipment=one.shipment,
            theirs=Statement(Fraction(one.quantity), one.by, one.document, one.known), ours=None,
            quantity=Fraction(one.quantity), money=None, currency=None,
        )
        for one in said
        for kind in (Kind.UNKNOWN_LINE if one.order_known else Kind.UNKNOWN_ORDER,)
    )


def _id(order: str, line: str, shipment: str, kind: Kind) -> str:
    return natural_id("discrepancy", order, line, shipment, kind)


Shares = dict[tuple[str, str], Fraction]


def _of_line(parts: Sequence[Judged], shares: Shares, asking: Asking) -> Iterator[Discrepancy]:
    line = parts[0].line
    for delivery in line.deliveries:
        advices = [one for one in delivery.advices if one.at <= asking.at]
        yield from _of_quantity(line, delivery, advices, shares, asking.at)
        yield from _of_arrival(parts, delivery, asking)
    yield from _beyond_order(line, shares, asking.at)


# How much came.


def _of_quantity(
    line: LineFacts, delivery: Delivery, advices: Sequence[Advice], shares: Shares, at: datetime
) -> Iterator[Discrepancy]:
    """Accepted by the customer's advice, against what we have signed, or else sent, less what both know was refused."""
    ours = _ours(line, delivery, at)
    if not advices or ours is None:
        return
    accepted = _accepted(line, delivery, advices, shares)
    theirs = Statement(accepted, Side.CUSTOMER, advices[-1].document, advices[-1].known)
    assert isinstance(ours.value, Fraction)
    if accepted != ours.value:
        quantity = abs(accepted - ours.value)
        yield Discrepancy(
            _id(line.order, line.number, delivery.shipment, Kind.QUANTITY), Kind.QUANTITY, line.order, line.number,
            delivery.shipment, theirs, ours, quantity, worth(line, quantity), line.currency,
        )


def _ours(line: LineFacts, delivery: Delivery, at: datetime) -> Statement | None:
    proofs = [one for one in delivery.proofs if one.at <= at]
    refused = sum((Fraction(one.quantity) for one in delivery.refusals if one.at <= at), NOTHING)
    unit = per_unit(line, delivery)
    if proofs:
        signed = sum((Fraction(one.quantity) for one in proofs), NOTHING)
        return Statement(max(signed - refused, NOTHING) * unit, Side.SUPPLIER, proofs[-1].document, proofs[-1].known)
    if delivery.quantity is None or (delivery.dispatched_at is not None and delivery.dispatched_at > at):
        return None
    sent = max(Fraction(delivery.quantity) - refused, NOTHING)
    return Statement(sent * unit, Side.SUPPLIER, delivery.number, delivery.known)


def _accepted(line: LineFacts, delivery: Delivery, advices: Sequence[Advice], shares: Shares) -> Fraction:
    own = sum((Fraction(one.accepted or 0) for one in advices if not one.of_item), NOTHING) * per_unit(line, delivery)
    return own + shares.get((line.number, delivery.shipment), NOTHING)


def _shared_advices(wants: Sequence[Judged], at: datetime) -> Shares:
    """What is advised of an item goes to its lines in their order, up to what we say each of them got, the rest to the last."""
    lines = list({one.line.number: one.line for one in wants}.values())
    said: dict[tuple[str, str], list[tuple[LineFacts, Delivery, Fraction]]] = {}
    for line in lines:
        for delivery in line.deliveries:
            advised = [one for one in delivery.advices if one.of_item and one.accepted is not None and one.at <= at]
            if advised:
                whole = sum((Fraction(one.accepted or 0) for one in advised), NOTHING) * per_unit(line, delivery)
                said.setdefault((line.original.item, delivery.shipment), []).append((line, delivery, whole))
    found: Shares = {}
    for (_, shipment), named in said.items():
        limits = [_value(_ours(line, delivery, at)) for line, delivery, _ in named]
        for (line, _, _), share in zip(named, in_order(named[0][2], limits), strict=True):
            found[line.number, shipment] = share
    return found


def _value(statement: Statement | None) -> Fraction:
    return statement.value if statement is not None and isinstance(statement.value, Fraction) else NOTHING


def _beyond_order(line: LineFacts, shares: Shares, at: datetime) -> Iterator[Discrepancy]:
    """The customer accepted more than it orders."""
    advised = [
        (delivery, [one for one in delivery.advices if one.at <= at])
        for delivery in line.deliveries
        if any(one.at <= at for one in delivery.advices)
    ]
    if not advised:
        return
    accepted = sum((_accepted(line, delivery, said, shares) for delivery, said in advised), NOTHING)
    changes = sorted((one for one in line.amendments if one.by is Side.CUSTOMER and one.at <= at), key=lambda one: one.at)
    last = changes[-1] if changes else None
    unit = each_factor(last.line) / each_factor(line.original) if last is not None and last.quantity else Fraction(1)
    ordered = Fraction(quantity_now(line, at)) * unit
    if accepted > ordered:
        advice = max((one for _, said in advised for one in said), key=lambda one: (one.at, one.known.position))
        known = last.known if last is not None else line.known
        yield Discrepancy(
            _id(line.order, line.number, "", Kind.MORE_THAN_ORDERED), Kind.MORE_THAN_ORDERED, line.order, line.number, None,
            Statement(accepted, Side.CUSTOMER, advice.document, advice.known),
            Statement(ordered, Side.CUSTOMER, line.purchase_order_number, known),
            accepted - ordered, worth(line, accepted - ordered), line.currency,
        )


# When it came.


def _of_arrival(parts: Sequence[Judged], delivery: Delivery, asking: Asking) -> Iterator[Discrepancy]:
    """The customer's record against ours: another moment by the same kind of record, or another side of the window."""
    theirs = _recorded(delivery, Side.CUSTOMER, asking)
    ours = _recorded(delivery, Side.SUPPLIER, asking)
    if theirs is None or ours is None:
        return
    counting = [(one, each) for one in parts for each in one.deliveries if each.delivery is delivery and each.quantity > 0]
    want = counting[0][0].want if counting else parts[0].want
    window = window_for(want, delivery, asking.policy.on_time, asking.at, asking.calendars)
    sides = (window.punctuality(ours.at), window.punctuality(theirs.at))
    if sides[0] is sides[1] and (ours.kind is not theirs.kind or ours.at == theirs.at):
        return
    quantity = sum((min(each.quantity, one.d) for one, each in counting), NOTHING)
    line = want.line
    yield Discrepancy(
        _id(line.order, line.number, delivery.shipment, Kind.ARRIVAL), Kind.ARRIVAL, line.order, line.number,
        delivery.shipment, Statement(theirs.at, Side.CUSTOMER, theirs.document, theirs.known),
        Statement(ours.at, Side.SUPPLIER, ours.document, ours.known), quantity,
        worth(line, quantity if sides[0] is not sides[1] else NOTHING), line.currency, sides,
    )


@dataclass(frozen=True, slots=True)
class _Record:
    """``document`` is the paper; where a moment was only noted, the kind of record stands for it."""

    kind: ArrivalEvidence
    at: datetime
    document: str
    known: Known


def _recorded(delivery: Delivery, by: Side, asking: Asking) -> _Record | None:
    """A side's own record of the arrival: by the evidence that the policy asks for first, else the first on the way in."""
    asked = asking.policy.on_time.arrival_evidence
    said = [_Record(one.evidence, one.at, one.evidence, one.known) for one in delivery.arrivals if one.by is by]
    if by is Side.SUPPLIER:
        said += [_Record(ArrivalEvidence.POD_SIGNED, one.at, one.document, one.known) for one in delivery.proofs]
    else:
        said += [_Record(ArrivalEvidence.RECEIPT_POSTED, one.at, one.document, one.known) for one in delivery.advices]
    for kind in dict.fromkeys((*asked, *PRESENCE)):
        records = [one for one in said if one.kind is kind and one.at <= asking.at]
        if records:
            return records[-1]
    return None
