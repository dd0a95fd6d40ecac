"""Which papers decide a claim, by its reason (definitions 4.4): what a file has to hold before it is complete."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from domain.deduction_reasons import DeductionReason


class PaperKind(StrEnum):
    """What a recorded fact is as a paper in a dispute."""

    ORDER = "ORDER"
    AMENDMENT = "AMENDMENT"
    CONFIRMATION = "CONFIRMATION"
    CANCELLATION = "CANCELLATION"
    SHIP_NOTICE = "SHIP_NOTICE"
    APPOINTMENT = "APPOINTMENT"
    ARRIVAL = "ARRIVAL"
    PROOF_OF_DELIVERY = "PROOF_OF_DELIVERY"
    REFUSAL = "REFUSAL"
    RECEIPT = "RECEIPT"
    RETURN = "RETURN"
    INVOICE = "INVOICE"
    CREDIT_MEMO = "CREDIT_MEMO"
    PRICE_AGREEMENT = "PRICE_AGREEMENT"
    DEDUCTION_AGREEMENT = "DEDUCTION_AGREEMENT"
    FILL_RATE_POLICY = "FILL_RATE_POLICY"
    SCORECARD = "SCORECARD"
    REMITTANCE = "REMITTANCE"
    DEDUCTION = "DEDUCTION"
    DISPUTE = "DISPUTE"
    EDI_DOCUMENT = "EDI_DOCUMENT"


P, R = PaperKind, DeductionReason

_DECIDING: Mapping[DeductionReason, tuple[PaperKind, ...]] = MappingProxyType(
    {
        R.SHORTAGE: (P.ORDER, P.SHIP_NOTICE, P.PROOF_OF_DELIVERY, P.RECEIPT, P.INVOICE),
        R.PRICING: (P.PRICE_AGREEMENT, P.ORDER, P.INVOICE),
        R.DAMAGE: (P.SHIP_NOTICE, P.PROOF_OF_DELIVERY, P.RECEIPT),
        R.QUALITY: (P.RECEIPT, P.SHIP_NOTICE),
        R.WRONG_ITEM: (P.ORDER, P.SHIP_NOTICE, P.RECEIPT),
        R.LATE_FINE: (P.FILL_RATE_POLICY, P.SCORECARD, P.APPOINTMENT, P.ARRIVAL),
        R.PROMOTION: (P.DEDUCTION_AGREEMENT,),
        R.FEE: (P.DEDUCTION_AGREEMENT,),
        R.RETURN: (P.RETURN, P.INVOICE),
        R.FREIGHT: (P.ORDER, P.SHIP_NOTICE),
        R.TAX: (P.INVOICE,),
        R.DUPLICATE: (P.INVOICE, P.REMITTANCE),
        R.UNEARNED_DISCOUNT: (P.INVOICE, P.REMITTANCE),
        R.MISSING_DOCUMENT: (P.PROOF_OF_DELIVERY,),
    }
)


def deciding(reason: DeductionReason) -> tuple[PaperKind, ...]:
    """The kinds of paper that decide such a claim; none are listed for a claim that gives no reason."""
    return _DECIDING.get(reason, ())


def missing(reason: DeductionReason, present: Iterable[PaperKind]) -> tuple[PaperKind, ...]:
    """What decides the claim and is not there yet."""
    held = set(present)
    return tuple(kind for kind in deciding(reason) if kind not in held)
