"""Folds of the order fill view: every fact is kept as it was said."""

from __future__ import annotations

from typing import Any

from domain.evidence_document import EvidenceDocument
from domain.fill_rate_close import FillRateClose
from domain.order import Order
from domain.order_findings import OrderFindings
from domain.recorded import RecordedEvent
from domain.shipment import Shipment
from domain.trading_partner import TradingPartner
from domain.values import LineQuantity, Side
from projections.order_fill import tables as told
from projections.order_fill.lot_tables import UNSETTLED
from projections.order_fill.tables import CLOSES, FACTS, LOADS, LOGISTICS, ORDERS, PAPERS, POLICIES, VIEW
from projections.shipment_evidence import SAID_BY, evidence
from projections.view import Needs, Page

_HEADER = (
    "company", "partner", "purchase_order_number", "release", "account", "currency", "ordered_on", "cancel_after",
    "freight_terms", "flow", "lines",
)  # fmt: skip


def _keep(page: Page, recorded: RecordedEvent, fact: told.Fact, subject: str | None = None) -> None:
    page.append(
        FACTS,
        subject=subject or recorded.stream,
        position=recorded.position,
        at=recorded.event.timestamp,
        recorded_at=recorded.recorded_at,
        actor=recorded.actor,
        fact=fact,
    )
    page.put(UNSETTLED, subject=subject or recorded.stream)


def _the_order(event: Any) -> Needs:
    return {ORDERS: [(event.originator_id,)]}


@VIEW.on(Order.Placed)
def _placed(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    days = [part.requested_on for line in event.lines for part in line.schedule]
    page.put(
        ORDERS,
        order_id=event.originator_id,
        position=recorded.position,
        requested_first=min(days),
        requested_last=max(days),
        at=event.timestamp,
        recorded_at=recorded.recorded_at,
        actor=recorded.actor,
        **{name: getattr(event, name) for name in _HEADER},
    )
    page.put(UNSETTLED, subject=event.originator_id)


@VIEW.on(Order.AmendedByCustomer, needs=_the_order)
def _amended(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    order = page.row(ORDERS, event.originator_id)
    days = [part.requested_on for line in event.lines for part in line.schedule]
    order["requested_first"] = min([order["requested_first"], *days])
    order["requested_last"] = max([order["requested_last"], *days])
    _keep(page, recorded, told.Amended(event.change, event.said_at, event.lines, event.removed_open))


@VIEW.on(Order.Confirmed)
def _confirmed(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _keep(page, recorded, told.Confirmed(event.confirmation, event.lines))


@VIEW.on(Order.LineCancelled)
def _line_cancelled(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    parts = (LineQuantity(event.number, event.quantity),)
    _keep(page, recorded, told.TakenOut("CANCELLED", event.by, event.reason, event.said_at, parts))


@VIEW.on(Order.Cancelled)
def _cancelled(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _keep(page, recorded, told.TakenOut("CANCELLED", event.by, event.reason, event.said_at, event.lines))


@VIEW.on(Order.Expired)
def _expired(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _keep(page, recorded, told.TakenOut("EXPIRED", None, "", None, event.lines))


@VIEW.on(Order.ClosedShort)
def _closed_short(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _keep(page, recorded, told.TakenOut("CLOSED_SHORT", Side.SUPPLIER, event.reason, None, event.lines))


@VIEW.on(Order.Held)
def _held(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _keep(page, recorded, told.Held(event.reasons))


@VIEW.on(Order.Released)
def _released(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _keep(page, recorded, told.Released(event.revision))


@VIEW.on(Shipment.Dispatched)
def _dispatched(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    lines = tuple(told.Carried(line.order, line.line, line.quantity, line.base_quantity) for line in event.lines)
    names = ("number", "ship_to", "zone", "dispatched_at", "expected_on", "carrier")
    _keep(page, recorded, told.Dispatched(**{name: getattr(event, name) for name in names}, lines=lines))
    for order in {line.order for line in event.lines}:
        page.append(LOADS, order_id=order, shipment_id=event.originator_id)


@VIEW.on(*SAID_BY)
def _said(recorded: RecordedEvent, page: Page) -> None:
    _keep(page, recorded, evidence(recorded.event))


@VIEW.on(EvidenceDocument.Stated, EvidenceDocument.StatedAgain)
def _stated(recorded: RecordedEvent, page: Page) -> None:
    """Kept under the document's own stream, and found again by the orders that it names."""
    event: Any = recorded.event
    _keep(page, recorded, told.Stated(**{name: getattr(event, name) for name in told.Stated.__struct_fields__}))
    for order in dict.fromkeys(line.order for line in event.lines):
        page.append(PAPERS, order_id=order, document_id=event.originator_id, partner=event.partner)


@VIEW.on(OrderFindings.ExclusionRecorded)
def _excluded(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    said = told.Excluded(event.exclusion, event.code, event.granted_by, event.reference, event.lines)
    _keep(page, recorded, said, event.order)


@VIEW.on(OrderFindings.ExclusionWithdrawn)
def _exclusion_gone(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _keep(page, recorded, told.ExclusionGone(event.exclusion), event.order)


@VIEW.on(OrderFindings.CauseFound)
def _caused(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    said = told.Caused(event.line, event.cause, event.fault, event.department, event.reason)
    _keep(page, recorded, said, event.order)


@VIEW.on(TradingPartner.FillRatePolicyAgreed)
def _policy_agreed(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    names = ("partner", "policy_id", "first_day", "policy")
    page.append(
        POLICIES, position=recorded.position, at=event.timestamp, actor=recorded.actor,
        **{name: getattr(event, name) for name in names},
    )


@VIEW.on(FillRateClose.Closed)
def _closed_period(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    names = ("partner", "policy_id", "period", "first", "last", "closed")
    page.append(
        CLOSES, stream=event.originator_id, closed_position=recorded.position, known_position=event.closed.position,
        at=event.timestamp, actor=recorded.actor, **{name: getattr(event, name) for name in names},
    )


@VIEW.on(TradingPartner.LogisticParametersAgreed)
def _logistics_agreed(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.append(
        LOGISTICS, position=recorded.position, at=event.timestamp, actor=recorded.actor,
        partner=event.partner, first_day=event.first_day, parameters=event.parameters,
    )
