"""Credit rules (信用额度): the stages an amount passes through, the limit in force, and what a request fails.

definitions.md 2.1: exposure = open orders + delivered + unposted + receivable - unapplied cash - unapplied
credits. Amounts are gross of tax because the receivable is. All failing reasons are reported, not the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.agreements import in_force
from domain.values import ZERO


@dataclass(frozen=True)
class StageAmounts:
    """How much stands at each stage, or, as a movement, by how much each stage changes.

    An amount is at exactly one stage at a time: moving it along the chain changes no exposure. ``bank_drafts`` are the
    bank's risk and no exposure of their own.
    """

    open_orders: Decimal = ZERO
    delivered: Decimal = ZERO
    unposted: Decimal = ZERO
    receivable: Decimal = ZERO
    unapplied_cash: Decimal = ZERO
    unapplied_credits: Decimal = ZERO
    drafts: Decimal = ZERO
    bank_drafts: Decimal = ZERO

    def __add__(self, other: StageAmounts) -> StageAmounts:
        return StageAmounts(
            self.open_orders + other.open_orders,
            self.delivered + other.delivered,
            self.unposted + other.unposted,
            self.receivable + other.receivable,
            self.unapplied_cash + other.unapplied_cash,
            self.unapplied_credits + other.unapplied_credits,
            self.drafts + other.drafts,
            self.bank_drafts + other.bank_drafts,
        )

    def __neg__(self) -> StageAmounts:
        return StageAmounts(
            -self.open_orders,
            -self.delivered,
            -self.unposted,
            -self.receivable,
            -self.unapplied_cash,
            -self.unapplied_credits,
            -self.drafts,
            -self.bank_drafts,
        )

    def exposure(self) -> Decimal:
        """What the customer could cost us, before a policy leaves anything out."""
        owed = self.open_orders + self.delivered + self.unposted + self.receivable
        return owed - self.unapplied_cash - self.unapplied_credits + self.drafts


class CreditCode(StrEnum):
    """Why a request for credit fails."""

    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    NO_LIMIT = "NO_LIMIT"
    LIMIT_EXPIRED = "LIMIT_EXPIRED"
    PARENT_LIMIT = "PARENT_LIMIT"
    ACCOUNT_BLOCKED = "ACCOUNT_BLOCKED"
    REVIEW_DATE_PASSED = "REVIEW_DATE_PASSED"
    OLDEST_ITEM_OVERDUE = "OLDEST_ITEM_OVERDUE"
    OVERDUE_SHARE = "OVERDUE_SHARE"
    MAXIMUM_DOCUMENT = "MAXIMUM_DOCUMENT"
    RATE_UNKNOWN = "RATE_UNKNOWN"


# Reasons whose excess is money over a limit; days and percents are not.
OVER_IN_MONEY = frozenset({
    CreditCode.LIMIT_EXCEEDED, CreditCode.NO_LIMIT, CreditCode.LIMIT_EXPIRED, CreditCode.PARENT_LIMIT,
    CreditCode.MAXIMUM_DOCUMENT,
})  # fmt: skip


@dataclass(frozen=True)
class CreditReason:
    """One failing rule: the figure reached, the limit it met, by how much it is over, and whose rule or which item."""

    code: CreditCode
    figure: Decimal
    limit: Decimal
    excess: Decimal
    subject: str = ""


@dataclass(frozen=True)
class BaseLimit:
    """A limit agreed from ``first_day``; ``last_day`` is the last on which it holds, None is open-ended."""

    first_day: date
    amount: Decimal
    last_day: date | None = None


@dataclass(frozen=True)
class TemporaryIncrease:
    """An amount on top of the limit; both days are included."""

    first_day: date
    last_day: date
    amount: Decimal


@dataclass(frozen=True)
class LimitInForce:
    """The limit on one day. ``base`` is None when none has begun; ``expired_on`` when it has run out."""

    base: Decimal | None
    increases: Decimal = ZERO
    expired_on: date | None = None

    @property
    def total(self) -> Decimal | None:
        """The figure to stay within; None when there is no limit at all."""
        if self.base is None:
            return None
        return self.increases if self.expired_on else self.base + self.increases


def limit_on(day: date, agreed: Iterable[BaseLimit], increases: Iterable[TemporaryIncrease]) -> LimitInForce:
    """The base limit whose first day came last, plus every increase that covers the day."""
    extra = sum((raised.amount for raised in increases if raised.first_day <= day <= raised.last_day), ZERO)
    base = in_force(agreed, day)
    if base is None:
        return LimitInForce(None, extra)
    expired = base.last_day if base.last_day is not None and base.last_day < day else None
    return LimitInForce(base.amount, extra, expired)


def judge_request(request: Decimal, exposure: Decimal, limit: LimitInForce) -> tuple[CreditReason, ...]:
    """Every reason why ``request`` on top of ``exposure`` fails; none means it passes.

    The limit is inclusive. A request of nothing or less always passes: it only lowers the risk.
    """
    return () if request <= 0 else limit_reasons(exposure + request, limit)


def limit_reasons(reached: Decimal, limit: LimitInForce) -> tuple[CreditReason, ...]:
    """What is wrong with an exposure of ``reached`` under the limit; there is one reason at the most."""
    total = limit.total
    if total is None:
        return (CreditReason(CreditCode.NO_LIMIT, reached, ZERO, reached),)
    if limit.expired_on is not None:
        return (CreditReason(CreditCode.LIMIT_EXPIRED, reached, total, max(reached - total, ZERO)),)
    if reached > total:
        return (CreditReason(CreditCode.LIMIT_EXCEEDED, reached, total, reached - total),)
    return ()


_SENTENCES = {
    CreditCode.LIMIT_EXCEEDED: (
        "exposure would reach {figure}, {excess} over the limit of {limit}: wait for a payment, raise the limit or ask"
        " for a release"
    ),
    CreditCode.NO_LIMIT: "no credit limit is agreed, {figure} is asked for: agree a limit or ask for a release",
    CreditCode.LIMIT_EXPIRED: (
        "the limit has expired and {limit} remains, exposure would reach {figure}: agree a new limit or ask for a"
        " release"
    ),
    CreditCode.PARENT_LIMIT: (
        "exposure of the group account {subject} would reach {figure}, {excess} over its limit of {limit}: wait for a"
        " payment in the group, raise its limit or ask for a release"
    ),
    CreditCode.ACCOUNT_BLOCKED: "account {subject} is blocked: have it unblocked or ask for a release",
    CreditCode.REVIEW_DATE_PASSED: (
        "the review of account {subject} is {excess} days late: review it and agree the next date, or ask for a release"
    ),
    CreditCode.OLDEST_ITEM_OVERDUE: (
        "{subject} is {figure} days overdue, {excess} more than the {limit} allowed: have it paid or ask for a release"
    ),
    CreditCode.OVERDUE_SHARE: (
        "{figure} % of the receivable is overdue, {excess} more than the {limit} allowed: have it paid or ask for a release"
    ),
    CreditCode.MAXIMUM_DOCUMENT: (
        "the order is worth {figure}, {excess} over the {limit} allowed for one document: split it or ask for a release"
    ),
    CreditCode.RATE_UNKNOWN: "no rate for {subject} is recorded by that day: record it, the order is examined again then",
}


def reason_sentence(reason: CreditReason) -> str:
    """A failing rule as a clerk would say it: the figure, the limit, the true excess, the next step."""
    figures = {"figure": reason.figure, "limit": reason.limit, "excess": reason.excess}
    return _SENTENCES[reason.code].format(subject=reason.subject, **figures)
