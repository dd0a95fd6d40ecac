"""TPC-H orders and line items as commands: partners, orders, shipments and receipts of 1992 to 1998.

TPC-H ships every line whole and delivers 63 % of them after the commit date, so a fixed rule by order and line
makes shortages: 1 line in 8 is cut by 20 %, 1 in 10 leaves in two shipments a week apart. Customers become partners
by Zipf: the largest of ``PARTNERS`` key accounts has the most of them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate, groupby
from pathlib import Path
from typing import Any

from deploy.bench.master import COMPANY, Range

ORDERS_AT_SCALE_1 = 1_500_000
PARTNERS = 25
RANGE = Range(partners=PARTNERS, places=4, items=100)
CUT_EVERY, SPLIT_EVERY = 8, 10
CUT = Decimal("0.8")
SECOND_SHIPMENT = timedelta(days=7)

_WEIGHTS = list(accumulate(1 / (rank + 1) for rank in range(PARTNERS)))


@dataclass(frozen=True)
class Line:
    """A line item: what is asked for by the commit date and what leaves and arrives when."""

    number: str
    item: str
    quantity: Decimal
    committed: date
    shipped: date
    received: date
    cut: bool
    split: bool

    @property
    def short(self) -> bool:
        """Whether less leaves than was ordered; of one piece nothing can be cut."""
        return sum(part[2] for part in self.departures()) < self.quantity

    def departures(self) -> list[tuple[date, date, Decimal]]:
        """(shipped on, received on, quantity): none for what was cut, two where the line is split."""
        leaves = max((self.quantity * CUT).quantize(Decimal(1)), Decimal(1)) if self.cut else self.quantity
        first = (leaves / 2).quantize(Decimal(1)) if self.split else leaves
        parts = [(self.shipped, self.received, first)]
        if leaves > first:
            parts.append((self.shipped + SECOND_SHIPMENT, self.received + SECOND_SHIPMENT, leaves - first))
        return [part for part in parts if part[2] > 0]


@dataclass(frozen=True)
class PurchaseOrder:
    number: str
    partner: str
    place: str
    ordered: date
    lines: tuple[Line, ...]

    @property
    def stream(self) -> str:
        return f"order/{COMPANY}/{self.partner}/{self.number}/-"

    def body(self) -> dict[str, Any]:
        """``order.place`` as a customer would send it."""
        lines = [
            {
                "number": line.number, "item": line.item, "quantity": str(line.quantity), "unit": "EA",
                "requested_on": line.committed.isoformat(),
            }
            for line in self.lines
        ]
        return {
            "partner": self.partner, "purchase_order_number": self.number, "ordered_on": self.ordered.isoformat(),
            "currency": "EUR", "ship_to": self.place, "lines": lines,
        }

    def shipments(self) -> list[tuple[date, date, dict[str, Any], dict[str, Any]]]:
        """(leaves on, arrives on, ``shipment.dispatch``, ``shipment.receive``), one for each day goods leave."""
        leaving = sorted((*d, line.number) for line in self.lines for d in line.departures())
        made = []
        for number, (shipped, group) in enumerate(groupby(leaving, key=lambda part: part[0]), 1):
            parts = list(group)
            made.append((shipped, max(part[1] for part in parts), *self._shipment(f"{self.number}-{number}", shipped, parts)))
        return made

    def _shipment(self, number: str, shipped: date, parts: list[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        arrives = max(part[1] for part in parts)
        dispatch = {
            "company": COMPANY, "number": number, "partner": self.partner, "ship_to": self.place,
            "dispatched_at": f"{shipped}T08:00:00+00:00", "expected_on": arrives.isoformat(),
            "lines": [{"order": self.stream, "line": line, "quantity": str(q)} for _, _, q, line in parts],
        }
        receive = {
            "shipment": f"{COMPANY}/{number}", "document": f"GR-{number}", "received_on": arrives.isoformat(),
            "lines": [
                {"order": self.stream, "line": line, "received": str(q), "accepted": str(q)} for _, _, q, line in parts
            ],
        }
        return dispatch, receive


def spread_hash(*parts: int) -> int:
    """The same number for the same line, whatever the run."""
    return zlib.crc32(":".join(map(str, parts)).encode())


def partner_number(customer: int) -> int:
    """Zipf over the key accounts."""
    place = spread_hash(customer) / 2**32 * _WEIGHTS[-1]
    return next(rank for rank, weight in enumerate(_WEIGHTS) if place <= weight)


def generate(folder: Path, orders: int) -> Path:
    """Run tpchgen-cli at the scale that holds ``orders`` orders."""
    found = shutil.which("tpchgen-cli") or str(Path(sys.executable).parent / "tpchgen-cli")
    scale = max(orders / ORDERS_AT_SCALE_1 * 1.01, 0.001)  # a little more than asked for, then cut off
    subprocess.run(
        [found, "tbl", "-s", f"{scale:.6f}", "-o", str(folder), "--tables=orders,lineitem", "--quiet", "--overwrite"], check=True
    )
    return folder


def purchase_orders(folder: Path, limit: int | None = None) -> Iterator[PurchaseOrder]:
    """Read the two tables side by side; both stand in the order of the order key."""
    with (folder / "orders.tbl").open() as orders, (folder / "lineitem.tbl").open() as items:
        grouped = groupby(items, key=lambda row: row.partition("|")[0])
        for count, (row, (key, lines)) in enumerate(zip(orders, grouped, strict=True)):
            if limit is not None and count >= limit:
                return
            fields = row.split("|")
            assert fields[0] == key
            customer = int(fields[1])
            yield PurchaseOrder(
                f"TPCH-{key}", RANGE.partner(partner_number(customer)), RANGE.place(customer),
                date.fromisoformat(fields[4]), tuple(_line(int(key), line.split("|")) for line in lines),
            )


def _line(order: int, fields: list[str]) -> Line:
    number = int(fields[3])
    rolled = spread_hash(order, number)
    shipped, committed, received = (date.fromisoformat(fields[i]) for i in (10, 11, 12))
    return Line(
        str(number), RANGE.item(int(fields[1])), Decimal(fields[4]), committed, shipped, received,
        rolled % CUT_EVERY == 0, rolled // CUT_EVERY % SPLIT_EVERY == 0,
    )
