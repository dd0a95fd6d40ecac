"""The base of the views: pages of rows, exact columns, keyset pages, stopping on an error."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Boolean, Column, Connection, Date, Integer, MetaData, Table, Text, select, text

from domain.recorded import RecordedEvent
from projections import order_book
from projections.columns import Exact, Instant, Packed, key, money
from projections.paging import Order, listed, prefixed
from projections.doorbell import Doorbell
from projections.projector import Projector, ViewBehind
from projections.view_store import ViewStore
from projections.view import Page, View
from tests.projections.chronicle import START, Chronicle, Folder, ListFeed, digest
from tests.projections.story import Story

METADATA = MetaData()
ROWS = Table(
    "rows", METADATA,
    Column("name", key(), primary_key=True), Column("day", Date, primary_key=True), Column("number", Integer),
    Column("amount", money()), Column("rate", Exact(6)), Column("at", Instant), Column("yes", Boolean),
    Column("order", Text), Column("packed", Packed(dict[str, D])),
)  # fmt: skip
VIEW = View("base", 1, METADATA)
DAY = date(2026, 3, 2)


@dataclass(frozen=True)
class Counted:
    originator_id: str
    timestamp: datetime
    number: int


@VIEW.on(Counted, needs=lambda e: {ROWS: [(e.originator_id, DAY)]})
def _counted(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    if event.number < 0:
        raise ValueError("poisoned")
    row = page.find(ROWS, event.originator_id, DAY) or page.put(ROWS, name=event.originator_id, day=DAY, number=0)
    row["number"] += event.number


def counted(*numbers: int) -> ListFeed:
    events = [
        RecordedEvent("orders", i, "counted/1", Counted(f"s{i % 3}", START, n), START, "a", "c", None, "c")
        for i, n in enumerate(numbers, start=1)
    ]
    return ListFeed("orders", events)


@pytest.fixture
def connection(folder: Folder) -> Iterator[Connection]:
    with folder.engine(VIEW).begin() as opened:
        yield opened


FULL: dict[str, Any] = {
    "number": 7, "amount": D("12.345"), "rate": D("0.0825"), "at": datetime(2026, 3, 2, 9, 30, 0, 5, UTC), "yes": True,
    "order": "a\tb\n\"c\" \\ 大润发 '", "packed": {"x": D("1.10")},
}  # fmt: skip


def test_rows_come_back_as_they_went(connection: Connection) -> None:
    page = Page(connection)
    page.put(ROWS, name="full", day=DAY, **FULL)
    page.put(ROWS, name="empty", day=DAY)
    page.flush()
    again = Page(connection)
    again.load(ROWS, [("full", DAY), ("empty", DAY), ("none", DAY)])
    assert again.find(ROWS, "full", DAY) == {"name": "full", "day": DAY} | FULL
    assert again.find(ROWS, "empty", DAY) == {"name": "empty", "day": DAY} | dict.fromkeys(FULL)
    assert again.find(ROWS, "none", DAY) is None
    row = dict(connection.execute(select(ROWS).where(ROWS.c.name == "full")).mappings().one())
    assert row == {"name": "full", "day": DAY} | FULL
    with pytest.raises(LookupError, match="rows has no row"):
        again.row(ROWS, "none", DAY)
    with pytest.raises(KeyError, match="amuont"):
        again.put(ROWS, name="x", day=DAY, amuont=1)


def test_changed_kept_and_removed_rows(connection: Connection) -> None:
    page = Page(connection)
    for name in ("a", "b", "c"):
        page.put(ROWS, name=name, day=DAY, number=1)
    page.flush()
    page = Page(connection)
    page.row(ROWS, "a", DAY)["number"] = 2
    page.remove(ROWS, "b", DAY)
    page.remove(ROWS, "c", DAY)
    page.put(ROWS, name="c", day=DAY, number=3)
    page.append(ROWS, name="a", day=DAY, number=9)
    page.append(ROWS, name="d", day=DAY, number=4)
    page.append(ROWS, name="d", day=DAY, number=5)
    assert page.find(ROWS, "b", DAY) is None
    page.flush()
    found = connection.execute(select(ROWS.c.name, ROWS.c.number).order_by(ROWS.c.name)).all()
    assert [tuple(row) for row in found] == [("a", 2), ("c", 3), ("d", 4)]


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        (money(), D("12.3"), "12.30"),
        (money(), D("-0.005"), "-0.005"),
        (money(), D("1E+3"), "1000.00"),
        (Exact(6), D("10.500000"), "10.5"),
        (Exact(6), D(10), "10"),
        (Exact(6), D("99999999999.999999"), "99999999999.999999"),
    ],
)
def test_decimals_stay_exact(column: Exact, value: D, shown: str) -> None:
    stored = column.process_bind_param(value, None)
    assert isinstance(stored, int)
    assert str(column.process_result_value(stored, None)) == shown


def test_a_figure_with_too_many_places_is_an_error() -> None:
    with pytest.raises(ValueError, match="more than 3 places"):
        money().process_bind_param(D("0.0001"), None)


def test_keyset_pages_run_in_both_directions(connection: Connection) -> None:
    page = Page(connection)
    for n in range(5):
        page.put(ROWS, name=f"n{n}", day=DAY, amount=D(n // 2), at=START)
    page.flush()
    order = Order((ROWS.c.amount, ROWS.c.at, ROWS.c.name), falling=(True,))
    found, after = [], None
    while True:
        rows = listed(connection, select(ROWS), order, 2, after)
        found.append([row["name"] for row in rows.rows])
        after = rows.after
        if after is None:
            break
    assert found == [["n4", "n2"], ["n3", "n0"], ["n1"]]


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("n", ["n", "n1", "nz"]),
        ("n1", ["n1"]),
        ("大", ["大润发"]),
        ("\ud7ff", ["\ud7ff1"]),
        ("\U0010ffff", ["\U0010ffff1"]),
    ],
)
def test_a_prefix_is_a_range(connection: Connection, prefix: str, expected: list[str]) -> None:
    page = Page(connection)
    for name in ("m", "n", "n1", "nz", "N1", "o", "大润发", "\ud7ff1", "\U0010ffff1"):
        page.put(ROWS, name=name, day=DAY)
    page.flush()
    query = select(ROWS.c.name).where(prefixed(ROWS.c.name, prefix)).order_by(ROWS.c.name)
    assert list(connection.execute(query).scalars()) == expected


def test_a_poisoned_event_stops_the_view_and_skips_nothing(folder: Folder) -> None:
    engine = folder.engine(VIEW)
    projector = Projector(VIEW, {"orders": counted(1, 2, 3, -1, 5)}, engine)
    assert projector.fold_page("orders", 2) == 2
    thread = threading.Thread(target=projector.run, args=(threading.Event(), Doorbell()))
    thread.start()
    thread.join(10)
    assert isinstance(projector.failure, ValueError)
    assert projector.reached == {"orders": 2}
    with pytest.raises(ViewBehind):
        projector.wait_for({"orders": 5}, 0.01)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT sum(number) FROM rows")).scalar() == 3
    assert Projector(VIEW, {"orders": counted(1, 2, 3)}, engine).reached == {"orders": 2}


class Restored(ListFeed):
    """A copied log that is taken back to ``kept`` while it is read."""

    kept: int | None = None

    def take_back(self, kept: int, events: list[RecordedEvent]) -> None:
        self.events = [*self.events[:kept], *events]
        self.end, self.kept = len(self.events), kept

    def generation(self) -> int:
        return 1 if self.kept is None else 2

    def still_the_same(self, known: int) -> int | None:
        return self.kept if known == 1 else None


@pytest.mark.parametrize(("folded", "kept"), [(4, 2), (2, 3)])
def test_a_view_of_a_log_that_was_restored(folder: Folder, folded: int, kept: int) -> None:
    """Folded beyond what stands it begins anew; folded less far it goes on. Neither keeps what was given up."""
    first, instead = counted(1, 2, 3, 4), counted(1, 2, 3, 50, 60)
    feed = Restored("orders", first.events)
    engine = folder.engine(VIEW)
    projector = Projector(VIEW, {"orders": feed}, engine)
    assert projector.fold_page("orders", folded) == folded
    feed.take_back(kept, list(instead.events[kept:]))
    projector._look_again()
    assert projector.reached["orders"] == (0 if folded > kept else folded)
    projector.catch_up()
    with engine.connect() as connection:
        stands = {2: 1 + 2 + 3 + 50 + 60, 3: 1 + 2 + 3 + 50 + 60}[kept]
        assert connection.execute(text("SELECT sum(number) FROM rows")).scalar() == stands
        projector.check_kept(connection)
    assert Projector(VIEW, {"orders": feed}, engine).reached == {"orders": 5}


@dataclass(frozen=True)
class Uncounted(Counted):
    """Nothing of the view's."""


def test_facts_passed_over_that_were_given_up_do_not_hide_those_instead(folder: Folder) -> None:
    """Read, not folded, so the view's stored place is before them: its place in memory has to go back as well."""
    own, instead = counted(1, 2), counted(1, 2, 50, 60)
    passed = [replace(fact, event=Uncounted("s", START, 9)) for fact in counted(1, 2, 3, 4).events[2:]]
    feed = Restored("orders", [*own.events, *passed])
    engine = folder.engine(VIEW)
    projector = Projector(VIEW, {"orders": feed}, engine)
    projector.fold_page("orders", 2)
    projector.fold_page("orders")
    assert projector.reached == {"orders": 4}
    feed.take_back(2, list(instead.events[2:]))
    projector._look_again()
    projector.catch_up()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT sum(number) FROM rows")).scalar() == 1 + 2 + 50 + 60


def test_a_view_whose_server_gave_up_its_last_commits_is_folded_on_from_what_is_left(folder: Folder) -> None:
    """A crash of PostgreSQL may lose what a view committed last: whoever reads in between is told to ask again."""
    engine = folder.engine(VIEW)
    projector = Projector(VIEW, {"orders": counted(1, 2, 3, 4)}, engine)
    assert projector.fold_page("orders", 2) == 2
    with engine.connect() as connection:
        rows, positions = (connection.execute(select(table)).mappings().all() for table in (ROWS, VIEW.positions))
    assert projector.fold_page("orders") == 2
    with engine.connect() as connection:
        projector.check_kept(connection)
    with engine.begin() as connection:  # as if the second page had never been
        for table, kept in ((ROWS, rows), (VIEW.positions, positions)):
            connection.execute(table.delete())
            connection.execute(table.insert(), [dict(row) for row in kept])
    with engine.connect() as connection, pytest.raises(ViewBehind, match="folds it again"):
        projector.check_kept(connection)
    stopping = threading.Event()
    thread = threading.Thread(target=projector.run, args=(stopping, Doorbell()))
    thread.start()
    deadline, total = time.monotonic() + 5, 0
    while total != 10 and time.monotonic() < deadline:
        time.sleep(0.01)
        with engine.connect() as connection:
            total = connection.execute(text("SELECT sum(number) FROM rows")).scalar()
    stopping.set()
    thread.join(10)
    assert total == 10, "it was never folded again"
    with engine.connect() as connection:
        projector.check_kept(connection)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=st.lists(st.tuples(st.sampled_from(["orders", "receivables"]), st.integers(1, 6))))
def test_two_logs_may_be_read_in_any_turns(tmp_path: Path, turns: list[tuple[str, int]]) -> None:
    chronicle: Chronicle = Story().told()
    made = Folder(ViewStore(tmp_path, None))
    logs = ("orders", "receivables")
    engine = made.engine(order_book.VIEW)
    projector = Projector(order_book.VIEW, chronicle.feeds(logs), engine)
    for log, limit in turns:
        projector.fold_page(log, limit)
    projector.catch_up()
    expected = digest(made.folded(order_book.VIEW, chronicle, logs), order_book.VIEW)
    assert digest(engine, order_book.VIEW) == expected
    made.close()
