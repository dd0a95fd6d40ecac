"""The delivery log of webhooks: what is to be sent, every attempt and what was answered. Kept for good, never rebuilt.

It lies beside the views in a place of its own. A delivery and how far its webhook has read the log commit together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger, Column, Connection, Engine, Index, Integer, MetaData, Table, Text, create_engine, event, func, select, text,
)

from projections.columns import Instant, key
from projections.paging import Listed, Order, listed
from projections.writing import upsert

METADATA = MetaData()
WAITING, DELIVERED, GIVEN_UP = "WAITING", "DELIVERED", "GIVEN_UP"
SCHEMA = "webhook_deliveries"

CURSORS = Table(
    "cursors", METADATA, Column("webhook_id", key(), primary_key=True), Column("log", key(), primary_key=True),
    Column("generation", Integer, nullable=False), Column("position", BigInteger, nullable=False),
)  # fmt: skip
# ``number`` is the order in which a webhook's deliveries are sent.
DELIVERIES = Table(
    "deliveries", METADATA,
    Column("delivery", key(), primary_key=True), Column("webhook_id", key(), nullable=False),
    Column("number", BigInteger, nullable=False), Column("log", Text, nullable=False),
    Column("generation", Integer, nullable=False), Column("position", BigInteger, nullable=False),
    Column("type", Text, nullable=False), Column("subject", Text, nullable=False), Column("state", key(), nullable=False),
    Column("attempts", Integer, nullable=False), Column("failed", Integer, nullable=False),
    Column("next_at", Instant, nullable=False), Column("made_at", Instant, nullable=False), Column("delivered_at", Instant),
    Column("status", Integer), Column("asked_again_by", Text),
    Index("deliveries_in_order", "webhook_id", "state", "number"), Index("deliveries_by_number", "webhook_id", "number"),
)  # fmt: skip
ATTEMPTS = Table(
    "attempts", METADATA, Column("delivery", key(), primary_key=True), Column("attempt", Integer, primary_key=True),
    Column("at", Instant, nullable=False), Column("ms", Integer, nullable=False), Column("status", Integer),
    Column("error", Text), Column("response", Text),
)  # fmt: skip

_D = DELIVERIES.c
NEWEST_FIRST = Order((_D.number,), falling=(True,))


@dataclass(frozen=True)
class Tried:
    """One attempt: the answer's status and the beginning of its body, or why there was none."""

    at: datetime
    ms: int
    status: int | None
    error: str | None
    response: str | None


def open_engine(folder: Path | None, url: str | None) -> Engine:
    """One SQLite file with one connection, or one PostgreSQL schema; durable, unlike views."""
    if folder is None:
        assert url is not None
        admin = create_engine(url)
        with admin.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('o2c create'))"))
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            connection.execute(text(f"SET LOCAL search_path TO {SCHEMA}"))
            METADATA.create_all(connection)
        admin.dispose()
        options = f"-c search_path={SCHEMA} -c synchronous_commit=on"
        return create_engine(url, pool_size=2, max_overflow=4, pool_pre_ping=True, connect_args={"options": options})
    folder.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite:///{folder / 'webhooks'}.sqlite", pool_size=1, max_overflow=0)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: object) -> None:
        for setting in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000"):
            connection.execute(f"PRAGMA {setting}")

    METADATA.create_all(engine)
    return engine


def cursor(connection: Connection, webhook_id: str, log: str) -> tuple[int, int] | None:
    """``(generation, position)`` up to which a webhook has read a log."""
    c = CURSORS.c
    row = connection.execute(select(c.generation, c.position).where(c.webhook_id == webhook_id, c.log == log)).one_or_none()
    return None if row is None else (row.generation, row.position)


def take_up(
    connection: Connection, webhook_id: str, log: str, generation: int, position: int, facts: Iterable[dict[str, Any]]
) -> None:
    """Deliveries of these facts behind those there are, and how far the log was read, together. Known ones stay as they
    are; what waits from an earlier generation of the log is not sent under its old name."""
    connection.execute(DELIVERIES.update().where(*_of_before(webhook_id, log, generation)).values(state=GIVEN_UP))
    number = connection.execute(select(func.max(_D.number)).where(_D.webhook_id == webhook_id)).scalar() or 0
    rows = [
        {"webhook_id": webhook_id, "log": log, "generation": generation, "number": number + i, "state": WAITING, "attempts": 0,
         "failed": 0, "delivered_at": None, "status": None, "asked_again_by": None, **fact}
        for i, fact in enumerate(facts, 1)
    ]  # fmt: skip
    upsert(connection, DELIVERIES, rows, keep=True)
    place = {"webhook_id": webhook_id, "log": log, "generation": generation, "position": position}
    upsert(connection, CURSORS, [place], keep=False)


def _of_before(webhook_id: str, log: str, generation: int) -> tuple[Any, ...]:
    """What waits from before the log was restored."""
    return (_D.webhook_id == webhook_id, _D.log == log, _D.generation < generation, _D.state == WAITING)


def first_of_before(connection: Connection, webhook_id: str, log: str, generation: int) -> int | None:
    """The least position of what had not arrived when the log was restored."""
    query = select(func.min(_D.position)).where(*_of_before(webhook_id, log, generation))
    least = connection.execute(query).scalar()
    return None if least is None else int(least)


def waiting(connection: Connection, webhook_id: str) -> int:
    query = select(func.count()).select_from(DELIVERIES).where(_D.webhook_id == webhook_id, _D.state == WAITING)
    return int(connection.execute(query).scalar() or 0)


def next_delivery(connection: Connection, webhook_id: str) -> dict[str, Any] | None:
    """The first that is not delivered: nothing behind it is sent before it."""
    query = select(DELIVERIES).where(_D.webhook_id == webhook_id, _D.state == WAITING).order_by(_D.number).limit(1)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else dict(row)


def record(
    connection: Connection, delivery: dict[str, Any], tried: Tried, *, delivered: bool, next_at: datetime
) -> None:
    """An attempt and what it means for its delivery."""
    attempt = delivery["attempts"] + 1
    row = {"delivery": delivery["delivery"], "attempt": attempt, "at": tried.at, "ms": tried.ms, "status": tried.status,
           "error": tried.error, "response": tried.response}  # fmt: skip
    upsert(connection, ATTEMPTS, [row], keep=True)
    values: dict[str, Any] = {"attempts": attempt, "status": tried.status, "next_at": next_at}
    if delivered:
        values |= {"state": DELIVERED, "delivered_at": tried.at, "failed": 0}
    else:
        values |= {"failed": delivery["failed"] + 1}
    connection.execute(DELIVERIES.update().where(_D.delivery == delivery["delivery"]).values(**values))


def ask_again(connection: Connection, delivery: str, at: datetime, by: str) -> None:
    """Send it once more, as soon as it is its turn; what waits for a retry waits no longer."""
    values = {"state": WAITING, "next_at": at, "failed": 0, "asked_again_by": by}
    connection.execute(DELIVERIES.update().where(_D.delivery == delivery).values(**values))


def delivery(connection: Connection, name: str) -> dict[str, Any] | None:
    """One delivery with all its attempts."""
    row = connection.execute(select(DELIVERIES).where(_D.delivery == name)).mappings().one_or_none()
    return None if row is None else _with_attempts(connection, [dict(row)])[0]


def find_deliveries(
    connection: Connection, webhook_id: str, state: str | None, limit: int = 50, after: str | None = None
) -> Listed:
    """A webhook's deliveries with their attempts, the newest first."""
    query = select(DELIVERIES).where(_D.webhook_id == webhook_id)
    if state is not None:
        query = query.where(_D.state == state)
    found = listed(connection, query, NEWEST_FIRST, limit, after)
    return Listed(_with_attempts(connection, found.rows), found.after)


def _with_attempts(connection: Connection, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    c = ATTEMPTS.c
    query = select(ATTEMPTS).where(c.delivery.in_([row["delivery"] for row in rows])).order_by(c.delivery, c.attempt)
    tried: dict[str, list[dict[str, Any]]] = {}
    for row in connection.execute(query).mappings():
        one = dict(row)
        tried.setdefault(one.pop("delivery"), []).append(one)
    return [{**row, "tried": tried.get(row["delivery"], [])} for row in rows]


class SenderLease:
    """One process sends: on PostgreSQL a lock of a session that lives as long as its holder; on SQLite there is one process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._session: Connection | None = None

    def held(self) -> bool:
        if self._engine.dialect.name == "sqlite":
            return True
        if self._session is None:
            session = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            if not session.execute(text("SELECT pg_try_advisory_lock(hashtext('o2c webhooks'))")).scalar():
                session.close()
                return False
            self._session = session
        try:
            self._session.execute(text("SELECT 1"))
        except Exception:
            self._session.invalidate()
            self._session = None
            raise
        return True

    def release(self) -> None:
        if self._session is not None:
            self._session.invalidate()
            self._session = None
