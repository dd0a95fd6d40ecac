"""``make up`` and ``make down``: the distributed shape as real processes behind one port, and again over the same data."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from deploy.kafka.broker import free_port

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.faults


def local(folder: Path, port: int, *what: str) -> str:
    """What ``make up`` and ``make down`` run."""
    command = [sys.executable, "-m", "deploy.local", *what, "--folder", str(folder), "--port", str(port)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def call(port: int, path: str, key: str, body: dict[str, Any] | None = None) -> Any:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, headers)
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return json.loads(answer.read())


def test_up_down_and_up_again(kafka: Any) -> None:
    """(``kafka`` skips where there is no Java.) A key issued by orders opens receivables, which knows it only by Kafka."""
    folder = Path(tempfile.mkdtemp(prefix="o2c-local-"))  # not below pytest's own, into which only its user may look
    folder.chmod(0o755)
    port = free_port()
    try:
        said = local(folder, port, "up")
        key = next(line for line in said.splitlines() if line.startswith("o2c_live_"))
        assert key not in (folder / "orders.log").read_text(), "the key stays in the log"
        deadline = time.monotonic() + 30
        while True:
            try:
                feed = call(port, "/v1/feeds/events?log=receivables", key)
                break
            except urllib.error.HTTPError as error:
                assert error.code == 401 and time.monotonic() < deadline, error.read()
                time.sleep(0.2)
        assert feed["log"] == "receivables"
        company = {"company": "acme", "name": "Acme", "zone": "UTC", "country": "DE", "currency": "EUR", "edi_id": "ACME"}
        call(port, "/v1/companies", key, company)
        end = call(port, "/v1/feeds/events?log=orders", key)["last"]
        health = call(port, "/health", key)
        assert {name: part["status"] for name, part in health.items()} == dict.fromkeys(health, "ok"), health
        local(folder, port, "down")
        status = local(folder, port, "status").splitlines()
        assert status and all(line.endswith("does not run") for line in status)
        local(folder, port, "up")
        assert call(port, "/v1/feeds/events?log=orders", key)["last"] >= end
    finally:
        local(folder, port, "down", "--forget")
    assert not folder.exists()
