"""Whoever can write the database is found out: each kind of tampering is planted by SQL and named at its first position.

The log has 35 events, the first 30 sealed in blocks of ten (tests/log/sealed.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.event_log.seals import seals_of
from services.sealing.anchors import AnchorFile
from services.sealing.block import block_of
from services.sealing.keys import key_in
from services.settings import Settings
from tests.conftest import fresh_database, settings_for
from tests.log.sealed import ALL, SEALED, add, audit, do, fill, first, opened, reading, seal_full_blocks, sealer_of

COLUMNS = ("stream", "version", "type", "data", "decided_at", "recorded_at", "actor", "command_id", "causation", "correlation")
FOREIGN = "'tally/z', {v}, 'tally.added/1', '{{}}', 'x', 'x', 'x', 'x', NULL, 'x'"


def insert(position: int, version: int = 1) -> str:
    return f"INSERT INTO event VALUES ({position}, {FOREIGN.format(v=version)})"


def move(condition: str, by: int) -> tuple[str, str]:
    """Rows to other positions, past the primary key by way of what is below zero."""
    there = f"UPDATE event SET position = -(position + {by}) WHERE {condition}"
    return there, "UPDATE event SET position = -position WHERE position < 0"


def swap(one: int, other: int) -> tuple[str, ...]:
    return (
        f"UPDATE event SET position = -{one} WHERE position = {one}",
        f"UPDATE event SET position = {one} WHERE position = {other}",
        f"UPDATE event SET position = {other} WHERE position = -{one}",
    )


ROWS = {
    "data": (["UPDATE event SET data = replace(data, '5', '6') WHERE position = 7"], 7, "not what was sealed"),
    "a space in data": (["UPDATE event SET data = data || ' ' WHERE position = 30"], 30, "not what was sealed"),
    "stream": (["UPDATE event SET stream = 'tally/b' WHERE position = 1"], 1, "not what was sealed"),
    "version": (["UPDATE event SET version = 99 WHERE position = 12"], 12, "not what was sealed"),
    "type": (["UPDATE event SET type = 'tally.added/2' WHERE position = 20"], 20, "not what was sealed"),
    "decided_at": (["UPDATE event SET decided_at = replace(decided_at, '+00:00', '+01:00') WHERE position = 3"], 3, "not what"),
    "recorded_at": (["UPDATE event SET recorded_at = decided_at WHERE position = 29"], 29, "not what was sealed"),
    "actor": (["UPDATE event SET actor = 'somebody-else' WHERE position = 21"], 21, "not what was sealed"),
    "command_id": (["UPDATE event SET command_id = correlation || 'x' WHERE position = 11"], 11, "not what was sealed"),
    "nothing becomes empty": (["UPDATE event SET causation = '' WHERE position = 10"], 10, "not what was sealed"),
    "correlation": (["UPDATE event SET correlation = 'x' WHERE position = 2"], 2, "not what was sealed"),
    "two rows": (["UPDATE event SET actor = 'x' WHERE position IN (18, 23)"], 18, "not what was sealed"),
    "deleted": (["DELETE FROM event WHERE position = 13"], 13, "the row is missing"),
    "deleted at a block's end": (["DELETE FROM event WHERE position = 10"], 10, "the row is missing"),
    "deleted, the gap closed": (
        ["DELETE FROM event WHERE position = 14", *move("position > 14", -1)], 14, "position 15 stands here"),
    "inserted, the others moved": ([*move("position >= 5", 1), insert(5)], 5, "a row was inserted here"),
    "inserted before all": ([insert(0)], 0, "an inserted row"),
    "swapped": (list(swap(24, 28)), 24, "position 28 stands here"),
    "swapped over blocks": (list(swap(4, 25)), 4, "not what was sealed"),
    "cut off, the head too": (
        ["DELETE FROM event WHERE position > 15", "UPDATE log_head SET position = 15"], 16, "all after it are missing"),
    "cut off at a block's end": (
        ["DELETE FROM event WHERE position > 20", "UPDATE log_head SET position = 20"], 21, "all after it are missing"),
    "cut off where nothing was sealed": (["DELETE FROM event WHERE position > 33"], 34, "the log was cut off here"),
    "deleted where nothing was sealed": (["DELETE FROM event WHERE position = 33"], 33, "the row is missing"),
    "inserted behind the head": ([insert(36)], 36, "rows were inserted"),
    "everything gone": (["DELETE FROM event", "UPDATE log_head SET position = 0"], 1, "all after it are missing"),
}  # fmt: skip

SEALS = {
    "a root": (["UPDATE seal SET root = replace(root, substr(root, 1, 1), 'x') WHERE height = 2"], 11, "seal 2 is not what was"),
    "a time": (["UPDATE seal SET sealed_at = 'earlier' WHERE height = 1"], 1, "seal 1 is not what was signed"),
    "a signature": (
        ["UPDATE seal SET signature = (SELECT signature FROM seal WHERE height = 1) WHERE height = 3"], 21, "seal 3 is not what"),
    "a key": (["UPDATE seal SET public_key = root WHERE height = 3"], 21, "seal 3 is not what was signed"),
    "its range": (["UPDATE seal SET last_position = 19 WHERE height = 2"], 11, "seal 2 is not what was signed"),
    "a generation": (["UPDATE seal SET generation = 2 WHERE height = 2"], 11, "seal 2 is not what was signed"),
    "the hashes of rows": (
        ["UPDATE seal SET leaves = (SELECT leaves FROM seal WHERE height = 1) WHERE height = 3"], 21, "the hashes kept"),
    "the first deleted": (["DELETE FROM seal WHERE height = 1"], 1, "seal 1 is missing, 2 follows"),
    "one deleted": (["DELETE FROM seal WHERE height = 2"], 11, "seal 2 is missing, 3 follows"),
    "the last deleted": (["DELETE FROM seal WHERE height = 3"], 21, "cut off here: anchored up to 30, sealed up to 20"),
    "all deleted": (["DELETE FROM seal"], 1, "cut off here: anchored up to 30, sealed up to 0"),
    "swapped": (
        ["UPDATE seal SET height = -1 WHERE height = 1", "UPDATE seal SET height = 1 WHERE height = 2",
         "UPDATE seal SET height = 2 WHERE height = -1"], 1, "seal 1 is not what was signed"),
    "inserted": (
        ["INSERT INTO seal SELECT 4, generation, segment, 31, 35, root, previous, sealed_at, public_key, signature, leaves"
         " FROM seal WHERE height = 3"], 31, "seal 4 is not what was signed"),
    "inserted before all": (
        ["INSERT INTO seal SELECT 0, generation, segment, 1, 10, root, previous, sealed_at, public_key, signature, leaves"
         " FROM seal WHERE height = 3"], 1, "seal 0 was inserted"),
}  # fmt: skip


TABLES = ("event", "log_head", "seal", "head")


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """One log for all tests here, and a copy of its tables to put back."""
    with ExitStack() as stack:
        url = None
        if request.param == "postgres":
            url = stack.enter_context(fresh_database(request.getfixturevalue("postgres_url")))
        log = settings_for(tmp_path_factory.mktemp("sealed") / "data", url)
        fill(log)
        do(log, *(f"CREATE TABLE {table}_as_it_was AS SELECT * FROM {table}" for table in TABLES))
        yield log


@pytest.fixture
def log(filled: Settings) -> Iterator[Settings]:
    anchors = filled.anchors_file.read_bytes()
    yield filled
    for table in TABLES:
        do(filled, f"DELETE FROM {table}", f"INSERT INTO {table} SELECT * FROM {table}_as_it_was")
    filled.anchors_file.write_bytes(anchors)
    (filled.data / "forged.jsonl").unlink(missing_ok=True)


def test_what_nobody_touched_is_whole(log: Settings) -> None:
    report = audit(log)
    assert (report.findings, report.notes) == ([], [])
    assert (report.rows, report.last, report.sealed, report.blocks, report.anchors) == (ALL, ALL, SEALED, 3, 3)


@pytest.mark.parametrize("kind", ROWS)
def test_tampering_with_rows_is_named_at_its_first_position(log: Settings, kind: str) -> None:
    statements, position, what = ROWS[kind]
    do(log, *statements)
    found = first(audit(log, anchors=False))
    assert found[0] == position and what in found[1], found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, SEALED), st.sampled_from(COLUMNS), st.integers(0, 200), st.integers(1, 127))
def test_any_character_of_any_sealed_row_is_named(log: Settings, position: int, column: str, place: int, by: int) -> None:
    """One character anywhere: the position named is the row's."""
    with reading(log) as store:
        row = store.event_at(position)
    assert row is not None
    value = str(getattr(row, column) or "-")
    place %= len(value)
    other = value[:place] + chr((ord(value[place]) + by) % 0x250 or 1) + value[place + 1 :]
    changed = str(int(value) + 100 * by) if column == "version" else "'" + other.replace("'", "''") + "'"
    do(log, f"UPDATE event SET {column} = {changed} WHERE position = {position}")
    assert first(audit(log, anchors=False)) == (position, "the row is not what was sealed")
    do(log, f"DELETE FROM event WHERE position = {position}",
       f"INSERT INTO event SELECT * FROM event_as_it_was WHERE position = {position}")  # fmt: skip


@pytest.mark.parametrize("kind", SEALS)
def test_tampering_with_seals_is_named_at_its_first_position(log: Settings, kind: str) -> None:
    statements, position, what = SEALS[kind]
    do(log, *statements)
    found = first(audit(log))
    assert found[0] == position and what in found[1], found


def test_a_byte_that_is_no_text_is_named(tmp_path: Path) -> None:
    """On SQLite a column takes any bytes; such a row cannot even be read."""
    log = Settings(data=tmp_path / "data")
    fill(log)
    do(log, "UPDATE event SET data = CAST(x'7bff7d' AS TEXT) WHERE position = 17")
    assert first(audit(log)) == (17, "the row is not what was sealed")
    do(log, "UPDATE event SET actor = CAST(x'ff' AS TEXT) WHERE position = 1")
    assert first(audit(log)) == (1, "the row is not what was sealed")
    do(log, "UPDATE event SET actor = x'00' WHERE position = 1", "UPDATE event SET version = 1.5 WHERE position = 2")
    assert first(audit(log)) == (1, "the row is not what was sealed")


CUT = ("DELETE FROM event WHERE position > 20", "UPDATE log_head SET position = 20", "DELETE FROM seal WHERE height > 2")


def test_a_tail_cut_off_with_its_seals_is_shown_by_the_anchors_only(log: Settings) -> None:
    do(log, *CUT)
    assert audit(log, anchors=False).findings == [], "which is why anchors are shipped elsewhere"
    assert first(audit(log)) == (21, "cut off here: anchored up to 30, sealed up to 20")


def test_history_sealed_anew_with_the_very_key_is_shown_by_the_anchors(log: Settings) -> None:
    do(log, "UPDATE event SET actor = 'somebody-else' WHERE position = 14", "DELETE FROM seal WHERE height > 1")
    elsewhere = log.model_copy(update={"anchors": log.data / "forged.jsonl"})
    with opened(log) as application:
        seal_full_blocks(sealer_of(application, elsewhere))
    assert audit(log, anchors=False).findings == [] and audit(elsewhere).findings == []
    assert first(audit(log)) == (11, "seal 2 is not the one that was anchored: history was written anew from here on")


def test_history_sealed_anew_with_another_key_is_shown_by_the_key(log: Settings) -> None:
    trusted = [AnchorFile(log.anchors_file).read()[0][0].public_key]
    do(log, "UPDATE event SET actor = 'somebody-else' WHERE position = 14", "DELETE FROM seal WHERE height > 1")
    other = log.model_copy(update={"anchors": log.data / "forged.jsonl", "keys": log.data / "other"})
    with opened(log) as application:
        seal_full_blocks(sealer_of(application, other))
    position, what = first(audit(log, anchors=False, trusted=trusted))
    assert position == 11 and "not a trusted key" in what
    report = audit(other, trusted=trusted)
    assert report.anchors == 1 and len(report.notes) == 2, "only that of seal 1 is genuine, forged anchors count for nothing"


def test_a_forged_anchor_accuses_nobody(log: Settings) -> None:
    lines = log.anchors_file.read_text().splitlines()
    log.anchors_file.write_text("\n".join([*lines, lines[2].replace('"height":3', '"height":9'), '{"half a li']) + "\n")
    assert AnchorFile(log.anchors_file).read()[1] == [4, 5]
    assert audit(log).findings == []


@pytest.mark.parametrize(("fields", "what"), [
    ({"previous": "0" * 64}, "seal 2 does not continue the seal before it"),
    ({"first": 12}, "seal 2 is about the positions 12 to 20, not from 11 on"),
    ({"first": 10}, "seal 2 is about the positions 10 to 20, not from 11 on"),
    ({"generation": 2}, "seal 2 is of generation 2 after 1 and says CONTINUES"),
    ({"segment": "BEGINS"}, "seal 2 is of generation 1 after 1 and says BEGINS"),
    ({"segment": "RESTORED"}, "seal 2 is of generation 1 after 1 and says RESTORED"),
])  # fmt: skip
def test_a_seal_signed_by_the_very_key_has_to_continue_the_chain(log: Settings, fields: dict[str, Any], what: str) -> None:
    key = key_in(log.keys_folder)
    with reading(log) as store:
        row = seals_of(store).after(1, 1)[0]
    row = row._replace(**fields)
    signature = key.sign(block_of("tallies", row).header)
    do(log, f"UPDATE seal SET generation = {row.generation}, segment = '{row.segment}', first_position = {row.first},"
            f" previous = '{row.previous}', signature = '{signature}' WHERE height = 2")  # fmt: skip
    assert first(audit(log, anchors=False)) == (11, what)


# A restored log


def restored(log: Settings) -> None:
    """As of position 20, as a backup would bring it back; and the operator's new generation."""
    do(log, *CUT, "UPDATE log_head SET generation = 2", "UPDATE head SET version = 20, state_at = 0, state = NULL")


def test_a_restored_log_begins_a_segment_that_says_so(log: Settings) -> None:
    restored(log)
    with opened(log) as application:
        add(application, 13)
        seal_full_blocks(sealer_of(application, log))
    report = audit(log)
    assert [f.position for f in report.findings] == [21] and "--restored tallies=2" in report.findings[0].what
    known = audit(log, restored=2)
    assert known.findings == [] and known.sealed == 30 and known.anchors == 4
    assert known.notes == [
        "generation 2 begins at position 21: the log was restored there",
        "seal 3 of generation 1, positions 21 to 30, was given up when generation 2 was restored",
    ]


def test_a_cut_off_log_is_not_explained_by_a_generation_that_nobody_knows_of(log: Settings) -> None:
    restored(log)
    assert first(audit(log))[0] == 21
    assert audit(log, restored=2).findings == []


def test_the_planted_check_would_miss_a_change(log: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sabotage: hashing without the actor, the tests above would not pass."""
    from services.sealing import verifying
    from services.sealing.block import leaf_of

    monkeypatch.setattr(verifying, "leaf_of", lambda name, row: leaf_of(name, row._replace(actor="clerk")))
    do(log, "UPDATE event SET actor = 'somebody-else' WHERE position = 21")
    assert audit(log).findings == []


def test_an_open_sqlite_log_can_be_audited(tmp_path: Path) -> None:
    """Beside the running server: nothing is written, no lease is taken."""
    log = Settings(data=tmp_path / "data")
    fill(log)
    with opened(log) as application:
        add(application, 5)
        assert audit(log).last == ALL + 5
