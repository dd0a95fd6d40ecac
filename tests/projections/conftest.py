"""Every test of a view runs on each back end: a folder of its own, a fresh database of the run's server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from projections.view_store import ViewStore
from tests.projections.chronicle import Folder


@pytest.fixture(params=["sqlite", "postgres"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Folder]:
    if request.param == "sqlite":
        store = ViewStore(tmp_path, None)
    else:
        url: str = request.getfixturevalue("database")
        store = ViewStore(None, url.replace("postgresql://", "postgresql+psycopg://", 1))
    made = Folder(store)
    yield made
    made.close()
