"""Golden texts, and what is written and read again is the same document."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.edi import check, write_interchange

from .canonical import (
    ACKNOWLEDGMENT,
    DOCUMENTS,
    FUNCTIONAL,
    INVOICE,
    RECEIVING,
    REMITTANCE,
    SHIP_NOTICE,
    body,
)
from .documents import ENVELOPE, PURCHASE_ORDER, only_set, payload


@pytest.mark.parametrize("version", ["004010", "005010"])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_written_and_read_is_the_same(name: str, version: str) -> None:
    sending = write_interchange([DOCUMENTS[name]], replace(ENVELOPE, version=version))
    assert sending.findings == () and sending.may_leave
    report = check(sending.raw)
    assert report.accepted and report.all_findings() == []
    assert report.interchanges[0].groups[0].sets[0].document == DOCUMENTS[name]


def test_the_order_as_it_came_is_the_order_as_written() -> None:
    expected = PURCHASE_ORDER.strip().replace("PO1**5*EA*.99", "PO1*2*5*EA*0.99").splitlines()
    assert body(DOCUMENTS["purchase_order"]) == expected


def test_a_whole_interchange() -> None:
    sending = write_interchange([FUNCTIONAL], replace(ENVELOPE, new_line="\n", usage="T"))
    assert sending.raw.decode() == (
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{'MILLER':15}*12*{'SHOPS':15}*260302*0905*U*00401*000000041*0*T*>~\n"
        "GS*FA*MILLER*SHOPS*20260302*0905*7*X*004010~\n"
        "ST*997*0001~\nAK1*PO*7~\nAK2*850*0001~\nAK3*PO1*3**8~\nAK4*3*355*5*CASE~\nAK5*R*5~\nAK9*R*1*1*0~\n"
        "SE*8*0001~\nGE*1*7~\nIEA*1*000000041~\n"
    )


def test_an_acknowledgment() -> None:
    assert body(ACKNOWLEDGMENT) == [
        "BAK*00*AC*PO-77*20260302****SO-5*20260303",
        "CUR*SE*USD",
        "REF*VN*SO-5",
        "DTM*068*20260310",
        "N1*ST*SHOPS NORTH*92*0450",
        "PO1*1*30*CA*12.50*PE*UP*012345678905*VN*MIL-1",
        "PID*F****OAT BISCUITS",
        "ACK*BP*20*CA*068*20260310",
        "ACK*IS*10*CA*068*20260317**VN*MIL-9",
        "CTT*1",
    ]


def test_the_levels_of_a_ship_notice_are_counted_and_nested() -> None:
    lines = [line for line in body(SHIP_NOTICE) if line.startswith(("HL", "CTT", "PRF", "SN1"))]
    assert lines == [
        "HL*1**S",
        "HL*2*1*O",
        "PRF*PO-77***20260302",
        "HL*3*2*I",
        "SN1**15*CA**30*CA",
        "HL*4*2*I",
        "SN1**15*CA**30*CA",
        "HL*5*1*O",
        "PRF*PO-78***20260302",
        "HL*6*5*I",
        "SN1**15*CA**30*CA",
        "CTT*6",
    ]
    counted = SHIP_NOTICE | {"totals": {"levels": None}}
    assert body(counted) == body(SHIP_NOTICE)


def test_packs_stand_between_order_and_item() -> None:
    (line, *_) = SHIP_NOTICE["orders"][0]["lines"]
    pack = {
        "level": "P",
        "marks": [{"qualifier": "GM", "mark": "00000123456789012345"}],
        "orders": [],
        "packs": [],
        "lines": [line],
    }
    order = SHIP_NOTICE["orders"][0] | {"packs": [pack], "lines": []}
    notice = SHIP_NOTICE | {"orders": [order], "structure": "0001", "totals": {"levels": "4", "hash": None}}
    assert [one for one in body(notice) if one[:2] in ("HL", "MA")] == [
        "HL*1**S",
        "HL*2*1*O",
        "HL*3*2*P",
        "MAN*GM*00000123456789012345",
        "HL*4*3*I",
    ]
    assert only_set(write_interchange([notice], ENVELOPE).raw).document == notice


def test_levels_go_where_they_say_even_out_of_order() -> None:
    text = payload(
        "BSN*00*S1*20260302*0900\nHL*1**S\nHL*2*1*O\nPRF*A\nHL*3*1*O\nPRF*B\nHL*4*3*I\nLIN**VN*X\nSN1**1*EA\n"
        "HL*5*3*I\nLIN**VN*Y\nSN1**2*EA",
        kind="856",
        functional_code="SH",
    )
    document = only_set(text).document
    assert document is not None
    assert [(one["number"], len(one["lines"])) for one in document["orders"]] == [("A", 0), ("B", 2)]


def test_an_item_of_an_order_that_was_left_is_still_of_that_order() -> None:
    text = payload(
        "BSN*00*S1*20260302*0900\nHL*1**S\nHL*2*1*O\nPRF*A\nHL*3*1*O\nPRF*B\nHL*4*2*I\nLIN**VN*X\nSN1**1*EA\n"
        "HL*5*3*I\nLIN**VN*Y\nSN1**2*EA\nHL*6*2*I\nLIN**VN*Z\nSN1**3*EA",
        kind="856",
        functional_code="SH",
    )
    one = only_set(text)
    assert one.findings == () and one.document is not None
    quantities = {
        order["number"]: [line["quantity"] for line in order["lines"]] for order in one.document["orders"]
    }
    assert quantities == {"A": ["1", "3"], "B": ["2"]}


def test_an_item_beside_the_packs_of_its_order() -> None:
    text = payload(
        "BSN*00*S1*20260302*0900\nHL*1**S\nHL*2*1*O\nPRF*A\nHL*3*2*P\nHL*4*2*I\nLIN**VN*X\nSN1**1*EA",
        kind="856",
        functional_code="SH",
    )
    document = only_set(text).document
    assert document is not None and len(document["orders"][0]["lines"]) == 1


def test_a_parent_that_does_not_exist_is_told() -> None:
    text = payload("BSN*00*S1*20260302*0900\nHL*1**S\nHL*2*7*O\nPRF*A", kind="856", functional_code="SH")
    (finding,) = only_set(text).findings
    assert "HL02 names the parent 7" in finding.message and finding.severity == "warning"


def test_levels_without_parents_nest_by_their_order() -> None:
    text = payload(
        "BSN*00*S1*20260302*0900\nHL*1**S\nHL*2**O\nPRF*A\nHL*3**I\nLIN**VN*X\nSN1**1*EA",
        kind="856",
        functional_code="SH",
    )
    document = only_set(text).document
    assert document is not None and document["orders"][0]["lines"][0]["quantity"] == "1"


def test_an_invoice() -> None:
    assert body(INVOICE) == [
        "BIG*20260310*INV-5*20260302*PO-77***DI*00",
        "CUR*SE*USD",
        "REF*IA*88421",
        "N1*ST*SHOPS NORTH*92*0450",
        "N3*12 DOCK ROAD",
        "N4*PORTLAND*ME*04101",
        "ITD*01*3*2**10**30",
        "DTM*011*20260310",
        "IT1*1*30*CA*12.50*PE*UP*012345678905*VN*MIL-1",
        "TXI*TX*3.75",
        "PID*F****OAT BISCUITS",
        "TDS*38575*37875",
        "CAD*M***ABCD",
        "SAC*C*D240***700*******06***FREIGHT",
        "CTT*1",
    ]


def test_a_receiving_advice_and_a_remittance() -> None:
    assert body(RECEIVING)[6] == "RCD*1*26*CA*1*CA*3*CA*02*1*CA*01"
    assert body(REMITTANCE) == [
        "BPR*I*341.00*C*ACH************20260402",
        "TRN*1*T-1",
        "CUR*PR*USD",
        "N1*PR*SHOPS*UL*0012345000065",
        "N1*PE*MILLER",
        "REF*IA*88421",
        "ENT*1",
        "ADX*-20.00*99*CM*CB-1",
        "RMR*IV*INV-5*PO*361.00*385.75*7.58",
        "REF*PO*PO-77",
        "DTM*003*20260310",
        "ADX*-17.17*59*CM*D-1",
        "REF*ST*0450",
    ]
