"""The fast path of line amounts equals the readable reference with rationals, for every figure a door lets in."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given, strategies

from domain.tax import line_amounts
from domain.values import round_money

quantities = strategies.decimals("0.000001", "1000000000", places=6, allow_nan=False)
rates = strategies.decimals("0", "0.9999999", places=7, allow_nan=False)


@given(quantities, quantities, rates, strategies.sampled_from(["EUR", "JPY", "KWD"]))
def test_a_price_of_one_unit_is_rounded_as_the_rational_is(
    quantity: Decimal, price: Decimal, rate: Decimal, currency: str
) -> None:
    amounts = line_amounts(quantity, price, Decimal(1), rate, currency)
    net = round_money(Fraction(quantity) * Fraction(price), currency)
    assert amounts.net == net
    assert amounts.tax == round_money(Fraction(net) * Fraction(rate), currency)
