"""What is wanted of a line (the denominator D, definitions 1.4 rule 2): basis, cut-off, cancellations, rounding.

A line with a schedule is several wants, one for each place and day (decision 34): each is judged by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from domain.fill_rate.choices import CaseRounding, Keep, QuantityBasis
from domain.fill_rate.facts import Amendment, Cancellation, Confirmation, LineFacts
from domain.fill_rate.policy import Denominator
from domain.fill_rate.windows import start_of
from domain.order import OrderLine, ScheduleLine
from domain.values import Side

NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class Want:
    """One part of a line: its place, its days, and the line's share it carries of what is asked for.

    ``now`` is the part as the customer last amended it, None when it was taken out.
    """

    line: LineFacts
    part: int
    asked: ScheduleLine
    now: ScheduleLine | None

    @property
    def key(self) -> tuple[str, str, int]:
        return self.line.order, self.line.number, self.part

    @property
    def zone(self) -> str:
        return self.asked.zone or "UTC"


def wants(line: LineFacts) -> tuple[Want, ...]:
    """The parts of the line by their place in the original schedule; parts added later follow."""
    latest = line.amendments[-1] if line.amendments else None
    now: Sequence[ScheduleLine] = line.original.schedule if latest is None else latest.schedule
    if latest is not None and latest.quantity == 0:
        now = ()
    asked = line.original.schedule
    if len(asked) == 1 and len(now) <= 1:
        return (Want(line, 0, asked[0], now[0] if now else None),)
    pairs = _paired(asked, now)
    return tuple(Want(line, number, one, other) for number, (one, other) in enumerate(pairs))


def _paired(
    asked: Sequence[ScheduleLine], now: Sequence[ScheduleLine]
) -> list[tuple[ScheduleLine, ScheduleLine | None]]:
    """Each part asked for with what has become of it: same place and day first, then same place, then what is left.

    A part that the customer added is asked for with quantity 0: it is in no original quantity.
    """
    left = list(now)
    found: dict[int, ScheduleLine] = {}
    same: tuple[Callable[[ScheduleLine, ScheduleLine], bool], ...] = (
        lambda a, b: (a.ship_to, a.requested_on) == (b.ship_to, b.requested_on),
        lambda a, b: a.ship_to == b.ship_to,
        lambda a, b: True,
    )
    for alike in same:
        for number, part in enumerate(asked):
            match = next((one for one in left if number not in found and alike(part, one)), None)
            if match is not None:
                found[number] = match
                left.remove(match)
    pairs: list[tuple[ScheduleLine, ScheduleLine | None]] = [(part, found.get(n)) for n, part in enumerate(asked)]
    return pairs + [(_with_quantity(part, Decimal(0)), part) for part in left]


def _with_quantity(part: ScheduleLine, quantity: Decimal) -> ScheduleLine:
    return ScheduleLine(part.ship_to, part.requested_on, quantity, part.zone, part.banner)


def cutoff(want: Want, rule: Denominator) -> datetime:
    """00:00 local of the original requested date less the amendment cut-off; an event at the instant counts as before."""
    return start_of(want.asked.requested_on, want.zone) - rule.amendment_cutoff


def each_factor(line: OrderLine) -> Fraction:
    """Eaches a unit ordered."""
    return Fraction(line.base_quantity) / Fraction(line.quantity) if line.quantity else Fraction(1)


def case_size(line: OrderLine) -> Fraction:
    """Eaches a case; where the item has no case, the ordered unit counts as one."""
    return Fraction(line.case_size) if line.case_size else each_factor(line)


def demand(want: Want, rule: Denominator, at: datetime) -> Fraction:
    """D of the want in the ordered unit, as far as it was said by ``at``; 0 or more."""
    line = want.line
    if not (line.amendments or line.confirmations or line.cancellations) and rule.case_rounding is CaseRounding.NONE:
        return Fraction(want.asked.quantity)
    basis, since = _basis(want, rule, at)
    gone = _cancelled(want, rule, at, since)
    return _rounded(max(basis - gone, NOTHING), line.original, rule.case_rounding)


def _basis(want: Want, rule: Denominator, at: datetime) -> tuple[Fraction, datetime | None]:
    """The quantity by the basis, and since when cancellations are not in it yet (None: all are still to be taken off)."""
    original = Fraction(want.asked.quantity)
    match rule.quantity_basis:
        case QuantityBasis.ORIGINAL:
            return original, None
        case QuantityBasis.AMENDED_AT_CUTOFF:
            return _amended(want, min(cutoff(want, rule), at)), None
        case QuantityBasis.LATEST_AMENDED:
            return _amended(want, at), None
    said = [one for one in want.line.confirmations if one.known.at <= at]
    if not said:
        return original, None
    one = said[0] if rule.quantity_basis is QuantityBasis.FIRST_CONFIRMED else said[-1]
    return _share(want, confirmed(one)), one.known.at


def confirmed(confirmation: Confirmation) -> Fraction:
    return sum((Fraction(part.quantity) for part in confirmation.parts), NOTHING)


def _amended(want: Want, until: datetime) -> Fraction:
    """After the last amendment at or before the instant, in the unit first ordered in."""
    said = [one for one in want.line.amendments if one.at <= until]
    if not said:
        return Fraction(want.asked.quantity)
    last = max(enumerate(said), key=lambda each: (each[1].at, each[0]))[1]
    if last.quantity == 0:
        return NOTHING
    return _in_first_unit(want, last)


def _in_first_unit(want: Want, amendment: Amendment) -> Fraction:
    """The want's part of an amended line; the unit may have changed with it."""
    factor = each_factor(amendment.line) / each_factor(want.line.original)
    if len(want.line.original.schedule) == 1 and len(amendment.schedule) == 1:
        return Fraction(amendment.quantity) * factor
    pairs = _paired(want.line.original.schedule, amendment.schedule)
    part = pairs[want.part][1] if want.part < len(pairs) else None
    whole = Fraction(amendment.line.quantity)
    left = Fraction(amendment.quantity) / whole if whole else NOTHING
    return NOTHING if part is None else Fraction(part.quantity) * left * factor


def _share(want: Want, quantity: Fraction) -> Fraction:
    """The want's part of a quantity said of the whole line: filled in the order of the schedule, the rest to the last."""
    schedule = want.line.original.schedule
    if len(schedule) == 1:
        return quantity
    left = quantity
    for number, part in enumerate(schedule):
        taken = left if number == len(schedule) - 1 else min(left, Fraction(part.quantity))
        if number == want.part:
            return taken
        left -= taken
    return NOTHING


def _cancelled(want: Want, rule: Denominator, at: datetime, since: datetime | None) -> Fraction:
    """What is taken off because it was cancelled, of the parts wanted last first."""
    if not want.line.cancellations:
        return NOTHING
    instant = cutoff(want, rule)
    gone = sum(
        (
            Fraction(one.quantity)
            for one in want.line.cancellations
            if one.at <= at and (since is None or one.at > since) and _keep(one, rule, instant) is Keep.EXCLUDE
        ),
        NOTHING,
    )
    schedule = want.line.original.schedule
    for number in range(len(schedule) - 1, -1, -1):
        taken = gone if number == 0 else min(gone, Fraction(schedule[number].quantity))
        if number == want.part:
            return taken
        gone -= taken
    return NOTHING


def _keep(one: Cancellation, rule: Denominator, instant: datetime) -> Keep:
    said = rule.cancellation
    if one.by is Side.CUSTOMER:
        return said.customer_before_cutoff if one.at <= instant else said.customer_after_cutoff
    return said.auto_expiry if one.by is None else said.supplier


def _rounded(quantity: Fraction, line: OrderLine, rounding: CaseRounding) -> Fraction:
    """To whole cases, where the line was not ordered in cases."""
    size = case_size(line)
    per_each = each_factor(line)
    if rounding is CaseRounding.NONE or size == per_each:
        return quantity
    cases = quantity * per_each / size
    whole = cases.numerator // cases.denominator
    rest = cases - whole
    up = {CaseRounding.DOWN: False, CaseRounding.UP: rest > 0, CaseRounding.NEAREST: rest >= Fraction(1, 2)}
    return Fraction(whole + up[rounding]) * size / per_each
