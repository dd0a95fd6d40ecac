"""The invariants of the ledger, always on: a follower of the receivables log with books in a file of its own.

It never stands in the way of a command and stops nothing: what does not hold is counted, logged and shown. The file is
private to the follower; without it, or after a restore of the log, it begins again from the first fact.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator, MutableMapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec
import structlog

from domain.ledger_check import FOLDS, LedgerCheck
from domain.ledger_invariants import Invariant, Violation
from domain.ledger_records import Claimed, Document, Kept, Paid, Totals
from projections.away import Away
from services.application import LogApplication
from services.feed import LocalFeed

LOG = "receivables"
FILE = "invariants.sqlite"
FORM = 2  # of the file; another one is begun anew
PAGE = 500
CACHED = 20_000
IDLE_S = 0.5
PACE_S = 0.01  # between full pages: who lags behind leaves the processor to the commands
RETRY_S = 5.0

SCHEMA = """
CREATE TABLE IF NOT EXISTS records (kind TEXT, name TEXT, value BLOB NOT NULL, PRIMARY KEY (kind, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS violations (
    n INTEGER PRIMARY KEY, invariant TEXT NOT NULL, position INTEGER NOT NULL, about TEXT NOT NULL, says TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS place (form INTEGER NOT NULL, generation INTEGER NOT NULL, reached INTEGER NOT NULL);
"""

logger = structlog.get_logger()
V = TypeVar("V")


def check_ledger(application: LogApplication, advance: Callable[[int], None] = lambda _: None) -> list[Violation]:
    """Every violation of I1 to I10 in the whole receivables log."""
    feed, check = LocalFeed(application.store, application.form), LedgerCheck()
    found: list[Violation] = []
    reached = 0
    while True:
        events, after = feed.read(reached, PAGE, list(FOLDS))
        for recorded in events:
            found += check.take(recorded)
        advance(after - reached)
        if after == reached:
            return [*found, *check.finish()]
        reached = after


class Shelf(MutableMapping[str, V], Generic[V]):
    """Records of one kind: those in use in memory, all of them in the file."""

    def __init__(self, connection: sqlite3.Connection, kind: str, form: Any) -> None:
        self._connection, self._kind = connection, kind
        self._decoder = msgspec.json.Decoder(form)
        self._cached: dict[str, V] = {}
        self._changed: set[str] = set()

    def __getitem__(self, name: str) -> V:
        if name not in self._cached:
            query = "SELECT value FROM records WHERE kind = ? AND name = ?"
            row = self._connection.execute(query, (self._kind, name)).fetchone()
            if row is None:
                raise KeyError(name)
            self._cached[name] = self._decoder.decode(row[0])
        self._changed.add(name)  # records are changed in place
        return self._cached[name]

    def __setitem__(self, name: str, value: V) -> None:
        self._cached[name] = value
        self._changed.add(name)

    def __delitem__(self, name: str) -> None:
        raise NotImplementedError("the books forget nothing")

    def __iter__(self) -> Iterator[str]:
        self.flush()
        query = "SELECT name FROM records WHERE kind = ? ORDER BY name"
        return iter([row[0] for row in self._connection.execute(query, (self._kind,))])

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def flush(self) -> None:
        """Into the file, within the transaction that is open."""
        rows = [(self._kind, name, msgspec.json.encode(self._cached[name])) for name in self._changed]
        self._connection.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", rows)
        self._changed.clear()
        if len(self._cached) > CACHED:
            self._cached.clear()


class StoredBooks:
    """The checker's books in a file, with the place they were brought to and what was found."""

    def __init__(self, path: Path, generation: int, last_position: int) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._open(generation, last_position)
        except sqlite3.DatabaseError:  # damaged, or not ours: it holds nothing that is not in the log
            self._begin_anew(generation)

    def _open(self, generation: int, last_position: int) -> None:
        self._connect()
        row = self._connection.execute("SELECT form, generation, reached FROM place").fetchone()
        if row is None or row[:2] != (FORM, generation) or row[2] > last_position:
            self._begin_anew(generation)
        else:
            self.reached: int = row[2]

    def _begin_anew(self, generation: int) -> None:
        self._connection.close()
        self._path.unlink(missing_ok=True)
        self._connect()
        self._connection.execute("INSERT INTO place VALUES (?, ?, 0)", (FORM, generation))
        self._connection.commit()
        self.reached = 0

    def _connect(self) -> None:
        self._connection = sqlite3.connect(self._path, check_same_thread=False)
        self._connection.executescript("PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF;" + SCHEMA)
        self.documents: Shelf[Document] = Shelf(self._connection, "document", Document)
        self.deductions: Shelf[Kept] = Shelf(self._connection, "deduction", Kept)
        self.payments: Shelf[Paid] = Shelf(self._connection, "payment", Paid)
        self.disputes: Shelf[Claimed] = Shelf(self._connection, "dispute", Claimed)
        self.entries: Shelf[Decimal] = Shelf(self._connection, "entry", Decimal)
        self.groups: Shelf[list[str]] = Shelf(self._connection, "group", list[str])
        self.totals: Shelf[Totals] = Shelf(self._connection, "totals", Totals)

    def keep(self, reached: int, found: list[Violation]) -> None:
        """The records, what was found and the place reached, in one transaction."""
        for shelf in (
            self.documents, self.deductions, self.payments, self.disputes, self.entries, self.groups, self.totals,
        ):
            shelf.flush()
        rows = [(one.invariant.value, one.position, one.about, one.says) for one in found]
        self._connection.executemany("INSERT INTO violations (invariant, position, about, says) VALUES (?, ?, ?, ?)", rows)
        self._connection.execute("UPDATE place SET reached = ?", (reached,))
        self._connection.commit()
        self.reached = reached

    def forget(self) -> None:
        """Whoever opens the books next begins at the first fact."""
        self._connection.execute("UPDATE place SET form = 0")
        self._connection.commit()

    def violations(self) -> list[Violation]:
        query = "SELECT invariant, position, about, says FROM violations ORDER BY n"
        return [Violation(Invariant(row[0]), *row[1:]) for row in self._connection.execute(query)]

    def close(self) -> None:
        self._connection.close()


class InvariantFollower:
    """Checks what was recorded, page by page. ``counts``: violations by invariant since the first fact."""

    def __init__(self, application: LogApplication, folder: Path) -> None:
        self._application, self._path = application, folder / FILE
        self._feed = LocalFeed(application.store, application.form, application.writer.tail)
        self.counts: Counter[Invariant] = Counter()
        self.first: Violation | None = None
        self.reached = 0
        self.failure: Exception | None = None
        self._check: LedgerCheck | None = None
        self._books: StoredBooks | None = None

    def run(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            stopping.wait(self.step())
        if self._books is not None:
            self._books.close()

    def step(self) -> float:
        """One page; how many seconds to rest then. What cannot be checked is tried again. A record that books begun earlier
        lack may be the books' fault: they are begun anew, and what they lack then the log lacks."""
        try:
            passed = self.check_page()
            self.failure = None
            return IDLE_S if passed == 0 else PACE_S
        except Exception as error:
            if self.failure is None or repr(self.failure) != repr(error):
                (logger.warning if isinstance(error, Away) else logger.error)("invariants_wait", error=repr(error))
            if isinstance(error, KeyError) and self._check is not None and self._books is not None and not self._check.whole:
                self._books.forget()
            self.failure, self._check = error, None
            return RETRY_S

    def check_page(self) -> int:
        """One page of facts; how many positions were passed. At the log's end every command is complete."""
        check, books = self._opened()
        events, after = self._feed.read(self.reached, PAGE, list(FOLDS))
        found = [violation for recorded in events for violation in check.take(recorded)]
        if after >= self._feed.last_position():
            found += check.finish()
        if after == self.reached and not found:
            return 0
        waiting = check.complete_before
        books.keep(after if waiting is None else waiting, found)
        for violation in found:
            logger.error("invariant_violated", invariant=violation.invariant.value, says=str(violation))
        self._count(found)
        passed, self.reached = after - self.reached, after
        return passed

    def _opened(self) -> tuple[LedgerCheck, StoredBooks]:
        if self._check is None or self._books is None:
            if self._books is not None:
                self._books.close()
            store = self._application.store
            self._books = StoredBooks(self._path, store.generation(), store.last_position())
            self._check = LedgerCheck(self._books, whole=self._books.reached == 0)
            self.reached, self.counts, self.first = self._books.reached, Counter(), None
            self._count(self._books.violations())
        return self._check, self._books

    def _count(self, found: list[Violation]) -> None:
        self.counts.update(violation.invariant for violation in found)
        if found and self.first is None:
            self.first = found[0]

    def behind(self) -> int:
        return self._feed.last_position() - self.reached

    def says(self) -> str:
        """"ok", or what is wrong in one line."""
        if self.first is not None:
            return f"{self.counts.total()} violations, the first: {self.first}"
        return "ok" if self.failure is None else repr(self.failure)
