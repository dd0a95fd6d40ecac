"""Which version of which definition judges a line: by the original requested date and by scope (definitions 1.4 rule 1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from itertools import groupby

from domain.fill_rate.choices import BucketBy, Metric
from domain.fill_rate.demand import Want, wants
from domain.fill_rate.facts import LineFacts
from domain.fill_rate.figures import order_of
from domain.fill_rate.judging import Asking, Judged, judge_order
from domain.fill_rate.policy import FillRatePolicy, Scope
from domain.values import local_date

_ALL = Scope()


@dataclass(frozen=True)
class Version:
    """A definition as agreed: from ``first_day`` on; ``position`` is where the log knows it."""

    policy_id: str
    first_day: date
    position: int
    policy: FillRatePolicy

    @property
    def key(self) -> tuple[str, date, int]:
        return self.policy_id, self.first_day, self.position

    def in_force(self, day: date) -> bool:
        until = self.policy.effective_to
        return self.first_day <= day and (until is None or day < until)


@dataclass(frozen=True)
class Choose:
    """Chooses the version that judges a want: of each definition the one in force on the day originally asked for, of those
    the one whose scope is the most specific. ``whenever``: the days of the versions do not matter (what-if)."""

    versions: tuple[Version, ...]
    whenever: bool = False

    def __call__(self, want: Want) -> Version | None:
        fitting = [one for one in self._on(want.asked.requested_on) if covers(one.policy.scope, want)]
        if len(fitting) == 1:
            return fitting[0]
        return max(fitting, key=lambda one: (specificity(one.policy.scope), one.position), default=None)

    def _on(self, day: date) -> Sequence[Version]:
        if self.whenever:
            return self.versions
        latest: dict[str, Version] = {}
        for one in self.versions:
            known = latest.get(one.policy_id)
            if one.first_day <= day and (known is None or (one.first_day, one.position) >= (known.first_day, known.position)):
                latest[one.policy_id] = one
        return [one for one in latest.values() if one.in_force(day)]

    def spans(self, first: date, last: date) -> list[tuple[Version, date, date]]:
        """Which version judges the days from ``first`` to ``last``; scopes are left out of account."""
        made: list[tuple[Version, date, date]] = []
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
            version = max(self._on(day), key=lambda one: one.position, default=None)
            if version is not None and made and made[-1][0].key == version.key and made[-1][2] == day - timedelta(days=1):
                made[-1] = (version, made[-1][1], day)
            elif version is not None:
                made.append((version, day, day))
        return made


def by_id(agreed: Sequence[Version], policy_id: str) -> Choose:
    """The version of one definition in force on the day originally asked for."""
    return Choose(tuple(one for one in agreed if one.policy_id == policy_id))


def by_metric(agreed: Sequence[Version], metric: Metric) -> Choose:
    """Of all definitions that measure the metric, the one whose scope is the most specific."""
    measuring = {one.policy_id for one in agreed if one.policy.metric is metric}
    return Choose(tuple(one for one in agreed if one.policy_id in measuring))


def always(policy: FillRatePolicy) -> Choose:
    """One definition for every line: what-if."""
    return Choose((Version(policy.policy_id or "what-if", date.min, 0, policy),), whenever=True)


def covers(scope: Scope, want: Want) -> bool:
    """Whether every field that the scope names is the want's."""
    if scope == _ALL:
        return True
    line = want.line
    pairs = (
        (scope.banner, want.asked.banner), (scope.ship_to, want.asked.ship_to), (scope.category, line.original.category),
        (scope.freight_terms, line.freight_terms), (scope.flow, line.flow),
    )  # fmt: skip
    return all(named is None or named == own for named, own in pairs)


def specificity(scope: Scope) -> int:
    return sum(getattr(scope, each.name) is not None for each in fields(scope))


def bucket_day(judged: Judged, policy: FillRatePolicy) -> date:
    """The day by which the want falls into a period; received: the local day of its first delivery, if there was one."""
    want = judged.want
    if policy.period.bucket_by is BucketBy.ORDERED:
        return want.line.ordered_on
    if policy.period.bucket_by is BucketBy.RECEIVED:
        came = [one.arrived.at for one in judged.deliveries if one.arrived.at is not None and one.quantity > 0]
        return local_date(min(came), want.zone) if came else want.asked.requested_on
    return want.asked.requested_on


def judged_by(
    lines: Iterable[LineFacts], choose: Choose, asking_of: Callable[[FillRatePolicy], Asking]
) -> Iterator[tuple[Version, Judged]]:
    """Every want with the version that judges it; wants that no definition speaks of are left out.

    An order whose lines fall under several versions is judged whole under each: some rules look at the whole order.
    """
    for _, group in groupby(lines, order_of):
        order = list(group)
        chosen = {want.key: version for line in order for want in wants(line) if (version := choose(want)) is not None}
        for version in {one.key: one for one in chosen.values()}.values():
            for one in judge_order(order, asking_of(version.policy)):
                if (own := chosen.get(one.want.key)) is not None and own.key == version.key:
                    yield version, one
