"""The loop that sends: reads the logs, keeps what is to be sent, sends it in order, tries again later, gives up at last.

A webhook's deliveries go out one after the other; what follows waits until the first has arrived. Webhooks do not wait
for each other. Sent at least once: a process that dies behind an answer sends the same message, same id, again.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Engine

from domain.webhook import matches
from projections import webhook_deliveries as log_of
from projections import webhooks
from services.application import LogApplication
from services.cloud_events import cloud_event
from services.command import Answer, Context
from services.event_log.contract import EventRow, LogStore
from services.event_log.json_form import encode_plain
from services.webhooks.commands import DisableWebhook
from services.webhooks.posting import TIMEOUT_S, post
from services.webhooks.signing import WebhookSecrets, message_id, valid_numbers

MINUTE, HOUR = 60.0, 3_600.0
# Seconds to the next attempt, after Standard Webhooks; behind the last one the webhook is disabled.
BACK_OFF = (5.0, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
JITTER = 0.2
PAGE = 500
MOST_WAITING = 1_000
IN_A_ROW = 100
WEBHOOKS_AT_ONCE = 8
POLL_S = 0.1
LOOK_S = 1.0
RETRY_S = 5.0
LONGEST_BODY = 20_000
GONE = 410

logger = structlog.get_logger()


class Sender:
    """Sends the facts of the logs that can be read here; ``orders`` keeps the webhooks.

    ``failure`` is what keeps the loop itself waiting.
    """

    def __init__(
        self, logs: Mapping[str, LogStore], orders: LogApplication, view: Engine, deliveries: Engine,
        secrets: WebhookSecrets, *, private: bool, back_off: Sequence[float] = BACK_OFF, timeout: float = TIMEOUT_S,
    ) -> None:
        self.failure: Exception | None = None
        self._logs = logs
        self._orders = orders
        self._view = view
        self._deliveries = deliveries
        self._secrets = secrets
        self._private = private
        self.back_off = tuple(back_off)
        self.timeout = timeout
        self._lease = log_of.SenderLease(deliveries)
        self._stopping = threading.Event()
        self._busy: dict[str, Future[None]] = {}
        self._seen: dict[str, int] = {}
        self._looked_at = 0.0
        self._any = False

    def run(self, stopping: threading.Event) -> None:
        """Send for ever; what cannot be read or kept just now is tried again."""
        self._stopping = stopping
        with ThreadPoolExecutor(WEBHOOKS_AT_ONCE, thread_name_prefix="webhook") as pool:
            while not stopping.is_set():
                try:
                    if self._something_may_be_due() and (enabled := self._enabled()) and self._lease.held():
                        self._serve_all(pool, enabled)
                    self.failure = None
                except Exception as error:
                    self.failure = error
                    logger.warning("webhooks_wait", error=repr(error))
                stopping.wait(RETRY_S if self.failure else POLL_S)
        with suppress(Exception):
            self._lease.release()

    def _something_may_be_due(self) -> bool:
        """A log has moved, or it is time to look for retries and for webhooks that were enabled."""
        if not self._any and time.monotonic() - self._looked_at < LOOK_S:
            return False
        ends = {name: store.last_position() for name, store in self._logs.items()}
        moved, self._seen = ends != self._seen, ends
        return moved or time.monotonic() - self._looked_at >= LOOK_S

    def _enabled(self) -> list[dict[str, Any]]:
        self._looked_at = time.monotonic()
        with self._view.connect() as connection:
            enabled = webhooks.enabled_webhooks(connection)
        self._any = bool(enabled)
        return enabled

    def _serve_all(self, pool: ThreadPoolExecutor, enabled: list[dict[str, Any]]) -> None:
        for webhook in enabled:
            name = webhook["webhook_id"]
            running = self._busy.get(name)
            if running is None or running.done():
                self._busy[name] = pool.submit(self._serve, webhook)

    def _serve(self, webhook: dict[str, Any]) -> None:
        """Take up what is new and send what is due, in order, until something does not arrive."""
        try:
            for log in self._logs:
                self._take_up(webhook, log)
            for _ in range(IN_A_ROW):
                if self._stopping.is_set() or not self._send_next(webhook):
                    return
            self._looked_at = 0.0  # there is more: look again soon
        except Exception as error:
            logger.warning("webhook_waits", webhook=webhook["webhook_id"], error=repr(error))

    def _take_up(self, webhook: dict[str, Any], log: str) -> None:
        """The next page of a log: which of its facts are to be sent."""
        store = self._logs[log]
        generation, name = store.generation(), webhook["webhook_id"]
        with self._deliveries.connect() as connection:
            known = log_of.cursor(connection, name, log)
            if log_of.waiting(connection, name) >= MOST_WAITING:
                return
        if known is None:
            after = webhook["after"].get(log, store.last_position())
        else:
            after = known[1] if known[0] == generation else self._restored(name, log, generation, known[1])
        rows = [row for i, row in enumerate(store.read(after, PAGE), after + 1) if row.position == i]
        if not rows and known is not None and known[0] == generation:
            return
        reached = rows[-1].position if rows else after
        wanted = [self._delivery(name, log, generation, row) for row in rows if matches(webhook["events"], row.type)]
        with self._deliveries.begin() as connection:
            log_of.take_up(connection, name, log, generation, reached, wanted)

    def _restored(self, name: str, log: str, generation: int, reached: int) -> int:
        """Where to read on in a log that was restored: what had not arrived is taken up anew from the log as it is now."""
        with self._deliveries.connect() as connection:
            least = log_of.first_of_before(connection, name, log, generation)
        ends = self._logs[log].last_position()
        return min(reached, ends) if least is None else min(reached, ends, least - 1)

    def _delivery(self, name: str, log: str, generation: int, row: EventRow) -> dict[str, Any]:
        now = datetime.now(UTC)
        return {
            "delivery": message_id(name, log, generation, row.position), "position": row.position, "type": row.type,
            "subject": row.stream, "next_at": now, "made_at": now,
        }

    def _send_next(self, webhook: dict[str, Any]) -> bool:
        """Whether the next delivery was due and has arrived."""
        with self._deliveries.connect() as connection:
            delivery = log_of.next_delivery(connection, webhook["webhook_id"])
        if delivery is None or delivery["next_at"] > datetime.now(UTC):
            return False
        row = self._logs[delivery["log"]].event_at(delivery["position"])
        if row is None:
            raise LookupError(f"{delivery['log']}:{delivery['position']} is not in the log")
        body = body_of(delivery["log"], delivery["generation"], row)
        tried = post(
            webhook["url"], self._headers(webhook, delivery["delivery"], body), body, private=self._private, timeout=self.timeout
        )
        arrived = tried.status is not None and 200 <= tried.status < 300
        next_at, given_up = self._next(delivery, tried)
        with self._deliveries.begin() as connection:
            log_of.record(connection, delivery, tried, delivered=arrived, next_at=next_at)
        if given_up and not arrived:
            self._disable(webhook, delivery, tried)
        return arrived

    def _headers(self, webhook: dict[str, Any], message: str, body: bytes) -> dict[str, str]:
        now = datetime.now(UTC)
        numbers = valid_numbers(webhook["secret_number"], webhook["secret_since"], now)
        timestamp = int(now.timestamp())
        return {
            "content-type": "application/cloudevents+json; charset=utf-8", "user-agent": "o2c", "webhook-id": message,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": self._secrets.signature(webhook["webhook_id"], numbers, message, timestamp, body),
        }

    def _next(self, delivery: dict[str, Any], tried: log_of.Tried) -> tuple[datetime, bool]:
        """When to try again should it not have arrived, and whether that is given up: then it is the first thing to be sent
        when the webhook is enabled again."""
        now, failed = datetime.now(UTC), delivery["failed"]
        if failed >= len(self.back_off) or tried.status == GONE:
            return now, True
        return now + timedelta(seconds=self.back_off[failed] * random.uniform(1 - JITTER, 1 + JITTER)), False

    def _disable(self, webhook: dict[str, Any], delivery: dict[str, Any], tried: log_of.Tried) -> None:
        """By a command like anybody's, so that the log says why; kept once whoever repeats it."""
        said = f"answered {tried.status}" if tried.status is not None else str(tried.error)
        reason = f"{delivery['delivery']} did not arrive in {delivery['attempts'] + 1} attempts; the last one {said}"[:500]
        command = DisableWebhook(webhook=webhook["webhook"], reason=reason)
        key = f"webhooks:{delivery['delivery']}:{delivery['attempts']}"
        context = Context("o2c:webhooks", datetime.now(UTC), key, key, key=key, fingerprint="disable")
        answer: Answer = self._orders.handle(command, context)
        logger.warning("webhook_disabled", webhook=webhook["webhook_id"], reason=reason, status=answer.status)


def body_of(log: str, generation: int, row: EventRow) -> bytes:
    """The fact as the feed gives it, with the ``timestamp`` of Standard Webhooks; a large one only says where to read it."""
    event = {**cloud_event(log, generation, row), "timestamp": row.recorded_at}
    body = encode_plain(event).encode()
    if len(body) > LONGEST_BODY:
        event["dataref"] = f"/v1/feeds/events?log={log}&after={row.position - 1}&limit=1"
        del event["data"]
        body = encode_plain(event).encode()
    return body


