"""How the ledger's checker counts documents and deductions again, from the facts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from domain.invoice_facts import InvoiceKind
from domain.ledger_invariants import Invariant, LedgerInvariants
from domain.ledger_records import Document, Kept, Paid, Part
from domain.values import ZERO

PARTS = ("cash", "discount", "write_off", "deducted", "credit")


class DocumentFolds:
    """The folds of invoices and deductions over the books of the rules."""

    def __init__(self, rules: LedgerInvariants) -> None:
        self._rules = rules
        self.books = self._books = rules.books

    # --- documents

    def _issued(self, event: Any) -> None:
        name, is_memo = event.originator_id, event.kind is InvoiceKind.CREDIT_MEMO
        left = {line.number: abs(line.net) for line in event.lines}
        self._books.documents[name] = Document(event.account, event.currency, event.gross, -1 if is_memo else 1, left)
        self._rules.touched.documents[name] = None
        lines = [(line.net, line.tax, line.gross, line.tax_rate) for line in event.lines]
        self._rules.check_tax(name, event.currency, is_memo, lines, event.gross)
        self._book(self._books.documents[name], event.gross)

    def _book(self, document: Document, gross: Decimal) -> None:
        """A document is issued, or (below zero for an invoice) voided: both sides of the ledger know it."""
        totals = self._rules.total(document.account, document.currency)
        if document.sign > 0:
            totals.receivable += gross
            totals.control += gross
        else:
            totals.credits -= gross
            totals.control_credits -= gross

    def _voided_document(self, event: Any) -> None:
        document = self._document(event.originator_id)
        self._book(document, -document.gross)
        document.voided = True
        self._books.documents[event.originator_id] = document

    def _memo_issued(self, event: Any) -> None:
        document = self._document(event.originator_id)
        document.credits[event.credit_memo] = dict(event.net_by_line)
        self._books.documents[event.originator_id] = document

    def _memo_withdrawn(self, event: Any) -> None:
        document = self._document(event.originator_id)
        document.credits.pop(event.credit_memo, None)
        self._books.documents[event.originator_id] = document

    def _allocated_document(self, event: Any) -> None:
        document = self._document(event.originator_id)
        if event.settlement in document.applied:
            self._rules.note(Invariant.I5, event.originator_id, f"was used by {event.settlement} twice")
        part = part_of(event)
        document.applied[event.settlement] = part
        self._books.documents[event.originator_id] = document
        self._use(document, part, 1)

    def _allocation_reversed(self, event: Any) -> None:
        document = self._document(event.originator_id)
        part = document.applied.pop(event.settlement, None)
        self._books.documents[event.originator_id] = document
        if part is None:
            self._rules.note(Invariant.I6, event.originator_id, f"takes back what {event.settlement} never did")
        else:
            self._use(document, part, -1)

    def _use(self, document: Document, part: Part, sign: int) -> None:
        totals = self._rules.total(document.account, document.currency)
        if document.sign > 0:
            totals.receivable -= sign * (part.total - part.deducted)
            totals.deducted += sign * part.deducted
            totals.cash += sign * part.cash
        else:
            totals.credits += sign * part.total

    def _document(self, name: str) -> Document:
        document = self._books.documents[name]
        self._rules.touched.documents[name] = None
        return document

    # --- deductions

    def _taken(self, event: Any) -> None:
        self._books.deductions[event.originator_id] = Kept(event.account, event.currency, event.amount)
        self._owe(event.originator_id, event.amount)

    def _credited(self, event: Any) -> None:
        kept = self._resolve(event, event.credit_memo)
        totals = self._rules.total(kept.account, kept.currency)
        totals.control -= event.amount
        totals.control_credits -= event.amount

    def _repaid(self, event: Any) -> None:
        self._resolve(event, event.settlement)
        paid = self._payment(event.settlement)
        if event.originator_id not in paid.repaid:
            paid.repaid.append(event.originator_id)
        self._books.payments[event.settlement] = paid

    def _written_off(self, event: Any) -> None:
        kept = self._resolve(event, event.document)
        self._rules.total(kept.account, kept.currency).control -= event.amount

    def _resolve(self, event: Any, document: str) -> Kept:
        kept = self._books.deductions[event.originator_id]
        kept.resolved[document] = kept.resolved.get(document, ZERO) + event.amount
        self._claim(kept, event.dispute, -event.amount)
        self._books.deductions[event.originator_id] = kept
        self._owe(event.originator_id, -event.amount)
        return kept

    def _repayment_reversed(self, event: Any) -> None:
        self._unresolve(event, event.settlement)

    def _write_off_reversed(self, event: Any) -> None:
        self._unresolve(event, event.document)

    def _unresolve(self, event: Any, document: str) -> None:
        kept = self._books.deductions[event.originator_id]
        if kept.resolved.pop(document, None) != event.amount:
            self._rules.note(Invariant.I6, event.originator_id, f"takes back {event.amount} that {document} never resolved")
        self._claim(kept, event.dispute, event.amount)
        self._books.deductions[event.originator_id] = kept
        self._owe(event.originator_id, event.amount)

    def _voided_deduction(self, event: Any) -> None:
        kept = self._books.deductions[event.originator_id]
        kept.voided += event.amount
        self._rules.touched.disputes |= dict.fromkeys(kept.claims)
        kept.claims = {}
        self._books.deductions[event.originator_id] = kept
        self._owe(event.originator_id, -event.amount)

    def _disputed(self, event: Any) -> None:
        kept = self._books.deductions[event.originator_id]
        kept.claims[event.dispute] = event.amount
        self._claim(kept, event.dispute, ZERO)
        self._books.deductions[event.originator_id] = kept
        self._rules.touched.deductions[event.originator_id] = None

    def _owe(self, name: str, amount: Decimal) -> None:
        kept = self._books.deductions[name]
        self._rules.touched.deductions[name] = None
        self._rules.total(kept.account, kept.currency).outstanding += amount

    def _payment(self, name: str) -> Paid:
        paid = self._books.payments[name]
        self._rules.touched.payments[name] = None
        return paid

    def _claim(self, kept: Kept, dispute: str, amount: Decimal) -> None:
        """A posting of a dispute lessens its claim; nothing left of it is forgotten."""
        if dispute:
            self._rules.touched.disputes[dispute] = None
            kept.claims[dispute] = kept.claims.get(dispute, ZERO) + amount
            if not kept.claims[dispute]:
                del kept.claims[dispute]


def part_of(event: Any) -> Part:
    """How an allocation, or the fact of one, uses a document."""
    return Part(*(getattr(event, name) for name in PARTS))
