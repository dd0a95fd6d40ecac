"""Envelope findings: one table of changes to a right interchange, and what each must be answered with."""

from __future__ import annotations

import pytest

from services.edi import ReadingRules, check

from .documents import codes, payload

BODY = "BEG*00*SA*PO-1**20260302\nPO1*1*2*EA*3"
RIGHT = payload(BODY, BODY)

CASES: dict[str, tuple[list[tuple[str, str]], list[tuple[str, str, str]]]] = {
    "nothing wrong": ([], []),
    "IEA02 is not ISA13": ([("IEA*1*000000041", "IEA*1*000000042")], [("interchange", "001", "IEA")]),
    "IEA02 not padded": ([("IEA*1*000000041", "IEA*1*41")], [("interchange", "001", "IEA")]),
    "IEA01 counts wrong": ([("IEA*1*", "IEA*3*")], [("interchange", "021", "IEA")]),
    "IEA missing": ([("IEA*1*000000041~", "")], [("interchange", "023", "ISA")]),
    "ISA13 is text": (
        [("*000000041*0*P", "*A00000041*0*P"), ("IEA*1*000000041", "IEA*1*A00000041")],
        [("interchange", "018", "ISA")],
    ),
    "ISA15 unknown": ([("*0*P*>", "*0*Q*>")], [("interchange", "014", "ISA")]),
    "no receiver": ([("ZZ*MILLER         ", "ZZ*               ")], [("interchange", "008", "ISA")]),
    "no sender": ([("12*SHOPS          ", "12*               ")], [("interchange", "006", "ISA")]),
    "GE missing": ([("GE*2*7~", "")], [("group", "3", "GS")]),
    "GE02 is not GS06": ([("GE*2*7", "GE*2*8")], [("group", "4", "GE")]),
    "GE01 counts wrong": ([("GE*2*7", "GE*1*7")], [("group", "5", "GE")]),
    "GS06 is text": ([("0905*7*X", "0905*A7*X"), ("GE*2*7", "GE*2*A7")], [("group", "6", "GS")]),
    "an old release": ([("X*004010", "X*003060")], [("group", "2", "GS")]),
    "no release": ([("*X*004010", "*X")], [("group", "2", "GS")]),
    "SE missing": ([("SE*4*0002~", "")], [("set", "2", "ST")]),
    "SE02 is not ST02": ([("SE*4*0002", "SE*4*0003")], [("set", "3", "SE")]),
    "SE01 counts wrong": ([("SE*4*0001", "SE*5*0001")], [("set", "4", "SE")]),
    "SE01 is text": ([("SE*4*0001", "SE*four*0001")], [("set", "4", "SE")]),
    "ST02 twice": ([("ST*850*0002", "ST*850*0001"), ("SE*4*0002", "SE*4*0001")], [("set", "23", "ST")]),
    "ST01 empty": ([("ST*850*0002", "ST**0002")], [("set", "6", "ST"), ("set", "1", "ST")]),
    "ST02 empty": ([("ST*850*0002", "ST*850"), ("SE*4*0002", "SE*4")], [("set", "7", "ST")]),
    "ST misspelt": ([("ST*850*0002", "T*850*0002")], [("group", "", "T"), ("group", "5", "GE")]),
    "a document we do not read": ([("ST*850*0002", "ST*852*0002")], [("set", "1", "ST")]),
    "GS01 of another document": ([("GS*PO", "GS*IN")], [("set", "", "GS"), ("set", "", "GS")]),
}


@pytest.mark.parametrize("name", CASES)
def test_envelope(name: str) -> None:
    changes, expected = CASES[name]
    text = RIGHT
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    assert codes(check(text.encode())) == expected


VERDICTS = {
    "all right": ([], True, "A", ["A", "A"]),
    "one set counts wrong": ([("SE*4*0001", "SE*5*0001")], True, "P", ["R", "A"]),
    "the group counts wrong": ([("GE*2*7", "GE*3*7")], True, "R", ["R", "R"]),
    "the interchange number differs": ([("IEA*1*000000041", "IEA*1*000000042")], False, "A", ["A", "A"]),
    "an old release": ([("X*004010", "X*002040")], True, "R", ["R", "R"]),
    "a release with a suffix": ([("X*004010", "X*004010VICS")], True, "A", ["A", "A"]),
    "005010": ([("X*004010", "X*005010")], True, "A", ["A", "A"]),
}


@pytest.mark.parametrize("name", VERDICTS)
def test_verdicts(name: str) -> None:
    changes, accepted, group, sets = VERDICTS[name]
    text = RIGHT
    for before, after in changes:
        text = text.replace(before, after)
    (interchange,) = check(text.encode()).interchanges
    assert interchange.accepted is accepted
    assert interchange.groups[0].verdict == group
    assert [one.verdict for one in interchange.groups[0].sets] == sets
    acted_upon = sets.count("A") if accepted and group != "R" else 0
    assert len(interchange.accepted_sets()) == acted_upon


def test_a_split_batch_by_profile() -> None:
    text = RIGHT.replace("GE*2*7", "GE*9*7").encode()
    assert not check(text).accepted
    assert check(text, ReadingRules(lenient_group_count=True)).accepted
    fewer = RIGHT.replace("GE*2*7", "GE*1*7").encode()
    assert not check(fewer, ReadingRules(lenient_group_count=True)).accepted


def test_an_old_release_by_profile() -> None:
    old = payload("BEG*00*SA*PO-1**260302\nPO1*1*2*EA*3", version="003060").encode()
    assert check(old).interchanges[0].groups[0].sets[0].document is None
    (one,) = check(old, ReadingRules(accepted_versions=("003060",))).interchanges[0].groups[0].sets
    assert one.verdict == "E" and one.document is not None and one.document["ordered_on"] == "2026-03-02"


def test_the_same_interchange_twice() -> None:
    report = check((RIGHT + RIGHT).encode())
    assert [one.accepted for one in report.interchanges] == [True, False]
    assert codes(report) == [("interchange", "025", "ISA")]


def test_the_same_group_number_twice() -> None:
    group = RIGHT[RIGHT.index("GS*") : RIGHT.index("IEA*")]
    report = check(RIGHT.replace("IEA*1", group + "IEA*2").encode())
    assert codes(report) == [("group", "19", "GS")]
    assert [one.verdict for one in report.interchanges[0].groups] == ["A", "R"]


def test_two_groups_of_two_documents() -> None:
    second = payload("AK1*IN*5\nAK9*A*1*1*1", kind="997", functional_code="FA")
    group = (
        second[second.index("GS*") : second.index("IEA*")].replace("*7*X", "*8*X").replace("GE*1*7", "GE*1*8")
    )
    report = check(RIGHT.replace("IEA*1", group + "IEA*2").encode())
    assert report.accepted
    assert [one.group.functional_code for one in report.interchanges[0].groups] == ["PO", "FA"]


def test_a_finding_says_where_and_what() -> None:
    text = RIGHT.replace("SE*4*0002", "SE*9*0002")
    (finding,) = check(text.encode()).all_findings()
    assert finding.position == 4 and finding.element == "01" and finding.value == "9"
    assert finding.offset == text.index("SE*9") and "SE01 says 9 but there are 4 segments" in finding.message


def test_test_traffic_is_known() -> None:
    assert check(RIGHT.replace("*0*P*>", "*0*T*>").encode()).interchanges[0].interchange.is_test
    assert not check(RIGHT.encode()).interchanges[0].interchange.is_test


def test_an_interchange_of_ta1_only() -> None:
    head, tail = RIGHT[: RIGHT.index("GS*")], RIGHT[RIGHT.index("IEA*") :].replace("IEA*1", "IEA*0")
    (one,) = check((head + "TA1*000000040*260301*0900*A*000~" + tail).encode()).interchanges
    assert one.accepted and one.interchange.acknowledgments[0].at("01") == "000000040"
