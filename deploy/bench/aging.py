"""g. Aging 1,000,000 open items against a plain SQL group-by over a table of the same items.

The group-by knows only what is open now; ours answers as of any day as known at any position, from movements. One item in
four was paid in part, so it has two movements; the contested part, the currency and the class of an item are kept too.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, Connection, Date, Engine, MetaData, Table, Text, func, select

from deploy.bench.machine import BACK_ENDS, Machine
from deploy.bench.report import Figure, interleaved, say
from domain.aging import Buckets
from domain.values import ZERO
from projections import receivable_items
from projections.columns import key, money
from projections.view_store import ViewStore
from projections.receivable_aging import AgingSearch, Moment, agings
from projections.receivable_items import ALWAYS, ENTRIES
from projections.writing import upsert
from services.wiring import sqlalchemy_url

ITEMS = 1_000_000
FEW = 20_000
PAGE = 20_000
GOAL = 3.0
AS_OF = date(2026, 6, 30)
SPAN = 400
CUSTOMERS = 200

METADATA = MetaData()
OPEN = Table(
    "bench_open", METADATA, Column("item_id", key(), primary_key=True), Column("currency", key(), nullable=False),
    Column("class", Text, nullable=False), Column("due_on", Date, nullable=False), Column("open", money(), nullable=False),
)  # fmt: skip


def run(machine: Machine) -> list[Figure]:
    count = FEW if machine.quick else ITEMS
    figures: list[Figure] = []
    for back_end in BACK_ENDS:
        with machine.store(back_end) as environment:
            views = ViewStore(
                machine.new_folder("views") if back_end == "sqlite" else None, sqlalchemy_url(environment.get("O2C_DATABASE"))
            )
            try:
                figures += _on(machine, back_end, views.engine(receivable_items.VIEW), count)
            finally:
                views.close()
    return figures


def _on(machine: Machine, back_end: str, engine: Engine, count: int) -> list[Figure]:
    say(f"g {back_end}: writing {count:,} open items")
    with engine.begin() as connection:
        METADATA.create_all(connection)
        entries = _write(connection, count)
    _analyse(engine)
    names = {"_days": "by due day", "_buckets": "in the same buckets"}
    figures = {
        name: Figure(
            "h", f"aging of {count:,} open items as of a day, {back_end}", "s", f"plain group-by {text}", GOAL, at_most=True,
            note=f"{entries:,} entries",
        )
        for name, text in names.items()
    }
    timed: dict[str, list[float]] = {}
    contenders: list[tuple[str, Callable[[Connection], Any]]] = [("ours", _ours), ("_days", _by_day), ("_buckets", _bucketed)]
    with engine.connect() as connection:
        assert _summed(_ours(connection)) == _summed_plainly(connection)
        interleaved(
            machine.rounds, [(name, _timing(timed, name, ask, connection)) for name, ask in contenders], f"g {back_end}"
        )
    for name, figure in figures.items():
        for ours, plain in zip(timed["ours"], timed[name], strict=True):
            figure.add(ours, plain)
    return list(figures.values())


def _timing(
    timed: dict[str, list[float]], name: str, ask: Callable[[Connection], Any], connection: Connection
) -> Callable[[], None]:
    def once() -> None:
        started = time.perf_counter()
        ask(connection)
        timed.setdefault(name, []).append(time.perf_counter() - started)

    return once


def _ours(connection: Connection) -> Any:
    return agings(connection, AgingSearch(), Moment(AS_OF, 10**12), Buckets())


def _by_day(connection: Connection) -> Any:
    """The plainest group-by that an aging could be made from."""
    c = OPEN.c
    return connection.execute(select(c.currency, c.due_on, func.sum(c.open)).group_by(c.currency, c.due_on)).all()


def _bucketed(connection: Connection) -> Any:
    """The buckets too, with today's due days only."""
    days = Buckets().oldest_days(AS_OF)
    whens = " ".join(f"WHEN due_on >= '{day}' THEN {n}" for n, day in enumerate(days))
    bucket = f"CASE {whens} ELSE {len(days)} END"
    return connection.exec_driver_sql(f"SELECT currency, {bucket}, SUM(open) FROM bench_open GROUP BY 1, 2").all()


def _summed(found: Any) -> dict[str, Decimal]:
    return {currency: one.net for currency, one in found[()].items()}


def _summed_plainly(connection: Connection) -> dict[str, Decimal]:
    c = OPEN.c
    found = connection.execute(select(c.currency, func.sum(c.open)).group_by(c.currency)).all()
    return {row[0]: row[1] for row in found}


def _write(connection: Connection, count: int) -> int:
    written, items, entries = 0, [], []
    for item, of_item in _made_up(count):
        items.append(item)
        entries += of_item
        if len(items) == PAGE:
            written += _flush(connection, items, entries)
    return written + _flush(connection, items, entries)


def _flush(connection: Connection, items: list[dict[str, Any]], entries: list[dict[str, Any]]) -> int:
    upsert(connection, OPEN, items, keep=True)
    upsert(connection, ENTRIES, entries, keep=True)
    written = len(entries)
    items.clear()
    entries.clear()
    return written


def _made_up(count: int) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    chance = random.Random(7)
    position = 0
    for number in range(count):
        gross = Decimal(chance.randrange(100, 1_000_000)) / 100
        paid = (gross / 2).quantize(Decimal("0.01")) if number % 4 == 0 else ZERO
        due_on = AS_OF - timedelta(days=chance.randrange(-60, SPAN))
        issued_on = min(due_on - timedelta(days=30), AS_OF)
        item_id = f"invoice/acme/2026-{number:07d}"
        currency = "CNY" if number % 5 else "USD"
        partner = f"retailer-{chance.randrange(CUSTOMERS)}"
        kept = {
            "item_id": item_id, "class": "RECEIVABLE", "company": "acme", "partner": partner, "account": partner,
            "currency": currency, "dated_on": issued_on, "due_on": due_on, "since": ALWAYS, "provisional_on": None, "n": 0,
            "disputed": ZERO, "written_off": ZERO, "document": None,
        }  # fmt: skip
        position += 1
        entries = [kept | {"position": position, "happened_on": issued_on, "amount": gross, "what": "ISSUED"}]
        if paid:
            position += 1
            entries.append(kept | {"position": position, "happened_on": issued_on, "amount": -paid, "what": "USED"})
        item = {"item_id": item_id, "currency": currency, "class": "RECEIVABLE", "due_on": due_on, "open": gross - paid}
        yield item, entries


def _analyse(engine: Engine) -> None:
    """Fresh statistics for both, as a server makes them by itself."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE")
