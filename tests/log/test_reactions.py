"""Reactions: once for each fact across a crash between any two steps; poison is parked; refusals are recorded."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from typing import Any

import pytest

from domain.company import Company
from domain.recorded import RecordedEvent
from projections.doorbell import Doorbell
from services.command import Answer, Command, Context
from services.event_log.contract import LogUnavailable
from services.event_log.deciding import InOrder
from services.event_log.json_form import UnknownEventType
from services.feed import LocalFeed
from services.reactions import Policy, Reactor, Sight
from services.receivables.crediting import OpenAccount
from services.serving import health_of
from services.settings import Settings
from services.wired import Wired
from tests.conftest import Master, asking
from tests.log.mortal import Died, Effects, Mortal, MortalApplication
from tests.log.reader import check_log, facts, keys
from tests.log.tally import Add, AddAndRaise, Open, Tallies, Tally, opened


@pytest.fixture
def effects(backend: Settings) -> Iterator[Effects]:
    with opened(backend, Effects) as application:
        for name in ("x", "y", "z"):
            application.handle(Open(tally=name, limit=1_000), asking())
        yield application


def add_for_each(recorded: RecordedEvent, _: Any) -> list[Command]:
    """As many commands as the fact's amount, the first two of the same content."""
    assert isinstance(recorded.event, Tally.Added)
    note = recorded.reference
    return [Add(tally="x", note=note if n < 2 else f"{note}-{n}") for n in range(recorded.event.amount)]


def open_and_add(source: Tallies, amounts: Sequence[int]) -> list[str]:
    """Facts to react to; the notes that the effects are to carry, in order."""
    source.handle(Open(tally="source"), asking())
    expected = []
    for amount in amounts:
        position = source.handle(Add(tally="source", amount=amount), asking()).position
        note = f"tallies:{position}"
        expected += [note if n < 2 else f"{note}-{n}" for n in range(amount)]
    return expected


ON_ADDED = (Policy("add_for_each", (Tally.Added,), add_for_each),)


def test_once_across_a_death_at_every_step(tallies: Tallies, effects: Effects, backend: Settings) -> None:
    expected = open_and_add(tallies, [1, 3, 0, 2])
    deaths = 0
    for last in range(1, 1_000):
        reactor = Mortal(last).reactor(tallies, effects, ON_ADDED)
        try:
            while reactor.react_page():
                pass
            break
        except Died:
            deaths += 1
    assert deaths >= 2 + 2 * 6 + 2, "a step was never died at"
    tally = effects.look(Tally, Tally.stream("x"))
    assert tally is not None and tally.state.notes == expected
    more = open_and_add(tallies, [2])
    again = Mortal(0).reactor(tallies, effects, ON_ADDED)
    again.react_page()
    assert effects.look(Tally, Tally.stream("x")).state.notes == expected + more  # type: ignore[union-attr]
    check_log(backend, "effects")


def test_the_harness_notices_reactions_without_keys(tallies: Tallies, effects: Effects) -> None:
    """Sabotage: the same deaths, the keys left out, have effects twice."""
    expected = open_and_add(tallies, [1, 3])

    class Keyless(MortalApplication):
        def submit(self, command: Command, context: Context, in_order: InOrder | None = None) -> Future[Answer]:
            return super().submit(command, asking("policy"), in_order)

    for last in range(1, 1_000):
        mortal = Mortal(last)
        reactor = mortal.reactor(tallies, effects, ON_ADDED)
        reactor.application = Keyless(mortal, effects)  # type: ignore[assignment]
        try:
            while reactor.react_page():
                pass
            break
        except Died:
            continue
    tally = effects.look(Tally, Tally.stream("x"))
    assert tally is not None and len(tally.state.notes) > len(expected)


def test_a_list_that_has_become_shorter_loses_nothing(tallies: Tallies, effects: Effects) -> None:
    """A policy asks for what is still to be done; after a crash that is less, and the rest must still be done."""

    def for_all_that_are_empty(_: RecordedEvent, sight: Sight) -> list[Command]:
        names = [n for n in ("x", "y", "z") if sight.look(Tally, Tally.stream(n)).state.total == 0]  # type: ignore[union-attr]
        return [Add(tally=name) for name in names]

    policies = (Policy("for_all_that_are_empty", (Tally.Opened,), for_all_that_are_empty),)
    tallies.handle(Open(tally="source"), asking())
    for last in range(1, 1_000):
        reactor = Mortal(last).reactor(tallies, effects, policies)
        try:
            while reactor.react_page():
                pass
            break
        except Died:
            effects.handle(Add(tally="source"), asking())  # a round through the writer: what was handed in is stored
    totals = [effects.look(Tally, Tally.stream(name)).state.total for name in ("x", "y", "z")]  # type: ignore[union-attr]
    assert totals == [1, 1, 1]


def test_two_instances_react_to_the_same_facts(tallies: Tallies, effects: Effects) -> None:
    expected = open_and_add(tallies, [1, 2, 3] * 5)
    reactors = [Reactor(effects, LocalFeed(tallies.store, tallies.form), ON_ADDED, Sight(effects, {})) for _ in range(3)]
    threads = [threading.Thread(target=reactor.react_page) for reactor in reactors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    tally = effects.look(Tally, Tally.stream("x"))
    assert tally is not None and sorted(tally.state.notes) == sorted(expected)


def test_poison_is_parked_durably_and_the_others_flow(tallies: Tallies, effects: Effects, backend: Settings) -> None:
    """A policy that raises and a handler that raises: both items are kept with the position that passed them."""

    def decide(recorded: RecordedEvent, _: Any) -> list[Command]:
        amount = recorded.event.amount
        if amount == 3:
            raise ValueError("cannot digest three")
        return [AddAndRaise(tally="x") if amount == 5 else Add(tally="x", amount=amount)]

    open_and_add(tallies, [1, 2, 3, 4, 5, 6])
    policies = (Policy("digest", (Tally.Added,), decide),)
    reactor = Mortal(0).reactor(tallies, effects, policies)
    for last in (9, 0):  # dies once between the two, then is built anew
        try:
            reactor = Mortal(last).reactor(tallies, effects, policies)
            reactor.react_page()
        except Died:
            assert effects.store.parked() == [], "parked only in the transaction that passes the item"
    parked = effects.store.parked()
    assert [(row.consumer, row.log, row.position) for row in parked] == [
        ("reactions-effects:digest", "tallies", 4), ("reactions-effects:digest", "tallies", 6),
    ]
    assert [row.error for row in parked] == ["ValueError('cannot digest three')", "RuntimeError('a defect')"]
    assert reactor.parked == 2
    tally = effects.look(Tally, Tally.stream("x"))
    assert tally is not None and tally.state.total == 1 + 2 + 4 + 6
    effects.close()
    with opened(backend, Effects) as again:
        assert len(again.store.parked()) == 2
        assert Mortal(0).reactor(tallies, again, policies).reached == 7


def test_a_command_nobody_handles_is_parked(tallies: Tallies, effects: Effects) -> None:
    def decide(_: RecordedEvent, __: Any) -> list[Command]:
        return [OpenAccount(account="a", currency="EUR", zone="UTC")]

    open_and_add(tallies, [1])
    Mortal(0).reactor(tallies, effects, (Policy("lost", (Tally.Added,), decide),)).react_page()
    assert [row.consumer for row in effects.store.parked()] == ["reactions-effects:lost"]


def test_health_shows_what_is_parked(wired: Wired, master: Master) -> None:
    def decide(_: RecordedEvent, __: Any) -> list[Command]:
        raise ValueError("poison")

    assert health_of(wired)["parked"] == dict.fromkeys(wired.applications, 0)
    receivables = wired.applications["receivables"]
    policies = (Policy("poisoned", (Company.Registered,), decide),)
    reactor = Reactor(receivables, wired.feeds["orders"], policies, Sight(receivables, {}))
    reactor.name = "reactions-poisoned"
    reactor.reached = 0
    reactor.react_page()
    health = health_of(wired)
    assert (health["status"], health["parked"]["receivables"]) == ("attention", 1)


def test_a_refusal_is_an_answer_and_recorded(tallies: Tallies, effects: Effects, backend: Settings) -> None:
    def decide(recorded: RecordedEvent, _: Any) -> list[Command]:
        return [Add(tally="x", amount=recorded.event.amount)]

    open_and_add(tallies, [900, 200, 100])
    reactor = Mortal(0).reactor(tallies, effects, (Policy("limited", (Tally.Added,), decide),))
    reactor.react_page()
    assert (reactor.refused, reactor.parked, reactor.reached) == (1, 0, 4)
    kept = {key: status for key, (status, _) in keys(backend, "effects").items()}
    assert [kept[key] for key in sorted(kept)] == [200, 422, 200]
    assert all(key.startswith("policy:limited:tallies:1:") for key in kept)
    caused = [fact for fact in facts(backend, "effects") if fact.type == "tally.added/1"]
    assert len(caused) == 2


def test_a_fact_says_what_caused_it(tallies: Tallies, effects: Effects) -> None:
    open_and_add(tallies, [1])
    Mortal(0).reactor(tallies, effects, ON_ADDED).react_page()
    recorded = LocalFeed(effects.store, effects.form).read(3, 10)[0][0]
    cause = LocalFeed(tallies.store, tallies.form).read(1, 10)[0][0]
    assert (recorded.causation, recorded.actor) == ("tallies:2", "policy:add_for_each")
    assert recorded.correlation == cause.correlation
    assert recorded.event.timestamp == cause.event.timestamp, "a policy reads no clock"


def running(reactor: Reactor, stopping: threading.Event) -> threading.Thread:
    thread = threading.Thread(target=reactor.run, args=(stopping, Doorbell()), daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize("error", [LogUnavailable("storage", "away"), UnknownEventType("tally.added/9")])
def test_what_cannot_be_read_or_stored_is_waited_for(tallies: Tallies, effects: Effects, error: Exception) -> None:
    """Neither parked nor skipped: the reactor says why it waits, tries again, and goes on."""
    expected = open_and_add(tallies, [1, 2])
    failures = [error, error]

    class Away(LocalFeed):
        def read(self, *arguments: Any) -> Any:
            if failures:
                raise failures.pop()
            return super().read(*arguments)

    reactor = Reactor(effects, Away(tallies.store, tallies.form), ON_ADDED, Sight(effects, {}))
    stopping = threading.Event()
    thread = running(reactor, stopping)
    for _ in range(200):
        if reactor.failure is not None or not failures:
            break
        stopping.wait(0.01)
    assert reactor.failure is error
    assert reactor.wait_for(tallies.store.last_position(), 10)
    stopping.set()
    thread.join(5)
    tally = effects.look(Tally, Tally.stream("x"))
    assert tally is not None and tally.state.notes == expected
    assert effects.store.parked() == []
    assert reactor.failure is None


def test_positions_without_wanted_facts_are_passed(tallies: Tallies, effects: Effects) -> None:
    for number in range(250):
        tallies.submit(Open(tally=str(number)), asking())
    tallies.handle(Open(tally="last"), asking())
    reactor = Mortal(0).reactor(tallies, effects, ON_ADDED)
    reactor.react_page()
    assert reactor.reached == 251
    assert reactor.react_page() == 0  # the position is saved behind the page; the next one waits for it
    cursor = effects.store.cursor(reactor.name, "tallies")
    assert cursor is not None and cursor.position == 251, "a long stretch is not read again after a restart"
