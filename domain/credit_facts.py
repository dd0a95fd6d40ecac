"""The facts of a credit account that move amounts or decide. ``moved`` is by how much each stage changes; ``on`` the
trade's day.

``account`` names the account of the group that a fact is about ("" is the account whose stream it is), ``currency`` the
currency of its amounts ("" is that account's). ``seen`` is the log's position that a decision knew, ``policy_version``
the version of the account's credit policy it followed.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domain.aggregate import Aggregate
from domain.credit import CreditReason, StageAmounts
from domain.credit_balances import CreditAccountState
from domain.credit_book import Commitment, ItemShift, Planned, Receivable, Release, Unbilled
from domain.values import ZERO


class Reserved(Aggregate.Event):
    """``unchecked``: planned beyond the horizon. ``amount`` is the order's whole open value."""

    TYPE = "credit.reserved/1"
    order: str
    revision: int
    amount: Decimal
    moved: StageAmounts
    on: date
    seen: int = 0
    policy_version: int = 0
    account: str = ""
    currency: str = ""
    plan: tuple[Planned, ...] = ()
    unchecked: bool = False

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.shift(self.account, self.currency, self.moved)
        kept = Commitment(self.revision, self.amount, (), self.account, self.currency, self.plan, self.unchecked)
        account.state.commit(self.order, kept)


class ReservationRefused(Aggregate.Event):
    TYPE = "credit.reservation_refused/1"
    order: str
    revision: int
    amount: Decimal
    reasons: tuple[CreditReason, ...]
    exposure: Decimal
    limit: Decimal | None
    on: date
    seen: int = 0
    policy_version: int = 0
    account: str = ""
    currency: str = ""
    plan: tuple[Planned, ...] = ()

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        whose = (self.account, self.currency, self.plan)
        account.state.hold(self.order, self.revision, self.amount, self.on, *whose)


class ReleasedByPerson(Aggregate.Event):
    """Good for ``valid_days`` after the day it was given, for a value that is ``deviation_percent`` higher at the most."""

    TYPE = "credit.released_by_person/1"
    order: str
    revision: int
    amount: Decimal
    moved: StageAmounts
    requester: str
    approver: str
    excess: Decimal
    on: date
    valid_days: int | None = None
    deviation_percent: Decimal = ZERO
    seen: int = 0
    policy_version: int = 0
    account: str = ""
    currency: str = ""
    plan: tuple[Planned, ...] = ()

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.shift(self.account, self.currency, self.moved)
        if self.valid_days is not None:
            release = Release(self.amount, self.on, self.valid_days, self.deviation_percent)
            account.state.releases[self.order] = release
        account.state.pass_delivery(self.order)
        kept = Commitment(self.revision, self.amount, (), self.account, self.currency, self.plan)
        account.state.commit(self.order, kept)


class ReservationReduced(Aggregate.Event):
    """``amount`` is what the order's open part is worth from now on; zero ends it."""

    TYPE = "credit.reservation_reduced/1"
    order: str
    amount: Decimal
    moved: StageAmounts
    on: date
    account: str = ""
    currency: str = ""

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.shift(self.account, self.currency, self.moved)
        account.state.lower(self.order, self.amount)


class GoodsDelivered(Aggregate.Event):
    """``amount`` left the yard for ``order``; ``fulfils`` is how much of its reservation that used up."""

    TYPE = "credit.goods_delivered/1"
    order: str
    shipment: str
    moved: StageAmounts
    amount: Decimal
    fulfils: Decimal
    on: date
    account: str = ""
    currency: str = ""

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.shift(self.account, self.currency, self.moved)
        waiting = Unbilled(self.amount, account=self.account, currency=self.currency)
        account.state.deliver(self.order, self.shipment, waiting, self.fulfils)


class Invoiced(Aggregate.Event):
    """``delivered`` is the value, at the orders' prices, that stops waiting for an invoice.

    ``itemised``: payments will say which items they clear; in logs from before items they did not, and none is kept.
    """

    TYPE = "credit.invoiced/1"
    invoice: str
    moved: StageAmounts
    shipment: str | None
    delivered: Decimal
    on: date
    due_on: date | None = None
    itemised: bool = False
    account: str = ""
    currency: str = ""

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.shift(self.account, self.currency, self.moved)
        account.state.bill(self.shipment, self.delivered, self.account, self.currency)
        if self.itemised:
            item = Receivable(self.moved.receivable, ZERO, self.due_on, self.account, self.currency)
            account.state.owe(self.invoice, item)


class InvoiceVoided(Aggregate.Event):
    """The invoice never was: its goods of ``delivered`` wait for an invoice again."""

    TYPE = "credit.invoice_voided/1"
    invoice: str
    moved: StageAmounts
    shipment: str | None
    delivered: Decimal
    on: date
    account: str = ""
    currency: str = ""

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.shift(self.account, self.currency, self.moved)
        account.state.bill(self.shipment, -self.delivered, self.account, self.currency)
        account.state.settle((ItemShift(self.invoice, self.moved.receivable),))


class Credited(Aggregate.Event):
    TYPE = "credit.credited/1"
    document: str
    moved: StageAmounts
    on: date
    account: str = ""
    currency: str = ""

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.shift(self.account, self.currency, self.moved)


class Paid(Aggregate.Event):
    TYPE = "credit.paid/1"
    settlement: str
    moved: StageAmounts
    on: date
    items: tuple[ItemShift, ...] = ()
    account: str = ""
    currency: str = ""

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.shift(self.account, self.currency, self.moved)
        account.state.settle(self.items, self.account, self.currency)


class PaymentReversed(Aggregate.Event):
    TYPE = "credit.payment_reversed/1"
    settlement: str
    moved: StageAmounts
    on: date
    items: tuple[ItemShift, ...] = ()
    account: str = ""
    currency: str = ""

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.shift(self.account, self.currency, self.moved)
        account.state.settle(self.items, self.account, self.currency)


class DeliveryPassed(Aggregate.Event):
    """The check at goods issue, or as an order enters the horizon; ``released`` where a person's release stood for it."""

    TYPE = "credit.delivery_passed/1"
    order: str
    exposure: Decimal
    limit: Decimal | None
    released: bool
    on: date
    seen: int = 0
    policy_version: int = 0
    account: str = ""

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.pass_delivery(self.order)


class DeliveryHeld(Aggregate.Event):
    """What is reserved stays so; the goods wait."""

    TYPE = "credit.delivery_held/1"
    order: str
    reasons: tuple[CreditReason, ...]
    exposure: Decimal
    limit: Decimal | None
    on: date
    seen: int = 0
    policy_version: int = 0
    account: str = ""

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.pass_delivery(self.order)
        account.state.delivery_holds[self.order] = self.on
