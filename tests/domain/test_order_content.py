"""The same purchase order by another door is recognised, another one is told apart by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.order import ScheduleLine, content_digest, differences, replacement
from tests.domain.order_facts import FOUR, ORDERED_ON, TEN, WANTED_ON, line_of

EACHES = replace(
    TEN,
    number="01",
    quantity=Decimal("240.0"),
    unit="EA",
    unit_price=Decimal("2.50"),
    price_per=Decimal(24),
    customer_price=Decimal("2.50"),
    schedule=(ScheduleLine("dc-1", WANTED_ON, Decimal(240)),),
)


def test_the_same_wish_in_other_units_notation_and_order_has_the_same_digest() -> None:
    assert content_digest("USD", ORDERED_ON, None, [TEN, FOUR]) == content_digest(
        "USD", ORDERED_ON, None, [FOUR, EACHES]
    )
    assert differences([TEN, FOUR], [FOUR, EACHES]) == ()


def test_another_currency_date_or_last_day_is_another_wish() -> None:
    digest = content_digest("USD", ORDERED_ON, None, [TEN])
    assert digest != content_digest("CNY", ORDERED_ON, None, [TEN])
    assert digest != content_digest("USD", date(2026, 2, 21), None, [TEN])
    assert digest != content_digest("USD", ORDERED_ON, date(2026, 3, 5), [TEN])


def test_differences_are_named() -> None:
    later = replace(TEN, schedule=(ScheduleLine("dc-1", date(2026, 3, 9), Decimal(10)),))
    dearer = replace(TEN, customer_price=Decimal("2.60"))
    assert differences([TEN], [later]) == (
        "line 1 schedule is 10 to dc-1 on 2026-03-09, was 10 to dc-1 on 2026-03-02",
    )
    assert differences([TEN], [dearer]) == ("line 1 price is 2.6 per 1 CA, was 2.5 per 1 CA",)
    assert differences([TEN], [replace(TEN, item="TEA-500")]) == ("line 1 item is TEA-500, was COLA-330",)
    assert differences([TEN, FOUR], [TEN]) == ("line 2 is missing",)
    assert differences([TEN], [TEN, FOUR]) == ("line 2 is new",)
    assert differences([TEN], [line_of(9)])[0] == "line 1 quantity is 9 CA, was 10 CA"


def test_a_replacement_is_what_changed_and_what_is_gone() -> None:
    assert replacement({"1": TEN, "2": FOUR}, [line_of(9)]) == ([line_of(9)], ["2"])
    assert replacement({"1": TEN}, [TEN]) == ([], [])
