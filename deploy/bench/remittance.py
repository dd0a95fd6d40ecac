"""m. A remittance of 10,000 lines applied at once, beside the bulk import of as many orders; both in this process.

Each round has invoices of its own. The remittance is timed from the bytes of its body to its answer, which is given after
the commit; the import from the file's first line to its last answer.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import Future
from decimal import Decimal
from pathlib import Path
from typing import Any

from deploy.bench import bulk, tpch
from deploy.bench.machine import BACK_ENDS, Machine
from deploy.bench.master import COMPANY, drain
from deploy.bench.report import Figure, rate, say
from deploy.bench.story import opened
from services.bodies import parse
from services.command import Answer
from services.importing import Importer
from services.receivables.invoicing import BilledLine, IssueInvoice
from services.receivables.stated_payment import RecordRemittance
from services.starting import own_context
from services.wired import Wired

GOAL = 0.5
IN_FLIGHT = 256
PRICE = Decimal("30.00")


def run(machine: Machine) -> list[Figure]:
    lines = 500 if machine.quick else 10_000
    folder = tpch.generate(machine.new_folder("tpch"), lines)
    file = bulk.write_file(folder, lines)
    figures = []
    for back_end in BACK_ENDS:
        figure = Figure("m", f"remittance of {lines:,} lines applied, {back_end}", "lines/s", f"import of {lines:,} orders", GOAL)
        figures.append(figure)
        with bulk.seeded_store(machine, back_end) as (template, _):
            for number in range(machine.rounds):
                say(f"m {back_end}: round {number + 1}/{machine.rounds}")
                with bulk.copied(machine, back_end, template) as environment:
                    figure.add(*_measured(opened(environment), file, lines))
    return figures


def _measured(wired: Wired, file: Path, lines: int) -> tuple[float, float]:
    """Lines a second of the remittance and of the import."""
    try:
        numbers = _invoices(wired, lines)
        drain(wired)
        body = {
            "company": COMPANY, "partner": "partner-000", "reference": "R-1", "paid_on": "2026-04-01",
            "amount": str(PRICE * lines), "items": [{"reference": n, "gross": str(PRICE), "paid": str(PRICE)} for n in numbers],
        }  # fmt: skip
        raw = json.dumps(body).encode()
        paid = _timed(lambda: _apply(wired, raw))
        drain(wired)
        imported = _timed(lambda: Importer(wired, file).run())
    finally:
        wired.close()
    say(f"   {rate(lines / paid)} lines/s of the remittance, {rate(lines / imported)} of the import")
    return lines / paid, lines / imported


def _invoices(wired: Wired, count: int) -> list[str]:
    line = BilledLine(item="item-0000", quantity=Decimal(1), unit="CS", unit_price=PRICE, tax_rate=Decimal(0))
    command = IssueInvoice.model_validate({"partner": "partner-000", "issued_on": "2026-03-02", "lines": [line]})
    numbers: list[str] = []
    waiting: list[Future[Answer]] = []
    for made in range(1, count + 1):
        waiting.append(wired.applications["receivables"].submit(command, own_context("bench")))
        if len(waiting) == IN_FLIGHT or made == count:
            numbers += [future.result(60).body["number"] for future in waiting]
            waiting = []
    return numbers


def _apply(wired: Wired, raw: bytes) -> None:
    answer = wired.applications["receivables"].handle(parse(RecordRemittance, raw, {}), own_context("bench"))
    body: Any = answer.body
    assert answer.status == 201 and body["on_account"] == 0 and not body["findings"], answer.text


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
