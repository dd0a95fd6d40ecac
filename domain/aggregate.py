"""The aggregate base: text ids from natural keys, time given by the command, state as a plain value.

An aggregate's public methods check and may refuse; an event's ``apply`` only remembers.
``state`` is a plain dataclass: the event log stores it beside the stream so that loading does not replay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar
from urllib.parse import quote

from eventsourcing.domain import BaseAggregate, CanInitAggregate, CanMutateAggregate, MetaDomainEvent

S = TypeVar("S")

_decided_at: ContextVar[datetime] = ContextVar("decided_at")


@contextmanager
def deciding_at(moment: datetime) -> Iterator[None]:
    """Every event triggered inside carries ``moment`` (a UTC instant): facts read no clock."""
    token = _decided_at.set(moment)
    try:
        yield
    finally:
        _decided_at.reset(token)


@lru_cache(maxsize=131_072)
def natural_id(kind: str, *parts: str) -> str:
    """``order/acme/0401234500009/PO-7/-``: each part percent-escaped, an empty part becomes ``-``.

    A part that is itself "-" is escaped to %2D so that it cannot be taken for an empty one.
    """
    return "/".join([kind, *map(_escaped, parts)])


@lru_cache(maxsize=65_536)
def _escaped(part: str) -> str:
    if part == "":
        return "-"
    return "%2D" if part == "-" else quote(part, safe="")


@dataclass(frozen=True)
class DomainEvent(metaclass=MetaDomainEvent):
    """What every event of ours carries; the stored form keeps these as columns."""

    originator_id: str
    originator_version: int
    timestamp: datetime


class Aggregate(BaseAggregate[str], Generic[S]):
    """The base of every aggregate. ``STATE`` is the dataclass the events build up."""

    KIND: ClassVar[str]
    STATE: ClassVar[type[Any]]
    STATE_VERSION: ClassVar[int] = 1
    if TYPE_CHECKING:  # a class-level annotation seen at run time would make this a dataclass
        state: S

    class Event(CanMutateAggregate[str], DomainEvent):
        """A fact. ``TYPE`` is its stable stored name with a version, never a Python path.

        ``UPCASTS`` maps an older version to the function that lifts its stored fields one version up.
        """

        TYPE: ClassVar[str]
        UPCASTS: ClassVar[dict[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {}

    @dataclass(frozen=True)
    class Created(CanInitAggregate[str], Event):
        """The first fact of a stream."""

        originator_topic: str

    @classmethod
    def begin(cls, event_class: type[CanInitAggregate[str]], stream: str, **facts: Any) -> Self:
        """Start the stream ``stream`` with its first fact."""
        return cls._create(event_class, id=stream, timestamp=_decided_at.get(), **facts)

    def happened(self, event_class: type[CanMutateAggregate[str]], **facts: Any) -> None:
        """Say what happened: append the fact and remember it."""
        self.trigger_event(event_class, timestamp=_decided_at.get(), **facts)
