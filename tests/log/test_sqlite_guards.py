"""SQLite: one process a file, full synchronisation, a locked file, a full disk; reads go on and no repair is needed."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.command import Answer
from services.event_log.contract import LogUnavailable
from services.event_log.sqlite import SqliteLog, check_durability
from services.event_log.work import Work
from services.settings import Settings
from tests.conftest import asking, settings_for
from tests.log.reader import check_log
from tests.log.tally import Add, Gate, Open, Tallies, Tally, opened

ROOT = Path(__file__).parents[2]

SECOND = """
import sys
from pathlib import Path
from services.event_log.contract import LogUnavailable
from services.event_log.sqlite import SqliteLog
try:
    SqliteLog("tallies", Path(sys.argv[1])).close()
except LogUnavailable as error:
    sys.exit(f"{error.code}: {error}")
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path / "data", None)


@pytest.fixture
def tallies(settings: Settings) -> Iterator[Tallies]:
    with opened(settings) as application:
        yield application


def second_process(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", SECOND, str(path)], cwd=ROOT, capture_output=True, text=True)


def test_a_second_process_is_refused_with_a_sentence(tallies: Tallies, settings: Settings) -> None:
    path = settings.data / "tallies.events.sqlite"
    second = second_process(path)
    assert second.returncode == 1
    assert second.stderr.strip() == (
        "in_use: tallies.events.sqlite is held by another o2c process; stop it, or send the command to it over REST"
    )
    tallies.close()
    assert second_process(path).returncode == 0


def test_closing_twice_gives_back_only_its_own_lease(settings: Settings) -> None:
    """The number of a closed file is soon another file's: closing again must not close that one."""
    first = SqliteLog("tallies", settings.data / "tallies.events.sqlite")
    first.close()
    second = SqliteLog("tallies", settings.data / "tallies.events.sqlite")
    first.close()
    with pytest.raises(LogUnavailable, match="held by another o2c process"):
        SqliteLog("tallies", settings.data / "tallies.events.sqlite")
    second.close()


def test_the_writer_synchronises_fully(tallies: Tallies) -> None:
    with tallies.store.begin() as tx:
        connection = tx._connection
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert tallies.store.durability() == "full"


@pytest.mark.parametrize("level", ["OFF", "NORMAL"])
def test_a_weaker_writer_is_refused(tmp_path: Path, level: str) -> None:
    connection = sqlite3.connect(tmp_path / "weak.sqlite")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(f"PRAGMA synchronous={level}")
    with pytest.raises(LogUnavailable, match="refused synchronous=FULL"):
        check_durability(connection, "weak.sqlite")
    connection.execute("PRAGMA synchronous=FULL")
    check_durability(connection, "weak.sqlite")
    connection.execute("PRAGMA journal_mode=DELETE")
    with pytest.raises(LogUnavailable, match="no write-ahead log here"):
        check_durability(connection, "weak.sqlite")
    connection.close()


def test_a_log_that_is_not_open_for_writing_writes_nothing(tallies: Tallies, settings: Settings) -> None:
    reader = SqliteLog("tallies", settings.data / "tallies.events.sqlite", writable=False)
    tallies.handle(Open(tally="a"), asking())
    assert reader.last_position() == 1
    with pytest.raises(LogUnavailable, match="not open for writing"), reader.begin():
        pass
    reader.close()


def test_a_locked_file_is_said_and_got_over(tallies: Tallies, settings: Settings) -> None:
    tallies.handle(Open(tally="a"), asking())
    foreign = sqlite3.connect(settings.data / "tallies.events.sqlite", isolation_level=None)
    foreign.execute("BEGIN IMMEDIATE")
    with pytest.raises(LogUnavailable, match="locked by another program; nothing was stored") as locked:
        tallies.handle(Add(tally="a"), asking())
    assert locked.value.code == "locked"
    assert tallies.look(Tally, Tally.stream("a")) is not None, "reads go on"
    foreign.execute("ROLLBACK")
    foreign.close()
    assert tallies.handle(Add(tally="a"), asking()).body["total"] == 1
    check_log(settings)


def test_readers_come_and_go_without_leaving_files_open(tallies: Tallies) -> None:
    """Web servers start and end threads all day; each reads, and none keeps a connection."""
    tallies.handle(Open(tally="a"), asking())

    def read() -> None:
        assert tallies.store.last_position() == 1

    def open_files() -> int:
        return len(os.listdir("/proc/self/fd"))

    read()
    before = open_files()
    for _ in range(100):
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    assert open_files() <= before + 3


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("only root can mount a small disk; the test with a limit on file sizes covers the rest")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(tallies: Tallies, note: str = "x" * 20_000) -> tuple[int, LogUnavailable]:
    """Add until it is refused; how often it was acknowledged, and the refusal."""
    for acknowledged in range(100_000):
        try:
            tallies.handle(Add(tally="a", note=note), asking(key=f"k{acknowledged}"))
        except LogUnavailable as error:
            return acknowledged, error
    raise AssertionError("the disk never filled")


def test_a_full_disk(tmp_path: Path) -> None:
    """Nothing is acknowledged that is not stored; reads go on; with room again it goes on by itself, unrepaired."""
    with small_disk(tmp_path / "disk", "12m") as disk:
        settings = settings_for(disk, None)
        ballast = disk / "ballast"
        ballast.write_bytes(b"\0" * 4_000_000)
        with opened(settings) as tallies:
            tallies.handle(Open(tally="a"), asking())
            acknowledged, refused = fill(tallies)
            assert (refused.code, str(refused)) == (
                "storage_full", "the disk of the tallies log is full; nothing was stored"
            )
            assert acknowledged > 50
            with pytest.raises(LogUnavailable):
                tallies.handle(Add(tally="a", note="x" * 20_000), asking())
            tally = tallies.look(Tally, Tally.stream("a"))
            assert tally is not None and tally.state.total == acknowledged
            ballast.unlink()
            again = tallies.handle(Add(tally="a", note="y"), asking(key=f"k{acknowledged}"))
            assert (again.body["total"], again.replayed) == (acknowledged + 1, False)
            assert len(check_log(settings)) == acknowledged + 2
        with sqlite3.connect(disk / "tallies.events.sqlite") as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()


LIMITED = """
import resource, sys
from pathlib import Path
from services.event_log.contract import LogUnavailable
from tests.conftest import asking, settings_for
from tests.log.reader import check_log
from tests.log.tally import Add, Open, Tally, opened
settings = settings_for(Path(sys.argv[1]), None)
with opened(settings) as tallies:
    tallies.handle(Open(tally="a"), asking())
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))
    from tests.log.test_sqlite_guards import fill
    acknowledged, refused = fill(tallies)
    assert tallies.look(Tally, Tally.stream("a")).state.total == acknowledged
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert tallies.handle(Add(tally="a"), asking()).body["total"] == acknowledged + 1
    assert len(check_log(settings)) == acknowledged + 2
    print(refused.code, acknowledged > 10)
"""


def test_a_limit_on_file_sizes(tmp_path: Path) -> None:
    """The same without root: the log's file may not grow, then it may again."""
    assert resource.RLIM_INFINITY
    run = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr[-2_000:]
    assert run.stdout.splitlines()[-1] == "storage_full True"


def test_a_file_that_fails_while_a_command_decides(settings: Settings) -> None:
    """The command is not to blame: it and its neighbours are told to ask again, and nothing is stored."""
    def decide(work: Work) -> Answer:
        connection = work._tx._connection  # type: ignore[attr-defined]
        connection.set_progress_handler(lambda: 1, 1)  # every statement ends with an OperationalError
        try:
            work.exists("tally/asked-of-the-log")
        finally:
            connection.set_progress_handler(None, 1)
        raise AssertionError("the file answered")

    with opened(settings) as tallies:
        tallies.handle(Open(tally="a"), asking())
        gate = Gate(tallies)
        asked = [tallies.submit(Add(tally="a"), asking()), tallies.writer.submit(decide, asking())]
        gate.open()
        assert [type(future.exception(10)) for future in asked] == [LogUnavailable, LogUnavailable]
        assert tallies.handle(Add(tally="a"), asking()).body["total"] == 1
        assert len(check_log(settings)) == 2
