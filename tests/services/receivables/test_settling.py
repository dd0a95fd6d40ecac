"""S1 and S8 of definitions.md 4.7 through the service, and what a repeated or contradicting remittance does."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

from domain.credit import StageAmounts
from domain.credit_account import CreditAccount
from domain.deduction import Deduction
from domain.deduction_reasons import DeductionReason
from domain.invoice import Invoice
from domain.invoice_facts import Applied
from domain.settlement import Settlement
from services.command import Answer
from services.receivables.debtors import RegisterDebtor
from services.receivables.invoicing import BilledLine, IssueInvoice
from services.receivables.settling import CreditDeduction, ReverseSettlement
from services.receivables.stated_payment import RecordRemittance
from tests.services.receivables.trade import ACCOUNT, D, Trade, asking

S1_OPEN = StageAmounts(receivable=D("192100.00"), unapplied_credits=D("5650.00"))


def remittance(reference: str, amount: str, *items: dict[str, Any], **fields: Any) -> RecordRemittance:
    body = {
        "company": "acme", "partner": "retail-a", "reference": reference, "paid_on": "2026-03-20", "amount": amount,
        "items": list(items), **fields,
    }
    return RecordRemittance.model_validate(body)


def open_s1(trade: Trade) -> None:
    """INV1 113 000, INV2 56 500, INV3 22 600, CM1 -5 650."""
    for net in ("100000.00", "50000.00", "20000.00"):
        trade.invoice(net)
    trade.credit("2026-000002", "5000.00")
    assert trade.stages() == S1_OPEN


S1 = remittance(
    "R1", "174189.20",
    {
        "reference": "2026-000001", "gross": "113000.00", "paid": "110740.00",
        "adjustments": [{"amount": "2260.00", "reason": "06"}],
    },
    {"reference": "2026-000002", "paid": "56500.00"},
    {"reference": "2026-000003", "paid": "22599.20"},
    {"reference": "CM-2026-000001", "kind": "CREDIT_MEMO", "paid": "-5650.00"},
    adjustments=[{"amount": "-10000.00", "reason": "GE", "reference": "slotting"}],
)
SHORTAGE, FEE = "deduction/acme/retail-a/R1/1", "deduction/acme/retail-a/R1/2"


def pay_s1(trade: Trade) -> Answer:
    open_s1(trade)
    answer = trade.receivables(S1)
    trade.settle()
    assert answer.status == 201, answer.text
    return answer


def test_one_payment_pays_many_documents_and_what_is_kept_back_stays_owed(trade: Trade) -> None:
    answer = pay_s1(trade)
    applied = {number: trade.document_of(number).state.applied for number in _numbers()}
    assert applied == {
        "2026-000001": Applied(cash=D("95090.00"), deducted=D("12260.00"), credit=D("5650.00")),
        "2026-000002": Applied(cash=D("56500.00")),
        "2026-000003": Applied(cash=D("22599.20"), write_off=D("0.80")),
        "CM-2026-000001": Applied(credit=D("-5650.00")),
    }
    assert all(trade.document_of(number).state.open == 0 for number in _numbers())
    assert answer.body["deductions"] == [SHORTAGE, FEE]
    assert (answer.body["on_account"], answer.body["residual"]) == (D(0), D(0))
    taken = {fact.originator_id: fact for fact in trade.facts(Deduction.Taken)}
    assert (taken[SHORTAGE].amount, taken[SHORTAGE].reason) == (D("2260.00"), DeductionReason.SHORTAGE)
    assert (taken[FEE].amount, taken[FEE].reason, taken[FEE].invoice) == (D("10000.00"), DeductionReason.FEE, None)
    assert trade.moves()[-1] == (
        "credit.paid", StageAmounts(receivable=D("-179840.00"), unapplied_credits=D("-5650.00"))
    )
    assert trade.stages() == StageAmounts(receivable=D("12260.00"))
    assert [(name, item.amount, item.disputed) for name, item in _items(trade)] == [
        ("invoice/acme/2026-000001", D("12260.00"), D("12260.00"))  # what was deducted is open and contested
    ]


def _items(trade: Trade) -> list[tuple[str, Any]]:
    """The open items as the credit account knows them."""
    return list(trade.look(CreditAccount, ACCOUNT).state.items.items())


def _numbers() -> tuple[str, ...]:
    return ("2026-000001", "2026-000002", "2026-000003", "CM-2026-000001")


def test_the_same_remittance_again_is_silent_and_another_under_its_reference_is_refused(trade: Trade) -> None:
    first = pay_s1(trade)
    position = trade.position()
    again = trade.receivables(S1)
    assert (again.status, again.body["settlement"]) == (200, first.body["settlement"])
    other = trade.receivables(S1.model_copy(update={"amount": D("174189.21")}))
    assert (other.status, other.body["code"]) == (409, "settlement.other_content")
    trade.settle()
    assert trade.position() == position


def test_a_payment_that_bounces_is_undone_exactly(trade: Trade) -> None:
    """S8, with the shortage settled by credit memo 1 356.00 in between: it becomes an unapplied credit again."""
    pay_s1(trade)
    memo = trade.credit("2026-000001", "1200.00")
    resolved = trade.receivables(CreditDeduction(deduction="acme/retail-a/R1/1", credit_memo=memo))
    trade.settle()
    assert (resolved.status, resolved.body["outstanding"]) == (200, D("904.00"))
    assert trade.moves()[-1] == (
        "credit.paid", StageAmounts(receivable=D("-1356.00"), unapplied_credits=D("-1356.00"))
    )
    assert trade.stages() == StageAmounts(receivable=D("10904.00"))
    assert [(item.amount, item.disputed) for _, item in _items(trade)] == [(D("10904.00"), D("10904.00"))]
    answer = trade.receivables(ReverseSettlement(settlement="acme/retail-a/R1", reason="bounced"), actor="carla")
    trade.settle()
    assert (answer.status, answer.body["reversed"]) == (200, True)
    opened = {number: trade.document_of(number).state.open for number in (*_numbers(), memo)}
    assert opened == {
        "2026-000001": D("113000.00"), "2026-000002": D("56500.00"), "2026-000003": D("22600.00"),
        "CM-2026-000001": D("-5650.00"), memo: D("-1356.00"),
    }
    assert trade.look(Deduction, SHORTAGE).state.outstanding == 0
    assert trade.look(Deduction, FEE).state.voided == D("10000.00")
    assert trade.moves()[-1] == (
        "credit.payment_reversed", StageAmounts(receivable=D("181196.00"), unapplied_credits=D("7006.00"))
    )
    assert trade.stages() == StageAmounts(receivable=D("192100.00"), unapplied_credits=D("7006.00"))
    assert {name[-1]: (item.amount, item.disputed, item.due_on) for name, item in _items(trade)} == {
        "1": (D("113000.00"), 0, date(2026, 4, 1)), "2": (D("56500.00"), 0, date(2026, 4, 1)),
        "3": (D("22600.00"), 0, date(2026, 4, 1)),
    }
    position = trade.position()
    trade.receivables(ReverseSettlement(settlement="acme/retail-a/R1", reason="bounced"))
    assert trade.position() == position


def test_money_for_what_nobody_knows_stays_on_account(trade: Trade) -> None:
    trade.invoice("100.00")
    answer = trade.receivables(remittance(
        "R2", "213.00", {"reference": "2026-000001", "paid": "113.00"}, {"reference": "X-9", "paid": "100.00"}
    ))
    trade.settle()
    assert answer.body["on_account"] == D("100.00")
    assert [(f.code, f.reference, f.amount) for f in answer.body["findings"]] == [
        ("UNKNOWN_REFERENCE", "X-9", D("100.00"))
    ]
    assert trade.stages() == StageAmounts(unapplied_cash=D("100.00"))
    trade.receivables(ReverseSettlement(settlement="acme/retail-a/R2", reason="bounced"))
    trade.settle()
    assert trade.stages() == StageAmounts(receivable=D("113.00"))


def test_an_invoice_of_another_account_is_not_paid(trade: Trade) -> None:
    trade.receivables(RegisterDebtor(partner="retail-b", company="acme", account="retail-b", currency="CNY"))
    line = BilledLine(item="tea", quantity="1", unit="CS", unit_price="100.00", tax_rate="0.13")
    trade.receivables(IssueInvoice(partner="retail-b", issued_on=date(2026, 3, 2), lines=(line,)))
    answer = trade.receivables(remittance("R1", "113.00", {"reference": "2026-000001", "paid": "113.00"}))
    assert [finding.code for finding in answer.body["findings"]] == ["UNKNOWN_REFERENCE"]
    assert trade.document_of("2026-000001").state.open == D("113.00")


def test_without_references_only_a_single_exact_match_is_taken(trade: Trade) -> None:
    """S7: 45 200 among 45 200, 22 600 and 22 600 is ambiguous; among 45 200 and one 22 600 it is not."""
    for net in ("40000.00", "20000.00", "20000.00"):
        trade.invoice(net)
    numbers = ["2026-000001", "2026-000002", "2026-000003"]
    unclear = trade.receivables(remittance("R1", "45200.00", among=numbers))
    assert [finding.code for finding in unclear.body["findings"]] == ["NO_SINGLE_MATCH"]
    clear = trade.receivables(remittance("R2", "45200.00", among=numbers[:2]))
    assert clear.body["on_account"] == 0
    assert trade.document_of("2026-000001").state.open == 0


def test_an_amount_finer_than_the_currency_is_refused(trade: Trade) -> None:
    answer = trade.receivables(remittance("R1", "10.005"))
    assert (answer.status, answer.body["code"]) == (422, "settlement.amount_too_fine")


def test_a_payer_nobody_registered_is_refused(trade: Trade) -> None:
    answer = trade.receivables(remittance("R1", "10.00", partner="retail-b"))
    assert (answer.status, answer.body["code"]) == (404, "not_known")


def test_only_a_credit_memo_of_the_account_resolves_a_deduction(trade: Trade) -> None:
    pay_s1(trade)
    answer = trade.receivables(CreditDeduction(deduction="acme/retail-a/R1/1", credit_memo="2026-000002"))
    assert (answer.status, answer.body["code"]) == (422, "deduction.not_a_memo")


def test_one_remittance_pays_two_thousand_invoices(trade: Trade) -> None:
    many = 2_000
    line = BilledLine(item="tea", quantity="1", unit="CS", unit_price="100.00", tax_rate="0.13")
    command = IssueInvoice(partner="retail-a", issued_on=date(2026, 3, 2), lines=(line,))
    receivables = trade.wired.applications["receivables"]
    for future in [receivables.submit(command, asking()) for _ in range(many)]:
        assert future.result(60).status == 201
    items = [{"reference": f"2026-{n:06d}", "paid": "113.00"} for n in range(1, many + 1)]
    started = time.monotonic()
    answer = trade.receivables(remittance("R1", "226000.00", *items))
    assert time.monotonic() - started < 10
    assert (answer.status, answer.body["on_account"]) == (201, D(0))
    assert len(trade.facts(Invoice.Allocated)) == many
    (allocated,) = trade.facts(Settlement.Allocated)
    assert allocated.cleared == D("226000.00")
    assert trade.wired.settle(120)
    assert trade.stages() == StageAmounts()
