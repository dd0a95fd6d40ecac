"""The penalty of a period: the worked examples F23 and F26 of the domain specification, and each field of a policy's penalty.

Expected figures come from there or are worked out by hand beside the case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from domain.calendars import PublishedCalendar, WorkingDays
from domain.fill_rate.charging import CHARGED_ALREADY, TOO_OLD
from domain.fill_rate.credit import Ratio
from domain.fill_rate.facts import (
    Advice, Arrival, Confirmation, Delivery, Exclusion, Known, LineFacts, PromisedPart, Proof, Refusal,
)
from domain.fill_rate.figures import evaluate, official, percent
from domain.fill_rate.form import policy_from
from domain.fill_rate.judging import Asking
from domain.fill_rate.penalty import (
    SEVERAL_CURRENCIES, Assessment, Asked, Circumstances, Outcome, assess, assess_together,
)
from domain.order import OrderLine, ScheduleLine
from domain.refusal import Refused
from domain.shipment import ArrivalEvidence
from domain.values import Side

D, F = Decimal, Fraction
WANTED = date(2025, 4, 10)  # a Thursday
AFTERWARDS = datetime(2199, 1, 1, tzinfo=UTC)
KNOWN = Known(1, datetime(2025, 3, 1, tzinfo=UTC), datetime(2025, 3, 1, tzinfo=UTC), "test")
Came = tuple[str, int] | tuple[str, int, str]  # quantity, days after the day wanted, and the shipment


def line(
    ordered: str, *came: Came, price: str = "1.00", order: str = "PO-1", number: str = "1", category: str | None = None,
    currency: str = "USD", zone: str = "UTC", **facts: Any,
) -> LineFacts:
    """A line in cases wanted on ``WANTED``; each delivery arrives at noon UTC and is accepted as it came."""
    quantity, unit_price = D(ordered), D(price)
    net = quantity * unit_price
    original = OrderLine(
        number=number, item=f"item-{number}", customer_item=None, quantity=quantity, unit="CS", base_quantity=quantity * 12,
        unit_price=unit_price, price_per=D(1), customer_price=None, net=net, tax_rate=D(0), tax=D(0), gross=net,
        schedule=(ScheduleLine("dc-1", WANTED, quantity, zone),), case_size=D(12), category=category,
    )
    return LineFacts(
        order=order, number=number, company="acme", partner="retail-a", purchase_order_number=order, release="-",
        account="retail-a", currency=currency, ordered_on=date(2025, 3, 1), cancel_after=None, known=KNOWN, added_by=None,
        original=original, deliveries=tuple(_delivery(f"{order}-S{n}", *one) for n, one in enumerate(came, 1)), **facts,
    )


def wanted_later(one: LineFacts, days: int) -> LineFacts:
    schedule = (replace(one.original.schedule[0], requested_on=WANTED + timedelta(days=days)),)
    return replace(one, original=replace(one.original, schedule=schedule))


def _delivery(own_name: str, quantity: str, days: int, shipment: str | None = None) -> Delivery:
    at = datetime(WANTED.year, WANTED.month, WANTED.day, 12, tzinfo=UTC) + timedelta(days=days)
    number = shipment or own_name
    return Delivery(
        KNOWN, number, number, "dc-1", "UTC", None, None, D(quantity), D(quantity) * 12,
        arrivals=(Arrival(KNOWN, at, ArrivalEvidence.GATE_ARRIVAL, Side.CUSTOMER),),
        advices=(Advice(KNOWN, f"GR-{number}", 1, at, D(quantity), D(quantity), None),),
    )


def penalty(trigger: str = "BELOW_GOAL", base: str = "COST_OF_SHORT", rate: str = "0.03", **more: Any) -> dict[str, Any]:
    return {"trigger": trigger, "base": base, "rate": rate, **more}


def policy(said: dict[str, Any] | None = None, goal: str | None = "0.95", **more: Any) -> dict[str, Any]:
    return {"goal": None if goal is None else {"rate": goal}, "penalty": penalty() if said is None else said, **more}


WALMART_IN_FULL = policy(penalty(base="COST_OF_NONCOMPLIANT"))
KROGER_FILL = policy(penalty(level="ORDER"))
KROGER_ARRIVAL: dict[str, Any] = {
    "metric": "ON_TIME", "weightUnit": "ORDER", "creditMode": "ALL_OR_NOTHING", "onTime": {"latestDays": 1},
    "penalty": penalty("EACH_FAILURE", "INVOICE", level="ORDER"),
}
WALMART_OTIF = policy(penalty(base="COST_OF_NONCOMPLIANT"), metric="OTIF", onTime={"earliestDays": 0})


def asked(
    said: dict[str, Any], lines: Sequence[LineFacts], known: Circumstances, at: datetime,
    calendars: dict[str, WorkingDays] | None = None,
) -> Asked:
    agreed = policy_from(said)
    asking = Asking(agreed, at, calendars or {})
    return official(evaluate(lines, asking), agreed), asking, known


def assessed(said: dict[str, Any], *lines: LineFacts, at: datetime = AFTERWARDS, **known: Any) -> Assessment:
    """The penalty on the lines; whatever it is, its charges sum to it exactly."""
    found = assess(*asked(said, lines, Circumstances(**known), at))
    assert sum((one.amount for one in found.charges), D(0)) == found.charged
    assert found.total <= found.charged
    return found


def gap_to_goal(said: dict[str, Any]) -> dict[str, Any]:
    return {**said, "penalty": {**said["penalty"], "scope": "GAP_TO_GOAL"}}


# F23 and F26

@pytest.mark.parametrize("base", ["COST_OF_NONCOMPLIANT", "COST_OF_SHORT"])
@pytest.mark.parametrize(
    ("delivered", "scope", "amount", "quantity"),
    [("9499", "ALL_NONCOMPLIANT", "186.37", 501), ("9499", "GAP_TO_GOAL", "0.37", 1), ("9500", "ALL_NONCOMPLIANT", "0", 0)],
)
def test_f23_walmart_in_full(base: str, delivered: str, scope: str, amount: str, quantity: int) -> None:
    found = assessed(policy(penalty(base=base, scope=scope)), line("10000", (delivered, 0), price="12.40"))
    assert (found.total, found.currency) == (D(amount), "USD")
    assert [one.quantity for one in found.charges] == ([quantity] if quantity else [])
    assert found.outcome is (Outcome.CHARGED if quantity else Outcome.GOAL_MET)
    assert found.goal_met is not bool(quantity)


def test_f23_a_charge_tells_how_it_came_about() -> None:
    (charge,) = assessed(WALMART_IN_FULL, line("10000", ("9499", 0), price="12.40")).charges
    assert (charge.order, charge.line, charge.short, charge.late) == ("PO-1", "1", 501, 0)
    assert (charge.base, charge.rate, charge.amount) == (F("6212.40"), F("0.03"), D("186.37"))
    assert (charge.measured, charge.failed_on, charge.reasons) == (Ratio(F(9499), F(10000)), WANTED, ("SHORT",))


def test_f23_what_is_shown_as_95_percent_may_still_fail_it() -> None:
    found = assessed(WALMART_IN_FULL, line("100000", ("94996", 0)))
    assert (percent(found.measured.value), found.goal_met) == ("95.00%", False)
    assert found.total == D("150.12")  # 3 % of 5 004


@pytest.mark.parametrize(
    ("delivered", "days", "fill", "arrival"),
    [("470", 2, "21.60", "338.40"), ("475", 2, "0", "342.00"), ("470", 1, "21.60", "0"), ("500", 0, "0", "0")],
)
def test_f23_kroger(delivered: str, days: int, fill: str, arrival: str) -> None:
    lines = [line("500", (delivered, days), price="24.00")]
    charged = [asked(said, lines, Circumstances(), AFTERWARDS) for said in (KROGER_FILL, KROGER_ARRIVAL)]
    assert [one.total for one in assess_together(charged)] == [D(fill), D(arrival)]


@pytest.mark.parametrize(
    ("trailing", "total", "outcome"),
    [(F("0.901"), "0", Outcome.WAIVED), (F("0.9"), "3.00", Outcome.CHARGED), (None, "3.00", Outcome.CHARGED)],
)
def test_f23_amazon_down_confirmed(trailing: Fraction | None, total: str, outcome: Outcome) -> None:
    """3 % of five units at 20.00; waived above 90 % over four weeks, not at 90 %."""
    said = policy(
        penalty("EACH_FAILURE", waiver={"trailingWeeks": 4, "rateAbove": "0.90"}), goal=None,
        denominator={"quantityBasis": "FIRST_CONFIRMED"}, inFull={"quantityEvidence": ["CONFIRMATION"]},
    )
    confirmed = tuple(Confirmation(KNOWN, f"C{q}", (PromisedPart(D(q), WANTED, None),)) for q in (15, 10))
    rate = None if trailing is None else Ratio(trailing * 1000, F(1000))
    found = assessed(said, line("15", price="20.00", confirmations=confirmed), trailing=rate)
    assert (found.total, found.charged, found.outcome) == (D(total), D("3.00"), outcome)
    assert [(one.limit, one.figure, one.applies) for one in found.exemptions] == [
        (F("0.9"), trailing, outcome is Outcome.WAIVED)
    ]
    assert [(one.quantity, one.short, one.late) for one in found.charges] == [(5, 5, 0)]


FRENCH_CAP = {"cap": {"pct": "2", "of": "CATEGORY_ORDERED_VALUE"}}


def test_f23_france_share_of_what_is_missing() -> None:
    """5 % of 3 000.00 missing of 40 000.00 ordered: 150.00, under the cap of 800.00."""
    found = assessed(policy(penalty(rate="0.05", **FRENCH_CAP)), line("400", ("370", 0), price="100.00", category="DAIRY"))
    assert (found.total, found.outcome) == (D("150.00"), Outcome.CHARGED)
    (cap,) = found.caps
    assert (cap.category, cap.ordered_value, cap.limit, cap.charged) == ("DAIRY", 40_000, D("800.00"), D("150.00"))


def test_f23_france_a_flat_sum_is_capped() -> None:
    said = policy(penalty(base="FLAT_PER_PO", rate="1200", **FRENCH_CAP))
    found = assessed(said, line("400", ("370", 0), price="100.00", category="DAIRY"))
    assert (found.charged, found.total, found.outcome) == (D("1200.00"), D("800.00"), Outcome.CAPPED)


@pytest.mark.parametrize(
    ("invoiced_on", "total"),
    [(date(2026, 5, 10), "0"), (WANTED + timedelta(days=366), "0"), (WANTED + timedelta(days=365), "150.00"), (None, "150.00")],
)
def test_f23_france_what_failed_13_months_ago_is_not_charged(invoiced_on: date | None, total: str) -> None:
    said = policy(penalty(rate="0.05", maxAgeDays=365, **FRENCH_CAP))
    found = assessed(said, line("400", ("370", 0), price="100.00", category="DAIRY"), invoiced_on=invoiced_on)
    assert found.total == D(total)
    assert (found.outcome is Outcome.TOO_OLD) is (D(total) == 0)
    assert (TOO_OLD in found.charges[0].reasons) is (D(total) == 0)


@pytest.mark.parametrize(
    ("delivered", "said", "shown", "quantity"),
    [
        ("19000", WALMART_IN_FULL, "95.00%", None), ("18999", WALMART_IN_FULL, "95.00%", 1001),
        ("18999", gap_to_goal(WALMART_IN_FULL), "95.00%", 1),
    ],
)  # fmt: skip
def test_f26_the_goal_is_met_on_the_exact_rate(delivered: str, said: dict[str, Any], shown: str, quantity: int | None) -> None:
    found = assessed(said, line("20000", (delivered, 0)))
    assert percent(found.measured.value) == shown
    assert [one.quantity for one in found.charges] == ([] if quantity is None else [quantity])
    assert (found.total > 0) is (quantity is not None)


def test_a_goal_to_be_exceeded_is_missed_at_the_goal() -> None:
    said = {**WALMART_IN_FULL, "goal": {"rate": "0.95", "comparison": "GT"}}
    assert assessed(said, line("100", ("95", 0), price="10.00")).total == D("1.50")  # 3 % of 5 x 10.00


# One delivery with a part late and a line early: 3 % of (10 x 20 + 40 x 50 = 2 200) is 66.00

ONE_ORDER = (
    line("100", ("100", 0, "S1"), price="10", number="A"),
    line("60", ("50", 0, "S1"), ("10", 2, "S2"), price="20", number="B"),
    line("40", ("40", -1, "S3"), price="50", number="C"),
)


def test_the_worked_delivery() -> None:
    found = assessed(WALMART_OTIF, *ONE_ORDER)
    assert (found.measured, found.total) == (Ratio(F(150), F(200)), D("66.00"))
    assert [(one.line, one.short, one.late, one.quantity, one.amount, one.reasons) for one in found.charges] == [
        ("B", 0, 10, 10, D("6.00"), ("LATE",)), ("C", 0, 40, 40, D("60.00"), ("EARLY",)),
    ]  # fmt: skip


# By hand: 95 % of 200 are 190, 40 of the 50 missed lie below it: 66.00 x 4/5
GAP = gap_to_goal(WALMART_OTIF)


@pytest.mark.parametrize(
    ("said", "total"),
    [
        (GAP, "52.80"),
        ({**WALMART_OTIF, "metric": "FILL"}, "0"),  # all of it came
        ({**WALMART_OTIF, "penalty": penalty(base="COST_OF_SHORT")}, "0"),
        ({**WALMART_OTIF, "penalty": penalty(base="COST_OF_LATE")}, "66.00"),
        ({**WALMART_OTIF, "penalty": penalty(base="INVOICE")}, "126.00"),  # 3 % of 4 200
        ({**WALMART_OTIF, "penalty": penalty(base="FLAT_PER_PO", rate="500")}, "500.00"),
        ({**WALMART_OTIF, "goal": {"rate": "0.75"}}, "0"),
        ({**WALMART_OTIF, "goal": {"rate": "0.75"}, "penalty": penalty("EACH_FAILURE", "COST_OF_NONCOMPLIANT")}, "66.00"),
        # whole lines fail: 3 % of 60 x 20 + 40 x 50; the whole order: of 4 200
        ({**WALMART_OTIF, "creditMode": "ALL_OR_NOTHING"}, "96.00"),
        ({**WALMART_OTIF, "creditMode": "ALL_OR_NOTHING", "passLevel": "ORDER"}, "126.00"),
        ({**WALMART_OTIF, "weightUnit": "ORDER", "creditMode": "ALL_OR_NOTHING"}, "126.00"),
        ({**WALMART_OTIF, "splitDeliveries": "ALL_ON_TIME"}, "96.00"),
        # only the first truck, a day early, is admitted: 3 % of all 100 x 10 + 60 x 20 + 40 x 50
        ({**WALMART_OTIF, "splitDeliveries": "FIRST_ONLY"}, "126.00"),
        # of which 100 and 60 are short, 40 early
        ({**WALMART_OTIF, "splitDeliveries": "FIRST_ONLY", "penalty": penalty()}, "66.00"),
    ],
)
def test_the_worked_delivery_under_other_penalties(said: dict[str, Any], total: str) -> None:
    assert assessed(said, *ONE_ORDER).total == D(total)


def test_no_penalty_is_agreed() -> None:
    assert assessed({**WALMART_OTIF, "penalty": None}, *ONE_ORDER).outcome is Outcome.NO_PENALTY_AGREED


def test_a_period_without_lines_has_no_rate_and_no_penalty() -> None:
    found = assessed(WALMART_IN_FULL)
    assert (found.total, found.goal_met, found.outcome, found.measured.value) == (0, None, Outcome.NOTHING_FAILED, None)


# Level

TWO_ORDERS = (line("100", ("94", 0), order="PO-1"), line("100", ("96", 0), order="PO-2"))


@pytest.mark.parametrize(
    ("level", "trigger", "base", "rate", "amounts"),
    [
        ("PERIOD", "BELOW_GOAL", "COST_OF_SHORT", "0.03", []),  # 190/200 is exactly the goal
        ("ORDER", "BELOW_GOAL", "COST_OF_SHORT", "0.03", [("PO-1", "0.18")]),
        ("ORDER", "EACH_FAILURE", "COST_OF_SHORT", "0.03", [("PO-1", "0.18"), ("PO-2", "0.12")]),
        ("PERIOD", "EACH_FAILURE", "COST_OF_SHORT", "0.03", [("PO-1", "0.18"), ("PO-2", "0.12")]),
        ("ORDER", "BELOW_GOAL", "FLAT_PER_PO", "500", [("PO-1", "500.00")]),
        ("PERIOD", "EACH_FAILURE", "FLAT_PER_PO", "500", [("PO-1", "500.00"), ("PO-2", "500.00")]),
        ("ORDER", "BELOW_GOAL", "INVOICE", "0.03", [("PO-1", "2.82")]),  # 3 % of what was delivered
    ],
)
def test_the_goal_is_held_against_the_period_or_each_order(
    level: str, trigger: str, base: str, rate: str, amounts: list[tuple[str, str]]
) -> None:
    found = assessed(policy(penalty(trigger, base, rate, level=level)), *TWO_ORDERS)
    assert [(one.order, one.amount) for one in found.charges] == [(order, D(amount)) for order, amount in amounts]
    assert [one.measured.denominator for one in found.charges] == [100 if level == "ORDER" else 200] * len(amounts)


def test_an_order_with_a_line_still_to_come_is_not_yet_charged() -> None:
    noon = datetime(2025, 4, 11, 12, tzinfo=UTC)
    later = wanted_later(line("100", number="2"), 10)
    assert assessed(KROGER_FILL, line("100", ("94", 0)), later, at=noon).charges == ()
    assert assessed(WALMART_IN_FULL, line("100", ("94", 0)), later, at=noon).total == D("0.18")


# Grace

@pytest.mark.parametrize(
    ("days", "grace", "charged"), [(1, 0, 40), (1, 1, 0), (2, 1, 40), (2, 2, 0), (-1, 5, 40)]
)
def test_grace_spares_what_comes_a_little_late_but_not_the_rate(days: int, grace: int, charged: int) -> None:
    said = policy(penalty(base="COST_OF_LATE", graceDays=grace), metric="OTIF", onTime={"earliestDays": 0})
    found = assessed(said, line("100", ("60", 0), ("40", days)))
    assert found.measured == Ratio(F(60), F(100))
    assert sum(one.quantity for one in found.charges) == charged


def test_grace_holds_for_what_the_figure_misses_and_for_the_invoice() -> None:
    day_late = line("500", ("470", 1), price="24.00")
    arrival = {**KROGER_ARRIVAL, "onTime": {"latestDays": 0}}
    assert assessed(arrival, day_late).total == D("338.40")
    arrival["penalty"] = {**arrival["penalty"], "graceDays": 1}
    assert assessed(arrival, day_late).total == 0
    otif = policy(penalty(base="COST_OF_NONCOMPLIANT", graceDays=1), metric="OTIF", creditMode="ALL_OR_NOTHING")
    assert assessed(otif, line("100", ("100", 1))).total == 0
    split = {**otif, "creditMode": "PROPORTIONAL", "splitDeliveries": "ALL_ON_TIME"}
    assert assessed(split, line("100", ("60", 0), ("40", 1))).total == 0
    assert assessed(split, line("100", ("60", 0), ("40", 2))).total == D("3.00")


def test_grace_days_are_counted_as_the_policy_counts_days() -> None:
    """Wanted on a Thursday, the Friday a holiday: the day worked after it is Monday the 14th."""
    days: dict[str, WorkingDays] = {"CN": PublishedCalendar(frozenset({2025}), frozenset({date(2025, 4, 11)}))}
    on_time = {"dayUnit": "BUSINESS", "calendar": "CN"}
    said = policy(penalty(base="COST_OF_LATE", graceDays=1), metric="OTIF", onTime=on_time)
    for late, charged in ((4, 0), (5, 100)):
        found = assess(*asked(said, [line("100", ("100", late))], Circumstances(), AFTERWARDS, days))
        assert sum(one.quantity for one in found.charges) == charged, late


def test_grace_prolongs_a_window_that_ends_at_a_time_of_day() -> None:
    """Until 11:00; noon of the day is an hour late, noon of the next day an hour after one day of grace."""
    for grace, days, charged in ((0, 0, 100), (1, 0, 0), (1, 1, 100), (2, 1, 0)):
        on_time = {"windowKind": "TIME_OF_DAY", "timeOfDay": "11:00"}
        said = policy(penalty("EACH_FAILURE", "COST_OF_LATE", graceDays=grace), metric="OTIF", onTime=on_time)
        found = assessed(said, line("100", ("100", days)))
        assert sum(one.quantity for one in found.charges) == charged, (grace, days)


@pytest.mark.parametrize(
    ("zone", "days", "charged"),
    [("Pacific/Kiritimati", 1, 100), ("Pacific/Kiritimati", 0, 0), ("Pacific/Pago_Pago", 1, 0), ("Pacific/Pago_Pago", 2, 100)],
)
def test_grace_ends_with_the_day_of_the_place(zone: str, days: int, charged: int) -> None:
    """Noon UTC is 02:00 of the next day in Kiritimati, 01:00 of the same day in Pago Pago."""
    said = policy(penalty("EACH_FAILURE", "COST_OF_LATE", graceDays=1), metric="OTIF")
    found = assessed(said, line("100", ("100", days), zone=zone))
    assert sum(one.quantity for one in found.charges) == charged
    assert {one.failed_on for one in found.charges} <= {WANTED}


def test_the_gap_is_never_more_than_what_is_left_to_charge() -> None:
    """45 lie below the goal, but all except 10 came within the grace."""
    said = policy(penalty(base="COST_OF_LATE", graceDays=1, scope="GAP_TO_GOAL", chargeCaseOnce=False), metric="OTIF")
    assert [one.quantity for one in assessed(said, line("100", ("50", 0), ("40", 1), ("10", 2))).charges] == [10]


# No case is charged twice

SHORT_FIRST = policy(penalty("EACH_FAILURE"), splitDeliveries="FIRST_ONLY")
LATE_TOO = policy(penalty("EACH_FAILURE", "COST_OF_NONCOMPLIANT"), metric="OTIF")


def together(first: dict[str, Any], second: dict[str, Any], *lines: LineFacts, **known: Any) -> list[list[Fraction]]:
    """The quantities charged by the first and, after it, by the second."""
    pair = [asked(said, lines, Circumstances(**known), AFTERWARDS) for said in (first, second)]
    return [[one.quantity for one in found.charges] for found in assess_together(pair)]


def twice(said: dict[str, Any]) -> dict[str, Any]:
    return {**said, "penalty": {**said["penalty"], "chargeCaseOnce": False}}


def test_a_case_is_not_charged_as_short_and_as_late() -> None:
    """Of 100 the second truck brings 40 a day late: short by the first delivery alone, late by another policy."""
    second_truck = line("100", ("60", 0), ("40", 1))
    assert together(SHORT_FIRST, LATE_TOO, second_truck) == [[40], [0]]
    assert together(LATE_TOO, SHORT_FIRST, second_truck) == [[40], [0]]
    assert together(SHORT_FIRST, twice(LATE_TOO), second_truck) == [[40], [40]]
    both = [asked(said, [second_truck], Circumstances(), AFTERWARDS) for said in (SHORT_FIRST, LATE_TOO)]
    assert CHARGED_ALREADY in assess_together(both)[1].charges[0].reasons


def test_other_cases_of_the_line_are_still_charged() -> None:
    """5 never come and 10 come late: the fill is charged for the 5, the punctuality for the 10, never for 15."""
    in_full, on_time = WALMART_IN_FULL, {**LATE_TOO, "metric": "ON_TIME"}
    in_full = {**in_full, "goal": {"rate": "0.99"}}
    some_of_each = line("100", ("85", 0), ("10", 1))
    assert together(in_full, on_time, some_of_each) == [[5], [10]]
    assert together(in_full, LATE_TOO, some_of_each) == [[5], [10]]
    assert together(LATE_TOO, in_full, some_of_each) == [[15], [0]]


def test_units_that_were_never_confirmed_are_not_those_that_were_confirmed_and_never_came() -> None:
    """15 ordered and confirmed, then 10; 8 come: 5 are charged as unconfirmed, 2 as not filled, 7 in all."""
    confirmed = tuple(Confirmation(KNOWN, f"C{q}", (PromisedPart(D(q), WANTED, None),)) for q in (15, 10))
    said = penalty("EACH_FAILURE")
    confirm = policy(
        said, denominator={"quantityBasis": "FIRST_CONFIRMED"}, inFull={"quantityEvidence": ["CONFIRMATION"]}
    )
    receive = policy(said, denominator={"quantityBasis": "LATEST_CONFIRMED"})
    units = line("15", ("8", 0), confirmations=confirmed)
    assert together(confirm, receive, units) == [[5], [2]]
    assert together(confirm, LATE_TOO, units) == [[5], [2]]


def test_no_more_is_charged_than_was_ordered_whatever_the_papers_say() -> None:
    """The advice has 92, the signed proof 100, a day late: 8 are short by the one and 100 late by the other."""
    came = line("100", ("92", 1))
    proof = Proof(KNOWN, KNOWN.at, WANTED, "POD-1", D(100))
    contradicted = replace(came, deliveries=(replace(came.deliveries[0], quantity=D(100), proofs=(proof,)),))
    by_proof = {**LATE_TOO, "inFull": {"quantityEvidence": ["POD"]}}
    assert together(policy(penalty("EACH_FAILURE")), by_proof, contradicted) == [[8], [92]]


def test_what_is_waived_does_not_spare_another_policy() -> None:
    waived = policy(penalty("EACH_FAILURE", waiver={"trailingWeeks": 4, "rateAbove": "0.9"}))
    pair = [
        asked(waived, [line("100", ("90", 0))], Circumstances(trailing=Ratio(F(1), F(1))), AFTERWARDS),
        asked(LATE_TOO, [line("100", ("90", 0))], Circumstances(), AFTERWARDS),
    ]
    assert [one.total for one in assess_together(pair)] == [0, D("0.30")]


# What is no failure

def test_a_tolerance_is_not_charged() -> None:
    said = policy(
        penalty("EACH_FAILURE"), creditMode="ALL_OR_NOTHING", weightUnit="LINE",
        inFull={"underTolerance": {"kind": "PERCENT", "value": "2"}},
    )
    assert assessed(said, line("1000", ("985", 0), number="1"), line("1000", ("970", 0), number="2")).total == D("0.90")


@pytest.mark.parametrize(("delivered", "total"), [("985", "0"), ("970", "0.90")])
def test_a_shortage_within_the_tolerance_is_not_charged_because_the_rest_came_late(delivered: str, total: str) -> None:
    said = policy(
        penalty("EACH_FAILURE"), metric="OTIF", creditMode="ALL_OR_NOTHING",
        inFull={"underTolerance": {"kind": "PERCENT", "value": "2"}},
    )
    assert assessed(said, line("1000", (delivered, 1))).total == D(total)


def test_lateness_within_the_tolerance_is_not_charged() -> None:
    said = policy(
        penalty("EACH_FAILURE", "COST_OF_LATE"), metric="OTIF", creditMode="ALL_OR_NOTHING",
        inFull={"underTolerance": {"kind": "PERCENT", "value": "2"}},
    )
    assert assessed(said, line("1000", ("985", 0), ("15", 1))).total == 0
    assert assessed(said, line("1000", ("970", 0), ("30", 1))).total == D("0.90")


def test_what_one_line_of_an_item_has_too_much_another_is_not_charged_for() -> None:
    """The item of both lines is one: summed by item and place nothing is short; by line 20 are."""
    lines = [line("100", (came, 0), number=n) for n, came in (("1", "120"), ("2", "80"))]
    alike = [replace(one, original=replace(one.original, item="tea")) for one in lines]
    assert assessed(policy(penalty("EACH_FAILURE"), weightUnit="SKU_LOCATION"), *alike).total == 0
    assert assessed(policy(penalty("EACH_FAILURE")), *alike).total == D("0.60")


def test_what_is_excluded_or_passed_or_pending_is_not_charged() -> None:
    granted = (Exclusion(KNOWN, "FORCE_MAJEURE", Side.CUSTOMER, "C-1"),)
    for effect in ("EXCLUDE", "PASS"):
        said = policy(penalty("EACH_FAILURE"), exclusions={"FORCE_MAJEURE": effect})
        spared = line("100", ("10", 0), number="2", exclusions=granted)
        assert assessed(said, line("100", ("90", 0)), spared).total == D("0.30")
        invoice = {**said, "penalty": penalty("EACH_FAILURE", "INVOICE")}
        spared_value = D("0.30") if effect == "PASS" else D(0)  # 3 % of the 10 that came
        assert assessed(invoice, line("100", ("90", 0)), spared).total == D("2.70") + spared_value
        on_time = {**said, "metric": "ON_TIME"}  # which does not measure what is short
        assert assessed(on_time, line("100", ("90", 0)), spared).total == D("0.30")
    before = datetime(2025, 4, 10, 11, tzinfo=UTC)
    for metric in ("FILL", "ON_TIME"):
        said = policy(penalty("EACH_FAILURE"), metric=metric)
        assert assessed(said, line("100"), at=before).outcome is Outcome.NOTHING_FAILED


def test_without_a_goal_nothing_is_below_it() -> None:
    parts, asking, known = asked(WALMART_IN_FULL, [line("100", ("90", 0))], Circumstances(), AFTERWARDS)
    no_goal = replace(asking, policy=replace(asking.policy, goal=None))
    assert assess(parts, no_goal, known).total == 0


def test_more_than_ordered_is_late_only_up_to_what_was_ordered() -> None:
    said = policy(penalty("EACH_FAILURE", "COST_OF_LATE"))
    assert assessed(said, line("100", ("90", 0), ("30", 1))).total == D("0.30")
    assert assessed(said, line("100", ("120", 0), ("30", 1))).total == 0


def test_goods_that_do_not_meet_a_condition_fail_whole() -> None:
    came = line("100", ("100", 0))
    damaged = tuple(replace(one, condition="DAMAGED") for one in came.deliveries[0].advices)
    said = policy(penalty(base="COST_OF_NONCOMPLIANT"), conditions=["UNDAMAGED"])
    (charge,) = assessed(said, replace(came, deliveries=(replace(came.deliveries[0], advices=damaged),))).charges
    assert (charge.amount, charge.short, charge.reasons) == (D("3.00"), 0, ("CONDITION_NOT_MET",))


def test_a_split_order_is_told_by_its_reason() -> None:
    said = policy(penalty(base="COST_OF_NONCOMPLIANT"), metric="OTIF", splitDeliveries="ALL_ON_TIME")
    (charge,) = assessed(said, line("100", ("60", 0), ("40", 1))).charges
    assert (charge.quantity, charge.late, charge.reasons) == (100, 40, ("LATE", "SPLIT"))


def test_an_order_is_told_in_cases() -> None:
    pieces = line("120", ("60", 0))
    pieces = replace(pieces, original=replace(pieces.original, unit="EA", base_quantity=D(120)))
    (charge,) = assessed(policy(penalty(base="FLAT_PER_PO", rate="1")), pieces).charges
    assert (charge.line, charge.short, charge.quantity) == (None, 5, 1)


def test_more_than_ordered_does_not_make_up_for_another_line() -> None:
    """120 of 100 and 80 of 100: 20 are short; the invoice is over all that came."""
    lines = line("100", ("120", 0), number="1"), line("100", ("80", 0), number="2")
    assert assessed(policy(penalty()), *lines).total == D("0.60")
    assert assessed(policy(penalty(base="INVOICE")), *lines).total == D("6.00")


def test_goods_refused_at_our_fault_are_short_and_the_reason_is_told() -> None:
    came = line("100", ("88", 0))
    refusal = Refusal(KNOWN, KNOWN.at, "R-1", D(12), "DAMAGED", Side.SUPPLIER)
    refused = replace(came, deliveries=(replace(came.deliveries[0], quantity=D(100), refusals=(refusal,)),))
    (charge,) = assessed(WALMART_IN_FULL, refused).charges
    assert (charge.short, charge.reasons) == (12, ("SHORT", "REFUSED_SUPPLIER_FAULT"))


# Caps, turnover

def test_each_category_has_its_own_cap() -> None:
    """2 % of 100.00 dairy is 2.00, of 1 000.00 snacks 20.00, of 10.00 without a category 0.20."""
    said = policy(penalty(rate="0.1", **FRENCH_CAP), goal="0.99")
    found = assessed(
        said, line("100", ("50", 0), number="1", category="DAIRY"), line("1000", ("900", 0), number="2", category="SNACKS"),
        line("10", ("0", 0), number="3"),
    )  # fmt: skip
    assert {cap.category: (cap.charged, cap.limit, cap.due) for cap in found.caps} == {
        "DAIRY": (D("5.00"), D("2.00"), D("2.00")), "SNACKS": (D("10.00"), D("20.00"), D("10.00")),
        None: (D("1.00"), D("0.20"), D("0.20")),
    }  # fmt: skip
    assert (found.charged, found.total, found.outcome) == (D("16.00"), D("12.20"), Outcome.CAPPED)


def test_the_cap_counts_all_that_was_ordered_of_the_category() -> None:
    full = line("300", ("300", 0), price="100.00", number="2", category="DAIRY")
    short = line("100", ("70", 0), price="100.00", number="1", category="DAIRY")
    found = assessed(policy(penalty(base="FLAT_PER_PO", rate="1200", **FRENCH_CAP)), short, full)
    assert found.total == D("800.00")


def test_a_flat_sum_is_spread_over_the_categories_of_its_order() -> None:
    """Three quarters dairy, one quarter snacks: 900.00 and 300.00, capped at 2 % of 30 000 and of 10 000."""
    said = policy(penalty(base="FLAT_PER_PO", rate="1200", **FRENCH_CAP), goal="0.99")
    lines = (
        line("300", ("290", 0), price="100", number="1", category="DAIRY"),
        line("100", ("100", 0), price="100", number="2", category="SNACKS"),
    )
    found = assessed(said, *lines)
    assert [(one.line, one.category, one.amount, one.short) for one in found.charges] == [
        (None, "DAIRY", D("900.00"), 10), (None, "SNACKS", D("300.00"), 0),
    ]  # fmt: skip
    assert found.total == D("800.00")
    uncapped = assessed({**said, "penalty": penalty(base="FLAT_PER_PO", rate="1200")}, *lines)
    assert [(one.category, one.amount) for one in uncapped.charges] == [(None, D("1200.00"))]
    invoiced = assessed({**said, "penalty": penalty(base="INVOICE", rate="0.1", **FRENCH_CAP)}, *lines)
    assert [one.amount for one in invoiced.charges] == [D("2900.00"), D("1000.00")]


@pytest.mark.parametrize(("turnover", "spared"), [("1999999.99", True), ("2000000", False), (None, False)])
def test_a_small_supplier_is_spared(turnover: str | None, spared: bool) -> None:
    found = assessed(
        policy(penalty(minTurnover="2000000")), line("100", ("50", 0)), turnover=None if turnover is None else D(turnover)
    )
    assert (found.total == 0) is spared and found.charged == D("1.50")
    assert found.outcome is (Outcome.BELOW_MIN_TURNOVER if spared else Outcome.CHARGED)


def test_what_is_too_old_is_left_out_by_line() -> None:
    old, young = line("100", ("90", 0), number="1"), wanted_later(line("100", ("80", 30), number="2"), 30)
    said = policy(penalty("EACH_FAILURE", maxAgeDays=20))
    found = assessed(said, old, young, invoiced_on=WANTED + timedelta(days=40))
    assert [(one.line, one.amount, one.too_old) for one in found.charges] == [("1", D(0), True), ("2", D("0.60"), False)]
    assert (found.total, found.outcome) == (D("0.60"), Outcome.CHARGED)


@pytest.mark.parametrize(("days", "total"), [(40, "50.00"), (51, "0")])
def test_an_order_is_as_old_as_its_latest_failure(days: int, total: str) -> None:
    old, young = line("100", ("90", 0), number="1"), wanted_later(line("100", ("80", 30), number="2"), 30)
    said = policy(penalty("EACH_FAILURE", "FLAT_PER_PO", "50", maxAgeDays=20))
    assert assessed(said, old, young, invoiced_on=WANTED + timedelta(days=days)).total == D(total)


def test_the_shares_of_a_flat_sum_make_up_the_flat_sum() -> None:
    """A third each of 100.00: 33.33, 33.34 and 33.33."""
    said = policy(penalty("EACH_FAILURE", "FLAT_PER_PO", "100", **FRENCH_CAP))
    found = assessed(said, *(line("10", number=n, category=f"C{n}") for n in "123"))
    assert found.charged == D("100.00")


# Rounding

THREE = tuple(line("1", price="12.40", number=n) for n in "123")  # 3 % of 12.40 is 0.372


def test_the_amount_of_a_period_is_rounded_once_and_its_charges_sum_to_it() -> None:
    found = assessed(policy(penalty()), *THREE)  # 1.116
    assert found.total == D("1.12")
    assert sorted(one.amount for one in found.charges) == [D("0.37"), D("0.37"), D("0.38")]


def test_each_failure_is_an_amount_of_its_own_and_each_order() -> None:
    found = assessed(policy(penalty("EACH_FAILURE")), *THREE)
    assert [one.amount for one in found.charges] == [D("0.37")] * 3
    assert assessed(policy(penalty("EACH_FAILURE", level="ORDER")), *THREE).total == D("1.12")


def test_no_share_of_an_amount_is_negative() -> None:
    many = [line("1", price="0.50", number=str(n)) for n in range(100)]  # 100 times 0.015: 1.50
    found = assessed(policy(penalty()), *many)
    assert found.total == D("1.50")
    assert {one.amount for one in found.charges} == {D("0.01"), D("0.02")}


@pytest.mark.parametrize(("currency", "total"), [("JPY", "186"), ("KWD", "186.372"), ("USD", "186.37")])
def test_amounts_have_the_smallest_coin_of_their_currency(currency: str, total: str) -> None:
    found = assessed(WALMART_IN_FULL, line("10000", ("9499", 0), price="12.40", currency=currency))
    assert found.total == D(total)


def test_lines_in_two_currencies_have_no_one_amount() -> None:
    with pytest.raises(Refused) as refused:
        assessed(WALMART_IN_FULL, line("1"), line("1", number="2", currency="EUR"))
    assert refused.value.refusal is SEVERAL_CURRENCIES and "USD, EUR" in str(refused.value)
