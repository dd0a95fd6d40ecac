"""Shipments billed as agreed, and the credit account moving with every step by exactly the right amount."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from domain.calendars import Roll
from domain.credit import StageAmounts
from domain.invoice import Invoice
from domain.invoice_series import InvoiceSeries
from domain.payment_terms import Baseline, DueRule, PaymentTerms, RuleKind
from services.orders.agreeing import AgreePaymentTerms
from services.orders.shipping import DispatchShipment, TimeOutReceipt
from services.receivables.billing import InvoiceShipment
from services.receivables.correcting import CreditedPart, CreditInvoice, VoidInvoice
from services.receivables.invoicing import BilledLine, IssueInvoice
from tests.services.receivables.trade import D, Trade

Seeded = Callable[..., Trade]


def test_goods_that_leave_are_invoiced_and_no_exposure_is_lost_on_the_way(trade: Trade) -> None:
    """C6: 100 cases at 1000 net, 13 %: 113 000 throughout."""
    order = trade.place("PO-1", ("1", "tea", "100"))
    trade.dispatch("S-1", order, ("1", "60"))
    (issued,) = trade.issued()
    assert (issued.number, issued.net, issued.tax, issued.gross) == (
        "2026-000001", D("60000.00"), D("7800.00"), D("67800.00")
    )
    assert (issued.issued_on, issued.due_on) == (date(2026, 3, 2), date(2026, 4, 1))
    assert issued.order_numbers == ("PO-1",)
    assert trade.moves() == [
        ("credit.reserved", StageAmounts(open_orders=D("113000.00"))),
        ("credit.goods_delivered", StageAmounts(open_orders=D("-67800.00"), delivered=D("67800.00"))),
        ("credit.invoiced", StageAmounts(delivered=D("-67800.00"), receivable=D("67800.00"))),
    ]
    assert trade.stages() == StageAmounts(open_orders=D("45200.00"), receivable=D("67800.00"))


def test_a_shipment_of_two_orders_is_one_invoice_naming_both(trade: Trade) -> None:
    first, second = trade.place("PO-1", ("1", "tea", "10")), trade.place("PO-2", ("1", "jam", "10"))
    body = {
        "company": "acme", "number": "S-1", "partner": "retail-a", "ship_to": "dc",
        "dispatched_at": "2026-03-02T08:00:00+08:00",
        "lines": [{"order": first, "line": "1", "quantity": "10"}, {"order": second, "line": "1", "quantity": "10"}],
    }
    trade.orders(DispatchShipment.model_validate(body))
    trade.settle()
    (issued,) = trade.issued()
    assert issued.order_numbers == ("PO-1", "PO-2")
    assert [(line.order, line.order_line, line.gross) for line in issued.lines] == [
        (first, "1", D("11300.00")), (second, "1", D("565.00"))
    ]
    assert trade.stages() == StageAmounts(receivable=D("11865.00"))


def test_a_short_receipt_is_billed_as_accepted_and_the_rest_waits_no_longer(seeded: Seeded) -> None:
    trade = seeded(trigger="RECEIPT", quantity="ACCEPTED")
    order = trade.place("PO-1", ("1", "tea", "10"), ("2", "jam", "10"))
    shipment = trade.dispatch("S-1", order, ("1", "10"), ("2", "10"))
    assert trade.issued() == []
    assert trade.stages() == StageAmounts(delivered=D("11865.00"))
    trade.receive(shipment, order, ("1", "10", "10"), ("2", "10", "8"))
    (issued,) = trade.issued()
    assert [(line.quantity, line.gross) for line in issued.lines] == [(D(10), D("11300.00")), (D(8), D("452.00"))]
    assert issued.issued_on == date(2026, 3, 5)
    assert trade.moves()[2:] == [
        ("credit.invoiced", StageAmounts(delivered=D("-11752.00"), receivable=D("11752.00"))),
        ("credit.invoiced", StageAmounts(delivered=D("-113.00"), receivable=D(0))),
    ]
    assert trade.stages() == StageAmounts(receivable=D("11752.00"))


def test_a_corrected_count_bills_or_credits_only_its_difference(seeded: Seeded) -> None:
    trade = seeded(trigger="RECEIPT", quantity="ACCEPTED")
    order = trade.place("PO-1", ("1", "tea", "10"), ("2", "jam", "10"))
    shipment = trade.dispatch("S-1", order, ("1", "10"), ("2", "10"))
    trade.receive(shipment, order, ("1", "10", "10"), ("2", "10", "8"))
    trade.receive(shipment, order, ("1", "10", "9"), ("2", "10", "9"), version=2, received_on="2026-03-06")
    first, second, memo = trade.issued()
    assert (second.number, second.gross) == ("2026-000002", D("56.50"))
    assert (memo.number, memo.about, memo.gross) == ("CM-2026-000001", first.originator_id, D("-1130.00"))
    assert [(line.quantity, line.order_line) for line in memo.lines] == [(D(-1), "1")]
    assert trade.stages() == StageAmounts(receivable=D("11808.50"), unapplied_credits=D("1130.00"))


def test_a_quantity_taken_back_twice_is_found_on_the_invoices_that_billed_it(seeded: Seeded) -> None:
    """5 billed, 3 more billed, 2 taken back, 2 more: the second time one case is on each invoice."""
    trade = seeded(trigger="RECEIPT", quantity="ACCEPTED")
    order = trade.place("PO-1", ("1", "jam", "10"))
    shipment = trade.dispatch("S-1", order, ("1", "10"))
    for version, accepted in enumerate(("5", "8", "6", "4"), start=1):
        trade.receive(shipment, order, ("1", "10", accepted), version=version)
    first, second, once, *again = trade.issued()
    assert (first.gross, second.gross) == (D("282.50"), D("169.50"))
    assert (once.about, once.gross) == (second.originator_id, D("-113.00"))
    assert {memo.about: memo.gross for memo in again} == {
        second.originator_id: D("-56.50"), first.originator_id: D("-56.50")
    }
    assert trade.stages() == StageAmounts(receivable=D("452.00"), unapplied_credits=D("226.00"))


def test_a_shipment_refused_whole_is_never_billed_and_owes_nothing(seeded: Seeded) -> None:
    trade = seeded(trigger="RECEIPT", quantity="ACCEPTED")
    order = trade.place("PO-1", ("1", "tea", "10"))
    shipment = trade.dispatch("S-1", order, ("1", "10"))
    trade.receive(shipment, order, ("1", "10", "0"))
    assert trade.issued() == []
    assert trade.stages() == StageAmounts()


def test_a_receipt_that_never_comes_is_invoiced_as_shipped(seeded: Seeded) -> None:
    trade = seeded(trigger="RECEIPT_OR_TIMEOUT", timeout_days=7, quantity="ACCEPTED")
    order = trade.place("PO-1", ("1", "tea", "10"))
    shipment = trade.dispatch("S-1", order, ("1", "10"))
    trade.orders(TimeOutReceipt(shipment=shipment, day=date(2026, 3, 10)))
    trade.settle()
    trade.receive(shipment, order, ("1", "10", "8"))
    (issued,) = trade.issued()
    assert (issued.gross, issued.issued_on) == (D("11300.00"), date(2026, 3, 10))
    assert trade.stages() == StageAmounts(receivable=D("11300.00"))


def test_terms_that_count_from_the_receipt_are_dated_when_it_comes(seeded: Seeded) -> None:
    terms = PaymentTerms(DueRule(RuleKind.NET_DAYS, days=60), baseline=Baseline.GOODS_RECEIPT_DATE)
    trade = seeded(terms=terms)
    order = trade.place("PO-1", ("1", "tea", "10"))
    shipment = trade.dispatch("S-1", order, ("1", "10"))
    (issued,) = trade.issued()
    assert (issued.due_on, issued.undated) == (None, "waits for GOODS_RECEIPT_DATE")
    trade.receive(shipment, order, ("1", "10", "10"))
    (known,) = trade.facts(Invoice.DueDatesKnown)
    assert known.due_on == date(2026, 5, 4)


def test_a_due_day_rolls_to_a_weekend_that_is_worked_and_is_unknown_in_a_year_not_published(seeded: Seeded) -> None:
    """2 March 2026 + 68 days is Saturday 9 May, worked for Labour Day; 400 days later lies in 2027."""
    terms = PaymentTerms(DueRule(RuleKind.NET_DAYS, days=68), roll=Roll.FOLLOWING, calendar="CN")
    trade = seeded(terms=terms)
    trade.invoice("100.00")
    late = PaymentTerms(DueRule(RuleKind.NET_DAYS, days=400), roll=Roll.FOLLOWING, calendar="CN")
    trade.orders(AgreePaymentTerms(partner="retail-a", terms=late, first_day=date(2026, 3, 1)))
    trade.settle()
    trade.invoice("100.00")
    first, second = trade.issued()
    assert first.due_on == date(2026, 5, 9)
    assert second.due_on is None
    assert "2027 are not published" in second.undated


def test_the_same_document_is_invoiced_once_whoever_reports_it(trade: Trade) -> None:
    order = trade.place("PO-1", ("1", "tea", "10"))
    shipment = trade.dispatch("S-1", order, ("1", "10"))
    again = InvoiceShipment(
        shipment=shipment, company="acme", document="dispatch", issued_on=date(2026, 3, 9), received_on=None,
        lines=tuple(trade.billing(shipment).state.lines.values()),
    )
    answer = trade.receivables(again)
    trade.settle()
    assert (answer.status, answer.body["number"]) == (200, "2026-000001")
    assert len(trade.issued()) == 1


def test_what_was_credited_by_hand_is_not_credited_again_by_a_count(seeded: Seeded) -> None:
    """10 billed at 1000, 9500 net credited by hand: 500 is left for the case that a count takes back."""
    trade = seeded(trigger="RECEIPT", quantity="ACCEPTED")
    order = trade.place("PO-1", ("1", "tea", "10"))
    shipment = trade.dispatch("S-1", order, ("1", "10"))
    trade.receive(shipment, order, ("1", "10", "10"))
    trade.credit("2026-000001", "9500.00")
    trade.receive(shipment, order, ("1", "10", "9"), version=2)
    assert [memo.net for memo in trade.issued()[1:]] == [D("-9500.00"), D("-500.00")]


def test_a_voided_invoice_lets_its_goods_wait_for_one_at_the_right_price(trade: Trade) -> None:
    """C6: the same 60 cases invoiced at 990 instead of 1000."""
    order = trade.place("PO-1", ("1", "tea", "60"))
    trade.dispatch("S-1", order, ("1", "60"))
    voided = trade.receivables(VoidInvoice(company="acme", number="2026-000001", reason="wrong price"))
    trade.settle()
    assert voided.body["voided"]
    assert trade.stages() == StageAmounts(delivered=D("67800.00"))
    line = BilledLine(
        item="tea", quantity="60", unit="CS", unit_price="990", tax_rate="0.13", order=order, order_line="1"
    )
    answer = trade.receivables(
        IssueInvoice(partner="retail-a", issued_on=date(2026, 3, 4), shipment="S-1", lines=(line,))
    )
    trade.settle()
    assert (answer.status, answer.body["number"], answer.body["gross"]) == (201, "2026-000002", D("67122.00"))
    assert trade.stages() == StageAmounts(receivable=D("67122.00"))
    again = trade.receivables(VoidInvoice(company="acme", number="2026-000001", reason="wrong price"))
    trade.settle()
    assert again.status == 200
    assert trade.stages() == StageAmounts(receivable=D("67122.00"))


def test_a_credit_memo_waits_to_be_applied_and_may_be_voided(trade: Trade) -> None:
    number = trade.invoice("1000.00")
    memo = trade.credit(number, "200.00")
    assert memo == "CM-2026-000001"
    assert trade.stages() == StageAmounts(receivable=D("1130.00"), unapplied_credits=D("226.00"))
    refused = trade.receivables(VoidInvoice(company="acme", number=number, reason="no"))
    assert (refused.status, refused.body["code"]) == (409, "invoice.void_refused")
    trade.receivables(VoidInvoice(company="acme", number=memo, reason="no"))
    trade.receivables(VoidInvoice(company="acme", number=number, reason="no"))
    trade.settle()
    assert trade.stages() == StageAmounts()
    assert [move for move, _ in trade.moves()] == [
        "credit.invoiced", "credit.credited", "credit.paid", "credit.invoice_voided"
    ]


def test_a_refused_document_leaves_no_gap_in_the_numbers(trade: Trade) -> None:
    number = trade.invoice("1000.00")
    too_much = CreditInvoice(
        company="acme", number=number, issued_on=date(2026, 3, 3), reason="x",
        lines=(CreditedPart(line="1", net="1000.01"),),
    )
    answer = trade.receivables(too_much)
    assert (answer.status, answer.body["code"]) == (422, "invoice.credit_exceeds_line")
    assert trade.credit(number, "1000.00") == "CM-2026-000001"
    assert trade.invoice("1.00") == "2026-000002"
    assert trade.look(InvoiceSeries, "invoice-series/acme/2026").state.last == 2


def test_a_company_nobody_knows_opens_no_series(trade: Trade) -> None:
    line = BilledLine(item="tea", quantity="1", unit="CS", unit_price="1", tax_rate="0.13")
    command = IssueInvoice(partner="retail-a", company="acmee", issued_on=date(2026, 3, 2), lines=(line,))
    answer = trade.receivables(command)
    assert (answer.status, answer.body["code"]) == (404, "invoice.company_unknown")
