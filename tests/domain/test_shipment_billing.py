"""Which goods wait for an invoice, and what they are worth when one is issued, voided or never comes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from domain.shipment.lines import ShipmentLine
from domain.shipment_billing import CreditedGoods, InvoicedGoods, ShipmentBilling, goods_key
from tests.given import fact, given

D = Decimal
ORDER, SHIPMENT = "order/acme/retail-a/PO-1/-", "shipment/acme/S-1"
KEY = goods_key(ORDER, "1")
LINE = ShipmentLine(ORDER, "PO-1", "1", "tea", None, D(3), "CS", D(3), D("3.33"), D(1), D("0.13"), D("11.29"))
OPENED = fact(
    ShipmentBilling.Opened, shipment=SHIPMENT, company="acme", partner="retail-a", account="group-a", currency="CNY",
    terms=None, lines=(LINE,),
)


def goods(quantity: str, delivered: str = "0", line: str = "1") -> InvoicedGoods:
    return InvoicedGoods(ORDER, line, "1", D(quantity), D(delivered))


def invoiced(document: str, invoice: str, *parts: InvoicedGoods, **values: Any) -> ShipmentBilling.Invoiced:
    delivered = sum((part.delivered for part in parts), D(0))
    facts = {"account": "group-a", "shipment": SHIPMENT, "gross": D(5), "delivered": delivered} | values
    return fact(ShipmentBilling.Invoiced, document=document, invoice=invoice, goods=parts, **facts)


def test_all_goods_wait_at_the_value_they_left_with() -> None:
    assert given(ShipmentBilling, OPENED).state.waiting == {KEY: D("11.29")}


def test_an_invoice_takes_the_value_of_its_quantity() -> None:
    """One case: 3.33 net, 0.43 tax."""
    given(ShipmentBilling, OPENED).when(
        lambda billing: billing.record_invoice("a", "invoice/1", "group-a", D(5), [goods("1")])
    ).then(invoiced("a", "invoice/1", goods("1", "3.76")))


def test_no_more_leaves_than_waits() -> None:
    before = invoiced("a", "invoice/1", goods("3", "11.29"))
    given(ShipmentBilling, OPENED, before).when(
        lambda billing: billing.record_invoice("b", "invoice/2", "group-a", D(5), [goods("2")])
    ).then(invoiced("b", "invoice/2", goods("2")))


def test_goods_of_another_shipment_take_nothing() -> None:
    given(ShipmentBilling, OPENED).when(
        lambda billing: billing.record_invoice("a", "invoice/1", "group-a", D(5), [goods("1", line="9")])
    ).then(invoiced("a", "invoice/1", goods("1", line="9")))


def test_a_document_bills_once() -> None:
    before = invoiced("a", "invoice/1", goods("1", "3.76"))
    given(ShipmentBilling, OPENED, before).when(
        lambda billing: billing.record_invoice("a", "invoice/2", "group-a", D(5), [goods("1")])
    ).then()


def test_what_was_not_accepted_waits_no_longer_and_says_so_once() -> None:
    before = invoiced("a", "invoice/1", goods("2", "7.53"))
    counted = fact(
        ShipmentBilling.NotAccepted, document="GR", account="group-a", shipment=SHIPMENT, delivered=D("3.76"),
        keys=(KEY,),
    )
    given(ShipmentBilling, OPENED, before).when(lambda billing: billing.record_count("GR", [KEY])).then(counted)
    given(ShipmentBilling, OPENED, before, counted).when(lambda billing: billing.record_count("GR", [KEY])).then()


def test_a_voided_invoice_gives_back_exactly_what_it_took_and_its_document_stays_billed() -> None:
    before = invoiced("a", "invoice/1", goods("2", "7.53"))
    withdrawn = fact(
        ShipmentBilling.InvoiceWithdrawn, invoice="invoice/1", account="group-a", shipment=SHIPMENT, gross=D(5),
        delivered=D("7.53"),
    )
    given(ShipmentBilling, OPENED, before).when(
        lambda billing: billing.withdraw_invoice("invoice/1", "group-a")
    ).then(withdrawn)
    after = given(ShipmentBilling, OPENED, before, withdrawn)
    assert after.state.waiting == {KEY: D("11.29")}
    after.when(lambda billing: billing.withdraw_invoice("invoice/1", "group-a")).then()
    assert after.state.documents == {"a": "invoice/1"}


def test_what_is_taken_back_is_found_on_the_latest_invoices_first() -> None:
    first, second = invoiced("a", "invoice/1", goods("2")), invoiced("b", "invoice/2", goods("1"))
    less = LINE.of(D(2), "CNY")
    billing: Any = given(ShipmentBilling, OPENED, first, second).aggregate
    found = [CreditedGoods("invoice/2", "1", D(1)), CreditedGoods("invoice/1", "1", D(1))]
    assert billing.to_credit([less]) == found
    credited = fact(ShipmentBilling.Credited, document="c", credit_memos=("invoice/CM-1",), goods=tuple(found))
    again: Any = given(ShipmentBilling, OPENED, first, second, credited).aggregate
    assert again.to_credit([less]) == [CreditedGoods("invoice/1", "1", D(1))]
