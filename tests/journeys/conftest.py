"""The doors of one process, as the tests of the services open them."""

from __future__ import annotations

from tests.services.conftest import own_shop, shop

__all__ = ["own_shop", "shop"]
