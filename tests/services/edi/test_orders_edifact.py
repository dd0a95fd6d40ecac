"""EDIFACT ORDERS: the same canonical purchase order from a map file alone."""

from __future__ import annotations

from typing import Any

import pytest

from services.edi import MessageMap, Report, check, message_maps
from services.edi.message_map import Node

from .documents import sample

BODY = [
    "BGM+221+PO-77+9",
    "DTM+137:20260302:102",
    "DTM+2:202603200900:203",
    "DTM+64:20260318:102",
    "DTM+63:260322:101",
    "RFF+CT:K-1",
    "NAD+BY+4000000000001::9",
    "NAD+DP+0450::92++SHOPS NORD:UND WEST+HAFEN 12+KIEL++24103+DE",
    "CUX+2:EUR:9",
    "PAT+22++5:3:D:14",
    "PCD+12:2",
    "PAT+1++5:3:D:60",
    "LIN+1++4012345000016:EN",
    "PIA+5+MIL-1:SA+77:IN",
    "IMD+F++:::HAFERKEKSE MIT SCHOKOLADENSTUECKEN:, 12 STUECK",
    "QTY+59:12",
    "QTY+21:30:CT",
    "DTM+2:20260321:102",
    "PRI+AAB:14",
    "PRI+AAA:1,25:::100:PCE",
    "LOC+7+0451::92",
    "QTY+11:10",
    "LOC+7+4000000000018::9",
    "QTY+11:20",
    "ALC+A++++DI",
    "PCD+1:5",
    "LIN",
    "PIA+5+MIL-2:SA",
    "QTY+21:5",
    "UNS+S",
    "MOA+86:379.95",
    "CNT+2:2",
    "CNT+1:35",
]


def report(lines: list[str], release: str = "D:96A:UN:EAN008") -> Report:
    text = "UNB+UNOC:3+SHOPS:14+MILLER:14+260302:0905+41'UNH+1+ORDERS:" + release + "'"
    text += "".join(line + "'\r\n" for line in lines) + f"UNT+{len(lines) + 2}+1'UNZ+1+41'"
    return check(text.encode())


def document(lines: list[str]) -> dict[str, Any]:
    (one,) = report(lines).interchanges[0].accepted_sets()
    assert one.document is not None
    return one.document


def test_a_whole_order() -> None:
    found = report(BODY)
    assert found.all_findings() == [] and found.accepted
    order = document(BODY)
    assert (order["number"], order["purpose"], order["kind"], order["currency"]) == (
        "PO-77",
        "00",
        "BK",
        "EUR",
    )
    assert (order["ordered_on"], order["requested_on"]) == ("2026-03-02", "2026-03-20")
    assert (order["deliver_not_before"], order["deliver_not_after"]) == ("2026-03-18", "2026-03-22")
    assert order["references"] == [{"qualifier": "CT", "value": "K-1"}]
    assert order["totals"] == {"lines": "2", "hash": "35", "amount": "379.95"}
    buyer, ship_to = order["parties"]
    assert (buyer["role"], buyer["id_qualifier"], buyer["id"]) == ("BY", "UL", "4000000000001")
    assert ship_to == {
        "role": "ST",
        "name": "SHOPS NORDUND WEST",
        "id_qualifier": "92",
        "id": "0450",
        "address": {
            "street": "HAFEN 12",
            "street_2": None,
            "city": "KIEL",
            "region": None,
            "postal_code": "24103",
            "country": "DE",
        },
    }


def test_its_lines_and_terms() -> None:
    order = document(BODY)
    discount, net = order["terms"]
    assert (discount["discount_days"], discount["discount_percent"], discount["basis"]) == ("14", "2", "3")
    assert (net["net_days"], net["discount_days"]) == ("60", None)
    first, second = order["lines"]
    assert first["items"] == [
        {"qualifier": "EN", "id": "4012345000016"},
        {"qualifier": "SA", "id": "MIL-1"},
        {"qualifier": "IN", "id": "77"},
    ]
    assert (first["quantity"], first["unit"], first["requested_on"]) == ("30", "CT", "2026-03-21")
    assert (first["price"], first["price_quantity"], first["price_unit"]) == ("1.25", "100", "PCE")
    assert first["description"] == "HAFERKEKSE MIT SCHOKOLADENSTUECKEN, 12 STUECK"
    assert first["splits"] == [
        {"place_qualifier": "92", "place": "0451", "quantity": "10"},
        {"place_qualifier": "UL", "place": "4000000000018", "quantity": "20"},
    ]
    assert first["allowances"][0]["percent"] == "5" and first["allowances"][0]["code"] == "DI"
    assert (second["number"], second["items"], second["price"]) == (
        "2",
        [{"qualifier": "SA", "id": "MIL-2"}],
        None,
    )


def shape(message: MessageMap, nodes: tuple[Node, ...], path: str = "") -> set[str]:
    """Every name that a map can put into a document."""
    found: set[str] = set()
    for node in map(message.node, nodes):
        here = f"{path}{node.list}." if node.list else path
        cases = node.cases.into.values() if node.cases else ()
        found |= {here + name for name in (*node.values.values(), *node.text.values(), *node.absent, *cases)}
        if node.repeats:
            parts = {*node.repeats.parts.values(), *node.repeats.shared.values()}
            found |= {f"{here}{node.repeats.list}.{name}" for name in parts}
        found |= shape(message, node.loop, here)
    return found


def test_both_standards_make_one_shape() -> None:
    x12, edifact = (shape(one, one.nodes) for one in (message_maps()["850"], message_maps()["ORDERS"]))
    assert x12 - edifact == set()
    assert edifact - x12 == {"lines.price_quantity", "lines.price_unit"}


FINDINGS = {
    "a fault in a date": (["BGM+220+1+9", "DTM+137:20261302:102", "LIN+1", "QTY+21:1", "UNS+S"], "8", "R"),
    "no line": (["BGM+220+1+9", "DTM+137:20260302:102", "UNS+S"], "3", "R"),
    "a number in words": (["BGM+220+1+9", "DTM+137:20260302:102", "LIN+1", "QTY+21:one", "UNS+S"], "6", "R"),
    "a segment that does not exist": (
        ["BGM+220+1+9", "DTM+137:20260302:102", "LIN+1", "QTY+21:1", "QTX+1", "UNS+S"],
        "1",
        "R",
    ),
}


@pytest.mark.parametrize("name", FINDINGS)
def test_findings(name: str) -> None:
    lines, code, verdict = FINDINGS[name]
    (one,) = report(lines).interchanges[0].groups[0].sets
    assert one.verdict == verdict and code in [finding.code for finding in one.findings]


def test_a_release_the_map_does_not_read() -> None:
    assert not report(BODY, "D:01B:UN:EAN010").accepted
    assert not report(BODY, "S:93A:UN").accepted


def test_it_is_a_map_file_and_nothing_else() -> None:
    assert message_maps()["ORDERS"].document == message_maps()["850"].document


@pytest.mark.parametrize(
    ("name", "number", "lines", "first"),
    [
        ("ORDERS_edifabric.edi", "128576", 1, ("48", "14.58")),
        ("ORDERS_oca_retail1.edi", "1AA1TEST", 3, ("5", "27.5")),
        ("ORDERS_pydifact.edi", "801715918011", 2, ("8", None)),
        ("ORDERS_smooks.edi", "0123456789123", 3, ("2", "10.5")),
        ("ORDERS_plica_deha.edi", "70-0639880", 9, ("3000", "24.1")),
        ("ORDERS_unog_group.edi", "C1441747", 1, ("288", "12.80")),
    ],
)
def test_samples(name: str, number: str, lines: int, first: tuple[str, str | None]) -> None:
    order = check(sample(name)).interchanges[0].groups[0].sets[0].document
    assert order is not None and order["number"] == number and len(order["lines"]) == lines
    assert (order["lines"][0]["quantity"], order["lines"][0]["price"]) == first
