"""What the view keeps of judging ready to be added up: the lots of settled orders, and which orders are to be settled anew.

All of it can be made again from the facts, at another time by another process in other pieces; so it is no part of the
view's digest (``info``), and a figure is the same whether an order is settled or not (``pushdown``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Index, Table, Text

from domain.fill_rate.lots import ARRIVALS, DELIVERIES, Came, Lot
from projections.columns import key
from projections.order_fill.tables import METADATA
from projections.view import CACHE

CAME = ("advised", "signed", "sent")
DAYS = tuple(kind.value.lower() for kind in ARRIVALS)
_OF_DELIVERY = (*CAME, "booked", *DAYS)
_OF_FATE = ("confirmed_first", "confirmed_last", "promised_first", "promised_last", "ship_to", "banner", "category")
_WEIGHTS = ("lines", "units", "eaches", "value", "cases")
_TEXTS = frozenset({"ship_to", "banner", "category"})


def _column(name: str) -> Column[Any]:
    return Column(name, Text if name in _TEXTS else BigInteger, nullable=name not in _WEIGHTS)


# An order's lots stand together and in the order of the orders' places in the log: one order after the other is added
# up in one pass. The columns that most policies ask for come first, where they are found the soonest.
LOTS = Table(
    "lots", METADATA,
    Column("partner", key(), primary_key=True),
    Column("order_no", BigInteger, primary_key=True, autoincrement=False),
    Column("lot", BigInteger, primary_key=True, autoincrement=False),
    Column("requested", BigInteger, nullable=False), Column("whole", BigInteger, nullable=False),
    *map(_column, _WEIGHTS),
    *(_column(f"{name}_{number}") for number in range(1, DELIVERIES + 1) for name in _OF_DELIVERY),
    *map(_column, _OF_FATE), Column("company", Text, nullable=False),
    sqlite_with_rowid=False, info=CACHE,
)  # fmt: skip

# Every order that was settled; ``order_no`` is its place in the log. Days are counted from 1970. One that is not ``plain``
# has no lots. ``last_position`` and ``last_at`` (microseconds) are those of the latest that is known of it.
SETTLED = Table(
    "settled", METADATA,
    Column("order_id", key(), primary_key=True), Column("order_no", BigInteger, nullable=False),
    Column("partner", key(), nullable=False), Column("plain", Boolean, nullable=False),
    Column("requested_first", BigInteger, nullable=False), Column("requested_last", BigInteger, nullable=False),
    Column("first_day", BigInteger, nullable=False), Column("last_day", BigInteger, nullable=False),
    Column("last_position", BigInteger, nullable=False), Column("last_at", BigInteger, nullable=False),
    # all that is asked of the orders of a period
    Index(
        "settled_by_request", "partner", "requested_last", "requested_first", "order_no", "first_day", "last_day", "plain",
        "last_position", "last_at",
    ), info=CACHE,
)  # fmt: skip

# The streams of which something was heard since the orders they speak of were settled.
UNSETTLED = Table("unsettled", METADATA, Column("subject", key(), primary_key=True), info=CACHE)


def lot_row(partner: str, company: str, order_no: int, number: int, lot: Lot) -> dict[str, Any]:
    fate = lot.fate
    row: dict[str, Any] = {
        "partner": partner, "company": company, "order_no": order_no, "lot": number, "requested": fate.requested,
        "whole": fate.whole,
    }  # fmt: skip
    row |= {name: getattr(lot, name) for name in _WEIGHTS}
    row |= {name: getattr(fate, name) for name in _OF_FATE}
    for place in range(DELIVERIES):
        row |= _came_row(place + 1, fate.came[place] if place < len(fate.came) else None)
    return row


def _came_row(number: int, came: Came | None) -> Iterator[tuple[str, Any]]:
    """Nothing came of a delivery that was not: said as 0, the looking for other evidence ends there."""
    values = [0, 0, 0, 0, *[None] * len(DAYS)] if came is None else [
        came.advised, came.signed, came.sent, int(came.booked), *came.arrived,
    ]  # fmt: skip
    return zip((f"{name}_{number}" for name in _OF_DELIVERY), values, strict=True)
