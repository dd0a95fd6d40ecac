"""e. The whole cycle of a 10-line order over HTTP beside plain psycopg on normalised tables, five commits an order."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from functools import partial
from typing import Any

from deploy.bench.machine import BACK_ENDS, Machine, Running, cpu_seconds, database, run_json, server
from deploy.bench.master import Range
from deploy.bench.post import settle
from deploy.bench.report import Figure, interleaved, rate, say

CLIENTS = (1, 2, 16)
CPU_GOAL_MS = 25.0
BODIES = [Range().order(partner, "") for partner in range(Range().partners)]


def run(machine: Machine) -> list[Figure]:
    rates = {
        (back_end, n): Figure("e", f"order to cash over HTTP, {n} clients, {back_end}", "orders/s", "psycopg CRUD", 1.0)
        for back_end in BACK_ENDS for n in CLIENTS
    }
    costs = {
        key: Figure(
            "e", f"server CPU of an order to cash, {key[1]} clients, {key[0]}", "ms", "psycopg CRUD's client", CPU_GOAL_MS,
            at_most=True, goal_on_ours=True,
        )
        for key in rates
    }
    with ExitStack() as stack:
        plain = stack.enter_context(database(machine.postgres))
        servers = {
            back_end: stack.enter_context(
                server("deploy.bench.server", ["running"], stack.enter_context(machine.store(back_end)))
            )
            for back_end in BACK_ENDS
        }

        def round_of(n: int) -> None:
            crud = run_json("deploy.bench.crud", _asked(machine, n) | {"url": plain})
            say(f"   psycopg CRUD {rate(crud['count'] / crud['seconds'])}/s, {crud['cpu_ms']:.1f} ms CPU of the client")
            for back_end, running in servers.items():
                done = cycles(machine, running, n)
                rates[back_end, n].add(done["rate"], crud["count"] / crud["seconds"], (done["p50"], done["p99"]))
                costs[back_end, n].add(done["cpu_ms"], crud["cpu_ms"])
                costs[back_end, n].note = done["told"]
                say(f"   {back_end} {rate(done['rate'])}/s, {done['cpu_ms']:.1f} ms CPU, {done['told']}")

        interleaved(machine.rounds, [(f"{n} clients", partial(round_of, n)) for n in CLIENTS], "e")
    return [figure for key in rates for figure in (rates[key], costs[key])]


def _asked(machine: Machine, clients: int) -> dict[str, Any]:
    return {
        "clients": clients, "seconds": machine.seconds, "warm_up": 0.3, "run": f"C{secrets.token_hex(3)}", "bodies": BODIES
    }


def cycles(machine: Machine, running: Running, clients: int) -> dict[str, Any]:
    """One round on one server: whole cycles a second and the CPU of everything it did for an order."""
    before = cpu_seconds(running.pid)
    done = run_json(
        "deploy.bench.cycle_client", _asked(machine, clients) | {"port": running.port, "key": running.said["key"]}
    )
    settle(running)
    if done["failures"]:
        raise SystemExit(f"{done['failures']} cycles failed: {done['failed']}")
    done["rate"] = done["count"] / done["seconds"]
    done["cpu_ms"] = (cpu_seconds(running.pid) - before) * 1000 / max(done["started"], 1)
    calls = {name: count / max(done["started"], 1) for name, count in done["calls"].items()}
    looks = sum(count for name, count in calls.items() if name.startswith("look"))
    done["told"] = f"{sum(calls.values()):.1f} calls an order, {looks:.1f} of them looks"
    return done
