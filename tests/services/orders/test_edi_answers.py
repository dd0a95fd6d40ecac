"""What we send: the 855 after a confirmation, the 856 after a dispatch, the 810 after an invoice; and their 997s."""

from __future__ import annotations

from typing import Any

import pytest

from domain.agreements import ConfirmationMode
from services.edi import check
from services.orders import agreeing
from tests.conftest import FIRST_DAY
from tests.services.orders.edi_trade import EdiTrade, purchase_order
from tests.services.shop import Shop, problem_of

TWO_LINES = ("PO1*1*10*EA*2.50**IN*C-100", "PO1*2*4*EA*2.50**IN*C-200")


@pytest.fixture(scope="module")
def trade(shop: Shop) -> EdiTrade:
    return EdiTrade.open(shop, "answer-1", confirmation=ConfirmationMode.MANUAL)


def confirm(trade: EdiTrade, number: str, confirmation: str, *lines: tuple[str, str, str | None]) -> None:
    order = trade.order(number)
    assert order is not None
    body = {
        "confirmation": confirmation,
        "lines": [{"number": n, "quantity": q, "promised_on": day} for n, q, day in lines],
    }
    headers = {"If-Match": f'"v{order["version"]}"'}
    address = f"/v1/orders/acme/{trade.partner}/{number}/-:confirm"
    answer = trade.shop.post(address, body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert trade.shop.wired.settle()


def dispatch(trade: EdiTrade, shipment: str, number: str, *lines: tuple[str, str], **more: Any) -> Any:
    body = {
        "company": "acme", "number": shipment, "partner": trade.partner, "ship_to": "dc-1",
        "dispatched_at": "2026-03-01T08:30:00+01:00",
        "lines": [{"order": f"order/acme/{trade.partner}/{number}/-", "line": n, "quantity": q} for n, q in lines], **more,
    }
    answer = trade.shop.post("/v1/shipments", body)
    assert answer.status_code == 201, answer.text
    assert trade.shop.wired.settle()
    return answer


def acknowledged(segments: list[str]) -> list[str]:
    return [one for one in segments if one.startswith(("BAK", "PO1", "ACK"))]


CASES = {
    "as asked": ([("1", "10", "2026-03-02"), ("2", "4", "2026-03-02")], "AD", ["IA*10*EA*067*20260302", "IA*4*EA*067*20260302"]),
    "less": ([("1", "8", "2026-03-02"), ("2", "4", "2026-03-02")], "AC", ["IQ*8*EA*067*20260302", "IA*4*EA*067*20260302"]),
    "later": ([("1", "10", "2026-03-09"), ("2", "4", "2026-03-02")], "AC", ["DR*10*EA*067*20260309", "IA*4*EA*067*20260302"]),
    "in parts": (
        [("1", "6", "2026-03-02"), ("1", "4", "2026-03-09"), ("2", "4", "2026-03-02")], "AC",
        ["DR*6*EA*067*20260302", "DR*4*EA*067*20260309", "IA*4*EA*067*20260302"],
    ),
    "one not": ([("1", "10", "2026-03-02"), ("2", "0", None)], "AC", ["IA*10*EA*067*20260302", "IR*4*EA"]),
    "nothing": ([("1", "0", None), ("2", "0", None)], "RD", ["IR*10*EA", "IR*4*EA"]),
}


@pytest.mark.parametrize("case", CASES)
def test_an_acknowledgment_says_what_became_of_each_line(trade: EdiTrade, case: str) -> None:
    lines, kind, statuses = CASES[case]
    number = f"C-{case.replace(' ', '-')}"
    trade.send(purchase_order(number, *TWO_LINES))
    sent = len(trade.out("855"))  # nothing before the confirmation
    confirm(trade, number, "K-1", *lines)
    confirm(trade, number, "K-1", *lines)
    out = trade.out("855")
    assert len(out) == sent + 1
    segments = acknowledged(out[-1])
    assert segments[0].startswith(f"BAK*00*{kind}*{number}*20260220")
    assert [one[4:] for one in segments if one.startswith("ACK")] == statuses
    assert [one for one in segments if one.startswith("PO1")] == [
        "PO1*1*10*EA*2.5**IN*C-100*VN*tea-25", "PO1*2*4*EA*2.5**IN*C-200*VN*jam-12",
    ]


def test_another_price_than_ours_is_said(trade: EdiTrade) -> None:
    trade.send(purchase_order("C-price", "PO1*1*10*EA*2.40**IN*C-100"))
    confirm(trade, "C-price", "K-1", ("1", "10", "2026-03-02"))
    segments = acknowledged(trade.out("855")[-1])
    assert segments[0].startswith("BAK*00*AC*")
    assert segments[1:] == ["PO1*1*10*EA*2.5**IN*C-100*VN*tea-25", "ACK*IP*10*EA*067*20260302"]


def test_nothing_is_acknowledged_while_credit_holds(shop: Shop) -> None:
    trade = EdiTrade.open(shop, "answer-2", limit="10.00")
    trade.send(purchase_order("PO-1"))
    order = trade.order("PO-1")
    assert order is not None and order["header"]["credit"] == "HELD"
    assert trade.out("855") == []


def test_only_what_the_profile_lists_is_sent(shop: Shop) -> None:
    trade = EdiTrade.open(shop, "answer-3", documents_out=("856",))
    trade.send(purchase_order("PO-1"))
    dispatch(trade, "S-A3", "PO-1", ("1", "10"))
    assert (trade.out("855"), len(trade.out("856")), trade.out("810")) == ([], 1, [])
    silent = EdiTrade.open(shop, "answer-4", interchange_id="")
    silent.send(purchase_order("PO-1"))
    assert (silent.out("855"), len(silent.out("997"))) == ([], 1)


def test_a_ship_notice_and_an_invoice_on_what_was_shipped(shop: Shop) -> None:
    trade = EdiTrade.open(shop, "answer-5", unit_codes={"CA": "CS"})
    head = ["REF*DP*0451", "REF*IA*88421"]
    trade.send(purchase_order("PO-1", "PO1*1*2*CA*30.00**IN*C-100", "PO1*2*4*EA*2.50**IN*C-200", head=head))
    made = dispatch(
        trade, "S-51", "PO-1", ("1", "1"), ("2", "4"), carrier="ABCD", bill_of_lading="BOL-1", expected_on="2026-03-02"
    )
    again = trade.shop.post("/v1/shipments", None, content=made.request.content, headers={"Content-Type": "application/json"})
    assert again.status_code == 200 and trade.shop.wired.settle()
    (notice,) = trade.out("856")
    assert notice[0].startswith("BSN*00*S-51*") and notice[0].endswith("*0004")
    assert notice[1:] == [
        "HL*1**S", "TD5**2*ABCD", "REF*BM*BOL-1", "DTM*011*20260301", "DTM*017*20260302", "N1*ST*DC 1*92*0451",
        "HL*2*1*O", "PRF*PO-1***20260220", "REF*DP*0451", "REF*IA*88421",
        "HL*3*2*I", "LIN*1*IN*C-100*VN*tea-25", "SN1**1*CA**2*CA",
        "HL*4*2*I", "LIN*2*IN*C-200*VN*jam-12", "SN1**4*EA**4*EA", "CTT*4",
    ]
    # 1 case at 30.00 and 4 pieces at 2.50: 40.00, and 19 % of it 7.60
    (invoice,) = trade.out("810")
    number = invoice[0].split("*")[2]
    assert invoice == [
        f"BIG*20260301*{number}*20260220*PO-1***DI*00", "CUR*SE*EUR", "REF*DP*0451", "REF*IA*88421", "REF*BM*BOL-1",
        "REF*SI*S-51", "N1*ST*DC 1*92*0451", "DTM*011*20260301", "IT1*1*1*CA*30**IN*C-100*VN*tea-25",
        "IT1*2*4*EA*2.5**IN*C-200*VN*jam-12", "TDS*4760", "TXI*TX*7.6*19", "CTT*2",
    ]
    for kind in ("855", "856", "810"):
        row = trade.shop.get("/v1/edi/sent", params={"partner": trade.partner, "kind": kind}).json()["items"][0]
        report = check(trade.raw(row["document_id"]).encode())
        assert report.accepted and [finding.message for finding in report.all_findings()] == []


def test_control_numbers_leave_no_gap(trade: EdiTrade) -> None:
    rows: list[dict[str, Any]] = []
    page = trade.shop.get("/v1/edi/sent", params={"partner": trade.partner, "limit": 500}).json()
    rows += page["items"]
    assert page["next"] is None
    assert sorted(row["control"] for row in rows) == list(range(1, len(rows) + 1))
    assert sorted(row["group_control"] for row in rows) == list(range(1, len(rows) + 1))


def test_a_separator_in_a_text_becomes_a_finding_and_in_a_number_stops_it(shop: Shop) -> None:
    trade = EdiTrade.open(shop, "answer-6", element_separator="|")
    trade.handle(
        agreeing.AgreePlace(
            partner=trade.partner, place="dc-1", name="DC|6", zone="UTC", country="DE", tax_place="de"
        ),
        agreeing.RegisterItem(
            item="a|b", description="odd", tax_category="standard", base_unit="EA", valid_from=FIRST_DAY
        ),
        agreeing.AgreePrice(
            partner=trade.partner, item="a|b", currency="EUR", price="1", unit="EA", first_day=FIRST_DAY
        ),
    )
    trade.send(purchase_order("PO-1"))
    trade.send(purchase_order("PO-2", "PO1*1*10*EA*1**VN*a|b"))
    rows = shop.get("/v1/edi/sent", params={"partner": trade.partner, "kind": "855"}).json()["items"]
    number, text = (
        shop.get(f"/v1/edi/outbox/{row['document_id'].partition('/')[2].replace('%', '%25')}").json() for row in rows
    )
    assert (text["sendable"], [(one["severity"], one["segment"], one["element"]) for one in text["found"]]) == (
        True, [("warning", "N1", "02")],
    )
    assert "N1|ST|DC 6|92|0451~" in trade.raw(text["document_id"])
    assert (number["sendable"], number["control"]) == (False, 0)
    assert "error" in {one["severity"] for one in number["found"]}


def test_what_cannot_be_written_is_kept_and_not_sent(shop: Shop) -> None:
    trade = EdiTrade.open(shop, "answer-7", interchange_id="AN-ADDRESS-TOO-LONG")
    trade.send(purchase_order("PO-1"))
    (row,) = shop.get("/v1/edi/sent", params={"partner": trade.partner, "kind": "855"}).json()["items"]
    assert (row["sendable"], row["control"], row["group_control"]) == (False, 0, 0)
    fetch = shop.get("/v1/edi/outbox", params={"partner": trade.partner}).json()["items"]
    assert [one["kind"] for one in fetch] == ["997"]
    href = f"/v1/edi/outbox/{row['document_id'].partition('/')[2].replace('%', '%25')}"
    assert shop.get(href).json()["found"][0]["severity"] == "error"
    problem_of(shop.post(f"{href}:delivered", {}, role="integration"), 409, "edi.not_sendable")


def test_a_document_is_fetched_confirmed_and_acknowledged(shop: Shop) -> None:
    trade = EdiTrade.open(shop, "answer-8")
    trade.send(purchase_order("PO-1"))
    waiting = shop.get("/v1/edi/outbox", params={"partner": trade.partner}).json()["items"]
    assert [one["kind"] for one in waiting] == ["997", "855"]
    (_, answer) = waiting
    href = f"/v1/edi/outbox/{answer['document_id'].partition('/')[2].replace('%', '%25')}"
    done = shop.post(f"{href}:delivered", {"channel": "sftp", "at": "2026-03-02T10:00:00Z"}, role="integration")
    assert done.json()["delivered"] is True
    shop.post(f"{href}:delivered", {}, role="integration")
    assert shop.wired.settle()
    assert [one["kind"] for one in shop.get("/v1/edi/outbox", params={"partner": trade.partner}).json()["items"]] == ["997"]
    group = answer["group_control"]
    page = trade.send(f"AK1*PR*{group}\nAK2*855*0001\nAK3*PO1*5**8\nAK4*3*355*7*XX\nAK5*E*5\nAK9*E*1*1*1", kind="997")
    assert (page["acknowledgment"], page["documents"][0]["status"]) == (None, "accepted")
    row = shop.get(href).json()
    assert (row["acknowledged"], row["channel"], row["delivered_at"]) == ("E", "sftp", "2026-03-02T10:00:00Z")
    assert [(one["segment"], one["element"], one["code"]) for one in row["found"]] == [("", "", "5"), ("PO1", "3", "7")]
    again = trade.send(f"AK1*PR*{group}\nAK2*855*0001\nAK5*E\nAK9*E*1*1*1", kind="997")
    other = trade.send(f"AK1*PR*{group}\nAK2*855*0001\nAK5*R*5\nAK9*R*1*1*0", kind="997")
    wrong = trade.send("AK1*PR*999\nAK2*855*0001\nAK5*A\nAK9*A*1*1*1", kind="997")
    kind = trade.send(f"AK1*IN*{group}\nAK2*810*0001\nAK5*A\nAK9*A*1*1*1", kind="997")
    assert [(one["documents"][0]["status"], one["documents"][0]["code"]) for one in (again, other, wrong, kind)] == [
        ("accepted", None), ("held", "edi.acknowledged_otherwise"), ("held", "edi.acknowledges_nothing"),
        ("held", "edi.acknowledges_nothing"),
    ]
