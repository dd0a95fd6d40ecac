"""The trade on either back end, its reactions running."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.wiring import Wired
from tests.services.receivables.trade import Trade

Seeded = Callable[..., Trade]


@pytest.fixture
def seeded(wired: Wired) -> Seeded:
    """Call it with what is agreed about invoicing, terms and limit."""
    return lambda **agreed: Trade(wired).seed(**agreed)


@pytest.fixture
def trade(seeded: Seeded) -> Trade:
    return seeded()
