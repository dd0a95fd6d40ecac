"""Who asks: API keys of persons, their roles and permissions (decision 39)."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.permissions import allowed
from projections.access import KnownKey
from services.problem import Problem

KEY_PREFIX = "o2c_"
PEER = "peer"  # another service of ours, by the secret that they share
REMEMBERED_S = 1.0
REMEMBERED_KEYS = 10_000
MINUTE_S = 60.0


@dataclass(frozen=True)
class Principal:
    """An authenticated person acting through one of their keys."""

    person: str
    key_id: str
    permissions: frozenset[str]


def key_digest(secret: str) -> str:
    """SHA-256 of the secret: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


class KeyRing:
    """Authenticates ``Authorization: Bearer o2c_live_{id}_{secret}``; what it found is remembered for a second."""

    def __init__(
        self, find_key: Callable[[str], KnownKey | None], requests_per_minute: int, peer_key: str | None = None
    ) -> None:
        self._find_key = find_key
        self._peer_key = peer_key
        self._remembered: dict[str, tuple[float, Principal]] = {}
        self._allowed = requests_per_minute
        self._window = 0
        self._sent: dict[str, int] = {}

    def admit(self, header: str | None) -> Principal:
        """The person behind the header, while the key has requests left in this minute; else 401 or 429."""
        principal = self.authenticate(header)
        window = int(time.monotonic() // MINUTE_S)
        if window != self._window:
            self._window, self._sent = window, {}
        sent = self._sent.get(principal.key_id, 0) + 1
        self._sent[principal.key_id] = sent
        if sent > self._allowed:
            left = MINUTE_S - time.monotonic() % MINUTE_S
            raise Problem(
                429, "too_many_requests", f"this key sent {sent} requests in a minute, {sent - self._allowed} more than the"
                f" {self._allowed} allowed; wait {left:.0f} seconds or use the batch route",
                headers={"Retry-After": str(max(1, round(left)))},
            )
        return principal

    def authenticate(self, header: str | None) -> Principal:
        """The person behind the header; 401 with the reason otherwise."""
        if not header:
            raise _unauthenticated("missing_key", "Send your API key as: Authorization: Bearer o2c_live_...")
        known = self._remembered.get(header)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        principal = self._verified(header)
        if len(self._remembered) > REMEMBERED_KEYS:
            self._remembered.clear()
        self._remembered[header] = (time.monotonic() + REMEMBERED_S, principal)
        return principal

    def _verified(self, header: str) -> Principal:
        scheme, _, token = header.partition(" ")
        if self._peer_key is not None and hmac.compare_digest(token.strip().encode(), self._peer_key.encode()):
            return Principal(PEER, PEER, frozenset({"log.read", "log.copy"}))
        parts = token.strip().split("_", 3)
        if scheme.lower() != "bearer" or not token.startswith(KEY_PREFIX) or len(parts) != 4:
            raise _unauthenticated("malformed_key", "The key must read o2c_live_{id}_{secret} after the word Bearer")
        _, _, key_id, secret = parts
        key = self._find_key(key_id) if key_id.isalnum() else None
        if key is None or not hmac.compare_digest(key.digest, key_digest(secret)):
            raise _unauthenticated("unknown_key", "This API key is not known")
        if key.revoked:
            raise _unauthenticated("revoked_key", "This API key was revoked; ask your administrator for a new one")
        if key.expires_on < datetime.now(UTC).date():
            raise _unauthenticated("expired_key", f"This API key expired on {key.expires_on}; ask for a new one")
        return Principal(key.person, key_id, allowed(key.roles, key.scopes))


def require(principal: Principal, permission: str) -> None:
    """403 naming the permission that is missing."""
    if permission not in principal.permissions:
        raise Problem(
            403, "not_permitted",
            f"{principal.person} does not hold the permission {permission}; ask an administrator for a role that has it",
            permission=permission,
        )


def _unauthenticated(code: str, detail: str) -> Problem:
    return Problem(401, code, detail, headers={"WWW-Authenticate": "Bearer"})
