"""Webhooks for the list and for the sender: where to, which types, enabled or why not."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, Connection, Integer, MetaData, Table, Text, select

from domain.recorded import RecordedEvent
from domain.webhook import Webhook
from projections.columns import Instant, Packed, key
from projections.paging import Listed, Order, listed
from projections.view import Needs, Page, Row, View

METADATA = MetaData()

WEBHOOKS = Table(
    "webhooks", METADATA,
    Column("webhook_id", key(), primary_key=True), Column("webhook", key(), nullable=False), Column("url", Text, nullable=False),
    Column("events", Packed(tuple[str, ...]), nullable=False), Column("after", Packed(dict[str, int]), nullable=False),
    Column("enabled", Boolean, nullable=False), Column("disabled_because", Text),
    Column("secret_number", Integer, nullable=False), Column("secret_since", Instant, nullable=False),
    Column("registered_at", Instant, nullable=False),
    Column("registered_by", Text, nullable=False), Column("version", Integer, nullable=False),
)  # fmt: skip

VIEW = View("webhooks", 1, METADATA)


def _the_webhook(event: Any) -> Needs:
    return {WEBHOOKS: [(event.originator_id,)]}


@VIEW.on(Webhook.Registered)
def _registered(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.put(
        WEBHOOKS, webhook_id=event.originator_id, webhook=event.webhook, url=event.url, events=event.events, after=event.after,
        enabled=True, disabled_because=None, secret_number=event.secret_number, secret_since=event.timestamp,
        registered_at=event.timestamp, registered_by=event.by, version=event.originator_version,
    )


@VIEW.on(Webhook.SecretRotated, needs=_the_webhook)
def _rotated(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(WEBHOOKS, event.originator_id).update(
        secret_number=event.secret_number, secret_since=event.timestamp, version=event.originator_version
    )


@VIEW.on(Webhook.Disabled, needs=_the_webhook)
def _disabled(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(WEBHOOKS, event.originator_id).update(
        enabled=False, disabled_because=event.reason, version=event.originator_version
    )


@VIEW.on(Webhook.Enabled, needs=_the_webhook)
def _enabled(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(WEBHOOKS, event.originator_id).update(enabled=True, disabled_because=None, version=event.originator_version)


BY_NAME = Order((WEBHOOKS.c.webhook_id,))


def find_webhooks(connection: Connection, limit: int = 50, after: str | None = None) -> Listed:
    return listed(connection, select(WEBHOOKS), BY_NAME, limit, after)


def webhook(connection: Connection, webhook_id: str) -> Row | None:
    row = connection.execute(select(WEBHOOKS).where(WEBHOOKS.c.webhook_id == webhook_id)).mappings().one_or_none()
    return None if row is None else dict(row)


def enabled_webhooks(connection: Connection) -> list[Row]:
    """Those to which something may be sent."""
    query = select(WEBHOOKS).where(WEBHOOKS.c.enabled).order_by(WEBHOOKS.c.webhook_id)
    return [dict(row) for row in connection.execute(query).mappings()]
