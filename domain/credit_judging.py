"""Every reason why a request for credit fails, at the account and at every account above it (definitions.md 2.1, 2.2).

A decision is a function of the state, the question and the rules in force on its day: replaying it asks again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.credit import OVER_IN_MONEY, CreditCode, CreditReason, LimitInForce, limit_reasons
from domain.credit_balances import CreditAccountState
from domain.credit_book import AccountBook, Planned, counted
from domain.credit_counting import RateUnknown, converted, exposure_of, horizon_end, items_of
from domain.credit_policy import CreditPolicy
from domain.values import ZERO

_HUNDRED = Decimal(100)
_CENTS = Decimal("0.01")


@dataclass(frozen=True)
class Question:
    """An order's whole undelivered value on a day. ``again``: nothing more is asked for, but what stands is checked."""

    order: str
    amount: Decimal
    day: date
    account: str = ""
    currency: str = ""
    plan: tuple[Planned, ...] = ()
    again: bool = False


@dataclass(frozen=True)
class Judgement:
    """``exposure`` and ``limit`` of the account asked about, before the request; no reason means that it passes."""

    reasons: tuple[CreditReason, ...]
    exposure: Decimal
    limit: Decimal | None


def judge(state: CreditAccountState, asked: Question) -> Judgement:
    """The account's rules, its limit, and those of every account above it."""
    book = state.book(asked.account)
    policy, limit = book.policy_on(asked.day).policy, book.limit(asked.day)
    if state.is_free(asked.order, asked.amount, asked.day) or (not asked.again and _asks(state, asked, policy) <= 0):
        return Judgement((), book.totals.exposure(), limit.total)
    reasons = [*_rules(state, book, asked, policy)]
    above = list(state.ancestors(asked.account))
    try:
        exposure = exposure_of(state, book, asked.day, policy)
        reached = exposure + _more(state, book, asked, policy)
        if limit.total is not None or not any(one.limit(asked.day).total is not None for one in above):
            reasons += limit_reasons(reached, limit)
        for parent in above:
            reasons += _above(state, parent, asked)
        reasons += _too_large(state, book, asked, policy)
    except RateUnknown as unknown:
        exposure, asks = book.totals.exposure(), max(_asks(state, asked, policy), ZERO)
        reasons.append(CreditReason(CreditCode.RATE_UNKNOWN, asks, ZERO, asks, unknown.currency))
    return Judgement(tuple(reasons), exposure, limit.total)


def excess_of(reasons: Iterable[CreditReason], asks: Decimal) -> Decimal:
    """What a release puts at risk beyond what is allowed: the money over a limit; all that is asked for, where a rule
    that knows no money fails."""
    return max((reason.excess if reason.code in OVER_IN_MONEY else asks for reason in reasons), default=ZERO)


def _asks(state: CreditAccountState, asked: Question, policy: CreditPolicy) -> Decimal:
    """In the order's currency, what is planned within the horizon and not reserved yet."""
    until, known = horizon_end(policy, asked.day), state.orders.get(asked.order)
    before = counted(known.amount, known.plan, until) if known else ZERO
    return counted(asked.amount, asked.plan, until) - before


def _more(state: CreditAccountState, book: AccountBook, asked: Question, policy: CreditPolicy) -> Decimal:
    """By how much the exposure of ``book`` would rise; each item is converted for itself."""
    if asked.again:
        return ZERO
    until, known = horizon_end(policy, asked.day), state.orders.get(asked.order)
    currency = asked.currency or state.book(asked.account).currency
    before = counted(known.amount, known.plan, until) if known else ZERO
    after = counted(asked.amount, asked.plan, until)
    taken = converted(state, before, currency, book.currency, asked.day)
    return converted(state, after, currency, book.currency, asked.day) - taken


def _above(state: CreditAccountState, parent: AccountBook, asked: Question) -> list[CreditReason]:
    """The account above: one without a limit does not limit."""
    found = [_blocked(parent)] if parent.blocked is not None else []
    limit: LimitInForce = parent.limit(asked.day)
    if limit.total is None:
        return found
    policy = parent.policy_on(asked.day).policy
    reached = exposure_of(state, parent, asked.day, policy) + _more(state, parent, asked, policy)
    return found + [
        CreditReason(CreditCode.PARENT_LIMIT, reason.figure, reason.limit, reason.excess, parent.account)
        for reason in limit_reasons(reached, limit)
    ]


def _rules(state: CreditAccountState, book: AccountBook, asked: Question, policy: CreditPolicy) -> list[CreditReason]:
    """What fails beside the limits."""
    found = [_blocked(book)] if book.blocked is not None else []
    if policy.review_by is not None and asked.day > policy.review_by:
        late = Decimal((asked.day - policy.review_by).days)
        found.append(CreditReason(CreditCode.REVIEW_DATE_PASSED, late, ZERO, late, book.account))
    if policy.oldest_overdue_days is not None:
        found += _oldest(state, book, asked.day, policy, policy.oldest_overdue_days)
    if policy.overdue_share_percent is not None:
        found += _share(state, book, asked.day, policy.overdue_share_percent)
    return found


def _blocked(book: AccountBook) -> CreditReason:
    return CreditReason(CreditCode.ACCOUNT_BLOCKED, ZERO, ZERO, ZERO, book.account)


def _oldest(
    state: CreditAccountState, book: AccountBook, day: date, policy: CreditPolicy, allowed: int
) -> list[CreditReason]:
    """The oldest item of which something undisputed, and not too little, is overdue."""
    overdue = [
        ((day - item.due_on).days, name)
        for name, item in items_of(state, book)
        if item.due_on is not None and item.amount - item.disputed > 0
        if item.amount - item.disputed >= policy.overdue_minimum
    ]
    days, name = max(overdue, default=(0, ""))
    if days <= allowed:
        return []
    return [CreditReason(CreditCode.OLDEST_ITEM_OVERDUE, Decimal(days), Decimal(allowed), Decimal(days - allowed), name)]


def _share(state: CreditAccountState, book: AccountBook, day: date, allowed: Decimal) -> list[CreditReason]:
    """What is overdue and not disputed, of the whole receivable in the account's currency; compared exactly."""
    late = [
        item.amount - item.disputed
        for _, item in items_of(state, book)
        if item.due_on is not None and item.due_on < day and item.currency in ("", book.currency)
    ]
    overdue, owed = sum(late, ZERO), book.totals.receivable
    if owed <= 0 or overdue * _HUNDRED <= allowed * owed:
        return []
    share = (overdue * _HUNDRED / owed).quantize(_CENTS)
    return [CreditReason(CreditCode.OVERDUE_SHARE, share, allowed, share - allowed)]


def _too_large(
    state: CreditAccountState, book: AccountBook, asked: Question, policy: CreditPolicy
) -> list[CreditReason]:
    if policy.maximum_document is None:
        return []
    currency = asked.currency or book.currency
    value = converted(state, asked.amount, currency, book.currency, asked.day)
    over = value - policy.maximum_document
    return [CreditReason(CreditCode.MAXIMUM_DOCUMENT, value, policy.maximum_document, over)] if over > 0 else []
