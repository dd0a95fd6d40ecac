"""Bank lines and remittances find each other in either order; what has no counterpart is listed both ways."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.receivables.test_cash_application_doors import Payer
from tests.services.shop import Shop, problem_of

ACCOUNT = "DE89"


@pytest.fixture
def payer(shop: Shop) -> Payer:
    return Payer(shop)


def bank_line(payer: Payer, number: str, amount: str, text: str = "", **more: Any) -> dict[str, Any]:
    stated = {"line": f"{payer.name}-{number}", "booked_on": "2026-04-02", "amount": amount, "currency": "EUR", "text": text}
    return {**stated, **more}


def record(payer: Payer, *lines: dict[str, Any], status: int = 201) -> Any:
    answer = payer.shop.post("/v1/bank-lines", {"company": "acme", "bank_account": ACCOUNT, "lines": list(lines)})
    assert answer.status_code == status, answer.text
    payer.settle()
    return answer.json()


def place(payer: Payer, number: str) -> str:
    return f"/v1/bank-lines/acme/{ACCOUNT}/{payer.name}-{number}"


def payment_of(payer: Payer, number: str) -> str | None:
    shown: str | None = payer.shop.get(place(payer, number)).json()["payment"]
    return shown


def unmatched_payments(payer: Payer) -> list[str]:
    page = payer.shop.get("/v1/bank-payments", params={"partner": payer.name, "matched": "false"}).json()
    return [row["reference"] for row in page["items"]]


@pytest.mark.parametrize("first", ["line", "remittance"])
def test_whichever_comes_second_finds_the_first(payer: Payer, first: str) -> None:
    reference = f"R-{payer.name}"
    if first == "line":
        record(payer, bank_line(payer, "1", "100.00", f"your ref {reference}"))
        assert payment_of(payer, "1") is None
    payer.pay(reference, "100.00", {"reference": "X", "paid": "100.00"})
    if first == "remittance":
        assert unmatched_payments(payer) == [reference]
        record(payer, bank_line(payer, "1", "100.00", f"your ref {reference}"))
    assert payment_of(payer, "1") == f"settlement/acme/{payer.name}/{reference}"
    assert unmatched_payments(payer) == []
    settlement = payer.shop.get(payer.place(reference)).json()
    assert settlement["bank_entry"] == f"bank-entry/acme/{ACCOUNT}/{payer.name}-1"


def test_two_that_fit_alike_wait_for_a_person(payer: Payer) -> None:
    for reference in ("RA", "RB"):
        payer.pay(reference, "70.00", {"reference": "X", "paid": "70.00"})
    record(payer, bank_line(payer, "1", "70.00", partner=payer.name))
    assert payment_of(payer, "1") is None
    page = payer.shop.get(f"{place(payer, '1')}/proposals").json()
    assert [(m["settlement"].rsplit("/", 1)[1], m["reasons"], m["confidence"]) for m in page["items"]] == [
        ("RA", ["AMOUNT", "PAYER", "DAYS"], "0.45"), ("RB", ["AMOUNT", "PAYER", "DAYS"], "0.45"),
    ]  # fmt: skip
    wanted = {"payment": page["items"][1]["settlement"]}
    taken = payer.shop.post(f"{place(payer, '1')}:match", wanted, headers={"If-Match": '"v1"'})
    payer.settle()
    assert (taken.status_code, payment_of(payer, "1")) == (200, f"settlement/acme/{payer.name}/RB"), taken.text
    back = payer.shop.post(f"{place(payer, '1')}:unmatch", {"reason": "it was the other"}, headers={"If-Match": "*"})
    payer.settle()
    assert (back.status_code, payment_of(payer, "1")) == (200, None)
    assert unmatched_payments(payer) == ["RA", "RB"]


def test_amounts_that_differ_are_a_finding_and_no_match(payer: Payer) -> None:
    reference = f"R-{payer.name}"
    payer.pay(reference, "100.00", {"reference": "X", "paid": "100.00"})
    record(payer, bank_line(payer, "1", "95.00", reference))
    (found,) = payer.shop.get(f"{place(payer, '1')}/proposals").json()["items"]
    assert (found["difference"], found["reasons"]) == ("-5.00", ["REFERENCE"])
    wanted = {"payment": f"acme/{payer.name}/{reference}"}
    answer = payer.shop.post(f"{place(payer, '1')}:match", wanted, headers={"If-Match": "*"})
    body = problem_of(answer, 422, "bank_entry.amount_differs")
    assert f"The bank booked 95.00, remittance {reference} states 100.00, -5.00 apart" in body["detail"]


def test_a_line_again_is_one_line_and_another_content_is_refused_whole(payer: Payer) -> None:
    one = bank_line(payer, "1", "10.00", "first")
    assert record(payer, one)["recorded"] == 1
    before = payer.shop.position("receivables")
    assert record(payer, one, status=200) == record(payer, one, status=200)
    body = {"company": "acme", "bank_account": ACCOUNT, "lines": [bank_line(payer, "2", "5.00"), {**one, "amount": "11.00"}]}
    problem = problem_of(payer.shop.post("/v1/bank-lines", body), 409, "bank_entry.other_content")
    assert "recorded before over 10.00; this one over 11.00" in problem["detail"]
    assert payer.shop.position("receivables") == before, "line 2 was not kept either"


def test_a_payment_is_matched_once(payer: Payer) -> None:
    payer.pay("RA", "30.00", {"reference": "X", "paid": "30.00"})
    record(payer, bank_line(payer, "1", "30.00", partner=payer.name), bank_line(payer, "2", "30.00", partner=payer.name))
    matched = [number for number in ("1", "2") if payment_of(payer, number) is not None]
    assert len(matched) == 1
    (free,) = {"1", "2"} - set(matched)
    answer = payer.shop.post(f"{place(payer, free)}:match", {"payment": f"acme/{payer.name}/RA"}, headers={"If-Match": "*"})
    body = problem_of(answer, 409, "bank_entry.matched_already")
    assert "by policy:match_what_the_bank_shows" in body["detail"]


def test_a_group_payment_is_one_line(payer: Payer) -> None:
    other = Payer(payer.shop)
    under = {"parent": payer.name}
    assert payer.shop.post(f"/v1/credit-accounts/{other.name}:place-under", under, "credit_manager").status_code == 200
    payer.settle()
    mine, theirs = payer.invoice("20.00"), other.invoice("30.00")
    reference = f"G-{payer.name}"
    body = {"company": "acme", "partner": payer.name, "reference": reference, "paid_on": "2026-04-01", "amount": "50.00"}
    items = [{"reference": mine, "paid": "20.00"}, {"reference": theirs, "paid": "30.00"}]
    assert payer.shop.post("/v1/group-payments", {**body, "items": items}).status_code == 201
    payer.settle()
    record(payer, bank_line(payer, "1", "50.00", reference))
    assert payment_of(payer, "1") == f"group-payment/acme/{payer.name}/{reference}"
    assert (unmatched_payments(payer), unmatched_payments(other)) == ([], [])


def test_what_is_not_in_common_is_summed_by_currency(shop: Shop) -> None:
    def totals() -> dict[str, Any]:
        rows = shop.get("/v1/bank-lines/unmatched").json()["items"]
        return next((row for row in rows if row["currency"] == "EUR"), {"lines": 0, "lines_amount": "0.00"})

    before, payer = totals(), Payer(shop)
    record(payer, bank_line(payer, "1", "12.34"))
    assert {*totals()} == {"currency", "lines", "lines_amount", "payments", "payments_amount"}
    assert totals()["lines"] == before["lines"] + 1
    assert float(totals()["lines_amount"]) == pytest.approx(float(before["lines_amount"]) + 12.34)


def test_a_statement_as_a_csv_file(payer: Payer) -> None:
    payer.pay("R-77", "12.00", {"reference": "X", "paid": "12.00"})
    text = f"line;booked_on;amount;currency;text\n{payer.name}-1;2026-04-02;12.00;EUR;R-77\n"
    body = {"company": "acme", "bank_account": ACCOUNT, "csv": text.replace("R-77", f"R-77 {payer.name}")}
    made = payer.shop.post("/v1/bank-lines:csv", body)
    payer.settle()
    assert (made.status_code, payment_of(payer, "1")) == (201, f"settlement/acme/{payer.name}/R-77"), made.text


@pytest.mark.parametrize(
    ("text", "pointers"),
    [
        ("line,booked_on,amount,currency\nx,yesterday,1.00,EUR\ny,2026-04-01,one,EURO\n",
         ["/csv/2/booked_on", "/csv/3/amount", "/csv/3/currency"]),
        ("line,amount\nx,1.00\n", ["/csv/1/booked_on", "/csv/1/currency"]),
        ("line,booked_on,amount,currency,iban\n", ["/csv/1/iban"]),
    ],
)  # fmt: skip
def test_every_row_that_cannot_be_taken_is_named(payer: Payer, text: str, pointers: list[str]) -> None:
    body = {"company": "acme", "bank_account": ACCOUNT, "csv": text}
    problem = problem_of(payer.shop.post("/v1/bank-lines:csv", body), 422, "not_valid")
    assert [error["pointer"] for error in problem["errors"]] == pointers
