"""THE wiring point: which services, logs, feeds, views, policies and routers a process runs (decision 4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

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
from services.copies import copiers_of
from services.copying import Copier
from services.logs import environment
from services.event_log.json_form import JsonForm
from services.event_log.seals import seals_of
from services.feed import LocalFeed
from services.feeds import feed_router
from services.forecast import router as forecast_routes
from services.forecast.application import Forecast
from services.event_log.leases import lease_of, new_holder
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
from services.wired import Wired, logs_of

if TYPE_CHECKING:
    from services.relay import Relay

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


def wire(settings: Settings) -> Wired:
    """Open the logs and views of the listed services; nothing runs until ``start``."""
    applications: dict[str, LogApplication] = {
        name: APPLICATIONS[name](environment(settings, name)) for name in settings.services if name in APPLICATIONS
    }
    doorbell = Doorbell()
    for application in applications.values():
        application.writer.tail.on_publish(doorbell.ring)
    feeds = {name: LocalFeed(a.store, a.form, a.writer.tail) for name, a in applications.items()}
    holder = new_holder()
    forms = {log: JsonForm(APPLICATIONS[log].aggregates) for log in foreign_logs(settings.services)}
    copiers = copiers_of(settings, forms, doorbell, holder)
    feeds |= {copier.log: copier.feed for copier in copiers}
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
        sealers_of(settings, applications), *webhooks_of(settings, applications, projectors, copiers),
    )
    wired.copiers, wired.relays = copiers, relays_of(settings, applications, holder)
    if LEDGER in applications:
        wired.invariants = InvariantFollower(applications[LEDGER], settings.data)
    return wired


def foreign_logs(services: Sequence[str]) -> list[str]:
    """The logs of other services that the views and policies of these read."""
    read = {log for name in services for _, logs in VIEWS[name] for log in logs}
    read |= {log for name in services for log in POLICIES[name]}
    if "orders" in services:
        read |= set(APPLICATIONS)  # webhooks tell of the facts of all logs
    return sorted(read - set(services))


def relays_of(settings: Settings, applications: Mapping[str, LogApplication], holder: str) -> list[Relay]:
    """One for each log of the process, where there are brokers."""
    if not settings.kafka:
        return []
    from services.relay import Relay  # the client of Kafka is loaded by those who have one

    return [Relay(a, settings, lease_of(a.store, "relay", holder)) for a in applications.values()]


def sealers_of(settings: Settings, applications: Mapping[str, LogApplication]) -> list[Sealer]:
    """One for each log of the process; they share a key and a file of anchors."""
    anchors = AnchorFile(settings.anchors_file)
    key = partial(key_in, settings.keys_folder)
    return [Sealer(a.store, seals_of(a.store), key, anchors) for a in applications.values()]


def webhooks_of(
    settings: Settings, applications: Mapping[str, LogApplication], projectors: Mapping[str, Projector],
    copiers: Sequence[Copier],
) -> tuple[webhook_routes.Webhooks, Sender] | tuple[()]:
    """Where the orders log is, which keeps the webhooks: what is sent comes from all logs, its own and the copies."""
    if webhooks.VIEW.name not in projectors:
        return ()
    folder = settings.data / "webhooks" if settings.embedded else None
    deliveries = webhook_deliveries.open_engine(folder, sqlalchemy_url(settings.database))
    secrets, private = WebhookSecrets(settings.keys_folder), settings.webhooks_private
    logs, orders = logs_of(applications, copiers), applications["orders"]
    sender = Sender(logs, orders, projectors[webhooks.VIEW.name].engine, deliveries, secrets, private=private)
    types = frozenset(name for log in logs for name in JsonForm(APPLICATIONS[log].aggregates).types())
    return webhook_routes.Webhooks(deliveries, secrets, private, types), sender


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

    return KeyRing(find, settings.requests_per_minute, settings.peer_key)


def sqlalchemy_url(database: str | None) -> str | None:
    """The same server for SQLAlchemy, which names the driver."""
    return None if database is None else database.replace("postgresql://", "postgresql+psycopg://", 1)


def routers(settings: Settings) -> Sequence[APIRouter]:
    return [*(make() for name in settings.services for make in ROUTERS[name]), feed_router()]
