"""The ledger's invariants in production: followed from where the follower was, counted in a metric, shown, logged."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from domain.ledger_invariants import Invariant
from services.checking import FILE, IDLE_S, RETRY_S, InvariantFollower, check_ledger
from services.settings import Settings
from services.verifying import verify
from services.wired import Wired
from tests.conftest import started
from tests.services.receivables.test_disputes import s2
from tests.services.receivables.test_settling import remittance
from tests.services.receivables.trade import Trade
from tests.services.shop import shop_of
from tests.conftest import seed_master


def follower(wired: Wired, folder: Path) -> InvariantFollower:
    return InvariantFollower(wired.applications["receivables"], folder)


def followed(one: InvariantFollower) -> InvariantFollower:
    while one.check_page():
        pass
    return one


def until_checked(running: InvariantFollower) -> None:
    """Its own thread follows."""
    for _ in range(2_000):
        if not running.behind():
            return
        time.sleep(0.01)
    raise AssertionError(f"{running.behind()} facts are not checked: {running.says()}")


def stepped(one: InvariantFollower) -> None:
    """Step by step to the log's end."""
    assert IDLE_S in (one.step() for _ in range(20)), one.says()


def logged(one: InvariantFollower) -> str:
    """What is kept in its file, a line a violation."""
    assert one._books is not None
    return "\n".join(str(violation) for violation in one._books.violations())


def spoil(settings: Settings) -> None:
    """Somebody with the database in his hands: the first payment said to hold a cent more on account."""
    with sqlite3.connect(settings.data / "receivables.events.sqlite") as connection:
        row = connection.execute(
            "SELECT position, data FROM event WHERE type LIKE 'settlement.allocated/%' ORDER BY position LIMIT 1"
        ).fetchone()
        assert '"on_account":"0.00"' in row[1]
        changed = row[1].replace('"on_account":"0.00"', '"on_account":"0.01"')
        connection.execute("UPDATE event SET data = ? WHERE position = ?", (changed, row[0]))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", zones=("UTC",))


def test_the_follower_goes_on_from_its_file_and_finds_what_one_go_finds(settings: Settings, tmp_path: Path) -> None:
    with started(settings) as wired:
        trade = Trade(wired).seed()
        s2(trade)
        one = followed(follower(wired, tmp_path / "f"))
        assert (one.says(), one.behind()) == ("ok", 0)
        before = one.reached
        number = trade.invoice("500.00")
        assert trade.receivables(remittance("R-9", "565.00", {"reference": number, "paid": "565.00"})).status == 201
        trade.settle()
        two = follower(wired, tmp_path / "f")
        two.check_page()
        assert two.reached > before > 0, "it did not begin again from the first fact"
        followed(two)
        assert (two.behind(), two.counts.total()) == (0, 0)


def test_what_does_not_hold_is_counted_shown_and_found_by_verify(settings: Settings) -> None:
    with started(settings) as wired:
        s2(Trade(wired).seed())
    spoil(settings)
    (settings.data / FILE).unlink()
    with started(settings) as wired:
        assert wired.invariants is not None
        shop = shop_of(wired, seed_master(wired, partner="another", roles=("auditor",)))
        until_checked(wired.invariants)
        violated = {one.invariant for one in check_ledger(wired.applications["receivables"])}
        assert Invariant.I3 in violated
        metrics = shop.get("/metrics", None).text
        shown = {line.split('"')[1]: float(line.rsplit(" ", 1)[1]) for line in metrics.splitlines()
                 if line.startswith("o2c_invariant_violations{")}  # fmt: skip
        assert set(shown) == {one.value for one in Invariant}
        assert {name for name, count in shown.items() if count} == {one.value for one in violated}
        health = shop.get("/health", None).json()
        assert health["status"] == "attention" and "I3 does not hold at position" in health["invariants"]
        assert shop.get("/readyz", None).status_code == 200, "it stops nothing"
        assert any("I3 does not hold" in sentence for sentence in verify(wired))
    with started(settings) as again:
        assert again.invariants is not None
        again.invariants.check_page()
        assert Invariant.I3 in again.invariants.counts, "found once, it is not forgotten"


@pytest.mark.parametrize("damage", ["cut", "other form", "ahead"])
def test_a_file_that_is_no_good_is_begun_anew(settings: Settings, tmp_path: Path, damage: str) -> None:
    path = tmp_path / FILE
    with started(settings) as wired:
        s2(Trade(wired).seed())
        followed(follower(wired, tmp_path))
        if damage == "cut":
            path.write_bytes(path.read_bytes()[:3_000])
        else:
            with sqlite3.connect(path) as connection:
                changed = "form = 0" if damage == "other form" else "reached = 10000000"
                connection.execute(f"UPDATE place SET {changed}")
        one = followed(follower(wired, tmp_path))
        assert (one.says(), one.behind()) == ("ok", 0)


def test_books_that_lack_a_record_are_begun_anew_and_a_log_that_lacks_one_is_said(settings: Settings, tmp_path: Path) -> None:
    with started(settings) as wired:
        trade = Trade(wired).seed()
        s2(trade)
        number = trade.invoice("500.00")
        followed(follower(wired, tmp_path))
        with sqlite3.connect(tmp_path / FILE) as connection:
            connection.execute("DELETE FROM records WHERE name = ?", (f"invoice/acme/{number}",))
        trade.receivables(remittance("R-9", "565.00", {"reference": number, "paid": "565.00"}))
        trade.settle()
        one = follower(wired, tmp_path)
        assert (one.step(), one.says().startswith("KeyError")) == (RETRY_S, True)
        stepped(one)
        assert (one.says(), one.behind()) == ("ok", 0)
    with sqlite3.connect(settings.data / "receivables.events.sqlite") as connection:
        connection.execute("UPDATE event SET type = 'debtor.registered/1', data = (SELECT data FROM event WHERE type ="
                           " 'debtor.registered/1') WHERE type = 'invoice.issued/1'")  # fmt: skip
    with started(settings) as wired:
        (tmp_path / FILE).unlink()
        one = follower(wired, tmp_path)
        stepped(one)
        assert one.behind() == 0 and f"invoice/acme/{number}: a fact goes on with it, which was never recorded" in logged(one)
        two = follower(wired, tmp_path)  # begun earlier, and nothing new: it keeps what was found and finds no more
        assert (two.step(), two.counts) == (IDLE_S, one.counts)
