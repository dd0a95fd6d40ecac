"""Customer plans: what customers say they will buy, the latest revision and every earlier one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, MetaData, Table, Text, select

from domain.customer_plan import CustomerPlan, PlanLine
from domain.recorded import RecordedEvent
from projections.columns import Instant, Packed, key
from projections.paging import Listed, Order, listed
from projections.view import Page, Row, View

METADATA = MetaData()

PLANS = Table(
    "plans", METADATA,
    Column("plan_id", key(), primary_key=True), Column("partner", key(), nullable=False),
    Column("kind", key(), nullable=False), Column("period", key(), nullable=False),
    Column("revision", Integer, nullable=False), Column("recorded_at", Instant, nullable=False),
    Index("plans_by_partner", "partner", "kind", "period"),
)  # fmt: skip

REVISIONS = Table(
    "revisions", METADATA,
    Column("plan_id", key(), primary_key=True), Column("revision", Integer, primary_key=True),
    Column("position", BigInteger, nullable=False), Column("at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False), Column("actor", Text, nullable=False),
    Column("lines", Packed(tuple[PlanLine, ...]), nullable=False),
)  # fmt: skip

VIEW = View("customer_plans", 1, METADATA)

# Fold


@VIEW.on(CustomerPlan.Recorded)
def _recorded(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.put(
        PLANS,
        plan_id=event.originator_id,
        partner=event.partner,
        kind=event.kind,
        period=event.period,
        revision=event.revision,
        recorded_at=recorded.recorded_at,
    )
    _keep(page, recorded)


@VIEW.on(CustomerPlan.Revised, needs=lambda event: {PLANS: [(event.originator_id,)]})
def _revised(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(PLANS, event.originator_id).update(revision=event.revision, recorded_at=recorded.recorded_at)
    _keep(page, recorded)


def _keep(page: Page, recorded: RecordedEvent) -> None:
    event: Any = recorded.event
    page.append(
        REVISIONS,
        plan_id=event.originator_id,
        revision=event.revision,
        position=recorded.position,
        at=event.timestamp,
        recorded_at=recorded.recorded_at,
        actor=recorded.actor,
        lines=event.lines,
    )


# Queries


def find_plans(
    connection: Connection,
    partner: str | None = None,
    kind: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> Listed:
    """Plans with the lines of their latest revision, by partner, kind and period."""
    c = PLANS.c
    latest = (REVISIONS.c.plan_id == c.plan_id) & (REVISIONS.c.revision == c.revision)
    query = select(PLANS, REVISIONS.c.lines).join(REVISIONS, latest)
    given = {c.partner: partner, c.kind: kind}
    query = query.where(*(column == value for column, value in given.items() if value is not None))
    return listed(connection, query, Order((c.partner, c.kind, c.period, c.plan_id)), limit, after)


def plan(connection: Connection, plan_id: str) -> Row | None:
    """One plan with ``revisions``, the latest first; each with its lines."""
    found = connection.execute(select(PLANS).where(PLANS.c.plan_id == plan_id)).mappings().one_or_none()
    if found is None:
        return None
    query = select(REVISIONS).where(REVISIONS.c.plan_id == plan_id).order_by(REVISIONS.c.revision.desc())
    revisions = [dict(row) for row in connection.execute(query).mappings()]
    return dict(found) | {"revisions": revisions, "lines": revisions[0]["lines"]}
