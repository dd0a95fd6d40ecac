"""A person who works with the product: roles, and the API keys that act for the person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from domain.aggregate import Aggregate, natural_id
from domain.permissions import NOT_WITH_ADMINISTRATOR, PERMISSIONS, ROLES, allowed
from domain.refusal import Kind, Refusal

ROLE_UNKNOWN = Refusal(
    "person.role_unknown",
    "There is no role {role}; the roles are {roles}. Name one of these.",
)
ROLES_CONFLICT = Refusal(
    "person.roles_conflict",
    "{person} cannot be administrator and {role} at once: an administrator could give himself its"
    " approvals. Grant {role} to another person.",
)
ROLE_NOT_HELD = Refusal(
    "person.role_not_held",
    "{person} does not have the role {role}; the roles are {roles}. Nothing was withdrawn.",
    Kind.NOT_FOUND,
)
DIGEST_MALFORMED = Refusal(
    "person.digest_malformed",
    "The digest of key {key} has {length} characters; the SHA-256 of its secret has 64, 0-9 and a-f. Send"
    " that.",
)
EXPIRY_PASSED = Refusal(
    "person.expiry_passed",
    "Key {key} of {person} would expire on {expires_on}, which is not after {day}. Name a later day.",
)
SCOPE_UNKNOWN = Refusal(
    "person.scope_unknown",
    "There is no permission {scope}, so key {key} cannot be limited to it. Name permissions from the"
    " registry.",
)
KEY_KNOWN = Refusal(
    "person.key_known",
    "{person} has the key {key} already; a key is issued once. Issue one with another id.",
    Kind.CONFLICT,
)
KEY_UNKNOWN = Refusal(
    "person.key_unknown",
    "{person} has no key {key}; the keys are {keys}. Name one of these.",
    Kind.NOT_FOUND,
)


@dataclass(frozen=True)
class Key:
    """``digest`` is the SHA-256 of the secret in hex; the secret is nowhere. ``live`` False is a test key."""

    digest: str
    expires_on: date
    live: bool
    scopes: tuple[str, ...] | None
    revoked: bool = False


@dataclass
class PersonState:
    person: str
    roles: tuple[str, ...]
    keys: dict[str, Key] = field(default_factory=dict)


class Person(Aggregate[PersonState]):
    """Someone by an id; name and address are kept elsewhere and only referenced (decision 42)."""

    KIND = "person"
    STATE = PersonState
    STATE_VERSION = 1

    class Registered(Aggregate.Created):
        TYPE = "person.registered/1"
        person: str
        roles: tuple[str, ...]

        def apply(self, person: Person) -> None:
            person.state = PersonState(self.person, self.roles)

    class RolesGranted(Aggregate.Event):
        TYPE = "person.roles_granted/1"
        person: str
        roles: tuple[str, ...]

        def apply(self, person: Person) -> None:
            person.state.roles += self.roles

    class RolesWithdrawn(Aggregate.Event):
        TYPE = "person.roles_withdrawn/1"
        person: str
        roles: tuple[str, ...]

        def apply(self, person: Person) -> None:
            person.state.roles = tuple(role for role in person.state.roles if role not in self.roles)

    class KeyIssued(Aggregate.Event):
        TYPE = "person.key_issued/1"
        person: str
        key_id: str
        digest: str
        expires_on: date
        live: bool
        scopes: tuple[str, ...] | None

        def apply(self, person: Person) -> None:
            person.state.keys[self.key_id] = Key(self.digest, self.expires_on, self.live, self.scopes)

    class KeyRevoked(Aggregate.Event):
        TYPE = "person.key_revoked/1"
        person: str
        key_id: str

        def apply(self, person: Person) -> None:
            key = person.state.keys[self.key_id]
            person.state.keys[self.key_id] = Key(
                key.digest, key.expires_on, key.live, key.scopes, revoked=True
            )

    @staticmethod
    def stream(person: str) -> str:
        return natural_id("person", person)

    @classmethod
    def register(cls, person: str, roles: Iterable[str]) -> Person:
        """A new person with ``roles``."""
        wanted = tuple(dict.fromkeys(roles))
        _check_roles(person, wanted)
        return cls.begin(cls.Registered, cls.stream(person), person=person, roles=wanted)

    def grant_roles(self, roles: Iterable[str]) -> None:
        """Roles beside those held; held ones are silent."""
        new = tuple(role for role in dict.fromkeys(roles) if role not in self.state.roles)
        _check_roles(self.state.person, (*self.state.roles, *new))
        if new:
            self.happened(self.RolesGranted, person=self.state.person, roles=new)

    def withdraw_roles(self, roles: Iterable[str]) -> None:
        going = tuple(dict.fromkeys(roles))
        for role in going:
            if role not in self.state.roles:
                raise ROLE_NOT_HELD(person=self.state.person, role=role, roles=self.state.roles)
        if going:
            self.happened(self.RolesWithdrawn, person=self.state.person, roles=going)

    def issue_key(
        self,
        *,
        key_id: str,
        digest: str,
        issued_on: date,
        expires_on: date,
        live: bool,
        scopes: Iterable[str] | None = None,
    ) -> None:
        """A key that acts for this person until ``expires_on`` inclusive, within ``scopes`` where named."""
        limits = None if scopes is None else tuple(scopes)
        state = self.state
        if key_id in state.keys:
            raise KEY_KNOWN(person=state.person, key=key_id)
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise DIGEST_MALFORMED(key=key_id, length=len(digest))
        if expires_on <= issued_on:
            raise EXPIRY_PASSED(key=key_id, person=state.person, expires_on=expires_on, day=issued_on)
        for scope in limits or ():
            if scope not in PERMISSIONS:
                raise SCOPE_UNKNOWN(scope=scope, key=key_id)
        names = {"person": state.person, "key_id": key_id, "digest": digest}
        self.happened(self.KeyIssued, expires_on=expires_on, live=live, scopes=limits, **names)

    def revoke_key(self, key_id: str) -> None:
        """The key acts no more; revoked before is silent."""
        if key_id not in self.state.keys:
            raise KEY_UNKNOWN(person=self.state.person, key=key_id, keys=tuple(self.state.keys))
        if not self.state.keys[key_id].revoked:
            self.happened(self.KeyRevoked, person=self.state.person, key_id=key_id)

    def key_good_on(self, key_id: str, day: date) -> bool:
        """Whether the key acts for the person on ``day``."""
        key = self.state.keys.get(key_id)
        return key is not None and not key.revoked and day <= key.expires_on

    def allowed_with(self, key_id: str) -> frozenset[str]:
        """What may be done with the key: the person's roles, within the key's scopes."""
        key = self.state.keys.get(key_id)
        return frozenset() if key is None else allowed(self.state.roles, key.scopes)


def _check_roles(person: str, roles: tuple[str, ...]) -> None:
    for role in roles:
        if role not in ROLES:
            raise ROLE_UNKNOWN(role=role, roles=tuple(ROLES))
        if role in NOT_WITH_ADMINISTRATOR and "administrator" in roles:
            raise ROLES_CONFLICT(person=person, role=role)
