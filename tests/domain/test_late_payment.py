"""Late interest (T14), the price of a discount (T10), the undisputed part (T13): figures of definitions.md 3.2."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from fractions import Fraction

import pytest

from domain.late_payment import (
    DISPUTED_EXCEEDS,
    STATUTORY,
    LateRate,
    accrued_interest,
    days_late,
    implied_yearly_price,
    late_interest,
    statutory_rate,
    undisputed,
)
from domain.receivable_items import Movement
from domain.refusal import Refused


def test_t14_interest_on_a_late_payment() -> None:
    rate = statutory_rate("CN", date(2025, 7, 1))
    assert rate is not None
    assert "S47" in rate.source
    assert days_late(date(2025, 7, 1), date(2025, 8, 7)) == 37
    assert late_interest(D("100000.00"), 37, rate.daily, "CNY") == D("1850.00")
    assert late_interest(D("100000.00"), 37, rate.daily, "CNY", disputed=D("20000.00")) == D("1480.00")


def test_t14_interest_stays_owed_when_the_principal_was_paid() -> None:
    due, paid = date(2025, 7, 1), date(2025, 8, 7)
    late = [Movement(date(2025, 6, 1), D(100000)), Movement(paid, D(-100000))]
    assert accrued_interest(late, due, date(2025, 12, 31), D("0.0005"), "CNY") == D("1850.00")
    assert accrued_interest(late, due, date(2025, 7, 2), D("0.0005"), "CNY") == D("50.00")
    assert accrued_interest(late, due, due, D("0.0005"), "CNY") == D("0.00")
    contested = Movement(date(2025, 6, 15), D(0), D(20000))
    assert accrued_interest([*late[:1], contested], due, paid, D("0.0005"), "CNY") == D("1480.00")
    # half is paid in time, half of the rest 10 days late, the dispute of 20,000 is dropped after 20 days
    parts = [late[0], Movement(due, D(-50000)), Movement(date(2025, 7, 11), D(-25000)), contested,
             Movement(date(2025, 7, 21), D(0), D(-20000))]
    # 30,000 x 10 + 5,000 x 10 + 25,000 x 17 = 775,000 day-amounts
    assert accrued_interest(parts, due, paid, D("0.0005"), "CNY") == D("387.50")


def test_nothing_is_late_before_its_day_and_interest_is_rounded_once_half_up() -> None:
    assert days_late(date(2025, 7, 1), date(2025, 7, 1)) == days_late(date(2025, 7, 1), date(2025, 6, 1)) == 0
    # 10.00 x 0.0005 x 1 = 0.005
    assert late_interest(D("10.00"), 1, D("0.0005"), "CNY") == D("0.01")
    assert late_interest(D("9.99"), 1, D("0.0005"), "CNY") == D("0.00")


def test_the_rate_is_that_of_the_day() -> None:
    later = LateRate("CN", D("0.0003"), date(2027, 1, 1), "made up for this test")
    assert statutory_rate("CN", date(2026, 12, 31), (*STATUTORY, later)) == STATUTORY[0]
    assert statutory_rate("CN", date(2027, 1, 1), (*STATUTORY, later)) == later
    assert statutory_rate("CN", date(2019, 1, 1)) is None
    assert statutory_rate("XX", date(2026, 1, 1)) is None


def test_t13_the_undisputed_part_stays_due() -> None:
    assert undisputed(D(10000), D(800)) == D(9200)
    with pytest.raises(Refused) as refused:
        undisputed(D(10000), D("10000.01"))
    assert refused.value.refusal is DISPUTED_EXCEEDS
    assert refused.value.parameters["excess"] == "0.01"


def test_t10_the_yearly_price_of_not_taking_the_discount() -> None:
    price = implied_yearly_price(D(2), date(2025, 4, 11), date(2025, 5, 1))
    assert price == Fraction(2, 98) * Fraction(365, 20)
    assert round(price * 100, 2) == Fraction("37.24")
    assert implied_yearly_price(D(2), date(2025, 5, 1), date(2025, 5, 1)) is None
