"""``o2c import``: every line once, also after a kill in the middle; refused lines beside the file with their reasons."""

from __future__ import annotations

import json
import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.event_log.contract import LogUnavailable
from services.importing import IN_FLIGHT, NOTED_EVERY, Importer
from services.settings import Settings
from services.wired import Wired
from services.wiring import wire
from tests.conftest import seed_master
from tests.services.command_line import o2c, o2c_running

DAY = "2020-01-01"
MASTER: list[tuple[str, dict[str, Any]]] = [
    ("company.register", {"company": "acme", "name": "Acme", "zone": "UTC", "country": "DE", "currency": "EUR", "edi_id": "A"}),
    ("partner.register", {"partner": "kaufmarkt", "name": "K", "company": "acme", "currency": "EUR", "zone": "UTC"}),
    ("place.agree", {"partner": "kaufmarkt", "place": "dc-1", "name": "D", "zone": "UTC", "country": "DE", "tax_place": "de"}),
    ("tax.agree", {"place": "de", "category": "standard", "rate": "0.19", "first_day": DAY}),
    ("item.register", {
        "item": "tea-25", "description": "t", "tax_category": "standard", "base_unit": "EA", "valid_from": DAY}),
    ("price.agree", {
        "partner": "kaufmarkt", "item": "tea-25", "currency": "EUR", "price": "2.5", "unit": "EA", "first_day": DAY}),
]  # fmt: skip


def line(command: str, body: dict[str, Any], **more: Any) -> str:
    return json.dumps({"command": command, "body": body, **more})


def order(number: str, **fields: Any) -> dict[str, Any]:
    return {
        "partner": "kaufmarkt", "purchase_order_number": number, "ordered_on": "2026-02-20", "ship_to": "dc-1",
        "requested_on": "2026-03-02", "lines": [{"number": "1", "item": "tea-25", "quantity": "10", "unit": "EA"}],
        **fields,
    }


def written(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def rejected(path: Path) -> list[dict[str, Any]]:
    beside = Path(f"{path}.rejected.jsonl")
    return [json.loads(text) for text in beside.read_text().splitlines()] if beside.exists() else []


def placed(folder: Path) -> list[str]:
    """The stream of every order ever placed, once for each time it was."""
    wired = wire(Settings(data=folder / "data"))
    try:
        return [row.stream for row in wired.applications["orders"].store.read(0, 1_000_000, ["order.placed/1"])]
    finally:
        wired.close()


def test_an_import_that_was_killed_goes_on_and_places_every_order_once(tmp_path: Path) -> None:
    lines = [line(*m) for m in MASTER]
    for n in range(12_000):
        bad = n % 500 == 499
        lines.append(line("order.place", order(f"PO-{n}", **({"ship_to": "moon"} if bad else {}))))
    path = written(tmp_path / "orders.jsonl", lines)
    noted = Path(f"{path}.imported")
    with o2c_running(tmp_path, "import", str(path)) as process:
        deadline = time.monotonic() + 60
        while not noted.exists() and time.monotonic() < deadline:
            time.sleep(0.002)
        process.kill()
        process.wait()
    done = len(placed(tmp_path))
    assert 0 < done < 11_976, "it was killed in the middle"
    again = o2c(tmp_path, "import", str(path))
    assert again.returncode == 1, again.stderr  # because lines were refused
    skipped = int(again.stdout.split(" refused, ")[1].split(" ")[0].replace(",", ""))
    assert skipped >= NOTED_EVERY and skipped % NOTED_EVERY == 0
    streams = placed(tmp_path)
    assert len(streams) == len(set(streams)) == 11_976  # 12,000 less every 500th
    refused = rejected(path)
    assert [r["line"] for r in refused] == [len(MASTER) + n + 1 for n in range(499, 12_000, 500)], "each refused line once"
    assert all("kaufmarkt has no place moon" in r["reason"] for r in refused)
    assert json.loads(refused[0]["text"]) == json.loads(lines[refused[0]["line"] - 1])
    assert not noted.exists(), "the note is for an interrupted import only"


@pytest.fixture
def imported(tmp_path: Path) -> Any:
    wired = wire(Settings(data=tmp_path / "data"))
    seed_master(wired, roles=())
    yield wired
    wired.close()


def test_the_same_file_again_repeats_nothing(imported: Wired, tmp_path: Path) -> None:
    path = written(tmp_path / "o.jsonl", [line("order.place", order(f"PO-{n}")) for n in range(5)])
    assert Importer(imported, path).run().done == 5
    before = imported.applications["orders"].store.last_position()
    result = Importer(imported, path).run()
    assert (result.done, result.rejected) == (5, 0)
    assert imported.applications["orders"].store.last_position() == before


BAD: list[tuple[str | bytes, str]] = [
    ("{", "Input data was truncated"),
    ("[]", "Expected `object`, got `array`"),
    ('{"command": "order.place"}', "missing required field `body`"),
    ('{"command": "order.place", "body": {}, "colour": 1}', "unknown field `colour`"),
    (line("order.plaice", {}), "there is no command order.plaice; the commands are "),
    (line("order.place", {}), "/partner: this field is required (and 3 more)"),
    (line("order.place", order("PO-x", ordered_on="2026-02-30")), "/ordered_on: send a day that exists"),
    (line("order.place", order("PO-x", partner="nobody")), "there is no trading partner nobody"),
    (line("order.place", order("PO-x"), at="2026-01-01T00:00:00"), "an instant needs an offset"),
    (line("order.place", order("PO-x"), at="yesterday"), "Invalid RFC3339 encoded datetime"),
    (b'{"command": "order.place", "body": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", "nested deeper than 32 levels"),
    (b'{"command": "\xff", "body": {}}', "can't decode byte 0xff"),
    (b'{"command": "order.place", "body": {"partner": "a\x00b"}}', "JSON"),
]


def test_every_bad_line_is_kept_with_its_reason_and_stops_nothing(imported: Wired, tmp_path: Path) -> None:
    good = [line("order.place", order(f"PO-{n}")).encode() for n in range(len(BAD))]
    raw = [text for pair in zip((b.encode() if isinstance(b, str) else b for b, _ in BAD), good, strict=True) for text in pair]
    path = tmp_path / "o.jsonl"
    path.write_bytes(b"\n".join(raw))  # the last line without its end
    result = Importer(imported, path).run()
    assert (result.done, result.rejected) == (len(BAD), len(BAD))
    told = {r["line"]: r["reason"] for r in rejected(path)}
    for number, (_, says) in enumerate(BAD):
        assert says in told[2 * number + 1], told[2 * number + 1]


def test_a_key_of_the_file_counts_across_files(imported: Wired, tmp_path: Path) -> None:
    first = written(tmp_path / "a.jsonl", [line("order.place", order("PO-1"), key="mine")])
    other = written(tmp_path / "b.jsonl", [line("order.place", order("PO-2"), key="mine")])
    assert Importer(imported, first).run().done == 1
    result = Importer(imported, other).run()
    assert (result.done, result.rejected) == (0, 1)
    assert "was used before with another request" in rejected(other)[0]["reason"]


def test_an_instant_of_the_file_is_when_it_happened(imported: Wired, tmp_path: Path) -> None:
    path = written(tmp_path / "o.jsonl", [line("order.place", order("PO-1"), at="2026-02-20T09:00:00+08:00")])
    before = datetime.now(UTC)
    Importer(imported, path).run()
    row = imported.applications["orders"].store.stream("order/acme/kaufmarkt/PO-1/-")[0]
    assert row.decided_at == "2026-02-20T01:00:00.000000+00:00" and row.actor == "o2c:import"
    assert row.recorded_at > before.isoformat(timespec="microseconds"), "when we knew is now"


def test_a_note_of_another_file_under_the_same_name_counts_for_nothing(imported: Wired, tmp_path: Path) -> None:
    path = written(tmp_path / "o.jsonl", [line("order.place", order("PO-1"))])
    Path(f"{path}.imported").write_text("import:of-another-file 1")
    Path(f"{path}.rejected.jsonl").write_text('{"line": 1, "reason": "old", "text": ""}\n{"line":')
    result = Importer(imported, path).run()
    assert (result.done, result.skipped, rejected(path)) == (1, 0, [])


def test_a_line_that_meets_a_defect_of_ours_stops_nothing(
    imported: Wired, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("planted")

    application = imported.applications["orders"]
    command = next(c for c in application.handlers if c.NAME == "order.cancel")
    monkeypatch.setitem(application.handlers, command, broken)
    cancel = line("order.cancel", {"order": "a/b/c/-", "by": "customer", "reason": "x"})
    path = written(tmp_path / "o.jsonl", [cancel, line("order.place", order("PO-1"))])
    result = Importer(imported, path).run()
    assert (result.done, result.rejected) == (1, 1)
    assert rejected(path)[0]["reason"] == "something of ours failed: RuntimeError('planted')"


def test_a_log_that_cannot_be_used_stops_the_import_which_goes_on_later(imported: Wired, tmp_path: Path) -> None:
    path = written(tmp_path / "o.jsonl", [line("order.place", order(f"PO-{n}")) for n in range(3)])
    store: Any = imported.applications["orders"].store
    store._writer.execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LogUnavailable, match="locked by another program"):
        Importer(imported, path).run()
    other.execute("ROLLBACK")
    other.close()
    assert rejected(path) == [], "nothing was refused: nothing was decided"
    assert Importer(imported, path).run().done == 3


def test_memory_is_bounded_by_what_is_on_its_way(imported: Wired, tmp_path: Path) -> None:
    path = written(tmp_path / "o.jsonl", [line("order.place", order(f"PO-{n}")) for n in range(IN_FLIGHT + 500)])
    importer = Importer(imported, path)
    most = 0
    hand_in = importer._hand_in

    def watched(number: int, raw: bytes) -> None:
        nonlocal most
        hand_in(number, raw)
        most = max(most, len(importer._waiting))

    importer._hand_in = watched  # type: ignore[method-assign]
    assert importer.run().done == IN_FLIGHT + 500
    assert most <= IN_FLIGHT
