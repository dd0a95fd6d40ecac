"""Logistic parameters: their JSON form, the agreement on a partner, and the five that an order may break."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.agreements import AgreedLogistics
from domain.calendars import CALENDAR_UNKNOWN, PublishedCalendar
from domain.fill_rate.parameters import (
    CUSTOMER_NUMBERS, PARAMETERS_NOT_VALID, LogisticParameters, as_agreed, bank_holiday, excuses, parameters_from,
    parameters_json,
)
from domain.order import ScheduleLine
from domain.refusal import Refused
from domain.trading_partner import TradingPartner
from domain.trading_partner import refusals as no
from domain.values import Side
from tests.domain.failure_facts import WANTED, amended, cancelled, day, known, line, order_line
from tests.given import fact, given

WHOLE = LogisticParameters(
    Decimal("12.5"), 5, (1, 3, 5), (date(2026, 12, 24), date(2026, 12, 31)), "DE", 2, excused=False
)
WRITTEN = {
    "minimumOrderCases": "12.5", "leadTimeDays": 5, "deliveryWeekdays": [1, 3, 5],
    "supplierHolidays": ["2026-12-24", "2026-12-31"], "calendar": "DE", "transitDays": 2, "excused": False,
}  # fmt: skip
NOTHING_AGREED = {
    "minimumOrderCases": None, "leadTimeDays": None, "deliveryWeekdays": [], "supplierHolidays": [], "calendar": None,
    "transitDays": None, "excused": True,
}  # fmt: skip


def test_the_form_is_read_and_written_whole() -> None:
    assert parameters_from(WRITTEN) == WHOLE
    assert parameters_json(WHOLE) == WRITTEN
    assert parameters_json(parameters_from({})) == NOTHING_AGREED


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no such field": ({"leadTime": 5}, "/leadTime: there is no such field; the fields here are minimumOrderCases, leadTimeDays"),
    "no whole number": ({"leadTimeDays": "5"}, "/leadTimeDays: send a whole number"),
    "below 0": ({"leadTimeDays": -1}, "/leadTimeDays: -1 is not between 0 and 366 days"),
    "too long": ({"transitDays": 367}, "/transitDays: 367 is not between 0 and 366 days"),
    "no number": ({"minimumOrderCases": "many"}, '/minimumOrderCases: send a number as text, for example "12.5"'),
    "a fraction": ({"minimumOrderCases": "1/3"}, '/minimumOrderCases: send a number as text, for example "12.5"'),
    "a negative minimum": ({"minimumOrderCases": "-1"}, "/minimumOrderCases: -1 is below 0"),
    "no weekday": ({"deliveryWeekdays": [0, 3, 8]}, "/deliveryWeekdays: 0, 8 is no weekday; 1 is Monday, 7 is Sunday"),
    "a weekday twice": ({"deliveryWeekdays": [3, 3]}, "/deliveryWeekdays: each may be named once"),
    "no list": ({"deliveryWeekdays": 3}, "/deliveryWeekdays: send a list of whole numbers"),
    "no day": ({"supplierHolidays": ["2026-02-30"]}, "/supplierHolidays: send a day that exists as YYYY-MM-DD"),
    "no calendar": ({"calendar": "XX"}, "/calendar: XX is no calendar of bank holidays; there are CN, DE"),
    "a calendar without holidays": ({"calendar": "NONE"}, "/calendar: NONE is no calendar"),
    "blank, but it has a value": ({"excused": None}, "/excused: this field cannot be blank"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_with_its_field(name: str) -> None:
    said, sentence = WRONG[name]
    with pytest.raises(Refused) as refused:
        parameters_from(said, ("DE", "CN"))
    assert refused.value.refusal is PARAMETERS_NOT_VALID
    assert sentence in str(refused.value)


def test_a_calendar_without_holidays_is_none_whatever_calendars_there_are() -> None:
    with pytest.raises(Refused, match="/calendar: NONE is no calendar"):
        parameters_from({"calendar": "NONE"})
    assert parameters_from({"calendar": "XX"}).calendar == "XX", "which there are is known at the door"


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(Refused) as refused:
        parameters_from({"leadTimeDays": -1, "transitDays": -2, "deliveryWeekdays": [9]})
    assert all(name in str(refused.value) for name in ("/leadTimeDays", "/transitDays", "/deliveryWeekdays"))


# The agreement.

REGISTERED = fact(
    TradingPartner.Registered, partner="retailer", name="Retailer", company="acme", currency="EUR", zone="Europe/Berlin",
    parent=None, account="retailer",
)  # fmt: skip
JANUARY, MARCH = date(2026, 1, 1), date(2026, 3, 1)


def agreed(parameters: dict[str, Any], first_day: date) -> TradingPartner.LogisticParametersAgreed:
    return fact(
        TradingPartner.LogisticParametersAgreed, partner="retailer", parameters=parameters, first_day=first_day
    )


def test_they_are_agreed_from_a_day_and_the_same_again_is_silent() -> None:
    new = given(TradingPartner, REGISTERED).when(lambda partner: partner.agree_logistic_parameters(WRITTEN, JANUARY))
    new.then(agreed(WRITTEN, JANUARY))
    again = given(TradingPartner, REGISTERED, agreed(WRITTEN, JANUARY))
    again.when(lambda partner: partner.agree_logistic_parameters(WRITTEN, JANUARY)).then()
    again.when(lambda partner: partner.agree_logistic_parameters(WRITTEN, MARCH)).then(agreed(WRITTEN, MARCH))


def test_wrong_ones_and_those_of_a_closed_partner_are_refused() -> None:
    wrong = given(TradingPartner, REGISTERED).when(lambda partner: partner.agree_logistic_parameters({"x": 1}, JANUARY))
    wrong.then_refused(PARAMETERS_NOT_VALID)
    closed = given(TradingPartner, REGISTERED, fact(TradingPartner.Closed, partner="retailer", closed_on=JANUARY))
    closed.when(lambda partner: partner.agree_logistic_parameters(WRITTEN, MARCH)).then_refused(no.PARTNER_CLOSED)


def test_those_hold_that_were_in_force_when_the_line_was_ordered() -> None:
    """Of two agreed for one first day the later holds; a line that came with a change was ordered on its day."""
    versions = [
        AgreedLogistics(JANUARY, {"leadTimeDays": 1}), AgreedLogistics(MARCH, {"leadTimeDays": 3}),
        AgreedLogistics(JANUARY, {"leadTimeDays": 2}),
    ]  # fmt: skip
    parameters_of = as_agreed(versions)
    before, after = line(ordered_on=date(2026, 2, 28)), line(ordered_on=MARCH)
    assert [parameters_of(one) for one in (before, after)] == [LogisticParameters(lead_time_days=days) for days in (2, 3)]
    assert parameters_of(line(ordered_on=date(2025, 12, 31))) is None
    added = replace(before, added_by="X-1", known=known(day(-9)))
    assert parameters_of(added) == LogisticParameters(lead_time_days=3)


# The five, from the parameters alone. WANTED is Wednesday 2026-03-11, ordered 30 days before: 100 cases.

DE = PublishedCalendar(frozenset({2026}), frozenset({date(2026, 3, 11), date(2026, 5, 1)}))
CALENDARS = {"DE": DE}
FIVE: dict[str, tuple[LogisticParameters, tuple[str, ...]]] = {
    "below the minimum": (LogisticParameters(minimum_order_cases=Decimal("100.5")), ("BELOW_MOQ",)),
    "exactly the minimum": (LogisticParameters(minimum_order_cases=Decimal(100)), ()),
    "a day too short": (LogisticParameters(lead_time_days=31), ("SHORT_LEAD_TIME",)),
    "exactly the lead time": (LogisticParameters(lead_time_days=30), ()),
    "another weekday": (LogisticParameters(delivery_weekdays=(1, 2, 4)), ("OFF_SCHEDULE",)),
    "an agreed weekday": (LogisticParameters(delivery_weekdays=(3,)), ()),
    "our holiday": (LogisticParameters(supplier_holidays=(WANTED,)), ("SUPPLIER_HOLIDAY",)),
    "the day after our holiday": (LogisticParameters(supplier_holidays=(WANTED - timedelta(days=1),)), ()),
    "a bank holiday": (LogisticParameters(calendar="DE"), ("BANK_HOLIDAY",)),
    "nothing agreed": (LogisticParameters(), ()),
    "all five": (
        LogisticParameters(Decimal(101), 31, (1,), (WANTED,), "DE"),
        ("BELOW_MOQ", "SHORT_LEAD_TIME", "OFF_SCHEDULE", "SUPPLIER_HOLIDAY", "BANK_HOLIDAY"),
    ),
}


@pytest.mark.parametrize("name", FIVE)
def test_what_an_order_breaks(name: str) -> None:
    parameters, codes = FIVE[name]
    facts = line()
    assert excuses(facts, [facts], parameters, CALENDARS) == codes


def test_the_customer_s_numbers() -> None:
    """METRO's root causes 21 to 25 (features D4)."""
    assert list(CUSTOMER_NUMBERS.items()) == [
        ("BELOW_MOQ", "21"), ("SHORT_LEAD_TIME", "22"), ("OFF_SCHEDULE", "23"), ("SUPPLIER_HOLIDAY", "24"),
        ("BANK_HOLIDAY", "25"),
    ]  # fmt: skip


def test_the_minimum_is_of_the_whole_order_in_cases() -> None:
    """48 eaches in cases of 12 and 6 cases: 10 cases."""
    eaches = replace(order_line("1", 48, unit="EA"), case_size=Decimal(12))
    lines = [line("1", original=eaches), line("2", 6)]
    least = LogisticParameters(minimum_order_cases=Decimal(10))
    assert excuses(lines[0], lines, least, {}) == ()
    assert excuses(lines[0], lines, replace(least, minimum_order_cases=Decimal("10.1")), {}) == ("BELOW_MOQ",)


def test_the_minimum_is_of_what_the_customer_orders_in_the_end() -> None:
    """100 ordered, 60 needed: amended to 50 or 50 cancelled by the customer is below it, cancelled by us it is not."""
    least = LogisticParameters(minimum_order_cases=Decimal(60))
    fewer = line(amendments=(amended(50, day(-9)),))
    more = line(quantity=50, amendments=(amended(70, day(-9)),))
    theirs = line(cancellations=(cancelled(50, Side.CUSTOMER, day(-9)),))
    ours = line(cancellations=(cancelled(50, Side.SUPPLIER, day(-9)),))
    assert [bool(excuses(one, [one], least, {})) for one in (fewer, more, theirs, ours)] == [True, False, True, False]
    assert excuses(fewer, [fewer], least, {}, at=day(-10)) == (), "before the change it was not below"


def test_each_part_of_a_schedule_has_its_own_day() -> None:
    thursday = ScheduleLine("dc", WANTED + timedelta(days=1), Decimal(50), "UTC")
    parts = (ScheduleLine("dc", WANTED, Decimal(50), "UTC"), thursday)
    facts = line(original=order_line("1", 100, parts=parts))
    wednesdays = LogisticParameters(delivery_weekdays=(3,))
    assert excuses(facts, [facts], wednesdays, {}) == ()
    assert excuses(facts, [facts], wednesdays, {}, asked=thursday) == ("OFF_SCHEDULE",)


def test_the_lead_time_of_a_line_added_later_begins_then() -> None:
    """The order is 30 days old, the line came 9 days before its delivery, in the night at the place."""
    added = replace(line(), added_by="X-1", known=known(day(-9)))
    assert excuses(added, [added], LogisticParameters(lead_time_days=10), {}) == ("SHORT_LEAD_TIME",)
    assert excuses(added, [added], LogisticParameters(lead_time_days=9), {}) == ()


def test_a_weekend_is_no_bank_holiday() -> None:
    """Friday 1 May 2026 is one, Saturday 2 May is not."""
    assert bank_holiday(date(2026, 5, 1), "DE", CALENDARS)
    assert not bank_holiday(date(2026, 5, 2), "DE", CALENDARS)
    assert not bank_holiday(date(2026, 5, 8), "DE", CALENDARS)


def test_a_weekend_worked_in_exchange_makes_no_holiday_of_the_next() -> None:
    """CN: Saturday 2026-02-14 is worked for the festival; Saturday 2026-02-21 within it is a weekend like others."""
    china = {"CN": PublishedCalendar(frozenset({2026}), frozenset({date(2026, 2, 16)}), frozenset({date(2026, 2, 14)}))}
    assert bank_holiday(date(2026, 2, 16), "CN", china)
    assert not bank_holiday(date(2026, 2, 14), "CN", china)
    assert not bank_holiday(date(2026, 2, 21), "CN", china)


def test_a_day_that_the_calendar_does_not_know_is_an_error() -> None:
    """At the turn of the year the neighbouring weeks may be unknown, the day itself may not."""
    first = {"DE": PublishedCalendar(frozenset({2026}), frozenset({date(2026, 1, 1)}))}
    assert bank_holiday(date(2026, 1, 1), "DE", first)
    facts = line(original=order_line("1", 1, parts=(ScheduleLine("dc", date(2027, 3, 1), Decimal(1), "UTC"),)))
    for calendars in (first, {}):
        with pytest.raises(Refused) as refused:
            excuses(facts, [facts], LogisticParameters(calendar="DE"), calendars)
        assert refused.value.refusal is CALENDAR_UNKNOWN
