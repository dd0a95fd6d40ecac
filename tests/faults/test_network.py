"""The network fails between client and service, and between service and PostgreSQL (K9): one effect, nothing lost.

The worst place is after the request was forwarded and before its reply: whoever asked knows nothing, and asks again with
the same key.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.conftest import psycopg_url, settings_for
from tests.faults.harness import Run, journals, under_load, violations
from tests.faults.proxy import CUT_REQUEST, HALF_REPLY, LATE, PASS, SILENT, SWALLOW_REPLY, TRICKLE, Proxy

TO_CLIENTS = {PASS: 60, SWALLOW_REPLY: 15, HALF_REPLY: 5, CUT_REQUEST: 5, LATE: 10, TRICKLE: 5, SILENT: 1}
TO_DATABASE = {PASS: 4_000, SWALLOW_REPLY: 15, HALF_REPLY: 5, CUT_REQUEST: 5, LATE: 50, TRICKLE: 20}
RESETS = (SWALLOW_REPLY, HALF_REPLY, CUT_REQUEST, SILENT)


def before_the_service(folder: Path, seed: int, resets: int, sabotage: str | None = None) -> tuple[Run, Proxy]:
    """A spoilt line between the clients and the service until ``resets`` replies were swallowed."""
    settings = settings_for(folder / "data", None)
    with under_load(settings, seed, sabotage, lambda port: Proxy(("127.0.0.1", port), seed, TO_CLIENTS)) as (server, clients):
        proxy = server.proxy
        assert proxy is not None
        deadline = time.monotonic() + 120
        while proxy.happened[SWALLOW_REPLY] < resets and time.monotonic() < deadline:
            time.sleep(0.05)
        proxy.spoiling = False
    return journals(settings, clients, resets), proxy


@pytest.mark.faults
@pytest.mark.parametrize("seed", [5])
def test_two_hundred_replies_that_never_arrive(tmp_path: Path, seed: int) -> None:
    run, proxy = before_the_service(tmp_path, seed, resets=200)
    found = violations(run)
    assert found == [], f"{len(found)} violations: {found[:5]}"
    assert proxy.happened[SWALLOW_REPLY] >= 200 and run.in_doubt >= 200, proxy.happened
    print(f"\n{dict(proxy.happened)}: {run.acknowledged.total()} acknowledged, {run.in_doubt} repeated, 0 lost, 0 twice")


@pytest.mark.faults
def test_a_service_that_forgets_keys_is_caught(tmp_path: Path) -> None:
    run, _ = before_the_service(tmp_path, 6, resets=60, sabotage="forgetful")
    assert any(violation.startswith("twice: ") for violation in violations(run))


@pytest.mark.faults
@pytest.mark.parametrize("seed", [7])
def test_a_spoilt_line_to_postgresql(tmp_path: Path, own_postgres: Any, seed: int) -> None:
    """A COMMIT whose answer is lost is unknown to the service; the clients' keys find what became of it."""
    with psycopg.connect(own_postgres.get_uri(), autocommit=True) as admin:
        admin.execute("CREATE DATABASE o2c")
    info = own_postgres.get_postmaster_info()
    proxy = Proxy(f"{info.socket_dir}/.s.PGSQL.{info.port}", seed, TO_DATABASE, spoiling=False)
    straight = psycopg_url(own_postgres.get_uri(), "o2c")
    spoilt = f"postgresql://postgres@127.0.0.1:{proxy.port}/o2c"
    try:
        with under_load(settings_for(tmp_path / "data", spoilt), seed) as (server, clients):
            proxy.spoiling = True
            deadline = time.monotonic() + 120
            while sum(proxy.happened[fault] for fault in RESETS) < 200 and time.monotonic() < deadline:
                time.sleep(0.05)
            proxy.spoiling = False
            assert server.starts == 1 and server.process is not None and server.process.poll() is None
    finally:
        proxy.close()
    run = journals(settings_for(tmp_path / "data", straight), clients, 200)
    found = violations(run)
    assert found == [], f"{len(found)} violations: {found[:5]}"
    cut = sum(proxy.happened[fault] for fault in RESETS)
    assert cut >= 200 and run.acknowledged.total() >= 200, (proxy.happened, run.acknowledged)
    print(f"\n{cut} cut lines to PostgreSQL: {run.acknowledged.total()} acknowledged, {run.in_doubt} in doubt, 0 lost, 0 twice")
