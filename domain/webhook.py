"""Webhook: somebody's address to which facts of chosen types are sent, signed with a secret of its own.

The secret itself is no fact: it is made from the process's key and its number here, so that no log ever holds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from domain.aggregate import Aggregate, natural_id
from domain.refusal import Kind, Refusal

PATTERN = re.compile(r"\*|[a-z_]+\.(\*|[a-z_]+)")

PATTERN_MALFORMED = Refusal(
    "webhook.pattern_malformed",
    "Webhook {webhook}: {pattern} names no events. Say order.placed for one type, order.* for a kind, * for everything.",
)
PATTERNS_MISSING = Refusal(
    "webhook.patterns_missing",
    "Webhook {webhook} names no events, so nothing would be sent. Name at least one, such as order.placed.",
)
CONTENT_DIFFERS = Refusal(
    "webhook.content_differs",
    "Webhook {webhook} sends {limit} to {document}, not {figure} to {other}. Disable it and register one of another name.",
    Kind.CONFLICT,
)


@dataclass
class WebhookState:
    """``secret_number`` counts the secrets it has had; ``after``: the position in each log behind which sending began."""

    webhook: str
    url: str
    events: tuple[str, ...]
    secret_number: int
    after: dict[str, int] = field(default_factory=dict)
    enabled: bool = True


class Webhook(Aggregate[WebhookState]):
    """A subscription to facts of chosen types."""

    KIND = "webhook"
    STATE = WebhookState
    STATE_VERSION = 1

    class Registered(Aggregate.Created):
        TYPE = "webhook.registered/1"
        webhook: str
        url: str
        events: tuple[str, ...]
        secret_number: int
        after: dict[str, int]
        by: str

        def apply(self, webhook: Webhook) -> None:
            webhook.state = WebhookState(self.webhook, self.url, self.events, self.secret_number, dict(self.after))

    class SecretRotated(Aggregate.Event):
        """The secret before still signs beside the new one for a day."""

        TYPE = "webhook.secret_rotated/1"
        secret_number: int
        by: str

        def apply(self, webhook: Webhook) -> None:
            webhook.state.secret_number = self.secret_number

    class Disabled(Aggregate.Event):
        """Nothing is sent; what happens meanwhile is sent when it is enabled again."""

        TYPE = "webhook.disabled/1"
        reason: str
        by: str

        def apply(self, webhook: Webhook) -> None:
            webhook.state.enabled = False

    class Enabled(Aggregate.Event):
        TYPE = "webhook.enabled/1"
        by: str

        def apply(self, webhook: Webhook) -> None:
            webhook.state.enabled = True

    @staticmethod
    def stream(webhook: str) -> str:
        return natural_id("webhook", webhook)

    @classmethod
    def register(cls, *, webhook: str, url: str, events: Iterable[str], after: Mapping[str, int], by: str) -> Webhook:
        """Send facts of these types behind these positions to ``url``."""
        patterns = checked_patterns(webhook, events)
        return cls.begin(
            cls.Registered, cls.stream(webhook), webhook=webhook, url=url, events=patterns, secret_number=1, after=dict(after),
            by=by,
        )

    def check_same(self, url: str, events: Iterable[str]) -> None:
        """The same subscription again says nothing new; another one under its name is refused."""
        patterns = checked_patterns(self.state.webhook, events)
        if (url, patterns) != (self.state.url, self.state.events):
            raise CONTENT_DIFFERS(
                webhook=self.state.webhook, limit=self.state.events, document=self.state.url, figure=patterns, other=url
            )

    def rotate_secret(self, by: str) -> None:
        self.happened(self.SecretRotated, secret_number=self.state.secret_number + 1, by=by)

    def disable(self, reason: str, by: str) -> None:
        """Disabled before is silent."""
        if self.state.enabled:
            self.happened(self.Disabled, reason=reason, by=by)

    def enable(self, by: str) -> None:
        """Enabled before is silent."""
        if not self.state.enabled:
            self.happened(self.Enabled, by=by)


def checked_patterns(webhook: str, events: Iterable[str]) -> tuple[str, ...]:
    """The patterns in one order, each once."""
    patterns = tuple(sorted(set(events)))
    if not patterns:
        raise PATTERNS_MISSING(webhook=webhook)
    for pattern in patterns:
        if not PATTERN.fullmatch(pattern):
            raise PATTERN_MALFORMED(webhook=webhook, pattern=pattern)
    return patterns


def matches(patterns: Iterable[str], type_name: str) -> bool:
    """Whether a stored type such as ``order.placed/1`` is one of those: versions make no difference."""
    name = type_name.partition("/")[0]
    kind = name.partition(".")[0]
    return any(pattern in ("*", name, f"{kind}.*") for pattern in patterns)
