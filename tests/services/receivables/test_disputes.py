"""S2 and S8 of definitions.md 4.7 through the service: what a dispute posts, and what a reversal takes back."""

from __future__ import annotations

from typing import Any

from domain.credit import StageAmounts
from domain.deduction import Deduction
from domain.dispute.dispute import Dispute
from domain.invoice_facts import Applied
from domain.settlement import Settlement
from services.command import Answer
from services.receivables.disputes import disputing, judging, resolving
from services.receivables.settling import ReverseSettlement
from tests.services.receivables.test_settling import FEE, SHORTAGE, pay_s1
from tests.services.receivables.trade import D, Trade

NAMED = {"company": "acme", "partner": "retail-a"}


def ask(trade: Trade, command: Any, number: str, actor: str = "clara", **fields: Any) -> Answer:
    answer = trade.receivables(command.model_validate({**NAMED, "number": number, **fields}), actor=actor)
    trade.settle()
    return answer


def done(trade: Trade, command: Any, number: str, actor: str = "clara", **fields: Any) -> dict[str, Any]:
    answer = ask(trade, command, number, actor, **fields)
    assert answer.status < 300, answer.body
    body: dict[str, Any] = answer.body
    return body


def opened(trade: Trade, number: str, *deductions: str, **fields: Any) -> dict[str, Any]:
    return done(trade, disputing.OpenDispute, number, deductions=[{"deduction": one} for one in deductions], **fields)


def dispute(trade: Trade, number: str) -> Dispute:
    return trade.look(Dispute, Dispute.stream("acme", "retail-a", number))  # type: ignore[no-any-return]


def submitted(trade: Trade, number: str, **verdict: Any) -> None:
    done(trade, disputing.BeginWork, number)
    done(trade, judging.GiveVerdict, number, stage="DELIVERY", reason="signed proof of delivery", **verdict)
    done(trade, disputing.SubmitDispute, number)


def accepted(trade: Trade, number: str, amount: str) -> None:
    done(
        trade, disputing.RecordAcceptance, number, amount=amount, document="mail 7", accepted_on="2026-03-02"
    )


def s2(trade: Trade) -> None:
    """The shortage: 8 of 20 cases were signed for; the fee: not agreed."""
    pay_s1(trade)
    opened(trade, "D1", SHORTAGE)
    opened(trade, "D2", FEE)
    submitted(trade, "D1", supplier="1356.00", customer="904.00", verdict="PARTIALLY_VALID", fault="BOTH")
    submitted(trade, "D2", customer="10000.00", verdict="INVALID", fault="CUSTOMER")
    done(trade, resolving.CreditDispute, "D1", reason="12 cases short")
    accepted(trade, "D1", "904.00")
    done(trade, resolving.RecordRepayment, "D1", reference="R2", paid_on="2026-03-02")
    accepted(trade, "D2", "6000.00")
    done(trade, resolving.RecordRepayment, "D2", reference="R3", paid_on="2026-03-02")
    waiting = done(trade, resolving.WriteOffDispute, "D2", amount="4000.00", reason="not worth a court")["waiting"]
    assert dispute(trade, "D2").state.outstanding == D("4000.00")
    done(trade, resolving.ApproveWaiver, "D2", "carla", request=waiting)


def test_s2_a_claim_is_credited_repaid_and_written_off_exactly(trade: Trade) -> None:
    s2(trade)
    shortage, fee = dispute(trade, "D1").state, dispute(trade, "D2").state
    assert (shortage.status, shortage.claimed, shortage.credited, shortage.repaid, shortage.written_off) == (
        "CLOSED", D("2260.00"), D("1356.00"), D("904.00"), D(0),
    )
    assert (fee.status, fee.claimed, fee.credited, fee.repaid, fee.written_off) == (
        "CLOSED", D("10000.00"), D(0), D("6000.00"), D("4000.00"),
    )
    memo = trade.issued()[-1]
    assert (memo.kind, memo.net, memo.tax, memo.gross) == ("CREDIT_MEMO", D("-1200.00"), D("-156.00"), D("-1356.00"))
    assert trade.look(Deduction, SHORTAGE).state.outstanding == trade.look(Deduction, FEE).state.outstanding == 0
    invoice = trade.document_of("2026-000001").state
    assert invoice.applied == Applied(
        cash=D("95090.00") + D("904.00") + D("6000.00"), credit=D("5650.00") + D("1356.00"), write_off=D("4000.00")
    )
    assert invoice.open == 0
    assert trade.stages() == StageAmounts()


def test_s8_the_first_payment_bounces_and_everything_since_follows(trade: Trade) -> None:
    """The memo is an unapplied credit, repayments are on account, the write-off is none any more, the claims are gone."""
    s2(trade)
    answer = trade.receivables(ReverseSettlement(settlement="acme/retail-a/R1", reason="bounced"), actor="carla")
    trade.settle()
    assert answer.status == 200, answer.text
    numbers = ("2026-000001", "2026-000002", "2026-000003", "CM-2026-000001", "CM-2026-000002")
    assert [trade.document_of(number).state.open for number in numbers] == [
        D("113000.00"), D("56500.00"), D("22600.00"), D("-5650.00"), D("-1356.00"),
    ]
    repaid = {ref: trade.look(Settlement, f"settlement/acme/retail-a/{ref}").state.proposal for ref in ("R2", "R3")}
    assert {ref: (done.on_account, done.allocations) for ref, done in repaid.items()} == {
        "R2": (D("904.00"), ()), "R3": (D("6000.00"), ()),
    }
    assert trade.stages() == StageAmounts(
        receivable=D("192100.00"), unapplied_credits=D("7006.00"), unapplied_cash=D("6904.00")
    )
    shortage, fee = dispute(trade, "D1").state, dispute(trade, "D2").state
    assert (shortage.status, shortage.claimed, shortage.credited, shortage.outstanding) == (
        "CLOSED", D("1356.00"), D("1356.00"), D(0),
    )
    assert (fee.status, fee.claimed, fee.has_postings) == ("CLOSED", D(0), False)
    assert trade.look(Deduction, FEE).state.voided == D("10000.00")
    again = trade.receivables(ReverseSettlement(settlement="acme/retail-a/R3", reason="bounced too"), actor="carla")
    trade.settle()
    assert again.status == 200, again.text
    assert trade.stages() == StageAmounts(
        receivable=D("192100.00"), unapplied_credits=D("7006.00"), unapplied_cash=D("904.00")
    )


def test_a_repayment_that_bounces_opens_the_dispute_again(trade: Trade) -> None:
    s2(trade)
    before = trade.document_of("2026-000001").state.applied
    answer = trade.receivables(ReverseSettlement(settlement="acme/retail-a/R3", reason="no cover"), actor="carla")
    trade.settle()
    assert answer.status == 200, answer.text
    fee = dispute(trade, "D2").state
    assert (fee.status, fee.repaid, fee.written_off, fee.outstanding) == ("OPEN", D(0), D("4000.00"), D("6000.00"))
    assert dispute(trade, "D1").state.status == "CLOSED"
    deduction = trade.look(Deduction, FEE).state
    assert (deduction.outstanding, deduction.disputed) == (D("6000.00"), {"dispute/acme/retail-a/D2": D("6000.00")})
    applied = trade.document_of("2026-000001").state.applied
    assert (before.cash - applied.cash, applied.deducted) == (D("6000.00"), D("6000.00"))
    assert trade.stages() == StageAmounts(receivable=D("6000.00"))
    done(trade, disputing.BeginWork, "D2")
    done(trade, disputing.SubmitDispute, "D2")
    accepted(trade, "D2", "6000.00")
    done(trade, resolving.RecordRepayment, "D2", reference="R4", paid_on="2026-03-02")
    assert dispute(trade, "D2").state.status == "CLOSED"
    assert trade.stages() == StageAmounts()
