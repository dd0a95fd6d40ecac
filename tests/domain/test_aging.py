"""Aging: A1 of definitions.md 3.3, bucket edges, setting off, several currencies, and the sums that always hold."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given as whatever
from hypothesis import strategies as st

from domain.aging import EDGES_WRONG, RATE_MISSING, AgingBy, Buckets, Standing, added, aged, converted, due_day, net_oldest
from domain.receivable_items import ItemClass
from domain.refusal import Refused

AS_OF = date(2025, 6, 30)
R, CASH, CREDIT = ItemClass.RECEIVABLE, ItemClass.CASH, ItemClass.CREDIT


def due(day: str, amount: int, disputed: int = 0, currency: str = "CNY") -> Standing:
    return Standing(currency, R, D(amount), D(disputed), date.fromisoformat(day), date(2025, 3, 1))


A1 = [
    due("2025-06-30", 100_000), due("2025-06-29", 50_000), due("2025-05-31", 40_000), due("2025-05-30", 30_000),
    due("2025-04-01", 20_000, 8_000), due("2025-03-31", 10_000), due("2025-07-20", 60_000),
    Standing("CNY", CASH, D(-25_000)), Standing("CNY", CREDIT, D(-5_000)),
]  # fmt: skip


def test_a1_by_due_day() -> None:
    (found,) = aged(A1, Buckets(), AS_OF).values()
    assert [(b.name, b.amount, b.disputed) for b in found.buckets] == [
        ("current", D(160_000), D(0)), ("1-30", D(90_000), D(0)), ("31-60", D(30_000), D(0)),
        ("61-90", D(20_000), D(8_000)), (">90", D(10_000), D(0)),
    ]  # fmt: skip
    assert (found.gross, found.unapplied_cash, found.unapplied_credits, found.net) == (
        D(310_000), D(-25_000), D(-5_000), D(280_000),
    )  # fmt: skip
    assert found.disputed == D(8_000)


def test_a1_set_off_against_the_oldest() -> None:
    found = net_oldest(aged(A1, Buckets(), AS_OF)["CNY"])
    assert [b.amount for b in found.buckets] == [D(160_000), D(90_000), D(30_000), D(0), D(0)]
    assert (found.set_off, found.unapplied_cash, found.unapplied_credits) == (D(30_000), D(0), D(0))
    assert (found.gross, found.net, found.disputed) == (D(280_000), D(280_000), D(0))


def test_what_cannot_be_set_off_stays_beside() -> None:
    found = net_oldest(aged([due("2025-06-29", 10), Standing("CNY", CASH, D(-25))], Buckets(), AS_OF)["CNY"])
    assert (found.gross, found.unapplied_cash, found.set_off, found.net) == (D(0), D(-15), D(10), D(-15))


@pytest.mark.parametrize(("days", "name"), [(0, "0-30"), (30, "0-30"), (31, "31-60"), (90, "61-90"), (91, ">90")])
def test_by_invoice_day(days: int, name: str) -> None:
    buckets = Buckets(AgingBy.INVOICE)
    assert buckets.names[buckets.index_of(AS_OF - timedelta(days=days), AS_OF)] == name
    assert buckets.names == ("0-30", "31-60", "61-90", ">90")


def test_own_edges() -> None:
    buckets = Buckets(edges=(1, 7))
    assert buckets.names == ("current", "1", "2-7", ">7")
    places = [buckets.index_of(AS_OF - timedelta(days=days), AS_OF) for days in (-5, 0, 1, 2, 7, 8)]
    assert places == [0, 0, 1, 2, 2, 3]
    for wrong in ((), (0, 30), (30, 30), (60, 30), tuple(range(1, 14)), (5_000,)):
        with pytest.raises(Refused) as refused:
            Buckets(edges=wrong)
        assert refused.value.refusal is EDGES_WRONG


def test_t13_no_due_day_until_the_statement_is_agreed() -> None:
    due_on, agreed_on = date(2025, 11, 12), date(2025, 10, 13)
    assert due_day(due_on, agreed_on, date(2025, 10, 12)) is None
    assert due_day(due_on, agreed_on, agreed_on) == due_on
    assert due_day(due_on, None, date(2025, 1, 1)) == due_on
    (found,) = aged([Standing("CNY", R, D(10_000), dated_on=date(2025, 9, 20))], Buckets(), date(2026, 3, 1)).values()
    assert (found.buckets[0].name, found.buckets[0].amount, found.provisional) == ("current", D(10_000), D(10_000))


def test_currencies_are_kept_apart_and_added_only_at_stated_rates() -> None:
    both = aged([due("2025-06-29", 100), due("2025-06-29", 70, 7, "USD")], Buckets(), AS_OF)
    assert {currency: one.gross for currency, one in both.items()} == {"CNY": D(100), "USD": D(70)}
    one = converted(both.values(), "CNY", {"USD": D("7.123")}, AS_OF)
    assert (one.currency, one.buckets[1].amount, one.buckets[1].disputed) == ("CNY", D("598.61"), D("49.86"))
    with pytest.raises(Refused) as refused:
        converted(both.values(), "CNY", {"EUR": D(8)}, AS_OF)
    assert refused.value.refusal is RATE_MISSING
    assert refused.value.parameters["currencies"] == "USD"


days = st.dates(date(2024, 1, 1), date(2026, 12, 31))
standings = st.builds(
    Standing,
    st.sampled_from(["CNY", "USD"]),
    st.sampled_from([R, R, CASH, CREDIT]),
    st.integers(-500, 500).map(D),
    due_on=st.none() | days,
    dated_on=days,
)


@whatever(
    st.lists(standings, max_size=30), st.lists(st.integers(1, 400), min_size=1, max_size=6, unique=True).map(sorted),
    st.sampled_from(AgingBy), days,
)  # fmt: skip
def test_buckets_always_sum_to_what_is_outstanding(
    them: list[Standing], edges: list[int], by: AgingBy, as_of: date
) -> None:
    found = aged(them, Buckets(by, tuple(edges)), as_of)
    for currency in {one.currency for one in them}:
        mine = [one for one in them if one.currency == currency]
        assert found[currency].gross == sum(one.amount for one in mine if one.kind is R)
        assert found[currency].net == sum(one.amount for one in mine)
        netted = net_oldest(found[currency])
        assert netted.net == found[currency].net
        assert netted.gross + netted.set_off == found[currency].gross
        assert added([found[currency], netted]).net == 2 * found[currency].net
