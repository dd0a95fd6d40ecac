"""Ledgers of receivable items: due days of instalments, what is booked anew, and that sums never depend on either."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D

from hypothesis import given as whatever
from hypothesis import strategies as st

from domain.receivable_items import DuePart, Ledger, Movement, day_of, ledger, newly_booked
from domain.values import ZERO

FIRST, LATER, LAST = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)
ISSUED = Movement(FIRST, D(100))
HALVES = (DuePart(LATER, D(50)), DuePart(LAST, D(50)))


def standing(made: Ledger, as_of: date) -> dict[date | None, tuple[D, D]]:
    found: dict[date | None, tuple[D, D]] = {}
    for (on, (due_on, _, _)), (amount, disputed) in made.items():
        if on <= as_of:
            held = found.get(due_on, (ZERO, ZERO))
            found[due_on] = (held[0] + amount, held[1] + disputed)
    return {due_on: amounts for due_on, amounts in found.items() if any(amounts)}


def test_a_payment_uses_up_the_earliest_instalment_first() -> None:
    made = ledger([ISSUED, Movement(LATER, D(-70))], HALVES)
    assert standing(made, FIRST) == {LATER: (D(50), D(0)), LAST: (D(50), D(0))}
    assert standing(made, LATER) == {LAST: (D(30), D(0))}


def test_a_bounced_payment_opens_the_instalments_for_their_original_days() -> None:
    made = ledger([ISSUED, Movement(LATER, D(-70)), Movement(LAST, D(70))], HALVES)
    assert standing(made, LAST) == standing(made, FIRST)


def test_what_is_contested_lies_in_the_earliest_that_is_left() -> None:
    made = ledger([ISSUED, Movement(LATER, D(-30), D(40))], HALVES)
    assert standing(made, LATER) == {LATER: (D(20), D(20)), LAST: (D(50), D(20))}


def test_a_back_dated_payment_is_booked_on_its_day_whatever_was_booked_since() -> None:
    before = ledger([ISSUED, Movement(LAST, D(-60))], HALVES)
    after = ledger([ISSUED, Movement(LAST, D(-60)), Movement(LATER, D(-10))], HALVES)
    assert standing(after, LATER) == {LATER: (D(40), D(0)), LAST: (D(50), D(0))}
    assert standing(after, LAST) == {LAST: (D(30), D(0))}
    sums: Ledger = dict(before)
    for key, (amount, disputed) in newly_booked(before, after).items():
        held = sums.get(key, (ZERO, ZERO))
        sums[key] = (held[0] + amount, held[1] + disputed)
    assert {key: value for key, value in sums.items() if any(value)} == after


def test_a_due_day_that_becomes_known_moves_what_was_booked_before() -> None:
    waiting = (DuePart(None, D(100), None, LATER),)
    known = (DuePart(LAST, D(100), since=LATER),)
    facts = [ISSUED, Movement(LATER, D(-40))]
    booked = newly_booked(ledger(facts, waiting), ledger(facts, known))
    assert booked == {
        (FIRST, (None, None, LATER)): (D(-100), D(0)), (FIRST, (LAST, LATER, None)): (D(100), D(0)),
        (LATER, (None, None, LATER)): (D(40), D(0)), (LATER, (LAST, LATER, None)): (D(-40), D(0)),
    }  # fmt: skip


def test_nothing_moves_before_its_item_began_nor_is_a_dispute_settled_before_it_was_raised() -> None:
    raised = [ISSUED, Movement(LATER, D(0), D(20))]
    assert day_of(FIRST - timedelta(days=3), FIRST, [], D(0)) == FIRST
    assert day_of(FIRST, FIRST, raised, D(-20)) == LATER
    assert day_of(FIRST, FIRST, raised, D(5)) == FIRST


days = st.dates(date(2026, 1, 1), date(2026, 6, 1))
moves = st.builds(Movement, days, st.integers(-50, 50).map(D), st.integers(-20, 20).map(D))
parts = st.lists(st.builds(DuePart, st.none() | days, st.integers(1, 60).map(D)), min_size=1, max_size=4)


@whatever(st.lists(moves, max_size=8), parts, parts, days)
def test_sums_depend_neither_on_instalments_nor_on_how_often_they_were_booked_anew(
    facts: list[Movement], first: list[DuePart], second: list[DuePart], as_of: date
) -> None:
    before, after = ledger(facts, first), ledger(facts, second)
    expected = sum((m.amount for m in facts if m.on <= as_of), ZERO), sum((m.disputed for m in facts if m.on <= as_of), ZERO)
    for made in (before, after):
        amounts = standing(made, as_of).values()
        assert (sum((a for a, _ in amounts), ZERO), sum((d for _, d in amounts), ZERO)) == expected
    again: Ledger = dict(before)
    for key, (amount, disputed) in newly_booked(before, after).items():
        held = again.get(key, (ZERO, ZERO))
        again[key] = (held[0] + amount, held[1] + disputed)
    assert {key: value for key, value in again.items() if any(value)} == after
