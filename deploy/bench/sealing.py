"""s. Sealing: events sealed and audited a second, beside reading the same rows, and what it takes from commands.

The limit of sealing and of the audit is reading the rows and nothing else. What it takes from commands is measured with
the sealer catching up all the time, 16 commands in flight, beside the same without it.
"""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from deploy.bench.engine import pattern, submit
from deploy.bench.machine import BACK_ENDS, Machine
from deploy.bench.master import Range, drain, seed
from deploy.bench.report import Figure, rate, say
from deploy.bench.story import opened
from services.event_log.seals import seals_of
from services.sealing.anchors import AnchorFile
from services.sealing.keys import key_in
from services.sealing.sealer import BLOCK_SIZE, Sealer
from services.sealing.verifying import check_log

AUDITED = 100_000.0  # positions a second that design/security.md 2.5 aims for
IN_FLIGHT = 16


def run(machine: Machine) -> list[Figure]:
    return [figure for back_end in BACK_ENDS for figure in _on(machine, back_end)]


def _on(machine: Machine, back_end: str) -> list[Figure]:
    sealing = Figure("s", f"sealing, {back_end}", "events/s", "reading the rows", None)
    audit = Figure("s", f"o2c audit verify, {back_end}", "positions/s", "reading the rows", AUDITED, goal_on_ours=True)
    beside = Figure("s", f"commands while sealing, {back_end}", "commands/s", "the same without a sealer", None)
    with machine.store(back_end) as environment:
        wired = opened(environment)
        try:
            seed(wired, Range())
            drain(wired)
            orders = wired.applications["orders"]
            placed, _ = pattern(orders)
            for number in range(machine.rounds):
                say(f"s {back_end}: round {number + 1}/{machine.rounds}")
                _round(orders, placed, Path(environment["O2C_DATA"]), machine.seconds, (sealing, audit, beside))
        finally:
            wired.close()
    sealing.note = f"blocks of {BLOCK_SIZE:,}, one thread"
    return [sealing, audit, beside]


def _round(orders: Any, placed: Any, folder: Path, seconds: float, figures: tuple[Figure, Figure, Figure]) -> None:
    sealing, audit, beside = figures
    store, seals = orders.store, seals_of(orders.store)
    sealer = Sealer(store, seals, lambda: key_in(folder), AnchorFile(folder / "anchors.jsonl"))
    plain, *_ = asyncio.run(submit(orders, placed, IN_FLIGHT, seconds))
    before = sealer.sealed
    read = _reading(store, before)
    started = time.perf_counter()
    sealed = sealer.seal_all()
    sealing.add(sealed / (time.perf_counter() - started), read)
    stopping = threading.Event()
    thread = threading.Thread(target=_go_on, args=(sealer, stopping))
    thread.start()
    busy, *latency = asyncio.run(submit(orders, placed, IN_FLIGHT, seconds))
    stopping.set()
    thread.join()
    beside.add(busy, plain, (latency[0], latency[1]))
    sealer.seal_all()
    started = time.perf_counter()
    report = check_log(store, seals, {key_in(folder).public}, AnchorFile(folder / "anchors.jsonl").read()[0])
    assert not report.findings, report.findings
    audit.add(report.rows / (time.perf_counter() - started), _reading(store, 0))
    ours = [rate(figure.pairs[-1][0]) for figure in (sealing, audit)]
    say(f"   sealing {ours[0]}/s, audit {ours[1]}/s, commands {rate(busy)} of {rate(plain)}/s")


def _go_on(sealer: Sealer, stopping: threading.Event) -> None:
    """As the sealer's own loop while it catches up."""
    while not stopping.is_set():
        with suppress(OSError):
            if sealer.seal_next() == 0:
                stopping.wait(0.02)


def _reading(store: Any, after: int) -> float:
    """Rows a second that are only read, in pages as large as a block."""
    started, position, count = time.perf_counter(), after, 0
    while rows := store.read(position, BLOCK_SIZE):
        position, count = rows[-1].position, count + len(rows)
    return count / (time.perf_counter() - started)
