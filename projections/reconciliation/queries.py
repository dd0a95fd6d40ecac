"""The lists of reconciling: statements by cut-off, invoices to be compared with order and receipt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from domain.invoice_facts import InvoiceKind
from projections.paging import Listed, Order, listed
from projections.reconciliation.tables import DOCUMENTS, STATEMENTS

_S, _D = STATEMENTS.c, DOCUMENTS.c
BY_CUT_OFF = Order((_S.cut_off, _S.statement_id), falling=(True, False))
BY_DAY = Order((_D.dated_on, _D.item_id), falling=(True, False))
SHOWN = (
    _D.item_id, _D.company, _D.partner, _D.currency, _D.kind, _D.number, _D.dated_on, _D.original, _D.shipment, _D.lines,
)  # fmt: skip


@dataclass(frozen=True)
class StatementSearch:
    """What to look for; None leaves a condition out, days are inclusive."""

    company: str | None = None
    partner: str | None = None
    state: str | None = None
    cut_off_from: date | None = None
    cut_off_to: date | None = None


def find_statements(
    connection: Connection, search: StatementSearch, limit: int = 50, after: str | None = None
) -> Listed:
    """The latest cut-off first."""
    given = {_S.company: search.company, _S.partner: search.partner, _S.state: search.state}
    query = select(STATEMENTS).where(*(column == value for column, value in given.items() if value is not None))
    if search.cut_off_from is not None:
        query = query.where(_S.cut_off >= search.cut_off_from)
    if search.cut_off_to is not None:
        query = query.where(_S.cut_off <= search.cut_off_to)
    return listed(connection, query, BY_CUT_OFF, limit, after)


def find_invoices(
    connection: Connection, partner: str, company: str | None, number: str | None, known_at: int, limit: int = 50,
    after: str | None = None,
) -> Listed:
    """Invoices to compare, the latest first; ``number`` is one invoice's."""
    query = select(*SHOWN).where(
        _D.partner == partner, _D.kind == InvoiceKind.INVOICE.value, _D.position <= known_at
    )  # fmt: skip
    for column, value in ((_D.company, company), (_D.number, number)):
        if value is not None:
            query = query.where(column == value)
    return listed(connection, query, BY_DAY, limit, after)
