"""The folds of reconciling: every move of the ledger with its day and position, prices, receipts, bills, statements."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from domain.credit_account import CreditAccount
from domain.deduction import Deduction
from domain.invoice import Invoice
from domain.invoice_facts import Applied, InvoiceKind
from domain.order import Order, OrderLine
from domain.recorded import RecordedEvent
from domain.settlement import Settlement
from domain.shipment import Shipment
from domain.statement import Statement
from domain.statement_differences import DEDUCTION, PAYMENT
from domain.values import local_date
from projections.reconciliation.tables import (
    BILLS, CARRIED, CREDITED, DELIVERIES, DISPATCHES, DOCUMENTS, MOVES, ORDER_LINES, RECEIPTS, STATEMENTS, VIEW, ZONES,
)
from projections.view import Needs, Page, Row

NOWHERE = "UTC"


def _the_document(event: Any) -> Needs:
    return {DOCUMENTS: [(event.originator_id,)]}


@VIEW.on(CreditAccount.Opened)
def _account_opened(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.put(ZONES, account=event.account, zone=event.zone)


@VIEW.on(Invoice.Issued)
def _issued(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    names = ("number", "about", "shipment", "reason", "lines")
    _put(page, recorded, event.kind, event.issued_on, event.gross, **{name: getattr(event, name) for name in names})
    if event.kind is InvoiceKind.CREDIT_MEMO:
        return
    for line in event.lines:
        if line.order is not None and line.order_line is not None:
            page.put(
                BILLS, order_id=line.order, line=line.order_line, invoice=event.originator_id, invoice_line=line.number,
                shipment=event.shipment, position=recorded.position, quantity=line.quantity,
            )  # fmt: skip


@VIEW.on(Invoice.Allocated, needs=_the_document)
def _allocated(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    parts = ("cash", "discount", "write_off", "deducted", "credit")
    applied = Applied(**{part: getattr(event, part) for part in parts})
    page.row(DOCUMENTS, event.originator_id)["applied"][event.settlement] = applied
    _move(page, recorded, event.settlement, applied)


@VIEW.on(Invoice.AllocationReversed, needs=_the_document)
def _allocation_reversed(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    was: Applied = page.row(DOCUMENTS, event.originator_id)["applied"].pop(event.settlement)
    back = Applied(-was.cash, -was.discount, -was.write_off, -was.deducted, -was.credit)
    _move(page, recorded, event.settlement, back, _day_of(page, recorded))


@VIEW.on(Invoice.Voided, needs=_the_document)
def _voided(recorded: RecordedEvent, page: Page) -> None:
    """As if it had never been issued: on its own day."""
    row = page.row(DOCUMENTS, recorded.stream)
    _move(page, recorded, recorded.stream, Applied(write_off=row["open"]), row["dated_on"])
    for line in row["lines"]:
        if line.order is not None and line.order_line is not None:
            bill = page.find(BILLS, line.order, line.order_line, recorded.stream, line.number)
            if bill is not None:
                bill["withdrawn_at"] = recorded.position


@VIEW.on(Invoice.CreditMemoIssued)
def _memo_issued(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.put(
        CREDITED, invoice=recorded.stream, memo=event.credit_memo, position=recorded.position, nets=event.net_by_line
    )  # fmt: skip


@VIEW.on(Invoice.CreditMemoWithdrawn)
def _memo_withdrawn(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(CREDITED, recorded.stream, event.credit_memo)["withdrawn_at"] = recorded.position


@VIEW.on(Deduction.Taken)
def _deduction_taken(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    number = event.originator_id.split("/", 1)[1]
    facts = {"number": number, "reason": event.reason, "about": event.invoice, "settlement": event.settlement}
    _put(page, recorded, DEDUCTION, event.taken_on, event.amount, **facts)


@VIEW.on(Deduction.Credited, needs=_the_document)
def _deduction_credited(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _move(page, recorded, event.credit_memo, Applied(credit=event.amount))


@VIEW.on(Deduction.Repaid, needs=_the_document)
def _deduction_repaid(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _move(page, recorded, event.settlement, Applied(cash=event.amount))


@VIEW.on(Deduction.WrittenOff, needs=_the_document)
def _deduction_written_off(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _move(page, recorded, event.document, Applied(write_off=event.amount), _day_of(page, recorded))


@VIEW.on(Deduction.RepaymentReversed, needs=_the_document)
def _repayment_reversed(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _move(page, recorded, event.settlement, Applied(cash=-event.amount), _day_of(page, recorded))


@VIEW.on(Deduction.WriteOffReversed, needs=_the_document)
def _write_off_reversed(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _move(page, recorded, event.document, Applied(write_off=-event.amount), _day_of(page, recorded))


@VIEW.on(Settlement.PutOnAccount, needs=_the_document)
def _put_on_account(recorded: RecordedEvent, page: Page) -> None:
    """What a payment had repaid is not claimed any more: it is on account again."""
    event: Any = recorded.event
    _move(page, recorded, recorded.stream, Applied(cash=event.amount), _day_of(page, recorded))


@VIEW.on(Deduction.Voided, needs=_the_document)
def _deduction_voided(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _move(page, recorded, recorded.stream, Applied(write_off=event.amount), _day_of(page, recorded))


@VIEW.on(Settlement.RemittanceReceived)
def _remittance_received(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _put(page, recorded, PAYMENT, event.paid_on, -event.amount, number=event.reference)


@VIEW.on(Settlement.Allocated, needs=_the_document)
def _settlement_allocated(recorded: RecordedEvent, page: Page) -> None:
    """What is left of a payment is on account; so is, until its day, what pays an invoice that is dated later."""
    event: Any = recorded.event
    for part in event.allocations:
        if part.cash:
            _move(page, recorded, part.invoice, Applied(cash=-part.cash))
    if event.gain:
        _move(page, recorded, recorded.stream, Applied(write_off=-event.gain))


@VIEW.on(Settlement.AllocatedFromAccount, needs=_the_document)
def _allocated_from_account(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    for part in event.allocations:
        if part.cash:
            _move(page, recorded, part.invoice, Applied(cash=-part.cash), event.on)


@VIEW.on(Settlement.Reversed, needs=_the_document)
def _settlement_reversed(recorded: RecordedEvent, page: Page) -> None:
    row = page.row(DOCUMENTS, recorded.stream)
    _move(page, recorded, recorded.stream, Applied(write_off=row["open"]), _day_of(page, recorded))


def _put(
    page: Page, recorded: RecordedEvent, kind: str, dated_on: date, amount: Decimal, number: str, **facts: Any
) -> None:
    event: Any = recorded.event
    values: dict[str, Any] = {
        "item_id": recorded.stream, "position": recorded.position, "company": event.company, "partner": event.partner,
        "account": event.account, "currency": event.currency, "kind": kind, "number": number, "dated_on": dated_on,
        "original": amount, "open": amount, "applied": {}, "reason": "", "lines": (),
    }  # fmt: skip
    page.put(DOCUMENTS, **(values | facts))


def _move(page: Page, recorded: RecordedEvent, by: str, applied: Applied, on_day: date | None = None) -> None:
    row: Row = page.row(DOCUMENTS, recorded.stream)
    row["open"] -= applied.total
    page.append(
        MOVES, item_id=recorded.stream, position=recorded.position, partner=row["partner"], company=row["company"], by=by,
        on_day=on_day, total=applied.total, cash=applied.cash, credit=applied.credit, deducted=applied.deducted,
    )  # fmt: skip


def _day_of(page: Page, recorded: RecordedEvent) -> date:
    """The day, where the account is kept, on which somebody said so."""
    event: Any = recorded.event
    zone = page.find(ZONES, page.row(DOCUMENTS, recorded.stream)["account"])
    return local_date(event.timestamp, zone["zone"] if zone is not None else NOWHERE)


@VIEW.on(Order.Placed, Order.AmendedByCustomer)
def _ordered(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    lines: Iterable[OrderLine] = event.lines
    for line in lines:
        page.append(
            ORDER_LINES, order_id=recorded.stream, line=line.number, position=recorded.position, quantity=line.quantity,
            unit=line.unit, unit_price=line.unit_price, customer_price=line.customer_price, price_per=line.price_per,
            tax_rate=line.tax_rate,
        )  # fmt: skip


@VIEW.on(Shipment.Dispatched)
def _dispatched(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.put(DISPATCHES, shipment=recorded.stream, position=recorded.position, dispatched_on=event.dispatched_on)
    for line in event.lines:
        page.append(CARRIED, order_id=line.order, line=line.line, shipment=recorded.stream)


@VIEW.on(Shipment.Received)
def _received(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.append(
        RECEIPTS, shipment=recorded.stream, position=recorded.position, document=event.document, version=event.version,
        on_day=event.received_on, lines=event.lines,
    )  # fmt: skip


@VIEW.on(Shipment.Delivered)
def _delivered(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.append(
        DELIVERIES, shipment=recorded.stream, position=recorded.position, document=event.document,
        on_day=event.delivered_on, lines=event.lines,
    )  # fmt: skip


def _the_statement(event: Any) -> Needs:
    return {STATEMENTS: [(event.originator_id,)]}


@VIEW.on(Statement.Received)
def _statement_received(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.put(
        STATEMENTS, statement_id=recorded.stream, company=event.company, partner=event.partner, number=event.number,
        resolved=0, state="RECEIVED", **_content(event),
    )  # fmt: skip


@VIEW.on(Statement.ReceivedAnew, needs=_the_statement)
def _statement_received_anew(recorded: RecordedEvent, page: Page) -> None:
    page.row(STATEMENTS, recorded.stream).update(_content(recorded.event), resolved=0)


def _content(event: Any) -> Row:
    names = ("version", "cut_off", "currency", "balance")
    return {**{name: getattr(event, name) for name in names}, "lines": len(event.lines)}


@VIEW.on(Statement.DifferenceResolved, needs=_the_statement)
def _difference_resolved(recorded: RecordedEvent, page: Page) -> None:
    """How often a person spoke; what holds is in the statement itself."""
    page.row(STATEMENTS, recorded.stream)["resolved"] += 1


@VIEW.on(Statement.Superseded, needs=_the_statement)
def _superseded(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(STATEMENTS, recorded.stream).update(state="SUPERSEDED", superseded_by=event.by)


@VIEW.on(Statement.Agreed, needs=_the_statement)
def _agreed(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    said = event.agreement
    page.row(STATEMENTS, recorded.stream).update(
        state="AGREED", our_balance=said.our_balance, agreed_on=said.agreed_on, agreed_by=said.by
    )  # fmt: skip


