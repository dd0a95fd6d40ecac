"""Items: packs in base units, prices per a number of units, both from a first day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from domain.item import (
    DISCONTINUED_BEFORE_VALID, GTIN_TWICE, NO_PACKS_YET, PACK_QUANTITY, UNIT_TWICE, UNIT_UNKNOWN, Item, Pack, base_quantity,
)
from domain.price import AgreedPrice, PRICE_MALFORMED, PriceAgreement, price_in_unit
from domain.refusal import Refusal, Refused
from domain.tax import line_amounts
from tests.given import fact, given

FIRST = date(2026, 1, 1)
EACH = Pack("EA", Decimal(1))
CASE = Pack("CA", Decimal(12), "04006381333931", Decimal("4.2"))
PALLET = Pack("PL", Decimal(720))
PACKS = (EACH, CASE, PALLET)


def register(*packs: Pack) -> Item:
    return Item.register(
        item="COLA-330",
        description="Cola 330 ml",
        tax_category="standard",
        base_unit="EA",
        packs=packs,
        valid_from=FIRST,
    )


REGISTERED = fact(
    Item.Registered,
    item="COLA-330",
    description="Cola 330 ml",
    tax_category="standard",
    base_unit="EA",
    packs=(EACH, CASE),
    valid_from=FIRST,
)


def test_an_item_is_registered_with_its_base_unit_among_its_packs() -> None:
    given(Item).when_new(lambda: register(Pack("CA", Decimal(12), "4006381333931", Decimal("4.2")))).then(
        REGISTERED
    )


WRONG: dict[str, tuple[tuple[Pack, ...], Refusal]] = {
    "a unit twice": ((CASE, CASE), UNIT_TWICE),
    "an empty case": ((Pack("CA", Decimal(0)),), PACK_QUANTITY),
    "a base unit of two": ((Pack("EA", Decimal(2)),), PACK_QUANTITY),
    "a gtin twice": ((CASE, Pack("PL", Decimal(720), "4006381333931")), GTIN_TWICE),
}


@pytest.mark.parametrize("case", WRONG)
def test_packs_that_cannot_be_are_refused(case: str) -> None:
    packs, refusal = WRONG[case]
    given(Item).when_new(lambda: register(*packs)).then_refused(refusal, item="COLA-330")


def test_packs_are_looked_up_by_day() -> None:
    summer = date(2026, 6, 1)
    ten = Pack("CA", Decimal(10))
    agreed = fact(Item.PacksAgreed, packs=(EACH, ten), first_day=summer)
    given(Item, REGISTERED).when(lambda item: item.agree_packs([ten], summer)).then(agreed)
    given(Item, REGISTERED, agreed).when(lambda item: item.agree_packs([EACH, ten], summer)).then_nothing()
    item = given(Item, REGISTERED, agreed).aggregate
    assert item is not None
    assert base_quantity(item.packs_on(date(2026, 5, 31)), Decimal(3), "CA") == 36
    assert base_quantity(item.packs_on(summer), Decimal(3), "CA") == 30
    with pytest.raises(Refused) as refused:
        item.packs_on(date(2025, 12, 31))
    assert refused.value.refusal is NO_PACKS_YET


def test_an_unknown_unit_names_those_that_are_known() -> None:
    with pytest.raises(Refused) as refused:
        base_quantity(PACKS, Decimal(1), "BX", "COLA-330")
    assert refused.value.refusal is UNIT_UNKNOWN
    assert refused.value.parameters["units"] == "EA, CA, PL"


def test_a_discontinued_item_is_sold_until_the_day_before() -> None:
    ended = fact(Item.Discontinued, from_day=date(2026, 7, 1))
    given(Item, REGISTERED).when(lambda item: item.discontinue(date(2026, 7, 1))).then(ended)
    given(Item, REGISTERED, ended).when(lambda item: item.discontinue(date(2026, 7, 1))).then_nothing()
    given(Item, REGISTERED).when(lambda item: item.discontinue(date(2025, 7, 1))).then_refused(
        DISCONTINUED_BEFORE_VALID, valid_from=FIRST
    )
    item = given(Item, REGISTERED, ended).aggregate
    assert item is not None
    assert [item.sold_on(date(2026, *day)) for day in [(1, 1), (6, 30), (7, 1)]] == [True, True, False]
    assert not item.sold_on(date(2025, 12, 31))


# Prices


OPENED = fact(PriceAgreement.Opened, partner="retailer-a", item="COLA-330")


def agreed(price: str, first_day: date, per: str = "1", unit: str = "CA") -> PriceAgreement.Agreed:
    return fact(
        PriceAgreement.Agreed,
        partner="retailer-a",
        item="COLA-330",
        currency="USD",
        price=Decimal(price),
        per=Decimal(per),
        unit=unit,
        first_day=first_day,
    )


def agree(prices: PriceAgreement, price: str, first_day: date = FIRST, per: str = "1") -> None:
    prices.agree(currency="USD", price=Decimal(price), per=Decimal(per), unit="CA", first_day=first_day)


def test_prices_are_agreed_from_a_day() -> None:
    given(PriceAgreement).when_new(lambda: PriceAgreement.open("retailer-a", "COLA-330")).then(OPENED)
    first = agreed("30.00", FIRST)
    given(PriceAgreement, OPENED).when(lambda prices: agree(prices, "30.00")).then(first)
    given(PriceAgreement, OPENED, first).when(lambda prices: agree(prices, "30")).then_nothing()


def test_the_price_in_force_is_the_latest_begun_and_a_day_agreed_twice_takes_the_later() -> None:
    prices = given(
        PriceAgreement,
        OPENED,
        agreed("30", FIRST),
        agreed("33", date(2026, 6, 1)),
        agreed("31", date(2026, 3, 1)),  # back-dated between the two
        agreed("32", date(2026, 3, 1)),
    ).aggregate
    assert prices is not None
    days = [(2025, 12, 31), (2026, 1, 1), (2026, 2, 28), (2026, 3, 1), (2026, 5, 31), (2026, 6, 1)]
    found = [prices.price_on(date(*day)) for day in days]
    assert [price and price.price for price in found] == [None, 30, 30, 32, 32, 33]


@pytest.mark.parametrize(("price", "per"), [("-1", "1"), ("1.2345678", "1"), ("1", "0")])
def test_a_price_that_cannot_be_is_refused(price: str, per: str) -> None:
    given(PriceAgreement, OPENED).when(lambda prices: agree(prices, price, per=per)).then_refused(
        PRICE_MALFORMED, price=price, per=per
    )


def test_six_decimals_are_a_price_and_zeros_after_them_do_not_count() -> None:
    given(PriceAgreement, OPENED).when(lambda prices: agree(prices, "1.2345670")).then(
        agreed("1.2345670", FIRST)
    )


IN_UNIT = {
    "as agreed": ("30", "1", "CA", "CA", "30", "1"),
    "by the each, ordered by the case": ("2.50", "1", "EA", "CA", "30.00", "1"),
    "by the case, ordered by the each": ("30", "1", "CA", "EA", "30", "12"),
    "per 100 eaches, ordered by the case": ("13.31", "100", "EA", "CA", "159.72", "100"),
    "by the case, ordered by the pallet": ("30", "1", "CA", "PL", "1800", "1"),
}


@pytest.mark.parametrize("case", IN_UNIT)
def test_a_price_is_taken_to_the_unit_ordered_exactly(case: str) -> None:
    price, per, unit, ordered, in_unit, per_units = IN_UNIT[case]
    agreement = AgreedPrice(FIRST, "USD", Decimal(price), Decimal(per), unit)
    assert price_in_unit(agreement, PACKS, ordered) == (Decimal(in_unit), Decimal(per_units))


def test_a_third_of_a_case_is_not_rounded_before_the_line_is() -> None:
    price, per = price_in_unit(AgreedPrice(FIRST, "USD", Decimal(10), Decimal(1), "CA"), PACKS, "EA")
    # 36 eaches are 3 cases: 30.00; a rounded 0.833333 would make 29.999988
    assert line_amounts(Decimal(36), price, per, Decimal(0), "USD").net == Decimal("30.00")
