"""The doors as the journeys open them: in every shape in which o2c runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ledger import ledger_violations
from tests.services.shop import Shop
from tests.shapes import SHAPES, Shape, shape_of


@pytest.fixture(scope="module", params=SHAPES)
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One shop for all tests of a module."""
    with shape_of(request.param, tmp_path_factory.mktemp("shop") / "data", request) as shape, shape.shop() as opened:
        yield opened
        assert ledger_violations(opened.wired) == []


@pytest.fixture(scope="module", params=SHAPES)
def module_shape(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shape]:
    with shape_of(request.param, tmp_path_factory.mktemp("shape") / "data", request) as shape:
        yield shape
