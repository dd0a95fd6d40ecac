"""Group commit: gapless positions, one command's failure is its own, answers after the commit, full and closing queues."""

from __future__ import annotations

import asyncio
import secrets
import threading
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from domain.refusal import Refused
from services.application import refusal_answer
from services.command import Answer, Expected, StaleVersion
from services.event_log.contract import LogUnavailable
from services.event_log.deciding import InOrder
from services.event_log.work import Work
from services.event_log.writer import GroupWriter
from services.settings import Settings
from tests.conftest import asking
from tests.log.reader import check_log, facts, keys, select
from tests.log.tally import (
    Add, AddAndRaise, AddToBoth, Gate, Open, OpenRaw, Read, Tallies, Tally, in_one_group, opened, outcome,
)


def test_positions_are_gapless_under_32_threads(tallies: Tallies, backend: Settings) -> None:
    """Every third command is refused or raises; the others lie side by side in the log."""
    tallies.handle(Open(tally="small", limit=5), asking())

    def work(thread: int) -> int:
        stored = 0
        for number in range(20):
            name = f"{thread}-{number % 4}"
            stored += tallies.handle(Open(tally=name), asking()).status == 201
            stored += tallies.handle(Add(tally=name), asking()).status == 200
            stored += tallies.handle(Add(tally="small"), asking()).status == 200
            assert isinstance(outcome(tallies.submit(AddAndRaise(tally=name), asking())), RuntimeError)
        return stored

    with ThreadPoolExecutor(32) as pool:
        stored = sum(pool.map(work, range(32)))
    assert len(check_log(backend)) == stored + 1
    assert stored == 32 * (4 + 20) + 5
    assert tallies.writer.groups < tallies.writer.commands, "nothing was ever grouped"


def test_what_fails_in_a_group_harms_no_neighbour(tallies: Tallies, backend: Settings) -> None:
    for name in ("a", "b"):
        tallies.handle(Open(tally=name), asking())
    tallies.handle(Open(tally="full", limit=0), asking())
    before, refused, defect, stale, after = in_one_group(tallies, [
        Add(tally="a"), AddToBoth(first="a", second="full"), AddAndRaise(tally="b"),
        (Add(tally="b"), asking(expected=Expected(Tally.stream("b"), 9))), Add(tally="b"),
    ])
    assert before.status == after.status == 200
    assert refused.status == 422
    assert isinstance(defect, RuntimeError)
    assert isinstance(stale, StaleVersion) and stale.actual == 1
    check_log(backend)
    assert [fact.stream for fact in facts(backend)[3:]] == ["tally/a", "tally/b"]


@pytest.mark.parametrize("failing", [AddToBoth(first="a", second="full"), AddAndRaise(tally="a")])
def test_a_stream_moved_before_a_failure_is_seen_as_moved_after_it(
    tallies: Tallies, backend: Settings, failing: AddToBoth
) -> None:
    """The failed command had moved the same stream: nothing of it stays, in the cache, in the head or in an answer."""
    tallies.handle(Open(tally="full", limit=0), asking())
    outcomes = in_one_group(tallies, [
        Open(tally="a"), Add(tally="a", amount=5), failing, Read(tally="a"), Add(tally="a", amount=2), failing,
    ])
    assert [o.status for o in (outcomes[0], outcomes[1], outcomes[3], outcomes[4])] == [201, 200, 200, 200]
    assert '"total":5' in outcomes[3].text and '"version":2' in outcomes[3].text
    check_log(backend)
    tally = tallies.look(Tally, Tally.stream("a"))
    assert tally is not None and (tally.version, tally.state.total) == (3, 7)
    with opened_anew(backend, tallies) as again:
        assert again.handle(Add(tally="a"), asking()).body["total"] == 8


def opened_anew(backend: Settings, before: Tallies):  # type: ignore[no-untyped-def]
    """Another process's view: nothing of the first one's cache."""
    before.close()
    return opened(backend)


def refused_streams(backend: Settings) -> list[str]:
    """Ids that this back end cannot store: a lone surrogate; NUL and a key longer than an index page."""
    text = ["tally/lone-\ud800"]
    if backend.database is not None:
        text += ["tally/nul-\x00", "tally/" + secrets.token_hex(6_000)]
    return text


def test_a_row_the_database_refuses_fails_only_its_command(tallies: Tallies, backend: Settings) -> None:
    for number, refused in enumerate(refused_streams(backend)):
        commands = [Open(tally=f"{number}-1"), OpenRaw.model_construct(stream=refused), Open(tally=f"{number}-2")]
        first, bad, last = in_one_group(tallies, commands)
        assert (first.status, last.status) == (201, 201), refused[:20]
        assert isinstance(bad, Exception) and not isinstance(bad, LogUnavailable), refused[:20]
        assert tallies.handle(Add(tally=f"{number}-1"), asking()).body["total"] == 1
    check_log(backend)


def test_the_first_fact_is_known_before_it_is_written(tallies: Tallies) -> None:
    """Two different documents under one number at the same moment: the second is a conflict, not a defect."""
    first, second, third = in_one_group(
        tallies, [Open(tally="a", label="x"), Open(tally="a", label="y"), Open(tally="a", label="x")]
    )
    assert (first.status, second.status, third.status) == (201, 409, 200)


def test_nothing_overtakes_what_could_not_be_stored(tallies: Tallies, backend: Settings) -> None:
    """Of commands that belong in an order none is stored behind a failed one; others, and what is handed in anew, are."""
    tallies.handle(Open(tally="a"), asking())

    def away(_: Work) -> Answer:
        raise LogUnavailable("storage", "away")

    page = InOrder()
    gate = Gate(tallies)
    first = tallies.submit(Add(tally="a", amount=1), asking(), page)
    second = tallies.writer.submit(away, asking(), in_order=page)
    in_the_group = tallies.submit(Add(tally="a", amount=10), asking(), page)
    another = tallies.submit(Add(tally="a", amount=100), asking(), InOrder())
    gate.open()
    outcomes = [outcome(future) for future in (first, second, in_the_group, another)]
    later = outcome(tallies.submit(Add(tally="a", amount=1_000), asking(), page))
    assert (outcomes[0].status, outcomes[3].body["total"]) == (200, 101)
    assert [getattr(one, "code", None) for one in (outcomes[1], outcomes[2], later)] == ["storage", "behind", "behind"]
    assert tallies.handle(Add(tally="a"), asking()).body["total"] == 102
    check_log(backend)


def test_answers_come_after_the_commit(tallies: Tallies, backend: Settings) -> None:
    """At the moment of each answer another connection finds the facts and the key."""
    seen: list[tuple[int, int, bool]] = []
    gate = Gate(tallies)
    for number in range(20):
        context = asking(key=f"k{number}")
        future = tallies.submit(Open(tally=str(number)), context)

        def look(done: Future[Answer], key: str = str(context.key)) -> None:
            position = select(backend, "tallies", "SELECT max(position) FROM {log}event")[0][0]
            seen.append((done.result().position, position, key in keys(backend)))

        future.add_done_callback(look)
    gate.open()
    tallies.close()
    assert len(seen) == 20
    assert all(0 < answered <= committed and kept for answered, committed, kept in seen)


def test_nothing_is_visible_while_a_group_is_open(tallies: Tallies, backend: Settings) -> None:
    """Sabotage of the test above: what would be answered before the commit is not there."""
    with tallies.store.begin() as tx:
        assert facts(backend) == []
        assert tx.position == 0


def test_waiters_of_an_event_loop_are_answered(tallies: Tallies) -> None:
    async def ask() -> list[Answer]:
        asked = [tallies.submit_async(Open(tally=str(n)), asking()) for n in range(50)]
        given_up = tallies.submit_async(Open(tally="given-up"), asking())
        given_up.cancel()
        return await asyncio.gather(*asked)

    assert [answer.status for answer in asyncio.run(ask())] == [201] * 50
    assert tallies.handle(Open(tally="given-up"), asking()).status == 200, "a caller who left takes nothing back"


def test_a_loop_that_closed_does_not_stop_the_writer(tallies: Tallies) -> None:
    gate = Gate(tallies)

    async def ask() -> None:
        tallies.submit_async(Open(tally="a"), asking())

    asyncio.run(ask())
    gate.open()
    assert tallies.handle(Open(tally="b"), asking()).status == 201


def test_a_future_cannot_be_taken_back(tallies: Tallies) -> None:
    gate = Gate(tallies)
    future = tallies.submit(Open(tally="a"), asking())
    assert not future.cancel()
    gate.open()
    assert future.result(10).status == 201


def test_a_broken_doorbell_takes_nothing_back(tallies: Tallies, backend: Settings) -> None:
    def broken(_: int) -> None:
        raise RuntimeError("bell")

    heard: list[int] = []
    tallies.writer.on_commit(broken)
    tallies.writer.on_commit(heard.append)
    assert [o.status for o in in_one_group(tallies, [Open(tally="a"), Open(tally="b")])] == [201, 201]
    tallies.handle(Add(tally="a"), asking())
    tallies.close()
    assert heard[-1] == 3
    assert len(check_log(backend)) == 3


def test_a_full_queue_takes_nothing_and_says_so(backend: Settings) -> None:
    with opened(backend) as application:
        writer = GroupWriter(application.store, application.form, lambda r: refusal_answer(r), waiting=3)
        # not started: what is queued stays queued
        for _ in range(3):
            writer.submit(lambda _: Answer(200), asking())
        with pytest.raises(LogUnavailable, match="3 commands are waiting") as full:
            writer.submit(lambda _: Answer(200), asking())
        assert full.value.code == "overloaded"
        writer.start()
        writer.close()
        assert writer.commands == 3


def test_close_answers_everything_that_waits(backend: Settings) -> None:
    """Many threads hand in while the log closes: each gets its answer or a clear no, and none waits for ever."""
    with opened(backend) as application:
        results: list[str] = []
        gate = Gate(application)
        begun = threading.Barrier(17)

        def work(thread: int) -> None:
            begun.wait()
            for number in range(200):
                try:
                    results.append(str(application.submit(Open(tally=f"{thread}-{number}"), asking()).result(20).status))
                except LogUnavailable as error:
                    results.append(error.code)
                    return

        threads = [threading.Thread(target=work, args=(n,)) for n in range(16)]
        for thread in threads:
            thread.start()
        begun.wait()
        gate.open()
        while application.writer.commands < 100:
            pass
        application.close()
        for thread in threads:
            thread.join(20)
            assert not thread.is_alive()
    assert set(results) <= {"201", "closing"}
    assert len(check_log(backend)) == results.count("201")
    application.close()


def test_a_refusal_reads_as_it_was_raised(tallies: Tallies) -> None:
    answer = tallies.handle(Add(tally="none"), asking())
    assert answer.status == 404
    assert answer.body["detail"] == "There is no tally none; check the number or record it first."
    assert Refused.__name__ not in answer.text
