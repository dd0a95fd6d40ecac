"""Several instances write one PostgreSQL log: gapless, no version twice, and no instance trusts an old cache."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.event_log.contract import LogUnavailable
from services.settings import Settings
from tests.conftest import asking, settings_for
from tests.log.reader import check_log
from tests.log.tally import Add, Open, Read, Tallies, opened

ROOT = Path(__file__).parents[2]


@pytest.fixture
def postgres(database: str, tmp_path: Path) -> Settings:
    return settings_for(tmp_path, database)


def test_each_instance_sees_what_the_other_stored(postgres: Settings) -> None:
    with opened(postgres) as one, opened(postgres) as two:
        one.handle(Open(tally="a", limit=9), asking())
        for turn in range(8):
            writer = (one, two)[turn % 2]
            assert writer.handle(Add(tally="a"), asking()).body["total"] == turn + 1
        assert one.handle(Read(tally="a"), asking()).body["total"] == 8
        assert one.handle(Add(tally="a"), asking()).status == 200
        assert two.handle(Add(tally="a"), asking()).status == 422, "the limit is judged on what the other stored"
    check_log(postgres)


def test_absence_is_not_remembered(postgres: Settings) -> None:
    with opened(postgres) as one, opened(postgres) as two:
        assert one.handle(Add(tally="a"), asking()).status == 404
        two.handle(Open(tally="a"), asking())
        assert one.handle(Add(tally="a"), asking()).status == 200


def test_a_key_is_known_to_every_instance(postgres: Settings) -> None:
    with opened(postgres) as one, opened(postgres) as two:
        one.handle(Open(tally="a"), asking())
        for round_ in range(20):
            context = asking(key=f"k{round_}")
            with ThreadPoolExecutor(8) as pool:
                answers = list(pool.map(lambda n: (one, two)[n % 2].handle(Add(tally="a"), context), range(8)))
            assert len({answer.text for answer in answers}) == 1
    assert len(check_log(postgres)) == 21


def test_two_instances_under_load(postgres: Settings) -> None:
    with opened(postgres) as one, opened(postgres) as two:
        one.handle(Open(tally="shared", limit=100), asking())

        def work(thread: int) -> int:
            mine = (one, two)[thread % 2]
            mine.handle(Open(tally=f"own-{thread}"), asking())
            taken = 0
            for _ in range(15):
                mine.handle(Add(tally=f"own-{thread}"), asking())
                taken += mine.handle(Add(tally="shared"), asking()).status == 200
            return taken

        with ThreadPoolExecutor(16) as pool:
            taken = sum(pool.map(work, range(16)))
        assert taken == 100, "neither more than the limit nor less than was asked for"
        assert one.handle(Read(tally="shared"), asking()).body["total"] == 100
    assert len(check_log(postgres)) == 1 + 100 + 16 * 16


WRITER = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tests.conftest import asking, settings_for
from tests.log.tally import Add, Open, opened
name, database, folder = sys.argv[1:]
with opened(settings_for(Path(folder), database)) as tallies:
    def work(thread):
        tallies.handle(Open(tally="shared"), asking())
        return [tallies.handle(Add(tally="shared"), asking()).body["total"] for _ in range(25)]
    with ThreadPoolExecutor(4) as pool:
        print(json.dumps([total for totals in pool.map(work, range(4)) for total in totals]))
"""


def test_three_processes_starting_together(postgres: Settings) -> None:
    """On an empty database at the same moment: all start, and every total is given out once."""
    command = [sys.executable, "-c", WRITER]
    begun = [
        subprocess.Popen([*command, str(n), str(postgres.database), str(postgres.data)], cwd=ROOT, stdout=subprocess.PIPE)
        for n in range(3)
    ]
    written = [process.communicate(timeout=60)[0] for process in begun]
    assert [process.returncode for process in begun] == [0, 0, 0]
    totals = [total for text in written for total in json.loads(text.splitlines()[-1])]
    assert sorted(totals) == list(range(1, 301))
    assert len(check_log(postgres)) == 301


def test_a_foreign_lock_is_waited_for_and_then_refused(postgres: Settings) -> None:
    """Somebody holds the log's row: the command is told after the lock timeout, and the next one succeeds."""
    with opened(postgres) as one, opened(postgres) as other:
        with other.store.begin() as held:
            assert held.position == 0
            with pytest.raises(LogUnavailable, match="locked by another program; nothing was stored") as locked:
                one.handle(Open(tally="a"), asking())
            assert locked.value.code == "locked"
        assert one.handle(Open(tally="a"), asking()).status == 201
    check_log(postgres)


def test_a_log_of_another_generation_clears_the_cache(postgres: Settings) -> None:
    """A restore raises the generation while the position may be the same."""
    with opened(postgres) as one:
        one.handle(Open(tally="a"), asking())
        with one.store.begin() as tx:
            connection = tx._connection  # type: ignore[attr-defined]
            connection.execute("UPDATE log_head SET generation = 2")
            connection.execute("UPDATE head SET state = '{\"label\":\"\",\"limit\":1,\"total\":1,\"notes\":[]}'")
        assert one.handle(Add(tally="a"), asking()).status == 422
        assert isinstance(one, Tallies)
