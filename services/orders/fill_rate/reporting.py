"""A fill-rate report: which lines, which definitions, judged as of one moment and as known at another.

Everything that is shown of a figure (its lines, its failures, its explanation) is read off the same ``Report``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cached_property

from sqlalchemy import Connection

from domain.fill_rate.choice import Choose, Version, always, bucket_day, by_id, by_metric, judged_by
from domain.fill_rate.choices import BucketBy, Metric
from domain.fill_rate.credit import Contribution, Ratio, ratio
from domain.fill_rate.demand_cap import capped, demand_by_item
from domain.fill_rate.facts import LineFacts
from domain.fill_rate.figures import Figures, figures, official
from domain.fill_rate.form import stored_policy
from domain.fill_rate.judging import Asking, Judged
from domain.fill_rate.own_evidence import on_our_evidence, our_facts
from domain.fill_rate.periods import GREGORIAN_MONTH, Period, period_named, year_before
from domain.fill_rate.policy import FillRatePolicy
from domain.refusal import Kind, Refusal
from projections import order_fill
from services.calendars import known_calendars

FURTHEST = timedelta(days=366)  # how far from its period a line may be wanted, where received or ordered decides

NO_POLICY = Refusal(
    "fill_rate.no_policy",
    "No fill-rate policy {named} is agreed with {partner}{known}. Agree one (POST /v1/partners/{partner}/fill-rate-policies),"
    " or ask what-if under a preset.",
    Kind.NOT_FOUND,
)


@dataclass(frozen=True)
class Filters:
    """Which of the lines are shown; a field left out takes all."""

    company: str | None = None
    banner: str | None = None
    ship_to: str | None = None
    category: str | None = None
    item: str | None = None

    def take(self, one: Judged) -> bool:
        want, line = one.want, one.line
        pairs = (
            (self.banner, want.asked.banner), (self.ship_to, want.asked.ship_to),
            (self.category, line.original.category), (self.item, line.original.item),
        )  # fmt: skip
        return all(asked is None or asked == own for asked, own in pairs)


@dataclass(frozen=True)
class Asked:
    """One question: whose figure, of when, as of ``effective_at``, as known at the position ``known_at`` (None: now)."""

    partner: str
    effective_at: datetime
    known_at: int | None = None
    period: str | None = None
    calendar: str | None = None
    days: tuple[date, date] | None = None
    policy_id: str | None = None
    metric: Metric | None = None
    filters: Filters = Filters()


@dataclass(frozen=True)
class Programme:
    """One measure of a customer: the definitions it chooses from, and the latest of them."""

    name: str
    choose: Choose
    latest: FillRatePolicy


@dataclass
class Section:
    """The wants judged by one version of a definition, and what each adds to the official figure."""

    version: Version
    judged: list[Judged]

    @cached_property
    def contributions(self) -> list[Contribution]:
        return official(self.judged, self.version.policy)

    @cached_property
    def figures(self) -> Figures:
        return figures(self.judged, self.version.policy)


@dataclass
class Report:
    """A programme's wants of one period, by the version that judges them."""

    asked: Asked
    programme: Programme
    period: Period
    sections: list[Section] = field(default_factory=list)

    @property
    def contributions(self) -> list[Contribution]:
        return [one for section in self.sections for one in section.contributions]

    @property
    def ratio(self) -> Ratio:
        return ratio(self.contributions)


def versions_of(connection: Connection, partner: str, known_at: int | None) -> tuple[Version, ...]:
    """What was agreed with the partner, as known at a position."""
    return tuple(
        Version(one.policy_id, one.first_day, one.position, stored_policy(one.policy))
        for one in order_fill.policies_of(connection, partner, known_at=known_at)
    )


def programmes(agreed: Sequence[Version], asked: Asked) -> list[Programme]:
    """The one definition or metric asked for; else one programme for each metric that the customer's definitions name."""
    if asked.policy_id is not None:
        own = [one for one in agreed if one.policy_id == asked.policy_id]
        found = [Programme(asked.policy_id, by_id(agreed, asked.policy_id), own[-1].policy)] if own else []
    else:
        metrics = [asked.metric] if asked.metric else list(dict.fromkeys(one.policy.metric for one in agreed))
        latest = {one.policy.metric: one.policy for one in agreed}
        found = [Programme(str(m), by_metric(agreed, m), latest[m]) for m in metrics if m in latest]
    if not found:
        known = "" if asked.known_at is None else f" as known at position {asked.known_at}"
        raise NO_POLICY(named=asked.policy_id or asked.metric or "at all", partner=asked.partner, known=known)
    return found


def what_if(policy: FillRatePolicy) -> Programme:
    """Every line under one definition, whatever was agreed."""
    return Programme(policy.policy_id or "what-if", always(policy), policy)


def reports(connection: Connection, asked: Asked) -> list[Report]:
    """One report for each programme of the partner; refused where none is agreed."""
    agreed = versions_of(connection, asked.partner, asked.known_at)
    return [report(connection, asked, programme) for programme in programmes(agreed, asked)]


def report(connection: Connection, asked: Asked, programme: Programme) -> Report:
    """The programme's report of the period asked for."""
    period = period_asked(asked, programme.latest)
    made = Report(asked, programme, period, _sections(connection, asked, programme, period))
    for section in made.sections:
        cap = section.version.policy.denominator.demand_cap
        if cap is not None:
            before = _year_before(connection, asked, section, period)
            section.judged = capped(section.judged, cap, before)
    return made


def own_report(connection: Connection, official: Report) -> Report:
    """The same lines by the same definitions, measured on our evidence alone."""
    asked, programme = official.asked, official.programme
    lines = map(our_facts, lines_of_period(connection, asked, programme.latest, official.period))
    found = judged_by(lines, programme.choose, lambda policy: asking_of(on_our_evidence(policy), asked.effective_at))
    return Report(asked, programme, official.period, _kept(found, asked, official.period))


def period_asked(asked: Asked, policy: FillRatePolicy) -> Period:
    """The named period of the calendar asked for, else of the policy's own; or the days themselves."""
    if asked.days is not None:
        first, last = asked.days
        return Period(f"{first}/{last}", first, last)
    calendar = asked.calendar or policy.period.calendar or GREGORIAN_MONTH
    return period_named(asked.period or "", calendar)


def _sections(connection: Connection, asked: Asked, programme: Programme, period: Period) -> list[Section]:
    lines = lines_of_period(connection, asked, programme.latest, period)
    return _kept(judged_by(lines, programme.choose, lambda policy: asking_of(policy, asked.effective_at)), asked, period)


def _kept(judged: Iterable[tuple[Version, Judged]], asked: Asked, period: Period) -> list[Section]:
    """The wants that fall into the period and are asked for, by version."""
    found: dict[object, Section] = {}
    for version, one in judged:
        if period.holds(bucket_day(one, version.policy)) and asked.filters.take(one):
            found.setdefault(version.key, Section(version, [])).judged.append(one)
    return sorted(found.values(), key=lambda section: section.version.key)


def lines_of_period(
    connection: Connection, asked: Asked, policy: FillRatePolicy, period: Period
) -> Iterable[LineFacts]:
    """All lines that may fall into the period; which of them do is known when they are judged."""
    first, last = period.first, period.last
    if policy.period.bucket_by is not BucketBy.REQUESTED_ORIGINAL:
        first, last = first - FURTHEST, last + FURTHEST
    company = asked.filters.company
    return order_fill.lines_requested(connection, asked.partner, first, last, company=company, known_at=asked.known_at)


def asking_of(policy: FillRatePolicy, at: datetime) -> Asking:
    return Asking(policy, at, known_calendars(policy.on_time.calendar))


def _year_before(connection: Connection, asked: Asked, section: Section, period: Period) -> Mapping[str, Fraction]:
    """What each item was wanted in the same period a year before, by the same definition."""
    policy = section.version.policy
    if asked.days is not None:
        earlier = Period("", period.first - timedelta(days=364), period.last - timedelta(days=364))
    else:
        earlier = year_before(period, asked.calendar or policy.period.calendar)
    then = replace(asked, filters=Filters(company=asked.filters.company))
    bare = replace(policy, denominator=replace(policy.denominator, demand_cap=None))
    sections = _sections(connection, then, what_if(bare), earlier)
    return demand_by_item(one for section in sections for one in section.judged)
