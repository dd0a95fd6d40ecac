"""An 820 by the HTTP door: receivables posts it and orders says so on the document; what cannot be posted is held."""

from __future__ import annotations

import pytest

from tests.journeys.test_purchase_order_to_cash import open_items, remittance
from tests.services.orders.edi_trade import EdiTrade, purchase_order
from tests.services.orders.test_edi_answers import dispatch
from tests.services.shop import Shop, problem_of


@pytest.fixture(scope="module")
def trade(shop: Shop) -> EdiTrade:
    return EdiTrade.open(shop, "payer-1")


def test_a_payment_is_posted_and_said_on_the_document(trade: EdiTrade) -> None:
    trade.send(purchase_order("PO-1"))
    dispatch(trade, "S-P1", "PO-1", ("1", "10"))
    number = trade.out("810")[0][0].split("*")[2]
    assert open_items(trade.shop, trade.partner) == [("INVOICE", "29.75")]
    body = remittance("T-1", "29.75", f"RMR*IV*{number}*PO*29.75*29.75")
    document = trade.document(trade.send(body, kind="820"))
    assert (document["status"], document["effect"]) == ("accepted", "settlement/acme/payer-1/T-1")
    assert open_items(trade.shop, trade.partner) == []
    again = trade.document(trade.send(body, kind="820"))
    assert (again["status"], again["effect"], again["remark"]) == (
        "accepted", "settlement/acme/payer-1/T-1", "recorded before",
    )


def test_what_moves_money_otherwise_is_held(trade: EdiTrade) -> None:
    document = trade.document(trade.send(remittance("T-2", "10.00").replace("BPR*C", "BPR*D"), kind="820"))
    assert (document["status"], document["code"]) == ("held", "remittance.bank_instruction")


def test_a_test_is_held_here_and_not_posted(trade: EdiTrade) -> None:
    page = trade.send(remittance("T-3", "10.00"), kind="820", test=True)
    assert page["documents"][0]["code"] == "edi.test_traffic"
    assert trade.shop.get("/v1/settlements", params={"partner": trade.partner, "number": "T-3"}).json()["items"] == []


def test_a_held_advice_is_tried_again(shop: Shop) -> None:
    trade = EdiTrade.open(shop, "payer-2")
    page = trade.send(remittance("T-1", "10.00"), kind="820", test=True)
    href = page["documents"][0]["href"]
    tried = shop.post(f"{href}:apply-again", {}).json()
    assert tried["outcome"] == "received"  # receivables answers
    assert shop.wired.settle()
    assert (trade.document(page)["status"], trade.document(page)["effect"]) == (
        "accepted", "settlement/acme/payer-2/T-1",
    )
    problem_of(shop.post(f"{href}:apply-again", {}), 409, "edi.already_decided")
    held = trade.send(remittance("T-2", "10.00").replace("BPR*C", "BPR*D"), kind="820")
    shop.post(f"{held['documents'][0]['href']}:apply-again", {})
    assert shop.wired.settle()
    assert trade.document(held)["status"] == "held"
