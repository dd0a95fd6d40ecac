"""EDI traffic: what is said once, what may be replaced or tried again, and control numbers without gaps."""

from __future__ import annotations

from typing import Any

import pytest

from domain.aggregate import deciding_at
from domain.interchange import ControlNumbers, EdiDocument, Finding, Interchange, OrderPaper, OutboundDocument, Payload, kept
from domain.interchange.document import ALREADY_DECIDED, SYNTAX_REJECTED
from domain.interchange.outgoing import ACKNOWLEDGED_OTHERWISE, NOT_SENDABLE
from domain.refusal import Refused
from tests.given import MOMENT

WRONG = Finding("error", "set", "4", "SE01 says 9 but there are 7 segments", "SE", 7, "01")


def named(aggregate: Any) -> list[str]:
    """What happened to it since it was last asked."""
    return [type(event).__name__ for event in aggregate.collect_events()]


@pytest.fixture(autouse=True)
def moment() -> Any:
    with deciding_at(MOMENT):
        yield


def document(**facts: Any) -> EdiDocument:
    whole: dict[str, Any] = {
        "interchange": "interchange/1", "kind": "purchase_order", "type": "850", "version": "004010", "control": "1",
        "partner": "shops", "company": "acme", "test": False, "verdict": "A", "document": {}, "findings": (), **facts,
    }
    return EdiDocument.receive("edi-document/1", **whole)


def outbound(**facts: Any) -> OutboundDocument:
    whole: dict[str, Any] = {
        "company": "acme", "partner": "shops", "kind": "855", "about": "order/1", "control": 1, "group_control": 1,
        "test": False, "digest": "d", "document": {}, **facts,
    }
    return OutboundDocument.write("edi-out/1", **whole)


def test_a_payload_is_cut_once() -> None:
    payload = Payload.receive("d", 10, "http", None)
    payload.cut(("interchange/1",), (WRONG,))
    payload.cut((), ())
    assert (payload.id, payload.state.interchanges, payload.state.findings) == ("edi-payload/d", ("interchange/1",), (WRONG,))
    assert named(payload) == ["Received", "Cut"]


def test_only_a_rejected_interchange_may_be_replaced_and_once() -> None:
    def audited(verdict: str) -> Interchange:
        stream = Interchange.stream("12:SHOPS", "ZZ:ACME", "41")
        one = Interchange.receive(
            stream, sender="12:SHOPS", receiver="ZZ:ACME", control="41", digest="d", size=1, door="http", charset=None,
            reused_control=False,
        )
        facts = {"partner": "shops", "test": False, "findings": (), "documents": (), "acknowledgment": None}
        one.audited(verdict=verdict, **facts)
        one.audited(verdict="A", **facts)
        return one

    assert audited("R").id == "interchange/12%3ASHOPS/ZZ%3AACME/41"
    assert [audited(verdict).may_be_replaced for verdict in "AEPR"] == [False, False, False, True]
    one = audited("R")
    one.replaced("interchange/2")
    assert not one.may_be_replaced
    assert named(one) == ["Received", "Audited", "Replaced"]


def test_a_document_is_held_once_for_each_reason_and_accepted_once() -> None:
    one = document()
    one.hold("a", "Why.")
    one.hold("a", "Why.")
    one.hold("b", "Another.")
    one.accept("order/1")
    one.accept("order/2")
    one.hold("c", "Too late.")
    assert (one.state.outcome, one.state.effect) == ("accepted", "order/1")
    assert named(one) == ["Received", "Held", "Held", "Accepted"]


def test_a_document_is_dismissed_until_it_had_its_effect() -> None:
    one = document()
    one.refuse("edi.dismissed", "sent by mistake")
    one.refuse("edi.dismissed", "again")
    assert one.state.outcome == "refused" and one.settled
    done = document()
    done.accept("order/1")
    with pytest.raises(Refused) as refused:
        done.refuse("edi.dismissed", "too late")
    assert refused.value.code == ALREADY_DECIDED.code


def test_only_a_held_document_is_tried_again() -> None:
    one = document(partner=None, company=None, effective=False)
    one.hold("edi.unknown_partner", "Nobody.")
    one.try_again(kind="purchase_order", type="850", partner="shops", company="acme", document={})
    state = one.state
    assert (state.outcome, state.partner, state.company, state.effective) == ("received", "shops", "acme", True)
    rejected = document(verdict="R", effective=False)
    rejected.refuse("edi.rejected", "SE01 is wrong")
    for one, code in ((rejected, SYNTAX_REJECTED.code), (_accepted(), ALREADY_DECIDED.code)):
        with pytest.raises(Refused) as refused:
            one.check_can_be_tried()
        assert refused.value.code == code


def _accepted() -> EdiDocument:
    one = document()
    one.accept("order/1")
    return one


def test_the_paper_of_an_order_is_the_last_that_states_it() -> None:
    paper = OrderPaper.state_order("order/acme/shops/PO-1/-", "edi-document/1")
    paper.state_anew("edi-document/1")
    paper.state_anew("edi-document/2")
    assert (paper.id, paper.state.document) == ("edi-order/acme/shops/PO-1/-", "edi-document/2")
    assert named(paper) == ["Stated", "StatedAnew"]


def test_control_numbers_leave_no_gap_and_begin_anew_after_nine_digits() -> None:
    numbers = ControlNumbers.open("acme", "shops")
    assert [numbers.next(), numbers.take(), numbers.take()] == [(1, 1), (1, 1), (2, 2)]
    numbers.state.interchange = 999_999_999
    assert numbers.take() == (1, 3)


def test_what_was_sent_is_delivered_and_acknowledged_once() -> None:
    one = outbound()
    one.delivered(MOMENT, "sftp")
    one.delivered(MOMENT, "http")
    one.acknowledged("E", "edi-document/9", [WRONG])
    one.acknowledged("E", "edi-document/10")
    assert named(one) == ["Written", "Delivered", "Acknowledged"]
    with pytest.raises(Refused) as refused:
        one.acknowledged("R", "edi-document/11")
    assert refused.value.code == ACKNOWLEDGED_OTHERWISE.code
    with pytest.raises(Refused) as unsent:
        outbound(sendable=False).delivered(MOMENT, "sftp")
    assert unsent.value.code == NOT_SENDABLE.code


def test_a_million_findings_are_not_kept() -> None:
    assert kept([WRONG] * 3) == (WRONG,) * 3
    many = kept([WRONG] * 1_000)
    assert len(many) == 201 and many[-1].message == "and 800 findings more"
