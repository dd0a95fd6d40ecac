"""The routes of receivables over HTTP: who may, what is answered, how pages and versions go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from services.serving import create_app
from services.starting import issue_key
from tests.services.receivables.test_settling import S1, pay_s1
from tests.services.receivables.trade import Trade

LINE = {"item": "tea", "quantity": "1", "unit": "CS", "unit_price": "100.00", "tax_rate": "0.13"}
INVOICE = {"partner": "retail-a", "issued_on": "2026-03-02", "lines": [LINE]}


class Caller:
    """Calls as one person."""

    def __init__(self, client: TestClient, key: str) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {key}"}

    def get(self, path: str) -> Any:
        return self._client.get(path, headers=self._headers)

    def post(self, path: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._client.post(path, json=body or {}, headers=self._headers | named)


@pytest.fixture
def client(trade: Trade) -> Iterator[TestClient]:
    with TestClient(create_app(trade.wired)) as made:
        yield made


@pytest.fixture
def clerk(trade: Trade, client: TestClient) -> Caller:
    caller = Caller(client, issue_key(trade.wired, "clara", ("clerk",)))
    trade.settle()
    return caller


@pytest.fixture
def manager(trade: Trade, client: TestClient) -> Caller:
    caller = Caller(client, issue_key(trade.wired, "carla", ("credit_manager",)))
    trade.settle()
    return caller


def test_an_invoice_by_hand_needs_a_key_and_is_read_back_with_its_version(clerk: Caller, manager: Caller) -> None:
    assert clerk.post("/v1/invoices", INVOICE).json()["code"] == "key_required"
    made = clerk.post("/v1/invoices", INVOICE, idempotency_key="k1")
    assert (made.status_code, made.headers["location"]) == (201, "/v1/invoices/acme/2026-000001")
    again = clerk.post("/v1/invoices", INVOICE, idempotency_key="k1")
    assert (again.headers["idempotency-replayed"], again.json()) == ("true", made.json())
    read = clerk.get(made.headers["location"])
    assert read.headers["etag"] == '"v1"'
    body = read.json()
    assert (body["gross"], body["open"], body["due_on"]) == ("113.00", "113.00", "2026-04-01")
    assert body["lines"]["1"]["net"] == "100.00"
    assert manager.post("/v1/invoices", INVOICE, idempotency_key="k2").status_code == 403


def test_voiding_takes_another_permission_and_the_version_seen(clerk: Caller, manager: Caller) -> None:
    place = clerk.post("/v1/invoices", INVOICE, idempotency_key="k1").headers["location"]
    assert clerk.post(f"{place}:void", {"reason": "x"}, if_match='"v1"').status_code == 403
    assert manager.post(f"{place}:void", {"reason": "x"}).status_code == 428
    assert manager.post(f"{place}:void", {"reason": "x"}, if_match='"v7"').status_code == 412
    done = manager.post(f"{place}:void", {"reason": "x"}, if_match='"v1"')
    assert (done.status_code, done.json()["voided"], done.headers["etag"]) == (200, True, '"v2"')


def test_a_credit_memo_and_its_defects(clerk: Caller) -> None:
    place = clerk.post("/v1/invoices", INVOICE, idempotency_key="k1").headers["location"]
    body = {"issued_on": "2026-03-03", "reason": "damaged", "lines": [{"line": "1"}]}
    bad = clerk.post(f"{place}:credit", body, idempotency_key="k2")
    assert (bad.status_code, bad.json()["errors"][0]["pointer"]) == (422, "/lines/0")
    body["lines"] = [{"line": "7", "net": "1.00"}]
    assert clerk.post(f"{place}:credit", body, idempotency_key="k3").status_code == 404
    body["lines"] = [{"line": "1", "net": "1.005"}]
    assert clerk.post(f"{place}:credit", body, idempotency_key="k4").json()["code"] == "invoice.net_too_fine"
    body["lines"] = [{"line": "1", "quantity": "1"}]
    made = clerk.post(f"{place}:credit", body, idempotency_key="k5")
    assert (made.status_code, made.json()["gross"]) == (201, "-113.00")


def test_a_remittance_is_recorded_read_and_reversed_by_who_may(trade: Trade, clerk: Caller, manager: Caller) -> None:
    pay_s1(trade)
    body = S1.model_dump(mode="json")
    again = clerk.post("/v1/settlements", body)
    assert (again.status_code, again.json()["href"]) == (200, "/v1/settlements/acme/retail-a/R1")
    read = clerk.get(again.json()["href"])
    assert read.json()["proposal"]["allocations"][0]["cash"] == "95090.00"
    seen = read.headers["etag"]
    assert clerk.post("/v1/settlements/acme/retail-a/R1:reverse", {"reason": "x"}, if_match=seen).status_code == 403
    done = manager.post("/v1/settlements/acme/retail-a/R1:reverse", {"reason": "bounced"}, if_match=seen)
    assert (done.status_code, done.json()["reversed"]) == (200, True)


def test_open_items_come_in_pages_whose_cursor_belongs_to_its_filters(trade: Trade, clerk: Caller) -> None:
    pay_s1(trade)
    for net in ("10.00", "20.00", "30.00"):
        trade.invoice(net)
    first = clerk.get("/v1/open-items?partner=retail-a&limit=2").json()
    assert len(first["items"]) == 2
    following = clerk.get(first["next"]).json()
    last = clerk.get(following["next"]).json()
    rows = [row for page in (first, following, last) for row in page["items"]]
    assert sorted((row["kind"], row["open"]) for row in rows) == [
        ("DEDUCTION", "10000.00"), ("DEDUCTION", "2260.00"),
        ("INVOICE", "11.30"), ("INVOICE", "22.60"), ("INVOICE", "33.90"),
    ]
    assert last["next"] is None
    assert clerk.get(first["next"].replace("retail-a", "retail-b")).json()["code"] == "bad_cursor"
    assert clerk.get("/v1/open-items?limit=501").status_code == 422
    deduction = clerk.get("/v1/deductions?partner=retail-a").json()["items"][0]
    assert clerk.get(deduction["href"]).json()["outstanding"] == deduction["open"]
    totals = clerk.get("/v1/open-items/totals?account=retail-a").json()["items"]
    assert {row["kind"]: row["open"] for row in totals} == {"DEDUCTION": "12260.00", "INVOICE": "67.80"}


def test_invoices_and_settlements_are_searched(trade: Trade, clerk: Caller) -> None:
    pay_s1(trade)
    found = clerk.get("/v1/invoices?number=2026-&kind=INVOICE&company=acme").json()["items"]
    assert [row["number"] for row in found] == ["2026-000001", "2026-000002", "2026-000003"]
    assert clerk.get("/v1/invoices?only_open=true").json()["items"] == []
    (settled,) = clerk.get("/v1/settlements?partner=retail-a").json()["items"]
    assert (settled["number"], settled["original"], settled["open"]) == ("R1", "-174189.20", "0.00")
    assert clerk.get("/v1/invoices/acme/2026-000009").status_code == 404
    assert clerk.get("/v1/settlements/acme/retail-a/R9").status_code == 404


def test_a_credit_account_shows_stages_limit_headroom_and_what_is_held(trade: Trade, clerk: Caller) -> None:
    trade.place("PO-1", ("1", "tea", "100"))
    trade.place("PO-2", ("1", "tea", "800"))
    body = clerk.get("/v1/credit-accounts/retail-a?on=2026-03-02").json()
    assert (body["exposure"], body["limit"]["total"], body["headroom"]) == ("113000.00", "1000000.00", "887000.00")
    assert body["stages"]["open_orders"] == "113000.00"
    (held,) = body["held"]
    assert (held["order_id"], held["amount"]) == ("order/acme/retail-a/PO-2/-", "904000.00")
    moves = clerk.get("/v1/credit-accounts/retail-a/movements").json()["items"]
    assert [(move["type"], move["open_orders"]) for move in moves] == [("credit.reserved/1", "113000.00")]
    assert clerk.get("/v1/credit-accounts/nobody").status_code == 404


def test_a_held_order_is_released_by_another_person_than_who_asks(trade: Trade, clerk: Caller, manager: Caller) -> None:
    order = trade.place("PO-1", ("1", "tea", "900"))
    body = {"order": order, "revision": 1, "requester": "carla"}
    assert clerk.post("/v1/credit-accounts/retail-a:release", body).status_code == 403
    own = manager.post("/v1/credit-accounts/retail-a:release", body)
    assert own.json()["code"] == "credit.requester_cannot_approve"
    done = manager.post("/v1/credit-accounts/retail-a:release", {**body, "requester": "clara"})
    assert done.status_code == 200


def test_the_day_that_terms_count_from_is_recorded_by_hand(trade: Trade, clerk: Caller) -> None:
    place = clerk.post("/v1/invoices", INVOICE, idempotency_key="k1").headers["location"]
    done = clerk.post(f"{place}:record-baseline", {"baseline": "INVOICE_ACCEPTED_DATE", "day": "2026-03-04"})
    assert (done.status_code, done.json()["due_on"]) == (200, "2026-04-01")  # dated already: nothing new
