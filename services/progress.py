"""Long work shows how far it is: a bar with rate and time left on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

QUIET_S = 10.0


@contextmanager
def progress(what: str, total: int, unit: str) -> Iterator[Callable[[int], None]]:
    """Yields ``advance(n)``. ``total`` in ``unit``; the rate is the mean since the start."""
    if sys.stderr.isatty():
        yield from _bar(what, total, unit)
    else:
        yield from _lines(what, total, unit)


def _bar(what: str, total: int, unit: str) -> Iterator[Callable[[int], None]]:
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn(unit),
        TextColumn("{task.fields[rate]}/s"), TimeElapsedColumn(), TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=total, rate="-")
        started, done = time.monotonic(), 0

        def advance(n: int) -> None:
            nonlocal done
            done += n
            rate = f"{done / max(time.monotonic() - started, 0.001):,.0f}"
            bar.update(task, advance=n, rate=rate)

        yield advance


def _lines(what: str, total: int, unit: str) -> Iterator[Callable[[int], None]]:
    started = said = time.monotonic()
    done = 0

    def advance(n: int) -> None:
        nonlocal done, said
        done += n
        now = time.monotonic()
        if now - said >= QUIET_S:
            said = now
            rate = done / (now - started)
            left = (total - done) / rate if rate else 0.0
            print(f"{what}: {done:,} of {total:,} {unit}, {rate:,.0f}/s, {left:,.0f} s left", file=sys.stderr)

    yield advance
    seconds = max(time.monotonic() - started, 0.001)
    print(f"{what}: {done:,} {unit} in {seconds:,.1f} s, {done / seconds:,.0f}/s", file=sys.stderr)
