"""The parts that a credit account keeps: what is committed, held, unbilled and open, releases, covers, rates.

A part of the group's own account names neither account nor currency: both are "" there, as in logs from before
there were groups.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from domain.agreements import in_force
from domain.credit import BaseLimit, LimitInForce, StageAmounts, TemporaryIncrease, limit_on
from domain.credit_policy import BEFORE_ALL, AgreedCreditPolicy
from domain.values import ZERO

_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Planned:
    """How much of an order is planned to be delivered on a day."""

    day: date
    amount: Decimal


def counted(amount: Decimal, plan: tuple[Planned, ...], until: date | None) -> Decimal:
    """What of ``amount`` counts when only deliveries planned by ``until`` do; the earliest parts are the first to leave."""
    if until is None or not plan:
        return amount
    later = sum((part.amount for part in plan if part.day > until), ZERO)
    return amount - min(later, amount)


@dataclass(frozen=True)
class Commitment:
    """What is reserved for an order's undelivered part; ``shipments`` makes a repeated delivery silent.

    ``unchecked``: it was planned beyond the horizon when it came, and is checked when it enters it.
    """

    revision: int
    amount: Decimal
    shipments: tuple[str, ...] = ()
    account: str = ""
    currency: str = ""
    plan: tuple[Planned, ...] = ()
    unchecked: bool = False


@dataclass(frozen=True)
class HeldRequest:
    """A request that did not fit: ``amount`` is the order's whole open value, ``turn`` its place in the queue."""

    revision: int
    amount: Decimal
    turn: int
    asked_on: date
    account: str = ""
    currency: str = ""
    plan: tuple[Planned, ...] = ()


@dataclass(frozen=True)
class Unbilled:
    """A shipment's value awaiting its invoice; below zero when the invoice was heard of before the goods."""

    value: Decimal = ZERO
    orders: tuple[str, ...] = ()
    account: str = ""
    currency: str = ""


@dataclass(frozen=True)
class Receivable:
    """An open item: what is owed of it, since when it is due, and how much of it the customer contests."""

    amount: Decimal = ZERO
    disputed: Decimal = ZERO
    due_on: date | None = None
    account: str = ""
    currency: str = ""


@dataclass(frozen=True)
class ItemShift:
    """By how much a payment, or its reversal, changes an open item and the contested part of it.

    ``due_on`` where a reversal opens again what was paid wholly and is kept no longer.
    """

    item: str
    amount: Decimal
    disputed: Decimal = ZERO
    due_on: date | None = None


@dataclass(frozen=True)
class Release:
    """A person's word on an order: day 0 is the day it was given, both ends are inclusive (C7).

    ``delivered`` is what has left of the document since; the rest of it has to fit into what remains.
    """

    value: Decimal
    released_on: date
    days: int = 0
    deviation_percent: Decimal = ZERO
    delivered: Decimal = ZERO

    @property
    def valid_until(self) -> date:
        return self.released_on + timedelta(days=self.days)

    def covers(self, value: Decimal, on: date) -> bool:
        whole = (value + self.delivered) * _HUNDRED
        return on <= self.valid_until and whole <= self.value * (_HUNDRED + self.deviation_percent)


class CoverKind(StrEnum):
    """An insurer pays a quota of the loss; a letter of credit guarantees one item wholly or not at all."""

    INSURANCE = "INSURANCE"
    LETTER_OF_CREDIT = "LETTER_OF_CREDIT"


@dataclass(frozen=True)
class Cover:
    """``item`` is what a letter of credit is about: the order, the shipment or the invoice."""

    document: str
    kind: CoverKind
    amount: Decimal
    quota_percent: Decimal
    first_day: date
    last_day: date | None = None
    item: str = ""


class DraftKind(StrEnum):
    """Who owes a draft: the customer (商业承兑汇票) or its bank (银行承兑汇票)."""

    COMMERCIAL = "COMMERCIAL"
    BANK = "BANK"


@dataclass(frozen=True)
class Draft:
    """A bill received but not matured."""

    kind: DraftKind
    amount: Decimal
    matures_on: date
    account: str = ""


@dataclass(frozen=True)
class AgreedRate:
    """``rate`` units of one currency are one unit of the other, from ``first_day`` until the next one."""

    first_day: date
    rate: Decimal


@dataclass
class AccountBook:
    """One account: its amounts in its own currency, and in others; its agreements; ``parent`` within the group."""

    account: str
    currency: str
    zone: str
    strict_fifo: bool = False
    totals: StageAmounts = field(default_factory=StageAmounts)
    limits: tuple[BaseLimit, ...] = ()
    increases: tuple[TemporaryIncrease, ...] = ()
    policies: tuple[AgreedCreditPolicy, ...] = ()
    covers: tuple[Cover, ...] = ()
    foreign: dict[str, StageAmounts] = field(default_factory=dict)
    blocked: str | None = None
    parent: str | None = None

    def limit(self, day: date) -> LimitInForce:
        return limit_on(day, self.limits, self.increases)

    def policy_on(self, day: date) -> AgreedCreditPolicy:
        """The rules in force; those that count everything and check the limit only until some are agreed."""
        return in_force(self.policies, day) or BEFORE_ALL

    def amounts(self) -> dict[str, StageAmounts]:
        """By currency, the account's own first."""
        return {self.currency: self.totals, **self.foreign}
