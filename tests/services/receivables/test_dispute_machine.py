"""Disputes at random: whatever is asked in whatever order, the sums of I1 and I2 hold and the credit account follows."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from domain.deduction import Deduction
from domain.dispute.dispute import Dispute
from domain.dispute.life_cycle import ENDED
from domain.invoice import Invoice
from domain.settlement import Settlement
from domain.values import ZERO
from services.invariants import violations_of
from services.receivables.disputes import disputing, judging, resolving
from services.receivables.settling import ReverseSettlement
from tests.conftest import settings_for, started
from tests.services.receivables.test_disputes import agree, ask
from tests.services.receivables.test_settling import FEE, SHORTAGE, pay_s1
from tests.services.receivables.trade import D, Trade

STEPS = 60
ENOUGH = 20


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Trade]:
    with started(settings_for(tmp_path / "data", None)) as wired:
        yield Trade(wired).seed()


def some(chance: random.Random, most: Decimal) -> str:
    """All, a half, a little, seldom a cent too much."""
    half = (most / 2).quantize(D("0.01"))
    return str(chance.choice([most, most, half, half, min(most, D("7.31")), most + D("0.01")]))


def disputes_of(trade: Trade) -> list[Dispute]:
    return [trade.look(Dispute, fact.originator_id) for fact in trade.facts(Dispute.Opened)]


# What is worth asking in each state; a quarter of what is asked is anything.
SENSIBLE: dict[str, tuple[str, ...]] = {
    "OPEN": ("begin", "begin", "judge", "split", "merge", "write off", "void"),
    "IN_PROCESS": ("judge", "judge", "halve", "submit", "submit", "submit", "credit", "concede", "split", "merge", "write off"),
    "SUBMITTED": ("accept", "accept", "reject", "credit", "write off"),
    "ACCEPTED_BY_CUSTOMER": ("repay", "repay", "repay in part", "credit"),
    "REPAID": ("write off", "concede", "credit", "approve"),
    "REJECTED_BY_CUSTOMER": ("escalate", "concede", "write off", "approve"),
    "ESCALATED": ("accept", "write off", "approve", "concede"),
}


def step(trade: Trade, chance: random.Random, n: int) -> str:
    """One command, sensible or not; answers what it was."""
    known = disputes_of(trade)
    live = [one for one in known if one.state.status not in ENDED]
    if len(live) < 3 and chance.random() < 0.7:
        name = chance.choice([SHORTAGE, FEE])
        part = some(chance, trade.look(Deduction, name).state.free)
        return sent(trade, disputing.OpenDispute, f"D{n}", "clara", deductions=[{"deduction": name, "amount": part}])
    if not known:
        return "nothing"
    case = chance.choice(live or known)
    state = case.state
    left, half = state.outstanding, (state.outstanding / 2).quantize(D("0.01"))
    asked = list(state.requests)
    other = chance.choice(known).state.number
    answered = {"document": "m", "accepted_on": "2026-03-02"}
    commands: dict[str, tuple[Any, dict[str, Any]]] = {
        "begin": (disputing.BeginWork, {}), "void": (disputing.VoidDispute, {"reason": "x"}),
        "judge": (judging.GiveVerdict, {
            "stage": "DELIVERY", "reason": "x", "supplier": str(half), "customer": str(state.claimed - half),
        }),
        "halve": (judging.GiveVerdict, {"stage": "DEDUCTION", "reason": "x"}), "submit": (disputing.SubmitDispute, {}),
        "accept": (disputing.RecordAcceptance, {"amount": some(chance, state.requested), **answered}),
        "reject": (disputing.RecordRejection, {"reason": "no", "rejected_on": "2026-03-02"}),
        "escalate": (disputing.EscalateDispute, {"reason": "x"}), "credit": (resolving.CreditDispute, {"reason": "x"}),
        "concede": (resolving.ConcedeDispute, {"reason": "x", "amount": some(chance, half)}),
        "repay": (resolving.RecordRepayment, {"reference": f"P{n}", "paid_on": "2026-03-02"}),
        "repay in part": (resolving.RecordRepayment, {
            "reference": f"P{n}", "paid_on": "2026-03-02", "amount": some(chance, state.accepted - state.repaid),
        }),
        "write off": (resolving.WriteOffDispute, {"reason": "x", "amount": some(chance, half)}),
        "approve": (resolving.ApproveWaiver, {"request": asked[0] if asked else "none"}),
        "split": (disputing.SplitDispute, {
            "into": f"S{n}", "parts": [{"deduction": chance.choice(list(state.claims) or [FEE]), "amount": str(half)}],
        }),
        "merge": (disputing.MergeDispute, {"other": other}),
    }
    names = SENSIBLE.get(state.status.value, tuple(commands)) if chance.random() < 0.75 else tuple(commands)
    command, fields = commands["approve" if asked and chance.random() < 0.3 else chance.choice(names)]
    return sent(trade, command, state.number, chance.choice(["clara", "carla", "bo"]), **fields) + f" was {state.status} {left}"


def sent(trade: Trade, command: Any, number: str, who: str, **fields: Any) -> str:
    answer = ask(trade, command, number, who, **fields)
    assert answer.status in (200, 201, 403, 404, 409, 422), answer.body
    return f"{command.__name__} {number} {fields} -> {answer.status} {answer.body.get('code', '')}"


def bounce(trade: Trade, chance: random.Random) -> str:
    paid = sorted({fact.originator_id for fact in trade.facts(Settlement.Allocated)})
    one = chance.choice(paid)
    answer = trade.receivables(ReverseSettlement(settlement=one, reason="bounced"), actor="carla")
    trade.settle()
    assert answer.status == 200, answer.body
    return f"reverse {one}"


def check(trade: Trade) -> None:
    """I1, I2, and the receivable as an independent sum over the documents."""
    deductions = {name: trade.look(Deduction, name) for name in (SHORTAGE, FEE)}
    disputes = disputes_of(trade)
    invoices = [trade.look(Invoice, fact.originator_id) for fact in trade.issued()]
    for aggregate in (*deductions.values(), *disputes, *invoices):
        assert violations_of(aggregate) == [], aggregate.id
    for name, deduction in deductions.items():
        state = deduction.state
        parts = [sum(one.values(), ZERO) for one in (state.credited, state.repaid, state.written_off)]
        assert state.amount == sum(parts, ZERO) + state.voided + state.outstanding
        claimed = {
            one.id: one.state.claims[name].outstanding
            for one in disputes
            if one.state.status not in ENDED and name in one.state.claims and one.state.claims[name].outstanding
        }
        assert state.disputed == claimed
    owed, unapplied = ZERO, ZERO
    for invoice in invoices:
        state = invoice.state
        applied = state.applied
        sums = applied.cash + applied.discount + applied.write_off + applied.deducted + applied.credit + state.open
        assert state.gross == sums, invoice.id
        assert min(applied.cash, applied.write_off, applied.deducted) >= 0
        if state.gross > 0:
            owed += state.open + applied.deducted
        else:
            unapplied -= state.open
    assert sum(d.state.outstanding for d in deductions.values()) == sum(
        (one.state.applied.deducted for one in invoices), ZERO
    )
    paid = [trade.look(Settlement, fact.originator_id).state for fact in trade.facts(Settlement.RemittanceReceived)]
    on_account = sum((one.proposal.on_account for one in paid if not one.reversed), ZERO)
    stages = trade.stages()
    assert (stages.receivable, stages.unapplied_credits, stages.unapplied_cash) == (owed, unapplied, on_account)
    for one in paid:  # I3
        if not one.reversed:
            placed = sum((part.cash for part in one.proposal.allocations), ZERO)
            assert placed + one.proposal.on_account + one.proposal.gain == one.remittance.amount


@pytest.mark.parametrize("seed", range(4))
def test_the_sums_hold_whatever_is_asked(small: Trade, seed: int) -> None:
    chance = random.Random(seed)
    agree(small, write_off={"band": "3000.00"}, supplier_percent="50")
    pay_s1(small)
    told: list[str] = []
    for n in range(STEPS):
        told.append(bounce(small, chance) if n > STEPS - 8 and chance.random() < 0.4 else step(small, chance, n))
        try:
            check(small)
        except AssertionError as broken:
            raise AssertionError("\n".join(told)) from broken
    assert sum("-> 20" in one for one in told) > ENOUGH, told
