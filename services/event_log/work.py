"""The unit of work of one command: the aggregates it reads and changes, inside the writer's transaction."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, TypeVar

from domain.aggregate import Aggregate
from domain.refusal import Kind, Refusal
from services.command import Context
from services.event_log.contract import Append, CursorRow, EventRow, HeadRow, LogTransaction, ParkedRow
from services.event_log.json_form import AnyAggregate, JsonForm

A = TypeVar("A", bound=Aggregate[Any])

NOT_KNOWN = Refusal("not_known", "There is no {kind} {id}; check the number or record it first.", Kind.NOT_FOUND)

CACHED_AGGREGATES = 5_000


class AggregateCache:
    """Aggregates as of the last commit, owned by the writer thread; the least recently used leave first."""

    def __init__(self, form: JsonForm, size: int = CACHED_AGGREGATES) -> None:
        self.form = form
        self._size = size
        self._kept: OrderedDict[str, AnyAggregate] = OrderedDict()
        self._absent: set[str] = set()
        self.checkpoints: dict[str, tuple[int, int]] = {}

    def clear(self) -> None:
        self._kept.clear()
        self._absent.clear()
        self.checkpoints.clear()

    def forget(self, stream: str) -> None:
        self._kept.pop(stream, None)

    def keep(self, aggregate: AnyAggregate) -> None:
        self._kept[aggregate.id] = aggregate
        self._absent.discard(aggregate.id)

    def trim(self) -> None:
        """After a group: what is known to be absent holds only inside one transaction."""
        self._absent.clear()
        while len(self._kept) > self._size:
            stream, _ = self._kept.popitem(last=False)
            self.checkpoints.pop(stream, None)

    def fetch(self, tx: LogTransaction, streams: Iterable[str]) -> None:
        """Load what is not here yet, all in one query."""
        missing = {s for s in streams if s not in self._kept and s not in self._absent}
        if not missing:
            return
        heads = tx.heads(missing)
        for stream in missing:
            head = heads.get(stream)
            if head is None:
                self._absent.add(stream)
            else:
                self._load(tx, head)

    def peek(self, stream: str) -> AnyAggregate | None:
        """What is here already, without asking the log."""
        return self._kept.get(stream)

    def get(self, tx: LogTransaction, stream: str) -> AnyAggregate | None:
        aggregate = self._kept.get(stream)
        if aggregate is None:
            self.fetch(tx, [stream])
            return self._kept.get(stream)
        self._kept.move_to_end(stream)
        return aggregate

    def restore(self, tx: LogTransaction, stream: str, since: Iterable[EventRow]) -> AnyAggregate:
        """The aggregate as stored with facts on top that the transaction has not written yet."""
        self._absent.discard(stream)
        self.fetch(tx, [stream])
        aggregate = self._kept.get(stream)
        for row in since:
            aggregate = self.form.event(row).mutate(aggregate)
        assert aggregate is not None
        self.keep(aggregate)
        return aggregate

    def _load(self, tx: LogTransaction, head: HeadRow) -> None:
        aggregate = load_aggregate(self.form, head, tx)
        if aggregate is not None:
            self._kept[head.stream] = aggregate
            if usable(self.form, head):  # else the next write stores the state anew
                self.checkpoints[head.stream] = (head.state_at, len(head.state or ""))


def load_aggregate(form: JsonForm, head: HeadRow, source: Any) -> AnyAggregate | None:
    """State of the head plus the facts since (all facts when the state's schema is another)."""
    kind = head.stream.partition("/")[0]
    known = head if usable(form, head) else head._replace(state=None, state_at=0)
    since: list[EventRow] = source.stream(head.stream, known.state_at) if known.state_at < head.version else []
    return form.aggregate(kind, known, since)


def usable(form: JsonForm, head: HeadRow) -> bool:
    """Whether the head carries a state that this release can read."""
    kind = head.stream.partition("/")[0]
    return head.state is not None and head.state_schema == form.aggregates[kind].STATE_VERSION


class Work:
    """What a command handler may use: get, find, add, attach. Nothing is stored until it returns."""

    def __init__(self, tx: LogTransaction, cache: AggregateCache, context: Context, group: Append) -> None:
        self._tx = tx
        self._cache = cache
        self._group = group
        self.context = context
        self.touched: dict[str, AnyAggregate] = {}
        self.attachments: dict[str, bytes] = {}
        self.cursors: list[CursorRow] = []
        self.parked: list[ParkedRow] = []

    @property
    def position(self) -> int:
        """The log's position before this command."""
        return self._tx.position + len(self._group.events)

    def find(self, aggregate: type[A], stream: str) -> A | None:
        """The aggregate, or None when the stream does not exist."""
        found = self.touched.get(stream) or self._cache.get(self._tx, stream)
        if found is None:
            return None
        assert found.__class__ is aggregate, f"{stream} is not a {aggregate.KIND}"
        self.touched[stream] = found
        return found

    def get(self, aggregate: type[A], stream: str) -> A:
        """The aggregate; refused as not known when the stream does not exist."""
        found = self.find(aggregate, stream)
        if found is None:
            raise NOT_KNOWN(kind=aggregate.KIND, id=stream.partition("/")[2])
        return found

    def exists(self, stream: str) -> bool:
        return stream in self.touched or self._cache.get(self._tx, stream) is not None

    def first_fact(self, stream: str) -> Any:
        """The fact that began a stream, as it was recorded (decision 37 compares with the order as placed)."""
        unwritten = (row for row in self._group.events if row.stream == stream)
        return self._cache.form.event((self._tx.stream(stream, 0) or list(unwritten))[0])

    def last_actor(self, stream: str) -> str:
        """Who caused the stream's last fact; empty when there is none."""
        unwritten = [row.actor for row in self._group.events if row.stream == stream]
        stored = self._tx.stream(stream, 0) if not unwritten else []
        return (unwritten or [row.actor for row in stored] or [""])[-1]

    def fetch(self, streams: Iterable[str]) -> None:
        """Load many streams with one query before they are asked for."""
        self._cache.fetch(self._tx, streams)

    def add(self, aggregate: A) -> A:
        """A stream that this command begins."""
        assert not self.exists(aggregate.id), f"{aggregate.id} exists"
        self.touched[aggregate.id] = aggregate
        return aggregate

    def attach(self, content: bytes) -> str:
        """Keep bytes beside the log in the same transaction; returns their SHA-256, which the event carries."""
        digest = hashlib.sha256(content).hexdigest()
        self.attachments[digest] = content
        return digest

    def advance(self, cursor: CursorRow) -> None:
        """Move a consumer's position in the transaction of its effects."""
        self.cursors.append(cursor)

    def park(self, item: ParkedRow) -> None:
        """Keep an item that could not be digested, in the transaction that passes it."""
        self.parked.append(item)

    def moved(self) -> list[str]:
        """Streams of which this command says that something happened."""
        return [stream for stream, aggregate in self.touched.items() if aggregate.pending_events]
