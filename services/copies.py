"""Which logs of other services a process copies, from where and to where (decision 4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from projections.doorbell import Doorbell
from services.copying import Copier, FeedSource, Source
from services.event_log.contract import LogStore
from services.event_log.json_form import JsonForm
from services.event_log.postgres import PostgresLog
from services.event_log.sqlite import SqliteLog
from services.event_log.leases import lease_of
from services.peers import Peer
from services.settings import Settings


def copiers_of(settings: Settings, forms: Mapping[str, JsonForm], doorbell: Doorbell, holder: str) -> list[Copier]:
    """One for each log of another service whose owner is named in O2C_PEERS; one without an owner is not read here."""
    copiers = []
    for log in copied(settings, forms):
        store = open_copy(settings, log)
        lease = lease_of(store, f"copy of {log}", holder)
        copiers.append(Copier(store, forms[log], source_of(settings, log), owner_of(settings, log), lease, doorbell))
    return copiers


def copied(settings: Settings, logs: Iterable[str]) -> list[str]:
    """Those of ``logs`` that this process copies."""
    return [log for log in sorted(logs) if log in settings.peers and log not in settings.services]


def open_copy(settings: Settings, log: str) -> LogStore:
    """The store of a copy, made when it is missing: a file of its own, or a schema of its own."""
    services = "_".join(settings.services)
    if settings.database is None:
        return SqliteLog(log, settings.data / f"{log}.copied-by-{services}.sqlite")
    return PostgresLog(log, settings.database, schema=f"{log}_copied_by_{services}")


def source_of(settings: Settings, log: str) -> Source:
    """Kafka where there are brokers, else the owner's feed."""
    if not settings.kafka:
        return FeedSource(owner_of(settings, log))
    from services.kafka import KafkaSource

    return KafkaSource(settings, log)


def owner_of(settings: Settings, log: str) -> Peer:
    """The service that a log is copied from; an OSError says which setting is missing."""
    key = settings.peer_key
    if key is None:
        raise OSError("copying the logs of other services needs O2C_PEER_KEY_FILE, the secret that all services share")
    return Peer(log, settings.peers[log], key)
