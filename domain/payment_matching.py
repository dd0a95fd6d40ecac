"""Which open items a payment may be for, when its advice does not say (definitions.md 4.2 rules 2 and 3, S7).

Only one exact set of open items posts itself; everything else is a proposal with its reasons, which a person takes or
leaves. Tolerance plays no part in the search, and nothing is ever applied oldest-first.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import combinations

from domain.allocation import OpenItem
from domain.values import ZERO

MATCHED_AT_MOST = 6  # items in a set, definitions.md 4.2 rule 2
SEARCHED_AT_MOST = 120  # open items: 288,000 sets of three, joined in pairs; beyond it a person chooses
PROPOSED_AT_MOST = 5

_SCALE = 4  # decimals kept while sums are looked up as whole numbers


class MatchReason(StrEnum):
    """Why a set of documents is proposed."""

    EXACT_SUM = "EXACT_SUM"
    SUM_LESS_DISCOUNT = "SUM_LESS_DISCOUNT"
    SIMILAR_REFERENCE = "SIMILAR_REFERENCE"


@dataclass(frozen=True)
class MatchedItem:
    """One document of a proposal: what was open of it when it was looked at, and what of it would be paid how."""

    stream: str
    reference: str
    open: Decimal
    paid: Decimal
    discount: Decimal = ZERO


@dataclass(frozen=True)
class Match:
    """``amount`` of the payment for ``items``. ``confidence`` is 0..1: proposals that exclude each other share it."""

    items: tuple[MatchedItem, ...]
    amount: Decimal
    reasons: tuple[MatchReason, ...]
    confidence: Decimal


# Of a proposal that stands alone: a sum that fits to the cent is rarely chance, a similar number with its own amount never.
CONFIDENCE = {
    MatchReason.EXACT_SUM: Decimal("0.90"),
    MatchReason.SUM_LESS_DISCOUNT: Decimal("0.80"),
    MatchReason.SIMILAR_REFERENCE: Decimal("0.60"),
}
BOTH = Decimal("0.95")  # a similar reference whose amount fits exactly


def exact_sets(amount: Decimal, items: Sequence[OpenItem], most: int | None = None) -> list[tuple[OpenItem, ...]]:
    """Sets of 1 to 6 of ``items`` that come to ``amount`` exactly, small ones first, in listed order; ``most`` of them.

    Every set is cut into its first and its second half (by place in the list), and the halves are looked up by their sums:
    n items cost sets of three, not of six.
    """
    listed = [item for item in items if item.open != 0]
    worth = [_whole(item.open) for item in listed]
    halves = _halves(worth)
    found: list[tuple[OpenItem, ...]] = []
    for size in range(1, MATCHED_AT_MOST + 1):
        for places in _sets_of(size, _whole(amount), worth, halves):
            found.append(tuple(listed[place] for place in places))
            if len(found) == most:
                return found
    return found


def only_exact_set(amount: Decimal, items: Sequence[OpenItem]) -> tuple[OpenItem, ...]:
    """The one set that comes to ``amount``; empty when there are two, none, or too many items to be sure."""
    if sum(1 for item in items if item.open != 0) > SEARCHED_AT_MOST:
        return ()
    found = exact_sets(amount, items, 2)
    return found[0] if len(found) == 1 else ()


def proposed_matches(
    amount: Decimal, items: Sequence[OpenItem], paid_on: date, references: Sequence[tuple[str, Decimal]] = ()
) -> list[Match]:
    """What a payment of ``amount`` may be for, the most likely first, five at the most.

    ``references``: what the customer wrote that nobody knows, each with the amount it was to pay.
    """
    near = [match for reference, part in references for match in _similar(reference, min(part, amount), items)]
    listed = list(items)[:SEARCHED_AT_MOST]
    exact = [_match(found, amount, MatchReason.EXACT_SUM) for found in exact_sets(amount, listed, PROPOSED_AT_MOST + 1)]
    exact = _shared(exact)
    less = [
        one for found in exact_sets(amount, [_less_discount(item, paid_on) for item in listed], PROPOSED_AT_MOST + 1)
        for one in _discounted(found, listed, amount)
    ]
    ranked = sorted([*near, *exact, *_shared(less)], key=lambda match: (-match.confidence, len(match.items)))
    return ranked[:PROPOSED_AT_MOST]


def _whole(amount: Decimal) -> int:
    return int(amount.scaleb(_SCALE))


Half = tuple[int, ...]
Halves = list[dict[int, list[Half]]]


def _halves(worth: Sequence[int]) -> Halves:
    """By size (0 to 3) and sum: the places of the items, in order of their first."""
    made: Halves = [{0: [()]}]
    for size in range(1, MATCHED_AT_MOST // 2 + 1):
        by_sum: dict[int, list[Half]] = defaultdict(list)
        for places in combinations(range(len(worth)), size):
            by_sum[sum(worth[place] for place in places)].append(places)
        made.append(by_sum)
    return made


def _sets_of(size: int, amount: int, worth: Sequence[int], halves: Halves) -> Iterator[Half]:
    """Sets of ``size``: a first half, and a second one that begins behind it and brings what is missing."""
    second = size // 2
    for first in combinations(range(len(worth)), size - second):
        fitting = halves[second].get(amount - sum(worth[place] for place in first), ())
        if not second:
            yield from ((*first, *rest) for rest in fitting)
            continue
        for at in range(bisect_right(fitting, first[-1], key=lambda rest: rest[0]), len(fitting)):
            yield (*first, *fitting[at])


def _match(found: Sequence[OpenItem], amount: Decimal, reason: MatchReason) -> Match:
    items = tuple(MatchedItem(item.stream, item.reference, item.open, item.open) for item in found)
    return Match(items, amount, (reason,), CONFIDENCE[reason])


def _shared(matches: Sequence[Match]) -> list[Match]:
    """Sets that come to the same amount exclude each other: of n, each is an n-th as likely."""
    return [
        Match(m.items, m.amount, m.reasons, (m.confidence / len(matches)).quantize(Decimal("0.01"))) for m in matches
    ]


def _offered(item: OpenItem, paid_on: date) -> Decimal:
    """The discount still offered on the day of payment, less what was taken."""
    offers = [offer.amount for offer in item.discounts if paid_on <= offer.last_day]
    return max(max(offers, default=ZERO) - item.discounted, ZERO)


def _less_discount(item: OpenItem, paid_on: date) -> OpenItem:
    less = item.open - _offered(item, paid_on)
    return OpenItem(item.stream, item.reference, item.gross, less, item.discounts, item.discounted)


def _discounted(found: Sequence[OpenItem], listed: Sequence[OpenItem], amount: Decimal) -> Iterator[Match]:
    """A set with at least one discount in it; without one it was found as an exact sum."""
    was = {item.stream: item.open for item in listed}
    items = tuple(
        MatchedItem(item.stream, item.reference, was[item.stream], item.open, was[item.stream] - item.open) for item in found
    )
    if any(item.discount for item in items):
        reason = MatchReason.SUM_LESS_DISCOUNT
        yield Match(items, amount, (reason,), CONFIDENCE[reason])


def _similar(reference: str, part: Decimal, items: Sequence[OpenItem]) -> Iterator[Match]:
    """Documents whose number reads the same without punctuation and leading zeros, or ends in what was written."""
    written = _bare(reference)
    if len(written) < 3:
        return
    near = [item for item in items if item.open > 0 and _reads_like(written, _bare(item.reference))]
    for item in near:
        fits = item.open == part
        reasons = (MatchReason.SIMILAR_REFERENCE, *((MatchReason.EXACT_SUM,) if fits else ()))
        confidence = (BOTH if fits else CONFIDENCE[MatchReason.SIMILAR_REFERENCE]) / len(near)
        paid = min(part, item.open)
        matched = (MatchedItem(item.stream, item.reference, item.open, paid),)
        yield Match(matched, paid, reasons, confidence.quantize(Decimal("0.01")))


def _bare(reference: str) -> str:
    """Letters and digits, each run of digits without leading zeros."""
    runs = re.findall(r"[0-9]+|[A-Za-z]+", reference.upper())
    return "".join(run.lstrip("0") or "0" if run.isdigit() else run for run in runs)


def _reads_like(written: str, number: str) -> bool:
    long, short = sorted((written, number), key=len, reverse=True)
    return long == short or (len(short) >= 4 and long.endswith(short))
