"""Receivable metrics: DSO, count-back DSO, best possible DSO, average days delinquent, CEI, provisions. definitions.md 3.3.

Everything is an exact rational; what would divide by nothing is None ("n/a"), never 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from domain.aging import Aging
from domain.refusal import Refusal
from domain.values import ZERO, round_money

RATES_WRONG = Refusal(
    "provision.rates_wrong",
    "{figure} loss rates were stated for {limit} buckets ({buckets}); one each is needed, between 0 and 1. State them from"
    " the youngest bucket to the oldest.",
)


@dataclass(frozen=True)
class MonthOfSales:
    """What was sold on credit from ``first`` to ``last``: a month, or the part of one that belongs to the question."""

    first: date
    last: date
    sales: Decimal

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Period:
    """What the metrics are made of, in one currency. ``months`` from the latest backwards; the period's own come first.

    ``ending`` and ``beginning`` are gross receivables, ``ending_current`` the part that is not yet due.
    """

    first: date
    last: date
    beginning: Decimal
    ending: Decimal
    ending_current: Decimal
    months: tuple[MonthOfSales, ...]

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def within(self) -> tuple[MonthOfSales, ...]:
        return tuple(month for month in self.months if month.first >= self.first)

    @property
    def sales(self) -> Decimal:
        return sum((month.sales for month in self.within), ZERO)


@dataclass(frozen=True)
class Metrics:
    """Days and a share; None is "n/a"."""

    dso: Fraction | None
    countback_dso: Fraction | None
    best_possible_dso: Fraction | None
    average_days_delinquent: Fraction | None
    collection_effectiveness: Fraction | None


def two_places(value: Fraction) -> Decimal:
    """For display only, half-up."""
    hundredths, rest = divmod(abs(value) * 100, 1)
    rounded = Decimal(int(hundredths) + (1 if 2 * rest >= 1 else 0)).scaleb(-2)
    return -rounded if value < 0 else rounded


def metrics(period: Period) -> Metrics:
    dso = days_of_sales(period.ending, period.sales, period.days)
    best = days_of_sales(period.ending_current, period.sales, period.days)
    return Metrics(
        dso=dso,
        countback_dso=countback(period.ending, period.months),
        best_possible_dso=best,
        average_days_delinquent=None if dso is None or best is None else dso - best,
        collection_effectiveness=collection_effectiveness(
            period.beginning, period.sales, period.ending, period.ending_current, len(period.within)
        ),
    )


def days_of_sales(receivable: Decimal, sales: Decimal, days: int) -> Fraction | None:
    """DSO = receivable / credit sales x days; best possible with the current receivable."""
    return None if sales <= 0 else Fraction(receivable) / Fraction(sales) * days


def countback(receivable: Decimal, months: Iterable[MonthOfSales]) -> Fraction | None:
    """Whole months' sales from the latest backwards, then the fraction of the last one.

    None where the sales known do not reach back as far.
    """
    left, days = receivable, Fraction(0)
    if left <= 0:
        return Fraction(0)
    for month in months:
        if month.sales > left:
            return days + Fraction(left) / Fraction(month.sales) * month.days
        left -= max(month.sales, ZERO)
        days += month.days
        if left == 0:
            return days
    return None


def collection_effectiveness(
    beginning: Decimal, sales: Decimal, ending: Decimal, ending_current: Decimal, months: int
) -> Fraction | None:
    """CEI = (beginning + sales/N - ending) / (beginning + sales/N - ending current), N months: 1 is all collected."""
    if months < 1:
        return None
    to_collect = Fraction(beginning) + Fraction(sales) / months
    divisor = to_collect - Fraction(ending_current)
    return None if divisor <= 0 else (to_collect - Fraction(ending)) / divisor


@dataclass(frozen=True)
class Provision:
    """Lifetime expected credit loss of one bucket."""

    bucket: str
    gross: Decimal
    rate: Fraction
    loss: Decimal


def provision_matrix(aging: Aging, rates: Sequence[Fraction]) -> tuple[Provision, ...]:
    """IFRS 9: a loss rate a bucket x its gross carrying amount; each loss rounded once."""
    if len(rates) != len(aging.buckets) or not all(0 <= rate <= 1 for rate in rates):
        names = [bucket.name for bucket in aging.buckets]
        raise RATES_WRONG(figure=len(rates), limit=len(names), buckets=names)
    return tuple(
        Provision(b.name, b.amount, rate, round_money(Fraction(b.amount) * rate, aging.currency))
        for b, rate in zip(aging.buckets, rates, strict=True)
    )


@dataclass(frozen=True)
class History:
    """One invoice of the past: what was still open when it reached each bucket (by place), and what was never paid."""

    reached: Mapping[int, Decimal]
    never_paid: Decimal


def historical_rates(past: Iterable[History], buckets: int) -> tuple[Fraction | None, ...]:
    """A bucket's loss rate = what was never paid / what reached that bucket, unrounded; None where nothing reached it."""
    reached, lost = [Fraction(0)] * buckets, [Fraction(0)] * buckets
    for one in past:
        for place, amount in one.reached.items():
            reached[place] += Fraction(amount)
            lost[place] += min(Fraction(one.never_paid), Fraction(amount))
    return tuple(loss / amount if amount else None for loss, amount in zip(lost, reached, strict=True))


def months_back(first: date, last: date, most: int) -> list[tuple[date, date]]:
    """The months of a period from the latest backwards, then those before it: ``most`` in all.

    A month in which the period begins or ends is cut there, and what of it lies before the period is a month of its own.
    """
    spans: list[tuple[date, date]] = []
    end = last
    while len(spans) < most:
        begin = end.replace(day=1)
        if begin < first <= end:
            begin = first
        spans.append((begin, end))
        if begin == date.min:
            break
        end = begin - timedelta(days=1)
    return spans
