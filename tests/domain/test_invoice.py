"""Invoices, credit memos and debit memos: dates, tax, what is open, voiding."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain import invoice_facts
from domain.aggregate import deciding_at
from domain.calendars import PublishedCalendar, Roll
from domain.invoice import CreditedLine, Invoice
from domain.invoice_facts import Applied, DiscountOffer, InstalmentDue, InvoiceKind, InvoiceLine
from domain.invoice_refusals import (
    ALLOCATED_ALREADY,
    ALLOCATION_EXCEEDS_OPEN,
    ALLOCATION_WRONG_SIGN,
    CREDIT_EXCEEDS_LINE,
    DEDUCTED_EXCEEDED,
    INVOICE_VOIDED,
    LINE_NUMBERS_REPEATED,
    LINE_UNKNOWN,
    LINES_DO_NOT_ADD_UP,
    NO_LINES,
    NOT_AN_INVOICE,
    VOID_REFUSED,
)
from domain.payment_terms import Baseline, Discount, DueRule, Instalment, PaymentTerms, RuleKind
from domain.refusal import Refusal
from tests.given import MOMENT, Given, fact, given

D = Decimal
ISSUED_ON = date(2025, 4, 1)
LINE = InvoiceLine(
    "1", "order/acme/retail-a/PO-7/-", "PO-7", "10", "SKU-1", "C-1", D(100), "CA", D(100), D(1),
    D("10000.00"), D("0.13"), D("1300.00"), D("11300.00"),
)  # fmt: skip
SECOND = replace(
    LINE, number="2", quantity=D(1), net=D("0.05"), tax_rate=D("0.10"), tax=D("0.01"), gross=D("0.06")
)
NET_30 = DueRule(RuleKind.NET_DAYS, days=30)
TEN_DAYS = DueRule(RuleKind.NET_DAYS, days=10)
TERMS = PaymentTerms(NET_30, discounts=(Discount(D(2), TEN_DAYS),))
CN = PublishedCalendar(frozenset({2025}))


def issued(*lines: InvoiceLine, **other: Any) -> invoice_facts.Issued:
    lines = lines or (LINE,)
    facts: dict[str, Any] = {
        "company": "acme",
        "number": "2025-000001",
        "kind": InvoiceKind.INVOICE,
        "partner": "retail-a",
        "account": "retail-a",
        "currency": "CNY",
        "issued_on": ISSUED_ON,
        "due_on": None,
        "discount_on": None,
        "discount_amount": D(0),
        "terms": None,
        "order_numbers": ("PO-7",),
        "shipment": "shipment/acme/S1",
        "lines": lines,
        "net": sum(line.net for line in lines),
        "tax": sum(line.tax for line in lines),
        "gross": sum(line.gross for line in lines),
        "undated": "no payment terms agreed",
    }
    return fact(Invoice.Issued, **{**facts, **other})


def issue(*lines: InvoiceLine, number: str = "2025-000001", **other: Any) -> Invoice:
    facts: dict[str, Any] = {
        "company": "acme",
        "number": number,
        "partner": "retail-a",
        "account": "retail-a",
        "currency": "CNY",
        "issued_on": ISSUED_ON,
        "shipment": "shipment/acme/S1",
    }
    return Invoice.issue(lines=lines, **{**facts, **other})


def allocated(settlement: str, **parts: str) -> invoice_facts.Allocated:
    names = ("cash", "discount", "write_off", "deducted", "credit")
    return fact(Invoice.Allocated, settlement=settlement, **{name: D(parts.get(name, 0)) for name in names})


def invoice(*facts: Any, first: invoice_facts.Issued | None = None) -> Given[Invoice]:
    return given(Invoice, first or issued(LINE, SECOND), *facts, stream="invoice/acme/2025-000001")


# Issue


def test_t10_an_invoice_carries_its_dates_and_its_discount() -> None:
    offers = (DiscountOffer(date(2025, 4, 11), D("226.00")),)
    dates: dict[str, Any] = {"due_on": date(2025, 5, 1), "discount_on": date(2025, 4, 11), "undated": ""}
    given(Invoice).when_new(lambda: issue(LINE, terms=TERMS)).then(
        issued(LINE, terms=TERMS, discount_amount=D("226.00"), discounts=offers, **dates)
    )


def test_instalments_are_kept_with_their_amounts() -> None:
    terms = PaymentTerms(
        NET_30, instalments=tuple(Instalment(D(1), rule) for rule in (TEN_DAYS, NET_30, NET_30))
    )
    with deciding_at(MOMENT):
        (event,) = issue(LINE, terms=terms).collect_events()
    assert isinstance(event, Invoice.Issued)
    assert event.due_on == date(2025, 5, 1)
    assert event.instalments == (
        InstalmentDue(date(2025, 4, 11), D("3766.67")),
        InstalmentDue(date(2025, 5, 1), D("3766.67")),
        InstalmentDue(date(2025, 5, 1), D("3766.66")),
    )


def test_terms_from_receipt_date_the_invoice_when_the_goods_are_received() -> None:
    terms = PaymentTerms(NET_30, Baseline.GOODS_RECEIPT_DATE)
    waiting = issued(LINE, terms=terms, undated="waits for GOODS_RECEIPT_DATE", provisional_on=date(2025, 5, 1))
    given(Invoice).when_new(lambda: issue(LINE, terms=terms)).then(waiting)
    facts: dict[str, Any] = {"discount_on": None, "discount_amount": D(0), "discounts": (), "instalments": ()}
    facts["baseline_on"] = date(2025, 4, 3)
    known = fact(Invoice.DueDatesKnown, due_on=date(2025, 5, 3), **facts)
    received = (Baseline.GOODS_RECEIPT_DATE, date(2025, 4, 3))
    invoice(first=waiting).when(lambda i: i.baseline_known(*received)).then(known)
    invoice(known, first=waiting).when(lambda i: i.baseline_known(*received)).then_nothing()
    invoice(first=waiting).when(
        lambda i: i.baseline_known(Baseline.ORDER_DATE, date(2025, 4, 3))
    ).then_nothing()
    with deciding_at(MOMENT):
        dated = issue(LINE, terms=terms, baselines={Baseline.GOODS_RECEIPT_DATE: date(2025, 4, 3)})
    assert dated.state.due_on == date(2025, 5, 3)


def test_an_unknown_calendar_does_not_stop_the_invoice_and_says_why_it_has_no_date() -> None:
    terms = PaymentTerms(DueRule(RuleKind.NET_DAYS, days=300), roll=Roll.FOLLOWING, calendar="CN")
    with deciding_at(MOMENT):
        (event,) = issue(LINE, terms=terms, working_days=CN).collect_events()
    assert isinstance(event, Invoice.Issued)
    assert event.due_on is None
    assert "2026" in event.undated


@pytest.mark.parametrize(
    ("lines", "other", "refusal"),
    [
        ((), {}, NO_LINES),
        ((LINE, LINE), {}, LINE_NUMBERS_REPEATED),
        ((replace(LINE, gross=D("11300.01")),), {}, LINES_DO_NOT_ADD_UP),
        ((LINE,), {"kind": InvoiceKind.CREDIT_MEMO}, NOT_AN_INVOICE),
    ],
)
def test_what_cannot_be_billed(
    lines: tuple[InvoiceLine, ...], other: dict[str, Any], refusal: Refusal
) -> None:
    given(Invoice).when_new(lambda: issue(*lines, **other)).then_refused(refusal)


# Credit memos


def test_i7_the_tax_of_a_credit_memo_is_its_net_at_the_invoices_rate() -> None:
    credited = CreditedLine("1", D("1200.00"), D(12))
    memos: list[Invoice] = []
    before = invoice()
    before.when(
        lambda i: memos.append(i.credit("2025-000002", [credited], ISSUED_ON, "12 cases short"))
    ).then(
        fact(
            Invoice.CreditMemoIssued,
            credit_memo="invoice/acme/2025-000002",
            net_by_line={"1": D("1200.00")},
        )
    )
    (event,) = memos[0].collect_events()
    line = replace(LINE, quantity=D(-12), net=D("-1200.00"), tax=D("-156.00"), gross=D("-1356.00"))
    assert isinstance(event, Invoice.Issued)
    assert (event.kind, event.about, event.due_on) == (
        InvoiceKind.CREDIT_MEMO,
        "invoice/acme/2025-000001",
        None,
    )
    assert event.lines == (line,)
    assert (event.net, event.tax, event.gross) == (D("-1200.00"), D("-156.00"), D("-1356.00"))
    assert memos[0].state.open == D("-1356.00")


def test_the_tax_of_a_small_credit_is_rounded_half_up_once() -> None:
    with deciding_at(MOMENT):
        memo = issue(LINE, SECOND).credit("CM", [CreditedLine("2", D("0.05"))], ISSUED_ON, "price")
        part = issue(SECOND).credit("CM", [CreditedLine("2", D("0.03"))], ISSUED_ON, "price")
    assert memo.state.lines["1"].tax == D("-0.01")  # 0.005 away from zero
    assert part.state.lines["1"].tax == D("0.00")  # 0.003, not three fifths of the line's 0.01


def test_nothing_is_credited_twice() -> None:
    before = fact(Invoice.CreditMemoIssued, credit_memo="CM1", net_by_line={"1": D("9000.00")})
    invoice(before).when(
        lambda i: i.credit("CM2", [CreditedLine("1", D("1000.01"))], ISSUED_ON, "price")
    ).then_refused(CREDIT_EXCEEDS_LINE, figure=D("1000.01"), limit=D("1000.00"), excess=D("0.01"))


@pytest.mark.parametrize(
    ("lines", "refusal"),
    [
        ([], NO_LINES),
        ([CreditedLine("1", D(1)), CreditedLine("1", D(1))], LINE_NUMBERS_REPEATED),
        ([CreditedLine("3", D(1))], LINE_UNKNOWN),
        ([CreditedLine("1", D(0))], CREDIT_EXCEEDS_LINE),
    ],
)
def test_what_cannot_be_credited(lines: list[CreditedLine], refusal: Refusal) -> None:
    invoice().when(lambda i: i.credit("CM", lines, ISSUED_ON, "price")).then_refused(refusal)


def test_a_withdrawn_credit_memo_can_be_credited_again() -> None:
    with deciding_at(MOMENT):
        billed = issue(LINE)
        memo = billed.credit("CM", [CreditedLine("1", D(10000))], ISSUED_ON, "all back")
        billed.withdraw_credit_memo(memo, "sent in error")
        assert (memo.state.voided, memo.state.open) == (True, D(0))
        again = billed.credit("CM2", [CreditedLine("1", D(10000))], ISSUED_ON, "all back")
    assert again.state.gross == D("-11300.00")


def test_a_credit_memo_is_not_credited() -> None:
    with deciding_at(MOMENT):
        memo = issue(LINE).credit("CM", [CreditedLine("1", D(1))], ISSUED_ON, "price")
    memo_issued: Any = memo.pending_events[0]
    given(Invoice, memo_issued).when(
        lambda i: i.credit("CM2", [CreditedLine("1", D(1))], ISSUED_ON, "price")
    ).then_refused(NOT_AN_INVOICE)


# Allocations

GROSS = "11300.06"


def test_i1_the_parts_and_what_is_open_make_the_gross() -> None:
    parts = Applied(D(10000), D(226), D("0.06"), D(74), D(500))
    outcome = invoice().when(lambda i: i.allocate("P1", parts))
    outcome.then(
        allocated("P1", cash="10000", discount="226", write_off="0.06", deducted="74", credit="500")
    ).then_state(open=D(500), applied=parts)


def test_never_more_than_is_open() -> None:
    invoice(allocated("P1", cash="300")).when(
        lambda i: i.allocate("P2", Applied(cash=D("11000.07")))
    ).then_refused(ALLOCATION_EXCEEDS_OPEN, figure=D("11000.07"), limit=D("11000.06"), excess=D("0.01"))


def test_the_same_settlement_again() -> None:
    invoice(allocated("P1", cash="300")).when(lambda i: i.allocate("P1", Applied(cash=D(300)))).then_nothing()
    invoice(allocated("P1", cash="300")).when(lambda i: i.allocate("P1", Applied(cash=D(200)))).then_refused(
        ALLOCATED_ALREADY, figure=D(200), limit=D(300)
    )


@pytest.mark.parametrize("parts", [Applied(cash=D(-1), credit=D(5)), Applied()])
def test_an_invoice_is_settled_by_amounts_above_zero(parts: Applied) -> None:
    invoice().when(lambda i: i.allocate("P1", parts)).then_refused(ALLOCATION_WRONG_SIGN)


def test_a_credit_memo_is_used_below_zero_and_once() -> None:
    with deciding_at(MOMENT):
        memo = issue(LINE).credit("CM", [CreditedLine("1", D(1000))], ISSUED_ON, "price")
    first: Any = memo.pending_events[0]
    given(Invoice, first).when(lambda i: i.allocate("P1", Applied(credit=D("1130.00")))).then_refused(
        ALLOCATION_WRONG_SIGN
    )
    given(Invoice, first).when(lambda i: i.allocate("P1", Applied(credit=D("-1130.00")))).then_state(
        open=D(0)
    )
    given(Invoice, first, allocated("P1", credit="-1130.00")).when(
        lambda i: i.allocate("P2", Applied(credit=D("-0.01")))
    ).then_refused(ALLOCATION_EXCEEDS_OPEN, excess=D("0.01"))


def test_a_reversal_undoes_exactly_its_own() -> None:
    reversed_ = fact(Invoice.AllocationReversed, settlement="P1")
    both = (allocated("P1", cash="300", deducted="20"), allocated("P2", cash="100"))
    invoice(*both).when(lambda i: i.reverse_allocation("P1")).then(reversed_).then_state(
        open=D(GROSS) - 100, allocations={"P2": Applied(cash=D(100))}
    )
    invoice(*both, reversed_).when(lambda i: i.reverse_allocation("P1")).then_nothing()


def test_a_resolved_deduction_becomes_credit_and_is_not_counted_twice() -> None:
    before = allocated("P1", cash="10000", deducted="74")
    resolved = allocated("CM", deducted="-74", credit="74")
    invoice(before).when(lambda i: i.credit_deducted("CM", D(74))).then(resolved).then_state(
        open=D(GROSS) - 10074, applied=Applied(cash=D(10000), credit=D(74))
    )
    invoice(before, resolved).when(lambda i: i.credit_deducted("CM", D(74))).then_nothing()
    invoice(before).when(lambda i: i.credit_deducted("CM", D(75))).then_refused(
        DEDUCTED_EXCEEDED, figure=D(75), limit=D(74), excess=D(1)
    )


# Voiding

voided = fact(
    Invoice.Voided,
    reason="wrong title",
    kind=InvoiceKind.INVOICE,
    account="retail-a",
    gross=D(GROSS),
    shipment="shipment/acme/S1",
)


def test_an_untouched_invoice_can_be_voided_once() -> None:
    invoice().when(lambda i: i.void("wrong title")).then(voided).then_state(open=D(0))
    invoice(voided).when(lambda i: i.void("wrong title")).then_nothing()
    invoice(allocated("P1", cash="3"), fact(Invoice.AllocationReversed, settlement="P1")).when(
        lambda i: i.void("wrong title")
    ).then(voided)


def test_a_paid_or_credited_invoice_cannot_be_voided() -> None:
    invoice(allocated("P1", cash="300")).when(lambda i: i.void("wrong title")).then_refused(
        VOID_REFUSED, documents=["P1"], figure=D("300.00")
    )
    credited = fact(Invoice.CreditMemoIssued, credit_memo="CM", net_by_line={"1": D(1)})
    invoice(credited).when(lambda i: i.void("wrong title")).then_refused(VOID_REFUSED, documents=["CM"])


def test_a_voided_invoice_is_neither_paid_nor_credited() -> None:
    invoice(voided).when(lambda i: i.allocate("P1", Applied(cash=D(1)))).then_refused(INVOICE_VOIDED)
    invoice(voided).when(
        lambda i: i.credit("CM", [CreditedLine("1", D(1))], ISSUED_ON, "price")
    ).then_refused(INVOICE_VOIDED)
