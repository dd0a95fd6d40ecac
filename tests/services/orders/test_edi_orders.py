"""An 850 by the HTTP door: a new order, a repeat, a change."""

from __future__ import annotations

from typing import Any

import pytest

from services.orders import agreeing
from tests.services.orders.edi_trade import EdiTrade, interchange, purchase_order
from tests.services.shop import Shop, problem_of

JAM = "PO1*2*4*EA*2.50**IN*C-200"


@pytest.fixture(scope="module")
def trade(shop: Shop) -> EdiTrade:
    return EdiTrade.open(shop, "gross-1")


def lines(order: dict[str, Any] | None) -> list[tuple[str, str, str, str]]:
    """Number, item, quantity and unit of the lines as they now are, without those removed."""
    assert order is not None
    now = [one["line"] for one in order["lines"] if not one["removed"]]
    return [(one["number"], one["item"], one["quantity"], one["unit"]) for one in now]


def schedule(order: dict[str, Any] | None) -> list[tuple[str, str, str]]:
    assert order is not None
    return [
        (part["ship_to"], part["requested_on"], part["quantity"])
        for one in order["lines"] for part in one["line"]["schedule"]
    ]


def test_an_order_comes_in_and_is_answered(trade: EdiTrade) -> None:
    page = trade.send(purchase_order("PO-1"))
    document = trade.document(page)
    order = trade.order("PO-1")
    assert (page["verdict"], page["partner"], page["findings"], page["test"]) == ("A", "gross-1", 0, False)
    assert (document["status"], document["effect"]) == ("accepted", "order/acme/gross-1/PO-1/-")
    assert document["document"]["number"] == "PO-1"
    assert order is not None
    header = order["header"]
    assert (header["door"], header["gross"], header["credit"], header["currency"]) == ("edi", "29.75", "RELEASED", "EUR")
    assert lines(order) == [("1", "tea-25", "10", "EA")]
    assert schedule(order) == [("dc-1", "2026-03-02", "10")]
    assert "AK1*PO*7~AK2*850*0001~AK5*A~AK9*A*1*1*1~" in page["acknowledgment_text"]
    assert trade.out("855")[0] == [
        "BAK*00*AD*PO-1*20260220*****" + header["placed_at"][:10].replace("-", ""), "CUR*SE*EUR", "N1*ST*DC 1*92*0451",
        "PO1*1*10*EA*2.5**UP*012345678905*IN*C-100*VN*tea-25", "ACK*IA*10*EA*067*20260302", "CTT*1",
    ]


def test_the_same_bytes_again_change_nothing(trade: EdiTrade) -> None:
    text = interchange(purchase_order("PO-2"), sender=trade.address, control=501)
    first = trade.post(text)
    assert trade.shop.wired.settle()
    before = trade.shop.position()
    again = trade.post(text)
    assert trade.shop.wired.settle()
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == first.json()
    assert trade.shop.position() == before
    rewrapped = trade.post(text.replace("~\n", "~"))  # other bytes, the same interchange
    assert trade.shop.wired.settle()
    assert rewrapped.json() != first.json()
    page = trade.shop.get(rewrapped.json()["href"]).json()
    assert page["interchanges"] == trade.shop.get(first.json()["href"]).json()["interchanges"]
    assert trade.shop.position() == before + 2  # the payload was received and cut: nothing else


def test_a_control_number_used_again_for_other_content_is_kept_without_effect(trade: EdiTrade) -> None:
    trade.send(purchase_order("PO-3"), control=502)
    page = trade.send(purchase_order("PO-4"), control=502)
    assert (page["reused_control"], page["verdict"], page["documents"]) == (True, "reused control number", [])
    assert page["acknowledgment"] is None
    assert [one["code"] for one in page["found"]] == ["025"]
    assert trade.order("PO-4") is None
    listed = trade.shop.get("/v1/edi/interchanges", params={"verdict": "reused control number"}).json()["items"]
    assert page["interchange_id"] in [one["interchange_id"] for one in listed]


def test_the_same_order_under_a_new_control_number_is_the_same_order(trade: EdiTrade) -> None:
    trade.send(purchase_order("PO-5", "PO1*1*1*CS*30.00**IN*C-100"))
    again = trade.document(trade.send(purchase_order("PO-5", "PO1*01*12*EA*2.50*PE*IN*C-100")))  # the same wish
    repeat = trade.document(trade.send(purchase_order("PO-5", "PO1*1*1*CS*30.00**IN*C-100", purpose="07")))
    assert [(one["status"], one["remark"]) for one in (again, repeat)] == [
        ("accepted", "the same as placed before"), ("accepted", "the same as placed before"),
    ]
    assert lines(trade.order("PO-5")) == [("1", "tea-25", "1", "CS")]
    assert len([one for one in trade.out("855") if one[0].split("*")[3] == "PO-5"]) == 1


def test_the_same_number_with_other_content_is_held_and_its_syntax_accepted(trade: EdiTrade) -> None:
    trade.send(purchase_order("PO-6"))
    page = trade.send(purchase_order("PO-6", "PO1*1*11*EA*2.50**IN*C-100"))
    document = trade.document(page)
    assert "AK5*A~" in page["acknowledgment_text"]
    assert (document["status"], document["code"]) == ("held", "order.content_differs")
    assert "line 1 quantity is 11 EA, was 10 EA" in document["reason"]
    assert lines(trade.order("PO-6")) == [("1", "tea-25", "10", "EA")]


def test_an_order_placed_by_rest_is_recognised(trade: EdiTrade) -> None:
    line = {"number": "1", "item": "tea-25", "quantity": "10", "unit": "EA", "price": "2.50"}
    body = trade.shop.body("PO-7", partner=trade.partner, line=line)
    assert trade.shop.post("/v1/orders", body).status_code == 201
    document = trade.document(trade.send(purchase_order("PO-7")))
    assert (document["status"], document["effect"]) == ("accepted", "order/acme/gross-1/PO-7/-")


def test_a_replacement_states_the_whole_order_anew(trade: EdiTrade) -> None:
    trade.send(purchase_order("PO-8", "PO1*1*10*EA*2.50**IN*C-100", "PO1*3*5*EA*2.50**IN*C-100"))
    document = trade.document(trade.send(purchase_order("PO-8", "PO1*1*8*EA*2.50**IN*C-100", JAM, purpose="05")))
    order = trade.order("PO-8")
    assert document["status"] == "accepted", document
    assert lines(order) == [("1", "tea-25", "8", "EA"), ("2", "jam-12", "4", "EA")]
    assert order is not None and order["header"]["revision"] == 2
    same = trade.document(trade.send(purchase_order("PO-8", "PO1*1*8*EA*2.50**IN*C-100", JAM, purpose="05")))
    again = trade.order("PO-8")
    assert same["status"] == "accepted" and again is not None and again["header"]["revision"] == 2


def test_a_change_states_the_lines_it_names(trade: EdiTrade) -> None:
    trade.send(purchase_order("PO-9", "PO1*1*10*EA*2.50**IN*C-100", JAM))
    trade.send(purchase_order("PO-9", "PO1*1*6*EA*2.50**IN*C-100", purpose="04"))
    assert lines(trade.order("PO-9")) == [("1", "tea-25", "6", "EA"), ("2", "jam-12", "4", "EA")]


def test_a_cancellation_takes_out_everything_open(trade: EdiTrade) -> None:
    trade.send(purchase_order("PO-10"))
    document = trade.document(trade.send(purchase_order("PO-10", purpose="01")))
    order = trade.order("PO-10")
    assert document["status"] == "accepted"
    assert order is not None
    assert (order["header"]["closed"], order["lines"][0]["state"]["cancelled_by_customer"]) == ("CANCELLED", "10")


def test_stores_become_schedule_lines(trade: EdiTrade) -> None:
    split = ("PO1*1*10*EA*2.50**IN*C-100", "SDQ*EA*92*0451*4*0452*6")
    trade.send(purchase_order("PO-11", *split, place=""))
    assert schedule(trade.order("PO-11")) == [("dc-1", "2026-03-02", "4"), ("dc-2", "2026-03-02", "6")]


def test_days_become_schedule_lines(trade: EdiTrade) -> None:
    days = ("PO1*1*10*EA*2.50**IN*C-100", "SCH*4*EA***002*20260303", "SCH*6*EA***002*20260310")
    trade.send(purchase_order("PO-12", *days))
    assert schedule(trade.order("PO-12")) == [("dc-1", "2026-03-03", "4"), ("dc-1", "2026-03-10", "6")]


@pytest.mark.parametrize(
    ("stated", "day"),
    [
        ("DTM*064*20260301\nDTM*063*20260305", "2026-03-05"), ("DTM*064*20260301", "2026-03-01"),
        ("DTM*010*20260227", "2026-02-27"), ("DTM*002*20260304\nDTM*063*20260309", "2026-03-04"),
    ],
)
def test_which_day_is_asked_for(trade: EdiTrade, stated: str, day: str) -> None:
    number = f"PO-D{day}"
    trade.send(purchase_order(number, requested=stated))
    assert schedule(trade.order(number)) == [("dc-1", day, "10")]


def test_a_place_by_its_gln_and_a_price_for_a_hundred(trade: EdiTrade) -> None:
    trade.handle(agreeing.AgreePlace(
        partner=trade.partner, place="dc-3", name="DC 3", zone="UTC", country="DE", tax_place="de", gln="4012345000009"
    ))
    trade.send(purchase_order("PO-13", "PO1*1*10*EA*250*HP*IN*C-100", place="N1*ST*DC*UL*4012345000009"))
    order = trade.order("PO-13")
    assert schedule(order) == [("dc-3", "2026-03-02", "10")]
    assert order is not None and order["lines"][0]["line"]["customer_price"] == "2.5"


def test_their_unit_codes_and_item_qualifiers(shop: Shop) -> None:
    trade = EdiTrade.open(shop, "gross-2", unit_codes={"CA": "CS"}, item_qualifiers={"ZZ": "customer"})
    trade.send(purchase_order("PO-1", "PO1*1*2*CA*30.00**ZZ*C-100*MG*unknown"))
    assert lines(trade.order("PO-1")) == [("1", "tea-25", "2", "CS")]
    assert "PO1*1*2*CA*30**ZZ*C-100*MG*unknown*VN*tea-25" in trade.out("855")[0]


def test_a_bad_set_does_not_stop_its_neighbour(trade: EdiTrade) -> None:
    page = trade.send(purchase_order("PO-24").replace("BEG*00", "BEG*XX"), purchase_order("PO-25"))
    outcomes = [(one["status"], one["verdict"]) for one in page["documents"]]
    assert page["verdict"] == "P" and outcomes[1] == ("accepted", "A")
    assert outcomes[0] == ("refused", "R") and page["documents"][0]["code"] == "edi.rejected"
    assert "AK9*P*2*2*1" in page["acknowledgment_text"]
    assert (trade.order("PO-24"), trade.order("PO-25") is not None) == (None, True)
    problem_of(trade.shop.post(f"{page['documents'][0]['href']}:apply-again", {}), 409, "edi.syntax_rejected")


def test_an_allowance_is_remarked(trade: EdiTrade) -> None:
    document = trade.document(trade.send(purchase_order("PO-26", head=["SAC*A*F800***1250"])))
    assert document["remark"] == "1 allowances or charges of the customer are not applied: agreed prices are net"


def test_many_orders_of_one_interchange(trade: EdiTrade) -> None:
    page = trade.send(*[purchase_order(f"M-{number}") for number in range(40)])
    assert {one["status"] for one in page["documents"]} == {"accepted"}
    same = trade.send(purchase_order("M-X"), purchase_order("M-X", "PO1*1*9*EA*2.50**IN*C-100"))
    assert [one["status"] for one in same["documents"]] == ["accepted", "held"]
