"""What is agreed with a trading partner, as values from a first day: invoicing, confirmation, limits, EDI."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from domain.payment_terms import PaymentTerms


class InvoiceTrigger(StrEnum):
    """What makes the invoice (decision 30)."""

    DISPATCH = "DISPATCH"
    RECEIPT = "RECEIPT"
    RECEIPT_OR_TIMEOUT = "RECEIPT_OR_TIMEOUT"


class InvoicedQuantity(StrEnum):
    """Whose count is invoiced: what we shipped or what the customer accepted."""

    SHIPPED = "SHIPPED"
    ACCEPTED = "ACCEPTED"


class ConfirmationMode(StrEnum):
    """AUTO confirms what was asked for once credit has released; MANUAL waits for a person (decision 32)."""

    AUTO = "AUTO"
    MANUAL = "MANUAL"


@dataclass(frozen=True)
class InvoicingTerms:
    """Decision 30's default: invoice what was shipped, when it is dispatched."""

    trigger: InvoiceTrigger = InvoiceTrigger.DISPATCH
    timeout_days: int = 0
    quantity: InvoicedQuantity = InvoicedQuantity.SHIPPED


@dataclass(frozen=True)
class EdiProfile:
    """How one partner speaks EDI: what it sends, what we send back and in which dialect."""

    in_test: bool = False
    charset: str | None = None
    versions: tuple[str, ...] = ("004010", "005010")
    unit_codes: dict[str, str] = field(default_factory=dict)  # their code -> ours
    item_qualifiers: dict[str, str] = field(default_factory=dict)  # their qualifier -> identifier scheme
    documents_out: tuple[str, ...] = ("855", "856", "810")
    interchange_qualifier: str = "ZZ"  # the partner's own address, to which we send
    interchange_id: str = ""
    company_id_qualifier: str | None = None  # our address in this partner's books, where it is a special one
    company_id: str | None = None
    element_separator: str = "*"
    component_separator: str = ">"
    repetition_separator: str = "^"
    segment_terminator: str = "~"
    newline: bool = False
    lenient_group_count: bool = False  # a van that splits batches sends counts larger than the content


@dataclass(frozen=True)
class AgreedTerms:
    first_day: date
    terms: PaymentTerms


@dataclass(frozen=True)
class AgreedLimit:
    """``last_day`` is the last on which the limit holds; None is open-ended."""

    first_day: date
    amount: Decimal
    currency: str
    last_day: date | None


@dataclass(frozen=True)
class AgreedFillRatePolicy:
    first_day: date
    policy_id: str
    policy: dict[str, Any]


@dataclass(frozen=True)
class AgreedDeductions:
    first_day: date
    agreement: dict[str, Any]


@dataclass(frozen=True)
class AgreedLogistics:
    """Minimum order, lead time, delivery days and holidays, whole (domain.fill_rate.parameters)."""

    first_day: date
    parameters: dict[str, Any]


@dataclass(frozen=True)
class AgreedInvoicing:
    first_day: date
    terms: InvoicingTerms


@dataclass(frozen=True)
class AgreedConfirmation:
    first_day: date
    mode: ConfirmationMode


@dataclass(frozen=True)
class AgreedEdiProfile:
    first_day: date
    profile: EdiProfile


class FromADay(Protocol):
    @property
    def first_day(self) -> date: ...


A = TypeVar("A", bound=FromADay)


def in_force(agreed: Iterable[A], day: date) -> A | None:
    """The latest agreement whose first day has come by ``day``."""
    latest: A | None = None
    for agreement in agreed:
        if agreement.first_day <= day and (latest is None or agreement.first_day >= latest.first_day):
            latest = agreement
    return latest


def with_agreement(agreed: tuple[A, ...], new: A) -> tuple[A, ...]:
    """``agreed`` with ``new`` in it by first day; one for the same first day gives way to it."""
    kept = [agreement for agreement in agreed if agreement.first_day != new.first_day]
    return tuple(sorted([*kept, new], key=lambda agreement: agreement.first_day))
