"""``shop``: the doors of one process for all tests of a module, on either back end; ``own_shop`` one for a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import fresh_database, settings_for
from tests.services.shop import Shop, open_shop


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop") / "data"
    with ExitStack() as stack:
        url = None
        if request.param == "postgres":
            url = stack.enter_context(fresh_database(request.getfixturevalue("postgres_url")))
        yield stack.enter_context(open_shop(settings_for(folder, url)))


@pytest.fixture
def own_shop(tmp_path: Path) -> Iterator[Shop]:
    """A process on SQLite that a test may harm."""
    with open_shop(settings_for(tmp_path / "data", None)) as opened:
        yield opened
