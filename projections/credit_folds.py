"""Tables and folds of credit exposure: amounts by stage with every movement, what is agreed, what is held."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, MetaData, Table, Text

from domain.agreements import with_agreement
from domain.credit import BaseLimit, CreditReason, StageAmounts, TemporaryIncrease
from domain.credit_account import CreditAccount
from domain.credit_policy import AgreedCreditPolicy
from domain.recorded import RecordedEvent
from domain.values import ZERO
from projections.columns import Instant, Packed, key, money
from projections.view import Needs, Page, View

METADATA = MetaData()
STAGES = (
    "open_orders", "delivered", "unposted", "receivable", "unapplied_cash", "unapplied_credits", "drafts", "bank_drafts",
)

ACCOUNTS = Table(
    "accounts", METADATA,
    Column("stream", key(), primary_key=True), Column("account", key(), nullable=False),
    Column("currency", Text, nullable=False),
    Column("zone", Text, nullable=False), Column("strict_fifo", Boolean, nullable=False),
    *(Column(stage, money(), nullable=False) for stage in STAGES),
    Column("limits", Packed(tuple[BaseLimit, ...]), nullable=False),
    Column("increases", Packed(tuple[TemporaryIncrease, ...]), nullable=False),
    Column("policies", Packed(tuple[AgreedCreditPolicy, ...]), nullable=False),
    Column("foreign", Packed(dict[str, StageAmounts]), nullable=False),
    Column("parent", key()), Column("blocked", Text), Column("watched", Boolean, nullable=False),
)  # fmt: skip

# Every movement, by how much it changed each stage; the sum over an account is its row above.
MOVEMENTS = Table(
    "movements", METADATA,
    Column("stream", key(), primary_key=True), Column("position", BigInteger, primary_key=True),
    Column("type", Text, nullable=False), Column("document", key(), nullable=False),
    Column("order_id", key()), Column("on", Date, nullable=False),
    Column("at", Instant, nullable=False), Column("recorded_at", Instant, nullable=False),
    Column("actor", Text, nullable=False), Column("causation", Text), Column("currency", Text, nullable=False),
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

# Goods of reserved orders that wait for credit.
DELIVERY_HOLDS = Table(
    "delivery_holds", METADATA,
    Column("stream", key(), primary_key=True), Column("order_id", key(), primary_key=True),
    Column("since", BigInteger, nullable=False), Column("held_on", Date, nullable=False),
    Column("exposure", money(), nullable=False), Column("limit", money()),
    Column("reasons", Packed(tuple[CreditReason, ...]), nullable=False),
)  # fmt: skip

VIEW = View("credit_exposure", 2, METADATA)

# Fold


def _whose(event: Any) -> str:
    """The account a fact is about, as its stream: in a group it is not the stream that decided."""
    return CreditAccount.stream(event.account) if event.account else str(event.originator_id)


def _account(event: Any) -> Needs:
    return {ACCOUNTS: [(_whose(event),)]}


def _account_and_order(event: Any) -> Needs:
    whose = _whose(event)
    return {ACCOUNTS: [(whose,)], HELD: [(whose, event.order)], DELIVERY_HOLDS: [(whose, event.order)]}


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
        policies=(),
        foreign={},
        parent=None,
        blocked=None,
        watched=False,
        **dict.fromkeys(STAGES, ZERO),
    )


@VIEW.on(CreditAccount.LimitAgreed, needs=_account)
def _limit_agreed(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    row = page.row(ACCOUNTS, _whose(event))
    row["limits"] = with_agreement(row["limits"], BaseLimit(event.first_day, event.amount, event.last_day))


@VIEW.on(CreditAccount.LimitRaisedTemporarily, needs=_account)
def _limit_raised(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    row = page.row(ACCOUNTS, _whose(event))
    row["increases"] = (*row["increases"], TemporaryIncrease(event.first_day, event.last_day, event.amount))


@VIEW.on(CreditAccount.PolicyAgreed, needs=_account)
def _policy_agreed(recorded: RecordedEvent, page: Page) -> None:
    """Once there is a horizon, the beginning of a day may bring orders within it."""
    event: Any = recorded.event
    row = page.row(ACCOUNTS, _whose(event))
    agreed = AgreedCreditPolicy(event.first_day, event.version, event.policy)
    row["policies"] = with_agreement(row["policies"], agreed)
    row["watched"] = row["watched"] or event.policy.horizon is not None


@VIEW.on(CreditAccount.Blocked, CreditAccount.Unblocked, needs=_account)
def _blocked(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(ACCOUNTS, _whose(event))["blocked"] = event.reason if isinstance(event, CreditAccount.Blocked) else None


@VIEW.on(CreditAccount.MemberJoined, CreditAccount.MemberMoved, needs=_account)
def _placed_under(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(ACCOUNTS, _whose(event))["parent"] = event.parent


@VIEW.on(CreditAccount.ReservationRefused, needs=_account_and_order)
def _refused(recorded: RecordedEvent, page: Page) -> None:
    """A request asked for again keeps its place in the queue."""
    event: Any = recorded.event
    before = page.find(HELD, _whose(event), event.order)
    page.put(
        HELD,
        stream=_whose(event),
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
    page.remove(HELD, _whose(event), event.order)
    if isinstance(event, CreditAccount.ReleasedByPerson) or event.amount == 0:
        page.remove(DELIVERY_HOLDS, _whose(event), event.order)
    _move(page, recorded, event.order, event.order)


@VIEW.on(CreditAccount.DeliveryHeld, CreditAccount.DeliveryPassed, needs=_account_and_order)
def _delivery_checked(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    if isinstance(event, CreditAccount.DeliveryPassed):
        page.remove(DELIVERY_HOLDS, _whose(event), event.order)
        return
    figures = {"exposure": event.exposure, "limit": event.limit, "reasons": event.reasons}
    names = {"stream": _whose(event), "order_id": event.order}
    page.put(DELIVERY_HOLDS, **names, since=recorded.position, held_on=event.on, **figures)


@VIEW.on(CreditAccount.ReservationReduced, needs=_account_and_order)
def _reduced(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    held = page.find(HELD, _whose(event), event.order)
    if held is not None:
        _lower(page, held, min(held["amount"], event.amount))
    if event.amount == 0:
        page.remove(DELIVERY_HOLDS, _whose(event), event.order)
    _move(page, recorded, event.order, event.order)


@VIEW.on(CreditAccount.GoodsDelivered, needs=_account_and_order)
def _goods_delivered(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.remove(DELIVERY_HOLDS, _whose(event), event.order)
    held = page.find(HELD, _whose(event), event.order)
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


@VIEW.on(CreditAccount.DraftReceived, CreditAccount.DraftEnded, needs=_account)
def _draft(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _move(page, recorded, event.draft, None)


def _lower(page: Page, held: dict[str, Any], amount: Decimal) -> None:
    held["amount"] = amount
    if amount == 0:
        page.remove(HELD, held["stream"], held["order_id"])


def _move(page: Page, recorded: RecordedEvent, document: str, order_id: str | None) -> None:
    event: Any = recorded.event
    row = page.row(ACCOUNTS, _whose(event))
    moved = {stage: getattr(event.moved, stage) for stage in STAGES}
    currency = event.currency or row["currency"]
    if currency == row["currency"]:
        for stage, amount in moved.items():
            row[stage] += amount
    else:
        row["foreign"] = row["foreign"] | {currency: row["foreign"].get(currency, StageAmounts()) + event.moved}
    page.append(
        MOVEMENTS,
        stream=_whose(event),
        position=recorded.position,
        type=recorded.type,
        document=document,
        order_id=order_id,
        on=event.on,
        at=event.timestamp,
        recorded_at=recorded.recorded_at,
        actor=recorded.actor,
        causation=recorded.causation,
        currency=currency,
        **moved,
    )
