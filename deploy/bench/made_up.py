"""Facts made up from their field types, for views that the TPC-H story says little to: EDI traffic, plans, access."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from projections.view import View
from services.application import LogApplication
from services.event_log.contract import Append, EventRow
from services.event_log.json_form import ENVELOPE, AnyAggregate, event_classes

BATCH = 2_000
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
INSTANT = NOW.isoformat(timespec="microseconds")


def append(application: LogApplication, view: View, streams: int) -> int:
    """Give the log ``streams`` streams with one of every fact the view folds; answers how many facts those are."""
    folded = {
        aggregate: [c for c in event_classes(aggregate) if c in view.folds]
        for aggregate in application.form.aggregates.values()
    }
    wanted = {aggregate: classes for aggregate, classes in folded.items() if classes}
    rows = 0
    for start in range(0, streams, BATCH):
        with application.store.begin() as tx:
            group = Append.empty()
            for number in range(start, min(start + BATCH, streams)):
                for aggregate, classes in wanted.items():
                    group.events.extend(_stream(application, aggregate, classes, number, tx.position + len(group.events)))
            tx.append(group)
            rows += len(group.events)
    return rows


def _stream(
    application: LogApplication, aggregate: type[AnyAggregate], classes: list[type[Any]], number: int, position: int
) -> Iterator[EventRow]:
    stream = f"{aggregate.KIND}/made-up/{number}"
    for version, event_class in enumerate(classes, 1):
        event = object.__new__(event_class)
        hints = typing.get_type_hints(event_class)
        event.__dict__.update(
            (f.name, value(hints[f.name], f.name, number)) for f in dataclasses.fields(event_class) if f.name not in ENVELOPE
        )
        type_name, data = application.form.encode(event)
        yield EventRow(
            position + version, stream, version, type_name, data, INSTANT, INSTANT, "bench", f"made-up-{number}", None, "bench"
        )


def value(hint: Any, name: str, number: int) -> Any:
    """A value of a type; texts differ from stream to stream and agree within one."""
    simple: dict[Any, Any] = {
        str: f"{name}-{number}", int: 1, bool: False, Decimal: Decimal(1), date: NOW.date(), datetime: NOW, Any: None,
    }
    if hint in simple:
        return simple[hint]
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return value(next(a for a in arguments if a is not type(None)), name, number)
    if origin is typing.Literal:
        return arguments[0]
    if origin in (tuple, list, frozenset, set):
        return origin([value(arguments[0], name, number)])
    if origin is dict or hint is dict:
        return {}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    if dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        return hint(**{f.name: value(hints[f.name], f.name, number) for f in dataclasses.fields(hint)})  # type: ignore[operator]
    return None
