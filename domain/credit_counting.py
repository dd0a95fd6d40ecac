"""What an account is exposed to under a policy on a day: what counts, in which currency, and what others would bear.

definitions.md 2.1 and 2.2: an ancestor's exposure is the sum over its descendants; every item in another currency is
converted at the rate of the day and rounded once, half-up.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from domain.agreements import in_force
from domain.credit import StageAmounts
from domain.credit_balances import NOTHING_UNBILLED, CreditAccountState
from domain.credit_book import AccountBook, Cover, CoverKind, Receivable, counted
from domain.credit_policy import CreditPolicy, SecuredTreatment
from domain.values import ZERO, round_money



class RateUnknown(Exception):
    """No rate of the currency had been recorded by the day."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        super().__init__(currency)


def rate_pair(currency: str, against: str) -> str:
    """The name of a rate: CNY/USD 7.25 says that 7.25 CNY are 1 USD."""
    return f"{currency}/{against}"


def converted(state: CreditAccountState, amount: Decimal, currency: str, into: str, day: date) -> Decimal:
    """One item in another currency at the rate of the day; a pair that was recorded the other way round is turned."""
    if currency == into or amount == 0:
        return amount
    direct = in_force(state.rates.get(rate_pair(currency, into), ()), day)
    if direct is not None:
        return round_money(Fraction(amount) / Fraction(direct.rate), into)
    turned = in_force(state.rates.get(rate_pair(into, currency), ()), day)
    if turned is None:
        raise RateUnknown(rate_pair(currency, into))
    return round_money(Fraction(amount) * Fraction(turned.rate), into)


def horizon_end(policy: CreditPolicy, day: date) -> date | None:
    """The last planned day that counts; None counts all."""
    return None if policy.horizon is None else day + timedelta(days=policy.horizon)


def exposure_of(state: CreditAccountState, book: AccountBook, day: date, policy: CreditPolicy) -> Decimal:
    """In the account's currency, with everything below it."""
    until = horizon_end(policy, day)
    total = ZERO
    for part in state.below(book):
        for currency, stages in part.amounts().items():
            counts = _counts(stages, policy) - _beyond(state, part, currency, until)
            if not policy.include_disputed:
                counts -= disputed_of(state, part, currency)
            if currency == book.currency:
                total += counts
            else:
                items = list(_items(state, part, currency, policy, until))
                rest = counts - sum(items, ZERO)
                total += sum((converted(state, one, currency, book.currency, day) for one in (*items, rest)), ZERO)
    if policy.secured_treatment is SecuredTreatment.REDUCE_EXPOSURE:
        total -= secured(state, book, day, total)
    return total


def secured(state: CreditAccountState, book: AccountBook, day: date, exposure: Decimal) -> Decimal:
    """What insurers and banks would bear of the exposure, in the account's currency."""
    borne = ZERO
    for part in state.below(book):
        for cover in part.covers:
            if cover.first_day <= day and (cover.last_day is None or day <= cover.last_day):
                borne += converted(state, _borne(state, cover, part.currency), part.currency, book.currency, day)
    return min(borne, max(exposure, ZERO))


def whose_part(state: CreditAccountState, part: AccountBook, account: str) -> bool:
    return (account or state.account) == part.account


def items_of(state: CreditAccountState, book: AccountBook) -> Iterator[tuple[str, Receivable]]:
    """The open items of one account."""
    return ((name, item) for name, item in state.items.items() if whose_part(state, book, item.account))


def disputed_of(state: CreditAccountState, part: AccountBook, currency: str) -> Decimal:
    """What the customer contests of the open items in a currency."""
    items = (item for _, item in items_of(state, part) if (item.currency or part.currency) == currency)
    return sum((item.disputed for item in items), ZERO)


def _counts(stages: StageAmounts, policy: CreditPolicy) -> Decimal:
    total = stages.exposure()
    if not policy.include_unapplied_cash:
        total += stages.unapplied_cash
    return total + stages.bank_drafts if policy.include_bank_drafts else total


def _beyond(state: CreditAccountState, part: AccountBook, currency: str, until: date | None) -> Decimal:
    """What is planned for later than counts."""
    if until is None:
        return ZERO
    return sum(
        (
            kept.amount - counted(kept.amount, kept.plan, until)
            for kept in state.orders.values()
            if kept.plan and whose_part(state, part, kept.account) and (kept.currency or part.currency) == currency
        ),
        ZERO,
    )


def _items(
    state: CreditAccountState, part: AccountBook, currency: str, policy: CreditPolicy, until: date | None
) -> Iterator[Decimal]:
    """Every item of a currency for itself, as far as it counts."""
    for kept in state.orders.values():
        if _is(state, part, kept.account, kept.currency, currency):
            yield counted(kept.amount, kept.plan, until)
    for unbilled in state.unbilled.values():
        if _is(state, part, unbilled.account, unbilled.currency, currency):
            yield max(unbilled.value, ZERO)
    for item in state.items.values():
        if _is(state, part, item.account, item.currency, currency):
            yield item.amount if policy.include_disputed else item.amount - item.disputed


def _is(state: CreditAccountState, part: AccountBook, account: str, held_in: str, currency: str) -> bool:
    return whose_part(state, part, account) and (held_in or part.currency) == currency


def _borne(state: CreditAccountState, cover: Cover, currency: str) -> Decimal:
    if cover.kind is CoverKind.INSURANCE:
        return round_money(Fraction(cover.amount) * Fraction(cover.quota_percent) / 100, currency)
    value = state.committed(cover.item) + max(state.unbilled.get(cover.item, NOTHING_UNBILLED).value, ZERO)
    value += state.items.get(cover.item, Receivable()).amount
    return value if value <= cover.amount else ZERO
