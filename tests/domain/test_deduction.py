"""A deduction is its credited, voided and outstanding parts, and says nothing twice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from domain.deduction import (
    CREDIT_EXCEEDS_OUTSTANDING,
    CREDIT_MEMO_USED_ALREADY,
    DEDUCTION_NOT_POSITIVE,
    DISPUTED_MORE,
    IN_DISPUTE,
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


# Disputes: I2 is amount = credited + repaid + written off + voided + outstanding

D1, D2 = "dispute/acme/retail-a/D1", "dispute/acme/retail-a/D2"
disputed = fact(Deduction.Disputed, dispute=D1, amount=D("2000.00"))
repaid = fact(Deduction.Repaid, settlement="R2", amount=D("904.00"), account="retail-a", dispute=D1)
written_off = fact(Deduction.WrittenOff, document="W1", amount=D("100.00"), account="retail-a", dispute=D1)
DISPUTED = (taken_over := fact(Deduction.Taken, amount=D("2260.00"), **FACTS), disputed)


def test_disputes_share_what_is_outstanding() -> None:
    given(Deduction, taken_over).when(lambda d: d.claim(D1, D("2000.00"))).then(disputed).then_state(free=D("260.00"))
    given(Deduction, *DISPUTED).when(lambda d: d.claim(D1, D("2000.00"))).then_nothing()
    given(Deduction, *DISPUTED).when(lambda d: d.claim(D2, D("260.01"))).then_refused(
        DISPUTED_MORE, limit=D("260.00"), excess=D("0.01")
    )
    given(Deduction, *DISPUTED).when(lambda d: d.claim(D1, D("2260.00"))).then_state(free=D(0))
    given(Deduction, *DISPUTED).when(lambda d: d.claim(D1, D(0))).then_state(free=D("2260.00"), disputed={})


def test_what_a_dispute_claims_is_resolved_through_it() -> None:
    given(Deduction, *DISPUTED).when(lambda d: d.credit("CM2", D("260.01"))).then_refused(
        IN_DISPUTE, limit=D("260.00"), excess=D("0.01")
    )
    given(Deduction, *DISPUTED).when(lambda d: d.credit("CM2", D("260.00"))).then_state(
        outstanding=D("2000.00"), free=D(0), disputed={D1: D("2000.00")}
    )
    given(Deduction, *DISPUTED).when(lambda d: d.credit("CM2", D("1356.00"), D1)).then_state(
        outstanding=D("904.00"), free=D("260.00"), disputed={D1: D("644.00")}
    )
    given(Deduction, *DISPUTED).when(lambda d: d.credit("CM2", D("0.01"), D2)).then_refused(IN_DISPUTE, limit=D(0))
    given(Deduction, *DISPUTED).when(lambda d: d.repay("R2", D("904.00"), D1)).then(repaid)
    given(Deduction, *DISPUTED, repaid).when(lambda d: d.write_off("W1", D("100.00"), D1)).then(written_off).then_state(
        outstanding=D("1256.00"), disputed={D1: D("996.00")}
    )


def test_what_is_reversed_is_claimed_again() -> None:
    whole = (*DISPUTED, repaid, written_off)
    given(Deduction, *whole).when(lambda d: d.reverse_repayment("R2")).then_state(
        outstanding=D("2160.00"), disputed={D1: D("1900.00")}, repaid={}
    )
    given(Deduction, *whole).when(lambda d: d.reverse_write_off("W1")).then_state(
        outstanding=D("1356.00"), disputed={D1: D("1096.00")}, written_off={}
    )
    given(Deduction, *whole).when(lambda d: d.reverse_repayment("R9")).then_nothing()
    given(Deduction, *whole).when(lambda d: d.void("bounced")).then_state(
        outstanding=D(0), voided=D("1256.00"), disputed={}, free=D(0)
    )
