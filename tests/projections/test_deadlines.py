"""Deadlines: what waits for which day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D

from domain.agreements import InvoicingTerms
from domain.order import Order
from domain.shipment import DeliveredLine, ReceivedLine, Shipment, shipment_line
from domain.trading_partner import TradingPartner
from domain.values import LineQuantity, Side
from projections import deadlines
from projections.deadlines import CANCEL_AFTER, RECEIPT_TIMEOUT, Deadline, due, zones
from tests.projections.chronicle import Chronicle, Folder, check_folds_alike, reading
from tests.projections.story import TIMEOUT, line, place

LOGS = ("orders",)
LAST = date(2026, 3, 20)
FAR = date(2026, 12, 31)


def placed() -> tuple[Chronicle, list[Order]]:
    """Five orders to be cancelled after the 20th; the last has no such day."""
    chronicle = Chronicle()
    with chronicle.command("orders") as log:
        log.append(
            TradingPartner.register(
                partner="retailer", name="Retailer", company="acme", currency="USD", zone="America/Chicago"
            )
        )
        orders = [place(f"PO-{n}", line("1", "100", 10, "25"), cancel_after=LAST) for n in range(5)]
        orders.append(place("PO-none", line("1", "100", 10, "25")))
        log += orders
    with chronicle.command("orders") as log:
        for order in orders:
            order.release(1, "r")
        log += orders
    return chronicle, orders


def dispatched(number: str, orders: list[Order], chronicle: Chronicle, invoicing: InvoicingTerms) -> Shipment:
    return Shipment.dispatch(
        company="acme", number=number, partner="retailer", account="retailer", currency="USD", ship_to="dc1",
        zone="Asia/Shanghai", seller_zone="UTC", dispatched_at=chronicle.now, invoicing=invoicing, terms=None,
        expected_on=date(2026, 3, 6), lines=[shipment_line(orders[0], "1", D(1))],
    )  # fmt: skip


def told() -> tuple[Chronicle, list[Order]]:
    """Order 1 is cancelled, 2 dispatched whole, 3 in part, 4 cancelled by line; 0 waits with 3."""
    chronicle, orders = placed()
    with chronicle.command("orders") as log:
        orders[1].cancel(by=Side.CUSTOMER, reason="r")
        orders[2].record_dispatch("s", [LineQuantity("1", D(10))])
        orders[3].record_dispatch("s", [LineQuantity("1", D(9))])
        orders[4].cancel_line("1", D(10), by=Side.CUSTOMER, reason="r")
        log += orders
    return chronicle, orders


def test_it_folds_alike(folder: Folder) -> None:
    check_folds_alike(folder, deadlines.VIEW, told()[0], LOGS)


def test_an_open_order_is_due_on_the_day_after_its_last(folder: Folder) -> None:
    chronicle, orders = told()
    with reading(folder, deadlines.VIEW, chronicle, LOGS) as connection:
        assert due(connection, LAST, "America/Chicago") == []
        assert due(connection, FAR, "UTC") == []
        found = due(connection, LAST + timedelta(days=1), "America/Chicago")
        assert zones(connection) == ["America/Chicago"]
    day = LAST + timedelta(days=1)
    assert found == [Deadline(CANCEL_AFTER, order.id, day, "America/Chicago") for order in (orders[0], orders[3])]


def test_an_expired_order_no_longer_waits(folder: Folder) -> None:
    chronicle, orders = told()
    with chronicle.command("orders") as log:
        orders[0].expire(LAST + timedelta(days=1))
        orders[3].close_short("r")
        log += orders
    with reading(folder, deadlines.VIEW, chronicle, LOGS) as connection:
        assert due(connection, FAR, "America/Chicago") == []


def test_a_receipt_is_waited_for_from_the_first_proof_of_delivery(folder: Folder) -> None:
    """Expected on the 6th and 5 days: due on the 12th; proven on the 9th there: due on the 15th; received: gone."""
    chronicle, orders = placed()
    with chronicle.command("orders") as log:
        waiting = dispatched("S-1", orders, chronicle, TIMEOUT)
        proven = dispatched("S-2", orders, chronicle, TIMEOUT)
        received = dispatched("S-3", orders, chronicle, TIMEOUT)
        log += [waiting, proven, received, dispatched("S-4", orders, chronicle, InvoicingTerms())]
    with chronicle.command("orders") as log:
        at = chronicle.now.replace(day=8, hour=20)
        proven.deliver(at, "POD-1", [DeliveredLine(orders[0].id, "1", D("0.5"))])
        proven.deliver(at + timedelta(days=2), "POD-2", [DeliveredLine(orders[0].id, "1", D("0.5"))])
        received.receive("RA", 1, date(2026, 3, 9), [ReceivedLine(orders[0].id, "1", D(1), D(1))])
        log += [proven, received]
    check_folds_alike(folder, deadlines.VIEW, chronicle, LOGS)
    with reading(folder, deadlines.VIEW, chronicle, LOGS) as connection:
        found = due(connection, FAR, "Asia/Shanghai")
    assert [(late.kind, late.subject, late.due_on) for late in found] == [
        (RECEIPT_TIMEOUT, waiting.id, date(2026, 3, 12)), (RECEIPT_TIMEOUT, proven.id, date(2026, 3, 15)),
    ]  # fmt: skip
    with chronicle.command("orders") as log:
        received.take_back_receipt("RA", 2, date(2026, 3, 10))
        log.append(received)
    check_folds_alike(folder, deadlines.VIEW, chronicle, LOGS)
    with reading(folder, deadlines.VIEW, chronicle, LOGS) as connection:
        again = [late for late in due(connection, FAR, "Asia/Shanghai") if late.subject == received.id]
    assert again == [Deadline(RECEIPT_TIMEOUT, received.id, date(2026, 3, 12), "Asia/Shanghai")]
    assert waiting.receipt_due_on() == date(2026, 3, 11)
    assert proven.receipt_due_on() == date(2026, 3, 14)
