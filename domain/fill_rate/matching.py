"""Which row of a customer's scorecard speaks of which of our order lines, and in which unit it counts.

A row is matched by the purchase order number and the line number or the item; leading zeros that one side writes and the
other does not are no difference. Rows and lines that belong together are one ``Matched``: its quantities are compared whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from domain.fill_rate.choices import OnExceed, SplitRule, ZeroLine
from domain.fill_rate.demand import NOTHING, Want, case_size, each_factor
from domain.fill_rate.facts import LineFacts
from domain.fill_rate.judging import Judged, Status
from domain.fill_rate.policy import FillRatePolicy
from domain.order import OrderLine
from domain.scorecard import ReportedLine, Result
from domain.values import ZERO

ONE = Fraction(1)
LineKey = tuple[str, str]


@dataclass(slots=True)
class Part:
    """A want of ours as it stands after the corrections made so far: ``d``, ``q`` (came), ``t`` (of it on time)."""

    ours: Judged
    status: Status
    d: Fraction
    q: Fraction
    t: Fraction
    passed: bool

    @classmethod
    def of(cls, judged: Judged) -> Part:
        return cls(judged, judged.status, judged.d, judged.q_all, judged.q_on_time, judged.passed)

    @property
    def is_out(self) -> bool:
        """Not held against us: taken out, or given full credit."""
        return self.status is Status.EXCLUDED or self.passed

    @property
    def counted(self) -> Fraction:
        """What it adds to the denominator as we see it."""
        return self.d if self.status is Status.COUNTED else NOTHING

    def count(self, policy: FillRatePolicy) -> None:
        """It counts, with whatever D it has; without one as the policy counts a line of which nothing is wanted."""
        as_full = policy.denominator.zero_quantity_line is ZeroLine.COUNT_AS_FULL
        self.status, self.passed = Status.COUNTED if self.d or as_full else Status.ZERO, False

    def judged(self, policy: FillRatePolicy) -> Judged:
        """As the evaluation takes it."""
        ours = self.ours
        came = (self.q, self.t) == (ours.q_all, ours.q_on_time)
        if came and (self.status, self.d, self.passed) == (ours.status, ours.d, ours.passed):
            return ours
        one = replace(ours, status=self.status, d=self.d, q_all=self.q, q_on_time=self.t, passed=self.passed)
        if came:
            return one
        late = self.t < self.q
        voided = late and policy.split_deliveries is SplitRule.ALL_ON_TIME
        return replace(one, all_on_time=bool(self.q) and not late, voided=voided)


@dataclass(slots=True)
class Matched:
    """Wants of ours and the rows that speak of them; no rows: the scorecard does not name them."""

    parts: list[Part]
    rows: list[ReportedLine] = field(default_factory=list)
    units: tuple[Fraction, Fraction] = (ONE, ONE)  # theirs a unit of ours: of what is ordered, of what is received

    @property
    def line(self) -> LineFacts:
        return self.parts[0].ours.line

    @property
    def numbers(self) -> str:
        return ", ".join(dict.fromkeys(part.ours.line.number for part in self.parts))

    @property
    def d(self) -> Fraction:
        return sum((part.d for part in self.parts), NOTHING)

    @property
    def q(self) -> Fraction:
        return sum((part.q for part in self.parts), NOTHING)

    @property
    def ordered(self) -> Fraction:
        return sum((Fraction(row.ordered) for row in self.rows), NOTHING)

    @property
    def received(self) -> Fraction:
        return sum((Fraction(row.received) for row in self.rows), NOTHING)

    @property
    def excused(self) -> str | None:
        return next((row.excused for row in self.rows if row.excused), None)

    def agrees(self, received: Fraction, ordered: Fraction, policy: FillRatePolicy) -> bool:
        """Whether as much came; more than was wanted is the same as all of it where more is not evaluated."""
        over = policy.in_full.over_tolerance
        full = max(ordered, self.d)
        capped = over.value is None or over.on_exceed is OnExceed.CAP
        return received == self.q or (capped and min(received, self.q) >= full)

    def take(self, quantity: Fraction) -> None:
        """Less came: the last wants miss it, and of each what was late before what was on time."""
        for part in reversed(self.parts):
            taken = min(quantity, part.q)
            part.q, quantity = part.q - taken, quantity - taken
            part.t = min(part.t, part.q)

    def give(self, quantity: Fraction) -> None:
        """More came: the wants that are short have it first, the rest is the last one's; it is as punctual as the others."""
        for number, part in enumerate(self.parts, 1):
            given = quantity if number == len(self.parts) else min(quantity, max(part.d - part.q, NOTHING))
            part.t += given if part.t == part.q else NOTHING
            part.q, quantity = part.q + given, quantity - given

    def want(self, ordered: Fraction) -> None:
        """The whole of D as given: more of it is the last want's, less of it the last ones lose."""
        more = ordered - self.d
        for part in reversed(self.parts):
            moved = max(more, -part.d)
            part.d, more = part.d + moved, more - moved

    def scale(self) -> None:
        """Count as they do, in their units."""
        of_ordered, of_received = self.units
        for part in self.parts:
            part.d, part.q, part.t = part.d * of_ordered, part.q * of_received, part.t * of_received


def _sizes(line: OrderLine) -> tuple[Fraction, ...]:
    """How many eaches or cases the ordered unit is, and the other way round."""
    eaches, case = each_factor(line), case_size(line)
    found = [eaches, eaches / case, case]
    return tuple(dict.fromkeys(size for one in found for size in (one, 1 / one) if size != ONE))


def _units(one: Matched) -> tuple[Fraction, Fraction]:
    """What they received is in the unit of what they count as ordered, unless it agrees with ours in another one."""
    sizes = _sizes(one.line.original)
    of_ordered = _size(one.ordered, one.d, sizes)
    return of_ordered, _size(one.received, one.q, sizes, otherwise=of_ordered)


def _size(theirs: Fraction, ours: Fraction, sizes: Iterable[Fraction], otherwise: Fraction = ONE) -> Fraction:
    if not ours or theirs == ours:
        return ONE if ours else otherwise
    return next((size for size in sizes if theirs == ours * size), otherwise)


def matched(judged: Sequence[Judged], rows: Iterable[ReportedLine]) -> tuple[list[Matched], list[ReportedLine]]:
    """Our wants with the rows of each, in our order; and the rows that speak of nothing of ours."""
    lines: dict[LineKey, list[Part]] = {}
    for one in judged:
        lines.setdefault((one.line.order, one.line.number), []).append(Part.of(one))
    orders: dict[str, list[LineKey]] = {}
    for key, parts in lines.items():
        orders.setdefault(_bare(parts[0].ours.line.purchase_order_number), []).append(key)
    together = {key: Matched(parts) for key, parts in lines.items()}
    strangers: list[ReportedLine] = []
    found = [(row, _named(row, orders.get(_bare(row.order), ()), lines)) for row in rows]
    claimed = {keys[0] for _, keys in found if len(keys) == 1}
    for row, keys in found:
        if not keys:
            strangers.append(row)
            continue
        free = [key for key in keys if len(keys) > 1 and key not in claimed] or keys
        _join(together, free).rows.append(row)
    whole = list({id(one): one for one in together.values()}.values())
    for found_in_both in whole:
        if found_in_both.rows:
            found_in_both.units = _units(found_in_both)
    return whole, strangers


def _named(row: ReportedLine, keys: Iterable[LineKey], lines: dict[LineKey, list[Part]]) -> list[LineKey]:
    """The lines of the order that the row names; where its number and its item are of different lines, the item's."""
    of_order = list(keys)
    by_number = [key for key in of_order if row.line and _bare(key[1]) == _bare(row.line)]
    by_item = [key for key in of_order if row.item and _bare(row.item) in set(_items(lines[key][0].ours.line))]
    return [key for key in by_number if key in by_item] or by_item or by_number


def _items(line: LineFacts) -> Iterator[str]:
    """What the line's item is called, by us and by the customer."""
    yield _bare(line.original.item)
    if line.original.customer_item:
        yield _bare(line.original.customer_item)


def _join(together: dict[LineKey, Matched], keys: Sequence[LineKey]) -> Matched:
    """Lines that one row speaks of are compared together."""
    first = together[keys[0]]
    for key in keys[1:]:
        other = together[key]
        if other is not first:
            first.parts += other.parts
            first.rows += other.rows
            for held in [name for name, one in together.items() if one is other]:
                together[held] = first
    return first


def _bare(number: str) -> str:
    return number.strip().lstrip("0") or "0"


def by_line(rows: Iterable[ReportedLine]) -> list[ReportedLine]:
    """Rows of the same line as one, with their sums."""
    sums: dict[tuple[str, str, str], ReportedLine] = {}
    for row in rows:
        known = sums.setdefault(row.key, row)
        if known is not row:
            ordered, received = known.ordered + row.ordered, known.received + row.received
            excused, result = known.excused or row.excused, known.result or row.result
            sums[row.key] = replace(known, ordered=ordered, received=received, excused=excused, result=result)
    return list(sums.values())


def as_judged(strangers: Iterable[ReportedLine], lines: Sequence[Matched]) -> list[Judged]:
    """Lines that only they know, as the evaluation takes them: each unit one case of no price, come as they say."""
    known = {_bare(one.line.purchase_order_number): one.parts[0].ours for one in reversed(lines)}
    return [_stranger(row, known.get(_bare(row.order)), lines[0].parts[0].ours) for row in strangers if lines]


def _stranger(row: ReportedLine, of_order: Judged | None, any_line: Judged) -> Judged:
    like = of_order or any_line
    asked = replace(like.want.asked, quantity=row.ordered)
    original = replace(
        like.line.original, number=row.line or "", item=row.item or "", customer_item=None, quantity=row.ordered,
        base_quantity=row.ordered, unit_price=ZERO, schedule=(asked,), case_size=None,
    )  # fmt: skip
    line = replace(like.line, order=of_order.line.order if of_order else row.order, number=row.line or "", original=original)
    d, q = Fraction(row.ordered), Fraction(row.received)
    late = row.result is Result.FAILED and q >= d
    return replace(
        like, want=Want(line, 0, asked, None), status=Status.COUNTED if d else Status.ZERO, d=d, q_all=q,
        q_on_time=NOTHING if late else q, all_on_time=bool(q) and not late, voided=False, conditions_met=True, passed=False,
        exclusion=None, deliveries=(),
    )  # fmt: skip
