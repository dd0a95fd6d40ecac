"""Settings: a name or a value that means nothing stops the start with a sentence; README knows every one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from services.cli import app
from services.settings import Settings, known_variables, unknown_variables
from tests.services.command_line import ROOT, o2c

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_defaults_need_no_variable() -> None:
    assert known_variables() == [f"O2C_{name.upper()}" for name in Settings.model_fields]
    chosen = Settings()
    assert (chosen.services, chosen.embedded, chosen.host, chosen.port) == (
        ("orders", "receivables", "forecast"), True, "127.0.0.1", 8000,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("O2C_PROT", "O2C_PROT: there is no such setting; did you mean O2C_PORT?"),
        ("O2C_SERVICE", "O2C_SERVICE: there is no such setting; did you mean O2C_SERVICES?"),
        ("o2c_datas", "o2c_datas: there is no such setting; did you mean O2C_DATA?"),
        ("O2C_QQQQ", "O2C_QQQQ: there is no such setting; the settings are O2C_SERVICES, O2C_DATA"),
    ],
)
def test_a_name_that_means_nothing_is_told_with_what_was_meant(name: str, says: str) -> None:
    assert unknown_variables([name, "PATH", "O2C_DATA", "O2C_TEST_POSTGRES"])[0].startswith(says)
    assert len(unknown_variables([name, "PATH", "O2C_DATA"])) == 1


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("O2C_PORT", "eighty", "O2C_PORT: send a whole number"),
        ("O2C_PORT", "70000", "O2C_PORT: must be 65535 or less"),
        ("O2C_SERVICES", "orders,billing", "O2C_SERVICES: must be one of 'orders', 'receivables' or 'forecast'"),
        ("O2C_ZONES", "Mars/Base", "O2C_ZONES: Mars/Base is no IANA time zone"),
        ("O2C_LOG_LEVEL", "loud", "O2C_LOG_LEVEL: must be one of 'debug', 'info', 'warning' or 'error'"),
        ("O2C_PEERS", "billing=http://h:1", "O2C_PEERS: write billing as one of orders, receivables, forecast, an equals sign"),
        ("O2C_PEERS", "orders=h:1", "O2C_PEERS: write orders as one of orders, receivables, forecast, an equals sign"),
        ("O2C_KAFKA", "broker", "O2C_KAFKA: write broker as host:port"),
        ("O2C_KAFKA", "h:9092,:9092", "O2C_KAFKA: write :9092 as host:port"),
        ("O2C_KAFKA_PREFIX", "two words", "O2C_KAFKA_PREFIX: "),
        ("O2C_KAFKA_REPLICATION", "0", "O2C_KAFKA_REPLICATION: must be 1 or more"),
        ("O2C_WAIT_S", "-1", "O2C_WAIT_S: must be 0.0 or more"),
        ("O2C_PROT", "80", "O2C_PROT: there is no such setting; did you mean O2C_PORT?"),
    ],
)
def test_a_bad_setting_stops_the_start_with_a_sentence(tmp_path: Path, name: str, value: str, says: str) -> None:
    ended = CliRunner().invoke(app, ["init"], env={"O2C_DATA": str(tmp_path / "data"), name: value})
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr.startswith(says)
    assert not (tmp_path / "data").exists(), "nothing was made"


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "No such file"), ("short", "holds 5 characters; the secret of the services needs 32 or more")],
)
def test_a_secret_that_cannot_be_used_stops_the_start(tmp_path: Path, content: str | None, says: str) -> None:
    secret = tmp_path / "peer.key"
    if content is not None:
        secret.write_text(content)
    ended = o2c(tmp_path, "init", O2C_PEER_KEY_FILE=str(secret))
    assert ended.returncode == 1 and says in ended.stderr and "Traceback" not in ended.stderr


def test_copies_without_the_secret_stop_the_start(tmp_path: Path) -> None:
    ended = o2c(tmp_path, "init", O2C_SERVICES="receivables", O2C_PEERS="orders=http://127.0.0.1:9")
    assert ended.returncode == 1 and "needs O2C_PEER_KEY_FILE" in ended.stderr and "Traceback" not in ended.stderr


def test_every_wrong_setting_is_told_at_once(tmp_path: Path) -> None:
    ended = o2c(tmp_path, "init", O2C_PROT="80", O2C_PORT="x", O2C_WAIT_S="y")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert [line.partition(":")[0] for line in ended.stderr.splitlines()] == ["O2C_PROT", "O2C_PORT", "O2C_WAIT_S"]


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("O2C_SERVICES", " orders, forecast ,")
    monkeypatch.setenv("O2C_ZONES", "Asia/Shanghai,America/Chicago")
    monkeypatch.setenv("O2C_PEERS", " receivables=http://r:1/ ,orders=https://o")
    monkeypatch.setenv("O2C_KAFKA", "a:1, [::1]:2")
    assert Settings().peers == {"receivables": "http://r:1", "orders": "https://o"}
    assert Settings().kafka == ("a:1", "[::1]:2")
    assert Settings().services == ("orders", "forecast")
    assert Settings().zones == ("Asia/Shanghai", "America/Chicago")


@pytest.mark.parametrize("name", known_variables())
def test_the_readme_lists_every_setting(name: str) -> None:
    assert re.search(rf"`{name}`", README), name


def test_the_readme_lists_no_setting_that_does_not_exist() -> None:
    named = set(re.findall(r"\bO2C_[A-Z_]+\b", README))
    assert unknown_variables(named) == []


def commands() -> list[str]:
    """Every command as it is typed."""
    whole = typer.main.get_command(app)
    assert isinstance(whole, typer.core.TyperGroup)
    found = []
    for name, command in whole.commands.items():
        inner = getattr(command, "commands", None)
        found += [f"o2c {name}"] if inner is None else [f"o2c {name} {part}" for part in inner]
    return found


@pytest.mark.parametrize("command", commands())
def test_the_readme_lists_every_command(command: str) -> None:
    assert command in README, command
