"""The stored form of facts and states: readable JSON with field names, stable type names with a version.

msgspec reads and writes it: the fastest maintained JSON codec that types plain dataclasses both ways.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from domain.aggregate import Aggregate, DomainEvent
from domain.recorded import RecordedEvent
from services.event_log.contract import EventRow, HeadRow

ENVELOPE = frozenset({"originator_id", "originator_version", "timestamp", "originator_topic"})

AnyAggregate = Aggregate[Any]


class UnknownEventType(Exception):
    """A stored type that this release does not know, or knows only in an older version."""


class EventForm:
    """How one event class is stored: its type name, its fields and how to lift older versions."""

    def __init__(self, event_class: type[Any], topic: str) -> None:
        self.event_class = event_class
        self.type_name: str = event_class.TYPE
        self.base_name, version = self.type_name.rsplit("/", 1)
        self.version = int(version)
        self.topic = topic if hasattr(event_class, "originator_topic") or _is_created(event_class) else None
        hints = typing.get_type_hints(event_class)
        fields = [f for f in dataclasses.fields(event_class) if f.name not in ENVELOPE]
        self.names = tuple(f.name for f in fields)
        struct = msgspec.defstruct(
            event_class.__name__, [_struct_field(f, hints[f.name]) for f in fields], frozen=True
        )
        self._decoder = msgspec.json.Decoder(struct)

    def encode(self, event: Any) -> str:
        values = event.__dict__
        return _ENCODER.encode({name: values[name] for name in self.names}).decode()

    def decode(self, row: EventRow, version: int) -> Any:
        data = row.data if version == self.version else self._lifted(row.data, version)
        stored = self._decoder.decode(data)
        event = object.__new__(self.event_class)
        values = event.__dict__
        values["originator_id"] = row.stream
        values["originator_version"] = row.version
        values["timestamp"] = datetime.fromisoformat(row.decided_at)
        if self.topic is not None:
            values["originator_topic"] = self.topic
        for name in self.names:
            values[name] = getattr(stored, name)
        return event

    def _lifted(self, data: str, version: int) -> bytes:
        fields = msgspec.json.decode(data)
        for step in range(version, self.version):
            fields = self.event_class.UPCASTS[step](fields)
        return msgspec.json.encode(fields)


_ENCODER = msgspec.json.Encoder(decimal_format="string")


def _is_created(event_class: type[Any]) -> bool:
    return issubclass(event_class, Aggregate.Created)


def _struct_field(field: dataclasses.Field[Any], hint: Any) -> Any:
    if field.default is not dataclasses.MISSING:
        return (field.name, hint, field.default)
    if field.default_factory is not dataclasses.MISSING:
        return (field.name, hint, msgspec.field(default_factory=field.default_factory))
    return (field.name, hint)


def event_classes(aggregate: type[AnyAggregate]) -> list[type[Any]]:
    """The event classes declared on an aggregate, in the order they are written."""
    return [
        member
        for member in vars(aggregate).values()
        if isinstance(member, type) and issubclass(member, DomainEvent) and hasattr(member, "TYPE")
    ]


class JsonForm:
    """Facts and states of the given aggregates to and from their stored rows."""

    def __init__(self, aggregates: Iterable[type[AnyAggregate]]) -> None:
        self.aggregates = {aggregate.KIND: aggregate for aggregate in aggregates}
        self._by_name: dict[str, EventForm] = {}
        self._by_class: dict[type[Any], EventForm] = {}
        self._states: dict[str, msgspec.json.Decoder[Any]] = {}
        for aggregate in self.aggregates.values():
            topic = f"{aggregate.__module__}:{aggregate.__qualname__}"
            self._states[aggregate.KIND] = msgspec.json.Decoder(aggregate.STATE)
            for event_class in event_classes(aggregate):
                form = EventForm(event_class, topic)
                self._by_name[form.base_name] = form
                self._by_class[event_class] = form

    def stored_types(self, event_classes: Iterable[type[Any]]) -> list[str]:
        """The stored names in every version of those classes that this log holds."""
        forms = [self._by_class[c] for c in event_classes if c in self._by_class]
        return [f"{form.base_name}/{version}" for form in forms for version in range(1, form.version + 1)]

    def types(self) -> list[str]:
        return sorted(form.type_name for form in self._by_name.values())

    def form(self, type_name: str) -> EventForm:
        """The form of a type name of any version; raises UnknownEventType."""
        base_name, _, version = type_name.rpartition("/")
        form = self._by_name.get(base_name)
        if form is None or int(version) > form.version:
            known = f"version {form.version}" if form else "nothing of that name"
            raise UnknownEventType(f"{type_name}: this release knows {known}; run the newer release")
        return form

    def encode(self, event: Any) -> tuple[str, str]:
        """``(type name, JSON text)`` of a fact."""
        form = self._by_class[type(event)]
        return form.type_name, form.encode(event)

    def event(self, row: EventRow) -> Any:
        return self.form(row.type).decode(row, int(row.type.rpartition("/")[2]))

    def recorded(self, log: str, row: EventRow) -> RecordedEvent:
        return RecordedEvent(
            log, row.position, row.type, self.event(row), datetime.fromisoformat(row.recorded_at),
            row.actor, row.command_id, row.causation, row.correlation,
        )

    def encode_state(self, aggregate: AnyAggregate) -> str:
        return _ENCODER.encode(aggregate.state).decode()

    def aggregate(self, kind: str, head: HeadRow, since: Iterable[EventRow]) -> AnyAggregate | None:
        """The aggregate from its head's state and the facts after it; None when there is nothing at all."""
        aggregate_class = self.aggregates[kind]
        aggregate: AnyAggregate | None = None
        if head.state is not None and head.state_schema == aggregate_class.STATE_VERSION:
            aggregate = aggregate_class.__new__(aggregate_class)
            aggregate.__base_init__(head.stream, head.state_at, _EPOCH)
            aggregate.state = self._states[kind].decode(head.state)
        for row in since:
            aggregate = self.event(row).mutate(aggregate)
        return aggregate


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def encode_plain(value: Any) -> str:
    """Any JSON-able value (dataclasses, decimals as strings) as compact JSON text."""
    return _ENCODER.encode(value).decode()


def to_plain(value: Any) -> Any:
    """The same as builtins only: dicts, lists, strings."""
    return msgspec.to_builtins(value)
