"""A deduction is its credited, voided and outstanding parts, and says nothing twice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from domain.deduction import (
    CREDIT_EXCEEDS_OUTSTANDING,
    CREDIT_MEMO_USED_ALREADY,
    DEDUCTION_NOT_POSITIVE,
    Deduction,
)
from domain.deduction_reasons import DeductionReason
from tests.given import fact, given

D = Decimal
FACTS: dict[str, Any] = {
    "company": "acme",
    "partner": "retail-a",
    "account": "retail-a",
    "settlement": "settlement/acme/retail-a/R1",
    "invoice": "invoice/acme/INV1",
    "currency": "CNY",
    "customer_reason": "06",
    "reason": DeductionReason.SHORTAGE,
    "taken_on": date(2025, 10, 9),
}
taken = fact(Deduction.Taken, amount=D("2260.00"), **FACTS)
credited = fact(Deduction.Credited, credit_memo="CM2", amount=D("1356.00"), account="retail-a")


def test_an_amount_kept_back_is_taken() -> None:
    stream = Deduction.stream("acme", "retail-a", "R1", 1)
    assert stream == "deduction/acme/retail-a/R1/1"
    given(Deduction).when_new(lambda: Deduction.take(stream, amount=D("2260.00"), **FACTS)).then(taken)
    given(Deduction).when_new(lambda: Deduction.take(stream, amount=D(0), **FACTS)).then_refused(
        DEDUCTION_NOT_POSITIVE, figure=D(0)
    )


def test_our_share_is_credited_once_per_memo() -> None:
    given(Deduction, taken).when(lambda d: d.credit("CM2", D("1356.00"))).then(credited)
    given(Deduction, taken, credited).when(lambda d: d.credit("CM2", D("1356.00"))).then_nothing()
    given(Deduction, taken, credited).when(lambda d: d.credit("CM2", D(1))).then_refused(
        CREDIT_MEMO_USED_ALREADY
    )


def test_no_more_is_credited_than_is_outstanding() -> None:
    given(Deduction, taken, credited).when(lambda d: d.credit("CM3", D("904.01"))).then_refused(
        CREDIT_EXCEEDS_OUTSTANDING, figure=D("904.01"), limit=D("904.00"), excess=D("0.01")
    )


def test_voiding_takes_what_is_outstanding_and_keeps_what_was_credited() -> None:
    voided = fact(Deduction.Voided, reason="payment bounced", amount=D("904.00"))
    given(Deduction, taken, credited).when(lambda d: d.void("payment bounced")).then(voided)
    after = given(Deduction, taken, credited, voided)
    assert after.state.outstanding == 0
    after.when(lambda d: d.void("again")).then_nothing()
