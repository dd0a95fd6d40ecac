"""Customer plans: the latest revision and all before it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

from domain.customer_plan import CustomerPlan, PlanKind, PlanLine
from projections import customer_plans
from projections.customer_plans import find_plans, plan
from tests.projections.chronicle import Chronicle, Folder, check_folds_alike, reading

LOGS = ("forecast",)


def lines(quantity: int) -> list[PlanLine]:
    return [PlanLine("100", None, date(2026, 1, 1), date(2026, 12, 31), D(quantity), "CS")]


def told() -> Chronicle:
    chronicle = Chronicle()
    with chronicle.command("forecast") as log:
        annual = CustomerPlan.record("retailer", PlanKind.ANNUAL, "2026", lines(1000))
        log += [annual, CustomerPlan.record("other", PlanKind.JOINT_BUSINESS_PLAN, "2026", lines(5))]
    with chronicle.command("forecast", actor="planner") as log:
        annual.revise(3, lines(1200))
        log.append(annual)
    return chronicle


def test_it_folds_alike(folder: Folder) -> None:
    check_folds_alike(folder, customer_plans.VIEW, told(), LOGS)


def test_a_plan_keeps_its_revisions(folder: Folder) -> None:
    stream = CustomerPlan.stream("retailer", PlanKind.ANNUAL, "2026")
    with reading(folder, customer_plans.VIEW, told(), LOGS) as connection:
        found = plan(connection, stream)
        listed = find_plans(connection, "retailer").rows
        assert [row["partner"] for row in find_plans(connection).rows] == ["other", "retailer"]
        assert find_plans(connection, kind="ROLLING_PROMOTION").rows == []
        assert plan(connection, "plan/none") is None
    assert found is not None
    assert (found["revision"], found["lines"][0].quantity) == (3, D(1200))
    assert [(r["revision"], r["actor"], r["lines"][0].quantity) for r in found["revisions"]] == [
        (3, "planner", D(1200)), (1, "li.wei", D(1000)),
    ]  # fmt: skip
    assert [(row["revision"], row["lines"]) for row in listed] == [(3, tuple(lines(1200)))]
