"""What of an 850 is held for a person, and what the person does about it."""

from __future__ import annotations

import pytest

from services.orders import agreeing
from tests.conftest import asking
from tests.services.orders.edi_trade import EdiTrade, purchase_order
from tests.services.shop import Shop, problem_of

JAM = "PO1*2*4*EA*2.50**IN*C-200"


@pytest.fixture(scope="module")
def trade(shop: Shop) -> EdiTrade:
    return EdiTrade.open(shop, "held-1")


HELD = {
    "an unknown place": (purchase_order("H-1", place="N1*ST*DC*92*9999"), "edi.place_unknown"),
    "no place": (purchase_order("H-2", place=""), "order.no_place"),
    "two places at once": (purchase_order("H-3", place="N1*ST*DC*92*0451\nN1*ST*DC*92*0452"), "edi.several_places"),
    "an unknown item": (purchase_order("H-4", "PO1*1*10*EA*2.50**IN*C-999"), "order.item_unknown"),
    "an unknown unit": (purchase_order("H-5", "PO1*1*10*CA*2.50**IN*C-100"), "item.unit_unknown"),
    "an unknown price basis": (purchase_order("H-6", "PO1*1*10*EA*2.50*SR*IN*C-100"), "edi.price_basis_unknown"),
    "another currency": (purchase_order("H-7", head=["CUR*BY*USD"]), "order.currency_differs"),
    "a line in another currency": (
        purchase_order("H-19", "PO1*1*10*EA*2.50**IN*C-100", "CUR*BY*USD"), "order.currency_differs",
    ),
    "two currencies": (
        purchase_order("H-20", "PO1*1*10*EA*2.50**IN*C-100", "CUR*BY*USD", head=["CUR*BY*EUR"]), "edi.several_currencies",
    ),
    "a blanket order": (purchase_order("H-8", kind="BK"), "edi.kind_not_taken"),
    "an information copy": (purchase_order("H-9", purpose="22"), "edi.purpose_not_taken"),
    "a repeat of nothing": (purchase_order("H-10", purpose="07"), "edi.order_unknown"),
    "a replacement of nothing": (purchase_order("H-11", purpose="05"), "edi.order_unknown"),
    "a cancellation of nothing": (purchase_order("H-12", purpose="01"), "edi.order_unknown"),
    "no day": (purchase_order("H-13", requested=""), "order.no_date"),
    "no quantity": (purchase_order("H-14", "PO1*1*0*EA*2.50**IN*C-100"), "edi.not_an_order"),
    "a line number twice": (purchase_order("H-15", JAM, JAM), "edi.not_an_order"),
    "places and days": (
        purchase_order(
            "H-16", "PO1*1*10*EA*2.50**IN*C-100", "SDQ*EA*92*0451*4*0452*6", "SCH*4*EA***002*20260303",
            "SCH*6*EA***002*20260310",
        ), "edi.split_twice",
    ),
    "another unit in the schedule": (
        purchase_order("H-17", "PO1*1*12*EA*2.50**IN*C-100", "SCH*1*CS***002*20260303"), "edi.scheduled_unit",
    ),
    "a schedule that does not sum": (
        purchase_order("H-18", "PO1*1*12*EA*2.50**IN*C-100", "SCH*11*EA***002*20260303"),
        "order.schedule_does_not_sum",
    ),
}


@pytest.mark.parametrize("case", HELD)
def test_what_cannot_be_taken_is_held_with_a_sentence(trade: EdiTrade, case: str) -> None:
    body, code = HELD[case]
    page = trade.send(body)
    document = trade.document(page)
    assert (document["status"], document["code"]) == ("held", code), document["reason"]
    assert document["reason"].endswith((".", "?"))
    assert document["effect"] is None
    assert "AK9*A" in page["acknowledgment_text"] or "AK9*E" in page["acknowledgment_text"]
    if "cancel" not in case:
        assert trade.order(body.splitlines()[0].split("*")[3]) is None


def test_a_held_document_is_tried_again_after_the_repair(trade: EdiTrade) -> None:
    page = trade.send(purchase_order("PO-20", place="N1*ST*DC*92*0459"))
    href = page["documents"][0]["href"]
    still = trade.shop.post(f"{href}:apply-again", {})
    assert (still.status_code, still.json()["outcome"], still.json()["code"]) == (200, "held", "edi.place_unknown")
    trade.handle(agreeing.AgreePlace(
        partner=trade.partner, place="dc-9", name="DC 9", zone="UTC", country="DE", tax_place="de", numbers=("0459",)
    ))
    problem_of(trade.shop.post(f"{href}:apply-again", {}, role="auditor"), 403, "not_permitted")
    done = trade.shop.post(f"{href}:apply-again", {}).json()
    assert (done["outcome"], done["effect"]) == ("accepted", "order/acme/held-1/PO-20/-")
    problem_of(trade.shop.post(f"{href}:apply-again", {}), 409, "edi.already_decided")
    problem_of(trade.shop.post(f"{href}:dismiss", {"reason": "no"}), 409, "edi.already_decided")


def test_a_held_document_is_dismissed(trade: EdiTrade) -> None:
    page = trade.send(purchase_order("PO-21", place="N1*ST*DC*92*9998"))
    href = page["documents"][0]["href"]
    done = trade.shop.post(f"{href}:dismiss", {"reason": "sent by mistake"}).json()
    assert (done["outcome"], done["reason"]) == ("refused", "sent by mistake")
    problem_of(trade.shop.post(f"{href}:apply-again", {}), 409, "edi.already_decided")


def test_an_unknown_sender_is_kept_unanswered_until_it_is_agreed(shop: Shop) -> None:
    trade = EdiTrade.open(shop, "held-3", known=False)
    page = trade.send(purchase_order("PO-1"))
    document = trade.document(page)
    assert (page["verdict"], page["partner"], page["acknowledgment"]) == ("unknown partner", None, None)
    assert [one["code"] for one in page["found"]] == ["006"]
    assert (document["status"], document["code"]) == ("held", "edi.unknown_partner")
    href = page["documents"][0]["href"]
    problem_of(shop.post(f"{href}:apply-again", {}), 409, "edi.address_unknown")
    address = agreeing.AgreeIdentifier(scheme="edi", value=f"12:{trade.address}", to=f"partner/{trade.partner}")
    shop.wired.applications["orders"].handle(address, asking("seed"))
    done = shop.post(f"{href}:apply-again", {}).json()
    assert (done["outcome"], done["effect"]) == ("accepted", "order/acme/held-3/PO-1/-")
    assert shop.wired.settle()
    assert trade.document(page)["partner"] == "held-3"


def test_what_is_addressed_to_others_is_held(trade: EdiTrade) -> None:
    page = trade.send(purchase_order("PO-22"), receiver="SOMEBODY")
    assert (page["verdict"], page["acknowledgment"]) == ("unknown receiver", None)
    assert trade.document(page)["code"] == "edi.unknown_receiver"


def test_test_traffic_is_answered_and_never_an_order(trade: EdiTrade) -> None:
    page = trade.send(purchase_order("PO-23"), test=True)
    document = trade.document(page)
    assert page["test"] and "*0*T*>" in page["acknowledgment_text"]
    assert (document["status"], document["code"]) == ("held", "edi.test_traffic")
    assert trade.order("PO-23") is None


def test_a_partner_in_test_orders_by_test_traffic(shop: Shop) -> None:
    trade = EdiTrade.open(shop, "held-4", in_test=True)
    trade.send(purchase_order("PO-1"), test=True)
    assert trade.order("PO-1") is not None
    sent = shop.get("/v1/edi/sent", params={"partner": "held-4", "kind": "855"}).json()["items"]
    assert [one["test"] for one in sent] == [True]
