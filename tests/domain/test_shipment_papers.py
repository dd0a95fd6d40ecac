"""Shipment papers: each document that speaks of a shipment once."""

from __future__ import annotations

from domain.shipment_papers import ShipmentPapers
from tests.given import fact, given

ADVICE, PROOF = "evidence/retailer-a/RECEIVING_ADVICE/RA-1", "evidence/dhl/POD/P-1"
FIRST = fact(ShipmentPapers.Named, shipment="shipment/acme/S-1", document=ADVICE)
SECOND = fact(ShipmentPapers.NamedAgain, shipment="shipment/acme/S-1", document=PROOF)


def test_each_document_is_named_once() -> None:
    outcome = given(ShipmentPapers).when_new(lambda: ShipmentPapers.named("shipment/acme/S-1", ADVICE)).then(FIRST)
    assert outcome.aggregate is not None
    assert outcome.aggregate.id == "shipment-papers/acme/S-1"
    given(ShipmentPapers, FIRST).when(lambda papers: papers.name_again(PROOF)).then(SECOND)
    given(ShipmentPapers, FIRST, SECOND).when(lambda papers: papers.name_again(ADVICE)).then_nothing().then_state(
        documents=(ADVICE, PROOF)
    )
