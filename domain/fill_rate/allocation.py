"""What came of each line of an order, in the order of arrival, and which part of the line it was meant for.

The split rule's first delivery (definitions 1.4 rule 5), goods brought again and advices that name only an item (rule 4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

from domain.fill_rate.choices import SplitRule
from domain.fill_rate.demand import NOTHING, Want
from domain.fill_rate.evidence import Arrived, Counted, arrival_of, counted
from domain.fill_rate.facts import Delivery, LineFacts
from domain.fill_rate.policy import FillRatePolicy, OnTime

Wanted = Sequence[tuple[Want, Fraction]]  # the parts of one line, each with its D
Shared = Mapping[tuple[str, str], Fraction]  # (line, shipment) -> its part of what is advised of an item

_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Came:
    """A delivery of a line as it came: what of it counts, and the share of each of the line's wants in that."""

    delivery: Delivery
    arrived: Arrived
    admitted: bool
    said: Counted
    shares: Sequence[Fraction]


def coming(
    lines: Sequence[LineFacts], wanted: Sequence[Wanted], policy: FillRatePolicy, at: datetime
) -> dict[str, list[Came]]:
    """By line; ``lines`` are all lines of one order."""
    first = _first_delivery(lines, policy.on_time, at) if policy.split_deliveries is SplitRule.FIRST_ONLY else None
    shared = _shared_advices(lines, wanted, first, policy, at)
    return {
        line.number: _of_line(line, parts, shared, first, policy, at) for line, parts in zip(lines, wanted, strict=True)
    }


def _rank(arrived: Arrived, delivery: Delivery) -> tuple[datetime, datetime, str]:
    """By arrival; what no record tells the arrival of comes last. When we heard of it makes no difference."""
    return arrived.at or _LAST, delivery.dispatched_at or _LAST, delivery.shipment


def _first_delivery(lines: Sequence[LineFacts], rule: OnTime, at: datetime) -> str | None:
    """The shipment that came first against the order."""
    came = [(arrival_of(one, rule, at), one) for line in lines for one in line.deliveries]
    return min(came, key=lambda each: _rank(*each))[1].shipment if came else None


def _of_line(
    line: LineFacts, parts: Wanted, shared: Shared, first: str | None, policy: FillRatePolicy, at: datetime
) -> list[Came]:
    """Goods refused at the customer's fault and brought again count once (rule 4); each part takes what it still lacks."""
    came = [(arrival_of(one, policy.on_time, at), one) for one in line.deliveries]
    if len(came) > 1:
        came.sort(key=lambda each: _rank(*each))
    outstanding, lacking = NOTHING, [d for _, d in parts]
    found: list[Came] = []
    for arrived, delivery in came:
        said = counted(line, delivery, policy.in_full, at, shared.get((line.number, delivery.shipment)))
        quantity, admitted = said.total, first in (None, delivery.shipment)
        if admitted and (outstanding or said.fault_credit):
            again = min(quantity, outstanding)
            quantity, outstanding = quantity - again, outstanding - again + said.fault_credit
        shares = _shares(quantity, delivery, parts, lacking)
        if admitted and len(parts) > 1:
            lacking = [max(left - share, NOTHING) for left, share in zip(lacking, shares, strict=True)]
        found.append(Came(delivery, arrived, admitted, said, shares))
    return found


def in_order(quantity: Fraction, limits: Sequence[Fraction]) -> list[Fraction]:
    """``quantity`` filled into the limits one after the other, what is left over to the last."""
    shares: list[Fraction] = []
    for limit in limits[:-1]:
        shares.append(min(quantity, limit))
        quantity -= shares[-1]
    return [*shares, quantity]


def _shares(quantity: Fraction, delivery: Delivery, parts: Wanted, lacking: Sequence[Fraction]) -> list[Fraction]:
    """The share of each part of a line in a delivery: of the parts at its place, by their days, up to what each lacks."""
    if len(parts) == 1:
        return [quantity]
    here = [n for n, (want, _) in enumerate(parts) if delivery.ship_to in (None, want.asked.ship_to)]
    meant = sorted(here or range(len(parts)), key=lambda n: (parts[n][0].asked.requested_on, n))
    shares = dict(zip(meant, in_order(quantity, [lacking[n] for n in meant]), strict=True))
    return [shares.get(n, NOTHING) for n in range(len(parts))]


def _shared_advices(
    lines: Sequence[LineFacts], wanted: Sequence[Wanted], first: str | None, policy: FillRatePolicy, at: datetime
) -> Shared:
    """What is advised of an item goes to its lines in their order, up to what each lacks beyond what is said of itself."""
    if not any(advice.of_item for line in lines for one in line.deliveries for advice in one.advices):
        return {}
    lacking: dict[str, Fraction] = {}
    for line, parts in zip(lines, wanted, strict=True):
        admitted = (one for one in line.deliveries if first in (None, one.shipment))
        own = [counted(line, one, policy.in_full, at).total for one in admitted]
        lacking[line.number] = max(sum((d for _, d in parts), NOTHING) - sum(own, NOTHING), NOTHING)
    return _shared_among(lines, lacking, policy.on_time, at)


def _shared_among(lines: Sequence[LineFacts], lacking: Mapping[str, Fraction], rule: OnTime, at: datetime) -> Shared:
    said: dict[tuple[str, str], list[tuple[LineFacts, Fraction]]] = {}
    ranks: dict[tuple[str, str], tuple[datetime, datetime, str]] = {}
    for line in lines:
        for delivery in line.deliveries:
            accepted = [one.accepted for one in delivery.advices if one.of_item and one.accepted is not None and one.at <= at]
            if accepted:
                key = line.original.item, delivery.shipment
                said.setdefault(key, []).append((line, sum((Fraction(one) for one in accepted), NOTHING)))
                ranks[key] = _rank(arrival_of(delivery, rule, at), delivery)
    shares: dict[tuple[str, str], Fraction] = {}
    left = dict(lacking)
    for (_, shipment), named in sorted(said.items(), key=lambda each: ranks[each[0]]):
        found = in_order(named[0][1], [left[line.number] for line, _ in named])
        for (line, _), share in zip(named, found, strict=True):
            shares[line.number, shipment] = share
            left[line.number] = max(left[line.number] - share, NOTHING)
    return shares
