"""The fill rate through its doors: agreed policies, moments, closes and restatements, ledgers, what a bad question gets."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.services.orders.golden_trade import Trade
from tests.services.shop import Shop, problem_of

DAY = "2026-03-10"


def example(name: str, *, amended: int | None = None, promised: tuple[str, str] | None = None) -> dict[str, Any]:
    """One order of 100 cases for 2026-03-10 in Paris: 60 on the day, 40 a day late."""
    line: dict[str, Any] = {"id": "1", "original": 100, "price": 10}
    if amended is not None:
        line["events"] = [{"at": "2026-03-05T10:00:00+01:00", "type": "AMEND", "by": "CUSTOMER", "qty": amended}]
    order: dict[str, Any] = {
        "id": "PO1", "tz": "Europe/Paris", "requested": DAY, "lines": [line],
        "deliveries": [
            {"times": {"arrival": "2026-03-10T09:00:00+01:00"}, "lines": [{"line": "1", "received": 60}]},
            {"times": {"arrival": "2026-03-11T09:00:00+01:00"}, "lines": [{"line": "1", "received": 40}]},
        ],
    }  # fmt: skip
    if promised is not None:
        order["promisedFirst"], order["promisedLatest"] = promised
    return {"id": name, "orders": [order]}


def played(shop: Shop, said: dict[str, Any], policy: dict[str, Any] | None = None) -> Trade:
    trade = Trade(shop, said)
    trade.play()
    if policy is not None:
        agree(shop, trade.partner, "main", policy)
    return trade


def agree(shop: Shop, partner: str, policy_id: str, policy: dict[str, Any], first_day: str = "2026-01-01") -> Any:
    body = {"policy_id": policy_id, "policy": policy, "first_day": first_day}
    return shop.post(f"/v1/partners/{partner}/fill-rate-policies", body, "administrator")


def asked(shop: Shop, path: str = "", **question: Any) -> Any:
    question.setdefault("min_position", f"orders={shop.position()}")
    return shop.get(f"/v1/fill-rate{path}", params={name: value for name, value in question.items() if value is not None})


def figure(shop: Shop, partner: str, **more: Any) -> tuple[str, str]:
    answer = asked(shop, partner=partner, **{"period": "2026-03", **more})
    assert answer.status_code == 200, answer.text
    (programme,) = answer.json()["programmes"]
    return programme["figure"]["numerator"], programme["figure"]["denominator"]


OTIF = {"metric": "OTIF", "onTime": {"earliestDays": 0}, "goal": {"rate": "0.6"}}


def test_a_contract_is_a_preset_plus_what_it_says_otherwise(shop: Shop) -> None:
    trade = played(shop, example("CONTRACT"))
    answer = agree(shop, trade.partner, "ota", {"preset": "TGT-OTA", "onTime": {"latestDays": 0}})
    assert answer.status_code == 200, answer.text
    body = asked(shop, partner=trade.partner, period="2026-03").json()
    (programme,) = body["programmes"]
    version = programme["versions"][0]["version"]
    assert (version["preset"], version["verification"], version["policy_id"]) == ("TGT-OTA", "READ", "ota")
    assert programme["figure"]["percent"] == "60.00%", "the preset's day of grace is taken back by the contract"
    shown = shop.get(f"/v1/partners/{trade.partner}").json()["state"]
    stored = shown["fill_rate_policies"][-1]["policy"]
    assert stored["onTime"]["earliestDays"] == -1, "the preset is written out in what is agreed"
    assert stored["customerId"] == trade.partner


BAD = {
    "an unknown field": ({"metrik": "FILL"}, "/metrik: there is no such field"),
    "an unknown value": ({"metric": "FULL"}, "/metric: 'FULL' is not one of FILL, ON_TIME, OTIF"),
    "a blank that cannot be": ({"onTime": {"latestDays": None}}, "/onTime/latestDays: this field cannot be blank"),
    "a slot without an appointment": ({"onTime": {"windowKind": "SLOT"}}, "/onTime/windowKind: a SLOT is that of an appointment"),
    "working days of no calendar": ({"onTime": {"dayUnit": "BUSINESS"}}, "/onTime/calendar: working days are counted"),
    "a window that never opens": ({"onTime": {"earliestDays": 2}}, "/onTime/earliestDays: 2 is after latestDays 0"),
    "failing over nothing": ({"inFull": {"overTolerance": {"onExceed": "FAIL"}}}, "/inFull/overTolerance/value"),
    "another customer's": ({"customerId": "somebody"}, "Leave customerId out of the policy"),
    "an unknown preset": ({"preset": "WMT"}, "There is no preset WMT; the presets are"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_policy_that_is_not_one_is_not_agreed(shop: Shop, name: str) -> None:
    policy, sentence = BAD[name]
    before = shop.position()
    answer = agree(shop, shop.master.partner, "bad", policy)
    assert answer.status_code in (404, 422), answer.text
    assert sentence in answer.json()["detail"]
    assert shop.position() == before


def test_a_policy_is_tried_before_it_is_agreed(shop: Shop) -> None:
    trade = played(shop, example("TRIED"), OTIF)
    before = shop.position()
    question = {"partner": trade.partner, "period": "2026-03", "policy": {**OTIF, "onTime": {"latestDays": 1}}}
    body = shop.post("/v1/fill-rate-policies:validate", question).json()
    assert (body["valid"], body["dry_run"]["figure"]["numerator"]) == (True, "100")
    (agreed,) = body["dry_run"]["as_agreed"]
    assert (agreed["figure"]["numerator"], agreed["lines_that_change"]) == ("60", 1)
    bad = shop.post("/v1/fill-rate-policies:validate", {"policy": {"metric": "FULL"}}).json()
    assert (bad["valid"], bad["findings"][0]["pointer"]) == (False, "/metric")
    assert shop.position() == before


def test_headlines_stand_side_by_side_and_the_official_one_is_marked(shop: Shop) -> None:
    trade = played(shop, example("HEADS"), OTIF)
    (programme,) = asked(shop, partner=trade.partner, period="2026-03").json()["programmes"]
    found = {n: (f["numerator"], f["denominator"], f["official"]) for n, f in programme["versions"][0]["figures"].items()}
    assert found == {
        "complete": ("1", "1", False), "full": ("100", "100", False), "on_time": ("60", "100", False),
        "otif": ("60", "100", True), "value_fill": ("1000", "1000", False), "orders_full": ("1", "1", False),
    }  # fmt: skip
    assert programme["goal"] == {"rate": "3/5", "comparison": "GTE", "met": True}, "60 % is at its goal, compared exactly"


def test_before_the_window_closes_the_order_is_pending(shop: Shop) -> None:
    trade = played(shop, example("PENDING"), OTIF)
    at_noon = figure(shop, trade.partner, effective_at="2026-03-10T08:00:00+01:00")
    late = figure(shop, trade.partner, effective_at="2026-03-11T00:00:00+01:00")
    assert (at_noon, late) == (("0", "0"), ("60", "100"))


def test_lines_sum_to_the_figure_and_come_as_a_sheet(shop: Shop) -> None:
    trade = played(shop, example("SHEET"), OTIF)
    answer = asked(shop, "/lines", partner=trade.partner, period="2026-03", format="csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["numerator"], row["denominator"], row["reasons"]) == ("60", "100", "LATE")


def test_an_explanation_names_policy_formula_lines_and_events(shop: Shop) -> None:
    trade = played(shop, example("EXPLAIN"), OTIF)
    (programme,) = asked(shop, "/explain", partner=trade.partner, period="2026-03").json()["programmes"]
    (version,) = programme["versions"]
    assert version["policy"]["metric"] == "OTIF"
    assert "OTIF by CASE" in version["formula"]
    (line,) = version["lines"]
    assert (line["numerator"], line["denominator"]) == ("60", "100")
    assert [e["role"] for e in line["events"]] == [
        "ordered", "arrived", "counted by the customer", "arrived", "counted by the customer",
    ]  # fmt: skip
    first = shop.get(line["events"][0]["href"]).json()
    assert (first["type"], first["data"]["purchase_order_number"]) == ("order.placed/1", "PO1")


def test_only_events_of_the_trade_are_shown(shop: Shop) -> None:
    store = shop.wired.applications["orders"].store
    persons = next(row for row in store.read(0, 500) if row.stream.startswith("person/"))
    problem_of(shop.get(f"/v1/events/orders:{persons.position}"), 404, "not_known")
    problem_of(shop.get("/v1/events/receivables:1"), 404, "not_known")


def test_a_close_is_frozen_and_what_is_known_later_restates_it(shop: Shop) -> None:
    trade = played(shop, example("CLOSE"), OTIF)
    wanted = {"partner": trade.partner, "policy_id": "main", "period": "2026-03"}
    first = shop.post("/v1/fill-rate/closes", wanted)
    assert first.status_code == 201, first.text
    again = shop.post("/v1/fill-rate/closes", wanted)
    assert (again.status_code, again.json()["digest"]) == (200, first.json()["digest"])
    correct = {
        "document": "RA", "version": 2, "received_on": DAY, "posted_at": "2026-03-10T09:00:00+01:00",
        "lines": [{"order": trade.stream, "line": "1", "received": "58", "accepted": "58"}],
    }  # fmt: skip
    trade.did(f"/v1/shipments/acme/{trade.partner}-PO1-1-dock:receive", correct)
    body = shop.get(first.json()["href"], params={"min_position": f"orders={shop.position()}"}).json()
    assert (body["proven"], body["figure"]["numerator"]) == (True, "60")
    assert body["restated"]["figure"]["numerator"] == "58"
    (adjustment,) = body["restated"]["adjustments"]
    assert (adjustment["before"]["numerator"], adjustment["after"]["numerator"]) == ("60", "58")
    problem_of(shop.post("/v1/fill-rate/closes", wanted), 409, "fill_rate.closed_otherwise")


def test_a_period_with_pending_lines_is_not_closed(shop: Shop) -> None:
    said = example("OPEN")
    said["orders"][0] |= {"requested": "2199-03-10", "deliveries": []}
    trade = played(shop, said, OTIF)
    wanted = {"partner": trade.partner, "policy_id": "main", "period": "2199-03"}
    problem_of(shop.post("/v1/fill-rate/closes", wanted), 422, "fill_rate.period_unknown")
    said["id"], said["orders"][0]["requested"] = "OPEN2", "2190-03-10"
    trade = played(shop, said, OTIF)
    wanted = {"partner": trade.partner, "policy_id": "main", "period": "2190-03"}
    problem = problem_of(shop.post("/v1/fill-rate/closes", wanted), 422, "fill_rate.period_not_over")
    assert "1 of its lines" in problem["detail"]
    empty = {**wanted, "period": "2026-01"}
    problem_of(shop.post("/v1/fill-rate/closes", empty), 422, "fill_rate.nothing_to_close")


def test_what_was_shown_at_an_instant_is_what_is_answered_for_it(shop: Shop) -> None:
    trade = played(shop, example("INSTANT"), OTIF)
    shown = asked(shop, partner=trade.partner, period="2026-03").json()
    then = datetime.now(UTC).isoformat()
    agree(shop, trade.partner, "main", {**OTIF, "onTime": {"latestDays": 1}}, "2026-02-01")
    assert figure(shop, trade.partner) == ("100", "100"), "the wider window was agreed back-dated"
    assert figure(shop, trade.partner, known_at=then) == ("60", "100")
    again = asked(
        shop, partner=trade.partner, period="2026-03", known_at=shown["known_at"], effective_at=shown["effective_at"]
    ).json()
    assert again == shown
    (compared,) = asked(shop, "/compare", partner=trade.partner, period="2026-03", against=then).json()["programmes"]
    assert (compared["before"]["numerator"], compared["figure"]["numerator"], compared["lines_that_change"]) == ("60", "100", 1)


def test_the_ledger_tells_who_moved_the_goal_posts(shop: Shop) -> None:
    latest = {"denominator": {"quantityBasis": "LATEST_AMENDED"}, "onTime": {"earliestDays": 0}, "metric": "OTIF"}
    trade = played(shop, example("POSTS", amended=110), latest)
    (ledger,) = asked(shop, "/goal-posts", partner=trade.partner, period="2026-03").json()["programmes"]
    assert (ledger["as_first_asked"]["denominator"], ledger["as_it_is"]["denominator"]) == ("100", "110")
    (move,) = ledger["moves"]
    assert (move["kind"], move["by"], move["recorded_by"], move["moved"]) == ("AMENDED", "customer", "clerk", "-3/55")


SOLVAY = {
    ("arrival", "requested"): "0", ("arrival", "first confirmed"): "0", ("arrival", "last confirmed"): "100",
    ("departure", "requested"): "100", ("departure", "first confirmed"): "100", ("departure", "last confirmed"): "100",
}  # fmt: skip
TARGETS = {"requested": "REQUESTED_ORIGINAL", "first confirmed": "PROMISED_FIRST", "last confirmed": "PROMISED_LATEST"}
RECORDS = {"arrival": "GATE_ARRIVAL", "departure": "FREIGHT_READY"}


def test_requested_and_promised_arrival_and_departure_come_from_one_log(shop: Shop) -> None:
    """Six variants: wanted on the 10th, promised for the 11th, then the 12th; left on the 10th, came on the 12th."""
    said = example("SIX", promised=("2026-03-11", "2026-03-12"))
    came = {"times": {"arrival": "2026-03-12T09:00:00+01:00"}, "lines": [{"line": "1", "received": 100}]}
    said["orders"][0]["deliveries"] = [came]
    trade = played(shop, said)
    left = {"at": "2026-03-10T16:00:00+01:00", "evidence": "FREIGHT_READY", "by": "supplier"}
    trade.did(f"/v1/shipments/acme/{trade.partner}-PO1-1-dock:arrive", left)
    for (record, target), expected in SOLVAY.items():
        on_time = {"target": TARGETS[target], "arrivalEvidence": [RECORDS[record]]}
        question = {"partner": trade.partner, "period": "2026-03", "under": {"metric": "OTIF", "onTime": on_time}}
        question["min_position"] = f"orders={shop.position()}"
        body = shop.post("/v1/fill-rate/what-if", question).json()
        assert body["what_if"]["figure"]["numerator"] == expected, (record, target)


def test_another_customers_definition(shop: Shop) -> None:
    ours = played(shop, example("OURS"), OTIF)
    theirs = played(shop, example("THEIRS"), {"onTime": {"latestDays": 1}, "metric": "OTIF"})
    question = {"partner": ours.partner, "period": "2026-03", "under_partner": theirs.partner}
    body = shop.post("/v1/fill-rate/what-if", {**question, "min_position": f"orders={shop.position()}"}).json()
    assert body["what_if"]["figure"]["numerator"] == "100"
    assert body["as_agreed"][0]["figure"]["numerator"] == "60"
    both = {**question, "under": {"metric": "FILL"}}
    problem_of(shop.post("/v1/fill-rate/what-if", both), 422, "not_valid")


WRONG = {
    "no period": {},
    "two periods": {"period": "2026-03", "first": "2026-03-01", "last": "2026-03-31"},
    "a period that is none": {"period": "2026-3"},
    "days that run backwards": {"first": "2026-03-31", "last": "2026-03-01"},
    "years": {"first": "2020-03-31", "last": "2026-03-01"},
    "a calendar that is none": {"period": "2026-03", "calendar": "LUNAR"},
    "a moment that is none": {"period": "2026-03", "known_at": "yesterday"},
    "a moment without its offset": {"period": "2026-03", "known_at": "2026-03-01T10:00:00"},
    "a position that is still to come": {"period": "2026-03", "known_at": "orders=999999999"},
    "a question that is not known": {"period": "2026-03", "shipto": "dc"},
    "a metric that is none": {"period": "2026-03", "metric": "FULL"},
}


@pytest.mark.parametrize("path", ["", "/lines", "/explain", "/goal-posts"])
@pytest.mark.parametrize("name", WRONG)
def test_a_question_that_cannot_be_answered_says_why(shop: Shop, name: str, path: str) -> None:
    agree(shop, shop.master.partner, "main", OTIF)
    answer = asked(shop, path, partner=shop.master.partner, **WRONG[name])
    assert answer.status_code == 422, answer.text
    assert len(answer.json()["detail"]) > 20


def test_a_customer_without_a_policy(shop: Shop) -> None:
    problem = problem_of(asked(shop, partner="nobody", period="2026-03"), 404, "fill_rate.no_policy")
    assert "POST /v1/partners/nobody/fill-rate-policies" in problem["detail"]


def test_a_calendar_year_that_nobody_published_is_an_error_and_no_guess(shop: Shop) -> None:
    said = example("YEAR")
    said["orders"][0] |= {"requested": "2031-03-10", "deliveries": []}
    trade = played(shop, said)
    rule = {"dayUnit": "BUSINESS", "calendar": "CN", "latestDays": 1}
    question = {"partner": trade.partner, "period": "2031-03", "under": {"onTime": rule}}
    answer = shop.post("/v1/fill-rate/what-if", {**question, "min_position": f"orders={shop.position()}"})
    problem = problem_of(answer, 422, "calendar.unknown")
    assert "2031" in problem["detail"]


def test_a_paper_of_another_sender_is_counted_once(shop: Shop) -> None:
    """The warehouse states a receiving advice under a number that the customer uses too: two documents, each once."""
    said = example("SENDERS")
    said["orders"][0]["deliveries"] = said["orders"][0]["deliveries"][:1]
    said["orders"][0]["deliveries"][0]["lines"] = []
    trade = Trade(shop, said)
    trade.play()
    shipment = {
        "company": "acme", "number": "SENDERS-1", "partner": trade.partner, "ship_to": "dock",
        "dispatched_at": "2026-03-09T09:00:00+01:00", "lines": [{"order": trade.stream, "line": "1", "quantity": "60"}],
    }  # fmt: skip
    stream = trade.did("/v1/shipments", shipment)["shipment"]
    line = {"order": trade.stream, "line": "1", "quantity": "58", "accepted": "58"}
    paper = {"sender": "warehouse", "partner": trade.partner, "kind": "RECEIVING_ADVICE", "number": "RA-9", "version": 1}
    trade.did("/v1/evidence", {**paper, "shipment": stream, "on": "2026-03-10", "lines": [line]})
    trade.settle()
    agree(shop, trade.partner, "main", {})
    assert figure(shop, trade.partner) == ("58", "100")
    trade.did("/v1/evidence", {**paper, "version": 2, "action": "CANCEL", "shipment": stream})
    trade.settle()
    assert figure(shop, trade.partner) == ("60", "100"), "taken back: what was sent counts"
