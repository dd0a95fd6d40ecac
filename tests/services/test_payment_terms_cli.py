"""``o2c payment-terms due``: rows of worked examples in the specification's form, and rows that cannot be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.services.command_line import o2c

GOLDEN = Path(__file__).parents[3] / "shared" / "domain" / "golden.json"
NET_30: dict[str, Any] = {"kind": "NET_DAYS", "days": 30}
BRACKETS = [
    {"fromDay": 1, "toDay": 9, "months": 1, "day": 10}, {"fromDay": 10, "toDay": 25, "months": 1, "day": 25},
    {"fromDay": 26, "toDay": 31, "months": 2, "day": 10},
]  # fmt: skip


def row(name: str = "T01", rule: Any = NET_30, **fields: Any) -> dict[str, Any]:
    return {"id": name, "baseline": "2025-01-31", "rule": rule, "calendar": "CN", "roll": "FOLLOWING", **fields}


def written(folder: Path, content: Any) -> str:
    file = folder / "terms.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return str(file)


def test_the_rows_in_their_order(tmp_path: Path) -> None:
    """T01, T16, T04b and T06a of definitions.md 3.2."""
    cut_off = {"kind": "DAY_OF_MONTH", "cutoffDay": 25, "months": 1, "day": 15}
    rows = [
        row(), row("T16", {"kind": "BRACKETS", "brackets": BRACKETS}, baseline="2025-12-31", calendar=None, roll="NONE"),
        row("T04b", cut_off, baseline="2025-09-26"), row("T06a", baseline="2025-09-11"),
    ]  # fmt: skip
    ended = o2c(tmp_path, "payment-terms", "due", written(tmp_path, {"paymentTerms": rows}))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert [json.loads(line) for line in ended.stdout.splitlines()] == [
        {"id": "T01", "due": "2025-03-03"}, {"id": "T16", "due": "2026-02-10"}, {"id": "T04b", "due": "2025-11-17"},
        {"id": "T06a", "due": "2025-10-11"},
    ]  # fmt: skip


@pytest.mark.skipif(not GOLDEN.exists(), reason=f"the golden file is not here: {GOLDEN}")
def test_every_golden_row(tmp_path: Path) -> None:
    rows = json.loads(GOLDEN.read_text(encoding="utf-8"))["paymentTerms"]
    ended = o2c(tmp_path, "payment-terms", "due", str(GOLDEN))
    assert [json.loads(line) for line in ended.stdout.splitlines()] == [{"id": r["id"], "due": r["due"]} for r in rows]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "terms.json is not JSON"),
        ([], 'holds no list "paymentTerms"'),
        ({"paymentTerms": [{"baseline": "2025-01-31"}]}, "row 1 of paymentTerms (?): it has no id"),
        ({"paymentTerms": [row(baseline="2025-02-30")]}, "(T01): day is out of range"),
        ({"paymentTerms": [{"id": "T01", "baseline": "2025-01-31"}]}, "(T01): rule is missing"),
        ({"paymentTerms": [row(rule={"kind": "SOME_DAY"})]}, "'SOME_DAY' is not a valid RuleKind"),
        ({"paymentTerms": [row(rule=NET_30 | {"day_s": 3})]}, "day_s is no part of a rule"),
        ({"paymentTerms": [row(rule=NET_30 | {"days": "30"})]}, "days is '30', not a whole number"),
        ({"paymentTerms": [row(rule={"kind": "BRACKETS", "brackets": BRACKETS[:2]})]}, "the brackets' days"),
        ({"paymentTerms": [row(baseline="2026-12-20")]}, "Calendar CN says nothing about 2027-01-19"),
        ({"paymentTerms": [row(roll="BACK")]}, "'BACK' is not a valid Roll"),
    ],
)
def test_rows_that_cannot_be_read(tmp_path: Path, content: Any, says: str) -> None:
    ended = o2c(tmp_path, "payment-terms", "due", written(tmp_path, content))
    assert (ended.returncode, "Traceback" in ended.stderr) == (1, False)
    assert says in ended.stderr


def test_rows_before_the_one_that_cannot_be_read_are_printed(tmp_path: Path) -> None:
    ended = o2c(tmp_path, "payment-terms", "due", written(tmp_path, {"paymentTerms": [row(), row("T02", rule={})]}))
    assert (ended.returncode, json.loads(ended.stdout)) == (1, {"id": "T01", "due": "2025-03-03"})
    assert "row 2 of paymentTerms (T02): kind is missing" in ended.stderr
