"""Evidence documents: versions in any order, one effect of a repeat, and what cannot be stated."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal as D
from itertools import permutations
from typing import Any

import pytest

from domain import evidence_document as no
from domain.aggregate import deciding_at
from domain.evidence_document import (
    EvidenceAction,
    EvidenceDocument,
    EvidenceKind,
    StatedArrival,
    StatedLine,
    StatedSubstitute,
    Statement,
)
from domain.evidence_on_shipment import POSTED, SIGNED, day_of, moment_of, name_on, presented_on, received_on
from domain.shipment import ArrivalEvidence, DeliveredLine, ReceivedLine, Shipment, ShipmentLine, Substitute
from tests.domain.shipment_facts import ON_RECEIPT, ORDER, SIX, left
from tests.given import MOMENT, fact, given, replayed

SHIPMENT = "shipment/acme/S-1"
POSTED_AT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
TEA = StatedSubstitute("TEA-500", D(2), D(24), approved=True)


def line(received: str, accepted: str | None = None, number: str | None = "1", **more: Any) -> StatedLine:
    values: dict[str, Any] = {"order": ORDER, "line": number, "item": None, "condition": None, **more}
    return StatedLine(quantity=D(received), accepted=D(accepted or received), **values)


def said(version: int, *lines: StatedLine, action: EvidenceAction = EvidenceAction.STATE, **more: Any) -> Statement:
    values: dict[str, Any] = {
        "partner": "retailer-a", "shipment": SHIPMENT, "at": POSTED_AT, "on": None, "arrivals": (), **more,
    }  # fmt: skip
    return Statement(version=version, action=action, lines=lines, **values)


def cancelled(version: int, **more: Any) -> Statement:
    return said(version, action=EvidenceAction.CANCEL, **{"shipment": None, **more})


def facts_of(statement: Statement) -> dict[str, Any]:
    names = ("partner", "version", "action", "shipment", "at", "on", "arrivals", "lines")
    return {name: getattr(statement, name) for name in names} | {
        "sender": "retailer-a", "kind": EvidenceKind.RECEIVING_ADVICE, "number": "RA-1",
    }  # fmt: skip


def stated(statement: Statement) -> EvidenceDocument.Stated:
    return fact(EvidenceDocument.Stated, **facts_of(statement))


def again(statement: Statement) -> EvidenceDocument.StatedAgain:
    return fact(EvidenceDocument.StatedAgain, **facts_of(statement))


def first(statement: Statement, kind: EvidenceKind = EvidenceKind.RECEIVING_ADVICE) -> EvidenceDocument:
    return EvidenceDocument.stated("retailer-a", kind, "RA-1", statement)


def document(*statements: Statement, kind: EvidenceKind = EvidenceKind.RECEIVING_ADVICE) -> EvidenceDocument:
    """The document as these statements leave it, in this order."""
    with deciding_at(MOMENT):
        made = first(statements[0], kind)
        for statement in statements[1:]:
            made.state_again(statement)
    return made


def shipment(*lines: ShipmentLine) -> Shipment:
    made = replayed(Shipment, (left(ON_RECEIPT, *lines),), stream=SHIPMENT)
    assert made is not None
    return made


ONE, TWO = said(1, line("6", "5")), said(2, line("6"), action=EvidenceAction.REPLACE)


def test_a_document_is_named_by_sender_kind_and_number() -> None:
    outcome = given(EvidenceDocument).when_new(lambda: first(ONE)).then(stated(ONE))
    assert outcome.aggregate is not None
    assert outcome.aggregate.id == "evidence/retailer-a/RECEIVING_ADVICE/RA-1"
    assert EvidenceDocument.stream("a/b", EvidenceKind.POD, "P 1") == "evidence/a%2Fb/POD/P%201"


def test_a_higher_version_counts_and_one_that_comes_late_does_not() -> None:
    given(EvidenceDocument, stated(ONE)).when(lambda d: d.state_again(TWO)).then(again(TWO)).then_state(newest=TWO)
    late = given(EvidenceDocument, stated(TWO)).when(lambda d: d.state_again(ONE))
    late.then(again(ONE)).then_state(newest=TWO)
    given(EvidenceDocument, stated(TWO), again(ONE)).when(lambda d: d.state_again(ONE)).then_nothing()
    given(EvidenceDocument, stated(TWO), again(ONE)).when(lambda d: d.state_again(TWO)).then_nothing()


def test_the_same_content_is_the_same_however_it_is_written() -> None:
    """Lines in another order, 6.0 for 6, the same instant in another zone."""
    chicago = timezone(-timedelta(hours=6))
    came = StatedArrival(ArrivalEvidence.CHECK_IN, POSTED_AT)
    before = said(1, line("6", substitutes=(TEA,)), line("2", number="2"), arrivals=(came,))
    tea = replace(TEA, quantity=D("2.00"))
    written = said(
        1, line("2.0", number="2"), line("6.0", substitutes=(tea,)), at=POSTED_AT.astimezone(chicago),
        arrivals=(replace(came, at=POSTED_AT.astimezone(chicago)),),
    )  # fmt: skip
    given(EvidenceDocument, stated(before)).when(lambda d: d.state_again(written)).then_nothing()


OTHERWISE = {
    "another count": said(1, line("6")),
    "another line": said(1, line("6", "5", "2")),
    "an item in place of a line": said(1, line("6", "5", None, item="1")),
    "a condition": said(1, line("6", "5", condition="DAMAGED")),
    "a substitute": said(1, line("6", "5", substitutes=(TEA,))),
    "another shipment": said(1, line("6", "5"), shipment="shipment/acme/S-2"),
    "another time": said(1, line("6", "5"), at=POSTED_AT + timedelta(seconds=1)),
    "a day": said(1, line("6", "5"), on=date(2026, 3, 2)),
    "an arrival": said(1, line("6", "5"), arrivals=(StatedArrival(ArrivalEvidence.CHECK_IN, POSTED_AT),)),
    "another customer": said(1, line("6", "5"), partner="retailer-b"),
    "a cancellation": cancelled(1),
}


@pytest.mark.parametrize("case", OTHERWISE)
def test_a_version_with_other_content_is_refused(case: str) -> None:
    given(EvidenceDocument, stated(ONE), again(said(4, line("6")))).when(
        lambda d: d.state_again(OTHERWISE[case])
    ).then_refused(
        no.CONTENT_DIFFERS,
        "Receiving advice RA-1 of retailer-a, version 1 was stated before with other content. Send what it says now"
        " under a higher version, 5 or above.",
    )


def test_a_cancellation_takes_back_whatever_comes_after_it() -> None:
    gone = cancelled(3)
    made = document(gone, TWO, ONE)
    assert made.state.newest == gone
    assert made.shipments() == (SHIPMENT,)
    assert made.lines_about(SHIPMENT) == ()


def test_every_order_with_repeats_ends_in_the_same() -> None:
    """Three versions and a repeat of the first two, all 120 orders."""
    three = said(3, line("6", "4"), action=EvidenceAction.REPLACE)
    for statements in permutations([ONE, TWO, three, ONE, TWO]):
        state = document(*statements).state
        assert (state.newest, sorted(state.digests), dict(sorted(state.shipments.items()))) == (
            three, [1, 2, 3], {1: SHIPMENT, 2: SHIPMENT, 3: SHIPMENT},
        )  # fmt: skip


def test_what_exceeds_an_order_is_stated_all_the_same() -> None:
    much = said(1, line("999999", number="77"), line("3", order="order/x/y/z/-", number="1"), shipment=None)
    given(EvidenceDocument).when_new(lambda: first(much)).then(stated(much))


def test_what_cannot_be_is_refused() -> None:
    cases = {
        no.VERSION_BELOW_ONE: said(0, line("1")),
        no.NO_LINES: said(1),
        no.CANCEL_WITH_LINES: said(2, line("1"), action=EvidenceAction.CANCEL),
        no.NOTHING_NAMED: said(1, line("1", number=None)),
    }
    for refusal, statement in cases.items():
        given(EvidenceDocument).when_new(lambda s=statement: first(s)).then_refused(refusal)
    two = (line("1"), line("4", "5"))
    given(EvidenceDocument).when_new(lambda: first(said(1, *two))).then_refused(
        no.ACCEPTED_MORE_THAN_RECEIVED, place=2, accepted="5", received="4", excess="1", order=ORDER
    )
    given(EvidenceDocument).when_new(
        lambda: first(said(2, action=EvidenceAction.REPLACE), EvidenceKind.POD)
    ).then_refused(no.NO_LINES, document="Proof of delivery RA-1 of retailer-a, version 2", action="REPLACE")
    given(EvidenceDocument, stated(ONE)).when(lambda d: d.state_again(said(2, line("1", "2")))).then_refused(
        no.ACCEPTED_MORE_THAN_RECEIVED
    )


@pytest.mark.parametrize(
    "negative",
    [
        line("-1"),
        line("1", "-1"),
        line("1", substitutes=(replace(TEA, quantity=D(-1)),)),
        line("1", substitutes=(replace(TEA, base_quantity=D(-1)),)),
    ],
)
def test_a_negative_figure_is_refused(negative: StatedLine) -> None:
    given(EvidenceDocument).when_new(lambda: first(said(1, negative))).then_refused(
        no.NEGATIVE, quantity="-1", place=1, sender="retailer-a"
    )


def test_a_version_that_names_no_shipment_speaks_of_the_one_named_last() -> None:
    moved = said(2, line("6"), shipment="shipment/acme/S-2", action=EvidenceAction.REPLACE)
    silent = said(3, line("4"), shipment=None, action=EvidenceAction.REPLACE)
    made = document(silent, ONE, moved)
    assert made.lines_about("shipment/acme/S-2") == (line("4"),)
    assert made.lines_about(SHIPMENT) == ()
    assert document(said(1, line("6"), shipment=None)).shipments() == ()


# On a shipment


def counted(received: str, accepted: str, number: str = "1", **more: Any) -> ReceivedLine:
    return ReceivedLine(ORDER, number, D(received), D(accepted), **more)


def test_only_lines_that_the_shipment_carries_are_taken_and_repeated_ones_added_up() -> None:
    made = document(said(
        1, line("3", "2", condition="WET", substitutes=(TEA,)), line("2", number="001"), line("1", number="9"),
        line("5", order="order/acme/retailer-a/PO-8/-"),
    ))  # fmt: skip
    tea = Substitute("TEA-500", D(2), D(24), approved=True)
    assert received_on(shipment(), made) == (counted("5", "4", condition="WET", substitutes=(tea,)),)


def test_an_item_without_its_line_is_shared_in_line_order() -> None:  # definitions F25
    hundred, fifty = replace(SIX, quantity=D(100)), replace(SIX, line="2", quantity=D(50))
    carried = shipment(hundred, fifty, replace(SIX, line="3", item="TEA-500", customer_item=None))
    by_ours = document(said(1, line("90", number=None, item="COLA-330"), line("30", number=None, item="COLA-330")))
    assert received_on(carried, by_ours) == (counted("100", "100"), counted("20", "20", "2"))
    by_theirs = document(said(1, line("120", number=None, item="4711")))
    assert received_on(carried, by_theirs) == (counted("100", "100"), counted("20", "20", "2"))
    assert received_on(carried, document(said(1, line("1", number=None, item="NONE")))) == ()


def test_a_document_of_another_customer_says_nothing_of_the_shipment() -> None:
    assert received_on(shipment(), document(said(1, line("6"), partner="retailer-b"))) == ()


def test_a_document_of_another_sender_carries_its_name() -> None:
    with deciding_at(MOMENT):
        carriers = EvidenceDocument.stated("dhl", EvidenceKind.POD, "RA-1", ONE)
    assert name_on(shipment(), carriers) == "RA-1 of dhl"
    assert name_on(shipment(), document(ONE)) == "RA-1"


def test_what_was_presented_leaves_out_lines_of_which_nothing_was() -> None:
    carried = shipment(SIX, replace(SIX, line="2"))
    made = document(said(1, line("6", "0"), line("0", number="2")), kind=EvidenceKind.POD)
    assert presented_on(carried, made) == (DeliveredLine(ORDER, "1", D(6)),)


def test_a_document_is_dated_by_its_instant_its_day_or_when_we_heard_of_it() -> None:
    night = datetime(2026, 3, 3, 5, 30, tzinfo=UTC)  # 2 March 23:30 in Chicago
    gate = StatedArrival(ArrivalEvidence.GATE_ARRIVAL, night - timedelta(hours=2))
    signed = StatedArrival(ArrivalEvidence.POD_SIGNED, night)
    undated = document(said(1, line("6"), at=None))
    assert moment_of(undated, SIGNED) is None
    assert day_of(shipment(), undated) == date(2026, 3, 2)  # heard of at 09:00 UTC, 03:00 in Chicago
    by_arrival = document(said(1, line("6"), at=None, arrivals=(gate, signed)))
    assert moment_of(by_arrival, SIGNED) == night
    assert moment_of(by_arrival, POSTED) is None
    assert day_of(shipment(), document(said(1, line("6"), at=night))) == date(2026, 3, 2)
    assert day_of(shipment(), document(said(1, line("6"), at=night, on=date(2026, 3, 4)))) == date(2026, 3, 4)
