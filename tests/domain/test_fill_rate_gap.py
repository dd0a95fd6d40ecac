"""The gap to the retailer's score: each cause lands in its own part, the parts sum exactly, the money is at the line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given as supposing
from hypothesis import settings
from hypothesis import strategies as st

from domain.fill_rate.choices import (
    Authority,
    CreditMode,
    EarlyArrival,
    ExclusionEffect,
    Metric,
    PassLevel,
    SplitRule,
    WeightUnit,
)
from domain.fill_rate.credit import contributions
from domain.fill_rate.facts import Advice, Arrival, Delivery, Exclusion, Known, LineFacts, Proof
from domain.fill_rate.figures import evaluate
from domain.fill_rate.gap import Gap, GapCause, LineGap, gap
from domain.fill_rate.judging import Asking
from domain.fill_rate.policy import FillRatePolicy
from domain.order import OrderLine, ScheduleLine
from domain.scorecard import Listing, ReportedLine, Result, Scorecard
from domain.shipment import ArrivalEvidence
from domain.values import Side

D = Decimal
DAY = date(2025, 8, 5)
ON_TIME = datetime(2025, 8, 5, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
LATE = ON_TIME + timedelta(days=1)
WEEK = timedelta(days=7)
AFTER = datetime(2025, 9, 1, tzinfo=UTC)
KNOWN = Known(1, ON_TIME, ON_TIME, "us")
POLICY = FillRatePolicy(exclusions=MappingProxyType({"DC_CONGESTION": ExclusionEffect.EXCLUDE, "GOODWILL": ExclusionEffect.PASS}))
ANY = replace(POLICY, exclusion_authority=Authority.ANY)


def delivery(quantity: int, at: datetime = ON_TIME, *, advised: int | None = None, number: str = "S1") -> Delivery:
    """Goods with our signed proof; ``advised``: and with the customer's receiving advice."""
    advice = [] if advised is None else [Advice(KNOWN, "RA-1", 1, at, D(advised), D(advised), None)]
    return Delivery(
        known=KNOWN, shipment=number, number=number, ship_to="dc1", zone="Asia/Shanghai", dispatched_at=at - timedelta(days=2),
        expected_on=None, quantity=D(quantity), base_quantity=D(quantity * 12),
        arrivals=(Arrival(KNOWN, at, ArrivalEvidence.GATE_ARRIVAL, Side.SUPPLIER),),
        proofs=(Proof(KNOWN, at, at.date(), "POD-1", D(quantity)),), advices=tuple(advice),
    )  # fmt: skip


def line(
    number: str, *came: Delivery, order: str = "PO-7", quantity: int = 100, item: str | None = None,
    excluded: str | None = None, price: str = "2.50", customer_item: str | None = None, later: int = 0,
) -> LineFacts:
    """Cases of 12 for one place and day, ``later`` of them for a week after; ``price`` a case."""
    item = item or f"item-{number}"
    amount = D(quantity)
    schedule = [ScheduleLine("dc1", DAY, amount - later, "Asia/Shanghai")]
    if later:
        schedule.append(ScheduleLine("dc1", DAY + WEEK, D(later), "Asia/Shanghai"))
    original = OrderLine(
        number=number, item=item, customer_item=customer_item, quantity=amount, unit="CS", base_quantity=amount * 12,
        unit_price=D(price), price_per=D(1), customer_price=None, net=amount, tax_rate=D(0), tax=D(0), gross=amount,
        schedule=tuple(schedule), case_size=D(12),
    )  # fmt: skip
    return LineFacts(
        order=f"order/acme/retail-a/{order}/-", number=number, company="acme", partner="retail-a", purchase_order_number=order,
        release="-", account="retail-a", currency="CNY", ordered_on=date(2025, 7, 1), cancel_after=None, known=KNOWN,
        added_by=None, original=original, deliveries=came,
        exclusions=() if excluded is None else (Exclusion(KNOWN, excluded, Side.SUPPLIER, ""),),
    )  # fmt: skip


def said(number: str | None, ordered: str, received: str, at: datetime | None = None, **more: Any) -> ReportedLine:
    return ReportedLine(more.pop("order", "PO-7"), number, more.pop("item", None), D(ordered), D(received), at, **more)


def card(*lines: ReportedLine, metric: Metric = Metric.FILL, **more: Any) -> Scorecard:
    return Scorecard(metric, "GREGORIAN_MONTH", "2025-08", lines=lines, **more)


def found(lines: Iterable[LineFacts], theirs: Scorecard, policy: FillRatePolicy = POLICY, at: datetime = AFTER) -> Gap:
    judged = evaluate(lines, Asking(policy, at, {}))
    return gap(contributions(judged, policy, theirs.metric), theirs, policy)


def effects(made: Gap) -> dict[str, Fraction]:
    """The parts that are not 0."""
    check_sum(made)
    return {part.cause.value: part.effect for part in made.parts if part.effect}


def check_sum(made: Gap) -> None:
    assert [part.cause for part in made.parts] == list(GapCause)
    if made.difference is None:
        assert {part.effect for part in made.parts} == {None}
    else:
        assert made.ours.value is not None and made.theirs is not None
        assert sum(part.effect or 0 for part in made.parts) == made.difference == made.ours.value - made.theirs


def only(made: Gap) -> LineGap:
    """The one line that differs."""
    (one,) = (each for part in made.parts for each in part.lines)
    return one


FULL = line("1", delivery(100))
SECOND = line("2", delivery(100))


def test_sides_that_agree_have_no_gap() -> None:
    made = found([FULL, SECOND], card(said("1", "100", "100"), said("2", "100", "100"), numerator="200", denominator="200"))
    assert (made.difference, effects(made)) == (0, {})
    assert not any(part.lines for part in made.parts)


def test_a_receipt_that_they_do_not_have_is_missing() -> None:
    """200/200 ours; they received 92 of line 1: 192/200. 8 cases at 2.50."""
    made = found([FULL, SECOND], card(said("1", "100", "92"), said("2", "100", "100"), numerator="192", denominator="200"))
    assert effects(made) == {"RECEIPT_MISSING": Fraction(8, 200)}
    assert only(made) == LineGap(
        GapCause.RECEIPT_MISSING, "PO-7", "1", "item-1", Fraction(100), Fraction(92), Fraction(8), D("20.00"), "CNY"
    )
    assert made.part(GapCause.RECEIPT_MISSING).money == {"CNY": D("20.00")}


def test_a_receipt_that_their_own_advice_tells_otherwise_is_unexplained() -> None:
    """Their receiving advice says 100, their scorecard 92: the receipt is not missing."""
    advised = line("1", delivery(100, advised=100))
    made = found([advised, SECOND], card(said("1", "100", "92"), said("2", "100", "100")))
    assert effects(made) == {"UNEXPLAINED": Fraction(8, 200)}
    assert (only(made).quantity, only(made).money) == (8, D("20.00"))


def test_only_what_no_advice_speaks_of_is_missing() -> None:
    """60 advised and 40 not; they received 50: 40 have no receipt, of 10 their advice says otherwise."""
    both = line("1", delivery(60, advised=60), delivery(40, number="S2"))
    made = found([both], card(said("1", "100", "50")))
    assert effects(made) == {"RECEIPT_MISSING": Fraction(40, 100), "UNEXPLAINED": Fraction(10, 100)}


def test_an_arrival_at_another_time() -> None:
    """OTIF: 200/200 ours; by their clock line 1 came a day later: 100/200."""
    made = found(
        [FULL, SECOND], card(said("1", "100", "100", LATE), said("2", "100", "100", ON_TIME), metric=Metric.OTIF)
    )
    assert effects(made) == {"TIMESTAMP_DIFFERS": Fraction(100, 200)}
    assert only(made) == LineGap(
        GapCause.TIMESTAMP_DIFFERS, "PO-7", "1", "item-1", ON_TIME, LATE, Fraction(100), D("250.00"), "CNY"
    )


def test_a_part_at_another_time() -> None:
    """They have 40 of the 100 a day later."""
    rows = (said("1", "100", "60", ON_TIME), said("1", "0", "40", LATE))
    made = found([FULL, SECOND], card(*rows, said("2", "100", "100"), metric=Metric.OTIF))
    assert effects(made) == {"TIMESTAMP_DIFFERS": Fraction(40, 200)}


def test_a_full_line_that_they_failed_came_late_for_them() -> None:
    failed = said("1", "100", "100", result=Result.FAILED)
    passed = said("2", "100", "100", result=Result.PASSED)
    assert effects(found([FULL, SECOND], card(failed, passed, metric=Metric.OTIF))) == {
        "TIMESTAMP_DIFFERS": Fraction(100, 200)
    }
    assert effects(found([FULL, SECOND], card(failed, passed, metric=Metric.ON_TIME))) == {
        "TIMESTAMP_DIFFERS": Fraction(100, 200)
    }
    assert effects(found([FULL, SECOND], card(failed, passed, metric=Metric.FILL))) == {}


def test_they_may_count_on_time_what_we_do_not() -> None:
    late = line("1", delivery(100, LATE))
    made = found([late, SECOND], card(said("1", "100", "100", ON_TIME), said("2", "100", "100"), metric=Metric.OTIF))
    assert effects(made) == {"TIMESTAMP_DIFFERS": Fraction(-100, 200)}


def test_a_short_line_that_they_failed_failed_for_its_quantity() -> None:
    failed = said("1", "100", "92", ON_TIME, result=Result.FAILED)
    made = found([FULL, SECOND], card(failed, said("2", "100", "100"), metric=Metric.OTIF))
    assert effects(made) == {"RECEIPT_MISSING": Fraction(8, 200)}


def test_a_time_makes_no_difference_to_what_was_filled() -> None:
    made = found([FULL], card(said("1", "100", "100", LATE)))
    assert not any(part.lines for part in made.parts)


def test_what_came_early_is_judged_by_the_policy() -> None:
    """A day early by their clock: fails where the window opens on the day, unless early arrivals pass."""
    early = card(said("1", "100", "100", ON_TIME - timedelta(days=1)), metric=Metric.OTIF)
    on_the_day = replace(POLICY, on_time=replace(POLICY.on_time, earliest_days=0))
    assert effects(found([FULL], early, on_the_day)) == {"TIMESTAMP_DIFFERS": Fraction(1)}
    lenient = replace(on_the_day, on_time=replace(on_the_day.on_time, early_arrival=EarlyArrival.PASS))
    assert effects(found([FULL], early, lenient)) == {}


def test_a_late_part_takes_the_whole_line_where_all_must_be_on_time() -> None:
    rows = (said("1", "100", "60", ON_TIME), said("1", "0", "40", LATE), said("2", "100", "100"))
    all_on_time = replace(POLICY, split_deliveries=SplitRule.ALL_ON_TIME)
    assert effects(found([FULL, SECOND], card(*rows, metric=Metric.OTIF), all_on_time)) == {
        "TIMESTAMP_DIFFERS": Fraction(100, 200)
    }
    by_line = replace(POLICY, weight_unit=WeightUnit.LINE)
    assert effects(found([FULL, SECOND], card(*rows, metric=Metric.ON_TIME), by_line)) == {
        "TIMESTAMP_DIFFERS": Fraction(1, 2)
    }


def test_a_line_for_two_days_is_compared_day_by_day() -> None:
    """60 for the day and 40 for a week later, delivered so; they list the two receipts, the later one first."""
    twice = line("1", delivery(60), delivery(40, ON_TIME + WEEK, number="S2"), later=40)
    rows = [said("1", "0", "40", ON_TIME + WEEK), said("1", "100", "60", ON_TIME)]
    assert effects(found([twice], card(*rows, metric=Metric.OTIF))) == {}
    late = [said("1", "0", "40", ON_TIME + 2 * WEEK), said("1", "100", "60", ON_TIME)]
    assert effects(found([twice], card(*late, metric=Metric.OTIF))) == {"TIMESTAMP_DIFFERS": Fraction(40, 100)}
    by_line = replace(POLICY, weight_unit=WeightUnit.LINE)
    assert effects(found([twice], card(said("1", "100", "90")), by_line)) == {"RECEIPT_MISSING": Fraction(10, 40) / 2}


def test_a_line_for_two_days_of_which_they_count_less() -> None:
    """They count 50 as ordered and received: 40 of the later day and 10 of the first are neither."""
    twice = line("1", delivery(60), delivery(40, ON_TIME + WEEK, number="S2"), later=40)
    assert effects(found([twice], card(said("1", "50", "50")))) == {
        "RECEIPT_MISSING": Fraction(1, 2), "DENOMINATOR_DIFFERS": Fraction(-1, 2),
    }  # fmt: skip


def test_without_their_time_ours_stands() -> None:
    late = line("1", delivery(60), delivery(40, LATE, number="S2"))
    made = found([late], card(said("1", "100", "100"), metric=Metric.OTIF))
    assert (made.ours.value, effects(made)) == (Fraction(60, 100), {})


def test_another_quantity_counted_as_ordered() -> None:
    """We count 100 of which 90 came; they count 120: 190/200 against 190/220."""
    short = line("1", delivery(90))
    made = found([short, SECOND], card(said("1", "120", "90"), said("2", "100", "100")))
    assert effects(made) == {"DENOMINATOR_DIFFERS": Fraction(190, 200) - Fraction(190, 220)}
    assert (only(made).ours, only(made).theirs, only(made).money) == (100, 120, D("50.00"))


def test_of_an_on_time_figure_they_may_count_what_was_delivered() -> None:
    """On time is of what was delivered: 90 of 90 is our denominator too, though 100 were ordered."""
    short = line("1", delivery(90))
    made = found([short], card(said("1", "90", "90", ON_TIME), metric=Metric.ON_TIME))
    assert not any(part.lines for part in made.parts)


def test_a_surplus_is_not_capped_by_an_order_that_they_count_higher() -> None:
    """110 came of 100; they have 100 of 120: the 10 that have no receipt would count for them."""
    made = found([line("1", delivery(110))], card(said("1", "120", "100")))
    assert effects(made) == {"DENOMINATOR_DIFFERS": 1 - Fraction(100, 120)}
    assert made.part(GapCause.RECEIPT_MISSING).lines[0].quantity == 10


def test_a_line_that_is_not_yet_due_for_us_is_in_their_denominator() -> None:
    """Asked on the day before: line 1 is pending, 100/100; they count it as missed: 100/200."""
    before = datetime(2025, 8, 5, 2, 0, tzinfo=UTC)
    made = found([line("1"), SECOND], card(said("1", "100", "0"), said("2", "100", "100")), at=before)
    assert effects(made) == {"DENOMINATOR_DIFFERS": Fraction(100, 100) - Fraction(100, 200)}


def test_a_cause_that_we_excuse_and_they_do_not() -> None:
    """40 of 100 came because their dock was full. Ours leaves the line out: 100/100; theirs 140/200."""
    congested = line("1", delivery(40), excluded="DC_CONGESTION")
    made = found([congested, SECOND], card(said("1", "100", "40"), said("2", "100", "100")), ANY)
    assert effects(made) == {"CAUSE_NOT_EXCUSED": Fraction(1) - Fraction(140, 200)}
    assert (only(made).ours, only(made).theirs, only(made).money) == ("DC_CONGESTION", None, D("150.00"))
    passed = line("1", delivery(40), excluded="GOODWILL")
    made = found([passed, SECOND], card(said("1", "100", "40"), said("2", "100", "100")), ANY)
    assert effects(made) == {"CAUSE_NOT_EXCUSED": Fraction(1) - Fraction(140, 200)}


def test_a_cause_that_they_excuse_and_we_do_not() -> None:
    """120/200 ours. Left out: 80/100; by our policy a GOODWILL line passes whole: 180/200."""
    short = [line("1", delivery(40)), line("2", delivery(80))]
    for cause, theirs in (("DC_CONGESTION", Fraction(80, 100)), ("GOODWILL", Fraction(180, 200)), ("OTHER", Fraction(80, 100))):
        made = found(short, card(said("1", "100", "40", excused=cause), said("2", "100", "80")))
        assert effects(made) == {"CAUSE_NOT_EXCUSED": Fraction(120, 200) - theirs}
        assert (only(made).ours, only(made).theirs) == (None, cause)


@pytest.mark.parametrize(("metric", "cases"), [(Metric.FILL, 60), (Metric.OTIF, 100), (Metric.ON_TIME, 40)])
def test_what_a_cause_puts_at_stake_is_what_the_figure_misses(metric: Metric, cases: int) -> None:
    """40 of 100 came, a day late: not filled 60, not on time in full 100, of the 40 delivered 40 late."""
    congested = line("1", delivery(40, LATE), excluded="DC_CONGESTION")
    made = found([congested, SECOND], card(said("1", "100", "40"), said("2", "100", "100"), metric=metric), ANY)
    assert (only(made).cause, only(made).quantity, only(made).money) == (
        GapCause.CAUSE_NOT_EXCUSED, cases, D("2.50") * cases,
    )  # fmt: skip


def test_a_cause_that_both_excuse_makes_no_gap() -> None:
    congested = line("1", delivery(40), excluded="DC_CONGESTION")
    rows = (said("1", "100", "10", LATE, excused="CONGESTED DOCK"), said("2", "100", "100"))
    assert effects(found([congested, SECOND], card(*rows), ANY)) == {}


def test_a_line_that_they_do_not_know() -> None:
    """Line 1, short by 40, is not on their list: 160/200 against 100/100."""
    short = line("1", delivery(60))
    made = found([short, SECOND], card(said("2", "100", "100")))
    assert effects(made) == {"MASTER_DATA_LATE": Fraction(160, 200) - 1}
    assert (only(made).ours, only(made).theirs, only(made).money) == (100, None, D("250.00"))


def test_on_a_list_of_failures_a_line_left_out_has_not_failed() -> None:
    made = found([FULL, SECOND], card(said("1", "100", "92"), listing=Listing.FAILED))
    assert effects(made) == {"RECEIPT_MISSING": Fraction(8, 200)}


def test_a_line_that_we_do_not_know() -> None:
    """They count line 9, of 50 nothing came: 200/200 against 200/250. What it costs is not known."""
    rows = (said("1", "100", "100"), said("2", "100", "100"), said("9", "50", "0", item="item-9"))
    made = found([FULL, SECOND], card(*rows))
    assert effects(made) == {"MASTER_DATA_LATE": Fraction(1) - Fraction(200, 250)}
    assert only(made) == LineGap(
        GapCause.MASTER_DATA_LATE, "PO-7", "9", "item-9", None, Fraction(50), Fraction(50), None, None
    )
    by_order = replace(POLICY, weight_unit=WeightUnit.ORDER, credit_mode=CreditMode.ALL_OR_NOTHING)
    assert effects(found([FULL, SECOND], card(*rows), by_order)) == {"MASTER_DATA_LATE": Fraction(1)}
    by_value = found([FULL, SECOND], card(*rows), replace(POLICY, weight_unit=WeightUnit.VALUE))
    assert effects(by_value) == {}
    assert only(by_value).line == "9"
    late = said("9", "50", "50", result=Result.FAILED)
    assert effects(found([FULL, SECOND], card(*rows[:2], late, metric=Metric.OTIF))) == effects(made)
    excused = said("9", "50", "0", excused="DISCONTINUED")
    assert not any(part.lines for part in found([FULL, SECOND], card(*rows[:2], excused)).parts)
    other_order = found([FULL, SECOND], card(*rows[:2], said("1", "50", "0", order="PO-8")))
    assert effects(other_order) == effects(made)


def test_a_line_counted_in_another_unit() -> None:
    """Line 1 in eaches: 1200 of which 1200; line 2 short by 20 on both sides: 180/200 against 1280/1300."""
    short = line("2", delivery(80))
    made = found([FULL, short], card(said("1", "1200", "1200"), said("2", "100", "80")))
    assert effects(made) == {"MASTER_DATA_LATE": Fraction(180, 200) - Fraction(1280, 1300)}
    assert (only(made).ours, only(made).theirs, only(made).money) == (100, 1200, D("0.00"))


def test_a_receipt_posted_in_the_wrong_pack() -> None:
    """They received 1200 eaches and posted them as 100 of 1200 ordered; read as cases of 12, 91 2/3 cases are gone."""
    made = found([FULL, SECOND], card(said("1", "1200", "100"), said("2", "100", "100")))
    assert effects(made) == {"MASTER_DATA_LATE": Fraction(1) - Fraction(200, 1300)}
    assert only(made).money == D("229.17")  # (100 - 100/12) x 2.50
    small = line("1", delivery(24), quantity=24)
    made = found([small, SECOND], card(said("1", "24", "2"), said("2", "100", "100")))
    assert effects(made) == {"MASTER_DATA_LATE": Fraction(1) - Fraction(102, 124)}
    assert (only(made).ours, only(made).theirs, only(made).money) == (24, 2, D("55.00"))


def test_a_missing_receipt_in_their_unit_is_a_missing_receipt() -> None:
    """1200 eaches ordered, 1140 received: 5 cases have no receipt; the rest of the gap is the unit."""
    made = found([FULL], card(said("1", "1200", "1140")))
    assert effects(made) == {"RECEIPT_MISSING": Fraction(5, 100)}
    receipt = made.part(GapCause.RECEIPT_MISSING).lines[0]
    assert (receipt.ours, receipt.theirs, receipt.quantity) == (100, 95, 5)


def test_totals_alone_explain_nothing() -> None:
    made = found([FULL, SECOND], card(numerator="190", denominator="200"))
    assert effects(made) == {"UNEXPLAINED": Fraction(10, 200)}
    made = found([FULL, SECOND], card(rate="0.9467"))
    assert (made.theirs, effects(made)) == (Fraction(9467, 10_000), {"UNEXPLAINED": 1 - Fraction(9467, 10_000)})


def test_what_their_lines_leave_of_their_figure_is_unexplained() -> None:
    """Their lines make 192/200, their scorecard says 180/200."""
    made = found([FULL, SECOND], card(said("1", "100", "92"), said("2", "100", "100"), numerator="180", denominator="200"))
    assert effects(made) == {"RECEIPT_MISSING": Fraction(8, 200), "UNEXPLAINED": Fraction(12, 200)}


def test_more_than_our_evidence_shows_is_unexplained() -> None:
    for metric in (Metric.FILL, Metric.OTIF):
        theirs = card(said("1", "100", "95"), said("2", "100", "100"), metric=metric)
        assert effects(found([line("1", delivery(90)), SECOND], theirs)) == {"UNEXPLAINED": Fraction(-5, 200)}


def test_what_came_beyond_the_order_makes_no_gap() -> None:
    """104 came, they note the 100 that were ordered."""
    assert not any(part.lines for part in found([line("1", delivery(104))], card(said("1", "100", "100"))).parts)


def test_causes_are_taken_in_their_order() -> None:
    """All at once; the pooled rates by hand, after each step.

    Ours: line 1 excused, 2 to 5 full: 400/400. Causes: line 1 with 40 of 100: 440/500. Receipts: line 2 has 90: 430/500.
    No time differs. Denominators: line 3 counts 150 of which 100 came: 430/550. Master data: line 4 is not known: 330/450.
    The scorecard says 0.7.
    """
    ours = [line("1", delivery(40), excluded="DC_CONGESTION"), *(line(str(n), delivery(100)) for n in (2, 3, 4, 5))]
    rows = (said("1", "100", "40"), said("2", "100", "90"), said("3", "150", "100"), said("5", "100", "100"))
    assert effects(found(ours, card(*rows, rate="0.7"), ANY)) == {
        "CAUSE_NOT_EXCUSED": 1 - Fraction(440, 500),
        "RECEIPT_MISSING": Fraction(440, 500) - Fraction(430, 500),
        "DENOMINATOR_DIFFERS": Fraction(430, 500) - Fraction(430, 550),
        "MASTER_DATA_LATE": Fraction(430, 550) - Fraction(330, 450),
        "UNEXPLAINED": Fraction(330, 450) - Fraction(7, 10),
    }


def test_a_figure_of_nothing_has_no_gap() -> None:
    for theirs in (card(numerator="0", denominator="0"), card(numerator="1", denominator="2")):
        ours = [] if theirs.value is not None else [FULL]
        made = found(ours, theirs)
        assert made.difference is None
        check_sum(made)


@pytest.mark.parametrize(
    "row",
    [
        said("0001", "100", "92"), said(None, "100", "92", item="item-1"), said(None, "100", "92", item="000C-1"),
        said("77", "100", "92", item="item-1"), said("2", "100", "92", item="item-1"), said("1", "100", "92", item="unheard"),
        said("1", "100", "92", order="0PO-7"),
    ],
)  # fmt: skip
def test_rows_find_their_line(row: ReportedLine) -> None:
    """By number or by item, ours or theirs; where the two contradict each other the item is what was delivered."""
    ours = [line("1", delivery(100), customer_item="C-1"), SECOND]
    made = found(ours, card(row, said("2", "100", "100", item="item-2")))
    assert effects(made) == {"RECEIPT_MISSING": Fraction(8, 200)}
    assert only(made).line == "1"


def test_a_row_of_an_item_speaks_of_all_its_lines() -> None:
    """100 + 50 of item A on two lines; they list A once with 120 received of 150."""
    ours = [line("1", delivery(100), item="A"), line("2", delivery(50), item="A", quantity=50)]
    made = found(ours, card(said(None, "150", "120", item="A")))
    assert effects(made) == {"RECEIPT_MISSING": Fraction(30, 150)}
    assert only(made).line == "1, 2"
    for rows in (
        (said("1", "100", "100"), said(None, "50", "20", item="A")),
        (said("1", "100", "100", item="A"), said("2", "50", "20", item="A")),
    ):
        by_number = found(ours, card(*rows))
        assert effects(by_number) == {"RECEIPT_MISSING": Fraction(30, 150)}
        assert only(by_number).line == "2"


def test_rows_of_the_item_add_to_the_rows_of_its_lines() -> None:
    """60 and 30 by their lines, and 60 more of the item: all 150 came."""
    ours = [line("1", delivery(100), item="A"), line("2", delivery(50), item="A", quantity=50)]
    rows = (said("1", "100", "60"), said("2", "50", "30"), said(None, "0", "60", item="A"))
    assert not any(part.lines for part in found(ours, card(*rows)).parts)


def test_corrections_are_taken_off() -> None:
    rows = (said("1", "100", "100"), said("1", "0", "-8"), said("2", "100", "100"))
    assert effects(found([FULL, SECOND], card(*rows))) == {"RECEIPT_MISSING": Fraction(8, 200)}


def test_lines_are_weighed_as_the_policy_weighs_them() -> None:
    """Whole lines: the receipt of 92 fails one of two. By value the second line counts four times as much."""
    theirs = card(said("1", "100", "92"), said("2", "100", "100"))
    whole = replace(POLICY, weight_unit=WeightUnit.LINE, credit_mode=CreditMode.ALL_OR_NOTHING)
    assert effects(found([FULL, SECOND], theirs, whole)) == {"RECEIPT_MISSING": Fraction(1, 2)}
    by_order = replace(whole, weight_unit=WeightUnit.ORDER)
    assert effects(found([FULL, SECOND], theirs, by_order)) == {"RECEIPT_MISSING": Fraction(1)}
    by_value = replace(POLICY, weight_unit=WeightUnit.VALUE)
    dear = line("2", delivery(100), price="10.00")
    assert effects(found([FULL, dear], theirs, by_value)) == {"RECEIPT_MISSING": Fraction(20, 1250)}


QUANTITIES = st.sampled_from([0, 1, 8, 10, 12, 24, 90, 100, 120, 1200])
MOMENTS = st.sampled_from([ON_TIME, LATE, ON_TIME - timedelta(days=1)])


@st.composite
def lines(draw: st.DrawFn) -> list[LineFacts]:
    made: list[LineFacts] = []
    for order in draw(st.lists(st.sampled_from(["PO-1", "PO-2", "PO-3"]), max_size=3, unique=True)):
        for number in range(1, draw(st.integers(1, 3)) + 1):
            came = [
                delivery(draw(QUANTITIES) or 1, draw(MOMENTS), advised=draw(st.none() | QUANTITIES), number=f"S{n}")
                for n in range(draw(st.integers(0, 2)))
            ]
            excluded = draw(st.sampled_from([None, None, "DC_CONGESTION", "GOODWILL"]))
            quantity = draw(st.sampled_from([1, 10, 24, 100]))
            item = draw(st.sampled_from(["A", "B"]))
            made.append(line(str(number), *came, order=order, quantity=quantity, item=item, excluded=excluded))
    return made


@st.composite
def cards(draw: st.DrawFn) -> Scorecard:
    rows = draw(st.lists(st.builds(
        ReportedLine, st.sampled_from(["PO-1", "PO-2", "PO-9"]), st.none() | st.sampled_from(["1", "2", "8"]),
        st.sampled_from(["A", "B", "C"]), QUANTITIES.map(D), QUANTITIES.map(D), st.none() | MOMENTS,
        st.sampled_from([None, None, "DC_CONGESTION", "GOODWILL", "OTHER"]), st.none() | st.sampled_from(list(Result)),
    ), max_size=8))  # fmt: skip
    figure = draw(st.sampled_from([{"numerator": "7", "denominator": "9"}, {"rate": "0.7"}, {}] if rows else [{"rate": "1"}]))
    listing, metric = draw(st.sampled_from(list(Listing))), draw(st.sampled_from(list(Metric)))
    return card(*rows, metric=metric, listing=listing, **figure)


@st.composite
def policies(draw: st.DrawFn) -> FillRatePolicy:
    weight = draw(st.sampled_from(list(WeightUnit)))
    mode = draw(st.sampled_from(list(CreditMode)))
    by_order = mode is CreditMode.ALL_OR_NOTHING and weight in (WeightUnit.CASE, WeightUnit.LINE) and draw(st.booleans())
    split = draw(st.sampled_from(list(SplitRule)))
    level = PassLevel.ORDER if by_order else PassLevel.LINE
    return replace(ANY, weight_unit=weight, credit_mode=mode, pass_level=level, split_deliveries=split)


@settings(max_examples=400, deadline=None)
@supposing(lines(), cards(), policies(), st.sampled_from([AFTER, datetime(2025, 8, 5, 2, 0, tzinfo=UTC)]))
def test_the_parts_always_sum_exactly(ours: list[LineFacts], theirs: Scorecard, policy: FillRatePolicy, at: datetime) -> None:
    made = found(ours, theirs, policy, at)
    check_sum(made)
    unexplained = made.part(GapCause.UNEXPLAINED)
    if not theirs.has_figure and not unexplained.lines:
        assert not unexplained.effect, "their lines alone leave nothing over"
    for part in made.parts[:-1]:
        assert part.lines or not part.effect, f"{part.cause} moves the figure by no line"


@settings(max_examples=200, deadline=None)
@supposing(st.lists(st.integers(20, 99), min_size=1, max_size=6), st.data())
def test_a_seeded_wrong_receipt_lands_in_its_part(quantities: list[int], data: st.DataObject) -> None:
    """Everything was delivered; of one line they received some less, not by its pack."""
    ours = [line(str(n), delivery(quantity), quantity=quantity) for n, quantity in enumerate(quantities)]
    wrong = data.draw(st.integers(0, len(ours) - 1))
    less = data.draw(st.integers(1, quantities[wrong]).filter(lambda n: (quantities[wrong] - n) * 12 != quantities[wrong]))
    rows = [said(str(n), str(q), str(q - less if n == wrong else q), ON_TIME) for n, q in enumerate(quantities)]
    for metric in (Metric.FILL, Metric.OTIF):
        made = found(ours, card(*rows, metric=metric))
        assert effects(made) == {"RECEIPT_MISSING": Fraction(less, sum(quantities))}
        assert (only(made).line, only(made).quantity) == (str(wrong), less)


@settings(max_examples=200, deadline=None)
@supposing(lines(), policies(), st.sampled_from(list(Metric)), st.booleans())
def test_their_scorecard_that_says_what_we_say_leaves_nothing(
    ours: list[LineFacts], policy: FillRatePolicy, metric: Metric, stated: bool
) -> None:
    """Each line as we judge it; without their instants, which one line has only one of."""
    judged = evaluate(ours, Asking(policy, AFTER, {}))
    rows = [
        ReportedLine(
            one.line.purchase_order_number, one.line.number, None, D(int(one.d)), D(int(one.q_all)), None,
            one.exclusion if one.passed or one.status == "EXCLUDED" else None,
        )
        for one in judged
    ]  # fmt: skip
    made = gap(contributions(judged, policy, metric), card(*rows, metric=metric), policy)
    assert effects(made) == {}
    assert not any(part.lines for part in made.parts)
