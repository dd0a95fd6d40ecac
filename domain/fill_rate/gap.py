"""The gap between our figure and the retailer's own score, in parts that sum exactly to it (features X6).

A rate is a ratio, so the differences of single lines do not add up. Instead all lines are corrected towards the retailer's
count, one cause after the other in the order of ``STEPS``, and the figure is computed anew each time: the part of a cause
is the figure before its corrections less the figure after them. What is then still missing to the score is unexplained.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from domain.fill_rate.choices import Metric
from domain.fill_rate.credit import Contribution, Ratio, ratio
from domain.fill_rate.demand import NOTHING
from domain.fill_rate.gap_lines import STEPS, GapCause, LineGap, Sides, unexplained
from domain.fill_rate.matching import matched
from domain.fill_rate.policy import FillRatePolicy
from domain.scorecard import Scorecard
from domain.values import ZERO

__all__ = ["Gap", "GapCause", "GapPart", "LineGap", "gap"]


@dataclass(frozen=True)
class GapPart:
    """``effect``: by how much this cause makes our figure higher than theirs (below 0: lower)."""

    cause: GapCause
    effect: Fraction | None
    lines: tuple[LineGap, ...]

    @property
    def money(self) -> dict[str, Decimal]:
        """At stake, by currency."""
        sums: dict[str, Decimal] = {}
        for line in self.lines:
            if line.money is not None and line.currency is not None:
                sums[line.currency] = sums.get(line.currency, ZERO) + line.money
        return sums


@dataclass(frozen=True)
class Gap:
    """``difference`` is ours - theirs and the sum of the parts; None where one side has no rate (0/0)."""

    metric: Metric
    ours: Ratio
    theirs: Fraction | None
    difference: Fraction | None
    parts: tuple[GapPart, ...]

    def part(self, cause: GapCause) -> GapPart:
        return next(one for one in self.parts if one.cause is cause)


def gap(ours: Sequence[Contribution], theirs: Scorecard, policy: FillRatePolicy) -> Gap:
    """``ours`` are the contributions of the period's lines to the figure that the scorecard states (``theirs.metric``)."""
    mine = ratio(ours)
    lines, strangers = matched([one.judged for one in ours], theirs.lines)
    sides = Sides(policy, theirs, lines, strangers)
    rates, found = [sides.rate()], {}
    for cause, step in STEPS.items():
        found[cause] = tuple(step(sides)) if theirs.lines else ()
        after = sides.rate() if found[cause] else None
        rates.append(rates[-1] if after is None else after)
    left = tuple(unexplained(sides)) if theirs.lines else ()
    score = theirs.value if theirs.has_figure else sides.rate()
    difference = None if mine.value is None or score is None else mine.value - score
    effects = [_less(before, after) for before, after in pairwise(rates)]
    parts = [
        GapPart(cause, None if difference is None else effect, found[cause])
        for cause, effect in zip(STEPS, effects, strict=True)
    ]
    rest = None if difference is None else difference - sum(effects, NOTHING)
    return Gap(theirs.metric, mine, score, difference, (*parts, GapPart(GapCause.UNEXPLAINED, rest, left)))


def _less(before: Fraction | None, after: Fraction | None) -> Fraction:
    return NOTHING if before is None or after is None else before - after
