"""Returns: authorised, received, credited, never more than the step before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from domain.goods_return import (
    CREDITED_MORE,
    DOCUMENT_REUSED,
    LINE_TWICE,
    LINE_UNKNOWN,
    NO_LINES,
    QUANTITY_NOT_POSITIVE,
    RECEIVED_MORE,
    CameBack,
    CreditedLine,
    Return,
    ReturnLine,
)
from domain.values import LineQuantity, Side
from tests.given import fact, given

DAY = date(2026, 3, 9)
# 12 cases at 100.00 and 13 %, as in S2 of definitions 4.7: 1 200.00 + 156.00
TWELVE = ReturnLine(
    number="1",
    order="order/acme/retailer-a/PO-7/-",
    order_line="1",
    item="COLA-330",
    quantity=Decimal(12),
    unit="CA",
    unit_price=Decimal("100.00"),
    price_per=Decimal(1),
    tax_rate=Decimal("0.13"),
    reason="damaged",
    fault=Side.SUPPLIER,
)


def authorise(*lines: ReturnLine) -> Return:
    return Return.authorise(
        company="acme",
        number="R-1",
        partner="retailer-a",
        account="retailer-a",
        currency="USD",
        authorised_on=DAY,
        lines=lines,
        invoice="invoice/acme/2026-000123",
    )


AUTHORISED = fact(
    Return.Authorised,
    company="acme",
    number="R-1",
    partner="retailer-a",
    account="retailer-a",
    currency="USD",
    authorised_on=DAY,
    invoice="invoice/acme/2026-000123",
    lines=(TWELVE,),
)
EIGHT_CAME = fact(
    Return.Received, document="GR-1", received_on=DAY, lines=(CameBack("1", Decimal(8), "crushed"),)
)
# 5 x 100.00 = 500.00 and 65.00
FIVE_CREDITED = fact(
    Return.Credited,
    document="CM-1",
    credited_on=DAY,
    lines=(CreditedLine("1", Decimal(5), Decimal("500.00"), Decimal("65.00"), Decimal("565.00")),),
    net=Decimal("500.00"),
    tax=Decimal("65.00"),
    gross=Decimal("565.00"),
)


def test_a_return_is_authorised() -> None:
    given(Return).when_new(lambda: authorise(TWELVE)).then(AUTHORISED)
    assert TWELVE.amounts(Decimal(12), "USD").gross == Decimal("1356.00")


def test_a_return_needs_lines_of_their_own_number_and_quantity() -> None:
    given(Return).when_new(authorise).then_refused(NO_LINES, number="R-1")
    given(Return).when_new(lambda: authorise(TWELVE, TWELVE)).then_refused(LINE_TWICE, line="1")
    given(Return).when_new(lambda: authorise(replace(TWELVE, quantity=Decimal(0)))).then_refused(
        QUANTITY_NOT_POSITIVE, quantity="0"
    )


def test_goods_come_back_once_a_document() -> None:
    came = [CameBack("1", Decimal(8), "crushed")]
    given(Return, AUTHORISED).when(lambda goods: goods.receive("GR-1", DAY, came)).then(EIGHT_CAME)
    given(Return, AUTHORISED, EIGHT_CAME).when(lambda goods: goods.receive("GR-1", DAY, came)).then_nothing()
    given(Return, AUTHORISED, EIGHT_CAME).when(
        lambda goods: goods.receive("GR-1", DAY, [CameBack("1", Decimal(7))])
    ).then_refused(DOCUMENT_REUSED, document="GR-1")


def test_no_more_comes_back_than_was_authorised() -> None:
    given(Return, AUTHORISED, EIGHT_CAME).when(
        lambda goods: goods.receive("GR-2", DAY, [CameBack("1", Decimal(2)), CameBack("1", Decimal(3))])
    ).then_refused(
        RECEIVED_MORE,
        says="Line 1 of return R-1 authorises 12 CA, of which 8 came before; 5 more is 1 too many."
        " Authorise a second return for 1.",
    )


def test_what_came_is_credited_at_its_price() -> None:
    given(Return, AUTHORISED, EIGHT_CAME).when(
        lambda goods: goods.credit("CM-1", DAY, [LineQuantity("1", Decimal(5))])
    ).then(FIVE_CREDITED)
    given(Return, AUTHORISED, EIGHT_CAME, FIVE_CREDITED).when(
        lambda goods: goods.credit("CM-1", DAY, [LineQuantity("1", Decimal(5))])
    ).then_nothing()


def test_what_is_left_to_credit_is_what_came_less_what_was_credited() -> None:
    goods = given(Return, AUTHORISED, EIGHT_CAME, FIVE_CREDITED).aggregate
    assert goods is not None
    assert goods.to_credit() == (LineQuantity("1", Decimal(3)),)


def test_no_more_is_credited_than_came() -> None:
    given(Return, AUTHORISED, EIGHT_CAME, FIVE_CREDITED).when(
        lambda goods: goods.credit("CM-2", DAY, [LineQuantity("1", Decimal(4))])
    ).then_refused(
        CREDITED_MORE,
        says="Line 1 of return R-1 has 8 CA received, of which 5 is credited; crediting 4 more is 1 too many."
        " Credit at most 3.",
    )
    given(Return, AUTHORISED).when(
        lambda goods: goods.credit("CM-2", DAY, [LineQuantity("1", Decimal(1))])
    ).then_refused(CREDITED_MORE, limit="0", excess="1")


@pytest.mark.parametrize("quantity", ["0", "-2"])
def test_a_quantity_that_is_none_is_refused(quantity: str) -> None:
    given(Return, AUTHORISED).when(
        lambda goods: goods.receive("GR-1", DAY, [CameBack("1", Decimal(quantity))])
    ).then_refused(QUANTITY_NOT_POSITIVE, quantity=quantity)


def test_unknown_lines_and_empty_documents_are_refused() -> None:
    given(Return, AUTHORISED).when(
        lambda goods: goods.receive("GR-1", DAY, [CameBack("2", Decimal(1))])
    ).then_refused(LINE_UNKNOWN, line="2", lines="1")
    given(Return, AUTHORISED).when(lambda goods: goods.credit("CM-1", DAY, [])).then_refused(NO_LINES)
