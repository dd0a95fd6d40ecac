"""Credit exposure: each account's amounts by stage with every movement, its limits, and the requests it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Connection, Date, Index, Integer, MetaData, Table, Text, select

from domain.agreements import with_agreement
from domain.credit import BaseLimit, CreditReason, LimitInForce, StageAmounts, TemporaryIncrease, limit_on
from domain.credit_account import CreditAccount
from domain.recorded import RecordedEvent
from domain.values import ZERO
from projections.columns import Instant, Packed, key, money
from projections.paging import Listed, Order, listed
from projections.view import Needs, Page, View

METADATA = MetaData()
STAGES = ("open_orders", "delivered", "unposted", "receivable", "unapplied_cash", "unapplied_credits")

ACCOUNTS = Table(
    "accounts", METADATA,
    Column("stream", key(), primary_key=True), Column("account", key(), nullable=False),
    Column("currency", Text, nullable=False),
    Column("zone", Text, nullable=False), Column("strict_fifo", Boolean, nullable=False),
    *(Column(stage, money(), nullable=False) for stage in STAGES),
    Column("limits", Packed(tuple[BaseLimit, ...]), nullable=False),
    Column("increases", Packed(tuple[TemporaryIncrease, ...]), nullable=False),
)  # fmt: skip

# Every movement, by how much it changed each stage; the sum over an account is its row above.
MOVEMENTS = Table(
    "movements", METADATA,
    Column("stream", key(), primary_key=True), Column("position", BigInteger, primary_key=True),
    Column("type", Text, nullable=False), Column("document", key(), nullable=False),
    Column("order_id", key()), Column("on", Date, nullable=False),
    Column("at", Instant, nullable=False), Column("recorded_at", Instant, nullable=False),
    Column("actor", Text, nullable=False), Column("causation", Text),
    *(Column(stage, money(), nullable=False) for stage in STAGES),
    Index("movements_by_document", "document"), Index("movements_by_order", "order_id"),
)  # fmt: skip

HELD = Table(
    "held_requests", METADATA,
    Column("stream", key(), primary_key=True), Column("order_id", key(), primary_key=True),
    Column("since", BigInteger, nullable=False), Column("asked_on", Date, nullable=False),
    Column("revision", Integer, nullable=False), Column("amount", money(), nullable=False),
    Column("exposure", money(), nullable=False), Column("limit", money()),
    Column("reasons", Packed(tuple[CreditReason, ...]), nullable=False),
)  # fmt: skip

VIEW = View("credit_exposure", 1, METADATA)

# Fold


def _account(event: Any) -> Needs:
    return {ACCOUNTS: [(event.originator_id,)]}


def _account_and_order(event: Any) -> Needs:
    return {ACCOUNTS: [(event.originator_id,)], HELD: [(event.originator_id, event.order)]}


@VIEW.on(CreditAccount.Opened)
def _opened(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.put(
        ACCOUNTS,
        stream=event.originator_id,
        account=event.account,
        currency=event.currency,
        zone=event.zone,
        strict_fifo=event.strict_fifo,
        limits=(),
        increases=(),
        **dict.fromkeys(STAGES, ZERO),
    )


@VIEW.on(CreditAccount.LimitAgreed, needs=_account)
def _limit_agreed(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    row = page.row(ACCOUNTS, event.originator_id)
    row["limits"] = with_agreement(row["limits"], BaseLimit(event.first_day, event.amount, event.last_day))


@VIEW.on(CreditAccount.LimitRaisedTemporarily, needs=_account)
def _limit_raised(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    row = page.row(ACCOUNTS, event.originator_id)
    row["increases"] = (*row["increases"], TemporaryIncrease(event.first_day, event.last_day, event.amount))


@VIEW.on(CreditAccount.ReservationRefused, needs=_account_and_order)
def _refused(recorded: RecordedEvent, page: Page) -> None:
    """A request asked for again keeps its place in the queue."""
    event: Any = recorded.event
    before = page.find(HELD, event.originator_id, event.order)
    page.put(
        HELD,
        stream=event.originator_id,
        order_id=event.order,
        since=before["since"] if before else recorded.position,
        asked_on=before["asked_on"] if before else event.on,
        revision=event.revision,
        amount=event.amount,
        exposure=event.exposure,
        limit=event.limit,
        reasons=event.reasons,
    )


@VIEW.on(CreditAccount.Reserved, CreditAccount.ReleasedByPerson, needs=_account_and_order)
def _reserved(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.remove(HELD, event.originator_id, event.order)
    _move(page, recorded, event.order, event.order)


@VIEW.on(CreditAccount.ReservationReduced, needs=_account_and_order)
def _reduced(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    held = page.find(HELD, event.originator_id, event.order)
    if held is not None:
        _lower(page, held, min(held["amount"], event.amount))
    _move(page, recorded, event.order, event.order)


@VIEW.on(CreditAccount.GoodsDelivered, needs=_account_and_order)
def _goods_delivered(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    held = page.find(HELD, event.originator_id, event.order)
    if held is not None:
        _lower(page, held, max(held["amount"] - event.fulfils, ZERO))
    _move(page, recorded, event.shipment, event.order)


@VIEW.on(CreditAccount.Invoiced, CreditAccount.InvoiceVoided, needs=_account)
def _invoiced(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _move(page, recorded, event.invoice, None)


@VIEW.on(CreditAccount.Credited, needs=_account)
def _credited(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _move(page, recorded, event.document, None)


@VIEW.on(CreditAccount.Paid, CreditAccount.PaymentReversed, needs=_account)
def _paid(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _move(page, recorded, event.settlement, None)


def _lower(page: Page, held: dict[str, Any], amount: Decimal) -> None:
    held["amount"] = amount
    if amount == 0:
        page.remove(HELD, held["stream"], held["order_id"])


def _move(page: Page, recorded: RecordedEvent, document: str, order_id: str | None) -> None:
    event: Any = recorded.event
    row = page.row(ACCOUNTS, event.originator_id)
    moved = {stage: getattr(event.moved, stage) for stage in STAGES}
    for stage, amount in moved.items():
        row[stage] += amount
    page.append(
        MOVEMENTS,
        stream=event.originator_id,
        position=recorded.position,
        type=recorded.type,
        document=document,
        order_id=order_id,
        on=event.on,
        at=event.timestamp,
        recorded_at=recorded.recorded_at,
        actor=recorded.actor,
        causation=recorded.causation,
        **moved,
    )


# Queries


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
    """Accounts of a zone that hold requests: they look again when a day begins there."""
    query = select(ACCOUNTS.c.account).join(HELD, HELD.c.stream == ACCOUNTS.c.stream).where(ACCOUNTS.c.zone == zone)
    return list(connection.execute(query.distinct().order_by(ACCOUNTS.c.account)).scalars())
