"""Credit decisions taken again from the facts before them, and accounts as they were known (features X2, X3).

A decision is a function of the account's state, the question and the rules; all three are in the log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from domain.credit import CreditReason
from domain.credit_account import CreditAccount
from domain.credit_balances import CreditAccountState
from domain.credit_judging import Judgement, Question, excess_of, judge
from domain.credit_policy import AgreedCreditPolicy


class Outcome(StrEnum):
    """What a decision said."""

    RESERVED = "RESERVED"
    HELD = "HELD"
    RELEASED_BY_PERSON = "RELEASED_BY_PERSON"
    DELIVERY_PASSED = "DELIVERY_PASSED"
    DELIVERY_HELD = "DELIVERY_HELD"


_OUTCOMES: dict[type[Any], Outcome] = {
    CreditAccount.Reserved: Outcome.RESERVED,
    CreditAccount.ReservationRefused: Outcome.HELD,
    CreditAccount.ReleasedByPerson: Outcome.RELEASED_BY_PERSON,
    CreditAccount.DeliveryPassed: Outcome.DELIVERY_PASSED,
    CreditAccount.DeliveryHeld: Outcome.DELIVERY_HELD,
}
DECISIONS = tuple(_OUTCOMES)
_DELIVERIES = (Outcome.DELIVERY_PASSED, Outcome.DELIVERY_HELD)


@dataclass(frozen=True)
class Decision:
    """``excess`` is what a person's release put at risk. Of a pass the log keeps no reasons: there are none."""

    outcome: Outcome
    reasons: tuple[CreditReason, ...]
    exposure: Decimal | None
    limit: Decimal | None
    policy_version: int
    excess: Decimal | None = None


@dataclass(frozen=True)
class Replay:
    """``again`` is what the same facts and rules say now, ``today`` what the account's rules of today would have said."""

    recorded: Decision
    again: Decision
    same: bool
    today: Decision | None = None
    same_today: bool | None = None


def as_recorded(event: Any) -> Decision:
    outcome = _OUTCOMES[type(event)]
    values = [getattr(event, name, None) for name in ("exposure", "limit")]
    return Decision(
        outcome, getattr(event, "reasons", ()), values[0], values[1], event.policy_version, getattr(event, "excess", None)
    )


def decided_again(state: CreditAccountState, event: Any, policies: tuple[AgreedCreditPolicy, ...] | None = None) -> Decision:
    """On the state before the decision; ``policies`` in the place of those the account had."""
    book = state.book(event.account)
    kept, book.policies = book.policies, book.policies if policies is None else policies
    try:
        outcome, version = _OUTCOMES[type(event)], book.policy_on(event.on).version
        if outcome in _DELIVERIES:
            found = judge(state, _delivery(state, event))
            outcome = Outcome.DELIVERY_HELD if found.reasons else Outcome.DELIVERY_PASSED
            return Decision(outcome, found.reasons, found.exposure, found.limit, version)
        found = judge(state, _request(state, event))
        if outcome is Outcome.RELEASED_BY_PERSON:
            asks = event.moved.open_orders or event.amount
            return Decision(outcome, (), None, None, version, excess_of(found.reasons, asks))
        return _requested(found, version)
    finally:
        book.policies = kept


def replay(
    state: CreditAccountState, event: Any, today: Callable[[str], tuple[AgreedCreditPolicy, ...]] | None = None
) -> Replay:
    """``today``: the rules in force now of an account."""
    recorded, again = as_recorded(event), decided_again(state, event)
    now = decided_again(state, event, today(event.account)) if today is not None else None
    same_today = None if now is None else (now.outcome, now.reasons) == (recorded.outcome, recorded.reasons)
    return Replay(recorded, again, again == recorded, now, same_today)


def replayed(
    facts: Iterable[Any], today: Callable[[str], tuple[AgreedCreditPolicy, ...]] | None = None
) -> Iterator[tuple[Any, Replay]]:
    """Every decision of a stream, in one pass over its facts."""
    account: Any = None
    for event in facts:
        if isinstance(event, DECISIONS):
            yield event, replay(account.state, event, today)
        account = event.mutate(account)


def as_known(facts: Iterable[Any], as_of: datetime | None = None) -> CreditAccount | None:
    """The account that the facts build up; those given after ``as_of`` are left out, wherever they stand."""
    account: Any = None
    for event in facts:
        if as_of is not None and event.timestamp > as_of:
            continue
        if account is None:
            account = event.mutate(None)
        elif _is_of(account.state, event):
            event.apply(account)
    return account  # type: ignore[no-any-return]


def _is_of(state: CreditAccountState, event: Any) -> bool:
    """A fact about an account that had not joined by then says nothing here."""
    name = getattr(event, "account", "")
    return isinstance(event, CreditAccount.MemberJoined) or name in ("", state.account) or name in state.members


def _request(state: CreditAccountState, event: Any) -> Question:
    again = isinstance(event, CreditAccount.ReleasedByPerson) and event.moved.open_orders == 0
    return Question(event.order, event.amount, event.on, event.account, event.currency, event.plan, again)


def _delivery(state: CreditAccountState, event: Any) -> Question:
    kept = state.orders[event.order]
    return Question(event.order, kept.amount, event.on, kept.account, kept.currency, kept.plan, again=True)


def _requested(found: Judgement, version: int) -> Decision:
    """Of a pass only the outcome and the version are recorded."""
    if not found.reasons:
        return Decision(Outcome.RESERVED, (), None, None, version)
    return Decision(Outcome.HELD, found.reasons, found.exposure, found.limit, version)
