"""What is refused at the order door: the status, the code, the field and the sentence; and that nothing is stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.services.shop import Shop, problem_of

DECIMAL = (
    'send a decimal number as text, for example "10", with at most 9 digits before and 6 after the point, greater than 0'
)
DAY = "send a day that exists as YYYY-MM-DD, for example 2026-03-02, between 1970 and 2199"
PLAIN = "leave out control characters (such as NUL) and spaces before or after"


@pytest.fixture(autouse=True)
def nothing_stored(shop: Shop) -> Iterator[None]:
    """A refused request leaves every log where it was (decision 38)."""
    shop.wired.settle()
    before = {log: shop.position(log) for log in shop.wired.applications}
    yield
    assert {log: shop.position(log) for log in shop.wired.applications} == before


FIELDS: list[tuple[dict[str, Any], str, str]] = [
    ({"colour": "red"}, "/colour", "there is no field colour here; leave it out or check its spelling"),
    ({"line": {"colour": 1}}, "/lines/0/colour", "there is no field colour here; leave it out or check its spelling"),
    ({"line": {"quantity": "-1"}}, "/lines/0/quantity", DECIMAL),
    ({"line": {"quantity": "0"}}, "/lines/0/quantity", DECIMAL),
    ({"line": {"quantity": "0.000000"}}, "/lines/0/quantity", DECIMAL),
    ({"line": {"quantity": "9999999999"}}, "/lines/0/quantity", DECIMAL),
    ({"line": {"quantity": "0.0000001"}}, "/lines/0/quantity", DECIMAL),
    ({"line": {"quantity": 10}}, "/lines/0/quantity", DECIMAL),
    ({"line": {"quantity": 10.5}}, "/lines/0/quantity", DECIMAL),
    ({"line": {"quantity": None}}, "/lines/0/quantity", DECIMAL),
    ({"line": {"quantity": "NaN"}}, "/lines/0/quantity", DECIMAL),
    ({"line": {"quantity": "Infinity"}}, "/lines/0/quantity", DECIMAL),
    ({"line": {"quantity": "1e3"}}, "/lines/0/quantity", DECIMAL),
    ({"line": {"quantity": "1,5"}}, "/lines/0/quantity", DECIMAL),
    ({"line": {"quantity": "１０"}}, "/lines/0/quantity", DECIMAL),
    ({"ordered_on": "2026-02-30"}, "/ordered_on", DAY),
    ({"ordered_on": "20.02.2026"}, "/ordered_on", DAY),
    ({"ordered_on": "2026-02-20T00:00:00"}, "/ordered_on", DAY),
    ({"ordered_on": "86400"}, "/ordered_on", DAY),
    ({"ordered_on": 86400}, "/ordered_on", DAY),
    ({"ordered_on": "0001-01-01"}, "/ordered_on", DAY),
    ({"ordered_on": "9999-12-31"}, "/ordered_on", DAY),
    ({"currency": "eur"}, "/currency", "send the currency as three capital letters, for example EUR"),
    ({"partner": 7}, "/partner", 'send text, in "quotes"'),
    ({"partner": ""}, "/partner", "must not be empty"),
    ({"partner": "x" * 81}, "/partner", "has more than the 80 characters allowed"),
    ({"partner": "a\0b"}, "/partner", PLAIN),
    ({"partner": " a"}, "/partner", PLAIN),
    ({"line": {"unit": "E\nA"}}, "/lines/0/unit", PLAIN),
    ({"lines": []}, "/lines", "must not be empty"),
    ({"lines": {}}, "/lines", "send a list, [ ... ]"),
    ({"lines": ["1"]}, "/lines/0", "send an object, { ... }"),
]


@pytest.mark.parametrize(("change", "pointer", "message"), FIELDS, ids=[f"{c}"[:50] for c, _, _ in FIELDS])
def test_a_field_is_named_with_what_is_wrong(shop: Shop, change: dict[str, Any], pointer: str, message: str) -> None:
    body = problem_of(shop.post("/v1/orders", shop.body("PO-1") | _whole(shop, change)), 422, "not_valid")
    assert [(e["pointer"], e["message"]) for e in body["errors"]] == [(pointer, message)]
    assert body["detail"] == f"{pointer}: {message}"


def _whole(shop: Shop, change: dict[str, Any]) -> dict[str, Any]:
    return change if "line" not in change else {"lines": shop.body("PO-1", **change)["lines"]}


def test_a_missing_field_is_named(shop: Shop) -> None:
    body = problem_of(shop.post("/v1/orders", {"partner": "kaufmarkt", "ordered_on": "2026-02-20"}), 422, "not_valid")
    assert body["detail"] == "/purchase_order_number: this field is required (and 1 more)"
    assert [e["pointer"] for e in body["errors"]] == ["/purchase_order_number", "/lines"]


def test_a_line_number_may_occur_once(shop: Shop) -> None:
    line = shop.body("PO-1")["lines"][0]
    body = problem_of(shop.post("/v1/orders", shop.body("PO-1", lines=[line, line])), 422, "not_valid")
    assert body["detail"] == "/lines: line number 1 occurs twice; each line needs its own"


def test_a_thousand_lines_and_not_one_more(shop: Shop) -> None:
    line = shop.body("PO-1")["lines"][0]
    many = [line | {"number": str(n)} for n in range(1_001)]
    body = problem_of(shop.post("/v1/orders", shop.body("PO-1", lines=many)), 422, "not_valid")
    assert body["detail"] == "/lines: has more than the 1000 entries allowed"


UNKNOWN: list[tuple[dict[str, Any], str, str]] = [
    ({"partner": "nobody"}, "order.partner_unknown", "there is no trading partner nobody. Register the partner first."),
    ({"company": "other"}, "order.company_unknown", "there is no company other of ours."),
    ({"currency": "USD"}, "order.currency_differs", "is in USD, the agreement with kaufmarkt is in EUR."),
    ({"line": {"item": "nothing"}}, "order.item_unknown", "line 1: no item of ours is known as nothing."),
    ({"ship_to": "moon"}, "order.place_unknown", "line 1: kaufmarkt has no place moon."),
    ({"ship_to": None}, "order.no_place", "line 1: it says nowhere to deliver to."),
    ({"requested_on": None}, "order.no_date", "line 1: it says no day to deliver on."),
    ({"ordered_on": "2019-12-31"}, "order.item_not_sold", "line 1: item tea-25 is not sold on 2019-12-31."),
]


@pytest.mark.parametrize(("change", "code", "says"), UNKNOWN, ids=[code for _, code, _ in UNKNOWN])
def test_what_is_not_on_record_is_named(shop: Shop, change: dict[str, Any], code: str, says: str) -> None:
    body = problem_of(shop.post("/v1/orders", shop.body("PO-1", **change)), 422, code)
    assert says in body["detail"] and "Order PO-1" in body["detail"]


MALFORMED = [
    (b'{"partner":', "malformed_json", "EOF while parsing a value at line 1 column 11"),
    (b'{"partner":"\xff"}', "malformed_json", "invalid unicode code point at line 1 column 13"),
    (b'{"partner":"a\0b"}', "malformed_json", "control character"),
    (b'{"partner":"\\ud800"}', "malformed_json", "hex escape"),
    (b"\0", "malformed_json", "expected value at line 1 column 1"),
    (b"{}x", "malformed_json", "trailing characters at line 1 column 3"),
    (b'{"partner":' + b"9" * 5_000 + b"}", "malformed_json", "number out of range"),
    (b"[" * 33 + b"]" * 33, "too_deep", "nested deeper than 32 levels"),
    (b'{"lines":' + b"[" * 32 + b"]" * 32 + b"}", "too_deep", "nested deeper than 32 levels"),
    (b'{"a":' * 33 + b"1" + b"}" * 33, "too_deep", "nested deeper than 32 levels"),
]


@pytest.mark.parametrize(("raw", "code", "says"), MALFORMED, ids=[f"{r[:16]!r}" for r, _, _ in MALFORMED])
@pytest.mark.parametrize("path", ["/v1/orders", "/v1/partners/kaufmarkt/fill-rate-policies"])
def test_what_is_not_json_is_refused(shop: Shop, path: str, raw: bytes, code: str, says: str) -> None:
    role = "clerk" if path == "/v1/orders" else "administrator"
    answer = shop.send("POST", path, role, content=raw, headers={"Content-Type": "application/json"})
    assert says in problem_of(answer, 400, code)["detail"]


def test_brackets_inside_of_text_are_not_depth(shop: Shop) -> None:
    raw = json.dumps({"partner": '[[{{\\"' * 8 + "[" * 30}).encode()
    problem_of(shop.send("POST", "/v1/orders", content=raw), 422, "not_valid")


@pytest.mark.parametrize("raw", [b"[]", b"null", b'"x"', b"7"])
@pytest.mark.parametrize("path", ["/v1/orders", "/v1/partners/kaufmarkt/fill-rate-policies"])
def test_json_that_is_no_object_is_refused(shop: Shop, path: str, raw: bytes) -> None:
    role = "clerk" if path == "/v1/orders" else "administrator"
    body = problem_of(shop.send("POST", path, role, content=raw), 422, "not_valid")
    assert body["detail"].startswith("the body: send ")


AGREED: list[tuple[bytes, str]] = [
    (b"0.05", 'send decimal numbers as text, for example "0.05"'),
    (b"[{\"x\": 1e2}]", 'send decimal numbers as text, for example "0.05"'),
    (b"9" * 19, "a whole number of more than 18 digits is not a figure of ours"),
    (b'"a\\u0000b"', "control characters (such as NUL) are not allowed here"),
    (b'{"a\\u0000b": 1}', "control characters (such as NUL) are not allowed here"),
]


@pytest.mark.parametrize(("value", "says"), AGREED)
def test_agreements_kept_as_data_hold_no_binary_number(shop: Shop, value: bytes, says: str) -> None:
    raw = b'{"policy_id": "p", "first_day": "2026-01-01", "policy": {"x": ' + value + b"}}"
    answer = shop.send("POST", "/v1/partners/kaufmarkt/fill-rate-policies", "administrator", content=raw)
    assert problem_of(answer, 422, "not_valid")["detail"] == f"/policy: {says}"


@pytest.mark.parametrize("value", [b"NaN", b"Infinity", b"-Infinity"])
def test_what_only_looks_like_a_number_is_no_json(shop: Shop, value: bytes) -> None:
    raw = b'{"policy_id": "p", "first_day": "2026-01-01", "policy": {"x": ' + value + b"}}"
    answer = shop.send("POST", "/v1/partners/kaufmarkt/fill-rate-policies", "administrator", content=raw)
    problem_of(answer, 400, "malformed_json")


def test_payment_terms_take_a_percent_as_text_only(shop: Shop) -> None:
    rule = {"kind": "NET_DAYS", "days": 30}
    terms = {"rule": rule, "discounts": [{"percent": 2.5, "rule": rule}]}
    answer = shop.post("/v1/partners/kaufmarkt/payment-terms", {"terms": terms, "first_day": "2026-01-01"}, "administrator")
    assert "send decimal numbers as text" in problem_of(answer, 422, "not_valid")["detail"]


def test_payment_terms_have_no_unknown_field(shop: Shop) -> None:
    terms = {"rule": {"kind": "NET_DAYS", "days": 30}, "colour": "red"}
    answer = shop.post("/v1/partners/kaufmarkt/payment-terms", {"terms": terms, "first_day": "2026-01-01"}, "administrator")
    detail = problem_of(answer, 422, "not_valid")["detail"]
    assert detail == "/terms/colour: there is no field colour here; leave it out or check its spelling"


def test_what_the_address_says_is_not_repeated_in_the_body(shop: Shop) -> None:
    asked = {"partner": "kaufmarkt", "closed_on": "2026-12-31"}
    body = problem_of(shop.post("/v1/partners/kaufmarkt:close", asked, "administrator"), 422, "not_valid")
    assert body["detail"] == "/partner: this is part of the address; leave it out of the body"


@pytest.mark.parametrize("at", [1700000000, "1700000000", "2026-03-01T08:30:00", "0001-01-01T00:00:00+14:00", "2026-03-01"])
def test_an_instant_needs_its_offset_and_a_sane_year(shop: Shop, at: object) -> None:
    asked = {
        "company": "acme", "number": "S-1", "partner": "kaufmarkt", "ship_to": "dc-1", "dispatched_at": at,
        "lines": [{"order": "order/acme/kaufmarkt/PO-1/-", "line": "1", "quantity": "1"}],
    }
    body = problem_of(shop.post("/v1/shipments", asked), 422, "not_valid")
    assert body["detail"].startswith("/dispatched_at: send an instant with its offset from UTC")


ADDRESSES = [
    "/v1/orders?company=%00", "/v1/orders?%00=1", "/v1/orders/a%00b", "/v1/orders/a%2500b", "/v1/partners/%00",
    "/v1/partners/%2500", "/v1/settlements/%00", "/v1/deductions/x%00", "/v1/plans/%00", "/v1/open-items?number=%00",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_holds_no_nul(shop: Shop, address: str) -> None:
    problem_of(shop.get(address), 400, "nul_character")


QUERIES = [
    ("/v1/orders?limit=0", 422, "/limit: must be 1 or more"),
    ("/v1/orders?limit=501", 422, "/limit: must be 500 or less"),
    ("/v1/orders?limit=x", 422, "/limit: send a whole number"),
    ("/v1/orders?ordered_from=2026-02-30", 422, f"/ordered_from: {DAY}"),
    ("/v1/orders?ordered_from=0", 422, f"/ordered_from: {DAY}"),
    ("/v1/orders?stauts=OPEN", 422, "there is no parameter stauts here; the parameters are limit, cursor"),
    ("/v1/orders?status=NO", 422, "/status/0: must be one of 'PENDING', 'RELEASED'"),
    ("/v1/order-facts?partner=x&first=2026-01-02&last=2026-01-01", 422, "/last: 2026-01-01 lies before 2026-01-02"),
    ("/v1/order-facts?partner=x&first=2024-01-01&last=2026-01-01", 422, "are 731 days, more than 400"),
    ("/v1/order-facts?partner=x&first=2026-01-01&last=2026-01-02&known_at=" + "9" * 30, 422, "/known_at: must be less"),
    ("/v1/orders?min_position=orders=%C2%B2", 400, "the position reads orders=²; send for example orders=42"),
    ("/v1/orders?min_position=orders=" + "9" * 5_000, 400, "send for example orders=42"),
    ("/v1/orders?min_position=order=1", 400, "the logs are orders, receivables, forecast"),
    ("/v1/orders?min_position=7", 400, "send for example orders=42"),
]


@pytest.mark.parametrize(("address", "status", "says"), QUERIES, ids=[a[:60] for a, _, _ in QUERIES])
def test_a_question_that_cannot_be_answered_says_why(shop: Shop, address: str, status: int, says: str) -> None:
    answer = shop.get(address)
    assert says in problem_of(answer, status, answer.json()["code"])["detail"]


MISSING = [
    "/v1/orders/acme/kaufmarkt/PO-none/-", "/v1/orders/acme/kaufmarkt/PO-none/-/timeline", "/v1/partners/nobody",
    "/v1/partners/kaufmarkt/places/moon", "/v1/partners/kaufmarkt/prices/nothing", "/v1/items/nothing",
    "/v1/companies/other", "/v1/tax-rates/xx", "/v1/shipments/acme/S-none", "/v1/returns/acme/R-none",
    "/v1/credit-accounts/nobody", "/v1/invoices/acme/none", "/v1/settlements/acme/x/y", "/v1/deductions/acme/x/y/1",
    "/v1/plans/x/ANNUAL/2026",
]


@pytest.mark.parametrize("address", MISSING)
def test_what_does_not_exist_is_404_naming_it(shop: Shop, address: str) -> None:
    body = problem_of(shop.get(address), 404, "not_known")
    assert address.removesuffix("/timeline").rpartition("/")[2] in body["detail"]


def test_an_address_that_does_not_exist(shop: Shop) -> None:
    body = problem_of(shop.get("/v1/ordres"), 404, "no_such_address")
    assert body["detail"] == "there is nothing at /v1/ordres; the addresses are listed at /docs"


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "OPTIONS"])
def test_a_method_that_is_not_possible(shop: Shop, method: str) -> None:
    answer = shop.send(method, "/v1/orders")
    body = problem_of(answer, 405, "method_not_allowed")
    assert body["detail"] == f"{method} is not possible at /v1/orders; see /docs"
    assert answer.headers["allow"]


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("text/csv", "text/csv"), ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded"),
        ("application/json; charset=latin-1", "charset=latin-1"), ("application/jsonp", "application/jsonp"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/orders", "/v1/orders:batch"])
def test_a_body_that_says_it_is_no_json(shop: Shop, path: str, header: str, says: str) -> None:
    body = problem_of(shop.send("POST", path, content=b"{}", headers={"Content-Type": header}), 415, "not_json")
    assert says in body["detail"] and "Content-Type: application/json" in body["detail"]


def test_a_packed_body_is_refused(shop: Shop) -> None:
    answer = shop.send("POST", "/v1/orders", content=b"{}", headers={"Content-Encoding": "gzip"})
    assert "gzip" in problem_of(answer, 415, "not_plain")["detail"]


@pytest.mark.parametrize("header", ["application/json", "Application/JSON; charset=UTF-8", None])
def test_json_and_nothing_said_are_read(shop: Shop, header: str | None) -> None:
    headers = {} if header is None else {"Content-Type": header}
    problem_of(shop.send("POST", "/v1/orders", content=b"{}", headers=headers), 422, "not_valid")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_above_a_million_bytes_is_too_large(shop: Shop, chunked: bool) -> None:
    raw = b'{"partner":"' + b"x" * 1_000_000 + b'"}'  # 1,000,014 bytes

    def in_parts() -> Iterator[bytes]:
        yield from (raw[i : i + 100_000] for i in range(0, len(raw), 100_000))

    answer = shop.send("POST", "/v1/orders", content=in_parts() if chunked else raw)
    assert "more than the 1,000,000 allowed here" in problem_of(answer, 413, "too_large")["detail"]


def test_a_body_of_a_million_bytes_is_read(shop: Shop) -> None:
    raw = b'{"partner":"' + b"x" * 999_986 + b'"}'
    assert len(raw) == 1_000_000
    problem_of(shop.send("POST", "/v1/orders", content=raw), 422, "not_valid")
