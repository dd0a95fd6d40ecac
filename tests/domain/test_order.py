"""Orders: placed, released or held by credit, cancelled, expired, dispatched, closed short."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from domain.order import Closure, Credit, Door, HoldReason, Order, OrderLine
from domain.order import refusals as no
from domain.refusal import Refusal
from domain.values import Side
from tests.domain.order_facts import FOUR, ORDERED_ON, PLACED, RELEASED, TEN, line_of, of, placed
from tests.given import STREAM, fact, given


HELD_REASON = HoldReason("LIMIT", Decimal("139.55"), Decimal("100.00"), Decimal("39.55"), "over by 39.55")


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


WRONG_LINES: dict[str, tuple[tuple[OrderLine, ...], Refusal, dict[str, object]]] = {
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
        Order.LineCancelled, account="retailer-a",
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
        Order.LineCancelled, account="retailer-a",
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


CANCELLED = fact(
    Order.Cancelled, account="retailer-a",
    by=Side.CUSTOMER,
    reason="shop closed",
    lines=(of("1", 10), of("2", 4)),
    open_gross=Decimal(0),
)


def test_a_cancelled_order_is_closed_and_cancelled_once() -> None:
    given(Order, PLACED).when(lambda order: order.cancel(by=Side.CUSTOMER, reason="shop closed")).then(
        CANCELLED
    ).then_state(closed=Closure.CANCELLED)
    given(Order, PLACED, CANCELLED).when(
        lambda order: order.cancel(by=Side.CUSTOMER, reason="again")
    ).then_nothing()


def test_cancelling_after_a_part_has_left_cancels_the_rest() -> None:
    rest = replace(CANCELLED, lines=(of("1", 4), of("2", 4)))
    given(Order, PLACED, RELEASED, SIX_LEFT).when(
        lambda order: order.cancel(by=Side.CUSTOMER, reason="shop closed")
    ).then(rest)


def test_an_order_lapses_after_its_last_day_and_not_before() -> None:
    last_day = date(2026, 3, 5)
    order = placed(TEN, cancel_after=last_day)
    given(Order, order).when(lambda order: order.expire(last_day)).then_refused(
        no.NOT_YET_EXPIRED, cancel_after=last_day, day=last_day
    )
    lapsed = fact(Order.Expired, account="retailer-a", day=date(2026, 3, 6), lines=(of("1", 10),), open_gross=Decimal(0))
    given(Order, order).when(lambda order: order.expire(date(2026, 3, 6))).then(lapsed).then_state(
        closed=Closure.EXPIRED
    )
    given(Order, order, lapsed).when(lambda order: order.expire(date(2026, 3, 7))).then_nothing()
    given(Order, PLACED).when(lambda order: order.expire(date(2026, 3, 7))).then_nothing()


# Dispatch

SIX_LEFT = fact(
    Order.GoodsDispatched,
    shipment="shipment/acme/S-1",
    lines=(of("1", 6),),
    open_gross=Decimal("22.60"),  # 4 x 2.50 x 1.13 = 11.30, and 11.30
)


def test_goods_leave_and_what_is_open_falls() -> None:
    given(Order, PLACED, RELEASED).when(
        lambda order: order.record_dispatch("shipment/acme/S-1", [of("1", 2), of("1", 4)])
    ).then(SIX_LEFT)


def test_the_same_shipment_again_is_silent_and_other_goods_in_it_are_refused() -> None:
    started = given(Order, PLACED, RELEASED, SIX_LEFT)
    started.when(lambda order: order.record_dispatch("shipment/acme/S-1", [of("1", 6)])).then_nothing()
    given(Order, PLACED, RELEASED, SIX_LEFT).when(
        lambda order: order.record_dispatch("shipment/acme/S-1", [of("1", 4)])
    ).then_refused(no.SHIPMENT_REUSED, shipment="shipment/acme/S-1")


def test_nothing_leaves_before_credit_has_released() -> None:
    given(Order, PLACED).when(lambda order: order.record_dispatch("s", [of("1", 1)])).then_refused(
        no.NOT_RELEASED,
        says="Order PO-7 is pending by credit and takes no shipment (s). Wait for its release or ask for one.",
    )
    held = fact(Order.Held, revision=1, reasons=(HELD_REASON,))
    given(Order, PLACED, held).when(lambda order: order.record_dispatch("s", [of("1", 1)])).then_refused(
        no.NOT_RELEASED, credit="held", reasons=": over by 39.55"
    )


OVER = {
    "one too many without tolerance": ("11", "0", "10", "1"),
    "half a case over five percent": ("11", "0.05", "10.5", "0.5"),
}


@pytest.mark.parametrize("case", OVER)
def test_more_than_open_and_tolerance_does_not_leave(case: str) -> None:
    quantity, tolerance, limit, excess = OVER[case]
    given(Order, PLACED, RELEASED).when(
        lambda order: order.record_dispatch("s", [of("1", quantity)], tolerance=Decimal(tolerance))
    ).then_refused(no.DISPATCHED_MORE_THAN_OPEN, open="10", limit=limit, excess=excess)


def test_over_delivery_within_tolerance_leaves_nothing_open_and_nothing_negative() -> None:
    outcome = given(Order, placed(TEN), RELEASED).when(
        lambda order: order.record_dispatch("s", [of("1", "10.5")], tolerance=Decimal("0.05"))
    )
    assert outcome.aggregate is not None
    line = outcome.aggregate.state.lines["1"]
    assert (line.open, line.over) == (Decimal(0), Decimal("0.5"))
    assert outcome.aggregate.open_value() == 0
    outcome.then_state(closed=Closure.DISPATCHED)


def test_tolerance_is_for_the_line_and_not_for_each_shipment() -> None:
    all_left = fact(Order.GoodsDispatched, shipment="s", lines=(of("1", "10.5"),), open_gross=Decimal(0))
    given(Order, placed(TEN), RELEASED, all_left).when(
        lambda order: order.record_dispatch("t", [of("1", "0.5")], tolerance=Decimal("0.05"))
    ).then_refused(no.DISPATCHED_MORE_THAN_OPEN, open="0", over="0", excess="0.5")


def test_nothing_leaves_on_a_line_that_was_cancelled() -> None:
    given(Order, PLACED, RELEASED, CANCELLED).when(
        lambda order: order.record_dispatch("s", [of("1", 1)], tolerance=Decimal("0.10"))
    ).then_refused(no.DISPATCHED_MORE_THAN_OPEN, open="0", over="0", excess="1")


def test_a_shipment_without_goods_is_refused() -> None:
    given(Order, PLACED, RELEASED).when(lambda order: order.record_dispatch("s", [])).then_refused(
        no.NOTHING_DISPATCHED
    )
    given(Order, PLACED, RELEASED).when(
        lambda order: order.record_dispatch("s", [of("1", 0)])
    ).then_refused(no.QUANTITY_NOT_POSITIVE)


# Closing short


def test_what_will_not_come_is_closed_short() -> None:
    short = fact(
        Order.ClosedShort, account="retailer-a", reason="out of stock", lines=(of("1", 4), of("2", 4)), open_gross=Decimal(0)
    )
    given(Order, PLACED, RELEASED, SIX_LEFT).when(lambda order: order.close_short("out of stock")).then(
        short
    ).then_state(closed=Closure.CLOSED_SHORT)
    given(Order, PLACED, RELEASED, SIX_LEFT, short).when(
        lambda order: order.close_short("again")
    ).then_nothing()


def test_an_order_with_nothing_open_is_not_cancelled_or_closed_short() -> None:
    all_left = fact(
        Order.GoodsDispatched, shipment="s", lines=(of("1", 10), of("2", 4)), open_gross=Decimal(0)
    )
    gone = given(Order, PLACED, RELEASED, all_left)
    gone.when(lambda order: order.cancel(by=Side.CUSTOMER, reason="")).then_refused(no.NOTHING_OPEN)
    given(Order, PLACED, RELEASED, all_left).when(lambda order: order.close_short("")).then_refused(
        no.NOTHING_OPEN, act="close short"
    )


def test_a_part_is_valued_by_itself_and_the_whole_as_it_was_stored() -> None:
    order = given(Order, PLACED, stream=STREAM).aggregate
    assert order is not None
    assert order.gross_of("1", Decimal(10)) == Decimal("28.25")
    assert order.gross_of("1", Decimal(3)) == Decimal("8.48")  # 7.50 + 0.98 (0.975 half up)
    assert order.gross_of("2", Decimal(1)) == Decimal("2.83")  # 2.50 + 0.33 (0.325 half up)


def test_the_door_is_kept() -> None:
    assert PLACED.door is Door.REST
