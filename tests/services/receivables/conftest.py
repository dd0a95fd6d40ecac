"""The trade on either back end, its reactions running."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from services.wired import Wired
from tests.ledger import ledger_violations
from tests.services.receivables.trade import Trade

Seeded = Callable[..., Trade]


@pytest.fixture
def seeded(wired: Wired) -> Iterator[Seeded]:
    """Call it with what is agreed about invoicing, terms and limit. At the end the ledger's invariants hold (I1 to I10)."""
    yield lambda **agreed: Trade(wired).seed(**agreed)
    assert ledger_violations(wired) == []


@pytest.fixture
def trade(seeded: Seeded) -> Trade:
    return seeded()
