"""An independent look at a log: plain SQL over a connection of its own, none of the code under test."""

from __future__ import annotations

import sqlite3
from typing import Any, NamedTuple

import psycopg

from services.settings import Settings


class Fact(NamedTuple):
    position: int
    stream: str
    version: int
    type: str
    data: str
    recorded_at: str
    command_id: str


FACTS = "SELECT position, stream, version, type, data, recorded_at, command_id FROM {log}event ORDER BY position"


def select(settings: Settings, log: str, statement: str) -> list[tuple[Any, ...]]:
    """Rows as committed; ``{log}`` in the statement stands before each table's name."""
    if settings.database is None:
        path = settings.data / f"{log}.events.sqlite"
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            return connection.execute(statement.format(log="")).fetchall()
        finally:
            connection.close()
    with psycopg.connect(settings.database) as server:
        return server.execute(statement.format(log=f"{log}_log.")).fetchall()


def facts(settings: Settings, log: str = "tallies") -> list[Fact]:
    return [Fact(*row) for row in select(settings, log, FACTS)]


def keys(settings: Settings, log: str = "tallies") -> dict[str, tuple[int, int]]:
    """Status and position of every kept answer by its key."""
    return {row[0]: (row[1], row[2]) for row in select(settings, log, "SELECT key, status, position FROM {log}answer")}


def check_log(settings: Settings, log: str = "tallies") -> list[Fact]:
    """Positions gapless from 1, versions contiguous from 1, instants never backwards, heads as the streams end."""
    found = facts(settings, log)
    assert [fact.position for fact in found] == list(range(1, len(found) + 1))
    versions: dict[str, int] = {}
    for fact in found:
        assert fact.version == versions.get(fact.stream, 0) + 1, fact
        versions[fact.stream] = fact.version
    assert [fact.recorded_at for fact in found] == sorted(fact.recorded_at for fact in found)
    assert dict(select(settings, log, "SELECT stream, version FROM {log}head")) == versions
    assert select(settings, log, "SELECT position FROM {log}log_head") == [(len(found),)]
    return found
