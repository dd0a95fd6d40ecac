"""Cash application to the cent, and what each finding speaks of: the cases that changed rules were found to slip through."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.allocation import Allocation, Finding, FindingCode, Tolerance
from domain.bank_matching import BankReason, bank_matches
from domain.cash_application import allocate
from domain.deduction_reasons import DeductionReason
from domain.invoice_facts import DiscountOffer
from domain.payment_matching import only_exact_set, proposed_matches
from domain.remittance import Adjustment
from tests.domain.test_bank_matching import line, paid
from tests.domain.test_cash_application import PAID_ON, item, open_item, remittance
from tests.domain.test_payment_matching import item as open_document

D = Decimal
F = FindingCode
TOLERANCE = Tolerance(D("10.00"), D("0.5"))
CENT = D("0.01")


def found(amount: str, *items: Any, opens: tuple[Any, ...] = (), **more: Any) -> list[tuple[FindingCode, str, Decimal]]:
    proposal = allocate(remittance(amount, *items, **more), opens, TOLERANCE)
    assert all(isinstance(finding, Finding) for finding in proposal.findings)
    return [(finding.code, finding.reference, finding.amount) for finding in proposal.findings]


@pytest.mark.parametrize(
    ("amount", "items", "opens", "beside", "findings"),
    [
        ("1.00", [item("I", "1.01")], [("I", "1.01")], (), [(F.CLAIMS_MORE_THAN_PAID, "R", CENT)]),
        ("0.50", [], [("I", "1.00")], (), [(F.NO_SINGLE_MATCH, "R", D("0.50"))]),
        ("1.02", [item("I", "1.01")], [("I", "1.01")], (), [(F.RESIDUAL, "R", CENT)]),
        ("1.00", [item("I", "2.00", gross="1.00", discount="1.00")], [("I", "2.00")], (),
         [(F.GROSS_AND_NET_SWAPPED, "I", D("1.00"))]),
        ("0.50", [item("I", "0.50")], [("I", "0.00")], (), [(F.NOTHING_OPEN, "I", D("0.50"))]),
        ("1.51", [item("I", "1.00")], [("I", "1.00")], (Adjustment(D("0.51"), "XX", "D-1"),),
         [(F.ADDED_BY_CUSTOMER, "D-1", D("0.51"))]),
        ("1.51", [item("I", "1.00")], [("I", "1.00")], (Adjustment(D("0.51"), "XX"),), [(F.ADDED_BY_CUSTOMER, "XX", D("0.51"))]),
        ("0.01", [item("I", "0.02")], [("I", "0.00")], (Adjustment(-CENT, "GE", "F-1"),),
         [(F.NOTHING_OPEN, "I", D("0.02")), (F.DEBIT_NOT_PLACED, "F-1", CENT)]),
        ("0.99", [item("I", "1.00"), item("C", "-0.01")], [("I", "1.00"), ("C", "0.50")], (), [(F.CREDIT_NOT_OURS, "C", CENT)]),
        ("0.10", [item("I", "0.10", gross="0.20")], [("I", "0.30")], (),
         [(F.GROSS_DIFFERS, "I", D("-0.10")), (F.SHORT_WITHOUT_REASON, "I", D("0.20"))]),
        ("1.01", [item("I", "1.01")], [("I", "1.00")], (), [(F.OVERPAID, "I", CENT)]),
    ],
)  # fmt: skip
def test_findings_say_which_document_and_how_much(
    amount: str, items: list[Any], opens: list[tuple[str, str]], beside: tuple[Adjustment, ...], findings: list[Any]
) -> None:
    seen = found(amount, *items, opens=tuple(open_item(*one) for one in opens), beside=beside)
    wanted = [(code, remittance("1").reference if name == "R" else name, figure) for code, name, figure in findings]
    assert seen == wanted


def test_a_cent_taken_with_a_reason_is_a_deduction_and_nothing_more_is_short() -> None:
    short = item("I", "0.98", Adjustment(CENT, "06"))
    proposal = allocate(remittance("0.98", short), [open_item("I", "1.00")])
    assert proposal.allocations == (Allocation("invoice/I", D("0.98"), deducted=D("0.02")),)
    assert [(d.amount, d.customer_reason) for d in proposal.deductions] == [(CENT, "06"), (CENT, "")]


def test_gains_of_two_documents_add_up_to_the_cent() -> None:
    both = [open_item("I", "200.00"), open_item("J", "200.00")]
    proposal = allocate(remittance("402.00", item("I", "201.00"), item("J", "201.00")), both, TOLERANCE)
    assert (proposal.gain, proposal.on_account) == (D("2.00"), D(0))
    little = allocate(remittance("200.50", item("I", "200.50")), [open_item("I", "200.00")], TOLERANCE)
    assert (little.gain, little.on_account) == (D("0.50"), D(0))


def test_a_credit_of_a_cent_is_used_and_a_foreign_one_keeps_its_reason() -> None:
    used = allocate(remittance("0.99", item("I", "1.00"), item("C", "-0.01")), [open_item("I", "1.00"), open_item("C", "-0.01")])
    assert used.allocations == (Allocation("invoice/I", D("0.99"), credit=CENT), Allocation("invoice/C", credit=-CENT))
    foreign = item("C", "-0.50", Adjustment(D("0.50"), "RB"))
    proposal = allocate(remittance("0.50", item("I", "1.00"), foreign), [open_item("I", "1.00")])
    assert [(d.amount, d.customer_reason) for d in proposal.deductions][-1] == (D("0.50"), "RB")


def test_a_discount_taken_in_two_parts_is_granted_once() -> None:
    offer = DiscountOffer(PAID_ON, D("2.00"))
    parts = item("I", "49.00", discount="1.50"), item("I", "48.00", discount="1.50")
    proposal = allocate(remittance("97.00", *parts), [open_item("I", "100.00", None, offer)])
    assert proposal.allocations == (Allocation("invoice/I", D("97.00"), D("2.00"), deducted=D("1.00")),)
    assert [(d.amount, d.reason) for d in proposal.deductions] == [(D("1.00"), DeductionReason.UNEARNED_DISCOUNT)]
    half = open_item("I", "1.00", None, DiscountOffer(PAID_ON, D("0.50")))
    little = allocate(remittance("0.50", item("I", "0.50", discount="0.50")), [half])
    assert little.allocations == (Allocation("invoice/I", D("0.50"), D("0.50")),)


def test_a_discount_is_never_more_than_was_taken_or_is_left() -> None:
    offer = DiscountOffer(PAID_ON, D("20.00"))
    less = allocate(remittance("95.00", item("I", "95.00", discount="5.00")), [open_item("I", "100.00", None, offer)])
    assert less.allocations == (Allocation("invoice/I", D("95.00"), D("5.00")),)
    more = allocate(remittance("95.00", item("I", "95.00", discount="15.00")), [open_item("I", "100.00", None, offer)])
    assert more.allocations == (Allocation("invoice/I", D("95.00"), D("5.00"), deducted=D(0)),)


def test_items_of_one_are_candidates_like_any_other() -> None:
    many = [open_document(f"I{n}", "1.00") for n in range(200)]
    assert only_exact_set(D("0.50"), [*many, open_document("X", "0.50")]) == ()


def test_references_of_four_characters_and_small_amounts_are_read() -> None:
    listed, day = [open_document("Z-2047", "0.50"), open_document("A300B", "2.00")], date(2025, 10, 9)
    match = proposed_matches(D("0.50"), listed, day, [("2047", D("0.50"))])[0]
    assert match.items[0].reference == "Z-2047"
    assert [reason.value for reason in match.reasons] == ["SIMILAR_REFERENCE", "EXACT_SUM"]
    found = proposed_matches(D("1.00"), listed, day, [("a0300-b", D("1.00"))])
    assert [m.items[0].reference for m in found] == ["A300B"]
    assert proposed_matches(D("1.00"), [open_document("O00A", "9.00")], day, [("OA0", D("1.00"))]) == []


def test_the_likeliest_proposal_comes_first() -> None:
    listed = [open_document("I1", "10.00"), open_document("RX-55", "30.00")]
    proposed = proposed_matches(D("10.00"), listed, date(2025, 10, 9), [("RX55", D("30.00"))])
    assert [(m.items[0].reference, m.confidence) for m in proposed] == [("I1", D("0.90")), ("RX-55", D("0.60"))]


def test_a_bank_match_says_its_line_and_its_reasons_in_order() -> None:
    (named,) = bank_matches(line("REF", amount="0.50"), [paid("REF", amount="0.50")])
    assert (named.line, named.reasons) == ("bank-entry/1", (BankReason.REFERENCE, BankReason.AMOUNT))
    (payer,) = bank_matches(line(partner="p"), [paid("R-1")])
    assert payer.reasons == (BankReason.AMOUNT, BankReason.PAYER, BankReason.DAYS)
