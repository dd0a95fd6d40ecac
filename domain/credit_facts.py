"""The facts of a credit account. ``moved`` is by how much each stage changes; ``on`` the trade's day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domain.aggregate import Aggregate
from domain.agreements import with_agreement
from domain.credit import BaseLimit, CreditReason, StageAmounts, TemporaryIncrease
from domain.credit_balances import CreditAccountState


class Opened(Aggregate.Created):
    TYPE = "credit.opened/1"
    account: str
    currency: str
    zone: str
    strict_fifo: bool = False

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state = CreditAccountState(self.account, self.currency, self.zone, self.strict_fifo)


class LimitAgreed(Aggregate.Event):
    TYPE = "credit.limit_agreed/1"
    amount: Decimal
    first_day: date
    last_day: date | None = None

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        agreed = BaseLimit(self.first_day, self.amount, self.last_day)
        account.state.limits = with_agreement(account.state.limits, agreed)


class LimitRaisedTemporarily(Aggregate.Event):
    TYPE = "credit.limit_raised_temporarily/1"
    amount: Decimal
    first_day: date
    last_day: date

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        raised = TemporaryIncrease(self.first_day, self.last_day, self.amount)
        account.state.increases = (*account.state.increases, raised)


class Reserved(Aggregate.Event):
    TYPE = "credit.reserved/1"
    order: str
    revision: int
    amount: Decimal
    moved: StageAmounts
    on: date

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.totals += self.moved
        account.state.commit(self.order, self.revision, self.amount)


class ReservationRefused(Aggregate.Event):
    TYPE = "credit.reservation_refused/1"
    order: str
    revision: int
    amount: Decimal
    reasons: tuple[CreditReason, ...]
    exposure: Decimal
    limit: Decimal | None
    on: date

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.hold(self.order, self.revision, self.amount, self.on)


class ReleasedByPerson(Aggregate.Event):
    TYPE = "credit.released_by_person/1"
    order: str
    revision: int
    amount: Decimal
    moved: StageAmounts
    requester: str
    approver: str
    excess: Decimal
    on: date

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.totals += self.moved
        account.state.commit(self.order, self.revision, self.amount)


class ReservationReduced(Aggregate.Event):
    """``amount`` is what the order's open part is worth from now on; zero ends it."""

    TYPE = "credit.reservation_reduced/1"
    order: str
    amount: Decimal
    moved: StageAmounts
    on: date

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.totals += self.moved
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

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.totals += self.moved
        account.state.deliver(self.order, self.shipment, self.amount, self.fulfils)


class Invoiced(Aggregate.Event):
    """``delivered`` is the value, at the orders' prices, that stops waiting for an invoice."""

    TYPE = "credit.invoiced/1"
    invoice: str
    moved: StageAmounts
    shipment: str | None
    delivered: Decimal
    on: date

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.totals += self.moved
        account.state.bill(self.shipment, self.delivered)


class InvoiceVoided(Aggregate.Event):
    """The invoice never was: its goods of ``delivered`` wait for an invoice again."""

    TYPE = "credit.invoice_voided/1"
    invoice: str
    moved: StageAmounts
    shipment: str | None
    delivered: Decimal
    on: date

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.totals += self.moved
        account.state.bill(self.shipment, -self.delivered)


class Credited(Aggregate.Event):
    TYPE = "credit.credited/1"
    document: str
    moved: StageAmounts
    on: date

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.totals += self.moved


class Paid(Aggregate.Event):
    TYPE = "credit.paid/1"
    settlement: str
    moved: StageAmounts
    on: date

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.totals += self.moved


class PaymentReversed(Aggregate.Event):
    TYPE = "credit.payment_reversed/1"
    settlement: str
    moved: StageAmounts
    on: date

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.totals += self.moved
