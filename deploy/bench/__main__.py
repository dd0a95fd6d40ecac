"""``python -m deploy.bench [--quick] [--only a,c] [--write FILE]``: all figures in one table."""

from __future__ import annotations

import argparse
import importlib
import os
import time
from collections.abc import Sequence
from pathlib import Path

from deploy.bench.machine import Machine, described, running_postgres, temporary_folder
from deploy.bench.report import Figure, markdown, say, show
from services.starting import settle_memory

PARTS = {
    "a": "post", "b": "bulk", "c": "folding", "d": "story", "e": "cycle", "f": "engine", "g": "fill_rate", "h": "aging",
    "k": "credit_checks", "m": "remittance", "s": "sealing",
}
FLUSHES = 200


def main() -> None:
    given = _arguments()
    settle_memory()  # parts c, d and f run logs and views in this process, as the commands of ``o2c`` do
    folder_of = (given.folder or Path("/tmp")).resolve()
    heading = [
        "# make bench", "", f"{described()}. {given.rounds} rounds of {given.seconds:g} s, interleaved; PostgreSQL with fsync,"
        " SQLite with synchronous=FULL. Figures are medians, ratios are taken within a round: median [min..max].",
    ]
    figures: list[Figure] = []
    with temporary_folder(folder_of) as folder, running_postgres(folder) as url:
        heading.append(f"The disk flushes {flushes(folder):,.0f} times a second (8 kB, fdatasync).")
        print("\n".join(heading), flush=True)
        machine = Machine(folder, url, given.rounds, given.seconds, given.quick)
        for part in given.only:
            say(f"part {part}: {PARTS[part]}")
            figures += _measured(part, machine)
            if given.write is not None:
                given.write.write_text(markdown(figures, heading))
    show(figures)


def _measured(part: str, machine: Machine) -> Sequence[Figure]:
    """The figures of a part; one that breaks is reported as a row and takes no other with it."""
    try:
        made: list[Figure] = importlib.import_module(f"deploy.bench.{PARTS[part]}").run(machine)
        return made
    except (Exception, SystemExit) as error:
        say(f"part {part} broke: {error!r}")
        return [Figure(part, f"part {part} broke", "", "-", None, note=repr(error)[:300])]


def flushes(folder: Path) -> float:
    """How often a second the disk takes 8 kB for good: fast disks leave group commit little to gain."""
    with (folder / "flush").open("wb", buffering=0) as out:
        started = time.perf_counter()
        for _ in range(FLUSHES):
            out.write(bytes(8192))
            os.fdatasync(out.fileno())
        return FLUSHES / (time.perf_counter() - started)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="3 short rounds with little data: whether it runs, not how fast")
    parser.add_argument("--only", default="".join(PARTS), help="the parts, such as a,c")
    parser.add_argument("--rounds", type=int, help="rounds (5; quick 3)")
    parser.add_argument("--seconds", type=float, help="seconds of load a round (5; quick 1)")
    parser.add_argument("--write", type=Path, help="also write the table as markdown, after every part")
    parser.add_argument("--folder", type=Path, help="where the data goes while it runs (/tmp)")
    given = parser.parse_args()
    given.only = [part for part in given.only if part in PARTS]
    given.rounds = given.rounds or (3 if given.quick else 5)
    given.seconds = given.seconds or (1.0 if given.quick else 5.0)
    return given


if __name__ == "__main__":
    main()
