"""S2 and S8 of definitions.md 4.7 through the service: what a dispute posts, and what a reversal takes back."""

from __future__ import annotations

from datetime import date
from typing import Any

from domain.credit import StageAmounts
from domain.deduction import Deduction
from domain.dispute.clocks import Clock, Deadlines
from domain.dispute.dispute import Dispute
from domain.invoice_facts import Applied
from domain.settlement import Settlement
from services.command import Answer
from services.days import BeginDay
from services.orders import agreeing
from services.receivables.disputes import disputing, judging, resolving
from services.receivables.settling import CreditDeduction, ReverseSettlement
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
    assert [trade.document_of(number).state.applied for number in numbers] == [Applied()] * 5
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


def days_begin(trade: Trade, *days: str) -> None:
    for day in days:
        answer = trade.receivables(BeginDay(zone=trade.zone, date=date.fromisoformat(day)))
        assert answer.status == 200
        trade.settle()


def agree(trade: Trade, **disputes: Any) -> None:
    agreement = {"tolerance": {"amount": "10.00", "percent": "0.5"}, "disputes": disputes}
    answer = trade.orders(agreeing.AgreeDeductions(partner="retail-a", agreement=agreement, first_day=date(2020, 1, 1)))
    assert answer.status == 200, answer.text
    trade.settle()


def test_clocks_run_by_the_days_that_begin(trade: Trade) -> None:
    """Deducted on 20 March, taken up on Monday 2 March (two business days: 4 March), a window of 30 days: 4, 10 and 19 April."""
    agree(trade, window_days=90, by_reason={"SHORTAGE": {"window_days": 30}})
    pay_s1(trade)
    opened(trade, "D1", SHORTAGE)
    opened(trade, "D2", FEE)
    assert dispute(trade, "D1").state.dates == Deadlines(
        date(2026, 3, 4), date(2026, 4, 4), date(2026, 4, 10), date(2026, 4, 19)
    )
    assert dispute(trade, "D2").state.dates.last_day == date(2026, 6, 18)
    days_begin(trade, "2026-03-04")
    assert dispute(trade, "D1").state.passed == ()
    days_begin(trade, "2026-03-05")
    assert dispute(trade, "D1").state.passed == (Clock.ACKNOWLEDGE,)
    done(trade, disputing.BeginWork, "D2")
    days_begin(trade, "2026-04-05", "2026-04-10", "2026-04-19")
    assert dispute(trade, "D1").state.passed == (Clock.ACKNOWLEDGE, Clock.EVIDENCE, Clock.ESCALATE)
    assert (dispute(trade, "D1").state.status, dispute(trade, "D2").state.passed) == ("OPEN", (Clock.ACKNOWLEDGE,))
    position = trade.position()
    days_begin(trade, "2026-04-20")
    assert dispute(trade, "D1").state.status == "EXPIRED"
    days_begin(trade, "2026-04-21")
    passed = [type(fact).__name__ for fact in trade.facts(Dispute.ClockPassed, Dispute.Expired)]
    assert passed == ["ClockPassed"] * 4 + ["Expired"]
    assert trade.position() > position
    refused = ask(trade, disputing.SubmitDispute, "D1")
    assert (refused.status, refused.body["code"]) == (409, "dispute.step_not_possible")


def test_a_day_in_another_zone_moves_no_clock(trade: Trade) -> None:
    pay_s1(trade)
    opened(trade, "D1", SHORTAGE)
    trade.receivables(BeginDay(zone="Europe/Paris", date=date(2026, 12, 1)))
    trade.settle()
    assert dispute(trade, "D1").state.passed == ()


def test_small_write_offs_that_make_a_large_one_need_a_second_person(trade: Trade) -> None:
    agree(trade, write_off={"band": "1000.00", "days": 30})
    pay_s1(trade)
    opened(trade, "D1", SHORTAGE)
    opened(trade, "D2", FEE)
    first = done(trade, resolving.WriteOffDispute, "D1", amount="600.00", reason="old")
    assert (first["written_off"], "waiting" in first) == (D("600.00"), False)
    second = done(trade, resolving.WriteOffDispute, "D2", amount="400.01", reason="old")
    assert (second["written_off"], second["split"]) == (D(0), True)
    assert second["together_with"] == (first["document"],)
    by_another = done(trade, resolving.WriteOffDispute, "D2", "bo", amount="400.01", reason="old")
    assert by_another["split"] is True  # the same payment
    assert done(trade, resolving.WriteOffDispute, "D2", amount="400.00", reason="old")["written_off"] == D("400.00")
    (fact,) = [one for one in trade.facts(Dispute.WaiverRequested) if one.by == "clara"]
    assert (fact.amount, fact.counted, fact.band) == (D("400.01"), D("600.00"), D("1000.00"))
    assert trade.stages() == StageAmounts(receivable=D("11260.00"))
    declined = ask(trade, resolving.ApproveWaiver, "D2", "clara", request=fact.request)
    assert (declined.status, declined.body["code"]) == (403, "dispute.requester_cannot_approve")
    done(trade, resolving.ApproveWaiver, "D2", "carla", request=fact.request)
    assert dispute(trade, "D2").state.written_off == D("800.01")


def test_a_concession_beyond_the_verdict_takes_two_persons_and_within_it_one(trade: Trade) -> None:
    pay_s1(trade)
    opened(trade, "D1", SHORTAGE)
    submitted(trade, "D1", supplier="1356.00", customer="904.00")
    within = done(trade, resolving.ConcedeDispute, "D1", amount="1356.00", reason="ours")
    assert (within["credited"], within["outstanding"]) == (D("1356.00"), D("904.00"))
    waiting = done(trade, resolving.ConcedeDispute, "D1", reason="goodwill")["waiting"]
    conceded = done(trade, resolving.ApproveWaiver, "D1", "carla", request=waiting)
    assert (conceded["status"], conceded["credited"]) == ("CLOSED", D("2260.00"))
    last = trade.facts(Dispute.Credited)[-1]
    assert (last.given_up, last.by, last.approver) == (D("904.00"), "clara", "carla")
    assert trade.document_of("2026-000001").state.applied.credit == D("5650.00") + D("2260.00")
    assert trade.stages() == StageAmounts(receivable=D("10000.00"))


def test_disputes_are_split_and_merged_and_the_deductions_follow(trade: Trade) -> None:
    pay_s1(trade)
    opened(trade, "D1", SHORTAGE, FEE)
    taken = ask(trade, disputing.OpenDispute, "D9", deductions=[{"deduction": FEE, "amount": "0.01"}])
    assert (taken.status, taken.body["code"]) == (422, "deduction.disputed_more")
    parts = [{"deduction": FEE, "amount": "10000.00"}, {"deduction": SHORTAGE, "amount": "260.00"}]
    done(trade, disputing.SplitDispute, "D1", into="D2", parts=parts)
    again = done(trade, disputing.SplitDispute, "D1", into="D2", parts=parts)
    assert again["claimed"] == D("2000.00")
    one, two = (Dispute.stream("acme", "retail-a", number) for number in ("D1", "D2"))
    assert trade.look(Deduction, SHORTAGE).state.disputed == {one: D("2000.00"), two: D("260.00")}
    assert trade.look(Deduction, FEE).state.disputed == {two: D("10000.00")}
    done(trade, disputing.MergeDispute, "D2", other="D1")
    assert trade.look(Deduction, SHORTAGE).state.disputed == {two: D("2260.00")}
    assert (dispute(trade, "D1").state.status, dispute(trade, "D2").state.claimed) == ("VOIDED", D("12260.00"))
    done(trade, disputing.VoidDispute, "D2", reason="opened in error")
    assert trade.look(Deduction, SHORTAGE).state.free == D("2260.00")
    opened(trade, "D3", SHORTAGE)


def test_a_deduction_in_dispute_is_not_credited_beside_it(trade: Trade) -> None:
    pay_s1(trade)
    opened(trade, "D1", SHORTAGE)
    memo = trade.credit("2026-000001", "1200.00")
    refused = trade.receivables(CreditDeduction(deduction="acme/retail-a/R1/1", credit_memo=memo))
    assert (refused.status, refused.body["code"]) == (409, "deduction.in_dispute")
    assert trade.look(Deduction, SHORTAGE).state.outstanding == D("2260.00")


def test_a_fine_is_computed_anew_under_the_policy_as_agreed(trade: Trade) -> None:
    """S6 (a) and (b): the claim is 2,260.00 here, the fine 2,232.00 at most; (b) 1,897.20 is due."""
    policy = {"preset": "WMT-FOOD-IF"}  # goal 95 %, 3 % of the cost of all that failed
    command = agreeing.AgreeFillRatePolicy(partner="retail-a", policy_id="IF", policy=policy, first_day=date(2020, 1, 1))
    assert trade.orders(command).status == 200
    pay_s1(trade)
    opened(trade, "D1", SHORTAGE, reason="LATE_FINE")
    counted = {"ordered": "10000", "received": "9400", "unit_cost": "124", "policy": "IF"}
    assert done(trade, judging.RecomputeFine, "D1", **counted)["due"] == D("2232.00")
    met = done(trade, judging.RecomputeFine, "D1", proven="150", **counted)
    assert (met["rate"], met["due"], met["not_due"]) == ("191/200", D(0), D("2260.00"))
    below = done(trade, judging.RecomputeFine, "D1", proven="90", **counted)
    assert (below["rate"], below["due"], below["not_due"]) == ("949/1000", D("1897.20"), D("362.80"))
    unknown = ask(trade, judging.RecomputeFine, "D1", **{**counted, "policy": "OT"})
    assert (unknown.status, unknown.body["code"]) == (404, "dispute.fine_rule_unknown")


def test_a_memo_is_exact_in_gross_whatever_the_rates(trade: Trade) -> None:
    """0.04 at 13 % has no net with that gross by rounding alone: the tax is what the net leaves of it."""
    pay_s1(trade)
    opened(trade, "D1", SHORTAGE)
    submitted(trade, "D1", supplier="0.04", customer="2259.96")
    done(trade, resolving.CreditDispute, "D1", reason="a cent or four")
    memo = trade.issued()[-1]
    assert (memo.net, memo.tax, memo.gross) == (D("-0.04"), D("0.00"), D("-0.04"))
