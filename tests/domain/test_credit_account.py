"""Credit decisions in facts: C2, C6, C8 and C10 of definitions.md 2.3, releases, and what is silent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from domain import credit_facts as facts
from domain.credit import CreditCode, CreditReason, StageAmounts
from domain.credit_account import CreditAccount
from domain.credit_balances import Unbilled
from domain.credit_refusals import (
    AMOUNT_NEGATIVE,
    APPROVER_LACKS_AUTHORITY,
    INCREASE_ENDS_BEFORE_IT_BEGINS,
    ORDER_NOT_HELD,
    REQUESTER_CANNOT_APPROVE,
)
from tests.given import Given, fact, given

D = Decimal
ON = date(2025, 6, 15)
NEXT = date(2025, 6, 16)
YEAR = date(2025, 1, 1)

opened = fact(CreditAccount.Opened, account="A", currency="CNY", zone="Asia/Shanghai")
strict = fact(CreditAccount.Opened, account="A", currency="CNY", zone="Asia/Shanghai", strict_fifo=True)


def limit(amount: int) -> facts.LimitAgreed:
    return fact(CreditAccount.LimitAgreed, amount=D(amount), first_day=YEAR)


def owed(amount: int) -> facts.Invoiced:
    moved = StageAmounts(receivable=D(amount))
    return fact(CreditAccount.Invoiced, invoice="old", moved=moved, shipment=None, delivered=D(0), on=ON)


def reserved(
    order: str, amount: int | str, delta: int | str | None = None, revision: int = 1
) -> facts.Reserved:
    moved = StageAmounts(open_orders=D(amount if delta is None else delta))
    return fact(CreditAccount.Reserved, order=order, revision=revision, amount=D(amount), moved=moved, on=ON)


def refused(
    order: str, amount: int, exposure: int, of: int, revision: int = 1
) -> facts.ReservationRefused:
    figure = D(exposure) + D(amount)
    reason = CreditReason(CreditCode.LIMIT_EXCEEDED, figure, D(of), figure - D(of))
    values = {"amount": D(amount), "reasons": (reason,), "exposure": D(exposure), "limit": D(of), "on": ON}
    return fact(CreditAccount.ReservationRefused, order=order, revision=revision, **values)


def account(*happened: object, first: facts.Opened = opened) -> Given[CreditAccount]:
    return given(CreditAccount, first, *happened)  # type: ignore[arg-type]


# C2: two orders at once


def test_c2_the_first_fits_and_the_second_is_held() -> None:
    account(limit(100000), owed(60000)).when(lambda a: a.reserve("O30", 1, D(30000), ON)).then(
        reserved("O30", 30000)
    ).then_state(totals=StageAmounts(open_orders=D(30000), receivable=D(60000)))
    account(limit(100000), owed(60000), reserved("O30", 30000)).when(
        lambda a: a.reserve("O25", 1, D(25000), ON)
    ).then(refused("O25", 25000, 90000, 100000))


def test_c2_the_other_order_of_events_ends_at_85_000() -> None:
    after = account(limit(100000), owed(60000), reserved("O25", 25000)).when(
        lambda a: a.reserve("O30", 1, D(30000), ON)
    )
    after.then(refused("O30", 30000, 85000, 100000))
    assert after.aggregate is not None
    assert after.aggregate.exposure() == D(85000)


@pytest.mark.parametrize("revision", [0, 1])
def test_c2_the_approved_one_again_is_silent(revision: int) -> None:
    account(limit(100000), owed(60000), reserved("O30", 30000)).when(
        lambda a: a.reserve("O30", revision, D(30000), ON)
    ).then_nothing()


def test_a_held_request_again_is_silent() -> None:
    account(limit(100), refused("H", 200, 0, 100)).when(
        lambda a: a.reserve("H", 1, D(200), NEXT)
    ).then_nothing()


# Limits


def test_the_limit_is_inclusive() -> None:
    account(limit(100)).when(lambda a: a.reserve("O", 1, D(100), ON)).then(reserved("O", 100))


def test_no_limit_is_a_reason() -> None:
    reason = CreditReason(CreditCode.NO_LIMIT, D(5), D(0), D(5))
    values = {"amount": D(5), "reasons": (reason,), "exposure": D(0), "limit": None, "on": ON}
    account().when(lambda a: a.reserve("O", 1, D(5), ON)).then(
        fact(CreditAccount.ReservationRefused, order="O", revision=1, **values)
    )


def test_nothing_asked_for_always_passes_and_is_not_kept() -> None:
    account().when(lambda a: a.reserve("O", 1, D(0), ON)).then(reserved("O", 0)).then_state(
        orders={}, held={}
    )


def test_a_new_limit_lets_held_orders_go() -> None:
    account(limit(100), refused("H", 200, 0, 100)).when(lambda a: a.agree_limit(D(200), ON, None, ON)).then(
        fact(CreditAccount.LimitAgreed, amount=D(200), first_day=ON, last_day=None), reserved("H", 200)
    )


def test_a_temporary_increase_lets_held_orders_go_on_its_days() -> None:
    raised = fact(CreditAccount.LimitRaisedTemporarily, amount=D(100), first_day=NEXT, last_day=NEXT)
    held = account(limit(100), refused("H", 200, 0, 100))
    held.when(lambda a: a.raise_limit_temporarily(D(100), NEXT, NEXT, ON)).then(raised)
    account(limit(100), refused("H", 200, 0, 100), raised).when(lambda a: a.examine_held(NEXT)).then_state(
        held={}
    )
    account(limit(100), raised).when(
        lambda a: a.raise_limit_temporarily(D(100), NEXT, NEXT, ON)
    ).then_nothing()


def test_the_same_limit_again_is_silent_and_a_wrong_one_refused() -> None:
    account(limit(100)).when(lambda a: a.agree_limit(D(100), YEAR, None, ON)).then_nothing()
    account().when(lambda a: a.agree_limit(D(-1), YEAR, None, ON)).then_refused(AMOUNT_NEGATIVE, figure=D(-1))
    account().when(lambda a: a.agree_limit(D(1), NEXT, ON, ON)).then_refused(
        INCREASE_ENDS_BEFORE_IT_BEGINS, excess=1
    )


# Changes of an order


def test_only_what_an_increase_adds_is_checked() -> None:
    account(limit(100), reserved("O", 80)).when(lambda a: a.reserve("O", 2, D(100), ON)).then(
        reserved("O", 100, 20, revision=2)
    )


def test_an_increase_that_does_not_fit_keeps_the_reservation_and_is_held() -> None:
    over = CreditReason(CreditCode.LIMIT_EXCEEDED, D(101), D(100), D(1))
    values = {"amount": D(101), "reasons": (over,), "exposure": D(80), "limit": D(100), "on": ON}
    happened = account(limit(100), reserved("O", 80)).when(lambda a: a.reserve("O", 2, D(101), ON))
    happened.then(fact(CreditAccount.ReservationRefused, order="O", revision=2, **values))
    happened.then_state(totals=StageAmounts(open_orders=D(80)))


def test_a_decrease_never_blocks_even_over_the_limit_and_helps_the_held() -> None:
    account(limit(100), owed(90), reserved("O", 50), refused("H", 5, 140, 100)).when(
        lambda a: a.reserve("O", 2, D(5), ON)
    ).then(reserved("O", 5, -45, revision=2), reserved("H", 5))


def test_a_reduction_frees_credit_at_once() -> None:
    reduced = fact(
        CreditAccount.ReservationReduced,
        order="O",
        amount=D(40),
        moved=StageAmounts(open_orders=D(-40)),
        on=ON,
    )
    account(limit(100), reserved("O", 80), refused("H", 60, 80, 100)).when(
        lambda a: a.reduce("O", D(40), ON)
    ).then(reduced, reserved("H", 60))
    account(reserved("O", 40)).when(lambda a: a.reduce("O", D(40), ON)).then_nothing()
    account(reserved("O", 40)).when(lambda a: a.reduce("O", D(41), ON)).then_nothing()
    account().when(lambda a: a.reduce("gone", D(0), ON)).then_nothing()


def test_a_held_order_that_shrinks_until_it_fits_is_reserved() -> None:
    reduced = fact(CreditAccount.ReservationReduced, order="H", amount=D(90), moved=StageAmounts(), on=ON)
    account(limit(100), refused("H", 200, 0, 100)).when(lambda a: a.reduce("H", D(90), ON)).then(
        reduced, reserved("H", 90)
    )


def test_a_held_order_that_is_cancelled_leaves_the_queue() -> None:
    account(limit(100), refused("H", 200, 0, 100)).when(lambda a: a.reduce("H", D(0), ON)).then_state(held={})


# C6 and C10: conservation along the chain


def test_c6_moving_along_the_chain_changes_no_total() -> None:
    before = account(limit(1000000), reserved("SO", 113000))
    delivered = before.when(lambda a: a.record_delivery("SO", "S1", D(67800), ON))
    delivered.then_state(totals=StageAmounts(open_orders=D(45200), delivered=D(67800)))
    invoiced = account(*before.facts[1:], *delivered.events).when(
        lambda a: a.record_invoice("I1", D(67800), ON, shipment="S1")
    )
    invoiced.then_state(totals=StageAmounts(open_orders=D(45200), receivable=D(67800)), unbilled={})
    cancelled = account(*before.facts[1:], *delivered.events, *invoiced.events).when(
        lambda a: a.reduce("SO", D(0), ON)
    )
    cancelled.then_state(totals=StageAmounts(receivable=D(67800)), orders={})


def test_c6_an_invoice_at_another_price_differs_by_the_correction_only() -> None:
    before = account(limit(1000000), reserved("SO", 113000))
    delivered = before.when(lambda a: a.record_delivery("SO", "S1", D(67800), ON))
    invoiced = account(*before.facts[1:], *delivered.events).when(
        lambda a: a.record_invoice("I1", D(67122), ON, shipment="S1")
    )
    invoiced.then_state(totals=StageAmounts(open_orders=D(45200), receivable=D(67122)))
    assert invoiced.aggregate is not None
    assert invoiced.aggregate.exposure() == D(112322)


def test_c10_over_delivery_raises_delivered_and_leaks_nothing() -> None:
    before = account(limit(1000000), reserved("SO", 113000))
    delivered = before.when(lambda a: a.record_delivery("SO", "S1", D(117520), ON))
    delivered.then_state(totals=StageAmounts(delivered=D(117520)), orders={})
    account(*before.facts[1:], *delivered.events).when(lambda a: a.reduce("SO", D(0), ON)).then_nothing()


def test_an_over_delivered_line_does_not_use_up_another_line() -> None:
    account(reserved("O", 1500)).when(
        lambda a: a.record_delivery("O", "S1", D(1200), ON, fulfils=D(1000))
    ).then_state(totals=StageAmounts(open_orders=D(500), delivered=D(1200)))


def test_the_same_delivery_again_is_silent_while_order_or_invoice_is_open() -> None:
    before = account(reserved("O", 100))
    delivered = before.when(lambda a: a.record_delivery("O", "S1", D(60), ON)).events
    invoiced = (
        account(*before.facts[1:], *delivered)
        .when(lambda a: a.record_invoice("I", D(60), ON, shipment="S1"))
        .events
    )
    for heard in (delivered, [*delivered, *invoiced]):
        account(*before.facts[1:], *heard).when(
            lambda a: a.record_delivery("O", "S1", D(60), ON)
        ).then_nothing()


def test_an_invoice_heard_of_before_its_goods_counts_once() -> None:
    early = account(reserved("O", 100)).when(lambda a: a.record_invoice("I", D(60), ON, shipment="S1"))
    early.then_state(
        totals=StageAmounts(open_orders=D(100), receivable=D(60)), unbilled={"S1": Unbilled(D(-60))}
    )
    account(reserved("O", 100), *early.events).when(
        lambda a: a.record_delivery("O", "S1", D(60), ON)
    ).then_state(totals=StageAmounts(open_orders=D(40), receivable=D(60)), unbilled={})


def test_a_voided_invoice_leaves_its_goods_waiting_for_another() -> None:
    before = account(reserved("O", 100))
    delivered = before.when(lambda a: a.record_delivery("O", "S1", D(100), ON)).events
    invoiced = (
        account(*before.facts[1:], *delivered)
        .when(lambda a: a.record_invoice("I", D(99), ON, shipment="S1"))
        .events
    )
    account(*before.facts[1:], *delivered, *invoiced).when(
        lambda a: a.record_void("I", D(99), ON, shipment="S1", delivered=D(100))
    ).then_state(totals=StageAmounts(delivered=D(100)), unbilled={"S1": Unbilled(D(100))})


# C8: the queue

C8 = (limit(100000), owed(95000), refused("H1", 20000, 95000, 100000), refused("H2", 4000, 95000, 90000))


def test_c8_the_first_that_fits_goes_and_nobody_blocks_the_queue() -> None:
    paid = fact(CreditAccount.Paid, settlement="P", moved=StageAmounts(receivable=D(-12000)), on=ON)
    account(*C8).when(lambda a: a.record_payment("P", D(12000), ON)).then(paid, reserved("H2", 4000))


def test_c8_strict_fifo_releases_neither() -> None:
    paid = fact(CreditAccount.Paid, settlement="P", moved=StageAmounts(receivable=D(-12000)), on=ON)
    account(*C8, first=strict).when(lambda a: a.record_payment("P", D(12000), ON)).then(paid)


def test_a_request_asked_for_again_keeps_its_turn() -> None:
    again = refused("H1", 30000, 95000, 100000, revision=2)
    account(*C8, again).when(lambda a: a.record_payment("P", D(95000), ON)).then(
        fact(CreditAccount.Paid, settlement="P", moved=StageAmounts(receivable=D(-95000)), on=ON),
        reserved("H1", 30000, revision=2),
        reserved("H2", 4000),
    )


def test_a_credit_memo_and_cash_on_account_lower_exposure_and_a_reversal_raises_it() -> None:
    before = (limit(100), owed(100), refused("H", 30, 100, 100))
    account(*before).when(lambda a: a.record_credit("CM", D(30), ON)).then_state(held={})
    held = account(*before)
    paid = held.when(lambda a: a.record_payment("P", D(0), ON, on_account=D(30)))
    paid.then_state(held={})
    back = account(*held.facts[1:], *paid.events).when(
        lambda a: a.reverse_payment("P", D(0), ON, on_account=D(30))
    )
    back.then_state(totals=StageAmounts(open_orders=D(30), receivable=D(100)))


def test_using_a_credit_memo_changes_no_exposure() -> None:
    before = account(
        owed(100),
        fact(CreditAccount.Credited, document="CM", moved=StageAmounts(unapplied_credits=D(30)), on=ON),
    )
    used = before.when(lambda a: a.record_payment("P", D(100), ON, credits=D(30)))
    used.then_state(totals=StageAmounts())


# Release by a person


def test_a_person_releases_over_the_limit_and_the_limit_stays() -> None:
    values = {"requester": "li", "approver": "wang", "excess": D(100), "on": ON}
    released = fact(
        CreditAccount.ReleasedByPerson,
        order="H",
        revision=1,
        amount=D(200),
        moved=StageAmounts(open_orders=D(200)),
        **values,
    )
    held = account(limit(100), refused("H", 200, 0, 100))
    held.when(lambda a: a.release_by_person("H", 1, "li", "wang", ON)).then(released)
    account(*held.facts[1:], released).when(lambda a: a.reserve("O", 1, D(1), ON)).then(
        refused("O", 1, 200, 100)
    )


def test_the_requester_cannot_approve() -> None:
    account(limit(100), refused("H", 200, 0, 100)).when(
        lambda a: a.release_by_person("H", 1, "li", "li", ON)
    ).then_refused(REQUESTER_CANNOT_APPROVE, figure=D(100))


def test_the_approver_needs_authority_for_the_excess() -> None:
    account(limit(100), refused("H", 200, 0, 100)).when(
        lambda a: a.release_by_person("H", 1, "li", "wang", ON, authority=D(99))
    ).then_refused(APPROVER_LACKS_AUTHORITY, figure=D(100), limit=D(99), excess=D(1))


@pytest.mark.parametrize(("order", "revision"), [("other", 1), ("H", 2)])
def test_only_the_request_that_is_held_can_be_released(order: str, revision: int) -> None:
    account(limit(100), refused("H", 200, 0, 100)).when(
        lambda a: a.release_by_person(order, revision, "li", "wang", ON)
    ).then_refused(ORDER_NOT_HELD, held="H revision 1")
