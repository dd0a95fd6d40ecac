"""Signatures of Standard Webhooks (v1, HMAC-SHA256) and the secrets they are made with.

A secret is made from the process's own key (webhooks.key beside the sealing key) and its number: no log and no table
holds it, so it can be shown once and never again.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from services.sealing.keys import KeyUnusable, kept

FILE = "webhooks.key"
PREFIX = "whsec_"
OVERLAP = timedelta(days=1)
LEAST = 32


class WebhookSecrets:
    """The secrets of all webhooks of a process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _key(self) -> bytes:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / FILE
        key = kept(path, secrets.token_hex(LEAST).encode()).strip()
        if len(key) < LEAST:
            raise KeyUnusable(f"{path} holds {len(key)} characters, less than {LEAST}; put the key back: secrets depend on it")
        return key

    def secret(self, webhook_id: str, number: int) -> str:
        """The secret as its receiver gets it: whsec_ and base64."""
        return PREFIX + base64.b64encode(self._bytes(webhook_id, number)).decode()

    def signature(self, webhook_id: str, numbers: Sequence[int], message_id: str, timestamp: int, body: bytes) -> str:
        """One signature for each secret, separated by spaces."""
        signed = f"{message_id}.{timestamp}.".encode() + body
        marks = [hmac.digest(self._bytes(webhook_id, number), signed, "sha256") for number in numbers]
        return " ".join(f"v1,{base64.b64encode(mark).decode()}" for mark in marks)

    def _bytes(self, webhook_id: str, number: int) -> bytes:
        return hmac.digest(self._key, f"{webhook_id}:{number}".encode(), "sha256")


def valid_numbers(number: int, since: datetime, now: datetime) -> list[int]:
    """The newest secret, and for a day the one before."""
    return [number, number - 1] if number > 1 and now - since < OVERLAP else [number]


def message_id(webhook_id: str, log: str, generation: int, position: int) -> str:
    """The same for every attempt and every resend; without a full stop, which separates what is signed."""
    return f"msg_{log}_{generation}_{position}_{sha256(webhook_id.encode()).hexdigest()[:12]}"
