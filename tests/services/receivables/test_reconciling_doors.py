"""S3, S5 and S11 of definitions.md 4.7 through the doors, a statement's whole life, and what its doors refuse."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from domain.agreements import ConfirmationMode
from domain.permissions import ROLES
from services.orders import agreeing
from tests.conftest import FIRST_DAY, asking
from tests.services.shop import Shop, problem_of

ON = "2025-09-20"
CUT_OFF = "2025-09-25"


class Customer:
    """A customer of its own in the shop, with three items free of tax but one; every figure stated by hand."""

    def __init__(self, shop: Shop, name: str, terms: dict[str, Any] | None = None) -> None:
        self.shop, self.name = shop, name
        self.items = {"tea": ("80.00", "none"), "jam": ("33.90", "none"), "rice": ("52.00", "food"), "corn": ("50.00", "food")}
        first: dict[str, Any] = {"partner": name, "first_day": FIRST_DAY}
        asked: list[Any] = [
            agreeing.RegisterPartner(partner=name, name=name, company="acme", currency="EUR", zone="UTC"),
            agreeing.AgreeCreditLimit(amount="10000000.00", currency="EUR", **first),
            agreeing.AgreeConfirmation(mode=ConfirmationMode.AUTO, **first),
            agreeing.AgreePlace(partner=name, place="dc", name="DC", zone="UTC", country="DE", tax_place="de"),
            agreeing.AgreeTaxRate(place="de", category="none", rate="0", first_day=FIRST_DAY),
            agreeing.AgreeTaxRate(place="de", category="food", rate="0.13", first_day=FIRST_DAY),
        ]
        if terms is not None:
            asked.append(agreeing.AgreePaymentTerms.model_validate({**first, "terms": terms}))
        for item, (price, category) in self.items.items():
            own = f"{item}-{name}"
            asked.append(agreeing.RegisterItem(
                item=own, description=item, tax_category=category, base_unit="CS", valid_from=FIRST_DAY
            ))
            asked.append(agreeing.AgreePrice(item=own, currency="EUR", price=price, unit="CS", **first))
        for command in asked:
            answer = shop.wired.applications["orders"].handle(command, asking("seed"))
            assert answer.status < 300, answer.text
        self.settle()

    def settle(self) -> None:
        assert self.shop.wired.settle()

    def post(self, path: str, body: Any, role: str = "clerk", status: int = 200, **more: Any) -> Any:
        answer = self.shop.post(path, body, role, **more)
        assert answer.status_code == status, answer.text
        self.settle()
        return answer.json()

    def get(self, path: str, status: int = 200, **more: Any) -> Any:
        answer = self.shop.get(path, **more)
        assert answer.status_code == status, answer.text
        return answer.json()

    def invoice(self, amount: str, issued_on: str = ON) -> str:
        """By hand, one case, no tax; answers its number."""
        line = {"item": "tea", "quantity": "1", "unit": "CS", "unit_price": amount, "tax_rate": "0"}
        body = {"partner": self.name, "issued_on": issued_on, "lines": [line]}
        key = f"{self.name}-{amount}-{issued_on}-{self.shop.position('receivables')}"
        made = self.post("/v1/invoices", body, status=201, headers={"Idempotency-Key": key})
        return str(made["number"])

    def credit(self, number: str, net: str) -> str:
        body = {"issued_on": "2025-09-22", "reason": "agreed", "lines": [{"line": "1", "net": net}]}
        headers = {"Idempotency-Key": f"credit-{number}-{net}"}
        return str(self.post(f"/v1/invoices/acme/{number}:credit", body, status=201, headers=headers)["number"])

    def deliver(
        self, number: str, item: str, quantity: str, sent_on: str, received: str | None = None, received_on: str = ON,
        price: str | None = None,
    ) -> str:
        """Ordered, dispatched and by that invoiced; then received. Answers the invoice's number."""
        line = {"number": "1", "item": f"{item}-{self.name}", "quantity": quantity, "unit": "CS"}
        if price is not None:
            line |= {"price": price}
        body = {
            "partner": self.name, "purchase_order_number": number, "ordered_on": "2025-09-01", "ship_to": "dc",
            "requested_on": "2025-09-24", "lines": [line],
        }
        order = self.post("/v1/orders", body, status=201)["order"]
        shipment = f"{self.name}-{number}"
        self.post("/v1/shipments", {
            "company": "acme", "number": shipment, "partner": self.name, "ship_to": "dc",
            "dispatched_at": f"{sent_on}T08:00:00Z", "lines": [{"order": order, "line": "1", "quantity": quantity}],
        }, status=201)
        found = self.get(f"/v1/invoices?partner={self.name}")["items"]
        invoice = next(one["number"] for one in found if one["shipment"] == f"shipment/acme/{shipment}")
        if received is not None:
            self.receive(number, order, received, received_on)
        return str(invoice)

    def receive(self, number: str, order: str, received: str, received_on: str) -> None:
        self.post(f"/v1/shipments/acme/{self.name}-{number}:receive", {
            "document": f"GR-{number}", "received_on": received_on,
            "lines": [{"order": order, "line": "1", "received": received, "accepted": received}],
        })

    def statement(self, number: str, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
        balance = sum((D(line["amount"]) for line in lines), D(0))
        return {
            "company": "acme", "partner": self.name, "number": number, "cut_off": CUT_OFF, "balance": str(balance),
            "lines": [{"dated_on": ON, **line} for line in lines], **more,
        }


def bridge_of(answer: dict[str, Any]) -> dict[str, str]:
    return {one["class"]: one["amount"] for one in answer["bridge"]}


@pytest.fixture(scope="module")
def s3(shop: Shop) -> dict[str, Any]:
    """S3: five documents of ours, five lines of theirs; 102 by order at 77.60 and billed at 80.00, 104 received late."""
    customer = Customer(shop, "s3")
    numbers = {
        "INV101": customer.invoice("100000.00"),
        "INV102": customer.deliver("PO-102", "tea", "1000", "2025-09-18", "1000", "2025-09-19", price="77.60"),
        "INV103": customer.invoice("45200.00"),
        "INV104": customer.deliver("PO-104", "jam", "1000", "2025-09-24", "1000", "2025-09-26"),
    }
    numbers["CM201"] = customer.credit(numbers["INV101"], "6780.00")
    body = customer.statement(
        "ST-9",
        {"document": numbers["INV101"], "amount": "100000.00"},
        {"document": numbers["INV102"], "amount": "77600.00"},
        {"document": numbers["CM201"], "amount": "-6780.00", "kind": "CREDIT_MEMO"},
        {"document": "RTV305", "amount": "-3390.00", "kind": "RETURN"},
        {"document": "POSTER", "amount": "-5000.00", "kind": "FEE"},
    )
    return {"customer": customer, "numbers": numbers, "body": body, "made": customer.post("/v1/statements", body, status=201)}


def test_s3_the_bridge_through_the_doors(s3: dict[str, Any]) -> None:
    found = s3["customer"].get(s3["made"]["href"])
    assert (found["our_balance"], found["their_balance"]) == ("252320.00", "162430.00")
    assert bridge_of(found) == {
        "PRICE_DIFF": "-2400.00", "MISSING_AT_CUSTOMER": "-45200.00", "TIMING": "-33900.00",
        "MISSING_AT_SUPPLIER": "-3390.00", "FEE_NOT_AGREED": "-5000.00",
    }
    assert found["unexplained"] == "0.00"
    assert found["to_resolve"] == []
    of_class = {one["class"]: one for pair in found["pairs"] for one in pair["differences"]}
    numbers = s3["numbers"]
    # billed at the price agreed, which is not that of their order: theirs
    assert (of_class["PRICE_DIFF"]["presumed_fault"], of_class["PRICE_DIFF"]["next_action"]) == (
        "CUSTOMER", "ASK_CUSTOMER_TO_CORRECT",
    )
    assert of_class["TIMING"]["documents"] == [f"invoice/acme/{numbers['INV104']}"]
    assert of_class["MISSING_AT_CUSTOMER"]["documents"] == [f"invoice/acme/{numbers['INV103']}"]
    differing = s3["customer"].get(f"{s3['made']['href']}?only_differences=true")
    assert len(differing["pairs"]) == 5
    assert len(found["pairs"]) == 7


def test_s3_as_known_before_the_late_receipt_and_before_the_credit_memo(s3: dict[str, Any], shop: Shop) -> None:
    """What was known earlier is answered as it was: no credit memo yet, and nothing of the order's price."""
    log = shop.wired.applications["receivables"].store
    memo = f"invoice/acme/{s3['numbers']['CM201']}"
    position = next(n for n in range(1, log.last_position() + 1) if (row := log.event_at(n)) and row.stream == memo)
    found = s3["customer"].get(f"{s3['made']['href']}?known_at=receivables={position - 1},orders=0")
    assert found["our_balance"] == "259100.00"
    assert found["known_at"] == f"orders=0,receivables={position - 1}"
    # the invoices came by dispatches that are not known at orders=0: nothing types the difference of 102
    assert bridge_of(found) == {
        "MISSING_AT_CUSTOMER": "-79100.00", "MISSING_AT_SUPPLIER": "-10170.00", "FEE_NOT_AGREED": "-5000.00",
    }
    assert found["unexplained"] == "-2400.00"
    late = s3["customer"].shop.get(f"{s3['made']['href']}?known_at=receivables=999999999")
    problem_of(late, 422, "not_valid")
    past = s3["customer"].get(f"{s3['made']['href']}?known_at=2020-01-01T00:00:00Z")
    assert (past["our_balance"], past["known_at"]) == ("0.00", "orders=0,receivables=0")


def test_s3_is_agreed_once_and_changes_no_more(s3: dict[str, Any]) -> None:
    customer, href = s3["customer"], s3["made"]["href"]
    agree, body = f"{href}:agree", {"agreed_on": "2025-10-13"}
    problem_of(customer.shop.post(agree, body, "clerk", headers={"If-Match": "*"}), 403, "not_permitted")
    problem_of(customer.shop.post(agree, body, "credit_manager"), 428, "version_required")
    problem_of(customer.shop.post(agree, body, "credit_manager", headers={"If-Match": '"v9"'}), 412, "stale_version")
    made = customer.post(agree, body, "credit_manager", headers={"If-Match": '"v1"'})
    assert (made["state"], made["dated"]) == ("AGREED", [])
    again = customer.post(agree, body, "credit_manager", headers={"If-Match": "*"})
    assert again["version"] == made["version"]
    found = customer.get(href)
    assert found["agreement"]["bridge"] == {
        "PRICE_DIFF": "-2400.00", "MISSING_AT_CUSTOMER": "-45200.00", "TIMING": "-33900.00",
        "MISSING_AT_SUPPLIER": "-3390.00", "FEE_NOT_AGREED": "-5000.00",
    }
    assert {one["document"]: (one["undisputed"], one["disputed"]) for one in found["agreement"]["documents"]} == {
        f"invoice/acme/{s3['numbers']['INV101']}": ("100000.00", "0.00"),
        f"invoice/acme/{s3['numbers']['INV102']}": ("77600.00", "2400.00"),
    }
    problem_of(customer.shop.post("/v1/statements", {**s3["body"], "version": 2}), 409, "statement.agreed_already")
    other = {**s3["body"], "number": "ST-9b"}
    problem_of(customer.shop.post("/v1/statements", other), 409, "statement.cut_off_taken")
    problem_of(customer.shop.post("/v1/statements", {**other, "supersedes": "ST-9"}), 409, "statement.agreed_already")
    customer.invoice("7.00", "2025-09-23")  # dated before the cut-off, known after the agreement
    assert customer.get(href)["our_balance"] == "252320.00"
    assert customer.get(f"{href}?known_at={_now(customer.shop)}")["our_balance"] == "252327.00"
    listed = customer.get("/v1/statements?partner=s3")["items"]
    assert [(one["number"], one["state"], one["agreed_by"]) for one in listed] == [("ST-9", "AGREED", "credit-manager")]


def _now(shop: Shop) -> str:
    return f"receivables={shop.position('receivables')},orders={shop.position('orders')}"


def test_agreeing_dates_what_they_list_and_what_is_disputed_keeps_the_rest_its_day(shop: Shop) -> None:
    """T13: NET 30 from the statement's agreement, 10 000 with 800 disputed; agreed 10-13, due 11-12."""
    terms = {"rule": {"kind": "NET_DAYS", "days": 30}, "baseline": "STATEMENT_AGREED_DATE"}
    customer = Customer(shop, "t13", terms)
    listed, missing = customer.invoice("10000.00"), customer.invoice("50.00")
    assert customer.get(f"/v1/invoices/acme/{listed}")["due_on"] is None
    body = customer.statement("ST-1", {"document": listed, "amount": "9200.00"})
    href = customer.post("/v1/statements", body, status=201)["href"]
    agree, headers = {"agreed_on": "2025-10-13"}, {"If-Match": "*"}
    refused = problem_of(
        shop.post(f"{href}:agree", agree, "credit_manager", headers=headers), 409, "statement.unexplained_left"
    )
    assert refused["parameters"] == {"statement": "ST-1", "figure": "-800.00", "count": 1, "about": "line 1"}
    word = {"line": 1, "difference_class": "PRICE_DIFF", "reason": "their promotion price, disputed"}
    customer.post(f"{href}:resolve", word, "credit_manager")
    refused = problem_of(
        shop.post(f"{href}:agree", agree, "credit_manager", headers=headers), 403, "statement.resolved_by_same"
    )
    customer.post(f"{href}:resolve", word, "clerk")
    made = customer.post(f"{href}:agree", agree, "credit_manager", headers=headers)
    assert made["dated"] == [f"invoice/acme/{listed}"]
    assert customer.get(f"/v1/invoices/acme/{listed}")["due_on"] == "2025-11-12"
    assert customer.get(f"/v1/invoices/acme/{missing}")["due_on"] is None
    found = customer.get(href)
    assert found["agreement"]["documents"] == [
        {"document": f"invoice/acme/{listed}", "undisputed": "9200.00", "disputed": "800.00"}
    ]


def test_s5_and_s11_three_ways_through_the_doors(shop: Shop) -> None:
    customer = Customer(shop, "s5")
    s5 = customer.deliver("PO-5", "rice", "100", "2025-09-18", "96", price="50.00")  # agreed and billed at 52.00
    s11 = customer.deliver("PO-11", "corn", "100", "2025-09-18", "104")
    waiting = customer.deliver("PO-12", "corn", "1", "2025-09-18")
    by_hand = customer.invoice("9.00")
    found = {one["number"]: one for one in customer.get("/v1/three-way-matches?partner=s5")["items"]}
    states = {number: [line["state"] for line in one["lines"]] for number, one in found.items()}
    assert states == {s5: ["DIFFERS"], s11: ["DIFFERS"], waiting: ["NOT_RECEIVED"], by_hand: ["NO_ORDER"]}
    first = found[s5]
    names = ("price_variance", "quantity_variance", "tax_variance", "deductible", "underbilled")
    assert [D(first[name]) for name in names] == [D("192"), D("208"), D("52"), D("452"), D(0)]
    line = first["lines"][0]
    assert (line["order_price"], line["agreed_price"], line["invoice_price"]) == ("50.00", "52.00", "52.00")
    assert (line["received"], line["invoiced"], line["billed_as_agreed"]) == ("96", "100", True)
    assert [(one["kind"], one["cause"], one["gross"]) for one in line["proposals"]] == [
        ("CREDIT_MEMO", "PRICE", "216.96"), ("CREDIT_MEMO", "QUANTITY", "235.04"),
    ]
    second = customer.get(f"/v1/three-way-matches?partner=s5&invoice={s11}")["items"][0]
    assert [D(second[name]) for name in names] == [D(0), D("-200"), D("-26"), D(0), D("226")]
    assert second["lines"][0]["proposals"] == [{
        "kind": "DEBIT_MEMO_OR_RETURN", "cause": "QUANTITY", "net": "200.00", "tax": "26.00", "gross": "226.00",
        "return_units": "4", "left_net": "200.00",
    }]
    # 5 200.00 net billed; the shortage credited: of the two proposals the first is used up by 192.00 of 208.00
    customer.credit(s5, "208.00")
    after = customer.get(f"/v1/three-way-matches?partner=s5&invoice={s5}")["items"][0]["lines"][0]
    assert [one["left_net"] for one in after["proposals"]] == ["0.00", "192.00"]


def test_two_invoices_of_one_shipment_share_what_was_received(shop: Shop) -> None:
    """60 and 40 of one order line on two shipments: each is compared with what its own shipment brought."""
    customer = Customer(shop, "split")
    line = {"number": "1", "item": "corn-split", "quantity": "100", "unit": "CS"}
    order = customer.post("/v1/orders", {
        "partner": "split", "purchase_order_number": "PO-1", "ordered_on": "2025-09-01", "ship_to": "dc",
        "requested_on": "2025-09-24", "lines": [line],
    }, status=201)["order"]
    for number, quantity in (("split-1", "60"), ("split-2", "40")):
        customer.post("/v1/shipments", {
            "company": "acme", "number": number, "partner": "split", "ship_to": "dc",
            "dispatched_at": "2025-09-18T08:00:00Z", "lines": [{"order": order, "line": "1", "quantity": quantity}],
        }, status=201)
    customer.receive("1", order, "57", "2025-09-19")
    customer.receive("2", order, "40", "2025-09-20")
    found = customer.get("/v1/three-way-matches?partner=split")["items"]
    assert sorted((one["lines"][0]["received"], D(one["quantity_variance"])) for one in found) == [
        ("40", D(0)), ("57", D("150.00")),
    ]


def test_a_later_version_replaces_and_a_superseding_statement_holds(shop: Shop) -> None:
    customer = Customer(shop, "versions")
    number = customer.invoice("100.00")
    first = customer.statement("ST-1", {"document": number, "amount": "90.00"})
    href = customer.post("/v1/statements", first, status=201)["href"]
    customer.post(f"{href}:resolve", {"line": 1, "difference_class": "PRICE_DIFF", "reason": "as they say"})
    assert customer.post("/v1/statements", first)["version"] == 2  # the same again says nothing
    other = customer.statement("ST-1", {"document": number, "amount": "95.00"})
    problem_of(shop.post("/v1/statements", other), 409, "statement.version_differs")
    assert customer.post("/v1/statements", {**other, "version": 2})["stated_version"] == 2
    found = customer.get(href)
    assert (found["resolutions"], found["unexplained"]) == ([], "-5.00")
    assert customer.post("/v1/statements", first)["stated_version"] == 2  # an older one changes nothing
    second = customer.statement("ST-2", {"document": number, "amount": "100.00"})
    told = problem_of(shop.post("/v1/statements", second), 409, "statement.cut_off_taken")
    assert "supersedes: ST-1" in told["detail"]
    wrong = problem_of(shop.post("/v1/statements", {**second, "supersedes": "ST-7"}), 409, "statement.supersedes_another")
    assert "statement/acme/versions/ST-1 holds" in wrong["detail"]
    customer.post("/v1/statements", {**second, "supersedes": "ST-1"}, status=201)
    problem_of(
        shop.post(f"{href}:agree", {"agreed_on": CUT_OFF}, "credit_manager", headers={"If-Match": "*"}), 409,
        "statement.superseded",
    )
    states = {one["number"]: one["state"] for one in customer.get("/v1/statements?partner=versions")["items"]}
    assert states == {"ST-1": "SUPERSEDED", "ST-2": "RECEIVED"}


def test_a_number_with_everything_in_it(shop: Shop) -> None:
    customer = Customer(shop, "odd")
    body = customer.statement("2025/09 #1 对账", {"document": "A%2F", "amount": "100.00"})
    href = customer.post("/v1/statements", body, status=201)["href"]
    customer.post(f"{href}:resolve", {"line": 1, "difference_class": "TIMING", "reason": "next month"})
    made = customer.post(f"{href}:agree", {"agreed_on": CUT_OFF}, "credit_manager", headers={"If-Match": "*"})
    assert (made["href"], made["state"]) == (href, "AGREED")
    assert customer.get(href)["number"] == "2025/09 #1 对账"
    assert customer.get("/v1/statements?partner=odd")["items"][0]["href"] == href


def test_a_person_pairs_a_line_with_a_document(shop: Shop) -> None:
    customer = Customer(shop, "pairing")
    number = customer.invoice("100.00")
    href = customer.post(
        "/v1/statements", customer.statement("ST-1", {"document": "4500017", "amount": "100.00"}), status=201
    )["href"]
    assert bridge_of(customer.get(href)) == {"MISSING_AT_CUSTOMER": "-100.00", "MISSING_AT_SUPPLIER": "100.00"}
    resolve = f"{href}:resolve"
    problem_of(shop.post(resolve, {"line": 1, "document": "nope", "reason": "x"}), 422, "statement.document_unknown")
    problem_of(shop.post(resolve, {"line": 7, "document": number, "reason": "x"}), 422, "statement.line_unknown")
    problem_of(shop.post(resolve, {"line": 1, "reason": "x"}), 422, "not_valid")
    matched = {"line": 1, "difference_class": "MATCHED", "reason": "x"}
    problem_of(shop.post(resolve, matched), 422, "statement.not_a_difference")
    others = Customer(shop, "others").invoice("100.00")
    problem_of(shop.post(resolve, {"line": 1, "document": others, "reason": "x"}), 422, "statement.document_unknown")
    customer.post(resolve, {"line": 1, "document": number, "reason": "their number of our invoice"})
    found = customer.get(href)
    assert (bridge_of(found), found["resolutions"][0]["by"]) == ({}, "clerk")


def test_payments_and_deductions_are_part_of_the_ledger(shop: Shop) -> None:
    """113.00 paid short by 13.00 before the cut-off, 50.00 paid after it: each statement is as of its own day."""
    customer = Customer(shop, "paying")
    one, two = customer.invoice("113.00"), customer.invoice("50.00")
    items = [{"reference": one, "gross": "113.00", "paid": "100.00", "adjustments": [{"amount": "13.00", "reason": "06"}]}]
    pay = {"company": "acme", "partner": "paying", "reference": "P-1", "paid_on": "2025-09-24", "amount": "100.00"}
    customer.post("/v1/settlements", {**pay, "items": items}, status=201)
    paid = [{"reference": two, "paid": "50.00"}]
    later = {**pay, "reference": "P-2", "paid_on": "2025-09-27", "amount": "50.00", "items": paid}
    customer.post("/v1/settlements", later, status=201)
    shown = customer.get(f"/v1/counter-statements?partner=paying&cut_off={CUT_OFF}")
    assert [(row["document"], row["kind"], row["open"], row["reference"]) for row in shown["items"]] == [
        (two, "INVOICE", "50.00", ""), ("P-1/1", "DEDUCTION", "13.00", one),
    ]
    assert customer.get("/v1/counter-statements?partner=paying&cut_off=2025-09-23")["balance"] == "163.00"
    assert customer.get("/v1/counter-statements?partner=paying&cut_off=2025-09-27")["balance"] == "13.00"
    # they list the invoices, the payment they made and the one on its way, and their own debit note
    href = customer.post("/v1/statements", customer.statement(
        "ST-1", {"document": one, "amount": "113.00"}, {"document": two, "amount": "50.00"},
        {"document": "P-1", "amount": "-100.00", "kind": "PAYMENT"}, {"document": "P-2", "amount": "-50.00", "kind": "PAYMENT"},
        {"document": "DN-1", "amount": "-13.00", "kind": "DEDUCTION"},
    ), status=201)["href"]
    found = customer.get(href)
    assert (found["our_balance"], found["their_balance"]) == ("63.00", "0.00")
    assert bridge_of(found) == {"TIMING": "-50.00", "FEE_NOT_AGREED": "-13.00"}
    # the payment bounces: as of its day it counted, on the day of the bounce it is owed again
    customer.post("/v1/settlements/acme/paying/P-1:reverse", {"reason": "bounced"}, "credit_manager", headers={"If-Match": "*"})
    assert customer.get(f"/v1/counter-statements?partner=paying&cut_off={CUT_OFF}")["balance"] == "63.00"
    assert customer.get(f"/v1/counter-statements?partner=paying&cut_off={date.max}")["balance"] == "113.00"


def test_what_pays_an_invoice_of_a_later_day_is_on_account_until_then(shop: Shop) -> None:
    customer = Customer(shop, "early")
    number = customer.invoice("50.00", "2025-09-28")
    customer.post("/v1/settlements", {
        "company": "acme", "partner": "early", "reference": "P-1", "paid_on": "2025-09-24", "amount": "50.00",
        "items": [{"reference": number, "paid": "50.00"}],
    }, status=201)
    balances = {
        day: customer.get(f"/v1/counter-statements?partner=early&cut_off={day}")["balance"]
        for day in ("2025-09-23", CUT_OFF, "2025-09-27", "2025-09-28")
    }
    assert balances == {"2025-09-23": "0.00", CUT_OFF: "-50.00", "2025-09-27": "-50.00", "2025-09-28": "0.00"}
    # they list the payment; the invoice they have already is not ours yet
    href = customer.post("/v1/statements", customer.statement(
        "ST-1", {"document": "P-1", "amount": "-50.00", "kind": "PAYMENT"}, {"document": number, "amount": "50.00"},
    ), status=201)["href"]
    found = customer.get(href)
    assert (found["our_balance"], bridge_of(found)) == ("-50.00", {"TIMING": "50.00"})


def test_a_payment_on_its_way_is_found_by_its_amount_though_it_is_all_used_by_now(shop: Shop) -> None:
    customer = Customer(shop, "on-its-way")
    number = customer.invoice("50.00")
    customer.post("/v1/settlements", {
        "company": "acme", "partner": "on-its-way", "reference": "P-1", "paid_on": "2025-09-27", "amount": "50.00",
        "items": [{"reference": number, "paid": "50.00"}],
    }, status=201)
    body = customer.statement(
        "ST-1", {"document": number, "amount": "50.00"}, {"document": "4711", "amount": "-50.00", "kind": "PAYMENT"}
    )
    found = customer.get(customer.post("/v1/statements", body, status=201)["href"])
    assert (found["our_balance"], bridge_of(found)) == ("50.00", {"TIMING": "-50.00"})


def test_ours_goes_out_as_csv_and_pdf_with_the_same_bytes_each_time(s3: dict[str, Any], shop: Shop) -> None:
    position = s3["customer"].get(s3["made"]["href"])["known_at"].split(",")[-1]
    asked = f"/v1/counter-statements?partner=s3&cut_off={CUT_OFF}&known_at={position}"
    rows = shop.get(f"{asked}&format=csv").text.splitlines()
    assert rows[0] == "document,kind,dated_on,original,open,balance,reference"
    assert rows[-1] == f",BALANCE,{CUT_OFF},,252320.00,252320.00,EUR"
    assert len(rows) == 7
    first, again = (shop.get(f"{asked}&format=pdf") for _ in range(2))
    assert first.headers["content-type"] == "application/pdf"
    assert first.content.startswith(b"%PDF-")
    assert first.content == again.content
    problem_of(shop.get(f"/v1/counter-statements?partner=nobody&cut_off={CUT_OFF}"), 404, "not_known")


CSV = "document,kind,dated_on,amount,quantity,unit_price,tax,reference\n"


def file_of(customer: Customer, number: str, balance: str, *rows: str, header: str = CSV) -> dict[str, Any]:
    return {
        "company": "acme", "partner": customer.name, "number": number, "cut_off": CUT_OFF, "balance": balance,
        "csv": header + "".join(f"{row}\n" for row in rows),
    }


def test_a_csv_file_is_the_same_statement(shop: Shop) -> None:
    customer = Customer(shop, "csv")
    number = customer.invoice("100.00")
    row = f"{number},invoice,{ON},97.00,1,97.00,,"
    made = customer.post("/v1/statements:csv", file_of(customer, "ST-1", "97.00", row), status=201)
    assert bridge_of(customer.get(made["href"])) == {"PRICE_DIFF": "-3.00"}
    same = customer.statement(
        "ST-1", {"document": number, "amount": "97.00", "quantity": "1", "unit_price": "97.00", "kind": "INVOICE"}
    )
    assert customer.post("/v1/statements", same)["version"] == made["version"]


@pytest.fixture(scope="module")
def sheets(shop: Shop) -> Customer:
    return Customer(shop, "sheets")


@pytest.mark.parametrize(
    ("rows", "header", "pointer", "says"),
    [
        ([f"A,,{ON},1.00,,,,", f"B,,{ON},1.0.0,,,,"], CSV, "/csv/3/amount", "row 3, amount: send a decimal number"),
        ([f"A,,{ON},\"1,00\",,,,"], CSV, "/csv/2/amount", "row 2, amount"),
        ([f"A,,{ON},=1+1,,,,"], CSV, "/csv/2/amount", "row 2, amount"),
        ([f"A,,{ON},1e9,,,,"], CSV, "/csv/2/amount", "row 2, amount"),
        ([f"A,,{ON},NaN,,,,"], CSV, "/csv/2/amount", "row 2, amount"),
        ([f"A,GIFT,{ON},1.00,,,,"], CSV, "/csv/2/kind", "row 2, kind"),
        (["A,,2025-02-30,1.00,,,,"], CSV, "/csv/2/dated_on", "row 2, dated_on: send a day that exists"),
        ([f",,{ON},1.00,,,,"], CSV, "/csv/2/document", "row 2, document: this field is required"),
        ([f"A,,{ON},1.00,-1,,,"], CSV, "/csv/2/quantity", "row 2, quantity"),
        ([f"A,,{ON},1.00,,,,,more"], CSV, "/csv/2/reference", "9 cells are more than the 8 columns"),
        ([f"A\0,,{ON},1.00,,,,"], CSV, "/csv/2/document", "row 2, document"),
        ([f"{'9' * 200},,{ON},1.00,,,,"], CSV, "/csv/2/document", "80 characters"),
        ([f"\"{'x' * 140_000}\",,{ON},1.00,,,,"], CSV, "/csv/2/document", "row 2, document: the row cannot be read"),
        (["\"A"], CSV, "/csv/2/document", "row 2, document: the row cannot be read"),
        ([], "document,amount\n", "/csv/1/dated_on", "row 1, dated_on: this column is required"),
        ([], "document,dated_on,amount,amuont\n", "/csv/1/amuont", "no such column"),
        ([], "document,dated_on,amount,amount\n", "/csv/1/amount", "this column is there twice"),
    ],
)
def test_a_bad_row_is_named_with_its_column(
    sheets: Customer, rows: list[str], header: str, pointer: str, says: str
) -> None:
    before = sheets.shop.position("receivables")
    told = problem_of(
        sheets.shop.post("/v1/statements:csv", file_of(sheets, "ST-bad", "1.00", *rows, header=header)), 422, "not_valid"
    )
    assert pointer in [one["pointer"] for one in told["errors"]]
    assert says in " ".join(one["message"] for one in told["errors"])
    assert sheets.shop.position("receivables") == before


def test_a_formula_is_text_and_goes_out_harmless(shop: Shop) -> None:
    customer = Customer(shop, "formula")
    row = f"=HYPERLINK(1),OTHER,{ON},1.00,,,,"
    made = customer.post("/v1/statements:csv", file_of(customer, "ST-1", "1.00", row), status=201)
    assert customer.get(made["href"])["pairs"][0]["lines"][0]["document"] == "=HYPERLINK(1)"
    pay = {"company": "acme", "partner": "formula", "reference": "=1+1", "paid_on": ON, "amount": "5.00"}
    customer.post("/v1/settlements", pay, status=201)
    text = shop.get(f"/v1/counter-statements?partner=formula&cut_off={CUT_OFF}&format=csv").text
    assert text.splitlines()[1].startswith("'=1+1,ON_ACCOUNT,2025-09-20,-5.00,-5.00,-5.00")


def test_the_ledger_sums_to_the_open_items(shop: Shop) -> None:
    """I4: of every customer above, whatever happened to it."""
    partners = {one["partner"] for one in shop.get("/v1/open-items?limit=500").json()["items"]}
    assert {"s3", "s5", "paying", "t13"} <= partners
    for partner in sorted(partners):
        totals = shop.get(f"/v1/open-items/totals?partner={partner}").json()["items"]
        ours = shop.get(f"/v1/counter-statements?partner={partner}&cut_off={date.max}").json()
        assert D(ours["balance"]) == sum(D(one["open"]) for one in totals), partner


def test_too_much_is_refused(sheets: Customer) -> None:
    rows = [f"A{n},,{ON},0.00,,,," for n in range(20_001)]
    problem_of(sheets.shop.post("/v1/statements:csv", file_of(sheets, "ST-long", "0.00", *rows)), 422, "too_many")
    body = file_of(sheets, "ST-big", "0.00", "x" * 5_000_001)
    problem_of(sheets.shop.post("/v1/statements:csv", body), 413, "too_large")


def test_what_contradicts_itself_or_us_is_refused(sheets: Customer) -> None:
    shop = sheets.shop
    body = sheets.statement("ST-x", {"document": "A", "amount": "100.00"})
    told = problem_of(shop.post("/v1/statements", {**body, "balance": "90.00"}), 422, "statement.does_not_sum")
    assert told["parameters"] == {"statement": "ST-x", "figure": "100.00", "limit": "90.00", "excess": "10.00"}
    problem_of(shop.post("/v1/statements", {**body, "partner": "nobody"}), 422, "not_known")
    problem_of(shop.post("/v1/statements", {**body, "company": "other"}), 422, "statement.company_unknown")
    problem_of(shop.post("/v1/statements", {**body, "currency": "USD"}), 422, "statement.currency_differs")
    fine = sheets.statement("ST-x", {"document": "A", "amount": "100.001"})
    problem_of(shop.post("/v1/statements", fine), 422, "statement.amount_too_fine")
    problem_of(shop.get("/v1/statements/acme/sheets/none"), 404, "not_known")
    problem_of(shop.post("/v1/statements", body, "auditor"), 403, "not_permitted")
    problem_of(shop.post("/v1/statements", body, "planner"), 403, "not_permitted")
    agree = {"agreed_on": CUT_OFF}
    problem_of(
        shop.post("/v1/statements/acme/sheets/none:agree", agree, "credit_manager", headers={"If-Match": "*"}), 404, "not_known"
    )


def test_two_lines_alike_are_a_duplicate(shop: Shop) -> None:
    customer = Customer(shop, "alike")
    line = {"document": customer.invoice("100.00"), "amount": "100.00"}
    made = customer.post("/v1/statements", customer.statement("ST-1", line, line), status=201)
    found = customer.get(made["href"])
    assert bridge_of(found) == {"DUPLICATE_AT_CUSTOMER": "100.00"}
    assert len(found["pairs"]) == 2


def test_the_permissions_of_the_roles() -> None:

    held = {role: {name for name in names if name.startswith("statement.")} for role, names in ROLES.items()}
    every = {"statement.read", "statement.record", "statement.agree"}
    assert held == {
        "administrator": set(), "clerk": every - {"statement.agree"}, "credit_manager": every,
        "planner": {"statement.read"}, "auditor": {"statement.read"}, "integration": every - {"statement.agree"},
    }
