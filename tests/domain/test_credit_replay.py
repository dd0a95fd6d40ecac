"""Random lives of a group: every decision comes out again, and a back-test with the actual rules repeats history (X3, X13)."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.aggregate import deciding_at
from domain.credit import CreditCode
from domain.credit_account import CreditAccount
from domain.credit_book import ItemShift
from domain.credit_backtest import WhatIf, backtest, held_value
from domain.credit_policy import CreditPolicy
from domain.credit_replay import as_known, decided_again, replayed
from tests.given import replayed as rebuilt

FIRST = date(2026, 1, 1)
LAST = date(2026, 12, 31)


class Life:
    """A parent with two members over some days; every fact is kept."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.day = FIRST
        self.facts: list[Any] = []
        self.revisions: dict[str, int] = {}
        self.documents = 0
        with deciding_at(self.moment()):
            self.account = CreditAccount.open("P", "CNY", "UTC")
            self.account.agree_limit(Decimal(300), FIRST, None, FIRST)
            for name in ("A", "B"):
                member = CreditAccount.open(name, "CNY", "UTC")
                member.agree_limit(Decimal(200), FIRST, None, FIRST)
                self.account.asked("P", 0)
                self.account.admit(member.leave_for("P", "P"), "P", FIRST)
        self.collect()

    def moment(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, 9, tzinfo=UTC) + timedelta(minutes=len(self.facts))

    def collect(self) -> None:
        self.facts += self.account.collect_events()

    def step(self) -> None:
        dice, account = self.dice, self.account
        whose = dice.choice("AB")
        order = f"{whose}{dice.randint(1, 6) + self.documents // 25}"
        self.documents += 1
        number, amount = f"D{self.documents}", Decimal(dice.randint(1, 120))
        account.asked(whose, len(self.facts))
        with deciding_at(self.moment()):
            match dice.randint(0, 9):
                case 0 | 1 | 2:
                    self.revisions[order] = self.revisions.get(order, 0) + 1
                    account.reserve(order, self.revisions[order], amount, self.day)
                case 3:
                    account.reduce(order, amount, self.day)
                case 4:
                    if account.state.orders:  # sometimes more than is open
                        order, more = dice.choice(list(account.state.orders)), dice.choice([0, 0, 3])
                        account.record_delivery(order, number, account.state.committed(order) + more, self.day)
                case 5:
                    due_on = self.day + timedelta(days=dice.randint(0, 20))
                    for shipment, waiting in list(account.state.unbilled.items()):
                        account.record_invoice(f"I-{shipment}", waiting.value, self.day, shipment=shipment, due_on=due_on)
                case 6:
                    self.pay(whose, number)
                case 7 if dice.random() < 0.4:
                    if held := next(iter(account.state.held.items()), None):
                        account.release_by_person(held[0], held[1].revision, "li", "wang", self.day)
                case 8:
                    if order in account.state.orders:
                        account.check_delivery(order, self.day)
                case 9:
                    self.agree(whose)
        self.collect()
        if dice.random() < 0.3:
            self.day += timedelta(days=1)

    def pay(self, whose: str, number: str) -> None:
        """Everything the account owes, item by item."""
        items = [(name, one.amount) for name, one in self.account.state.items.items() if one.account == whose]
        shifts = tuple(ItemShift(name, -amount) for name, amount in items)
        self.account.record_payment(number, sum((amount for _, amount in items), Decimal(0)), self.day, items=shifts)

    def agree(self, whose: str) -> None:
        policy = CreditPolicy(
            oldest_overdue_days=self.dice.choice([None, 10]), strict_fifo=self.dice.random() < 0.3,
            maximum_document=self.dice.choice([None, Decimal(100)]), release_days=self.dice.choice([None, 3]),
        )
        if self.dice.random() < 0.5:
            self.account.agree_policy(policy, self.day, self.day)
        else:
            self.account.agree_limit(Decimal(self.dice.randint(100, 300)), self.day, None, self.day)


@pytest.mark.parametrize("seed", range(25))
def test_every_decision_comes_out_again_and_history_repeats(seed: int) -> None:
    life = Life(seed)
    for _ in range(120):
        life.step()
    found = list(replayed(life.facts))
    assert len(found) > 30
    assert [event for event, again in found if not again.same] == []
    # each account is asked for itself; the parent for both
    for name in ("A", "P"):
        rows = backtest(life.facts, WhatIf(name, FIRST, LAST))
        assert [row for row in rows if row.differs] == []
        assert {row.account for row in rows} == ({"A"} if name == "A" else {"A", "B"})


def test_a_backtest_from_the_middle_begins_with_what_stood_then() -> None:
    life = Life(7)
    for _ in range(150):
        life.step()
    middle = life.facts[len(life.facts) // 2].timestamp.date()
    rows = backtest(life.facts, WhatIf("P", middle, LAST))
    assert rows and [row for row in rows if row.differs] == []
    before = len(life.facts)
    generous = backtest(life.facts, WhatIf("P", middle, LAST, limit=Decimal(10**6)))
    happened, would_have = held_value(generous)
    assert would_have <= happened and len(life.facts) == before
    otherwise = [row.would_have for row in generous if row.differs]
    assert otherwise and CreditCode.PARENT_LIMIT not in {code for course in otherwise for code in course.reasons}


def test_a_decision_on_another_state_is_noticed() -> None:
    """The planted fault: a decision that forgets what stood before it comes out otherwise somewhere."""
    life = Life(3)
    for _ in range(120):
        life.step()
    account: Any = None
    differing = 0
    for event in life.facts:
        if isinstance(event, CreditAccount.ReservationRefused):
            emptied = rebuilt(CreditAccount, tuple(life.facts[:5]))
            assert emptied is not None
            again = decided_again(emptied.state, event)
            differing += again.outcome != "HELD" or again.reasons != event.reasons
        account = event.mutate(account)
    assert differing > 0


def test_an_account_as_known_leaves_out_what_came_later_or_was_known_later() -> None:
    with deciding_at(datetime(2026, 1, 1, tzinfo=UTC)):
        account = CreditAccount.open("A", "CNY", "UTC")
    with deciding_at(datetime(2026, 3, 5, tzinfo=UTC)):
        account.record_invoice("late", Decimal(10), date(2026, 3, 5))
    with deciding_at(datetime(2026, 3, 1, tzinfo=UTC)):  # known later, happened earlier
        account.record_invoice("back-dated", Decimal(7), date(2026, 3, 1))
    facts = account.collect_events()
    figures = []
    for as_of, known in ((None, 3), (None, 2), (datetime(2026, 3, 2, tzinfo=UTC), 3), (datetime(2026, 3, 2, tzinfo=UTC), 2)):
        found = as_known(facts[:known], as_of)
        assert found is not None
        figures.append(found.exposure())
    assert figures == [17, 10, 7, 0]
    assert as_known(facts, datetime(2025, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize("seed", range(25, 40))
def test_no_reservation_without_a_release_goes_over_a_limit_at_its_turn(seed: int) -> None:
    """R1 against plain sums over the facts: the member's own limit, and the group's, as each reservation is taken."""
    life = Life(seed)
    for _ in range(400):
        life.step()
    exposure, limit = dict.fromkeys(("", "A", "B"), Decimal(0)), {"": Decimal(300), "A": Decimal(200), "B": Decimal(200)}
    released: set[str] = set()
    met = 0
    for event in life.facts:
        if isinstance(event, CreditAccount.LimitAgreed):
            limit[event.account] = event.amount
        if isinstance(event, CreditAccount.ReleasedByPerson):
            released.add(event.order)
        moved = getattr(event, "moved", None)
        if moved is None:
            continue
        exposure[event.account] += moved.exposure()
        if isinstance(event, CreditAccount.Reserved) and moved.open_orders > 0 and event.order not in released:
            met += 1
            assert exposure[event.account] <= limit[event.account]
            assert sum(exposure.values()) <= limit[""]
    assert met > 5
    account = life.account
    for name, total in exposure.items():
        assert account.exposure(name) == total
        assert account.exposure_on(life.day, name) == (sum(exposure.values()) if name == "" else total)
