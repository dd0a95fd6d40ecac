"""I1 to I10 of definitions.md 4.1, checked fact by fact over the receivables log, at the end of every command.

A command's facts stand together: within it the settlement has said what it pays before the invoice says so. The checker
counts everything again from the facts and compares what different aggregates say of the same money.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from domain.ledger_records import Books, BooksInMemory, Claimed, Document, Kept, Paid, Part, Totals
from domain.values import ZERO, minor_unit, round_money


class Invariant(StrEnum):
    """The names of definitions.md 4.1."""

    I1 = "I1"  # gross = cash + credit + discount + written off + deducted + open, no term below zero
    I2 = "I2"  # a deduction = credited + repaid + written off + voided + outstanding
    I3 = "I3"  # a payment = its allocations + on account + gain, and what the bank shows
    I4 = "I4"  # an agreed statement = our balance + the bridge
    I5 = "I5"  # nothing is used beyond what was open
    I6 = "I6"  # a reversal leaves nothing behind
    I7 = "I7"  # tax = net x rate, rounded once
    I8 = "I8"  # subledger = control account
    I9 = "I9"  # a verdict partitions the claim
    I10 = "I10"  # nothing disappears


@dataclass(frozen=True)
class Violation:
    """``position`` is the last one of the command after which it did not hold; ``about`` the stream or the account."""

    invariant: Invariant
    position: int
    about: str
    says: str

    def __str__(self) -> str:
        return f"{self.invariant} does not hold at position {self.position}: {self.about}: {self.says}"


@dataclass
class Touched:
    """What a command has touched and is to be judged when it ends."""

    documents: dict[str, None] = field(default_factory=dict)
    deductions: dict[str, None] = field(default_factory=dict)
    payments: dict[str, None] = field(default_factory=dict)
    disputes: dict[str, None] = field(default_factory=dict)
    totals: dict[str, None] = field(default_factory=dict)


class LedgerInvariants:
    """The rules over ``books``; domain/ledger_check.py feeds them."""

    def __init__(self, books: Books | None = None) -> None:
        self.books: Books = BooksInMemory() if books is None else books
        self.touched = Touched()
        self.position = 0
        self.found: list[Violation] = []

    def total(self, account: str, currency: str) -> Totals:
        """The totals of an account in a currency, to be judged at the end of this command."""
        key = f"{account} {currency}"
        self.touched.totals[key] = None
        totals = self.books.totals.get(key) or Totals()
        self.books.totals[key] = totals
        return totals

    def note(self, invariant: Invariant, about: str, says: str) -> None:
        self.found.append(Violation(invariant, self.position, about, says))

    def judge(self) -> list[Violation]:
        """The command has ended: everything it touched must hold. Answers what does not, and forgets it."""
        touched, self.touched = self.touched, Touched()
        for name in touched.documents:
            self._judge_document(name, self.books.documents[name])
        for name in touched.deductions:
            self._judge_deduction(name, self.books.deductions[name])
        for name in touched.payments:
            self._judge_payment(name, self.books.payments[name])
        for name in touched.disputes:
            self._judge_dispute(name, self.books.disputes.get(name))
        for name in touched.totals:
            self._judge_totals(name, self.books.totals[name])
        found, self.found = self.found, []
        return found

    def _judge_document(self, name: str, document: Document) -> None:
        """I1 and I5."""
        if document.voided:
            return
        for term in ("cash", "credit", "discount", "write_off", "deducted"):
            if document.sum(term) * document.sign < 0:
                self.note(Invariant.I1, name, f"{term} comes to {document.sum(term)}")
        if document.open * document.sign < 0:
            self.note(Invariant.I5, name, f"of {document.gross} are used {document.sum('total')}")
        for line, left in document.left.items():
            credited = sum((nets.get(line, ZERO) for nets in document.credits.values()), ZERO)
            if credited > left:
                self.note(Invariant.I5, name, f"line {line} over {left} net was credited {credited}")

    def _judge_deduction(self, name: str, kept: Kept) -> None:
        """I2; what disputes claim of it is no more than what is outstanding."""
        if kept.outstanding < 0 or kept.voided < 0 or any(part < 0 for part in kept.resolved.values()):
            self.note(Invariant.I2, name, f"of {kept.amount} are resolved {kept.resolved}, voided {kept.voided}")
        claimed = sum(kept.claims.values(), ZERO)
        if claimed > kept.outstanding or any(part < 0 for part in kept.claims.values()):
            self.note(Invariant.I2, name, f"of {kept.outstanding} outstanding disputes claim {claimed}")
        for dispute, part in kept.claims.items():
            known = self.books.disputes.get(dispute)
            if known is not None and name not in known.left:
                self.note(Invariant.I2, name, f"says that {dispute} claims {part}; that knows nothing of it")

    def _judge_payment(self, name: str, paid: Paid) -> None:
        """I3 and, once it is reversed, I6."""
        if paid.reversed:
            self._judge_reversed(name, paid)
            return
        placed = sum((part.cash for part in paid.parts.values()), ZERO) + paid.on_account + paid.gain
        if placed != paid.amount:
            self.note(Invariant.I3, name, f"of {paid.amount} are placed {placed}")
        for document, part in paid.parts.items():
            known = self.books.documents.get(document)
            there = None if known is None else known.applied.get(name)
            if there != part:
                self.note(Invariant.I3, name, f"says to have used {document} by {part.total}; that says {there and there.total}")
        if sum((part.credit for part in paid.parts.values()), ZERO):
            self.note(Invariant.I5, name, "credit given and credit memos used are not the same")

    def _judge_reversed(self, name: str, paid: Paid) -> None:
        for document in paid.parts:
            known = self.books.documents.get(document)
            if known is not None and name in known.applied:
                self.note(Invariant.I6, name, f"is reversed and {document} still says that it was used by it")
        for taken in paid.taken:
            if taken in self.books.deductions and self.books.deductions[taken].outstanding:
                self.note(Invariant.I6, name, f"is reversed and {taken} is still outstanding")
            stays = () if taken not in self.books.deductions else self.books.deductions[taken].resolved
            for document in stays:
                if document not in self.books.documents:  # credit memos stay as unapplied credits (S8), nothing else does
                    self.note(Invariant.I6, name, f"is reversed and {taken} is still resolved by {document}")
        for repaid in paid.repaid:
            if name in self.books.deductions[repaid].resolved:
                self.note(Invariant.I6, name, f"is reversed and {repaid} still says that it was repaid by it")

    def _judge_dispute(self, name: str, dispute: Claimed | None) -> None:
        """I2: dispute and deduction say the same of what is outstanding of a claim; I6: a closed dispute leaves nothing so."""
        if dispute is None:
            self.note(Invariant.I10, name, "deductions name it; it was never opened")
            return
        for deduction, left in dispute.left.items():
            kept = self.books.deductions.get(deduction)
            claimed = ZERO if kept is None else kept.claims.get(name, ZERO)
            if left != claimed or left < 0:
                self.note(Invariant.I2, name, f"{left} of its claim on {deduction} are outstanding; that says {claimed}")
        if dispute.closed and any(dispute.left.values()):
            left = sum(dispute.left.values(), ZERO)
            self.note(Invariant.I6, name, f"is closed, and of its claims {left} are outstanding again")

    def _judge_totals(self, name: str, t: Totals) -> None:
        """I1 over an account, I8 and I10. What is off stays off: it is said of the command that made it so, not of every later
        one."""
        placed = t.cash + t.on_account + t.gain
        for invariant, what, one, other, says in (
            (Invariant.I1, "deducted", t.deducted, t.outstanding, "documents bear {} deducted, deductions have {} outstanding"),
            (Invariant.I8, "receivable", t.receivable, t.control, "documents come to {}, control to {}"),
            (Invariant.I8, "credits", t.credits, t.control_credits, "credit memos come to {}, control to {}"),
            (Invariant.I10, "received", t.received, placed, "received {}, on documents, on account and gained {}"),
        ):
            gap = one - other
            if gap and gap != t.gaps.get(what, ZERO):
                self.note(invariant, name, says.format(one, other))
            t.gaps[what] = gap

    # --- rules that one fact breaks by itself

    def lacking(self, about: str, missing: str) -> None:
        """I10: a fact goes on with something whose first fact is not in the log."""
        what = "it" if missing == about else missing
        self.note(Invariant.I10, about, f"a fact goes on with {what}, which was never recorded")

    def check_tax(self, name: str, currency: str, is_memo: bool, lines: Iterable[tuple[Decimal, ...]], gross: Decimal) -> None:
        """I7: ``lines`` are (net, tax, gross, rate). Where the gross of a credit was agreed, the tax is what is left of it,
        which is at most one minor unit off."""
        whole = ZERO
        for net, tax, line_gross, rate in lines:
            whole += line_gross
            off = abs(tax - round_money(net * rate, currency))
            if net + tax != line_gross or off > (minor_unit(currency) if is_memo else ZERO):
                self.note(Invariant.I7, name, f"net {net} at {rate} carries tax {tax}, gross {line_gross}")
        if whole != gross:
            self.note(Invariant.I7, name, f"lines come to {whole}, the document to {gross}")

    def check_statement(self, name: str, balance: Decimal, ours: Decimal, bridge: Iterable[Decimal]) -> None:
        """I4: nothing is left unexplained between the two balances."""
        explained = ours + sum(bridge, ZERO)
        if explained != balance:
            self.note(Invariant.I4, name, f"agreed at {balance}; our balance and the bridge come to {explained}")

    def check_verdict(self, name: str, parts: Decimal) -> None:
        """I9: the parts of a verdict make up what is claimed."""
        claimed = sum(self.books.disputes[name].claims.values(), ZERO)
        if parts != claimed:
            self.note(Invariant.I9, name, f"claims {claimed}, the verdict's parts come to {parts}")

    def check_bank(self, name: str, entry: str, payments: Iterable[str]) -> None:
        """I3: the bank shows what the remittance states."""
        stated = sum((self.books.payments[one].amount for one in payments), ZERO)
        booked = self.books.entries.get(entry)
        if booked != stated:
            self.note(Invariant.I3, name, f"the bank booked {booked} ({entry}), stated are {stated}")


__all__ = ["Document", "Invariant", "Kept", "LedgerInvariants", "Paid", "Part", "Violation"]
