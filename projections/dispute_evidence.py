"""Papers of a dispute: what the logs hold about an order, a shipment, an invoice, a deduction, and how these hang together.

Receivables folds itself what it needs of the orders log (decision 15). A row names a recorded fact; the fact itself is read
from its log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Index, MetaData, Table, Text, select

from domain.aggregate import natural_id
from domain.deduction import Deduction
from domain.dispute.dispute import Dispute
from domain.dispute.evidence import PaperKind as P
from domain.evidence_document import EvidenceDocument, EvidenceKind
from domain.goods_return import Return
from domain.interchange import EdiDocument
from domain.invoice import Invoice
from domain.invoice_facts import InvoiceKind
from domain.order import Order
from domain.price import PriceAgreement
from domain.recorded import RecordedEvent
from domain.retailer_score import RetailerScore
from domain.settlement import Settlement
from domain.shipment import Shipment
from domain.trading_partner import TradingPartner
from projections.columns import Instant, key
from projections.view import Page, Row, View

METADATA = MetaData()

PAPERS = Table(
    "papers", METADATA,
    Column("subject", key(), primary_key=True), Column("log", key(), primary_key=True),
    Column("position", BigInteger, primary_key=True), Column("kind", key(), nullable=False),
    Column("type", Text, nullable=False), Column("stream", key(), nullable=False), Column("document", Text, nullable=False),
    Column("decided_at", Instant, nullable=False), Column("recorded_at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
)  # fmt: skip

# What is said of ``to`` bears on ``about``: an invoice's shipment, a shipment's orders, an order's prices.
LINKS = Table(
    "links", METADATA, Column("about", key(), primary_key=True), Column("to", key(), primary_key=True),
    Index("links_by_about", "about"),
)  # fmt: skip

VIEW = View("dispute_evidence", 1, METADATA)

DEPTH = 5
MOST = 5_000
NAMED = 500

_STATED = {
    EvidenceKind.RECEIVING_ADVICE: P.RECEIPT, EvidenceKind.POD: P.PROOF_OF_DELIVERY, EvidenceKind.SHIP_NOTICE: P.SHIP_NOTICE,
}  # fmt: skip
_BILLED = {
    InvoiceKind.INVOICE: P.INVOICE, InvoiceKind.DEBIT_MEMO: P.INVOICE, InvoiceKind.CREDIT_MEMO: P.CREDIT_MEMO,
}  # fmt: skip

# Which paper a fact of an own stream is, and the number it goes by.
_PLAIN: dict[type[Any], tuple[P, Callable[[Any], Any]]] = {
    Order.Confirmed: (P.CONFIRMATION, lambda e: e.confirmation),
    Order.AmendedByCustomer: (P.AMENDMENT, lambda e: e.change),
    Order.LineCancelled: (P.CANCELLATION, lambda e: e.number),
    Order.Cancelled: (P.CANCELLATION, lambda e: ""),
    Order.Expired: (P.CANCELLATION, lambda e: ""),
    Order.ClosedShort: (P.CANCELLATION, lambda e: ""),
    Shipment.AppointmentMade: (P.APPOINTMENT, lambda e: e.reference),
    Shipment.Arrived: (P.ARRIVAL, lambda e: e.evidence),
    Shipment.Delivered: (P.PROOF_OF_DELIVERY, lambda e: e.document),
    Shipment.RefusedInPart: (P.REFUSAL, lambda e: e.document),
    Shipment.Received: (P.RECEIPT, lambda e: e.document),
    PriceAgreement.Agreed: (P.PRICE_AGREEMENT, lambda e: e.item),
    Return.Received: (P.RETURN, lambda e: e.document),
    Return.Credited: (P.RETURN, lambda e: e.document),
    Settlement.RemittanceReceived: (P.REMITTANCE, lambda e: e.reference),
    Settlement.Reversed: (P.REMITTANCE, lambda e: ""),
    Deduction.Credited: (P.DEDUCTION, lambda e: e.credit_memo),
    Deduction.Repaid: (P.DEDUCTION, lambda e: e.settlement),
    Deduction.RepaymentReversed: (P.DEDUCTION, lambda e: e.settlement),
    Deduction.WrittenOff: (P.DEDUCTION, lambda e: e.document),
    Deduction.WriteOffReversed: (P.DEDUCTION, lambda e: e.document),
    Deduction.Voided: (P.DEDUCTION, lambda e: ""),
}
_OF_DISPUTE = tuple(
    member for member in vars(Dispute).values() if isinstance(member, type) and hasattr(member, "TYPE")
)  # fmt: skip


@VIEW.on(*_PLAIN)
def _plain(recorded: RecordedEvent, page: Page) -> None:
    kind, document = _PLAIN[type(recorded.event)]
    _paper(page, recorded, kind, document(recorded.event))


@VIEW.on(Order.Placed)
def _placed(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _paper(page, recorded, P.ORDER, event.purchase_order_number)
    prices = {PriceAgreement.stream(event.partner, line.item) for line in event.lines}
    _link(page, event.originator_id, [*prices, _order_number(event.partner, event.purchase_order_number)])


@VIEW.on(Shipment.Dispatched)
def _dispatched(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _paper(page, recorded, P.SHIP_NOTICE, event.number)
    _link(page, event.originator_id, {line.order for line in event.lines})


@VIEW.on(EvidenceDocument.Stated, EvidenceDocument.StatedAgain)
def _stated(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _paper(page, recorded, _STATED[event.kind], event.number)
    for about in {line.order for line in event.lines} | ({event.shipment} - {None}):
        _link(page, about, [event.originator_id])


@VIEW.on(EdiDocument.Received)
def _came(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _paper(page, recorded, P.EDI_DOCUMENT, f"{event.type} {event.control}")


@VIEW.on(EdiDocument.Accepted)
def _accepted(recorded: RecordedEvent, page: Page) -> None:
    """The document as it came stands behind what it made."""
    event: Any = recorded.event
    _link(page, event.effect, [recorded.stream])


@VIEW.on(RetailerScore.Reported, RetailerScore.ReportedAnew)
def _reported(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _paper(page, recorded, P.SCORECARD, event.number)
    for number in dict.fromkeys(line.order for line in event.lines):
        _link(page, _order_number(event.partner, number), [event.originator_id])


@VIEW.on(TradingPartner.DeductionAgreementAgreed, TradingPartner.FillRatePolicyAgreed)
def _agreed(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    policy = isinstance(event, TradingPartner.FillRatePolicyAgreed)
    name = event.policy_id if policy else str(event.first_day)
    _paper(page, recorded, P.FILL_RATE_POLICY if policy else P.DEDUCTION_AGREEMENT, name)


@VIEW.on(Return.Authorised)
def _authorised(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _paper(page, recorded, P.RETURN, event.number)
    if event.invoice is not None:
        _link(page, event.invoice, [recorded.stream])


@VIEW.on(Invoice.Issued)
def _issued(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _paper(page, recorded, _BILLED[event.kind], event.number)
    if event.about is None:
        orders = {line.order for line in event.lines if line.order is not None}
        _link(page, event.originator_id, orders | ({event.shipment} - {None}))
    else:
        _link(page, event.about, [event.originator_id])


@VIEW.on(Settlement.Allocated, Settlement.AllocatedFromAccount)
def _allocated(recorded: RecordedEvent, page: Page) -> None:
    """A deduction beside the items is borne by the invoices that the payment reduced."""
    event: Any = recorded.event
    bearers = [part.invoice for part in event.allocations if part.deducted > 0]
    for taken in event.deductions:
        _link(page, taken.deduction, bearers if taken.invoice is None else [taken.invoice])


@VIEW.on(Deduction.Taken)
def _taken(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _paper(page, recorded, P.DEDUCTION, event.customer_reason)
    _link(page, event.originator_id, [event.settlement, TradingPartner.stream(event.partner)])


@VIEW.on(*_OF_DISPUTE)
def _disputed(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _paper(page, recorded, P.DISPUTE, recorded.type.partition("/")[0])
    if isinstance(event, Dispute.Opened | Dispute.ClaimsTakenOver):
        _link(page, event.originator_id, [claim.deduction for claim in event.claims])


def _order_number(partner: str, number: str) -> str:
    """The customer's order by its own number, as scorecards name it."""
    return natural_id("purchase-order", partner, number)


def _paper(page: Page, recorded: RecordedEvent, kind: P, document: Any) -> None:
    page.append(
        PAPERS, subject=recorded.stream, log=recorded.log, position=recorded.position, kind=kind.value, type=recorded.type,
        stream=recorded.stream, document=str(document), decided_at=recorded.event.timestamp,
        recorded_at=recorded.recorded_at, actor=recorded.actor,
    )  # fmt: skip


def _link(page: Page, about: str, to: Iterable[str]) -> None:
    for one in sorted(to):
        page.append(LINKS, about=about, to=one)


# Queries


def papers(connection: Connection, dispute: str) -> list[Row]:
    """Every paper that hangs together with the dispute, by log and position; ``MOST`` and one more at the most."""
    seen, front = {dispute}, [dispute]
    for _ in range(DEPTH):
        found = {one for part in _parts(front) for one in _linked(connection, part)}
        front = sorted(found - seen)
        seen.update(front)
    c = PAPERS.c
    rows: list[Row] = []
    for part in _parts(sorted(seen)):
        query = select(PAPERS).where(c.subject.in_(part)).order_by(c.log, c.position).limit(MOST + 1)
        rows += [{k: v for k, v in row.items() if k != "subject"} for row in connection.execute(query).mappings()]
    return sorted(rows, key=lambda row: (row["log"], row["position"]))[: MOST + 1]


def _linked(connection: Connection, about: Sequence[str]) -> list[str]:
    return list(connection.execute(select(LINKS.c.to).where(LINKS.c.about.in_(about))).scalars())


def _parts(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """So many that a statement can name."""
    return (names[start : start + NAMED] for start in range(0, len(names), NAMED))
