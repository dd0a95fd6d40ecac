"""The bank's lines and our payments, each with its counterpart: what has none is what a clerk looks at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Date, Index, MetaData, Table, Text, func, select

from domain.bank_entry import BankEntry
from domain.bank_matching import BankLine, Payment
from domain.group_payment import GroupPayment
from domain.recorded import RecordedEvent
from domain.settlement import Settlement
from domain.values import ZERO
from projections.columns import key, money
from projections.paging import Listed, Order, listed
from projections.view import Needs, Page, Row, View

METADATA = MetaData()

LINES = Table(
    "lines", METADATA,
    Column("entry_id", key(), primary_key=True), Column("company", key(), nullable=False),
    Column("bank_account", key(), nullable=False), Column("booked_on", Date, nullable=False),
    Column("amount", money(), nullable=False), Column("currency", key(), nullable=False), Column("text", Text, nullable=False),
    Column("partner", key()), Column("payment", key()), Column("why", Text, nullable=False),
    Column("matched_by", Text, nullable=False),
    Index("lines_by_day", "booked_on", "entry_id"), Index("lines_open", "company", "currency", "payment", "amount"),
)  # fmt: skip

# A settlement, or a group payment in the place of its settlements.
PAYMENTS = Table(
    "payments", METADATA,
    Column("payment_id", key(), primary_key=True), Column("company", key(), nullable=False),
    Column("partner", key(), nullable=False), Column("reference", key(), nullable=False), Column("paid_on", Date, nullable=False),
    Column("amount", money(), nullable=False), Column("currency", key(), nullable=False), Column("entry", key()),
    Column("counts", Boolean, nullable=False),  # neither reversed nor a part of a group payment
    Index("payments_by_day", "paid_on", "payment_id"), Index("payments_open", "company", "currency", "entry", "amount"),
)  # fmt: skip

VIEW = View("bank", 1, METADATA)

# Fold


@VIEW.on(BankEntry.Recorded)
def _recorded(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    names = ("company", "bank_account", "booked_on", "amount", "currency", "text", "partner")
    facts = {name: getattr(event, name) for name in names}
    page.put(LINES, entry_id=event.originator_id, payment=None, why="", matched_by="", **facts)


def _the_line_and_its_payment(event: Any) -> Needs:
    return {LINES: [(event.originator_id,)], PAYMENTS: [(event.payment,)]}


@VIEW.on(BankEntry.Matched, needs=_the_line_and_its_payment)
def _matched(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(LINES, event.originator_id).update(payment=event.payment, why=event.why, matched_by=event.by)
    page.row(PAYMENTS, event.payment)["entry"] = event.originator_id


@VIEW.on(BankEntry.Unmatched, needs=_the_line_and_its_payment)
def _unmatched(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    page.row(LINES, event.originator_id).update(payment=None, why="", matched_by="")
    page.row(PAYMENTS, event.payment)["entry"] = None


@VIEW.on(Settlement.RemittanceReceived)
def _remittance_received(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    _put(page, event, event.paid_on, event.reference)


def _the_group_and_its_parts(event: Any) -> Needs:
    return {PAYMENTS: [(name,) for name in event.settlements]}


@VIEW.on(GroupPayment.Received, needs=_the_group_and_its_parts)
def _group_payment_received(recorded: RecordedEvent, page: Page) -> None:
    event: Any = recorded.event
    paid_on = date.min
    for name in event.settlements:
        part = page.row(PAYMENTS, name)
        part["counts"], paid_on = False, max(paid_on, part["paid_on"])
    _put(page, event, paid_on, event.reference)


@VIEW.on(Settlement.Reversed, GroupPayment.Reversed, needs=lambda event: {PAYMENTS: [(event.originator_id,)]})
def _reversed(recorded: RecordedEvent, page: Page) -> None:
    page.row(PAYMENTS, recorded.stream)["counts"] = False


def _put(page: Page, event: Any, paid_on: date, reference: str) -> None:
    names = ("company", "partner", "amount", "currency")
    facts = {name: getattr(event, name) for name in names}
    page.put(PAYMENTS, payment_id=event.originator_id, reference=reference, paid_on=paid_on, entry=None, counts=True, **facts)


# Queries


@dataclass(frozen=True)
class BankSearch:
    """What to look for; None leaves a condition out, days are inclusive."""

    company: str | None = None
    partner: str | None = None
    matched: bool | None = None
    first_day: date | None = None
    last_day: date | None = None


def find_lines(connection: Connection, search: BankSearch, limit: int = 50, after: str | None = None) -> Listed:
    """The bank's lines by day."""
    c = LINES.c
    query = select(LINES)
    if search.matched is not None:
        query = query.where(c.payment.is_not(None) if search.matched else c.payment.is_(None))
    query = query.where(*_conditions(search, c, c.booked_on))
    return listed(connection, query, Order((c.booked_on, c.entry_id)), limit, after)


def find_payments(connection: Connection, search: BankSearch, limit: int = 50, after: str | None = None) -> Listed:
    """Our payments by day, without reversed ones and parts of group payments."""
    c = PAYMENTS.c
    query = select(PAYMENTS).where(c.counts)
    if search.matched is not None:
        query = query.where(c.entry.is_not(None) if search.matched else c.entry.is_(None))
    query = query.where(*_conditions(search, c, c.paid_on))
    return listed(connection, query, Order((c.paid_on, c.payment_id)), limit, after)


def _conditions(search: BankSearch, c: Any, day: Any) -> list[Any]:
    given = {c.company: search.company, c.partner: search.partner}
    found = [column == value for column, value in given.items() if value is not None]
    found += [day >= search.first_day] if search.first_day is not None else []
    return found + ([day <= search.last_day] if search.last_day is not None else [])


def line(connection: Connection, entry: str) -> Row | None:
    found = connection.execute(select(LINES).where(LINES.c.entry_id == entry)).mappings().one_or_none()
    return None if found is None else dict(found)


def payment(connection: Connection, name: str) -> Row | None:
    found = connection.execute(select(PAYMENTS).where(PAYMENTS.c.payment_id == name)).mappings().one_or_none()
    return None if found is None else dict(found)


def payments_open(connection: Connection, line: BankLine, limit: int = 1_000) -> list[Payment]:
    """Payments without a line that the line may be: those over its amount first, then the nearest in time."""
    c = PAYMENTS.c
    query = select(PAYMENTS).where(c.counts, c.entry.is_(None), c.company == line.company, c.currency == line.currency)
    rows = connection.execute(query.order_by(c.amount != line.amount, c.paid_on.desc(), c.payment_id).limit(limit)).mappings()
    names = ("company", "partner", "reference", "paid_on", "amount", "currency")
    return [Payment(row["payment_id"], *(row[name] for name in names)) for row in rows]


def lines_open(connection: Connection, paid: Payment, limit: int = 1_000) -> list[BankLine]:
    """Lines without a payment over the payment's amount."""
    c = LINES.c
    given = {c.company: paid.company, c.currency: paid.currency, c.amount: paid.amount}
    query = select(LINES).where(c.payment.is_(None), *(column == value for column, value in given.items()))
    return [line_of(dict(row)) for row in connection.execute(query.order_by(c.booked_on, c.entry_id).limit(limit)).mappings()]


def line_of(row: Row) -> BankLine:
    names = ("company", "booked_on", "amount", "currency", "text", "partner")
    return BankLine(row["entry_id"], *(row[name] for name in names))


def payment_of(row: Row) -> Payment:
    names = ("company", "partner", "reference", "paid_on", "amount", "currency")
    return Payment(row["payment_id"], *(row[name] for name in names))


NONE_OF_EITHER: Row = {"lines": 0, "lines_amount": ZERO, "payments": 0, "payments_amount": ZERO}


def unmatched_totals(connection: Connection, company: str | None) -> list[Row]:
    """By currency: how many lines and payments have no counterpart, and over how much."""
    found: dict[str, Row] = {}
    for name, table, missing in (("lines", LINES, LINES.c.payment), ("payments", PAYMENTS, PAYMENTS.c.entry)):
        c = table.c
        query = select(c.currency, func.count().label("n"), func.sum(c.amount).label("amount")).where(missing.is_(None))
        if name == "payments":
            query = query.where(c.counts)
        if company is not None:
            query = query.where(c.company == company)
        for row in connection.execute(query.group_by(c.currency)).mappings():
            total = found.setdefault(row["currency"], {"currency": row["currency"], **NONE_OF_EITHER})
            total |= {name: row["n"], f"{name}_amount": row["amount"]}
    return [found[currency] for currency in sorted(found)]
