"""``o2c fill-rate``: a file of examples evaluated line by line, and a customer's report as a table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from services.orders import agreeing
from services.settings import Settings
from services.wiring import wire
from tests.conftest import asking, seed_master
from tests.services.command_line import o2c

EXAMPLES: dict[str, Any] = {
    "policyDefaults": {"metric": "FILL", "weightUnit": "CASE"},
    "presets": {"CASES": {}, "LINES": {"weightUnit": "LINE", "creditMode": "ALL_OR_NOTHING"}},
    "examples": [
        {
            "id": "E1",
            "orders": [
                {
                    "id": "PO1", "tz": "Asia/Shanghai", "requested": "2025-03-12",
                    "lines": [{"id": "1", "original": 100}, {"id": "2", "original": 40}, {"id": "3", "original": 10}],
                    "deliveries": [{
                        "times": {"arrival": "2025-03-12T09:10:00+08:00"},
                        "lines": [{"line": "1", "received": 100}, {"line": "2", "received": 36}],
                    }],
                }
            ],
            "cases": [
                {"policy": "CASES"}, {"policy": "LINES"}, {"policy": "LINES", "override": {"creditMode": "PROPORTIONAL"}},
                {"policy": "CASES", "at": "2025-03-12T00:00:00+08:00"},
            ],
        }
    ],
}  # fmt: skip


def evaluated(folder: Path, said: Any) -> Any:
    file = folder / "examples.json"
    file.write_text(json.dumps(said), encoding="utf-8")
    return o2c(folder, "fill-rate", "evaluate", str(file))


def test_every_case_is_a_line_in_the_order_of_the_file(tmp_path: Path) -> None:
    ended = evaluated(tmp_path, EXAMPLES)
    assert ended.returncode == 0, ended.stderr
    found = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [(one["policy"], one["numerator"], one["denominator"], one["percent"]) for one in found] == [
        ("CASES", "136", "150", "90.67%"), ("LINES", "1", "3", "33.33%"), ("LINES", "19/10", "3", "63.33%"),
        ("CASES", "0", "0", "n/a"),
    ]  # fmt: skip
    assert set(found[0]) == {"example", "policy", "numerator", "denominator", "percent"}


def test_a_case_that_cannot_be_evaluated_says_why(tmp_path: Path) -> None:
    for change, sentence in (
        ({"presets": {}}, "the case names the preset CASES; the file has none"),
        ({"policyDefaults": {"metric": "FULL"}}, "/metric: 'FULL' is not one of FILL, ON_TIME, OTIF"),
        ({"examples": [{"id": "E9"}]}, "example E9"),
        ({"examples": None}, 'holds no list "examples"'),
    ):
        ended = evaluated(tmp_path, {**EXAMPLES, **change})
        assert ended.returncode == 1
        assert sentence in ended.stderr, ended.stderr


def test_a_report_is_a_table_and_may_ask_what_if(tmp_path: Path) -> None:
    wired = wire(Settings(data=tmp_path / "data"))
    try:
        wired.start()
        master = seed_master(wired, roles=())
        policy = {"policy_id": "main", "policy": {"metric": "OTIF"}, "first_day": "2020-01-01", "partner": master.partner}
        wired.applications["orders"].handle(agreeing.AgreeFillRatePolicy.model_validate(policy), asking("seed"))
        agreed = wired.applications["orders"].store.last_position()
        wired.applications["orders"].handle(master.order("PO-1"), asking())
        assert wired.settle()
    finally:
        wired.close()
    words = ("fill-rate", "report", "--customer", master.partner, "--period", "2026-03")
    ended = o2c(tmp_path, *words)
    assert ended.returncode == 0, ended.stderr
    assert "policy main, from 2020-01-01" in ended.stdout
    row = next(line for line in ended.stdout.splitlines() if "otif" in line)
    assert [part.strip() for part in row.strip("│").split("│")] == ["otif  (official)", "0", "5/6", "0.00%"], row
    before = o2c(tmp_path, *words, "--known-at", str(agreed))
    assert "no line of this period: n/a" in before.stdout
    other = tmp_path / "other.json"
    other.write_text(json.dumps({"preset": "LINE-FILL"}), encoding="utf-8")
    tried = o2c(tmp_path, *words, "--policy", str(other))
    assert "policy what-if" in tried.stdout
    assert next(line for line in tried.stdout.splitlines() if "(official)" in line).split("│")[3].strip() == "1"
    nobody = o2c(tmp_path, "fill-rate", "report", "--customer", "nobody", "--period", "2026-03")
    assert (nobody.returncode, "No fill-rate policy at all is agreed with nobody" in nobody.stderr) == (1, True)
