"""Why a customer keeps money back: our reasons, and how the customers' codes read as ours.

X12 element 426 and EDIFACT 4465, from edi.md section 4 and definitions.md 4.4. The raw code is always kept
beside ours. A code that is not here, or that says only "by agreement" (ZZ), needs a person: UNSPECIFIED.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType


class DeductionReason(StrEnum):
    """What the customer claims."""

    SHORTAGE = "SHORTAGE"
    PRICING = "PRICING"
    DAMAGE = "DAMAGE"
    QUALITY = "QUALITY"
    WRONG_ITEM = "WRONG_ITEM"
    LATE_FINE = "LATE_FINE"
    PROMOTION = "PROMOTION"
    FEE = "FEE"
    RETURN = "RETURN"
    FREIGHT = "FREIGHT"
    TAX = "TAX"
    DUPLICATE = "DUPLICATE"
    UNEARNED_DISCOUNT = "UNEARNED_DISCOUNT"
    MISSING_DOCUMENT = "MISSING_DOCUMENT"
    POST_AUDIT = "POST_AUDIT"
    UNSPECIFIED = "UNSPECIFIED"


Reasons = Callable[[str], DeductionReason]  # our reason for a code as the customer sent it

# Returns are read by their cause where the code names one: 11 damage, 12 and 13 quality and dating.
_X12_CODES: Mapping[DeductionReason, str] = MappingProxyType(
    {
        DeductionReason.SHORTAGE: "06 59 75 A4 42",
        DeductionReason.PRICING: "01 03 26 E5 D9",
        DeductionReason.DAMAGE: "04 11",
        DeductionReason.QUALITY: "05 12 13 82 F1 GG",
        DeductionReason.WRONG_ITEM: "07 08 25 62 92 A2 D4",
        DeductionReason.LATE_FINE: "41 50 70 84 99 A6 B8",
        DeductionReason.PROMOTION: "02 16 56 57 71 77 79 85 89 95 A8 AV B2 D5 GC GH M1 MA SP",
        DeductionReason.FEE: "10 23 29 48 49 97 A3 BE GE L4",
        DeductionReason.RETURN: "14 15 72 AQ AS BF RM",
        DeductionReason.FREIGHT: "30 31 46 54 83 SF",
        DeductionReason.TAX: "55 88 BA BB BC",
        DeductionReason.DUPLICATE: "19 80 86 87",
        DeductionReason.UNEARNED_DISCOUNT: "09 24 43 76 90 L2",
        DeductionReason.MISSING_DOCUMENT: "17 39 44 73 A9 B1",
        DeductionReason.POST_AUDIT: "L1",
    }
)

_EDIFACT_CODES: Mapping[DeductionReason, str] = MappingProxyType(
    {
        DeductionReason.SHORTAGE: "4 32 54",
        DeductionReason.PRICING: "5 57",
        DeductionReason.DAMAGE: "3 17",
        DeductionReason.QUALITY: "2",
        DeductionReason.WRONG_ITEM: "14 49",
        DeductionReason.LATE_FINE: "20 33",
        DeductionReason.PROMOTION: "19 21 38 48 70 72 74 75",
        DeductionReason.FEE: "13 55 67 71",
        DeductionReason.RETURN: "15 16 35",
        DeductionReason.FREIGHT: "40",
        DeductionReason.TAX: "26 73",
        DeductionReason.DUPLICATE: "9 53",
        DeductionReason.UNEARNED_DISCOUNT: "39 46 50 56 66 68 69",
        DeductionReason.MISSING_DOCUMENT: "6",
    }
)


def _by_code(codes: Mapping[DeductionReason, str]) -> Mapping[str, DeductionReason]:
    return MappingProxyType({code: reason for reason, listed in codes.items() for code in listed.split()})


_FROM_X12 = _by_code(_X12_CODES)
_FROM_EDIFACT = _by_code(_EDIFACT_CODES)


def reason_of_x12(code: str) -> DeductionReason:
    """X12 426 as sent in ADX02, RMR07 or CDD01. Two characters: "6" reads as 06."""
    return _FROM_X12.get(code.strip().upper().rjust(2, "0"), DeductionReason.UNSPECIFIED)


def reason_of_edifact(code: str) -> DeductionReason:
    """EDIFACT 4465 as sent in AJT."""
    return _FROM_EDIFACT.get(code.strip().lstrip("0"), DeductionReason.UNSPECIFIED)


def reason_of(customer_reason: str) -> DeductionReason:
    """A code as kept on a remittance: ours by name, ``4465:4`` for EDIFACT, otherwise X12."""
    if customer_reason in DeductionReason.__members__:
        return DeductionReason(customer_reason)
    scheme, _, code = customer_reason.rpartition(":")
    return reason_of_edifact(code) if scheme == "4465" else reason_of_x12(code)
