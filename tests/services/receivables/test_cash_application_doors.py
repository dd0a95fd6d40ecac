"""Cash application through the doors on both back ends: S7, S8, what a clerk does with the rest, and bad input."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from domain.agreements import ConfirmationMode
from domain.credit_account import CreditAccount
from services.orders import agreeing
from services.starting import issue_key
from tests.conftest import FIRST_DAY, asking
from tests.services.shop import Shop, problem_of

NUMBER = iter(range(1, 10_000))


class Payer:
    """A customer of its own in the shop, with a tolerance of 10.00 or 0.5 %; invoices by hand without tax."""

    def __init__(self, shop: Shop, currency: str = "EUR") -> None:
        self.shop, self.name, self.currency = shop, f"payer-{next(NUMBER)}", currency
        first: dict[str, Any] = {"partner": self.name, "first_day": FIRST_DAY}
        for command in (
            agreeing.RegisterPartner(partner=self.name, name=self.name, company="acme", currency=currency, zone="UTC"),
            agreeing.AgreeCreditLimit(amount="10000000.00", currency=currency, **first),
            agreeing.AgreeConfirmation(mode=ConfirmationMode.AUTO, **first),
            agreeing.AgreeDeductions(agreement={"tolerance": {"amount": "10.00", "percent": "0.5"}}, **first),
        ):
            answer = shop.wired.applications["orders"].handle(command, asking("seed"))
            assert answer.status < 300, answer.text
        self.settle()

    def settle(self) -> None:
        assert self.shop.wired.settle()

    def invoice(self, amount: str, tax_rate: str = "0") -> str:
        """One case; answers its number."""
        line = {"item": "tea-25", "quantity": "1", "unit": "CS", "unit_price": amount, "tax_rate": tax_rate}
        body = {"partner": self.name, "issued_on": "2026-03-02", "lines": [line]}
        made = self.shop.post("/v1/invoices", body, headers={"Idempotency-Key": f"i-{next(NUMBER)}"})
        assert made.status_code == 201, made.text
        self.settle()
        return str(made.json()["number"])

    def memo(self, invoice: str, net: str) -> str:
        body = {"issued_on": "2026-03-05", "reason": "agreed", "lines": [{"line": "1", "net": net}]}
        headers = {"Idempotency-Key": f"m-{next(NUMBER)}"}
        made = self.shop.post(f"/v1/invoices/acme/{invoice}:credit", body, headers=headers)
        assert made.status_code == 201, made.text
        self.settle()
        return str(made.json()["number"])

    def advice(self, reference: str, amount: str, *items: dict[str, Any], **fields: Any) -> dict[str, Any]:
        heading = {"company": "acme", "partner": self.name, "reference": reference, "paid_on": "2026-04-01"}
        return {**heading, "amount": amount, "items": list(items), **fields}

    def pay(self, reference: str, amount: str, *items: dict[str, Any], **fields: Any) -> Any:
        answer = self.shop.post("/v1/settlements", self.advice(reference, amount, *items, **fields))
        self.settle()
        return answer

    def place(self, reference: str) -> str:
        return f"/v1/settlements/acme/{self.name}/{reference}"

    def allocate(self, reference: str, *items: dict[str, Any], role: str = "clerk", **more: Any) -> Any:
        headers = {"If-Match": more.pop("version", "*")}
        answer = self.shop.post(f"{self.place(reference)}:allocate", {"items": list(items)}, role, headers=headers, **more)
        self.settle()
        return answer

    def open_of(self, *numbers: str) -> list[str]:
        return [self.shop.get(f"/v1/invoices/acme/{number}").json()["open"] for number in numbers]

    def open_items(self) -> list[tuple[str, str]]:
        rows = self.shop.get("/v1/open-items", params={"partner": self.name}).json()["items"]
        return sorted((row["kind"], row["open"]) for row in rows)

    def on_account(self, reference: str) -> str:
        rows = self.shop.get("/v1/settlements", params={"partner": self.name, "number": reference}).json()["items"]
        return str(rows[0]["open"])

    def proposals(self, reference: str) -> Any:
        answer = self.shop.get(f"{self.place(reference)}/proposals")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def items_of_the_account(self) -> dict[str, str]:
        """What the credit account knows to be open, by document."""
        account = self.shop.wired.applications["receivables"].look(CreditAccount, f"credit/{self.name}")
        assert account is not None
        return {name.split("/")[-1]: str(item.amount) for name, item in account.state.items.items() if item.amount}

    def exposure(self) -> dict[str, str]:
        page = self.shop.get(f"/v1/credit-accounts/{self.name}", "credit_manager").json()
        return {name: value for name, value in page["stages"].items() if float(value)}


@pytest.fixture
def payer(shop: Shop) -> Payer:
    return Payer(shop)


def test_s7_two_sets_fit_so_a_person_chooses(payer: Payer) -> None:
    whole, half, other = (payer.invoice(amount) for amount in ("45200.00", "22600.00", "22600.00"))
    assert payer.pay("R1", "45200.00").json()["on_account"] == "45200.00"
    assert payer.open_of(whole, half, other) == ["45200.00", "22600.00", "22600.00"]
    page = payer.proposals("R1")
    assert (page["on_account"], page["looked_at"]) == ("45200.00", 3)
    assert [([i["reference"] for i in p["items"]], p["reasons"], p["confidence"]) for p in page["items"]] == [
        ([whole], ["EXACT_SUM"], "0.45"), ([half, other], ["EXACT_SUM"], "0.45"),
    ]
    taken = payer.allocate("R1", *page["items"][1]["items"], version=f'"v{page["version"]}"')
    assert (taken.status_code, taken.json()["on_account"]) == (200, "0.00"), taken.text
    assert payer.open_of(whole, half, other) == ["45200.00", "0.00", "0.00"]
    assert payer.open_items() == [("INVOICE", "45200.00")]
    assert payer.exposure() == {"receivable": "45200.00"}
    assert payer.proposals("R1")["items"] == []


def test_s7_one_set_fits_and_is_posted(payer: Payer) -> None:
    whole, half, other = (payer.invoice(amount) for amount in ("45200.00", "22600.00", "20000.00"))
    payer.pay("R1", "45200.00")
    assert payer.open_of(whole, half, other) == ["0.00", "22600.00", "20000.00"]
    assert payer.open_items() == [("INVOICE", "20000.00"), ("INVOICE", "22600.00")]
    assert payer.exposure() == {"receivable": "42600.00"}
    by = payer.shop.get("/v1/feeds/events", "auditor", params={"log": "receivables", "after": 0, "limit": 500}).json()
    last = [e for e in by["items"] if "settlement.allocated_from_account" in e["type"]][-1]
    assert (last["data"]["why"], last["data"]["amount"]) == ("EXACT_SUM", "45200.00")


def test_s10_tolerance_plays_no_part_in_the_search(payer: Payer) -> None:
    near, exact = payer.invoice("22600.00"), payer.invoice("22599.50")
    payer.pay("R1", "22599.50")
    assert payer.open_of(near, exact) == ["22600.00", "0.00"]


def test_a_set_with_a_credit_memo_is_found(payer: Payer) -> None:
    invoice = payer.invoice("500.00")
    memo = payer.memo(invoice, "80.00")
    payer.pay("R1", "420.00")
    assert payer.open_of(invoice, memo) == ["0.00", "0.00"]
    assert payer.exposure() == {}


def test_what_nobody_knows_is_proposed_where_it_reads_alike(payer: Payer) -> None:
    number = payer.invoice("113.00")
    short = number.replace("-0", "/").replace("0000", "")
    payer.pay("R1", "113.00", {"reference": f"RE {short}", "paid": "113.00"})
    (found,) = [p for p in payer.proposals("R1")["items"] if "SIMILAR_REFERENCE" in p["reasons"]]
    assert ([i["reference"] for i in found["items"]], found["reasons"], found["confidence"]) == (
        [number], ["SIMILAR_REFERENCE", "EXACT_SUM"], "0.95"
    )
    assert payer.open_of(number) == ["113.00"], "never silently"


def test_s8_what_was_allocated_later_is_undone_with_the_payment(payer: Payer) -> None:
    one, two = payer.invoice("1000.00"), payer.invoice("300.00")
    memo = payer.memo(two, "50.00")
    payer.pay("R1", "1249.20", {"reference": one, "paid": "999.20"}, {"reference": "X-1", "paid": "250.00"})
    assert payer.allocate("R1", {"reference": two, "paid": "300.00"}, {"reference": memo, "paid": "-50.00"}).status_code == 200
    assert payer.open_of(one, two, memo) == ["0.00", "0.00", "0.00"]
    assert (payer.exposure(), payer.items_of_the_account()) == ({}, {})
    headers = {"If-Match": "*"}
    answer = payer.shop.post(f"{payer.place('R1')}:reverse", {"reason": "bounced"}, "credit_manager", headers=headers)
    payer.settle()
    assert answer.status_code == 200, answer.text
    assert payer.open_of(one, two, memo) == ["1000.00", "300.00", "-50.00"]
    assert payer.exposure() == {"receivable": "1300.00", "unapplied_credits": "50.00"}
    assert payer.items_of_the_account() == {one: "1000.00", two: "300.00"}
    position = payer.shop.position("receivables")
    again = payer.shop.post(f"{payer.place('R1')}:reverse", {"reason": "bounced"}, "credit_manager", headers=headers)
    payer.settle()
    assert (again.status_code, payer.shop.position("receivables")) == (200, position), "a second reversal says nothing new"
    problem_of(payer.allocate("R1", {"reference": two, "paid": "250.00"}), 409, "settlement.reversed")


# --- what a clerk asks for is done whole or refused, and nothing is half-posted


def _known(payer: Payer) -> dict[str, str]:
    """Three documents and 300.00 on account: an invoice over 100, one over 250 with a memo over 40 that R0 has used."""
    small, large = payer.invoice("100.00"), payer.invoice("250.00")
    used = payer.memo(large, "40.00")
    assert payer.pay("R0", "10.00", {"reference": large, "paid": "50.00", "partial": True}, {
        "reference": used, "kind": "CREDIT_MEMO", "paid": "-40.00"}).status_code == 201  # fmt: skip
    assert payer.pay("R1", "300.00", {"reference": "X-1", "paid": "300.00"}).json()["on_account"] == "300.00"
    foreign = Payer(payer.shop)
    other = foreign.invoice("70.00")
    return {"small": small, "large": large, "used": used, "other": other}


@pytest.mark.parametrize(
    ("items", "status", "code", "says"),
    [
        ([("small", "100.01")], 409, "settlement.more_than_open", "open over 100.00; 100.01 would be allocated, 0.01 more"),
        ([("nobody", "1.00")], 422, "settlement.document_unknown", "nobody is no document of account"),
        ([("other", "70.00")], 422, "settlement.document_unknown", "is no document of account"),
        ([("small", "100.00"), ("used", "-40.00")], 409, "settlement.credit_not_open", "R0, by clerk"),
        ([("small", "100.00"), ("large", "200.01")], 409, "settlement.more_than_open", "0.01 more"),
        ([("small", "60.00"), ("small", "60.00")], 409, "settlement.more_than_open", "120.00 would be allocated, 20.00 more"),
        ([("used", "10.00")], 409, "settlement.already_cleared", "Nothing is open of"),
        ([("small", "90.001")], 422, "settlement.amount_too_fine", "no part smaller than 0.01"),
        ([], 422, "not_valid", "/items"),
    ],
)
def test_an_allocation_that_cannot_be_is_refused_whole(
    payer: Payer, items: list[tuple[str, str]], status: int, code: str, says: str
) -> None:
    numbers = _known(payer)
    before = payer.shop.position("receivables")
    answer = payer.allocate("R1", *({"reference": numbers.get(name, name), "paid": paid} for name, paid in items))
    body = problem_of(answer, status, code)
    assert says in body["detail"], body["detail"]
    assert payer.shop.position("receivables") == before
    assert payer.on_account("R1") == "-300.00"


def test_more_than_is_on_account_is_refused(payer: Payer) -> None:
    number = payer.invoice("500.00")
    payer.pay("R1", "300.00", {"reference": "X-1", "paid": "300.00"})
    body = problem_of(payer.allocate("R1", {"reference": number, "paid": "400.00", "partial": True}), 409,
                      "settlement.more_than_on_account")  # fmt: skip
    assert "300.00 on account; 400.00 would be allocated, 100.00 more" in body["detail"]
    assert payer.allocate("R1", {"reference": number, "paid": "300.00", "partial": True}).status_code == 200
    assert payer.open_of(number) == ["200.00"]


def test_a_payment_clears_documents_of_its_own_currency(payer: Payer) -> None:
    number = payer.invoice("100.00")
    payer.pay("R1", "100.00", {"reference": "X", "paid": "100.00"}, currency="USD")
    body = problem_of(payer.allocate("R1", {"reference": number, "paid": "100.00"}), 422, "settlement.currency_differs")
    assert f"{number} is in EUR, remittance R1 in USD" in body["detail"]


def test_what_changed_since_it_was_looked_at_is_said_with_who_changed_it(payer: Payer) -> None:
    one, two = payer.invoice("100.00"), payer.invoice("60.00")
    payer.pay("R1", "160.00", {"reference": "X", "paid": "160.00"})
    (proposal,) = payer.proposals("R1")["items"]
    payer.pay("R2", "60.00", {"reference": two, "paid": "60.00"})
    answer = payer.allocate("R1", *proposal["items"])
    body = problem_of(answer, 409, "settlement.open_moved")
    assert body["detail"] == (
        f"{two} is open over 0.00, you saw 60.00: clerk has changed it meanwhile (settlement/acme/{payer.name}/R2)."
        " Look at it again and decide anew."
    )
    assert payer.open_of(one) == ["100.00"], "nothing is half-posted"


def test_two_clerks_clear_the_same_item_and_one_is_told_who_was_faster(payer: Payer) -> None:
    """Each with a payment of his own, at the same moment: one invoice is paid once."""
    shop = payer.shop
    number = payer.invoice("100.00")
    people = ("hanna", "otto")
    keys = [issue_key(shop.wired, f"{name}-{payer.name}", ("clerk",)) for name in people]
    for reference in ("R1", "R2"):
        payer.pay(reference, "100.00", {"reference": f"X-{reference}", "paid": "100.00"})
    answers: dict[str, Any] = {}
    together = threading.Barrier(2)

    def clear(reference: str, key: str) -> None:
        headers = {"If-Match": "*", "Authorization": f"Bearer {key}"}
        together.wait()
        answers[reference] = shop.post(
            f"{payer.place(reference)}:allocate", {"items": [{"reference": number, "paid": "100.00"}]}, None, headers=headers
        )

    threads = [threading.Thread(target=clear, args=one) for one in zip(("R1", "R2"), keys, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    payer.settle()
    (won,) = [name for name, answer in answers.items() if answer.status_code == 200]
    (lost,) = [name for name in answers if name != won]
    body = problem_of(answers[lost], 409, "settlement.already_cleared")
    faster = f"{people[0] if won == 'R1' else people[1]}-{payer.name}"
    assert f"{faster} has cleared it with settlement/acme/{payer.name}/{won}" in body["detail"]
    assert payer.open_of(number) == ["0.00"]
    assert (payer.on_account(won), payer.on_account(lost)) == ("0.00", "-100.00")


# --- remittances that cannot be


def test_an_advice_that_claims_more_than_was_paid_is_refused_unless_the_money_is_here(payer: Payer) -> None:
    number = payer.invoice("100.00")
    before = payer.shop.position("receivables")
    answer = payer.pay("R1", "90.00", {"reference": number, "paid": "100.00"})
    body = problem_of(answer, 422, "settlement.advice_does_not_sum")
    assert "pays 90.00, its advice adds up to 100.00, 10.00 more" in body["detail"]
    assert payer.shop.position("receivables") == before
    kept = payer.pay("R1", "90.00", {"reference": number, "paid": "100.00"}, keep_anyway=True).json()
    assert (kept["on_account"], [f["code"] for f in kept["findings"]]) == ("90.00", ["CLAIMS_MORE_THAN_PAID"])
    assert payer.open_of(number) == ["100.00"]


# --- CSV


def csv_of(payer: Payer, text: str, amount: str, reference: str = "R1") -> Any:
    body = payer.advice(reference, amount)
    body.pop("items")
    answer = payer.shop.post("/v1/settlements:csv", {**body, "csv": text})
    payer.settle()
    return answer


def test_a_remittance_as_a_csv_file_is_the_same_as_its_json(payer: Payer) -> None:
    one, two = payer.invoice("100.00"), payer.invoice("50.00")
    memo = payer.memo(two, "5.00")
    text = (
        "Reference;Paid;Kind;Gross;Adjustment;Reason\n"
        f"{one};88.00;invoice;100.00;10.00;06\n{one};;;;2.00;05\n\n"
        f"{two};50.00;;;;\n{memo};-5.00;credit_memo;;;\n;;;;-3.00;GE\n"
    )
    made = csv_of(payer, "\ufeff" + text, "130.00")
    assert (made.status_code, made.json()["on_account"]) == (201, "0.00"), made.text
    assert len(made.json()["deductions"]) == 3
    assert payer.open_of(one, two, memo) == ["0.00", "0.00", "0.00"]
    rows = payer.shop.get("/v1/deductions", params={"partner": payer.name}).json()["items"]
    assert sorted((row["customer_reason"], row["open"]) for row in rows) == [("05", "2.00"), ("06", "10.00"), ("GE", "3.00")]
    same = payer.pay("R1", "130.00", {
        "reference": one, "paid": "88.00", "gross": "100.00",
        "adjustments": [{"amount": "10.00", "reason": "06"}, {"amount": "2.00", "reason": "05"}]}, {
        "reference": two, "paid": "50.00"}, {"reference": memo, "paid": "-5.00", "kind": "CREDIT_MEMO"},
        adjustments=[{"amount": "-3.00", "reason": "GE"}])  # fmt: skip
    assert (same.status_code, same.json()["settlement"]) == (200, made.json()["settlement"])


@pytest.mark.parametrize(
    ("text", "pointers"),
    [
        ("reference,paid\nI,1.00,7\n", ["/csv/2/paid"]),
        ("reference,amount\nI,1.00\n", ["/csv/1/amount", "/csv/1/paid"]),
        ("reference,paid\nI,one\nJ,2.00\nK,1e400\n", ["/csv/2/paid", "/csv/4/paid"]),
        ("reference,paid\n,5.00\n", ["/csv/2/reference"]),
        ("reference,paid,reason\nI,5.00,06\n", ["/csv/2/adjustment"]),
        ("reference,paid,adjustment\nI,5.00,x\n", ["/csv/2/adjustment"]),
        ("reference,paid,adjustment\nI,5.00,\nJ,,1.00\n", ["/csv/3/paid"]),
        ("reference,paid,adjustment\n,,\nI,1.00,\n,,-x\n", ["/csv/4/adjustment", "/csv/4/adjustment"]),
        ("reference,paid,partial\nI,1.00,perhaps\n", ["/csv/2/partial"]),
        ("reference,paid,kind\nI,1.00,letter\n", ["/csv/2/kind"]),
        ('reference,paid\n"I,1.00\n', ["/csv/2/reference"]),
        ("\n", ["/csv/1/reference", "/csv/1/paid"]),
    ],
)
def test_every_row_of_a_file_that_cannot_be_taken_is_named(payer: Payer, text: str, pointers: list[str]) -> None:
    before = payer.shop.position("receivables")
    body = problem_of(csv_of(payer, text, "1.00"), 422, "not_valid")
    assert [error["pointer"] for error in body["errors"]] == pointers, body["errors"]
    assert payer.shop.position("receivables") == before


# --- what was kept back earlier is paid back


def _kept_back(payer: Payer) -> tuple[str, str]:
    """An invoice over 1000.00, paid by R1 less a shortage of 80.00; answers its number and the deduction's name."""
    number = payer.invoice("1000.00")
    adjustments = [{"amount": "80.00", "reason": "06"}]
    made = payer.pay("R1", "920.00", {"reference": number, "gross": "1000.00", "paid": "920.00", "adjustments": adjustments})
    (name,) = made.json()["deductions"]
    assert payer.exposure() == {"receivable": "80.00"}
    return number, str(name).removeprefix("deduction/")


def outstanding(payer: Payer, name: str) -> str:
    return str(payer.shop.get(f"/v1/deductions/{name}").json()["outstanding"])


def test_an_advice_pays_back_what_was_kept_back_earlier(payer: Payer) -> None:
    number, name = _kept_back(payer)
    other = payer.invoice("100.00")
    made = payer.pay(
        "R2", "180.00", {"reference": other, "paid": "100.00"}, {"reference": name, "kind": "DEDUCTION", "paid": "80.00"}
    )
    assert (made.json()["on_account"], made.json()["findings"]) == ("0.00", []), made.text
    assert (outstanding(payer, name), payer.exposure(), payer.items_of_the_account()) == ("0.00", {}, {})
    assert payer.open_of(number, other) == ["0.00", "0.00"]
    headers = {"If-Match": "*"}
    answer = payer.shop.post(f"{payer.place('R2')}:reverse", {"reason": "bounced"}, "credit_manager", headers=headers)
    payer.settle()
    assert answer.status_code == 200, answer.text
    assert (outstanding(payer, name), payer.exposure()) == ("80.00", {"receivable": "180.00"})
    assert payer.items_of_the_account() == {number: "80.00", other: "100.00"}


def test_a_clerk_pays_back_a_deduction_from_what_is_on_account(payer: Payer) -> None:
    number, name = _kept_back(payer)
    other, later = payer.invoice("25.00"), payer.invoice("200.00")
    items = {"reference": other, "paid": "24.90"}, {"reference": number, "paid": "200.00"}  # 0.10 is within tolerance
    payer.pay("R2", "224.90", *items)  # and the invoice they name is closed
    body = problem_of(payer.allocate("R2", {"reference": name, "kind": "DEDUCTION", "paid": "80.01"}), 409,
                      "deduction.not_repayable")  # fmt: skip
    assert "cannot take a repayment of 80.01" in body["detail"]
    half = payer.allocate("R2", {"reference": name, "kind": "DEDUCTION", "paid": "30.00"})
    assert (half.status_code, outstanding(payer, name), payer.exposure()) == (
        200, "50.00", {"receivable": "250.00", "unapplied_cash": "170.00"}
    ), half.text  # fmt: skip
    # R1, which had kept it back, bounces: nothing is claimed any more, and what was paid back is on account again
    headers = {"If-Match": "*"}
    answer = payer.shop.post(f"{payer.place('R1')}:reverse", {"reason": "bounced"}, "credit_manager", headers=headers)
    payer.settle()
    assert answer.status_code == 200, answer.text
    assert payer.open_of(number, other) == ["1000.00", "0.00"]
    assert (payer.on_account("R2"), payer.exposure()) == ("-200.00", {"receivable": "1200.00", "unapplied_cash": "200.00"})
    assert payer.allocate("R2", {"reference": later, "paid": "200.00"}).status_code == 200
    answer = payer.shop.post(f"{payer.place('R2')}:reverse", {"reason": "bounced"}, "credit_manager", headers=headers)
    payer.settle()
    assert answer.status_code == 200, answer.text
    assert payer.open_of(number, other, later) == ["1000.00", "25.00", "200.00"]
    assert payer.exposure() == {"receivable": "1225.00"}


# --- one payment for several customers of a group


@pytest.fixture
def group(shop: Shop) -> list[Payer]:
    """A payer and two customers below it."""
    members = [Payer(shop) for _ in range(3)]
    for member in members[1:]:
        body = {"parent": members[0].name}
        answer = shop.post(f"/v1/credit-accounts/{member.name}:place-under", body, "credit_manager")
        assert answer.status_code == 200, answer.text
    members[0].settle()
    return members


def test_one_payment_pays_for_several_customers_of_a_group_and_bounces_whole(shop: Shop, group: list[Payer]) -> None:
    payer, one, two = group
    first, second, third = one.invoice("300.00"), two.invoice("500.00"), payer.invoice("50.00")
    memo = one.memo(first, "20.00")
    heading = {"company": "acme", "partner": payer.name, "reference": "G1", "paid_on": "2026-04-01", "amount": "840.00"}
    items = [
        {"reference": first, "paid": "300.00"}, {"reference": memo, "paid": "-20.00", "kind": "CREDIT_MEMO"},
        {"reference": second, "paid": "500.00"}, {"reference": third, "paid": "50.00"},
        {"reference": "X-9", "paid": "10.00"},
    ]  # fmt: skip
    made = shop.post("/v1/group-payments", {**heading, "items": items})
    payer.settle()
    assert made.status_code == 201, made.text
    assert payer.open_of(first, second, third, memo) == ["0.00"] * 4
    shown = shop.get(made.headers["location"]).json()["settlements"]
    assert {name: share["amount"] for name, share in shown.items()} == {
        f"settlement/acme/{payer.name}/G1": "60.00", f"settlement/acme/{one.name}/G1": "280.00",
        f"settlement/acme/{two.name}/G1": "500.00",
    }  # fmt: skip
    assert payer.on_account("G1") == "-10.00"
    again = shop.post("/v1/group-payments", {**heading, "items": items})
    assert (again.status_code, again.json()["payment"]) == (200, made.json()["payment"])
    back = shop.post(f"{made.headers['location']}:reverse", {"reason": "bounced"}, "credit_manager", headers={"If-Match": "*"})
    payer.settle()
    assert (back.status_code, back.json()["reversed"]) == (200, True), back.text
    assert payer.open_of(first, second, third, memo) == ["300.00", "500.00", "50.00", "-20.00"]
    assert [member.open_items() for member in group[1:]] == [
        [("CREDIT_MEMO", "-20.00"), ("INVOICE", "300.00")], [("INVOICE", "500.00")],
    ]  # fmt: skip


def test_a_group_payment_is_recorded_whole_or_not_at_all(shop: Shop, group: list[Payer]) -> None:
    payer, one, _ = group
    mine, stranger = one.invoice("100.00"), Payer(shop)
    theirs = stranger.invoice("40.00")
    memo = one.memo(mine, "30.00")
    heading = {"company": "acme", "partner": payer.name, "reference": "G1", "paid_on": "2026-04-01"}
    before = shop.position("receivables")

    def refused(amount: str, status: int, code: str, *items: tuple[str, str]) -> str:
        body = {**heading, "amount": amount, "items": [{"reference": name, "paid": paid} for name, paid in items]}
        return str(problem_of(shop.post("/v1/group-payments", body), status, code)["detail"])

    said = refused("140.00", 422, "group_payment.not_of_the_group", (mine, "100.00"), (theirs, "40.00"))
    assert f"{theirs} is of {stranger.name}" in said
    said = refused("10.00", 422, "group_payment.share_negative", (memo, "-30.00"), ("X", "40.00"))
    assert f"-30.00 would be for {one.name}" in said
    refused("90.00", 422, "settlement.advice_does_not_sum", (mine, "100.00"))
    assert shop.position("receivables") == before


# --- drafts


def draft_of(payer: Payer, reference: str, *items: dict[str, Any], key: str | None = None, note: str = "") -> Any:
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    role = "clerk" if key is None else None
    body = {"items": list(items), "note": note}
    answer = payer.shop.post(f"{payer.place(reference)}:draft", body, role, headers=headers)
    payer.settle()
    return answer


def test_a_draft_survives_and_is_committed_whole(payer: Payer) -> None:
    one, two = payer.invoice("100.00"), payer.invoice("60.00")
    payer.pay("R1", "160.00", {"reference": "X", "paid": "160.00"})
    begun = draft_of(payer, "R1", {"reference": one, "paid": "100.00"}, note="the second tomorrow")
    assert (begun.status_code, begun.json()["status"], begun.json()["seen_open"]) == (201, "OPEN", {one: "100.00"})
    place = begun.headers["location"]
    both = {"reference": one, "paid": "100.00"}, {"reference": two, "paid": "60.00"}
    for _ in range(2):  # the same again says nothing new
        saved = draft_of(payer, "R1", *both)
        assert (saved.status_code, saved.headers["etag"]) == (200, '"v2"')
    read = payer.shop.get(place).json()
    assert ([i["reference"] for i in read["items"]], read["conflicts"], read["owner"]) == ([one, two], [], "clerk")
    listed = payer.shop.get("/v1/allocation-drafts", params={"settlement": f"acme/{payer.name}/R1"}).json()["items"]
    assert [(row["href"], row["owner"], row["status"]) for row in listed] == [(place, "clerk", "OPEN")]
    assert payer.open_of(one, two) == ["100.00", "60.00"], "a draft posts nothing"
    done = payer.shop.post(f"{place}:commit", {}, headers={"If-Match": '"v2"'})
    payer.settle()
    assert (done.status_code, done.json()["on_account"]) == (200, "0.00"), done.text
    assert payer.open_of(one, two) == ["0.00", "0.00"]
    assert payer.shop.get(place).json()["status"] == "COMMITTED"
    problem_of(payer.shop.post(f"{place}:commit", {}, headers={"If-Match": "*"}), 409, "allocation_draft.ended")
    assert payer.shop.get("/v1/allocation-drafts", params={"settlement": f"acme/{payer.name}/R1"}).json()["items"] == []


def test_a_draft_in_whose_way_somebody_came_says_who_and_stays(payer: Payer) -> None:
    one, two = payer.invoice("100.00"), payer.invoice("60.00")
    payer.pay("R1", "160.00", {"reference": "X", "paid": "160.00"})
    hanna = issue_key(payer.shop.wired, f"hanna-{payer.name}", ("clerk",))
    payer.settle()
    items = {"reference": one, "paid": "100.00"}, {"reference": two, "paid": "60.00"}
    place = draft_of(payer, "R1", *items, key=hanna).headers["location"]
    payer.pay("R2", "60.00", {"reference": two, "paid": "60.00"})
    settlement = f"settlement/acme/{payer.name}/R2"
    assert payer.shop.get(place).json()["conflicts"] == [
        {"reference": two, "seen": "60.00", "open": "0.00", "used_by": [settlement]}
    ]
    of_hanna = {"If-Match": "*", "Authorization": f"Bearer {hanna}"}
    body = problem_of(payer.shop.post(f"{place}:commit", {}, None, headers=of_hanna), 409, "settlement.open_moved")
    assert f"clerk has changed it meanwhile ({settlement})" in body["detail"]
    assert payer.open_of(one, two) == ["100.00", "0.00"]
    assert payer.shop.get(place).json()["status"] == "OPEN", "the work is not lost"
    problem_of(payer.shop.post(f"{place}:commit", {}, headers={"If-Match": "*"}), 403, "allocation_draft.another_s")
    draft_of(payer, "R1", {"reference": one, "paid": "100.00"}, key=hanna)
    done = payer.shop.post(f"{place}:commit", {}, None, headers=of_hanna)
    assert (done.status_code, done.json()["on_account"]) == (200, "60.00"), done.text


def test_a_draft_that_is_given_up_and_one_that_says_nothing(payer: Payer) -> None:
    payer.pay("R1", "10.00", {"reference": "X", "paid": "10.00"})
    place = draft_of(payer, "R1").headers["location"]
    any_version = {"If-Match": "*"}
    problem_of(payer.shop.post(f"{place}:commit", {}, headers=any_version), 422, "allocation_draft.empty")
    assert payer.shop.post(f"{place}:discard", {}, headers=any_version).json()["status"] == "DISCARDED"
    problem_of(payer.shop.post(f"{place}:commit", {}, headers=any_version), 409, "allocation_draft.ended")
    assert draft_of(payer, "R1", {"reference": "X-2", "paid": "1.00"}).json()["status"] == "OPEN", "saved anew it begins anew"
    problem_of(payer.shop.post(f"{place}:commit", {}, headers=any_version), 422, "settlement.document_unknown")


def test_a_payment_uses_a_document_once_also_by_the_same_amount_again(payer: Payer) -> None:
    number = payer.invoice("100.00")
    payer.pay("R1", "30.00", {"reference": "X", "paid": "30.00"})
    item = {"reference": number, "paid": "10.00", "partial": True}
    assert payer.allocate("R1", item).status_code == 200
    body = problem_of(payer.allocate("R1", item), 409, "settlement.used_before")
    assert f"R1 has used {number} before, by 10.00" in body["detail"]
    assert (payer.open_of(number), payer.on_account("R1")) == (["90.00"], "-20.00")
