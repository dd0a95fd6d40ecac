"""b. ``o2c import`` beside a multi-row INSERT of the rows it stored, in the batches it stored them; and its memory."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.bench import tpch
from deploy.bench.machine import BACK_ENDS, ROOT, Machine, child_environment
from deploy.bench.master import drain, seed
from deploy.bench.plain import insert_again
from deploy.bench.report import Figure, rate, say
from deploy.bench.story import opened

GOAL = 0.4
MEMORY_GOAL = 1.3


def run(machine: Machine) -> list[Figure]:
    few, many = (500, 2_000) if machine.quick else (10_000, 100_000)
    folder = tpch.generate(machine.new_folder("tpch"), many)
    files = {count: write_file(folder, count) for count in (few, many)}
    figures: list[Figure] = []
    for back_end in BACK_ENDS:
        with seeded_store(machine, back_end) as (template, positions):
            speed = Figure("b", f"o2c import of {many:,} orders, {back_end}", "events/s", "multi-row INSERT", GOAL)
            memory = Figure(
                "b", f"peak RSS of o2c import, {many:,} orders, {back_end}", "MiB", f"{few:,} orders", MEMORY_GOAL,
                at_most=True, note="flat: 10 times the orders, at most 1.3 times the memory",
            )
            figures += [speed, memory]
            for number in range(machine.rounds):
                say(f"b {back_end}: round {number + 1}/{machine.rounds}")
                small = _import(machine, back_end, template, positions, files[few])
                large = _import(machine, back_end, template, positions, files[many])
                speed.add(large[0], large[1])
                memory.add(large[2], small[2])
                speed.note = f"{large[3]:,.0f} orders/s, the whole process from its start to its end"
    return figures


def write_file(folder: Path, count: int) -> Path:
    """``count`` TPC-H orders as lines of an import."""
    path = folder / f"orders-{count}.jsonl"
    written = 0
    with path.open("w") as out:
        for order in tpch.purchase_orders(folder, count):
            out.write(json.dumps({"command": "order.place", "body": order.body()}, separators=(",", ":")) + "\n")
            written += 1
    assert written == count, f"tpchgen-cli made {written} orders, {count} are needed"
    return path


@contextmanager
def seeded_store(machine: Machine, back_end: str) -> Iterator[tuple[dict[str, str], dict[str, int]]]:
    """A store with master data, to be copied for every import."""
    with machine.store(back_end) as environment:
        wired = opened(environment)
        try:
            seed(wired, tpch.RANGE)
            drain(wired)
            positions = {name: application.store.last_position() for name, application in wired.applications.items()}
        finally:
            wired.close()
        yield environment, positions


@contextmanager
def copied(machine: Machine, back_end: str, template: dict[str, str]) -> Iterator[dict[str, str]]:
    with machine.store(back_end, template.get("O2C_DATABASE")) as environment:
        shutil.copytree(template["O2C_DATA"], environment["O2C_DATA"], dirs_exist_ok=True)
        yield environment


def _import(
    machine: Machine, back_end: str, template: dict[str, str], positions: dict[str, int], file: Path
) -> tuple[float, float, float, float]:
    """(events a second, those of the plain INSERT, peak MiB, lines a second) of one import."""
    with copied(machine, back_end, template) as environment:
        started = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, "-m", "services", "import", str(file)], cwd=ROOT, env=child_environment(environment),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as process:
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - started
        if process.returncode != 0:
            raise SystemExit(f"o2c import ended with {process.returncode}")
        wired = opened(environment)
        try:
            events = sum(a.store.last_position() - positions[name] for name, a in wired.applications.items())
            limit = insert_again(machine, back_end, wired, positions)
        finally:
            wired.close()
    memory = used.ru_maxrss / 1024
    say(f"   {file.stem}: {rate(events / seconds)} events/s of {rate(limit)}, {memory:.0f} MiB")
    lines = int(file.stem.partition("-")[2])
    return events / seconds, limit, memory, lines / seconds
