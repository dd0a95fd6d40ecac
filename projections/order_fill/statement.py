"""The statements that add up lots into figures: rules 6 and 7 of definitions 1.4.

A lot's weight is divided only where it divides without rest, so that nothing is ever rounded.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.fill_rate.choices import QUANTITY_WEIGHTS, CreditMode, Metric, PassLevel, WeightUnit
from domain.fill_rate.lots import CASES, MICRO
from projections.order_fill.pushdown import Sight

_WEIGHTS = {
    WeightUnit.CASE: ("cases", CASES), WeightUnit.EACH: ("eaches", MICRO), WeightUnit.VALUE: ("value", MICRO),
    WeightUnit.LINE: ("lines", 1),
}  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """Which columns of a statement's row make a ratio, and what divides the numbers there."""

    numerator: str
    denominator: str
    scale: int


@dataclass
class Statement:
    """Sums over lots, and what has to be known order by order; the same is asked for once, in one row each."""

    sight: Sight
    sums: dict[str, str] = field(default_factory=dict)  # SQL over lots -> its name
    inner: dict[str, str] = field(default_factory=dict)  # SQL -> its name in the inner select
    outer: dict[str, str] = field(default_factory=dict)

    def texts(self, source: str) -> tuple[str, str]:
        sums = ", ".join(f"{sql} AS {name}" for sql, name in self.sums.items())
        inner = ", ".join(f"{sql} AS {name}" for sql, name in self.inner.items())
        outer = ", ".join(f"{sql} AS {name}" for sql, name in self.outer.items())
        by_order = f"SELECT {inner} FROM {source} GROUP BY order_no"
        return f"SELECT {sums} FROM {source}", f"SELECT {outer} FROM ({by_order}) AS by_order"

    def add(self, sql: str, when: str | None = None, unless: str | None = None) -> str:
        """The sum of an expression over the lots that are counted; of orders for which ``unless`` is not 1."""
        term = sql if when is None else f"CASE WHEN {when} THEN {sql} ELSE 0 END"
        if unless is None:
            return self.sums.setdefault(f"SUM({term})", f"s{len(self.sums)}")
        name = self._inner(f"CAST(SUM({term}) AS BIGINT)")
        return self._outer(f"SUM(CASE WHEN {unless} = 1 THEN 0 ELSE {name} END)")

    def counted(self, sql: str, when: str | None = None, unless: str | None = None) -> str:
        return self.add(sql, _both(self.sight.counted, when), unless)

    def any(self, condition: str) -> str:
        """Of each order, whether the condition holds of one of its lots."""
        return self._inner(f"MAX(CASE WHEN {condition} THEN 1 ELSE 0 END)")

    def orders(self, failed: str | None = None) -> str:
        """How many orders are wholly judged; of them those that have not failed."""
        tests = [] if failed is None else [f"{failed} = 0"]
        if self.sight.counted is not None:
            tests.append(f"{self.any(self.sight.counted)} = 1")
        if self.sight.pending is not None:
            tests.append(f"{self.any(self.sight.pending)} = 0")
        return self._outer(f"SUM(CASE WHEN {' AND '.join(tests)} THEN 1 ELSE 0 END)" if tests else "COUNT(*)")

    def failed(self, metric: Metric, of_what_came: bool = False) -> str:
        """Of each order, whether one of its lots that counts does not pass."""
        asked = _both(self.sight.counted, f"{self.sight.came} > 0" if of_what_came else None)
        return self.any(f"{_both(asked, 'NOT ' + self.sight.passes(metric))}")

    def part(self, weight: str, share: str) -> str:
        """A lot's weight times a share of it: a whole number, since every quantity is one in every weight."""
        return weight if share == "whole" else f"{weight} * {share} / whole"

    def capped(self, weight: str, quantity: str) -> str:
        """A lot's weight of what counts of D; not more than D."""
        demand = self.sight.demand
        return f"CASE WHEN {quantity} < {demand} THEN {self.part(weight, quantity)} ELSE {self.part(weight, demand)} END"

    def _inner(self, sql: str) -> str:
        return self.inner.setdefault(sql, f"i{len(self.inner)}")

    def _outer(self, sql: str) -> str:
        return self.outer.setdefault(sql, f"o{len(self.outer)}")


def _both(*tests: str | None) -> str | None:
    return " AND ".join(test for test in tests if test is not None) or None


def whole_figure(made: Statement, metric: Metric, weight: WeightUnit, credit: CreditMode) -> Figure | None:
    """The figure of a metric; None where its lots do not add up to whole numbers (``shares_of``)."""
    sight, policy = made.sight, made.sight.policy
    by_order = policy.pass_level is PassLevel.ORDER
    if weight not in QUANTITY_WEIGHTS and metric is not Metric.ON_TIME and credit is CreditMode.PROPORTIONAL:
        return None
    if weight is WeightUnit.ORDER:
        return Figure(made.orders(made.failed(metric)), made.orders(), 1)
    column, scale = _WEIGHTS[weight]
    if metric is Metric.ON_TIME and weight in QUANTITY_WEIGHTS:
        unless = made.failed(metric, of_what_came=True) if by_order else None
        good = made.capped(column, sight.in_time)
        numerator = made.counted(good, None if sight.voided is None else f"NOT {sight.voided}", unless)
        return Figure(numerator, made.counted(made.capped(column, sight.came)), scale)
    denominator = made.part(column, sight.demand) if weight is not WeightUnit.LINE else column
    if credit is CreditMode.PROPORTIONAL and metric is not Metric.ON_TIME:
        good = made.capped(column, sight.quantity(metric))
        numerator = made.counted(good, None if sight.voided is None else f"NOT {sight.voided}")
    else:
        numerator = made.counted(denominator, sight.passes(metric), made.failed(metric) if by_order else None)
    return Figure(numerator, made.counted(denominator), scale)


def shares_of(made: Statement, metric: Metric, weight: WeightUnit, source: str) -> str:
    """(denominator, sum of numerators) of credits that are fractions: of lines, or of orders by what was ordered."""
    sight = made.sight
    voided = "" if sight.voided is None else f"WHEN {sight.voided} THEN 0 "
    quantity = sight.quantity(metric)
    came = f"CASE {voided}WHEN {quantity} < {sight.demand} THEN {quantity} ELSE {sight.demand} END"
    if weight is WeightUnit.LINE:
        where = "" if sight.counted is None else f" AND {sight.counted}"
        return f"SELECT {sight.demand} AS d, SUM(lines * {came}) AS n FROM {source}{where} GROUP BY {sight.demand}"
    counted = sight.counted or "1 = 1"
    sums = [
        f"CAST(SUM(CASE WHEN {counted} THEN {made.part('units', share)} ELSE 0 END) AS BIGINT)" for share in (sight.demand, came)
    ]
    waiting = "0" if sight.pending is None else f"MAX(CASE WHEN {sight.pending} THEN 1 ELSE 0 END)"
    orders = f"SELECT {sums[0]} AS d, {sums[1]} AS n, {waiting} AS waiting FROM {source} GROUP BY order_no"
    return f"SELECT d, SUM(n) AS n FROM ({orders}) AS by_order WHERE waiting = 0 AND d > 0 GROUP BY d"
