"""Permissions: every role's are in the registry, and duties are kept apart."""

from __future__ import annotations

import pytest

from domain.permissions import (
    NOT_PERMITTED,
    PERMISSIONS,
    READ_ALL,
    ROLES,
    allowed,
    check_permitted,
    roles_with,
)
from domain.refusal import Kind, Refused


@pytest.mark.parametrize("role", ROLES)
def test_a_role_allows_only_what_is_registered(role: str) -> None:
    assert ROLES[role] <= set(PERMISSIONS)


def test_each_permission_is_allowed_to_some_role() -> None:
    assert {name for name in PERMISSIONS if not roles_with(name)} == set()


def test_the_administrator_approves_no_business() -> None:
    business = {"credit.release.approve", "credit.limit.agree", "invoice.void", "settlement.reverse"}
    assert not ROLES["administrator"] & (business | {"order.create", "invoice.issue", "settlement.record"})


def test_who_asks_for_a_credit_release_as_a_clerk_cannot_approve_it() -> None:
    assert "credit.release.request" in ROLES["clerk"]
    assert "credit.release.approve" not in ROLES["clerk"]
    assert roles_with("credit.release.approve") == ("credit_manager",)


def test_the_auditor_reads_all_and_changes_nothing() -> None:
    assert ROLES["auditor"] == READ_ALL
    assert all(name.endswith(".read") for name in ROLES["auditor"])


def test_roles_add_up_and_scopes_limit() -> None:
    assert allowed(["planner", "clerk"]) == ROLES["planner"] | ROLES["clerk"]
    assert allowed(["clerk"], ["order.read", "key.administer"]) == {"order.read"}
    assert allowed(["clerk"], []) == frozenset()
    assert allowed(["no such role"]) == frozenset()


def test_a_refusal_names_the_permission_and_who_has_it() -> None:
    check_permitted("lin", "credit.release.approve", ["credit_manager"])
    with pytest.raises(Refused) as refused:
        check_permitted("mei", "credit.release.approve", ["clerk"])
    assert refused.value.refusal is NOT_PERMITTED
    assert refused.value.kind is Kind.FORBIDDEN
    assert str(refused.value) == (
        "mei may not approve a credit release that someone else asked for (credit.release.approve);"
        " this takes one of the roles credit_manager. Ask someone who has one."
    )
