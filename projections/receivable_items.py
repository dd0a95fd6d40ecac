"""Receivable items on two time axes: invoices, memos, deductions and cash on account as movements that are never changed.

Each entry says by how much an item moved, on which business day, under which due day, and at which position of the log
that became known. A sum over entries up to a day and up to a position is what was outstanding then as known then; what is
corrected is booked as a difference, so sums over earlier positions stay what they were.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Column, Date, Index, Integer, MetaData, Table, Text

from domain.deduction import Deduction
from domain.invoice import Invoice
from domain.invoice_facts import Applied, InstalmentDue, InvoiceKind
from domain.payment_terms import LegalWarning, PaymentRun
from domain.receivable_items import DuePart, ItemClass, Ledger, Movement, day_of, ledger, newly_booked
from domain.recorded import RecordedEvent
from domain.settlement import Settlement
from domain.values import ZERO
from projections.columns import Packed, key, money
from projections.view import Needs, Page, Row, View

METADATA = MetaData()
DEDUCTION = "DEDUCTION"
ON_ACCOUNT = "ON_ACCOUNT"
ALWAYS = date.min
ISSUED, USED, REVERSED, VOIDED, DATED = "ISSUED", "USED", "REVERSED", "VOIDED", "DATED"

# What an item is, and what the fold needs to book it anew; figures are read from the entries only.
ITEMS = Table(
    "items", METADATA,
    Column("item_id", key(), primary_key=True), Column("kind", Text, nullable=False), Column("class", Text, nullable=False),
    Column("company", key(), nullable=False), Column("partner", key(), nullable=False),
    Column("account", key(), nullable=False), Column("currency", key(), nullable=False),
    Column("number", key(), nullable=False), Column("dated_on", Date, nullable=False),
    Column("original", money(), nullable=False), Column("about", Text), Column("reason", Text, nullable=False),
    Column("run", Packed(PaymentRun)), Column("calendar", Text),
    Column("legal_warnings", Packed(tuple[LegalWarning, ...]), nullable=False),
    Column("parts", Packed(tuple[DuePart, ...]), nullable=False),
    Column("movements", Packed(tuple[Movement, ...]), nullable=False),
    Column("applied", Packed(dict[str, Movement]), nullable=False),
)  # fmt: skip

# ``since``: the day of the event the due day counts from; before it the item is not yet due, provisionally. ALWAYS where
# there is no such event: PostgreSQL takes a column of nothing but nulls for 200 values and sorts where it could hash.
ENTRIES = Table(
    "entries", METADATA,
    Column("item_id", key(), primary_key=True), Column("position", BigInteger, primary_key=True),
    Column("n", Integer, primary_key=True), Column("class", Text, nullable=False),
    Column("company", key(), nullable=False), Column("partner", key(), nullable=False),
    Column("account", key(), nullable=False), Column("currency", key(), nullable=False),
    Column("dated_on", Date, nullable=False), Column("happened_on", Date, nullable=False),
    Column("due_on", Date), Column("since", Date, nullable=False), Column("provisional_on", Date),
    Column("amount", money(), nullable=False), Column("disputed", money(), nullable=False),
    Column("written_off", money(), nullable=False), Column("what", Text, nullable=False), Column("document", Text),
    Index("entries_by_partner", "partner", "happened_on"), Index("entries_by_account", "account", "happened_on"),
    Index(  # holds all that an aging reads, in its order: summed without sorting and without the rows
        "entries_by_due_day", "currency", "class", "due_on", "since", "happened_on", "position", "amount", "disputed",
    ),
)  # fmt: skip

VIEW = View("receivable_items", 1, METADATA)

CLASSES = {
    InvoiceKind.INVOICE: ItemClass.RECEIVABLE, InvoiceKind.DEBIT_MEMO: ItemClass.RECEIVABLE,
    InvoiceKind.CREDIT_MEMO: ItemClass.CREDIT,
}  # fmt: skip

# Fold


def _the_item(event: Any) -> Needs:
    return {ITEMS: [(event.originator_id,)]}


def _the_item_and_its_document(event: Any) -> Needs:
    return {ITEMS: [(event.originator_id,), (event.settlement,)]}


def _the_payment_and_what_it_paid(event: Any) -> Needs:
    return {ITEMS: [(event.originator_id,), *((part.invoice,) for part in event.allocations)]}


@VIEW.on(Invoice.Issued)
def _issued(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    terms = event.terms
    parts = _parts(event.due_on, event.instalments, event.gross, None, event.provisional_on)
    facts = {
        "number": event.number, "about": event.about, "reason": event.reason, "legal_warnings": event.legal_warnings,
        "run": terms and terms.customer_payment_run, "calendar": terms and terms.calendar,
    }  # fmt: skip
    _begin(page, recorded, event.kind, CLASSES[event.kind], event.issued_on, event.gross, parts, **facts)


@VIEW.on(Invoice.DueDatesKnown, needs=_the_item)
def _due_dates_known(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    row = page.row(ITEMS, event.originator_id)
    before = ledger(row["movements"], row["parts"])
    estimate = row["parts"][0].provisional_on
    row["parts"] = _parts(event.due_on, event.instalments, row["original"], event.baseline_on, estimate)
    row["legal_warnings"] = event.legal_warnings
    _book(page, recorded, row, newly_booked(before, ledger(row["movements"], row["parts"])), DATED)


@VIEW.on(Invoice.Allocated, needs=_the_item_and_its_document)
def _allocated(recorded: RecordedEvent, page: Page) -> None:
    """What is deducted stays outstanding and is contested; all else that was applied is gone."""
    event: Any = recorded.event
    row = page.row(ITEMS, event.originator_id)
    applied = Applied(event.cash, event.discount, event.write_off, event.deducted, event.credit)
    document = page.find(ITEMS, event.settlement)
    on = max(event.on or recorded.recorded_at.date(), document["dated_on"] if document else date.min)
    on = day_of(on, row["dated_on"], row["movements"], event.deducted)
    used = Movement(on, event.deducted - applied.total, event.deducted, event.write_off)
    row["applied"][event.settlement] = used
    _move(page, recorded, row, [used], USED, event.settlement)


@VIEW.on(Invoice.AllocationReversed, needs=_the_item)
def _allocation_reversed(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    row = page.row(ITEMS, event.originator_id)
    was: Movement = row["applied"].pop(event.settlement)
    taken_back = was.taken_back(event.on or recorded.recorded_at.date())
    _move(page, recorded, row, [taken_back], REVERSED, event.settlement)


@VIEW.on(Invoice.Voided, needs=_the_item)
def _voided(recorded: RecordedEvent, page: Page) -> None:
    """As if it had never been issued: every movement is taken back on its own day."""
    event: Any = recorded.event
    row = page.row(ITEMS, event.originator_id)
    _move(page, recorded, row, [movement.taken_back() for movement in row["movements"]], VOIDED, None)


@VIEW.on(Deduction.Taken)
def _deduction_taken(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    facts = {"number": event.originator_id.split("/", 1)[1], "about": event.invoice, "reason": event.reason}
    part = (DuePart(None, event.amount),)
    _begin(page, recorded, DEDUCTION, ItemClass.DEDUCTION, event.taken_on, event.amount, part, **facts)


@VIEW.on(Deduction.Credited, needs=_the_item)
def _deduction_credited(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    memo = page.find(ITEMS, event.credit_memo)
    row = page.row(ITEMS, event.originator_id)
    on = max(memo["dated_on"] if memo else recorded.recorded_at.date(), row["dated_on"])
    _move(page, recorded, row, [Movement(on, -event.amount)], USED, event.credit_memo)


@VIEW.on(Deduction.Repaid, needs=_the_item_and_its_document)
def _deduction_repaid(recorded: RecordedEvent, page: Page) -> None:
    """Cash took its place, on the day of that payment."""
    event: Any = recorded.event
    paid = page.find(ITEMS, event.settlement)
    row = page.row(ITEMS, event.originator_id)
    on = max(paid["dated_on"] if paid else recorded.recorded_at.date(), row["dated_on"])
    _move(page, recorded, row, [Movement(on, -event.amount)], USED, event.settlement)


@VIEW.on(Deduction.WrittenOff, needs=_the_item)
def _deduction_written_off(recorded: RecordedEvent, page: Page) -> None:
    _resolve_deduction(recorded, page, -1, USED)


@VIEW.on(Deduction.RepaymentReversed, Deduction.WriteOffReversed, needs=_the_item)
def _deduction_claimed_again(recorded: RecordedEvent, page: Page) -> None:
    _resolve_deduction(recorded, page, 1, REVERSED)


def _resolve_deduction(recorded: RecordedEvent, page: Page, sign: int, what: str) -> None:
    event: Any = recorded.event
    row = page.row(ITEMS, event.originator_id)
    on = max(recorded.recorded_at.date(), row["dated_on"])
    document = event.settlement if isinstance(event, Deduction.RepaymentReversed) else event.document
    _move(page, recorded, row, [Movement(on, sign * event.amount)], what, document)


@VIEW.on(Settlement.PutOnAccount, needs=_the_item)
def _put_on_account(recorded: RecordedEvent, page: Page) -> None:
    """What a payment had repaid is not claimed any more: it is unapplied again."""
    event: Any = recorded.event
    row = page.row(ITEMS, event.originator_id)
    on = max(recorded.recorded_at.date(), row["dated_on"])
    _move(page, recorded, row, [Movement(on, -event.amount)], REVERSED, None)


@VIEW.on(Deduction.Voided, needs=_the_item)
def _deduction_voided(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    row = page.row(ITEMS, event.originator_id)
    on = max(recorded.recorded_at.date(), row["dated_on"])
    _move(page, recorded, row, [Movement(on, -event.amount)], VOIDED, None)


@VIEW.on(Settlement.RemittanceReceived)
def _remittance_received(recorded: RecordedEvent, page: Page) -> None:
    """All of a payment is unapplied until it is allocated."""
    event: Any = recorded.event
    part = (DuePart(None, -event.amount),)
    facts = {"number": event.reference, "about": None, "reason": ""}
    _begin(page, recorded, ON_ACCOUNT, ItemClass.CASH, event.paid_on, -event.amount, part, **facts)


@VIEW.on(Settlement.Allocated, needs=_the_payment_and_what_it_paid)
def _settlement_allocated(recorded: RecordedEvent, page: Page) -> None:
    """Cash is applied on the day of payment, to a document that came later on that document's day."""
    event: Any = recorded.event
    row = page.row(ITEMS, event.originator_id)
    by_day = {row["dated_on"]: event.gain}
    for part in event.allocations:
        paid = page.find(ITEMS, part.invoice)
        on = max(row["dated_on"], paid["dated_on"]) if paid else row["dated_on"]
        by_day[on] = by_day.get(on, ZERO) + part.cash
    _move(page, recorded, row, [Movement(on, amount) for on, amount in by_day.items()], USED, None)


@VIEW.on(Settlement.AllocatedFromAccount, needs=_the_item)
def _allocated_from_account(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    row = page.row(ITEMS, event.originator_id)
    _move(page, recorded, row, [Movement(max(event.on, row["dated_on"]), event.amount)], USED, None)


@VIEW.on(Settlement.Reversed, needs=_the_item)
def _settlement_reversed(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    row = page.row(ITEMS, event.originator_id)
    left = sum((movement.amount for movement in row["movements"]), ZERO)
    on = max(event.on or recorded.recorded_at.date(), *(movement.on for movement in row["movements"]))
    _move(page, recorded, row, [Movement(on, -left)], REVERSED, None)


def _parts(
    due_on: date | None, instalments: Sequence[InstalmentDue], whole: Decimal, since: date | None, provisional_on: date | None
) -> tuple[DuePart, ...]:
    if instalments:
        return tuple(DuePart(part.due_on, part.amount, since) for part in sorted(instalments, key=lambda i: i.due_on))
    return (DuePart(due_on, whole, since, provisional_on),)


def _begin(
    page: Page, recorded: RecordedEvent, kind: str, item_class: ItemClass, dated_on: date, amount: Decimal,
    parts: tuple[DuePart, ...], **facts: Any,
) -> None:
    event: Any = recorded.event
    values: dict[str, Any] = {
        "item_id": event.originator_id, "kind": str(kind), "class": item_class.value, "company": event.company,
        "partner": event.partner, "account": event.account, "currency": event.currency, "dated_on": dated_on,
        "original": amount, "legal_warnings": (), "parts": parts, "movements": (), "applied": {}, **facts,
    }  # fmt: skip
    _move(page, recorded, page.put(ITEMS, **values), [Movement(dated_on, amount)], ISSUED, None)


def _move(
    page: Page, recorded: RecordedEvent, row: Row, moved: Iterable[Movement], what: str, document: str | None
) -> None:
    before, moved = row["movements"], tuple(moved)
    row["movements"] = (*before, *moved)
    if len(row["parts"]) == 1:  # one due day: what was booked before stays
        booked = ledger(moved, row["parts"])
    else:
        booked = newly_booked(ledger(before, row["parts"]), ledger(row["movements"], row["parts"]))
    _book(page, recorded, row, booked, what, document, sum((movement.written_off for movement in moved), ZERO))


def _book(
    page: Page, recorded: RecordedEvent, row: Row, booked: Ledger, what: str, document: str | None = None,
    written_off: Decimal = ZERO,
) -> None:
    kept = {name: row[name] for name in ("item_id", "class", "company", "partner", "account", "currency", "dated_on")}
    for n, ((on, (due_on, since, provisional_on)), (amount, disputed)) in enumerate(booked.items()):
        page.append(
            ENTRIES, position=recorded.position, n=n, happened_on=on, due_on=due_on, since=since or ALWAYS,
            provisional_on=provisional_on, amount=amount, disputed=disputed, what=what, document=document,
            written_off=written_off if n == 0 else ZERO, **kept,
        )  # fmt: skip
