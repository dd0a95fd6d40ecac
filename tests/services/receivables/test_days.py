"""A day that begins: a temporary limit begins to hold and what was held is reserved."""

from __future__ import annotations

from datetime import date

from domain.credit import StageAmounts
from domain.credit_account import CreditAccount
from services.days import BeginDay
from services.receivables.crediting import RaiseLimitTemporarily
from tests.services.receivables.conftest import Seeded
from tests.services.receivables.trade import ACCOUNT, D

NEXT_WEEK = date(2026, 3, 9)


def test_a_held_order_is_reserved_on_the_day_its_limit_begins(seeded: Seeded) -> None:
    trade = seeded(limit="1000")
    order = trade.place("PO-1", ("1", "tea", "10"))
    raised = RaiseLimitTemporarily(account="retail-a", amount=D(10300), first_day=NEXT_WEEK, last_day=NEXT_WEEK)
    trade.receivables(raised)
    trade.receivables(BeginDay(zone="Europe/Paris", date=NEXT_WEEK))
    trade.settle()
    assert list(trade.look(CreditAccount, ACCOUNT).state.held) == [order]
    trade.receivables(BeginDay(zone="Asia/Shanghai", date=NEXT_WEEK))
    trade.settle()
    (reserved,) = trade.facts(CreditAccount.Reserved)
    assert (reserved.order, reserved.on) == (order, NEXT_WEEK)
    assert trade.stages() == StageAmounts(open_orders=D("11300.00"))
