"""Gross and net: the figure as it is, and as it would be without the failures that are excused (METRO's net OTIF)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from domain.fill_rate.choices import ExclusionEffect
from domain.fill_rate.credit import Contribution, Ratio, contributions, ratio
from domain.fill_rate.failures import FailedLine
from domain.fill_rate.judging import Judged, Status
from domain.fill_rate.misses import Key
from domain.fill_rate.policy import FillRatePolicy


def excused_wants(failed: Iterable[FailedLine]) -> frozenset[Key]:
    """What the customer caused by its own agreement or word: broken parameters that are excused, exclusions granted."""
    return frozenset(row.key for row in failed if row.excused)


def net(
    parts: Sequence[Contribution],
    policy: FillRatePolicy,
    excused: Collection[Key],
    effect: ExclusionEffect = ExclusionEffect.PASS,
) -> Ratio:
    """The figure of all wants with those excused counted as filled; with EXCLUDE they leave it instead.

    Weighed anew: an order or an item at a place passes where all that failed of it is excused.
    """
    judged = [_excused(part.judged, effect) if part.judged.want.key in excused else part.judged for part in parts]
    return ratio(contributions(judged, policy, policy.metric))


def _excused(one: Judged, effect: ExclusionEffect) -> Judged:
    if one.status is not Status.COUNTED:
        return one
    return replace(one, passed=True) if effect is ExclusionEffect.PASS else replace(one, status=Status.EXCLUDED)
