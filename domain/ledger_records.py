"""What the ledger's checker remembers, from the facts alone: documents, deductions, payments, disputes, totals of accounts.

Nothing here is shared with the aggregates: what they decided is checked, so it is counted again.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from domain.values import ZERO


@dataclass
class Part:
    """How one document was used by another one; signs as in the facts."""

    cash: Decimal = ZERO
    discount: Decimal = ZERO
    write_off: Decimal = ZERO
    deducted: Decimal = ZERO
    credit: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.cash + self.discount + self.write_off + self.deducted + self.credit


@dataclass
class Document:
    """An invoice, debit memo or (``sign`` -1) credit memo; ``credited``: by line, what is left to be credited net."""

    account: str
    currency: str
    gross: Decimal
    sign: int
    left: dict[str, Decimal]
    credits: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    applied: dict[str, Part] = field(default_factory=dict)
    voided: bool = False

    def sum(self, name: str) -> Decimal:
        return sum((getattr(part, name) for part in self.applied.values()), ZERO)

    @property
    def open(self) -> Decimal:
        """What is neither used nor kept back."""
        return ZERO if self.voided else self.gross - self.sum("total")


@dataclass
class Kept:
    """A deduction: ``resolved`` by document."""

    account: str
    currency: str
    amount: Decimal
    resolved: dict[str, Decimal] = field(default_factory=dict)
    voided: Decimal = ZERO
    claims: dict[str, Decimal] = field(default_factory=dict)

    @property
    def outstanding(self) -> Decimal:
        return self.amount - self.voided - sum(self.resolved.values(), ZERO)


@dataclass
class Paid:
    """A settlement: what it says that it did, document by document."""

    account: str
    currency: str
    amount: Decimal
    on_account: Decimal
    gain: Decimal = ZERO
    parts: dict[str, Part] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)
    repaid: list[str] = field(default_factory=list)
    reversed: bool = False


@dataclass
class Claimed:
    """A dispute: what it claims of each deduction, and what of that is outstanding by its own postings."""

    claims: dict[str, Decimal]
    left: dict[str, Decimal] = field(default_factory=dict)
    closed: bool = False


@dataclass
class Totals:
    """Of one account in one currency: the subledger (documents, deductions) and the control accounts (payments)."""

    receivable: Decimal = ZERO  # documents: open and kept back
    control: Decimal = ZERO  # the same by what settlements and resolutions say
    credits: Decimal = ZERO  # credit memos not used, above zero
    control_credits: Decimal = ZERO
    deducted: Decimal = ZERO  # documents: kept back, unresolved
    outstanding: Decimal = ZERO  # deductions: outstanding
    cash: Decimal = ZERO  # documents: paid in money
    received: Decimal = ZERO  # payments that stand
    on_account: Decimal = ZERO
    gain: Decimal = ZERO
    gaps: dict[str, Decimal] = field(default_factory=dict)  # between the two sides when they were last looked at


class Books(Protocol):
    """Where the records are kept: in memory, or in a file of the checker's own."""

    @property
    def documents(self) -> MutableMapping[str, Document]: ...
    @property
    def deductions(self) -> MutableMapping[str, Kept]: ...
    @property
    def payments(self) -> MutableMapping[str, Paid]: ...
    @property
    def disputes(self) -> MutableMapping[str, Claimed]: ...
    @property
    def entries(self) -> MutableMapping[str, Decimal]: ...
    @property
    def groups(self) -> MutableMapping[str, list[str]]: ...
    @property
    def totals(self) -> MutableMapping[str, Totals]: ...


@dataclass
class BooksInMemory:
    documents: MutableMapping[str, Document] = field(default_factory=dict)
    deductions: MutableMapping[str, Kept] = field(default_factory=dict)
    payments: MutableMapping[str, Paid] = field(default_factory=dict)
    disputes: MutableMapping[str, Claimed] = field(default_factory=dict)
    entries: MutableMapping[str, Decimal] = field(default_factory=dict)
    groups: MutableMapping[str, list[str]] = field(default_factory=dict)
    totals: MutableMapping[str, Totals] = field(default_factory=dict)
