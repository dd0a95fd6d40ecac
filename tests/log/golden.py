"""Golden files of every stored form: how each event, and each aggregate's state, is written for ever.

    python -m tests.log.golden            lists what is missing or differs
    python -m tests.log.golden --write    writes what is missing (a new event, a new version)
    python -m tests.log.golden --rewrite  writes all anew: only before a first release, never afterwards

An event that changes gets a new version and an upcaster; its old golden file stays and must stay readable.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import types
import typing
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec

from services.event_log.contract import EventRow
from services.event_log.json_form import ENVELOPE, AnyAggregate, JsonForm, event_classes
from services.wiring import APPLICATIONS

CONTRACTS = Path(__file__).parents[1] / "contracts"
MOMENT = "2026-03-02T09:00:00.000000+00:00"

PLAIN: dict[Any, Any] = {
    bool: True, int: 3, Decimal: Decimal("12.50"), date: date(2026, 3, 2), bytes: b"raw", Fraction: Fraction(1, 3),
    datetime: datetime(2026, 3, 2, 9, 0, tzinfo=UTC), Any: {"any": ["value", 1, None]},
}


def example(hint: Any, name: str, sparse: bool) -> Any:
    """A value of the annotated type: everything filled in, or ``sparse`` with what may be empty left empty."""
    if hint in PLAIN:
        return PLAIN[hint]
    if hint is str:
        return f"{name}-1"
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        kinds = [kind for kind in inner if kind is not type(None)]
        return None if sparse and len(kinds) < len(inner) else example(kinds[0], name, sparse)
    if origin is tuple and inner[-1] is Ellipsis:
        return () if sparse else (example(inner[0], name, sparse),)
    if origin is tuple:
        return tuple(example(kind, name, sparse) for kind in inner)
    if origin in (list, set, frozenset):
        return origin(() if sparse else [example(inner[0], name, sparse)])
    if origin is dict:
        return {} if sparse else {example(inner[0], name, sparse): example(inner[1], name, sparse)}
    if origin is typing.Literal:
        return inner[0]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    if dataclasses.is_dataclass(hint):
        return hint(**example_fields(hint, sparse))  # type: ignore[operator]
    raise TypeError(f"{name}: no example for {hint}; add one to tests/log/golden.py")


def example_fields(owner: Any, sparse: bool) -> dict[str, Any]:
    hints = typing.get_type_hints(owner)
    return {
        field.name: example(hints[field.name], field.name, sparse)
        for field in dataclasses.fields(owner)
        if field.name not in ENVELOPE and field.init
    }


def example_event(event_class: Any, sparse: bool) -> Any:
    """A fact as it comes out of the log: built without its constructor, as the log itself does."""
    event = object.__new__(event_class)
    event.__dict__.update(example_fields(event_class, sparse))
    return event


def row(type_name: str, data: str) -> EventRow:
    return EventRow(1, "stream/1", 1, type_name, data, MOMENT, MOMENT, "actor", "command", None, "command")


def event_forms() -> Iterator[tuple[str, JsonForm, Any]]:
    """Every event class of every aggregate in every application of the wiring, with its stored name."""
    for application in APPLICATIONS.values():
        form = JsonForm(application.aggregates)
        for aggregate in application.aggregates:
            for event_class in event_classes(aggregate):
                yield event_class.TYPE, form, event_class


def event_contract(form: JsonForm, event_class: Any) -> dict[str, Any]:
    texts = {name: form.encode(example_event(event_class, name == "sparse"))[1] for name in ("full", "sparse")}
    return {"type": event_class.TYPE, **{name: json.loads(text) for name, text in texts.items()}}


def aggregates() -> dict[str, type[AnyAggregate]]:
    return {one.KIND: one for application in APPLICATIONS.values() for one in application.aggregates}


def state_contract(aggregate: type[AnyAggregate]) -> dict[str, Any]:
    states = {name: example(aggregate.STATE, "state", name == "sparse") for name in ("full", "sparse")}
    encode = msgspec.json.Encoder(decimal_format="string").encode
    return {
        "kind": aggregate.KIND, "state_version": aggregate.STATE_VERSION,
        **{name: json.loads(encode(state)) for name, state in states.items()},
    }


def event_file(type_name: str) -> Path:
    return CONTRACTS / "events" / f"{type_name.replace('/', '.')}.json"


def state_file(aggregate: type[AnyAggregate]) -> Path:
    return CONTRACTS / "states" / f"{aggregate.KIND}.{aggregate.STATE_VERSION}.json"


def wanted() -> dict[Path, str]:
    """Every golden file as the code would write it now."""
    files = {event_file(name): event_contract(form, event_class) for name, form, event_class in event_forms()}
    files |= {state_file(aggregate): state_contract(aggregate) for aggregate in aggregates().values()}
    return {path: json.dumps(content, indent=1, ensure_ascii=False) + "\n" for path, content in files.items()}


def main(arguments: list[str]) -> int:
    differing = {
        path: text for path, text in wanted().items() if not path.exists() or path.read_text(encoding="utf-8") != text
    }
    for path, text in sorted(differing.items()):
        writes = "--rewrite" in arguments or ("--write" in arguments and not path.exists())
        if writes:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        print("written" if writes else "differs" if path.exists() else "missing", path.relative_to(CONTRACTS))
    return 0 if "--write" in arguments or "--rewrite" in arguments else bool(differing)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
