"""Money rules at their edges: currencies without cents, exact limits, and sentences that name everything a clerk needs."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from domain.aggregate import deciding_at
from domain.late_payment import accrued_interest, implied_yearly_price, late_interest, undisputed
from domain.penalty import Penalty
from domain.receivable_items import Movement
from domain.refusal import Refused
from domain.tax import TaxRates, line_amounts
from tests.domain.test_penalty import DAY, FOUND
from tests.given import MOMENT

D = Decimal


def said(work: Any) -> str:
    with pytest.raises(Refused) as error, deciding_at(MOMENT):
        work()
    return str(error.value)


# --- interest


def test_all_of_a_claim_can_be_disputed_and_no_cent_more() -> None:
    assert (undisputed(D("10.00"), D("10.00")), undisputed(D("10.00"), D(0))) == (0, D("10.00"))
    assert "10.01 of 10.00 cannot be disputed: that is 0.01 more than the whole. Dispute at most 10.00." in said(
        lambda: undisputed(D("10.00"), D("10.01"))
    )


def test_interest_in_a_currency_without_cents_is_whole() -> None:
    assert late_interest(D("100000"), 1, D("0.000125"), "JPY") == D(13)  # 12.5
    moved = [Movement(date(2026, 1, 1), D("100000"))]
    assert accrued_interest(moved, date(2026, 1, 1), date(2026, 1, 2), D("0.000125"), "JPY") == D(13)
    assert accrued_interest([], date(2026, 1, 1), date(2026, 1, 2), D("0.0005"), "JPY") == 0


@pytest.mark.parametrize(
    ("percent", "days", "price"),
    [
        ("2", 1, Fraction(730, 98)), ("0", 20, Fraction(0)), ("99", 365, Fraction(99)), ("2", 0, None), ("100", 20, None),
        ("-1", 20, None),
    ],
)  # fmt: skip
def test_what_a_buyer_pays_for_not_taking_a_discount(percent: str, days: int, price: Fraction | None) -> None:
    first = date(2026, 1, 1)
    assert implied_yearly_price(D(percent), first, first + timedelta(days)) == price


# --- tax


def test_a_line_in_a_currency_without_cents_or_with_three_is_rounded_to_its_own_units() -> None:
    yen = line_amounts(D(3), D("33.5"), D(2), D("0.10"), "JPY")
    assert (yen.net, yen.tax, yen.gross) == (D(50), D(5), D(55))  # 50.25
    dinar = line_amounts(D(1), D("1.0005"), D(1), D("0.05"), "KWD")
    assert (dinar.net, dinar.tax) == (D("1.001"), D("0.050"))
    per_two = line_amounts(D(1), D("10.00"), D(2), D(0), "EUR")
    assert per_two.net == D("5.00")


def test_tax_rates_say_what_is_missing_or_out_of_range() -> None:
    with deciding_at(MOMENT):
        rates = TaxRates.open_place("CN/sh")
    assert rates.id == TaxRates.stream("CN/sh") == "tax/CN%2Fsh"
    with deciding_at(MOMENT):
        rates.agree_rate("none", D(0), date(2026, 1, 1))
    assert rates.rate_on("none", date(2026, 1, 1)) == 0
    out = said(lambda: rates.agree_rate("food", D(1), date(2026, 1, 1)))
    assert "food" in out and "CN/sh" in out
    missing = said(lambda: rates.rate_on("food", date(2026, 1, 2)))
    assert all(part in missing for part in ("food", "CN/sh", "2026-01-02"))
    assert "0 is not" in said(lambda: line_amounts(D(1), D(1), D(0), D(0), "EUR"))


# --- penalties


def yen_penalty() -> Penalty:
    with deciding_at(MOMENT):
        found = FOUND.__class__(**{**FOUND.__dict__, "amount": D(100)})
        return Penalty.calculate(partner="retail-a", policy="WMT-IF", period="2026-03", currency="JPY", found=found)


def test_refusals_of_a_penalty_name_it_and_the_document() -> None:
    penalty, name = yen_penalty(), "penalty/retail-a/WMT-IF/2026-03"
    assert name in said(lambda: penalty.dispute(D(1), "x", "li"))
    assert name in said(lambda: penalty.settle("CM-1", D(1), DAY))
    for work in (
        lambda: penalty.announce("F-1", D("0.5"), DAY), lambda: penalty.settle("F-1", D("0.5"), DAY),
        lambda: penalty.recalculate("JPY", FOUND, "x"),
    ):  # fmt: skip
        assert name in said(work) and "JPY" in said(work)
    nothing = said(lambda: penalty.announce("F-1", D(0), DAY))
    assert name in nothing and "F-1" in nothing
    assert "CM-9" in said(lambda: penalty.settle("CM-9", D(0), DAY))
    with deciding_at(MOMENT):
        penalty.announce("F-1", D(100), DAY)
    assert "the dispute" in said(lambda: penalty.dispute(D(0), "x", "li"))
    assert name in said(lambda: penalty.dispute(D(101), "x", "li"))
    assert name in said(lambda: penalty.settle("CM-1", D(101), DAY))
    other = FOUND.__class__(**{**FOUND.__dict__, "amount": D(90), "charges": 2})
    assert name in said(lambda: penalty.recalculate("JPY", other, ""))
    assert name in said(lambda: penalty.recalculate("EUR", other, "x"))
    older = FOUND.__class__(**{**FOUND.__dict__, "amount": D(90), "position": 1})
    assert name in said(lambda: penalty.recalculate("JPY", older, "x"))
    with deciding_at(MOMENT):
        penalty.settle("CM-1", D(100), DAY)  # exactly what was announced needs no reason
    assert penalty.state.dispute_reason == ""
    assert name in said(lambda: penalty.waive("goodwill"))
