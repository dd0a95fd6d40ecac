"""Starting a process: logging, the first administrator's key, the days that begin, the HTTP server."""

from __future__ import annotations

import gc
import logging
import secrets
import signal
import socket
import sys
import threading
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
import uvicorn

from domain.person import Person
from projections import access, credit_exposure, deadlines, dispute_queries, disputes
from services.access import key_digest
from services.command import Context
from services.days import BeginDay
from services.orders.admitting import IssueKey, RegisterPerson
from services.serving import running
from services.settings import Settings
from services.wired import Wired
from services.wiring import wire

ADMINISTRATOR = "administrator"
KEY_DAYS = 365
DAY_CHECK_S = 20.0
KEY_KNOWN_S = 10.0  # how long a printed key may take to open the doors


def configure_logging(level: str) -> None:
    """JSON lines on standard error, without bodies and without local variables."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def settle_memory() -> None:
    """Leave what was loaded at the start out of garbage collection and collect young objects less often.

    A writer keeps tens of thousands of aggregates alive and makes hundreds of short-lived objects a command:
    with Python's defaults a third of the time of placing an order went into looking for cycles (measured).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def new_key(live: bool = True) -> tuple[str, str, str]:
    """``(key id, secret, key to send)``; only the secret's digest is ever stored."""
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32).replace("_", "-")
    return key_id, secret, f"o2c_{'live' if live else 'test'}_{key_id}_{secret}"


def own_context(name: str, at: datetime | None = None) -> Context:
    """The context of what the process itself does."""
    number = secrets.token_hex(8)
    return Context(f"o2c:{name}", at or datetime.now(UTC), number, number)


def first_key(wired: Wired) -> str | None:
    """On the first start with an orders log: an administrator and one key, answered once and never again."""
    orders = wired.applications.get("orders")
    if orders is None or orders.look(Person, Person.stream(ADMINISTRATOR)) is not None:
        return None
    return issue_key(wired, ADMINISTRATOR, ("administrator",))


def issue_key(wired: Wired, person: str, roles: tuple[str, ...], at: datetime | None = None) -> str:
    """Register a person with roles and issue one key; the key is answered here and kept nowhere."""
    key_id, secret, key = new_key()
    orders = wired.applications["orders"]
    orders.handle(RegisterPerson(person=person, roles=roles), own_context("start", at))
    expires_on = datetime.now(UTC).date() + timedelta(days=KEY_DAYS)
    issued = IssueKey(person=person, key_id=key_id, digest=key_digest(secret), expires_on=expires_on)
    orders.handle(issued, own_context("start", at))
    return key


def today_by_zone(wired: Wired, now: datetime) -> dict[str, date]:
    """The date in every zone that is set and in every zone where something waits for a day."""
    zones = set(wired.settings.zones)
    for name, zones_of in (
        (deadlines.VIEW.name, deadlines.zones), (credit_exposure.VIEW.name, credit_exposure.zones),
        (disputes.VIEW.name, dispute_queries.zones),
    ):
        if name in wired.projectors:
            with wired.projectors[name].engine.connect() as connection:
                zones.update(zones_of(connection))
    return {zone: now.astimezone(ZoneInfo(zone)).date() for zone in sorted(zones)}


def begin_days(wired: Wired, now: datetime) -> None:
    """Record the day that it is in each zone, in every log; a day recorded before is silent."""
    for zone, today in today_by_zone(wired, now).items():
        for application in wired.applications.values():
            application.handle(BeginDay(zone=zone, date=today), own_context("clock", now))


class Clock:
    """The one reader of the calendar: it records each day's beginning (decision 40) and forgets expired keys."""

    def __init__(self, wired: Wired) -> None:
        self._wired = wired
        self._seen: dict[str, date] = {}

    def run(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            now = datetime.now(UTC)
            try:
                today = today_by_zone(self._wired, now)
                if today != self._seen:
                    begin_days(self._wired, now)
                    for application in self._wired.applications.values():
                        application.store.forget_answers(now.date())
                    self._seen = today
            except Exception as error:  # the log may be unavailable: the day is recorded when it is back
                structlog.get_logger().warning("day_not_recorded", error=str(error))
            stopping.wait(DAY_CHECK_S)


def serve(settings: Settings) -> None:
    """Run the listed services until told to stop."""
    configure_logging(settings.log_level)
    with listening(settings.host, settings.port) as listener, running(wired := wire(settings)) as app:
        key = first_key(wired)
        if key is not None:
            known = {"orders": wired.applications["orders"].store.last_position()}
            wired.projectors[access.VIEW.name].wait_for(known, KEY_KNOWN_S)
            print("The administrator's API key, shown this once:", key, sep="\n", flush=True)
        clock = threading.Thread(target=Clock(wired).run, args=(wired.stopping,), name="clock", daemon=True)
        clock.start()
        settle_memory()
        port = listener.getsockname()[1]
        print(f"o2c serves {', '.join(settings.services)} at http://{settings.host}:{port}", flush=True)
        config = uvicorn.Config(
            app, log_config=None, access_log=False, timeout_graceful_shutdown=10, http="httptools", loop="uvloop",
        )
        # uvicorn ends on these signals and raises them again behind itself: then the writers still have to be drained
        for ending in (signal.SIGTERM, signal.SIGINT):
            signal.signal(ending, lambda *_: None)
        uvicorn.Server(config).run(sockets=[listener])


def listening(host: str, port: int) -> socket.socket:
    """The socket to serve on, taken before anything is opened; an OSError with a sentence when it cannot be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2_048)
    except OSError as error:
        raise OSError(f"{host}:{port} cannot be listened on: {error.strerror}; choose with O2C_HOST and O2C_PORT") from None
