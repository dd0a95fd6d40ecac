"""Apache Kafka, set up in one place: the defaults of kafka-python that lose or repeat silently are overridden here.

One topic a log, one partition a topic: the log's order is the partition's order (decision 25). The key is the stream. What
is published is a log's own order of facts; nothing rests on Kafka's transactions.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import structlog
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from projections.away import Away
from services.cloud_events import Whole, read_whole
from services.copying import Taken
from services.event_log.contract import CursorRow, LogStore
from services.settings import Settings

PARTITION = 0
LARGEST_MESSAGE = 1_000_000
FOR_EVER = -1
LEAST_RETENTION_MS = 7 * 86_400_000
POLL_MS = 500
REACHED_S = 3.0
MOST_RECORDS = 2_000
PLACE = "kafka"

logger = structlog.get_logger()


def topic_of(settings: Settings, log: str) -> str:
    """Two installations at one broker differ in their prefix."""
    return f"{settings.kafka_prefix}.{log}"


class BrokerAway(Away):
    """Kafka cannot be reached, or does not take or give messages just now."""


@contextmanager
def asking_kafka(settings: Settings) -> Iterator[None]:
    """What goes wrong with Kafka becomes BrokerAway with a sentence; a program goes on without it."""
    try:
        yield
    except (KafkaError, OSError) as error:
        brokers = ", ".join(settings.kafka)
        hint = "" if settings.kafka_security else "; a broker that speaks TLS needs O2C_KAFKA_SECURITY"
        raise BrokerAway(f"Kafka at {brokers} cannot be used: {error!r}{hint}") from error


def check_reachable(settings: Settings) -> None:
    """Whether any broker takes a connection. Asked before a client is made: kafka-python leaves sockets of attempts that
    failed open until the garbage collector finds them, and a service asks for days."""
    failed: OSError | None = None
    for broker in settings.kafka:
        host, _, port = broker.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=REACHED_S).close()
            return
        except OSError as error:
            failed = error
    raise failed or OSError("no broker is named")


def connection(settings: Settings) -> dict[str, Any]:
    """What every client needs; an OSError for a security file that cannot be read."""
    security = {}
    if settings.kafka_security is not None:
        try:
            security = json.loads(settings.kafka_security.read_text())
        except ValueError as error:
            raise OSError(f"{settings.kafka_security} is no JSON: {error}") from None
    return {"bootstrap_servers": list(settings.kafka), "client_id": "o2c", "bootstrap_timeout_ms": 5_000, **security}


def producer_of(settings: Settings) -> KafkaProducer:
    """Every message once and in order as long as it lives, confirmed by all replicas in sync."""
    check_reachable(settings)
    return KafkaProducer(
        **connection(settings), acks="all", enable_idempotence=True, max_in_flight_requests_per_connection=5,
        linger_ms=5, batch_size=262_144, max_request_size=LARGEST_MESSAGE, delivery_timeout_ms=6_000,
        request_timeout_ms=5_000, max_block_ms=10_000, allow_auto_create_topics=False, reconnect_backoff_max_ms=2_000,
    )


def ensure_topic(settings: Settings, log: str) -> list[str]:
    """Create the log's topic where it is missing; sentences for what is wrong with one that is there."""
    topic = topic_of(settings, log)
    with admin_of(settings) as admin:
        if topic not in admin.list_topics():
            _create(admin, topic, settings.kafka_replication)
            logger.info("topic_created", topic=topic)
        return _faults(admin, topic)


def topic_faults(settings: Settings, log: str) -> list[str]:
    """Sentences for what is wrong with the log's topic; nothing is changed."""
    topic = topic_of(settings, log)
    with admin_of(settings) as admin:
        if topic not in admin.list_topics():
            return ["it does not exist yet; the service creates it when it serves"]
        return _faults(admin, topic)


@contextmanager
def admin_of(settings: Settings) -> Iterator[KafkaAdminClient]:
    check_reachable(settings)
    admin = KafkaAdminClient(**connection(settings), request_timeout_ms=10_000)
    try:
        yield admin
    finally:
        admin.close()


def _faults(admin: KafkaAdminClient, topic: str) -> list[str]:
    (described,) = admin.describe_topics([topic])
    partitions = len(described["partitions"])
    several = f"the topic {topic} has {partitions} partitions; o2c writes and reads partition 0 alone: make it one"
    return [*([several] if partitions != 1 else []), *_short_retention(admin, topic)]


def _create(admin: KafkaAdminClient, topic: str, replication: int) -> None:
    settings = {
        "cleanup.policy": "delete", "retention.ms": str(FOR_EVER), "retention.bytes": str(FOR_EVER),
        "min.insync.replicas": str(max(1, replication - 1)), "max.message.bytes": str(2 * LARGEST_MESSAGE),
    }
    new = NewTopic(topic, num_partitions=1, replication_factor=replication, topic_configs=settings)
    try:
        admin.create_topics([new], wait_for_metadata=True)
    except TopicAlreadyExistsError:
        return  # another instance was quicker


def _short_retention(admin: KafkaAdminClient, topic: str) -> list[str]:
    described = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)], config_filter="all")
    kept = int(described["topic"][topic]["retention.ms"]["value"])
    if kept == FOR_EVER or kept >= LEAST_RETENTION_MS:
        return []
    return [
        f"the topic {topic} keeps messages for {kept // 1000} s, less than a week: a consumer that is away longer fetches"
        " what it missed from the owner's feed; set retention.ms=-1"
    ]


class KafkaSource:
    """Facts from the log's topic, from the place that the copy has kept; a message that holds none is a gap."""

    def __init__(self, settings: Settings, log: str) -> None:
        self._settings = settings
        self._log = log
        self._topic = topic_of(settings, log)
        self._partition = TopicPartition(self._topic, PARTITION)
        self._consumer: KafkaConsumer | None = None
        self.unreadable = 0

    def take(self, store: LogStore, generation: int, last: int) -> Taken:
        with asking_kafka(self._settings):
            consumer = self._consumer or self._open(store)
            polled: Sequence[Any] = consumer.poll(timeout_ms=POLL_MS, max_records=MOST_RECORDS).get(self._partition, [])
        if not polled:
            return Taken(())
        facts = [fact for message in polled if (fact := self._read(message)) is not None]
        return Taken(facts, CursorRow(PLACE, self._topic, 1, polled[-1].offset + 1))

    def _read(self, message: Any) -> Whole | None:
        try:
            fact = read_whole(message.value or b"")
            if fact.source == f"urn:o2c:{self._log}":
                return fact
            wrong = f"it is of {fact.source}"
        except ValueError as error:  # msgspec's errors are ValueErrors; the gap that is left is filled from the owner
            wrong = str(error)
        self.unreadable += 1
        logger.error("message_unreadable", topic=self._topic, offset=message.offset, error=wrong)
        return None

    def _open(self, store: LogStore) -> KafkaConsumer:
        check_reachable(self._settings)
        consumer = KafkaConsumer(
            **connection(self._settings), group_id=None, enable_auto_commit=False, auto_offset_reset="earliest",
            isolation_level="read_committed", allow_auto_create_topics=False, max_partition_fetch_bytes=4_000_000,
            reconnect_backoff_max_ms=2_000, request_timeout_ms=10_000,
        )
        try:
            if not consumer.partitions_for_topic(self._topic):
                raise BrokerAway(f"there is no topic {self._topic} yet; the {self._log} service creates it")
            consumer.assign([self._partition])
            begin = consumer.beginning_offsets([self._partition])[self._partition]
            end = consumer.end_offsets([self._partition])[self._partition]
            place = store.cursor(PLACE, self._topic)
            kept = begin if place is None else place.position
            consumer.seek(self._partition, kept if begin <= kept <= end else begin)
        except BaseException:
            consumer.close(autocommit=False)
            raise
        self._consumer = consumer
        return consumer

    def reset(self) -> None:
        """Read again from the place that was kept."""
        if self._consumer is not None:
            consumer, self._consumer = self._consumer, None
            try:
                consumer.close(autocommit=False)
            except Exception as error:  # a broker that hangs must not end the loop
                logger.warning("consumer_not_closed", topic=self._topic, error=repr(error))

    def close(self) -> None:
        self.reset()
