"""The facts about open items and drafts of a credit account: when they are due, what is contested, what has matured."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.aggregate import Aggregate
from domain.credit import StageAmounts
from domain.credit_balances import CreditAccountState
from domain.credit_book import Draft, DraftKind, Receivable
from domain.values import ZERO


class ItemFellDue(Aggregate.Event):
    """From which day on an item counts as overdue is known."""

    TYPE = "credit.item_due/1"
    item: str
    due_on: date
    account: str = ""
    currency: str = ""

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.fall_due(self.item, Receivable(ZERO, ZERO, self.due_on, self.account, self.currency))


class ItemDisputed(Aggregate.Event):
    """``disputed`` is what the customer contests of the item from now on; zero ends it."""

    TYPE = "credit.item_disputed/1"
    item: str
    disputed: Decimal
    on: date
    account: str = ""

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.items[self.item] = replace(account.state.items[self.item], disputed=self.disputed)


class OrderPrepaid(Aggregate.Event):
    """``amount`` of the order has been paid in advance, in all; the cash itself is on account."""

    TYPE = "credit.order_prepaid/1"
    order: str
    amount: Decimal
    on: date
    account: str = ""

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.prepaid[self.order] = self.amount


class DraftReceived(Aggregate.Event):
    TYPE = "credit.draft_received/1"
    draft: str
    kind: DraftKind
    amount: Decimal
    matures_on: date
    moved: StageAmounts
    on: date
    account: str = ""
    currency: str = ""

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.shift(self.account, self.currency, self.moved)
        account.state.drafts[self.draft] = Draft(self.kind, self.amount, self.matures_on, self.account)


class DraftEnded(Aggregate.Event):
    """The draft was honoured, or it was not and what it paid is owed again."""

    TYPE = "credit.draft_ended/1"
    draft: str
    honoured: bool
    moved: StageAmounts
    on: date
    account: str = ""
    currency: str = ""

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.shift(self.account, self.currency, self.moved)
        account.state.drafts.pop(self.draft, None)
