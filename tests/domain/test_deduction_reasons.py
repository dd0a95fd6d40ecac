"""The customers' codes read as our reasons; definitions.md 4.4 and edi.md section 4."""

from __future__ import annotations

import pytest

from domain.deduction_reasons import DeductionReason, reason_of, reason_of_edifact, reason_of_x12

R = DeductionReason


@pytest.mark.parametrize(
    ("codes", "reason"),
    [
        ("06 6 59 75", R.SHORTAGE),
        ("01 03", R.PRICING),
        ("04 11", R.DAMAGE),
        ("05 12 13", R.QUALITY),
        ("07 08", R.WRONG_ITEM),
        ("41 50 70 84 99", R.LATE_FINE),
        ("02 56 57 71 79", R.PROMOTION),
        ("23 97 GE ge", R.FEE),
        ("14 15 72", R.RETURN),
        ("30 46 54 83", R.FREIGHT),
        ("55", R.TAX),
        ("19 80 86", R.DUPLICATE),
        ("24 76 09", R.UNEARNED_DISCOUNT),
        ("44", R.MISSING_DOCUMENT),
        ("L1", R.POST_AUDIT),
        ("ZZ L7 XYZ 60", R.UNSPECIFIED),
    ],
)
def test_x12_426(codes: str, reason: DeductionReason) -> None:
    assert {reason_of_x12(code) for code in codes.split()} == {reason}


@pytest.mark.parametrize(
    ("codes", "reason"),
    [
        ("4 04 32", R.SHORTAGE),
        ("5 57", R.PRICING),
        ("3 17", R.DAMAGE),
        ("2", R.QUALITY),
        ("14 49", R.WRONG_ITEM),
        ("20 33", R.LATE_FINE),
        ("21 19 72", R.PROMOTION),
        ("13 55", R.FEE),
        ("15 16 35", R.RETURN),
        ("40", R.FREIGHT),
        ("26 73", R.TAX),
        ("9 53", R.DUPLICATE),
        ("46 56 66", R.UNEARNED_DISCOUNT),
        ("6", R.MISSING_DOCUMENT),
        ("1 43 ZZZ", R.UNSPECIFIED),
    ],
)
def test_edifact_4465(codes: str, reason: DeductionReason) -> None:
    assert {reason_of_edifact(code) for code in codes.split()} == {reason}


def test_a_code_as_kept_on_a_remittance() -> None:
    assert reason_of("4465:4") is R.SHORTAGE
    assert reason_of("04") is R.DAMAGE
    assert reason_of("SHORTAGE") is R.SHORTAGE
    assert reason_of("") is R.UNSPECIFIED
