"""Remittances and invoices add up, or say what does not: the traps that cost money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from services.edi import Finding, ReadingRules, check

from .documents import only_set, payload, sample


def problems(findings: tuple[Finding, ...]) -> list[str]:
    return [one.message for one in findings if one.level == "set"]


def remittance(body: str) -> tuple[list[str], dict[str, Any]]:
    one = only_set(
        payload("BPR*I*{}\nTRN*1*T-1\nENT*1\n{}".format(*body.split("|")), kind="820", functional_code="RA")
    )
    assert one.document is not None and one.verdict == "A"
    return problems(one.findings), one.document


# total|segments -> what does not add up
CASES = {
    "net is gross less discount": ("98*C*CHK|RMR*IV*I-1**98*100*2", []),
    "an adjustment inside explains, it does not deduct again": (
        "88*C*CHK|RMR*IV*I-1**88*100*2\nADX*-10*59*CM*D-1",
        [],
    ),
    "two adjustments inside": ("85*C*CHK|RMR*IV*I-1**85*100*2\nADX*-10*59*CM*D-1\nADX*-3*04", []),
    "an adjustment beside adds to the entries": ("78*C*CHK|ADX*-20*99*CM*C-1\nRMR*IV*I-1**98*100*2", []),
    "a credit memo entry": ("58*C*CHK|RMR*IV*I-1**98*100*2\nRMR*CM*C-9**-40*-40", []),
    "no gross, nothing to check": ("98*C*CHK|RMR*IV*I-1**98", []),
    "a payment larger than its entries": (
        "99.50*C*CHK|RMR*IV*I-1**98*100*2",
        ["the payment of 99.50 is not the sum of its entries 98 and adjustments 0; 1.50 is unreconciled"],
    ),
    "a payment smaller than its entries": (
        "90*C*CHK|RMR*IV*I-1**98*100*2",
        ["the payment of 90 is not the sum of its entries 98 and adjustments 0; -8 is unreconciled"],
    ),
    "gross and net swapped": ("100*C*CHK|RMR*IV*I-1**100*98*-2", []),
    "gross and net swapped, discount positive": (
        "100*C*CHK|RMR*IV*I-1**100*98*2",
        ["entry IV I-1: paid 100 and gross 98 seem to be swapped"],
    ),
    "the adjustment's sign is turned": (
        "88*C*CHK|RMR*IV*I-1**88*100*2\nADX*10*59",
        ["entry IV I-1: the adjustments of 10 have the opposite sign"],
    ),
    "a deduction without a reason": (
        "90*C*CHK|RMR*IV*I-1**90*100*2",
        ["entry IV I-1: paid 90 is not gross 100 less discount 2, adjusted by 0; -8 is unexplained"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_remittances(name: str) -> None:
    body, expected = CASES[name]
    assert remittance(body)[0] == expected


def test_where_an_adjustment_stands_decides_what_it_is_of() -> None:
    _, document = remittance(
        "68*C*CHK|ADX*-20*99*CM*C-1\nREF*ZZ*9\nRMR*IV*I-1**88*100*2\nREF*PO*P\nADX*-10*59*CM*D-1"
    )
    assert document["adjustments"] == [
        {
            "amount": "-20",
            "reason": "99",
            "reference_qualifier": "CM",
            "reference": "C-1",
            "references": [{"qualifier": "ZZ", "value": "9"}],
        }
    ]
    (entry,) = document["entries"]
    assert [one["reference"] for one in entry["adjustments"]] == ["D-1"]


def test_entries_without_a_division() -> None:
    one = only_set(payload("BPR*I*98*C*CHK\nRMR*IV*I-1**98*100*2", kind="820", functional_code="RA"))
    assert one.findings == () and one.document is not None and len(one.document["entries"]) == 1


def test_two_divisions_are_one_list_of_entries() -> None:
    _, document = remittance("3*C*CHK|RMR*IV*A**1\nENT*2\nRMR*IV*B**2")
    assert [entry["reference"] for entry in document["entries"]] == ["A", "B"]


def invoice(body: str) -> list[str]:
    one = only_set(payload(f"BIG*20260310*I-1\n{body}", kind="810", functional_code="IN"))
    assert one.document is not None
    return problems(one.findings)


INVOICES = {
    "lines add up": ("IT1*1*3*EA*1.25\nTDS*375", []),
    "a charge is added": ("IT1*1*3*EA*1.25\nTDS*1075\nSAC*C*D240***700", []),
    "an allowance is taken off": ("IT1*1*3*EA*1.25\nTDS*325\nSAC*A*C310***50", []),
    "a tax is added": ("IT1*1*3*EA*1.25\nTDS*400\nTXI*TX*.25", []),
    "catch weight": (
        "IT1*1*6300.00*LB*1.36\nTDS*856044",
        ["the invoice total 8560.44 differs by -7.5600 from what its lines add up to"],
    ),
    "no price, no check": ("IT1*1*3*EA\nTDS*375", []),
}


@pytest.mark.parametrize("name", INVOICES)
def test_invoices(name: str) -> None:
    body, expected = INVOICES[name]
    assert invoice(body) == expected


def test_a_real_remittance_reconciles_to_the_cent() -> None:
    one = only_set(sample("820_walmart_5010.edi"))
    assert one.verdict == "A" and problems(one.findings) == []
    assert one.document is not None and one.document["total"] == "21298.97"
    entries = one.document["entries"]
    assert sum(Decimal(entry["paid"]) for entry in entries) == Decimal("21298.97")
    first = entries[0]
    assert first["adjustments"][0]["amount"] == "-143.76" and first["adjustments"][0]["reason"] == "59"
    explained = (
        Decimal(first["gross"]) - Decimal(first["discount"]) + Decimal(first["adjustments"][0]["amount"])
    )
    assert explained == Decimal(first["paid"]) == Decimal("4408.75")


def test_a_template_of_words_is_rejected() -> None:
    (interchange,) = check(sample("820_homedepot_template.edi"), ReadingRules()).interchanges
    (one,) = interchange.groups[0].sets
    assert one.verdict == "R"
    assert {(f.segment, f.code) for f in one.findings if f.severity == "error"} == {
        ("BPR", "6"),
        ("DTM", "8"),
        ("RMR", "6"),
    }
