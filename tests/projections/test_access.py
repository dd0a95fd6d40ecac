"""Access: persons, roles, keys."""

from __future__ import annotations

from datetime import date
from typing import Any

from domain.person import Person
from projections import access
from projections.access import find_key, find_persons, is_empty
from tests.projections.chronicle import Chronicle, Folder, check_folds_alike, reading

LOGS = ("orders",)
DIGEST = "a" * 64


def told() -> Chronicle:
    chronicle = Chronicle()
    with chronicle.command("orders") as log:
        clerk = Person.register("li.wei", ["clerk"])
        clerk.grant_roles(["planner"])
        issued: dict[str, Any] = {"digest": DIGEST, "issued_on": date(2026, 3, 1), "expires_on": date(2027, 3, 1)}
        clerk.issue_key(key_id="k1", live=True, **issued)
        clerk.issue_key(key_id="k2", live=False, scopes=[], **issued)
        log += [clerk, Person.register("wang.audit", ["auditor"])]
    with chronicle.command("orders") as log:
        clerk.withdraw_roles(["clerk"])
        clerk.revoke_key("k2")
        log.append(clerk)
    return chronicle


def test_it_folds_alike(folder: Folder) -> None:
    check_folds_alike(folder, access.VIEW, told(), LOGS)


def test_a_key_is_found_with_the_roles_its_person_has_now(folder: Folder) -> None:
    with reading(folder, access.VIEW, told(), LOGS) as connection:
        good, revoked = find_key(connection, "k1"), find_key(connection, "k2")
        assert find_key(connection, "k3") is None
        assert not is_empty(connection)
    assert good is not None
    assert revoked is not None
    assert (good.person, good.roles, good.digest, good.expires_on) == ("li.wei", ("planner",), DIGEST, date(2027, 3, 1))
    assert (good.live, good.revoked, good.scopes) == (True, False, None)
    assert (revoked.live, revoked.revoked, revoked.scopes) == (False, True, ())


def test_persons_are_listed_without_digests(folder: Folder) -> None:
    with reading(folder, access.VIEW, told(), LOGS) as connection:
        persons = find_persons(connection)
    assert [(p["person"], p["roles"], [k["key_id"] for k in p["keys"]]) for p in persons] == [
        ("li.wei", ["planner"], ["k1", "k2"]), ("wang.audit", ["auditor"], []),
    ]  # fmt: skip
    assert DIGEST not in repr(persons)


def test_a_view_of_nothing_is_empty(folder: Folder) -> None:
    with reading(folder, access.VIEW, Chronicle(), LOGS) as connection:
        assert is_empty(connection)
