"""What a credit check costs on one account with 1,000, 10,000 and 100,000 events of history, on the embedded log.

    python -m deploy.bench.credit_checks [--checks 10000] [--history 1000,10000,100000]

Each history is an account whose orders were reserved, delivered, invoiced and paid; a few hundred stay open whatever
the length. The checks are ``ReserveCredit`` commands through the group writer, in slices that take turns with slices on an
account without a history in the same log: their ratio is what the history costs, and what else runs on the machine cancels.
The account is then loaded once more from its head, as after a restart.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from concurrent.futures import Future
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any, ClassVar

from deploy.bench.machine import Machine
from deploy.bench.report import Figure
from domain.credit_account import CreditAccount
from domain.credit_book import ItemShift
from services.command import Answer, Command, Context
from services.event_log.work import Work
from services.receivables.application import Receivables
from services.receivables.credit_accounts import credit_account, credit_answer
from services.receivables.crediting import (
    AgreeLimit, OpenAccount, RecordGoodsOut, RecordInvoiced, ReduceReservation, ReserveCredit,
)
from services.settings import Settings
from services.logs import environment

ACCOUNT, FRESH = "retailer", "newcomer"
OPEN_ORDERS = 200
IN_FLIGHT = 64
SLICE = 500
CHECKS = 10_000
HISTORIES = (1_000, 10_000, 100_000)


class Paid(Command):
    """A payment as the credit account hears of it, without the settlement and the invoice it comes from."""

    NAME: ClassVar[str] = "bench.paid"
    account: str
    invoice: str
    amount: Decimal


def _pay(work: Work, command: Paid) -> Answer:
    account, day = credit_account(work, command.account)
    items = (ItemShift(command.invoice, -command.amount),)
    account.record_payment(f"payment-of-{command.invoice}", command.amount, day, items=items)
    return credit_answer(account, command.account)


class Measured(Receivables):
    """The service with the payments of the history."""

    handlers: ClassVar[dict[type[Command], Any]] = {**Receivables.handlers, Paid: _pay}


def run(machine: Machine) -> list[Figure]:
    """For ``make bench``: each slice of checks is a pair with the slice on the account without a history."""
    figures = []
    for history in (1_000, 5_000) if machine.quick else HISTORIES:
        slices, _ = measured(machine.new_folder(f"credit-{history}"), history, 1_000 if machine.quick else CHECKS)
        against = "an account without a history in the same log"
        figure = Figure("k", f"credit check with {history:,} events of history", "us", against, 1.25, at_most=True)
        for ours, fresh in slices:
            figure.add(ours * 1e6, fresh * 1e6)
        figures.append(figure)
    return figures


def main() -> None:
    given = _arguments()
    print(f"{given.checks:,} checks on one account, {OPEN_ORDERS} orders open, {IN_FLIGHT} in flight, SQLite (synchronous=FULL)")
    for history in given.history:
        with tempfile.TemporaryDirectory() as folder:
            slices, load = measured(Path(folder), history, given.checks)
        old, other = zip(*slices, strict=True)
        cost, fresh, ratio = median(old), median(other), median(one / two for one, two in slices)
        print(
            f"history {history:>9,} events: {cost * 1e6:5.0f} us a check, without a history {fresh * 1e6:5.0f} us, ratio"
            f" {ratio:4.2f} (medians of slices); loaded anew in {load * 1e3:5.1f} ms", flush=True,
        )


def measured(folder: Path, history: int, checks: int) -> tuple[list[tuple[float, float]], float]:
    """Seconds a check with and without the history, slice by slice; seconds to load the account from its head."""
    log = Measured(environment(Settings(data=folder), "receivables"))
    try:
        _grow(log, ACCOUNT, history)
        _grow(log, FRESH, 0)
        slices = [
            (_checked(log, ACCOUNT, start, SLICE), _checked(log, FRESH, start, SLICE)) for start in range(0, checks, SLICE)
        ]
        begun = time.perf_counter()
        log.look(CreditAccount, CreditAccount.stream(ACCOUNT))
        return slices, time.perf_counter() - begun
    finally:
        log.close()


def _grow(log: Receivables, account: str, events: int) -> None:
    """Orders come and are paid for until the stream has as many facts; the last ones stay open."""
    _all(log, [OpenAccount(account=account, currency="EUR", zone="UTC")])
    _all(log, [AgreeLimit(account=account, amount=Decimal(10**9), first_day=date(2020, 1, 1))])
    commands: list[Command] = []
    for number in range(max((events - 2 - OPEN_ORDERS) // 4, 0)):
        names: dict[str, Any] = {"account": ACCOUNT, "order": f"order/acme/{account}/H{number}/-"}
        shipment, invoice = f"shipment/acme/{account}-{number}", f"invoice/acme/{account}-{number}"
        amount = Decimal(100)
        commands += [
            ReserveCredit(**names, revision=1, amount=amount), RecordGoodsOut(**names, shipment=shipment, amount=amount),
            RecordInvoiced(account=account, invoice=invoice, gross=amount, shipment=shipment),
            Paid(account=account, invoice=invoice, amount=amount),
        ]
    commands += [_check(account, f"open-{number}") for number in range(OPEN_ORDERS)]
    _all(log, commands)


def _check(account: str, order: str) -> ReserveCredit:
    return ReserveCredit(account=account, order=f"order/acme/{account}/{order}/-", revision=1, amount=Decimal(100))


def _checked(log: Receivables, account: str, start: int, count: int) -> float:
    """Seconds a check; what was reserved is given back outside the measurement, so that as much stays open."""
    begun = time.perf_counter()
    _all(log, [_check(account, f"C{number}") for number in range(start, start + count)])
    took = time.perf_counter() - begun
    _all(log, [
        ReduceReservation(account=account, order=f"order/acme/{account}/C{number}/-", amount=Decimal(0))
        for number in range(start, start + count)
    ])
    return took / count


def _all(log: Receivables, commands: list[Command]) -> None:
    waiting: list[Future[Answer]] = []
    for number, command in enumerate(commands):
        waiting.append(log.submit(command, Context("bench", datetime.now(UTC), f"c{number}", "bench")))
        if len(waiting) == IN_FLIGHT:
            _answered(waiting)
            waiting = []
    _answered(waiting)


def _answered(waiting: list[Future[Answer]]) -> None:
    for future in waiting:
        answer = future.result(60)
        assert answer.status < 400, answer.text


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.bench.credit_checks", description=__doc__)
    parser.add_argument("--checks", type=int, default=CHECKS)
    parser.add_argument("--history", type=lambda text: [int(part) for part in text.split(",")], default=list(HISTORIES))
    return parser.parse_args()


if __name__ == "__main__":
    main()
