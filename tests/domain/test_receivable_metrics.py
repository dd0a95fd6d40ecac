"""Receivable metrics: A2 and A3 of definitions.md 3.3, exact, and what would divide by nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from fractions import Fraction

import pytest

from domain.aging import Aging, Bucket, Buckets
from domain.receivable_metrics import (
    RATES_WRONG,
    History,
    MonthOfSales,
    Period,
    collection_effectiveness,
    countback,
    days_of_sales,
    historical_rates,
    metrics,
    months_back,
    provision_matrix,
    two_places,
)
from domain.refusal import Refused

MILLION = D(1_000_000)
JULY = MonthOfSales(date(2025, 7, 1), date(2025, 7, 31), 4 * MILLION)
AUGUST = MonthOfSales(date(2025, 8, 1), date(2025, 8, 31), 3 * MILLION)
SEPTEMBER = MonthOfSales(date(2025, 9, 1), date(2025, 9, 30), 5 * MILLION)
JUNE = MonthOfSales(date(2025, 6, 1), date(2025, 6, 30), 7 * MILLION)
Q3 = Period(
    date(2025, 7, 1), date(2025, 9, 30), beginning=6 * MILLION, ending=D("7.2") * MILLION,
    ending_current=D("5.4") * MILLION, months=(SEPTEMBER, AUGUST, JULY, JUNE),
)  # fmt: skip


def shown(value: Fraction | None) -> str:
    assert value is not None
    return str(two_places(value))


def test_a2_the_third_quarter() -> None:
    assert (Q3.days, Q3.sales) == (92, 12 * MILLION)
    found = metrics(Q3)
    assert found.dso == Fraction(72, 120) * 92  # 55.20
    assert found.countback_dso == 30 + Fraction(22, 30) * 31
    assert found.best_possible_dso == Fraction(54, 120) * 92
    assert found.average_days_delinquent == Fraction(138, 10)
    assert found.collection_effectiveness == Fraction(28, 46)
    assert [shown(value) for value in (found.dso, found.countback_dso, found.best_possible_dso)] == ["55.20", "52.73", "41.40"]
    assert shown(found.average_days_delinquent) == "13.80"
    assert shown(found.collection_effectiveness * 100) == "60.87"  # type: ignore[operator]


def test_without_sales_there_is_no_figure() -> None:
    assert days_of_sales(D(5), D(0), 30) is None
    assert collection_effectiveness(D(5), D(0), D(3), D(5), 1) is None  # nothing was to be collected
    assert collection_effectiveness(D(5), D(0), D(3), D(1), 0) is None


def test_counting_back() -> None:
    assert countback(D(0), [SEPTEMBER]) == 0
    assert countback(5 * MILLION, [SEPTEMBER, AUGUST]) == 30  # a whole month exactly
    assert countback(8 * MILLION, [SEPTEMBER, AUGUST]) == 61
    assert countback(9 * MILLION, [SEPTEMBER, AUGUST]) is None  # the sales known do not reach back
    nothing = MonthOfSales(date(2025, 8, 1), date(2025, 8, 31), D(0))
    assert countback(6 * MILLION, [SEPTEMBER, nothing, JULY]) == 30 + 31 + Fraction(1, 4) * 31


def test_the_months_of_a_period_and_before() -> None:
    assert months_back(date(2025, 7, 10), date(2025, 8, 15), 4) == [
        (date(2025, 8, 1), date(2025, 8, 15)),
        (date(2025, 7, 10), date(2025, 7, 31)),
        (date(2025, 7, 1), date(2025, 7, 9)),
        (date(2025, 6, 1), date(2025, 6, 30)),
    ]
    assert months_back(date(2025, 7, 1), date(2025, 7, 31), 2)[1] == (date(2025, 6, 1), date(2025, 6, 30))


A3 = {"15000000": "45000", "7500000": "120000", "4000000": "144000", "2500000": "165000", "1000000": "106000"}


def test_a3_expected_credit_loss() -> None:
    rates = [Fraction(n, 1000) for n in (3, 16, 36, 66, 106)]
    aging = Aging("USD", tuple(Bucket(name, D(gross)) for name, gross in zip(Buckets().names, A3, strict=True)))
    found = provision_matrix(aging, rates)
    assert [one.loss for one in found] == [D(loss) for loss in A3.values()]
    assert sum(one.loss for one in found) == D(580_000)
    for wrong in (rates[:4], [*rates[:4], Fraction(11, 10)]):
        with pytest.raises(Refused) as refused:
            provision_matrix(aging, wrong)
        assert refused.value.refusal is RATES_WRONG


def test_loss_rates_from_the_past() -> None:
    """1,000 were invoiced; 300 went past due, 100 past 30 days, 40 of them were never paid."""
    past = [
        History({0: D(700)}, D(0)), History({0: D(200), 1: D(200)}, D(0)), History({0: D(100), 1: D(100), 2: D(100)}, D(40)),
    ]  # fmt: skip
    assert historical_rates(past, 4) == (Fraction(40, 1000), Fraction(40, 300), Fraction(40, 100), None)
