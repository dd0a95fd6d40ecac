"""Every Prometheus name in one file; figures of the business come from views, not from counters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from domain.ledger_invariants import Invariant
from projections.projector import Projector
from services.application import LogApplication
from services.checking import InvariantFollower
from services.copying import Copier
from services.reactions import Reactor
from services.sealing.sealer import Sealer

if TYPE_CHECKING:
    from services.relay import Relay

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class HttpMetrics:
    """Requests by route template, method and status."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Counter(
            "o2c_http_requests", "Requests answered.", ("method", "route", "status"), registry=registry
        )
        self.seconds = Histogram(
            "o2c_http_request_seconds", "Time to answer.", ("method", "route"), buckets=SECONDS, registry=registry
        )


class RunningState(Collector):
    """The state of logs, views and reactions, read when it is asked for."""

    def __init__(
        self, applications: Iterable[LogApplication], projectors: Iterable[Projector], reactors: Iterable[Reactor]
    ) -> None:
        self._applications = list(applications)
        self._projectors = list(projectors)
        self._reactors = list(reactors)

    def collect(self) -> Iterator[Metric]:
        position = GaugeMetricFamily("o2c_log_position", "Last position of a log.", labels=["log"])
        waiting = GaugeMetricFamily("o2c_commands_waiting", "Commands handed in, not yet stored.", labels=["log"])
        parked = GaugeMetricFamily("o2c_parked_items", "Items kept for a person.", labels=["log"])
        for application in self._applications:
            position.add_metric([application.name], application.store.last_position())
            waiting.add_metric([application.name], application.writer.waiting())
            parked.add_metric([application.name], len(application.store.parked()))
        yield from (position, waiting, parked)
        yield from self._views()
        behind = GaugeMetricFamily("o2c_reactions_behind", "Facts not yet reacted to.", labels=["service", "log"])
        for reactor in self._reactors:
            behind.add_metric(
                [reactor.application.name, reactor.feed.log], reactor.feed.last_position() - reactor.reached
            )
        yield behind

    def _views(self) -> Iterator[Metric]:
        failed = GaugeMetricFamily("o2c_view_failed", "1 when a view has stopped on an error.", labels=["view"])
        behind = GaugeMetricFamily("o2c_view_behind", "Positions a view has not folded yet.", labels=["view"])
        for projector in self._projectors:
            failed.add_metric([projector.view.name], 0 if projector.failure is None else 1)
            behind.add_metric([projector.view.name], projector.lag())
        yield from (failed, behind)


class LedgerState(Collector):
    """Whether the ledger's invariants hold; all ten are there from the first scrape on."""

    def __init__(self, follower: InvariantFollower | None) -> None:
        self._follower = follower

    def collect(self) -> Iterator[Metric]:
        if self._follower is None:
            return
        violations = GaugeMetricFamily(
            "o2c_invariant_violations", "Commands after which an invariant of the ledger did not hold.", labels=["invariant"]
        )
        for invariant in Invariant:
            violations.add_metric([invariant.value], self._follower.counts[invariant])
        behind = GaugeMetricFamily("o2c_invariants_behind", "Facts whose invariants are not yet checked.")
        behind.add_metric([], self._follower.behind())
        yield from (violations, behind)


class SealingState(Collector):
    """How far every log is sealed."""

    def __init__(self, sealers: Iterable[Sealer]) -> None:
        self._sealers = list(sealers)

    def collect(self) -> Iterator[Metric]:
        behind = GaugeMetricFamily("o2c_sealing_behind", "Facts not yet sealed.", labels=["log"])
        failed = GaugeMetricFamily("o2c_sealing_failed", "1 while something keeps a log from being sealed.", labels=["log"])
        for sealer in self._sealers:
            behind.add_metric([sealer.log], sealer.store.last_position() - sealer.sealed)
            failed.add_metric([sealer.log], 0 if sealer.failure is None else 1)
        yield from (behind, failed)


class DistributionState(Collector):
    """What is published of the logs and copied of other services': lags in facts and seconds, duplicates, who does it."""

    def __init__(self, relays: Iterable[Relay], copiers: Iterable[Copier]) -> None:
        self._relays = list(relays)
        self._copiers = list(copiers)

    def collect(self) -> Iterator[Metric]:
        label = ["log"]
        behind = GaugeMetricFamily("o2c_relay_behind", "Facts not yet confirmed by Kafka.", labels=label)
        failed = GaugeMetricFamily("o2c_relay_failed", "1 while something keeps a log from being published.", labels=label)
        holder = GaugeMetricFamily("o2c_relay_leader", "1 where this instance publishes the log.", labels=label)
        for relay in self._relays:
            leads = relay.leads
            holder.add_metric([relay.log], int(leads))
            behind.add_metric([relay.log], relay.behind() if leads else 0)
            failed.add_metric([relay.log], 0 if relay.failure is None else 1)
        yield from (behind, failed, holder)
        lag = GaugeMetricFamily("o2c_copy_behind", "Facts of another service's log not yet copied, as last asked.", labels=label)
        age = GaugeMetricFamily("o2c_copy_age_seconds", "How long ago the copy was last known to be complete.", labels=label)
        stuck = GaugeMetricFamily("o2c_copy_failed", "1 while something keeps a log from being copied.", labels=label)
        twice = CounterMetricFamily("o2c_copy_duplicates", "Facts that came again and were dropped.", labels=label)
        filled = CounterMetricFamily("o2c_copy_filled", "Facts fetched from the owner because they were missing.", labels=label)
        for copier in self._copiers:
            lag.add_metric([copier.log], copier.behind)
            age.add_metric([copier.log], copier.age())
            stuck.add_metric([copier.log], 0 if copier.failure is None else 1)
            twice.add_metric([copier.log], copier.duplicates)
            filled.add_metric([copier.log], copier.filled)
        yield from (lag, age, stuck, twice, filled)
