"""Idempotency-Key over HTTP: the same request gets the first answer, whatever happens in between."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.services.shop import Shop, problem_of


def key(text: str, **more: str) -> dict[str, str]:
    return {"Idempotency-Key": text, **more}


def test_a_repeat_gets_the_first_answer(shop: Shop) -> None:
    first = shop.post("/v1/orders", shop.body("PO-i1"), headers=key("k1"))
    assert first.status_code == 201 and "idempotency-replayed" not in first.headers
    assert shop.wired.settle()  # credit released it: it is at version 2 now
    before = shop.position()
    again = shop.post("/v1/orders", shop.body("PO-i1"), headers=key("k1"))
    assert (again.status_code, again.content) == (201, first.content)
    for header in ("o2c-position", "etag", "location"):
        assert again.headers[header] == first.headers[header]
    assert (again.headers["idempotency-replayed"], shop.position()) == ("true", before)


def test_sixteen_at_once_have_one_effect(shop: Shop) -> None:
    assert shop.wired.settle()
    shop.placed("PO-i2")
    before = shop.get(shop.address("PO-i2")).json()["version"]
    asked = {"line": "1", "quantity": "3", "by": "customer", "reason": "less"}

    def send(_: int) -> tuple[int, bytes]:
        headers = key("k16", **{"If-Match": "*"})
        answer = shop.post(shop.address("PO-i2") + ":cancel-line", asked, headers=headers)
        return answer.status_code, answer.content

    with ThreadPoolExecutor(16) as threads:
        answers = set(threads.map(send, range(16)))
    assert len(answers) == 1 and next(iter(answers))[0] == 200
    assert shop.wired.settle()
    page = shop.get(shop.address("PO-i2")).json()
    cancelled = [row for row in page["timeline"] if row["type"].startswith("order.line_cancelled")]
    assert len(cancelled) == 1 and page["version"] > before


def test_the_same_key_with_another_body_is_422(shop: Shop) -> None:
    assert shop.post("/v1/orders", shop.body("PO-i3"), headers=key("k 3")).status_code == 201
    before = shop.position()
    body = problem_of(shop.post("/v1/orders", shop.body("PO-i4"), headers=key("k 3")), 422, "key_reused")
    assert body["detail"].startswith("the key k 3 was used before with another request; send the first request again")
    assert shop.position() >= before
    problem_of(shop.get(shop.address("PO-i4")), 404, "not_known")


def test_another_person_or_route_is_another_key(shop: Shop) -> None:
    assert shop.post("/v1/orders", shop.body("PO-i5"), headers=key("k5")).status_code == 201
    assert shop.post("/v1/orders", shop.body("PO-i6"), "integration", headers=key("k5")).status_code == 201
    batch = shop.post("/v1/orders:batch", {"items": [shop.body("PO-i7")]}, headers=key("k5"))
    assert [r["status"] for r in batch.json()["results"]] == [201]
    asked = {"by": "customer", "reason": "x"}
    headers = key("k5", **{"If-Match": "*"})
    assert shop.post(shop.address("PO-i5") + ":cancel", asked, headers=headers).status_code == 200


def test_the_same_key_for_another_order_of_the_same_route_is_422(shop: Shop) -> None:
    shop.placed("PO-i8")
    shop.placed("PO-i9")
    asked = {"by": "customer", "reason": "x"}
    headers = key("k8", **{"If-Match": "*"})
    assert shop.post(shop.address("PO-i8") + ":cancel", asked, headers=headers).status_code == 200
    problem_of(shop.post(shop.address("PO-i9") + ":cancel", asked, headers=headers), 422, "key_reused")


def test_a_refusal_of_the_trade_is_repeated_even_when_it_would_be_taken_now(shop: Shop) -> None:
    later = shop.body("PO-i10", line={"item": "late-1"})
    first = shop.post("/v1/orders", later, headers=key("k10"))
    problem_of(first, 422, "order.item_unknown")
    item = {"item": "late-1", "description": "late", "tax_category": "standard", "base_unit": "EA", "valid_from": "2020-01-01"}
    assert shop.post("/v1/items", item, "administrator").status_code == 201
    price = {"item": "late-1", "currency": "EUR", "price": "1", "unit": "EA", "first_day": "2020-01-01"}
    assert shop.post("/v1/partners/kaufmarkt/prices", price, "credit_manager").status_code == 200
    again = shop.post("/v1/orders", later, headers=key("k10"))
    assert again.headers["idempotency-replayed"] == "true"
    assert problem_of(again, 422, "order.item_unknown")["detail"] == first.json()["detail"]
    assert shop.post("/v1/orders", later, headers=key("k10-again")).status_code == 201


def test_a_conflict_is_repeated_from_the_store(shop: Shop) -> None:
    shop.placed("PO-i11")
    other = shop.body("PO-i11", line={"quantity": "12"})
    first = shop.post("/v1/orders", other, headers=key("k11"))
    again = shop.post("/v1/orders", other, headers=key("k11"))
    assert problem_of(again, 409, "order.content_differs")["detail"] == first.json()["detail"]
    assert again.headers["idempotency-replayed"] == "true" and "idempotency-replayed" not in first.headers


def test_what_was_not_decided_is_not_kept(shop: Shop) -> None:
    """Validation errors and stale versions may be corrected and sent again with the same key."""
    problem_of(shop.post("/v1/orders", shop.body("PO-i12", colour=1), headers=key("k12")), 422, "not_valid")
    assert shop.post("/v1/orders", shop.body("PO-i12"), headers=key("k12")).status_code == 201
    assert shop.wired.settle()
    asked = {"by": "customer", "reason": "x"}
    cancel = shop.address("PO-i12") + ":cancel"
    problem_of(shop.post(cancel, asked, headers=key("k13", **{"If-Match": '"v1"'})), 412, "stale_version")
    assert shop.post(cancel, asked, headers=key("k13", **{"If-Match": '"v2"'})).status_code == 200


def test_a_repeat_of_a_change_is_answered_though_the_version_moved_on(shop: Shop) -> None:
    shop.placed("PO-i13")
    asked = {"by": "customer", "reason": "x"}
    headers = key("k14", **{"If-Match": '"v2"'})
    first = shop.post(shop.address("PO-i13") + ":cancel", asked, headers=headers)
    again = shop.post(shop.address("PO-i13") + ":cancel", asked, headers=headers)
    assert (first.status_code, again.status_code, again.content) == (200, 200, first.content)


@pytest.mark.parametrize("length", [0, 256])
def test_a_key_has_1_to_255_characters(shop: Shop, length: int) -> None:
    body = problem_of(shop.post("/v1/orders", shop.body("PO-k"), headers=key("k" * length)), 400, "bad_key")
    assert body["detail"] == f"the Idempotency-Key has {length} characters; send 1 to 255"
    problem_of(shop.get(shop.address("PO-k")), 404, "not_known")


def test_the_longest_key_is_taken(shop: Shop) -> None:
    assert shop.post("/v1/orders", shop.body("PO-i14"), headers=key("k" * 255)).status_code == 201


def test_where_no_number_tells_a_repeat_the_key_is_required(shop: Shop) -> None:
    shop.placed("PO-i15")
    asked = {"line": "1", "quantity": "1", "by": "customer", "reason": "less"}
    answer = shop.post(shop.address("PO-i15") + ":cancel-line", asked, headers={"If-Match": "*"})
    assert "send an Idempotency-Key" in problem_of(answer, 400, "key_required")["detail"]
    assert shop.get(shop.address("PO-i15")).json()["version"] == 2


def test_a_batch_repeats_every_answer_item_by_item(shop: Shop) -> None:
    items = [shop.body("PO-b1"), shop.body("PO-b2", ship_to="moon"), shop.body("PO-b3")]
    first = shop.post("/v1/orders:batch", {"items": items}, headers=key("kb")).json()
    before = shop.position()
    again = shop.post("/v1/orders:batch", {"items": items}, headers=key("kb")).json()
    assert [r["replayed"] for r in first["results"]] == [False] * 3
    assert [r["replayed"] for r in again["results"]] == [True] * 3
    assert [(r["status"], r["body"]) for r in again["results"]] == [(r["status"], r["body"]) for r in first["results"]]
    assert shop.wired.applications["orders"].store.read(before, 10, ["order.placed/1"]) == []
    other = shop.post("/v1/orders:batch", {"items": [shop.body("PO-b4"), *items]}, headers=key("kb")).json()
    assert [r["body"].get("code") for r in other["results"]] == ["key_reused"] * 3 + [None]
    assert other["results"][3]["status"] == 200, "the fourth place is a new key: the order is recognised"
