"""d. The TPC-H story told to a process: month by month orders, what the reactions make of them, shipments, receipts."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from deploy.bench import tpch
from deploy.bench.machine import BACK_ENDS, Machine
from deploy.bench.master import drain, seed
from deploy.bench.plain import insert_again
from deploy.bench.report import Figure, rate, say
from services.command import Command
from services.orders.ordering import CloseShort, PlaceOrder
from services.orders.shipping import DispatchShipment, RecordReceipt
from services.settings import Settings
from services.starting import own_context
from services.wired import Wired
from services.wiring import wire

WINDOW = 2_000
KINDS: dict[str, type[Command]] = {"order": PlaceOrder, "dispatch": DispatchShipment, "receive": RecordReceipt}


@dataclass
class Told:
    """How a telling went."""

    orders: int = 0
    commands: int = 0
    events: int = 0
    seconds: float = 0.0
    late: int = 0
    short: int = 0
    lines: int = 0
    refused: Counter[str] = field(default_factory=Counter)


def months(orders: Iterable[tpch.PurchaseOrder]) -> dict[tuple[int, int], dict[str, list[dict[str, Any]]]]:
    """All bodies by the month in which they happen and by kind."""
    calendar: dict[tuple[int, int], dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))

    def on(day: date, kind: str, body: dict[str, Any]) -> None:
        calendar[day.year, day.month][kind].append(body)

    for order in orders:
        on(order.ordered, "order", order.body())
        for shipped, received, dispatch, receive in order.shipments():
            on(shipped, "dispatch", dispatch)
            on(received, "receive", receive)
    return dict(sorted(calendar.items()))


def tell(wired: Wired, orders: Sequence[tpch.PurchaseOrder], *, running: bool) -> Told:
    """Give all commands; ``running`` keeps views and reactions running beside, else they are drained between months."""
    told = Told(orders=len(orders), lines=sum(len(order.lines) for order in orders))
    told.late = sum(1 for order in orders for line in order.lines if line.received > line.committed)
    told.short = sum(1 for order in orders for line in order.lines if line.short)
    before = _events(wired)
    started = time.perf_counter()
    for kinds in months(orders).values():
        for kind, command in KINDS.items():
            _give(wired, told, [command.model_validate(body) for body in kinds.get(kind, [])])
            if kind == "order":
                _catch_up(wired, running)
    _give(wired, told, [
        CloseShort(order=order.stream, reason="not in stock") for order in orders if any(line.short for line in order.lines)
    ])
    _catch_up(wired, running)
    told.seconds = time.perf_counter() - started
    told.events = _events(wired) - before
    return told


def _events(wired: Wired) -> int:
    return sum(application.store.last_position() for application in wired.applications.values())


def _catch_up(wired: Wired, running: bool) -> None:
    if not running:
        drain(wired)
    elif not wired.settle(600):
        say("views and reactions did not catch up within ten minutes")


def _give(wired: Wired, told: Told, commands: list[Command]) -> None:
    orders = wired.applications["orders"]
    for start in range(0, len(commands), WINDOW):
        waiting = [orders.submit(command, own_context("bench")) for command in commands[start : start + WINDOW]]
        for one in waiting:
            answer = one.result(120)
            told.commands += 1
            if answer.status >= 400:
                told.refused[str(answer.body["code"])] += 1


def opened(environment: dict[str, str]) -> Wired:
    """A process's logs, views and loops in this process."""
    return wire(Settings(data=Path(environment["O2C_DATA"]), database=environment.get("O2C_DATABASE")))


def run(machine: Machine) -> list[Figure]:
    count = 300 if machine.quick else 1_000
    folder = tpch.generate(machine.new_folder("tpch"), count)
    orders = list(tpch.purchase_orders(folder, count))
    figures = {
        back_end: Figure(
            "d", f"TPC-H story, {count:,} orders, all views and reactions running, {back_end}", "events/s",
            "multi-row INSERT of the same rows", None,
        )
        for back_end in BACK_ENDS
    }
    for number in range(1 if machine.quick else min(machine.rounds, 5)):
        for back_end, figure in figures.items():
            say(f"d {back_end}: round {number + 1}, {count:,} orders")
            _round(machine, back_end, figure, orders)
    return list(figures.values())


def _round(machine: Machine, back_end: str, figure: Figure, orders: list[tpch.PurchaseOrder]) -> None:
    with machine.store(back_end) as environment:
        wired = opened(environment)
        try:
            seed(wired, tpch.RANGE)
            wired.start()
            wired.settle()
            seeded = {name: a.store.last_position() for name, a in wired.applications.items()}
            told = tell(wired, orders, running=True)
            limit = insert_again(machine, back_end, wired, seeded)
        finally:
            wired.close()
    figure.add(told.events / told.seconds, limit)
    figure.note = (
        f"{told.orders / told.seconds:,.0f} orders/s; {told.events / told.orders:.1f} events an order;"
        f" {told.late / told.lines:.0%} of lines late, {told.short / told.lines:.0%} short;"
        f" refused: {dict(told.refused) or 'none'}"
    )
    say(f"   {rate(told.events / told.seconds)} events/s, {figure.note}")
