"""The copy of another service's log: the same facts in the same order, whatever the way between does with them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.away import Away
from projections.doorbell import Doorbell
from services.cloud_events import read_whole, whole_event
from services.copying import Copier, Taken
from services.event_log.contract import CursorRow, LogStore
from services.event_log.generations import GenerationRow, append_copied, generations_of, still_the_same, take_back, written_in
from services.event_log.json_form import UnknownEventType, encode_plain
from services.event_log.postgres import PostgresLog
from services.event_log.sqlite import SqliteLog
from services.event_log.leases import SoleHolder
from services.peers import FeedPage, PeerAway
from services.reactions import Policy, Reactor, Sight
from services.settings import Settings
from tests.conftest import asking
from tests.log.mortal import Effects
from tests.log.reader import select
from tests.log.tally import Add, Open, Tallies, Tally, opened


def message(store: LogStore, position: int, *, generation: int | None = None) -> bytes:
    """A fact as the relay publishes it."""
    row = store.event_at(position)
    assert row is not None
    return encode_plain(whole_event(store.name, generation or store.generation(), row)).encode()


@dataclass
class Owner:
    """What the owner's feed answers, read from the owner's store; ``away`` makes it unreachable."""

    store: LogStore
    away: bool = False
    asked: list[int] = field(default_factory=list)

    def facts(self, after: int, wait: int = 0, limit: int = 7) -> FeedPage | None:
        if self.away:
            raise PeerAway("the owner cannot be reached")
        self.asked.append(after)
        if after > self.store.last_position():
            return None
        rows, generation = self.store.read(after, limit), self.store.generation()
        items = [read_whole(message(self.store, row.position)) for row in rows]
        restores = [(g, to, at) for g, to, at in generations_of(self.store)]
        return FeedPage(self.store.name, generation, self.store.last_position(), restores, items)

    def close(self) -> None:
        return None


@dataclass
class Way:
    """Messages as they arrive, in batches; what was not kept is given again after a reset, as Kafka does."""

    batches: list[Sequence[bytes]]
    given: int = 0

    def take(self, store: LogStore, generation: int, last: int) -> Taken:
        if self.given >= len(self.batches):
            return Taken(())
        batch = self.batches[self.given]
        self.given += 1
        return Taken([read_whole(one) for one in batch], CursorRow("way", "way", 1, self.given))

    def reset(self) -> None:
        place = self.store.cursor("way", "way")
        self.given = 0 if place is None else place.position

    def close(self) -> None:
        return None

    store: Any = None


def open_target(backend: Settings) -> LogStore:
    if backend.database is None:
        return SqliteLog("tallies", backend.data / "copy.sqlite")
    return PostgresLog("tallies", backend.database, schema="tallies_copied")


@pytest.fixture
def target(backend: Settings) -> Iterator[LogStore]:
    store = open_target(backend)
    yield store
    store.close()


def copier_of(tallies: Tallies, target: LogStore, batches: Sequence[Sequence[bytes]], owner: Owner | None = None) -> Copier:
    way = Way(list(batches))
    way.store = target
    copier = Copier(target, tallies.form, way, owner or Owner(tallies.store), SoleHolder(), Doorbell())  # type: ignore[arg-type]
    copier._looked = 0.0
    return copier


def filled(tallies: Tallies, facts: int) -> int:
    """As many facts in the source's log."""
    tallies.handle(Open(tally="a"), asking())
    for _ in range(facts - 1):
        tallies.submit(Add(tally="a"), asking())
    tallies.handle(Open(tally="last"), asking())
    return tallies.store.last_position()


def check_same(tallies: Tallies, target: LogStore) -> None:
    assert target.read(0, 10_000) == tallies.store.read(0, 10_000)
    assert (target.last_position(), target.generation()) == (tallies.store.last_position(), tallies.store.generation())


def test_in_order_and_with_its_place(tallies: Tallies, target: LogStore) -> None:
    end = filled(tallies, 9)
    copier = copier_of(tallies, target, [[message(tallies.store, p) for p in range(1, 5)],
                                         [message(tallies.store, p) for p in range(5, end + 1)]])
    assert (copier.copy_next(), copier.copy_next()) == (4, end - 4)
    check_same(tallies, target)
    assert target.cursor("way", "way") == CursorRow("way", "way", 1, 2)
    assert (copier.duplicates, copier.filled) == (0, 0)
    events, reached = copier.feed.read(0, 100)
    assert (len(events), reached) == (end, end)


def test_what_came_before_is_dropped(tallies: Tallies, target: LogStore) -> None:
    end = filled(tallies, 5)
    everything = [message(tallies.store, p) for p in range(1, end + 1)]
    copier = copier_of(tallies, target, [everything, everything, everything[2:4]])
    for _ in range(3):
        copier.copy_next()
    check_same(tallies, target)
    assert copier.duplicates == end + 2


def test_a_gap_is_filled_from_the_owner_before_what_lies_behind_it(tallies: Tallies, target: LogStore) -> None:
    end = filled(tallies, 12)
    owner = Owner(tallies.store)
    batches = [[message(tallies.store, p) for p in (1, 2, 9, 10)], [message(tallies.store, end)]]
    copier = copier_of(tallies, target, batches, owner)
    copier.copy_next()
    copier.copy_next()
    check_same(tallies, target)
    assert copier.filled > 0 and owner.asked[0] == 2


def test_a_gap_that_cannot_be_filled_is_waited_at(tallies: Tallies, target: LogStore) -> None:
    """Nothing behind it is kept, nor the place: it is read again when the owner is back."""
    filled(tallies, 8)
    owner = Owner(tallies.store, away=True)
    copier = copier_of(tallies, target, [[message(tallies.store, p) for p in (1, 2, 5, 6)]], owner)
    for _ in range(2):
        with pytest.raises(Away):
            copier.copy_next()
        copier._source.reset()
    assert target.last_position() == 2
    assert target.cursor("way", "way") is None
    owner.away = False
    copier.copy_next()
    assert target.last_position() >= 6 and target.read(0, 6) == tallies.store.read(0, 6)


def test_what_never_came_is_fetched_when_nothing_more_comes(tallies: Tallies, target: LogStore) -> None:
    """The last messages were lost on the way: for two looks nothing comes although the owner has more."""
    filled(tallies, 6)
    copier = copier_of(tallies, target, [[message(tallies.store, p) for p in (1, 2, 3)]])
    copier.copy_next()
    for _ in range(2):
        copier._looked = -100.0
        copier.copy_next()
    check_same(tallies, target)


def test_a_fact_too_large_for_a_message_comes_by_the_feed(tallies: Tallies, target: LogStore) -> None:
    end = filled(tallies, 5)
    row = tallies.store.event_at(3)
    assert row is not None
    envelope = encode_plain(whole_event("tallies", 1, row, data=False)).encode()
    assert b'"data"' not in envelope
    batch = [message(tallies.store, p) if p != 3 else envelope for p in range(1, end + 1)]
    copier_of(tallies, target, [batch]).copy_next()
    check_same(tallies, target)


@pytest.mark.parametrize("newer", ["com.o2c.tally.added.v9", "com.o2c.tally.gilded.v1"])
def test_a_type_of_a_newer_release_stops_the_copy_before_it(tallies: Tallies, target: LogStore, newer: str) -> None:
    """Behind it what reacts to it would be lost; with the newer release it goes on."""
    filled(tallies, 5)
    strange = message(tallies.store, 3).replace(b"com.o2c.tally.added.v1", newer.encode())
    assert strange != message(tallies.store, 3)
    batch = [message(tallies.store, 1), message(tallies.store, 2), strange, message(tallies.store, 4)]
    copier = copier_of(tallies, target, [batch])
    for _ in range(2):
        with pytest.raises(UnknownEventType, match="run the newer release"):
            copier.copy_next()
        copier._source.reset()
        assert target.last_position() == 2
    copier._source.batches[0] = [message(tallies.store, p) for p in (1, 2, 3, 4)]  # type: ignore[attr-defined]
    copier.copy_next()
    assert target.read(0, 4) == tallies.store.read(0, 4)


def restore_to(store: LogStore, position: int) -> None:
    """As a restore leaves a log: its end given up, a new generation begun."""
    generation = store.generation() + 1
    take_back(store, position, [*generations_of(store), GenerationRow(generation, position, "2026-11-27T00:00:00+00:00")])


def test_a_restored_log_is_followed(tallies: Tallies, target: LogStore, backend: Settings) -> None:
    """A copy that is ahead gives up what its source gave up; messages of the old generation are worth nothing any more."""
    end = filled(tallies, 9)
    old = [message(tallies.store, p) for p in range(1, end + 1)]
    copier = copier_of(tallies, target, [old])
    copier.copy_next()
    restore_to(tallies.store, 4)
    tallies.writer._cache.clear()
    new = tallies.handle(Open(tally="after-the-restore"), asking()).position
    assert new == 5
    copier._source.batches += [old[4:6], [message(tallies.store, 5)], [message(tallies.store, 5)], old[6:]]  # type: ignore[attr-defined]
    for _ in range(6):
        copier.copy_next()
    check_same(tallies, target)
    assert [row.restored_to for row in generations_of(target)] == [4]
    assert copier.feed.generation() == 2 and copier.feed.still_the_same(1) == 4


def test_a_generation_that_its_owner_does_not_know_is_passed_over(
    tallies: Tallies, target: LogStore, capsys: pytest.CaptureFixture[str]
) -> None:
    """A message that claims a restore which never was, in front, in between and behind: named, and nothing is lost for it."""
    end = filled(tallies, 6)
    lie = message(tallies.store, 3, generation=9)
    batch = [lie, *(message(tallies.store, p) for p in (1, 2)), lie, *(message(tallies.store, p) for p in range(3, end + 1)), lie]
    copier = copier_of(tallies, target, [batch])
    copier.copy_next()
    check_same(tallies, target)
    assert target.cursor("way", "way") == CursorRow("way", "way", 1, 1)
    assert capsys.readouterr().out.count("generation_unknown") == 3


NAMES = Policy("names", (Tally.Opened,), lambda recorded, _: [Open(tally=f"seen-{recorded.event.originator_id[6:]}")])


@pytest.mark.parametrize("how", ["running", "restarted", "place not saved"])
def test_reactions_follow_a_restored_log(tallies: Tallies, target: LogStore, backend: Settings, how: str) -> None:
    """What was given up is not reacted to again, what stands is not either, what came instead is."""
    for name in ("a", "b", "c"):
        tallies.handle(Open(tally=name), asking())
    with opened(backend, Effects) as effects:
        copier = copier_of(tallies, target, [[message(tallies.store, p) for p in (1, 2, 3)]])
        copier.copy_next()
        reactor = Reactor(effects, copier.feed, (NAMES,), Sight(effects, {}))
        reactor.react_page()
        assert reactor.reached == 3
        restore_to(tallies.store, 2)
        tallies.writer._cache.clear()
        for name in ("d", "e"):
            tallies.handle(Open(tally=name), asking())
        copier._looked = -100.0
        copier.copy_next()
        copier._source.batches.append([message(tallies.store, p) for p in (3, 4)])  # type: ignore[attr-defined]
        copier.copy_next()
        if how != "running":
            reactor = Reactor(effects, copier.feed, (NAMES,), Sight(effects, {}))
        if how == "place not saved":  # killed between the effects and their place: the page is read again
            reactor.reached = 0
        while reactor.react_page():
            pass
        assert reactor.reached == 4
        seen = [row.stream.removeprefix("tally/seen-") for row in effects.store.read(0, 100)]
        assert seen == ["a", "b", "c", "d", "e"], "the effect of what was given up stays for a person; nothing is twice"
        keys = {":".join(key.split(":")[3:5]) for key in reaction_keys(backend)}
        assert keys == {"1:1", "1:2", "1:3", "2:3", "2:4"}, "a fact's generation is part of its key, and stays"


def reaction_keys(backend: Settings) -> list[str]:
    return [row[0] for row in select(backend, "effects", "SELECT key FROM {log}answer") if row[0].startswith("policy:")]


def test_a_copy_far_behind_a_restored_log_is_not_stuck_at_what_was_given_up(tallies: Tallies, target: LogStore) -> None:
    """What arrives is of the old generation and has a gap that the owner can no longer fill."""
    end = filled(tallies, 9)
    old = [message(tallies.store, end)]
    restore_to(tallies.store, 4)
    copier = copier_of(tallies, target, [old])
    with pytest.raises(Away, match="was restored"):
        copier.copy_next()
    copier._source.reset()
    for _ in range(3):
        copier._looked = -100.0
        copier.copy_next()
    check_same(tallies, target)


def test_a_restore_is_noticed_although_nothing_is_published_since(tallies: Tallies, target: LogStore) -> None:
    end = filled(tallies, 9)
    copier = copier_of(tallies, target, [[message(tallies.store, p) for p in range(1, end + 1)]])
    copier.copy_next()
    restore_to(tallies.store, 6)
    copier._looked = -100.0
    copier.copy_next()
    check_same(tallies, target)


def test_another_log_under_the_same_name_is_not_followed(tallies: Tallies, target: LogStore) -> None:
    """An owner whose log ends before its copy, in the same generation, is no restore: a person has to look."""
    end = filled(tallies, 9)
    copier = copier_of(tallies, target, [[message(tallies.store, p) for p in range(1, end + 1)]])
    copier.copy_next()
    take_back(tallies.store, 3, [])
    copier._looked = -100.0
    with pytest.raises(Away, match="restore it with o2c"):
        copier.copy_next()
    assert target.last_position() == end


def test_facts_that_do_not_go_on_where_the_copy_ends_are_not_kept(tallies: Tallies, target: LogStore) -> None:
    """Another instance was quicker, or the copy was taken back meanwhile: nothing is kept, the place neither."""
    filled(tallies, 6)
    rows, place = tallies.store.read(0, 10), CursorRow("way", "way", 1, 9)
    assert append_copied(target, 1, rows[:2], place)
    for generation, some in ((1, rows[:2]), (1, rows[3:]), (2, rows[2:])):
        assert not append_copied(target, generation, some, place._replace(position=99))
    assert target.last_position() == 2 and target.cursor("way", "way") == place
    assert append_copied(target, 1, rows[2:], None)
    check_same(tallies, target)


def test_two_instances_copy_every_fact_once(tallies: Tallies, target: LogStore, backend: Settings) -> None:
    if backend.database is None:
        pytest.skip("a folder has one process")
    end = filled(tallies, 9)
    everything = [[message(tallies.store, p)] for p in range(1, end + 1)]
    other_store = open_target(backend)
    one, other = copier_of(tallies, target, everything), copier_of(tallies, other_store, everything)
    for _ in range(end):
        for copier in (one, other, one):
            try:
                copier.copy_next()
            except Away:
                copier._source.reset()
    check_same(tallies, target)
    other_store.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**9))
def test_whatever_the_way_does(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    """Lost, doubled, late, in any order, owner away now and then, a restore in between: in the end it is the log."""
    rng = random.Random(seed)
    folder = tmp_path_factory.mktemp("way")
    backend = Settings(data=folder)
    with opened(backend) as tallies:
        end = filled(tallies, rng.randint(2, 12))
        sent = [message(tallies.store, p) for p in range(1, end + 1)]
        if rng.random() < 0.4:
            restore_to(tallies.store, rng.randint(0, end))
            tallies.writer._cache.clear()
            for number in range(rng.randint(0, 3)):
                position = tallies.handle(Open(tally=f"after-{number}"), asking()).position
                sent.append(message(tallies.store, position))
        arriving = [one for one in sent for _ in range(rng.choice([0, 1, 1, 1, 2]))]
        for _ in range(rng.randint(0, 6)):
            if len(arriving) > 1:
                i = rng.randrange(len(arriving) - 1)
                arriving[i], arriving[i + 1] = arriving[i + 1], arriving[i]
        batches = []
        while arriving:
            size = rng.randint(1, 4)
            batches.append(arriving[:size])
            arriving = arriving[size:]
        target = SqliteLog("tallies", folder / "copy.sqlite")
        owner = Owner(tallies.store)
        copier = copier_of(tallies, target, batches, owner)
        for _ in range(200):
            owner.away = rng.random() < 0.3
            copier._looked = -100.0
            try:
                if copier.copy_next() == 0 and not owner.away and target.last_position() == tallies.store.last_position():
                    break
            except Away:
                copier._source.reset()
        check_same(tallies, target)
        target.close()


def test_the_generations_of_a_log() -> None:
    """Restored to 10 (generation 2), then to 4 (3), then, after growing again, to 7 (4)."""
    rows = [GenerationRow(2, 10, ""), GenerationRow(3, 4, ""), GenerationRow(4, 7, "")]
    assert [still_the_same(rows, known) for known in (1, 2, 3, 4)] == [4, 4, 7, None]
    assert [written_in(rows, position) for position in (1, 4, 5, 7, 8, 11)] == [1, 1, 3, 3, 4, 4]
    assert written_in([], 5) == 1 and still_the_same([], 1) is None


def test_a_fact_is_the_same_on_the_other_side(tallies: Tallies) -> None:
    """Every column, also a causation and letters outside ASCII, byte for byte."""
    tallies.handle(Open(tally="Tee 茶", label="ü"), asking(causation="orders:7"))
    row = tallies.store.event_at(1)
    assert row is not None
    assert read_whole(message(tallies.store, 1)).row() == row
    with pytest.raises(msgspec.MsgspecError):
        read_whole(b'{"source":"urn:o2c:tallies"}')


