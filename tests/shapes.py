"""The shapes in which o2c runs, so that one test suite proves them all: one process on SQLite or PostgreSQL, and separate
services, on folders with the feeds between them (``feeds``) or on PostgreSQL with a real Apache Kafka between them
(``kafka``, in ``make test-faults``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from services.settings import SERVICE_NAMES, Settings
from services.wired import Wired
from services.wiring import wire
from tests.conftest import Master, fresh_database, seed_master, settings_for
from tests.distributed import distributed_shop
from tests.services.shop import ALL_ROLES, Shop, shop_of

SHAPES = ["sqlite", "postgres", "feeds", pytest.param("kafka", marks=pytest.mark.faults)]


def as_it_is(_: Wired) -> None:
    """Nothing is done before the loops start."""


@dataclass
class Shape:
    """Where a shape keeps its things; ``shop`` may be opened again and again over the same logs."""

    name: str
    folder: Path
    databases: Mapping[str, str]
    kafka: tuple[str, ...] = ()

    @property
    def distributed(self) -> bool:
        return self.name in ("feeds", "kafka")

    @property
    def settings(self) -> Settings:
        """Of the one process; a distributed shape has one for each service."""
        return settings_for(self.folder, self.databases.get("all"))

    @contextmanager
    def shop(self, master: Master | None = None, before: Callable[[Wired], Any] = as_it_is) -> Iterator[Shop]:
        """The running doors; with ``master`` over what is there already. ``before`` is called before the loops start."""
        if self.distributed:
            databases: Any = self.databases or None
            more = {"kafka_prefix": f"o2c-{self.folder.parent.name}"} if self.kafka else {}
            with distributed_shop(self.folder, databases, self.kafka, master, before, **more) as shop:
                yield shop
            return
        wired = wire(self.settings)
        try:
            before(wired)
            wired.start()
            yield shop_of(wired, master or seed_master(wired, roles=tuple(ALL_ROLES)))
        finally:
            wired.close()


@contextmanager
def shape_of(name: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[Shape]:
    """A shape with nothing in it yet."""
    with ExitStack() as stack:
        databases = {}
        if name in ("postgres", "kafka"):
            url = request.getfixturevalue("postgres_url")
            names = ("all",) if name == "postgres" else SERVICE_NAMES
            databases = {one: stack.enter_context(fresh_database(url)) for one in names}
        brokers = tuple(request.getfixturevalue("kafka").bootstrap) if name == "kafka" else ()
        yield Shape(name, folder, databases, brokers)
