"""c. Folding every view from zero: facts a second, and whether four times the facts take four times as long."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deploy.bench import made_up, tpch
from deploy.bench.machine import BACK_ENDS, Machine
from deploy.bench.master import seed
from deploy.bench.report import Figure, rate, say
from deploy.bench.story import opened, tell
from domain.recorded import RecordedEvent
from projections.projector import PAGE, Feed, Projector
from projections.view import View
from services.wired import Wired
from services.wiring import VIEWS

GOAL = 10_000.0
LINEAR = 1.25
FEW = 1_000
SUFFIX = "_bench"


@dataclass
class Part:
    """A feed that ends at ``end``; counts what it hands out."""

    feed: Feed
    end: int
    handed_out: int = 0
    log: str = ""

    def __post_init__(self) -> None:
        self.log = self.feed.log

    @property
    def known(self) -> Any:
        return self.feed.known  # type: ignore[attr-defined]

    def read(
        self, after: int, limit: int, event_classes: Sequence[type] | None = None
    ) -> tuple[list[RecordedEvent], int]:
        events, reached = self.feed.read(after, limit, event_classes)
        if reached > self.end:
            events, reached = [event for event in events if event.position <= self.end], self.end
        self.handed_out += len(events)
        return events, reached

    def last_position(self) -> int:
        return self.end

    def generation(self) -> int:
        return self.feed.generation()


def all_views() -> dict[str, tuple[View, tuple[str, ...]]]:
    return {view.name: (view, logs) for listed in VIEWS.values() for view, logs in listed}


def run(machine: Machine) -> list[Figure]:
    count = 250 if machine.quick else 2_000
    orders = list(tpch.purchase_orders(tpch.generate(machine.new_folder("tpch"), count), count))
    figures: list[Figure] = []
    for back_end in BACK_ENDS:
        with machine.store(back_end) as environment:
            wired = opened(environment)
            try:
                say(f"c {back_end}: telling {count:,} orders")
                seed(wired, tpch.RANGE)
                tell(wired, orders, running=False)
                figures += _on(machine, back_end, wired, count)
            finally:
                wired.close()
    return figures


def _on(machine: Machine, back_end: str, wired: Wired, count: int) -> list[Figure]:
    made: list[Figure] = []
    for name, (view, logs) in all_views().items():
        feeds = {log: wired.feeds[log] for log in logs if log in wired.feeds}
        note = ""
        if feeds and sum(map(len, _facts(view, feeds).values())) < FEW:
            added = made_up.append(wired.applications[logs[0]], view, count)
            note = f"with {added:,} made-up facts"
        facts = _facts(view, feeds)
        if feeds:
            _fold(wired, view, _cut(feeds, facts, 1))
        speed = Figure(
            "c", f"fold {name}, {back_end}", "facts/s", "reading without folding", GOAL, goal_on_ours=True, note=note
        )
        linear = Figure(
            "c", f"rebuild {name}, {back_end}: 4x the facts", "times the time", "times the facts", LINEAR, at_most=True
        )
        made += [speed, linear]
        for number in range(machine.rounds if feeds else 0):
            say(f"c {back_end} {name}: round {number + 1}/{machine.rounds}")
            _round(wired, view, feeds, facts, speed, linear)
    return made


def _facts(view: View, feeds: Mapping[str, Feed]) -> dict[str, list[int]]:
    """The positions of the facts that the view folds, by log."""
    found: dict[str, list[int]] = {}
    for log, feed in feeds.items():
        found[log], after = [], 0
        while after < feed.last_position():
            events, after = feed.read(after, PAGE, _classes(view, feed))
            found[log] += [event.position for event in events]
    return found


def _classes(view: View, feed: Feed) -> list[type[Any]]:
    return [c for c in view.folds if c in getattr(feed, "known", view.folds)]


def _round(
    wired: Wired, view: View, feeds: Mapping[str, Feed], at: Mapping[str, list[int]], speed: Figure, linear: Figure
) -> None:
    folded = [_fold(wired, view, _cut(feeds, at, share)) for share in (1, 2, 4)]
    facts, seconds = folded[-1]
    read, reading = _read(view, _cut(feeds, at, 4))
    speed.add(facts / seconds, read / reading)
    if folded[0][0]:
        linear.add(seconds / folded[0][1], facts / folded[0][0])
    linear.note = ", ".join(f"{n:,} facts {s:.2f} s" for n, s in folded)
    say(f"   {rate(facts / seconds)} facts/s of {rate(read / reading)} read; {linear.note}")


def _cut(feeds: Mapping[str, Feed], at: Mapping[str, list[int]], quarters: int) -> dict[str, Part]:
    """The logs cut off behind so many quarters of the facts."""
    return {log: Part(feed, at[log][len(at[log]) * quarters // 4 - 1] if at[log] else 0) for log, feed in feeds.items()}


def _fold(wired: Wired, view: View, parts: dict[str, Part]) -> tuple[int, float]:
    """(facts, seconds) of folding the view from zero into a place of its own."""
    wired.views.drop(view, SUFFIX)
    try:
        feeds: dict[str, Feed] = dict(parts)
        projector = Projector(view, feeds, wired.views.engine(view, SUFFIX))
        started = time.perf_counter()
        projector.catch_up()
        return sum(part.handed_out for part in parts.values()), time.perf_counter() - started
    finally:
        wired.views.drop(view, SUFFIX)


def _read(view: View, parts: Mapping[str, Part]) -> tuple[int, float]:
    """(facts, seconds) of reading what the view folds without folding it."""
    started = time.perf_counter()
    for part in parts.values():
        after = 0
        while after < part.end:
            _, after = part.read(after, PAGE, _classes(view, part.feed))
    return sum(part.handed_out for part in parts.values()), time.perf_counter() - started
