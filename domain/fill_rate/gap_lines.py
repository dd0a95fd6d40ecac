"""The steps from our count of a period's lines to the retailer's, one cause at a time, and what each finds on a line.

Each step corrects our side to theirs as far as its cause goes, so that the next one compares what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from domain.fill_rate.choices import ExclusionEffect, Metric
from domain.fill_rate.credit import contributions, ratio
from domain.fill_rate.demand import NOTHING
from domain.fill_rate.judging import Judged, Status
from domain.fill_rate.matching import ONE, Matched, Part, as_judged, by_line
from domain.fill_rate.policy import FillRatePolicy
from domain.fill_rate.windows import counts_as_on_time
from domain.scorecard import Listing, ReportedLine, Result, Scorecard
from domain.values import round_money


class GapCause(StrEnum):
    """Why the retailer's score is another than ours."""

    CAUSE_NOT_EXCUSED = "CAUSE_NOT_EXCUSED"  # a line is excused by one side and held against us by the other
    RECEIPT_MISSING = "RECEIPT_MISSING"  # we have evidence of a delivery that they have not received, nor advised
    TIMESTAMP_DIFFERS = "TIMESTAMP_DIFFERS"  # as much came, but not at the same time
    DENOMINATOR_DIFFERS = "DENOMINATOR_DIFFERS"  # they count another quantity as ordered
    MASTER_DATA_LATE = "MASTER_DATA_LATE"  # a line is known to one side only, or counted in another unit or pack
    UNEXPLAINED = "UNEXPLAINED"


Value = Fraction | datetime | str | None


@dataclass(frozen=True)
class LineGap:
    """What the two sides say of a line. ``quantity`` is at stake, in the ordered unit; ``money`` None: no price is known."""

    cause: GapCause
    order: str
    line: str
    item: str | None
    ours: Value
    theirs: Value
    quantity: Fraction
    money: Decimal | None
    currency: str | None


@dataclass
class Sides:
    """Both sides while the one is corrected towards the other."""

    policy: FillRatePolicy
    card: Scorecard
    lines: list[Matched]
    strangers: list[ReportedLine]
    added: list[Judged] = field(default_factory=list)

    @property
    def named(self) -> list[Matched]:
        """Lines that both hold against us, so that their figures can be compared."""
        return [one for one in self.lines if one.rows and not one.excused]

    def rate(self) -> Fraction | None:
        judged = [part.judged(self.policy) for one in self.lines for part in one.parts]
        return ratio(contributions([*judged, *self.added], self.policy, self.card.metric)).value


def _causes(sides: Sides) -> list[LineGap]:
    """A cause that one side excuses and the other does not; a line both excuse is compared no further."""
    found: list[LineGap] = []
    for one in sides.lines:
        if not one.rows:
            continue
        effect = sides.policy.exclusions.get(one.excused or "", ExclusionEffect.EXCLUDE)
        differing = [
            part for part in one.parts if (part.status is Status.COUNTED and not part.passed if one.excused else part.is_out)
        ]
        for part in differing:
            if one.excused is None:
                part.count(sides.policy)
            elif effect is ExclusionEffect.PASS:
                part.passed = True
            else:
                part.status = Status.EXCLUDED
        if differing:
            code = next((part.ours.exclusion for part in differing if part.ours.exclusion), None)
            missed = sum((_missed(part, sides.card.metric) for part in differing), NOTHING)
            found.append(_line(GapCause.CAUSE_NOT_EXCUSED, one, code, one.excused, missed))
    return found


def _missed(part: Part, metric: Metric) -> Fraction:
    whole = min(part.q, part.d) if metric is Metric.ON_TIME else part.d
    return max(whole - (part.q if metric is Metric.FILL else part.t), NOTHING)


def _receipts(sides: Sides) -> list[LineGap]:
    """Less is received than our evidence shows, as far as no receiving advice of theirs speaks of the delivery."""
    found: list[LineGap] = []
    for one in sides.named:
        of_ordered, of_received = one.units
        received, came = one.received / of_received, one.q
        if received >= came or one.agrees(received, one.ordered / of_ordered, sides.policy):
            continue
        missing = min(came - received, sum((_not_advised(part.ours) for part in one.parts), NOTHING))
        if missing > 0:
            found.append(_line(GapCause.RECEIPT_MISSING, one, came, received, missing))
            one.take(missing)
    return found


def _not_advised(judged: Judged) -> Fraction:
    admitted = (one for one in judged.deliveries if one.admitted and not one.delivery.advices)
    return sum((one.quantity for one in admitted), NOTHING)


def _timestamps(sides: Sides) -> list[LineGap]:
    """What counts as on time differs, by their instants of arrival or by what they say came of the line."""
    if sides.card.metric is Metric.FILL:
        return []
    found: list[LineGap] = []
    for one in sides.named:
        came = sorted((row for row in one.rows if row.received > 0), key=_when)
        rows = [(row, Fraction(row.received) / one.units[1]) for row in came]
        before = [part.t for part in one.parts]
        for part in one.parts:
            rows = _on_time(part, rows, one, sides)
        moved = sum((abs(part.t - t) for part, t in zip(one.parts, before, strict=True)), NOTHING)
        if moved:
            found.append(_line(GapCause.TIMESTAMP_DIFFERS, one, _arrival(one), _their_arrival(one.rows), moved))
    return found


Row = tuple[ReportedLine, Fraction]


def _when(row: ReportedLine) -> tuple[bool, float]:
    return row.arrived_at is None, row.arrived_at.timestamp() if row.arrived_at else 0.0


def _on_time(part: Part, rows: Sequence[Row], one: Matched, sides: Sides) -> list[Row]:
    """Give the part what is on time of its share in the rows; the rows left for the next part.

    Where they do not say when it came, it came as our evidence says.
    """
    told, late, left, rest = NOTHING, NOTHING, part.q, list[Row]()
    for row, quantity in rows:
        share = min(quantity, left)
        left -= share
        verdict = _late(row, part, one, sides)
        if verdict is not None:
            told, late = told + share, late + (share if verdict else NOTHING)
        if quantity > share:
            rest.append((row, quantity - share))
    late += min(part.q - told, max(part.q - part.t - late, NOTHING))
    part.t = part.q - late
    return rest


def _late(row: ReportedLine, part: Part, one: Matched, sides: Sides) -> bool | None:
    """Whether they count the row as not on time; a failure may be for the quantity where less came than was ordered."""
    conclusive = sides.card.metric is Metric.ON_TIME or row.result is Result.PASSED or one.received >= one.ordered
    if row.result is not None and conclusive:
        return row.result is Result.FAILED
    if row.arrived_at is None:
        return None
    punctuality = part.ours.window.punctuality(row.arrived_at)
    return not counts_as_on_time(punctuality, sides.policy.on_time.early_arrival)


def _arrival(one: Matched) -> datetime | None:
    came = (each for part in one.parts for each in part.ours.deliveries if each.admitted and each.quantity > 0)
    return max((each.arrived.at for each in came if each.arrived.at is not None), default=None)


def _their_arrival(rows: Sequence[ReportedLine]) -> datetime | str | None:
    moment = max((row.arrived_at for row in rows if row.arrived_at is not None), default=None)
    return moment or next((row.result for row in rows if row.result is not None), None)


def _denominators(sides: Sides) -> list[LineGap]:
    found: list[LineGap] = []
    for one in sides.named:
        ordered = one.ordered / one.units[0]
        counted = sum((part.counted for part in one.parts), NOTHING)
        delivered = sum((min(part.q, part.d) for part in one.parts), NOTHING)
        by_delivered = sides.card.metric is Metric.ON_TIME and ordered == delivered
        if ordered != counted and not by_delivered:
            found.append(_line(GapCause.DENOMINATOR_DIFFERS, one, counted, ordered, abs(ordered - counted)))
            one.want(ordered)
            for part in one.parts:
                part.count(sides.policy)
    return found


def _master_data(sides: Sides) -> list[LineGap]:
    """Counted in another unit, known to us only, known to them only."""
    found: list[LineGap] = []
    for one in sides.named:
        of_ordered, of_received = one.units
        if one.units != (ONE, ONE):
            misread = abs(one.received / of_received - one.received / of_ordered)
            ours, theirs = (one.q, one.received) if of_ordered == 1 else (one.d, one.ordered)
            found.append(_line(GapCause.MASTER_DATA_LATE, one, ours, theirs, misread))
            one.scale()
    for one in sides.lines:
        counted = sum((part.counted for part in one.parts), NOTHING)
        if not one.rows and counted and sides.card.listing is Listing.ALL:
            found.append(_line(GapCause.MASTER_DATA_LATE, one, counted, None, counted))
            for part in one.parts:
                part.status = Status.EXCLUDED
    strangers = [row for row in by_line(sides.strangers) if not row.excused]
    sides.added += as_judged(strangers, sides.lines)
    for row in strangers:
        missed = max(Fraction(row.ordered - row.received), NOTHING)
        theirs = Fraction(row.ordered)
        found.append(
            LineGap(GapCause.MASTER_DATA_LATE, row.order, row.line or "", row.item, None, theirs, missed, None, None)
        )
    return found


def unexplained(sides: Sides) -> list[LineGap]:
    """Quantities that still differ: more than our evidence shows, or less than their own receiving advice says."""
    found: list[LineGap] = []
    for one in sides.named:
        if not one.agrees(one.received, one.ordered, sides.policy):
            more = one.received - one.q
            at_stake = abs(more) / one.units[1]
            found.append(_line(GapCause.UNEXPLAINED, one, one.q, one.received, at_stake))
            if more > 0:
                one.give(more)
            else:
                one.take(-more)
    return found


Step = Callable[[Sides], list[LineGap]]
STEPS: dict[GapCause, Step] = {
    GapCause.CAUSE_NOT_EXCUSED: _causes,
    GapCause.RECEIPT_MISSING: _receipts,
    GapCause.TIMESTAMP_DIFFERS: _timestamps,
    GapCause.DENOMINATOR_DIFFERS: _denominators,
    GapCause.MASTER_DATA_LATE: _master_data,
}


def _line(cause: GapCause, one: Matched, ours: Value, theirs: Value, quantity: Fraction) -> LineGap:
    line, original = one.line, one.line.original
    price = Fraction(original.unit_price) / Fraction(original.price_per) if original.price_per else NOTHING
    return LineGap(
        cause, line.purchase_order_number, one.numbers, original.item, ours, theirs, quantity,
        round_money(quantity * price, line.currency), line.currency,
    )
