"""Many orders in one request: each item has its own result, a bad one never stops its neighbours."""

from __future__ import annotations

import json

import pytest

from tests.services.shop import Shop, problem_of


def test_good_bad_and_duplicate_items_each_have_their_result(shop: Shop) -> None:
    shop.placed("PO-old")
    items = [
        shop.body("PO-1"),
        shop.body("PO-2", line={"quantity": "-1"}),
        shop.body("PO-1"),
        shop.body("PO-old", line={"quantity": "11"}),
        shop.body("PO-3", partner="nobody"),
        "not an order",
        shop.body("PO-4", ordered_on="2026-02-30"),
        shop.body("PO-5"),
    ]
    answer = shop.post("/v1/orders:batch", {"items": items})
    body = answer.json()
    told = [(r["index"], r["status"], r["body"].get("code")) for r in body["results"]]
    assert told == [
        (0, 201, None), (1, 422, "not_valid"), (2, 200, None), (3, 409, "order.content_differs"),
        (4, 422, "order.partner_unknown"), (5, 422, "not_valid"), (6, 422, "not_valid"), (7, 201, None),
    ]
    assert (answer.status_code, body["placed"], body["refused"]) == (200, 3, 5)
    assert body["results"][1]["body"]["errors"][0]["pointer"] == "/lines/0/quantity"
    assert body["results"][5]["body"]["detail"] == "the body: send an object, { ... }"
    position = answer.headers["o2c-position"]
    assert shop.get(f"{shop.address('PO-5')}?min_position={position}").status_code == 200
    assert shop.get(f"{shop.address('PO-2')}?min_position={position}").status_code == 404


def test_five_thousand_items_and_not_one_more(shop: Shop) -> None:
    assert shop.wired.settle()
    before = shop.position()
    empty: list[object] = [{}] * 5_001
    body = problem_of(shop.post("/v1/orders:batch", {"items": empty}), 422, "too_many")
    assert body["detail"].startswith("/items: 5001 orders are 1 more than the 5000 of one batch")
    results = shop.post("/v1/orders:batch", {"items": empty[:-1]}).json()["results"]
    assert [r["index"] for r in results] == list(range(5_000))
    assert {r["status"] for r in results} == {422}
    assert shop.position() == before


def test_many_orders_at_once_are_all_placed(shop: Shop) -> None:
    items = [shop.body(f"PO-m{n}") for n in range(600)]  # more than one group of the writer
    body = shop.post("/v1/orders:batch", {"items": items}).json()
    assert (body["placed"], body["refused"]) == (600, 0)
    assert len({r["body"]["order"] for r in body["results"]}) == 600


@pytest.mark.parametrize("raw", [b"{}", b"[]", b'{"items": []}', b'{"items": {}}', b'{"items": [{}], "atomic": true}'])
def test_a_batch_is_items_and_nothing_else(shop: Shop, raw: bytes) -> None:
    body = problem_of(shop.send("POST", "/v1/orders:batch", content=raw), 422, "not_valid")
    assert body["detail"] == 'the body: send {"items": [...]} with at least one order'


def test_a_malformed_batch_is_400(shop: Shop) -> None:
    problem_of(shop.send("POST", "/v1/orders:batch", content=b'{"items": ['), 400, "malformed_json")
    problem_of(shop.send("POST", "/v1/orders:batch", content=b'{"items": ' + b"[" * 32 + b"]" * 32 + b"}"), 400, "too_deep")
    problem_of(shop.send("POST", "/v1/orders:batch", content=b'{"items": [{"x": NaN}]}'), 400, "malformed_json")


def test_twenty_million_bytes_and_no_more(shop: Shop) -> None:
    padding = "x" * (20_000_000 - len(json.dumps({"items": [{"partner": ""}]})))
    raw = json.dumps({"items": [{"partner": padding}]}).encode()
    assert len(raw) == 20_000_000
    result = shop.send("POST", "/v1/orders:batch", content=raw).json()["results"][0]
    assert (result["status"], result["body"]["code"]) == (422, "not_valid")
    assert len(result["body"]["detail"]) < 200, "the answer does not send the twenty millions back"
    problem_of(shop.send("POST", "/v1/orders:batch", content=raw + b" "), 413, "too_large")


def test_a_batch_needs_the_permission_of_an_order(shop: Shop) -> None:
    body = problem_of(shop.post("/v1/orders:batch", {"items": [shop.body("PO-x")]}, "planner"), 403, "not_permitted")
    assert body["permission"] == "order.create"
