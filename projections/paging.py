"""Keyset pages: the next page starts after the last row of this one, whatever was added in between."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Column, ColumnElement, Connection, Select, and_, or_

Row = dict[str, Any]

_LAST_CHARACTER = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)
_AFTER_SURROGATES = 0xE000


class AfterUnreadable(ValueError):
    """The text given as ``after`` is not one that a page of this list handed out."""


@dataclass(frozen=True)
class Listed:
    """Rows in the list's order; ``after`` names the next page, None when there is none."""

    rows: list[Row]
    after: str | None


@dataclass(frozen=True)
class Order:
    """The columns a list is sorted by, the last ones unique; all rising or all falling per column."""

    columns: tuple[Column[Any], ...]
    falling: tuple[bool, ...] = ()

    def is_falling(self, index: int) -> bool:
        return index < len(self.falling) and self.falling[index]


def listed(connection: Connection, query: Select[Any], order: Order, limit: int, after: str | None) -> Listed:
    """One page of ``query``, which must select the columns of ``order``."""
    if after is not None:
        query = query.where(_beyond(order, _opened(order, after)))
    sorting = [c.desc() if order.is_falling(i) else c.asc() for i, c in enumerate(order.columns)]
    found = connection.execute(query.order_by(*sorting).limit(limit + 1)).mappings().all()
    rows = [dict(row) for row in found[:limit]]
    more = len(found) > limit and rows
    return Listed(rows, _sealed([rows[-1][column.name] for column in order.columns]) if more else None)


def _beyond(order: Order, values: Sequence[Any]) -> ColumnElement[bool]:
    """Rows after ``values``: (a, b) > (x, y) written out, because columns may run in different directions."""
    alternatives = []
    for index, column in enumerate(order.columns):
        same = [order.columns[i] == values[i] for i in range(index)]
        step = column < values[index] if order.is_falling(index) else column > values[index]
        alternatives.append(and_(*same, step))
    return or_(*alternatives)


def _sealed(values: list[Any]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


def _opened(order: Order, after: str) -> list[Any]:
    try:
        texts = msgspec.json.decode(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
        if not isinstance(texts, list) or len(texts) != len(order.columns):
            raise AfterUnreadable(after)
        return [
            msgspec.convert(text, column.type.python_type, strict=False)
            for text, column in zip(texts, order.columns, strict=True)
        ]
    except (ValueError, msgspec.MsgspecError) as unreadable:
        raise AfterUnreadable(after) from unreadable


def prefixed(column: Column[Any], prefix: str) -> ColumnElement[bool]:
    """Whether the text begins with ``prefix``, as a range: an index serves it, and case counts."""
    following = _following(prefix)
    return column >= prefix if following is None else and_(column >= prefix, column < following)


def _following(prefix: str) -> str | None:
    """The first text after all that begin with ``prefix``; None when there is none."""
    last = ord(prefix[-1]) if prefix else _LAST_CHARACTER
    if last == _LAST_CHARACTER:
        return _following(prefix[:-1]) if prefix else None
    return prefix[:-1] + chr(_AFTER_SURROGATES if last + 1 in _SURROGATES else last + 1)
