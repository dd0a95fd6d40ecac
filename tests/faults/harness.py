"""The kill harness: a real server process, clients with journals, kill -9 at random moments, an independent check.

Every request is written to the client's journal and flushed to the disk before it is sent; an unknown outcome is
repeated with the same key until it is known. The number of an operation is part of the fact it causes (the purchase
order number, the change's number, the reason of a cancellation), so that facts are counted by operation.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from services.settings import Settings
from tests.conftest import seed_master, started
from tests.faults.clients import Client, Operation
from tests.faults.proxy import Proxy
from tests.log.reader import Fact, check_log, facts

ROOT = Path(__file__).parents[2]
CLIENTS = 8
FAR_LIMIT = "100000000000.00"


@dataclass
class Server:
    """``o2c serve`` as a process of its own, or one of the sabotaged ones."""

    settings: Settings
    sabotage: str | None = None
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0
    proxy: Proxy | None = None

    def __post_init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    def start(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("O2C_")}
        environment |= {
            "O2C_DATA": str(self.settings.data), "O2C_PORT": str(self.port), "O2C_LOG_LEVEL": "error",
            "O2C_REQUESTS_PER_MINUTE": "100000000",
        }
        if self.settings.database is not None:
            environment["O2C_DATABASE"] = self.settings.database
        module = ["services", "serve"] if self.sabotage is None else ["tests.faults.sabotaged", self.sabotage]
        self.starts += 1
        with (self.settings.data.parent / f"server-{self.starts}.log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *module], cwd=ROOT, env=environment, start_new_session=True, stdout=log, stderr=log
            )
        self._wait()

    def _wait(self) -> None:
        assert self.process is not None
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log()
            try:
                with closing(HTTPConnection("127.0.0.1", self.port, timeout=2)) as connection:
                    connection.request("GET", "/readyz")
                    with connection.getresponse() as response:
                        if response.status == 200:
                            return
            except OSError:
                time.sleep(0.02)
        raise AssertionError(f"the server did not start: {self.log()}")

    def log(self) -> str:
        return (self.settings.data.parent / f"server-{self.starts}.log").read_text()[-3_000:]

    def kill(self) -> None:
        """The whole process group, at once and without a word."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()


@dataclass
class Run:
    """What came of a run: the journals of all clients and how often the server was killed."""

    settings: Settings
    operations: dict[str, Operation]
    complaints: list[str]
    kills: int

    @property
    def acknowledged(self) -> Counter[str]:
        """How many of each kind."""
        return Counter(one.kind for one in self.operations.values() if 200 <= one.status < 300)

    @property
    def in_doubt(self) -> int:
        """Operations whose answer was lost on the way at least once."""
        return sum(one.in_doubt for one in self.operations.values())


@contextmanager
def under_load(
    settings: Settings, seed: int, sabotage: str | None = None, before: Callable[[int], Proxy] | None = None
) -> Iterator[tuple[Server, list[Client]]]:
    """A seeded log, a running server and eight clients at work; at the end the clients know every outcome.

    ``before`` makes a proxy to the server's port, through which the clients then go."""
    with started(settings) as wired:
        master = seed_master(wired, credit_limit=FAR_LIMIT, roles=("integration",))
        assert wired.settle()
    folder = settings.data.parent / f"journals-{seed}"
    folder.mkdir()
    server = Server(settings, sabotage)
    stopping = threading.Event()
    if before is not None:
        server.proxy = before(server.port)
    port = server.port if server.proxy is None else server.proxy.port
    clients = [Client(f"c{seed}x{n}", seed, port, master, folder, stopping) for n in range(CLIENTS)]
    try:
        server.start()
        for client in clients:
            client.start()
        yield server, clients
    finally:
        stopping.set()
        for client in clients:
            client.join(150)
        server.stop()
        if server.proxy is not None:
            server.proxy.close()


def kill_run(settings: Settings, seed: int, kills: int, sabotage: str | None = None) -> Run:
    """Kill and restart the server ``kills`` times under load, then let every outcome become known."""
    moments = random.Random(seed)
    with under_load(settings, seed, sabotage) as (server, clients):
        for _ in range(kills):
            time.sleep(moments.uniform(0.2, 1.2))
            server.kill()
            server.start()
        time.sleep(0.3)
    return journals(settings, clients, kills)


def journals(settings: Settings, clients: Sequence[Client], faults: int) -> Run:
    """What all clients have noted; they have ended."""
    operations = {number: one for client in clients for number, one in client.journal.operations.items()}
    complaints = [complaint for client in clients for complaint in client.journal.complaints]
    return Run(settings, operations, complaints, faults)


EFFECTS = {
    "order.placed/1": ("place", "purchase_order_number"), "order.amended_by_customer/1": ("amend", "change"),
    "order.confirmed/1": ("confirm", "confirmation"), "order.line_cancelled/1": ("cancel", "reason"),
    "shipment.dispatched/1": ("dispatch", "number"),
}


def violations(run: Run) -> list[str]:
    """Everything that must not be: by the journals of the clients against the log read by plain SQL."""
    if run.settings.data.exists():
        with started(run.settings) as wired:
            if not wired.settle(60):
                return ["the reactions did not settle"]
    found = list(run.complaints)
    logs: dict[str, list[Fact]] = {}
    for log in ("orders", "receivables"):
        try:
            logs[log] = check_log(run.settings, log)
        except AssertionError as error:
            found.append(f"the {log} log is out of order: {str(error)[:300]}")
            logs[log] = facts(run.settings, log)
    found += _effects_against_journals(run, logs["orders"])
    found += _reactions(logs["orders"], logs["receivables"])
    return found


def _effects_against_journals(run: Run, orders: list[Fact]) -> list[str]:
    found: list[str] = []
    effects: Counter[str] = Counter()
    for fact in orders:
        if fact.type in EFFECTS:
            kind, name = EFFECTS[fact.type]
            number = json.loads(fact.data)[name]
            effects[number] += 1
            if number not in run.operations or run.operations[number].kind != kind:
                found.append(f"ghost: {fact.type} at {fact.position} is of {number}, which nobody sent")
    for number, operation in run.operations.items():
        acknowledged = 200 <= operation.status < 300
        if acknowledged and effects[number] == 0:
            found.append(f"lost: {number} ({operation.kind}) was acknowledged and is not there")
        if effects[number] > 1:
            found.append(f"twice: {number} ({operation.kind}) has {effects[number]} effects")
        if not acknowledged and effects[number]:
            found.append(f"half: {number} ({operation.kind}) was answered {operation.status} and is there")
    return found


def _reactions(orders: list[Fact], receivables: list[Fact]) -> list[str]:
    """What one log says of the other: each order decided on once, each shipment moved once, in both."""
    found: list[str] = []
    reserved = Counter(
        (data["order"], data["revision"]) for fact in receivables if fact.type == "credit.reserved/1"
        for data in [json.loads(fact.data)]
    )
    found += [f"twice: {key} was reserved {count} times" for key, count in reserved.items() if count > 1]
    placed = [fact.stream for fact in orders if fact.type == "order.placed/1"]
    found += [f"lost: {order} was never decided on" for order in placed if (order, 1) not in reserved]
    dispatched = Counter(fact.stream for fact in orders if fact.type == "shipment.dispatched/1")
    moved = Counter(json.loads(f.data)["shipment"] for f in orders if f.type == "order.goods_dispatched/1")
    exposed = Counter(json.loads(f.data)["shipment"] for f in receivables if f.type == "credit.goods_delivered/1")
    for name, other in (("its order", moved), ("its credit account", exposed)):
        if other != dispatched:
            differing = list((other - dispatched) + (dispatched - other))[:3]
            found.append(f"torn: {differing} and {name} do not agree")
    return found
