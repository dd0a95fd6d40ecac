"""Opening and making the logs of services, by the settings of the process."""

from __future__ import annotations

from collections.abc import Mapping

from services.application import LogApplication
from services.event_log.postgres import PostgresLog
from services.event_log.roles import let_append, let_read
from services.event_log.seals import seals_of
from services.settings import Settings


def environment(settings: Settings, name: str) -> dict[str, str]:
    """The eventsourcing library's own settings for one log."""
    if settings.database is None:
        path = settings.data / f"{name}.events.sqlite"
        return {"PERSISTENCE_MODULE": "services.event_log.library:SqliteFactory", "SQLITE_DBNAME": str(path)}
    return {
        "PERSISTENCE_MODULE": "services.event_log.library:PostgresFactory", "POSTGRES_CONNINFO": settings.database,
    }


def create_logs(
    settings: Settings, applications: Mapping[str, type[LogApplication]], appender: str | None = None,
    reader: str | None = None,
) -> dict[str, int]:
    """Make the logs of the listed services and their seals where they are missing; the last position of each.

    For the role that owns the tables (views belong to the role that folds them). On PostgreSQL ``appender`` is the role
    the service runs as, ``reader`` one that takes backups.
    """
    found: dict[str, int] = {}
    for name in settings.services:
        application = applications[name](environment(settings, name))
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
