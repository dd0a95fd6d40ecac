"""Receiving advices: the customer's counts, their versions, and what they give to be invoiced."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from domain.agreements import InvoicingTerms
from domain.shipment import AwaitedReceipt, ReceivedLine, Shipment, ShipmentLine, Substitute, received_of_item
from domain.shipment import refusals as no
from tests.domain.shipment_facts import (
    DELIVERED,
    ON_RECEIPT,
    OR_TIMEOUT,
    ORDER,
    SHIPPED_ON_RECEIPT,
    SIX,
    left,
)
from tests.given import fact, given, other


def counted(received: int, accepted: int | None = None, line: str = "1") -> ReceivedLine:
    return ReceivedLine(ORDER, line, Decimal(received), Decimal(received if accepted is None else accepted))


def received(
    line: ReceivedLine,
    version: int = 1,
    invoicing: InvoicingTerms = ON_RECEIPT,
    billed: tuple[ShipmentLine, ...] = (),
    overbilled: tuple[ShipmentLine, ...] = (),
    document: str = "861-1",
) -> Shipment.Received:
    return fact(
        Shipment.Received,
        company="acme",
        number="S-1",
        partner="retailer-a",
        account="retailer-a",
        currency="USD",
        document=document,
        version=version,
        replaces=version - 1 or None,
        received_on=date(2026, 3, 2),
        lines=(line,),
        invoicing=invoicing,
        terms=None,
        billed=billed,
        overbilled=overbilled,
    )


# 5 x 2.50 = 12.50 and 13 % of it 1.625, half up 1.63; 1 x 2.50 = 2.50 and 0.325, half up 0.33
FIVE = replace(SIX, quantity=Decimal(5), base_quantity=Decimal(120), gross=Decimal("14.13"))
ONE = replace(SIX, quantity=Decimal(1), base_quantity=Decimal(24), gross=Decimal("2.83"))
FIVE_ACCEPTED = received(counted(6, 5), billed=(FIVE,))

BILLED = {
    "invoiced at dispatch": (InvoicingTerms(), counted(5), ()),
    "what was accepted": (ON_RECEIPT, counted(6, 5), (FIVE,)),
    "what was accepted though more came": (ON_RECEIPT, counted(7, 6), (SIX,)),
    "nothing accepted": (ON_RECEIPT, counted(6, 0), ()),
    "what was shipped, whatever came": (SHIPPED_ON_RECEIPT, counted(4), (SIX,)),
}


@pytest.mark.parametrize("case", BILLED)
def test_a_receipt_gives_to_be_invoiced_what_was_agreed(case: str) -> None:
    invoicing, line, billed = BILLED[case]
    given(Shipment, left(invoicing)).when(
        lambda shipment: shipment.receive("861-1", 1, date(2026, 3, 2), [line])
    ).then(received(line, invoicing=invoicing, billed=billed))


def test_a_later_version_gives_only_its_difference() -> None:
    all_six = counted(6)
    given(Shipment, left(ON_RECEIPT), FIVE_ACCEPTED).when(
        lambda shipment: shipment.receive("861-1", 2, date(2026, 3, 2), [all_six])
    ).then(received(all_six, 2, billed=(ONE,)))
    four = counted(6, 4)
    given(Shipment, left(ON_RECEIPT), FIVE_ACCEPTED).when(
        lambda shipment: shipment.receive("861-1", 2, date(2026, 3, 2), [four])
    ).then(received(four, 2, overbilled=(ONE,)))


def test_what_a_version_took_back_a_later_one_can_give_again() -> None:
    four = received(counted(6, 4), 2, overbilled=(ONE,))
    given(Shipment, left(ON_RECEIPT), FIVE_ACCEPTED, four).when(
        lambda shipment: shipment.receive("861-1", 3, date(2026, 3, 2), [counted(6, 5)])
    ).then(received(counted(6, 5), 3, billed=(ONE,)))


def test_shipped_quantities_are_given_once_whatever_the_documents() -> None:
    first = received(counted(6), invoicing=SHIPPED_ON_RECEIPT, billed=(SIX,))
    second = received(counted(1), invoicing=SHIPPED_ON_RECEIPT, document="861-2")
    given(Shipment, left(SHIPPED_ON_RECEIPT), first).when(
        lambda shipment: shipment.receive("861-2", 1, date(2026, 3, 2), [counted(1)])
    ).then(second)


def test_the_same_version_again_or_an_older_one_is_silent_and_other_content_refused() -> None:
    def receive(version: int, line: ReceivedLine, shipment: Shipment) -> None:
        shipment.receive("861-1", version, date(2026, 3, 2), [line])

    second = received(counted(6), 2, billed=(ONE,))
    facts = (left(ON_RECEIPT), FIVE_ACCEPTED, second)
    given(Shipment, *facts).when(lambda shipment: receive(2, counted(6), shipment)).then_nothing()
    given(Shipment, *facts).when(lambda shipment: receive(1, counted(6, 5), shipment)).then_nothing()
    given(Shipment, *facts).when(lambda shipment: receive(2, counted(6, 3), shipment)).then_refused(
        no.DOCUMENT_REUSED, document="Receiving advice 861-1 version 2"
    )


def test_an_advice_that_cannot_be_is_refused() -> None:
    def receiving(*lines: ReceivedLine, version: int = 1) -> None:
        given(Shipment, left()).when(
            lambda shipment: shipment.receive("861-1", version, date(2026, 3, 2), lines)
        ).then_refused(refusal)

    refusal = no.ACCEPTED_MORE_THAN_RECEIVED
    receiving(counted(4, 5))
    refusal = no.RECEIVED_NEGATIVE
    receiving(counted(-1))
    refusal = no.LINE_UNKNOWN
    receiving(counted(1, line="9"))
    refusal = no.LINE_TWICE
    receiving(counted(1), counted(2))
    refusal = no.NO_LINES
    receiving()
    refusal = no.VERSION_BELOW_ONE
    receiving(counted(1), version=0)


def test_an_advice_keeps_when_it_was_posted_and_what_came_in_place_of_the_goods() -> None:
    posted = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    line = replace(counted(6, 5), substitutes=(Substitute("TEA-500", Decimal(2), Decimal(24), approved=True),))
    given(Shipment, left(ON_RECEIPT)).when(
        lambda shipment: shipment.receive("861-1", 1, date(2026, 3, 2), [line], posted)
    ).then(other(received(line, billed=(FIVE,)), posted_at=posted))


def taken_back(
    version: int = 2, invoicing: InvoicingTerms = ON_RECEIPT, less: tuple[ShipmentLine, ...] = (), **facts: Any
) -> Shipment.Received:
    return other(received(counted(0), version, invoicing, overbilled=less), lines=(), **facts)


def take_back(shipment: Shipment, version: int = 2, document: str = "861-1") -> None:
    shipment.take_back_receipt(document, version, date(2026, 3, 2))


def test_an_advice_that_is_taken_back_credits_what_it_gave_to_be_invoiced() -> None:
    facts = (left(ON_RECEIPT), FIVE_ACCEPTED)
    given(Shipment, *facts).when(take_back).then(taken_back(less=(FIVE,)))
    given(Shipment, *facts, taken_back(less=(FIVE,))).when(take_back).then_nothing()
    given(Shipment, *facts, taken_back(less=(FIVE,))).when(lambda s: take_back(s, 3)).then_nothing()


def test_what_never_counted_or_is_older_takes_nothing_back() -> None:
    given(Shipment, left(ON_RECEIPT)).when(take_back).then_nothing()
    given(Shipment, left(ON_RECEIPT), FIVE_ACCEPTED).when(lambda s: take_back(s, 2, "861-9")).then_nothing()
    second = received(counted(6), 2, billed=(ONE,))
    given(Shipment, left(ON_RECEIPT), FIVE_ACCEPTED, second).when(lambda s: take_back(s, 1)).then_nothing()
    given(Shipment, left(ON_RECEIPT), FIVE_ACCEPTED).when(lambda s: take_back(s, 1)).then_refused(no.DOCUMENT_REUSED)


def test_after_an_advice_is_taken_back_the_next_count_is_invoiced_whole() -> None:
    facts = (left(ON_RECEIPT), FIVE_ACCEPTED, taken_back(less=(FIVE,)))
    given(Shipment, *facts).when(lambda s: s.receive("861-1", 3, date(2026, 3, 2), [counted(6)])).then(
        received(counted(6), 3, billed=(SIX,))
    )
    given(Shipment, *facts).when(lambda s: s.receive("861-2", 1, date(2026, 3, 2), [counted(6)])).then(
        received(counted(6), billed=(SIX,), document="861-2")
    )
    given(Shipment, *facts).when(lambda s: s.receive("861-1", 1, date(2026, 3, 2), [counted(6, 5)])).then_nothing()


def test_shipped_quantities_stay_invoiced_while_another_advice_names_the_line() -> None:
    first = received(counted(6), invoicing=SHIPPED_ON_RECEIPT, billed=(SIX,))
    second = received(counted(1), invoicing=SHIPPED_ON_RECEIPT, document="861-2")
    facts = (left(SHIPPED_ON_RECEIPT), first)
    gone = taken_back(invoicing=SHIPPED_ON_RECEIPT, less=(SIX,))
    given(Shipment, *facts).when(take_back).then(gone)
    given(Shipment, *facts, gone).when(lambda s: s.receive("861-2", 1, date(2026, 3, 2), [counted(1)])).then(
        other(second, billed=(SIX,))
    )
    kept = taken_back(invoicing=SHIPPED_ON_RECEIPT)
    given(Shipment, *facts, second).when(take_back).then(kept)
    given(Shipment, *facts, second, kept).when(lambda s: take_back(s, 2, "861-2")).then(
        other(gone, document="861-2")
    )


def test_a_receipt_that_was_taken_back_is_waited_for_again() -> None:
    awaited = AwaitedReceipt(date(2026, 3, 7), "America/Chicago")  # expected on the 2nd, 5 days
    billed = other(FIVE_ACCEPTED, invoicing=OR_TIMEOUT)
    gone = taken_back(invoicing=OR_TIMEOUT, less=(FIVE,), awaited=awaited)
    given(Shipment, left(OR_TIMEOUT), billed).when(take_back).then(gone)
    timed_out = given(Shipment, left(OR_TIMEOUT), billed, gone).when(lambda s: s.time_out_receipt(date(2026, 3, 8)))
    assert [event.billed for event in timed_out.events] == [(SIX,)]
    given(Shipment, left(OR_TIMEOUT), billed).when(lambda s: s.time_out_receipt(date(2026, 3, 8))).then_nothing()
    other_one = received(counted(1), invoicing=OR_TIMEOUT, document="861-2", billed=(ONE,))
    given(Shipment, left(OR_TIMEOUT), billed, other_one).when(take_back).then(other(gone, awaited=None))


def test_without_a_receipt_in_the_days_agreed_what_was_shipped_is_invoiced() -> None:
    timed_out = fact(
        Shipment.ReceiptTimedOut,
        company="acme",
        number="S-1",
        partner="retailer-a",
        account="retailer-a",
        currency="USD",
        day=date(2026, 3, 8),
        invoicing=OR_TIMEOUT,
        terms=None,
        billed=(SIX,),
    )
    facts = (left(OR_TIMEOUT), DELIVERED)  # delivered 2 March, 5 days: the 7th is waited for
    given(Shipment, *facts).when(lambda shipment: shipment.time_out_receipt(date(2026, 3, 7))).then_nothing()
    given(Shipment, *facts).when(lambda shipment: shipment.time_out_receipt(date(2026, 3, 8))).then(timed_out)
    given(Shipment, *facts, timed_out).when(
        lambda shipment: shipment.time_out_receipt(date(2026, 3, 9))
    ).then_nothing()
    given(Shipment, *facts, timed_out).when(
        lambda shipment: shipment.receive("861-1", 1, date(2026, 3, 9), [counted(5)])
    ).then(other(received(counted(5), invoicing=OR_TIMEOUT), received_on=date(2026, 3, 9)))
    given(Shipment, left()).when(
        lambda shipment: shipment.time_out_receipt(date(2026, 12, 31))
    ).then_nothing()


def test_an_advice_that_names_only_the_item_is_spread_in_line_order() -> None:  # definitions F25
    hundred = replace(SIX, quantity=Decimal(100))
    fifty = replace(SIX, line="2", quantity=Decimal(50))
    other = replace(SIX, line="3", item="TEA-500")
    spread = received_of_item([hundred, fifty, other], "COLA-330", Decimal(120), Decimal(110))
    assert spread == (counted(100), counted(20, 10, "2"))
    beyond = received_of_item([hundred, fifty], "COLA-330", Decimal(160), Decimal(160))
    assert beyond == (counted(100), counted(60, line="2"))
    assert received_of_item([hundred], "NONE", Decimal(1), Decimal(1)) == ()
