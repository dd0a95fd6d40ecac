"""Disputes as facts to test with: the shortage and the fee of S2."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from typing import Any

from domain.deduction_reasons import DeductionReason
from domain.dispute.clocks import Deadlines
from domain.dispute.dispute import Dispute
from domain.dispute.state import Claim
from domain.dispute.verdict import Fault, Shares, Stage, Verdict
from tests.given import fact

DAY = date(2026, 3, 2)
STREAM = "dispute/acme/retail-a/D1"
R1, R2 = "deduction/acme/retail-a/R1/1", "deduction/acme/retail-a/R1/2"
DATES = Deadlines(date(2026, 3, 4), date(2026, 4, 16), date(2026, 5, 4), date(2026, 5, 31))
SHORTAGE = Claim(R1, D("2260.00"), "invoice/acme/INV1", "settlement/acme/retail-a/R1", date(2026, 3, 2))
FEE = Claim(R2, D("10000.00"), None, "settlement/acme/retail-a/R1", date(2026, 3, 2))


def opened(*claims: Claim, **more: Any) -> Any:
    facts: dict[str, Any] = {
        "company": "acme", "partner": "retail-a", "account": "retail-a", "number": "D1", "currency": "CNY", "zone": "UTC",
        "reason": DeductionReason.SHORTAGE, "claims": claims or (SHORTAGE,), "dates": DATES, "on": DAY, "by": "clara",
    }
    return fact(Dispute.Opened, **(facts | more))


def judged(supplier: str, customer: str, verdict: Verdict, fault: Fault | None) -> Any:
    shares = Shares(D(supplier), D(customer))
    return fact(
        Dispute.VerdictGiven, verdict=verdict, fault=fault, stage=Stage.DELIVERY, facts=shares, shares=shares, failed=(),
        lacking={}, reason="POD", agreement=None, position=0, terms_from=None, by="clara",
    )


begun = fact(Dispute.WorkBegun, by="clara")
both = judged("1356.00", "904.00", Verdict.PARTIALLY_VALID, Fault.BOTH)
submitted = fact(Dispute.Submitted, requested=D("904.00"), pack="", on=DAY, by="clara")
accepted = fact(Dispute.AcceptedByCustomer, amount=D("904.00"), document="mail", on=DAY, by="clara")
rejected = fact(Dispute.RejectedByCustomer, reason="no", document="mail", on=DAY, by="clara")
escalated = fact(Dispute.Escalated, reason="lawyer", by="clara")
expired = fact(Dispute.Expired, day=date(2026, 6, 1), outstanding=D("2260.00"))
credited = fact(
    Dispute.Credited, amounts={R1: D("1356.00")}, credit_memos=("invoice/acme/CM2",), given_up=D(0), reason="POD", by="clara"
)
repaid = fact(Dispute.Repaid, settlement="settlement/acme/retail-a/R2", amounts={R1: D("904.00")}, on=DAY, by="clara")
closed = fact(Dispute.Closed, credited=D("1356.00"), repaid=D("904.00"), written_off=D(0))
voided = fact(Dispute.Voided, reason="twice", by="clara")

# What leads to each state, from which a case may be taken up.
WAYS: dict[str, tuple[Any, ...]] = {
    "OPEN": (opened(), both),
    "IN_PROCESS": (opened(), begun, both),
    "SUBMITTED": (opened(), begun, both, submitted),
    "ACCEPTED_BY_CUSTOMER": (opened(), begun, both, submitted, accepted),
    "REPAID": (opened(), begun, both, submitted, accepted, repaid),
    "REJECTED_BY_CUSTOMER": (opened(), begun, both, submitted, rejected),
    "ESCALATED": (opened(), begun, both, submitted, rejected, escalated),
    "EXPIRED": (opened(), begun, both, expired),
    "CLOSED": (opened(), begun, both, submitted, accepted, repaid, credited, closed),
    "VOIDED": (opened(), both, voided),
}
