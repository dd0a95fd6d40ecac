"""Persons: roles that do not conflict, keys that expire and can be revoked."""

from __future__ import annotations

from datetime import date

from domain.person import (
    DIGEST_MALFORMED,
    EXPIRY_PASSED,
    KEY_KNOWN,
    KEY_UNKNOWN,
    ROLE_NOT_HELD,
    ROLE_UNKNOWN,
    ROLES_CONFLICT,
    SCOPE_UNKNOWN,
    Person,
)
from tests.given import fact, given

DIGEST = "ab" * 32
TODAY = date(2026, 3, 2)
UNTIL = date(2026, 9, 1)
MEI = fact(Person.Registered, person="mei", roles=("clerk",))


def key_issued(scopes: tuple[str, ...] | None = None) -> Person.KeyIssued:
    return fact(
        Person.KeyIssued,
        person="mei",
        key_id="k1",
        digest=DIGEST,
        expires_on=UNTIL,
        live=True,
        scopes=scopes,
    )


def issue(
    person: Person, key_id: str = "k1", digest: str = DIGEST, until: date = UNTIL, scope: str | None = None
) -> None:
    scopes = None if scope is None else [scope]
    person.issue_key(
        key_id=key_id, digest=digest, issued_on=TODAY, expires_on=until, live=True, scopes=scopes
    )


def test_a_person_is_registered_with_roles_that_exist() -> None:
    given(Person).when_new(lambda: Person.register("mei", ["clerk", "clerk"])).then(MEI)
    given(Person).when_new(lambda: Person.register("mei", ["boss"])).then_refused(ROLE_UNKNOWN, role="boss")


def test_an_administrator_holds_no_role_that_approves_business() -> None:
    given(Person).when_new(lambda: Person.register("root", ["administrator", "credit_manager"])).then_refused(
        ROLES_CONFLICT, role="credit_manager"
    )
    given(Person, MEI).when(lambda person: person.grant_roles(["administrator"])).then_refused(
        ROLES_CONFLICT, role="clerk"
    )


def test_roles_are_granted_and_withdrawn() -> None:
    granted = fact(Person.RolesGranted, person="mei", roles=("planner",))
    given(Person, MEI).when(lambda person: person.grant_roles(["planner", "clerk"])).then(granted)
    given(Person, MEI).when(lambda person: person.grant_roles(["clerk"])).then_nothing()
    withdrawn = fact(Person.RolesWithdrawn, person="mei", roles=("clerk",))
    given(Person, MEI, granted).when(lambda person: person.withdraw_roles(["clerk"])).then(
        withdrawn
    ).then_state(roles=("planner",))
    given(Person, MEI).when(lambda person: person.withdraw_roles(["planner"])).then_refused(
        ROLE_NOT_HELD, role="planner", roles="clerk"
    )


def test_a_key_is_issued_once_with_a_digest_an_expiry_and_known_scopes() -> None:
    given(Person, MEI).when(issue).then(key_issued())
    given(Person, MEI, key_issued()).when(issue).then_refused(KEY_KNOWN, key="k1")
    given(Person, MEI).when(lambda person: issue(person, digest="secret")).then_refused(
        DIGEST_MALFORMED, length=6
    )
    given(Person, MEI).when(lambda person: issue(person, until=TODAY)).then_refused(
        EXPIRY_PASSED, expires_on=TODAY, day=TODAY
    )
    given(Person, MEI).when(lambda person: issue(person, scope="order.destroy")).then_refused(
        SCOPE_UNKNOWN, scope="order.destroy"
    )


def test_a_key_acts_until_its_last_day_or_its_revocation() -> None:
    person = given(Person, MEI, key_issued()).aggregate
    assert person is not None
    assert person.key_good_on("k1", UNTIL)
    assert not person.key_good_on("k1", date(2026, 9, 2))
    assert not person.key_good_on("k2", TODAY)
    revoked = fact(Person.KeyRevoked, person="mei", key_id="k1")
    outcome = given(Person, MEI, key_issued()).when(lambda person: person.revoke_key("k1")).then(revoked)
    assert outcome.aggregate is not None
    assert not outcome.aggregate.key_good_on("k1", TODAY)
    given(Person, MEI, key_issued(), revoked).when(lambda person: person.revoke_key("k1")).then_nothing()
    given(Person, MEI).when(lambda person: person.revoke_key("k9")).then_refused(KEY_UNKNOWN, key="k9")


def test_a_key_allows_what_its_person_may_within_its_scopes() -> None:
    limited = given(Person, MEI, key_issued(("order.read", "credit.limit.agree"))).aggregate
    assert limited is not None
    assert limited.allowed_with("k1") == {"order.read"}
    assert limited.allowed_with("k9") == frozenset()
