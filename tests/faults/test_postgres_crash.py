"""PostgreSQL is killed under load (K3): nothing acknowledged is lost, and the service is well again by itself in seconds.

The o2c process is never restarted. What is killed is the postmaster with all its children, by SIGKILL, or all sessions at
once (a storm of ``pg_terminate_backend``).
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.conftest import psycopg_url, settings_for, start_again
from tests.faults.clients import Client
from tests.faults.harness import Run, Server, journals, under_load, violations

WRITES_AGAIN_S = 10.0
CAUGHT_UP_S = 15.0
ACKNOWLEDGED_PER_CRASH = 40


@dataclass
class Crashes:
    """How long after each return of the server a command was taken again, and the loops had caught up, in seconds."""

    writes: list[float] = field(default_factory=list)
    loops: list[float] = field(default_factory=list)


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def kill_everything(server: Any) -> None:
    """SIGKILL to the postmaster and all its children: first it is stopped, so that it starts no new one meanwhile."""
    postmaster = server.get_postmaster_info().pid
    os.kill(postmaster, signal.SIGSTOP)
    for pid in (*children(postmaster), postmaster):
        os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and any(Path(f"/proc/{pid}/cmdline").exists() for pid in (postmaster,)):
        time.sleep(0.01)


def crash(server: Any) -> None:
    kill_everything(server)
    time.sleep(0.5)
    start_again(server)
    server.ensure_postgres_running()  # it notes the new process


def terminate_all(server: Any) -> None:
    with psycopg.connect(server.get_uri(), autocommit=True) as admin:
        for _ in range(5):
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
            time.sleep(0.05)


def asked(server: Server, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


def behind(server: Server) -> float:
    """Facts that a view or the reactions have not seen yet, all together; infinite while it cannot be said."""
    status, text = asked(server, "/metrics")
    if status != 200:
        return float("inf")
    lines = [line for line in text.splitlines() if line.startswith(("o2c_view_behind{", "o2c_reactions_behind{"))]
    assert lines
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines)


def well(server: Server) -> bool:
    """Whether every part says so: also those that only try again every five seconds (sealing, the ledger's invariants)."""
    status, text = asked(server, "/health")
    return status == 200 and json.loads(text)["status"] == "ok"


def seconds_until(done: Callable[[], bool], limit: float) -> float:
    begun = time.monotonic()
    while not done():
        if time.monotonic() - begun > limit:
            return float("inf")
        time.sleep(0.02)
    return time.monotonic() - begun


def known(clients: Sequence[Client]) -> int:
    """Operations with an outcome of 2xx so far."""
    return sum(1 for client in clients for one in list(client.journal.operations.values()) if 200 <= one.status < 300)


def crash_run(folder: Path, server: Any, seed: int, times: int, sabotage: str | None = None) -> tuple[Run, Crashes]:
    """Kill PostgreSQL (or every session) ``times`` times under load; one process of o2c all the while."""
    moments, found = random.Random(seed), Crashes()
    with psycopg.connect(server.get_uri(), autocommit=True) as admin:
        admin.execute("CREATE DATABASE o2c")
    settings = settings_for(folder / "data", psycopg_url(server.get_uri(), "o2c"))
    with under_load(settings, seed, sabotage) as (served, clients):
        for n in range(times):
            time.sleep(moments.uniform(1.0, 2.5))
            (terminate_all if n % 3 == 2 else crash)(server)
            before = known(clients)
            found.writes.append(seconds_until(lambda before=before: known(clients) > before, 3 * WRITES_AGAIN_S))
        for client in clients:
            client.stopping.set()
        found.loops.append(seconds_until(lambda: behind(served) == 0 and well(served), 2 * CAUGHT_UP_S))
        assert served.starts == 1, asked(served, "/health")
    run = journals(settings, clients, times)
    return run, found if sabotage else checked(run, found)


def checked(run: Run, found: Crashes) -> Crashes:
    lost = violations(run)
    assert lost == [], f"{len(lost)} violations: {lost[:5]}"
    return found


def judged(run: Run, found: Crashes, times: int) -> None:
    done = run.acknowledged.total()
    assert done >= times * ACKNOWLEDGED_PER_CRASH, f"only {done} acknowledged: nothing was shown"
    assert run.in_doubt >= times, "the crashes met nothing in flight"
    assert max(found.writes) <= WRITES_AGAIN_S, found
    assert max(found.loops) <= CAUGHT_UP_S, found
    print(
        f"\n{times} crashes of PostgreSQL: {done} acknowledged, {run.in_doubt} in doubt and repeated, 0 lost, 0 twice;"
        f" writes again after {max(found.writes):.1f} s at most, loops caught up {max(found.loops):.1f} s after the load"
    )


@pytest.mark.faults
@pytest.mark.parametrize("seed", [3])
def test_six_crashes(tmp_path: Path, own_postgres: Any, seed: int) -> None:
    run, found = crash_run(tmp_path, own_postgres, seed, times=6)
    judged(run, found, 6)


@pytest.mark.faults
def test_loops_without_a_supervisor_are_caught(tmp_path: Path, own_postgres: Any) -> None:
    """The fault: a loop of reactions ends at its first error, as a library's runner does."""
    _, found = crash_run(tmp_path, own_postgres, 4, times=1, sabotage="unsupervised")
    assert max(found.loops) > CAUGHT_UP_S, found
