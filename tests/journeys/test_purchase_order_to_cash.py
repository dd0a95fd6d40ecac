"""From a purchase order by EDI to cash, by the HTTP doors alone, on both back ends, with figures computed by hand.

The first partner is billed on what was shipped, so what it did not receive comes back as a deduction:

- ordered: 100 EA at 2.50 = 250.00 and 40 EA at 2.50 = 100.00; with 19 % tax 297.50 + 119.00 = 416.50 EUR
- shipped: 100 and 38 EA: 297.50 + 113.05 = 410.55; still open 2 EA = 5.95
- received: 97 and 38 EA; the customer pays 410.55 less 3 EA (7.50 + 1.43 = 8.93) = 401.62

The second is billed on what it accepted: of 50 EA (125.00 + 23.75 = 148.75) it accepts 46: 115.00 + 21.85 = 136.85.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain.agreements import InvoicedQuantity, InvoiceTrigger
from services.edi import check
from services.orders import agreeing
from services.rebuilding import rebuild
from services.wired import Wired
from tests.conftest import FIRST_DAY
from tests.services.orders.edi_trade import EdiTrade, purchase_order
from tests.services.orders.test_edi_answers import dispatch
from tests.services.shop import Shop
from tests.shapes import Shape

ROLE = "auditor"


@dataclass
class Story:
    """One shop with its two partners."""

    shop: Shop
    on_shipped: EdiTrade
    on_accepted: EdiTrade


def get(shop: Shop, path: str, **params: Any) -> Any:
    answer = shop.get(path, role=ROLE, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def stages(shop: Shop, account: str) -> dict[str, str]:
    """The stages of a credit account that are not zero, and their sum."""
    page = get(shop, f"/v1/credit-accounts/{account}")
    return {name: value for name, value in {**page["stages"], "exposure": page["exposure"]}.items() if float(value)}


def open_items(shop: Shop, partner: str) -> list[tuple[str, str]]:
    return sorted((row["kind"], row["open"]) for row in get(shop, "/v1/open-items", partner=partner)["items"])


def line_of(shop: Shop, trade: EdiTrade, number: str, line: int) -> dict[str, Any]:
    page = get(shop, f"/v1/orders/acme/{trade.partner}/{number}/-")
    one: dict[str, Any] = page["lines"][line]
    return {name: one[name] for name in ("received", "accepted", "invoiced")} | {"dispatched": one["state"]["dispatched"]}


def the_invoice(trade: EdiTrade) -> list[str]:
    (invoice,) = trade.out("810")
    return invoice


def remittance(trace: str, total: str, *entry: str) -> str:
    return "\n".join([
        f"BPR*C*{total}*C*ACH************20260401", f"TRN*1*{trace}", "CUR*PR*EUR", "N1*PR*BUYER", "N1*PE*ACME",
        "ENT*1", *entry,
    ])


def billed_on_what_was_shipped(story: Story) -> None:
    shop, trade = story.shop, story.on_shipped
    page = trade.send(purchase_order("PO-100", "PO1*1*100*EA*2.50**IN*C-100", "PO1*2*40*EA*2.50**IN*C-200"))
    assert "AK1*PO*7~AK2*850*0001~AK5*A~AK9*A*1*1*1~" in page["acknowledgment_text"]
    (answer,) = trade.out("855")
    assert answer[0].startswith("BAK*00*AD*PO-100*")
    assert [one for one in answer if one.startswith("ACK")] == ["ACK*IA*100*EA*067*20260302", "ACK*IA*40*EA*067*20260302"]
    assert stages(shop, trade.partner) == {"open_orders": "416.50", "exposure": "416.50"}
    assert open_items(shop, trade.partner) == []

    dispatch(trade, "S-100", "PO-100", ("1", "100"), ("2", "38"))
    (notice,) = trade.out("856")
    assert [one for one in notice if one.startswith("SN1")] == ["SN1**100*EA**100*EA", "SN1**38*EA**40*EA"]
    invoice = the_invoice(trade)
    assert [one for one in invoice if one[:3] in ("IT1", "TDS", "TXI")] == [
        "IT1*1*100*EA*2.5**IN*C-100*VN*tea-25", "IT1*2*38*EA*2.5**IN*C-200*VN*jam-12", "TDS*41055", "TXI*TX*65.55*19",
    ]
    assert stages(shop, trade.partner) == {"open_orders": "5.95", "receivable": "410.55", "exposure": "416.50"}
    assert open_items(shop, trade.partner) == [("INVOICE", "410.55")]

    counts = ("RCD*1*97*EA***3*EA*02", "LIN*1*IN*C-100", "RCD*2*38*EA", "LIN*2*IN*C-200")
    advice = "\n".join(["BRA*RA-100*20260305*00*1", "REF*SI*S-100", "DTM*050*20260304", "PRF*PO-100", *counts, "CTT*2"])
    document = trade.document(trade.send(advice, kind="861"))
    assert (document["status"], document["effect"]) == ("accepted", "shipment/acme/S-100"), document["reason"]
    assert stages(shop, trade.partner) == {"open_orders": "5.95", "receivable": "410.55", "exposure": "416.50"}
    assert len(trade.out("810")) == 1

    number = invoice[0].split("*")[2]
    entry = (f"RMR*IV*{number}*PO*401.62*410.55", "ADX*-8.93*59*CM*CB-1")
    document = trade.document(trade.send(remittance("T-100", "401.62", *entry), kind="820"))
    assert (document["status"], document["effect"]) == ("accepted", f"settlement/acme/{trade.partner}/T-100"), document


def billed_on_what_was_accepted(story: Story) -> None:
    shop, trade = story.shop, story.on_accepted
    trade.send(purchase_order("PO-200", "PO1*1*50*EA*2.50**IN*C-100"))
    assert stages(shop, trade.partner) == {"open_orders": "148.75", "exposure": "148.75"}
    dispatch(trade, "S-200", "PO-200", ("1", "50"))
    assert (len(trade.out("856")), trade.out("810"), open_items(shop, trade.partner)) == (1, [], [])
    assert stages(shop, trade.partner) == {"delivered": "148.75", "exposure": "148.75"}

    lines = ("RCD*1*46*EA***4*EA*02", "LIN*1*IN*C-100")
    advice = "\n".join(["BRA*RA-200*20260305*00*1", "DTM*050*20260304", "PRF*PO-200", *lines, "CTT*1"])
    trade.send(advice, kind="861")
    invoice = the_invoice(trade)
    assert [one for one in invoice if one[:3] in ("BIG", "IT1", "TDS", "TXI")][1:] == [
        "IT1*1*46*EA*2.5**IN*C-100*VN*tea-25", "TDS*13685", "TXI*TX*21.85*19",
    ]
    assert invoice[0].startswith("BIG*20260304*")
    assert open_items(shop, trade.partner) == [("INVOICE", "136.85")]
    assert stages(shop, trade.partner) == {"receivable": "136.85", "exposure": "136.85"}

    entry = (f"RMR*IV*{invoice[0].split('*')[2]}*PO*136.85*136.85",)
    document = trade.document(trade.send(remittance("T-200", "136.85", *entry), kind="820"))
    assert document["status"] == "accepted", document["reason"]


def everything_is_as_it_should_be(story: Story) -> None:
    """What stands in the end; the views tell it the same after they were deleted and folded anew."""
    shop, first, second = story.shop, story.on_shipped, story.on_accepted
    assert line_of(shop, first, "PO-100", 0) == {
        "received": "97", "accepted": "97", "invoiced": "100", "dispatched": "100",
    }
    assert line_of(shop, first, "PO-100", 1) == {"received": "38", "accepted": "38", "invoiced": "38", "dispatched": "38"}
    assert line_of(shop, second, "PO-200", 0) == {"received": "46", "accepted": "46", "invoiced": "46", "dispatched": "50"}
    assert open_items(shop, first.partner) == [("DEDUCTION", "8.93")]
    (deduction,) = get(shop, "/v1/deductions", partner=first.partner)["items"]
    assert (deduction["open"], deduction["reason"]) == ("8.93", "SHORTAGE"), deduction
    assert stages(shop, first.partner) == {"open_orders": "5.95", "receivable": "8.93", "exposure": "14.88"}
    assert open_items(shop, second.partner) == [] and stages(shop, second.partner) == {}
    for trade, sent in ((first, 3), (second, 3)):
        assert [len(trade.out(kind)) for kind in ("997", "855", "856", "810")] == [sent, 1, 1, 1]
        documents = get(shop, "/v1/edi/documents", partner=trade.partner)["items"]
        assert [(row["type"], row["status"]) for row in documents] == [
            ("820", "accepted"), ("861", "accepted"), ("850", "accepted"),
        ]
        for row in get(shop, "/v1/edi/sent", partner=trade.partner)["items"]:
            report = check(trade.raw(row["document_id"]).encode())
            assert report.accepted and not report.all_findings()


def test_purchase_order_to_cash(module_shape: Shape) -> None:
    with module_shape.shop() as shop:
        story = Story(shop, EdiTrade.open(shop, "on-shipped"), EdiTrade.open(shop, "on-accepted"))
        story.on_accepted.handle(agreeing.AgreeInvoicing(
            partner="on-accepted", trigger=InvoiceTrigger.RECEIPT, quantity=InvoicedQuantity.ACCEPTED,
            first_day=FIRST_DAY,
        ))
        billed_on_what_was_shipped(story)
        billed_on_what_was_accepted(story)
        everything_is_as_it_should_be(story)
    with module_shape.shop(shop.master, before=every_view_anew) as anew:
        assert anew.wired.settle()
        everything_is_as_it_should_be(
            Story(anew, EdiTrade(anew, "on-shipped", "ONSHIPPED"), EdiTrade(anew, "on-accepted", "ONACCEPTED"))
        )


def every_view_anew(wired: Wired) -> None:
    for name in list(wired.projectors):
        rebuild(wired, name)
