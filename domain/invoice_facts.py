"""What an invoice says and remembers. Amounts of a credit memo are below zero: receivable positive, credit negative."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.aggregate import Aggregate
from domain.payment_terms import LegalWarning, PaymentTerms
from domain.values import ZERO


class InvoiceKind(StrEnum):
    """What the document is."""

    INVOICE = "INVOICE"
    CREDIT_MEMO = "CREDIT_MEMO"
    DEBIT_MEMO = "DEBIT_MEMO"


@dataclass(frozen=True)
class InvoiceLine:
    """One line, with the order line that it bills where there is one."""

    number: str
    order: str | None
    purchase_order_number: str | None
    order_line: str | None
    item: str
    customer_item: str | None
    quantity: Decimal
    unit: str
    unit_price: Decimal
    price_per: Decimal
    net: Decimal
    tax_rate: Decimal
    tax: Decimal
    gross: Decimal


@dataclass(frozen=True)
class DiscountOffer:
    """``amount`` off for value dates up to ``last_day``, grace included."""

    last_day: date
    amount: Decimal


@dataclass(frozen=True)
class InstalmentDue:
    due_on: date
    amount: Decimal


@dataclass(frozen=True)
class Applied:
    """How one settlement used the document: I1 of definitions.md 4.1. ``deducted`` is still unresolved."""

    cash: Decimal = ZERO
    discount: Decimal = ZERO
    write_off: Decimal = ZERO
    deducted: Decimal = ZERO
    credit: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.cash + self.discount + self.write_off + self.deducted + self.credit

    def __add__(self, other: Applied) -> Applied:
        return Applied(
            self.cash + other.cash,
            self.discount + other.discount,
            self.write_off + other.write_off,
            self.deducted + other.deducted,
            self.credit + other.credit,
        )


@dataclass
class InvoiceState:
    """``open`` is the undisputed open amount."""

    company: str
    number: str
    kind: InvoiceKind
    partner: str
    account: str
    currency: str
    issued_on: date
    terms: PaymentTerms | None
    shipment: str | None
    about: str | None
    lines: dict[str, InvoiceLine]
    net: Decimal
    gross: Decimal
    open: Decimal
    due_on: date | None
    discounts: tuple[DiscountOffer, ...]
    allocations: dict[str, Applied] = field(default_factory=dict)
    credited: dict[str, dict[str, Decimal]] = field(default_factory=dict)  # credit memo -> line -> net
    voided: bool = False

    @property
    def applied(self) -> Applied:
        return sum(self.allocations.values(), Applied())

    def net_left(self, line: str) -> Decimal:
        """What of a line no credit memo has credited yet."""
        return self.lines[line].net - sum((nets.get(line, ZERO) for nets in self.credited.values()), ZERO)


class Issued(Aggregate.Created):
    """``due_on`` is the day by which all of it is due; ``undated`` says why it is not known yet, and ``provisional_on``
    is the day it would be if the baseline were the day of issue."""

    TYPE = "invoice.issued/1"
    company: str
    number: str
    kind: InvoiceKind
    partner: str
    account: str
    currency: str
    issued_on: date
    due_on: date | None
    discount_on: date | None
    discount_amount: Decimal
    terms: PaymentTerms | None
    order_numbers: tuple[str, ...]
    shipment: str | None
    lines: tuple[InvoiceLine, ...]
    net: Decimal
    tax: Decimal
    gross: Decimal
    about: str | None = None
    reason: str = ""
    discounts: tuple[DiscountOffer, ...] = ()
    instalments: tuple[InstalmentDue, ...] = ()
    undated: str = ""
    provisional_on: date | None = None
    legal_warnings: tuple[LegalWarning, ...] = ()

    def apply(self, invoice: Aggregate[InvoiceState]) -> None:
        invoice.state = InvoiceState(
            company=self.company,
            number=self.number,
            kind=self.kind,
            partner=self.partner,
            account=self.account,
            currency=self.currency,
            issued_on=self.issued_on,
            terms=self.terms,
            shipment=self.shipment,
            about=self.about,
            lines={line.number: line for line in self.lines},
            net=self.net,
            gross=self.gross,
            open=self.gross,
            due_on=self.due_on,
            discounts=self.discounts,
        )


class DueDatesKnown(Aggregate.Event):
    """The baseline happened on ``baseline_on`` (goods received, statement agreed) or the calendar was published."""

    TYPE = "invoice.due_dates_known/1"
    due_on: date | None
    discount_on: date | None
    discount_amount: Decimal
    discounts: tuple[DiscountOffer, ...]
    instalments: tuple[InstalmentDue, ...]
    baseline_on: date | None = None
    legal_warnings: tuple[LegalWarning, ...] = ()

    def apply(self, invoice: Aggregate[InvoiceState]) -> None:
        invoice.state.due_on = self.due_on
        invoice.state.discounts = self.discounts


class Allocated(Aggregate.Event):
    """``settlement`` names what paid: a settlement, or the document that resolved a deduction; ``on`` its trade day."""

    TYPE = "invoice.allocated/1"
    settlement: str
    cash: Decimal
    discount: Decimal
    write_off: Decimal
    deducted: Decimal
    credit: Decimal
    on: date | None = None

    def apply(self, invoice: Aggregate[InvoiceState]) -> None:
        applied = Applied(self.cash, self.discount, self.write_off, self.deducted, self.credit)
        invoice.state.allocations[self.settlement] = applied
        invoice.state.open -= applied.total


class AllocationReversed(Aggregate.Event):
    TYPE = "invoice.allocation_reversed/1"
    settlement: str
    on: date | None = None

    def apply(self, invoice: Aggregate[InvoiceState]) -> None:
        invoice.state.open += invoice.state.allocations.pop(self.settlement).total


class CreditMemoIssued(Aggregate.Event):
    """A credit memo about this invoice: nothing is credited twice. It is applied by a settlement."""

    TYPE = "invoice.credit_memo_issued/1"
    credit_memo: str
    net_by_line: dict[str, Decimal]

    def apply(self, invoice: Aggregate[InvoiceState]) -> None:
        invoice.state.credited[self.credit_memo] = self.net_by_line


class CreditMemoWithdrawn(Aggregate.Event):
    """The memo was voided; its lines may be credited again."""

    TYPE = "invoice.credit_memo_withdrawn/1"
    credit_memo: str

    def apply(self, invoice: Aggregate[InvoiceState]) -> None:
        invoice.state.credited.pop(self.credit_memo, None)


class Voided(Aggregate.Event):
    """``shipment``, ``account`` and ``gross`` let the credit account follow without a look-up."""

    TYPE = "invoice.voided/1"
    reason: str
    kind: InvoiceKind
    account: str
    gross: Decimal
    shipment: str | None

    def apply(self, invoice: Aggregate[InvoiceState]) -> None:
        invoice.state.voided = True
        invoice.state.open = ZERO
