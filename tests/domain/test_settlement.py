"""S1 and S8 of definitions.md 4.7 in figures, and what a settlement refuses or passes over in silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.aggregate import deciding_at
from domain.allocation import Allocation, Proposal, Tolerance
from domain.deduction import Deduction
from domain.deduction_reasons import DeductionReason
from domain.invoice import CreditedLine, Invoice
from domain.invoice_facts import Applied, InvoiceLine
from domain.refusal import Refused
from domain.remittance import Adjustment, Remittance, RemittanceItem, RemittanceItemKind
from domain.deduction_postings import NOT_DEDUCTED, credit_deduction
from domain.settlement import (
    ALLOCATED_OTHERWISE,
    AMOUNT_NEGATIVE,
    DOES_NOT_ADD_UP,
    OTHER_CONTENT,
    REVERSED,
    Settlement,
    apply_remittance,
    reverse_settlement,
)
from tests.given import MOMENT, fact, given

D = Decimal
TODAY = date(2025, 10, 9)
TOLERANCE = Tolerance(D("10.00"), D("0.5"))
IV, CM = RemittanceItemKind.INVOICE, RemittanceItemKind.CREDIT_MEMO

S1 = Remittance(
    "acme",
    "retail-a",
    "group-a",
    "R1",
    TODAY,
    "CNY",
    D("174189.20"),
    (
        RemittanceItem(
            "INV1", IV, D("113000.00"), D("110740.00"), adjustments=(Adjustment(D("2260.00"), "06"),)
        ),
        RemittanceItem("INV2", IV, D("56500.00"), D("56500.00")),
        RemittanceItem("INV3", IV, None, D("22599.20")),
        RemittanceItem("CM1", CM, None, D("-5650.00")),
    ),
    (Adjustment(D("-10000.00"), "GE", "slotting"),),
)
STREAM = "settlement/acme/retail-a/R1"
ONE, TWO, THREE, MEMO = (f"invoice/acme/{number}" for number in ("INV1", "INV2", "INV3", "CM1"))
SHORTAGE, FEE = (f"deduction/acme/retail-a/R1/{n}" for n in (1, 2))


def invoice(number: str, net: str, currency: str = "CNY") -> Invoice:
    tax = D(net) * D("0.13")
    line = InvoiceLine(
        "1", None, None, None, "SKU", None, D(1), "EA", D(net), D(1), D(net), D("0.13"), tax, D(net) + tax
    )
    facts = {"partner": "retail-a", "account": "group-a", "currency": currency, "issued_on": TODAY}
    return Invoice.issue(company="acme", number=number, lines=(line,), **facts)  # type: ignore[arg-type]


class S1Books:
    """S1's documents, paid."""

    def __init__(self) -> None:
        with deciding_at(MOMENT):
            one, two, three = invoice("INV1", "100000"), invoice("INV2", "50000"), invoice("INV3", "20000")
            memo = three.credit("CM1", [CreditedLine("1", D(5000))], TODAY, "returned")
            self.documents = {document.id: document for document in (one, two, three, memo)}
            self.settlement = Settlement.receive(S1)
            begun = apply_remittance(self.settlement, list(self.documents.values()), TOLERANCE)
            self.deductions = {deduction.id: deduction for deduction in begun}

    def open(self) -> list[str]:
        return [str(document.state.open) for document in self.documents.values()]

    def credit_shortage(self) -> Invoice:
        with deciding_at(MOMENT):
            memo = self.documents[ONE].credit(
                "CM9", [CreditedLine("1", D("1200.00"), D(12))], TODAY, "12 short"
            )
            credit_deduction(self.deductions[SHORTAGE], memo, [self.documents[ONE]])
        self.documents[memo.id] = memo
        return memo

    def bounce(self) -> None:
        with deciding_at(MOMENT):
            reverse_settlement(self.settlement, self.documents, self.deductions, "payment bounced")


def versions(books: S1Books) -> list[int]:
    return [books.settlement.version, *(document.version for document in books.documents.values())]


# S1


def test_s1_one_payment_many_items() -> None:
    books = S1Books()
    assert [books.documents[i].state.applied for i in (ONE, TWO, THREE, MEMO)] == [
        Applied(cash=D("95090.00"), deducted=D("12260.00"), credit=D("5650.00")),
        Applied(cash=D("56500.00")),
        Applied(cash=D("22599.20"), write_off=D("0.80")),
        Applied(credit=D("-5650.00")),
    ]
    assert books.open() == ["0.00", "0.00", "0.00", "0.00"]
    cash = sum(document.state.applied.cash for document in books.documents.values())
    assert cash == S1.amount == D("174189.20")


def test_s1_the_deductions_keep_their_reason_and_the_fee_stays_its_own() -> None:
    begun: list[Any] = [d.pending_events[0] for d in S1Books().deductions.values()]
    facts = {"company": "acme", "partner": "retail-a", "account": "group-a", "settlement": STREAM}
    both = {**facts, "currency": "CNY", "taken_on": TODAY}
    assert [
        replace(event, originator_id="given", originator_version=0, originator_topic="") for event in begun
    ] == [
        fact(
            Deduction.Taken,
            invoice=ONE,
            amount=D("2260.00"),
            customer_reason="06",
            reason=DeductionReason.SHORTAGE,
            **both,
        ),
        fact(
            Deduction.Taken,
            invoice=None,
            amount=D("10000.00"),
            customer_reason="GE",
            reason=DeductionReason.FEE,
            **both,
        ),
    ]


def test_s1_what_the_credit_account_hears() -> None:
    event = S1Books().settlement.pending_events[-1]
    assert isinstance(event, Settlement.Allocated)
    assert (event.account, event.cleared, event.credits_used) == ("group-a", D("179840.00"), D("5650.00"))
    assert (event.on_account, event.residual, event.gain, event.findings) == (D(0), D(0), D(0), ())


def test_applying_again_is_silent() -> None:
    books = S1Books()
    before = versions(books)
    with deciding_at(MOMENT):
        assert apply_remittance(books.settlement, list(books.documents.values()), TOLERANCE) == []
    assert versions(books) == before


def test_an_invoice_in_another_currency_is_not_paid() -> None:
    with deciding_at(MOMENT):
        dollars = invoice("INV1", "100000", currency="USD")
        settlement = Settlement.receive(S1)
        apply_remittance(settlement, [dollars], TOLERANCE)
    assert dollars.state.allocations == {}
    assert settlement.state.proposal is not None
    assert settlement.state.proposal.on_account == S1.amount


# S2's supplier share, then S8


def test_a_credit_memo_resolves_the_suppliers_share() -> None:
    books = S1Books()
    memo = books.credit_shortage()
    assert memo.state.gross == D("-1356.00")
    assert memo.state.open == D(0)
    assert books.deductions[SHORTAGE].state.outstanding == D("904.00")
    assert books.documents[ONE].state.applied == Applied(
        D("95090.00"), D(0), D(0), D("10904.00"), D("7006.00")
    )
    assert books.documents[ONE].state.open == D(0)


def test_a_credit_memo_resolves_no_more_than_the_named_invoices_bear() -> None:
    books = S1Books()
    with deciding_at(MOMENT), pytest.raises(Refused) as refused:
        memo = books.documents[ONE].credit("CM9", [CreditedLine("1", D("1200.00"))], TODAY, "12 short")
        credit_deduction(books.deductions[SHORTAGE], memo, [books.documents[TWO]])
    assert refused.value.refusal is NOT_DEDUCTED
    assert books.deductions[SHORTAGE].state.credited == {}


def test_s8_a_bounced_payment_opens_everything_again() -> None:
    books = S1Books()
    books.bounce()
    assert books.open() == ["113000.00", "56500.00", "22600.00", "-5650.00"]
    assert [document.state.allocations for document in books.documents.values()] == [{}, {}, {}, {}]
    assert [(d.state.outstanding, d.state.voided) for d in books.deductions.values()] == [
        (D(0), D("2260.00")),
        (D(0), D("10000.00")),
    ]
    event = books.settlement.pending_events[-1]
    assert isinstance(event, Settlement.Reversed)
    assert (event.cleared, event.credits_used, event.on_account) == (D("179840.00"), D("5650.00"), D(0))


def test_s8_a_deduction_settled_by_a_memo_keeps_it_as_an_unapplied_credit() -> None:
    books = S1Books()
    memo = books.credit_shortage()
    books.bounce()
    assert (books.documents[ONE].state.open, memo.state.open) == (D("113000.00"), D("-1356.00"))
    assert books.documents[ONE].state.open + memo.state.open == D("111644.00")
    assert (books.documents[ONE].state.allocations, memo.state.allocations) == ({}, {})
    shortage = books.deductions[SHORTAGE].state
    assert (shortage.credited, shortage.voided, shortage.outstanding) == (
        {memo.id: D("1356.00")},
        D("904.00"),
        D(0),
    )
    event = books.settlement.pending_events[-1]
    assert isinstance(event, Settlement.Reversed)
    assert (event.cleared, event.credits_used) == (D("181196.00"), D("7006.00"))


def test_s8_reversing_again_is_silent_and_another_payment_is_untouched() -> None:
    books = S1Books()
    with deciding_at(MOMENT):
        later = invoice("INV4", "100")
        other = Settlement.receive(replace(S1, reference="R2", amount=D(50), items=(
            RemittanceItem("INV4", IV, None, D(50), partial=True),), adjustments=()))  # fmt: skip
        apply_remittance(other, [later])
    books.documents[later.id] = later
    books.bounce()
    before = versions(books)
    books.bounce()
    assert versions(books) == before
    assert later.state.open == D("63.00")


# The settlement alone

received = fact(
    Settlement.RemittanceReceived,
    company="acme",
    partner="retail-a",
    account="group-a",
    reference="R1",
    paid_on=TODAY,
    currency="CNY",
    amount=D(100),
    method=None,
    items=(),
    adjustments=(),
)
SMALL = Remittance("acme", "retail-a", "group-a", "R1", TODAY, "CNY", D(100), ())
ALL_ON_ACCOUNT = Proposal((), (), D(100), D(0))
all_on_account = fact(
    Settlement.Allocated,
    allocations=(),
    deductions=(),
    on_account=D(100),
    residual=D(0),
    gain=D(0),
    findings=(),
    account="group-a",
    cleared=D(0),
    credits_used=D(0),
)


def test_a_remittance_is_received_once() -> None:
    given(Settlement).when_new(lambda: Settlement.receive(SMALL)).then(received)
    given(Settlement, received).when(lambda s: s.receive_again(SMALL)).then_nothing()
    given(Settlement, received).when(lambda s: s.receive_again(replace(SMALL, amount=D(101)))).then_refused(
        OTHER_CONTENT, figure=D(101), limit=D(100), excess=D(1)
    )
    given(Settlement).when_new(lambda: Settlement.receive(replace(SMALL, amount=D(-1)))).then_refused(
        AMOUNT_NEGATIVE, excess=D(1)
    )


def test_exactly_what_was_paid_is_allocated_once() -> None:
    given(Settlement, received).when(lambda s: s.allocate(ALL_ON_ACCOUNT)).then(all_on_account)
    given(Settlement, received, all_on_account).when(lambda s: s.allocate(ALL_ON_ACCOUNT)).then_nothing()
    other = Proposal((Allocation("invoice/acme/I", D(100)),), (), D(0), D(0))
    given(Settlement, received, all_on_account).when(lambda s: s.allocate(other)).then_refused(
        ALLOCATED_OTHERWISE
    )
    less = replace(ALL_ON_ACCOUNT, on_account=D(99))
    given(Settlement, received).when(lambda s: s.allocate(less)).then_refused(
        DOES_NOT_ADD_UP, figure=D(99), limit=D(100), excess=D(-1)
    )


def test_a_reversed_settlement_pays_nothing_any_more() -> None:
    facts = {"account": "group-a", "cleared": D(0), "credits_used": D(0), "on_account": D(100)}
    back = fact(Settlement.Reversed, reason="bounced", **facts)
    given(Settlement, received, all_on_account).when(lambda s: s.reverse("bounced")).then(back)
    given(Settlement, received, all_on_account, back).when(lambda s: s.reverse("bounced")).then_nothing()
    given(Settlement, received, all_on_account, back).when(lambda s: s.allocate(ALL_ON_ACCOUNT)).then_refused(
        REVERSED
    )
