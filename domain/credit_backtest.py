"""Another limit or other rules over a past period: which orders would have been held, which would have passed (X13).

The account is taken as it was on the first day; then every request, delivery, document and payment of the period happens
to it again, in the order of the log, under the other rules. With the rules that were in force it repeats what happened.
Goods that left have left: what was delivered counts, also of an order that would have been held.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from domain.aggregate import deciding_at
from domain.credit import BaseLimit, CreditCode
from domain.credit_account import CreditAccount
from domain.credit_policy import AgreedCreditPolicy, CreditPolicy
from domain.values import ZERO, local_date


@dataclass(frozen=True)
class WhatIf:
    """``limit`` or ``policy`` None: as they were. Both days are included."""

    account: str
    first_day: date
    last_day: date
    limit: Decimal | None = None
    policy: CreditPolicy | None = None


@dataclass(frozen=True)
class Course:
    """What became of one request: held at first or not, why, and when it was let go."""

    held: bool
    reasons: tuple[CreditCode, ...] = ()
    reserved_on: date | None = None
    by_person: bool = False


@dataclass(frozen=True)
class Compared:
    order: str
    revision: int
    account: str
    amount: Decimal
    asked_on: date
    happened: Course
    would_have: Course

    @property
    def differs(self) -> bool:
        return self.happened != self.would_have


@dataclass
class _Courses:
    """The courses of all requests, read off the facts that decide them."""

    found: dict[tuple[str, int], Course] = field(default_factory=dict)
    asked: dict[tuple[str, int], tuple[str, Decimal, date]] = field(default_factory=dict)

    def read(self, event: Any) -> None:
        if not isinstance(
            event, CreditAccount.Reserved | CreditAccount.ReservationRefused | CreditAccount.ReleasedByPerson
        ):
            return
        key = (event.order, event.revision)
        known = self.found.get(key)
        self.asked.setdefault(key, (event.account, event.amount, event.on))
        if isinstance(event, CreditAccount.ReservationRefused):
            self.found[key] = known or Course(True, tuple(reason.code for reason in event.reasons))
        elif known is None or known.reserved_on is None:
            by_person = isinstance(event, CreditAccount.ReleasedByPerson)
            self.found[key] = replace(known or Course(False), reserved_on=event.on, by_person=by_person)


def backtest(facts: Iterable[Any], what: WhatIf) -> list[Compared]:
    """Every request of the period in the account and below it, as it went and as it would have gone."""
    account: Any = None
    waiting: list[Any] = []
    for event in facts:
        if account is None:
            account = event.mutate(None)
            continue
        day = _day(account, event)
        if day > what.last_day:
            break
        if day < what.first_day and not waiting:
            account = event.mutate(account)
        else:
            waiting.append(event)
    if account is None:
        return []
    name = "" if what.account == account.state.account else what.account
    happened, would_have = _Courses(), _Courses()
    again = _under(account, name, what)
    for event in waiting:
        happened.read(event)
        _happen_again(again, event, name, what)
        for decided in again.collect_events():
            would_have.read(decided)
    if name and name not in again.state.members:
        return []
    names = {one.account for one in again.state.below(again.state.book(name))}
    return _compared(happened, would_have, names, account.state.account)


def _under(account: CreditAccount, name: str, what: WhatIf) -> CreditAccount:
    """The account on the first day, under the other rules."""
    again: CreditAccount = copy.deepcopy(account)
    _agree_otherwise(again, name, what)
    return again


def _agree_otherwise(again: CreditAccount, name: str, what: WhatIf) -> None:
    if name and name not in again.state.members:
        return  # it joins later
    book = again.state.book(name)
    if what.limit is not None:
        book.limits = (BaseLimit(what.first_day, what.limit),)
    if what.policy is not None:
        version = max((agreed.version for agreed in book.policies), default=0) + 1
        book.policies = (AgreedCreditPolicy(what.first_day, version, what.policy),)


def _happen_again(again: CreditAccount, event: Any, name: str, what: WhatIf) -> None:
    """The same, decided anew where it is a decision or depends on one."""
    again.asked(getattr(event, "account", "") or again.state.account, 0)
    with deciding_at(event.timestamp):
        if _decides(again, event):
            return
        match event:
            case CreditAccount.ReservationReduced(order=order, amount=amount, on=on):
                again.reduce(order, amount, on)
            case CreditAccount.GoodsDelivered(order=order, shipment=shipment, amount=amount, on=on):
                again.record_delivery(order, shipment, amount, on, fulfils=event.fulfils, currency=event.currency)
            case CreditAccount.LimitAgreed(account=account) if account == name and what.limit is not None:
                pass
            case CreditAccount.PolicyAgreed(account=account) if account == name and what.policy is not None:
                pass
            case _:  # nothing that credit decided changes it
                event.apply(again)
                if isinstance(event, CreditAccount.MemberJoined) and event.account == name:
                    _agree_otherwise(again, name, what)
                again.examine_held(_day(again, event))


def _decides(again: CreditAccount, event: Any) -> bool:
    """Whether it was a decision; then it is taken again, where there is still something to decide."""
    state = again.state
    match event:
        case CreditAccount.Reserved(order=order, revision=revision, on=on) if _holds(again, order, revision):
            again.begin_day(on)
        case CreditAccount.Reserved() | CreditAccount.ReservationRefused():
            asked = (event.order, event.revision, event.amount, event.on)
            again.reserve(*asked, currency=event.currency, plan=event.plan)
        case CreditAccount.ReleasedByPerson(order=order, revision=revision):
            if _holds(again, order, revision) or order in state.delivery_holds:
                who = (event.requester, event.approver)
                again.release_by_person(order, revision, *who, event.on, authority=Decimal("Infinity"))
        case CreditAccount.DeliveryPassed(order=order) | CreditAccount.DeliveryHeld(order=order):
            if order in state.orders:
                again.check_delivery(order, event.on)
        case _:
            return False
    return True


def _holds(again: CreditAccount, order: str, revision: int) -> bool:
    held = again.state.held.get(order)
    return held is not None and held.revision == revision


def _compared(happened: _Courses, would_have: _Courses, names: set[str], top: str) -> list[Compared]:
    """Only requests that were made: what would have happened to others is not known."""
    rows = []
    for (order, revision), (account, amount, asked_on) in happened.asked.items():
        found = happened.found[order, revision]
        # decided in the period and not in the other course: it had been let go already, or was never asked again
        other = would_have.found.get((order, revision), Course(found.held, found.reasons))
        if (account or top) in names:
            rows.append(Compared(order, revision, account or top, amount, asked_on, found, other))
    return rows


def _day(account: CreditAccount, event: Any) -> date:
    """The trade's day of a fact; of an agreement the day on which it was recorded."""
    on: date | None = getattr(event, "on", None)
    if on is not None:
        return on
    return local_date(event.timestamp, account.state.zone)


def held_value(rows: Sequence[Compared]) -> tuple[Decimal, Decimal]:
    """The value held at first: as it went, and as it would have gone."""
    happened = sum((row.amount for row in rows if row.happened.held), ZERO)
    return happened, sum((row.amount for row in rows if row.would_have.held), ZERO)
