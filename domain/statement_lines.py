"""What a customer's statement says: its lines as the customer states them, and what a person said about a difference.

Standard names: EDIFACT STATAC. Signs as everywhere: receivable positive; payment, credit memo, return, fee negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.values import ZERO


class LineKind(StrEnum):
    """What the customer says a line is."""

    INVOICE = "INVOICE"
    CREDIT_MEMO = "CREDIT_MEMO"
    DEBIT_MEMO = "DEBIT_MEMO"
    PAYMENT = "PAYMENT"
    RETURN = "RETURN"
    FEE = "FEE"
    DEDUCTION = "DEDUCTION"
    OTHER = "OTHER"


class DifferenceClass(StrEnum):
    """Why a line differs (definitions.md 4.3)."""

    MATCHED = "MATCHED"
    PRICE_DIFF = "PRICE_DIFF"
    QTY_DIFF = "QTY_DIFF"
    TAX_DIFF = "TAX_DIFF"
    MISSING_AT_CUSTOMER = "MISSING_AT_CUSTOMER"
    MISSING_AT_SUPPLIER = "MISSING_AT_SUPPLIER"
    DUPLICATE_AT_CUSTOMER = "DUPLICATE_AT_CUSTOMER"
    DUPLICATE_AT_SUPPLIER = "DUPLICATE_AT_SUPPLIER"
    TIMING = "TIMING"
    SIGN_ERROR = "SIGN_ERROR"
    FEE_NOT_AGREED = "FEE_NOT_AGREED"


@dataclass(frozen=True)
class StatementLine:
    """``number`` is the line's place, from 1. ``unit_price`` is for one unit; ``tax`` is part of ``amount``."""

    number: int
    document: str
    kind: LineKind
    dated_on: date
    amount: Decimal
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    tax: Decimal | None = None
    reference: str | None = None


@dataclass(frozen=True)
class StatementContent:
    """One version of a statement: what the customer says is open between us at the end of ``cut_off``."""

    version: int
    cut_off: date
    currency: str
    balance: Decimal
    lines: tuple[StatementLine, ...]

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), ZERO)


@dataclass(frozen=True)
class Resolution:
    """A person says what a difference is: of their ``line``, or of our ``document`` that they do not list.

    ``pairs_with`` is our document that the line speaks of; ``said`` the class of what nothing else explains.
    """

    line: int | None
    document: str | None
    said: DifferenceClass | None
    pairs_with: str | None
    reason: str
    by: str

    @property
    def about(self) -> str:
        return f"line {self.line}" if self.line is not None else f"document {self.document}"


@dataclass(frozen=True)
class AgreedDocument:
    """One of our documents that the customer lists: ``undisputed`` of its open amount is agreed by both."""

    document: str
    undisputed: Decimal
    disputed: Decimal


@dataclass(frozen=True)
class Agreement:
    """What was agreed: both balances, the bridge from ours to theirs by class, and what we knew (log positions)."""

    agreed_on: date
    our_balance: Decimal
    bridge: dict[DifferenceClass, Decimal]
    documents: tuple[AgreedDocument, ...]
    known_at: dict[str, int]
    by: str


def numbered(lines: Sequence[StatementLine]) -> dict[int, StatementLine]:
    return {line.number: line for line in lines}
