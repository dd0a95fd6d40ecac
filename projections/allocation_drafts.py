"""Drafts of allocations: who means to pay what from which payment, those that are still drafts first of all."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, Index, MetaData, Table, Text, select

from domain.allocation_draft import AllocationDraft
from domain.recorded import RecordedEvent
from projections.columns import Instant, key
from projections.paging import Listed, Order, listed
from projections.view import Needs, Page, View

METADATA = MetaData()
OPEN = "OPEN"

DRAFTS = Table(
    "drafts", METADATA,
    Column("draft_id", key(), primary_key=True), Column("settlement", key(), nullable=False),
    Column("owner", key(), nullable=False), Column("status", key(), nullable=False), Column("note", Text, nullable=False),
    Column("saved_at", Instant, nullable=False),
    Index("drafts_by_settlement", "settlement", "draft_id"), Index("drafts_by_owner", "owner", "draft_id"),
)  # fmt: skip

VIEW = View("allocation_drafts", 1, METADATA)

# Fold


def _the_draft(event: Any) -> Needs:
    return {DRAFTS: [(event.originator_id,)]}


@VIEW.on(AllocationDraft.Begun)
def _begun(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.put(
        DRAFTS, draft_id=event.originator_id, settlement=event.settlement, owner=event.owner, status=OPEN, note=event.note,
        saved_at=recorded.recorded_at,
    )


@VIEW.on(AllocationDraft.Saved, needs=_the_draft)
def _saved(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(DRAFTS, event.originator_id).update(status=OPEN, note=event.note, saved_at=recorded.recorded_at)


@VIEW.on(AllocationDraft.Committed, needs=_the_draft)
def _committed(recorded: RecordedEvent, page: Page) -> None:
    page.row(DRAFTS, recorded.stream)["status"] = "COMMITTED"


@VIEW.on(AllocationDraft.Discarded, needs=_the_draft)
def _discarded(recorded: RecordedEvent, page: Page) -> None:
    page.row(DRAFTS, recorded.stream)["status"] = "DISCARDED"


# Queries


def find_drafts(
    connection: Connection, *, settlement: str | None = None, owner: str | None = None, only_open: bool = True,
    limit: int = 50, after: str | None = None,
) -> Listed:
    """Drafts by name."""
    c = DRAFTS.c
    query = select(DRAFTS)
    given = {c.settlement: settlement, c.owner: owner, c.status: OPEN if only_open else None}
    query = query.where(*(column == value for column, value in given.items() if value is not None))
    return listed(connection, query, Order((c.draft_id,)), limit, after)
