"""What of a want failed under a policy's metric, before anybody asks why; and what the figure lost by it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from domain.fill_rate.choices import CreditMode, Metric, OnExceed, PassLevel, WeightUnit
from domain.fill_rate.credit import Contribution, passes
from domain.fill_rate.demand import NOTHING
from domain.fill_rate.failing import Fate, Portion, portions
from domain.fill_rate.judging import Judged, JudgedDelivery
from domain.fill_rate.policy import FillRatePolicy
from domain.fill_rate.windows import Punctuality

Key = tuple[str, str, int]


class Kind(StrEnum):
    """How a line failed; of a line that failed in several ways the first of these leads."""

    MISSING = "MISSING"
    SHORT = "SHORT"
    LATE = "LATE"
    EARLY = "EARLY"
    OVER = "OVER"
    CONDITION = "CONDITION"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of what failed, in the ordered unit; ``each`` is the delivery that was not in time or came after the first."""

    kind: Kind
    quantity: Fraction
    each: JudgedDelivery | None = None


@dataclass(frozen=True, slots=True)
class Miss:
    """``counted`` is what of the want is as the metric asks; with the pieces it is all of it, unless too much came."""

    part: Contribution
    counted: Fraction
    pieces: tuple[Piece, ...]

    @property
    def one(self) -> Judged:
        return self.part.judged

    @property
    def key(self) -> Key:
        return self.one.want.key

    @property
    def quantity(self) -> Fraction:
        return sum((piece.quantity for piece in self.pieces), NOTHING)


def misses(parts: Sequence[Contribution], policy: FillRatePolicy) -> list[Miss]:
    """Every want that failed, in the order given."""
    return [found for part in parts if (found := _miss(part, policy)) is not None]


def _miss(part: Contribution, policy: FillRatePolicy) -> Miss | None:
    """None where the figure lost nothing by the want, or its order lost it through other lines."""
    one, metric = part.judged, policy.metric
    if part.missed == 0 or _passes_whole(one, policy):
        return None
    asked = min(one.q_all, one.d) if metric is Metric.ON_TIME and one.q_all else one.d
    pieces = _trimmed(_pieces(one, metric), part, policy)
    if not pieces:
        extra = _too_much(one, policy)
        return Miss(part, asked, tuple(extra)) if extra else None
    return Miss(part, asked - sum((piece.quantity for piece in pieces), NOTHING), tuple(pieces))


def _passes_whole(one: Judged, policy: FillRatePolicy) -> bool:
    """Though its order may fail; of an item at a place the sum of its lines decides."""
    whole = policy.credit_mode is CreditMode.ALL_OR_NOTHING and policy.weight_unit is not WeightUnit.SKU_LOCATION
    return whole and passes(one, policy, policy.metric)


def _pieces(one: Judged, metric: Metric) -> list[Piece]:
    split = portions(one)
    came = any(each.fate is not Fate.SHORT for each in split)
    pieces = [*_not_come(one, split, came)] if metric is not Metric.ON_TIME or not came else []
    if metric is not Metric.FILL:
        pieces += _not_in_time(one, split)
    fine = (Fate.GOOD, Fate.LATE) if metric is Metric.FILL else (Fate.GOOD,)
    good = sum((each.quantity for each in split if each.fate in fine), NOTHING)
    if one.voided:
        return pieces + _spoilt(one, good)
    if good and metric is not Metric.ON_TIME and not one.conditions_met:
        pieces.append(Piece(Kind.CONDITION, good))
    return pieces


def _not_come(one: Judged, split: Sequence[Portion], came: bool) -> list[Piece]:
    kind = Kind.SHORT if came else Kind.MISSING
    return [Piece(kind, each.quantity, _delivery(one, each)) for each in split if each.fate is Fate.SHORT]


def _not_in_time(one: Judged, split: Sequence[Portion]) -> list[Piece]:
    late = ((each.quantity, _delivery(one, each)) for each in split if each.fate is Fate.LATE)
    return [Piece(_when(each), quantity, each) for quantity, each in late if each is not None]


def _delivery(one: Judged, portion: Portion) -> JudgedDelivery | None:
    return next((each for each in one.deliveries if each.delivery.shipment == portion.shipment), None)


def _when(each: JudgedDelivery) -> Kind:
    return Kind.EARLY if each.punctuality is Punctuality.EARLY else Kind.LATE


def _untimely(one: Judged) -> list[JudgedDelivery]:
    return [each for each in one.deliveries if each.admitted and each.quantity > 0 and not each.on_time]


def _spoilt(one: Judged, good: Fraction) -> list[Piece]:
    """What is well and does not count because other deliveries were not in time: by what these brought."""
    whole = sum((each.quantity for each in _untimely(one)), NOTHING)
    return [Piece(_when(each), good * each.quantity / whole, each) for each in _untimely(one)] if good else []


def _too_much(one: Judged, policy: FillRatePolicy) -> list[Piece]:
    """All that was wanted came well, and more: not in time, or beyond what the policy lets pass."""
    if policy.metric is Metric.ON_TIME:
        return [Piece(_when(each), each.quantity, each) for each in _untimely(one)]
    rule = policy.in_full.over_tolerance
    over = (one.q_on_time if policy.metric is Metric.OTIF else one.q_all) - one.d
    fails = rule.value is not None and rule.on_exceed is OnExceed.FAIL
    return [Piece(Kind.OVER, over)] if fails and over > 0 else []


def _trimmed(pieces: list[Piece], part: Contribution, policy: FillRatePolicy) -> list[Piece]:
    """What another line of the same item at the same place made up for is not missed."""
    summed = policy.weight_unit is WeightUnit.SKU_LOCATION and policy.credit_mode is CreditMode.PROPORTIONAL
    if not summed or policy.metric is Metric.ON_TIME:
        return pieces
    left = part.judged.d * part.missed / part.denominator
    kept: list[Piece] = []
    for piece in pieces:
        quantity = min(piece.quantity, left)
        left -= quantity
        kept += [replace(piece, quantity=quantity)] if quantity else []
    return kept


def lost(parts: Sequence[Contribution], failed: Sequence[Miss], policy: FillRatePolicy) -> dict[Key, Fraction]:
    """What the figure lost, by failed want; what an order or an item at a place lost whole is shared by what failed of it."""
    whole = _summed((_group(part.judged, policy), part.missed) for part in parts)
    weights = {miss.key: miss.part.denominator * miss.quantity / miss.one.d for miss in failed}
    summed = _summed((_group(miss.one, policy), weights[miss.key]) for miss in failed)
    groups = {miss.key: _group(miss.one, policy) for miss in failed}
    return {key: whole[group] * weights[key] / summed[group] for key, group in groups.items()}


def _group(one: Judged, policy: FillRatePolicy) -> object:
    if policy.weight_unit is WeightUnit.ORDER or policy.pass_level is PassLevel.ORDER:
        return one.line.order
    if policy.weight_unit is WeightUnit.SKU_LOCATION:
        return one.line.original.item, one.want.asked.ship_to
    return one.want.key


def _summed(said: Iterable[tuple[object, Fraction]]) -> dict[object, Fraction]:
    found: dict[object, Fraction] = {}
    for key, quantity in said:
        found[key] = found.get(key, NOTHING) + quantity
    return found
