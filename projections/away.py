"""What it looks like when a log or a store of views cannot be reached: not a defect, the same question may be asked again."""

from __future__ import annotations

from sqlalchemy.exc import (
    DBAPIError, InterfaceError, OperationalError, PendingRollbackError, ResourceClosedError, TimeoutError,
)


class Away(Exception):
    """A log or a store of views cannot be reached just now."""


def store_is_away(error: Exception) -> bool:
    """Whether the store of a view is at fault. A line that is cut amid a statement gives almost any error of the driver,
    and what follows on the same connection gives errors of SQLAlchemy's own."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(
        error, (Away, OperationalError, InterfaceError, PendingRollbackError, ResourceClosedError, TimeoutError)
    )
