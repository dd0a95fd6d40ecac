"""If-Match over HTTP: without one 428, with a stale one 412, and what an order is at that version; 409 of other content."""

from __future__ import annotations

import pytest

from tests.services.shop import Shop, problem_of

CANCEL = {"by": "customer", "reason": "no longer needed"}


def test_the_etag_read_is_the_version_that_a_change_is_asked_for(shop: Shop) -> None:
    shop.placed("PO-v1")  # placed, released by credit: version 2
    read = shop.get(shop.address("PO-v1"))
    assert (read.headers["etag"], read.json()["version"]) == ('"v2"', 2)
    done = shop.post(shop.address("PO-v1") + ":cancel", CANCEL, headers={"If-Match": read.headers["etag"]})
    assert (done.status_code, done.headers["etag"], done.json()["closed"]) == (200, '"v3"', "CANCELLED")
    assert shop.wired.settle()
    assert shop.get(shop.address("PO-v1")).headers["etag"] == '"v3"'


@pytest.mark.parametrize("changes", range(3))
def test_the_etag_counts_every_fact_of_the_order(shop: Shop, changes: int) -> None:
    number = f"PO-e{changes}"
    shop.placed(number)
    version = 2
    for n in range(changes):
        asked = {"line": "1", "quantity": "1", "by": "customer", "reason": "less"}
        headers = {"If-Match": f'"v{version}"', "Idempotency-Key": f"{number}-{n}"}
        answer = shop.post(shop.address(number) + ":cancel-line", asked, headers=headers)
        assert answer.status_code == 200, answer.text
        assert shop.wired.settle()
        version = int(answer.headers["etag"].strip('"v'))
        version = shop.get(shop.address(number)).json()["version"]
    stream = f"order/acme/kaufmarkt/{number}/-"
    head = shop.wired.applications["orders"].store.head(stream)
    assert head is not None and head.version == version


def test_a_change_without_a_version_is_428(shop: Shop) -> None:
    shop.placed("PO-v2")
    body = problem_of(shop.post(shop.address("PO-v2") + ":cancel", CANCEL), 428, "version_required")
    assert "send If-Match with the ETag" in body["detail"] and "If-Match: *" in body["detail"]


def test_a_stale_version_is_412_naming_both(shop: Shop) -> None:
    shop.placed("PO-v3")
    before = shop.position()
    answer = shop.post(shop.address("PO-v3") + ":cancel", CANCEL, headers={"If-Match": '"v1"'})
    body = problem_of(answer, 412, "stale_version")
    assert "is at version 2, the request was made for version 1" in body["detail"]
    assert (body["actual_version"], shop.position()) == (2, before)


@pytest.mark.parametrize("header", ["3", '"v3"', 'W/"v3"'])
def test_every_way_to_write_a_version_is_understood(shop: Shop, header: str) -> None:
    answer = shop.post(shop.address("PO-v3") + ":cancel", CANCEL, headers={"If-Match": header})
    problem_of(answer, 412, "stale_version")


@pytest.mark.parametrize("header", ["three", '"v-1"', '"v"', '"v1", "v2"', "9" * 5_000, b'"v\xb2"'])
def test_a_version_that_cannot_be_read_is_400(shop: Shop, header: str | bytes) -> None:
    answer = shop.post(shop.address("PO-v3") + ":cancel", CANCEL, headers={"If-Match": header})
    problem_of(answer, 400, "bad_version")


def test_a_star_takes_whatever_version_it_is(shop: Shop) -> None:
    shop.placed("PO-v4")
    answer = shop.post(shop.address("PO-v4") + ":cancel", CANCEL, headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["closed"]) == (200, "CANCELLED")


def test_a_change_of_what_does_not_exist_is_404(shop: Shop) -> None:
    answer = shop.post(shop.address("PO-none") + ":cancel", CANCEL, headers={"If-Match": "*"})
    body = problem_of(answer, 404, "not_known")
    assert body["detail"] == "There is no order acme/kaufmarkt/PO-none/-; check the number or record it first."


def test_the_same_order_again_is_the_same_order(shop: Shop) -> None:
    first = shop.placed("PO-c1")
    before = shop.position()
    again = shop.post("/v1/orders", shop.body("PO-c1"))
    assert (again.status_code, again.json()["href"]) == (200, first.json()["href"])
    assert shop.position() == before


def test_other_content_is_409_naming_every_difference(shop: Shop) -> None:
    shop.placed("PO-c2")
    other = shop.body("PO-c2", ordered_on="2026-02-21", cancel_after="2026-04-01", line={"quantity": "11"})
    before = shop.position()
    body = problem_of(shop.post("/v1/orders", other), 409, "order.content_differs")
    for difference in (
        "line 1 quantity is 11 EA, was 10 EA", "the order date is 2026-02-21, was 2026-02-20",
        "the cancel-after date is 2026-04-01, was not given", "POST /v1/orders/acme/kaufmarkt/PO-c2/-:amend",
    ):
        assert difference in body["detail"]
    assert shop.position() == before


@pytest.mark.parametrize("number", ["PO/7", "PO 7", "采购-7", "50%", "P" * 80, "a:amend", "-", "%41"])
def test_the_address_of_an_order_leads_to_it_whatever_its_number(shop: Shop, number: str) -> None:
    answer = shop.placed(number)
    where = answer.headers["location"]
    assert answer.json()["href"] == where
    read = shop.get(where)
    assert (read.status_code, read.json()["header"]["purchase_order_number"]) == (200, number)
    done = shop.post(where + ":cancel", CANCEL, headers={"If-Match": read.headers["etag"]})
    assert (done.status_code, done.json()["closed"]) == (200, "CANCELLED"), done.text


@pytest.mark.parametrize("name", ["p/7", "p 7", "客户", "50%", "%41"])
def test_every_href_of_master_data_leads_to_the_thing(shop: Shop, name: str) -> None:
    partner = {"partner": name, "name": name, "company": "acme", "currency": "EUR", "zone": "UTC"}
    hrefs = [shop.post("/v1/partners", partner, "administrator").json()["href"]]
    place = {"place": name, "name": name, "zone": "UTC", "country": "DE", "tax_place": "de"}
    hrefs.append(shop.post(hrefs[0] + "/places", place, "administrator").json()["href"])
    packs = {"item": name, "description": name, "tax_category": "standard", "base_unit": "EA", "valid_from": "2020-01-01"}
    hrefs.append(shop.post("/v1/items", packs, "administrator").json()["href"])
    price = {"item": name, "currency": "EUR", "price": "1", "unit": "EA", "first_day": "2020-01-01"}
    hrefs.append(shop.post(hrefs[0] + "/prices", price, "credit_manager").json()["href"])
    rate = {"place": name, "category": "standard", "rate": "0.19", "first_day": "2020-01-01"}
    hrefs.append(shop.post("/v1/tax-rates", rate, "administrator").json()["href"])
    hrefs.append(shop.post("/v1/persons", {"person": name}, "administrator").json()["href"])
    company = {"company": name, "name": name, "zone": "UTC", "country": "DE", "currency": "EUR", "edi_id": name.encode().hex()}
    hrefs.append(shop.post("/v1/companies", company, "administrator").json()["href"])
    assert shop.wired.settle()
    assert [shop.get(href, "administrator").status_code for href in hrefs] == [200] * 7, hrefs
