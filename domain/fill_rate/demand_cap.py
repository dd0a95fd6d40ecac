"""The demand cap: what an item's orders of a period may count at most, against the same period a year before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from domain.fill_rate.demand import NOTHING, each_factor
from domain.fill_rate.judging import Judged, Status
from domain.fill_rate.policy import DemandCap


def demand_by_item(judged: Iterable[Judged]) -> dict[str, Fraction]:
    """Item -> the sum of its denominators in eaches."""
    wanted: dict[str, Fraction] = defaultdict(Fraction)
    for one in judged:
        if one.status in (Status.COUNTED, Status.PENDING):
            wanted[one.line.original.item] += one.d * each_factor(one.line.original)
    return dict(wanted)


def capped(judged: Sequence[Judged], cap: DemandCap, last_year: Mapping[str, Fraction]) -> list[Judged]:
    """The wants with their denominators cut pro rata where the item's sum is over the cap.

    An item that was not ordered a year before has no cap: nothing would be left of a new item.
    """
    now = demand_by_item(judged)
    shares = {
        item: cap.factor * last_year[item] / wanted
        for item, wanted in now.items()
        if last_year.get(item, NOTHING) > 0 and wanted > cap.factor * last_year[item]
    }
    return [
        replace(one, d=one.d * shares[one.line.original.item]) if one.line.original.item in shares else one
        for one in judged
    ]
