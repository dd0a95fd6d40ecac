"""The provisional due day (T13) and the legal maximum (T05) as an invoice carries them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D

from domain.calendars import PublishedCalendar, Roll, every_day
from domain.invoice_dates import invoice_dates, provisional_on
from domain.payment_terms import Baseline, DueRule, LegalMaximum, LegalWarning, PaymentTerms, RuleKind

HOLIDAY = frozenset(date(2025, 10, 1) + timedelta(days=n) for n in range(8))
CN = PublishedCalendar(frozenset({2025}), HOLIDAY)
NET_30, NET_60 = DueRule(RuleKind.NET_DAYS, days=30), DueRule(RuleKind.NET_DAYS, days=60)
BY_STATEMENT = PaymentTerms(NET_30, Baseline.STATEMENT_AGREED_DATE)


def test_t13_the_estimate_counts_from_the_statement_proposed() -> None:
    assert provisional_on(BY_STATEMENT, None, date(2025, 9, 25), every_day) == date(2025, 10, 25)
    assert provisional_on(BY_STATEMENT, date(2025, 11, 12), date(2025, 9, 25), every_day) is None  # it is known
    assert provisional_on(None, None, date(2025, 9, 25), every_day) is None
    rolled = PaymentTerms(NET_30, Baseline.STATEMENT_AGREED_DATE, roll=Roll.FOLLOWING, calendar="CN")
    assert provisional_on(rolled, None, date(2025, 12, 25), CN) is None  # 2026 is not published


def test_t05_the_warning_is_carried_and_the_due_day_stays() -> None:
    law = LegalMaximum(Baseline.GOODS_RECEIPT_DATE, 60)
    terms = PaymentTerms(NET_60, Baseline.GOODS_RECEIPT_DATE, roll=Roll.FOLLOWING, calendar="CN", legal_maximum=law)
    amounts = {"net": D(100), "gross": D(113), "currency": "CNY"}
    made = invoice_dates(terms, **amounts, baselines={Baseline.GOODS_RECEIPT_DATE: date(2025, 8, 8)}, working_days=CN)
    assert made["due_on"] == date(2025, 10, 9)
    assert made["legal_warnings"] == (LegalWarning(date(2025, 10, 9), 62, 60, 2),)
