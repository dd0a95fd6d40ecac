"""Figures as ratios beside their limits, and the one table that shows them."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

STARTED = time.monotonic()


def say(text: str) -> None:
    """One line of progress on standard error, with the minutes since the start."""
    minutes, seconds = divmod(int(time.monotonic() - STARTED), 60)
    print(f"[{minutes:3d}:{seconds:02d}] {text}", file=sys.stderr, flush=True)


def rate(value: float) -> str:
    """A figure with as many digits as it deserves."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}" if abs(value) < 10 else f"{value:,.1f}"


@dataclass
class Figure:
    """One row: pairs ``(ours, limit)`` of the same round; ``goal`` is what their ratio must reach.

    ``at_most`` turns the goal round; ``shown`` replaces the goal's text where the goal is not the ratio's.
    ``goal`` None only reports.
    """

    part: str
    what: str
    unit: str
    against: str
    goal: float | None
    pairs: list[tuple[float, float]] = field(default_factory=list)
    at_most: bool = False
    goal_on_ours: bool = False
    latencies: list[tuple[float, float]] = field(default_factory=list)
    note: str = ""

    def add(self, ours: float, limit: float, latency: tuple[float, float] | None = None) -> None:
        """The two values of one round; ``latency`` is ours as (p50, p99) in milliseconds."""
        self.pairs.append((ours, limit))
        if latency is not None:
            self.latencies.append(latency)

    def ratios(self) -> list[float]:
        return [ours / limit for ours, limit in self.pairs if limit]

    def judged(self) -> list[float]:
        return [ours for ours, _ in self.pairs] if self.goal_on_ours else self.ratios()

    def met(self) -> str:
        """yes, no, or nothing where there is no goal or no value."""
        values = self.judged()
        if self.goal is None or not values:
            return "-"
        middle = statistics.median(values)
        return "yes" if (middle <= self.goal if self.at_most else middle >= self.goal) else "NO"

    def cells(self) -> list[str]:
        """The row as text."""
        if not self.pairs:
            return [self.part, self.what, "-", f"{self.against}: -", "-", self._goal(), "-", "-", self.note]
        ours, limit = ([pair[i] for pair in self.pairs] for i in (0, 1))
        return [
            self.part, self.what, f"{_middle(ours)} {self.unit}", f"{self.against}: {_middle(limit)}", spread(self.ratios()),
            self._goal(), self.met(), self._latency(), self.note,
        ]

    def _goal(self) -> str:
        if self.goal is None:
            return "-"
        sign = "<=" if self.at_most else ">="
        return f"{sign} {rate(self.goal)}" + (f" {self.unit}" if self.goal_on_ours else "")

    def _latency(self) -> str:
        if not self.latencies:
            return "-"
        return " / ".join(_middle([pair[i] for pair in self.latencies]) for i in (0, 1)) + " ms"


def _middle(values: Sequence[float]) -> str:
    return rate(statistics.median(values))


def spread(values: Sequence[float]) -> str:
    """``median [min..max]``."""
    if not values:
        return "-"
    return f"{statistics.median(values):.2f} [{min(values):.2f}..{max(values):.2f}]"


HEAD = ("part", "what", "ours", "limit", "ratio [min..max]", "goal", "met", "p50 / p99", "note")


def show(figures: Sequence[Figure]) -> None:
    """The table on standard output."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*HEAD, show_lines=False)
    for figure in figures:
        table.add_row(*figure.cells())
    console = Console()
    console.width = max(console.width, 200)
    console.print(table)


def markdown(figures: Sequence[Figure], heading: Sequence[str]) -> str:
    """The same table as markdown under lines that say where and how it was measured."""
    lines = [*heading, "", f"| {' | '.join(HEAD)} |", f"|{' --- |' * len(HEAD)}"]
    lines += [f"| {' | '.join(cell.replace('|', '/') for cell in figure.cells())} |" for figure in figures]
    return "\n".join(lines) + "\n"


def interleaved(rounds: int, contenders: Sequence[tuple[str, Callable[[], None]]], title: str) -> None:
    """Run every contender once a round, beginning with another one each time, so that drift hits all alike."""
    for number in range(rounds):
        start = number % len(contenders)
        for name, run in [*contenders[start:], *contenders[:start]]:
            say(f"{title}: round {number + 1}/{rounds}, {name}")
            run()
