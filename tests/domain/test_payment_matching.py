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
    PROPOSED_AT_MOST,
    SEARCHED_AT_MOST,
    Match,
    MatchedItem,
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
    assert proposed[1] == Match(
        (MatchedItem("invoice/acme/I2", "I2", D("22600.00"), D("22600.00")), MatchedItem(
            "invoice/acme/I3", "I3", D("22600.00"), D("22600.00"))),
        D("45200.00"), (MatchReason.EXACT_SUM,), D("0.45"),
    )  # fmt: skip
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


def test_a_discounted_set_is_proposed_with_what_would_be_paid_how() -> None:
    offered = OpenItem("invoice/acme/I1", "I1", D("1000.00"), D("1000.00"), (DiscountOffer(TODAY, D("20.00")),), D("5.00"))
    (proposed,) = proposed_matches(D("985.00"), [offered], TODAY)
    assert proposed == Match(
        (MatchedItem("invoice/acme/I1", "I1", D("1000.00"), D("985.00"), D("15.00")),), D("985.00"),
        (MatchReason.SUM_LESS_DISCOUNT,), D("0.80"),
    )  # fmt: skip


def test_of_several_discounts_the_best_still_offered_counts() -> None:
    offers = (DiscountOffer(date(2025, 10, 8), D("30.00")), DiscountOffer(TODAY, D("20.00")), DiscountOffer(TODAY, D("10.00")))
    offered = OpenItem("invoice/acme/I1", "I1", D("1000.00"), D("1000.00"), offers)
    assert [m.items[0].discount for m in proposed_matches(D("980.00"), [offered], TODAY)] == [D("20.00")]
    assert proposed_matches(D("970.00"), [offered], TODAY) == proposed_matches(D("990.00"), [offered], TODAY) == []


def test_similar_references_share_their_confidence_and_say_which_document() -> None:
    listed = [item("2026-000017", "113.00"), item("X2026-17", "40.00"), item("2026-000018", "-5.00")]
    proposed = proposed_matches(D("50.00"), listed, TODAY, [("2026/17", D("113.00"))])
    assert proposed == [
        Match((MatchedItem("invoice/acme/2026-000017", "2026-000017", D("113.00"), D("50.00")),), D("50.00"),
              (MatchReason.SIMILAR_REFERENCE,), D("0.30")),
        Match((MatchedItem("invoice/acme/X2026-17", "X2026-17", D("40.00"), D("40.00")),), D("40.00"),
              (MatchReason.SIMILAR_REFERENCE,), D("0.30")),
    ]  # fmt: skip


def test_a_zero_stays_a_digit_and_three_characters_are_enough() -> None:
    listed = [item("0-A0", "10.00"), item("A01", "20.00")]
    assert [m.items[0].reference for m in proposed_matches(D("5.00"), listed, TODAY, [("0A0", D("5.00"))])] == ["0-A0"]
    assert proposed_matches(D("5.00"), listed, TODAY, [("A1", D("5.00"))]) == []


def test_five_proposals_at_the_most_and_six_alike_share_the_confidence_of_six() -> None:
    proposed = proposed_matches(D("10.00"), items(*["10.00"] * 9), TODAY)
    assert (len(proposed), {match.confidence for match in proposed}) == (PROPOSED_AT_MOST, {D("0.15")})


def test_what_is_looked_for_is_looked_for_among_the_first_open_items_only() -> None:
    many = items(*["1000.00"] * SEARCHED_AT_MOST, "7.00")
    assert proposed_matches(D("7.00"), many, TODAY) == []
    assert [m.items[0].reference for m in proposed_matches(D("7.00"), many[1:], TODAY)] == [f"I{SEARCHED_AT_MOST + 1}"]
