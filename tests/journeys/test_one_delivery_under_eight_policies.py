"""One order and its three deliveries through the doors, judged by eight customers' definitions: the README's table.

Ordered A 100 cases at 10.00, B 60 at 20.00, C 40 at 50.00 for 2026-03-10. A 100 and B 50 come on the day, B 10 two days
late, C 40 a day early. The customer grants that B's lead time was too short. The figures are worked out by hand.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.services.conftest import shop
from tests.services.orders.golden_trade import Trade
from tests.services.shop import Shop

__all__ = ["shop"]

ON_THE_DAY = {"onTime": {"earliestDays": 0}}
A_DAY_EARLY = {"onTime": {"earliestDays": -1}}
OTIF = {"metric": "OTIF"}
LINES = {"weightUnit": "LINE", "creditMode": "ALL_OR_NOTHING"}
EIGHT: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "cases, whenever they come": ({}, "200", "200", "100.00%"),
    "cases on the day": ({**OTIF, **ON_THE_DAY}, "150", "200", "75.00%"),
    "cases, a day early allowed": ({**OTIF, **A_DAY_EARLY}, "190", "200", "95.00%"),
    "whole lines on the day": ({**OTIF, **LINES, **ON_THE_DAY}, "1", "3", "33.33%"),
    "whole lines, a day early allowed": ({**OTIF, **LINES, **A_DAY_EARLY}, "2", "3", "66.67%"),
    "whole orders on the day": ({**OTIF, **LINES, **ON_THE_DAY, "weightUnit": "ORDER"}, "0", "1", "0.00%"),
    "value on the day": ({**OTIF, **ON_THE_DAY, "weightUnit": "VALUE"}, "2000", "4200", "47.62%"),
    "cases on the day, B excused": ({**OTIF, **ON_THE_DAY, "exclusions": {"SHORT_LEAD_TIME": "PASS"}}, "160", "200", "80.00%"),
}
EXAMPLE = {
    "id": "EIGHT",
    "orders": [
        {
            "id": "PO1", "tz": "Europe/Paris", "requested": "2026-03-10",
            "lines": [
                {"id": "A", "original": 100, "price": 10}, {"id": "B", "original": 60, "price": 20},
                {"id": "C", "original": 40, "price": 50},
            ],
            "deliveries": [
                {
                    "times": {"arrival": "2026-03-10T09:00:00+01:00"},
                    "lines": [{"line": "A", "received": 100}, {"line": "B", "received": 50}],
                },
                {"times": {"arrival": "2026-03-12T09:00:00+01:00"}, "lines": [{"line": "B", "received": 10}]},
                {"times": {"arrival": "2026-03-09T09:00:00+01:00"}, "lines": [{"line": "C", "received": 40}]},
            ],
        }
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def delivered(shop: Shop) -> Trade:
    trade = Trade(shop, EXAMPLE)
    trade.play()
    granted = {"exclusion": "G-1", "code": "SHORT_LEAD_TIME", "granted_by": "customer", "reference": "case 22", "lines": ["B"]}
    trade.did(f"{trade.address}:record-exclusion", granted)
    return trade


@pytest.mark.parametrize("name", EIGHT)
def test_one_delivery_under(shop: Shop, delivered: Trade, name: str) -> None:
    policy, numerator, denominator, percent = EIGHT[name]
    question = {
        "partner": delivered.partner, "period": "2026-03", "under": policy, "min_position": f"orders={shop.position()}",
    }  # fmt: skip
    figure = shop.post("/v1/fill-rate/what-if", question).json()["what_if"]["figure"]
    assert (figure["numerator"], figure["denominator"], figure["percent"]) == (numerator, denominator, percent)


def test_the_readme_shows_this_table() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    for name, (_, numerator, denominator, percent) in EIGHT.items():
        assert f"| {name} | {numerator}/{denominator} | {percent} |" in readme
