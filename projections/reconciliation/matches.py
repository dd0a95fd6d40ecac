"""Order, receipt and invoice side by side: what each invoice line bills, the price ordered, the quantity received."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Table, or_, select

from domain.invoice_facts import InvoiceKind, InvoiceLine
from domain.statement_differences import Evidence
from domain.three_way_match import Cause, Invoiced, LineMatch, Ordered, ProposalKind, match_line
from domain.values import ZERO
from projections.reconciliation.ledger import chunks
from projections.reconciliation.tables import (
    BILLS, CARRIED, CREDITED, DELIVERIES, DISPATCHES, DOCUMENTS, ORDER_LINES, RECEIPTS,
)
from projections.view import Row

Known = Mapping[str, int]
Goods = tuple[str, str]  # order, line


class LineState(StrEnum):
    """Whether the three could be compared, and what came of it."""

    MATCHED = "MATCHED"
    DIFFERS = "DIFFERS"
    NOT_RECEIVED = "NOT_RECEIVED"
    NO_ORDER = "NO_ORDER"
    UNIT_DIFFERS = "UNIT_DIFFERS"


@dataclass(frozen=True)
class Compared:
    """One invoice line. ``credited``: net that credit memos have given back of it already."""

    line: InvoiceLine
    state: LineState
    ordered: Row | None
    received: Decimal | None
    match: LineMatch | None
    credited: Decimal = ZERO


@dataclass
class _Papers:
    """All that the invoices asked for may need, fetched in few queries."""

    prices: dict[Goods, Row] = field(default_factory=dict)
    bills: dict[Goods, list[Row]] = field(default_factory=lambda: defaultdict(list))
    carried: dict[Goods, list[str]] = field(default_factory=lambda: defaultdict(list))
    received: dict[tuple[str, str, str], Decimal] = field(default_factory=dict)  # by shipment, order, line
    received_on: dict[str, date] = field(default_factory=dict)
    dispatched_on: dict[str, date] = field(default_factory=dict)
    credited: dict[str, dict[str, Decimal]] = field(default_factory=dict)

    def shipments(self, shipment: str | None, goods: Iterable[Goods]) -> list[str]:
        """The invoice's own; else those that carried its goods and that no invoice names."""
        if shipment is not None:
            return [shipment]
        goods = list(goods)
        named = {bill["shipment"] for key in goods for bill in self.bills[key]}
        return [one for one in dict.fromkeys(s for key in goods for s in self.carried[key]) if one not in named]

    def received_of(self, invoice: str, line: InvoiceLine, shipment: str | None) -> Decimal | None:
        """Of what was received, what falls on this line: earlier invoices of the same goods first, the last takes the rest."""
        key = (str(line.order), str(line.order_line))
        shipments = [one for one in self.shipments(shipment, [key]) if one in self.received_on]
        if not shipments:
            return None
        left = sum((self.received.get((one, *key), ZERO) for one in shipments), ZERO)
        sharing = [bill for bill in self.bills[key] if bill["shipment"] == shipment]
        for bill in sharing[:-1]:
            part: Decimal = min(bill["quantity"], left)
            if (bill["invoice"], bill["invoice_line"]) == (invoice, line.number):
                return part
            left -= part
        return left


def compared(connection: Connection, invoices: Sequence[Row], known: Known) -> dict[str, list[Compared]]:
    """By invoice, each of its lines. ``known``: positions by log; rows are those of ``find_invoices``."""
    papers = _papers(connection, invoices, known)
    return {row["item_id"]: [_compare(row, line, papers) for line in row["lines"]] for row in invoices}


def _compare(row: Row, line: InvoiceLine, papers: _Papers) -> Compared:
    credited = papers.credited.get(row["item_id"], {}).get(line.number, ZERO)
    ordered = papers.prices.get((str(line.order), str(line.order_line)))
    if ordered is None:
        return Compared(line, LineState.NO_ORDER, None, None, None, credited)
    received = papers.received_of(row["item_id"], line, row["shipment"])
    if received is None:
        return Compared(line, LineState.NOT_RECEIVED, ordered, None, None, credited)
    if ordered["unit"] != line.unit:
        return Compared(line, LineState.UNIT_DIFFERS, ordered, received, None, credited)
    billed = Invoiced(line.quantity, line.unit_price, line.price_per, line.net, line.tax_rate, line.tax)
    agreed = Ordered(price_ordered(ordered), ordered["price_per"], ordered["tax_rate"])
    match = match_line(agreed, received, billed, row["currency"])
    state = LineState.MATCHED if match.matches else LineState.DIFFERS
    return Compared(line, state, ordered, received, match, credited)


def price_ordered(ordered: Row) -> Decimal:
    """The customer's own price where its order states one: that is what it compares an invoice with."""
    stated: Decimal | None = ordered["customer_price"]
    agreed: Decimal = ordered["unit_price"]
    return agreed if stated is None else stated


def billed_as_agreed(compared: Compared) -> bool:
    """Whether the invoice's price is the one agreed with the customer, whatever its order says."""
    line, ordered = compared.line, compared.ordered
    return ordered is not None and line.unit_price * ordered["price_per"] == ordered["unit_price"] * line.price_per


def evidence_of(connection: Connection, company: str, partner: str, items: Iterable[str], known: Known) -> dict[str, Evidence]:
    """What the papers say of these invoices, by stream."""
    c = DOCUMENTS.c
    rows = [
        row for some in chunks(sorted(set(items)))
        for row in _rows(connection, DOCUMENTS, c.item_id.in_(some), c.kind == InvoiceKind.INVOICE.value)
    ]  # fmt: skip
    papers = _papers(connection, rows, known)
    return {row["item_id"]: _evidence(row, papers) for row in rows if row["partner"] == partner and row["company"] == company}


def _evidence(row: Row, papers: _Papers) -> Evidence:
    lines = [_compare(row, line, papers) for line in row["lines"]]
    sums = dict.fromkeys(Cause, ZERO)
    for line in lines:
        for one in line.match.proposals if line.match is not None else ():
            sums[one.cause] += one.gross if one.kind is ProposalKind.CREDIT_MEMO else -one.gross
    shipments = papers.shipments(row["shipment"], _goods(row))
    received = [papers.received_on[one] for one in shipments if one in papers.received_on]
    sent = [papers.dispatched_on[one] for one in shipments if one in papers.dispatched_on]
    return Evidence(
        min(sent, default=None), min(received, default=None), sums[Cause.PRICE], sums[Cause.QUANTITY], sums[Cause.TAX],
        all(line.match is not None for line in lines), all(billed_as_agreed(line) for line in lines),
    )  # fmt: skip


def _goods(row: Row) -> list[Goods]:
    return [(line.order, line.order_line) for line in row["lines"] if line.order and line.order_line]


def _papers(connection: Connection, invoices: Sequence[Row], known: Known) -> _Papers:
    papers = _Papers()
    ours, trade = known["receivables"], known["orders"]
    orders = sorted({order for row in invoices for order, _ in _goods(row)})
    for some in chunks(orders):
        for row in _rows(connection, ORDER_LINES, ORDER_LINES.c.order_id.in_(some), ORDER_LINES.c.position <= trade):
            papers.prices[row["order_id"], row["line"]] = row
        standing = or_(BILLS.c.withdrawn_at.is_(None), BILLS.c.withdrawn_at > ours)
        for row in _rows(connection, BILLS, BILLS.c.order_id.in_(some), BILLS.c.position <= ours, standing):
            papers.bills[row["order_id"], row["line"]].append(row)
        loads = select(CARRIED).where(CARRIED.c.order_id.in_(some)).order_by(CARRIED.c.shipment)
        for row in map(dict, connection.execute(loads).mappings()):
            papers.carried[row["order_id"], row["line"]].append(row["shipment"])
    _receipts(connection, papers, {row["shipment"] for row in invoices if row["shipment"]}, trade)
    for some in chunks(sorted(row["item_id"] for row in invoices)):
        c = CREDITED.c
        standing = or_(c.withdrawn_at.is_(None), c.withdrawn_at > ours)
        for row in _rows(connection, CREDITED, c.invoice.in_(some), c.position <= ours, standing):
            nets = papers.credited.setdefault(row["invoice"], {})
            for line, net in row["nets"].items():
                nets[line] = nets.get(line, ZERO) + net
    return papers


def _receipts(connection: Connection, papers: _Papers, named: set[str], trade: int) -> None:
    """The newest version of each receiving advice; where a shipment has none, its proof of delivery."""
    shipments = sorted(named | {one for some in papers.carried.values() for one in some})
    for some in chunks(shipments):
        for row in _rows(connection, DISPATCHES, DISPATCHES.c.shipment.in_(some), DISPATCHES.c.position <= trade):
            papers.dispatched_on[row["shipment"]] = row["dispatched_on"]
        newest: dict[tuple[str, str], Row] = {}
        for row in _rows(connection, RECEIPTS, RECEIPTS.c.shipment.in_(some), RECEIPTS.c.position <= trade):
            newest[row["shipment"], row["document"]] = row
        counted = {shipment for (shipment, _), row in newest.items() if row["lines"]}
        for row in _rows(connection, DELIVERIES, DELIVERIES.c.shipment.in_(some), DELIVERIES.c.position <= trade):
            if row["shipment"] not in counted:
                _count(papers, row, "quantity")
        for row in newest.values():
            if row["lines"]:
                _count(papers, row, "received")


def _count(papers: _Papers, row: Row, name: str) -> None:
    shipment = row["shipment"]
    for line in row["lines"]:
        key = (shipment, line.order, line.line)
        papers.received[key] = papers.received.get(key, ZERO) + getattr(line, name)
    papers.received_on[shipment] = min(papers.received_on.get(shipment, date.max), row["on_day"])


def _rows(connection: Connection, table: Table, *conditions: Any) -> list[Row]:
    return [dict(row) for row in connection.execute(select(table).where(*conditions).order_by(table.c.position)).mappings()]

