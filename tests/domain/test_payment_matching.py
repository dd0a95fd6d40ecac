"""Which open items a payment may be for: S7 in figures, the search against brute force, what is proposed and how sure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.allocation import OpenItem
from domain.invoice_facts import DiscountOffer
from domain.payment_matching import (
    MATCHED_AT_MOST,
    SEARCHED_AT_MOST,
    MatchReason,
    exact_sets,
    only_exact_set,
    proposed_matches,
)

D = Decimal
TODAY = date(2025, 10, 9)


def item(reference: str, is_open: str, *discounts: DiscountOffer) -> OpenItem:
    return OpenItem(f"invoice/acme/{reference}", reference, D(is_open), D(is_open), discounts)


def items(*opens: str) -> list[OpenItem]:
    return [item(f"I{n}", is_open) for n, is_open in enumerate(opens, 1)]


@pytest.mark.parametrize(
    ("amount", "opens", "matched"),
    [
        ("45200.00", ("45200.00", "22600.00", "22600.00"), []),  # S7: two sets
        ("45200.00", ("45200.00", "22600.00", "20000.00"), ["I1"]),  # S7: one set
        ("42600.00", ("45200.00", "22600.00", "20000.00"), ["I2", "I3"]),
        ("100.00", ("120.00", "-20.00"), ["I1", "I2"]),  # with a credit memo
        ("100.00", ("100.01",), []),  # tolerance plays no part
        ("21.00", ("1.00", "2.00", "3.00", "4.00", "5.00", "6.00"), ["I1", "I2", "I3", "I4", "I5", "I6"]),
        ("28.00", ("1.00", "2.00", "3.00", "4.00", "5.00", "6.00", "7.00"), []),  # seven would be needed
        ("5.00", ("5.00", "0.00"), ["I1"]),  # what is not open is no candidate
        ("5.00", (), []),
    ],
)
def test_only_one_exact_set_is_a_match(amount: str, opens: tuple[str, ...], matched: list[str]) -> None:
    assert [found.reference for found in only_exact_set(D(amount), items(*opens))] == matched


def test_beyond_what_can_be_searched_nothing_is_certain() -> None:
    many = items(*["1000.00"] * (SEARCHED_AT_MOST - 1), "7.00")
    assert [found.reference for found in only_exact_set(D("7.00"), many)] == [f"I{SEARCHED_AT_MOST}"]
    assert only_exact_set(D("7.00"), [*many, item("more", "1000.00")]) == ()


def by_brute_force(amount: Decimal, listed: list[OpenItem]) -> list[tuple[OpenItem, ...]]:
    candidates = [one for one in listed if one.open != 0]
    return [
        chosen for size in range(1, MATCHED_AT_MOST + 1) for chosen in combinations(candidates, size)
        if sum(one.open for one in chosen) == amount
    ]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(-5, 12), max_size=11), st.integers(-5, 40))
def test_the_search_finds_what_brute_force_finds(opens: list[int], amount: int) -> None:
    listed = items(*(f"{value}.00" for value in opens))
    found = exact_sets(D(amount), listed)
    assert sorted(found, key=str) == sorted(by_brute_force(D(amount), listed), key=str)
    assert [len(one) for one in found] == sorted(len(one) for one in found), "small sets first"


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 12), max_size=9), st.integers(1, 40), st.integers(1, 3))
def test_of_many_sets_the_first_are_enough(opens: list[int], amount: int, most: int) -> None:
    listed = items(*(f"{value}.00" for value in opens))
    assert exact_sets(D(amount), listed, most) == exact_sets(D(amount), listed)[:most]


def test_of_two_sets_each_is_half_as_likely() -> None:
    proposed = proposed_matches(D("45200.00"), items("45200.00", "22600.00", "22600.00"), TODAY)
    assert [([one.reference for one in m.items], m.reasons, m.confidence) for m in proposed] == [
        (["I1"], (MatchReason.EXACT_SUM,), D("0.45")),
        (["I2", "I3"], (MatchReason.EXACT_SUM,), D("0.45")),
    ]


@pytest.mark.parametrize(("paid_on", "found"), [(date(2025, 10, 9), True), (date(2025, 10, 10), False)])
def test_a_sum_less_the_discounts_still_offered(paid_on: date, found: bool) -> None:
    offered = item("I1", "1000.00", DiscountOffer(TODAY, D("20.00")))
    proposed = proposed_matches(D("1480.00"), [offered, item("I2", "500.00")], paid_on)
    shown = [[(one.reference, one.paid, one.discount) for one in match.items] for match in proposed]
    assert shown == ([[("I1", D("980.00"), D("20.00")), ("I2", D("500.00"), D(0))]] if found else [])
    assert [match.reasons for match in proposed] == [(MatchReason.SUM_LESS_DISCOUNT,)] * found


@pytest.mark.parametrize(
    ("written", "part", "expected"),
    [
        ("2026/17", "113.00", [("2026-000017", "113.00", "0.95")]),  # punctuation and zeros aside, its own amount
        ("2026/17", "100.00", [("2026-000017", "100.00", "0.60")]),
        ("2026/17", "150.00", [("2026-000017", "113.00", "0.60")]),  # never more than is open
        ("17", "113.00", []),  # too short to say anything
        ("RE 2026 17", "113.00", [("2026-000017", "113.00", "0.95")]),  # one ends in the other
        ("2027/17", "113.00", []),
    ],
)
def test_a_reference_that_reads_like_a_number(written: str, part: str, expected: list[tuple[str, str, str]]) -> None:
    listed = [item("2026-000017", "113.00"), item("2026-000018", "55.00")]
    proposed = proposed_matches(D("1000.00"), listed, TODAY, [(written, D(part))])
    assert [(m.items[0].reference, m.amount, m.confidence) for m in proposed] == [
        (reference, D(paid), D(confidence)) for reference, paid, confidence in expected
    ]
