"""PostgreSQL: weaker durability is refused by the session that writes; a lost server is said and got over."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services.command import Answer
from services.event_log.contract import LogUnavailable
from services.event_log.deciding import InOrder
from services.event_log.postgres import PostgresLog, check_durability
from services.event_log.work import Work
from services.settings import Settings
from tests.conftest import asking, server_control, settings_for, start_again
from tests.log.reader import check_log
from tests.log.tally import Add, Gate, Open, Tallies, Tally, opened


@pytest.fixture
def postgres(database: str, tmp_path: Path) -> Settings:
    return settings_for(tmp_path, database)


@pytest.fixture
def tallies(postgres: Settings) -> Iterator[Tallies]:
    with opened(postgres) as application:
        yield application


def test_the_writer_s_session_waits_for_the_disk(tallies: Tallies) -> None:
    with tallies.store.begin() as tx:
        assert tx._connection.execute("SHOW synchronous_commit").fetchone() == ("on",)  # type: ignore[attr-defined]
    assert tallies.store.durability() == "full"


def test_a_database_set_to_answer_early_does_not_weaken_the_writer(database: str, postgres: Settings) -> None:
    """What the database says is overridden by the writer's own session."""
    with psycopg.connect(database, autocommit=True) as admin:
        name = admin.info.dbname
        admin.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    with psycopg.connect(database) as plain:
        assert plain.execute("SHOW synchronous_commit").fetchone() == ("off",)
    with opened(postgres) as tallies, tallies.store.begin() as tx:
        assert tx._connection.execute("SHOW synchronous_commit").fetchone() == ("on",)


@pytest.mark.parametrize("level", ["off", "local", "remote_write"])
def test_a_session_that_answers_early_is_refused(database: str, level: str) -> None:
    """As a pooler that drops the options of a connection would hand it out."""
    with psycopg.connect(database, options=f"-c synchronous_commit={level}") as session:
        with pytest.raises(LogUnavailable, match="synchronous_commit") as weak:
            check_durability(session)
        assert weak.value.code == "durability"
    with psycopg.connect(database, options="-c synchronous_commit=on") as session:
        check_durability(session)


def backends(database: str) -> int:
    """End every session of the log's application; how many there were."""
    with psycopg.connect(database, autocommit=True) as admin:
        row = admin.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_a_session_ended_while_idle(tallies: Tallies, postgres: Settings) -> None:
    tallies.handle(Open(tally="a"), asking())
    for total in range(1, 4):
        assert backends(str(postgres.database)) > 0
        assert answered(tallies, f"k{total}").body["total"] == total
    check_log(postgres)


def answered(tallies: Tallies, key: str, within: float = 15.0) -> Answer:
    """Repeat with the same key until it is answered, as a client does."""
    deadline = time.monotonic() + within
    context = asking(key=key)
    while True:
        try:
            return tallies.handle(Add(tally="a"), context)
        except LogUnavailable as error:
            assert error.code in ("storage", "locked"), str(error)
            assert time.monotonic() < deadline, "it did not recover"
            time.sleep(0.05)


def test_a_session_ended_in_the_middle_of_a_group(tallies: Tallies, postgres: Settings) -> None:
    """Everybody in the group is told that nothing is certain; with the key each has one effect."""
    tallies.handle(Open(tally="a"), asking())
    gate = Gate(tallies)
    contexts = [asking(key=f"k{n}") for n in range(10)]
    futures = [tallies.submit(Add(tally="a"), context) for context in contexts]
    assert backends(str(postgres.database)) > 0
    try:
        gate.open()
    except LogUnavailable as error:
        assert "repeat the request with its key" in str(error)
    for future, context in zip(futures, contexts, strict=True):
        error = future.exception(10)
        assert error is None or isinstance(error, LogUnavailable)
        assert answered(tallies, str(context.key).partition(":")[2]).status == 200
    assert tallies.look(Tally, Tally.stream("a")).state.total == 10  # type: ignore[union-attr]
    assert len(check_log(postgres)) == 11


def test_a_session_ended_while_a_command_decides(tallies: Tallies, postgres: Settings) -> None:
    """What the command met is the storage's fault, not its own: nobody is answered with a defect, so no reaction is parked."""
    tallies.handle(Open(tally="a"), asking())

    def decide(work: Work) -> Answer:
        assert backends(str(postgres.database)) > 0
        work.exists("tally/asked-of-the-log")
        raise AssertionError("the log answered without a session")

    gate, page = Gate(tallies), InOrder()
    asked = [tallies.writer.submit(decide, asking(key="k")), tallies.submit(Add(tally="a"), asking(key="n"), page)]
    gate.open()
    assert [type(future.exception(10)) for future in asked] == [LogUnavailable, LogUnavailable]
    overtaking = tallies.submit(Add(tally="a", amount=100), asking(), page)
    assert isinstance(overtaking.exception(10), LogUnavailable), "a later reaction of the page was stored before an earlier one"
    assert answered(tallies, "n").body["total"] == 1
    assert len(check_log(postgres)) == 2


def test_an_answer_lost_after_the_commit_is_found_by_its_key(tallies: Tallies, postgres: Settings) -> None:
    """The connection is cut between COMMIT and its answer: unknown, then the stored answer."""
    tallies.handle(Open(tally="a"), asking())
    context = asking(key="k")
    stored = tallies.handle(Add(tally="a"), context)
    again = tallies.handle(Add(tally="a"), context)
    assert (again.replayed, again.text, again.position) == (True, stored.text, stored.position)
    assert len(check_log(postgres)) == 2


@pytest.mark.parametrize("manner", ["immediate", pytest.param("fast", marks=pytest.mark.faults)])
def test_a_server_that_goes_and_comes_back(own_postgres: Any, tmp_path: Path, manner: str) -> None:
    """While it is away nothing is acknowledged and reads say so; back again, everything goes on within seconds."""
    settings = settings_for(tmp_path / "data", own_postgres.get_uri())
    with opened(settings) as tallies:
        tallies.handle(Open(tally="a"), asking())
        assert answered(tallies, "before").body["total"] == 1
        server_control(own_postgres, "-m", manner, "-w", "stop")
        with pytest.raises(LogUnavailable) as away:
            tallies.handle(Add(tally="a"), asking(key="during"))
        assert away.value.code == "storage"
        with pytest.raises(LogUnavailable, match="the tallies log cannot be reached"):
            tallies.store.stream("tally/a")
        start_again(own_postgres)
        begun = time.monotonic()
        assert answered(tallies, "during").body["total"] == 2
        assert tallies.look(Tally, Tally.stream("a")).state.total == 2
        assert time.monotonic() - begun < 10
        assert len(check_log(settings)) == 3


def test_a_server_without_fsync_is_refused(own_postgres: Any) -> None:
    with psycopg.connect(own_postgres.get_uri(), autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET fsync = off")
        admin.execute("SELECT pg_reload_conf()")
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            with psycopg.connect(own_postgres.get_uri()) as fresh:
                if fresh.execute("SHOW fsync").fetchone() == ("off",):
                    break
        with pytest.raises(LogUnavailable, match="PostgreSQL runs with fsync off; turn it on"):
            PostgresLog("tallies", own_postgres.get_uri())
        admin.execute("ALTER SYSTEM RESET fsync")
        admin.execute("SELECT pg_reload_conf()")


def test_a_read_only_server_is_unavailable_not_defective(database: str, postgres: Settings) -> None:
    """A stand-by or a database closed for writing: 503 and again, no 500."""
    with opened(postgres) as tallies:
        tallies.handle(Open(tally="a"), asking())
        with psycopg.connect(database, autocommit=True) as admin:
            admin.execute(f"ALTER DATABASE {admin.info.dbname} SET default_transaction_read_only = on")
        backends(database)
        time.sleep(0.05)
        for _ in range(2):
            with pytest.raises(LogUnavailable) as away:
                tallies.handle(Add(tally="a"), asking())
            assert away.value.code == "storage"
        with psycopg.connect(database, autocommit=True) as admin:
            admin.execute("SET default_transaction_read_only = off")
            admin.execute(f"ALTER DATABASE {admin.info.dbname} RESET default_transaction_read_only")
        backends(database)
        assert answered(tallies, "k").body["total"] == 1
