"""Open items: invoices, credit and debit memos, deductions and cash on account, with what was used of each.

Receivable positive, credit negative: what is on account and credit memos count below zero, so that the open
amounts of an account add up to what it owes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Connection, Date, Index, MetaData, Select, Table, Text, func, select

from domain.deduction import Deduction
from domain.invoice import Invoice
from domain.invoice_facts import Applied, DiscountOffer, InstalmentDue
from domain.recorded import RecordedEvent
from domain.settlement import Settlement
from domain.values import ZERO
from projections.columns import Instant, Packed, key, money
from projections.paging import Listed, Order, listed, prefixed
from projections.view import Needs, Page, Row, View

METADATA = MetaData()
DEDUCTION = "DEDUCTION"
ON_ACCOUNT = "ON_ACCOUNT"
NO_DUE_DAY = date.max

ITEMS = Table(
    "items", METADATA,
    Column("item_id", key(), primary_key=True), Column("kind", Text, nullable=False),
    Column("company", key(), nullable=False), Column("partner", key(), nullable=False),
    Column("account", key(), nullable=False), Column("currency", key(), nullable=False),
    Column("number", key(), nullable=False), Column("dated_on", Date, nullable=False),
    Column("due_on", Date), Column("sorted_on", Date, nullable=False),  # the due day, the last day when unknown
    Column("undated", Text, nullable=False),
    Column("original", money(), nullable=False), Column("open", money(), nullable=False),
    Column("deducted", money(), nullable=False),  # of the original, still unresolved: a deduction item each
    Column("is_open", Boolean, nullable=False),
    Column("voided", Text),
    Column("discounts", Packed(tuple[DiscountOffer, ...]), nullable=False),
    Column("instalments", Packed(tuple[InstalmentDue, ...]), nullable=False),
    Column("about", Text), Column("shipment", Text), Column("settlement", Text),
    Column("order_numbers", Packed(tuple[str, ...]), nullable=False),
    Column("reason", Text, nullable=False), Column("customer_reason", Text, nullable=False),
    Column("applied", Packed(dict[str, Applied]), nullable=False),
    Index("items_by_due_day", "sorted_on", "item_id"),
    Index("items_by_partner", "partner", "is_open", "sorted_on"),
    Index("items_by_account", "account", "is_open", "sorted_on"),
    Index("items_by_number", "number"),
)  # fmt: skip

# How an item was used, reversals included; the sum is what is gone of the original.
ALLOCATIONS = Table(
    "allocations", METADATA,
    Column("item_id", key(), primary_key=True), Column("position", BigInteger, primary_key=True),
    Column("document", Text, nullable=False), Column("reversal", Boolean, nullable=False),
    Column("cash", money(), nullable=False), Column("discount", money(), nullable=False),
    Column("write_off", money(), nullable=False), Column("deducted", money(), nullable=False),
    Column("credit", money(), nullable=False), Column("recorded_at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
)  # fmt: skip

VIEW = View("open_items", 2, METADATA)

# Fold

PARTS = ("cash", "discount", "write_off", "deducted", "credit")


def _the_item(event: Any) -> Needs:
    return {ITEMS: [(event.originator_id,)]}


@VIEW.on(Invoice.Issued)
def _issued(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    names = ("number", "due_on", "undated", "discounts", "instalments", "about", "shipment", "order_numbers", "reason")
    facts = {name: getattr(event, name) for name in names}
    row = _put(page, event, event.kind, event.issued_on, event.gross, **facts)
    row["sorted_on"] = event.due_on or NO_DUE_DAY


@VIEW.on(Invoice.DueDatesKnown, needs=_the_item)
def _due_dates_known(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(ITEMS, event.originator_id).update(
        due_on=event.due_on,
        sorted_on=event.due_on or NO_DUE_DAY,
        discounts=event.discounts,
        instalments=event.instalments,
        undated="",
    )


@VIEW.on(Invoice.Allocated, needs=_the_item)
def _allocated(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _apply(page, recorded, event.settlement, Applied(**{part: getattr(event, part) for part in PARTS}))


@VIEW.on(Invoice.AllocationReversed, needs=_the_item)
def _allocation_reversed(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _take_back(page, recorded, event.settlement)


@VIEW.on(Invoice.Voided, needs=_the_item)
def _voided(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(ITEMS, event.originator_id).update(voided=event.reason, open=ZERO, is_open=False)


@VIEW.on(Deduction.Taken)
def _deduction_taken(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    facts = {"settlement": event.settlement, "about": event.invoice, "customer_reason": event.customer_reason}
    number = event.originator_id.split("/", 1)[1]
    _put(page, event, DEDUCTION, event.taken_on, event.amount, number=number, reason=event.reason, **facts)


@VIEW.on(Deduction.Credited, needs=_the_item)
def _deduction_credited(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _apply(page, recorded, event.credit_memo, Applied(credit=event.amount))


@VIEW.on(Deduction.Repaid, needs=_the_item)
def _deduction_repaid(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _apply(page, recorded, event.settlement, Applied(cash=event.amount))


@VIEW.on(Deduction.WrittenOff, needs=_the_item)
def _deduction_written_off(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _apply(page, recorded, event.document, Applied(write_off=event.amount))


@VIEW.on(Deduction.RepaymentReversed, Deduction.WriteOffReversed, needs=_the_item)
def _deduction_open_again(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _take_back(page, recorded, getattr(event, "settlement", None) or event.document)


@VIEW.on(Settlement.PutOnAccount, needs=_the_item)
def _put_on_account(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    row = page.row(ITEMS, event.originator_id)
    row["open"] -= event.amount
    row["is_open"] = row["open"] != 0


@VIEW.on(Deduction.Voided, needs=_the_item)
def _deduction_voided(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    row = page.row(ITEMS, event.originator_id)
    row["open"] -= event.amount
    row.update(voided=event.reason, is_open=row["open"] != 0)


@VIEW.on(Settlement.RemittanceReceived)
def _remittance_received(recorded: RecordedEvent, page: Page) -> None:
    """All of a payment is on account until it is allocated."""
    event: Any = recorded.event
    _put(page, event, ON_ACCOUNT, event.paid_on, -event.amount, number=event.reference)


@VIEW.on(Settlement.Allocated, needs=_the_item)
def _settlement_allocated(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    row = page.row(ITEMS, event.originator_id)
    row.update(open=-event.on_account, is_open=event.on_account != 0)


@VIEW.on(Settlement.AllocatedFromAccount, needs=_the_item)
def _allocated_from_account(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    row = page.row(ITEMS, event.originator_id)
    row["open"] += event.amount
    row["is_open"] = row["open"] != 0


@VIEW.on(Settlement.Reversed, needs=_the_item)
def _settlement_reversed(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(ITEMS, event.originator_id).update(voided=event.reason, open=ZERO, is_open=False)


def _put(page: Page, event: Any, kind: str, dated_on: date, amount: Decimal, **facts: Any) -> Row:
    values: dict[str, Any] = {
        "item_id": event.originator_id, "kind": kind, "company": event.company, "partner": event.partner,
        "account": event.account, "currency": event.currency, "dated_on": dated_on, "sorted_on": NO_DUE_DAY,
        "undated": "", "original": amount, "open": amount, "deducted": ZERO, "is_open": amount != 0,
        "discounts": (), "instalments": (), "order_numbers": (), "reason": "", "customer_reason": "", "applied": {},
    }  # fmt: skip
    return page.put(ITEMS, **(values | facts))


def _apply(page: Page, recorded: RecordedEvent, document: str, applied: Applied) -> None:
    row = page.row(ITEMS, recorded.stream)
    row["applied"][document] = applied
    _use(row, applied)
    _note(page, recorded, document, 1, applied)


def _take_back(page: Page, recorded: RecordedEvent, document: str) -> None:
    row = page.row(ITEMS, recorded.stream)
    was: Applied = row["applied"].pop(document)
    _use(row, Applied(**{part: -getattr(was, part) for part in PARTS}))
    _note(page, recorded, document, -1, was)


def _use(row: Row, applied: Applied) -> None:
    row["open"] -= applied.total
    row["deducted"] += applied.deducted
    row["is_open"] = row["open"] != 0


def _note(page: Page, recorded: RecordedEvent, document: str, sign: int, applied: Applied) -> None:
    page.append(
        ALLOCATIONS,
        item_id=recorded.stream,
        position=recorded.position,
        document=document,
        reversal=sign < 0,
        recorded_at=recorded.recorded_at,
        actor=recorded.actor,
        **{part: sign * getattr(applied, part) for part in PARTS},
    )


# Queries


@dataclass(frozen=True)
class ItemSearch:
    """What to look for; None leaves a condition out, days are inclusive. An item without a due day has none."""

    company: str | None = None
    partner: str | None = None
    account: str | None = None
    currency: str | None = None
    kinds: tuple[str, ...] = ()
    number_prefix: str | None = None
    due_from: date | None = None
    due_to: date | None = None
    only_open: bool = True


BY_DUE_DAY = Order((ITEMS.c.sorted_on, ITEMS.c.item_id))


def find_items(connection: Connection, search: ItemSearch, limit: int = 50, after: str | None = None) -> Listed:
    """Items by due day, those without one last."""
    return listed(connection, _searched(select(ITEMS), search), BY_DUE_DAY, limit, after)


def totals(connection: Connection, search: ItemSearch) -> list[Row]:
    """Number of items, original, open and deducted amounts by currency and kind."""
    c = ITEMS.c
    sums = [func.sum(column).label(column.name) for column in (c.original, c.open, c.deducted)]
    query = select(c.currency, c.kind, func.count().label("items"), *sums).group_by(c.currency, c.kind)
    found = connection.execute(_searched(query, search).order_by(c.currency, c.kind)).mappings()
    return [dict(row) for row in found]


def item(connection: Connection, item_id: str) -> Row | None:
    """One item with ``allocations``: how it was used, in the log's order, reversals with opposite signs."""
    found = connection.execute(select(ITEMS).where(ITEMS.c.item_id == item_id)).mappings().one_or_none()
    if found is None:
        return None
    query = select(ALLOCATIONS).where(ALLOCATIONS.c.item_id == item_id).order_by(ALLOCATIONS.c.position)
    return dict(found) | {"allocations": [dict(row) for row in connection.execute(query).mappings()]}


def _searched(query: Select[Any], search: ItemSearch) -> Select[Any]:
    c = ITEMS.c
    named = {c.company: search.company, c.partner: search.partner, c.account: search.account}
    given = named | {c.currency: search.currency}
    query = query.where(*(column == value for column, value in given.items() if value is not None))
    if search.kinds:
        query = query.where(c.kind.in_(search.kinds))
    if search.number_prefix:
        query = query.where(prefixed(c.number, search.number_prefix))
    if search.due_from is not None:
        query = query.where(c.due_on >= search.due_from)
    if search.due_to is not None:
        query = query.where(c.due_on <= search.due_to)
    return query.where(c.is_open) if search.only_open else query
