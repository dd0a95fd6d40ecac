"""The limit of imports: the same stored event rows written by plain multi-row INSERT in the same batches."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

import psycopg

from deploy.bench.machine import Machine, database
from services.event_log import postgres, sqlite
from services.event_log.contract import EventRow, LogStore
from services.wired import Wired

PAGE = 5_000
COLUMNS = len(EventRow._fields)


def event_table(schema: str) -> list[str]:
    """The statements that make the event table and its index."""
    return [part for part in schema.split(";") if " event " in part.partition("(")[0] + " "]


def batches(store: LogStore, after: int) -> Iterator[list[EventRow]]:
    """The rows behind ``after`` as they were stored: one recording instant is one transaction."""
    for _, group in groupby(_rows(store, after), key=lambda row: row.recorded_at):
        yield list(group)


def _rows(store: LogStore, after: int) -> Iterator[EventRow]:
    while page := store.read(after, PAGE):
        yield from page
        after = page[-1].position


def insert_again(machine: Machine, back_end: str, wired: Wired, seeded: Mapping[str, int]) -> float:
    """Events a second when every log's rows since ``seeded`` are inserted into a table of the same columns."""
    rows, seconds = 0, 0.0
    for name, application in wired.applications.items():
        stored = list(batches(application.store, seeded.get(name, 0)))
        if not stored:
            continue
        rows += sum(map(len, stored))
        seconds += _into_sqlite(machine, stored) if back_end == "sqlite" else _into_postgres(machine, stored)
    return rows / seconds if seconds else 0.0


def _into_sqlite(machine: Machine, stored: Iterable[list[EventRow]]) -> float:
    """``executemany`` is SQLite's fastest multi-row INSERT: one prepared statement, one transaction a batch."""
    connection = sqlite3.connect(machine.new_folder("plain") / "plain.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    for statement in event_table(sqlite.SCHEMA):
        connection.execute(statement)
    started = time.perf_counter()
    for batch in stored:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(sqlite.INSERT_EVENT, batch)
        connection.execute("COMMIT")
    seconds = time.perf_counter() - started
    connection.close()
    return seconds


def _into_postgres(machine: Machine, stored: Iterable[list[EventRow]]) -> float:
    """One ``INSERT ... VALUES (...), (...)`` with bound parameters a batch, committed."""
    one = f"({', '.join(['%s'] * COLUMNS)})"
    with database(machine.postgres) as url, psycopg.connect(url, autocommit=True) as connection:
        for statement in event_table(postgres.SCHEMA):
            connection.execute(statement)
        started = time.perf_counter()
        for batch in stored:
            with connection.transaction():
                for start in range(0, len(batch), 65_535 // COLUMNS):
                    part = batch[start : start + 65_535 // COLUMNS]
                    values = [value for row in part for value in row]
                    connection.execute(f"INSERT INTO event VALUES {', '.join([one] * len(part))}", values)
        return time.perf_counter() - started
