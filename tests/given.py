"""Tests as sentences: ``given(Order, placed).when(lambda order: order.cancel(...)).then(cancelled)``."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any, Generic, Self, TypeVar

from eventsourcing.utils import get_topic

from domain.aggregate import Aggregate, DomainEvent, deciding_at
from domain.refusal import Refusal, Refused

MOMENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STREAM = "given"

A = TypeVar("A", bound=Aggregate[Any])
E = TypeVar("E", bound=DomainEvent)


def fact(event_class: type[E], **facts: Any) -> E:
    """A fact with its envelope filled in; ``given`` and ``then`` do not look at the envelope."""
    envelope: dict[str, Any] = {"originator_id": STREAM, "originator_version": 0, "timestamp": MOMENT}
    if any(field.name == "originator_topic" for field in fields(event_class)):
        envelope["originator_topic"] = ""
    return event_class(**envelope, **facts)


def other(event: E, **facts: Any) -> E:
    """``event`` with other ``facts``, typed as loosely as the metaclass that makes facts dataclasses."""
    return replace(event, **facts)


def given(aggregate_class: type[A], *facts: DomainEvent, stream: str = STREAM) -> Given[A]:
    """An aggregate to which ``facts`` have happened; without facts there is none yet."""
    return Given(aggregate_class, facts, stream)


def replayed(aggregate_class: type[A], facts: tuple[DomainEvent, ...], stream: str = STREAM) -> A | None:
    """The aggregate that ``facts`` build up, from nothing."""
    aggregate: Any = None
    for version, event in enumerate(facts, start=1):
        stamped: Any = replace(event, originator_id=stream, originator_version=version)
        if version == 1:
            stamped = replace(stamped, originator_topic=get_topic(aggregate_class))
        aggregate = stamped.mutate(aggregate)
    return aggregate if aggregate is None else _typed(aggregate_class, aggregate)


class Given(Generic[A]):
    """What has happened; ``when`` gives the command."""

    def __init__(self, aggregate_class: type[A], facts: tuple[DomainEvent, ...], stream: str) -> None:
        self.aggregate_class = aggregate_class
        self.facts = facts
        self.stream = stream
        self.aggregate = replayed(aggregate_class, facts, stream)

    @property
    def state(self) -> Any:
        """The state the facts have built up."""
        assert self.aggregate is not None, "no facts were given"
        return self.aggregate.state

    def when(self, command: Callable[[A], Any]) -> Outcome[A]:
        """Give ``command`` to the aggregate that is there."""
        assert self.aggregate is not None, "no facts were given: use when_new"
        aggregate = self.aggregate
        before = copy.deepcopy(aggregate.state)
        refused = self._refusal_of(lambda: command(aggregate))
        return Outcome(self, aggregate, before, refused)

    def when_new(self, command: Callable[[], A]) -> Outcome[A]:
        """Give a command that begins the stream."""
        begun: list[A] = []
        refused = self._refusal_of(lambda: begun.append(command()))
        return Outcome(self, begun[0] if begun else None, None, refused)

    def _refusal_of(self, command: Callable[[], Any]) -> Refused | None:
        with deciding_at(MOMENT):
            try:
                command()
            except Refused as refused:
                return refused
        return None


class Outcome(Generic[A]):
    """What came of the command."""

    def __init__(self, given: Given[A], aggregate: A | None, before: Any, refused: Refused | None) -> None:
        self.given = given
        self.aggregate = aggregate
        self.before = before
        self.refused = refused
        self.events: list[Any] = list(aggregate.collect_events()) if aggregate is not None else []

    def then(self, *expected: DomainEvent) -> Self:
        """Exactly these facts happened, and replaying the stream gives the state the command left."""
        assert self.refused is None, f"refused: {self.refused}"
        assert [_bare(event) for event in self.events] == [_bare(event) for event in expected]
        self._check_replay()
        return self

    def then_nothing(self) -> Self:
        """The command said nothing new."""
        return self.then()

    def then_state(self, **expected: Any) -> Self:
        """The state has these values."""
        assert self.refused is None, f"refused: {self.refused}"
        assert self.aggregate is not None
        self._check_replay()
        found = {name: getattr(self.aggregate.state, name) for name in expected}
        assert found == expected
        return self

    def then_refused(self, refusal: Refusal, says: str | None = None, **parameters: Any) -> Self:
        """Refused for this reason with these figures; nothing happened and nothing is remembered of it."""
        assert self.refused is not None, f"was not refused; happened: {self.events}"
        assert self.refused.refusal == refusal, str(self.refused)
        found = {name: self.refused.parameters[name] for name in parameters}
        assert found == refusal_parameters(parameters)
        if says is not None:
            assert str(self.refused) == says
        assert self.events == []
        if self.aggregate is not None:
            assert self.aggregate.state == self.before
        return self

    def _check_replay(self) -> None:
        if self.aggregate is None:
            return
        again = replayed(self.given.aggregate_class, (*self.given.facts, *self.events), self.aggregate.id)
        assert again is None or again.state == self.aggregate.state


def refusal_parameters(parameters: dict[str, Any]) -> dict[str, Any]:
    """``parameters`` as a refusal keeps them."""
    return Refused(Refusal("given.any", ""), parameters).parameters


def _bare(event: Any) -> Any:
    neutral = {"originator_id": STREAM, "originator_version": 0, "timestamp": MOMENT}
    if hasattr(event, "originator_topic"):
        neutral["originator_topic"] = ""
    return replace(event, **neutral)


def _typed(aggregate_class: type[A], aggregate: Any) -> A:
    assert isinstance(aggregate, aggregate_class)
    return aggregate
