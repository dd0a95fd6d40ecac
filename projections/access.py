"""Persons, their roles and API keys: what a door needs to know who asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Connection, Date, MetaData, Table, Text, select

from domain.person import Person
from domain.recorded import RecordedEvent
from projections.view import Page, View

METADATA = MetaData()

PERSONS = Table(
    "persons", METADATA,
    Column("person", Text, primary_key=True),
    Column("roles", JSON, nullable=False),
)
KEYS = Table(
    "keys", METADATA,
    Column("key_id", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("expires_on", Date, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("scopes", JSON(none_as_null=True)),
    Column("revoked", Boolean, nullable=False),
)

VIEW = View("access", 1, METADATA, paced=False)


@VIEW.on(Person.Registered)
def _registered(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.put(PERSONS, person=event.person, roles=list(event.roles))


@VIEW.on(Person.RolesGranted)
def _roles_granted(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    row = page.row(PERSONS, event.person)
    row["roles"] = [*row["roles"], *event.roles]


@VIEW.on(Person.RolesWithdrawn)
def _roles_withdrawn(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    row = page.row(PERSONS, event.person)
    row["roles"] = [role for role in row["roles"] if role not in event.roles]


@VIEW.on(Person.KeyIssued)
def _key_issued(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.put(
        KEYS, key_id=event.key_id, person=event.person, digest=event.digest, expires_on=event.expires_on,
        live=event.live, scopes=None if event.scopes is None else list(event.scopes), revoked=False,
    )


@VIEW.on(Person.KeyRevoked)
def _key_revoked(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(KEYS, event.key_id)["revoked"] = True


@dataclass(frozen=True)
class KnownKey:
    """A key with the roles its person holds now."""

    key_id: str
    digest: str
    person: str
    roles: tuple[str, ...]
    expires_on: date
    live: bool
    revoked: bool
    scopes: tuple[str, ...] | None


def find_key(connection: Connection, key_id: str) -> KnownKey | None:
    query = select(KEYS, PERSONS.c.roles).join(PERSONS, PERSONS.c.person == KEYS.c.person)
    row = connection.execute(query.where(KEYS.c.key_id == key_id)).one_or_none()
    if row is None:
        return None
    scopes = None if row.scopes is None else tuple(row.scopes)
    roles = tuple(row.roles)
    return KnownKey(
        row.key_id, row.digest, row.person, roles, row.expires_on, row.live, row.revoked, scopes
    )


def find_persons(connection: Connection) -> list[dict[str, Any]]:
    """Every person with roles and keys, never a digest."""
    keys: dict[str, list[dict[str, Any]]] = {}
    for row in connection.execute(select(KEYS).order_by(KEYS.c.key_id)):
        shown = {"key_id": row.key_id, "expires_on": row.expires_on, "live": row.live, "revoked": row.revoked}
        keys.setdefault(row.person, []).append(shown | {"scopes": row.scopes})
    persons = connection.execute(select(PERSONS).order_by(PERSONS.c.person))
    return [{"person": p.person, "roles": p.roles, "keys": keys.get(p.person, [])} for p in persons]


def is_empty(connection: Connection) -> bool:
    return connection.execute(select(PERSONS.c.person).limit(1)).first() is None
