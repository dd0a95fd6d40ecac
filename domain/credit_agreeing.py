"""What is agreed about a credit account: limits, rules, covers, rates, blocks, and its place in a group."""

from __future__ import annotations

import copy
from datetime import date
from decimal import Decimal

from domain import credit_agreed as facts
from domain.credit import BaseLimit, TemporaryIncrease
from domain.credit_balances import CreditAccountState
from domain.credit_book import Cover
from domain.credit_counting import rate_pair
from domain.credit_moving import CreditMovements
from domain.credit_policy import CreditPolicy
from domain.credit_refusals import (
    ABOVE_ITSELF,
    IN_ANOTHER_GROUP,
    INCREASE_ENDS_BEFORE_IT_BEGINS,
    NO_SUCH_MEMBER,
    RATE_NOT_POSITIVE,
)


class CreditAgreements(CreditMovements):
    """The same again is silent; what may let a held request go makes the account look again."""

    def agree_limit(self, amount: Decimal, first_day: date, last_day: date | None, on: date) -> None:
        self._not_negative(f"the limit from {first_day}", amount)
        self._in_order(amount, first_day, last_day)
        if BaseLimit(first_day, amount, last_day) not in self.state.book(self.acting).limits:
            days = {"first_day": first_day, "last_day": last_day}
            self.happened(facts.LimitAgreed, amount=amount, **days, account=self.acting)
            self.examine_held(on)

    def raise_limit_temporarily(self, amount: Decimal, first_day: date, last_day: date, on: date) -> None:
        self._not_negative(f"the increase from {first_day}", amount)
        self._in_order(amount, first_day, last_day)
        if TemporaryIncrease(first_day, last_day, amount) not in self.state.book(self.acting).increases:
            days = {"first_day": first_day, "last_day": last_day}
            self.happened(facts.LimitRaisedTemporarily, amount=amount, **days, account=self.acting)
            self.examine_held(on)

    def agree_policy(self, policy: CreditPolicy, first_day: date, on: date) -> None:
        """The rules from ``first_day``; decisions taken before stay what they were."""
        policies = self.state.book(self.acting).policies
        if not any(agreed.first_day == first_day and agreed.policy == policy for agreed in policies):
            version = max((agreed.version for agreed in policies), default=0) + 1
            values = {"version": version, "first_day": first_day, "account": self.acting}
            self.happened(facts.PolicyAgreed, policy=policy, **values)
            self.examine_held(on)

    def agree_cover(self, cover: Cover, on: date) -> None:
        self._not_negative(cover.document, cover.amount)
        if cover.last_day is not None:
            self._in_order(cover.amount, cover.first_day, cover.last_day)
        if cover not in self.state.book(self.acting).covers:
            self.happened(facts.CoverAgreed, cover=cover, account=self.acting)
            self.examine_held(on)

    def record_rate(self, currency: str, against: str, rate: Decimal, first_day: date, on: date) -> None:
        """``rate`` units of ``currency`` are one of ``against``; nothing that was decided changes (C4)."""
        pair = rate_pair(currency, against)
        if rate <= 0 or currency == against:
            raise RATE_NOT_POSITIVE(pair=pair, figure=rate)
        known = self.state.rates.get(pair, ())
        if not any(one.first_day == first_day and one.rate == rate for one in known):
            values = {"currency": currency, "against": against, "first_day": first_day}
            self.happened(facts.RateRecorded, rate=rate, **values)
            self.examine_held(on)

    def block(self, reason: str) -> None:
        """Nothing more is reserved or delivered until it is unblocked; what is reserved stays."""
        if self.state.book(self.acting).blocked != reason:
            self.happened(facts.Blocked, reason=reason, account=self.acting)

    def unblock(self, reason: str, on: date) -> None:
        if self.state.book(self.acting).blocked is not None:
            self.happened(facts.Unblocked, reason=reason, account=self.acting)
            self.examine_held(on)

    # Groups (decision 31): balances move by events, and are decided in the stream of the account at the top.

    def leave_for(self, parent: str, group: str) -> CreditAccountState:
        """This account, with all below it, is decided in the stream of ``group`` from now on; answers what it takes along."""
        if self.state.decided_in is not None:
            raise IN_ANOTHER_GROUP(account=self.state.account, group=self.state.decided_in)
        balances = copy.deepcopy(self.state)
        self.happened(facts.PlacedInGroup, parent=parent, group=group)
        return balances

    def admit(self, balances: CreditAccountState, parent: str, on: date) -> None:
        """An account comes below ``parent``; its held requests queue behind those of the group."""
        self.happened(facts.MemberJoined, account=balances.account, parent=parent, balances=balances)
        self.examine_held(on)

    def move_member(self, account: str, parent: str, on: date) -> None:
        """Below another account of this group."""
        member = self.state.members.get(account)
        if member is None:
            raise NO_SUCH_MEMBER(account=account, group=self.state.account)
        if parent in {one.account for one in self.state.below(member)}:
            raise ABOVE_ITSELF(account=account, parent=parent)
        if member.parent != parent:
            self.happened(facts.MemberMoved, account=account, parent=parent)
            self.examine_held(on)

    def _in_order(self, amount: Decimal, first_day: date, last_day: date | None) -> None:
        if last_day is not None and last_day < first_day:
            values = {"first_day": first_day, "last_day": last_day, "excess": (first_day - last_day).days}
            raise INCREASE_ENDS_BEFORE_IT_BEGINS(account=self.acting or self.state.account, figure=amount, **values)
