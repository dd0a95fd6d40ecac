"""The papers of a dispute: gathered over both logs from what hangs together, and nothing else."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

from domain.deduction_reasons import DeductionReason
from domain.dispute.clocks import Deadlines
from domain.dispute.dispute import Dispute
from domain.dispute.state import Claim
from domain.price import PriceAgreement
from projections import dispute_evidence
from projections.dispute_evidence import papers
from tests.projections.chronicle import Folder, check_folds_alike, reading
from tests.projections.story import Story

LOGS = ("orders", "receivables")


def disputed() -> tuple[Story, str]:
    """The story of an order to its payment, and a dispute about the first deduction; prices of two partners."""
    story = Story()
    for chapter in (story.order, story.hold, story.ship, story.receive, story.bill, story.pay):
        chapter()
    placed = story.chronicle.logs["orders"]
    item = next(e.event.lines[0].item for e in placed if e.type == "order.placed/1")
    partner = next(e.event.partner for e in placed if e.type == "order.placed/1")
    with story.chronicle.command("orders") as log:
        for owner in (partner, "somebody-else"):
            price = PriceAgreement.open(owner, item)
            price.agree(currency="USD", price=D("1.00"), per=D(1), unit="EA", first_day=date(2026, 1, 1))
            log.append(price)
    deduction = story.deductions[0]
    claim = Claim(deduction.id, D("25.00"), deduction.state.invoice, deduction.state.settlement, date(2026, 3, 20))
    with story.chronicle.command("receivables") as log:
        log.append(Dispute.open(
            company="acme", partner=partner, account=partner, number="D1", currency="USD", zone="UTC",
            reason=DeductionReason.SHORTAGE, claims=(claim,), dates=Deadlines(), on=date(2026, 3, 21), by="clara",
        ))
    return story, Dispute.stream("acme", partner, "D1")


def test_it_folds_alike(folder: Folder) -> None:
    check_folds_alike(folder, dispute_evidence.VIEW, disputed()[0].chronicle, LOGS)


def test_what_hangs_together_is_gathered(folder: Folder) -> None:
    story, dispute = disputed()
    with reading(folder, dispute_evidence.VIEW, story.chronicle, LOGS) as connection:
        found = papers(connection, dispute)
        nothing = papers(connection, "dispute/acme/x/D9")
    kinds = {row["kind"] for row in found}
    assert {"ORDER", "SHIP_NOTICE", "RECEIPT", "INVOICE", "PRICE_AGREEMENT", "REMITTANCE", "DEDUCTION", "DISPUTE"} <= kinds
    assert [row["stream"] for row in found if row["kind"] == "PRICE_AGREEMENT"] == [
        row["stream"] for row in found if row["kind"] == "PRICE_AGREEMENT" and "somebody-else" not in row["stream"]
    ]
    assert [(row["log"], row["position"]) for row in found] == sorted((row["log"], row["position"]) for row in found)
    assert nothing == []
    for row in found:
        recorded = story.chronicle.logs[row["log"]][row["position"] - 1]
        assert (recorded.stream, recorded.type) == (row["stream"], row["type"])
