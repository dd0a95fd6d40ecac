"""How the balances of an account that joins a group become part of the group's, under its own name."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from domain.credit_balances import CreditAccountState
from domain.credit_book import AccountBook

_BOOK = tuple(field.name for field in fields(AccountBook))


def joined(group: CreditAccountState, balances: CreditAccountState, parent: str) -> None:
    """The account of ``balances`` below ``parent``, its members below it; its queue behind the group's."""
    own = balances.account
    group.members[own] = replace(_book_of(balances), parent=parent)
    for name, member in balances.members.items():
        group.members[name] = replace(_book_of(member))
    for kept in ("orders", "unbilled", "items", "drafts"):
        taken: dict[str, Any] = getattr(balances, kept)
        getattr(group, kept).update({name: replace(one, account=one.account or own) for name, one in taken.items()})
    group.releases.update(balances.releases)
    group.delivery_holds.update(balances.delivery_holds)
    group.prepaid.update(balances.prepaid)
    for name, held in sorted(balances.held.items(), key=lambda item: item[1].turn):
        group.held[name] = replace(held, account=held.account or own, turn=group.next_turn)
        group.next_turn += 1
    for pair, rates in balances.rates.items():
        group.rates.setdefault(pair, rates)


def _book_of(book: AccountBook) -> AccountBook:
    """Without what only a whole state has; amounts by currency are its own."""
    values = {name: getattr(book, name) for name in _BOOK}
    return AccountBook(**values | {"foreign": dict(book.foreign)})
