"""Leases: one holds it, another takes over when it is over or given back, and who lost it is found out in its transaction."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.event_log.leases import LeaseLost, LeaseRow, PostgresLease, SoleHolder, lease_of, leases_of
from services.settings import Settings
from tests.conftest import settings_for
from tests.log.tally import opened


@pytest.fixture
def leases(database: str, tmp_path: Path) -> Any:
    with opened(settings_for(tmp_path, database)) as tallies:
        yield lambda holder, seconds=60.0: PostgresLease(tallies.store, "relay", holder, seconds)


Leases = Callable[..., PostgresLease]


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_one_holds_it(leases: Leases) -> None:
    one, two = leases("a"), leases("b")
    assert (one.held(), two.held(), one.held()) == (True, False, True)
    assert leases_of(one.store) == [LeaseRow("relay", "a", 1, True)]


def test_given_back_it_is_free_at_once(leases: Leases) -> None:
    one, two = leases("a"), leases("b")
    assert one.held()
    one.release()
    assert two.held() and two.epoch == 2
    assert leases_of(two.store) == [LeaseRow("relay", "b", 2, True)]


def test_it_runs_out_unless_it_is_renewed(leases: Leases) -> None:
    one, two = leases("a", 0.6), leases("b", 0.6)
    assert one.held()
    for _ in range(10):  # renewed: a second and more
        time.sleep(0.12)
        assert one.held()
        assert not two.held()
    wait_until(two.held)  # from here on nobody renews "a"
    assert two.epoch == 2
    assert not one.held(), "who was replaced goes on"


def test_who_was_replaced_is_found_out_in_its_transaction(leases: Leases) -> None:
    """It hangs longer than its lease and does not know yet: what it was about to do is undone."""
    one, two = leases("a", 0.3), leases("b", 60.0)
    assert one.held()
    wait_until(two.held)
    with one.store.begin() as tx:
        two.check(tx)
    with pytest.raises(LeaseLost, match="another instance has taken over relay"), one.store.begin() as tx:
        one.check(tx)


def test_a_turn_that_is_over_is_not_the_next_one_of_the_same_holder(leases: Leases) -> None:
    """It lost the lease and has it again: what it began in its first turn is undone all the same."""
    first, between, again = leases("a", 0.3), leases("b"), leases("a")
    assert first.held()
    wait_until(between.held)
    between.release()
    assert again.held() and again.epoch == 3
    with again.store.begin() as tx:
        again.check(tx)
    with pytest.raises(LeaseLost), first.store.begin() as tx:
        first.check(tx)


def test_the_same_holder_keeps_its_epoch(leases: Leases) -> None:
    one = leases("a", 0.1)
    for _ in range(3):
        assert one.held()
        time.sleep(0.15)
    assert one.epoch == 1


def test_a_folder_has_one_process(tmp_path: Path) -> None:
    with opened(Settings(data=tmp_path)) as tallies:
        lease = lease_of(tallies.store, "relay", "a")
        assert isinstance(lease, SoleHolder) and lease.held()
        assert leases_of(tallies.store) == []

