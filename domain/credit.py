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

    An amount is at exactly one stage at a time: moving it along the chain changes no exposure.
    """

    open_orders: Decimal = ZERO
    delivered: Decimal = ZERO
    unposted: Decimal = ZERO
    receivable: Decimal = ZERO
    unapplied_cash: Decimal = ZERO
    unapplied_credits: Decimal = ZERO

    def __add__(self, other: StageAmounts) -> StageAmounts:
        return StageAmounts(
            self.open_orders + other.open_orders,
            self.delivered + other.delivered,
            self.unposted + other.unposted,
            self.receivable + other.receivable,
            self.unapplied_cash + other.unapplied_cash,
            self.unapplied_credits + other.unapplied_credits,
        )

    def __neg__(self) -> StageAmounts:
        return StageAmounts(
            -self.open_orders,
            -self.delivered,
            -self.unposted,
            -self.receivable,
            -self.unapplied_cash,
            -self.unapplied_credits,
        )

    def exposure(self) -> Decimal:
        """What the customer could cost us."""
        owed = self.open_orders + self.delivered + self.unposted + self.receivable
        return owed - self.unapplied_cash - self.unapplied_credits


class CreditCode(StrEnum):
    """Why a request for credit fails."""

    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    NO_LIMIT = "NO_LIMIT"
    LIMIT_EXPIRED = "LIMIT_EXPIRED"


@dataclass(frozen=True)
class CreditReason:
    """One failing rule: the figure reached, the limit it met and by how much it is over."""

    code: CreditCode
    figure: Decimal
    limit: Decimal
    excess: Decimal


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
    if request <= 0:
        return ()
    reached = exposure + request
    reasons = []
    total = limit.total
    if total is None:
        reasons.append(CreditReason(CreditCode.NO_LIMIT, reached, ZERO, reached))
    elif limit.expired_on is not None:
        reasons.append(CreditReason(CreditCode.LIMIT_EXPIRED, reached, total, max(reached - total, ZERO)))
    elif reached > total:
        reasons.append(CreditReason(CreditCode.LIMIT_EXCEEDED, reached, total, reached - total))
    return tuple(reasons)


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
}


def reason_sentence(reason: CreditReason) -> str:
    """A failing rule as a clerk would say it: the figure, the limit, the true excess, the next step."""
    return _SENTENCES[reason.code].format(figure=reason.figure, limit=reason.limit, excess=reason.excess)
