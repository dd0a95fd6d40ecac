"""What cannot run here is checked by the tools that know its form: the image, Prometheus, Grafana."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from services.serving import create_app
from services.settings import Settings
from services.wiring import wire

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
BIN = Path(sys.executable).parent


def run(*words: str | Path) -> str:
    """The standard output of a tool; a failure shows all that it said."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


# --- the image


def test_the_dockerfile_is_clean() -> None:
    run(BIN / "hadolint", DEPLOY / "Dockerfile")


def test_the_image_holds_everything_the_packages_hold(tmp_path: Path) -> None:
    """The image installs the packages as a wheel; a data file that the wheel lacks would be missed only when it is read."""
    source = tmp_path / "src"
    source.mkdir()
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source)
    for package in ("domain", "projections", "services"):
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", tmp_path, source)
    (wheel,) = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    wanted = {str(path.relative_to(source)) for path in source.rglob("*") if path.is_file() and path.parent != source}
    assert {name for name in wanted - packed if not name.startswith(("build/", "o2c.egg-info"))} == set()


def test_only_what_the_image_is_made_of_goes_to_the_builder() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    copied = re.findall(r"^COPY (?!--from)(.+?) \S+$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    assert "*" in ignored
    assert {name for line in copied for name in line.split()} == {line[1:] for line in ignored if line.startswith("!")}


# --- what is watched


@pytest.fixture(scope="module")
def exposed(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Every series name that a process gives out, one that publishes and copies logs."""
    folder = tmp_path_factory.mktemp("metrics")
    (folder / "peer.key").write_text("s" * 32)
    settings = Settings(
        data=folder, services=("orders", "receivables"), peers={"forecast": "http://127.0.0.1:9"}, kafka=("127.0.0.1:9",),
        peer_key_file=folder / "peer.key",
    )
    wired = wire(settings)
    try:
        with TestClient(create_app(wired)) as client:
            client.get("/livez")
            families = text_string_to_metric_families(client.get("/metrics").text)
            return {sample.name for family in families for sample in family.samples}
    finally:
        wired.close()


def selected(expression: Any) -> Iterator[str]:
    """The names of the series an expression reads."""
    if isinstance(expression, promql_parser.VectorSelector):
        yield expression.name
    for part in ("expr", "lhs", "rhs", "vector_selector", "param"):
        inner = getattr(expression, part, None)
        if inner is not None and not isinstance(inner, str):
            yield from selected(inner)
    for argument in getattr(expression, "args", None) or ():
        yield from selected(argument)


def alert_rules() -> list[dict[str, Any]]:
    read = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())
    return [rule for group in read["groups"] for rule in group["rules"]]


def panels() -> list[tuple[str, str]]:
    found = []
    for board in sorted((DEPLOY / "grafana" / "dashboards").glob("*.json")):
        for panel in json.loads(board.read_text())["panels"]:
            found += [(f"{board.stem}: {panel['title']}", target["expr"]) for target in panel["targets"]]
    return found


def test_rules_and_panels_read_only_what_is_exposed(exposed: set[str]) -> None:
    asked = [(rule["alert"], rule["expr"]) for rule in alert_rules()] + panels()
    assert len(asked) > 20
    unknown = {
        (where, name) for where, expression in asked for name in selected(promql_parser.parse(expression))
        if name not in exposed | {"up"}
    }
    assert unknown == set()


def test_every_alert_says_what_is_wrong_and_who_must_know() -> None:
    for rule in alert_rules():
        assert rule["annotations"]["summary"] and rule["labels"]["severity"] in ("page", "ticket"), rule["alert"]


def test_panels_name_the_data_source_that_is_provisioned() -> None:
    provisioned = yaml.safe_load((DEPLOY / "grafana" / "provisioning" / "datasources" / "prometheus.yml").read_text())
    uid = provisioned["datasources"][0]["uid"]
    boards = [json.loads(board.read_text()) for board in (DEPLOY / "grafana" / "dashboards").glob("*.json")]
    assert boards and {panel["datasource"]["uid"] for board in boards for panel in board["panels"]} == {uid}
    assert len({board["uid"] for board in boards}) == len(boards)
