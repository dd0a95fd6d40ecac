"""Seals follow the log off its path: blocks, restarts, several instances, anchors, keys, and the tree itself."""

from __future__ import annotations

import hashlib
import json
import stat
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.event_log.contract import LogUnavailable
from services.event_log.seals import seals_of
from services.sealing import merkle
from services.sealing.anchors import AnchorFile
from services.sealing.keys import KeyUnusable, key_in, public_keys
from services.sealing.sealer import LogBroken
from services.settings import Settings
from tests.conftest import asking, settings_for
from tests.log.reader import select
from tests.log.sealed import add, audit, do, fill, seal_full_blocks, sealer_of
from tests.log.tally import Open, Tallies, opened

# The tree: the reference tests of Certificate Transparency (RFC 6962)

LEAVES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")]  # fmt: skip
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


@pytest.mark.parametrize("count", range(1, 9))
def test_the_roots_of_the_reference_tests(count: int) -> None:
    assert merkle.root([merkle.leaf_hash(data) for data in LEAVES[:count]]).hex() == ROOTS[count - 1]
    assert merkle.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def as_the_rfc_says(leaves: list[bytes]) -> bytes:
    """Section 2.1 word for word: the left side is the largest power of two smaller than the number of leaves."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + as_the_rfc_says(leaves[:k]) + as_the_rfc_says(leaves[k:])).digest()


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=70), st.data())
def test_every_leaf_has_a_path_and_no_other_leaf_fits_it(data: list[bytes], drawn: st.DataObject) -> None:
    leaves = [merkle.leaf_hash(one) for one in data]
    root = merkle.root(leaves)
    assert root == as_the_rfc_says(data)
    index = drawn.draw(st.integers(0, len(leaves) - 1))
    path = merkle.path(leaves, index)
    assert merkle.root_of_path(leaves[index], index, len(leaves), path) == root
    assert merkle.root_of_path(merkle.leaf_hash(b"another"), index, len(leaves), path) != root
    assert merkle.root_of_path(leaves[index], index, len(leaves), [*path, root]) is None
    if path:
        assert merkle.root_of_path(leaves[index], index, len(leaves), path[:-1]) is None
    assert merkle.root_of_path(leaves[index], len(leaves), len(leaves), path) is None


# Blocks


def test_a_block_is_closed_when_it_is_full_and_not_before(tallies: Tallies, backend: Settings) -> None:
    sealer = sealer_of(tallies, backend)
    tallies.handle(Open(tally="a"), asking())
    add(tallies, 8)
    assert sealer.seal_next() == 0
    add(tallies, 14)
    assert [sealer.seal_next() for _ in range(3)] == [10, 10, 0]
    assert sealer.sealed == 20 and audit(backend).sealed == 20


def test_what_waits_long_enough_is_sealed_though_the_block_is_not_full(tallies: Tallies, backend: Settings) -> None:
    sealer = sealer_of(tallies, backend, age_s=0.05)
    tallies.handle(Open(tally="a"), asking())
    assert sealer.seal_next() == 0
    time.sleep(0.06)
    assert sealer.seal_next() == 1
    assert sealer.seal_next() == 0, "an empty block is never made"


def test_a_restart_in_the_middle_of_a_block_seals_everything_once(backend: Settings) -> None:
    for turn in range(4):
        with opened(backend) as application:
            application.handle(Open(tally="a"), asking())
            add(application, 7 if turn else 6)
            sealer = sealer_of(application, backend)
            seal_full_blocks(sealer)
            assert sealer.sealed == (turn + 1) * 7 // 10 * 10
    report = audit(backend)
    assert (report.findings, report.last, report.sealed, report.blocks, report.anchors) == ([], 28, 20, 2, 2)


def test_the_sealer_lags_behind_and_catches_up_while_commands_go_on(tallies: Tallies, backend: Settings) -> None:
    tallies.handle(Open(tally="a"), asking())
    add(tallies, 60)
    sealer, stopping = sealer_of(tallies, backend), threading.Event()
    thread = threading.Thread(target=sealer.run, args=(stopping,))
    thread.start()
    add(tallies, 63)
    deadline = time.monotonic() + 20
    while sealer.sealed < 120 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert sealer.sealed == 120 and sealer.failure is None
    stopping.set()
    thread.join(10)
    assert sealer.sealed == 124, "what is left when the process stops is sealed then"
    report = audit(backend)
    assert (report.findings, report.blocks, report.sealed) == ([], 13, 124)


def test_two_instances_seal_one_log_without_a_fork(database: str, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, database)
    with opened(settings) as one, opened(settings) as two:
        one.handle(Open(tally="a"), asking())
        add(one, 99)
        sealers = [sealer_of(one, settings), sealer_of(two, settings), sealer_of(two, settings)]

        def run(sealer: Any) -> int:
            return sum(sealer.seal_next() for _ in range(40))

        with ThreadPoolExecutor(3) as pool:
            assert sum(pool.map(run, sealers)) == 100
    report = audit(settings)
    assert (report.findings, report.notes, report.blocks, report.sealed) == ([], [], 10, 100)


def test_nothing_is_signed_over_a_broken_log(tallies: Tallies, backend: Settings) -> None:
    sealer = sealer_of(tallies, backend)
    tallies.handle(Open(tally="a"), asking())
    add(tallies, 14)
    assert sealer.seal_next() == 10
    do(backend, "DELETE FROM event WHERE position = 12")
    with pytest.raises(LogBroken, match="tallies position 12 is missing"):
        sealer.seal_next(partial=True)
    do(backend, "DELETE FROM event WHERE position > 8", "UPDATE log_head SET position = 8")
    with pytest.raises(LogBroken, match="was sealed up to 10 and ends at 8"):
        sealer.seal_next()


def test_sealing_is_no_part_of_a_command(tallies: Tallies, backend: Settings) -> None:
    """A sealer that fails keeps no command from being stored, says why, and goes on by itself."""
    (backend.keys_folder).mkdir(parents=True, exist_ok=True)
    key = backend.keys_folder / "sealing.key"
    key.write_text("no key")
    key.chmod(0o600)
    sealer, stopping = sealer_of(tallies, backend), threading.Event()
    tallies.handle(Open(tally="a"), asking())
    add(tallies, 12)
    assert sealer._tried() == 0 and isinstance(sealer.failure, KeyUnusable)
    add(tallies, 1)
    key.unlink()
    assert sealer._tried() == 10 and sealer.failure is None
    stopping.set()


def test_a_back_end_that_is_away_is_waited_for(own_postgres: Any, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, own_postgres.get_uri())
    with opened(settings) as application:
        application.handle(Open(tally="a"), asking())
        add(application, 12)
        sealer = sealer_of(application, settings)
        own_postgres.cleanup()
        assert sealer._tried() == 0 and isinstance(sealer.failure, LogUnavailable)


# Anchors and keys


def test_every_block_is_anchored_once(backend: Settings) -> None:
    fill(backend)
    lines = [json.loads(line) for line in backend.anchors_file.read_text().splitlines()]
    assert [(line["log"], line["height"], line["first"], line["last"]) for line in lines] == [
        ("tallies", 1, 1, 10), ("tallies", 2, 11, 20), ("tallies", 3, 21, 30)]  # fmt: skip
    roots = [row[0] for row in select(backend, "tallies", "SELECT root FROM {log}seal ORDER BY height")]
    assert [line["root"] for line in lines] == roots
    assert [line["previous"] for line in lines] == ["0" * 64, lines[0]["hash"], lines[1]["hash"]]


def test_a_block_sealed_just_before_a_crash_is_anchored_afterwards(backend: Settings) -> None:
    """The crash comes between the seal and its anchor, in the middle of a line."""
    fill(backend)
    whole = backend.anchors_file.read_bytes()
    first, second, _ = whole.splitlines(keepends=True)
    for left, line in ((first + second, 3), (first, 2), (first + second[:50], 3)):
        backend.anchors_file.write_bytes(left)
        with opened(backend) as application:
            assert sealer_of(application, backend).seal_next() == 0
        anchors, unreadable = AnchorFile(backend.anchors_file).read()
        assert [anchor.block.height for anchor in anchors] == [1, 2, 3]
        assert unreadable == ([2] if line == 3 and left.endswith(second[:50]) else [])


def test_of_a_new_file_of_anchors_the_newest_block_stands_for_all(backend: Settings) -> None:
    fill(backend)
    backend.anchors_file.unlink()
    with opened(backend) as application:
        sealer_of(application, backend).seal_next()
    assert [anchor.block.height for anchor in AnchorFile(backend.anchors_file).read()[0]] == [3]


def test_a_disk_that_takes_no_anchor_is_made_good(tallies: Tallies, backend: Settings) -> None:
    sealer = sealer_of(tallies, backend)
    tallies.handle(Open(tally="a"), asking())
    add(tallies, 24)
    backend.anchors_file.mkdir(parents=True)
    with pytest.raises(OSError, match="anchors"):
        sealer.seal_next()
    backend.anchors_file.rmdir()
    seal_full_blocks(sealer)
    assert [anchor.block.height for anchor in AnchorFile(backend.anchors_file).read()[0]] == [1, 2]


def test_the_key_is_kept_private(tmp_path: Path) -> None:
    key = key_in(tmp_path)
    path = tmp_path / "sealing.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and [p.name for p in tmp_path.iterdir()] == ["sealing.key"]
    assert key_in(tmp_path).public == key.public and public_keys(path) == {key.public}
    path.chmod(0o640)
    with pytest.raises(KeyUnusable, match=r"may be read by others \(mode 640\)"):
        key_in(tmp_path)
    given = tmp_path / "published"
    given.write_text(f"o2c of Acme: {key.public}\n")
    assert public_keys(given) == {key.public}
    given.write_text("none")
    with pytest.raises(KeyUnusable, match="no Ed25519 key"):
        public_keys(given)


def test_who_comes_together_finds_one_key(tmp_path: Path) -> None:
    """The sealers of a process start at once; the first bytes of two keys must never mix."""
    for turn in range(20):
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda _: key_in(tmp_path / str(turn)).public, range(8)))
        assert len(set(found)) == 1 and [p.name for p in (tmp_path / str(turn)).iterdir()] == ["sealing.key"]


def test_the_store_of_seals_takes_the_next_block_only(tallies: Tallies, backend: Settings) -> None:
    sealer, seals = sealer_of(tallies, backend), seals_of(tallies.store)
    tallies.handle(Open(tally="a"), asking())
    assert seals.last() is None and seals.after(0, 5) == [] and seals.covering(1) is None, "nothing is there yet"
    add(tallies, 14)
    sealer.seal_next()
    row = seals.last()
    assert row is not None and seals.covering(10) == row and seals.covering(11) is None
    assert not seals.append(row), "the same block again"
    assert not seals.append(row._replace(height=3, first=11, last=12)), "a height left out"
    assert not seals.append(row._replace(height=2, first=12, last=12)), "a position left out"
    assert not seals.append(row._replace(height=2, first=11, last=12, generation=9)), "of another generation"
    assert seals.append(row._replace(height=2, first=11, last=12))
