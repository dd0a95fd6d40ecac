"""The distributed shape in one test process: three services with logs, views and copies of their own, each behind an HTTP
server on loopback, and a gateway before them. ``Distributed`` looks to a test like the one process it usually gets.

Nothing is shared but the network: each service has its own database (or folder), and reads the others' logs through Kafka
where there are brokers, else through their feeds.
"""

from __future__ import annotations

import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.testclient import TestClient

from deploy.local.gateway import Gateway
from projections.projector import Projector
from services.application import LogApplication
from services.feed import LocalFeed
from services.serving import create_app
from services.settings import SERVICE_NAMES, ServiceName, Settings
from services.wired import Wired, settled
from services.wiring import wire
from tests.conftest import Master, seed_master
from tests.services.shop import ALL_ROLES, Shop

QUIET_ROUNDS = 3


@dataclass
class Distributed:
    """Several processes' worth of services as one, for tests: what each has, and ``settle`` over all of them."""

    parts: dict[str, Wired]
    addresses: dict[str, str] = field(default_factory=dict)

    @property
    def applications(self) -> dict[str, LogApplication]:
        return {name: part.applications[name] for name, part in self.parts.items()}

    @property
    def feeds(self) -> dict[str, LocalFeed]:
        return {name: part.feeds[name] for name, part in self.parts.items()}

    @property
    def projectors(self) -> dict[str, Projector]:
        return {name: p for part in reversed(self.parts.values()) for name, p in part.projectors.items()}

    @property
    def settings(self) -> Settings:
        return self.parts["orders"].settings

    def settle(self, timeout: float = 60.0) -> bool:
        """Every copy has all of its log, every view and reaction all of what it reads, several times in a row."""
        deadline, quiet, before = time.monotonic() + timeout, 0, None
        while quiet < QUIET_ROUNDS and time.monotonic() < deadline:
            ends = {name: application.store.last_position() for name, application in self.applications.items()}
            copied = all(c.store.last_position() == ends[c.log] for part in self.parts.values() for c in part.copiers)
            calm = copied and all(settled(part, 5) for part in self.parts.values())
            quiet = quiet + 1 if calm and ends == before else 0
            before = ends
            if not copied:
                time.sleep(0.01)
        return quiet == QUIET_ROUNDS


@contextmanager
def served(wired: Wired, listener: socket.socket) -> Iterator[None]:
    """The doors of one service on a socket."""
    server = uvicorn.Server(uvicorn.Config(create_app(wired), log_config=None, access_log=False, timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


@contextmanager
def distributed(
    folder: Path, databases: Mapping[ServiceName, str] | None = None, kafka: Sequence[str] = (),
    before: Callable[[Wired], Any] = lambda _: None, **more: Any,
) -> Iterator[Distributed]:
    """All three services, running; ``before`` sees each of them before its loops start."""
    folder.mkdir(parents=True, exist_ok=True)
    secret = folder / "peer.key"
    if not secret.exists():
        secret.write_text(secrets.token_urlsafe(32))
    listeners = {name: socket.create_server(("127.0.0.1", 0)) for name in SERVICE_NAMES}
    addresses = {name: f"http://127.0.0.1:{listener.getsockname()[1]}" for name, listener in listeners.items()}
    whole = Distributed({}, dict(addresses))
    with ExitStack() as stack:
        for name in SERVICE_NAMES:
            settings = Settings(
                services=(name,), data=folder / name, database=databases[name] if databases else None, zones=("UTC",),
                peers={other: url for other, url in addresses.items() if other != name}, peer_key_file=secret,
                kafka=tuple(kafka), **more,
            )
            part = whole.parts[name] = wire(settings)
            stack.callback(part.close)
            before(part)
            part.start()
            stack.enter_context(served(part, listeners[name]))
        yield whole


@contextmanager
def distributed_shop(
    folder: Path, databases: Mapping[ServiceName, str] | None = None, kafka: Sequence[str] = (),
    master: Master | None = None, before: Callable[[Wired], Any] = lambda _: None, **more: Any,
) -> Iterator[Shop]:
    """A shop whose doors are the gateway's."""
    with distributed(folder, databases, kafka, before, **more) as whole:
        wired: Any = whole
        master = master or seed_master(wired, roles=tuple(ALL_ROLES))
        assert whole.settle()
        with TestClient(Gateway(whole.addresses), raise_server_exceptions=False) as client:
            yield Shop(wired, master, client)
