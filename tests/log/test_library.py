"""The eventsourcing library's own calls over our recorder, on both back ends."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

import pytest
from eventsourcing.application import AggregateNotFoundError
from eventsourcing.persistence import InfrastructureFactoryError, IntegrityError

from domain.aggregate import deciding_at
from services.event_log.library import PostgresFactory
from services.settings import Settings
from services.logs import environment
from tests.conftest import asking
from tests.log.reader import check_log
from tests.log.tally import Add, Open, Tallies, Tally

MOMENT = datetime(2026, 3, 2, tzinfo=UTC)


def new(tallies: Tallies, name: str) -> Tally:
    with deciding_at(MOMENT):
        tally = Tally.open(name, "by the library")
        tally.add(3)
    tallies.save(tally)
    return tally


def test_saved_is_what_the_repository_gets(tallies: Tallies, backend: Settings) -> None:
    new(tallies, "a")
    tally: Tally = tallies.repository.get(Tally.stream("a"))
    assert (tally.version, tally.state.total, tally.state.label) == (2, 3, "by the library")
    with deciding_at(MOMENT):
        tally.add(4)
    assert [notification.notification.id for notification in tallies.save(tally)] == [3]
    assert tallies.repository.get(Tally.stream("a")).state.total == 7
    assert tallies.repository.get(Tally.stream("a"), version=2).state.total == 3
    assert [fact.type for fact in check_log(backend)] == ["tally.opened/1", "tally.added/1", "tally.added/1"]


def test_commands_and_the_library_see_each_other(tallies: Tallies) -> None:
    tally = new(tallies, "a")
    assert tallies.handle(Add(tally="a", amount=10), asking()).body["total"] == 13
    assert tallies.repository.get(Tally.stream("a")).state.total == 13
    with deciding_at(MOMENT):
        tally.add(1)
    with pytest.raises(IntegrityError, match="tally/a is at version 3"):
        tallies.save(tally)
    assert tallies.handle(Add(tally="a"), asking()).body == {"tally": "tally/a", "version": 4, "total": 14}


def test_saving_several_is_one_transaction(tallies: Tallies, backend: Settings) -> None:
    stale = new(tallies, "a")
    tallies.handle(Add(tally="a"), asking())
    with deciding_at(MOMENT):
        other = Tally.open("b", "")
        stale.add(1)
    with pytest.raises(IntegrityError):
        tallies.save(other, stale)
    assert len(check_log(backend)) == 3
    with pytest.raises(AggregateNotFoundError):
        tallies.repository.get(Tally.stream("b"))
    assert tallies.handle(Open(tally="b"), asking()).status == 201


def test_saving_a_begun_stream_twice(tallies: Tallies) -> None:
    new(tallies, "a")
    with pytest.raises(IntegrityError):
        new(tallies, "a")


def test_the_notification_log_tails_positions(tallies: Tallies) -> None:
    for number in range(7):
        tallies.handle(Open(tally=str(number)), asking())
    log, recorder = tallies.notification_log, tallies.recorder
    assert [n.id for n in log.select(start=1, limit=3)] == [1, 2, 3]
    assert [n.id for n in log.select(start=6, limit=10)] == [6, 7]
    assert [item.id for item in log["1,5"].items] == [1, 2, 3, 4, 5]
    assert recorder.max_notification_id() == 7
    assert [n.id for n in recorder.select_notifications(3, 10, stop=5)] == [3, 4, 5]
    assert [n.id for n in recorder.select_notifications(3, 10, inclusive_of_start=False)] == [4, 5, 6, 7]
    assert recorder.select_notifications(1, 10, topics=["tally.added/1"]) == []
    assert tallies.mapper.to_domain_event(log.select(start=1, limit=1)[0]).label == ""


def test_selecting_the_events_of_a_stream(tallies: Tallies) -> None:
    tally = new(tallies, "a")
    with deciding_at(MOMENT):
        for _ in range(3):
            tally.add(1)
    tallies.save(tally)
    select = tallies.recorder.select_events
    assert [e.originator_version for e in select(tally.id)] == [1, 2, 3, 4, 5]
    assert [e.originator_version for e in select(tally.id, gt=1, lte=4)] == [2, 3, 4]
    assert [e.originator_version for e in select(tally.id, desc=True, limit=2)] == [5, 4]
    assert select("tally/none") == []


def test_a_subscription_gives_what_is_there_and_then_what_comes(tallies: Tallies) -> None:
    """Also on SQLite, where the library's own recorder offers none."""
    new(tallies, "a")
    seen: list[int] = []
    with tallies.recorder.subscribe(gt=1) as subscription:
        reader = threading.Thread(target=lambda: seen.extend(n.id for n in subscription))
        reader.start()
        for number in range(20):
            new(tallies, f"later-{number}")
        deadline = time.monotonic() + 10
        while len(seen) < tallies.store.last_position() - 1 and time.monotonic() < deadline:
            time.sleep(0.01)
        subscription.stop()
        reader.join(10)
    assert seen == list(range(2, tallies.store.last_position() + 1))


def test_what_is_not_offered_says_where_it_is(tallies: Tallies, backend: Settings) -> None:
    for ask in (
        tallies.factory.aggregate_recorder, tallies.factory.tracking_recorder, tallies.factory.process_recorder,
    ):
        with pytest.raises(InfrastructureFactoryError):
            ask()


def test_database_functions_that_lose_events_are_refused(database: str) -> None:
    """Decision 5: 81 of 11,761 events were lost to subscribers with them."""
    settings = Settings(database=database)
    with pytest.raises(InfrastructureFactoryError, match="loses events"):
        Tallies({**environment(settings, "tallies"), "POSTGRES_ENABLE_DB_FUNCTIONS": "y"})
    assert PostgresFactory.open_store is not None
