"""Tables that stand beside those of a log and are made when they are first needed: seals, generations, leases."""

from __future__ import annotations

from typing import Any

import psycopg

from services.event_log.contract import LogUnavailable
from services.event_log.sqlite import SqliteLog


def rows_if_there(store: Any, statement: str, values: Any = ()) -> list[Any] | None:
    """The rows; None where the table was never made, for a reader creates none."""
    try:
        rows: list[Any] = store._all(statement, values)
        return rows
    except LogUnavailable as error:
        if "no such table" in str(error):
            return None
        raise
    except psycopg.errors.UndefinedTable:
        return None


def mark_of(store: Any) -> str:
    """What stands for a value in a statement."""
    return "?" if isinstance(store, SqliteLog) else "%s"
