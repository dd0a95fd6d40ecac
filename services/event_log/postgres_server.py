"""The PostgreSQL server behind a log: whether it may lose what it acknowledged, and what its errors mean for a caller."""

from __future__ import annotations

from typing import Any

import psycopg

from services.event_log.contract import LogUnavailable

SERVER_DURABILITY = "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') ORDER BY name"
SESSION_DURABILITY = "SELECT name, setting FROM pg_settings WHERE name = 'synchronous_commit'"
WAITS_FOR_DISK = ("on", "remote_apply")


def check_durability(connection: psycopg.Connection[Any]) -> None:
    """Refuses a writer whose commits could be lost after they were acknowledged (decision 11).

    The options of a connection can be dropped on the way (by a pooler), so the session itself is asked.
    """
    weak = [name for name, value in connection.execute(SERVER_DURABILITY) if value != "on"]
    weak += [name for name, value in connection.execute(SESSION_DURABILITY) if value not in WAITS_FOR_DISK]
    connection.rollback()
    if weak:
        raise weakly_durable(weak)


def weakly_durable(settings: list[str]) -> LogUnavailable:
    return LogUnavailable("durability", f"PostgreSQL runs with {', '.join(settings)} off; turn it on")


def is_away(error: Exception) -> bool:
    """Whether the server is at fault. Limits of a row (54...) are not its fault, although they are called operational.

    A line that is cut gives almost any error of psycopg, so whoever asks looks at the connection as well.
    """
    if isinstance(error, psycopg.errors.PipelineAborted) or (getattr(error, "sqlstate", None) or "").startswith("54"):
        return False
    return isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.ReadOnlySqlTransaction))


def unavailable(log: str, error: Exception) -> LogUnavailable:
    if isinstance(error, psycopg.errors.DiskFull):
        return LogUnavailable("storage_full", f"the disk of the {log} log is full; nothing was stored")
    if isinstance(error, psycopg.errors.LockNotAvailable):
        return LogUnavailable("locked", f"the {log} log is locked by another program; nothing was stored")
    return LogUnavailable(
        "storage", f"the {log} log cannot be reached; repeat the request with its key to learn whether it was stored"
    )

