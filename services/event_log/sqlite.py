"""The event log on SQLite: one file, one writer connection, WAL with FULL synchronisation.

Readers use their own read-only connections; they never write, so the WAL-reset race of SQLite before
3.51.3 (two connections writing and checkpointing at once) cannot happen here.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

from services.event_log.contract import (
    AnswerRow, Append, CursorRow, EventRow, HeadRow, LogTransaction, LogUnavailable, ParkedRow,
)

SCHEMA = """
CREATE TABLE IF NOT EXISTS event (
    position INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL,
    data TEXT NOT NULL, decided_at TEXT NOT NULL, recorded_at TEXT NOT NULL, actor TEXT NOT NULL,
    command_id TEXT NOT NULL, causation TEXT, correlation TEXT NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS event_stream ON event (stream, version);
CREATE TABLE IF NOT EXISTS head (
    stream TEXT PRIMARY KEY, version INTEGER NOT NULL, state TEXT, state_at INTEGER NOT NULL,
    state_schema INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS answer (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
    position INTEGER NOT NULL, kept_until TEXT);
CREATE TABLE IF NOT EXISTS attachment (digest TEXT PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS cursor (
    consumer TEXT NOT NULL, log TEXT NOT NULL, generation INTEGER NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (consumer, log));
CREATE TABLE IF NOT EXISTS parked (
    consumer TEXT NOT NULL, log TEXT NOT NULL, position INTEGER NOT NULL, error TEXT NOT NULL,
    parked_at TEXT NOT NULL, PRIMARY KEY (consumer, log, position));
CREATE TABLE IF NOT EXISTS log_head (one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER NOT NULL,
    generation INTEGER NOT NULL, recorded_at TEXT);
INSERT OR IGNORE INTO log_head VALUES (1, 0, 1, NULL);
"""

STREAM = "SELECT * FROM event WHERE stream = ? AND version > ? ORDER BY version"
FORGET = "DELETE FROM answer WHERE kept_until < ?"
INSERT_EVENT = "INSERT INTO event VALUES (?,?,?,?,?,?,?,?,?,?,?)"
# coalesce: a head without a new state keeps the one it has (a checkpoint of a large stream)
UPSERT_HEAD = """INSERT INTO head VALUES (?,?,?,?,?) ON CONFLICT (stream) DO UPDATE SET
    version = excluded.version, state = coalesce(excluded.state, state),
    state_at = CASE WHEN excluded.state IS NULL THEN state_at ELSE excluded.state_at END,
    state_schema = CASE WHEN excluded.state IS NULL THEN state_schema ELSE excluded.state_schema END"""

BUSY_TIMEOUT_S = 2.0
IN_CHUNK = 500


class SqliteTransaction:
    """One ``BEGIN IMMEDIATE`` transaction of the writer connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.position, self.generation, recorded_at = connection.execute(
            "SELECT position, generation, recorded_at FROM log_head"
        ).fetchone()
        self.last_recorded_at = datetime.fromisoformat(recorded_at) if recorded_at else None

    def answers(self, keys: Iterable[str]) -> dict[str, AnswerRow]:
        rows = _select_in(self._connection, "SELECT * FROM answer WHERE key IN", list(keys))
        return {row[0]: _answer_row(row) for row in rows}

    def heads(self, streams: Iterable[str]) -> dict[str, HeadRow]:
        rows = _select_in(self._connection, "SELECT * FROM head WHERE stream IN", list(streams))
        return {row[0]: HeadRow(*row) for row in rows}

    def stream(self, stream: str, after_version: int) -> list[EventRow]:
        return [EventRow(*row) for row in self._connection.execute(STREAM, (stream, after_version))]

    def append(self, group: Append) -> None:
        execute = self._connection.executemany
        execute(INSERT_EVENT, group.events)
        execute(UPSERT_HEAD, group.heads.values())
        answers = [row._replace(kept_until=row.kept_until and row.kept_until.isoformat()) for row in group.answers]  # type: ignore[arg-type]
        execute("INSERT INTO answer VALUES (?,?,?,?,?,?)", answers)
        execute("INSERT OR IGNORE INTO attachment VALUES (?,?)", group.attachments.items())
        execute("INSERT OR REPLACE INTO cursor VALUES (?,?,?,?)", group.cursors.values())
        execute("INSERT OR IGNORE INTO parked VALUES (?,?,?,?,?)", group.parked)
        if group.events:
            last = group.events[-1]
            self._connection.execute("UPDATE log_head SET position = ?, recorded_at = ?", (last.position, last.recorded_at))

    def spoilt_by(self, error: Exception) -> bool:
        return isinstance(error, sqlite3.OperationalError) or not self._connection.in_transaction


class SqliteLog:
    """The store of one log in one file. Only one process may hold it for writing (a file lease)."""

    exclusive = True

    def __init__(self, name: str, path: Path, *, writable: bool = True) -> None:
        self.name = name
        self.path = path
        self._lease: int | None = None
        self._writer: sqlite3.Connection | None = None
        self._writing = threading.Lock()
        self._idle_readers: list[sqlite3.Connection] = []
        self._closed = False
        if writable:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lease = _take_lease(path)
            try:
                self._open_writer()
            except BaseException:
                self.close()
                raise

    def _open_writer(self) -> sqlite3.Connection:
        if self._lease is None:
            raise LogUnavailable("closed", f"{self.path.name} is not open for writing here")
        connection = sqlite3.connect(self.path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.executescript(SCHEMA)
            check_durability(connection, self.path.name)
        except BaseException:
            connection.close()
            raise
        self._writer = connection
        return connection

    @contextmanager
    def begin(self) -> Iterator[LogTransaction]:
        """A write transaction; a full disk or a locked file becomes LogUnavailable and leaves nothing."""
        with self._writing:
            try:
                connection = self._writer or self._open_writer()
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield SqliteTransaction(connection)
                    connection.execute("COMMIT")
                except BaseException:
                    self._roll_back(connection)
                    raise
            except sqlite3.OperationalError as error:
                raise _unavailable(self.name, error) from error

    def _roll_back(self, connection: sqlite3.Connection) -> None:
        """Undo; a connection that cannot even do that is given up, and with it what it had not committed."""
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            self._writer = None
            connection.close()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A read-only connection for one query; as many exist as threads have ever read at once."""
        try:
            connection = self._idle_readers.pop()
        except IndexError:
            if self._closed:
                raise LogUnavailable("closing", f"the {self.name} log is closed; send the request again") from None
            uri = f"{self.path.absolute().as_uri()}?mode=ro"
            connection = sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S, check_same_thread=False)
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._idle_readers.append(connection)
        if self._closed:
            self._close_readers()

    def _close_readers(self) -> None:
        with suppress(IndexError):
            while True:
                self._idle_readers.pop().close()

    def _all(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        try:
            with self._reading() as connection:
                return connection.execute(sql, parameters).fetchall()
        except sqlite3.OperationalError as error:
            raise _unavailable(self.name, error) from error

    def read(self, after: int, limit: int, types: Sequence[str] | None = None) -> list[EventRow]:
        if types is None:
            rows = self._all("SELECT * FROM event WHERE position > ? ORDER BY position LIMIT ?", (after, limit))
        else:
            marks = ",".join("?" * len(types))
            rows = self._all(
                f"SELECT * FROM event WHERE position > ? AND type IN ({marks}) ORDER BY position LIMIT ?",
                (after, *types, limit),
            )
        return [EventRow(*row) for row in rows]

    def event_at(self, position: int) -> EventRow | None:
        rows = self._all("SELECT * FROM event WHERE position = ?", (position,))
        return EventRow(*rows[0]) if rows else None

    def stream(self, stream: str, after_version: int = 0) -> list[EventRow]:
        return [EventRow(*row) for row in self._all(STREAM, (stream, after_version))]

    def head(self, stream: str) -> HeadRow | None:
        rows = self._all("SELECT * FROM head WHERE stream = ?", (stream,))
        return HeadRow(*rows[0]) if rows else None

    def heads_after(self, stream: str, limit: int) -> list[HeadRow]:
        rows = self._all("SELECT * FROM head WHERE stream > ? ORDER BY stream LIMIT ?", (stream, limit))
        return [HeadRow(*row) for row in rows]

    def answer(self, key: str) -> AnswerRow | None:
        rows = self._all("SELECT * FROM answer WHERE key = ?", (key,))
        return _answer_row(rows[0]) if rows else None

    def attachment(self, digest: str) -> bytes | None:
        rows = self._all("SELECT content FROM attachment WHERE digest = ?", (digest,))
        return bytes(rows[0][0]) if rows else None

    def cursor(self, consumer: str, log: str) -> CursorRow | None:
        rows = self._all("SELECT * FROM cursor WHERE consumer = ? AND log = ?", (consumer, log))
        return CursorRow(*rows[0]) if rows else None

    def parked(self) -> list[ParkedRow]:
        return [ParkedRow(*row) for row in self._all("SELECT * FROM parked ORDER BY parked_at")]

    def last_position(self) -> int:
        return int(self._all("SELECT position FROM log_head")[0][0])

    def generation(self) -> int:
        return int(self._all("SELECT generation FROM log_head")[0][0])

    def durability(self) -> str:
        return "full"  # the writer is never opened otherwise

    def forget_answers(self, before: date) -> int:
        """Drop kept answers whose keys expired before ``before``, between two groups of commands."""
        with self.begin() as tx:
            return tx._connection.execute(FORGET, (before.isoformat(),)).rowcount  # type: ignore[attr-defined, no-any-return]

    def close(self) -> None:
        """Close once or more often; the lease is given back last."""
        self._closed = True
        self._close_readers()
        with self._writing:
            writer, lease = self._writer, self._lease
            self._writer = self._lease = None
        if writer is not None:
            writer.close()
        if lease is not None:
            os.close(lease)


def check_durability(connection: sqlite3.Connection, name: str) -> None:
    """Refuses a connection whose commits could be lost after they were acknowledged (decision 11)."""
    level, mode = (connection.execute(f"PRAGMA {what}").fetchone()[0] for what in ("synchronous", "journal_mode"))
    if level < 2:
        raise LogUnavailable("durability", f"{name}: SQLite refused synchronous=FULL (is {level})")
    if mode != "wal":
        raise LogUnavailable("durability", f"{name}: SQLite has no write-ahead log here ({mode}); use a local disk")


def _take_lease(path: Path) -> int:
    handle = os.open(f"{path}.lease", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise LogUnavailable(
            "in_use", f"{path.name} is held by another o2c process; stop it, or send the command to it over REST"
        ) from None
    return handle


def _unavailable(log: str, error: sqlite3.OperationalError) -> LogUnavailable:
    text, name = str(error), getattr(error, "sqlite_errorname", "")
    if "full" in text or name == "SQLITE_IOERR_WRITE":  # no room, or a limit on the file's size
        return LogUnavailable("storage_full", f"the disk of the {log} log is full; nothing was stored")
    if "locked" in text or "busy" in text:
        return LogUnavailable("locked", f"the {log} log is locked by another program; nothing was stored")
    return LogUnavailable("storage", f"the {log} log could not be used ({text}); nothing was stored")


def _select_in(connection: sqlite3.Connection, sql: str, values: list[str]) -> list[Any]:
    rows: list[Any] = []
    for start in range(0, len(values), IN_CHUNK):
        chunk = values[start : start + IN_CHUNK]
        rows += connection.execute(f"{sql} ({','.join('?' * len(chunk))})", chunk).fetchall()
    return rows


def _answer_row(row: Any) -> AnswerRow:
    kept_until = date.fromisoformat(row[5]) if row[5] else None
    return AnswerRow(row[0], row[1], row[2], row[3], row[4], kept_until)
