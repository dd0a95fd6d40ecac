"""Exposure and the judgement of a request: C1 of definitions.md 2.3, and limits by date."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given as whatever
from hypothesis import strategies as st

from domain.credit import (
    BaseLimit,
    CreditCode,
    CreditReason,
    LimitInForce,
    StageAmounts,
    TemporaryIncrease,
    judge_request,
    limit_on,
)

D = Decimal
C1 = StageAmounts(
    open_orders=D(904000) + D(565000),
    delivered=D(226000),
    unposted=D(113000),
    receivable=D(3164000),
    unapplied_cash=D(150000),
    unapplied_credits=D(45200),
)


def test_c1_static_exposure_headroom_and_the_held_order() -> None:
    assert C1.exposure() == D(4776800)
    limit = LimitInForce(D(5000000))
    assert limit.total is not None
    assert limit.total - C1.exposure() == D(223200)
    reasons = judge_request(D(339000), C1.exposure(), limit)
    assert reasons == (CreditReason(CreditCode.LIMIT_EXCEEDED, D(5115800), D(5000000), D(115800)),)


def test_c1_disputed_items_left_out() -> None:
    without_disputed = C1 + StageAmounts(receivable=D(-90000))
    assert without_disputed.exposure() == D(4686800)
    (reason,) = judge_request(D(339000), without_disputed.exposure(), LimitInForce(D(5000000)))
    assert (reason.figure, reason.excess) == (D(5025800), D(25800))


@pytest.mark.parametrize(
    ("request_amount", "limit", "expected"),
    [
        (D(100), LimitInForce(D(100)), []),  # inclusive
        (D("100.01"), LimitInForce(D(100)), [(CreditCode.LIMIT_EXCEEDED, D("0.01"))]),
        (D(100), LimitInForce(D(60), D(40)), []),
        (D(0), LimitInForce(None), []),
        (D(-5), LimitInForce(D(0), expired_on=date(2025, 1, 1)), []),
        (D(7), LimitInForce(None), [(CreditCode.NO_LIMIT, D(7))]),
        (D(7), LimitInForce(D(1000), D(2), date(2025, 1, 1)), [(CreditCode.LIMIT_EXPIRED, D(5))]),
        (D(1), LimitInForce(D(1000), D(2), date(2025, 1, 1)), [(CreditCode.LIMIT_EXPIRED, D(0))]),
    ],
)
def test_a_request_alone(
    request_amount: Decimal, limit: LimitInForce, expected: list[tuple[CreditCode, Decimal]]
) -> None:
    reasons = judge_request(request_amount, D(0), limit)
    assert [(reason.code, reason.excess) for reason in reasons] == expected


def test_c5_the_temporary_increase_covers_its_last_day() -> None:
    agreed = [BaseLimit(date(2025, 1, 1), D(5000000))]
    raised = [TemporaryIncrease(date(2025, 9, 1), date(2025, 9, 30), D(1000000))]
    totals = {day: limit_on(day, agreed, raised).total for day in (date(2025, 9, 30), date(2025, 10, 1))}
    assert totals == {date(2025, 9, 30): D(6000000), date(2025, 10, 1): D(5000000)}
    assert limit_on(date(2025, 8, 31), agreed, raised).total == D(5000000)


def test_the_latest_limit_whose_first_day_has_come_holds_until_its_last_day() -> None:
    agreed = [BaseLimit(date(2025, 1, 1), D(10)), BaseLimit(date(2025, 6, 1), D(20), date(2025, 6, 30))]
    assert limit_on(date(2024, 12, 31), agreed, []) == LimitInForce(None)
    assert limit_on(date(2025, 5, 31), agreed, []).total == D(10)
    assert limit_on(date(2025, 6, 30), agreed, []).total == D(20)
    assert limit_on(date(2025, 7, 1), agreed, []) == LimitInForce(D(20), D(0), date(2025, 6, 30))


amounts = st.decimals(-1000, 1000, places=2)
stages = st.builds(StageAmounts, **{field.name: amounts for field in fields(StageAmounts)})


@whatever(stages, stages)
def test_stages_add_up_and_take_back(one: StageAmounts, other: StageAmounts) -> None:
    assert one + other + -other == one
    assert (one + other).exposure() == one.exposure() + other.exposure()
