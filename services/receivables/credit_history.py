"""A credit account's past, read from the log: as it was and as it was known, decisions taken again, back-tests.

Nothing here is appended. Folding a stream costs time with its length; no decision waits for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, cast

from domain.credit_account import CreditAccount
from domain.credit_backtest import Compared, WhatIf, backtest, held_value
from domain.credit_balances import CreditAccountState
from domain.credit_book import AccountBook
from domain.credit_counting import RateUnknown, disputed_of, exposure_of, secured
from domain.credit_policy import AgreedCreditPolicy, credit_policy_json
from domain.credit_replay import DECISIONS, Replay, as_known, replay, replayed
from domain.values import local_date
from services.application import LogApplication
from services.event_log.contract import EventRow
from services.receivables.credit_accounts import deciding_stream

LOG = "receivables"
HEADS = 500


def account_as_known(
    log: LogApplication, account: str, as_of: datetime | None, known_at: int
) -> tuple[CreditAccount, str] | None:
    """The account, or its group, as of a moment from what was recorded up to a position; and the name to look at."""
    stream = CreditAccount.stream(account)
    while True:
        rows = (row for row in log.store.stream(stream) if row.position <= known_at)
        found = as_known((log.form.event(row) for row in rows), as_of)
        if found is None:
            return None
        if found.state.decided_in is None:
            return found, "" if account == found.state.account else account
        stream = CreditAccount.stream(found.state.decided_in)


def shown_account(account: CreditAccount, name: str, as_of: datetime) -> dict[str, Any]:
    """Exposure by stage and under the rules of the day, with everything that decides about a request."""
    state, book = account.state, account.state.book(name)
    day = local_date(as_of, book.zone)
    agreed = book.policy_on(day)
    orders = {order: held for order, held in state.held.items() if (held.account or state.account) == book.account}
    return {
        "account": book.account, "currency": book.currency, "zone": book.zone, "on": day, "stages": asdict(book.totals),
        "foreign": {currency: asdict(stages) for currency, stages in book.foreign.items()},
        "disputed": disputed_of(state, book, book.currency), "blocked": book.blocked,
        "policy_version": agreed.version, "policy": credit_policy_json(agreed.policy),
        **_figures(state, book, day),
        "above": [{"account": parent.account, **_figures(state, parent, day)} for parent in state.ancestors(name)],
        "held": [{"order": order, **asdict(held)} for order, held in sorted(orders.items(), key=lambda one: one[1].turn)],
        "delivery_holds": [
            {"order": order, "since": since} for order, since in state.delivery_holds.items()
            if (state.orders[order].account or state.account) == book.account
        ],
    }


def _figures(state: CreditAccountState, book: AccountBook, day: date) -> dict[str, Any]:
    """Exposure, limit, headroom, and the net risk that insurers and banks would leave; null where a rate is missing."""
    limit, policy = book.limit(day), book.policy_on(day).policy
    try:
        exposure = exposure_of(state, book, day, policy)
        borne = secured(state, book, day, exposure)
    except RateUnknown as unknown:
        return {"exposure": None, "rate_unknown": unknown.currency, "limit": limit.total, "headroom": None}
    headroom = None if limit.total is None else limit.total - exposure
    reduces = policy.secured_treatment == "REDUCE_EXPOSURE"
    net = exposure if reduces else exposure - borne
    return {"exposure": exposure, "limit": limit.total, "headroom": headroom, "secured": borne, "net_risk": net}


def replayed_decision(log: LogApplication, position: int) -> dict[str, Any] | None:
    """The decision at a position of the log, taken again from the facts before it; None where there is none."""
    row = log.store.event_at(position)
    if row is None or row.type not in log.form.stored_types(DECISIONS):
        return None
    rows = [before for before in log.store.stream(row.stream) if before.version < row.version]
    event = log.form.event(row)
    account: Any = None
    for before in rows:
        account = log.form.event(before).mutate(account)
    found = replay(account.state, event, _rules_today(log, row.stream))
    saw_all = event.seen == 0 or all(one.position <= event.seen or one.command_id == row.command_id for one in rows)
    return shown_replay(row, event, found) | {"same": found.same and saw_all}


def shown_replay(row: EventRow, event: Any, found: Replay) -> dict[str, Any]:
    return {
        "decision": row.position, "account": event.account or row.stream.partition("/")[2], "order": event.order,
        "on": event.on, "actor": row.actor, "recorded_at": row.recorded_at,
        "saw": {"position": f"{LOG}={event.seen or row.position - 1}", "policy_version": event.policy_version},
        "recorded": asdict(found.recorded), "again": asdict(found.again), "same": found.same,
        "under_todays_rules": None if found.today is None else asdict(found.today), "same_today": found.same_today,
    }


def decisions(log: LogApplication, account: str, first: date, last: date, *, differing: bool) -> list[dict[str, Any]]:
    """Every decision about the account between two days, taken again; ``differing``: only those that come out otherwise,
    then or under the rules of today."""
    stream = deciding_stream(lambda one: log.look(CreditAccount, one), account)
    rows = {row.version: row for row in log.store.stream(stream)}
    name = "" if CreditAccount.stream(account) == stream else account
    found = []
    facts = (log.form.event(row) for row in rows.values())
    for event, again in replayed(facts, _rules_today(log, stream)):
        if event.account == name and first <= event.on <= last and not (differing and again.same and again.same_today):
            found.append(shown_replay(rows[event.originator_version], event, again))
    return found


def not_repeated(log: LogApplication) -> list[str]:
    """Decisions in the log that come out otherwise when they are taken again, as sentences; none is good news."""
    found: list[str] = []
    last = ""
    while heads := log.store.heads_after(last, HEADS):
        last = heads[-1].stream
        for head in heads:
            if head.stream.startswith(f"{CreditAccount.KIND}/"):
                found += _not_repeated(log, head.stream)
    return found


def _not_repeated(log: LogApplication, stream: str) -> list[str]:
    try:
        return [
            f"{log.name} {stream} version {event.originator_version}: {again.recorded.outcome} of {event.order}"
            f" comes out as {again.again.outcome} when it is decided again"
            for event, again in replayed(_facts(log, stream)) if not again.same
        ]
    except Exception as error:
        return [f"{log.name} {stream}: its decisions cannot be taken again: {error!r}"]


def backtested(log: LogApplication, what: WhatIf) -> list[Compared]:
    stream = deciding_stream(lambda one: log.look(CreditAccount, one), what.account)
    return backtest(_facts(log, stream), what)


def shown_backtest(rows: list[Compared], *, differing: bool) -> dict[str, Any]:
    happened, would_have = held_value(rows)
    shown = [asdict(row) | {"differs": row.differs} for row in rows if row.differs or not differing]
    count: dict[str, int | Decimal] = {
        "requests": len(rows), "held": sum(row.happened.held for row in rows),
        "would_have_been_held": sum(row.would_have.held for row in rows), "held_value": happened,
        "would_have_been_held_value": would_have, "differing": sum(row.differs for row in rows),
    }
    return {**count, "orders": shown}


def _facts(log: LogApplication, stream: str) -> Iterator[Any]:
    return (log.form.event(row) for row in log.store.stream(stream))


def _rules_today(log: LogApplication, stream: str) -> Any:
    """The policies that the accounts of a stream have now; a past day is judged by the one in force now."""
    now = log.look(CreditAccount, stream)
    today = datetime.now(UTC)

    def rules(account: str) -> tuple[AgreedCreditPolicy, ...]:
        state = cast(CreditAccount, now).state
        known = account in ("", state.account) or account in state.members
        book = state.book(account) if known else state
        agreed = book.policy_on(local_date(today, book.zone))
        return (AgreedCreditPolicy(date.min, agreed.version, agreed.policy),)

    return rules
