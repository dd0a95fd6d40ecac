"""Customer plans over HTTP: recorded, revised, read back; a late older revision changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from services.serving import create_app
from services.starting import issue_key
from services.wired import Wired

LINE = {"item": "tea", "first_day": "2026-01-01", "last_day": "2026-12-31", "quantity": "12000", "unit": "CS"}
PLAN: dict[str, Any] = {"partner": "retail-a", "kind": "ANNUAL", "period": "2026", "lines": [LINE]}
PLACE = "/v1/plans/retail-a/ANNUAL/2026"


@pytest.fixture
def client(wired: Wired) -> TestClient:
    key = issue_key(wired, "petra", ("planner",))
    assert wired.settle()
    return TestClient(create_app(wired), headers={"Authorization": f"Bearer {key}"})


def test_a_plan_is_recorded_once_and_revised(wired: Wired, client: TestClient) -> None:
    made = client.post("/v1/plans", json=PLAN)
    assert (made.status_code, made.headers["location"]) == (201, PLACE)
    again = client.post("/v1/plans", json={**PLAN, "lines": [{**LINE, "quantity": "12000.0"}]})
    assert (again.status_code, again.json()["version"]) == (200, 1)
    other = client.post("/v1/plans", json={**PLAN, "lines": [{**LINE, "quantity": "11000"}]})
    assert (other.status_code, other.json()["code"]) == (409, "plan.revision_taken")
    revised = client.post(f"{PLACE}:revise", json={"revision": 3, "lines": [{**LINE, "quantity": "11000"}]})
    assert (revised.status_code, revised.json()["revision"]) == (200, 3)
    late = client.post(f"{PLACE}:revise", json={"revision": 2, "lines": [{**LINE, "quantity": "1"}]})
    assert (late.status_code, late.json()["revision"]) == (200, 3)
    position = late.headers["o2c-position"]
    read = client.get(f"{PLACE}?min_position={position}")
    assert read.headers["etag"] == '"v2"'
    assert [row["revision"] for row in read.json()["revisions"]] == [3, 1]
    assert read.json()["lines"][0]["quantity"] == "11000"
    (listed,) = client.get("/v1/plans?partner=retail-a&kind=ANNUAL").json()["items"]
    assert listed["revision"] == 3


def test_defects_are_named(client: TestClient) -> None:
    backwards = client.post("/v1/plans", json={**PLAN, "lines": [{**LINE, "last_day": "2025-12-31"}]})
    assert (backwards.status_code, backwards.json()["code"]) == (422, "plan.line_ends_before_it_begins")
    unnamed = client.post("/v1/plans", json={**PLAN, "kind": "ROLLING_PROMOTION"})
    assert unnamed.json()["code"] == "plan.promotion_missing"
    assert client.post("/v1/plans", json={**PLAN, "kind": "MONTHLY"}).status_code == 422
    assert client.get("/v1/plans/retail-a/ANNUAL/2031").status_code == 404
    unknown = client.post("/v1/plans/retail-a/ANNUAL/2031:revise", json={"revision": 2, "lines": [LINE]})
    assert unknown.status_code == 404


def test_who_may_not_plan_is_told_so(wired: Wired, client: TestClient) -> None:
    key = issue_key(wired, "aud", ("auditor",))
    assert wired.settle()
    answer = client.post("/v1/plans", json=PLAN, headers={"Authorization": f"Bearer {key}"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
