"""Every fill-rate example of the specification through the REST API: raw documents in, the exact figure out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from domain.fill_rate.form import laid_over
from tests.services.orders.golden_trade import Trade
from tests.services.shop import Shop

GOLDEN = Path(__file__).parents[4] / "shared" / "domain" / "golden.json"
FILE: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8")) if GOLDEN.exists() else {"examples": []}


@pytest.mark.skipif(not FILE["examples"], reason="the specification's examples are not here (../shared/domain/golden.json)")
def test_there_are_examples() -> None:
    assert sum(len(example["cases"]) for example in FILE["examples"]) == 99


@pytest.mark.parametrize("example", FILE["examples"], ids=[one["id"] for one in FILE["examples"]])
def test_an_example_through_the_doors(shop: Shop, example: dict[str, Any]) -> None:
    trade = Trade(shop, example)
    trade.play()
    position = shop.position()
    days = sorted(order["requested"] for order in example["orders"])
    for case in example["cases"]:
        said = laid_over(FILE["policyDefaults"], FILE["presets"][case["policy"]])
        question = {
            "partner": trade.partner, "first": days[0], "last": days[-1], "under": laid_over(said, case["override"]),
            "min_position": f"orders={position}",
        }
        answer = shop.post("/v1/fill-rate/what-if", question)
        assert answer.status_code == 200, answer.text
        figure = answer.json()["what_if"]["figure"]
        expected = {name: case[name] for name in ("numerator", "denominator", "rate", "percent")}
        assert figure == expected, f"{case['policy']} {case['override']}"
    assert shop.position() == position, "what-if appends nothing"
