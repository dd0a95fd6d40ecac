"""Tax rates by place, category and day; a line's amounts rounded once each."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from domain.refusal import Refused
from domain.tax import (
    PRICE_PER_NOT_POSITIVE,
    RATE_NOT_AGREED,
    RATE_OUT_OF_RANGE,
    Amounts,
    TaxRates,
    line_amounts,
)
from tests.given import fact, given

OPENED = fact(TaxRates.PlaceOpened, place="CN")


def rate(percent: str, first_day: date, category: str = "standard") -> TaxRates.RateAgreed:
    return fact(TaxRates.RateAgreed, category=category, rate=Decimal(percent), first_day=first_day)


SIXTEEN = rate("0.16", date(2018, 5, 1))
THIRTEEN = rate("0.13", date(2019, 4, 1))


def test_a_rate_is_agreed_from_a_day() -> None:
    given(TaxRates).when_new(lambda: TaxRates.open_place("CN")).then(OPENED)
    given(TaxRates, OPENED).when(
        lambda rates: rates.agree_rate("standard", Decimal("0.16"), date(2018, 5, 1))
    ).then(SIXTEEN)
    given(TaxRates, OPENED, SIXTEEN).when(
        lambda rates: rates.agree_rate("standard", Decimal("0.16"), date(2018, 5, 1))
    ).then_nothing()


@pytest.mark.parametrize("percent", ["13", "1", "-0.01"])
def test_a_rate_is_a_fraction(percent: str) -> None:
    given(TaxRates, OPENED).when(
        lambda rates: rates.agree_rate("standard", Decimal(percent), date(2026, 1, 1))
    ).then_refused(RATE_OUT_OF_RANGE, rate=percent, place="CN")


def test_the_rate_in_force_is_the_latest_begun_of_its_category() -> None:
    corrected = rate("0.135", date(2019, 4, 1))
    food = rate("0.09", date(2019, 4, 1), "food")
    rates = given(TaxRates, OPENED, THIRTEEN, SIXTEEN, food, corrected).aggregate
    assert rates is not None
    assert rates.rate_on("standard", date(2019, 3, 31)) == Decimal("0.16")
    assert rates.rate_on("standard", date(2019, 4, 1)) == Decimal("0.135")
    assert rates.rate_on("food", date(2026, 1, 1)) == Decimal("0.09")
    with pytest.raises(Refused) as refused:
        rates.rate_on("food", date(2019, 3, 31))
    assert refused.value.refusal is RATE_NOT_AGREED


# quantity, price, per, rate, currency -> net, tax
AMOUNTS = {
    "S2 of definitions 4.7": ("12", "100", "1", "0.13", "CNY", "1200.00", "156.00"),
    "half a cent of net goes up": ("1", "0.005", "1", "0", "USD", "0.01", "0.00"),
    "half a cent of tax goes up": ("1", "12.50", "1", "0.13", "USD", "12.50", "1.63"),
    "tax is of the rounded net": ("1", "0.004", "1", "0.5", "USD", "0.00", "0.00"),
    "a price per a hundred": ("250", "13.31", "100", "0.13", "USD", "33.28", "4.33"),
    "a third is not rounded first": ("3", "1", "3", "0", "USD", "1.00", "0.00"),
    "yen have no cents": ("3", "33.5", "1", "0.10", "JPY", "101", "10"),
    "dinars have three decimals": ("1", "1.2345", "1", "0", "KWD", "1.235", "0.000"),
}


@pytest.mark.parametrize("case", AMOUNTS)
def test_each_amount_is_rounded_once(case: str) -> None:
    quantity, price, per, percent, currency, net, tax = AMOUNTS[case]
    amounts = line_amounts(Decimal(quantity), Decimal(price), Decimal(per), Decimal(percent), currency)
    assert amounts == Amounts(Decimal(net), Decimal(tax), Decimal(net) + Decimal(tax))
    assert (str(amounts.net), str(amounts.tax)) == (net, tax)


def test_a_price_per_nothing_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        line_amounts(Decimal(1), Decimal(1), Decimal(0), Decimal(0), "USD")
    assert refused.value.refusal is PRICE_PER_NOT_POSITIVE


def test_amounts_add_up() -> None:
    one = Amounts(Decimal("1.00"), Decimal("0.13"), Decimal("1.13"))
    assert one + one == Amounts(Decimal("2.00"), Decimal("0.26"), Decimal("2.26"))
