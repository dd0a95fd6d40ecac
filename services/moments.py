"""What was known when: a position of a log, or an instant meaning the last position recorded by then (decision 43)."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache

from fastapi import Request
from pydantic import TypeAdapter, ValidationError

from services.event_log.contract import LogStore
from services.fields import Moment
from services.http import door_of
from services.problem import Problem

_INSTANT: TypeAdapter[datetime] = TypeAdapter(Moment)


def known_position(request: Request, log: str, known_at: str | None) -> int | None:
    """The position meant; an instant means the last position that was recorded by then.

    Decision 43 speaks of what was folded at the instant: folds lag by milliseconds, and what was recorded is the same
    after a rebuild and on every instance. Every answer names its position; asking for that is exact.
    """
    if known_at is None:
        return None
    matched = _position(log).fullmatch(known_at)
    if matched:
        return int(matched.group(1))
    try:
        instant = _INSTANT.validate_python(known_at.replace(" ", "+"))  # a + that a query string read as a space
    except ValidationError:
        raise Problem(
            422, "not_valid", f"/known_at: {known_at} is neither a position such as {log}=42 nor an instant with its offset"
        ) from None
    return position_at(door_of(request).applications[log].store, instant)


@lru_cache
def _position(log: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{log}=)?([0-9]{{1,18}})")


def position_at(store: LogStore, instant: datetime) -> int:
    """The last position recorded at or before the instant, by halving: positions have no gaps, times never fall."""
    low, high = 0, store.last_position()
    while low < high:
        middle = (low + high + 1) // 2
        row = store.event_at(middle)
        if row is not None and datetime.fromisoformat(row.recorded_at) <= instant:
            low = middle
        else:
            high = middle - 1
    return low
