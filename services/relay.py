"""The relay of a log: publishes its facts to Kafka, in their order, from the log itself (the log is the outbox).

One instance of a service relays, by lease. The place up to which Kafka has confirmed is kept in the log now and then; what
was confirmed behind it is published again after a crash, and whoever copies the log drops what it has.
"""

from __future__ import annotations

import threading
import time
from typing import Any

import structlog

from services.application import LogApplication
from services.cloud_events import whole_event
from services.event_log.contract import Append, CursorRow, EventRow
from services.event_log.generations import generations_of, still_the_same
from services.event_log.json_form import encode_plain
from services.kafka import LARGEST_MESSAGE, PARTITION, BrokerAway, asking_kafka, ensure_topic, producer_of, topic_of
from services.event_log.leases import Lease, LeaseLost
from services.settings import Settings

PAGE = 1_000
KEEP_S = 1.0  # how often the confirmed place is kept
POLL_S = 0.2
RETRY_S = 1.0
STAND_BY_S = 0.5
CONFIRMED_S = 7.0  # then it is said that nothing is confirmed, and published again
ENVELOPE = 4_000

NAME = "relay"

logger = structlog.get_logger()


class Relay:
    """Publishes one log. ``published`` is the last position that Kafka has confirmed."""

    def __init__(self, application: LogApplication, settings: Settings, lease: Lease) -> None:
        self.log = application.name
        self.store = application.store
        self.failure: Exception | None = None
        self.complaints: list[str] = []
        self.published = 0
        self.lease = lease
        self._settings = settings
        self._producer: Any = None
        self._generation = 0
        self._kept: CursorRow | None = None
        self._kept_at = 0.0
        self._rung = threading.Event()
        application.writer.on_commit(lambda _: self._rung.set())

    def run(self, stopping: threading.Event) -> None:
        """Publish for ever; commands never wait for it. What cannot be published stays in the log and follows in order."""
        try:
            while not stopping.is_set():
                try:
                    if not self.lease.held():
                        self._drop_producer()
                        self.failure = None
                        stopping.wait(STAND_BY_S)
                        continue
                    self._rung.clear()
                    if self.publish_next() == 0:
                        self._rung.wait(POLL_S)
                    self.failure = None
                except Exception as error:
                    self._note(error)
                    self._drop_producer()
                    stopping.wait(RETRY_S)
        finally:
            self._stop()

    @property
    def leads(self) -> bool:
        """Whether this instance is the one that publishes."""
        return self._producer is not None

    def behind(self) -> int:
        """How many facts Kafka has not confirmed."""
        return max(0, self.store.last_position() - self.published)

    def _note(self, error: Exception) -> None:
        if repr(error) != repr(self.failure):
            level = logger.warning if isinstance(error, (BrokerAway, LeaseLost)) else logger.error
            level("relay_waits", log=self.log, published=self.published, error=repr(error))
        self.failure = error

    def publish_next(self) -> int:
        """One page of facts, confirmed by Kafka; how many there were."""
        if self._producer is None:
            self._start()
        rows = self.store.read(self.published, PAGE)
        if rows:
            self._publish(rows)
            self.published = rows[-1].position
        if self._kept is None or self._kept.position != self.published:
            self._keep(at_once=not rows)
        return len(rows)

    def _start(self) -> None:
        """From the place that was kept; a log that was restored goes on where its facts are others than those published."""
        with asking_kafka(self._settings):
            self.complaints = ensure_topic(self._settings, self.log)
            for complaint in self.complaints:
                logger.error("topic_unfit", log=self.log, error=complaint)
            self._generation = self.store.generation()
            self._kept = self.store.cursor(NAME, self.log)
            self.published = 0
            if self._kept is not None:
                standing = still_the_same(generations_of(self.store), self._kept.generation)
                self.published = self._kept.position if standing is None else min(self._kept.position, standing)
            self._producer = producer_of(self._settings)

    def _publish(self, rows: list[EventRow]) -> None:
        topic = topic_of(self._settings, self.log)
        with asking_kafka(self._settings):
            sent = []
            for row in rows:
                value = self._value(row)
                headers = [
                    ("log", self.log.encode()), ("generation", str(self._generation).encode()),
                    ("position", str(row.position).encode()), ("type", row.type.rpartition("/")[0].encode()),
                    ("schema_version", row.type.rpartition("/")[2].encode()),
                ]
                sent.append(self._producer.send(topic, value, row.stream.encode(), headers, partition=PARTITION))
            self._producer.flush(timeout=CONFIRMED_S)
            for future in sent:
                future.get(timeout=CONFIRMED_S)

    def _value(self, row: EventRow) -> bytes:
        """The fact as CloudEvents JSON; of one too large for a message only the envelope, the rest is in the feed."""
        fits = len(row.data.encode()) + ENVELOPE < LARGEST_MESSAGE
        if not fits:
            logger.warning("fact_by_feed_only", log=self.log, position=row.position, size=len(row.data))
        return encode_plain(whole_event(self.log, self._generation, row, data=fits)).encode()

    def _keep(self, *, at_once: bool = False) -> None:
        now = time.monotonic()
        if not at_once and now - self._kept_at < KEEP_S:
            return
        place = CursorRow(NAME, self.log, self._generation, self.published)
        with self.store.begin() as tx:
            self.lease.check(tx)
            tx.append(Append([], {}, [], {}, {(NAME, self.log): place}, []))
        self._kept, self._kept_at = place, now

    def _drop_producer(self) -> None:
        if self._producer is not None:
            producer, self._producer = self._producer, None
            try:
                producer.close(timeout=1)
            except Exception as error:  # a broker that hangs must not end the loop
                logger.warning("producer_not_closed", log=self.log, error=repr(error))

    def _stop(self) -> None:
        try:
            if self._producer is not None and (self._kept is None or self._kept.position != self.published):
                self._keep(at_once=True)
        except Exception as error:
            logger.warning("relay_place_not_kept", log=self.log, error=repr(error))
        self._drop_producer()
        self.lease.release()
