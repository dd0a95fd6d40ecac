"""Bytes into interchanges: separators, wrapped lines, character sets, junk; and nothing ever raises."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.edi import Payload, check, cut, functional_acknowledgment
from services.edi.x12_cutter import LONGEST_ELEMENT, MOST_SEGMENTS

from .documents import PURCHASE_ORDER, SAMPLES, payload

ORDER = payload("BEG*00*SA*PO-1**20260302\nPO1*1*2*EA*3")
PREFIX = ORDER[: ORDER.index("BEG")].encode()
UNPADDED = "ISA*00**00**ZZ*SHOPS*ZZ*MILLER*260302*0905*U*00401*000000041*0*P*:~"
EDIFACT = (
    "UNB+UNOC:3+SHOPS:14+MILLER:14+260302:0905+41'UNH+1+ORDERS:D:96A:UN:EAN008'BGM+220+PO-1+9'"
    "DTM+137:20260302:102'FTX+AAI+++it?'s 5?+3 ?? yes?:no'LIN+1'QTY+21:2'UNS+S'UNT+8+1'UNZ+1+41'"
)


def tags(found: Payload) -> list[str]:
    return [
        segment.tag
        for interchange in found.interchanges
        for group in interchange.groups
        for one in group.sets
        for segment in one.segments
    ]


def separated(element: str, component: str, segment: str) -> str:
    return (
        ORDER.replace("*", "\x01")
        .replace(">", "\x02")
        .replace("~", "\x03")
        .replace("\x01", element)
        .replace("\x02", component)
        .replace("\x03", segment)
    )


LAYOUTS = {
    "as the standard says": ORDER,
    "pipe and newline": separated("|", ">", "\n"),
    "pipe and carriage return newline": separated("|", ">", "\r\n"),
    "tilde as element separator": separated("~", "`", "*"),
    "tilde as component, carriage return newline": separated("*", "~", "\r\n"),
    "control characters": separated("\x1c", "\x1f", "\x1d"),
    "an ellipsis as terminator": separated("*", ">", "…"),
    "a line for each segment": ORDER.replace("~", "~\r\n"),
    "indented": ORDER.replace("~", "~\n    "),
    "wrapped after 80 characters": "\n".join(ORDER[at : at + 80] for at in range(0, len(ORDER), 80)),
    "empty segments": ORDER.replace("~", "~~\n~"),
    "unpadded ISA": UNPADDED + ORDER[ORDER.index("GS*") :],
    "ISA16 missing": (ORDER[:104] + ORDER[105:]).replace("~", "~\n"),
    "no last terminator": ORDER[:-1],
    "another last terminator": ORDER[:-1] + "^",
    "a byte order mark": "\ufeff" + ORDER,
    "the end-of-file character of old systems": ORDER + "\x1a",
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_is_the_same_order(name: str) -> None:
    found = cut(LAYOUTS[name].encode())
    assert tags(found) == ["ST", "BEG", "PO1", "SE"]
    (interchange,) = found.interchanges
    order = interchange.groups[0].sets[0]
    assert (interchange.control, interchange.sender, interchange.receiver) == ("000000041", "SHOPS", "MILLER")
    assert [segment.position for segment in order.segments] == [1, 2, 3, 4]
    assert order.segments[2].elements == ("1", "2", "EA", "3")
    assert interchange.trailer is not None and interchange.trailer.at("02") == "000000041"
    assert check(LAYOUTS[name].encode()).accepted


def test_offsets_point_at_the_segment() -> None:
    text = ORDER.replace("~", "~\n  ")
    for segment in cut(text.encode()).interchanges[0].groups[0].sets[0].segments:
        assert text[segment.offset :].startswith(segment.tag + "*")


def test_a_forgotten_terminator_at_a_line_end_loses_no_segment() -> None:
    text = ORDER.replace("~", "~\n").replace("20260302~\nPO1", "20260302\nPO1")
    found = check(text.encode())
    assert found.accepted and tags(cut(text.encode())) == ["ST", "BEG", "PO1", "SE"]
    assert "the terminator before PO1 is missing" in found.all_findings()[0].message


def test_a_wrapped_line_is_not_taken_for_a_segment() -> None:
    text = ORDER.replace("PO-1", "PO\nN1*1")
    assert cut(text.encode()).interchanges[0].groups[0].sets[0].segments[1].at("03") == "PON1"


def test_several_interchanges_with_their_own_separators() -> None:
    other = separated("|", ">", "\n").replace("000000041", "000000042")
    found = check((ORDER + "\r\n" + other).encode())
    assert found.accepted and [one.interchange.control for one in found.interchanges] == [
        "000000041",
        "000000042",
    ]


def test_an_interchange_without_end_stops_at_the_next() -> None:
    found = check((ORDER[: ORDER.index("GE*")] + ORDER.replace("000000041", "000000042")).encode())
    assert [one.accepted for one in found.interchanges] == [False, True]


def test_junk_is_left_out_and_told() -> None:
    found = cut(b"Subject: order\r\n\r\n" + ORDER.encode() + b"-- \r\nSent by FTP")
    assert len(found.interchanges) == 1
    assert [one.message.split(" stand ")[1] for one in found.findings] == [
        "before an interchange and were left out",
        "after the end of an interchange and were left out",
    ]


NOT_EDI = {
    "nothing": b"",
    "blanks": b" \r\n",
    "a letter": b"Dear supplier, our VISA-GOLD-card",
    "html": b"<html></html>",
    "json": b'{"order": 1}',
    "zeros": bytes(50),
    "a set without envelope": b"ST*850*0001~BEG*00*SA*1**20260302~",
    "tradacoms": b"STX=ANA:1+:SHOP+:MILLER+940321+REF'",
}


@pytest.mark.parametrize("name", NOT_EDI)
def test_what_is_not_edi_has_one_finding_and_no_interchange(name: str) -> None:
    found = cut(NOT_EDI[name])
    assert found.interchanges == () and len(found.findings) == 1
    assert found.findings[0].severity == "error" and found.findings[0].message.startswith("not EDI")


def test_tradacoms_is_named() -> None:
    assert "TRADACOMS" in cut(NOT_EDI["tradacoms"]).findings[0].hint


def test_gb18030_is_decoded_before_it_is_cut() -> None:
    """The second byte of 亊 is 0x7E, the tilde that ends segments."""
    raw = payload("BEG*00*SA*PO-1**20260302\nPO1*1*2*EA*3\nPID*F****商品亊1").encode("gb18030")
    assert b"\x81~" in raw
    found = cut(raw, "gb18030")
    assert found.charset == "gb18030" and found.findings == ()
    assert found.interchanges[0].groups[0].sets[0].segments[3].at("05") == "商品亊1"


CHARSETS = {
    "utf-8": ("utf-8", None, "utf-8", 0),
    "latin-1 undeclared": ("iso8859-1", None, "iso8859-1", 1),
    "latin-1 by profile": ("iso8859-1", "iso8859-1", "iso8859-1", 0),
    "utf-16": ("utf-16", None, "utf-16-le", 0),
    "a profile that is wrong": ("utf-8", "ascii", "utf-8", 1),
    "a profile that does not exist": ("utf-8", "klingon", "utf-8", 1),
}


@pytest.mark.parametrize("name", CHARSETS)
def test_character_sets(name: str) -> None:
    sent, profile, used, findings = CHARSETS[name]
    found = cut(payload("BEG*00*SA*MÜLLER**20260302").encode(sent), profile)
    assert found.charset == used and len(found.findings) == findings
    assert found.interchanges[0].groups[0].sets[0].segments[1].at("03") == "MÜLLER"


def test_nul_bytes_are_told_and_left_out() -> None:
    found = cut(ORDER.encode() + bytes(200))
    assert len(found.interchanges) == 1 and "200 NUL bytes" in found.findings[0].message


def test_edifact_releases_and_service_characters() -> None:
    segments = cut(EDIFACT.encode()).interchanges[0].groups[0].sets[0].segments
    assert segments[3].at("04-1") == "it's 5+3 ? yes:no" and segments[3].at("04") == "it's 5+3 ? yes:no"
    other = "UNA*!,. _\n" + EDIFACT.replace("?'", "\x01").translate(str.maketrans("+:'?", "!*_."))
    (interchange,) = cut(other.replace("\x01", ".'").encode()).interchanges
    assert interchange.groups[0].sets[0].segments[1].at("02") == "PO-1"
    assert interchange.separators.decimal_mark == ","


def test_edifact_text_that_looks_like_una_is_text() -> None:
    found = cut(EDIFACT.replace("it?'s", "L?'UNAVAILABLE UNB").encode())
    assert len(found.interchanges) == 1 and found.findings == ()
    assert "L'UNAVAILABLE UNB" in found.interchanges[0].groups[0].sets[0].segments[3].at("04")


def test_edifact_two_interchanges_a_group_and_wrapped_lines() -> None:
    grouped = EDIFACT.replace("'UNH", "'UNG+ORDERS+SHOPS+MILLER+260302:0905+5+UN+D:96A'UNH").replace(
        "'UNZ", "'UNE+1+5'UNZ"
    )
    text = EDIFACT.replace("QTY+21:2", "QTY+2\r\n1:2") + "\n" + grouped.replace("+41'", "+42'")
    found = check(text.encode())
    assert [one.interchange.control for one in found.interchanges] == ["41", "42"] and found.accepted
    assert found.interchanges[1].interchange.groups[0].control == "5"


def test_limits_are_findings() -> None:
    many = ORDER.replace("PO1*1*2*EA*3~", "PO1*1*2*EA*3~" * (MOST_SEGMENTS + 1))
    found = cut(many.encode()).interchanges[0]
    assert [one.code for one in found.findings] == ["024"] and found.trailer is not None
    long = cut(ORDER.replace("PO-1", "X" * (LONGEST_ELEMENT + 1)).encode()).interchanges[0]
    assert [one.code for one in long.findings] == ["024"]
    assert len(long.groups[0].sets[0].segments[1].at("03")) == LONGEST_ELEMENT


def survives(raw: bytes) -> None:
    """Read, judge, print and answer: whatever it is, nobody crashes."""
    report = check(raw)
    report.lines()
    for interchange in report.interchanges:
        for group in interchange.groups:
            functional_acknowledgment(group)


@pytest.mark.parametrize("text", [payload(PURCHASE_ORDER), EDIFACT, ORDER.replace("~", "\r\n")])
def test_cut_off_at_every_byte(text: str) -> None:
    raw = text.encode()
    for length in range(len(raw)):
        survives(raw[:length])
        accepted = check(raw[:length]).accepted
        assert not accepted or length >= len(raw) - 2, f"{length} bytes of {len(raw)} were accepted"


def test_samples_cut_off_anywhere() -> None:
    if not SAMPLES.exists():
        pytest.skip("shared/edi/samples is not on this machine: test data outside the project")
    for path in sorted(SAMPLES.glob("*.edi")):
        raw = path.read_bytes()
        for length in range(0, min(len(raw), 4000), 37):
            survives(raw[:length])


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes(raw: bytes) -> None:
    survives(raw)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(ORDER) - 1), st.binary(max_size=6), st.integers(0, 20), st.booleans())
def test_damaged_documents(at: int, patch: bytes, cut_out: int, edifact: bool) -> None:
    raw = (EDIFACT if edifact else payload(PURCHASE_ORDER)).encode()
    survives(raw[:at] + patch + raw[at + cut_out :])


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(
        ["ISA*", "ISA", "GS*", "ST*850*1~", "UNB+UNOA:1+", "UNA:+.? '", "~", "*", "\n", "'"]
    ).flatmap(
        lambda first: st.lists(
            st.sampled_from(["ISA*00*", "*", "~", "GE*", "IEA*1*1", "ST*850*1~", "'", "UNH+", first]),
            max_size=60,
        )
    )
)
def test_shreds_of_envelopes(pieces: list[str]) -> None:
    survives("".join(pieces).encode())


HOSTILE = {
    "headers without end": b"ISA*0*" * 100_000,
    "interchanges without end": b"UNB+UNOA:1+A+B+260302:0905+1'" * 30_000,
    "a text without end": PREFIX + b"BEG*00*SA*1**20260302~PO1~" + b"PID*F****12345678901234567890~" * 90_000,
    "lines without terminator": PREFIX.replace(b"~", b"~\n") + b"x\n" * 300_000,
    "elements without end": PREFIX + b"PO1" + b"*1" * 500_000 + b"~",
    "release characters without end": b"UNB+UNOA:1+A+B+" + b"?" * 1_000_000,
    "packs in packs in packs": PREFIX.replace(b"850", b"856")
    + b"BSN*00*1*20260302*0900~HL*1**S~"
    + b"".join(b"HL*%d*%d*P~" % (number, number - 1) for number in range(2, 4000)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_payloads_end(name: str) -> None:
    """Not timed: an algorithm that is not linear would not come back before the patience of whoever waits."""
    survives(HOSTILE[name])
