"""EDI traffic: interchanges in and what was wrong with them, the documents they held, and documents out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Connection, Index, Integer, MetaData, Select, Table, Text, select

from domain.interchange import EdiDocument, Finding, Interchange, OutboundDocument, Payload
from domain.recorded import RecordedEvent
from projections.columns import Instant, Packed, key
from projections.paging import Listed, Order, listed
from projections.view import Needs, Page, Row, View

METADATA = MetaData()
FINDINGS = Packed(tuple[Finding, ...])

# Bytes as they came in; ``interchanges`` stays empty when none was found in them, ``found`` says why.
PAYLOADS = Table(
    "payloads", METADATA,
    Column("payload_id", key(), primary_key=True), Column("position", BigInteger, nullable=False),
    Column("received_at", Instant, nullable=False), Column("digest", Text, nullable=False),
    Column("size", Integer, nullable=False), Column("door", Text, nullable=False), Column("charset", Text),
    Column("cut", Boolean, nullable=False), Column("interchanges", Packed(tuple[str, ...]), nullable=False),
    Column("findings", Integer, nullable=False), Column("found", FINDINGS, nullable=False),
    Index("payloads_by_position", "position"),
)  # fmt: skip

INTERCHANGES = Table(
    "interchanges", METADATA,
    Column("interchange_id", key(), primary_key=True), Column("position", BigInteger, nullable=False),
    Column("received_at", Instant, nullable=False), Column("sender", Text, nullable=False),
    Column("receiver", Text, nullable=False), Column("control", key(), nullable=False),
    Column("digest", Text, nullable=False), Column("size", Integer, nullable=False),
    Column("door", Text, nullable=False), Column("charset", Text),
    Column("reused_control", Boolean, nullable=False), Column("audited", Boolean, nullable=False),
    Column("partner", key()), Column("test", Boolean), Column("verdict", Text),
    Column("findings", Integer, nullable=False), Column("found", FINDINGS, nullable=False),
    Column("documents", Packed(tuple[str, ...]), nullable=False), Column("acknowledgment", Text),
    Index("interchanges_by_position", "position"), Index("interchanges_by_partner", "partner", "position"),
)  # fmt: skip

DOCUMENTS_IN = Table(
    "documents_in", METADATA,
    Column("document_id", key(), primary_key=True), Column("position", BigInteger, nullable=False),
    Column("received_at", Instant, nullable=False), Column("interchange", key(), nullable=False),
    Column("kind", Text, nullable=False), Column("type", Text, nullable=False),
    Column("version", Text, nullable=False), Column("control", Text, nullable=False),
    Column("partner", key()), Column("company", Text), Column("test", Boolean, nullable=False),
    Column("verdict", Text, nullable=False), Column("status", key(), nullable=False),
    Column("code", Text), Column("reason", Text), Column("effect", key()), Column("remark", Text),
    Column("findings", Integer, nullable=False), Column("found", FINDINGS, nullable=False),
    Index("documents_in_by_position", "position"), Index("documents_in_by_interchange", "interchange"),
    Index("documents_in_by_status", "status", "position"), Index("documents_in_by_partner", "partner", "position"),
)  # fmt: skip

DOCUMENTS_OUT = Table(
    "documents_out", METADATA,
    Column("document_id", key(), primary_key=True), Column("position", BigInteger, nullable=False),
    Column("written_at", Instant, nullable=False), Column("company", Text, nullable=False),
    Column("partner", key(), nullable=False), Column("kind", Text, nullable=False),
    Column("about", key(), nullable=False), Column("control", Integer, nullable=False),
    Column("group_control", Integer, nullable=False), Column("test", Boolean, nullable=False),
    Column("digest", Text, nullable=False), Column("delivered_at", Instant), Column("channel", Text),
    Column("acknowledged", Text), Column("acknowledged_at", Instant), Column("acknowledged_by", Text),
    Column("found", FINDINGS, nullable=False), Column("sendable", Boolean, nullable=False),
    Index("documents_out_by_partner", "partner", "position"), Index("documents_out_by_about", "about"),
)  # fmt: skip

VIEW = View("edi_traffic", 2, METADATA)

# Fold


def _interchange(event: Any) -> Needs:
    return {INTERCHANGES: [(event.originator_id,)]}


def _document(event: Any) -> Needs:
    return {DOCUMENTS_IN: [(event.originator_id,)]}


def _outbound(event: Any) -> Needs:
    return {DOCUMENTS_OUT: [(event.originator_id,)]}


@VIEW.on(Payload.Received)
def _payload_received(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.put(
        PAYLOADS,
        payload_id=event.originator_id,
        position=recorded.position,
        received_at=recorded.recorded_at,
        cut=False,
        interchanges=(),
        findings=0,
        found=(),
        **{name: getattr(event, name) for name in ("digest", "size", "door", "charset")},
    )


@VIEW.on(Payload.Cut, needs=lambda event: {PAYLOADS: [(event.originator_id,)]})
def _payload_cut(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(PAYLOADS, event.originator_id).update(
        cut=True, interchanges=event.interchanges, findings=len(event.findings), found=event.findings
    )


@VIEW.on(Interchange.Received)
def _received(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    names = ("sender", "receiver", "control", "digest", "size", "door", "charset", "reused_control")
    facts = {name: getattr(event, name) for name in names}
    page.put(
        INTERCHANGES,
        interchange_id=event.originator_id,
        position=recorded.position,
        received_at=recorded.recorded_at,
        audited=False,
        findings=0,
        found=(),
        documents=(),
        **facts,
    )


@VIEW.on(Interchange.Audited, needs=_interchange)
def _audited(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    names = ("partner", "test", "verdict", "documents", "acknowledgment")
    page.row(INTERCHANGES, event.originator_id).update(
        audited=True,
        findings=len(event.findings),
        found=event.findings,
        **{name: getattr(event, name) for name in names},
    )


@VIEW.on(EdiDocument.Received)
def _document_received(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    names = ("interchange", "kind", "type", "version", "control", "partner", "company", "test", "verdict")
    page.put(
        DOCUMENTS_IN,
        document_id=event.originator_id,
        position=recorded.position,
        received_at=recorded.recorded_at,
        status="received",
        findings=len(event.findings),
        found=event.findings,
        **{name: getattr(event, name) for name in names},
    )


@VIEW.on(EdiDocument.Accepted, needs=_document)
def _document_accepted(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    row = page.row(DOCUMENTS_IN, event.originator_id)
    row.update(status="accepted", effect=event.effect, remark=event.remark)


@VIEW.on(EdiDocument.Held, needs=_document)
def _document_held(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(DOCUMENTS_IN, event.originator_id).update(status="held", code=event.code, reason=event.reason)


@VIEW.on(EdiDocument.Refused, needs=_document)
def _document_refused(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(DOCUMENTS_IN, event.originator_id).update(status="refused", code=event.code, reason=event.reason)


@VIEW.on(EdiDocument.TriedAgain, needs=_document)
def _document_tried_again(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    row = page.row(DOCUMENTS_IN, event.originator_id)
    row.update(status="received", code=None, reason=None, partner=event.partner, company=event.company)


@VIEW.on(OutboundDocument.Written)
def _written(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    names = ("company", "partner", "kind", "about", "control", "group_control", "test", "digest")
    page.put(
        DOCUMENTS_OUT,
        document_id=event.originator_id,
        position=recorded.position,
        written_at=recorded.recorded_at,
        found=event.findings,
        sendable=event.sendable,
        **{name: getattr(event, name) for name in names},
    )


@VIEW.on(OutboundDocument.Delivered, needs=_outbound)
def _delivered(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(DOCUMENTS_OUT, event.originator_id).update(delivered_at=event.at, channel=event.channel)


@VIEW.on(OutboundDocument.Acknowledged, needs=_outbound)
def _acknowledged(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    row = page.row(DOCUMENTS_OUT, event.originator_id)
    row.update(
        acknowledged=event.verdict,
        acknowledged_at=recorded.recorded_at,
        acknowledged_by=event.interchange,
        found=(*row["found"], *event.findings),
    )


# Queries


@dataclass(frozen=True)
class TrafficSearch:
    """What to look for; None leaves a condition out. ``status`` is of documents in."""

    partner: str | None = None
    kind: str | None = None
    status: str | None = None
    verdict: str | None = None
    test: bool | None = None


def find_payloads(connection: Connection, limit: int = 50, after: str | None = None) -> Listed:
    """What came in, the latest first."""
    return _latest(connection, PAYLOADS, TrafficSearch(), limit, after)


def payload(connection: Connection, payload_id: str) -> Row | None:
    """One with its findings (``found``)."""
    return _one(connection, PAYLOADS, PAYLOADS.c.payload_id, payload_id)


def find_interchanges(
    connection: Connection, search: TrafficSearch, limit: int = 50, after: str | None = None
) -> Listed:
    """The latest first; findings are counted, not listed."""
    return _latest(connection, INTERCHANGES, search, limit, after)


def interchange(connection: Connection, interchange_id: str) -> Row | None:
    """One with its findings (``found``) and the ``documents`` read from it, each with its own."""
    row = _one(connection, INTERCHANGES, INTERCHANGES.c.interchange_id, interchange_id)
    if row is None:
        return None
    query = select(DOCUMENTS_IN).where(DOCUMENTS_IN.c.interchange == interchange_id)
    documents = connection.execute(query.order_by(DOCUMENTS_IN.c.position)).mappings()
    return row | {"documents": [dict(document) for document in documents]}


def find_documents(connection: Connection, search: TrafficSearch, limit: int = 50, after: str | None = None) -> Listed:
    """Documents in, the latest first."""
    return _latest(connection, DOCUMENTS_IN, search, limit, after)


def document(connection: Connection, document_id: str) -> Row | None:
    return _one(connection, DOCUMENTS_IN, DOCUMENTS_IN.c.document_id, document_id)


def find_sent(connection: Connection, search: TrafficSearch, limit: int = 50, after: str | None = None) -> Listed:
    """Documents out, the latest first."""
    return _latest(connection, DOCUMENTS_OUT, search, limit, after)


def sent(connection: Connection, document_id: str) -> Row | None:
    return _one(connection, DOCUMENTS_OUT, DOCUMENTS_OUT.c.document_id, document_id)


def outbox(connection: Connection, partner: str | None = None, limit: int = 50, after: str | None = None) -> Listed:
    """Documents written and not yet delivered, oldest first; what could not be written is not to be fetched."""
    c = DOCUMENTS_OUT.c
    query = select(DOCUMENTS_OUT).where(c.delivered_at.is_(None), c.sendable)
    if partner is not None:
        query = query.where(c.partner == partner)
    return listed(connection, query, Order((c.position,)), limit, after)


def _latest(connection: Connection, table: Table, search: TrafficSearch, limit: int, after: str | None) -> Listed:
    query = _searched(select(*(column for column in table.columns if column.name != "found")), table, search)
    return listed(connection, query, Order((table.c.position,), falling=(True,)), limit, after)


def _searched(query: Select[Any], table: Table, search: TrafficSearch) -> Select[Any]:
    """Conditions on columns the table does not have are left out."""
    given = {name: value for name, value in vars(search).items() if value is not None and name in table.c}
    return query.where(*(table.c[name] == value for name, value in given.items()))


def _one(connection: Connection, table: Table, column: Any, value: str) -> Row | None:
    found = connection.execute(select(table).where(column == value)).mappings().one_or_none()
    return None if found is None else dict(found)
