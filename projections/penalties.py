"""Penalties for lists and pages: what we calculated, what the customer announced, what is open, what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Date, Index, Integer, MetaData, Table, Text, select

from domain.penalty import Penalty, PenaltyStatus
from domain.recorded import RecordedEvent
from domain.values import ZERO
from projections.columns import Instant, key, money
from projections.paging import Listed, Order, listed
from projections.view import Needs, Page, Row, View

METADATA = MetaData()

# ``announced`` and ``settled`` are sums over all documents; ``waived`` is what was announced and then dropped.
PENALTIES = Table(
    "penalties", METADATA,
    Column("penalty_id", key(), primary_key=True), Column("partner", key(), nullable=False),
    Column("policy", key(), nullable=False), Column("period", key(), nullable=False),
    Column("currency", Text, nullable=False), Column("state", key(), nullable=False),
    Column("calculated", money(), nullable=False), Column("charges", Integer, nullable=False),
    Column("rate", Text), Column("goal", Text), Column("policy_from", Date),
    Column("policy_digest", Text, nullable=False), Column("position", BigInteger, nullable=False),
    Column("announced", money(), nullable=False), Column("open", money(), nullable=False),
    Column("disputed", money(), nullable=False), Column("settled", money(), nullable=False),
    Column("waived", money(), nullable=False),
    Index("penalties_by_partner", "partner", "period", "policy"), Index("penalties_by_state", "state", "partner"),
)  # fmt: skip

HISTORY = Table(
    "history", METADATA,
    Column("penalty_id", key(), primary_key=True), Column("at_position", BigInteger, primary_key=True),
    Column("what", Text, nullable=False), Column("amount", money(), nullable=False), Column("document", Text),
    Column("dated_on", Date), Column("reason", Text), Column("recorded_at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
)  # fmt: skip

VIEW = View("penalties", 1, METADATA)

# Fold


def _the_penalty(event: Any) -> Needs:
    return {PENALTIES: [(event.originator_id,)]}


@VIEW.on(Penalty.Calculated)
def _calculated(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.put(
        PENALTIES,
        penalty_id=event.originator_id,
        partner=event.partner,
        policy=event.policy,
        period=event.period,
        currency=event.currency,
        state=PenaltyStatus.CALCULATED.value,
        **_figures(event),
        **dict.fromkeys(("announced", "open", "disputed", "settled", "waived"), ZERO),
    )
    _note(page, recorded, event.calculation.amount)


@VIEW.on(Penalty.Recalculated, needs=_the_penalty)
def _recalculated(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(PENALTIES, event.originator_id).update(_figures(event))
    _note(page, recorded, event.calculation.amount, reason=event.reason)


@VIEW.on(Penalty.AnnouncedByCustomer, needs=_the_penalty)
def _announced(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    row = page.row(PENALTIES, event.originator_id)
    row["announced"] += event.amount
    row["open"] += event.amount
    row["state"] = (PenaltyStatus.DISPUTED if row["disputed"] else PenaltyStatus.ANNOUNCED).value
    _note(page, recorded, event.amount, document=event.document, dated_on=event.announced_on)


@VIEW.on(Penalty.Disputed, needs=_the_penalty)
def _disputed(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(PENALTIES, event.originator_id).update(disputed=event.amount, state=PenaltyStatus.DISPUTED.value)
    _note(page, recorded, event.amount, reason=event.reason)


@VIEW.on(Penalty.Settled, needs=_the_penalty)
def _settled(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    row = page.row(PENALTIES, event.originator_id)
    row["settled"] += event.amount
    row.update(open=ZERO, disputed=ZERO, state=PenaltyStatus.SETTLED.value)
    _note(page, recorded, event.amount, document=event.document, dated_on=event.settled_on, reason=event.reason or None)


@VIEW.on(Penalty.Waived, needs=_the_penalty)
def _waived(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    row = page.row(PENALTIES, event.originator_id)
    row["waived"] += event.announced
    row.update(open=ZERO, disputed=ZERO, state=PenaltyStatus.WAIVED.value)
    _note(page, recorded, event.announced, reason=event.reason)


def _figures(event: Any) -> Row:
    found = event.calculation
    names = ("charges", "rate", "goal", "policy_from", "policy_digest", "position")
    return {"calculated": found.amount, **{name: getattr(found, name) for name in names}}


def _note(page: Page, recorded: RecordedEvent, amount: Any, **facts: Any) -> None:
    page.append(
        HISTORY,
        penalty_id=recorded.stream,
        at_position=recorded.position,
        what=recorded.type,
        amount=amount,
        recorded_at=recorded.recorded_at,
        actor=recorded.actor,
        **facts,
    )


# Queries


@dataclass(frozen=True)
class PenaltySearch:
    """What to look for; None leaves a condition out."""

    partner: str | None = None
    policy: str | None = None
    period: str | None = None
    state: PenaltyStatus | None = None


_C = PENALTIES.c
BY_PERIOD = Order((_C.partner, _C.period, _C.policy, _C.penalty_id), falling=(False, True))


def find_penalties(connection: Connection, search: PenaltySearch, limit: int = 50, after: str | None = None) -> Listed:
    """Penalties by partner, the latest period first."""
    state = None if search.state is None else search.state.value
    given = {_C.partner: search.partner, _C.policy: search.policy, _C.period: search.period, _C.state: state}
    query = select(PENALTIES).where(*(column == value for column, value in given.items() if value is not None))
    return listed(connection, query, BY_PERIOD, limit, after)


def penalty(connection: Connection, penalty_id: str) -> Row | None:
    """One penalty with ``history``: everything that happened to it, in the log's order."""
    row = connection.execute(select(PENALTIES).where(_C.penalty_id == penalty_id)).mappings().one_or_none()
    if row is None:
        return None
    query = select(HISTORY).where(HISTORY.c.penalty_id == penalty_id).order_by(HISTORY.c.at_position)
    return dict(row) | {"history": [dict(one) for one in connection.execute(query).mappings()]}
