"""A small log whose events are sealed in blocks of ten, and the hands of somebody who can write its database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from services.event_log.contract import LogStore
from services.event_log.postgres import PostgresLog
from services.event_log.seals import seals_of
from services.event_log.sqlite import SqliteLog
from services.sealing.anchors import AnchorFile
from services.sealing.keys import key_in
from services.sealing.sealer import Sealer
from services.sealing.verifying import Report, check_log
from services.settings import Settings
from tests.conftest import asking
from tests.log.tally import Add, Open, Tallies, opened

BLOCK = 10
SEALED = 30
ALL = 35
LOG = "tallies"


def sealer_of(application: Any, settings: Settings, **more: Any) -> Sealer:
    store = application.store
    values: dict[str, Any] = {"block_size": BLOCK, "age_s": 60.0, **more}
    return Sealer(store, seals_of(store), lambda: key_in(settings.keys_folder), AnchorFile(settings.anchors_file), **values)


def add(application: Tallies, count: int) -> None:
    for number in range(count):
        application.handle(Add(tally="a", amount=number), asking())


def seal_full_blocks(sealer: Sealer) -> None:
    while sealer.seal_next():
        pass


def fill(settings: Settings) -> None:
    """35 events, the first 30 of them in three blocks."""
    with opened(settings) as application:
        application.handle(Open(tally="a", label="naïve 訂單"), asking())
        add(application, ALL - 1)
        seal_full_blocks(sealer_of(application, settings))


def do(settings: Settings, *statements: str, log: str = LOG) -> None:
    """Plain SQL with all rights on the database, as an administrator of it would do."""
    if settings.database is None:
        with sqlite3.connect(settings.data / f"{log}.events.sqlite", isolation_level=None) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()
        return
    with psycopg.connect(settings.database, autocommit=True, options=f"-c search_path={log}_log") as server:
        for statement in statements:
            server.execute(statement)  # type: ignore[call-overload]


@contextmanager
def reading(settings: Settings, log: str = LOG) -> Iterator[LogStore]:
    store: LogStore
    if settings.database is None:
        store = SqliteLog(log, settings.data / f"{log}.events.sqlite", writable=False)
    else:
        store = PostgresLog(log, settings.database, create=False)
    try:
        yield store
    finally:
        store.close()


def audit(settings: Settings, *, anchors: bool = True, restored: int = 0, trusted: Sequence[str] = ()) -> Report:
    lines = AnchorFile(settings.anchors_file).read()[0] if anchors else []
    keys = trusted or [key_in(settings.keys_folder).public]
    with reading(settings) as store:
        return check_log(store, seals_of(store), keys, lines, {LOG: restored})


def first(report: Report) -> tuple[int, str]:
    assert report.findings, "nothing was found"
    return report.findings[0].position, report.findings[0].what
