"""Any trade at all: aging equals the aggregates' own states, and what was known at a position is what was shown then."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import given as whatever
from hypothesis import strategies as st
from sqlalchemy import Engine

from domain.aggregate import deciding_at
from domain.aging import AgingBy, Buckets, aged
from domain.deduction import Deduction
from domain.invoice import CreditedLine, Invoice
from domain.payment_terms import Baseline, DueRule, Instalment, PaymentTerms, RuleKind
from domain.refusal import Refused
from domain.remittance import Adjustment, Remittance, RemittanceItem, RemittanceItemKind
from domain.deduction_postings import credit_deduction
from domain.settlement import Settlement, apply_remittance, reverse_settlement
from domain.values import ZERO
from projections import receivable_items
from projections.projector import Projector
from projections.receivable_aging import AgingSearch, ItemFilter, Moment, agings, items, standings
from tests.projections.chronicle import Chronicle, Folder
from tests.projections.story import bill

FIRST = date(2026, 1, 1)
FAR = date(2030, 1, 1)
SHOWN = (*(FIRST + timedelta(days=days) for days in (-1, 20, 45, 90, 150)), FAR)
LOGS = ("receivables",)
NET_30 = DueRule(RuleKind.NET_DAYS, days=30)
TERMS = (
    None,
    PaymentTerms(NET_30),
    PaymentTerms(NET_30, Baseline.STATEMENT_AGREED_DATE),
    PaymentTerms(NET_30, instalments=tuple(Instalment(D(1), DueRule(RuleKind.NET_DAYS, days=n)) for n in (10, 40, 70))),
    PaymentTerms(
        NET_30, Baseline.STATEMENT_AGREED_DATE,
        instalments=tuple(Instalment(D(1), DueRule(RuleKind.NET_DAYS, days=n)) for n in (5, 50)),
    ),
)  # fmt: skip


@dataclass
class Line:
    """A line of the test's own journal."""

    invoice: str
    currency: str
    document: str
    on: date
    amount: D
    contested: D = ZERO
    alive: bool = True


@dataclass
class Trade:
    """Invoices, payments, deductions and memos as the aggregates have them; what was refused leaves no trace."""

    chronicle: Chronicle = field(default_factory=Chronicle)
    invoices: list[Invoice] = field(default_factory=list)
    memos: dict[str, Invoice] = field(default_factory=dict)
    settlements: list[Settlement] = field(default_factory=list)
    deductions: dict[str, Deduction] = field(default_factory=dict)
    journal: list[Line] = field(default_factory=list)

    def do(self, what: str, a: int, b: int, day: date) -> None:
        try:
            with deciding_at(self.chronicle.now):
                touched = getattr(self, what)(a, b, day) if self.invoices or what == "issue" else []
        except Refused:
            touched = []
        for aggregate in touched:
            self.chronicle.record("receivables", aggregate)
        self.chronicle.now += timedelta(minutes=1)
        for invoice in self.invoices:
            self._write_up(invoice, what, day)

    def _write_up(self, invoice: Invoice, what: str, day: date) -> None:
        """What happened to an invoice, by plain bookkeeping: from which documents it was used before and is used now."""
        state = invoice.state
        mine = [line for line in self.journal if line.invoice == invoice.id]
        if not mine:
            self.journal.append(Line(invoice.id, state.currency, "", state.issued_on, state.gross))
        if state.voided and not any(line.document == "void" for line in mine):
            self.journal += [replace(line, document="void", amount=-line.amount, contested=-line.contested) for line in mine]
        held = {line.document: line for line in mine if line.document.startswith(("settlement/", "invoice/")) and line.alive}
        for document, applied in state.allocations.items():
            if document not in held:
                memo = self.memos.get(document)
                raised = [line.on for line in mine if line.contested > 0]
                on = max(state.issued_on, *([memo.state.issued_on, *raised] if memo else [day]))
                left = applied.deducted - applied.total
                self.journal.append(Line(invoice.id, state.currency, document, on, left, applied.deducted))
        for document, line in held.items():
            if document not in state.allocations:
                line.alive = False
                on = max(day, line.on, self._paid_on(line.document))
                back = replace(line, document="back", on=on, amount=-line.amount, contested=-line.contested)
                self.journal.append(back)

    def _paid_on(self, document: str) -> date:
        return next((one.state.remittance.paid_on for one in self.settlements if one.id == document), FIRST)

    def gross(self, as_of: date) -> dict[str, tuple[D, D]]:
        """By currency: receivable and contested as of a day, from the journal."""
        made: dict[str, tuple[D, D]] = {}
        for line in self.journal:
            if line.on <= as_of:
                held = made.get(line.currency, (ZERO, ZERO))
                made[line.currency] = (held[0] + line.amount, held[1] + line.contested)
        return {currency: amounts for currency, amounts in made.items() if any(amounts)}

    def _invoice(self, a: int) -> Invoice:
        return self.invoices[a % len(self.invoices)]

    def issue(self, a: int, b: int, day: date) -> list[Any]:
        made = Invoice.issue(
            company="acme", number=f"2026-{len(self.invoices)}", partner="retailer", account="retailer",
            currency="USD" if a % 4 else "CNY", issued_on=day, lines=[bill("1", "1", 1 + b % 90, "1")],
            terms=TERMS[a % len(TERMS)],
        )  # fmt: skip
        self.invoices.append(made)
        return [made]

    def pay(self, a: int, b: int, day: date) -> list[Any]:
        """Pays a part of an invoice, deducts a part, pays too much or nothing at all, uses a memo that is open."""
        invoice = self._invoice(a)
        state = invoice.state
        reason = (Adjustment(D(1 + b % 7), "06"),) if b % 3 == 0 else ()
        item = RemittanceItem(state.number, RemittanceItemKind.INVOICE, None, D(b % 40), adjustments=reason, partial=b % 2 == 0)
        usable = [memo for memo in self.memos.values() if memo.state.open < 0 and memo.state.currency == state.currency]
        items = [item, *(RemittanceItem(m.state.number, RemittanceItemKind.CREDIT_MEMO, None, m.state.open) for m in usable[:1])]
        amount = max(sum((one.paid for one in items), ZERO), ZERO) + D(b % 5)
        number = f"P-{len(self.settlements)}"
        paid = Remittance("acme", "retailer", "retailer", number, day, state.currency, amount, tuple(items))
        settlement = Settlement.receive(paid)
        taken = apply_remittance(settlement, [invoice, *usable[:1]])
        self.settlements.append(settlement)
        self.deductions |= {deduction.id: deduction for deduction in taken}
        return [invoice, *usable[:1], *taken, settlement]  # as the writer records them: the payment last

    def reverse(self, a: int, b: int, day: date) -> list[Any]:
        if not self.settlements:
            return []
        settlement = self.settlements[a % len(self.settlements)]
        documents = {one.id: one for one in self.invoices} | self.memos
        on = max(day, settlement.state.remittance.paid_on)
        reverse_settlement(settlement, documents, self.deductions, "bounced", on=on)
        return [settlement, *documents.values(), *self.deductions.values()]

    def credit(self, a: int, b: int, day: date) -> list[Any]:
        invoice = self._invoice(a)
        memo = invoice.credit(f"CM-{len(self.memos)}", [CreditedLine("1", D(1 + b % 20))], day, "agreed")
        self.memos[memo.id] = memo
        return [memo, invoice]

    def resolve(self, a: int, b: int, day: date) -> list[Any]:
        """A deduction is settled by a memo over a part of it, of a day that may lie before it."""
        waiting = [one for one in self.deductions.values() if one.state.outstanding > 0 and one.state.invoice]
        if not waiting:
            return []
        deduction = waiting[a % len(waiting)]
        bearer = next(one for one in self.invoices if one.id == deduction.state.invoice)
        amount = min(D(1 + b % 5), deduction.state.outstanding)
        memo = bearer.credit(f"CM-{len(self.memos)}", [CreditedLine("1", amount)], day, "agreed")
        self.memos[memo.id] = memo
        credit_deduction(deduction, memo, [bearer])
        return [memo, deduction, bearer]

    def void(self, a: int, b: int, day: date) -> list[Any]:
        unused = [one for one in self.invoices if not one.state.allocations and not one.state.credited]
        chosen = max(unused or self.invoices, key=lambda one: len([line for line in self.journal if line.invoice == one.id]))
        chosen.void("never was")
        return [chosen]

    def agree(self, a: int, b: int, day: date) -> list[Any]:
        waiting = [one for one in self.invoices if one.state.terms in (TERMS[2], TERMS[4]) and one.state.due_on is None]
        chosen = waiting[a % len(waiting)] if waiting else self._invoice(a)
        chosen.baseline_known(Baseline.STATEMENT_AGREED_DATE, max(day, chosen.state.issued_on))
        return [chosen]

    def owed(self) -> dict[str, tuple[D, D, D, D]]:
        """By currency: receivable, contested, cash and credits, from the states alone."""
        made: dict[str, tuple[D, D, D, D]] = {}

        def add(currency: str, *amounts: D) -> None:
            held = made.get(currency, (ZERO,) * 4)
            made[currency] = tuple(x + y for x, y in zip(held, amounts, strict=True))  # type: ignore[assignment]

        for one in self.invoices:
            deducted = one.state.applied.deducted
            add(one.state.currency, one.state.open + deducted, deducted, ZERO, ZERO)
        for memo in self.memos.values():
            add(memo.state.currency, ZERO, ZERO, ZERO, memo.state.open)
        for settlement in self.settlements:
            done = settlement.state.proposal
            on_account = done.on_account if done and not settlement.state.reversed else ZERO
            add(settlement.state.remittance.currency, ZERO, ZERO, -on_account, ZERO)
        return {currency: amounts for currency, amounts in made.items() if any(amounts)}


Answers = list[Any]
BUCKETS = (Buckets(), Buckets(AgingBy.INVOICE, (10, 45)))


def shown(engine: Engine, known_at: int) -> Answers:
    """Every aging there is to see, and that the rule over single items says the same."""
    found: Answers = []
    with engine.connect() as connection:
        for as_of in SHOWN:
            for buckets in BUCKETS:
                moment = Moment(as_of, known_at)
                ours = agings(connection, AgingSearch(), moment, buckets).get((), {})
                every = standings(connection, AgingSearch(), moment)
                assert ours == {c: one for c, one in aged(every, buckets, as_of).items() if not one.is_nothing}
                for currency, one in ours.items():
                    mine = [each for each in every if each.currency == currency and each.kind != "DEDUCTION"]
                    assert one.gross == sum((each.amount for each in mine if each.kind == "RECEIVABLE"), ZERO)
                    assert one.net == sum((each.amount for each in mine), ZERO)
                found.append(ours)
    return found


def check_days(engine: Engine, trade: Trade, known_at: int) -> None:
    """As of any day what the journal says; in the end every invoice with one due day lies under it alone."""
    with engine.connect() as connection:
        for as_of in SHOWN:
            found = agings(connection, AgingSearch(), Moment(as_of, known_at), Buckets()).get((), {})
            ours = {c: (one.gross, one.disputed) for c, one in found.items()}
            assert {c: amounts for c, amounts in ours.items() if any(amounts)} == trade.gross(as_of), as_of
        rows = items(connection, AgingSearch(), Moment(FAR, known_at), Buckets(), ItemFilter(), 1_000, None).rows
    for invoice in trade.invoices:
        state = invoice.state
        mine = [(row["due_on"], row["amount"], row["disputed"]) for row in rows if row["item_id"] == invoice.id]
        outstanding, deducted = state.open + state.applied.deducted, state.applied.deducted
        assert (sum((m[1] for m in mine), ZERO), sum((m[2] for m in mine), ZERO)) == (outstanding, deducted)
        assert all(amount >= disputed >= 0 for _, amount, disputed in mine)
        if state.terms is None or not state.terms.instalments:
            assert {due for due, _, _ in mine} <= {state.due_on}


KINDS = ("issue", "issue", "pay", "pay", "pay", "pay", "reverse", "reverse", "credit", "resolve", "resolve", "void", "agree")
STEPS = 18


@settings(max_examples=8, deadline=None, phases=(Phase.generate,), suppress_health_check=[HealthCheck.function_scoped_fixture])
@whatever(st.integers(0, 10**9))
def test_known_then_is_what_was_shown_then_and_sums_are_what_is_owed(folder: Folder, seed: int) -> None:
    dice = random.Random(seed)
    trade = Trade()
    engine = folder.engine(receivable_items.VIEW)
    seen: list[tuple[int, Answers]] = []
    for step in range(STEPS):
        day = FIRST + timedelta(days=dice.randrange(120))
        trade.do("issue" if step < 3 else dice.choice(KINDS), dice.randrange(60), dice.randrange(400), day)
        feeds = trade.chronicle.feeds(LOGS)
        Projector(receivable_items.VIEW, feeds, engine).catch_up()
        known_at = feeds["receivables"].end
        seen.append((known_at, shown(engine, known_at)))
        with engine.connect() as connection:
            totals = agings(connection, AgingSearch(), Moment(FAR, known_at), Buckets()).get((), {})
        assert {
            c: (one.gross, one.disputed, one.unapplied_cash, one.unapplied_credits) for c, one in totals.items()
        } == trade.owed()
        check_days(engine, trade, known_at)
    for known_at, answers in seen:
        assert shown(engine, known_at) == answers
