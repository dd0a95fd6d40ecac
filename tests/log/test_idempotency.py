"""Keys: a repeated command has one effect and the same answer; the key lives and dies with the facts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest

from services.command import Answer, Expected, KeyReused, StaleVersion
from services.event_log.contract import AnswerRow, Append
from services.event_log.work import Work
from services.settings import Settings
from tests.conftest import asking
from tests.log.reader import check_log, facts, keys
from tests.log.tally import Add, AddAndRaise, Open, OpenRaw, Tallies, Tally, in_one_group, opened, outcome


def test_the_same_key_again_gets_the_first_answer(tallies: Tallies, backend: Settings) -> None:
    tallies.handle(Open(tally="a"), asking())
    context = asking(key="k")
    first = tallies.handle(Add(tally="a"), context)
    tallies.handle(Add(tally="a"), asking())
    again = tallies.handle(Add(tally="a"), replace(context, command_id="another"))
    assert (again.status, again.text, again.position, again.replayed) == (200, first.text, first.position, True)
    assert not first.replayed
    assert len(check_log(backend)) == 3


def test_a_key_outlives_the_process(tallies: Tallies, backend: Settings) -> None:
    context = asking(key="k")
    first = tallies.handle(Open(tally="a"), context)
    tallies.close()
    with opened(backend) as again:
        answer = again.handle(Open(tally="a"), context)
        assert (answer.status, answer.text, answer.replayed) == (201, first.text, True)


def test_sixteen_callers_with_one_key_have_one_effect(tallies: Tallies, backend: Settings) -> None:
    tallies.handle(Open(tally="a"), asking())
    for round_ in range(25):
        context = asking(key=f"k{round_}")
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _: tallies.handle(Add(tally="a"), context), range(16)))
        assert len({(a.text, a.position) for a in answers}) == 1
        assert sum(not a.replayed for a in answers) == 1
    assert len(check_log(backend)) == 1 + 25


def test_the_same_key_twice_in_one_group(tallies: Tallies, backend: Settings) -> None:
    context = asking(key="k")
    first, second, other = in_one_group(tallies, [
        (Open(tally="a"), context), (Open(tally="a"), context), (Open(tally="b"), replace(context, fingerprint="x")),
    ])
    assert (first.text, first.position) == (second.text, second.position) and second.replayed
    assert isinstance(other, KeyReused)
    assert len(check_log(backend)) == 1


def test_a_key_with_another_body_is_refused_naming_it(tallies: Tallies, backend: Settings) -> None:
    context = asking(key="k")
    tallies.handle(Open(tally="a"), context)
    with pytest.raises(KeyReused, match="the key k was used before with another request"):
        tallies.handle(Open(tally="b"), replace(context, fingerprint="another body"))
    assert len(facts(backend)) == 1


def test_refusals_are_kept_and_defects_and_stale_versions_are_not(tallies: Tallies, backend: Settings) -> None:
    tallies.handle(Open(tally="a", limit=0), asking())
    refused = asking(key="refused")
    first = tallies.handle(Add(tally="a"), refused)
    assert first.status == 422
    again = tallies.handle(Add(tally="a"), refused)
    assert (again.status, again.text, again.replayed) == (422, first.text, True)
    tallies.handle(Open(tally="b"), asking())
    assert isinstance(outcome(tallies.submit(AddAndRaise(tally="b"), asking(key="defect"))), RuntimeError)
    stale = asking(key="stale", expected=Expected(Tally.stream("a"), 7))
    with pytest.raises(StaleVersion):
        tallies.handle(Add(tally="a"), stale)
    tallies.writer.submit(lambda _: Answer(503, {}), asking(key="503")).result(10)
    assert {key: status for key, (status, _) in keys(backend).items()} == {"clerk:refused": 422}


def test_a_key_is_gone_with_the_transaction_it_was_in(tallies: Tallies, backend: Settings) -> None:
    """The row of the command is refused by the database: neither its facts nor its key stay, and it may come again."""
    context = asking(key="k")
    bad = OpenRaw.model_construct(stream="tally/\ud800")
    good, refused = in_one_group(tallies, [(Open(tally="a"), asking(key="good")), (bad, context)])
    assert good.status == 201 and isinstance(refused, Exception)
    assert set(keys(backend)) == {"clerk:good"}
    assert tallies.handle(Open(tally="b"), context).status == 201


def test_a_rollback_leaves_neither_facts_nor_keys(tallies: Tallies, backend: Settings) -> None:
    tallies.handle(Open(tally="a"), asking(key="first"))
    row = AnswerRow("clerk:lost", "body", 200, "{}", 1, None)
    with pytest.raises(RuntimeError, match="power"), tallies.store.begin() as tx:
        group = Append.empty()
        group.answers.append(row)
        tx.append(group)
        raise RuntimeError("power cut before the commit")
    assert set(keys(backend)) == {"clerk:first"}


def test_if_match(tallies: Tallies) -> None:
    tallies.handle(Open(tally="a"), asking())

    def add(version: int | None) -> Answer:
        return tallies.handle(Add(tally="a"), asking(expected=Expected(Tally.stream("a"), version)))

    assert add(1).status == 200
    with pytest.raises(StaleVersion, match="tally/a is at version 2, the request was made for version 1"):
        add(1)
    assert add(None).status == 200
    assert add(3).status == 200


def test_if_match_is_judged_at_the_command_s_turn(tallies: Tallies) -> None:
    """Two who saw the same version, in one group: the second is told."""
    tallies.handle(Open(tally="a"), asking())
    expected = Expected(Tally.stream("a"), 1)
    first, second = in_one_group(tallies, [(Add(tally="a"), asking(expected=expected)) for _ in range(2)])
    assert first.status == 200
    assert isinstance(second, StaleVersion) and second.actual == 2


def test_expired_keys_are_forgotten_while_commands_run(tallies: Tallies, backend: Settings) -> None:
    """Keys of policies have no end; forgetting never meets a group half-way."""
    tallies.handle(Open(tally="old"), asking(key="old", kept_until=date(2026, 1, 1)))
    tallies.handle(Open(tally="new"), asking(key="new", kept_until=date(2026, 3, 1)))
    tallies.handle(Open(tally="ever"), asking(key="ever"))
    futures = [tallies.submit(Open(tally=f"t{n}"), asking()) for n in range(300)]
    forgotten = sum(tallies.store.forget_answers(date(2026, 2, 1)) for _ in range(20))
    assert [outcome(f).status for f in futures] == [201] * 300
    assert forgotten == 1
    assert set(keys(backend)) == {"clerk:new", "clerk:ever"}
    assert len(check_log(backend)) == 303


def test_attachments_are_kept_with_their_facts(tallies: Tallies) -> None:
    digests: list[str] = []

    def attach(work: Work) -> Answer:
        digests.append(work.attach(b"\x00ISA*00*"))
        work.add(Tally.open(f"with-{len(digests)}", ""))
        if len(digests) > 1:
            raise RuntimeError("a defect")
        return Answer(200)

    tallies.writer.submit(attach, asking()).result(10)
    assert tallies.store.attachment(digests[0]) == b"\x00ISA*00*"
    assert tallies.store.attachment("0" * 64) is None
