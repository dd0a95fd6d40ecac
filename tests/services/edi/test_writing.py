"""Writing interchanges: numbers, separators, character sets, and what may not leave."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.edi import Separators, check, message_maps, read_set, write_interchange, write_set
from services.edi.interchange import Segment, TransactionSet

from .canonical import (
    ACKNOWLEDGMENT,
    DOCUMENTS,
    INVOICE,
    ITEMS,
    PARTY,
    SHIP_NOTICE,
    body,
)
from .documents import ENVELOPE, only_set


def test_numbers_run_on_over_sets_and_groups() -> None:
    sending = write_interchange([INVOICE, SHIP_NOTICE, INVOICE], replace(ENVELOPE, set_control=98))
    report = check(sending.raw)
    assert report.accepted and sending.set_controls == ("0098", "0099", "0100")
    groups = report.interchanges[0].groups
    assert [(one.group.functional_code, one.group.control) for one in groups] == [("IN", "7"), ("SH", "8")]
    assert [one.control for group in groups for one in group.sets] == ["0098", "0099", "0100"]


def test_the_same_document_is_the_same_bytes() -> None:
    assert write_interchange([INVOICE], ENVELOPE).raw == write_interchange([INVOICE], ENVELOPE).raw


def test_separators_of_the_partner() -> None:
    marks = Separators(element="|", component=":", segment="\n")
    sending = write_interchange([INVOICE], replace(ENVELOPE, separators=marks))
    assert sending.raw.count(b"\n") == 21 and only_set(sending.raw).document == INVOICE


def test_an_order_number_with_a_separator_may_not_leave() -> None:
    sending = write_interchange([INVOICE | {"order_number": "PO*77"}], ENVELOPE)
    (finding,) = sending.findings
    assert (finding.segment, finding.element, finding.severity) == ("BIG", "04", "error")
    assert not sending.may_leave


def test_an_order_number_is_never_cut() -> None:
    assert not write_interchange([INVOICE | {"order_number": "9" * 23}], ENVELOPE).may_leave


def test_only_separators_in_use_are_forbidden() -> None:
    """The repetition separator ^ does not exist before release 00402."""
    line = INVOICE["lines"][0] | {"description": "2^3"}
    assert write_interchange([INVOICE | {"lines": [line]}], ENVELOPE).findings == ()
    later = replace(ENVELOPE, version="005010")
    assert len(write_interchange([INVOICE | {"lines": [line]}], later).findings) == 1


def test_a_text_with_a_separator_gets_a_blank_and_a_finding() -> None:
    line = INVOICE["lines"][0] | {"description": "OAT~BISCUITS*20>5"}
    sending = write_interchange([INVOICE | {"lines": [line]}], ENVELOPE)
    (finding,) = sending.findings
    assert finding.segment == "PID" and finding.severity == "warning" and sending.may_leave
    document = only_set(sending.raw).document
    assert document is not None and document["lines"][0]["description"] == "OAT BISCUITS 20 5"


REFUSED: dict[str, dict[str, Any]] = {
    "no number": {"number": None},
    "half a cent": {"total": "1.005"},
    "no date": {"dated": "soon"},
    "an amount in words": {"total": "ten"},
    "a type that is too long": {"type": "CREDIT"},
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_written_may_not_leave(name: str) -> None:
    sending = write_interchange([INVOICE | REFUSED[name]], ENVELOPE)
    assert not sending.may_leave
    assert all(one.message for one in sending.findings)


def test_too_many_items_may_not_leave() -> None:
    line = INVOICE["lines"][0] | {"items": ITEMS * 6}
    assert not write_interchange([INVOICE | {"lines": [line]}], ENVELOPE).may_leave


def test_an_unknown_document_and_a_bad_envelope_may_not_leave() -> None:
    assert not write_interchange([{"document": "poem"}], ENVELOPE).may_leave
    assert not write_interchange([INVOICE], replace(ENVELOPE, sender="A NAME OF SIXTEEN")).may_leave
    assert not write_interchange([INVOICE], replace(ENVELOPE, interchange_control=1_000_000_000)).may_leave
    assert not write_interchange([INVOICE], replace(ENVELOPE, usage="X")).may_leave
    assert not write_interchange([INVOICE], replace(ENVELOPE, set_control=1_000_000_000)).may_leave
    letter = Separators(element="*", component="x", segment="~")
    assert not write_interchange([INVOICE], replace(ENVELOPE, separators=letter)).may_leave
    same = Separators(element="*", component="*", segment="~")
    assert not write_interchange([INVOICE], replace(ENVELOPE, separators=same)).may_leave


def test_a_long_text_is_cut_with_a_finding_and_a_description_goes_on() -> None:
    words = " ".join(["BISCUIT"] * 20)
    line = INVOICE["lines"][0] | {"description": words}
    document = only_set(write_interchange([INVOICE | {"lines": [line]}], ENVELOPE).raw).document
    assert document is not None and document["lines"][0]["description"] == words
    party = PARTY | {"name": "N" * 61}
    (finding,) = write_interchange([ACKNOWLEDGMENT | {"parties": [party]}], ENVELOPE).findings
    assert finding.code == "5" and finding.severity == "warning"


def test_characters_that_do_not_exist_there() -> None:
    party = PARTY | {"name": "商品"}
    sending = write_interchange([ACKNOWLEDGMENT | {"parties": [party]}], replace(ENVELOPE, charset="ascii"))
    assert b"N1*ST*??*92" in sending.raw and len(sending.findings) == 1
    chinese = write_interchange([ACKNOWLEDGMENT | {"parties": [party]}], replace(ENVELOPE, charset="gb18030"))
    assert chinese.findings == () and "商品".encode("gb18030") in chinese.raw


def test_stores_of_two_kinds_take_their_own_segments() -> None:
    splits = [{"place_qualifier": "92", "place": f"{n:02d}", "quantity": "1"} for n in range(12)]
    splits.append({"place_qualifier": "UL", "place": "0012345000065", "quantity": "18"})
    order = DOCUMENTS["purchase_order"]
    order = order | {
        "lines": [order["lines"][0] | {"splits": splits}],
        "totals": {"lines": "1", "hash": "30"},
    }
    assert [line[:12] for line in body(order) if line.startswith("SDQ")] == [
        "SDQ*CA*92*00",
        "SDQ*CA*92*10",
        "SDQ*CA*UL*00",
    ]
    written = only_set(write_interchange([order], ENVELOPE).raw).document
    assert written is not None and written["lines"][0]["splits"] == splits


def test_one_set_alone_reads_back_without_an_envelope() -> None:
    message = message_maps()["810"]
    written = write_set(INVOICE, message)
    segments = [Segment("ST", ("810", "1"), 1, 0)]
    for number, one in enumerate(written.segments, 2):
        elements = tuple(one if isinstance(one, str) else ":".join(one) for one in one.elements)
        segments.append(Segment(one.tag, elements, number, 0, ":"))
    reading = read_set(TransactionSet("810", "1", tuple(segments), None), message)
    assert reading.document == INVOICE and reading.findings == ()
