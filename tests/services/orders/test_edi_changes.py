"""An 860 by the HTTP door: lines changed, added and taken out; and what is held."""

from __future__ import annotations

import pytest

from tests.services.orders.edi_trade import EdiTrade, purchase_order
from tests.services.orders.test_edi_answers import dispatch
from tests.services.orders.test_edi_orders import lines, schedule
from tests.services.shop import Shop

TWO_LINES = ("PO1*1*10*EA*2.50**IN*C-100", "PO1*2*4*EA*2.50**IN*C-200")


@pytest.fixture(scope="module")
def trade(shop: Shop) -> EdiTrade:
    return EdiTrade.open(shop, "change-1")


def change(number: str, *body: str, purpose: str = "04", sequence: str = "") -> str:
    count = sum(1 for line in body if line.startswith("POC"))
    return "\n".join([f"BCH*{purpose}*SA*{number}**{sequence}*20260220*****20260225", *body, f"CTT*{count}"])


def said(trade: EdiTrade, body: str) -> tuple[str, str | None]:
    document = trade.document(trade.send(body, kind="860"))
    return document["status"], document["code"] or document["effect"]


def test_a_quantity_goes_down_and_credit_follows(trade: EdiTrade) -> None:
    trade.send(purchase_order("PO-1", *TWO_LINES))
    body = change("PO-1", "POC*001*QD*6*6*EA*2.50**IN*C-100", sequence="1")
    assert said(trade, body) == ("accepted", "order/acme/change-1/PO-1/-")
    order = trade.order("PO-1")
    assert lines(order) == [("1", "tea-25", "6", "EA"), ("2", "jam-12", "4", "EA")]
    assert schedule(order) == [("dc-1", "2026-03-02", "6"), ("dc-1", "2026-03-02", "4")]
    assert order is not None and (order["header"]["revision"], order["header"]["credit"]) == (2, "RELEASED")
    assert order["header"]["open_gross"] == "29.75"  # 10 EA at 2.50 with 19 %
    assert said(trade, body) == ("accepted", "order/acme/change-1/PO-1/-")
    again = trade.order("PO-1")
    assert again is not None and again["header"]["revision"] == 2
    other = change("PO-1", "POC*001*QD*5*5*EA*2.50**IN*C-100", sequence="1")
    assert said(trade, other) == ("held", "order.change_number_reused")


def test_lines_are_added_deleted_and_rescheduled(trade: EdiTrade) -> None:
    trade.send(purchase_order("PO-2", *TWO_LINES))
    body = change(
        "PO-2", "POC*1*DI", "POC*2*RS**4*EA", "DTM*002*20260309", "POC*3*AI*5**EA*2.50**IN*C-100", "DTM*002*20260304",
        "N1*ST*DC*92*0452",
    )
    assert said(trade, body)[0] == "accepted"
    assert lines(trade.order("PO-2"))[-2:] == [("2", "jam-12", "4", "EA"), ("3", "tea-25", "5", "EA")]
    assert schedule(trade.order("PO-2"))[-2:] == [("dc-1", "2026-03-09", "4"), ("dc-2", "2026-03-04", "5")]


def test_the_whole_order_is_cancelled(trade: EdiTrade) -> None:
    for number, body in (("PO-3", change("PO-3", purpose="01")), ("PO-4", change("PO-4", "POC*1*CF"))):
        trade.send(purchase_order(number, *TWO_LINES))
        assert said(trade, body.replace("CTT*0", "CTT*0"))[0] == "accepted"
        order = trade.order(number)
        assert order is not None and order["header"]["closed"] == "CANCELLED"


def test_the_whole_order_is_stated_anew(trade: EdiTrade) -> None:
    trade.send(purchase_order("PO-5", *TWO_LINES))
    assert said(trade, change("PO-5", "POC*2*NC*4**EA*2.50**IN*C-200", purpose="05"))[0] == "accepted"
    assert [one for one in lines(trade.order("PO-5")) if one[0] == "2"] == [("2", "jam-12", "4", "EA")]
    order = trade.order("PO-5")
    assert order is not None and order["lines"][0]["removed"]


def test_what_cannot_be_changed_is_held(trade: EdiTrade) -> None:
    trade.send(purchase_order("PO-6", *TWO_LINES))
    dispatch(trade, "S-X6", "PO-6", ("1", "10"))
    cases = {
        change("PO-X", "POC*1*DI"): "edi.order_unknown",
        change("PO-6", "POC*9*QD*1**EA"): "edi.change_of_no_line",
        change("PO-6", "POC*2*TI*1**EA"): "edi.change_not_taken",
        change("PO-6", "POC*1*QD*5**EA"): "order.amended_below_settled",
        change("PO-6", "POC*1*DI"): "order.dispatched_line_removed",
        change("PO-6", "POC*2*QI*5**EA", purpose="06"): "edi.purpose_not_taken",
    }
    for body, code in cases.items():
        assert said(trade, body) == ("held", code)
    assert lines(trade.order("PO-6")) == [("1", "tea-25", "10", "EA"), ("2", "jam-12", "4", "EA")]
