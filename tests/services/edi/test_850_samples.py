"""Every purchase order of the samples against a table that was written by reading each of them.

``expected_850.json``: per file its interchanges, groups and sets with their findings and the order that a person reads,
and ``effective``, what may be acted upon once the envelopes around a set have their say. Codes are of the standard's
lists (AK502-4), or names of ours for what has none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from services.edi import Finding, InterchangeReport, ReadingRules, Report, check

from .documents import sample

TABLE: dict[str, Any] = json.loads(Path(__file__).with_name("expected_850.json").read_text("utf-8"))
LISTS = {"interchange": "TA1", "group": "AK905", "set": "AK502", "segment": "AK304", "element": "AK403"}
HEAD = (
    "number", "release", "purpose", "kind", "ordered_on", "currency", "requested_on", "deliver_not_before",
    "deliver_not_after", "requested_ship_on", "ship_not_before", "ship_not_after", "cancel_after", "totals",
)  # fmt: skip

# What the standard has no code for, and where its note codes of a TA1 are only warnings here.
NAMES = {
    "TA1-022": "ISA-WIDTH",
    "TA1-027": "ISA16-MISSING",
    "GS01 says": "GS01",
    "its stores add up": "SDQ-SUM",
    "a quantity of": "CTT-02",
    "the totals say": "CTT-01",
    "stand outside any": "STRAY",
    "the line break was taken": "TERMINATOR-MISSING",
}


def coded(findings: Iterable[Finding]) -> set[str]:
    return {_code(finding) for finding in findings}


def _code(finding: Finding) -> str:
    if finding.code:
        code = f"{LISTS[finding.level]}-{finding.code}"
        return NAMES.get(code, code)
    return next((name for words, name in NAMES.items() if words in finding.message), finding.message)


def expected(entries: Iterable[dict[str, Any]]) -> set[str]:
    return {entry["code"] for entry in entries}


@pytest.mark.parametrize("name", TABLE)
def test_envelopes_and_findings(name: str) -> None:
    for interchange, wanted in _paired(check(sample(name)), TABLE[name]):
        one = interchange.interchange
        assert (one.control, one.sender, one.receiver, one.is_test) == tuple(
            wanted[key] for key in ("control", "sender", "receiver", "test")
        )
        assert coded(interchange.findings) == expected(wanted["findings"])
        assert len(interchange.groups) == len(wanted["groups"])
        for group, stated in zip(interchange.groups, wanted["groups"], strict=True):
            assert (group.group.functional_code, group.group.control, group.group.version) == (
                stated["functional"], stated["control"], stated["version"],
            )  # fmt: skip
            of_sets = [entry for each in stated["sets"] for entry in each["findings"]]
            found = coded(group.findings) | {code for each in group.sets for code in coded(each.findings)}
            unread = {"SDQ-SUM", "CTT-01", "CTT-02"} if "AK905-2" in expected(stated["findings"]) else set()
            assert found == (expected(stated["findings"]) | expected(of_sets)) - unread
            assert [(each.kind, each.control) for each in group.sets] == [
                (each["type"], each["control"]) for each in stated["sets"]
            ]


@pytest.mark.parametrize("name", TABLE)
def test_what_may_be_acted_upon(name: str) -> None:
    report = check(sample(name))
    for interchange, wanted in zip(report.interchanges, TABLE[name]["effective"], strict=True):
        assert interchange.accepted == (wanted["interchange"][0] != "R")
        for group, stated in zip(interchange.groups, wanted["groups"], strict=True):
            verdicts = [each.verdict for each in group.sets] if interchange.accepted else ["R"] * len(group.sets)
            assert (group.verdict if interchange.accepted else "R", verdicts) == (stated["group"], stated["sets"])


@pytest.mark.parametrize("name", TABLE)
def test_the_orders(name: str) -> None:
    raw = sample(name)
    versions = {group.group.version for one in check(raw).interchanges for group in one.groups}
    rules = ReadingRules(accepted_versions=tuple(versions))  # an old release is read where a profile says so
    for interchange, wanted in _paired(check(raw, rules), TABLE[name]):
        for group, stated in zip(interchange.groups, wanted["groups"], strict=True):
            for each, order in zip(group.sets, (one["order"] for one in stated["sets"]), strict=True):
                if order is not None:
                    assert each.document is not None
                    _same_order(each.document, order)


def _same_order(document: dict[str, Any], order: dict[str, Any]) -> None:
    assert {key: document[key] for key in HEAD} == {key: order[key] for key in HEAD}
    names = ("role", "name", "id_qualifier", "id")
    assert [{key: one[key] for key in names} for one in document["parties"]] == order["parties"]
    assert len(document["lines"]) == len(order["lines"])
    for line, stated in zip(document["lines"], order["lines"], strict=True):
        assert {key: line[key] for key in stated} == stated


def _paired(report: Report, table: dict[str, Any]) -> list[tuple[InterchangeReport, dict[str, Any]]]:
    return list(zip(report.interchanges, table["interchanges"], strict=True))
