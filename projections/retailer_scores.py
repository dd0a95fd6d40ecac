"""Retailers' scorecards as they said them: every version and every cancellation, the newest as known at any position."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger, Boolean, Column, Connection, Index, Integer, MetaData, Select, Subquery, Table, Text, func, select,
)

from domain.fill_rate.choices import Metric
from domain.recorded import RecordedEvent
from domain.retailer_score import RetailerScore
from domain.scorecard import Listing, ReportedLine, Scorecard
from projections.columns import Instant, Packed, key
from projections.paging import Listed, Order, listed
from projections.view import Page, Row, View

METADATA = MetaData()

# One row a fact; of a cancellation only ``version`` and ``reason`` are known. Figures are exact text.
SAID = Table(
    "said", METADATA,
    Column("score_id", key(), primary_key=True), Column("position", BigInteger, primary_key=True),
    Column("partner", key(), nullable=False), Column("number", Text, nullable=False),
    Column("reported_version", Integer, nullable=False), Column("void", Boolean, nullable=False),
    Column("replaces", Integer), Column("reason", Text),
    Column("metric", Text), Column("policy_id", Text), Column("calendar", Text), Column("period", Text),
    Column("numerator", Text), Column("denominator", Text), Column("rate", Text), Column("listing", Text),
    Column("line_count", Integer, nullable=False), Column("lines", Packed(tuple[ReportedLine, ...]), nullable=False),
    Column("at", Instant, nullable=False), Column("recorded_at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Index("said_by_partner", "partner", "position"),
)  # fmt: skip

VIEW = View("retailer_scores", 1, METADATA)


@dataclass(frozen=True)
class KnownScore:
    """A scorecard as its newest version says it; ``position`` is where the orders log has that version."""

    score_id: str
    partner: str
    number: str
    version: int
    card: Scorecard
    position: int
    at: datetime
    recorded_at: datetime
    actor: str


# Fold


@VIEW.on(RetailerScore.Reported, RetailerScore.ReportedAnew)
def _reported(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    names = ("metric", "policy_id", "calendar", "period", "numerator", "denominator", "rate", "listing", "lines")
    replaces = event.replaces if isinstance(event, RetailerScore.ReportedAnew) else None
    _keep(
        page, recorded, void=False, replaces=replaces, line_count=len(event.lines),
        **{name: getattr(event, name) for name in names},
    )  # fmt: skip


@VIEW.on(RetailerScore.Voided, RetailerScore.VoidedUnseen)
def _voided(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _keep(page, recorded, void=True, reason=event.reason, line_count=0, lines=())


def _keep(page: Page, recorded: RecordedEvent, **said: Any) -> None:
    event: Any = recorded.event
    page.append(
        SAID,
        score_id=event.originator_id,
        position=recorded.position,
        partner=event.partner,
        number=event.number,
        reported_version=event.version,
        at=event.timestamp,
        recorded_at=recorded.recorded_at,
        actor=recorded.actor,
        **said,
    )


# Queries


def scores_of(connection: Connection, partner: str, known_at: int | None = None) -> tuple[KnownScore, ...]:
    """The newest version of each scorecard of the partner, by number; those taken back are left out.

    ``known_at`` is a position of the orders log: what came later is left out (decision 18).
    """
    newest = _newest(partner, known_at)
    query = _of(newest, select(SAID)).where(SAID.c.void.is_(False)).order_by(SAID.c.score_id)
    return tuple(_known(dict(row)) for row in connection.execute(query).mappings())


def find_scores(
    connection: Connection, partner: str | None = None, *, known_at: int | None = None, limit: int = 50, after: str | None = None
) -> Listed:
    """Scorecards in their newest version without their lines, the latest heard of first; ``void`` says which are taken back."""
    columns = [column for column in SAID.c if column.name != "lines"]
    return listed(connection, _of(_newest(partner, known_at), select(*columns)), Order((SAID.c.position,), (True,)), limit, after)


def score(connection: Connection, score_id: str, known_at: int | None = None) -> Row | None:
    """One scorecard: its newest version with the lines, and ``said``: every version and cancellation, the latest first."""
    query = select(SAID).where(SAID.c.score_id == score_id).order_by(SAID.c.position.desc())
    if known_at is not None:
        query = query.where(SAID.c.position <= known_at)
    said = [dict(row) for row in connection.execute(query).mappings()]
    if not said:
        return None
    history = [{name: value for name, value in row.items() if name != "lines"} for row in said]
    return said[0] | {"said": history}


def _newest(partner: str | None, known_at: int | None) -> Subquery:
    """The last fact of each scorecard; the aggregate lets only newer versions through, so the last is the newest."""
    query = select(SAID.c.score_id, func.max(SAID.c.position).label("position")).group_by(SAID.c.score_id)
    if partner is not None:
        query = query.where(SAID.c.partner == partner)
    if known_at is not None:
        query = query.where(SAID.c.position <= known_at)
    return query.subquery("newest")


def _of(newest: Subquery, query: Select[Any]) -> Select[Any]:
    return query.join(newest, (newest.c.score_id == SAID.c.score_id) & (newest.c.position == SAID.c.position))


def _known(row: Row) -> KnownScore:
    card = Scorecard(
        Metric(row["metric"]), row["calendar"], row["period"], row["policy_id"], row["numerator"], row["denominator"],
        row["rate"], Listing(row["listing"]), row["lines"],
    )  # fmt: skip
    return KnownScore(
        row["score_id"], row["partner"], row["number"], row["reported_version"], card, row["position"], row["at"],
        row["recorded_at"], row["actor"],
    )  # fmt: skip
