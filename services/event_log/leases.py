"""Who of several instances does what only one may do at a time (reliability.md 1.2, decision 25).

On PostgreSQL a row with a deadline, judged by the clock of the database alone: the clocks of the instances may jump. Who
dies or is cut off is replaced within ``LEASE_S``. The epoch grows with every new holder: a holder that was replaced without
noticing is found out in the transaction in which it would have had an effect (``check``). On SQLite there is one process.
"""

from __future__ import annotations

import secrets
import socket
import time
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from services.event_log.aside import rows_if_there
from services.event_log.contract import LogStore, LogUnavailable
from services.event_log.postgres import PostgresLog

LEASE_S = 6.0
RENEW_S = 2.0
TABLE = """CREATE TABLE IF NOT EXISTS lease (name text PRIMARY KEY, holder text NOT NULL, epoch bigint NOT NULL,
    until timestamptz NOT NULL)"""
# Taken where it is free, over or ours; a new holder is a new epoch.
TAKE = """INSERT INTO lease AS held VALUES (%(name)s, %(holder)s, 1, clock_timestamp() + %(for)s * interval '1 second')
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until,
        epoch = held.epoch + CASE WHEN held.holder = excluded.holder THEN 0 ELSE 1 END
    WHERE held.holder = excluded.holder OR held.until < clock_timestamp() RETURNING epoch"""
GIVE_BACK = "UPDATE lease SET until = clock_timestamp() WHERE name = %s AND holder = %s RETURNING epoch"
CHECK = "SELECT 1 FROM lease WHERE name = %s AND holder = %s AND epoch = %s FOR SHARE"
ALL = "SELECT name, holder, epoch, until > clock_timestamp() FROM lease ORDER BY name"


class LeaseLost(LogUnavailable):
    """Another instance has taken over; what this one was about to do is left to it."""

    def __init__(self, name: str) -> None:
        super().__init__("lease_lost", f"another instance has taken over {name}; this one stands by")


class LeaseRow(NamedTuple):
    name: str
    holder: str
    epoch: int
    held: bool


class Lease(Protocol):
    def held(self) -> bool:
        """Whether this instance may go on; asks the database once in a while. Raises LogUnavailable."""

    def check(self, tx: Any) -> None:
        """Inside a transaction: raises LeaseLost where another instance has taken over meanwhile."""

    def release(self) -> None:
        """Let another instance take over at once."""


class SoleHolder:
    """The one process of an embedded log."""

    def held(self) -> bool:
        return True

    def check(self, tx: Any) -> None:
        return None

    def release(self) -> None:
        return None


@dataclass
class PostgresLease:
    """A lease kept in the schema of a log."""

    store: PostgresLog
    name: str
    holder: str
    seconds: float = LEASE_S

    def __post_init__(self) -> None:
        self._epoch: int | None = None
        self._until = 0.0
        self._ask_at = 0.0

    @property
    def epoch(self) -> int | None:
        return self._epoch

    def held(self) -> bool:
        now = time.monotonic()
        if now < self._ask_at:
            return self._epoch is not None and now < self._until
        try:
            rows = self._rows(TAKE, {"name": self.name, "holder": self.holder, "for": self.seconds})
        except LogUnavailable:
            if now >= self._until:
                self._epoch = None
            raise
        self._epoch = rows[0][0] if rows else None
        self._until = now + self.seconds  # from before the question: never longer than the database thinks
        self._ask_at = now + min(RENEW_S, self.seconds / 3)
        return self._epoch is not None

    def _rows(self, statement: str, values: Any) -> list[Any]:
        rows = rows_if_there(self.store, statement, values)
        if rows is None:
            with self.store.begin() as tx:
                tx._connection.execute(TABLE)  # type: ignore[attr-defined]
            rows = self.store._all(statement, values)
        return rows

    def check(self, tx: Any) -> None:
        if self._epoch is None or not tx._connection.execute(CHECK, (self.name, self.holder, self._epoch)).fetchone():
            self._epoch = None
            raise LeaseLost(self.name)

    def release(self) -> None:
        if self._epoch is not None:
            self._epoch = None
            try:
                self._rows(GIVE_BACK, (self.name, self.holder))
            except LogUnavailable:
                return  # it runs out by itself


def new_holder() -> str:
    """The name of this process among the holders: the machine, and something nobody else has."""
    return f"{socket.gethostname()}:{secrets.token_hex(4)}"


def lease_of(store: LogStore, name: str, holder: str) -> Lease:
    return PostgresLease(store, name, holder) if isinstance(store, PostgresLog) else SoleHolder()


def leases_of(store: LogStore) -> list[LeaseRow]:
    """Every lease ever taken beside a log, and whether it is held now."""
    if not isinstance(store, PostgresLog):
        return []
    return [LeaseRow(*row) for row in rows_if_there(store, ALL) or ()]
