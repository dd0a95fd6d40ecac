"""Orders: goods leave, never more than open and tolerance; what will not come is closed short."""

from __future__ import annotations

from decimal import Decimal

import pytest

from domain.order import Closure, Order
from domain.order import refusals as no
from domain.values import Side
from tests.domain.order_facts import CANCELLED, HELD_REASON, PLACED, RELEASED, SIX_LEFT, TEN, of, placed
from tests.given import fact, given


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
        says="Order PO-7 is pending by credit and takes no shipment (s)."
        " Wait for its release or ask for one.",
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
    given(Order, PLACED, RELEASED).when(lambda order: order.record_dispatch("s", [of("1", 0)])).then_refused(
        no.QUANTITY_NOT_POSITIVE
    )


# Closing short


def test_what_will_not_come_is_closed_short() -> None:
    short = fact(
        Order.ClosedShort,
        account="retailer-a",
        reason="out of stock",
        lines=(of("1", 4), of("2", 4)),
        open_gross=Decimal(0),
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
