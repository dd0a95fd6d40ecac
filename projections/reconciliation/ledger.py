"""Our ledger with one customer: every document, what is open of it on a day, as known at a position of the log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, or_, select

from domain.invoice_facts import InvoiceKind, InvoiceLine
from domain.statement_differences import PAYMENT, BilledFigures, LedgerLine, Use
from domain.statement_pairing import open_on, plain_number
from domain.values import ZERO
from projections.reconciliation.tables import DOCUMENTS, MOVES
from projections.view import Row

_D, _M = DOCUMENTS.c, MOVES.c
_BY = DOCUMENTS.alias("used_by")
CHUNK = 500
OWED = (InvoiceKind.INVOICE, InvoiceKind.DEBIT_MEMO)
DOCUMENT = (
    _D.item_id, _D.kind, _D.number, _D.dated_on, _D.original, _D.about, _D.settlement, _D.shipment, _D.reason, _D.lines,
)  # fmt: skip


def ledger_of(
    connection: Connection, company: str, partner: str, currency: str, cut_off: date, known_at: int,
    listed: Iterable[str] = (),
) -> list[LedgerLine]:
    """By day and number; ``open`` is what is open at the end of ``cut_off``, 0 for what is dated later.

    What had long been settled by then is left out, unless its number (of a payment: all that it paid) is ``listed``.
    """
    whose = (_D.partner == partner, _D.company == company, _D.currency == currency, _D.position <= known_at)
    late = (
        select(_M.item_id).join(_BY, _BY.c.item_id == _M.by, isouter=True)
        .where(_M.partner == partner, _M.company == company)
        .where(or_(_M.position > known_at, func.coalesce(_M.on_day, _BY.c.dated_on) > cut_off))
    )  # fmt: skip
    standing = or_(_D.open != ZERO, _D.dated_on > cut_off, _D.item_id.in_(late))
    rows = [dict(row) for row in connection.execute(select(*DOCUMENT).where(*whose, standing)).mappings()]
    named = _named(connection, whose, listed) - {row["item_id"] for row in rows}
    rows += [row for some in chunks(sorted(named)) for row in _documents(connection, _D.item_id.in_(some), *whose)]
    uses = _uses(connection, {row["item_id"]: row["dated_on"] for row in rows}, known_at)
    billed_for = _billed_for(rows)
    lines = [_line(row, uses.get(row["item_id"], ()), billed_for.get(row["item_id"], ""), cut_off) for row in rows]
    return sorted(lines, key=lambda line: (line.dated_on, line.number, line.item))


def _documents(connection: Connection, *conditions: Any) -> list[Row]:
    return [dict(row) for row in connection.execute(select(*DOCUMENT).where(*conditions)).mappings()]


def _named(connection: Connection, whose: Sequence[Any], listed: Iterable[str]) -> set[str]:
    """Documents by number or stream, however written; of payments also what they paid and what they kept back."""
    names = set(map(plain_number, listed))
    if not names:
        return set()
    numbers = connection.execute(select(_D.item_id, _D.number, _D.kind).where(*whose)).all()
    found = {item: kind for item, number, kind in numbers if plain_number(number) in names or plain_number(item) in names}
    items = set(found)
    for some in chunks(sorted(item for item, kind in found.items() if kind == PAYMENT)):
        items.update(connection.execute(select(_M.item_id).where(_M.by.in_(some))).scalars())
        items.update(connection.execute(select(_D.item_id).where(*whose, _D.settlement.in_(some))).scalars())
    return items


def _uses(connection: Connection, days: Mapping[str, date], known_at: int) -> dict[str, list[Use]]:
    """By document, in the log's order; a use counts from the later day of the document and of what used it."""
    names = (_M.item_id, _M.by, _M.on_day, _BY.c.dated_on, _M.total, _M.cash, _M.credit, _M.deducted)
    query = select(*names).join(_BY, _BY.c.item_id == _M.by, isouter=True).where(_M.position <= known_at)
    found: dict[str, list[Use]] = defaultdict(list)
    for some in chunks(sorted(days)):
        moves = connection.execute(query.where(_M.item_id.in_(some)).order_by(_M.item_id, _M.position))
        for item, by, on_day, by_dated, total, cash, credit, deducted in moves:
            own = days[item]
            found[item].append(Use(by, on_day or max(own, by_dated or own), total, cash, credit, deducted))
    return found


def chunks(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many as one statement may name."""
    return (names[start : start + CHUNK] for start in range(0, len(names), CHUNK))


def _line(row: Row, uses: Sequence[Use], billed_for: str, cut_off: date) -> LedgerLine:
    return LedgerLine(
        item=row["item_id"], number=row["number"], kind=row["kind"], dated_on=row["dated_on"], original=row["original"],
        open=open_on(row["original"], row["dated_on"], uses, cut_off), reason=row["reason"], about=row["about"],
        settlement=row["settlement"], figures=_figures(row), billed_for=billed_for, uses=tuple(uses),
    )  # fmt: skip


def _figures(row: Row) -> BilledFigures | None:
    lines: tuple[InvoiceLine, ...] = row["lines"]
    if row["kind"] not in OWED or len(lines) != 1:
        return None
    line = lines[0]
    return BilledFigures(line.quantity, line.unit_price, line.price_per, line.tax_rate, line.tax)


def _billed_for(rows: Sequence[Row]) -> dict[str, str]:
    """Invoices that bill the same goods get the same text: the same lines of the same shipment, or of none.

    Two shipments may carry the same; an invoice that names no shipment bills what another one of its lines bills.
    Without an order behind it, only two of one day are taken for the same.
    """
    alike: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        if row["kind"] == InvoiceKind.INVOICE and row["lines"]:
            lines = tuple((x.order, x.order_line, x.item, x.quantity, x.unit_price) for x in row["lines"])
            ordered = any(x.order for x in row["lines"])
            alike[lines, row["original"], None if ordered else row["dated_on"]].append(row)
    found: dict[str, str] = {}
    for group in alike.values():
        shipments = sorted({row["shipment"] for row in group if row["shipment"]}) or [group[0]["item_id"]]
        if len(group) > 1:
            found |= {row["item_id"]: f"{row['shipment'] or shipments[0]} {group[0]['item_id']}" for row in group}
    return found
