"""g. The fill rate of a customer-year: against a plain SQL aggregate, under another definition, explained, and a month."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, text

from deploy.bench import tpch
from deploy.bench.filled import LINES, OTHER_POLICY, YEAR, YEAR_DAYS, Story, StoryFeed
from deploy.bench.machine import BACK_ENDS, Machine
from deploy.bench.report import Figure, interleaved, say
from domain.fill_rate.form import policy_from
from domain.fill_rate.lots import day_number
from projections import order_fill
from projections.columns import key
from projections.projector import Projector
from projections.view_store import ViewStore
from projections.writing import upsert
from services.orders.fill_rate.explaining import explained
from services.orders.fill_rate.reporting import Asked, reports, what_if
from services.orders.fill_rate.totals import all_totals, totals
from services.queries import json_answer

TIMES_PLAIN = 4.0
EXPLAIN_S = 1.0
MONTH_S = 1.0
FOLD = 10_000.0
AT = datetime(2026, 6, 1, tzinfo=UTC)
A_YEAR, A_MONTH = "retailer-year", "retailer-month"
MONTH = (date(2025, 6, 1), date(2025, 6, 30))
LINES_OF_ORDER = 4  # of TPC-H, on the average
BATCH = 20_000

# The same lines as somebody keeps them who wants one figure: how much was ordered and how much of it came.
PLAIN = Table(
    "plain_lines", MetaData(),
    Column("order_no", BigInteger, primary_key=True, autoincrement=False),
    Column("line", BigInteger, primary_key=True, autoincrement=False), Column("partner", key(), nullable=False),
    Column("requested", BigInteger, nullable=False), Column("ordered", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
)  # fmt: skip


def run(machine: Machine) -> list[Figure]:
    orders, month = (2_000, 200) if machine.quick else (100_000, 1_000)
    folder = tpch.generate(machine.new_folder("tpch"), (orders + month) * LINES * 2 // LINES_OF_ORDER)
    stories = [
        Story(folder, A_YEAR, orders),
        Story(folder, A_MONTH, month, MONTH[0], (MONTH[1] - MONTH[0]).days + 1),
    ]  # fmt: skip
    figures: list[Figure] = []
    for back_end in BACK_ENDS:
        with machine.store(back_end) as environment:
            url = environment.get("O2C_DATABASE")
            store = _views(Path(environment["O2C_DATA"]), url)
            try:
                figures += _Bench(machine, back_end, store, stories).figures()
            finally:
                store.close()
    return figures


def _views(folder: Path, url: str | None) -> ViewStore:
    if url is None:
        return ViewStore(folder, None)
    return ViewStore(None, url.replace("postgresql://", "postgresql+psycopg://", 1))


class _Bench:
    """One back end: the stories folded by the view's own folds and settled, then the questions in turns."""

    def __init__(self, machine: Machine, back_end: str, store: ViewStore, stories: list[Story]) -> None:
        self.machine, self.back_end, self.stories = machine, back_end, stories
        self.engine = store.engine(order_fill.VIEW)
        self.projector = Projector(order_fill.VIEW, {"orders": StoryFeed(stories)}, self.engine)
        self.year = Asked(A_YEAR, AT, days=(YEAR, YEAR.replace(month=12, day=31)))
        self.month = Asked(A_MONTH, AT, days=MONTH)
        self.other = what_if(policy_from(OTHER_POLICY))

    def figures(self) -> list[Figure]:
        made = [*self._built()]
        with self.engine.connect() as connection:
            self._check(connection)
            made += self._year(connection)
            made += self._month(connection)
        return made

    def _built(self) -> Iterator[Figure]:
        orders = sum(story.orders for story in self.stories)
        folding = Figure("g", f"fold order_fill, {orders:,} orders, {self.back_end}", "facts/s", "goal", FOLD, goal_on_ours=True)
        started, said = time.perf_counter(), [0, 0.0]

        def progress(moved: int) -> None:
            said[0] += moved
            if time.perf_counter() - said[1] > 10:
                said[1] = time.perf_counter()
                say(f"g {self.back_end}: folded {said[0]:,} facts of some {orders * 10:,}")

        facts = self.projector.catch_up(progress)
        seconds = time.perf_counter() - started
        folding.add(facts / seconds, FOLD)
        folding.note = f"{facts:,} facts made up while they are folded; peak {_peak():,.0f} MiB"
        yield folding
        yield self._settled(orders, orders / seconds)
        self._fill_plain()

    def _settled(self, orders: int, folded: float) -> Figure:
        settling = Figure("g", f"settle {orders:,} orders, {self.back_end}", "orders/s", "folded orders/s", None)
        started, done, said = time.perf_counter(), 0, 0.0
        while some := self.projector.settle():
            done += some
            if time.perf_counter() - said > 10:
                said = time.perf_counter()
                say(f"g {self.back_end}: settled {done:,} streams")
        settling.add(orders / (time.perf_counter() - started), folded)
        with self.engine.connect() as connection:
            lots, lines = connection.execute(text("SELECT COUNT(*), SUM(lines) FROM lots")).one()
        settling.note = f"{lines:,} lines in {lots:,} lots, in the background when there is nothing to fold"
        return settling

    def _fill_plain(self) -> None:
        say(f"g {self.back_end}: the plain table")
        PLAIN.create(self.engine)
        rows = self._plain_rows()
        while some := list(islice(rows, BATCH)):
            with self.engine.begin() as connection:
                upsert(connection, PLAIN, some, keep=False)
        if self.back_end != "sqlite":
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))

    def _plain_rows(self) -> Iterator[dict[str, Any]]:
        number = 0
        for story in self.stories:
            for order in story.told():
                number += 1
                for place, (line, received) in enumerate(zip(order.items, order.received(), strict=True)):
                    yield {
                        "order_no": number, "line": place, "partner": order.partner, "requested": day_number(order.wanted),
                        "ordered": int(line.quantity), "received": int(received),
                    }  # fmt: skip

    def _check(self, connection: Connection) -> None:
        """The plain figure is the case rate of the report; else one would be compared with something else."""
        found = all_totals(connection, self.year)[0].sections[0].figures
        whole = self._plain(connection)
        if (found.full.numerator, found.full.denominator) != whole:
            raise SystemExit(f"the report says {found.full}, the plain aggregate {whole}")
        lines = reports(connection, self.month)[0].sections[0].figures
        if lines != all_totals(connection, self.month)[0].sections[0].figures:
            raise SystemExit("the month's lines and its totals differ")

    def _plain(self, connection: Connection) -> tuple[Fraction, Fraction]:
        least = "MIN" if self.back_end == "sqlite" else "LEAST"
        row = connection.execute(
            text(
                f"SELECT SUM({least}(received, ordered)), SUM(ordered) FROM plain_lines"
                " WHERE partner = :partner AND requested BETWEEN :first AND :last"
            ),
            {"partner": A_YEAR, "first": day_number(YEAR), "last": day_number(YEAR) + YEAR_DAYS - 1},
        ).one()
        return Fraction(int(row[0])), Fraction(int(row[1]))

    def _year(self, connection: Connection) -> list[Figure]:
        count = self.stories[0].orders * LINES
        named = {"unit": "s", "against": "plain SQL aggregate, s", "goal": TIMES_PLAIN, "at_most": True}
        report = Figure("g", f"report over {count:,} lines, {self.back_end}", **named)
        other = Figure("g", f"what-if over {count:,} lines, {self.back_end}", **named)
        took: dict[str, list[float]] = {"plain": [], "report": [], "what-if": []}
        with _Memory() as memory:
            interleaved(self.machine.rounds, [
                ("plain", lambda: _timed(took["plain"], lambda: self._plain(connection))),
                ("report", lambda: _timed(took["report"], lambda: all_totals(connection, self.year))),
                ("what-if", lambda: _timed(took["what-if"], lambda: totals(connection, self.year, self.other))),
            ], f"g {self.back_end}")  # fmt: skip
        for plain, ours, theirs in zip(took["plain"], took["report"], took["what-if"], strict=True):
            report.add(ours, plain)
            other.add(theirs, plain)
        report.note = f"all headline figures, each exact; {memory.note}"
        other.note = f"{sum(took['what-if']) / sum(took['report']):.2f} times the report"
        return [report, other]

    def _month(self, connection: Connection) -> list[Figure]:
        count = self.stories[1].orders * LINES
        said = f"{count:,} lines of a month, {self.back_end}"
        made = [
            self._alone(f"explain {said}", EXPLAIN_S, lambda: json_answer({"explained": [
                explained(one) for one in reports(connection, self.month)
            ]})),
            self._alone(f"report line by line, {said}", MONTH_S, lambda: reports(connection, self.month)[0].sections[0].figures),
            self._alone(f"report, {said}", MONTH_S, lambda: all_totals(connection, self.month)),
            self._alone(f"what-if, {said}", MONTH_S, lambda: totals(connection, self.month, self.other)),
        ]  # fmt: skip
        return made

    def _alone(self, what: str, goal: float, ask: Callable[[], Any]) -> Figure:
        figure = Figure("g", what, "s", "goal, s", goal, at_most=True, goal_on_ours=True)
        took: list[float] = []
        with _Memory() as memory:
            for number in range(self.machine.rounds):
                say(f"g {self.back_end}: {what}, round {number + 1}/{self.machine.rounds}")
                _timed(took, ask)
        for seconds in took:
            figure.add(seconds, goal)
        figure.note = memory.note
        return figure


def _timed(took: list[float], ask: Callable[[], Any]) -> None:
    started = time.perf_counter()
    ask()
    took.append(time.perf_counter() - started)


class _Memory:
    """The memory of this process at its highest within the block, above what it was before."""

    note = ""

    def __enter__(self) -> _Memory:
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
        self._before = _status("VmRSS")
        return self

    def __exit__(self, *_: object) -> None:
        self.note = f"peak memory {_peak():,.0f} MiB, {_peak() - self._before:+,.0f} MiB"


def _peak() -> float:
    return _status("VmHWM")


def _status(name: str) -> float:
    """MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))

