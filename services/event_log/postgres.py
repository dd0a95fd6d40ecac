"""The event log on PostgreSQL: one schema per log, writers of all instances ordered by one row lock.

``log_head`` is locked first in every transaction: whoever holds it decides, appends and commits, so
positions are gapless and readers may tail ``position > last`` (decision 6).
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool

from services.event_log.contract import (
    AnswerRow, Append, CursorRow, EventRow, HeadRow, LogTransaction, LogUnavailable, ParkedRow,
)
from services.event_log.postgres_server import SERVER_DURABILITY, check_durability, is_away, unavailable, weakly_durable

SCHEMA = """
CREATE TABLE IF NOT EXISTS event (
    position bigint PRIMARY KEY, stream text COLLATE "C" NOT NULL, version integer NOT NULL,
    type text COLLATE "C" NOT NULL, data text NOT NULL, decided_at text NOT NULL, recorded_at text NOT NULL,
    actor text NOT NULL, command_id text NOT NULL, causation text, correlation text NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS event_stream ON event (stream, version);
CREATE TABLE IF NOT EXISTS head (
    stream text COLLATE "C" PRIMARY KEY, version integer NOT NULL, state text, state_at integer NOT NULL,
    state_schema integer NOT NULL);
CREATE TABLE IF NOT EXISTS answer (
    key text COLLATE "C" PRIMARY KEY, fingerprint text NOT NULL, status integer NOT NULL, body text NOT NULL,
    position bigint NOT NULL, kept_until date);
CREATE TABLE IF NOT EXISTS attachment (digest text COLLATE "C" PRIMARY KEY, content bytea NOT NULL);
CREATE TABLE IF NOT EXISTS cursor (
    consumer text NOT NULL, log text NOT NULL, generation integer NOT NULL, position bigint NOT NULL,
    PRIMARY KEY (consumer, log));
CREATE TABLE IF NOT EXISTS parked (
    consumer text NOT NULL, log text NOT NULL, position bigint NOT NULL, error text NOT NULL,
    parked_at text NOT NULL, PRIMARY KEY (consumer, log, position));
CREATE TABLE IF NOT EXISTS log_head (one integer PRIMARY KEY CHECK (one = 1), position bigint NOT NULL,
    generation integer NOT NULL, recorded_at text);
INSERT INTO log_head VALUES (1, 0, 1, NULL) ON CONFLICT DO NOTHING;
"""

# A few rows go as one prepared statement, many as COPY: measured, 64 rows cost a third of JSON or array parameters.
FEW_ROWS = 8
UPSERT_HEAD = """INSERT INTO head VALUES {rows} ON CONFLICT (stream) DO UPDATE SET version = excluded.version,
    state = coalesce(excluded.state, head.state),
    state_at = CASE WHEN excluded.state IS NULL THEN head.state_at ELSE excluded.state_at END,
    state_schema = CASE WHEN excluded.state IS NULL THEN head.state_schema ELSE excluded.state_schema END"""
STREAM = "SELECT * FROM event WHERE stream = %s AND version > %s ORDER BY version"
LOCK_HEAD = "SELECT position, generation, recorded_at FROM log_head FOR UPDATE"
LOCK_TIMEOUT_MS = 5_000
CONNECT_TIMEOUT_S = 5


class PostgresTransaction:
    """One transaction that holds the log's head row from its first statement."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        row = connection.execute(LOCK_HEAD).fetchone()
        assert row is not None
        self.position, self.generation, recorded_at = row
        self.last_recorded_at = datetime.fromisoformat(recorded_at) if recorded_at else None

    def answers(self, keys: Iterable[str]) -> dict[str, AnswerRow]:
        rows = self._connection.execute("SELECT * FROM answer WHERE key = ANY(%s)", (list(keys),))
        return {row[0]: AnswerRow(*row) for row in rows}

    def heads(self, streams: Iterable[str]) -> dict[str, HeadRow]:
        rows = self._connection.execute("SELECT * FROM head WHERE stream = ANY(%s)", (list(streams),))
        return {row[0]: HeadRow(*row) for row in rows}

    def stream(self, stream: str, after_version: int) -> list[EventRow]:
        return [EventRow(*row) for row in self._connection.execute(STREAM, (stream, after_version))]

    def append(self, group: Append) -> None:
        begun = {row.stream for row in group.events if row.version == 1}
        moved = [head for stream, head in group.heads.items() if stream not in begun]
        rows: dict[str, Sequence[tuple[Any, ...]]] = {
            "event": group.events,
            "head": [head for stream, head in group.heads.items() if stream in begun],
            "answer": group.answers,
        }
        with self._connection.pipeline():
            self._append_few(group)
            for table, some in rows.items():
                if some and len(some) < FEW_ROWS:
                    self._insert(f"INSERT INTO {table} VALUES {{rows}}", some)
            for start in range(0, len(moved), FEW_ROWS):
                self._insert(UPSERT_HEAD, moved[start : start + FEW_ROWS])
        for table, some in rows.items():
            if len(some) >= FEW_ROWS:
                with self._connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                    for row in some:
                        copy.write_row(row)

    def _insert(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        marks = f"({','.join(['%s'] * len(rows[0]))})"
        values = [value for row in rows for value in row]
        self._connection.execute(statement.format(rows=",".join([marks] * len(rows))), values)

    def _append_few(self, group: Append) -> None:
        """What a group has little of: its place in the log, attachments, positions, parked items."""
        execute = self._connection.execute
        if group.events:
            last = group.events[-1]
            execute("UPDATE log_head SET position = %s, recorded_at = %s", (last.position, last.recorded_at))
        for attachment in group.attachments.items():
            execute("INSERT INTO attachment VALUES (%s, %s) ON CONFLICT DO NOTHING", attachment)
        for cursor in group.cursors.values():
            execute(
                "INSERT INTO cursor VALUES (%s, %s, %s, %s) ON CONFLICT (consumer, log) DO UPDATE SET"
                " generation = excluded.generation, position = excluded.position", cursor,
            )
        for parked in group.parked:
            execute("INSERT INTO parked VALUES (%s,%s,%s,%s,%s) ON CONFLICT DO NOTHING", parked)

    def spoilt_by(self, error: Exception) -> bool:
        return self._connection.info.transaction_status != TransactionStatus.INTRANS


class PostgresLog:
    """The store of one log in the schema ``{name}_log`` of one database."""

    exclusive = False

    def __init__(self, name: str, conninfo: str, *, create: bool = True, schema: str | None = None) -> None:
        self.name = name
        self.conninfo = conninfo
        self.schema = schema or f"{name}_log"
        self._writer: psycopg.Connection[Any] | None = None
        self._writer_lock = threading.Lock()
        if create:
            self._create()
        session = {"options": f"-c search_path={self.schema}", "autocommit": True, "connect_timeout": CONNECT_TIMEOUT_S}
        self._pool = ConnectionPool(
            conninfo, min_size=1, max_size=12, open=True, timeout=CONNECT_TIMEOUT_S, kwargs=session,
            check=ConnectionPool.check_connection,
        )
        try:
            self.durability()
            with self._writer_lock:
                self._open_writer()
        except BaseException:
            self._pool.close()
            raise

    def _create(self) -> None:
        """Make the schema once, whoever comes first (an advisory lock orders services starting together).

        Where it exists nothing is touched: the locks of a second CREATE would meet those of a running writer.
        """
        with psycopg.connect(self.conninfo, connect_timeout=CONNECT_TIMEOUT_S) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(hashtext('o2c create'))")
            if connection.execute("SELECT to_regclass(%s)", (f"{self.schema}.log_head",)).fetchone() != (None,):
                return
            connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(self.schema)))
            connection.execute(sql.SQL("SET LOCAL search_path TO {}").format(sql.Identifier(self.schema)))
            connection.execute(SCHEMA)

    def _open_writer(self) -> psycopg.Connection[Any]:
        options = f"-c search_path={self.schema} -c synchronous_commit=on -c lock_timeout={LOCK_TIMEOUT_MS}"
        connection = psycopg.connect(
            self.conninfo, autocommit=False, options=options, connect_timeout=CONNECT_TIMEOUT_S, prepare_threshold=1
        )
        try:
            check_durability(connection)
        except BaseException:
            connection.close()
            raise
        self._writer = connection
        return connection

    @contextmanager
    def begin(self) -> Iterator[LogTransaction]:
        """A write transaction; a lost server becomes LogUnavailable, the next one connects again."""
        with self._writer_lock:
            try:
                connection = self._writer or self._open_writer()
                with connection.transaction():
                    yield PostgresTransaction(connection)
            except LogUnavailable:
                self._drop_writer()
                raise
            except Exception as error:
                used = self._writer
                usable = used is not None and used.info.transaction_status == TransactionStatus.IDLE
                away = is_away(error) or (isinstance(error, psycopg.Error) and not usable)
                if away or not usable:
                    self._drop_writer()
                if away:
                    raise unavailable(self.name, error) from error
                raise  # the writer finds out whose row it is

    def _drop_writer(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _all(self, statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
        connection: psycopg.Connection[Any] | None = None
        try:
            with self._pool.connection() as connection:
                return connection.execute(statement, parameters).fetchall()
        except psycopg.Error as error:
            if is_away(error) or connection is None or connection.closed:
                raise unavailable(self.name, error) from error
            raise

    def read(self, after: int, limit: int, types: Sequence[str] | None = None) -> list[EventRow]:
        if types is None:
            rows = self._all("SELECT * FROM event WHERE position > %s ORDER BY position LIMIT %s", (after, limit))
        else:
            rows = self._all(
                "SELECT * FROM event WHERE position > %s AND type = ANY(%s) ORDER BY position LIMIT %s",
                (after, list(types), limit),
            )
        return [EventRow(*row) for row in rows]

    def event_at(self, position: int) -> EventRow | None:
        rows = self._all("SELECT * FROM event WHERE position = %s", (position,))
        return EventRow(*rows[0]) if rows else None

    def stream(self, stream: str, after_version: int = 0) -> list[EventRow]:
        return [EventRow(*row) for row in self._all(STREAM, (stream, after_version))]

    def head(self, stream: str) -> HeadRow | None:
        rows = self._all("SELECT * FROM head WHERE stream = %s", (stream,))
        return HeadRow(*rows[0]) if rows else None

    def heads_after(self, stream: str, limit: int) -> list[HeadRow]:
        rows = self._all("SELECT * FROM head WHERE stream > %s ORDER BY stream LIMIT %s", (stream, limit))
        return [HeadRow(*row) for row in rows]

    def answer(self, key: str) -> AnswerRow | None:
        rows = self._all("SELECT * FROM answer WHERE key = %s", (key,))
        return AnswerRow(*rows[0]) if rows else None

    def attachment(self, digest: str) -> bytes | None:
        rows = self._all("SELECT content FROM attachment WHERE digest = %s", (digest,))
        return bytes(rows[0][0]) if rows else None

    def cursor(self, consumer: str, log: str) -> CursorRow | None:
        rows = self._all("SELECT * FROM cursor WHERE consumer = %s AND log = %s", (consumer, log))
        return CursorRow(*rows[0]) if rows else None

    def parked(self) -> list[ParkedRow]:
        return [ParkedRow(*row) for row in self._all("SELECT * FROM parked ORDER BY parked_at")]

    def last_position(self) -> int:
        return int(self._all("SELECT position FROM log_head")[0][0])

    def generation(self) -> int:
        return int(self._all("SELECT generation FROM log_head")[0][0])

    def durability(self) -> str:
        """``full``, or LogUnavailable from a server that may lose what it acknowledged; every writer checks its own."""
        weak = [name for name, value in self._all(SERVER_DURABILITY) if value != "on"]
        if weak:
            raise weakly_durable(weak)
        return "full"

    def forget_answers(self, before: date) -> int:
        """Drop kept answers whose keys expired before ``before``."""
        rows = self._all("DELETE FROM answer WHERE kept_until < %s RETURNING 1", (before,))
        return len(rows)

    def close(self) -> None:
        with self._writer_lock:
            self._drop_writer()
        self._pool.close()
