"""The figures of judged lines: the customer's official one, and the headline figures always beside it (decision 29)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import groupby

from domain.fill_rate.choices import CreditMode, Metric, WeightUnit
from domain.fill_rate.credit import ONE, Contribution, Ratio, contributions, passes, ratio
from domain.fill_rate.demand import NOTHING
from domain.fill_rate.facts import LineFacts
from domain.fill_rate.judging import Asking, Judged, Status, judge_order
from domain.fill_rate.policy import FillRatePolicy

NAMES = {Metric.FILL: "full", Metric.ON_TIME: "on_time", Metric.OTIF: "otif"}


@dataclass(frozen=True)
class Figures:
    """``official`` names the figure that the policy's metric asks for: full, on_time or otif."""

    official: str
    complete: Ratio
    full: Ratio
    on_time: Ratio
    otif: Ratio
    value_fill: Ratio
    orders_full: Ratio
    lines: int
    pending: int
    excluded: int

    @property
    def figure(self) -> Ratio:
        found: Ratio = getattr(self, self.official)
        return found

    def __add__(self, other: Figures) -> Figures:
        """Those of other orders under the same policy; not for SKU_LOCATION, whose groups go over orders."""
        sums = {one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self) if one.name != "official"}
        return Figures(official=self.official, **sums)


def evaluate(lines: Iterable[LineFacts], asking: Asking) -> list[Judged]:
    """Every want of the lines judged; the lines of an order must come together and all of them."""
    return [one for _, order in groupby(lines, order_of) for one in judge_order(list(order), asking)]


def order_of(line: LineFacts) -> str:
    return line.order


def official(judged: Sequence[Judged], policy: FillRatePolicy) -> list[Contribution]:
    """The contributions to the one figure that the policy names."""
    return contributions(judged, policy, policy.metric)


def figures(judged: Sequence[Judged], policy: FillRatePolicy) -> Figures:
    """All headline figures under one policy."""
    by_value = replace(policy, weight_unit=WeightUnit.VALUE, credit_mode=CreditMode.PROPORTIONAL)
    return Figures(
        official=NAMES[policy.metric],
        complete=_complete(judged),
        full=ratio(contributions(judged, policy, Metric.FILL)),
        on_time=ratio(contributions(judged, policy, Metric.ON_TIME)),
        otif=ratio(contributions(judged, policy, Metric.OTIF)),
        value_fill=ratio(contributions(judged, by_value, Metric.FILL)),
        orders_full=_orders_full(judged, policy),
        lines=sum(1 for one in judged if one.status is Status.COUNTED),
        pending=sum(1 for one in judged if one.status is Status.PENDING),
        excluded=sum(1 for one in judged if one.status is Status.EXCLUDED),
    )


def _complete(judged: Iterable[Judged]) -> Ratio:
    """Lines of which something was accepted, of the lines ordered."""
    wanted = [one for one in judged if one.status is Status.COUNTED and one.d > 0]
    return Ratio(Fraction(sum(1 for one in wanted if one.q_all > 0)), Fraction(len(wanted)))


def _orders_full(judged: Iterable[Judged], policy: FillRatePolicy) -> Ratio:
    """Orders with every line full, of all orders that are wholly judged."""
    waiting: set[str] = set()
    full: dict[str, bool] = {}
    for one in judged:
        if one.status is Status.PENDING:
            waiting.add(one.line.order)
        elif one.status is Status.COUNTED:
            full[one.line.order] = full.get(one.line.order, True) and passes(one, policy, Metric.FILL)
    counted = [good for order, good in full.items() if order not in waiting]
    return Ratio(sum((ONE for good in counted if good), NOTHING), Fraction(len(counted)))


def percent(rate: Fraction | None) -> str:
    """As people read it: 90.67%, half-up, n/a for 0/0; never compared."""
    if rate is None:
        return "n/a"
    hundredths = Decimal((rate * 10_000).numerator) / Decimal((rate * 10_000).denominator)
    return f"{hundredths.quantize(Decimal(1), ROUND_HALF_UP).scaleb(-2):.2f}%"
