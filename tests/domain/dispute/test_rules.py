"""Rules of law and contract, clocks, fines and the agreement they are read from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal as D
from fractions import Fraction
from typing import Any

import pytest

from domain.deduction_reasons import DeductionReason as R
from domain.dispute.agreement import FINE_RULE_UNKNOWN, DeductionAgreement, fine_rule
from domain.dispute.checks import RULES, ClaimFacts, LegalRule, RuleKind, check_claim
from domain.dispute.clocks import Clock, ClockTerms, Deadlines, deadlines, first_passed_on, passed
from domain.dispute.evidence import PaperKind, missing
from domain.dispute.fines import QUANTITIES_WRONG, FineFacts, FineRule, recompute
from domain.dispute.terms import TERMS_MALFORMED, DeductionTerms, WriteOffTerms, terms_from
from domain.fill_rate.choices import Comparison, PenaltyScope
from domain.fill_rate.policy import Goal
from domain.refusal import Refused
from tests.given import fact, given

FINE = ClaimFacts(D("1000.00"), "EUR", R.LATE_FINE, date(2026, 6, 1))
FEE = ClaimFacts(D("10000.00"), "CNY", R.FEE, date(2026, 6, 1))

# The law, what is known of the claim, and for each rule that fails the amount it strikes.
LAWS: dict[str, tuple[str, ClaimFacts, dict[str, str]]] = {
    "a fee that PRC forbids": ("CN", replace(FEE, fee="FESTIVAL_WITHOUT_SERVICE"), {"CN-FEES": "10000.00"}),
    "a fee that it does not": ("CN", replace(FEE, fee="PROMOTION_SERVICE"), {}),
    "a fee of unknown kind": ("CN", FEE, {}),
    "not a fee": ("CN", replace(FEE, reason=R.SHORTAGE, fee="FESTIVAL_WITHOUT_SERVICE"), {}),
    "set off without asking": ("FR", replace(FINE, set_off_agreed=False), {"FR-NO-SET-OFF": "1000.00"}),
    "set off as agreed": ("FR", replace(FINE, set_off_agreed=True), {}),
    "a year old to the day": ("FR", replace(FINE, about=date(2025, 6, 1)), {}),
    "a year and a day old": ("FR", replace(FINE, about=date(2025, 5, 31)), {"FR-ONE-YEAR": "1000.00"}),
    "at the cap": ("FR", replace(FINE, base=D("50000.00")), {}),
    "over the cap by the cent": ("FR", replace(FINE, base=D("49999.50")), {"FR-CAP": "0.01"}),
    "over the cap": ("FR", replace(FINE, base=D("40000.00")), {"FR-CAP": "200.00"}),
    "without proof": ("FR", replace(FINE, proof_sent=False), {"FR-PROOF": "1000.00"}),
    "agreed afterwards": (
        "GB", replace(FEE, about=date(2026, 1, 1), agreed_on=date(2026, 1, 2)), {"GB-RETROSPECTIVE": "10000.00"},
    ),
    "agreed on the day": ("GB", replace(FEE, about=date(2026, 1, 1), agreed_on=date(2026, 1, 1)), {}),
}  # fmt: skip


@pytest.mark.parametrize("case", LAWS)
def test_a_rule_strikes_the_failing_amount(case: str) -> None:
    law, claim, struck = LAWS[case]
    checked = check_claim(claim, RULES[law])
    assert {one.rule: str(one.amount) for one in checked.failed} == struck
    assert all(one.source for one in checked.failed)


def test_rules_strike_the_same_money_and_say_what_they_lack() -> None:
    checked = check_claim(replace(FINE, base=D("40000.00"), set_off_agreed=False), RULES["FR"])
    assert (checked.failing, len(checked.failed)) == (D("1000.00"), 2)
    assert checked.lacking == {"FR-ONE-YEAR": "about", "FR-PROOF": "proof_sent"}
    assert check_claim(FINE, ()).failing == 0


def test_a_contracts_own_rule() -> None:
    capped = LegalRule("7.2", RuleKind.OVER_CAP, "contract", percent=D("0.5"))
    (failed,) = check_claim(replace(FINE, base=D("100000.00")), (capped,)).failed
    assert (failed.amount, failed.figure, failed.limit) == (D("500.00"), "1000.00", "500.00")


# Clocks


def test_the_clocks_of_a_window_of_ninety_days() -> None:
    """Taken up on Friday: two business days end on Tuesday. Half of 90 is 45, seven tenths 63."""
    dates = deadlines(ClockTerms(window_days=90), date(2026, 3, 6), date(2026, 3, 2))
    assert dates == Deadlines(date(2026, 3, 10), date(2026, 4, 16), date(2026, 5, 4), date(2026, 5, 31))
    assert first_passed_on(dates) == {
        Clock.ACKNOWLEDGE: date(2026, 3, 11), Clock.EVIDENCE: date(2026, 4, 17), Clock.ESCALATE: date(2026, 5, 4),
        Clock.HARD_STOP: date(2026, 6, 1),
    }
    assert passed(dates, date(2026, 5, 3)) == (Clock.ACKNOWLEDGE, Clock.EVIDENCE)
    assert passed(dates, date(2026, 5, 4))[-1] is Clock.ESCALATE
    assert passed(dates, date(2026, 5, 31))[-1] is Clock.ESCALATE
    assert passed(dates, date(2026, 6, 1))[-1] is Clock.HARD_STOP


def test_a_window_of_an_odd_number_of_days_gives_up_the_part_day() -> None:
    dates = deadlines(ClockTerms(window_days=15), date(2026, 3, 2), date(2026, 3, 2))
    assert (dates.evidence_by, dates.escalate_on) == (date(2026, 3, 9), date(2026, 3, 12))  # 7.5 and 10.5 days


def test_without_a_window_only_the_acknowledgment_is_waited_for() -> None:
    dates = deadlines(ClockTerms(), date(2026, 3, 2), date(2026, 1, 1))
    assert dates == Deadlines(date(2026, 3, 4))
    unknown = deadlines(ClockTerms(window_days=10), date(2027, 3, 1), date(2027, 3, 1), lambda _: None)
    assert (unknown.acknowledge_by, unknown.last_day) == (None, date(2027, 3, 11))


# S6

S6 = FineRule(Goal(Fraction(95, 100)), Fraction(3))


def test_s6_a_fine_is_computed_anew_with_what_can_be_proven() -> None:
    counted = FineFacts(D(10000), D(9400), D(0), D(124))
    assert recompute(counted, S6, "USD").due == D("2232.00")
    met = recompute(replace(counted, proven=D(150)), S6, "USD")
    assert (met.rate, met.due) == (Fraction(191, 200), D(0))  # 95.50 %
    below = recompute(replace(counted, proven=D(90)), S6, "USD")
    assert (below.rate, below.missed, below.due) == (Fraction(949, 1000), D(510), D("1897.20"))
    assert D("2232.00") - below.due == D("334.80")


def test_the_goal_itself_is_met_unless_more_is_asked_for() -> None:
    at_goal = FineFacts(D(10000), D(9400), D(100), D(124))
    assert recompute(at_goal, S6, "USD").due == 0
    more = FineRule(Goal(Fraction(95, 100), Comparison.GT), Fraction(3))
    assert recompute(at_goal, more, "USD").due == D("1860.00")  # 500 x 124 x 3 %
    gap = FineRule(Goal(Fraction(95, 100)), Fraction(3), PenaltyScope.GAP_TO_GOAL)
    assert recompute(FineFacts(D(10000), D(9400), D(90), D(124)), gap, "USD").due == D("37.20")  # 10 x 124 x 3 %


@pytest.mark.parametrize("counted", [(0, 0, 0), (100, 90, 11), (100, -1, 0), (100, 90, -1)])
def test_quantities_that_cannot_be_are_refused(counted: tuple[int, int, int]) -> None:
    with pytest.raises(Refused) as refused:
        recompute(FineFacts(*(D(one) for one in counted), D(1)), S6, "USD")
    assert refused.value.refusal == QUANTITIES_WRONG


# The agreement

AGREED: dict[str, Any] = {
    "tolerance": {"amount": "10.00", "percent": "0.5"},
    "reasons": {"sh20": "SHORTAGE", "06": "DAMAGE"},
    "disputes": {
        "window_days": 90, "by_reason": {"LATE_FINE": {"window_days": 14, "escalate_percent": 60}}, "calendar": "CN",
        "write_off": {"band": "1000.00", "days": 7}, "supplier_percent": "60", "law": ["FR"],
        "rules": [{"rule": "7.2", "kind": "OVER_CAP", "percent": "2", "source": "contract", "reasons": ["LATE_FINE"]}],
    },
}


def test_an_agreement_is_read_whole() -> None:
    terms = terms_from(AGREED)
    assert terms.clock_of(R.SHORTAGE) == ClockTerms(window_days=90, calendar="CN")
    assert terms.clock_of(R.LATE_FINE) == ClockTerms(window_days=14, escalate_percent=60, calendar="CN")
    assert (terms.write_off, terms.supplier_percent) == (WriteOffTerms(D("1000.00"), 7), D(60))
    assert terms.rules == (*RULES["FR"], LegalRule("7.2", RuleKind.OVER_CAP, "contract", (R.LATE_FINE,), percent=D(2)))
    assert terms_from({}) == DeductionTerms()


# Their code, what is agreed, and our reason: as agreed, else X12 426, else EDIFACT 4465.
CODES = [
    ("SH20", AGREED, R.SHORTAGE), ("sh20 ", AGREED, R.SHORTAGE), ("06", AGREED, R.DAMAGE), ("06", {}, R.SHORTAGE),
    ("01", AGREED, R.PRICING), ("4465:20", AGREED, R.LATE_FINE), ("SH20", {}, R.UNSPECIFIED), ("", AGREED, R.UNSPECIFIED),
]


@pytest.mark.parametrize(("code", "agreement", "reason"), CODES)
def test_a_customers_code_reads_as_agreed(code: str, agreement: dict[str, Any], reason: R) -> None:
    assert terms_from(agreement).reason(code) is reason


def test_a_mapping_has_its_first_day() -> None:
    opened = fact(DeductionAgreement.Opened, partner="retail-a")
    first = fact(DeductionAgreement.Agreed, terms=terms_from(AGREED), first_day=date(2026, 1, 1))
    second = fact(DeductionAgreement.Agreed, terms=terms_from({"reasons": {"06": "RETURN"}}), first_day=date(2026, 7, 1))
    known = given(DeductionAgreement, opened, first, second)
    known.when(lambda a: a.agree(terms_from(AGREED), date(2026, 1, 1))).then_nothing()
    assert known.aggregate is not None
    read = {day: known.aggregate.terms_on(day).reason("06") for day in (date(2025, 12, 31), date(2026, 1, 1), date(2026, 7, 1))}
    assert list(read.values()) == [R.SHORTAGE, R.DAMAGE, R.RETURN]


def test_a_fine_rule_is_agreed_from_a_day() -> None:
    opened = fact(DeductionAgreement.Opened, partner="retail-a")
    rule = fine_rule("WMT-IF", date(2026, 1, 1), S6)
    given(DeductionAgreement, opened).when(lambda a: a.agree_fine_rule(rule)).then(
        fact(DeductionAgreement.FineRuleAgreed, rule=rule)
    )
    known = given(DeductionAgreement, opened, fact(DeductionAgreement.FineRuleAgreed, rule=rule))
    assert known.aggregate is not None and known.aggregate.fine_rule_on("WMT-IF", date(2026, 1, 1)) == S6
    known.when(lambda a: a.fine_rule_on("WMT-IF", date(2025, 12, 31))).then_refused(FINE_RULE_UNKNOWN)


MALFORMED: list[tuple[dict[str, Any], str]] = [
    ({"reasons": {"X": "SHORT"}}, "reasons/X"), ({"reasons": []}, "reasons"), ({"disputes": {"window": 3}}, "disputes"),
    ({"disputes": {"window_days": "90"}}, "disputes/window_days"), ({"disputes": {"window_days": -1}}, "disputes/window_days"),
    ({"disputes": {"window_days": True}}, "disputes/window_days"), ({"disputes": {"law": ["XX"]}}, "disputes/law"),
    ({"disputes": {"law": "CN"}}, "disputes/law"), ({"disputes": {"write_off": {"band": "x"}}}, "write_off/band"),
    ({"disputes": {"write_off": {"band": "-1"}}}, "write_off/band"),
    ({"disputes": {"supplier_percent": "101"}}, "disputes/supplier_percent"),
    ({"disputes": {"rules": [{"rule": "a", "kind": "NO_SET_OFF"}]}}, "rules/1/source"),
    ({"disputes": {"rules": [{"rule": "a", "kind": "WHAT", "source": "b"}]}}, "rules/1/kind"),
    ({"disputes": {"rules": [{"rule": "a", "kind": "OVER_CAP", "source": "b"}]}}, "rules/1"),
    ({"disputes": {"by_reason": {"FEE": 3}}}, "by_reason/FEE"),
]


@pytest.mark.parametrize(("agreement", "place"), MALFORMED)
def test_what_cannot_be_read_is_refused_with_its_place(agreement: dict[str, Any], place: str) -> None:
    with pytest.raises(Refused) as refused:
        terms_from(agreement)
    assert (refused.value.refusal, refused.value.parameters["place"]) == (TERMS_MALFORMED, place)


def test_what_decides_a_claim_and_is_missing() -> None:
    there = [PaperKind.ORDER, PaperKind.INVOICE, PaperKind.SHIP_NOTICE]
    assert missing(R.SHORTAGE, there) == (PaperKind.PROOF_OF_DELIVERY, PaperKind.RECEIPT)
    assert missing(R.UNSPECIFIED, []) == ()
