"""The small application of these tests over an empty log on either back end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.settings import Settings
from tests.log.tally import Tallies, opened


@pytest.fixture
def tallies(backend: Settings) -> Iterator[Tallies]:
    with opened(backend) as application:
        yield application
