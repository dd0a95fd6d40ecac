"""The 997 that answers a group: verdicts, codes and places; and no 997 for a 997."""

from __future__ import annotations

from typing import Any

import pytest

from services.edi import check, functional_acknowledgment, write_interchange

from .documents import ENVELOPE, only_set, payload

GOOD = "BEG*00*SA*PO-1**20260302\nPO1*1*2*EA*3"
LONG_UNIT = "BEG*00*SA*PO-1**20260302\nPO1*1*2*CASE*3"
NO_BASIS = "BEG*00*SA*PO-1**20260302\nPO1*1*2*EA**PE"


def answer(text: str) -> dict[str, Any]:
    (interchange,) = check(text.encode()).interchanges
    document = functional_acknowledgment(interchange.groups[0])
    assert document is not None
    return document


def segments(text: str) -> list[str]:
    """The 997 as it is sent, from AK1 to AK9; sent and read again it is the same."""
    document = answer(text)
    sending = write_interchange([document], ENVELOPE)
    assert sending.findings == ()
    report = check(sending.raw)
    assert report.accepted and report.interchanges[0].groups[0].sets[0].document == document
    return sending.raw.decode().split("~")[3:-4]


CASES = {
    "accepted": (payload(GOOD), ["AK1*PO*7", "AK2*850*0001", "AK5*A", "AK9*A*1*1*1"]),
    "accepted, errors noted": (
        payload(NO_BASIS),
        ["AK1*PO*7", "AK2*850*0001", "AK3*PO1*3**8", "AK4*4*212*2", "AK5*E*5", "AK9*E*1*1*1"],
    ),
    "rejected": (
        payload(LONG_UNIT),
        ["AK1*PO*7", "AK2*850*0001", "AK3*PO1*3**8", "AK4*3*355*5*CASE", "AK5*R*5", "AK9*R*1*1*0"],
    ),
    "partly": (
        payload(GOOD, LONG_UNIT),
        [
            "AK1*PO*7",
            "AK2*850*0001",
            "AK5*A",
            "AK2*850*0002",
            "AK3*PO1*3**8",
            "AK4*3*355*5*CASE",
            "AK5*R*5",
            "AK9*P*2*2*1",
        ],
    ),
    "two faults in one segment": (
        payload("BEG*00*SA*PO-1**20260302\nPO1*1*x*CASE*3"),
        [
            "AK1*PO*7",
            "AK2*850*0001",
            "AK3*PO1*3**8",
            "AK4*2*330*6*x",
            "AK4*3*355*5*CASE",
            "AK5*R*5",
            "AK9*R*1*1*0",
        ],
    ),
    "a mandatory segment is missing": (
        payload("PO1*1*2*EA"),
        ["AK1*PO*7", "AK2*850*0001", "AK3*BEG*1**3", "AK5*R*5", "AK9*R*1*1*0"],
    ),
    "an unknown segment": (
        payload(GOOD + "\nP01*1"),
        ["AK1*PO*7", "AK2*850*0001", "AK3*P01*4**1", "AK5*R*5", "AK9*R*1*1*0"],
    ),
    "an unused segment": (
        payload("BEG*00*SA*PO-1**20260302\nBSN*00*11*20260302*0900\nPO1*1*2*EA"),
        ["AK1*PO*7", "AK2*850*0001", "AK3*BSN*3**2", "AK5*E*5", "AK9*E*1*1*1"],
    ),
    "the count is wrong": (
        payload(GOOD).replace("SE*4", "SE*5"),
        ["AK1*PO*7", "AK2*850*0001", "AK5*R*4", "AK9*R*1*1*0"],
    ),
    "the set number twice": (
        payload(GOOD, GOOD).replace("*0002~", "*0001~"),
        ["AK1*PO*7", "AK2*850*0001", "AK5*A", "AK2*850*0001", "AK5*R*23", "AK9*P*2*2*1"],
    ),
    "the group counts wrong": (
        payload(GOOD).replace("GE*1", "GE*4"),
        ["AK1*PO*7", "AK2*850*0001", "AK5*R", "AK9*R*4*1*0*5"],
    ),
    "an old release": (
        payload(GOOD, version="003040"),
        ["AK1*PO*7", "AK2*850*0001", "AK5*R", "AK9*R*1*1*0*2"],
    ),
    "a document we do not read": (
        payload(GOOD, kind="852"),
        ["AK1*PO*7", "AK2*852*0001", "AK5*R*1", "AK9*R*1*1*0"],
    ),
    "005010 names its release": (
        payload(GOOD, version="005010"),
        ["AK1*PO*7*005010", "AK2*850*0001", "AK5*A", "AK9*A*1*1*1"],
    ),
    "a misspelt header": (
        payload(GOOD, GOOD).replace("ST*850*0002", "T*850*0002"),
        ["AK1*PO*7", "AK2*850*0001", "AK5*R", "AK9*R*2*1*0*5"],
    ),
    "a component": (
        payload("BCH*04*SA*PO-1***20260302\nPOC*1*QD*2**CASE", kind="860", functional_code="PC"),
        ["AK1*PC*7", "AK2*860*0001", "AK3*POC*3**8", "AK4*5>1*355*5*CASE", "AK5*R*5", "AK9*R*1*1*0"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_answers(name: str) -> None:
    text, expected = CASES[name]
    assert segments(text) == expected


def test_a_997_is_never_answered() -> None:
    text = payload("AK1*PO*7\nAK9*A*1*1*1", kind="997", functional_code="FA")
    (interchange,) = check(text.encode()).interchanges
    assert functional_acknowledgment(interchange.groups[0]) is None
    broken = text.replace("AK9*A*1*1*1", "AK9*?*1*1*1").replace("SE*4", "SE*9")
    assert functional_acknowledgment(check(broken.encode()).interchanges[0].groups[0]) is None


def test_edifact_is_not_answered_with_a_997() -> None:
    raw = b"UNB+UNOA:1+A+B+260302:0905+1'UNH+1+ORDERS:D:96A:UN'BGM+220+1+9'UNT+3+1'UNZ+1+1'"
    (interchange,) = check(raw).interchanges
    assert functional_acknowledgment(interchange.groups[0]) is None


def test_warnings_that_the_standard_has_no_word_for_stay_here() -> None:
    document = answer(payload(GOOD + "\nCTT*9"))
    assert document["verdict"] == "A" and document["sets"][0]["segments"] == []


def test_a_partners_answer_is_read() -> None:
    text = payload(
        "AK1*IN*5\nAK2*810*0001\nAK3*TDS*9**8\nAK4*1*610*6*1O0\nAK5*R*5*4\nAK9*P*3*3*2*5",
        kind="997",
        functional_code="FA",
    )
    assert only_set(text).document == {
        "document": "functional_acknowledgment",
        "group": {"functional_code": "IN", "control": "5", "version": None},
        "sets": [
            {
                "kind": "810",
                "control": "0001",
                "verdict": "R",
                "codes": ["5", "4"],
                "segments": [
                    {
                        "tag": "TDS",
                        "position": "9",
                        "loop": None,
                        "code": "8",
                        "elements": [
                            {
                                "number": "1",
                                "component": None,
                                "reference": "610",
                                "code": "6",
                                "value": "1O0",
                            }
                        ],
                    }
                ],
            }
        ],
        "verdict": "P",
        "included": "3",
        "received": "3",
        "accepted": "2",
        "codes": ["5"],
    }
