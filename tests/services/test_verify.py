"""``o2c verify`` finds planted damage and names it; what is whole it calls whole. ``o2c doctor`` looks around."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from services import doctor
from services.doctor import examine
from services.settings import Settings
from services.verifying import verify
from services.wiring import wire
from tests.conftest import asking, seed_master
from tests.services.command_line import o2c
from tests.services.test_cli import seeded

STREAM = "order/acme/kaufmarkt/PO-1/-"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    seeded(tmp_path)
    return tmp_path


def change(folder: Path, sql: str, *values: Any, log: str = "orders.events") -> None:
    connection = sqlite3.connect(folder / "data" / f"{log}.sqlite")
    try:
        assert connection.execute(sql, values).rowcount > 0, "the damage was done"
        connection.commit()
    finally:
        connection.close()


def violations(folder: Path) -> list[str]:
    wired = wire(Settings(data=folder / "data"))
    try:
        return verify(wired)
    finally:
        wired.close()


def test_a_whole_log_is_called_whole(folder: Path) -> None:
    ended = o2c(folder, "verify")
    assert (ended.returncode, ended.stdout) == (0, "everything holds\n"), ended.stdout


def position_of(folder: Path, stream: str, version: int = 1) -> int:
    connection = sqlite3.connect(folder / "data" / "orders.events.sqlite")
    found = connection.execute("SELECT position FROM event WHERE stream = ? AND version = ?", (stream, version)).fetchone()
    connection.close()
    return int(found[0])


def test_a_changed_figure_in_a_fact_is_found(folder: Path) -> None:
    change(folder, "UPDATE event SET data = replace(data, '29.75', '29.76') WHERE stream = ? AND version = 1", STREAM)
    found = violations(folder)
    assert f"orders {STREAM}: the kept state differs from the replay of its facts" in found
    assert any(text.startswith("view order_book, table ") and "run o2c rebuild order_book" in text for text in found)
    ended = o2c(folder, "verify")
    assert ended.returncode == 1 and ended.stdout.splitlines()[-1] == f"{len(found)} violations"


def test_a_credit_decision_that_its_facts_do_not_lead_to_is_found(folder: Path) -> None:
    """The limit is forged: what was reserved under the true one would have been held."""
    forge = "UPDATE event SET data = json_set(data, '$.amount', '0.01') WHERE type = 'credit.limit_agreed/1'"
    change(folder, forge, log="receivables.events")
    found = [text for text in violations(folder) if "decided again" in text]
    assert found and all("RESERVED of order/" in text and "comes out as HELD" in text for text in found)


def test_a_flipped_byte_is_found(folder: Path) -> None:
    """A brace becomes a bracket: the fact can no longer be read at all, and the others still are."""
    change(folder, "UPDATE event SET data = '[' || substr(data, 2) WHERE stream = ? AND version = 1", STREAM)
    found = violations(folder)
    assert any(text.startswith(f"orders {STREAM}: its facts cannot be replayed") for text in found)
    assert any(text.startswith("view order_book: cannot be folded anew") for text in found)
    assert not [text for text in found if "PO-0" in text or "PO-2" in text]


def test_a_deleted_fact_is_found_by_position_and_stream(folder: Path) -> None:
    position = position_of(folder, STREAM)
    change(folder, "DELETE FROM event WHERE position = ?", position)
    found = violations(folder)
    assert f"orders position {position + 1}: follows position {position - 1}; 1 are missing" in found
    assert any(STREAM in text and "from version 0 to 2" in text for text in found)


def test_a_deleted_last_fact_is_found_by_the_head(folder: Path) -> None:
    change(folder, "DELETE FROM event WHERE position = (SELECT max(position) FROM event)")
    found = violations(folder)
    assert any(text.startswith("orders: the head says") for text in found)
    assert any("the head says version" in text for text in found)


def test_a_stream_without_its_head_is_found(folder: Path) -> None:
    change(folder, "DELETE FROM head WHERE stream = ?", STREAM)
    assert f"orders {STREAM}: has facts and no head" in violations(folder)


def test_a_changed_state_is_found(folder: Path) -> None:
    change(folder, "UPDATE head SET state = replace(state, '\"10\"', '\"11\"') WHERE stream = ?", STREAM)
    assert f"orders {STREAM}: the kept state differs from the replay of its facts" in violations(folder)


def test_a_fact_recorded_before_its_predecessor_is_found(folder: Path) -> None:
    position = position_of(folder, STREAM)
    change(folder, "UPDATE event SET recorded_at = '2001-01-01T00:00:00.000000+00:00' WHERE position = ?", position)
    wanted = f"orders position {position}: recorded at 2001-01-01T00:00:00.000000+00:00, before its predecessor"
    assert wanted in violations(folder)


def test_a_changed_row_of_a_view_is_found_and_rebuild_puts_it_right(folder: Path) -> None:
    view = next(path.stem for path in (folder / "data" / "views").glob("master_data_v*.sqlite"))
    change(folder, "UPDATE partners SET name = 'Somebody else'", log=f"views/{view}")
    assert violations(folder) == [
        "view master_data, table partners: 1 rows differ from the replay's 1 rows; run o2c rebuild master_data"
    ]
    assert o2c(folder, "rebuild", "master_data").returncode == 0
    assert violations(folder) == []


def test_a_deleted_row_of_a_view_is_found(folder: Path) -> None:
    view = next(path.stem for path in (folder / "data" / "views").glob("order_book_v*.sqlite"))
    change(folder, "DELETE FROM orders WHERE order_id = ?", STREAM, log=f"views/{view}")
    assert any("view order_book, table orders: 2 rows differ from the replay's 3 rows" in text for text in violations(folder))


# Doctor


def said(settings: Settings) -> dict[str, tuple[bool, str]]:
    return {checkup.what: (checkup.ok, checkup.says) for checkup in examine(settings)}


def test_the_doctor_finds_a_healthy_folder_healthy(folder: Path) -> None:
    ended = o2c(folder, "doctor")
    assert ended.returncode == 0, ended.stdout
    lines = ended.stdout.splitlines()
    assert all(line.startswith("ok    ") for line in lines)
    assert any(line.startswith("ok    log orders: position ") and "durability full" in line for line in lines)
    assert any(line == "ok    view order_book: folded up to the end" for line in lines)


def test_the_doctor_names_parked_items_and_a_full_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(folder, "INSERT INTO parked VALUES ('receivables', 'orders', 3, 'ValueError: planted', '2026-01-01')")
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1_000})())
    found = said(Settings(data=folder / "data"))
    assert found["parked in orders"] == (
        False, "1 items are kept for a person, the first: receivables at orders:3 (ValueError: planted)",
    )  # fmt: skip
    assert found["disk"] == (False, "1,000 bytes are free, less than 500,000,000: make room before it is full")


def test_the_doctor_says_how_far_a_view_is_behind(tmp_path: Path) -> None:
    wired = wire(Settings(data=tmp_path / "data"))
    master = seed_master(wired, roles=())
    wired.applications["orders"].handle(master.order("PO-1"), asking())
    position = wired.applications["orders"].store.last_position()
    wired.close()
    ok, says = said(Settings(data=tmp_path / "data"))["view order_fill"]
    assert ok and says == f"{position} positions behind; it catches up when o2c serves"


def test_the_doctor_says_what_keeps_the_logs_closed(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "orders.events.sqlite").write_bytes(b"not a database" * 100)
    ended = o2c(tmp_path, "doctor")
    assert ended.returncode == 1 and "LOOK  logs: cannot be opened: file is not a database" in ended.stdout
