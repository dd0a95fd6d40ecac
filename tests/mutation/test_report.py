"""The report of ``make mutation`` lets nothing pass that is not killed or explained."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mutation.__main__ import outcomes, report


def results(killed: int, left: int, function: str = "domain.money.x_rule") -> dict[str, str]:
    statuses = ["killed"] * killed + ["survived"] * left
    return {f"{function}__mutmut_{n}": status for n, status in enumerate(statuses)}


@pytest.mark.parametrize(
    ("found", "explained", "wrong"),
    [
        (results(10, 0), {}, 0),
        (results(9, 1), {"domain.money.x_rule": {"most": 1, "why": "the same"}}, 0),
        (results(9, 1), {}, 1),  # not explained
        (results(90, 2), {"domain.money.x_rule": {"most": 1, "why": "the same"}}, 1),  # one more than explained
        (results(8, 2), {"domain.money.x_rule": {"most": 2, "why": "the same"}}, 1),  # 80 %
        ({"domain.money.x_rule__mutmut_1": "no tests"}, {}, 2),
        ({}, {}, 1),
    ],
)
def test_what_passes_and_what_does_not(found: dict[str, str], explained: dict[str, Any], wrong: int) -> None:
    assert len(report(found, explained)) == wrong


def test_the_results_are_read_as_mutmut_prints_them() -> None:
    text = "    domain.money.x_rule__mutmut_1: survived\n    domain.money.xǁTableǁtake__mutmut_12: no tests\nsomething else\n"
    assert outcomes(text) == {"domain.money.x_rule__mutmut_1": "survived", "domain.money.xǁTableǁtake__mutmut_12": "no tests"}
