"""Failed lines, discrepancies, penalties and the gap to the retailer's score, through the doors."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from tests.services.orders.golden_trade import Trade
from tests.services.orders.test_fill_rate_doors import agree, asked
from tests.services.shop import Shop, problem_of

MARCH = "2026-03"


def contradicted(shop: Shop, name: str) -> Trade:
    """F13 in small: a slot 09:00-10:00; our gate record 09:10 and POD of 100, the customer's check-in 10:41 and 92."""
    order: dict[str, Any] = {
        "id": "PO1", "tz": "Asia/Shanghai", "requested": "2026-03-16", "lines": [{"id": "1", "original": 100, "price": 5}],
        "appointments": [{"start": "2026-03-16T09:00", "end": "2026-03-16T10:00"}],
        "deliveries": [{
            "times": {
                "arrival": "2026-03-16T09:10:00+08:00", "checkIn": "2026-03-16T10:41:00+08:00",
                "posted": "2026-03-16T14:05:00+08:00",
            },
            "lines": [{"line": "1", "received": 92, "pod": 100}],
        }],
    }  # fmt: skip
    trade = Trade(shop, {"id": name, "orders": [order]})
    trade.play()
    return trade


SLOT = {
    "metric": "OTIF", "goal": {"rate": "0.95"},
    "onTime": {"windowKind": "SLOT", "target": "APPOINTMENT_LATEST", "slotLateMinutes": 30, "arrivalEvidence": ["CHECK_IN"]},
    "penalty": {"trigger": "BELOW_GOAL", "base": "COST_OF_NONCOMPLIANT", "rate": "0.03"},
}  # fmt: skip


def test_a_contradiction_is_an_object_with_both_values_and_the_money(shop: Shop) -> None:
    trade = contradicted(shop, "CONTRA")
    agree(shop, trade.partner, "main", SLOT)
    items = asked(shop, "/discrepancies", partner=trade.partner, period=MARCH).json()["items"]
    (quantity,) = [one for one in items if one["kind"] == "QUANTITY"]
    assert (quantity["theirs"]["value"], quantity["ours"]["value"], quantity["quantity"]) == ("92", "100", "8")
    assert (quantity["money"], quantity["currency"]) == ("40.00", "EUR")
    assert (quantity["theirs"]["by"], quantity["ours"]["by"]) == ("customer", "supplier")
    said = shop.get(quantity["theirs"]["href"]).json()
    assert said["type"] == "shipment.received/1"


def test_our_own_rate_stands_beside_the_customers(shop: Shop) -> None:
    """F13: by the customer's data nothing was on time and in full, by ours all of it."""
    trade = contradicted(shop, "OWN")
    agree(shop, trade.partner, "main", SLOT)
    (shown,) = asked(shop, "/own", partner=trade.partner, period=MARCH).json()["programmes"]
    official, own = shown["figure"], shown["own"]
    assert (official["numerator"], official["denominator"], own["numerator"], own["denominator"]) == ("0", "100", "100", "100")
    assert (shown["lines_that_differ"], shown["differing"][0]["after"]["numerator"]) == (1, "100")
    arrivals = [one for one in asked(shop, "/discrepancies", partner=trade.partner, period=MARCH).json()["items"]
                if one["kind"] == "ARRIVAL"]  # fmt: skip
    (arrival,) = arrivals
    assert arrival["punctuality"] == {"ours": "ON_TIME", "theirs": "LATE"}
    assert (arrival["theirs"]["by"], arrival["ours"]["by"]) == ("customer", "supplier")


def test_papers_about_what_we_do_not_know_are_shown_and_never_dropped(shop: Shop) -> None:
    trade = contradicted(shop, "STRAY")
    agree(shop, trade.partner, "main", SLOT)
    unknown = f"order/acme/{trade.partner}/PO-77/-"
    lines = [
        {"order": trade.stream, "line": "9", "quantity": "3", "accepted": "3"},
        {"order": unknown, "line": "1", "quantity": "4", "accepted": "4"},
        {"order": trade.stream, "line": "1", "quantity": "120", "accepted": "120"},
    ]  # fmt: skip
    paper = {
        "sender": trade.partner, "partner": trade.partner, "kind": "RECEIVING_ADVICE", "number": "RA-77", "version": 1,
        "at": "2026-03-16T16:00:00+08:00", "lines": lines,
    }  # fmt: skip
    trade.did("/v1/evidence", paper)
    trade.settle()
    items = asked(shop, "/discrepancies", partner=trade.partner, period=MARCH).json()["items"]
    found = {one["kind"]: one for one in items}
    assert (found["UNKNOWN_LINE"]["line"], found["UNKNOWN_LINE"]["theirs"]["value"]) == ("9", "3")
    assert (found["UNKNOWN_ORDER"]["order"], found["UNKNOWN_ORDER"]["theirs"]["value"]) == (unknown, "4")
    assert found["MORE_THAN_ORDERED"]["quantity"] == "112", "92 and 120 of 100"


def test_a_failed_line_names_cause_department_party_and_money(shop: Shop) -> None:
    trade = contradicted(shop, "FAILED")
    agree(shop, trade.partner, "main", SLOT)
    body = asked(shop, "/failed-lines", partner=trade.partner, period=MARCH).json()
    (row,) = body["items"]
    assert (row["missed"], row["money"], row["currency"]) == ("100", "500.00", "EUR")
    assert sum(Fraction(one["quantity"]) for one in row["shares"]) == 100
    assert sum(Fraction(row[party]) for party in ("US", "CUSTOMER", "BOTH", "CARRIER", "UNKNOWN")) == 1
    (totals,) = body["programmes"]
    assert sum(Fraction(one["share"]) for one in totals["parties"].values()) == 1
    said = {"line": "1", "cause": "DOCK_QUEUE", "fault": "CUSTOMER", "department": "NONE", "reason": "two hours in the queue"}
    trade.did(f"{trade.address}:find-cause", said)
    (row,) = asked(shop, "/failed-lines", partner=trade.partner, period=MARCH).json()["items"]
    assert (row["causes"], row["CUSTOMER"], row["found_by"]) == (["DOCK_QUEUE"], "1", "clerk")
    bad = {**said, "line": "7"}
    problem = problem_of(shop.post(f"{trade.address}:find-cause", bad), 422, "findings.lines_unknown")
    assert "has no line 7; its lines are 1" in problem["detail"]


def test_an_exclusion_needs_its_proof_and_can_be_withdrawn(shop: Shop) -> None:
    trade = contradicted(shop, "EXCL")
    agree(shop, trade.partner, "main", {**SLOT, "exclusions": {"CUSTOMER_DC_CONGESTION": "EXCLUDE"}})
    said = {"exclusion": "E-1", "code": "CUSTOMER_DC_CONGESTION", "granted_by": "customer"}
    problem_of(shop.post(f"{trade.address}:record-exclusion", said), 422, "findings.grant_without_reference")
    trade.did(f"{trade.address}:record-exclusion", {**said, "reference": "mail of 17 March"})
    (programme,) = asked(shop, partner=trade.partner, period=MARCH).json()["programmes"]
    assert (programme["figure"]["denominator"], programme["versions"][0]["excluded"]) == ("0", 1)
    other = {**said, "code": "RECALL", "reference": "mail"}
    problem_of(shop.post(f"{trade.address}:record-exclusion", other), 409, "findings.exclusion_reused")
    trade.did(f"{trade.address}:withdraw-exclusion", {"exclusion": "E-1", "reason": "the customer took it back"})
    (programme,) = asked(shop, partner=trade.partner, period=MARCH).json()["programmes"]
    assert programme["figure"]["denominator"] == "100"


def test_a_penalty_is_shown_recorded_and_goes_its_way(shop: Shop) -> None:
    """Nothing of 100 cases at 5.00 was on time and in full: 3 % of 500.00 is 15.00."""
    trade = contradicted(shop, "PENAL")
    agree(shop, trade.partner, "main", SLOT)
    (shown,) = asked(shop, "/penalty", partner=trade.partner, period=MARCH).json()["penalties"]
    assert (shown["outcome"], shown["total"], shown["currency"]) == ("CHARGED", "15.00", "EUR")
    assert [one["amount"] for one in shown["charges"]] == ["15.00"]
    wanted = {"partner": trade.partner, "policy_id": "main", "period": MARCH}
    recorded = shop.post("/v1/fill-rate/penalties", wanted)
    assert recorded.status_code == 201, recorded.text
    address = recorded.json()["href"]
    announced = {"document": "DN-1", "amount": "20.00", "announced_on": "2026-04-05"}
    trade.did(f"{address}:announce", announced)
    trade.did(f"{address}:dispute", {"amount": "5.00", "reason": "15.00 by the contract"})
    trade.did(f"{address}:settle", {"document": "DN-1", "amount": "15.00", "settled_on": "2026-05-02"})
    state = shop.get(address, params={"min_position": f"orders={shop.position()}"}).json()
    assert (state["state"], state["calculated"], state["announced"], state["settled"]) == ("SETTLED", "15.00", "20.00", "15.00")
    none = {**wanted, "period": "2026-01"}
    problem_of(shop.post("/v1/fill-rate/penalties", none), 422, "fill_rate.no_penalty")


def test_the_gap_to_the_retailers_score_falls_into_its_parts(shop: Shop) -> None:
    """By FILL we count 92 of 100; the retailer counts 80 of 100: our proof of delivery speaks of 100, its advice of 92."""
    trade = contradicted(shop, "GAP")
    agree(shop, trade.partner, "fill", {})
    card = {
        "partner": trade.partner, "number": "SC-1", "version": 1, "metric": "FILL", "policy_id": "fill",
        "calendar": "GREGORIAN_MONTH", "period": MARCH,
        "lines": [{"order": "PO1", "line": "1", "ordered": "110", "received": "92"}],
    }  # fmt: skip
    trade.did("/v1/retailer-scores", card)
    trade.settle()
    body = shop.get(
        "/v1/fill-rate/gap",
        params={"partner": trade.partner, "score": "SC-1", "min_position": f"orders={shop.position()}"},
    ).json()
    effects = {part["cause"]: Fraction(part["effect"]) for part in body["parts"]}
    assert Fraction(body["difference"]) == Fraction(92, 100) - Fraction(92, 110)
    assert sum(effects.values()) == Fraction(body["difference"])
    assert {cause for cause, effect in effects.items() if effect} == {"DENOMINATOR_DIFFERS"}
    missing = shop.get("/v1/fill-rate/gap", params={"partner": trade.partner, "score": "SC-2"})
    problem_of(missing, 404, "not_known")


def test_a_scorecard_of_a_closed_period_is_kept(shop: Shop) -> None:
    trade = contradicted(shop, "LATE")
    agree(shop, trade.partner, "fill", {})
    trade.did("/v1/fill-rate/closes", {"partner": trade.partner, "policy_id": "fill", "period": MARCH})
    card = {
        "partner": trade.partner, "number": "SC-1", "version": 1, "metric": "FILL", "policy_id": "fill",
        "calendar": "GREGORIAN_MONTH", "period": MARCH, "numerator": "90", "denominator": "100",
    }  # fmt: skip
    trade.did("/v1/retailer-scores", card)
    trade.settle()
    gap = shop.get(
        "/v1/fill-rate/gap",
        params={"partner": trade.partner, "score": "SC-1", "min_position": f"orders={shop.position()}"},
    ).json()
    assert (gap["difference"], gap["parts"][-1]["cause"], gap["parts"][-1]["effect"]) == ("1/50", "UNEXPLAINED", "1/50")
