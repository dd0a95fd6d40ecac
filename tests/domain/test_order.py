"""Orders: placed, released or held by credit, cancelled, expired, dispatched, closed short."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.order import Closure, Credit, Door, Order, OrderLine
from domain.order import refusals as no
from domain.refusal import Refusal
from domain.values import Side
from tests.domain.order_facts import (
    CANCELLED,
    FOUR,
    HELD_REASON,
    ORDERED_ON,
    PLACED,
    RELEASED,
    SIX_LEFT,
    TEN,
    line_of,
    of,
    placed,
)
from tests.given import STREAM, fact, given, other


def place(lines: Iterable[OrderLine] = (TEN, FOUR), number: str = "PO-7", currency: str = "USD") -> Order:
    return Order.place(
        company="acme",
        partner="retailer-a",
        purchase_order_number=number,
        ordered_on=ORDERED_ON,
        currency=currency,
        account="retailer-a",
        lines=lines,
    )


def test_an_order_is_placed_with_its_totals_and_waits_for_credit() -> None:
    outcome = given(Order).when_new(place).then(PLACED)
    outcome.then_state(credit=Credit.PENDING, revision=1, closed=None)
    assert outcome.aggregate is not None
    assert outcome.aggregate.id == "order/acme/retailer-a/PO-7/-"
    assert outcome.aggregate.open_value() == Decimal("39.55")


WRONG_LINES: dict[str, tuple[tuple[OrderLine, ...], Refusal, dict[str, Any]]] = {
    "no line": ((), no.NO_LINES, {"order": "PO-7"}),
    "a number twice": ((TEN, replace(FOUR, number="1")), no.LINE_TWICE, {"line": "1"}),
    "nothing ordered": ((line_of(0),), no.QUANTITY_NOT_POSITIVE, {"quantity": "0"}),
    "less than nothing": ((line_of(-3),), no.QUANTITY_NOT_POSITIVE, {"quantity": "-3"}),
    "a schedule for less": (
        (replace(TEN, schedule=line_of(8).schedule),),
        no.SCHEDULE_DOES_NOT_SUM,
        {"scheduled": "8", "quantity": "10", "difference": "2"},
    ),
    "a price below zero": ((replace(TEN, unit_price=Decimal(-1)),), no.PRICE_NEGATIVE, {"price": "-1"}),
    "a price per nothing": ((replace(TEN, price_per=Decimal(0)),), no.PRICE_NEGATIVE, {"per": "0"}),
    "amounts apart": (
        (replace(TEN, gross=Decimal("28.00")),),
        no.AMOUNTS_DO_NOT_SUM,
        {"sum": "28.25", "gross": "28.00"},
    ),
}


@pytest.mark.parametrize("case", WRONG_LINES)
def test_lines_that_cannot_be_ordered_are_refused(case: str) -> None:
    lines, refusal, figures = WRONG_LINES[case]
    given(Order).when_new(lambda: place(lines)).then_refused(refusal, **figures)


def test_an_order_needs_a_number_and_a_currency() -> None:
    given(Order).when_new(lambda: place(number=" ")).then_refused(no.NO_NUMBER)
    given(Order).when_new(lambda: place(currency="usd")).then_refused(no.NO_CURRENCY, currency="usd")


def test_the_same_content_is_recognised_by_its_digest() -> None:
    order = given(Order, PLACED).aggregate
    assert order is not None
    assert order.same_content(PLACED.content_digest)
    assert not order.same_content(placed(line_of(9)).content_digest)


# Credit


def test_credit_releases_the_revision_it_was_asked_about() -> None:
    outcome = given(Order, PLACED).when(lambda order: order.release(1, "credit/retailer-a#1")).then(RELEASED)
    outcome.then_state(credit=Credit.RELEASED)


def test_an_answer_about_an_older_revision_or_given_before_is_silent() -> None:
    given(Order, PLACED).when(lambda order: order.release(0, "r")).then_nothing()
    given(Order, PLACED, RELEASED).when(lambda order: order.release(1, "r")).then_nothing()
    given(Order, PLACED).when(lambda order: order.hold(0, [HELD_REASON])).then_nothing()


def test_credit_holds_and_later_releases() -> None:
    held = fact(Order.Held, revision=1, reasons=(HELD_REASON,))
    given(Order, PLACED).when(lambda order: order.hold(1, [HELD_REASON])).then(held)
    given(Order, PLACED, held).when(lambda order: order.hold(1, [HELD_REASON])).then_nothing()
    given(Order, PLACED, held).when(lambda order: order.release(1, "credit/retailer-a#1")).then(
        RELEASED
    ).then_state(hold_reasons=())


def test_a_refusal_that_arrives_after_the_release_of_the_same_revision_is_silent() -> None:
    given(Order, PLACED, RELEASED).when(lambda order: order.hold(1, [HELD_REASON])).then_nothing()


# Cancelling


def test_what_is_still_open_can_be_cancelled() -> None:
    four_less = fact(
        Order.LineCancelled,
        account="retailer-a",
        number="1",
        quantity=Decimal(4),
        by=Side.CUSTOMER,
        reason="too many",
        open_gross=Decimal("28.25"),  # 6 x 2.50 x 1.13 = 16.95, and 11.30
    )
    given(Order, PLACED).when(
        lambda order: order.cancel_line("1", Decimal(4), by=Side.CUSTOMER, reason="too many")
    ).then(four_less)


def test_more_than_is_still_open_cannot_be_cancelled() -> None:
    cut = fact(
        Order.LineCancelled,
        account="retailer-a",
        number="1",
        quantity=Decimal(4),
        by=Side.SUPPLIER,
        reason="no stock",
        open_gross=Decimal("28.25"),
    )
    given(Order, PLACED, cut).when(
        lambda order: order.cancel_line("1", Decimal(7), by=Side.CUSTOMER, reason="")
    ).then_refused(
        no.CANCELLED_MORE_THAN_OPEN,
        says="Line 1 of order PO-7 has 6 CA open, cannot cancel 7: 1 too many."
        " Cancel at most 6; what is dispatched comes back by a return.",
    )


def test_an_unknown_line_and_a_quantity_of_nothing_are_refused() -> None:
    given(Order, PLACED).when(
        lambda order: order.cancel_line("9", Decimal(1), by=Side.CUSTOMER, reason="")
    ).then_refused(no.LINE_UNKNOWN, line="9", lines="1, 2")
    given(Order, PLACED).when(
        lambda order: order.cancel_line("1", Decimal(0), by=Side.CUSTOMER, reason="")
    ).then_refused(no.QUANTITY_NOT_POSITIVE, quantity="0")


def test_a_cancelled_order_is_closed_and_cancelled_once() -> None:
    given(Order, PLACED).when(lambda order: order.cancel(by=Side.CUSTOMER, reason="shop closed")).then(
        CANCELLED
    ).then_state(closed=Closure.CANCELLED)
    given(Order, PLACED, CANCELLED).when(
        lambda order: order.cancel(by=Side.CUSTOMER, reason="again")
    ).then_nothing()


def test_cancelling_after_a_part_has_left_cancels_the_rest() -> None:
    rest = other(CANCELLED, lines=(of("1", 4), of("2", 4)))
    given(Order, PLACED, RELEASED, SIX_LEFT).when(
        lambda order: order.cancel(by=Side.CUSTOMER, reason="shop closed")
    ).then(rest)


def test_an_order_lapses_after_its_last_day_and_not_before() -> None:
    last_day = date(2026, 3, 5)
    order = placed(TEN, cancel_after=last_day)
    given(Order, order).when(lambda order: order.expire(last_day)).then_refused(
        no.NOT_YET_EXPIRED, cancel_after=last_day, day=last_day
    )
    lapsed = fact(
        Order.Expired, account="retailer-a", day=date(2026, 3, 6), lines=(of("1", 10),), open_gross=Decimal(0)
    )
    given(Order, order).when(lambda order: order.expire(date(2026, 3, 6))).then(lapsed).then_state(
        closed=Closure.EXPIRED
    )
    given(Order, order, lapsed).when(lambda order: order.expire(date(2026, 3, 7))).then_nothing()
    given(Order, PLACED).when(lambda order: order.expire(date(2026, 3, 7))).then_nothing()


def test_a_part_is_valued_by_itself_and_the_whole_as_it_was_stored() -> None:
    order = given(Order, PLACED, stream=STREAM).aggregate
    assert order is not None
    assert order.gross_of("1", Decimal(10)) == Decimal("28.25")
    assert order.gross_of("1", Decimal(3)) == Decimal("8.48")  # 7.50 + 0.98 (0.975 half up)
    assert order.gross_of("2", Decimal(1)) == Decimal("2.83")  # 2.50 + 0.33 (0.325 half up)


def test_the_door_is_kept() -> None:
    assert PLACED.door is Door.REST
