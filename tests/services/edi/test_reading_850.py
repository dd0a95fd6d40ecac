"""Reading purchase orders: the canonical document by hand, placing segments, and the findings of elements."""

from __future__ import annotations

from typing import Any

import pytest

from services.edi import ReadingRules, check

from .documents import PURCHASE_ORDER, only_set, payload

NO_ADDRESS = {
    "street": None,
    "street_2": None,
    "city": None,
    "region": None,
    "postal_code": None,
    "country": None,
}
NOTHING = {
    "code": None,
    "amount": None,
    "percent": None,
    "rate": None,
    "unit": None,
    "quantity": None,
    "handling": None,
    "description": None,
}

EXPECTED: dict[str, Any] = {
    "document": "purchase_order",
    "number": "PO-77",
    "release": "R2",
    "purpose": "00",
    "kind": "NE",
    "ordered_on": "2026-03-02",
    "currency": "USD",
    "requested_on": "2026-03-20",
    "deliver_not_before": "2026-03-18",
    "deliver_not_after": "2026-03-22",
    "requested_ship_on": "2026-03-15",
    "ship_not_before": "2026-03-12",
    "ship_not_after": "2026-03-16",
    "cancel_after": "2026-03-30",
    "references": [{"qualifier": "DP", "value": "0451"}, {"qualifier": "IA", "value": "88421"}],
    "terms": [
        {
            "type": "01",
            "basis": "3",
            "discount_percent": "2",
            "discount_due_on": "2026-04-01",
            "discount_days": "30",
            "net_due_on": "2026-05-01",
            "net_days": "60",
            "discount_amount": "5.00",
            "description": "2 PCT 30 NET 60",
            "day_of_month": None,
        }
    ],
    "allowances": [
        NOTHING
        | {
            "indicator": "A",
            "code": "F800",
            "amount": "12.50",
            "percent": "2.5",
            "handling": "02",
            "description": "SPRING PROMOTION",
        }
    ],
    "parties": [
        {"role": "BY", "name": "SHOPS INC", "id_qualifier": "92", "id": "0001", "address": NO_ADDRESS},
        {
            "role": "ST",
            "name": "SHOPS NORTH",
            "id_qualifier": "92",
            "id": "0450",
            "address": {
                "street": "12 DOCK ROAD",
                "street_2": "GATE 4",
                "city": "PORTLAND",
                "region": "ME",
                "postal_code": "04101",
                "country": "US",
            },
        },
    ],
    "lines": [
        {
            "number": "1",
            "quantity": "30",
            "unit": "CA",
            "price": "12.50",
            "price_basis": "PE",
            "currency": None,
            "items": [{"qualifier": "UP", "id": "012345678905"}, {"qualifier": "VN", "id": "MIL-1"}],
            "description": "OAT BISCUITS",
            "requested_on": "2026-03-21",
            "splits": [
                {"place_qualifier": "92", "place": "0451", "quantity": "10"},
                {"place_qualifier": "92", "place": "0452", "quantity": "20"},
            ],
            "schedule": [{"quantity": "30", "unit": "CA", "date_qualifier": "002", "date": "2026-03-21"}],
            "references": [{"qualifier": "LT", "value": "L77"}],
            "allowances": [NOTHING | {"indicator": "A", "code": "I170", "amount": "3.00"}],
            "parties": [],
        },
        {
            "number": "2",
            "quantity": "5",
            "unit": "EA",
            "price": "0.99",
            "price_basis": None,
            "currency": None,
            "items": [{"qualifier": "VN", "id": "MIL-2"}],
            "description": None,
            "requested_on": None,
            "splits": [],
            "schedule": [],
            "references": [],
            "allowances": [],
            "parties": [],
        },
    ],
    "totals": {"lines": "2", "hash": "35", "amount": "379.95"},
}


def test_a_whole_purchase_order() -> None:
    one = only_set(payload(PURCHASE_ORDER))
    assert one.findings == () and one.verdict == "A"
    assert one.document == EXPECTED


@pytest.mark.parametrize("version", ["004010", "004010VICS", "005010", "005010X357", "004060"])
def test_releases_that_read_the_same(version: str) -> None:
    assert only_set(payload(PURCHASE_ORDER, version=version)).document == EXPECTED


def test_an_order_with_almost_nothing_has_every_name() -> None:
    document = only_set(payload("BEG*00*SA*1**20260302\nPO1")).document
    assert document is not None and set(document) == set(EXPECTED)
    assert (
        document["references"] == [] and document["currency"] is None and document["totals"]["lines"] is None
    )
    assert set(document["lines"][0]) == set(EXPECTED["lines"][0]) and document["lines"][0]["number"] == "1"


BEG = "BEG*00*SA*PO-1**20260302"
PO1 = "PO1*1*2*EA*3"
NO_QUANTITY = ("set", "", "ST", 1, "")

# body -> verdict, [(level, code, segment, position, element)]
FINDINGS: dict[str, tuple[str, str, list[tuple[str, str, str, int | None, str]]]] = {
    "a clean order": (f"{BEG}\n{PO1}", "A", []),
    "BEG missing": (PO1, "R", [("segment", "3", "BEG", 1, "")]),
    "no line": (BEG, "R", [("segment", "3", "PO1", 1, "")]),
    "no order number": (f"BEG*00*SA***20260302\n{PO1}", "R", [("element", "1", "BEG", 2, "03")]),
    "no such day": (f"BEG*00*SA*PO-1**20260230\n{PO1}", "R", [("element", "8", "BEG", 2, "05")]),
    "a six-digit date": (f"BEG*00*SA*PO-1**260302\n{PO1}", "E", [("element", "8", "BEG", 2, "05")]),
    "an unknown purpose": (f"BEG*99*SA*PO-1**20260302\n{PO1}", "R", [("element", "7", "BEG", 2, "01")]),
    "a unit that is too long": (f"{BEG}\nPO1*1*2*CASE", "R", [("element", "5", "PO1", 3, "03")]),
    "a quantity in words": (f"{BEG}\nPO1*1*two*EA", "R", [("element", "6", "PO1", 3, "02"), NO_QUANTITY]),
    "a decimal comma": (f"{BEG}\nPO1*1*2,5*EA", "R", [("element", "6", "PO1", 3, "02"), NO_QUANTITY]),
    "a basis without a price": (f"{BEG}\nPO1*1*2*EA**PE", "E", [("element", "2", "PO1", 3, "04")]),
    "a qualifier without its item": (f"{BEG}\nPO1*1*2*EA*3**VN", "E", [("element", "2", "PO1", 3, "07")]),
    "an order number that is too long": (
        f"BEG*00*SA*{'9' * 23}**20260302\n{PO1}",
        "E",
        [("element", "5", "BEG", 2, "03")],
    ),
    "cents with a point": (f"{BEG}\nSAC*A*C310***1.50\n{PO1}", "E", [("element", "6", "SAC", 3, "05")]),
    "an element too many": (f"{BEG}********X\n{PO1}", "E", [("element", "3", "BEG", 2, "13")]),
    "a fault where nothing is read": (f"{BEG}\nTAX*1*TTT*CA\n{PO1}", "E", [("element", "5", "TAX", 3, "02")]),
    "a segment of another document": (
        f"{BEG}\nBSN*00*1*20260302*0900\n{PO1}",
        "E",
        [("segment", "2", "BSN", 3, "")],
    ),
    "a segment that does not exist": (f"{BEG}\n{PO1}\nP01*2*5*EA", "R", [("segment", "1", "P01", 4, "")]),
    "a segment too late": (f"{BEG}\nREF*DP*1\nCUR*BY*USD\n{PO1}", "E", [("segment", "7", "CUR", 4, "")]),
    "a segment too often": (f"{BEG}\n{BEG}\n{PO1}", "E", [("segment", "5", "BEG", 3, "")]),
    "store split wrong": (f"{BEG}\n{PO1}\nSDQ*EA*92*01*1*02*2", "A", [("set", "", "ST", 1, "")]),
    "line count wrong": (f"{BEG}\n{PO1}\nCTT*7", "A", [("set", "", "ST", 1, "")]),
    "hash wrong": (f"{BEG}\n{PO1}\nCTT*1*7", "A", [("set", "", "ST", 1, "")]),
    "a line without quantity": (f"{BEG}\nPO1*1***3", "A", [NO_QUANTITY]),
}


@pytest.mark.parametrize("name", FINDINGS)
def test_findings(name: str) -> None:
    body, verdict, expected = FINDINGS[name]
    one = only_set(payload(body))
    assert [(f.level, f.code, f.segment, f.position, f.element) for f in one.findings] == expected
    assert one.verdict == verdict


def test_a_finding_is_a_sentence_with_segment_element_and_value() -> None:
    (finding,) = only_set(payload(f"{BEG}\nPO1*1*2*CASE")).findings
    assert finding.message == "PO103 (unit) 'CASE' has more than 2 characters" and finding.value == "CASE"
    long = only_set(payload(f"{BEG}\nPO1*1*{'x' * 90}*EA")).findings[0]
    assert len(long.value) == 40


def field(path: str, body: str) -> Any:
    value: Any = only_set(payload(body)).document
    for step in path.split("."):
        value = value[int(step)] if step.isdigit() else value[step]
    return value


VALUES: dict[str, tuple[str, str, Any]] = {
    "cents with a point are literal": ("allowances.0.amount", f"{BEG}\nSAC*A*C310***1.50\n{PO1}", "1.50"),
    "implied cents": ("allowances.0.amount", f"{BEG}\nSAC*A*C310***150\n{PO1}", "1.50"),
    "implied cents below one": ("allowances.0.amount", f"{BEG}\nSAC*A*C310***5\n{PO1}", "0.05"),
    "negative cents": ("allowances.0.amount", f"{BEG}\nSAC*A*C310***-150\n{PO1}", "-1.50"),
    "a rate is not implied": ("allowances.0.rate", f"{BEG}\nSAC*A*F340******0.01*PN*63\n{PO1}", "0.01"),
    "a price below one": ("lines.0.price", f"{BEG}\nPO1*1*2*EA*.5", "0.5"),
    "a price keeps its digits": ("lines.0.price", f"{BEG}\nPO1*1*2*EA*1.500", "1.500"),
    "leading zeros of a number": ("lines.0.quantity", f"{BEG}\nPO1*1*0012*EA", "12"),
    "leading zeros of a line number stay": ("lines.0.number", f"{BEG}\nPO1*001*2*EA", "001"),
    "the ordinal where PO101 is empty": ("lines.1.number", f"{BEG}\n{PO1}\nPO1**2*EA", "2"),
    "a number that is no number": ("lines.0.quantity", f"{BEG}\nPO1*1*ten*EA", None),
    "descriptions go on": (
        "lines.0.description",
        f"{BEG}\n{PO1}\nPID*F****OAT\nPID*F****BISCUITS",
        "OAT BISCUITS",
    ),
    "the first date of a kind stays": (
        "requested_on",
        f"{BEG}\nDTM*002*20260301\nDTM*002*20260302\n{PO1}",
        "2026-03-01",
    ),
    "blanks are not values": ("release", f"BEG*00*SA*PO-1*   *20260302\n{PO1}", None),
    "an item qualifier stays raw": ("lines.0.items.0.qualifier", f"{BEG}\n{PO1}**ZZ*A", "ZZ"),
    "eleven stores take two SDQ": (
        "lines.0.splits.10.place",
        f"{BEG}\n{PO1}\nSDQ*EA*92{'*1*1' * 10}\nSDQ*EA*92*11*1",
        "11",
    ),
    "a ship-to of a line": ("lines.0.parties.0.id", f"{BEG}\n{PO1}\nN1*ST**92*77", "77"),
    "a party after the line's is the line's": ("parties", f"{BEG}\n{PO1}\nN1*ST**92*77", []),
    "a sub-line is no line": (
        "lines.0.description",
        f"{BEG}\n{PO1}\nPID*F****SET\nSLN*1**I*1*EA\nPID*F****PART",
        "SET",
    ),
}


@pytest.mark.parametrize("name", VALUES)
def test_values(name: str) -> None:
    path, body, expected = VALUES[name]
    assert field(path, body) == expected


def test_a_chinese_order() -> None:
    raw = payload(f"{BEG}\n{PO1}\nPID*F****商品亊1").encode("gb18030")
    (one,) = check(raw, ReadingRules(charset="gb18030")).interchanges[0].accepted_sets()
    assert one.document is not None and one.document["lines"][0]["description"] == "商品亊1"


def test_what_the_document_has_no_place_for_is_named() -> None:
    one = only_set(payload(f"{BEG}\nPER*BD*NAME\nFOB*PP\n{PO1}\nPER*BD*NAME"))
    assert one.verdict == "A" and one.not_carried == ("PER", "FOB")
    assert only_set(payload(f"{BEG}\n{PO1}")).not_carried == ()


def test_one_bad_set_does_not_block_its_siblings() -> None:
    report = check(payload(f"{BEG}\n{PO1}", PO1, f"{BEG}\n{PO1}").encode())
    (interchange,) = report.interchanges
    assert interchange.groups[0].verdict == "P" and len(interchange.accepted_sets()) == 2
    assert not report.accepted


def test_the_report_is_readable() -> None:
    lines = check(payload(f"{BEG}\nPO1*1*2*CASE").encode()).lines()
    assert lines == [
        "interchange 000000041 x12 from SHOPS to MILLER, production: accepted",
        "  group 7 PO 004010: R",
        "    850 0001 number PO-1: R",
        "      error [5] element at segment 3: PO103 (unit) 'CASE' has more than 2 characters",
    ]
    assert check(b"hello").lines() == [
        "  error interchange: not EDI: no ISA or UNB header was found "
        "(the first characters should be ISA, UNA or UNB)"
    ]
