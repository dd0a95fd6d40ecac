"""The commands on webhooks: register, rotate the secret, disable, enable."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from domain.webhook import Webhook
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Code, Text
from services.http import href
from services.settings import ServiceName

Url = Annotated[str, Field(min_length=8, max_length=2_000, pattern=r"^https?://[!-~]+$", examples=["https://erp.example/o2c"])]
Pattern = Annotated[str, Field(min_length=1, max_length=80, examples=["order.placed", "order.*", "*"])]
Position = Annotated[int, Field(ge=0, le=10**18)]


class RegisterWebhook(Command):
    """Facts of these types are sent to the address, signed with a secret that the answer shows this once.

    ``after`` names positions behind which sending begins, 0 for everything; by default only what happens from now on.
    """

    NAME: ClassVar[str] = "webhook.register"
    webhook: Code
    url: Url
    events: tuple[Pattern, ...] = Field(min_length=1, max_length=200)
    after: dict[ServiceName, Position] = {}

    def streams(self) -> tuple[str, ...]:
        return (Webhook.stream(self.webhook),)


class RotateWebhookSecret(Command):
    """A new secret, shown this once; the one before still signs beside it for a day."""

    NAME: ClassVar[str] = "webhook.rotate_secret"
    webhook: Code


class DisableWebhook(Command):
    """Nothing is sent until it is enabled again; what happens meanwhile is sent then."""

    NAME: ClassVar[str] = "webhook.disable"
    webhook: Code
    reason: Text


class EnableWebhook(Command):
    """Sending goes on with the first delivery that has not arrived."""

    NAME: ClassVar[str] = "webhook.enable"
    webhook: Code


def webhook_answer(webhook: Webhook, status: int = 200) -> Answer:
    state = webhook.state
    body = {"webhook": webhook.id, "href": href("webhooks", webhook.id), "version": webhook.version}
    return Answer(status, {**body, "enabled": state.enabled, "secret_number": state.secret_number})


def register_webhook(work: Work, command: RegisterWebhook) -> Answer:
    known = work.find(Webhook, Webhook.stream(command.webhook))
    if known is not None:
        known.check_same(command.url, command.events)
        return webhook_answer(known)
    made = Webhook.register(
        webhook=command.webhook, url=command.url, events=command.events, after=dict(command.after.items()), by=work.context.actor
    )
    return webhook_answer(work.add(made), 201)


def rotate_secret(work: Work, command: RotateWebhookSecret) -> Answer:
    webhook = work.get(Webhook, Webhook.stream(command.webhook))
    webhook.rotate_secret(work.context.actor)
    return webhook_answer(webhook)


def disable_webhook(work: Work, command: DisableWebhook) -> Answer:
    webhook = work.get(Webhook, Webhook.stream(command.webhook))
    webhook.disable(command.reason, work.context.actor)
    return webhook_answer(webhook)


def enable_webhook(work: Work, command: EnableWebhook) -> Answer:
    webhook = work.get(Webhook, Webhook.stream(command.webhook))
    webhook.enable(work.context.actor)
    return webhook_answer(webhook)


HANDLERS: dict[type[Command], Any] = {
    RegisterWebhook: register_webhook,
    RotateWebhookSecret: rotate_secret,
    DisableWebhook: disable_webhook,
    EnableWebhook: enable_webhook,
}
