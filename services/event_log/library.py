"""How the eventsourcing library uses our logs: its persistence extension point, nothing patched.

``PERSISTENCE_MODULE`` names a factory class here; the library's Application then saves, reads and tails
through the same group writer as every command of ours.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import (
    AggregateRecorder, ApplicationRecorder, InfrastructureFactory, InfrastructureFactoryError, IntegrityError,
    Mapper, Notification, ProcessRecorder, StoredEvent, Subscription, TrackingRecorder, Transcoder,
)

from services.command import Answer, Context
from services.event_log.contract import EventRow, LogStore
from services.event_log.json_form import JsonForm
from services.event_log.postgres import PostgresLog
from services.event_log.sqlite import SqliteLog
from services.event_log.work import Work
from services.event_log.writer import GroupWriter


PAGE = 500
POLL_S = 0.5


class LogMapper(Mapper[str]):
    """Domain events to stored events in our JSON form, under stable type names."""

    def __init__(self, form: JsonForm) -> None:
        self.form = form

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEvent:
        topic, data = self.form.encode(domain_event)
        event: Any = domain_event
        state = f"{event.timestamp.isoformat(timespec='microseconds')}\n{data}"
        return StoredEvent(event.originator_id, event.originator_version, topic, state.encode())

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[str]:
        decided_at, _, data = stored_event.state.decode().partition("\n")
        row = EventRow(
            0, str(stored_event.originator_id), stored_event.originator_version, stored_event.topic, data,
            decided_at, decided_at, "", "", None, "",
        )
        event: DomainEventProtocol[str] = self.form.event(row)
        return event


class LogRecorder(ApplicationRecorder):
    """The library's recorder interface over a group-committing log."""

    def __init__(self, store: LogStore, writer: GroupWriter) -> None:
        self.store = store
        self.writer = writer

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int]:
        """Append with the versions the events carry; a taken version is the library's IntegrityError."""
        context = Context("library", datetime.now(UTC), f"library-{threading.get_ident()}", "library")
        form = self.writer.form

        def decide(work: Work) -> Answer:
            start = work.position
            for stored in stored_events:
                self._take(work, form, stored)
            return Answer(200, [start + i + 1 for i in range(len(stored_events))])

        streams = tuple({str(stored.originator_id) for stored in stored_events})
        answer = self.writer.submit(decide, context, streams).result()
        return list(answer.body)

    def _take(self, work: Work, form: JsonForm, stored: StoredEvent) -> None:
        """Replay the given event onto the aggregate at its turn, as if it had decided here."""
        event: Any = LogMapper(form).to_domain_event(stored)
        kind = str(stored.originator_id).partition("/")[0]
        aggregate = work.find(form.aggregates[kind], str(stored.originator_id))
        expected = (aggregate.version if aggregate else 0) + 1
        if stored.originator_version != expected:
            raise IntegrityError(f"{stored.originator_id} is at version {expected - 1}")
        moved = event.mutate(aggregate)
        if aggregate is None:
            work.add(moved)
        moved.pending_events.append(event)

    def select_events(
        self, originator_id: Any, *, gt: int | None = None, lte: int | None = None, desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        rows = [row for row in self.store.stream(str(originator_id), gt or 0) if lte is None or row.version <= lte]
        ordered = list(reversed(rows)) if desc else rows
        return [_stored(row) for row in ordered[:limit]]

    def select_notifications(
        self, start: int | None, limit: int, stop: int | None = None, topics: Sequence[str] = (),
        *, inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        after = (start or 1) - 1 if inclusive_of_start else (start or 0)
        rows = self.store.read(after, limit, topics or None)
        return [
            Notification(row.stream, row.version, row.type, _stored(row).state, row.position)
            for row in rows if stop is None or row.position <= stop
        ]

    def max_notification_id(self) -> int | None:
        return self.store.last_position() or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        """For the library's own projections, on both back ends; ours read feeds (services/feed.py)."""
        return LogSubscription(self, gt, topics)


class LogSubscription(Subscription[LogRecorder]):
    """Notifications in order, waiting for the next commit; a poll finds those of other instances."""

    def __init__(self, recorder: LogRecorder, gt: int | None, topics: Sequence[str]) -> None:
        super().__init__(recorder, gt, topics)
        self._page: deque[Notification] = deque()
        self._rung = threading.Event()
        self._ring = lambda _: self._rung.set()
        recorder.writer.on_commit(self._ring)

    def stop(self) -> None:
        if self._has_been_stopped:
            return
        super().stop()
        self._recorder.writer.no_longer_on_commit(self._ring)
        self._rung.set()

    def __next__(self) -> Notification:
        while not self._page:
            if self._has_been_stopped:
                raise StopIteration
            self._rung.clear()
            after = self._last_notification_id
            page = self._recorder.select_notifications(after, PAGE, topics=self._topics, inclusive_of_start=False)
            self._page.extend(page)
            if not page:
                self._rung.wait(POLL_S)
        notification = self._page.popleft()
        self._last_notification_id = notification.id
        return notification


def _stored(row: EventRow) -> StoredEvent:
    return StoredEvent(row.stream, row.version, row.type, f"{row.decided_at}\n{row.data}".encode())


class LogFactory(InfrastructureFactory[TrackingRecorder]):
    """What both back ends share. The application gives its form through ``form``."""

    form: JsonForm
    refused: Any

    def open_store(self) -> LogStore:
        raise InfrastructureFactoryError("name SqliteFactory or PostgresFactory as PERSISTENCE_MODULE")

    def mapper(self, transcoder: Transcoder | None = None, mapper_class: Any = None) -> Mapper[Any]:
        return LogMapper(self.form)

    def application_recorder(self) -> ApplicationRecorder:
        store = self.open_store()
        writer = GroupWriter(store, self.form, self.refused)
        writer.start()
        return LogRecorder(store, writer)

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        raise InfrastructureFactoryError("snapshots are the heads of the streams; there is no other store")

    def tracking_recorder(self, tracking_recorder_class: Any = None) -> TrackingRecorder:
        raise InfrastructureFactoryError("positions are kept with their effects (services/reactions.py)")

    def process_recorder(self) -> ProcessRecorder:
        raise InfrastructureFactoryError("reactions are policies (services/reactions.py)")


class SqliteFactory(LogFactory):
    """``SQLITE_DBNAME`` is the file of the log."""

    def open_store(self) -> LogStore:
        return SqliteLog(self.env.name, Path(self.env.get("SQLITE_DBNAME", "") or ""))


class PostgresFactory(LogFactory):
    """``POSTGRES_CONNINFO`` is the database; the log is a schema of it."""

    def open_store(self) -> LogStore:
        if self.env.get("POSTGRES_ENABLE_DB_FUNCTIONS", ""):
            raise InfrastructureFactoryError("POSTGRES_ENABLE_DB_FUNCTIONS loses events; unset it (decision 5)")
        return PostgresLog(self.env.name, self.env.get("POSTGRES_CONNINFO", "") or "")
