"""What is wanted of a line (the denominator D, definitions 1.4 rule 2): basis, cut-off, cancellations, rounding.

A line with a schedule is several wants, one for each place and day (decision 34): each is judged by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from domain.fill_rate.choices import CaseRounding, Keep, QuantityBasis
from domain.fill_rate.facts import Amendment, Cancellation, Confirmation, LineFacts
from domain.fill_rate.policy import Denominator
from domain.fill_rate.windows import start_of
from domain.order import OrderLine, ScheduleLine
from domain.values import Side

NOTHING = Fraction(0)
_PROMISED = frozenset({QuantityBasis.FIRST_CONFIRMED, QuantityBasis.LATEST_CONFIRMED})


@lru_cache(maxsize=65_536)
def exact(number: Decimal) -> Fraction:
    """The same number as a rational; quantities come again and again."""
    return Fraction(number)


def total(numbers: Iterable[Fraction]) -> Fraction:
    """Their sum; of one number that number, without adding it to nothing."""
    found: Fraction | None = None
    for one in numbers:
        found = one if found is None else found + one
    return NOTHING if found is None else found


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


def wants(line: LineFacts, at: datetime | None = None) -> tuple[Want, ...]:
    """The parts of the line by their place in the original schedule; parts that the customer added by ``at`` follow."""
    latest = _last_amendment(line, at)
    now: Sequence[ScheduleLine] = line.original.schedule if latest is None else latest.schedule
    if latest is not None and latest.quantity == 0:
        now = ()
    asked = line.original.schedule
    if len(asked) == 1 and len(now) <= 1:
        return (Want(line, 0, asked[0], now[0] if now else None),)
    pairs = _paired(asked, now)
    return tuple(Want(line, number, one, other) for number, (one, other) in enumerate(pairs))


def quantity_now(line: LineFacts, at: datetime) -> Decimal:
    """The line's quantity as the customer last amended it by ``at``."""
    latest = _last_amendment(line, at)
    return line.original.quantity if latest is None else latest.quantity


def _last_amendment(line: LineFacts, until: datetime | None) -> Amendment | None:
    """The customer's last one at or before the instant (None: ever), by when it was said; our own change alters nothing."""
    said = [one for one in line.amendments if one.by is Side.CUSTOMER and (until is None or one.at <= until)]
    return max(enumerate(said), key=lambda each: (each[1].at, each[0]))[1] if said else None


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
    return quotient(line.base_quantity, line.quantity) if line.quantity else Fraction(1)


@lru_cache(maxsize=65_536)
def quotient(number: Decimal, by: Decimal) -> Fraction:
    """Exact; the same prices and packs come again and again."""
    return Fraction(number) / Fraction(by)


def case_size(line: OrderLine) -> Fraction:
    """Eaches a case; where the item has no case, the ordered unit counts as one."""
    return exact(line.case_size) if line.case_size else each_factor(line)


def demands(line: LineFacts, rule: Denominator, at: datetime) -> list[tuple[Want, Fraction]]:
    """Every want of the line with its D in the ordered unit, as far as it was said by ``at``; 0 or more."""
    parts = wants(line, at)
    promised = line.confirmations and rule.quantity_basis in _PROMISED
    heard = line.amendments or promised or line.cancellations or line.added_by
    if not heard and rule.case_rounding is CaseRounding.NONE:
        return [(want, exact(want.asked.quantity)) for want in parts]
    bases, since = _bases(parts, rule, at)
    gone = _cancelled(parts, bases, rule, at, since)
    return [
        (want, _rounded(max(basis - less, NOTHING), line.original, rule.case_rounding))
        for want, basis, less in zip(parts, bases, gone, strict=True)
    ]


def demand(want: Want, rule: Denominator, at: datetime) -> Fraction:
    """D of one want."""
    return demands(want.line, rule, at)[want.part][1]


def _bases(parts: Sequence[Want], rule: Denominator, at: datetime) -> tuple[list[Fraction], datetime | None]:
    """The quantities by the basis, and since when cancellations are not in them yet (None: all are still to be taken off)."""
    line = parts[0].line
    original = [Fraction(want.asked.quantity) for want in parts]
    match rule.quantity_basis:
        case QuantityBasis.ORIGINAL:
            return original, None
        case QuantityBasis.AMENDED_AT_CUTOFF:
            return _amended(parts, [min(cutoff(want, rule), at) for want in parts]), None
        case QuantityBasis.LATEST_AMENDED:
            return _amended(parts, [at] * len(parts)), None
    said = [one for one in line.confirmations if one.known.at <= at]
    if not said:
        return original, None
    one = said[0] if rule.quantity_basis is QuantityBasis.FIRST_CONFIRMED else said[-1]
    return [share_of(want, confirmed(one)) for want in parts], one.known.at


def confirmed(confirmation: Confirmation) -> Fraction:
    return total(exact(part.quantity) for part in confirmation.parts)


def _amended(parts: Sequence[Want], untils: Sequence[datetime]) -> list[Fraction]:
    """After the last amendment at or before each part's instant; a line that was added later was not there."""
    line = parts[0].line
    after: dict[int, list[Fraction]] = {}
    found: list[Fraction] = []
    for want, until in zip(parts, untils, strict=True):
        last = _last_amendment(line, until)
        if line.added_by is not None and line.known.at > until:
            found.append(NOTHING)
        elif last is None:
            found.append(Fraction(want.asked.quantity))
        else:
            if id(last) not in after:
                after[id(last)] = _in_first_unit(parts, last)
            found.append(after[id(last)][want.part])
    return found


def _in_first_unit(parts: Sequence[Want], amendment: Amendment) -> list[Fraction]:
    """The amended line's quantity of each part; the unit may have changed with it."""
    asked, whole = parts[0].line.original.schedule, Fraction(amendment.line.quantity)
    if amendment.quantity == 0 or not whole:
        return [NOTHING] * len(parts)
    factor = each_factor(amendment.line) / each_factor(parts[0].line.original)
    if len(parts) == 1 and len(amendment.schedule) == 1:
        return [Fraction(amendment.quantity) * factor]
    pairs = _paired(asked, amendment.schedule)
    now = [one for _, one in pairs[: len(asked)]]
    for want in parts[len(asked) :]:  # added; in an earlier amendment it may stand elsewhere or not at all
        place = want.asked.ship_to, want.asked.requested_on
        now.append(next((one for _, one in pairs[len(asked) :] if one and (one.ship_to, one.requested_on) == place), None))
    left = Fraction(amendment.quantity) / whole
    return [NOTHING if one is None else Fraction(one.quantity) * left * factor for one in now]


def share_of(want: Want, quantity: Fraction) -> Fraction:
    """The want's part of a quantity said of the whole line: filled in the order of the schedule, the rest to the last."""
    schedule = want.line.original.schedule
    if len(schedule) == 1 and want.part == 0:
        return quantity
    left = quantity
    for number, part in enumerate(schedule):
        taken = left if number == len(schedule) - 1 else min(left, Fraction(part.quantity))
        if number == want.part:
            return taken
        left -= taken
    return NOTHING


def _cancelled(
    parts: Sequence[Want], bases: Sequence[Fraction], rule: Denominator, at: datetime, since: datetime | None
) -> list[Fraction]:
    """What is taken off each part because it was cancelled: of the part wanted last first, as far as that goes."""
    gone, left = [NOTHING] * len(parts), list(bases)
    for one in parts[0].line.cancellations:
        if one.at > at or (since is not None and one.at <= since):
            continue
        quantity = Fraction(one.quantity)
        for number in range(len(parts) - 1, -1, -1):
            taken = quantity if number == 0 else min(quantity, left[number])
            left[number], quantity = max(left[number] - taken, NOTHING), quantity - taken
            if taken and _keep(one, rule, cutoff(parts[number], rule)) is Keep.EXCLUDE:
                gone[number] += taken
    return gone


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
