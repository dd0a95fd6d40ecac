"""The commands on persons and their API keys."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from domain.person import Person
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Code, Day
from services.http import href


class RegisterPerson(Command):
    """Somebody who works with the product, by an id; names and addresses are not kept here (decision 42)."""

    NAME: ClassVar[str] = "person.register"
    person: Code
    roles: tuple[Code, ...] = ()


class GrantRoles(Command):
    """Roles beside those held."""

    NAME: ClassVar[str] = "person.grant_roles"
    person: Code
    roles: tuple[Code, ...] = Field(min_length=1)


class WithdrawRoles(Command):
    """Roles no longer held."""

    NAME: ClassVar[str] = "person.withdraw_roles"
    person: Code
    roles: tuple[Code, ...] = Field(min_length=1)


class IssueKey(Command):
    """An API key by the digest of its secret: who asks makes the secret and keeps it.

    ``digest`` is the SHA-256 of the secret in hex. The key to send is ``o2c_live_{key_id}_{secret}``.
    """

    NAME: ClassVar[str] = "key.issue"
    person: Code
    key_id: Code = Field(pattern="^[A-Za-z0-9]{4,32}$")
    digest: Code
    expires_on: Day
    live: bool = True
    scopes: tuple[Code, ...] | None = None


class RevokeKey(Command):
    """The key no longer opens anything."""

    NAME: ClassVar[str] = "key.revoke"
    person: Code
    key_id: Code


def person_answer(person: Person, status: int = 200) -> Answer:
    return Answer(status, {"person": person.id, "href": href("persons", person.id), "version": person.version})


def register_person(work: Work, command: RegisterPerson) -> Answer:
    known = work.find(Person, Person.stream(command.person))
    if known is not None:
        known.grant_roles(command.roles)
        return person_answer(known)
    return person_answer(work.add(Person.register(command.person, command.roles)), 201)


def grant_roles(work: Work, command: GrantRoles) -> Answer:
    person = work.get(Person, Person.stream(command.person))
    person.grant_roles(command.roles)
    return person_answer(person)


def withdraw_roles(work: Work, command: WithdrawRoles) -> Answer:
    person = work.get(Person, Person.stream(command.person))
    person.withdraw_roles(command.roles)
    return person_answer(person)


def issue_key(work: Work, command: IssueKey) -> Answer:
    person = work.get(Person, Person.stream(command.person))
    person.issue_key(
        key_id=command.key_id, digest=command.digest, issued_on=work.context.at.date(), expires_on=command.expires_on,
        live=command.live, scopes=command.scopes,
    )
    return person_answer(person, 201)


def revoke_key(work: Work, command: RevokeKey) -> Answer:
    person = work.get(Person, Person.stream(command.person))
    person.revoke_key(command.key_id)
    return person_answer(person)



HANDLERS: dict[type[Command], Any] = {
    RegisterPerson: register_person,
    GrantRoles: grant_roles,
    WithdrawRoles: withdraw_roles,
    IssueKey: issue_key,
    RevokeKey: revoke_key,
}
