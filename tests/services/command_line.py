"""The command ``o2c`` as a process of its own, on a data folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


def environment(folder: Path, **settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("O2C_")}
    return kept | {"O2C_DATA": str(folder / "data"), "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"} | settings


def o2c(folder: Path, *words: str, timeout: float = 60, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(
        [sys.executable, "-m", "services", *words], env=environment(folder, **settings), cwd=folder,
        capture_output=True, text=True, timeout=timeout, check=False,
    )


@contextmanager
def o2c_running(folder: Path, *words: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """Run it beside the test; it is stopped by its process id at the end."""
    with subprocess.Popen(
        [sys.executable, "-m", "services", *words], env=environment(folder, **settings), cwd=folder,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()
