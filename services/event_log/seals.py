"""The seals of a log, kept beside it: one row a block, written by the log's own writer in a transaction of their own.

One contract, two back ends. On SQLite only the log's one writer connection may write (see sqlite.py), and on
PostgreSQL the lock of ``log_head`` orders the sealers of all instances, so both go through ``begin`` of the store.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from services.event_log.aside import rows_if_there
from services.event_log.contract import LogStore
from services.event_log.postgres import PostgresLog
from services.event_log.sqlite import SqliteLog

COLUMNS = """height, generation, segment, first_position, last_position, root, previous, sealed_at, public_key, signature,
    leaves"""
SCHEMA = """CREATE TABLE IF NOT EXISTS seal (
    height {int} PRIMARY KEY, generation INTEGER NOT NULL, segment TEXT NOT NULL, first_position {int} NOT NULL,
    last_position {int} NOT NULL, root TEXT NOT NULL, previous TEXT NOT NULL, sealed_at TEXT NOT NULL,
    public_key TEXT NOT NULL, signature TEXT NOT NULL, leaves {bytes} NOT NULL)"""
LAST = f"SELECT {COLUMNS} FROM seal ORDER BY height DESC LIMIT 1"
PAGE = f"SELECT {COLUMNS} FROM seal WHERE height > {{mark}} ORDER BY height LIMIT {{mark}}"
COVERING = f"SELECT {COLUMNS} FROM seal WHERE first_position <= {{mark}} ORDER BY first_position DESC LIMIT 1"
INSERT = f"INSERT INTO seal ({COLUMNS}) VALUES ({','.join(['{mark}'] * 11)})"


class SealRow(NamedTuple):
    """One sealed block. ``root``, ``previous``, ``public_key`` and ``signature`` are hex; ``leaves`` are the leaf hashes one
    after the other, so that a row that differs is found by its position."""

    height: int
    generation: int
    segment: str
    first: int
    last: int
    root: str
    previous: str
    sealed_at: str
    public_key: str
    signature: str
    leaves: bytes


class SealStore(Protocol):
    """Where a log's seals are kept. Reads see what is committed, from any thread."""

    def create(self) -> None: ...
    def last(self) -> SealRow | None: ...
    def after(self, height: int, limit: int) -> list[SealRow]: ...
    def covering(self, position: int) -> SealRow | None: ...

    def append(self, row: SealRow) -> bool:
        """Keep the next block; False where another instance was quicker or the log was restored meanwhile."""
        ...


class _Seals:
    """What the two have in common: the statements, with the mark that stands for a value."""

    mark: str

    def __init__(self, store: Any) -> None:
        self._store = store

    def last(self) -> SealRow | None:
        rows = self._read(LAST)
        return rows[0] if rows else None

    def after(self, height: int, limit: int) -> list[SealRow]:
        return self._read(PAGE.format(mark=self.mark), (height, limit))

    def covering(self, position: int) -> SealRow | None:
        rows = self._read(COVERING.format(mark=self.mark), (position,))
        return rows[0] if rows and rows[0].last >= position else None

    def append(self, row: SealRow) -> bool:
        with self._store.begin() as tx:
            newest = tx._connection.execute(LAST).fetchone()
            height, last = (newest[0], newest[4]) if newest else (0, 0)
            if (height + 1, last + 1, tx.generation) != (row.height, row.first, row.generation):
                return False
            tx._connection.execute(INSERT.format(mark=self.mark), row)
            return True

    def _read(self, statement: str, values: tuple[Any, ...] = ()) -> list[SealRow]:
        """No rows where nothing was ever sealed: a reader creates no table."""
        rows = rows_if_there(self._store, statement, values)
        return [SealRow(*row)._replace(leaves=bytes(row[10])) for row in rows or ()]


class SqliteSeals(_Seals):
    """In the log's own file."""

    mark = "?"

    def create(self) -> None:
        with self._store.begin() as tx:
            tx._connection.execute(SCHEMA.format(int="INTEGER", bytes="BLOB"))


class PostgresSeals(_Seals):
    """In the log's own schema."""

    mark = "%s"

    def create(self) -> None:
        """Once, whoever comes first; where it exists nothing is touched."""
        if self._store._all("SELECT to_regclass('seal') IS NOT NULL")[0][0]:
            return
        with self._store.begin() as tx:  # the lock of the head orders those who come together
            tx._connection.execute(SCHEMA.format(int="BIGINT", bytes="BYTEA"))


def seals_of(store: LogStore) -> SealStore:
    """The seals that belong to a log's store."""
    if isinstance(store, SqliteLog):
        return SqliteSeals(store)
    assert isinstance(store, PostgresLog)
    return PostgresSeals(store)
