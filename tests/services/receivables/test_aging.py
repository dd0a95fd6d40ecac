"""Aging and receivable metrics through the doors, on both back ends: hand-made figures, both time axes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest
from starlette.testclient import TestClient

from domain.payment_terms import Baseline, DueRule, LegalMaximum, PaymentRun, PaymentTerms, RuleKind, RunKind
from services.command import Command
from services.receivables.correcting import CreditInvoice, VoidInvoice
from services.receivables.invoicing import BilledLine, IssueInvoice, RecordBaseline
from services.receivables.settling import CreditDeduction, ReverseSettlement
from services.receivables.stated_payment import RecordRemittance
from services.serving import create_app
from services.starting import issue_key
from tests.conftest import settings_for, started
from tests.services.receivables.conftest import Seeded
from tests.services.receivables.test_settling import SHORTAGE, pay_s1
from tests.services.receivables.trade import Trade

NET_30 = DueRule(RuleKind.NET_DAYS, days=30)


class Asker:
    """A person who may read settlements, asking over HTTP."""

    def __init__(self, trade: Trade, client: TestClient) -> None:
        self.trade = trade
        self.client = client
        self.key = issue_key(trade.wired, "clara", ("clerk",))
        trade.settle()

    def get(self, path: str, **asked: Any) -> Any:
        answer = self.client.get(path, params=asked, headers={"Authorization": f"Bearer {self.key}"})
        assert answer.status_code == 200, answer.text
        return answer.json() if answer.headers["content-type"] == "application/json" else answer.text

    def refused(self, path: str, **asked: Any) -> Any:
        answer = self.client.get(path, params=asked, headers={"Authorization": f"Bearer {self.key}"})
        assert answer.status_code == 422, answer.text
        return answer.json()

    def buckets(self, **asked: Any) -> list[str]:
        """Amounts bucket by bucket, the contested part in brackets, then cash and credits."""
        found = self.get("/v1/aging", **asked)["items"]
        if not found:
            return []
        (one,) = found
        shown = [b["amount"] + (f"({b['disputed']})" if D(b["disputed"]) else "") for b in one["buckets"]]
        return [_short(text) for text in (*shown, one["unapplied_cash"], one["unapplied_credits"])]


def _short(text: str) -> str:
    return text.replace(".00", "")


@pytest.fixture
def asker(trade: Trade) -> Iterator[Asker]:
    with TestClient(create_app(trade.wired)) as client:
        yield Asker(trade, client)


def issue(trade: Trade, net: str, issued_on: str) -> str:
    """An invoice over one case, no tax; answers its number."""
    line = BilledLine(item="tea", quantity="1", unit="CS", unit_price=net, tax_rate="0")
    answer = trade.receivables(IssueInvoice(partner=trade.partner, issued_on=date.fromisoformat(issued_on), lines=(line,)))
    assert answer.status == 201, answer.text
    trade.settle()
    return str(answer.body["number"])


def pay(trade: Trade, reference: str, paid_on: str, amount: str, *items: dict[str, Any]) -> None:
    do(trade, RecordRemittance.model_validate({
        "company": "acme", "partner": trade.partner, "reference": reference, "paid_on": paid_on, "amount": amount,
        "items": list(items),
    }))


def do(trade: Trade, command: Command) -> None:
    answer = trade.receivables(command)
    assert answer.status < 300, answer.text
    trade.settle()


def test_a1_through_the_door(asker: Asker) -> None:
    """The items of definitions.md A1, all NET 30: each invoice is dated 30 days before its due day."""
    trade = asker.trade
    for net, issued_on in (
        ("100000", "2025-05-31"), ("50000", "2025-05-30"), ("40000", "2025-05-01"), ("30000", "2025-04-30"),
        ("20000", "2025-03-02"), ("10000", "2025-03-01"), ("60000", "2025-06-20"),
    ):
        issue(trade, net, issued_on)
    contested = {"reference": "2025-000005", "gross": "20000", "paid": "0", "partial": True,
                 "adjustments": [{"amount": "8000", "reason": "06"}]}
    pay(trade, "P-1", "2025-06-10", "25000", contested)
    memo = issue(trade, "5000", "2025-06-01")
    do(trade, CreditInvoice.model_validate({
        "company": "acme", "number": memo, "issued_on": "2025-06-02", "reason": "agreed",
        "lines": [{"line": "1", "net": "5000"}],
    }))
    pay(trade, "P-2", "2025-06-03", "5000", {"reference": memo, "paid": "5000"})
    assert asker.buckets(as_of="2025-06-30") == ["160000", "90000", "30000", "20000(8000)", "10000", "-25000", "-5000"]
    assert asker.buckets(as_of="2025-06-30", net_oldest=True) == ["160000", "90000", "30000", "0", "0", "0", "0"]
    (one,) = asker.get("/v1/aging", as_of="2025-06-30", per="partner")["items"]
    assert (one["partner"], one["gross"], one["net"], one["disputed"]) == ("retail-a", "310000.00", "280000.00", "8000.00")
    # by invoice day the same comes to the same: 0-30 days old are 05-31 and 06-20
    assert asker.buckets(as_of="2025-06-30", by="INVOICE")[0] == "160000"
    (sheet,) = csv.DictReader(io.StringIO(asker.get("/v1/aging", as_of="2025-06-30", format="csv")))
    assert (sheet["61-90"], sheet[">90"], sheet["net"]) == ("20000.00", "10000.00", "280000.00")


def test_s1_and_s8_in_the_aging(asker: Asker) -> None:
    """Invoices of 03-02 due 04-01; paid 03-20 less 2,260 and 10,000; 1,356 credited for the shortage; bounced on 03-25."""
    trade = asker.trade
    pay_s1(trade)
    none = ["0"] * 3
    assert asker.buckets(as_of="2026-03-19") == ["192100", "0", *none, "0", "-5650"]
    assert asker.buckets(as_of="2026-03-20") == ["12260(12260)", "0", *none, "0", "0"]
    assert asker.buckets(as_of="2026-04-10") == ["0", "12260(12260)", *none, "0", "0"]
    memo = trade.credit("2026-000001", "1200.00")  # dated 03-03, before what it settles
    do(trade, CreditDeduction(deduction=SHORTAGE, credit_memo=memo))
    assert asker.buckets(as_of="2026-03-19") == ["192100", "0", *none, "0", "-7006"]
    assert asker.buckets(as_of="2026-04-10") == ["0", "10904(10904)", *none, "0", "0"]
    deductions = asker.get("/v1/aging/items", as_of="2026-04-10", kind="DEDUCTION")["items"]
    assert [(row["number"], row["amount"], row["bucket"]) for row in deductions] == [
        ("acme/retail-a/R1/1", "904.00", None), ("acme/retail-a/R1/2", "10000.00", None),
    ]  # fmt: skip
    do(trade, ReverseSettlement(settlement="acme/retail-a/R1", reason="bounced", reversed_on=date(2026, 3, 25)))
    assert asker.buckets(as_of="2026-03-24") == ["10904(10904)", "0", *none, "0", "0"]
    assert asker.buckets(as_of="2026-04-10") == ["0", "192100", *none, "0", "-7006"]


def test_both_time_axes(asker: Asker) -> None:
    """A payment of 04-05 that is recorded after one of 04-20; then the first bounces on 05-02."""
    trade = asker.trade
    number = issue(trade, "300", "2026-03-02")  # due 04-01
    pay(trade, "LATE", "2026-04-20", "100", {"reference": number, "paid": "100", "partial": True})
    shown_then = asker.get("/v1/aging", as_of="2026-04-10")
    assert shown_then["items"][0]["gross"] == "300.00"
    pay(trade, "EARLY", "2026-04-05", "50", {"reference": number, "paid": "50", "partial": True})
    assert asker.buckets(as_of="2026-04-10")[:2] == ["0", "250"]
    assert asker.buckets(as_of="2026-04-20")[:2] == ["0", "150"]
    assert asker.get("/v1/aging", as_of="2026-04-10", known_at=shown_then["known_at"]) == shown_then
    do(trade, ReverseSettlement(settlement="acme/retail-a/EARLY", reason="bounced", reversed_on=date(2026, 5, 2)))
    assert asker.buckets(as_of="2026-05-02")[:3] == ["0", "0", "200"]  # re-opened for the original due day
    assert asker.buckets(as_of="2026-05-01")[:2] == ["0", "150"]
    assert asker.get("/v1/aging", as_of="2026-04-10", known_at=shown_then["known_at"]) == shown_then
    assert asker.get("/v1/aging", as_of="2026-04-10", known_at="2026-03-01T00:00:00+08:00")["items"] == []


def test_a_voided_invoice_never_was_but_was_shown(asker: Asker) -> None:
    number = issue(asker.trade, "300", "2026-03-02")
    shown = asker.get("/v1/aging", as_of="2026-03-10")
    do(asker.trade, VoidInvoice(company="acme", number=number, reason="wrong customer"))
    assert asker.get("/v1/aging", as_of="2026-03-10")["items"] == []
    assert asker.get("/v1/aging", as_of="2026-03-10", known_at=shown["known_at"])["items"] == shown["items"]


def test_t13_a_statement_based_item_is_provisional_until_the_event(seeded: Seeded) -> None:
    trade = seeded(terms=PaymentTerms(NET_30, Baseline.STATEMENT_AGREED_DATE))
    with TestClient(create_app(trade.wired)) as client:
        asker = Asker(trade, client)
        number = issue(trade, "10000", "2025-09-20")
        (row,) = asker.get("/v1/aging/items", as_of="2026-03-01")["items"]
        assert (row["due_on"], row["provisional_on"], row["bucket"]) == (None, "2025-10-20", "current")
        assert asker.get("/v1/aging", as_of="2026-03-01")["items"][0]["provisional"] == "10000.00"
        do(trade, RecordBaseline(
            company="acme", number=number, baseline=Baseline.STATEMENT_AGREED_DATE, day=date(2025, 10, 13)
        ))
        (before,) = asker.get("/v1/aging/items", as_of="2025-10-12")["items"]
        (after,) = asker.get("/v1/aging/items", as_of="2025-10-13")["items"]
        assert (before["due_on"], before["provisional_on"]) == (None, "2025-10-20")
        assert (after["due_on"], after["provisional_on"], after["days"]) == ("2025-11-12", None, -30)
        contested = {"reference": number, "gross": "10000", "paid": "0", "partial": True,
                     "adjustments": [{"amount": "800", "reason": "06"}]}
        pay(trade, "P", "2025-10-13", "0", contested)
        (row,) = asker.get("/v1/aging/items", as_of="2025-10-13", kind="RECEIVABLE")["items"]
        assert (row["due_on"], row["amount"], row["disputed"], row["undisputed"]) == (
            "2025-11-12", "10000.00", "800.00", "9200.00",
        )  # fmt: skip


def test_expected_cash_day_and_legal_maximum(seeded: Seeded) -> None:
    """T12: 12 days from the receipt of 2020-03-07, run on Mondays; a law of 10 days is exceeded by 2."""
    twelve = DueRule(RuleKind.NET_DAYS, days=12)
    run, law = PaymentRun(RunKind.WEEKLY, weekday=1), LegalMaximum(Baseline.GOODS_RECEIPT_DATE, 10)
    trade = seeded(terms=PaymentTerms(twelve, Baseline.GOODS_RECEIPT_DATE, customer_payment_run=run, legal_maximum=law))
    with TestClient(create_app(trade.wired)) as client:
        asker = Asker(trade, client)
        number = issue(trade, "100", "2020-03-06")
        do(trade, RecordBaseline(company="acme", number=number, baseline=Baseline.GOODS_RECEIPT_DATE, day=date(2020, 3, 7)))
        (row,) = asker.get("/v1/aging/items", as_of="2020-03-20")["items"]
        assert (row["due_on"], row["expected_cash_on"], row["legal_excess_days"], row["days"]) == (
            "2020-03-19", "2020-03-23", 2, 1,
        )  # fmt: skip


def test_items_in_pages_and_filters(asker: Asker) -> None:
    trade = asker.trade
    numbers = [issue(trade, net, day) for net, day in (("10", "2026-03-02"), ("20", "2026-01-02"), ("30", "2025-11-02"))]
    pay(trade, "P", "2026-03-05", "7")
    asked = {"as_of": "2026-03-10", "limit": 2}
    first = asker.get("/v1/aging/items", **asked)
    assert [row["number"] for row in first["items"]] == [numbers[2], numbers[1]]
    rest = asker.client.get(first["next"], headers={"Authorization": f"Bearer {asker.key}"}).json()
    assert [(row["number"], row["kind"], row["bucket"]) for row in rest["items"]] == [
        (numbers[0], "INVOICE", "current"), ("P", "ON_ACCOUNT", None),
    ]  # fmt: skip
    assert rest["next"] is None
    old = asker.get("/v1/aging/items", as_of="2026-03-10", bucket=">90")["items"]
    assert [(row["number"], row["days"], row["href"]) for row in old] == [(numbers[2], 98, f"/v1/invoices/acme/{numbers[2]}")]
    sheet = list(csv.DictReader(io.StringIO(asker.get("/v1/aging/items", as_of="2026-03-10", kind="CASH", format="csv"))))
    assert [(row["number"], row["amount"], row["due_on"]) for row in sheet] == [("P", "-7.00", "")]
    whole = list(csv.DictReader(io.StringIO(asker.get("/v1/aging/items", **asked, format="csv"))))
    assert [row["number"] for row in whole] == [numbers[2], numbers[1], numbers[0], "P"]
    assert asker.get("/v1/aging/items", as_of="2026-03-10", partner="nobody")["items"] == []


def test_two_days_compared(asker: Asker) -> None:
    trade = asker.trade
    paid, kept = issue(trade, "300", "2026-03-02"), issue(trade, "40", "2026-03-20")  # due 04-01 and 04-19
    pay(trade, "P", "2026-04-10", "300", {"reference": paid, "paid": "300"})
    found = asker.get("/v1/aging/compare", **{"as_of": "2026-05-19", "with": "2026-04-05"})
    (one,) = found["currencies"]
    assert [(b["before"], b["after"], b["change"]) for b in one["buckets"]][:3] == [
        ("40.00", "0.00", "-40.00"), ("300.00", "40.00", "-260.00"), ("0.00", "0.00", "0.00"),
    ]  # fmt: skip
    assert one["net"] == {"before": "340.00", "after": "40.00", "change": "-300.00"}
    assert [(r["number"], r["bucket_before"], r["bucket"], r["amount_before"], r["change"]) for r in found["items"]] == [
        (paid, "1-30", None, "300.00", "-300.00"), (kept, "current", "1-30", "40.00", "0.00"),
    ]  # fmt: skip
    same = {"as_of": "2026-05-19", "with": "2026-05-19"}
    assert asker.get("/v1/aging/compare", **same)["items"] == []
    then = asker.get("/v1/aging/compare", **same, with_known_at="receivables=0")
    assert [(row["number"], row["change"]) for row in then["items"]] == [(kept, "40.00")]


def test_several_currencies_are_added_only_at_stated_rates(asker: Asker) -> None:
    issue(asker.trade, "100", "2026-03-02")
    asked = {"as_of": "2026-03-10", "in": "USD"}
    found = asker.get("/v1/aging", **asked, rates="CNY:0.1404", rates_on="2026-03-09")["converted"]
    assert (found["currency"], found["gross"], found["rates_on"]) == ("USD", "14.04", "2026-03-09")
    assert asker.refused("/v1/aging", **asked)["code"] == "not_valid"
    assert asker.refused("/v1/aging", **asked, rates="EUR:8", rates_on="2026-03-09")["code"] == "aging.rate_missing"


def test_a2_through_the_door(asker: Asker) -> None:
    """Q3 2025 in thousands: sales 4.0, 3.0, 5.0; 6.0 open before, 7.2 open after of which 5.4 not yet due."""
    trade = asker.trade
    june = issue(trade, "6000", "2025-06-30")
    july, august, september = (issue(trade, net, day) for net, day in (
        ("4000", "2025-07-31"), ("3000", "2025-08-15"), ("5000", "2025-09-15"),
    ))
    late = issue(trade, "400", "2025-10-01")
    pay(trade, "P-1", "2025-09-30", "10800", *(
        {"reference": n, "paid": paid, "partial": True} for n, paid in ((june, "6000"), (july, "3400"), (august, "1400"))
    ))
    found = asker.get("/v1/receivable-metrics", first="2025-07-01", last="2025-09-30")
    (one,) = found["items"]
    assert late and september
    # due before 09-30: July's 600 and August's 1,600; September's 5,000 are current
    assert (one["sales"], one["beginning"], one["ending"], one["ending_current"]) == ("12000.00", "6000.00", "7200.00", "5000.00")
    assert one["dso"] == {"exact": "276/5", "shown": "55.20"}
    assert one["countback_dso"]["shown"] == "52.73"
    assert one["best_possible_dso"]["shown"] == "38.33"  # 5.0 / 12 x 92
    assert one["average_days_delinquent"]["shown"] == "16.87"  # 55.20 - 38.333
    assert one["collection_effectiveness"]["shown"] == "56.00"  # (6 + 4 - 7.2) / (6 + 4 - 5)
    (row,) = csv.DictReader(io.StringIO(
        asker.get("/v1/receivable-metrics", first="2025-07-01", last="2025-09-30", format="csv")
    ))
    assert (row["dso"], row["months"]) == ("55.20", "3")
    nothing = asker.get("/v1/receivable-metrics", first="2024-07-01", last="2024-09-30")["items"]
    assert nothing == [] or nothing[0]["dso"] is None


def test_t14_late_interest_through_the_door(asker: Asker) -> None:
    """100,000.00 is 37 days late, 20,000.00 of it contested: 80,000 x 0.0005 x 37 = 1,480.00, paid or not."""
    trade = asker.trade
    number = issue(trade, "100000", "2025-06-01")  # due 07-01
    path = "/v1/receivable-metrics/late-interest"
    (row,) = asker.get(path, as_of="2025-08-07", jurisdiction="CN")["items"]
    assert (row["due_on"], row["interest"], row["daily"]) == ("2025-07-01", "1850.00", "0.0005")
    assert "S47" in row["rate"]
    pay(trade, "P", "2025-07-01", "0", {
        "reference": number, "gross": "100000", "paid": "0", "partial": True,
        "adjustments": [{"amount": "20000", "reason": "06"}],
    })
    (row,) = asker.get(path, as_of="2025-08-07", daily="0.0005")["items"]
    assert (row["interest"], row["undisputed"], row["rate"]) == ("1480.00", "80000.00", "agreed")
    assert asker.get(path, as_of="2025-07-01", jurisdiction="CN")["items"] == []
    pay(trade, "P2", "2025-08-07", "80000", {"reference": number, "paid": "80000"})
    (row,) = asker.get(path, as_of="2025-12-31", daily="0.0005")["items"]
    assert (row["interest"], row["amount"], row["disputed"]) == ("1480.00", "20000.00", "20000.00")
    in_time = issue(trade, "50", "2025-06-01")
    pay(trade, "P3", "2025-07-01", "50", {"reference": in_time, "paid": "50"})
    assert len(asker.get(path, as_of="2025-12-31", daily="0.0005")["items"]) == 1
    assert asker.refused(path, as_of="2025-08-07")["code"] == "not_valid"


def test_the_provision_matrix(asker: Asker) -> None:
    trade = asker.trade
    issue(trade, "1000", "2026-03-02")
    issue(trade, "500", "2026-01-02")  # due 02-01: 37 days late
    rates = "0.003,0.016,0.036,0.066,0.106"
    found = asker.get("/v1/receivable-metrics/provision", as_of="2026-03-10", loss_rates=rates)
    assert [row["loss"] for row in found["items"]] == ["3.00", "0.00", "18.00", "0.00", "0.00"]
    assert found["total"] == {"CNY": "21.00"}
    wrong = asker.refused("/v1/receivable-metrics/provision", as_of="2026-03-10", loss_rates="0.1,0.2")
    assert wrong["code"] == "provision.rates_wrong"
    assert asker.refused("/v1/receivable-metrics/provision", as_of="2026-03-10")["code"] == "not_valid"


def test_loss_rates_of_past_invoices(asker: Asker) -> None:
    """1,000 in January: 600 paid in time, 300 paid 10 days late, 100 never; edges 30: of 400 that went past due 100 is lost."""
    trade = asker.trade
    numbers = [issue(trade, net, "2025-01-01") for net in ("600", "300", "100")]  # due 01-31
    pay(trade, "P-1", "2025-01-31", "600", {"reference": numbers[0], "paid": "600"})
    pay(trade, "P-2", "2025-02-10", "300", {"reference": numbers[1], "paid": "300"})
    asked = {"as_of": "2025-06-30", "edges": "30", "history_first": "2025-01-01", "history_last": "2025-01-31"}
    found = asker.get("/v1/receivable-metrics/provision", **asked)
    assert [row["rate"] for row in found["items"]] == ["1/10", "1/4", "1"]
    assert found["total"] == {"CNY": "100.00"}


@pytest.mark.parametrize(
    ("path", "asked", "code"),
    [
        ("/v1/aging", {"edges": "60,30"}, "aging.edges_wrong"),
        ("/v1/aging", {"edges": "x"}, "not_valid"),
        ("/v1/aging", {"known_at": "orders=3"}, "not_valid"),
        ("/v1/aging/items", {"bucket": "3-4"}, "not_valid"),
        ("/v1/aging/compare", {"as_of": "2026-03-01"}, "not_valid"),
        ("/v1/receivable-metrics", {"first": "2026-03-02", "last": "2026-03-01"}, "not_valid"),
    ],
)
def test_questions_that_cannot_be_answered(own_asker: Asker, path: str, asked: dict[str, str], code: str) -> None:
    assert own_asker.refused(path, **asked)["code"] == code


@pytest.fixture(scope="module")
def own_asker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    folder = tmp_path_factory.mktemp("asked") / "data"
    with started(settings_for(folder, None)) as wired, TestClient(create_app(wired)) as client:
        yield Asker(Trade(wired), client)


def test_who_may_ask(asker: Asker) -> None:
    assert asker.client.get("/v1/aging").status_code == 401
    key = issue_key(asker.trade.wired, "adam", ("administrator",))
    asker.trade.settle()
    assert asker.client.get("/v1/aging", headers={"Authorization": f"Bearer {key}"}).status_code == 403
