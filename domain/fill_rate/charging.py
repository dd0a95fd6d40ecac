"""The charges that make up a penalty: what each failing line, or order, costs, and that no case is charged twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

from domain.fill_rate.choices import PenaltyBase, PenaltyLevel, Trigger, WeightUnit
from domain.fill_rate.credit import Contribution, Ratio, weight_of
from domain.fill_rate.demand import NOTHING
from domain.fill_rate.failing import Fate, Portion, delivered, failed_on, failing, portions, why
from domain.fill_rate.judging import Asking, Judged, Status
from domain.fill_rate.policy import Penalty
from domain.values import round_money

Taken = dict[tuple[str, str, int], dict[str | None, Fraction]]  # want -> cases charged so far, by shipment

BY_ORDER = frozenset({PenaltyBase.INVOICE, PenaltyBase.FLAT_PER_PO})
TOO_OLD = "OLDER_THAN_MAX_AGE"
CHARGED_ALREADY = "CHARGED_ALREADY"


@dataclass(frozen=True, slots=True)
class Charge:
    """What one failing want is charged, or, where ``line`` is None, one failing order.

    ``measured``: the figure that triggered it, of the period or the order. ``short`` and ``late``: what failed, in the
    ordered unit, for an order in cases. ``quantity`` of it is charged: less than failed where only the gap to the goal
    is, or where another policy charged the case already; for an order the share of it.
    ``base`` x ``rate`` is the exact amount, ``amount`` its share of the rounded whole.
    """

    order: str
    line: str | None
    part: int
    category: str | None
    measured: Ratio
    short: Fraction
    late: Fraction
    quantity: Fraction
    base: Fraction
    rate: Fraction
    amount: Decimal
    failed_on: date
    reasons: tuple[str, ...]

    @property
    def too_old(self) -> bool:
        return TOO_OLD in self.reasons


@dataclass(frozen=True, slots=True)
class _Draft:
    """A charge before its amount is rounded."""

    judged: Judged
    line: str | None
    category: str | None
    short: Fraction
    late: Fraction
    quantity: Fraction
    base: Fraction
    failed_on: date
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Charging:
    """Charges by one policy; ``taken`` grows by the cases charged."""

    asking: Asking
    penalty: Penalty
    invoiced_on: date | None
    currency: str
    taken: Taken

    def of(self, parts: Sequence[Contribution], measured: Ratio, share: Fraction) -> Iterator[Charge]:
        """The charges for ``share`` of what failed in ``parts``."""
        by_order = self.penalty.base in BY_ORDER
        drafts = list(self._orders(parts, share) if by_order else self._lines(parts, share))
        for _, together in groupby(enumerate(drafts), self._rounded_with):
            yield from self._rounded([draft for _, draft in together], measured)

    def _rounded_with(self, numbered: tuple[int, _Draft]) -> object:
        """What makes one amount: a period under its goal, an order, or a failure by itself."""
        number, draft = numbered
        if self.penalty.level is PenaltyLevel.PERIOD and self.penalty.trigger is Trigger.BELOW_GOAL:
            return None
        by_order = self.penalty.level is PenaltyLevel.ORDER or draft.line is None
        return draft.judged.line.order if by_order else number

    def _rounded(self, drafts: Sequence[_Draft], measured: Ratio) -> Iterator[Charge]:
        """One amount in shares: each is what the sum so far, rounded, grows by; none is off by more than the smallest coin."""
        rate = self.penalty.rate
        exact, said = NOTHING, Decimal(0)
        for one in drafts:
            exact += one.base * rate
            amount = round_money(exact, self.currency) - said
            said += amount
            want = one.judged.want
            yield Charge(
                want.line.order, one.line, want.part if one.line is not None else 0, one.category, measured, one.short,
                one.late, one.quantity, one.base, rate, amount, one.failed_on, one.reasons,
            )  # fmt: skip

    def _lines(self, parts: Sequence[Contribution], share: Fraction) -> Iterator[_Draft]:
        for part in parts:
            found = failing(part, self.asking.policy, self.penalty.base)
            if not found:
                continue
            one, line = part.judged, part.judged.line
            day, reasons = failed_on(one, self.asking), why(one)
            failed = sum((each.quantity for each in found), NOTHING)
            if self._too_old(day):
                quantity, reasons = NOTHING, (*reasons, TOO_OLD)
            else:
                quantity = self._take(one, found, share)
                reasons = (*reasons, CHARGED_ALREADY) if quantity < failed * share else reasons
            base = quantity * weight_of(one, WeightUnit.VALUE)
            short, late = _failed(one, Fate.SHORT), _failed(one, Fate.LATE)
            yield _Draft(one, line.number, line.original.category, short, late, quantity, base, day, reasons)

    def _take(self, one: Judged, found: Sequence[Portion], share: Fraction) -> Fraction:
        """How many of the cases are charged, and noted as charged.

        A case is known by the shipment that brought it; those that none brought are what was ordered and never came.
        """
        ordered = max(Fraction(one.want.asked.quantity), one.d)
        came = sum((each.quantity for each in portions(one) if each.shipment is not None), NOTHING)
        before = self.taken.setdefault(one.want.key, {})
        whole = NOTHING
        for each in found:
            quantity = each.quantity * share
            if self.penalty.charge_case_once:
                there = ordered - came if each.shipment is None else each.quantity
                left = min(there - before.get(each.shipment, NOTHING), ordered - sum(before.values(), NOTHING))
                quantity = max(min(quantity, left), NOTHING)
            before[each.shipment] = before.get(each.shipment, NOTHING) + quantity
            whole += quantity
        return whole

    def _orders(self, parts: Sequence[Contribution], share: Fraction) -> Iterator[_Draft]:
        """One for each order of which something failed; with a cap, one for each category in it."""
        orders: dict[str, list[Contribution]] = {}
        for part in parts:
            if part.judged.status is Status.COUNTED:
                orders.setdefault(part.judged.line.order, []).append(part)
        for members in orders.values():
            missed = [part.judged for part in members if part.missed > 0]
            if missed:
                yield from self._order([part.judged for part in members], missed, share)

    def _order(self, members: Sequence[Judged], missed: Sequence[Judged], share: Fraction) -> Iterator[_Draft]:
        day = max(failed_on(one, self.asking) for one in missed)
        reasons = tuple(dict.fromkeys(code for one in missed for code in why(one)))
        old = self._too_old(day)
        reasons = (*reasons, TOO_OLD) if old else reasons
        short, late = (sum((_cases(one, fate) for one in missed), NOTHING) for fate in (Fate.SHORT, Fate.LATE))
        for category, weight in self._weights(members).items():
            quantity = NOTHING if old else share
            yield _Draft(missed[0], None, category, short, late, quantity, quantity * weight, day, reasons)
            short = late = NOTHING

    def _weights(self, members: Sequence[Judged]) -> dict[str | None, Fraction]:
        """The base of a failing order by category; all of it under the one category it has, or none."""
        invoice = self.penalty.base is PenaltyBase.INVOICE
        values: dict[str | None, Fraction] = {}
        for one in members:
            category, price = one.line.original.category, weight_of(one, WeightUnit.VALUE)
            quantity = delivered(one) if invoice else one.d
            values[category] = values.get(category, NOTHING) + quantity * price
        whole = sum(values.values(), NOTHING)
        if self.penalty.cap is None or len(values) == 1:
            return {next(iter(values)) if len(values) == 1 else None: whole if invoice else Fraction(1)}
        if invoice:
            return values
        return {name: value / whole if whole else Fraction(1, len(values)) for name, value in values.items()}

    def _too_old(self, day: date) -> bool:
        limit = self.penalty.max_age_days
        return limit is not None and self.invoiced_on is not None and self.invoiced_on - day > timedelta(days=limit)


def _failed(one: Judged, fate: Fate) -> Fraction:
    return sum((each.quantity for each in portions(one) if each.fate is fate), NOTHING)


def _cases(one: Judged, fate: Fate) -> Fraction:
    return _failed(one, fate) * weight_of(one, WeightUnit.CASE)
