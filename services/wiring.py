"""THE wiring point: which services, logs, feeds, views, policies and routers a process runs (decision 4)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import structlog
from fastapi import APIRouter
from sqlalchemy.exc import DatabaseError, OperationalError

from projections import (
    access, allocation_drafts, bank, credit_exposure, customer_plans, deadlines, dispute_evidence, disputes, edi_traffic,
    master_data, open_items, order_book, order_fill, penalties, receivable_items, reconciliation, retailer_scores,
    webhook_deliveries, webhooks,
)
from projections.doorbell import Doorbell
from projections.projector import FromAnotherGeneration, Projector
from projections.view_store import ViewStore
from projections.view import View
from services.access import KeyRing
from services.application import LogApplication
from services.checking import LOG as LEDGER
from services.checking import InvariantFollower
from services.event_log.postgres import PostgresLog
from services.event_log.roles import let_append, let_read
from services.event_log.seals import seals_of
from services.feed import LocalFeed
from services.feeds import feed_router
from services.forecast import router as forecast_routes
from services.forecast.application import Forecast
from services.http import Door
from services.orders import policies as order_policies
from services.orders import queries as order_queries
from services.orders.fill_rate import router as fill_rate_routes
from services.orders import router as order_routes
from services.orders.application import Orders
from services.reactions import Policy, Reactor, Sight
from services.receivables import aging, allocating, banking, exposure_policies, metric_queries
from services.receivables import policies as receivables_policies
from services.receivables import queries as receivables_queries
from services.receivables import router as receivables_routes
from services.receivables.application import Receivables
from services.receivables.disputes import policies as dispute_policies
from services.receivables.disputes import router as dispute_routes
from services.receivables.reconciling import router as reconciling_routes
from services.sealing.anchors import AnchorFile
from services.sealing.keys import key_in
from services.sealing.sealer import Sealer
from services.settings import Settings
from services.webhooks import router as webhook_routes
from services.webhooks.sending import Sender
from services.webhooks.signing import WebhookSecrets

APPLICATIONS: dict[str, type[LogApplication]] = {
    "orders": Orders, "receivables": Receivables, "forecast": Forecast,
}

# Which views a service keeps and the logs each of them folds; a view that two services keep is folded once a process.
VIEWS: dict[str, tuple[tuple[View, tuple[str, ...]], ...]] = {
    "orders": (
        (access.VIEW, ("orders",)),
        (order_book.VIEW, ("orders", "receivables")),
        (order_fill.VIEW, ("orders",)),
        (deadlines.VIEW, ("orders",)),
        (edi_traffic.VIEW, ("orders",)),
        (master_data.VIEW, ("orders",)),
        (penalties.VIEW, ("orders",)),
        (retailer_scores.VIEW, ("orders",)),
        (webhooks.VIEW, ("orders",)),
    ),
    "receivables": (
        (access.VIEW, ("orders",)),
        (credit_exposure.VIEW, ("receivables",)),
        (open_items.VIEW, ("receivables",)),
        (reconciliation.VIEW, ("orders", "receivables")),
        (allocation_drafts.VIEW, ("receivables",)),
        (bank.VIEW, ("receivables",)),
        (receivable_items.VIEW, ("receivables",)),
        (disputes.VIEW, ("receivables",)),
        (dispute_evidence.VIEW, ("orders", "receivables")),
    ),
    "forecast": ((access.VIEW, ("orders",)), (customer_plans.VIEW, ("forecast",))),
}

# Which policies a service runs on the facts of which log.
POLICIES: dict[str, dict[str, tuple[Policy, ...]]] = {
    "orders": {"orders": order_policies.ON_ORDERS, "receivables": order_policies.ON_RECEIVABLES},
    "receivables": {
        "orders": receivables_policies.ON_ORDERS,
        "receivables": (*exposure_policies.ON_RECEIVABLES, *allocating.ON_RECEIVABLES, *banking.ON_RECEIVABLES,
            *dispute_policies.ON_RECEIVABLES),
    },
    "forecast": {},
}

ROUTERS: dict[str, tuple[Callable[[], APIRouter], ...]] = {
    "orders": (*order_routes.ROUTERS, *order_queries.ROUTERS, *fill_rate_routes.ROUTERS, *webhook_routes.ROUTERS),
    "receivables": (
        *receivables_routes.ROUTERS, *receivables_queries.ROUTERS, *reconciling_routes.ROUTERS, *dispute_routes.ROUTERS,
        aging.aging_queries, metric_queries.metric_queries,
    ),
    "forecast": forecast_routes.ROUTERS,
}


@dataclass
class Wired:
    """Everything a process runs. ``start`` begins the loops, ``close`` ends them and drains the writers."""

    settings: Settings
    applications: dict[str, LogApplication]
    feeds: dict[str, LocalFeed]
    views: ViewStore
    projectors: dict[str, Projector]
    reactors: list[Reactor]
    doorbell: Doorbell
    keys: KeyRing
    sealers: list[Sealer] = field(default_factory=list)
    webhooks: webhook_routes.Webhooks | None = None
    sender: Sender | None = None
    invariants: InvariantFollower | None = None
    stopping: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    @property
    def door(self) -> Door:
        return Door(self.applications, self.projectors, self.keys, self.settings.wait_s, self.webhooks)

    def start(self) -> None:
        """Views and reactions run in threads of their own; decisions never wait for them."""
        for projector in self.projectors.values():
            self._run(f"view-{projector.view.name}", partial(projector.run, self.stopping, self.doorbell))
        for reactor in self.reactors:
            name = f"{reactor.name}-on-{reactor.feed.log}"
            self._run(name, partial(reactor.run, self.stopping, self.doorbell))
        for sealer in self.sealers:
            self._run(f"sealer-{sealer.log}", partial(sealer.run, self.stopping))
        if self.invariants is not None:
            self._run("invariants", partial(self.invariants.run, self.stopping))
        if self.sender is not None:
            self._run("webhooks", partial(self.sender.run, self.stopping))

    def _run(self, name: str, loop: Callable[[], None]) -> None:
        thread = threading.Thread(target=loop, name=name, daemon=True)
        thread.start()
        self.threads.append(thread)

    def settle(self, timeout: float = 30.0) -> bool:
        """Block until every reaction and view has caught up with every log; for the demo, imports and tests."""
        return settled(self, timeout)

    def close(self) -> None:
        self.stopping.set()
        self.doorbell.wake_all()
        for thread in self.threads:
            thread.join(timeout=10)
        for application in self.applications.values():
            application.close()
        self.views.close()
        if self.webhooks is not None:
            self.webhooks.deliveries.dispose()


def settled(wired: Wired, timeout: float) -> bool:
    """Whether all loops reached the ends of all logs, twice in a row with nothing new in between."""
    deadline = time.monotonic() + timeout
    quiet = 0
    while time.monotonic() < deadline:
        seen = wired.doorbell.count
        wired.doorbell.wake_all()
        busy = any(r.reached < r.feed.last_position() for r in wired.reactors)
        busy = busy or any(p.failure is None and p.lag() > 0 for p in wired.projectors.values())
        quiet = 0 if busy or wired.doorbell.count != seen else quiet + 1
        if quiet == 2:
            return True
        time.sleep(0.005)
    return False


def environment(settings: Settings, name: str) -> dict[str, str]:
    """The eventsourcing library's own settings for one log."""
    if settings.database is None:
        path = settings.data / f"{name}.events.sqlite"
        return {"PERSISTENCE_MODULE": "services.event_log.library:SqliteFactory", "SQLITE_DBNAME": str(path)}
    return {
        "PERSISTENCE_MODULE": "services.event_log.library:PostgresFactory", "POSTGRES_CONNINFO": settings.database,
    }


def create_logs(settings: Settings, appender: str | None = None, reader: str | None = None) -> dict[str, int]:
    """Make the logs of the listed services and their seals where they are missing; the last position of each.

    For the role that owns the tables (views belong to the role that folds them). On PostgreSQL ``appender`` is the role
    the service runs as, ``reader`` one that takes backups.
    """
    found: dict[str, int] = {}
    for name in settings.services:
        application = APPLICATIONS[name](environment(settings, name))
        try:
            seals_of(application.store).create()
            if isinstance(application.store, PostgresLog):
                if appender is not None:
                    let_append(application.store, appender)
                if reader is not None:
                    let_read(application.store, reader)
            found[name] = application.store.last_position()
        finally:
            application.close()
    return found


def wire(settings: Settings) -> Wired:
    """Open the logs and views of the listed services; nothing runs until ``start``."""
    applications: dict[str, LogApplication] = {
        name: APPLICATIONS[name](environment(settings, name)) for name in settings.services if name in APPLICATIONS
    }
    doorbell = Doorbell()
    for application in applications.values():
        application.writer.tail.on_publish(doorbell.ring)
    feeds = {name: LocalFeed(a.store, a.form, a.writer.tail) for name, a in applications.items()}
    views = ViewStore(settings.data / "views" if settings.embedded else None, sqlalchemy_url(settings.database))
    kept = {view.name: (view, logs) for name in settings.services for view, logs in VIEWS[name]}
    projectors = {
        name: projector_of(view, {log: feeds[log] for log in logs if log in feeds}, views)
        for name, (view, logs) in kept.items()
    }
    reactors = [
        Reactor(application, feeds[log], policies, Sight(application, projectors))
        for name, application in applications.items()
        for log, policies in POLICIES[name].items()
        if log in feeds
    ]
    wired = Wired(
        settings, applications, feeds, views, projectors, reactors, doorbell, _key_ring(projectors, settings),
        sealers_of(settings, applications), *webhooks_of(settings, applications, projectors),
    )
    if LEDGER in applications:
        wired.invariants = InvariantFollower(applications[LEDGER], settings.data)
    return wired


def sealers_of(settings: Settings, applications: Mapping[str, LogApplication]) -> list[Sealer]:
    """One for each log of the process; they share a key and a file of anchors."""
    anchors = AnchorFile(settings.anchors_file)
    key = partial(key_in, settings.keys_folder)
    return [Sealer(a.store, seals_of(a.store), key, anchors) for a in applications.values()]


def webhooks_of(
    settings: Settings, applications: Mapping[str, LogApplication], projectors: Mapping[str, Projector]
) -> tuple[webhook_routes.Webhooks, Sender] | tuple[()]:
    """Where the orders log is, which keeps the webhooks: what is sent comes from all logs of the process."""
    if webhooks.VIEW.name not in projectors:
        return ()
    folder = settings.data / "webhooks" if settings.embedded else None
    deliveries = webhook_deliveries.open_engine(folder, sqlalchemy_url(settings.database))
    secrets, private = WebhookSecrets(settings.keys_folder), settings.webhooks_private
    sender = Sender(applications, projectors[webhooks.VIEW.name].engine, deliveries, secrets, private=private)
    return webhook_routes.Webhooks(deliveries, secrets, private), sender


def projector_of(view: View, feeds: Mapping[str, LocalFeed], views: ViewStore) -> Projector:
    """The projector of a view; one that is damaged, or of a log's earlier generation, is folded anew from zero."""
    try:
        return Projector(view, feeds, views.engine(view))
    except (DatabaseError, FromAnotherGeneration) as error:
        if isinstance(error, OperationalError):
            raise  # the store is away, not damaged
        structlog.get_logger().warning("view_folded_anew", view=view.name, reason=str(error))
        views.drop(view)
        return Projector(view, feeds, views.engine(view))


def _key_ring(projectors: dict[str, Projector], settings: Settings) -> KeyRing:
    def find(key_id: str) -> access.KnownKey | None:
        with projectors["access"].engine.connect() as connection:
            return access.find_key(connection, key_id)

    return KeyRing(find, settings.requests_per_minute)


def sqlalchemy_url(database: str | None) -> str | None:
    """The same server for SQLAlchemy, which names the driver."""
    return None if database is None else database.replace("postgresql://", "postgresql+psycopg://", 1)


def routers(settings: Settings) -> Sequence[APIRouter]:
    return [*(make() for name in settings.services for make in ROUTERS[name]), feed_router()]
