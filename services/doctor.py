"""``o2c doctor``: looks at a data folder or database and says what is wrong and what to do about it."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import dataclass
from typing import Any

from projections.away import Away
from services.event_log.contract import LogUnavailable
from services.event_log.leases import leases_of
from services.settings import Settings
from services.wired import Wired
from services.wiring import foreign_logs, wire

LITTLE_SPACE = 500_000_000


@dataclass(frozen=True)
class Checkup:
    """One thing looked at: ``ok``, or a sentence with the next step."""

    what: str
    ok: bool
    says: str


def examine(settings: Settings) -> list[Checkup]:
    """Every check, in the order in which a person would make them."""
    found = [Checkup("settings", True, f"services {', '.join(settings.services)}"), _sqlite(), _space(settings)]
    try:
        wired = wire(settings)
    except LogUnavailable as error:
        return [*found, Checkup("logs", False, str(error))]
    except Exception as error:
        return [*found, Checkup("logs", False, f"cannot be opened: {error}")]
    try:
        return [*found, *_logs(wired), *_leases(wired), *_copies(wired), *_kafka(settings), *_views(wired)]
    finally:
        wired.close()


def _sqlite() -> Checkup:
    version = sqlite3.sqlite_version_info
    says = f"{sqlite3.sqlite_version}; one writer connection a file" + (
        "" if version >= (3, 51, 3) else ", which keeps clear of the WAL-reset race of versions before 3.51.3"
    )
    return Checkup("SQLite", True, says)


def _space(settings: Settings) -> Checkup:
    if not settings.embedded:
        return Checkup("disk", True, "the database server's own")
    folder = next(p for p in (settings.data, *settings.data.absolute().parents) if p.exists())
    free = shutil.disk_usage(folder).free
    if free < LITTLE_SPACE:
        return Checkup("disk", False, f"{free:,} bytes are free, less than {LITTLE_SPACE:,}: make room before it is full")
    return Checkup("disk", True, f"{free:,} bytes are free")


def _logs(wired: Wired) -> list[Checkup]:
    found = []
    for name, application in wired.applications.items():
        store = application.store
        says = f"position {store.last_position():,}, generation {store.generation()}, durability {store.durability()}"
        found.append(Checkup(f"log {name}", True, says))
        parked = store.parked()
        if parked:
            first: Any = parked[0]
            where = f"{first.consumer} at {first.log}:{first.position}"
            says = f"{len(parked)} items are kept for a person, the first: {where} ({first.error})"
            found.append(Checkup(f"parked in {name}", False, says))
    return found


def _leases(wired: Wired) -> list[Checkup]:
    """Who does what only one instance may do."""
    found = []
    for log, store in wired.logs.items():
        for lease in leases_of(store):
            says = f"held by {lease.holder} (epoch {lease.epoch})" if lease.held else f"free; {lease.holder} had it last"
            found.append(Checkup(f"lease {lease.name} at {log}", True, says))
    return found


def _copies(wired: Wired) -> list[Checkup]:
    """The copies of other services' logs, each beside what its owner says."""
    found = [
        Checkup(f"log {log}", False, f"what is read of it stays empty here: name its owner in O2C_PEERS ({log}=http://...)")
        for log in foreign_logs(wired.settings.services) if log not in wired.logs
    ]
    for copier in wired.copiers:
        last, name = copier.store.last_position(), f"copy of {copier.log}"
        try:
            page = copier.owner.facts(last, limit=1)
        except Away as error:
            found.append(Checkup(name, False, f"position {last:,}; {error}"))
            continue
        if page is None or page.generation != copier.feed.generation():
            found.append(Checkup(name, False, f"position {last:,}: {copier.log} was restored; it is followed when o2c serves"))
            continue
        missing = page.last - last
        says = f"position {last:,}, {'complete' if not missing else f'{missing:,} facts behind'}, generation {page.generation}"
        found.append(Checkup(name, True, says))
    return found


def _kafka(settings: Settings) -> list[Checkup]:
    """The topics of the logs of this process."""
    if not settings.kafka:
        return []
    from services.kafka import asking_kafka, topic_faults, topic_of

    found = []
    for log in settings.services:
        try:
            with asking_kafka(settings):
                faults = topic_faults(settings, log)
        except Away as error:
            return [Checkup("Kafka", False, str(error))]
        found.append(Checkup(f"topic {topic_of(settings, log)}", not faults, "; ".join(faults) or "one partition, kept for ever"))
    return found


def _views(wired: Wired) -> list[Checkup]:
    found = []
    for name, projector in wired.projectors.items():
        behind = projector.lag()
        says = "folded up to the end" if not behind else f"{behind:,} positions behind; it catches up when o2c serves"
        found.append(Checkup(f"view {name}", projector.failure is None, says))
    return found
