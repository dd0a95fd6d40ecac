"""Where the microseconds of one 10-line order go: ``python -m deploy.bench.profiling [postgres]`` prints a table of stages.

Every stage is called by itself, in a loop, with the real functions; ``--profile`` of ``deploy.bench.server`` runs
cProfile in the writer's thread and in the event loop's instead.
"""

from __future__ import annotations

import asyncio
import cProfile
import json
import pstats
import secrets
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from deploy.bench.machine import running_postgres, temporary_folder
from deploy.bench.master import Range, drain, seed
from domain.aggregate import deciding_at
from domain.order import Order
from domain.order.content import content_digest
from domain.tax import line_amounts
from domain.trading_partner import TradingPartner
from services.command import Answer, Context
from services.event_log import deciding, writer
from services.event_log.contract import Append
from services.event_log.json_form import encode_plain
from services.event_log.work import Work
from services.bodies import check_depth, parse
from services.orders.order_lines import Ordering, order_lines
from services.orders.ordering import PlaceOrder, place_order
from services.settings import Settings
from services.wired import Wired
from services.wiring import wire

TIMES = 2_000


def timed(call: Callable[[int], Any], times: int = TIMES) -> float:
    """Microseconds of CPU of one call, the best of three loops; CPU time, so that a busy machine disturbs little."""
    best = float("inf")
    for _ in range(3):
        started = time.thread_time()
        for number in range(times):
            call(number)
        best = min(best, (time.thread_time() - started) / times)
    return best * 1e6


def stages(wired: Wired) -> dict[str, float]:
    """The stages of placing an order, in microseconds each."""
    orders = wired.applications["orders"]
    raw = json.dumps(Range().order(1, "PO-1")).encode()
    command: Any = parse(PlaceOrder, raw, {})
    found: dict[str, float] = {"pydantic: parse and validate": timed(lambda _: parse(PlaceOrder, raw, {}))}
    found["depth check"] = timed(lambda _: check_depth(raw))
    found["command.streams()"] = timed(lambda _: command.streams())
    at = datetime.now(UTC)
    with orders.store.begin() as tx:
        cache: Any = orders.writer._cache
        context = Context("bench", at, "1", "1")
        with deciding_at(at):
            found |= _deciding(tx, cache, context, command)
            work = Work(tx, cache, context, Append.empty())
            place_order(work, command)
        found |= _encoding(orders, work)
    return found


def _deciding(tx: Any, cache: Any, context: Context, command: Any) -> dict[str, float]:
    group = Append.empty()
    work = Work(tx, cache, context, group)
    partner = work.get(TradingPartner, TradingPartner.stream(command.partner))
    ordering = Ordering("PO-1", partner, "EUR", command.ordered_on, command.ship_to, command.requested_on)
    lines = order_lines(work, ordering, command.lines)
    one = lines[0]
    currency, rate = "EUR", one.tax_rate
    facts: dict[str, Any] = {
        "company": "acme", "partner": command.partner, "purchase_order_number": "PO-1", "ordered_on": command.ordered_on,
        "currency": currency, "account": command.partner, "lines": lines,
    }
    return {
        "cache.fetch of the streams": timed(lambda _: cache.fetch(tx, set(command.streams()))),
        "order_lines (look-ups, prices, amounts)": timed(lambda _: order_lines(work, ordering, command.lines)),
        "  of it line_amounts x 10": timed(
            lambda _: [line_amounts(x.quantity, x.unit_price, x.price_per, rate, currency) for x in lines]
        ),
        "Order.place": timed(lambda _: Order.place(**facts)),
        "  of it content_digest": timed(lambda _: content_digest(currency, date(2026, 2, 20), None, lines)),
        "place_order whole": timed(lambda _: place_order(Work(tx, cache, context, group), command)),
    }


def _encoding(orders: Any, work: Work) -> dict[str, float]:
    order: Any = next(a for a in work.touched.values() if isinstance(a, Order))
    event = order.pending_events[0]
    body = {"order": order.id, "href": "/v1/" + order.id, "version": 1, "credit": "PENDING", "closed": None, "revision": 1}
    return {
        "encode event": timed(lambda _: orders.form.encode(event)),
        "encode state": timed(lambda _: orders.form.encode_state(order)),
        "encode answer": timed(lambda _: encode_plain(body)),
    }


class Watch:
    """Elapsed and CPU microseconds of functions of the writer, by name, while it runs."""

    def __init__(self) -> None:
        self.spent: dict[str, list[float]] = {}

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any, **named: Any) -> Any:
            wall, cpu = time.perf_counter(), time.thread_time()
            try:
                return function(*arguments, **named)
            finally:
                spent = self.spent.setdefault(name, [0.0, 0.0])
                spent[0] += time.perf_counter() - wall
                spent[1] += time.thread_time() - cpu

        return watched


WATCHED = (
    ("group whole", writer.GroupWriter, "_commit_group"), ("store begin..commit", writer.GroupWriter, "_store"),
    ("decide all", deciding.GroupDecision, "decide"), ("  handlers", deciding.GroupDecision, "_one"),
    ("  taking events (encode)", deciding.GroupDecision, "_take"), ("append", deciding.GroupDecision, "append"),
    ("  heads (encode state)", deciding.GroupDecision, "_head"), ("acknowledge", writer.GroupWriter, "_acknowledge"),
)


def whole(wired: Wired, in_flight: int, orders_count: int = 4_000) -> dict[str, Any]:
    """Placing orders through ``submit_async``: microseconds an order (elapsed, CPU) by part of the writer."""
    orders = wired.applications["orders"]
    run = secrets.token_hex(4)
    commands = [PlaceOrder.model_validate(Range().order(n, f"P-{run}-{n}")) for n in range(orders_count)]
    watch, plain = Watch(), {(owner, name): getattr(owner, name) for _, owner, name in WATCHED}
    for label, owner, name in WATCHED:
        setattr(owner, name, watch.around(label, plain[owner, name]))
    groups = orders.writer.groups
    try:
        wall, cpu = asyncio.run(_give(orders, commands, in_flight))
    finally:
        for (owner, name), function in plain.items():
            setattr(owner, name, function)
    each = 1e6 / orders_count
    found: dict[str, Any] = {"commands a group": orders_count / (orders.writer.groups - groups)}
    found["whole, both threads"] = (wall * each, cpu * each)
    found |= {name: (spent[0] * each, spent[1] * each) for name, spent in watch.spent.items()}
    return found


async def _give(orders: Any, commands: list[Any], in_flight: int) -> tuple[float, float]:
    pending = iter(commands)

    async def client() -> None:
        for command in pending:
            key = secrets.token_hex(8)
            await orders.submit_async(command, Context("bench", datetime.now(UTC), key, key, key=key, fingerprint="x"))

    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(client() for _ in range(in_flight)))
    return time.perf_counter() - wall, time.process_time() - cpu


def profiled(run: Callable[[], None], path: Path) -> None:
    """cProfile of the calling thread (the event loop) and of the writer's thread into ``path`` as text."""
    profiles = {"event loop": cProfile.Profile(), "writer": cProfile.Profile()}
    plain = writer.GroupWriter._commit_group

    def watched(self: Any, group: Any) -> None:
        if self.store.name != "orders":
            plain(self, group)
            return
        profiles["writer"].enable()
        try:
            plain(self, group)
        finally:
            profiles["writer"].disable()

    writer.GroupWriter._commit_group = watched  # type: ignore[method-assign]
    profiles["event loop"].enable()
    try:
        run()
    finally:
        profiles["event loop"].disable()
        with path.open("w") as out:
            for name, profile in profiles.items():
                out.write(f"== {name}\n")
                pstats.Stats(profile, stream=out).sort_stats("tottime").print_stats(45)


def main() -> None:
    with temporary_folder() as folder, ExitStack() as stack:
        url = stack.enter_context(running_postgres(folder)) if "postgres" in sys.argv[1:] else None
        wired = wire(Settings(data=folder, database=url))
        try:
            seed(wired, Range())
            drain(wired)
            for name, microseconds in stages(wired).items():
                print(f"{name:45s} {microseconds:9.1f} us")
            for in_flight in (1, 64):
                print(f"-- {in_flight} in flight: elapsed and CPU microseconds an order")
                for name, spent in whole(wired, in_flight).items():
                    text = f"{spent:9.1f}" if isinstance(spent, float) else f"{spent[0]:9.1f} us {spent[1]:9.1f} us"
                    print(f"{name:45s} {text}")
        finally:
            wired.close()


__all__ = ["Answer", "main", "profiled"]

if __name__ == "__main__":
    main()
