"""Penalties over HTTP: recorded from inside only, then announced, disputed, settled or waived by people, and read back."""

from __future__ import annotations

from typing import Any

import pytest

from domain.penalty import Penalty
from services.orders.penalties import RecordPenaltyCalculation
from tests.conftest import asking
from tests.services.shop import Shop, problem_of

FIGURES: dict[str, Any] = {
    "policy": "WMT-IF", "currency": "EUR", "amount": "186.37", "charges": 3, "rate": "95/100", "goal": "19/20",
    "policy_from": "2026-01-01", "policy_digest": "ab12", "position": 4,
}
ANNOUNCED = {"document": "F-1", "amount": "200.00", "announced_on": "2026-04-20"}


def calculated(shop: Shop, period: str, **figures: Any) -> Any:
    """The answer to the command that the fill rate's own door makes."""
    body = {"partner": shop.master.partner, "period": period, **FIGURES, **figures}
    return shop.wired.applications["orders"].handle(RecordPenaltyCalculation.model_validate(body), asking("clerk"))


def address(shop: Shop, period: str) -> str:
    return f"/v1/penalties/{shop.master.partner}/WMT-IF/{period}"


def page(shop: Shop, period: str, role: str = "clerk") -> Any:
    answer = shop.get(f"{address(shop, period)}?min_position=orders={shop.position()}", role)
    assert answer.status_code == 200, answer.text
    return answer


def test_a_calculation_is_recorded_once_and_anew_with_a_reason(shop: Shop) -> None:
    made = calculated(shop, "2026-01")
    assert (made.status, made.body["state"], made.body["href"]) == (201, "CALCULATED", address(shop, "2026-01"))
    again = calculated(shop, "2026-01", rate="19/20", position=9)
    assert (again.status, again.body["version"]) == (200, 1)
    assert calculated(shop, "2026-01", amount="100.00", position=9).body["code"] == "penalty.reason_missing"
    better = calculated(shop, "2026-01", amount="100.00", position=9, reason="a late receipt")
    assert (better.status, better.body["version"]) == (200, 2)
    assert calculated(shop, "2026-01", amount="90.00", position=8, reason="x").status == 409
    assert calculated(shop, "2026-01", partner="nobody").status == 404
    shown = page(shop, "2026-01").json()
    assert (shown["calculated"], shown["rate"], shown["goal"], shown["position"]) == ("100.00", "19/20", "19/20", 9)


def test_there_is_no_door_for_figures_that_the_caller_made_up(shop: Shop) -> None:
    problem_of(shop.post("/v1/penalties", FIGURES), 405, "method_not_allowed")


def test_a_penalty_from_announcement_to_settlement(shop: Shop) -> None:
    calculated(shop, "2026-02")
    place = address(shop, "2026-02")
    early = shop.post(f"{place}:dispute", {"amount": "10.00", "reason": "received late"})
    assert "CALCULATED" in problem_of(early, 409, "penalty.not_announced")["detail"]
    announced = shop.post(f"{place}:announce", ANNOUNCED)
    assert (announced.status_code, announced.json()["state"], announced.json()["open"]) == (200, "ANNOUNCED", "200.00")
    assert shop.post(f"{place}:announce", ANNOUNCED).json()["version"] == announced.json()["version"]
    other = shop.post(f"{place}:announce", {**ANNOUNCED, "amount": "210.00"})
    assert problem_of(other, 409, "penalty.document_used_already")["parameters"]["limit"] == "200.00"
    disputed = shop.post(f"{place}:dispute", {"amount": "80.00", "reason": "received late"}, "credit_manager")
    assert (disputed.status_code, disputed.json()["state"]) == (200, "DISPUTED")
    (fact,), _ = shop.wired.feeds["orders"].read(0, 10_000, [Penalty.Disputed])
    assert fact.event.by == "credit-manager"
    agreed = {"document": "CM-1", "amount": "230.00", "settled_on": "2026-05-04"}
    too_much = problem_of(shop.post(f"{place}:settle", agreed), 422, "penalty.settled_more")
    assert (too_much["parameters"]["limit"], too_much["parameters"]["excess"]) == ("200.00", "30.00")
    settled = shop.post(f"{place}:settle", {**agreed, "reason": "with April's"})
    assert (settled.status_code, settled.json()["state"], settled.json()["open"]) == (200, "SETTLED", "0")
    shown = page(shop, "2026-02")
    assert shown.headers["etag"] == settled.headers["etag"] == '"v4"'
    body = shown.json()
    assert [(row["what"].partition(".")[2], row["actor"]) for row in body["history"]] == [
        ("calculated/1", "clerk"), ("announced_by_customer/1", "clerk"), ("disputed/1", "credit-manager"),
        ("settled/1", "clerk"),
    ]  # fmt: skip
    assert (body["announced"], body["settled"], body["open"], body["state"]) == ("200.00", "230.00", "0.00", "SETTLED")


def test_a_penalty_is_waived(shop: Shop) -> None:
    calculated(shop, "2026-03")
    waived = shop.post(f"{address(shop, '2026-03')}:waive", {"reason": "goodwill of the buyer"})
    assert (waived.status_code, waived.json()["state"]) == (200, "WAIVED")
    assert page(shop, "2026-03").json()["history"][-1]["reason"] == "goodwill of the buyer"


def test_penalties_are_listed_by_partner_and_state(shop: Shop) -> None:
    calculated(shop, "2026-05")
    calculated(shop, "2026-06")
    shop.post(f"{address(shop, '2026-06')}:announce", ANNOUNCED)
    at = f"min_position=orders={shop.position()}"
    mine = f"/v1/penalties?partner={shop.master.partner}"
    periods = [row["period"] for row in shop.get(f"{mine}&{at}", "auditor").json()["items"]]
    assert periods[:2] == ["2026-06", "2026-05"]
    (row,) = shop.get(f"{mine}&state=ANNOUNCED&{at}").json()["items"]
    assert (row["period"], row["open"], row["calculated"]) == ("2026-06", "200.00", "186.37")
    first = shop.get(f"{mine}&limit=1&{at}").json()
    second = shop.get(first["next"]).json()
    assert [one["items"][0]["period"] for one in (first, second)] == ["2026-06", "2026-05"]
    assert shop.get(f"/v1/penalties?partner=nobody&{at}").json() == {"items": [], "next": None}
    assert shop.get(f"{mine}&period=2026-05&policy=WMT-IF&{at}").json()["items"][0]["period"] == "2026-05"
    assert shop.get("/v1/penalties?state=PAID").status_code == 422


@pytest.mark.parametrize("verb", ["announce", "dispute", "settle", "waive"])
def test_only_clerks_and_credit_managers_decide(shop: Shop, verb: str) -> None:
    for role in ("planner", "auditor", "integration", "administrator"):
        answer = shop.post(f"{address(shop, '2026-01')}:{verb}", {}, role)
        assert problem_of(answer, 403, "not_permitted")["permission"] == "penalty.decide"


def test_defects_are_named(shop: Shop) -> None:
    calculated(shop, "2026-07")
    place = address(shop, "2026-07")
    problem_of(shop.post(f"{place}:announce", {**ANNOUNCED, "amount": "-1.00"}), 422, "not_valid")
    problem_of(shop.post(f"{place}:announce", {**ANNOUNCED, "amount": "0"}), 422, "penalty.amount_not_positive")
    problem_of(shop.post(f"{place}:announce", {**ANNOUNCED, "amount": "1.005"}), 422, "penalty.amount_too_fine")
    problem_of(shop.post(f"{place}:waive", {"reason": ""}), 422, "not_valid")
    problem_of(shop.post("/v1/penalties/a/b/c:announce", ANNOUNCED), 404, "not_known")
    problem_of(shop.get("/v1/penalties/a/b/c"), 404, "not_known")
