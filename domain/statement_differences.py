"""The differences between our ledger and a customer's statement, and what each presumably is: fault, next action.

definitions.md 4.3. A difference is theirs less ours, so that our balance and all differences sum to theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from domain.deduction_reasons import DeductionReason
from domain.statement_lines import DifferenceClass, StatementLine
from domain.values import ZERO

DEDUCTION = "DEDUCTION"
PAYMENT = "ON_ACCOUNT"


class PresumedFault(StrEnum):
    """Who erred, as far as the figures say; a person's verdict comes later."""

    SUPPLIER = "SUPPLIER"
    CUSTOMER = "CUSTOMER"
    NOBODY = "NOBODY"
    UNDETERMINED = "UNDETERMINED"


class NextAction(StrEnum):
    """What would clear a difference."""

    NOTHING = "NOTHING"
    ISSUE_CREDIT_MEMO = "ISSUE_CREDIT_MEMO"
    ISSUE_DEBIT_MEMO = "ISSUE_DEBIT_MEMO"
    ASK_CUSTOMER_TO_CORRECT = "ASK_CUSTOMER_TO_CORRECT"
    ASK_CUSTOMER_TO_BOOK = "ASK_CUSTOMER_TO_BOOK"
    ASK_FOR_THE_DOCUMENT = "ASK_FOR_THE_DOCUMENT"
    ASK_FOR_THE_AGREEMENT = "ASK_FOR_THE_AGREEMENT"
    WAIT_FOR_THE_NEXT_STATEMENT = "WAIT_FOR_THE_NEXT_STATEMENT"
    VOID_THE_DUPLICATE = "VOID_THE_DUPLICATE"
    TRACE_THE_PAYMENT = "TRACE_THE_PAYMENT"
    SETTLE_THE_DEDUCTION = "SETTLE_THE_DEDUCTION"
    RESOLVE = "RESOLVE"


@dataclass(frozen=True)
class Use:
    """How something used a document of ours: ``total`` off its open amount; paid, by credit memos, kept back."""

    by: str
    on: date
    total: Decimal
    cash: Decimal = ZERO
    credit: Decimal = ZERO
    deducted: Decimal = ZERO


@dataclass(frozen=True)
class BilledFigures:
    """The figures of a document of one line: what its amount comes from."""

    quantity: Decimal
    unit_price: Decimal
    price_per: Decimal
    tax_rate: Decimal
    tax: Decimal


@dataclass(frozen=True)
class Evidence:
    """What the trade's papers say of a document: when its goods came, and its three-way variances, tax included."""

    dispatched_on: date | None = None
    received_on: date | None = None
    price_variance: Decimal = ZERO
    quantity_variance: Decimal = ZERO
    tax_variance: Decimal = ZERO
    compared: bool = False
    billed_as_agreed: bool = False  # at the prices agreed with the customer, whatever its order says

    def on_the_way(self, day: date) -> bool:
        """Sent by ``day``, but not there yet."""
        return self.dispatched_on is not None and (self.received_on is None or self.received_on > day)


NO_EVIDENCE = Evidence()


@dataclass(frozen=True)
class LedgerLine:
    """A document of ours (or a payment, or a deduction) with what is open of it at the cut-off.

    ``open`` is 0 for what is dated after it. ``uses`` are all that are known, later ones too. ``billed_for`` is the same
    for two documents that bill the same goods.
    """

    item: str
    number: str
    kind: str
    dated_on: date
    original: Decimal
    open: Decimal
    reason: str = ""
    about: str | None = None
    settlement: str | None = None
    figures: BilledFigures | None = None
    billed_for: str = ""
    uses: tuple[Use, ...] = ()


@dataclass(frozen=True)
class Difference:
    """``amount`` is theirs less ours; ``difference_class`` None: nothing explains it yet.

    ``documents``: theirs as they name it, ours by stream. ``said_by``: the person who said what it is.
    """

    difference_class: DifferenceClass | None
    amount: Decimal
    documents: tuple[str, ...]
    fault: PresumedFault
    action: NextAction
    said_by: str | None = None

    @property
    def cleared_by(self) -> str | None:
        """The event that would clear it; None where nothing is to be cleared."""
        return CLEARED_BY[self.action]


@dataclass(frozen=True)
class Pair:
    """Lines of theirs and the document of ours that they speak of; either side may be missing."""

    lines: tuple[StatementLine, ...]
    ours: LedgerLine | None
    differences: tuple[Difference, ...]

    @property
    def theirs(self) -> Decimal:
        return sum((line.amount for line in self.lines), ZERO)

    @property
    def our_open(self) -> Decimal:
        return ZERO if self.ours is None else self.ours.open

    @property
    def about(self) -> str:
        if self.lines:
            return f"line {self.lines[0].number}"
        return f"document {self.ours.number if self.ours else ''}"

    @property
    def unexplained(self) -> Decimal:
        return sum((one.amount for one in self.differences if one.difference_class is None), ZERO)


_C, _F, _A = DifferenceClass, PresumedFault, NextAction

PRESUMED: Mapping[DifferenceClass, tuple[PresumedFault, NextAction]] = MappingProxyType(
    {
        _C.MATCHED: (_F.NOBODY, _A.NOTHING),
        _C.PRICE_DIFF: (_F.UNDETERMINED, _A.RESOLVE),
        _C.QTY_DIFF: (_F.UNDETERMINED, _A.RESOLVE),
        _C.TAX_DIFF: (_F.UNDETERMINED, _A.RESOLVE),
        _C.MISSING_AT_CUSTOMER: (_F.CUSTOMER, _A.ASK_CUSTOMER_TO_BOOK),
        _C.MISSING_AT_SUPPLIER: (_F.SUPPLIER, _A.ASK_FOR_THE_DOCUMENT),
        _C.DUPLICATE_AT_CUSTOMER: (_F.CUSTOMER, _A.ASK_CUSTOMER_TO_CORRECT),
        _C.DUPLICATE_AT_SUPPLIER: (_F.SUPPLIER, _A.VOID_THE_DUPLICATE),
        _C.TIMING: (_F.NOBODY, _A.WAIT_FOR_THE_NEXT_STATEMENT),
        _C.SIGN_ERROR: (_F.CUSTOMER, _A.ASK_CUSTOMER_TO_CORRECT),
        _C.FEE_NOT_AGREED: (_F.CUSTOMER, _A.ASK_FOR_THE_AGREEMENT),
    }
)

_NEXT_STATEMENT = "statement.received"

CLEARED_BY: Mapping[NextAction, str | None] = MappingProxyType(
    {
        _A.NOTHING: None,
        _A.ISSUE_CREDIT_MEMO: "invoice.credit_memo_issued",
        _A.ISSUE_DEBIT_MEMO: "invoice.issued",
        _A.ASK_CUSTOMER_TO_CORRECT: _NEXT_STATEMENT,
        _A.ASK_CUSTOMER_TO_BOOK: _NEXT_STATEMENT,
        _A.ASK_FOR_THE_DOCUMENT: "invoice.credit_memo_issued",
        _A.ASK_FOR_THE_AGREEMENT: _NEXT_STATEMENT,
        _A.WAIT_FOR_THE_NEXT_STATEMENT: _NEXT_STATEMENT,
        _A.VOID_THE_DUPLICATE: "invoice.voided",
        _A.TRACE_THE_PAYMENT: "settlement.remittance_received",
        _A.SETTLE_THE_DEDUCTION: "deduction.credited",
        _A.RESOLVE: "statement.difference_resolved",
    }
)

# What a deduction that the customer has taken, and we still carry as owed, is on a statement.
OF_DEDUCTION: Mapping[str, DifferenceClass] = MappingProxyType(
    {
        DeductionReason.SHORTAGE: _C.QTY_DIFF,
        DeductionReason.DAMAGE: _C.QTY_DIFF,
        DeductionReason.PRICING: _C.PRICE_DIFF,
        DeductionReason.TAX: _C.TAX_DIFF,
        DeductionReason.RETURN: _C.MISSING_AT_SUPPLIER,
        DeductionReason.DUPLICATE: _C.DUPLICATE_AT_SUPPLIER,
    }
)


def typed(
    difference_class: DifferenceClass, amount: Decimal, documents: tuple[str, ...], *, fault: PresumedFault | None = None,
    action: NextAction | None = None, said_by: str | None = None,
) -> Difference:
    """A difference of this class with the fault and the next action that go with it, unless others are known."""
    usual_fault, usual_action = PRESUMED[difference_class]
    return Difference(difference_class, amount, documents, fault or usual_fault, action or usual_action, said_by)


def unexplained(amount: Decimal, documents: tuple[str, ...]) -> Difference:
    return Difference(None, amount, documents, PresumedFault.UNDETERMINED, NextAction.RESOLVE)


def of_agreed(
    difference_class: DifferenceClass, amount: Decimal, documents: tuple[str, ...], variance: Decimal, papers: Evidence
) -> Difference:
    """A price, quantity or tax difference, with the fault as the three-way match has it.

    Our invoice differs from order and receipt by as much: ours, unless it bills the price that was agreed. It agrees with
    them: theirs. Else nobody knows yet.
    """
    compared = papers.compared
    if compared and difference_class is DifferenceClass.PRICE_DIFF and papers.billed_as_agreed:
        variance = ZERO
    if compared and variance == -amount:
        action = NextAction.ISSUE_CREDIT_MEMO if amount < 0 else NextAction.ISSUE_DEBIT_MEMO
        return typed(difference_class, amount, documents, fault=PresumedFault.SUPPLIER, action=action)
    if compared and variance == 0:
        action = NextAction.ASK_CUSTOMER_TO_CORRECT
        return typed(difference_class, amount, documents, fault=PresumedFault.CUSTOMER, action=action)
    return typed(difference_class, amount, documents)
