"""A verdict follows from its parts, and its parts make up the claim (definitions 4.5, I9, S2, S9)."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from hypothesis import given as over
from hypothesis import strategies as st

from domain.dispute.verdict import (
    PART_NEGATIVE, PART_TOO_FINE, PARTS_DO_NOT_ADD_UP, VERDICT_DIFFERS, Fault, Shares, Verdict, after_checks, check_shares,
    check_verdict, fault_of, split_both, verdict_of,
)
from domain.refusal import Refused

V, F = Verdict, Fault


def shares(supplier: str = "0", customer: str = "0", contractual: str = "0", undetermined: str = "0") -> Shares:
    return Shares(D(supplier), D(customer), D(contractual), D(undetermined))


CASES = {
    "all ours": (shares("100.00"), V.VALID, F.SUPPLIER),
    "all agreed": (shares(contractual="100.00"), V.VALID, F.CONTRACTUAL),
    "ours and agreed": (shares("40.00", contractual="60.00"), V.VALID, F.SUPPLIER),
    "all the customer's": (shares(customer="100.00"), V.INVALID, F.CUSTOMER),
    "S2, the shortage": (shares("1356.00", "904.00"), V.PARTIALLY_VALID, F.BOTH),
    "agreed in part": (shares(customer="1.00", contractual="99.00"), V.PARTIALLY_VALID, F.BOTH),
    "nobody knows": (shares(undetermined="100.00"), V.UNDETERMINED, None),
    "a part is not known": (shares("40.00", "50.00", undetermined="10.00"), V.UNDETERMINED, None),
}


@pytest.mark.parametrize("case", CASES)
def test_the_parts_say_verdict_and_fault(case: str) -> None:
    parts, verdict, fault = CASES[case]
    assert (verdict_of(parts), fault_of(parts)) == (verdict, fault)
    check_verdict("d", parts, verdict, fault)
    check_verdict("d", parts, None, None)


CONTRADICTIONS = [
    (shares("100.00"), V.INVALID, None), (shares("100.00"), None, F.CUSTOMER), (shares(customer="100.00"), V.VALID, None),
    (shares("50.00", "50.00"), V.PARTIALLY_VALID, F.SUPPLIER), (shares(contractual="1.00"), V.VALID, F.BOTH),
    (shares(undetermined="1.00"), V.VALID, None), (shares(undetermined="1.00"), None, F.SUPPLIER),
]


@pytest.mark.parametrize(("parts", "verdict", "fault"), CONTRADICTIONS)
def test_another_verdict_or_fault_is_refused(parts: Shares, verdict: Verdict | None, fault: Fault | None) -> None:
    with pytest.raises(Refused) as refused:
        check_verdict("d", parts, verdict, fault)
    assert refused.value.refusal == VERDICT_DIFFERS


WRONG = [
    (shares("1356.00", "903.99"), PARTS_DO_NOT_ADD_UP, "-0.01"), (shares("1356.00", "904.01"), PARTS_DO_NOT_ADD_UP, "0.01"),
    (shares("2261.00", "-1.00"), PART_NEGATIVE, None), (shares("1356.005", "903.995"), PART_TOO_FINE, None),
]


@pytest.mark.parametrize(("parts", "refusal", "excess"), WRONG)
def test_parts_that_do_not_make_up_the_claim_are_refused(parts: Shares, refusal: object, excess: str | None) -> None:
    with pytest.raises(Refused) as refused:
        check_shares("d", D("2260.00"), "CNY", parts)
    assert refused.value.refusal == refusal
    assert refused.value.parameters.get("excess") == excess
    check_shares("d", D("2260.00"), "CNY", shares("1356.00", "904.00"))


def test_s9_both_erred_and_nobody_knows_by_how_much() -> None:
    assert split_both(D("333.33"), "CNY") == shares("166.67", "166.66")
    assert split_both(D("333.33"), "CNY", D(60)) == shares("200.00", "133.33")  # 199.998
    assert split_both(D("5"), "JPY") == shares("3", "2")
    assert split_both(D("100.00"), "CNY", D(0)) == shares("0.00", "100.00")
    assert split_both(D("100.00"), "CNY", D(100)) == shares("100.00", "0.00")


STRUCK = [
    (shares("100.00"), "30.00", shares("70.00", "30.00")),
    (shares("50.00", "50.00"), "30.00", shares("50.00", "50.00")),  # the facts gave the customer more already
    (shares("50.00", "50.00"), "70.00", shares("30.00", "70.00")),
    (shares(undetermined="100.00"), "100.00", shares(customer="100.00")),
    (shares("40.00", "0", "40.00", "20.00"), "50.00", shares("40.00", "50.00", "10.00")),
    (shares("40.00", "0", "40.00", "20.00"), "0", shares("40.00", "0", "40.00", "20.00")),
]


@pytest.mark.parametrize(("facts", "failing", "after"), STRUCK)
def test_what_law_strikes_is_the_customers_whatever_the_facts(facts: Shares, failing: str, after: Shares) -> None:
    assert after_checks(facts, D(failing)) == after


amounts = st.integers(0, 10_000_000).map(lambda cents: D(cents).scaleb(-2))


@over(amounts, amounts, amounts, amounts, amounts)
def test_no_cent_is_lost(a: D, b: D, c: D, d: D, failing: D) -> None:
    facts = Shares(a, b, c, d)
    after = after_checks(facts, min(failing, facts.total))
    assert after.total == facts.total
    assert min(after.supplier, after.customer, after.contractual, after.undetermined) >= 0
    assert after.customer >= min(failing, facts.total)


@over(amounts, st.integers(0, 100))
def test_a_division_makes_up_the_claim(claim: D, percent: int) -> None:
    parts = split_both(claim, "CNY", D(percent))
    assert parts.total == claim and min(parts.supplier, parts.customer) >= 0
    assert abs(parts.supplier - claim * percent / 100) <= D("0.005")
