"""The command line: what each command says and its exit code; what an operator can put right is one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.receivables.invoicing import IssueInvoice
from services.settings import Settings
from services.wiring import wire
from tests.conftest import asking, seed_master
from tests.services.command_line import o2c


def seeded(folder: Path, orders: int = 3) -> None:
    """A data folder with master data and some orders, every view folded."""
    wired = wire(Settings(data=folder / "data"))
    try:
        wired.start()
        master = seed_master(wired, roles=())
        for n in range(orders):
            wired.applications["orders"].handle(master.order(f"PO-{n}"), asking())
        assert wired.settle()
    finally:
        wired.close()


def test_init_creates_logs_and_views_and_may_be_repeated(tmp_path: Path) -> None:
    for _ in range(2):
        ended = o2c(tmp_path, "init")
        assert ended.returncode == 0, ended.stderr
        assert "log orders: position 0\nlog receivables: position 0\nlog forecast: position 0" in ended.stdout
        assert "order_book" in ended.stdout.splitlines()[-1]
    assert (tmp_path / "data" / "orders.events.sqlite").exists()


def test_init_creates_only_what_the_named_services_keep(tmp_path: Path) -> None:
    ended = o2c(tmp_path, "init", O2C_SERVICES="orders")
    assert ended.returncode == 0 and "receivables:" not in ended.stdout
    assert not (tmp_path / "data" / "receivables.events.sqlite").exists()


@pytest.mark.parametrize("words", [["init"], ["verify"], ["rebuild"], ["serve"], ["doctor"]])
def test_a_second_process_on_the_same_folder_is_refused(tmp_path: Path, words: list[str]) -> None:
    wired = wire(Settings(data=tmp_path / "data"))
    try:
        ended = o2c(tmp_path, *words, O2C_PORT="0")
    finally:
        wired.close()
    assert ended.returncode == 1 and "Traceback" not in ended.stderr
    says = "orders.events.sqlite is held by another o2c process; stop it, or send the command to it over REST"
    assert says in (ended.stdout if words == ["doctor"] else ended.stderr)


def test_a_file_where_the_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    ended = o2c(tmp_path, "init")
    assert ended.returncode == 1 and "Traceback" not in ended.stderr and str(tmp_path / "data") in ended.stderr


def test_a_log_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "orders.events.sqlite").write_bytes(b"not a database" * 100)
    ended = o2c(tmp_path, "init")
    assert ended.returncode == 1 and "Traceback" not in ended.stderr and "not a database" in ended.stderr


def test_a_server_that_does_not_answer_is_told(tmp_path: Path) -> None:
    ended = o2c(tmp_path, "init", O2C_DATABASE="postgresql://127.0.0.1:1/o2c?connect_timeout=2")
    assert ended.returncode == 1 and "Traceback" not in ended.stderr and "127.0.0.1" in ended.stderr


def test_rebuild_folds_into_equal_views(tmp_path: Path) -> None:
    seeded(tmp_path)
    ended = o2c(tmp_path, "rebuild")
    assert ended.returncode == 0, ended.stderr
    told = dict(line.split(": ") for line in ended.stdout.splitlines())
    assert told["order_book"].endswith(" facts folded") and int(told["order_book"].split()[0]) >= 3
    assert o2c(tmp_path, "verify").returncode == 0
    one = o2c(tmp_path, "rebuild", "open_items")
    assert one.stdout == "open_items: 0 facts folded\n" and one.returncode == 0


def test_rebuild_of_a_view_that_does_not_exist_names_those_that_do(tmp_path: Path) -> None:
    ended = o2c(tmp_path, "rebuild", "orderbook")
    assert ended.returncode == 2
    assert ended.stderr.startswith("there is no view orderbook; the views are access, order_book")


def test_import_says_what_it_did(tmp_path: Path) -> None:
    seeded(tmp_path, 0)
    wired = wire(Settings(data=tmp_path / "data"))
    wired.close()
    path = tmp_path / "o.jsonl"
    path.write_text(json.dumps({"command": "order.cancel", "body": {"order": "a/b/c/-", "by": "customer", "reason": "x"}}))
    ended = o2c(tmp_path, "import", str(path))
    assert ended.returncode == 1
    assert ended.stdout.splitlines() == [
        "0 done, 1 refused, 0 done by an earlier run", f"the refused lines with their reasons: {path}.rejected.jsonl",
    ]  # fmt: skip
    assert o2c(tmp_path, "import", "nothing.jsonl").returncode == 2


GOOD = (
    "ISA*00*          *00*          *ZZ*KAUFMARKT      *ZZ*ACME           *260220*0900*U*00401*000000001*0*T*>~"
    "GS*PO*KAUFMARKT*ACME*20260220*0900*1*X*004010~ST*850*0001~BEG*00*SA*PO-1**20260220~PO1*1*10*EA*2.5**IN*4711~"
    "CTT*1~SE*5*0001~GE*1*1~IEA*1*000000001~"
)


def test_edi_check_reads_and_stores_nothing(tmp_path: Path) -> None:
    path = tmp_path / "order.edi"
    path.write_text(GOOD)
    ended = o2c(tmp_path, "edi", "check", str(path))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "850" in ended.stdout and "PO-1" not in ended.stderr
    assert not (tmp_path / "data").exists()
    path.write_text(GOOD.replace("SE*5*0001", "SE*9*0001"))
    wrong = o2c(tmp_path, "edi", "check", str(path))
    assert wrong.returncode in (0, 1) and "9" in wrong.stdout and "Traceback" not in wrong.stderr
    path.write_bytes(b"\x00\xff no interchange")
    none = o2c(tmp_path, "edi", "check", str(path))
    assert none.returncode == 1 and "Traceback" not in none.stderr and none.stdout.strip()


def test_help_names_every_command(tmp_path: Path) -> None:
    ended = o2c(tmp_path, "--help")
    assert ended.returncode == 0
    for name in ("serve", "demo", "import", "rebuild", "verify", "doctor", "init", "edi"):
        assert name in ended.stdout
    assert o2c(tmp_path, "destroy").returncode == 2


def test_aging_as_a_table(tmp_path: Path) -> None:
    """An invoice over 100.00 and 19 % tax, 44 days old, that nobody has paid."""
    wired = wire(Settings(data=tmp_path / "data"))
    try:
        wired.start()
        seed_master(wired, roles=())
        assert wired.settle()
        line = {"item": "tea-25", "quantity": "1", "unit": "EA", "unit_price": "100.00", "tax_rate": "0.19"}
        asked = IssueInvoice.model_validate({"partner": "kaufmarkt", "issued_on": "2026-03-02", "lines": [line]})
        assert wired.applications["receivables"].handle(asked, asking()).status == 201
        assert wired.settle()
    finally:
        wired.close()
    ended = o2c(tmp_path, "aging", "--as-of", "2026-04-15", "--by", "INVOICE")
    assert ended.returncode == 0, ended.stderr
    row = next(line for line in ended.stdout.splitlines() if "kaufmarkt" in line)
    assert [cell.strip() for cell in row.strip("│").split("│")] == [
        "kaufmarkt", "EUR", "0.00", "119.00", "0.00", "0.00", "0.00", "0.00", "119.00",
    ]  # fmt: skip
    assert "nothing" in o2c(tmp_path, "aging", "--as-of", "2026-04-15", "--known-at", "0").stdout
    wrong = o2c(tmp_path, "aging", "--edges", "30,10")
    assert wrong.returncode == 2 and "Bucket edges 30, 10 cannot be used" in wrong.stderr
