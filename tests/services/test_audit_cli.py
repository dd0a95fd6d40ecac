"""``o2c audit`` as it is called: what it says, its exit codes, beside a running process, and the health of sealing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.settings import Settings
from services.wiring import wire
from tests.services.command_line import o2c
from tests.services.shop import Shop
from tests.services.test_cli import seeded
from tests.services.test_verify import change


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some orders; what a process recorded is sealed when it stops."""
    folder = tmp_path_factory.mktemp("audit")
    seeded(folder)
    return folder


def test_all_logs_are_sealed_and_whole(sealed: Path) -> None:
    ended = o2c(sealed, "audit", "verify")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    lines = ended.stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == ["orders", "receivables", "forecast"]
    assert lines[0].endswith("of them sealed in 1 blocks, 1 anchors") and "audit orders: " in ended.stderr


def test_it_runs_beside_a_process_that_holds_the_logs(sealed: Path) -> None:
    wired = wire(Settings(data=sealed / "data"))
    try:
        assert o2c(sealed, "audit", "verify").returncode == 0
        assert o2c(sealed, "audit", "proof", "orders:3").returncode == 0
    finally:
        wired.close()


def test_a_proof_is_written_and_checked_elsewhere(sealed: Path, tmp_path: Path) -> None:
    told = o2c(sealed, "audit", "key")
    assert told.returncode == 0 and len(told.stdout.strip()) == 64
    (tmp_path / "key").write_text(told.stdout)
    ended = o2c(sealed, "audit", "proof", "orders:1", "--out", str(tmp_path / "proof.json"))
    assert ended.returncode == 0
    assert ended.stdout == f"{tmp_path}/proof.json: orders:1, company.registered/1 of company/acme\n"
    checked = o2c(tmp_path, "audit", "check", "proof.json", "--key", "key")
    assert checked.returncode == 0 and checked.stdout.startswith("orders:1 holds: company.registered/1 of company/acme")
    assert "compare it with the key that the supplier published" in o2c(tmp_path, "audit", "check", "proof.json").stdout
    proof = json.loads((tmp_path / "proof.json").read_text())
    proof["event"]["actor"] = "somebody-else"
    (tmp_path / "proof.json").write_text(json.dumps(proof))
    broken = o2c(tmp_path, "audit", "check", "proof.json")
    assert (broken.returncode, broken.stdout) == (1, "the event is not in the block: its row or its path was changed\n")


@pytest.mark.parametrize(("words", "code", "says"), [
    (["proof", "orders"], 2, "orders names no event here; say for example orders:42"),
    (["proof", "stock:1"], 2, "stock:1 names no event here"),
    (["proof", "orders:99999"], 1, "there is no event orders:99999; the log ends at "),
    (["verify", "--restored", "orders"], 2, "--restored reads orders; say for example orders=2"),
    (["verify", "--anchors", "nowhere"], 2, "there is no file nowhere"),
    (["verify", "--key", "nowhere"], 1, "nowhere"),
])  # fmt: skip
def test_a_word_that_is_off_is_told(sealed: Path, words: list[str], code: int, says: str) -> None:
    ended = o2c(sealed, "audit", *words)
    assert ended.returncode == code and says in ended.stderr and "Traceback" not in ended.stderr, ended


def test_the_first_bad_position_is_named(tmp_path: Path) -> None:
    seeded(tmp_path)
    change(tmp_path, "UPDATE event SET actor = 'somebody-else' WHERE position = 5")
    ended = o2c(tmp_path, "audit", "verify")
    assert ended.returncode == 1
    assert "orders: first bad position 5: the row is not what was sealed" in ended.stdout.splitlines()
    assert "orders:5 is no longer what was sealed" in o2c(tmp_path, "audit", "proof", "orders:5").stderr


def test_what_no_server_has_sealed_is_sealed_by_hand(tmp_path: Path) -> None:
    wired = wire(Settings(data=tmp_path / "data"))  # never started: nothing is sealed
    wired.close()
    seeded_without_sealing(tmp_path)
    assert "is not sealed yet, orders is sealed up to 0" in o2c(tmp_path, "audit", "proof", "orders:1").stderr
    ended = o2c(tmp_path, "audit", "seal")
    assert ended.returncode == 0 and ended.stdout.splitlines()[1:] == [
        "receivables: 0 events sealed, up to position 0", "forecast: 0 events sealed, up to position 0"]  # fmt: skip
    assert o2c(tmp_path, "audit", "proof", "orders:1").returncode == 0
    assert o2c(tmp_path, "audit", "verify").returncode == 0


def seeded_without_sealing(folder: Path) -> None:
    from services.orders import agreeing
    from tests.conftest import asking

    wired = wire(Settings(data=folder / "data"))
    company = agreeing.RegisterCompany(company="acme", name="A", zone="UTC", country="DE", currency="EUR", edi_id="ACME")
    wired.applications["orders"].handle(company, asking())
    wired.close()


def test_where_nothing_was_ever_sealed_nothing_is_wrong(tmp_path: Path) -> None:
    assert o2c(tmp_path, "init").returncode == 0
    seeded_without_sealing(tmp_path)
    ended = o2c(tmp_path, "audit", "verify")
    assert ended.returncode == 0 and "orders: 2 positions, 0 of them sealed in 0 blocks, 0 anchors" in ended.stdout, ended


def test_another_file_of_anchors_and_another_folder_of_keys(tmp_path: Path) -> None:
    elsewhere = {"O2C_ANCHORS": str(tmp_path / "worm" / "anchors"), "O2C_KEYS": str(tmp_path / "keys")}
    assert o2c(tmp_path, "init", **elsewhere).returncode == 0
    seeded_without_sealing(tmp_path)
    assert o2c(tmp_path, "audit", "seal", **elsewhere).returncode == 0
    assert (tmp_path / "worm" / "anchors").exists() and (tmp_path / "keys" / "sealing.key").exists()
    assert not (tmp_path / "data" / "sealing.key").exists()
    assert o2c(tmp_path, "audit", "verify", **elsewhere).returncode == 0
    assert o2c(tmp_path, "audit", "verify").returncode == 1, "our own key is asked for, and there is none"


def test_health_and_metrics_say_how_sealing_stands(own_shop: Shop) -> None:
    assert own_shop.get("/health", role=None).json()["sealing"] == {"orders": "ok", "receivables": "ok", "forecast": "ok"}
    assert 'o2c_sealing_failed{log="orders"} 0.0' in own_shop.get("/metrics", role=None).text
    own_shop.wired.sealers[0].failure = OSError("planted")
    assert own_shop.get("/health", role=None).json()["status"] == "attention"
    assert 'o2c_sealing_failed{log="orders"} 1.0' in own_shop.get("/metrics", role=None).text
