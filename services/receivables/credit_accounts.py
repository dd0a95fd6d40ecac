"""Which stream decides about a credit account, the day it is there, and what every command on it answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from domain.credit_account import CreditAccount
from domain.values import local_date
from services.command import Answer
from services.event_log.work import Work
from services.http import href


def deciding_stream(look: Callable[[str], CreditAccount | None], account: str) -> str:
    """The stream of the account, or of the one at the top of the group it was placed in (decision 31)."""
    stream = CreditAccount.stream(account)
    found = look(stream)
    while found is not None and found.state.decided_in is not None:
        stream = CreditAccount.stream(found.state.decided_in)
        found = look(stream)
    return stream


def credit_account(work: Work, account: str) -> tuple[CreditAccount, date]:
    """The aggregate that decides about the account, told about which one it is asked, and the day it is there now."""
    found = work.get(CreditAccount, CreditAccount.stream(account))
    while found.state.decided_in is not None:
        found = work.get(CreditAccount, CreditAccount.stream(found.state.decided_in))
    found.asked(account, work.position)
    return found, local_date(work.context.at, found.state.book(account).zone)


def credit_answer(account: CreditAccount, name: str, status: int = 200, **more: Any) -> Answer:
    stream = CreditAccount.stream(name)
    body = {"account": stream, "href": href("credit-accounts", stream), "version": account.version, **more}
    return Answer(status, body)
