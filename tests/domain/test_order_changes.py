"""Orders: amended by the customer, confirmed by us."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.order import Closure, ConfirmedLine, Credit, Order, Promise, ScheduleLine
from domain.order import refusals as no
from domain.order.content import change_digest
from domain.values import Side
from tests.domain.order_facts import FOUR, PLACED, RELEASED, SIX_LEFT, TEN, WANTED_ON, line_of, of, placed
from tests.given import fact, given, other

CHANGED_ON = date(2026, 2, 25)
# 12 x 2.50 = 30.00, 13 % of it 3.90
TWELVE = line_of(12, net="30.00", tax="3.90")
MORE = fact(
    Order.AmendedByCustomer,
    account="retailer-a",
    change="860-1",
    lines=(TWELVE,),
    removed=("2",),
    removed_open=(of("2", 4),),
    amended_on=CHANGED_ON,
    revision=2,
    content_digest=change_digest([TWELVE], ["2"]),
    net=Decimal("30.00"),
    tax=Decimal("3.90"),
    gross=Decimal("33.90"),
)


def test_a_change_makes_a_new_revision_that_waits_for_credit_again() -> None:
    given(Order, PLACED, RELEASED).when(
        lambda order: order.amend_by_customer("860-1", [TWELVE], ["2"], amended_on=CHANGED_ON)
    ).then(MORE).then_state(credit=Credit.PENDING, revision=2)


def test_what_was_placed_first_is_never_overwritten() -> None:
    state = given(Order, PLACED, RELEASED, MORE).state
    line = state.lines["1"]
    assert (line.ordered, line.quantity, line.requested_on) == (Decimal(10), Decimal(12), WANTED_ON)
    removed = state.lines["2"]
    assert (removed.ordered, removed.open, removed.cancelled_by_customer) == (Decimal(4), 0, Decimal(4))


def test_the_same_change_again_is_silent_and_other_content_under_its_number_is_refused() -> None:
    given(Order, PLACED, RELEASED, MORE).when(
        lambda order: order.amend_by_customer("860-1", [TWELVE], ["2"], amended_on=CHANGED_ON)
    ).then_nothing()
    given(Order, PLACED, RELEASED, MORE).when(
        lambda order: order.amend_by_customer("860-1", [line_of(11)], [], amended_on=CHANGED_ON)
    ).then_refused(no.CHANGE_NUMBER_REUSED, change="860-1")


def test_a_line_can_be_amended_to_nothing() -> None:  # definitions F09
    nothing = line_of(0, FOUR)
    outcome = given(Order, PLACED).when(
        lambda order: order.amend_by_customer("860-2", [nothing], amended_on=CHANGED_ON)
    )
    outcome.then_state(closed=None)
    assert outcome.aggregate is not None
    assert outcome.aggregate.state.lines["2"].ordered == Decimal(4)
    assert outcome.aggregate.open_value() == Decimal("28.25")


def test_an_order_amended_to_nothing_is_closed() -> None:
    given(Order, placed(TEN)).when(
        lambda order: order.amend_by_customer("860-2", [line_of(0)], amended_on=CHANGED_ON)
    ).then_state(closed=Closure.CANCELLED)


def test_a_line_is_not_amended_below_what_has_left_or_was_cancelled() -> None:
    cut = fact(
        Order.LineCancelled,
        account="retailer-a",
        number="1",
        quantity=Decimal(1),
        by=Side.SUPPLIER,
        reason="no stock",
        open_gross=Decimal("19.78"),
    )
    given(Order, PLACED, RELEASED, SIX_LEFT, cut).when(
        lambda order: order.amend_by_customer("860-3", [line_of(5)], amended_on=CHANGED_ON)
    ).then_refused(
        no.AMENDED_BELOW_SETTLED,
        says="Line 1 of order PO-7 cannot be amended to 5 CA: 6 is dispatched and 1 is cancelled or closed,"
        " which count in its quantity; 5 is 2 below their 7. Ask for 7 or more, or authorise a return.",
    )


def test_a_line_of_which_goods_have_left_is_not_replaced_or_removed() -> None:
    other = replace(TEN, item="WATER-1L")
    given(Order, PLACED, RELEASED, SIX_LEFT).when(
        lambda order: order.amend_by_customer("860-4", [other], amended_on=CHANGED_ON)
    ).then_refused(no.DISPATCHED_LINE_REPLACED, dispatched="6", new_item="WATER-1L", open="4")
    given(Order, PLACED, RELEASED, SIX_LEFT).when(
        lambda order: order.amend_by_customer("860-4", [], ["1"], amended_on=CHANGED_ON)
    ).then_refused(no.DISPATCHED_LINE_REMOVED, dispatched="6", open="4")


def test_a_change_of_nothing_or_of_an_unknown_or_contradicted_line_is_refused() -> None:
    given(Order, PLACED).when(
        lambda order: order.amend_by_customer("860-5", [], amended_on=CHANGED_ON)
    ).then_refused(no.CHANGE_SAYS_NOTHING)
    given(Order, PLACED).when(
        lambda order: order.amend_by_customer("860-5", [], ["9"], amended_on=CHANGED_ON)
    ).then_refused(no.LINE_UNKNOWN, line="9", lines="1, 2")
    given(Order, PLACED).when(
        lambda order: order.amend_by_customer("860-5", [TWELVE], ["1"], amended_on=CHANGED_ON)
    ).then_refused(no.AMENDED_AND_REMOVED, line="1")


def test_a_change_after_everything_has_left_is_refused() -> None:
    all_left = fact(Order.GoodsDispatched, shipment="s", lines=(of("1", 10),), open_gross=Decimal(0))
    given(Order, placed(TEN), RELEASED, all_left).when(
        lambda order: order.amend_by_customer("860-6", [TWELVE], amended_on=CHANGED_ON)
    ).then_refused(no.ORDER_CLOSED, closed="dispatched", act="change (860-6)")


def test_a_change_that_states_the_whole_order_amends_and_removes_what_differs() -> None:
    outcome = given(Order, PLACED).when(
        lambda order: order.replace_by_customer("860-1", [TWELVE], amended_on=CHANGED_ON)
    )
    outcome.then(other(MORE, content_digest=change_digest([TWELVE], ["all others"])))
    given(Order, PLACED).when(
        lambda order: order.replace_by_customer("860-1", [FOUR, TEN], amended_on=CHANGED_ON)
    ).then_nothing()


def test_a_repeated_replacement_stays_silent_after_other_changes() -> None:
    replaced = other(MORE, content_digest=change_digest([TWELVE], ["all others"]))
    eleven = line_of(11, net="27.50", tax="3.58")
    later = other(
        MORE, change="860-2", lines=(eleven,), removed=(), removed_open=(), revision=3, content_digest="x"
    )
    given(Order, PLACED, replaced, later).when(
        lambda order: order.replace_by_customer("860-1", [TWELVE], amended_on=CHANGED_ON)
    ).then_nothing()


# Confirming


def test_an_order_is_confirmed_as_it_was_ordered() -> None:
    split = replace(
        TEN,
        schedule=(
            ScheduleLine("dc-1", WANTED_ON, Decimal(7)),
            ScheduleLine("dc-2", date(2026, 3, 4), Decimal(3)),
        ),
    )
    confirmed = fact(
        Order.Confirmed,
        confirmation="C-1",
        lines=(
            ConfirmedLine("1", Decimal(7), WANTED_ON),
            ConfirmedLine("1", Decimal(3), date(2026, 3, 4)),
        ),
    )
    outcome = given(Order, placed(split), RELEASED).when(lambda order: order.confirm_as_ordered("C-1"))
    outcome.then(confirmed)
    assert outcome.aggregate is not None
    assert outcome.aggregate.state.lines["1"].first_confirmed == Promise(Decimal(10), date(2026, 3, 4))
    given(Order, placed(split), RELEASED, confirmed).when(
        lambda order: order.confirm_as_ordered("C-1")
    ).then_nothing()


def test_the_first_promise_is_kept_beside_the_last() -> None:  # definitions F18
    first = fact(
        Order.Confirmed, confirmation="C-1", lines=(ConfirmedLine("1", Decimal(10), date(2026, 6, 19)),)
    )
    again = [ConfirmedLine("1", Decimal(9), date(2026, 6, 20), "no stock")]
    outcome = given(Order, PLACED, RELEASED, first).when(lambda order: order.confirm("C-2", again))
    assert outcome.aggregate is not None
    line = outcome.aggregate.state.lines["1"]
    assert line.first_confirmed == Promise(Decimal(10), date(2026, 6, 19))
    assert line.last_confirmed == Promise(Decimal(9), date(2026, 6, 20))


def test_nothing_is_confirmed_while_credit_has_not_released() -> None:
    line = [ConfirmedLine("1", Decimal(10), WANTED_ON)]
    given(Order, PLACED).when(lambda order: order.confirm("C-1", line)).then_refused(
        no.NOT_RELEASED, credit="pending", act="confirmation (C-1)"
    )
    given(Order, PLACED).when(lambda order: order.confirm_as_ordered("C-1")).then_nothing()


def test_the_same_confirmation_again_is_silent_and_with_other_lines_refused() -> None:
    line = ConfirmedLine("1", Decimal(10), WANTED_ON)
    confirmed = fact(Order.Confirmed, confirmation="C-1", lines=(line,))
    given(Order, PLACED, RELEASED, confirmed).when(lambda order: order.confirm("C-1", [line])).then_nothing()
    given(Order, PLACED, RELEASED, confirmed).when(
        lambda order: order.confirm("C-1", [replace(line, quantity=Decimal(8))])
    ).then_refused(no.CONFIRMATION_NUMBER_REUSED, confirmation="C-1")


def test_no_more_is_promised_than_is_to_be_delivered_and_no_less_than_has_left() -> None:
    def confirming(quantity: str) -> list[ConfirmedLine]:
        return [ConfirmedLine("1", Decimal(quantity), WANTED_ON)]

    given(Order, PLACED, RELEASED).when(lambda order: order.confirm("C-1", confirming("12"))).then_refused(
        no.CONFIRMED_MORE, limit="10", quantity="12", excess="2"
    )
    given(Order, PLACED, RELEASED, SIX_LEFT).when(
        lambda order: order.confirm("C-1", confirming("5"))
    ).then_refused(no.CONFIRMED_LESS_THAN_DISPATCHED, dispatched="6", missing="1")
    given(Order, PLACED, RELEASED).when(lambda order: order.confirm("C-1", confirming("-1"))).then_refused(
        no.NEGATIVE_CONFIRMATION
    )
    given(Order, PLACED, RELEASED).when(lambda order: order.confirm("C-1", [])).then_refused(
        no.NOTHING_TO_CONFIRM
    )
    given(Order, PLACED, RELEASED).when(
        lambda order: order.confirm("C-1", [ConfirmedLine("1", Decimal(1), None)])
    ).then_refused(no.PROMISE_WITHOUT_DATE)


def test_a_line_can_be_rejected_without_a_date() -> None:
    rejected = ConfirmedLine("2", Decimal(0), None, "discontinued")
    given(Order, PLACED, RELEASED).when(lambda order: order.confirm("C-1", [rejected])).then(
        fact(Order.Confirmed, confirmation="C-1", lines=(rejected,))
    )
