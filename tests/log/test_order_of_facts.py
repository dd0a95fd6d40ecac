"""Instants: what is recorded later has a later instant, whatever the clock does; reading follows positions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.event_log.contract import Append, EventRow, HeadRow
from services.feed import LocalFeed
from services.settings import Settings
from tests.conftest import asking
from tests.log.reader import check_log, facts
from tests.log.tally import Add, Open, Tallies, Tally, in_one_group, opened


def recorded_tomorrow(tallies: Tallies) -> datetime:
    """A fact recorded a day ahead: what the clock of this machine shows has been set back by a day."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    instant = tomorrow.isoformat(timespec="microseconds")
    group = Append.empty()
    with tallies.store.begin() as tx:
        facts_ = ("tally/ahead", 1, "tally.opened/1", '{"label":"","limit":9}')
        group.events.append(EventRow(tx.position + 1, *facts_, instant, instant, "a", "c", None, "c"))
        group.heads["tally/ahead"] = HeadRow("tally/ahead", 1, None, 0, 1)
        tx.append(group)
    return tomorrow


def test_a_clock_set_back_reorders_nothing(tallies: Tallies, backend: Settings) -> None:
    tallies.handle(Open(tally="before"), asking())
    tomorrow = recorded_tomorrow(tallies)
    for number in range(5):
        tallies.handle(Open(tally=f"after-{number}"), asking())
    instants = [datetime.fromisoformat(fact.recorded_at) for fact in check_log(backend)]
    assert instants[1] == tomorrow.replace(microsecond=tomorrow.microsecond)
    assert instants[2:] == [tomorrow + timedelta(microseconds=n) for n in range(1, 6)]


def test_the_clock_stays_behind_over_a_restart(tallies: Tallies, backend: Settings) -> None:
    tomorrow = recorded_tomorrow(tallies)
    tallies.close()
    with opened(backend) as again:
        again.handle(Add(tally="ahead"), asking())
    assert datetime.fromisoformat(facts(backend)[-1].recorded_at) == tomorrow + timedelta(microseconds=1)


def test_what_was_decided_keeps_its_own_instant(tallies: Tallies) -> None:
    moment = datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
    tallies.handle(Open(tally="a"), asking(at=moment))
    recorded = LocalFeed(tallies.store, tallies.form).read(0, 10)[0][0]
    assert recorded.event.timestamp == moment
    assert recorded.recorded_at > moment
    assert (recorded.actor, recorded.type, recorded.stream) == ("clerk", "tally.opened/1", "tally/a")


def test_a_group_shares_one_instant_and_follows_the_one_before(tallies: Tallies, backend: Settings) -> None:
    in_one_group(tallies, [Open(tally=f"a{n}") for n in range(5)])
    in_one_group(tallies, [Open(tally=f"b{n}") for n in range(5)])
    instants = [fact.recorded_at for fact in check_log(backend)]
    assert len(set(instants[:5])) == len(set(instants[5:])) == 1
    assert instants[4] < instants[5]


def test_a_feed_reads_every_position_once_and_passes_what_is_not_wanted(tallies: Tallies) -> None:
    for n in range(30):
        tallies.handle(Open(tally=str(n)), asking())
        tallies.handle(Add(tally=str(n)), asking())
    feed = LocalFeed(tallies.store, tallies.form)
    found, reached = [], 0
    while page := feed.read(reached, 7, [Tally.Added])[0]:
        reached = feed.read(reached, 7, [Tally.Added])[1]
        found += [recorded.position for recorded in page]
    assert found == list(range(2, 61, 2))
    assert reached == feed.last_position() == 60
    assert feed.read(0, 7, [])[1] == 60
    assert feed.read(60, 7) == ([], 60)
