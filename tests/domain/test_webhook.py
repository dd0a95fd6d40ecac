"""A webhook: which facts it names, what is refused, and that saying the same twice says nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.aggregate import deciding_at
from domain.refusal import Refused
from domain.webhook import CONTENT_DIFFERS, PATTERN_MALFORMED, PATTERNS_MISSING, Webhook, matches

AT = datetime(2026, 3, 2, tzinfo=UTC)


def registered(*events: str) -> Webhook:
    with deciding_at(AT):
        made = Webhook.register(webhook="erp", url="https://e.example/", events=events or ("order.placed",), after={}, by="ann")
    return made


def types(webhook: Webhook) -> list[str]:
    return [event.TYPE for event in webhook.pending_events]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("pattern", "yes", "no"), [
    ("order.placed", ["order.placed/1", "order.placed/2"], ["order.placed_late/1", "order.held/1", "preorder.placed/1"]),
    ("order.*", ["order.placed/1", "order.held/1"], ["order_paper.held/1", "invoice.issued/1"]),
    ("*", ["order.placed/1", "invoice.issued/1"], []),
])  # fmt: skip
def test_a_pattern_names_types_whatever_their_version(pattern: str, yes: list[str], no: list[str]) -> None:
    assert all(matches((pattern,), name) for name in yes) and not any(matches((pattern,), name) for name in no)


@pytest.mark.parametrize("pattern", ["order", "order.", ".placed", "Order.placed", "order.placed/1", "order.pl*", "**", ""])
def test_a_malformed_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(Refused) as refused:
        registered(pattern)
    assert refused.value.code == PATTERN_MALFORMED.code


def refusal_of(call: Any) -> str:
    with pytest.raises(Refused) as refused:
        call()
    return refused.value.code


def test_what_it_remembers() -> None:
    webhook = registered("order.placed", "invoice.*", "order.placed")
    assert webhook.state.events == ("invoice.*", "order.placed") and webhook.state.enabled
    with deciding_at(AT):
        webhook.disable("too many", "ann")
        webhook.disable("again", "bob")
        assert not webhook.state.enabled
        webhook.enable("ann")
        webhook.enable("ann")
        webhook.rotate_secret("ann")
    assert webhook.state.enabled and webhook.state.secret_number == 2
    assert types(webhook) == ["webhook.registered/1", "webhook.disabled/1", "webhook.enabled/1", "webhook.secret_rotated/1"]


def test_another_content_under_its_name_is_refused() -> None:
    webhook = registered("order.placed", "invoice.*")
    webhook.check_same("https://e.example/", ["invoice.*", "order.placed"])
    assert refusal_of(lambda: webhook.check_same("https://other.example/", ["invoice.*", "order.placed"])) == CONTENT_DIFFERS.code
    assert refusal_of(lambda: webhook.check_same("https://e.example/", ["invoice.*"])) == CONTENT_DIFFERS.code
    assert refusal_of(lambda: webhook.check_same("https://e.example/", [])) == PATTERNS_MISSING.code
