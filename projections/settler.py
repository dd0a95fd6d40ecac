"""What a view keeps ready beside its folded rows, made when there is nothing to fold; without it all is right, only slower."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from sqlalchemy import Connection, Engine

from projections.away import store_is_away
from projections.view import View

PATIENCE_S = 2.0

logger = structlog.get_logger()


class Settler:
    """Runs a view's ``settle``; ``hold`` keeps every instance from folding until the transaction ends."""

    def __init__(self, view: View, engine: Engine, hold: Callable[[Connection], None]) -> None:
        self._view = view
        self._engine = engine
        self._hold = hold
        self._failed = False
        self._waiting = True
        self._last = time.monotonic()

    def settle(self) -> int:
        """Settle some; 0 where nothing is left to be settled."""
        if self._view.settle is None:
            return 0
        with self._engine.begin() as connection:
            self._hold(connection)
            return self._view.settle(connection)

    def turn(self, moved: bool) -> bool:
        """Settle some if nothing was folded, under a steady load now and then; whether something is left to be settled.

        An error stops the settling, not the view. A store that is away is the caller's business.
        """
        self._waiting = (self._waiting or moved) and not self._failed
        if self._waiting and (not moved or time.monotonic() - self._last > PATIENCE_S):
            try:
                self._waiting = self.settle() > 0
            except Exception as error:
                if store_is_away(error):
                    raise
                self._failed, self._waiting = True, False
                logger.error("settling_stopped", view=self._view.name, error=repr(error))
            self._last = time.monotonic()
        return self._waiting

