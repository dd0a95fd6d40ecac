"""Credit exposure: each account's amounts by stage with every movement, its limits, and the requests it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, or_, select

from domain.agreements import in_force
from domain.credit import BaseLimit, LimitInForce, StageAmounts, TemporaryIncrease, limit_on
from domain.credit_account import CreditAccount
from domain.credit_policy import BEFORE_ALL, CreditPolicy
from projections.credit_folds import ACCOUNTS, DELIVERY_HOLDS, HELD, MOVEMENTS, STAGES, VIEW
from projections.paging import Listed, Order, listed

__all__ = [
    "VIEW", "AccountExposure", "delivery_holds", "exposure", "exposures", "held_accounts", "held_requests", "movements",
    "zones",
]  # fmt: skip


@dataclass(frozen=True)
class AccountExposure:
    """An account on a day; ``limit.total`` and ``headroom`` are None when no limit was ever agreed."""

    account: str
    currency: str
    zone: str
    stages: StageAmounts
    exposure: Decimal
    limit: LimitInForce
    headroom: Decimal | None
    limits: tuple[BaseLimit, ...]
    increases: tuple[TemporaryIncrease, ...]
    policy_version: int
    policy: CreditPolicy
    parent: str | None
    blocked: str | None
    foreign: dict[str, StageAmounts]


def exposure(connection: Connection, account: str, on: date) -> AccountExposure | None:
    """One account; ``account`` is its name, as in its agreements."""
    query = select(ACCOUNTS).where(ACCOUNTS.c.stream == CreditAccount.stream(account))
    found = connection.execute(query).mappings().one_or_none()
    return None if found is None else _exposed(dict(found), on)


def exposures(connection: Connection, on: date) -> list[AccountExposure]:
    """Every account by name."""
    rows = connection.execute(select(ACCOUNTS).order_by(ACCOUNTS.c.account)).mappings()
    return [_exposed(dict(row), on) for row in rows]


def _exposed(row: dict[str, Any], on: date) -> AccountExposure:
    stages = StageAmounts(**{stage: row[stage] for stage in STAGES})
    limit = limit_on(on, row["limits"], row["increases"])
    reached, total = stages.exposure(), limit.total
    agreed = in_force(row["policies"], on) or BEFORE_ALL
    return AccountExposure(
        account=row["account"],
        currency=row["currency"],
        zone=row["zone"],
        stages=stages,
        exposure=reached,
        limit=limit,
        headroom=None if total is None else total - reached,
        limits=row["limits"],
        increases=row["increases"],
        policy_version=agreed.version,
        policy=agreed.policy,
        parent=row["parent"],
        blocked=row["blocked"],
        foreign=row["foreign"],
    )


def movements(
    connection: Connection,
    account: str,
    *,
    document: str | None = None,
    order_id: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> Listed:
    """The latest movement first; of one document or one order where named."""
    query = select(MOVEMENTS).where(MOVEMENTS.c.stream == CreditAccount.stream(account))
    if document is not None:
        query = query.where(MOVEMENTS.c.document == document)
    if order_id is not None:
        query = query.where(MOVEMENTS.c.order_id == order_id)
    return listed(connection, query, Order((MOVEMENTS.c.position,), falling=(True,)), limit, after)


def held_requests(
    connection: Connection, account: str | None = None, limit: int = 50, after: str | None = None
) -> Listed:
    """What waits for credit with the reasons, oldest first."""
    query = select(HELD, ACCOUNTS.c.account, ACCOUNTS.c.currency).join(ACCOUNTS, ACCOUNTS.c.stream == HELD.c.stream)
    if account is not None:
        query = query.where(HELD.c.stream == CreditAccount.stream(account))
    return listed(connection, query, Order((HELD.c.since, HELD.c.stream, HELD.c.order_id)), limit, after)


def zones(connection: Connection) -> list[str]:
    """Zones in which an account lies, whose limits may begin or end with a day."""
    return list(connection.execute(select(ACCOUNTS.c.zone).distinct().order_by(ACCOUNTS.c.zone)).scalars())


def held_accounts(connection: Connection, zone: str) -> list[str]:
    """Accounts of a zone that hold requests or goods, or watch a horizon: they look again when a day begins there."""
    waiting = select(HELD.c.stream).union(select(DELIVERY_HOLDS.c.stream))
    query = select(ACCOUNTS.c.account).where(
        ACCOUNTS.c.zone == zone, or_(ACCOUNTS.c.watched, ACCOUNTS.c.stream.in_(waiting))
    )
    return list(connection.execute(query.order_by(ACCOUNTS.c.account)).scalars())


def delivery_holds(connection: Connection, account: str) -> list[dict[str, Any]]:
    """Reserved orders whose goods wait for credit, the oldest first."""
    query = select(DELIVERY_HOLDS).where(DELIVERY_HOLDS.c.stream == CreditAccount.stream(account))
    return [dict(row) for row in connection.execute(query.order_by(DELIVERY_HOLDS.c.since)).mappings()]
