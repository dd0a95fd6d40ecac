"""Lots: the lines of an order that fared alike, in whole numbers, so that a database can add them up exactly.

A lot is judged like a line: its lines have the same days, and each quantity is the same share of what was ordered; so
what holds of one of them (in full, in time) holds of all, and their sums stay exact. Only plain orders have lots: those
of which nothing has to be known but days, quantities and by whose record. Every other order is judged line by line, and
what is computed from lots equals that (``judging`` is what defines it; tests/projections/test_fill_rate_pushdown.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import repeat
from math import gcd, lcm
from zoneinfo import ZoneInfo

from domain.fill_rate.choices import Target
from domain.fill_rate.demand import Want, wants
from domain.fill_rate.evidence import arrival_of, target_day
from domain.fill_rate.facts import Confirmation, Delivery, LineFacts
from domain.fill_rate.policy import OnTime
from domain.fill_rate.windows import start_of
from domain.order import OrderLine
from domain.shipment import ArrivalEvidence
from domain.values import Side

MICRO = 1_000_000
CASES = 720_720_000  # so many parts of a case: thousandths, and every pack up to 16, 18, 20, 24, 30, 36, 48, 60, 72, 100 ..
DELIVERIES = 2
ARRIVALS = tuple(ArrivalEvidence)

_LARGEST = 2**62
_LARGEST_SHARE = 10**9
_EPOCH = date(1970, 1, 1)
_EVER = datetime.max.replace(tzinfo=UTC)
_RULES = tuple(OnTime(arrival_evidence=(kind,)) for kind in ARRIVALS)

Quantities = list[int | None]


class _NotPlain(Exception):
    """The line cannot be said in the whole numbers of a lot."""


@dataclass(frozen=True, slots=True)
class Came:
    """One delivery: by each record the share that came, and the local days of its arrival in the order of ``ARRIVALS``."""

    advised: int | None
    signed: int | None
    sent: int | None
    booked: bool
    arrived: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a line. Days are counted from 1970; shares are of ``whole``, which is what was ordered.

    ``confirmed_first`` and ``confirmed_last`` None: never confirmed.
    """

    requested: int
    promised_first: int
    promised_last: int
    ship_to: str
    banner: str | None
    category: str | None
    whole: int
    confirmed_first: int | None
    confirmed_last: int | None
    came: tuple[Came, ...]


@dataclass(frozen=True, slots=True)
class Lot:
    """``units`` and ``eaches`` in millionths, ``value`` in millionths of the currency, ``cases`` in parts of ``CASES``."""

    fate: Fate
    lines: int
    units: int
    eaches: int
    value: int
    cases: int


def lots_of(order: Sequence[LineFacts]) -> tuple[Lot, ...] | None:
    """All lines of one order as lots; None where the order is not plain."""
    found: dict[Fate, Lot] = {}
    try:
        for line in order:
            one = _lot(line)
            known = found.get(one.fate)
            found[one.fate] = one if known is None else _together(known, one)
    except _NotPlain:
        return None
    return tuple(found.values())


def last_said(order: Iterable[LineFacts]) -> datetime | None:
    """The latest moment that any judgement of a plain order compares with the moment it is asked for."""
    return max((at for line in order for at in _moments(line)), default=None)


def day_number(day: date) -> int:
    return (day - _EPOCH).days


def _moments(line: LineFacts) -> Iterable[datetime]:
    yield from (one.known.at for one in line.confirmations)
    for delivery in line.deliveries:
        if delivery.dispatched_at is not None:
            yield delivery.dispatched_at
        yield from (one.known.at for one in delivery.appointments)
        for said in (delivery.arrivals, delivery.proofs, delivery.advices):
            yield from (one.at for one in said)


def _lot(line: LineFacts) -> Lot:
    (want,) = wants(line) if _is_plain(line) else _refuse()
    first, last = (_confirmed(line.confirmations[place]) if line.confirmations else None for place in (0, -1))
    quantities: Quantities = [_micro(line.original.quantity), first, last]
    for one in line.deliveries:
        quantities += [_advised(one), _micro(one.proofs[0].quantity) if one.proofs else None, _sent(one)]
    weights = _weighed(line.original, quantities)
    whole, confirmed_first, confirmed_last, *shares = _shares(quantities, weights)
    came = tuple(map(_came, line.deliveries, zip(*[iter(shares)] * 3, strict=True), repeat(want.zone)))
    asked = want.asked
    fate = Fate(
        day_number(asked.requested_on), _promised(want, Target.PROMISED_FIRST), _promised(want, Target.PROMISED_LATEST),
        asked.ship_to, asked.banner, line.original.category, whole or 1, confirmed_first, confirmed_last, came,
    )  # fmt: skip
    return Lot(fate, 1, *weights)


def _came(one: Delivery, shares: Sequence[int | None], zone: str) -> Came:
    advised, signed, sent = shares
    return Came(advised, signed, sent, bool(one.appointments), _arrived(one, zone))


def _refuse() -> tuple[Want]:
    raise _NotPlain


def _is_plain(line: LineFacts) -> bool:
    """Whether nothing happened to it that a lot cannot say; what we cancel ourselves leaves the denominator alone."""
    changed = line.amendments or line.exclusions or line.added_by or len(line.original.schedule) != 1
    taken_back = any(one.by is Side.CUSTOMER for one in line.cancellations)
    if changed or taken_back or len(line.deliveries) > DELIVERIES:
        return False
    asked = line.original.schedule[0].quantity
    return asked == line.original.quantity and asked > 0 and all(map(_is_plain_delivery, line.deliveries))


def _is_plain_delivery(one: Delivery) -> bool:
    if one.refusals or len(one.advices) > 1 or len(one.proofs) > 1:
        return False
    if any(proof.substitutes for proof in one.proofs):
        return False
    return not any(advice.substitutes or advice.of_item for advice in one.advices)


def _micro(quantity: Decimal) -> int:
    """In millionths; what is finer is not plain."""
    whole = quantity * MICRO
    if whole != int(whole):
        raise _NotPlain
    return int(whole)


def _confirmed(confirmation: Confirmation) -> int:
    return sum(_micro(part.quantity) for part in confirmation.parts)


def _advised(one: Delivery) -> int | None:
    """What was accepted; an advice that does not name the line says that nothing was."""
    return _micro(one.advices[0].accepted or Decimal(0)) if one.advices else None


def _sent(one: Delivery) -> int | None:
    return None if one.quantity is None else _micro(one.quantity)


def _weighed(line: OrderLine, quantities: Quantities) -> tuple[int, int, int, int]:
    """What was ordered in every weight; each quantity must be whole in each weight, else sums would not be exact."""
    ordered, base = _micro(line.quantity), _micro(line.base_quantity)
    price = _exact(_micro(line.unit_price) * MICRO, _micro(line.price_per)) if line.price_per else 0
    case = _micro(line.case_size) if line.case_size else _exact(base * MICRO, ordered)
    for quantity in {one for one in quantities if one}:
        eaches = _exact(base * quantity, ordered)
        _exact(quantity * price, MICRO)
        _exact(eaches * CASES, case)
    return ordered, base, _exact(ordered * price, MICRO), _exact(base * CASES, case)


def _exact(numerator: int, denominator: int) -> int:
    whole, rest = divmod(numerator, denominator)
    if rest:
        raise _NotPlain
    return whole


def _shares(quantities: Quantities, weights: Iterable[int]) -> Quantities:
    """The quantities as shares with one denominator, the first of them the whole; small enough for 64 bits."""
    ordered = quantities[0] or 1
    whole = lcm(*(ordered // gcd(ordered, one) for one in quantities if one))
    shares: Quantities = [None if one is None else one * whole // ordered for one in quantities]
    largest = max(one for one in shares if one is not None)
    if largest > _LARGEST_SHARE or any(weight * largest > _LARGEST for weight in weights):
        raise _NotPlain
    return shares


def _promised(want: Want, target: Target) -> int:
    return day_number(target_day(want, target, _EVER))


def _arrived(one: Delivery, zone: str) -> tuple[int | None, ...]:
    """By each kind of record the local day on which it came."""
    said = one.arrivals or one.proofs or one.advices or one.dispatched_at is not None
    if not said:
        return (None,) * len(ARRIVALS)
    moments = [arrival_of(one, rule, _EVER).at for rule in _RULES]
    return tuple(None if at is None else _local_day(at, zone) for at in moments)


def _local_day(at: datetime, zone: str) -> int:
    """The day whose windows hold the moment; where midnight occurs twice, the hours between the two lie in two days' bounds."""
    day = at.astimezone(ZoneInfo(zone)).date()
    if not start_of(day, zone, upper=True) <= at < start_of(day + timedelta(days=1), zone):
        raise _NotPlain
    return day_number(day)


def _together(one: Lot, other: Lot) -> Lot:
    units, eaches, value, cases = sums = (
        one.units + other.units, one.eaches + other.eaches, one.value + other.value, one.cases + other.cases,
    )  # fmt: skip
    most = max(one.fate.whole, one.fate.confirmed_first or 0, one.fate.confirmed_last or 0)
    if max(sums) * most > _LARGEST:
        raise _NotPlain
    return Lot(one.fate, one.lines + other.lines, units, eaches, value, cases)
