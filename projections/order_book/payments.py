"""Folds of the order book from the receivables log: what credit decided, what was billed and how it was paid.

These rows are written by receivables events alone, so it does not matter which log is folded first.
"""

from __future__ import annotations

from typing import Any

from domain.credit_account import CreditAccount
from domain.deduction import Deduction
from domain.invoice import Invoice
from domain.recorded import RecordedEvent
from domain.settlement import Settlement
from domain.values import ZERO
from projections.order_book.tables import INVOICES, VIEW, InvoicedLine
from projections.order_book.timeline import concern, tell
from projections.view import Needs, Page


def _the_invoice(event: Any) -> Needs:
    return {INVOICES: [(event.originator_id,)]}


@VIEW.on(
    CreditAccount.Reserved,
    CreditAccount.ReservationRefused,
    CreditAccount.ReleasedByPerson,
    CreditAccount.DeliveryHeld,
    CreditAccount.DeliveryPassed,
    CreditAccount.ReservationReduced,
    CreditAccount.GoodsDelivered,
)
def _credit_moved(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    tell(page, recorded, event.order)


@VIEW.on(Invoice.Issued)
def _issued(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    names = ("number", "kind", "issued_on", "due_on", "currency", "net", "tax", "gross", "shipment", "about")
    billed = tuple(
        InvoicedLine(line.order, line.order_line or "", line.quantity, line.gross)
        for line in event.lines
        if line.order is not None
    )
    values = {name: getattr(event, name) for name in names}
    page.put(INVOICES, invoice_id=event.originator_id, open=event.gross, allocations={}, lines=billed, **values)
    for about in {line.order for line in billed} | {event.about, event.shipment}:
        concern(page, about, event.originator_id)
    tell(page, recorded)


@VIEW.on(Invoice.DueDatesKnown, needs=_the_invoice)
def _due_dates_known(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(INVOICES, event.originator_id)["due_on"] = event.due_on
    tell(page, recorded)


@VIEW.on(Invoice.Allocated, needs=_the_invoice)
def _allocated(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    invoice = page.row(INVOICES, event.originator_id)
    total = event.cash + event.discount + event.write_off + event.deducted + event.credit
    invoice["allocations"][event.settlement] = total
    invoice["open"] -= total
    concern(page, event.originator_id, event.settlement)
    tell(page, recorded)


@VIEW.on(Invoice.AllocationReversed, needs=_the_invoice)
def _allocation_reversed(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    invoice = page.row(INVOICES, event.originator_id)
    invoice["open"] += invoice["allocations"].pop(event.settlement)
    tell(page, recorded)


@VIEW.on(Invoice.Voided, needs=_the_invoice)
def _voided(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(INVOICES, event.originator_id).update(voided=event.reason, open=ZERO)
    tell(page, recorded)


@VIEW.on(Deduction.Taken)
def _deduction_taken(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    concern(page, event.invoice, event.originator_id)
    tell(page, recorded)


@VIEW.on(
    Settlement.RemittanceReceived, Settlement.Reversed, Deduction.Credited, Deduction.Repaid, Deduction.RepaymentReversed,
    Deduction.WrittenOff, Deduction.WriteOffReversed, Deduction.Voided,
)
def _told(recorded: RecordedEvent, page: Page) -> None:
    tell(page, recorded)
