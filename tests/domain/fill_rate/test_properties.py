"""What holds for every order and every policy: contributions sum, more leave lowers nothing, order of telling is nothing.

A second, small model counts case by case what CASE, PROPORTIONAL and DAY come to, knowing nothing of the first.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from domain.fill_rate.choices import CreditMode, Metric
from domain.fill_rate.credit import contributions, ratio
from domain.fill_rate.demand import wants
from domain.fill_rate.facts import LineFacts
from domain.fill_rate.form import read_policy
from domain.fill_rate.judging import Status
from domain.fill_rate.policy import FillRatePolicy
from domain.fill_rate.windows import instant
from tests.domain.fill_rate.builders import (
    AFTERWARDS, CHICAGO, CUSTOMER, HAVANA, SAO_PAULO, SHANGHAI, SUPPLIER, amended, appointment, came, cancelled, closed_short,
    confirmed, delivery, figure_by, judged, line, order, papers, policy, refused, substitute, unnamed,
)  # fmt: skip

FIRST_DAY = date(2025, 4, 10)
QUANTITIES = st.integers(1, 40)


def day(offset: int) -> str:
    return (FIRST_DAY + timedelta(days=offset)).isoformat()


HOURS = st.sampled_from(["00:00:00", "08:30:00", "12:00:00", "23:59:59"])
MOMENTS = st.builds(lambda offset, hour: f"{day(offset)}T{hour}", st.integers(-3, 4), HOURS)


# Any order --------------------------------------------------------------------------------------------------------------


@st.composite
def said_of_lines(draw: st.DrawFn) -> Any:
    kind = draw(st.sampled_from([amended, cancelled, closed_short, confirmed]))
    if kind is cancelled:
        return cancelled(draw(MOMENTS), draw(QUANTITIES), draw(st.sampled_from([CUSTOMER, SUPPLIER])))
    if kind is confirmed:
        return confirmed(draw(MOMENTS), draw(st.integers(0, 40)), day(draw(st.integers(-1, 2))))
    if kind is amended:
        return amended(draw(MOMENTS), draw(st.integers(0, 40)), day=day(draw(st.integers(-1, 2))))
    return closed_short(draw(MOMENTS), draw(QUANTITIES))


@st.composite
def lines_of_orders(draw: st.DrawFn) -> Any:
    said = draw(st.lists(said_of_lines(), max_size=2))
    more: dict[str, Any] = {
        "item": draw(st.sampled_from(["A", "B"])), "pack": draw(st.sampled_from([1, 6, 12])), "price": draw(st.integers(1, 9)),
        "eaches": draw(st.booleans()), "place": draw(st.sampled_from(["dc-1", "dc-2"])),
    }  # fmt: skip
    if draw(st.integers(0, 4)) == 0:
        more["exclusions"] = ((draw(st.sampled_from(["RECALL", "IMPORT"])), draw(st.sampled_from([CUSTOMER, SUPPLIER])), None),)
    spread = draw(st.sampled_from(["whole", "whole", "places", "days"]))
    first, second = draw(QUANTITIES), draw(QUANTITIES)
    if spread == "places":
        return line(first + second, *said, places={"dc-1": first, "dc-2": second}, **more)
    if spread == "days":
        return line(first + second, *said, days={day(0): first, day(2): second}, **more)
    return line(first, *said, **more)


@st.composite
def parts_of_deliveries(draw: st.DrawFn) -> Any:
    kind = draw(st.sampled_from(["came", "came", "refused", "substituted", "papers", "unnamed", "item"]))
    quantity = draw(st.integers(0, 50))
    if kind == "refused":
        fault = draw(st.sampled_from([CUSTOMER, SUPPLIER]))
        return came(quantity, refused(draw(QUANTITIES), fault, draw(st.sampled_from(["NO_SPACE", "DAMAGED"]))))
    if kind == "substituted":
        return came(quantity, instead=(substitute(draw(QUANTITIES), 5, approved=draw(st.booleans())),))
    if kind == "papers":
        return papers(shipped=quantity + 1, proven=draw(st.sampled_from([None, quantity])))
    if kind == "item":
        return came(quantity, of_item=True)
    return unnamed(quantity) if kind == "unnamed" else came(quantity)


@st.composite
def orders(draw: st.DrawFn) -> list[LineFacts]:
    lines = draw(st.lists(lines_of_orders(), min_size=1, max_size=3))
    brought = []
    for _ in range(draw(st.sampled_from([1, 2, 3, 2, 1, 0]))):
        parts = {str(n): draw(parts_of_deliveries()) for n in range(1, len(lines) + 1) if draw(st.integers(0, 3))}
        if not parts:
            continue
        at = draw(MOMENTS)
        slots = [appointment(draw(MOMENTS))] if draw(st.booleans()) else []
        place = draw(st.sampled_from([None, "dc-1", "dc-2"]))
        brought.append(delivery(at, parts, slots=slots, place=place, posted=draw(st.sampled_from([None, at]))))
    return order(*lines, wanted=day(0), deliveries=brought)


ORDERS = st.builds(
    lambda some: [replace(one, order=f"PO{n}") for n, lines in enumerate(some) for one in lines],
    st.lists(orders(), min_size=1, max_size=2),
)


# Any policy -------------------------------------------------------------------------------------------------------------

TOLERANCES = st.fixed_dictionaries({"kind": st.sampled_from(["PERCENT", "ABSOLUTE"]), "value": st.integers(0, 30)})
EFFECTS = st.dictionaries(st.sampled_from(["RECALL", "IMPORT"]), st.sampled_from(["EXCLUDE", "PASS"]), max_size=2)
POLICIES = st.fixed_dictionaries(
    {
        "metric": st.sampled_from(["FILL", "ON_TIME", "OTIF"]),
        "weightUnit": st.sampled_from(["CASE", "EACH", "LINE", "SKU_LOCATION", "ORDER", "VALUE"]),
        "creditMode": st.sampled_from(["PROPORTIONAL", "ALL_OR_NOTHING"]),
        "passLevel": st.sampled_from(["LINE", "LINE", "ORDER"]),
        "splitDeliveries": st.sampled_from(["FIRST_ONLY", "ACCUMULATE_IN_WINDOW", "ALL_ON_TIME"]),
        "conditions": st.sampled_from([[], [], ["UNDAMAGED"]]),
        "exclusions": EFFECTS,
        "exclusionAuthority": st.sampled_from(["CUSTOMER_GRANTED", "ANY"]),
        "denominator": st.fixed_dictionaries(
            {
                "quantityBasis": st.sampled_from(
                    ["ORIGINAL", "AMENDED_AT_CUTOFF", "LATEST_AMENDED", "FIRST_CONFIRMED", "LATEST_CONFIRMED"]
                ),
                "zeroQuantityLine": st.sampled_from(["EXCLUDE", "COUNT_AS_FULL"]),
                "caseRounding": st.sampled_from(["NONE", "DOWN", "UP", "NEAREST"]),
            }
        ),
        "inFull": st.fixed_dictionaries(
            {
                "underTolerance": TOLERANCES,
                "substitution": st.sampled_from(["NONE", "APPROVED", "ALWAYS"]),
                "wholeCasesOnly": st.booleans(),
                "rejection": st.sampled_from(["COUNT_CUSTOMER_FAULT", "COUNT_NONE"]),
            }
        ),
        "onTime": st.fixed_dictionaries(
            {
                "target": st.sampled_from(["REQUESTED_ORIGINAL", "REQUESTED_CURRENT", "PROMISED_LATEST", "APPOINTMENT_LATEST"]),
                "earliestDays": st.sampled_from([None, -2, -1, 0]),
                "latestDays": st.integers(0, 3),
                "earlyArrival": st.sampled_from(["FAIL", "PASS"]),
                "withoutAppointment": st.sampled_from(["IGNORE", "FAIL", "RECEIPT_POSTED"]),
            }
        ),
        "period": st.sampled_from([{}, {}, {}, {"recogniseAt": "ORDER_CLOSE"}]),
    }
).filter(lambda said: not read_policy(said)[1])
OVER_FAILS = {"overTolerance": {"kind": "PERCENT", "value": 5, "onExceed": "FAIL"}}


def over_failing(said: Mapping[str, Any]) -> FillRatePolicy:
    return policy(**{**said, "inFull": {**said["inFull"], **OVER_FAILS}})


ANY_POLICY = st.one_of(POLICIES.map(lambda said: policy(**said)), POLICIES.map(over_failing))
ANY_MOMENT = st.sampled_from([AFTERWARDS, *(datetime(2025, 4, n, 13, tzinfo=UTC) for n in (8, 10, 11, 12, 14))])


@given(lines=ORDERS, by=ANY_POLICY, at=ANY_MOMENT, metric=st.sampled_from(list(Metric)))
@settings(max_examples=250, deadline=None)
def test_contributions_sum_to_the_figure(lines: list[LineFacts], by: FillRatePolicy, at: datetime, metric: Metric) -> None:
    """One for every want; each between 0 and its weight; what does not count adds nothing; no rate is above 1."""
    found = judged(lines, by, at)
    parts = contributions(found, by, metric)
    assert [part.judged.want.key for part in parts] == [want.key for one in lines for want in wants(one, at)]
    assert all(0 <= part.numerator <= part.denominator for part in parts)
    assert all(part.denominator == 0 for part in parts if part.judged.status is not Status.COUNTED)
    figure = ratio(parts)
    assert figure.numerator == sum((part.numerator for part in parts), Fraction(0))
    assert figure.denominator == sum((part.denominator for part in parts), Fraction(0))
    assert figure.value is None if figure.denominator == 0 else 0 <= figure.value <= 1
    if by.weight_unit in ("LINE", "ORDER", "SKU_LOCATION"):
        assert figure.denominator.denominator == 1  # so many lines, orders, places


@given(lines=ORDERS, by=ANY_POLICY, metric=st.sampled_from(list(Metric)))
@settings(max_examples=100, deadline=None)
def test_all_or_nothing_gives_all_or_nothing(lines: list[LineFacts], by: FillRatePolicy, metric: Metric) -> None:
    by = replace(by, credit_mode=CreditMode.ALL_OR_NOTHING)
    quantities = by.weight_unit in ("CASE", "EACH", "VALUE")
    for part in contributions(judged(lines, by), by, metric):
        if not (quantities and metric is Metric.ON_TIME):
            assert part.numerator in (0, part.denominator)


# More leave lowers nothing ----------------------------------------------------------------------------------------------


def rates(lines: Sequence[LineFacts], by: FillRatePolicy) -> dict[Metric, Fraction]:
    """After all windows have closed, so that the same lines count; no rate counts as 0, there is nothing to lower."""
    found = {metric: figure_by(lines, by, metric=metric) for metric in Metric}
    return {metric: top / bottom if bottom else Fraction(0) for metric, (top, bottom) in found.items()}


@given(lines=ORDERS, said=POLICIES)
@settings(max_examples=120, deadline=None)
def test_a_longer_window_lowers_no_rate(lines: list[LineFacts], said: Mapping[str, Any]) -> None:
    """Over-delivery does not fail here: what is in time and too much would."""
    earliest = said["onTime"]["earliestDays"]
    longer = [{"latestDays": said["onTime"]["latestDays"] + 1}, {"earliestDays": None}]
    longer += [] if earliest is None else [{"earliestDays": earliest - 1}, {"earlyArrival": "PASS"}]
    before = rates(lines, policy(**said))
    for change in longer:
        after = rates(lines, policy(**{**said, "onTime": {**said["onTime"], **change}}))
        assert all(after[metric] >= before[metric] for metric in Metric), change


@given(lines=ORDERS, said=POLICIES, more=st.integers(1, 40), over=st.booleans())
@settings(max_examples=120, deadline=None)
def test_more_tolerance_lowers_no_rate(lines: list[LineFacts], said: Mapping[str, Any], more: int, over: bool) -> None:
    """Neither of what is short nor of what is too much."""
    tolerance = said["inFull"]["underTolerance"]
    wider = {**tolerance, "value": tolerance["value"] + more}
    full = {**said["inFull"], **(OVER_FAILS if over else {})}
    before = rates(lines, policy(**{**said, "inFull": full}))
    changes: list[dict[str, Any]] = [{"underTolerance": wider}]
    changes += [{"overTolerance": {"value": 5 + more, "onExceed": "FAIL"}}, {"overTolerance": {"value": None}}] if over else []
    for change in changes:
        after = rates(lines, policy(**{**said, "inFull": {**full, **change}}))
        assert all(after[metric] >= before[metric] for metric in Metric), change


@given(lines=ORDERS, said=POLICIES)
@settings(max_examples=100, deadline=None)
def test_taking_more_into_account_lowers_no_fill(lines: list[LineFacts], said: Mapping[str, Any]) -> None:
    """Substitutes, parts of cases, late parts: each can only add to FILL, where nothing else is asked of what comes."""
    said = {**said, "conditions": []}
    accumulated = {**said, "splitDeliveries": "ACCUMULATE_IN_WINDOW"}
    before = rates(lines, policy(**said))[Metric.FILL]
    if said["splitDeliveries"] == "ALL_ON_TIME":
        assert rates(lines, policy(**accumulated))[Metric.FILL] >= before
        said, before = accumulated, rates(lines, policy(**accumulated))[Metric.FILL]
    for change in ({"substitution": "ALWAYS"}, {"wholeCasesOnly": False}):
        assert rates(lines, policy(**{**said, "inFull": {**said["inFull"], **change}}))[Metric.FILL] >= before, change


# The order of telling ---------------------------------------------------------------------------------------------------


@given(lines=ORDERS, by=ANY_POLICY, at=ANY_MOMENT, seed=st.integers(0, 1000))
@settings(max_examples=100, deadline=None)
def test_the_order_in_which_deliveries_are_listed_is_nothing(
    lines: list[LineFacts], by: FillRatePolicy, at: datetime, seed: int
) -> None:
    mixed = random.Random(seed)
    shuffled = [replace(one, deliveries=tuple(mixed.sample(one.deliveries, len(one.deliveries)))) for one in lines]
    assert figure_by(shuffled, by, at) == figure_by(lines, by, at)


@given(lines=ORDERS, said=POLICIES)
@settings(max_examples=100, deadline=None)
def test_cases_eaches_and_values_agree_where_they_are_the_same(lines: list[LineFacts], said: Mapping[str, Any]) -> None:
    """A case of one each at a price of 1."""
    one_each = {"case_size": 1, "unit_price": 1, "price_per": 1}
    plain = [
        replace(one, original=replace(one.original, base_quantity=one.original.quantity, **one_each))
        for one in lines
        if not one.amendments
    ]
    said = {**said, "passLevel": "LINE"}
    cases, eaches, values = (figure_by(plain, policy(**{**said, "weightUnit": unit})) for unit in ("CASE", "EACH", "VALUE"))
    assert cases == eaches == values


# A second model: case by case -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Load:
    """A delivery of the small model: local day and hour, what is taken, what the customer refuses at its own fault."""

    offset: int
    hour: int
    taken: tuple[int, ...]
    refused: tuple[int, ...]


TAKEN, REFUSED = st.integers(0, 30), st.sampled_from([0, 0, 5, 9])
LOADS = st.builds(
    Load, st.integers(-3, 4), st.integers(0, 23), st.tuples(TAKEN, TAKEN), st.tuples(REFUSED, REFUSED)
)  # fmt: skip


@dataclass(frozen=True)
class Rule:
    metric: str
    earliest: int | None
    latest: int
    early_passes: bool
    split: str
    counts_refused: bool


RULES = st.builds(
    Rule, st.sampled_from(["FILL", "ON_TIME", "OTIF"]), st.sampled_from([None, -2, -1, 0]), st.integers(0, 3), st.booleans(),
    st.sampled_from(["FIRST_ONLY", "ACCUMULATE_IN_WINDOW", "ALL_ON_TIME"]), st.booleans(),
)  # fmt: skip


def by_hand(ordered: Sequence[int], loads: Sequence[Load], rule: Rule) -> tuple[int, int]:
    """Every case is one entry of a list: True if it came in time."""
    in_sequence = sorted(loads, key=lambda load: (load.offset, load.hour))
    if rule.split == "FIRST_ONLY":
        in_sequence = in_sequence[:1]
    top = bottom = 0
    for number, wanted in enumerate(ordered):
        cases: list[bool] = []
        to_come_again = 0
        void = False
        for load in in_sequence:
            early = rule.earliest is not None and load.offset < rule.earliest
            in_time = load.offset <= rule.latest and (not early or rule.early_passes)
            credited = load.refused[number] if rule.counts_refused else 0
            new = 0
            for _ in range(load.taken[number] + credited):
                if to_come_again:
                    to_come_again -= 1
                else:
                    new += 1
            to_come_again += credited
            cases += [in_time] * new
            void = void or (new > 0 and not in_time and rule.split == "ALL_ON_TIME")
        in_full, punctual = min(len(cases), wanted), min(sum(cases), wanted)
        earned = 0 if void else in_full if rule.metric == "FILL" else punctual
        top, bottom = top + earned, bottom + (in_full if rule.metric == "ON_TIME" else wanted)
    return top, bottom


@given(
    ordered=st.tuples(QUANTITIES, QUANTITIES),
    loads=st.lists(LOADS, max_size=4, unique_by=lambda load: (load.offset, load.hour)),
    rule=RULES,
    zone=st.sampled_from([CHICAGO, SHANGHAI]),
)
@settings(max_examples=500, deadline=None)
def test_a_second_model_counts_the_same(ordered: tuple[int, int], loads: list[Load], rule: Rule, zone: str) -> None:
    lines = order(
        *(line(wanted) for wanted in ordered),
        wanted=day(0),
        zone=zone,
        deliveries=[
            delivery(
                f"{day(load.offset)}T{load.hour:02}:00",
                {str(n + 1): came(load.taken[n], refused(load.refused[n], CUSTOMER)) for n in range(2)},
            )
            for load in loads
        ],
    )
    early = "PASS" if rule.early_passes else "FAIL"
    window = {"earliestDays": rule.earliest, "latestDays": rule.latest, "earlyArrival": early}
    by = policy(
        metric=rule.metric, onTime=window, splitDeliveries=rule.split,
        inFull={"rejection": "COUNT_CUSTOMER_FAULT" if rule.counts_refused else "COUNT_NONE"},
    )  # fmt: skip
    assert figure_by(lines, by) == by_hand(ordered, loads, rule)


# Clocks -----------------------------------------------------------------------------------------------------------------

ZONES = [CHICAGO, SAO_PAULO, HAVANA, SHANGHAI, "Europe/London", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "UTC"]
LOCAL = st.datetimes(datetime(2010, 1, 1), datetime(2027, 1, 1)).map(lambda moment: moment.replace(microsecond=0))
# A change of the clock in each: gaps and folds, at midnight too, by half an hour, and a whole day that never was.
CHANGES = st.sampled_from([
    (CHICAGO, "2025-03-09T02:00"), (CHICAGO, "2025-11-02T01:00"),
    (SAO_PAULO, "2018-11-04T00:00"), (SAO_PAULO, "2019-02-16T23:00"),
    (HAVANA, "2025-11-02T00:00"), (HAVANA, "2025-03-09T00:00"), ("Australia/Lord_Howe", "2025-10-05T02:00"),
    ("Australia/Lord_Howe", "2025-04-06T01:30"), ("Pacific/Apia", "2011-12-30T00:00"), ("Europe/London", "2025-10-26T01:00"),
])  # fmt: skip


@given(change=CHANGES, minutes=st.tuples(st.integers(-200, 2000), st.integers(-200, 2000)))
@settings(max_examples=120, deadline=None)
def test_a_later_local_time_is_no_earlier_instant(change: tuple[str, str], minutes: tuple[int, int]) -> None:
    zone, at = change
    first, last = (datetime.fromisoformat(at) + timedelta(minutes=n) for n in sorted(minutes))
    for upper in (False, True):
        assert instant(first, zone, upper=upper) <= instant(last, zone, upper=upper)
    assert instant(first, zone, upper=False) <= instant(first, zone, upper=True)


@given(local=LOCAL, zone=st.sampled_from(ZONES))
@settings(max_examples=100, deadline=None)
def test_a_local_time_that_exists_is_read_back(local: datetime, zone: str) -> None:
    for upper in (False, True):
        found = instant(local, zone, upper=upper)
        back = found.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
        exists = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local
        assert back == local if exists else back > local


@pytest.mark.parametrize("said", [{"splitDeliveries": "ALL_ON_TIME"}, {"weightUnit": "SKU_LOCATION"}, {"metric": "OTIF"}])
def test_the_strategies_reach_both_ends(said: dict[str, Any]) -> None:
    """A property that only ever sees 0 proves nothing: among the orders drawn are some that are full and some that are not."""
    seen: set[bool] = set()

    @given(lines=ORDERS)
    @settings(max_examples=200, deadline=None, database=None, derandomize=True)
    def look(lines: list[LineFacts]) -> None:
        top, bottom = figure_by(lines, policy(**said))
        if bottom:
            seen.add(top == bottom)

    look()
    assert seen == {True, False}
