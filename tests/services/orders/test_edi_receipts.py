"""An 861 by the HTTP door: what was counted of a shipment, by which line, and what is held."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from domain.refusal import Refused
from services.orders.edi.receiving_advices import quantities
from tests.services.orders.edi_trade import EdiTrade, purchase_order
from tests.services.orders.test_edi_answers import dispatch
from tests.services.shop import Shop

TWO_LINES = ("PO1*1*30*EA*2.50**IN*C-100", "PO1*2*4*EA*2.50**IN*C-200")


@pytest.fixture(scope="module")
def trade(shop: Shop) -> EdiTrade:
    return EdiTrade.open(shop, "count-1", unit_codes={"PC": "EA"})


def shipped(trade: EdiTrade, number: str, *shipments: str) -> None:
    trade.send(purchase_order(number, *TWO_LINES))
    for shipment in shipments:
        share = ("30", "4") if len(shipments) == 1 else ("15", "2")
        dispatch(trade, shipment, number, ("1", share[0]), ("2", share[1]), bill_of_lading=f"B-{shipment}")


def advice(number: str, order: str, *lines: str, head: tuple[str, ...] = (), purpose: str = "00") -> str:
    return "\n".join([
        f"BRA*{number}*20260305*{purpose}*1", *head, "DTM*050*20260304", f"PRF*{order}", *lines,
        f"CTT*{sum(line.startswith('RCD') for line in lines)}",
    ])


def counted(trade: EdiTrade, shipment: str) -> list[tuple[str, str, str]]:
    """Line, received and accepted by the last advice of a shipment."""
    advices = trade.shop.get(f"/v1/shipments/acme/{shipment}").json()["shipment"]["advices"]
    (advice,) = advices.values()
    return [(one["line"], one["received"], one["accepted"]) for one in advice["lines"]]


def said(trade: EdiTrade, body: str) -> tuple[str, str | None]:
    document = trade.document(trade.send(body, kind="861"))
    return document["status"], document["code"] or document["effect"]


def test_by_the_shipment_and_the_order_line(trade: EdiTrade) -> None:
    shipped(trade, "PO-1", "S-C1")
    lines = ("RCD*1*27*EA***3*EA*02", "LIN*1*IN*C-100", "RCD*2*4*PC", "LIN*2*IN*C-200")
    body = advice("RA-1", "PO-1", *lines, head=("REF*SI*S-C1",))
    assert said(trade, body) == ("accepted", "shipment/acme/S-C1")
    assert counted(trade, "S-C1") == [("1", "27", "27"), ("2", "4", "4")]
    assert said(trade, body) == ("accepted", "shipment/acme/S-C1")  # again, under another control number
    corrected = advice("RA-1", "PO-1", "RCD*1*28*EA", "LIN*1*IN*C-100", "RCD*2*4*EA", "LIN*2*IN*C-200", purpose="05")
    assert said(trade, corrected) == ("accepted", "shipment/acme/S-C1")
    assert counted(trade, "S-C1") == [("1", "28", "28"), ("2", "4", "4")]
    changed = advice("RA-1", "PO-1", "RCD*1*29*EA", "LIN*1*IN*C-100", "RCD*2*4*EA", "LIN*2*IN*C-200")
    assert said(trade, changed)[0] == "held"  # the same number with other content, and not as a replacement


def test_by_the_bill_of_lading_and_the_item(trade: EdiTrade) -> None:
    shipped(trade, "PO-2", "S-C2", "S-C3")
    body = advice("RA-2", "PO-2", "RCD*7*15*EA", "LIN**IN*C-100", "RCD*8*2*EA", "LIN**VN*jam-12", head=("REF*BM*B-S-C3",))
    assert said(trade, body) == ("accepted", "shipment/acme/S-C3")
    assert counted(trade, "S-C3") == [("1", "15", "15"), ("2", "2", "2")]
    left = advice("RA-3", "PO-2", "RCD*1*15*EA", "RCD*2*1*EA")  # the only one no advice has come for, by position
    assert said(trade, left) == ("accepted", "shipment/acme/S-C2")
    assert counted(trade, "S-C2") == [("1", "15", "15"), ("2", "1", "1")]


def test_what_is_not_accepted(trade: EdiTrade) -> None:
    shipped(trade, "PO-3", "S-C4")
    # 30 shipped: 26 accepted, 3 short, 1 damaged, which came and goes back
    body = advice("RA-4", "PO-3", "RCD*1*26*EA*1*EA*3*EA*02*1*EA*01", "LIN*1*IN*C-100", "RCD*2*4*EA", "LIN*2*IN*C-200")
    assert said(trade, body)[0] == "accepted"
    assert counted(trade, "S-C4") == [("1", "27", "26"), ("2", "4", "4")]


def test_what_cannot_be_told_is_held(trade: EdiTrade) -> None:
    shipped(trade, "PO-4", "S-C5", "S-C6")
    line = ("RCD*1*15*EA", "LIN*1*IN*C-100")
    cases = {
        advice("RB-1", "PO-X", *line): "edi.advice_order_unknown",
        advice("RB-2", "PO-4", *line): "edi.advice_shipment_unknown",
        advice("RB-3", "PO-4", *line, head=("REF*SI*NONE",)): "edi.advice_shipment_unknown",
        advice("RB-4", "PO-4", "RCD*1*1*CA", "LIN*1*IN*C-100", head=("REF*SI*S-C5",)): "edi.advice_unit",
        advice("RB-5", "PO-4", "RCD*1*1*EA", "LIN*9*IN*C-100", head=("REF*SI*S-C5",)): "edi.advice_line_unknown",
        advice("RB-6", "PO-4", "RCD*1*10*EA***1*EA*01", "LIN*1*IN*C-100", head=("REF*SI*S-C5",)): "edi.advice_count_unclear",
    }
    for body, code in cases.items():
        assert said(trade, body) == ("held", code)


@pytest.mark.parametrize(
    ("stated", "received", "accepted"),
    [
        ({"received": "30"}, "30", "30"),
        ({"received": "27"}, "27", "27"),
        ({"received": "33", "questions": [{"quantity": "3", "condition": "03"}]}, "33", "33"),
        ({"received": "27", "questions": [{"quantity": "3", "condition": "02"}]}, "27", "27"),
        ({"received": "26", "returned": "1", "questions": [{"quantity": "3", "condition": "02"}]}, "27", "26"),
        ({"received": "28", "questions": [{"quantity": "2", "condition": "08"}]}, "30", "28"),
        ({"received": "30", "questions": [{"quantity": "2", "condition": "08"}]}, "30", "28"),
        ({"received": "30", "returned": "2"}, "30", "28"),
        ({"received": None, "questions": [{"quantity": "4", "condition": "02"}]}, "26", "26"),
        ({"received": None, "questions": [{"quantity": "4", "condition": "01"}]}, "30", "26"),
        ({"received": "29", "questions": [{"quantity": "29", "condition": "07"}]}, "29", "29"),
    ],
)
def test_quantities(stated: dict[str, Any], received: str, accepted: str) -> None:
    assert quantities("861", {"number": "1", **stated}, D(30)) == (D(received), D(accepted))


def test_quantities_that_do_not_add_up_either_way() -> None:
    with pytest.raises(Refused, match="do not add up"):
        quantities("861", {"number": "1", "received": "20", "returned": "1"}, D(30))
