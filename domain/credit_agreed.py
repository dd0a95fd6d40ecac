"""The facts of what is agreed about a credit account: limits, rules, covers, rates, blocks, its place in a group.

``account`` names the account of the group that a fact is about; "" is the account whose stream it is.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domain.aggregate import Aggregate
from domain.agreements import with_agreement
from domain.credit import BaseLimit, TemporaryIncrease
from domain.credit_balances import CreditAccountState
from domain.credit_book import AgreedRate, Cover
from domain.credit_counting import rate_pair
from domain.credit_grouping import joined
from domain.credit_policy import AgreedCreditPolicy, CreditPolicy

RATES_KEPT = 60


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
    account: str = ""

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        book = account.state.book(self.account)
        book.limits = with_agreement(book.limits, BaseLimit(self.first_day, self.amount, self.last_day))


class LimitRaisedTemporarily(Aggregate.Event):
    TYPE = "credit.limit_raised_temporarily/1"
    amount: Decimal
    first_day: date
    last_day: date
    account: str = ""

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        book = account.state.book(self.account)
        book.increases = (*book.increases, TemporaryIncrease(self.first_day, self.last_day, self.amount))


class PolicyAgreed(Aggregate.Event):
    """``version`` counts the account's policies; decisions name the one they saw."""

    TYPE = "credit.policy_agreed/1"
    policy: CreditPolicy
    version: int
    first_day: date
    account: str = ""

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        book = account.state.book(self.account)
        book.policies = with_agreement(book.policies, AgreedCreditPolicy(self.first_day, self.version, self.policy))


class CoverAgreed(Aggregate.Event):
    """An insurer or a bank bears a part; the same document again takes the place of the earlier cover."""

    TYPE = "credit.cover_agreed/1"
    cover: Cover
    account: str = ""

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        book = account.state.book(self.account)
        others = tuple(cover for cover in book.covers if cover.document != self.cover.document)
        book.covers = (*others, self.cover)


class RateRecorded(Aggregate.Event):
    """``rate`` units of ``currency`` are one unit of ``against``, from ``first_day`` until the next rate."""

    TYPE = "credit.rate_recorded/1"
    currency: str
    against: str
    rate: Decimal
    first_day: date

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        rates, pair = account.state.rates, rate_pair(self.currency, self.against)
        rates[pair] = with_agreement(rates.get(pair, ()), AgreedRate(self.first_day, self.rate))[-RATES_KEPT:]


class Blocked(Aggregate.Event):
    TYPE = "credit.blocked/1"
    reason: str
    account: str = ""

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.book(self.account).blocked = self.reason


class Unblocked(Aggregate.Event):
    TYPE = "credit.unblocked/1"
    reason: str
    account: str = ""

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.book(self.account).blocked = None


class PlacedInGroup(Aggregate.Event):
    """From here on the account is decided in the stream of ``group``, below ``parent``."""

    TYPE = "credit.placed_in_group/1"
    parent: str
    group: str

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.decided_in = self.group


class MemberJoined(Aggregate.Event):
    """An account, with all that stood below it, came into the group; its balances come with it."""

    TYPE = "credit.member_joined/1"
    account: str
    parent: str
    balances: CreditAccountState

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        joined(account.state, self.balances, self.parent)


class MemberMoved(Aggregate.Event):
    """Below another account of the same group."""

    TYPE = "credit.member_moved/1"
    account: str
    parent: str

    def apply(self, account: Aggregate[CreditAccountState]) -> None:
        account.state.members[self.account].parent = self.parent
