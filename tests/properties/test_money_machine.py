"""Money at random: invoice, pay short, over, in part, twice, for nobody's document, by two payers, dispute, concede, credit,
repay, write off, reverse, restate. After every step I1 to I10 hold over the facts, and every figure equals a model that shares
no rule with the code: plain sums over lists.
"""

from __future__ import annotations

import shutil
import tempfile
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.credit_account import CreditAccount
from domain.deduction import Deduction
from domain.invoice import Invoice
from domain.ledger_check import FOLDS, LedgerCheck
from domain.settlement import Settlement
from services.command import Answer, Command
from services.feed import LocalFeed
from services.orders import agreeing
from services.receivables.allocating import AllocateOnAccount
from services.receivables.correcting import CreditInvoice
from services.receivables.disputes import disputing, judging, resolving
from services.receivables.invoicing import IssueInvoice
from services.receivables.settling import ReverseSettlement
from services.receivables.stated_payment import RecordRemittance
from services.wiring import wire
from tests.conftest import settings_for
from tests.properties.money_model import CENT, Back, Bill, Cash, D, edge_of_tolerance, within_tolerance
from tests.services.receivables.trade import FIRST_DAY, Trade, asking

MEMORY = Path("/dev/shm")  # what is tried here does not depend on a disk
PAYERS = ("retail-a", "retail-b")
CENTS = st.integers(1, 200_00)
NETS = st.one_of(CENTS, st.sampled_from([200_00, 4_000_00]))  # 226.00: 0.5 % are whole cents; 4 520.00: the 10.00 bind


class Money(RuleBasedStateMachine):
    """The service with two payers on one side, the model on the other."""

    def __init__(self) -> None:
        super().__init__()
        self.bills: dict[str, Bill] = {}
        self.backs: dict[str, Back] = {}
        self.cash: dict[str, Cash] = {}
        self.last: RecordRemittance | None = None
        self.checker = LedgerCheck()
        self.reached = self.n = 0

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.exists() else None))
        self.wired = wire(settings_for(self.folder / "data", None))
        self.wired.start()
        self.trade = Trade(self.wired).seed()
        first: dict[str, Any] = {"partner": "retail-b", "first_day": FIRST_DAY}
        for command in (
            agreeing.RegisterPartner(partner="retail-b", name="B", company="acme", currency="CNY", zone="UTC"),
            agreeing.AgreeDeductions(agreement={"tolerance": {"amount": "10.00", "percent": "0.5"}}, **first),
        ):
            assert self.trade.orders(command).status < 300
        self.trade.settle()
        application = self.wired.applications["receivables"]
        self.feed = LocalFeed(application.store, application.form)
        for payer in PAYERS:  # every run begins with something kept back and in part resolved, so that what follows can bounce
            self.bill(payer=payer, cents=4_000_00)
            self.bill(payer=payer, cents=200_00)
        self.pay(choice=0, how="reason", cents=150_00)
        self.pay(choice=1, how="beyond", cents=1)
        for how in ("repay", "write off"):
            self.end_a_dispute(choice=0, cents=40_00, how=how)

    def teardown(self) -> None:
        self.wired.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def do(self, command: Command, actor: str = "clara") -> dict[str, Any]:
        answer: Answer = self.wired.applications["receivables"].handle(command, asking(actor))
        assert answer.status < 300, f"{command!r}: {answer.body}"
        body: dict[str, Any] = answer.body
        return body

    def refused(self, command: Command, status: int) -> None:
        answer = self.wired.applications["receivables"].handle(command, asking("clara"))
        assert answer.status == status, answer.body

    def name(self, letter: str) -> str:
        self.n += 1
        return f"{letter}{self.n}"

    def pick(self, names: list[str], choice: int) -> str:
        return names[choice % len(names)]

    def open_bills(self, payer: str | None = None) -> list[str]:
        return [n for n, b in self.bills.items() if b.open > 0 and payer in (None, b.payer)]

    def left_backs(self) -> list[str]:
        return [name for name, back in self.backs.items() if back.free > 0]

    # --- rules

    @rule(payer=st.sampled_from(PAYERS), cents=NETS)
    def bill(self, payer: str, cents: int) -> None:
        net = D(cents) / 100
        line = {"item": "tea", "quantity": "1", "unit": "CS", "unit_price": str(net), "tax_rate": "0.13"}
        issue = IssueInvoice.model_validate({"partner": payer, "issued_on": "2026-03-02", "lines": [line]})
        number = self.do(issue)["number"]
        self.bills[number] = Bill(payer, net + (net * D("0.13")).quantize(CENT, ROUND_HALF_UP))

    @precondition(lambda self: self.open_bills())
    @rule(
        choice=st.integers(0, 50), cents=CENTS,
        how=st.sampled_from(["whole", "short", "reason", "edge", "beyond", "part", "over", "edge over", "beyond over"]),
    )
    def pay(self, choice: int, how: str, cents: int) -> None:
        """One to three documents of one payer; the first one as ``how`` says, the others whole."""
        first = self.pick(self.open_bills(), choice)
        payer = self.bills[first].payer
        named = [first, *[one for one in self.open_bills(payer) if one != first][: choice % 3]]
        reference, total, items, rest = self.name("R"), D(0), [], D(0)
        payment = f"settlement/acme/{payer}/{reference}"
        for number in named:
            bill = self.bills[number]
            is_open, part = bill.open, min(D(cents) / 100, bill.open)
            paid, item = is_open, {"reference": number}
            kept = given_up = D(0)
            if how.split()[0] in ("edge", "beyond"):
                part = min(edge_of_tolerance(is_open) + (D(0) if "edge" in how else CENT), is_open)
            if number == first and how in ("short", "reason", "edge", "beyond", "part"):
                paid = is_open - part
                if how == "reason" and part:
                    item |= {"gross": str(is_open), "adjustments": [{"amount": str(part), "reason": "06"}]}
                    kept = part
                elif how != "part":
                    given_up, kept = (part, D(0)) if within_tolerance(part, is_open) else (D(0), part)
                item |= {"partial": True} if how == "part" else {}
            elif number == first and how.endswith("over"):
                paid = is_open + part
                rest += D(0) if within_tolerance(paid - is_open, is_open) else paid - is_open
            total += paid
            items.append({**item, "paid": str(paid)})
            use = (payment, min(paid, is_open), given_up, kept, D(0))
            if any(use[1:]):
                bill.uses.append(use)
            if kept:
                of_this = sum(1 for back in self.backs.values() if back.payment == payment)
                self.backs[f"deduction/acme/{payer}/{reference}/{of_this + 1}"] = Back(number, payment, kept)
        self.remit(payer, reference, total, items, rest)

    @rule(payer=st.sampled_from(PAYERS), choice=st.integers(0, 50), cents=CENTS)
    def pay_nobody_s(self, payer: str, choice: int, cents: int) -> None:
        """A number that is unknown, or another payer's document: it stays on account."""
        others = [n for n, b in self.bills.items() if b.payer != payer and b.gross > 0] or ["X-1"]
        amount = D(cents) / 100
        items = [{"reference": self.pick(others, choice), "paid": str(amount)}]
        self.remit(payer, self.name("R"), amount, items, amount)

    def remit(self, payer: str, reference: str, total: Decimal, items: list[dict[str, Any]], rest: Decimal) -> None:
        body = {"company": "acme", "partner": payer, "reference": reference, "paid_on": "2026-03-20", "amount": str(total)}
        self.last = RecordRemittance.model_validate({**body, "items": items})
        self.do(self.last)
        self.cash[f"settlement/acme/{payer}/{reference}"] = Cash(payer, total, rest)

    @precondition(lambda self: self.last is not None)
    @rule()
    def pay_again(self) -> None:
        """The same advice again says nothing, another one under its reference is refused."""
        assert self.last is not None
        self.do(self.last)
        self.refused(self.last.model_copy(update={"amount": self.last.amount + CENT}), 409)

    @precondition(lambda self: any(c.rest and self.open_bills(c.payer) for c in self.cash.values() if not c.void))
    @rule(choice=st.integers(0, 50), cents=CENTS)
    def use_the_rest(self, choice: int, cents: int) -> None:
        ready = [name for name, c in self.cash.items() if c.rest and not c.void and self.open_bills(c.payer)]
        payment = self.pick(ready, choice)
        cash = self.cash[payment]
        number = self.pick(self.open_bills(cash.payer), choice)
        bill = self.bills[number]
        amount = min(D(cents) / 100, cash.rest, bill.open)
        item = {"reference": number, "paid": str(amount), "partial": True, "seen_open": str(bill.open)}
        asked = AllocateOnAccount.model_validate({"settlement": payment, "items": [item]})
        if any(use[0] == payment for use in bill.uses):
            self.refused(asked, 409)  # one payment uses a document once
            return
        self.do(asked)
        bill.uses.append((payment, amount, D(0), D(0), D(0)))
        cash.rest -= amount

    @precondition(lambda self: self.left_backs())
    @rule(choice=st.integers(0, 50), cents=CENTS, how=st.sampled_from(["credit", "concede", "write off", "repay"]))
    def end_a_dispute(self, choice: int, cents: int, how: str) -> None:
        """A part of what was kept back is disputed and resolved."""
        name = self.pick(self.left_backs(), choice)
        back, number = self.backs[name], self.name("D")
        bill = self.bills[back.bill]
        part = min(D(cents) / 100, back.free)
        if how in ("credit", "concede") and bill.credited + part > bill.gross - D("0.05"):
            how = "write off"  # no line has as much left to be credited
        named: dict[str, Any] = {"company": "acme", "partner": bill.payer, "number": number}
        self.do(disputing.OpenDispute.model_validate({**named, "deductions": [{"deduction": name, "amount": str(part)}]}))
        self.do(disputing.BeginWork.model_validate(named))
        whose = {"supplier": str(part)} if how == "credit" else {"customer": str(part)}
        self.do(judging.GiveVerdict.model_validate({**named, "stage": "DELIVERY", "reason": "x", **whose}))
        if how == "repay":
            self.do(disputing.SubmitDispute.model_validate(named))
            accepted = {"amount": str(part), "document": "m", "accepted_on": "2026-03-02"}
            self.do(disputing.RecordAcceptance.model_validate({**named, **accepted}))
            reference = self.name("P")
            self.do(resolving.RecordRepayment.model_validate({**named, "reference": reference, "paid_on": "2026-03-21"}))
            by = f"settlement/acme/{bill.payer}/{reference}"
            self.cash[by] = Cash(bill.payer, part, D(0))
            back.through[by] = f"dispute/acme/{bill.payer}/{number}"
            bill.uses.append((by, part, D(0), -part, D(0)))
        elif how == "write off":
            by = self.given_up(named, resolving.WriteOffDispute, part)["document"]
            bill.uses.append((by, D(0), part, -part, D(0)))
        else:
            if how == "credit":
                done = self.do(resolving.CreditDispute.model_validate({**named, "reason": "x"}))
            else:
                done = self.given_up(named, resolving.ConcedeDispute, part)
            (by,) = done["credit_memos"]
            bill.credited += part
            bill.uses.append((by, D(0), D(0), -part, part))
            self.bills[by.rsplit("/", 1)[1]] = Bill(bill.payer, -part, [(name, D(0), D(0), D(0), -part)])
        back.ends.append((how, by, part))

    def given_up(self, named: dict[str, Any], command: Any, part: Decimal) -> dict[str, Any]:
        """Two persons where the band asks for it."""
        done = self.do(command.model_validate({**named, "amount": str(part), "reason": "x"}))
        if "waiting" in done:
            done = self.do(resolving.ApproveWaiver.model_validate({**named, "request": done["waiting"]}), "carla")
        return done

    @precondition(lambda self: any(c.rest and not c.void for c in self.cash.values()) and self.left_backs())
    @rule(choice=st.integers(0, 50), cents=CENTS)
    def pay_back(self, choice: int, cents: int) -> None:
        """From what is on account, what was kept back earlier."""
        name = self.pick(self.left_backs(), choice)
        back = self.backs[name]
        bill = self.bills[back.bill]
        ready = [p for p, c in self.cash.items() if c.rest and not c.void and c.payer == bill.payer]
        ready = [p for p in ready if all(use[0] != p for use in bill.uses)]
        if not ready:
            return
        payment = self.pick(ready, choice)
        amount = min(D(cents) / 100, back.free, self.cash[payment].rest)
        item = {"reference": name, "kind": "DEDUCTION", "paid": str(amount)}
        self.do(AllocateOnAccount.model_validate({"settlement": payment, "items": [item]}))
        bill.uses.append((payment, amount, D(0), -amount, D(0)))
        back.ends.append(("repay", payment, amount))
        self.cash[payment].rest -= amount

    @precondition(lambda self: any(not c.void for c in self.cash.values()))
    @rule(choice=st.integers(0, 50))
    def reverse(self, choice: int) -> None:
        """The payment bounces; whoever resolved what it had kept back follows S8."""
        repaid = [by for back in self.backs.values() for how, by, _ in back.ends if how == "repay"]
        payment = self.pick([name for name in (*repaid, *self.cash) if not self.cash[name].void], choice)
        self.do(ReverseSettlement(settlement=payment, reason="bounced"), "carla")
        self.do(ReverseSettlement(settlement=payment, reason="bounced"), "carla")  # again: nothing new
        for back in self.backs.values():
            if back.payment == payment:
                for how, by, amount in back.ends:
                    self.bills[back.bill].without(by)
                    if how == "repay" and not self.cash[by].void:
                        self.cash[by].rest += amount
                    elif how in ("credit", "concede"):
                        self.bills[by.rsplit("/", 1)[1]].uses = []
                back.void, back.claims = True, {}
            for _, by, amount in back.ends:
                if by == payment and by in back.through and not back.void:
                    back.claims[back.through[by]] = amount
            back.ends = [end for end in back.ends if end[1] != payment]
        for bill in self.bills.values():
            bill.without(payment)
        self.cash[payment].rest, self.cash[payment].void = D(0), True

    @precondition(lambda self: any(b.gross > 0 and not b.uses for b in self.bills.values()))
    @rule(choice=st.integers(0, 50))
    def restate(self, choice: int) -> None:
        """An invoice nothing was done to turns out to be too high: a memo over half of it, used with its payment."""
        number = self.pick([n for n, b in self.bills.items() if b.gross > 0 and not b.uses], choice)
        bill = self.bills[number]
        net = (bill.gross / D("1.13") / 2).quantize(CENT)
        if net < D("0.10") or bill.credited or any(b.gross < 0 and b.open for b in self.bills.values()):
            return
        credit = {"company": "acme", "number": number, "issued_on": "2026-03-05", "reason": "x"}
        done = self.do(CreditInvoice.model_validate({**credit, "lines": [{"line": "1", "net": str(net)}]}))
        memo, off = done["number"], net + (net * D("0.13")).quantize(CENT, ROUND_HALF_UP)
        reference = self.name("R")
        payment = f"settlement/acme/{bill.payer}/{reference}"
        items = [
            {"reference": number, "paid": str(bill.gross)}, {"reference": memo, "kind": "CREDIT_MEMO", "paid": str(-off)},
        ]  # fmt: skip
        paid = bill.gross - off
        bill.credited += off
        bill.uses.append((payment, paid, D(0), D(0), off))
        self.bills[memo] = Bill(bill.payer, -off, [(payment, D(0), D(0), D(0), -off)])
        self.remit(bill.payer, reference, paid, items, D(0))

    # --- what must be

    @invariant()
    def the_ledger_holds(self) -> None:
        events, self.reached = self.feed.read(self.reached, 10_000, list(FOLDS))
        found = [violation for recorded in events for violation in self.checker.take(recorded)]
        assert found + self.checker.finish() == []

    @invariant()
    def every_document_is_as_the_model_says(self) -> None:
        look = self.wired.applications["receivables"].look
        for number, bill in self.bills.items():
            invoice: Any = look(Invoice, f"invoice/acme/{number}")
            assert (invoice.state.open, invoice.state.applied.deducted) == (bill.open, bill.kept_back), number
        for name, back in self.backs.items():
            deduction: Any = look(Deduction, name)
            assert (deduction.state.outstanding, deduction.state.disputed) == (back.left, back.claims), name
            assert sum(deduction.state.written_off.values(), D(0)) == back.written_off, name
        for name, cash in self.cash.items():
            settlement: Any = look(Settlement, name)
            on_account = D(0) if settlement.state.reversed else settlement.state.done.on_account
            assert (settlement.state.reversed, on_account) == (cash.void, cash.rest), name

    @invariant()
    def the_credit_account_follows(self) -> None:
        self.trade.settle()
        look = self.wired.applications["receivables"].look
        for payer in PAYERS:
            mine = [bill for bill in self.bills.values() if bill.payer == payer]
            account: Any = look(CreditAccount, f"credit/{payer}")
            stages = account.state.totals
            assert (stages.receivable, stages.unapplied_credits, stages.unapplied_cash) == (
                sum((b.open + b.kept_back for b in mine if b.gross > 0), D(0)),
                -sum((b.open for b in mine if b.gross < 0), D(0)),
                sum((c.rest for c in self.cash.values() if c.payer == payer), D(0)),
            ), payer


# A failing run is printed and not shrunk: each try is a service of its own, and shrinking takes a quarter of an hour.
COMMON: dict[str, Any] = {
    "deadline": None, "suppress_health_check": list(HealthCheck), "print_blob": True, "phases": [Phase.generate, Phase.reuse],
}

TestMoney = Money.TestCase
TestMoney.settings = settings(max_examples=12, stateful_step_count=30, derandomize=True, **COMMON)


class Longer(Money):
    """The same for ``make soak``."""


TestLongerMoney = pytest.mark.soak(Longer.TestCase)
Longer.TestCase.settings = settings(max_examples=1_000, stateful_step_count=60, **COMMON)
