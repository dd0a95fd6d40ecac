"""a. Durable POST /v1/orders at 64 connections beside the route that stores nothing and beside the plain library."""

from __future__ import annotations

import json
import secrets
import statistics
import urllib.request
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from typing import Any

from deploy.bench import load
from deploy.bench.machine import BACK_ENDS, Machine, Running, cpu_seconds, run_json, server
from deploy.bench.master import Range
from deploy.bench.report import Figure, interleaved, rate, say

CONNECTIONS = 64
LIBRARY_GOAL = {"sqlite": 2.5, "postgres": 5.0}
STATES = {"idle": "folds and reactions idle", "running": "folds and reactions running"}
PATHS = {"null": "/bench/orders", "library": "/bench/orders", "idle": "/v1/orders", "running": "/v1/orders"}


def measured(machine: Machine, running: Running, path: str, connections: int = CONNECTIONS) -> dict[str, Any]:
    """One round of load on one route; adds the server's CPU milliseconds for a request."""
    wanted = Range()
    number = load.NUMBER.decode()
    before = cpu_seconds(running.pid)
    done = run_json("deploy.bench.load", {
        "port": running.port, "path": path, "key": running.said["key"], "connections": connections,
        "seconds": machine.seconds, "warm_up": 0.5, "run": secrets.token_hex(3),
        "bodies": [json.dumps(wanted.order(partner, number)) for partner in range(wanted.partners)],
    })
    if set(done["statuses"]) - {"201"}:
        raise SystemExit(f"{path} answered {done['statuses']}")
    done["rate"] = done["count"] / done["seconds"]
    done["cpu_ms"] = (cpu_seconds(running.pid) - before) * 1000 / max(done["count"], 1)
    return done


def asked_of(running: Running, what: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{running.port}/bench/{what}", timeout=150) as answer:
        return json.loads(answer.read())[what]


def settle(running: Running) -> None:
    """Wait until a server's loops have caught up, so that they take nothing from the next contender."""
    if not asked_of(running, "settled"):
        say("the loops did not catch up within two minutes")


def run(machine: Machine) -> list[Figure]:
    figures: list[Figure] = []
    for back_end in BACK_ENDS:
        figures += _on(machine, back_end)
    return figures


def _on(machine: Machine, back_end: str) -> list[Figure]:
    figures = _figures(back_end)
    taken: dict[str, dict[str, Any]] = {}
    shares: list[float] = []
    answered: Counter[str] = Counter()
    cpu: dict[str, list[float]] = {kind: [] for kind in PATHS}
    with ExitStack() as stack:
        servers = {
            kind: stack.enter_context(server("deploy.bench.server", [kind], stack.enter_context(machine.store(back_end))))
            for kind in PATHS
        }

        def contender(kind: str) -> None:
            taken[kind] = measured(machine, servers[kind], PATHS[kind])
            shares.append(taken[kind]["cpu_share"])
            answered[kind] += taken[kind]["answered"]
            cpu[kind].append(taken[kind]["cpu_ms"])
            if kind == "running":
                settle(servers[kind])
            say(f"   {rate(taken[kind]['rate'])}/s, p99 {taken[kind]['p99']:.0f} ms, {taken[kind]['cpu_ms']:.2f} ms CPU each")
            if len(taken) == len(PATHS):
                _add(figures, taken)
                taken.clear()

        interleaved(machine.rounds, [(kind, partial(contender, kind)) for kind in PATHS], f"a {back_end}")
        for kind in ("idle", "running", "library"):
            stored = asked_of(servers[kind], "stored")
            if stored < answered[kind]:
                raise SystemExit(f"{kind} on {back_end}: {answered[kind]} orders were acknowledged, {stored} are stored")
    for (state, against), figure in figures.items():
        figure.note = (
            f"server CPU {statistics.median(cpu[state]):.2f} ms an order, {statistics.median(cpu[against]):.2f} ms there;"
            f" generator {max(shares):.2f} of a core; every acknowledged order was found stored"
        )
    return list(figures.values())


def _figures(back_end: str) -> dict[tuple[str, str], Figure]:
    made: dict[tuple[str, str], Figure] = {}
    for state, words in STATES.items():
        what = f"POST /v1/orders, 10 lines, 64 connections, {back_end}, {words}"
        made[state, "null"] = Figure("a", what, "orders/s", "same route without storing", 0.5)
        made[state, "library"] = Figure("a", what, "orders/s", "library's plain recorder", LIBRARY_GOAL[back_end])
    return made


def _add(figures: Mapping[tuple[str, str], Figure], taken: Mapping[str, dict[str, Any]]) -> None:
    for (state, against), figure in figures.items():
        ours = taken[state]
        figure.add(ours["rate"], taken[against]["rate"], (ours["p50"], ours["p99"]))
