"""Loading: by the kept state without replaying, by replay when its form has moved on; old and unknown versions of facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest

from domain.aggregate import Aggregate
from services.application import LogApplication
from services.command import Answer, Command
from services.event_log.contract import EventRow
from services.event_log.json_form import JsonForm, UnknownEventType
from services.event_log.sqlite import SqliteLog
from services.event_log.work import Work
from services.feed import LocalFeed
from services.settings import Settings
from tests.conftest import asking
from tests.log.reader import select
from tests.log.tally import Add, Open, Tallies, Tally, opened


@dataclass
class LaterState:
    label: str
    limit: int
    amounts: list[int] = field(default_factory=list)


class Later(Aggregate[LaterState]):
    """A later release of the tally: another form of state, and facts in a second and a third version."""

    KIND = "tally"
    STATE = LaterState
    STATE_VERSION = 2
    replayed: ClassVar[list[str]] = []

    class Opened(Aggregate.Created):
        TYPE = "tally.opened/1"
        label: str
        limit: int
        opened_by: str = "nobody"

        def apply(self, tally: Later) -> None:
            tally.state = LaterState(self.label, self.limit)
            Later.replayed.append(self.opened_by)

    class Added(Aggregate.Event):
        TYPE = "tally.added/3"
        UPCASTS: ClassVar[dict[int, Any]] = {
            1: lambda fields: {"quantity": fields["amount"], "note": fields["note"]},
            2: lambda fields: {"quantity": fields["quantity"] * 10, "remark": fields["note"]},
        }
        quantity: int
        remark: str

        def apply(self, tally: Later) -> None:
            tally.state.amounts.append(self.quantity)
            Later.replayed.append(self.remark)

    @staticmethod
    def stream(tally: str) -> str:
        return Tally.stream(tally)


class AddLater(Command):
    NAME: ClassVar[str] = "tally.add_later"
    tally: str
    quantity: int


def _add(work: Work, command: AddLater) -> Answer:
    tally = work.get(Later, Later.stream(command.tally))
    tally.happened(Later.Added, quantity=command.quantity, remark="")
    return Answer(200, {"amounts": list(tally.state.amounts)})


class LaterTallies(LogApplication):
    name = "tallies"
    aggregates = (Later,)
    handlers: ClassVar[dict[type[Command], Any]] = {AddLater: _add}


def test_a_stream_is_loaded_by_its_state(tallies: Tallies, backend: Settings) -> None:
    """The facts are made unreadable: a load that replayed would raise."""
    tallies.handle(Open(tally="a"), asking())
    tallies.handle(Add(tally="a", amount=41), asking())
    tallies.close()
    _spoil(backend, "UPDATE {log}event SET type = 'gone/1'")
    with opened(backend) as again:
        assert again.look(Tally, Tally.stream("a")).state.total == 41
        assert again.handle(Add(tally="a"), asking()).body == {"tally": "tally/a", "version": 3, "total": 42}


def _spoil(backend: Settings, statement: str) -> None:
    """Change stored rows behind the back of the code under test."""
    import sqlite3

    import psycopg

    if backend.database is None:
        connection = sqlite3.connect(backend.data / "tallies.events.sqlite")
        connection.execute(statement.format(log=""))
        connection.commit()
        connection.close()
        return
    with psycopg.connect(backend.database) as server:
        server.execute(statement.format(log="tallies_log."))


def test_a_state_of_another_form_is_replayed_and_then_kept(tallies: Tallies, backend: Settings) -> None:
    tallies.handle(Open(tally="a"), asking())
    tallies.handle(Add(tally="a", amount=4, note="first"), asking())
    tallies.close()
    with opened(backend, LaterTallies) as later:
        Later.replayed.clear()
        assert later.handle(AddLater(tally="a", quantity=1), asking()).body["amounts"] == [40, 1]
        assert Later.replayed[:2] == ["nobody", "first"]
    with opened(backend, LaterTallies) as later:
        Later.replayed.clear()
        assert later.look(Later, Later.stream("a")).state.amounts == [40, 1]
        assert Later.replayed == [], "the state was stored in its new form with the next fact"


def test_old_versions_are_lifted_step_by_step(tallies: Tallies, backend: Settings) -> None:
    """Version 1 goes through 2 to 3; a fact written in version 2 goes one step; new fields have their defaults."""
    tallies.handle(Open(tally="a"), asking())
    tallies.handle(Add(tally="a", amount=4, note="one"), asking())
    form = LaterTallies.form if hasattr(LaterTallies, "form") else JsonForm(LaterTallies.aggregates)
    read = [recorded.event for recorded in LocalFeed(tallies.store, form).read(0, 10)[0]]
    assert (read[0].opened_by, read[1].quantity, read[1].remark) == ("nobody", 40, "one")
    row = EventRow(3, "tally/a", 3, "tally.added/2", '{"quantity":5,"note":"two"}', _AT, _AT, "a", "c", None, "c")
    assert (form.event(row).quantity, form.event(row).remark) == (50, "two")
    assert form.stored_types([Later.Added]) == ["tally.added/1", "tally.added/2", "tally.added/3"]


_AT = "2026-01-01T00:00:00.000000+00:00"


def test_a_feed_finds_a_class_in_all_its_versions(tallies: Tallies) -> None:
    tallies.handle(Open(tally="a"), asking())
    tallies.handle(Add(tally="a"), asking())
    feed = LocalFeed(tallies.store, JsonForm(LaterTallies.aggregates))
    assert [recorded.type for recorded in feed.read(0, 10, [Later.Added])[0]] == ["tally.added/1"]


@pytest.mark.parametrize(
    ("stored", "says"),
    [
        ("tally.renamed/1", "tally.renamed/1: this release knows nothing of that name; run the newer release"),
        ("tally.added/4", "tally.added/4: this release knows version 3; run the newer release"),
        ("nonsense", "nonsense: this release knows nothing of that name; run the newer release"),
    ],
)
def test_a_fact_of_a_newer_release_is_an_error_that_names_it(stored: str, says: str) -> None:
    form = JsonForm(LaterTallies.aggregates)
    row = EventRow(1, "tally/a", 1, stored, "{}", _AT, _AT, "a", "c", None, "c")
    with pytest.raises(UnknownEventType) as unknown:
        form.event(row)
    assert str(unknown.value) == says


def test_an_undecodable_stream_fails_only_its_own_commands(tallies: Tallies, backend: Settings) -> None:
    for name in ("a", "b"):
        tallies.handle(Open(tally=name), asking())
    tallies.close()
    _spoil(backend, "UPDATE {log}head SET state = '{{broken' WHERE stream = 'tally/a'")
    with opened(backend) as again:
        futures = [again.submit(Add(tally=name), asking()) for name in ("b", "a", "b")]
        assert [future.exception(10) is None for future in futures] == [True, False, True]


PARTS = 4_000
NOTE = "a part of this order line, described in some words "


def test_thousands_of_parts_do_not_rewrite_the_state_each_time(tmp_path: Any) -> None:
    """Bytes written as states stay in proportion, and a load replays no more than a bounded number of facts."""
    settings = Settings(data=tmp_path / "data")
    written: list[int] = []
    with opened(settings) as application:
        application.handle(Open(tally="big", limit=PARTS), asking())
        state_at = 0
        for part in range(PARTS):
            application.handle(Add(tally="big", note=f"{NOTE}{part}"), asking())
            if part % 50 == 49:
                head = application.store.head(Tally.stream("big"))
                if head.state_at != state_at:
                    state_at = head.state_at
                    written.append(len(head.state))
                assert head.version - head.state_at <= len(head.state) // 256 + 1
    final = PARTS * (len(NOTE) + 4)
    assert written[-1] > final / 2
    assert written == sorted(written)
    with opened(settings) as application:
        read: list[int] = []
        store = application.store
        plain = SqliteLog.stream

        class Counting:
            """The store as a source of facts, counting them."""

            def stream(self, stream: str, after: int) -> list[EventRow]:
                rows = plain(store, stream, after)
                read.append(len(rows))
                return rows

        head = store.head(Tally.stream("big"))
        from services.event_log.work import load_aggregate

        tally: Any = load_aggregate(application.form, head, Counting())
        assert (tally.version, len(tally.state.notes)) == (PARTS + 1, PARTS)
        assert sum(read) <= len(head.state) // 256 + 1


def test_states_written_for_a_large_stream_stay_in_proportion(tallies: Tallies, backend: Settings) -> None:
    """Counted at the database: how often the state of the head changed while 600 facts came."""
    tallies.handle(Open(tally="big"), asking())
    changes, seen = 0, ""
    for part in range(600):
        tallies.handle(Add(tally="big", note=NOTE + str(part)), asking())
        if part >= 400:
            state = select(backend, "tallies", "SELECT state FROM {log}head")[0][0]
            changes += state != seen
            seen = state
    assert 1 <= changes <= 4
    tally = tallies.look(Tally, Tally.stream("big"))
    assert tally is not None and tally.state.total == 600
