"""The order book: search, page, timeline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from domain.goods_return import CameBack, Return, ReturnLine
from domain.order import ConfirmedLine, Order, Promise
from domain.values import LineQuantity, Side
from projections import order_book
from projections.order_book import OrderSearch, find_orders, find_returns, goods_return
from projections.paging import AfterUnreadable
from tests.projections.chronicle import Chronicle, Folder, check_folds_alike, reading
from tests.projections.story import (
    DOCUMENT,
    INVOICE,
    LATER,
    MEMO,
    ORDER,
    OTHER,
    SETTLEMENT,
    SHIPMENT,
    WANTED,
    Story,
    line,
    place,
)

LOGS = ("orders", "receivables")


def test_it_folds_alike(folder: Folder) -> None:
    check_folds_alike(folder, order_book.VIEW, Story().told(), LOGS)


def test_an_order_page_says_what_became_of_each_line(folder: Folder) -> None:
    with reading(folder, order_book.VIEW, Story().told(), LOGS) as connection:
        page = order_book.order(connection, ORDER)
    assert page is not None
    header = page.header
    assert (header["gross"], header["open_gross"]) == (D("290.00"), D("0.00"))
    assert (header["credit"], header["closed"], header["hold_reasons"]) == ("RELEASED", "DISPATCHED", ())
    assert (header["requested_first"], header["requested_last"]) == (WANTED, LATER)
    one, two = page.lines
    assert (one.state.ordered, one.state.quantity, one.state.requested_on) == (D(10), D(10), WANTED)
    assert (one.state.cancelled_by_customer, one.state.cancelled_by_supplier) == (D(2), D(0))
    assert one.state.first_confirmed == one.state.last_confirmed == Promise(D(10), WANTED)
    assert (one.state.dispatched, one.state.open, two.state.dispatched) == (D(8), D(0), D(4))
    assert (one.delivered, one.refused, one.received, one.accepted) == (D(8), D(1), D(7), D(7))
    # the corrected advice replaces the first: 4, not 3 + 4
    assert (two.delivered, two.refused, two.received, two.accepted) == (D(4), D(0), D(4), D(4))
    assert (one.invoiced, one.invoiced_gross, two.invoiced_gross) == (D(8), D(200), D(40))
    assert one.credited_gross == D(-25)
    assert [shipment["number"] for shipment in page.shipments] == ["S-1"]
    assert [appointment.reference for appointment in page.shipments[0]["appointments"]] == ["A-1", "A-2"]
    assert {invoice["invoice_id"]: invoice["open"] for invoice in page.invoices} == {INVOICE: D(0), MEMO: D(0)}


def test_the_timeline_holds_every_event_that_concerns_the_order(folder: Folder) -> None:
    chronicle = Story().told()
    with reading(folder, order_book.VIEW, chronicle, LOGS) as connection:
        rows = order_book.timeline(connection, ORDER)
    told = [(row["log"], row["position"]) for row in rows]
    # all of the orders log but the two events of PO-8; of receivables not the account's own affairs
    others = {("orders", 18), ("orders", 19)} | {("receivables", n) for n in (1, 2, 4, 9, 14, 15)}
    every = {(log, event.position) for log, events in chronicle.logs.items() for event in events}
    assert set(told) == every - others - {("receivables", 11)}
    assert len(told) == len(set(told))
    assert [row["recorded_at"] for row in rows] == sorted(row["recorded_at"] for row in rows)
    by_type = {row["type"]: row for row in rows}
    held = by_type["order.held/1"]
    assert (held["actor"], held["causation"], held["facts"]["reasons"][0]["excess"]) == (
        "policy",
        "receivables:3",
        "40",
    )
    assert by_type["edi.document_received/1"]["stream"] == DOCUMENT
    assert by_type["settlement.remittance_received/1"]["stream"] == SETTLEMENT
    assert by_type["order.placed/1"]["facts"] == {
        "purchase_order_number": "PO-7", "door": "rest", "currency": "USD", "gross": "290", "lines": 2,
    }  # fmt: skip


def test_a_shipment_has_its_invoices_and_timeline(folder: Folder) -> None:
    with reading(folder, order_book.VIEW, Story().told(), LOGS) as connection:
        page = order_book.shipment(connection, SHIPMENT)
        assert order_book.shipment(connection, "shipment/acme/none") is None
    assert page is not None
    assert page.shipment["advices"]["RA-1"].version == 2
    assert [invoice["number"] for invoice in page.invoices] == ["2026-1", "2026-2"]
    assert page.timeline[0]["type"] == "shipment.dispatched/1"


SEARCHES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "everything": ({}, {ORDER, OTHER}),
    "by partner": ({"partner": "retailer"}, {ORDER, OTHER}),
    "another company": ({"company": "other"}, set()),
    "by number": ({"number_prefix": "PO-7"}, {ORDER}),
    "case counts": ({"number_prefix": "po"}, set()),
    "a wildcard is a character": ({"number_prefix": "PO_"}, set()),
    "by item": ({"item": "200"}, {ORDER}),
    "by place": ({"ship_to": "dc2"}, {ORDER}),
    "by item and place": ({"item": "200", "ship_to": "dc2"}, set()),
    "wanted from the later day": ({"requested_from": LATER}, {ORDER}),
    "wanted before": ({"requested_to": date(2026, 3, 8)}, set()),
    "ordered later": ({"ordered_from": date(2026, 3, 3)}, set()),
    "cancelled": ({"status": ("CANCELLED",)}, {OTHER}),
    "closed and dispatched": ({"status": ("CLOSED", "DISPATCHED")}, {ORDER}),
    "still open": ({"status": ("OPEN",)}, set()),
    "pending": ({"status": ("PENDING",)}, {OTHER}),
}


def test_orders_are_found(folder: Folder) -> None:
    with reading(folder, order_book.VIEW, Story().told(), LOGS) as connection:
        for name, (search, expected) in SEARCHES.items():
            found = {row["order_id"] for row in find_orders(connection, OrderSearch(**search)).rows}
            assert found == expected, name


def test_pages_follow_one_another_by_day_falling_and_number_rising(folder: Folder) -> None:
    chronicle = Chronicle()
    with chronicle.command("orders") as log:
        for number in (5, 3, 1, 4, 2):
            day = date(2026, 3, 1 + number % 2)
            log.append(
                Order.place(
                    company="acme", partner="retailer", purchase_order_number=f"PO-{number}", ordered_on=day,
                    currency="USD", account="retailer", lines=[line("1", "100", 1, "25")],
                )
            )  # fmt: skip
    pages, after = [], None
    with reading(folder, order_book.VIEW, chronicle, ("orders",)) as connection:
        while True:
            page = find_orders(connection, OrderSearch(), limit=2, after=after)
            pages.append([row["purchase_order_number"] for row in page.rows])
            after = page.after
            if after is None:
                break
        with pytest.raises(AfterUnreadable):
            find_orders(connection, OrderSearch(), after="nonsense")
    assert pages == [["PO-1", "PO-3"], ["PO-5", "PO-2"], ["PO-4"]]


def ways_to_close() -> list[list[Callable[[Order], None]]]:
    """What may happen to an order of 10 and 4, one list an order."""

    def cancelled(order: Order) -> None:
        order.cancel(by=Side.CUSTOMER, reason="r")

    moves: list[list[Callable[[Order], None]]] = [
        [lambda o: o.amend_by_customer("X1", [line("1", "100", 12, "25")], ["2"], amended_on=WANTED)],
        [lambda o: o.record_dispatch("s", [LineQuantity("1", D(11)), LineQuantity("2", D(4))], tolerance=D("0.2"))],
        [lambda o: o.record_dispatch("s", [LineQuantity("1", D(10))])],
        [lambda o: o.record_dispatch("s", [LineQuantity("1", D(4))]), lambda o: o.close_short("sold out")],
        [
            lambda o: o.cancel_line("1", D(10), by=Side.SUPPLIER, reason="r"),
            cancelled,
        ],
        [
            lambda o: o.record_dispatch("s", [LineQuantity("1", D(10))]),
            cancelled,
        ],
    ]
    moves.append(
        [
            lambda o: o.record_dispatch("s", [LineQuantity("2", D(4))]),
            cancelled,
            lambda o: o.record_dispatch("s2", [LineQuantity("2", D(1))], tolerance=D("0.5")),
        ]
    )
    return moves


def test_the_view_closes_an_order_as_the_order_does(folder: Folder) -> None:
    """Open lines, promises and closure follow the aggregate, over-dispatch and closing included."""
    chronicle = Chronicle()
    orders = []
    for number in range(7):
        with chronicle.command("orders") as log:
            made = place(f"PO-{number}", line("1", "100", 10, "25"), line("2", "200", 4, "0"))
            made.release(1, "r")
            made.confirm("C-1", [ConfirmedLine("1", D(6), WANTED), ConfirmedLine("1", D(3), LATER)])
            made.confirm("C-2", [ConfirmedLine("1", D(0), None, "none left")])
            log.append(made)
        orders.append(made)
    for made, several in zip(orders, ways_to_close(), strict=True):
        with chronicle.command("orders") as log:
            for move in several:
                move(made)
            log.append(made)
    with reading(folder, order_book.VIEW, chronicle, ("orders",)) as connection:
        for made in orders:
            page = order_book.order(connection, made.id)
            assert page is not None
            assert page.header["closed"] == made.state.closed
            assert page.header["open_gross"] == made.open_value()
            assert {part.state.line.number: part.state for part in page.lines} == made.state.lines


def test_a_return_is_listed_and_concerns_its_order(folder: Folder) -> None:
    chronicle = Chronicle()
    with chronicle.command("orders") as log:
        back = ReturnLine("1", ORDER, "1", "100", D(3), "CS", D(25), D(1), D(0), "damaged", Side.SUPPLIER)
        goods = Return.authorise(
            company="acme", number="R-1", partner="retailer", account="retailer", currency="USD",
            authorised_on=WANTED, lines=[back], invoice=INVOICE,
        )  # fmt: skip
        goods.receive("GRN-1", LATER, [CameBack("1", D(2), "broken")])
        goods.credit("2026-9", LATER, [LineQuantity("1", D(2))])
        log += [place("PO-7", line("1", "100", 10, "25")), goods]
    check_folds_alike(folder, order_book.VIEW, chronicle, LOGS)
    with reading(folder, order_book.VIEW, chronicle, LOGS) as connection:
        (row,) = find_returns(connection, "retailer").rows
        found = goods_return(connection, goods.id)
        page = order_book.order(connection, ORDER)
        assert find_returns(connection, "other").rows == []
        assert goods_return(connection, "return/none") is None
    assert row["receipts"]["GRN-1"].lines == (CameBack("1", D(2), "broken"),)
    assert (row["credits"]["2026-9"].gross, row["lines"]) == (D(50), (back,))
    assert found is not None
    assert [event["type"] for event in found["timeline"]] == [
        "return.authorised/1", "return.received/1", "return.credited/1",
    ]  # fmt: skip
    assert page is not None
    assert [one["number"] for one in page.returns] == ["R-1"]
    assert len(page.timeline) == 4
