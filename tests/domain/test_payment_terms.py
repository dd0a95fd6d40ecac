"""Due dates for every rule kind: the rows of definitions.md 3.2, written out by hand."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as whatever
from hypothesis import strategies as st

from domain.calendars import CALENDAR_UNKNOWN, PublishedCalendar, Roll, every_day
from domain.payment_terms import (
    TERMS_INCONSISTENT,
    Baseline,
    Bracket,
    Discount,
    DiscountBase,
    DueRule,
    Instalment,
    LegalMaximum,
    LegalWarning,
    PaymentRun,
    PaymentTerms,
    RuleKind,
    RunKind,
    check_terms,
    discount_amount,
    due_dates,
    expected_cash_on,
    instalment_amounts,
)
from domain.refusal import Refused

GOLDEN = Path(__file__).parents[3] / "shared" / "domain" / "golden.json"


def days(first: str, last: str) -> frozenset[date]:
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    return frozenset(begin + timedelta(days=n) for n in range((end - begin).days + 1))


# The published days that the rows below touch: National Day 2025, New Year 2026 and their working weekends.
CN = PublishedCalendar(
    years=frozenset({2025, 2026}),
    days_off=days("2025-10-01", "2025-10-08") | days("2026-01-01", "2026-01-03"),
    working_weekends=frozenset({date(2025, 9, 28), date(2025, 10, 11), date(2026, 1, 4)}),
)

NET_30 = DueRule(RuleKind.NET_DAYS, days=30)
NET_60 = DueRule(RuleKind.NET_DAYS, days=60)
EOM_30 = DueRule(RuleKind.EOM_PLUS_DAYS, days=30)
CUT_OFF_25_THEN_15TH = DueRule(RuleKind.DAY_OF_MONTH, cutoff_day=25, months=1, day=15)
PROX_25 = DueRule(RuleKind.DAY_OF_MONTH, cutoff_day=25, months=1, day=25)
NEXT_31ST = DueRule(RuleKind.DAY_OF_MONTH, cutoff_day=31, months=1, day=31)
BRACKETS = DueRule(
    RuleKind.BRACKETS, brackets=(Bracket(1, 9, 1, 10), Bracket(10, 25, 1, 25), Bracket(26, 31, 2, 10))
)
F, P, M, N = Roll.FOLLOWING, Roll.PRECEDING, Roll.MODIFIED_FOLLOWING, Roll.NONE

ROWS = [
    ("T01", "2025-01-31", NET_30, "2025-03-02", F, "2025-03-03"),
    ("T01 not rolled", "2025-01-31", NET_30, "2025-03-02", N, "2025-03-02"),
    ("T02a", "2025-01-15", EOM_30, "2025-03-02", F, "2025-03-03"),
    ("T02b", "2025-01-15", DueRule(RuleKind.DAYS_THEN_EOM, days=30), "2025-02-28", F, "2025-02-28"),
    ("T02c", "2025-01-15", DueRule(RuleKind.EOM_PLUS_DAYS, months=1), "2025-02-28", F, "2025-02-28"),
    ("T03a", "2025-03-10", DueRule(RuleKind.EOM_PLUS_DAYS, days=45), "2025-05-15", N, "2025-05-15"),
    ("T03b", "2025-03-10", DueRule(RuleKind.DAYS_THEN_EOM, days=45), "2025-04-30", N, "2025-04-30"),
    ("T04a", "2025-09-25", CUT_OFF_25_THEN_15TH, "2025-10-15", F, "2025-10-15"),
    ("T04b", "2025-09-26", CUT_OFF_25_THEN_15TH, "2025-11-15", F, "2025-11-17"),
    ("T05a", "2025-08-08", NET_60, "2025-10-07", F, "2025-10-09"),
    ("T05b", "2025-08-08", NET_60, "2025-10-07", P, "2025-09-30"),
    ("T05 modified", "2025-08-08", NET_60, "2025-10-07", M, "2025-10-09"),
    ("T06a", "2025-09-11", NET_30, "2025-10-11", F, "2025-10-11"),
    ("T06b", "2025-08-29", NET_30, "2025-09-28", F, "2025-09-28"),
    ("T06c", "2025-10-02", NET_30, "2025-11-01", F, "2025-11-03"),
    ("T07 on the 9th", "2025-06-09", BRACKETS, "2025-07-10", N, "2025-07-10"),
    ("T07 on the 10th", "2025-06-10", BRACKETS, "2025-07-25", N, "2025-07-25"),
    ("T07 on the 25th", "2025-06-25", BRACKETS, "2025-07-25", N, "2025-07-25"),
    ("T07 on the 26th", "2025-06-26", BRACKETS, "2025-08-10", N, "2025-08-10"),
    ("T08 on the cut-off", "2025-03-25", PROX_25, "2025-04-25", N, "2025-04-25"),
    ("T08 a day later", "2025-03-26", PROX_25, "2025-05-25", N, "2025-05-25"),
    ("T09", "2025-01-15", NEXT_31ST, "2025-02-28", N, "2025-02-28"),
    ("T09 leap year", "2024-01-15", NEXT_31ST, "2024-02-29", N, "2024-02-29"),
    ("T15", "2025-12-05", NET_30, "2026-01-04", F, "2026-01-04"),
    ("T16", "2025-12-31", BRACKETS, "2026-02-10", N, "2026-02-10"),
    ("T17", "2024-01-31", EOM_30, "2024-03-01", N, "2024-03-01"),
    ("end of May, back within May", "2025-05-01", NET_30, "2025-05-31", M, "2025-05-30"),
]


@pytest.mark.parametrize(
    ("name", "baseline", "rule", "unrolled", "roll", "due"), ROWS, ids=[r[0] for r in ROWS]
)
def test_the_due_date(name: str, baseline: str, rule: DueRule, unrolled: str, roll: Roll, due: str) -> None:
    terms = PaymentTerms(rule, roll=roll, calendar="NONE" if roll is N else "CN")
    (part,) = due_dates(terms, date.fromisoformat(baseline), CN).due
    assert (part.unrolled.isoformat(), part.due_on.isoformat()) == (unrolled, due)


def test_t05_beyond_the_legal_maximum_warns_and_stays() -> None:
    law = LegalMaximum(Baseline.GOODS_RECEIPT_DATE, 60)
    terms = PaymentTerms(NET_60, Baseline.GOODS_RECEIPT_DATE, roll=F, calendar="CN", legal_maximum=law)
    received = date(2025, 8, 8)
    (warning,) = due_dates(terms, received, CN).warnings
    assert warning == LegalWarning(date(2025, 10, 9), 62, 60, 2)
    earlier = PaymentTerms(NET_60, Baseline.GOODS_RECEIPT_DATE, roll=P, calendar="CN", legal_maximum=law)
    assert due_dates(earlier, received, CN).warnings == ()
    invoiced = PaymentTerms(NET_60, legal_maximum=law)
    assert due_dates(invoiced, date(2025, 8, 10), received_on=received).warnings[0].days == 62


def test_t10_the_discount_and_its_last_day() -> None:
    ten_days = DueRule(RuleKind.NET_DAYS, days=10)
    gross = Discount(Decimal(2), ten_days)
    net = Discount(Decimal(2), ten_days, DiscountBase.NET_OF_TAX, grace_days=3)
    schedule = due_dates(PaymentTerms(NET_30, discounts=(gross, net)), date(2025, 4, 1))
    assert schedule.due_on == date(2025, 5, 1)
    assert [(d.discount_on, d.last_day) for d in schedule.discounts] == [
        (date(2025, 4, 11), date(2025, 4, 11)),
        (date(2025, 4, 11), date(2025, 4, 14)),
    ]
    amounts = [discount_amount(d, Decimal(10000), Decimal(11300), "CNY") for d in (gross, net)]
    assert amounts == [Decimal("226.00"), Decimal("200.00")]


def test_a_discount_date_rolls_as_the_due_date_does() -> None:
    discount = Discount(Decimal(2), DueRule(RuleKind.NET_DAYS, days=1))
    schedule = due_dates(
        PaymentTerms(NET_30, discounts=(discount,), roll=F, calendar="CN"), date(2025, 9, 30), CN
    )
    assert schedule.discounts[0].discount_on == date(2025, 10, 9)


def test_t11_equal_instalments_give_the_remainder_to_the_last() -> None:
    third = Decimal("33.33")
    terms = PaymentTerms(NET_30, instalments=tuple(Instalment(third, NET_30) for _ in range(3)))
    check_terms(terms)
    amounts = [Decimal("33.33"), Decimal("33.33"), Decimal("33.34")]
    assert instalment_amounts(terms, Decimal("100.00"), "CNY") == amounts
    assert instalment_amounts(terms, Decimal("1000.00"), "CNY")[0] == Decimal("333.33")


def test_instalments_fall_due_by_their_own_rules() -> None:
    terms = PaymentTerms(
        NET_30, instalments=(Instalment(Decimal(30), NET_30), Instalment(Decimal(70), NET_60))
    )
    schedule = due_dates(terms, date(2025, 1, 1))
    assert [part.due_on for part in schedule.due] == [date(2025, 1, 31), date(2025, 3, 2)]
    assert schedule.due_on == date(2025, 3, 2)
    assert instalment_amounts(terms, Decimal("99.99"), "CNY") == [Decimal("30.00"), Decimal("69.99")]


@pytest.mark.parametrize(
    ("run", "due", "cash"),
    [
        (PaymentRun(), "2020-03-19", "2020-03-19"),
        (PaymentRun(RunKind.WEEKLY, weekday=1), "2020-03-19", "2020-03-23"),  # T12
        (PaymentRun(RunKind.WEEKLY, weekday=4), "2020-03-19", "2020-03-19"),
        (PaymentRun(RunKind.MONTHLY, day=31), "2020-02-10", "2020-02-29"),
        (PaymentRun(RunKind.MONTHLY, day=5), "2020-03-19", "2020-04-05"),
        (PaymentRun(RunKind.FIRST_BUSINESS_DAY), "2020-04-30", "2020-05-01"),  # T12
        (PaymentRun(RunKind.FIRST_BUSINESS_DAY), "2020-05-01", "2020-05-01"),
    ],
)
def test_t12_the_run_gives_the_expected_cash_date(run: PaymentRun, due: str, cash: str) -> None:
    assert expected_cash_on(run, date.fromisoformat(due)).isoformat() == cash


def test_t12_the_due_dates_before_the_runs() -> None:
    twelve = PaymentTerms(DueRule(RuleKind.NET_DAYS, days=12), Baseline.GOODS_RECEIPT_DATE)
    assert due_dates(twelve, date(2020, 3, 7)).due_on == date(2020, 3, 19)
    monthly = PaymentTerms(DueRule(RuleKind.EOM_PLUS_DAYS, months=1), Baseline.GOODS_RECEIPT_DATE)
    assert due_dates(monthly, date(2020, 3, 8)).due_on == date(2020, 4, 30)


def test_a_year_that_is_not_published_is_unknown_and_never_weekends_only() -> None:
    terms = PaymentTerms(NET_30, roll=F, calendar="CN")
    with pytest.raises(Refused) as refused:
        due_dates(terms, date(2026, 12, 20), CN)
    assert refused.value.refusal is CALENDAR_UNKNOWN
    assert refused.value.parameters["year"] == 2027
    assert "2027" in str(refused.value)


@pytest.mark.parametrize(
    "terms",
    [
        PaymentTerms(DueRule(RuleKind.NET_DAYS, days=-1)),
        PaymentTerms(DueRule(RuleKind.DAY_OF_MONTH, day=32)),
        PaymentTerms(DueRule(RuleKind.BRACKETS, brackets=(Bracket(1, 9, 1, 10), Bracket(11, 31, 1, 25)))),
        PaymentTerms(DueRule(RuleKind.BRACKETS, brackets=(Bracket(1, 20, 1, 10), Bracket(20, 31, 1, 25)))),
        PaymentTerms(NET_30, instalments=(Instalment(Decimal(50), NET_30), Instalment(Decimal(40), NET_60))),
        PaymentTerms(NET_30, instalments=(Instalment(Decimal(0), NET_30),)),
        PaymentTerms(NET_30, discounts=(Discount(Decimal(100), NET_30),)),
        PaymentTerms(NET_30, roll=F),
        PaymentTerms(NET_30, discounts=(Discount(Decimal(2), DueRule(RuleKind.NET_DAYS, days=-1)),)),
    ],
)
def test_terms_that_give_no_date_are_refused(terms: PaymentTerms) -> None:
    with pytest.raises(Refused) as refused:
        check_terms(terms)
    assert refused.value.refusal is TERMS_INCONSISTENT


@whatever(
    st.dates(date(2000, 1, 1), date(2090, 12, 31)),
    st.sampled_from([NET_30, EOM_30, CUT_OFF_25_THEN_15TH, PROX_25, NEXT_31ST, BRACKETS]),
    st.decimals("0.01", "99999.99", places=2),
    st.lists(st.integers(1, 60), min_size=1, max_size=4),
)
def test_a_later_baseline_is_never_due_earlier_and_parts_sum_to_the_whole(
    baseline: date, rule: DueRule, gross: Decimal, percents: list[int]
) -> None:
    terms = PaymentTerms(rule, instalments=tuple(Instalment(Decimal(p), rule) for p in percents))
    today = due_dates(terms, baseline, every_day).due_on
    assert baseline <= today <= due_dates(terms, baseline + timedelta(days=1), every_day).due_on
    assert sum(instalment_amounts(terms, gross, "USD")) == gross


def golden_rows() -> list[dict[str, Any]]:
    if not GOLDEN.exists():
        return []
    rows: list[dict[str, Any]] = json.loads(GOLDEN.read_text(encoding="utf-8"))["paymentTerms"]
    return rows


def golden_rule(row: dict[str, Any]) -> DueRule:
    names = {"fromDay": "from_day", "toDay": "to_day", "cutoffDay": "cutoff_day"}
    rule = {names.get(key, key): value for key, value in row.items()}
    rule["kind"] = RuleKind(rule["kind"])
    rule["brackets"] = tuple(
        Bracket(**{names.get(key, key): value for key, value in bracket.items()})
        for bracket in rule.get("brackets", ())
    )
    return DueRule(**rule)


@pytest.mark.skipif(not GOLDEN.exists(), reason=f"the golden file is not here: {GOLDEN}")
def test_every_golden_row() -> None:
    rows = golden_rows()
    assert len(rows) == 26
    for row in rows:
        terms = PaymentTerms(
            golden_rule(row["rule"]), roll=Roll(row["roll"]), calendar=row["calendar"] or "NONE"
        )
        (part,) = due_dates(terms, date.fromisoformat(row["baseline"]), CN).due
        assert (part.unrolled.isoformat(), part.due_on.isoformat()) == (row["unrolled"], row["due"]), row[
            "id"
        ]
