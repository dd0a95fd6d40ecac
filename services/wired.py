"""Everything that a process runs, as services/wiring.py has put it together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from projections.doorbell import Doorbell
from projections.projector import Projector
from projections.view_store import ViewStore
from services.access import KeyRing
from services.application import LogApplication
from services.checking import InvariantFollower
from services.copying import Copier
from services.event_log.contract import LogStore
from services.feed import LocalFeed
from services.http import Door
from services.reactions import Reactor
from services.sealing.sealer import Sealer
from services.settings import Settings
from services.webhooks import router as webhook_routes
from services.webhooks.sending import Sender

if TYPE_CHECKING:
    from services.relay import Relay


@dataclass
class Wired:
    """Everything a process runs. ``start`` begins the loops, ``close`` ends them and drains the writers."""

    settings: Settings
    applications: dict[str, LogApplication]
    feeds: dict[str, LocalFeed]
    views: ViewStore
    projectors: dict[str, Projector]
    reactors: list[Reactor]
    doorbell: Doorbell
    keys: KeyRing
    sealers: list[Sealer] = field(default_factory=list)
    webhooks: webhook_routes.Webhooks | None = None
    sender: Sender | None = None
    copiers: list[Copier] = field(default_factory=list)
    relays: list[Relay] = field(default_factory=list)
    invariants: InvariantFollower | None = None
    stopping: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    @property
    def door(self) -> Door:
        return Door(self.applications, self.projectors, self.keys, self.settings.wait_s, self.webhooks, self.logs)

    @property
    def logs(self) -> dict[str, LogStore]:
        """Every log that can be read here: its own, and the copies of others."""
        return logs_of(self.applications, self.copiers)

    def start(self) -> None:
        """Views and reactions run in threads of their own; decisions never wait for them."""
        for projector in self.projectors.values():
            self._run(f"view-{projector.view.name}", partial(projector.run, self.stopping, self.doorbell))
        for reactor in self.reactors:
            name = f"{reactor.name}-on-{reactor.feed.log}"
            self._run(name, partial(reactor.run, self.stopping, self.doorbell))
        for copier in self.copiers:
            self._run(f"copier-{copier.log}", partial(copier.run, self.stopping))
        for relay in self.relays:
            self._run(f"relay-{relay.log}", partial(relay.run, self.stopping))
        for sealer in self.sealers:
            self._run(f"sealer-{sealer.log}", partial(sealer.run, self.stopping))
        if self.invariants is not None:
            self._run("invariants", partial(self.invariants.run, self.stopping))
        if self.sender is not None:
            self._run("webhooks", partial(self.sender.run, self.stopping))

    def _run(self, name: str, loop: Callable[[], None]) -> None:
        thread = threading.Thread(target=loop, name=name, daemon=True)
        thread.start()
        self.threads.append(thread)

    def settle(self, timeout: float = 30.0) -> bool:
        """Block until every reaction and view has caught up with every log; for the demo, imports and tests."""
        return settled(self, timeout)

    def close(self) -> None:
        self.stopping.set()
        self.doorbell.wake_all()
        for thread in self.threads:
            thread.join(timeout=10)
        for application in self.applications.values():
            application.close()
        for copier in self.copiers:
            copier.close()
        self.views.close()
        if self.webhooks is not None:
            self.webhooks.deliveries.dispose()


def settled(wired: Wired, timeout: float) -> bool:
    """Whether all loops reached the ends of all logs, twice in a row with nothing new in between."""
    deadline = time.monotonic() + timeout
    quiet = 0
    while time.monotonic() < deadline:
        seen = wired.doorbell.count
        wired.doorbell.wake_all()
        busy = any(r.reached < r.feed.last_position() for r in wired.reactors)
        busy = busy or any(p.failure is None and p.lag() > 0 for p in wired.projectors.values())
        quiet = 0 if busy or wired.doorbell.count != seen else quiet + 1
        if quiet == 2:
            return True
        time.sleep(0.005)
    return False


def logs_of(applications: Mapping[str, LogApplication], copiers: Sequence[Copier]) -> dict[str, LogStore]:
    return {name: a.store for name, a in applications.items()} | {copier.log: copier.store for copier in copiers}
