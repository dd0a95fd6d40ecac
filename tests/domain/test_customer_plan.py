"""Plans a customer shares: revisions in order, repeats silent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.customer_plan import (
    LINE_ENDS_BEFORE_IT_BEGINS,
    LINE_REPEATED,
    PLAN_EMPTY,
    PROMOTION_MISSING,
    QUANTITY_NEGATIVE,
    REVISION_NOT_POSITIVE,
    REVISION_TAKEN,
    CustomerPlan,
    PlanKind,
    PlanLine,
)
from domain.refusal import Refusal
from tests.given import fact, given

JANUARY = PlanLine("SKU-1", None, date(2026, 1, 1), date(2026, 1, 31), Decimal(1200), "CA")
FEBRUARY = replace(JANUARY, first_day=date(2026, 2, 1), last_day=date(2026, 2, 28), ship_to="DC-1")
MORE = replace(JANUARY, quantity=Decimal(1500))


def recorded(revision: int, *lines: PlanLine, kind: PlanKind = PlanKind.ANNUAL) -> CustomerPlan.Recorded:
    facts: dict[str, Any] = {"partner": "retail-a", "kind": kind, "period": "2026"}
    return fact(CustomerPlan.Recorded, revision=revision, lines=lines, **facts)


def revised(revision: int, *lines: PlanLine) -> CustomerPlan.Revised:
    return fact(CustomerPlan.Revised, revision=revision, lines=lines)


def record(*lines: PlanLine, kind: PlanKind = PlanKind.ANNUAL, revision: int = 1) -> CustomerPlan:
    return CustomerPlan.record("retail-a", kind, "2026", lines, revision)


def test_a_plan_is_recorded_in_one_order_of_lines() -> None:
    given(CustomerPlan).when_new(lambda: record(FEBRUARY, JANUARY)).then(recorded(1, JANUARY, FEBRUARY))
    stream = CustomerPlan.stream("retail-a", PlanKind.JOINT_BUSINESS_PLAN, "2026")
    assert stream == "plan/retail-a/JOINT_BUSINESS_PLAN/2026"


def test_a_newer_revision_takes_the_place_of_the_older_one() -> None:
    given(CustomerPlan, recorded(1, JANUARY, FEBRUARY)).when(lambda p: p.revise(3, [MORE])).then(
        revised(3, MORE)
    ).then_state(revision=3, lines=(MORE,))


def test_repeats_and_older_revisions_are_silent() -> None:
    plan = (recorded(1, JANUARY, FEBRUARY), revised(3, MORE))
    given(CustomerPlan, *plan).when(lambda p: p.revise(3, [MORE])).then_nothing()
    given(CustomerPlan, *plan).when(lambda p: p.revise(2, [JANUARY])).then_nothing()
    given(CustomerPlan, plan[0]).when(lambda p: p.revise(1, [FEBRUARY, JANUARY])).then_nothing()


def test_the_same_revision_with_other_lines_is_refused() -> None:
    given(CustomerPlan, recorded(2, JANUARY)).when(lambda p: p.revise(2, [MORE])).then_refused(
        REVISION_TAKEN, revision=2, next_revision=3
    )


@pytest.mark.parametrize(
    ("lines", "kind", "refusal"),
    [
        ((), PlanKind.ANNUAL, PLAN_EMPTY),
        ((replace(JANUARY, last_day=date(2025, 12, 31)),), PlanKind.ANNUAL, LINE_ENDS_BEFORE_IT_BEGINS),
        ((replace(JANUARY, quantity=Decimal(-1)),), PlanKind.ANNUAL, QUANTITY_NEGATIVE),
        ((JANUARY, MORE), PlanKind.ANNUAL, LINE_REPEATED),
        ((JANUARY,), PlanKind.ROLLING_PROMOTION, PROMOTION_MISSING),
    ],
)
def test_a_plan_that_cannot_be_read_one_way_is_refused(
    lines: tuple[PlanLine, ...], kind: PlanKind, refusal: Refusal
) -> None:
    given(CustomerPlan).when_new(lambda: record(*lines, kind=kind)).then_refused(refusal)


def test_revisions_count_from_one() -> None:
    given(CustomerPlan).when_new(lambda: record(JANUARY, revision=0)).then_refused(REVISION_NOT_POSITIVE)
