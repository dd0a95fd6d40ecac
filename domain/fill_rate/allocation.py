"""Sharing a quantity among what it may be meant for: the lines of an item, the parts of a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction

from domain.fill_rate.demand import NOTHING, Want
from domain.fill_rate.facts import Delivery, LineFacts

Wanted = Mapping[str, Sequence[tuple[Want, Fraction]]]


def in_order(quantity: Fraction, limits: Sequence[Fraction]) -> list[Fraction]:
    """``quantity`` filled into the limits one after the other, what is left over to the last."""
    shares: list[Fraction] = []
    for limit in limits[:-1]:
        shares.append(min(quantity, limit))
        quantity -= shares[-1]
    return [*shares, quantity]


def parts_of(quantity: Fraction, delivery: Delivery, wanted: Sequence[tuple[Want, Fraction]]) -> list[Fraction]:
    """The share of each part of a line in a delivery: of the parts at its place, by their days, up to what each wants."""
    if len(wanted) == 1:
        return [quantity]
    here = [n for n, (want, _) in enumerate(wanted) if delivery.ship_to in (None, want.asked.ship_to)]
    meant = sorted(here or range(len(wanted)), key=lambda n: (wanted[n][0].asked.requested_on, n))
    shares = dict(zip(meant, in_order(quantity, [wanted[n][1] for n in meant]), strict=True))
    return [shares.get(n, NOTHING) for n in range(len(wanted))]


def shared_advice(
    lines: Sequence[LineFacts], wanted: Wanted, at: datetime
) -> dict[tuple[str, str], Fraction]:
    """(line, shipment) -> its part of what an advice says of the item alone: in line order up to each D (rule 4)."""
    said: dict[tuple[str, str], list[tuple[LineFacts, Fraction]]] = {}
    for line in lines:
        for delivery in line.deliveries:
            accepted = [one.accepted for one in delivery.advices if one.of_item and one.accepted is not None and one.at <= at]
            if accepted:
                whole = sum((Fraction(one) for one in accepted), NOTHING)
                said.setdefault((line.original.item, delivery.shipment), []).append((line, whole))
    shares: dict[tuple[str, str], Fraction] = {}
    left = {number: sum((d for _, d in parts), NOTHING) for number, parts in wanted.items()}
    for (_, shipment), named in said.items():
        found = in_order(named[0][1], [left[line.number] for line, _ in named])
        for (line, _), share in zip(named, found, strict=True):
            shares[line.number, shipment] = share
            left[line.number] = max(left[line.number] - share, NOTHING)
    return shares
