"""f. The log by itself: group commit with 1, 16 and 64 commands in flight beside one insert a commit.

A command here decides nothing: it appends one ``order.placed`` of ten lines made beforehand, with its idempotency
row, its stream's head with the state, and its positions. The limit writes the same event row and nothing else.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
import subprocess
import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from deploy.bench.machine import Machine, pgbench_path
from deploy.bench.master import Range, drain, seed
from deploy.bench.plain import event_table
from deploy.bench.report import Figure, interleaved, rate, say
from deploy.bench.story import opened
from domain.order import Order
from services.application import LogApplication
from services.command import Answer, Context
from services.event_log import postgres, sqlite
from services.event_log.contract import EventRow
from services.event_log.work import Work
from services.orders.ordering import PlaceOrder

IN_FLIGHT = (1, 16, 64)
GOALS = {"postgres": {1: 0.6, 16: 0.6, 64: 0.95}, "sqlite": {1: 0.6, 16: 1.0, 64: 1.0}}


def run(machine: Machine) -> list[Figure]:
    return [figure for back_end in GOALS for figure in _on(machine, back_end)]


def _on(machine: Machine, back_end: str) -> list[Figure]:
    against = "pgbench, one INSERT a commit" if back_end == "postgres" else "one INSERT a commit, one thread"
    figures = {
        n: Figure("f", f"group commit, {n} in flight, {back_end}", "commands/s", against, GOALS[back_end][n]) for n in IN_FLIGHT
    }
    with machine.store(back_end) as environment:
        wired = opened(environment)
        try:
            seed(wired, Range())
            drain(wired)
            orders = wired.applications["orders"]
            placed, row = pattern(orders)
            limit = _Sqlite(machine, row) if back_end == "sqlite" else _Pgbench(environment["O2C_DATABASE"], row)

            def round_of(n: int) -> None:
                plain = limit.run(n, machine.seconds)
                ours, *latency = asyncio.run(submit(orders, placed, n, machine.seconds))
                figures[n].add(ours, plain, (latency[0], latency[1]))
                say(f"   {rate(ours)}/s of {rate(plain)}/s")

            interleaved(
                machine.rounds, [(f"{n} in flight", partial(round_of, n)) for n in IN_FLIGHT], f"f {back_end}"
            )
        finally:
            wired.close()
    return list(figures.values())


def pattern(orders: LogApplication) -> tuple[Any, EventRow]:
    """An ``order.placed`` of ten lines: the fact to repeat and the row it is stored as."""
    command = PlaceOrder.model_validate(Range().order(1, "PATTERN"))
    answer = orders.handle(command, context("pattern"))
    row = orders.store.stream(answer.body["order"])[0]
    return orders.form.event(row), row


def context(key: str) -> Context:
    return Context("bench", datetime.now(UTC), key, key, key=f"bench:{key}", fingerprint="bench")


_numbers = count()


async def submit(orders: LogApplication, placed: Any, in_flight: int, seconds: float) -> tuple[float, float, float]:
    """(commands a second, p50 ms, p99 ms) with so many commands in flight."""
    taken: list[float] = []
    ends = time.perf_counter() + seconds

    async def client() -> None:
        while (started := time.perf_counter()) < ends:
            await orders.writer.submit_async(*_asked(placed))
            taken.append(time.perf_counter() - started)

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(in_flight)))
    elapsed = time.perf_counter() - began
    taken.sort()
    return len(taken) / elapsed, taken[len(taken) // 2] * 1000, taken[int(len(taken) * 0.99)] * 1000


def _asked(placed: Any) -> tuple[Any, Context, tuple[str, ...]]:
    stream = f"order/acme/partner-001/E-{next(_numbers)}/-"

    def decide(work: Work) -> Answer:
        event = replace(placed, originator_id=stream)
        order: Order = event.mutate(None)
        order.pending_events.append(event)
        work.add(order)
        return Answer(201, {"order": stream, "version": 1})

    return decide, context(stream), (stream,)


class _Pgbench:
    """pgbench with a bound parameter for each column, prepared, over the same socket."""

    def __init__(self, url: str, row: EventRow) -> None:
        self._parts = conninfo_to_dict(url)
        self._row = row
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE SCHEMA plain")
            connection.execute("SET search_path TO plain")
            for statement in event_table(postgres.SCHEMA):
                connection.execute(statement)
            connection.execute("CREATE SEQUENCE plain.position")

    def run(self, clients: int, seconds: float) -> float:
        values = self._row._asdict() | {"causation": "none"}
        names = [name for name in values if name not in ("position", "stream", "version")]
        script = (
            "INSERT INTO plain.event SELECT n, 'order/acme/partner-001/P-' || n || '/-', 1, "
            + ", ".join(f":{name}" for name in names) + " FROM (SELECT nextval('plain.position') AS n) AS one;"
        )
        command = [
            str(pgbench_path()), "-n", "-M", "prepared", "-f", "-", "-c", str(clients), "-j", str(min(clients, 2)),
            "-T", str(max(round(seconds), 1)), "-h", str(self._parts["host"]), "-U", str(self._parts["user"]),
            *(argument for name in names for argument in ("-D", f"{name}={values[name]}")), str(self._parts["dbname"]),
        ]
        done = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
        found = re.search(r"tps = ([0-9.]+)", done.stdout)
        if found is None:
            raise SystemExit(f"pgbench did not run: {done.stderr[-500:]}")
        return float(found[1])


class _Sqlite:
    """One thread that inserts one row a transaction, WAL with synchronous=FULL."""

    def __init__(self, machine: Machine, row: EventRow) -> None:
        self._row = row
        self._connection = sqlite3.connect(machine.new_folder("plain") / "plain.sqlite", isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        for statement in event_table(sqlite.SCHEMA):
            self._connection.execute(statement)

    def run(self, _: int, seconds: float) -> float:
        began = time.perf_counter()
        done = 0
        while time.perf_counter() - began < seconds:
            number = next(_numbers)
            self._connection.execute(sqlite.INSERT_EVENT, self._row._replace(position=number, stream=f"order/P-{number}/-"))
            done += 1
        return done / (time.perf_counter() - began)
