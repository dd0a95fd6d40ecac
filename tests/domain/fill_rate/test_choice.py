"""Which definition judges a line (1.4 rule 1): the version of the day originally asked for, the most specific scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.fill_rate.choice import Version, always, by_id, by_metric, judged_by
from domain.fill_rate.choices import Metric
from domain.fill_rate.facts import LineFacts
from domain.fill_rate.form import policy_from
from domain.fill_rate.judging import Asking
from tests.domain.fill_rate.builders import AFTERWARDS, CALENDARS, delivery, line, order

FIRST = date(2025, 1, 1)


def version(policy_id: str, first_day: date = FIRST, position: int = 1, **said: Any) -> Version:
    return Version(policy_id, first_day, position, policy_from(said))


def scoped(policy_id: str, position: int = 1, **scope: str) -> Version:
    return version(policy_id, FIRST, position, scope=scope)


def wanted(day: str = "2025-04-10", **more: Any) -> list[LineFacts]:
    """One line of a hypermarket's store, drinks, prepaid through a distribution centre."""
    (one,) = order(line(10), deliveries=[delivery(f"{day}T10:00", {"1": 10})], wanted=day)
    part = replace(one.original.schedule[0], banner="hyper", ship_to="store-7")
    original = replace(one.original, schedule=(part,), category="drinks")
    return [replace(one, original=original, freight_terms="PREPAID", flow="DC", **more)]


def chosen(agreed: Sequence[Version], lines: Sequence[LineFacts], metric: Metric = Metric.FILL) -> list[str]:
    asking = lambda policy: Asking(policy, AFTERWARDS, CALENDARS)  # noqa: E731
    return [f"{v.policy_id}@{v.first_day}" for v, _ in judged_by(lines, by_metric(agreed, metric), asking)]


SCOPES = {
    "none takes all": ([scoped("all")], "all"),
    "a banner before none": ([scoped("all"), scoped("hyper", banner="hyper")], "hyper"),
    "another banner does not fit": ([scoped("all"), scoped("cash", banner="cash")], "all"),
    "a place": ([scoped("all"), scoped("store", shipTo="store-7")], "store"),
    "a category": ([scoped("all"), scoped("drinks", category="drinks")], "drinks"),
    "freight terms": (
        [scoped("all"), scoped("prepaid", freightTerms="PREPAID"), scoped("collect", freightTerms="COLLECT")], "prepaid",
    ),
    "a flow": ([scoped("all"), scoped("dc", flow="DC"), scoped("direct", flow="DSD")], "dc"),
    "two fields before one": ([scoped("two", banner="hyper", category="drinks"), scoped("one", 9, banner="hyper")], "two"),
    "of two alike the later agreed": ([scoped("first", 5, banner="hyper"), scoped("second", 6, category="drinks")], "second"),
}  # fmt: skip


@pytest.mark.parametrize("name", SCOPES)
def test_the_most_specific_scope_wins(name: str) -> None:
    agreed, expected = SCOPES[name]
    assert chosen(agreed, wanted()) == [f"{expected}@{FIRST}"]
    assert chosen(list(reversed(agreed)), wanted()) == [f"{expected}@{FIRST}"]


SUMMER = date(2025, 6, 1)
DAYS = {
    "before the first day": ("2024-12-31", []),
    "on the first day": ("2025-01-01", ["main@2025-01-01"]),
    "the day before the next version": ("2025-05-31", ["main@2025-01-01"]),
    "on the first day of the next": ("2025-06-01", ["main@2025-06-01"]),
    "the last day, exclusive": ("2025-09-30", ["main@2025-06-01"]),
    "when it no longer holds": ("2025-10-01", []),
}


@pytest.mark.parametrize("name", DAYS)
def test_the_version_of_the_day_originally_asked_for(name: str) -> None:
    day, expected = DAYS[name]
    agreed = [version("main"), version("main", SUMMER, 2, effectiveTo="2025-10-01")]
    assert chosen(agreed, wanted(day)) == expected


def test_of_one_first_day_the_version_that_was_agreed_last() -> None:
    agreed = [version("main", FIRST, 7, weightUnit="LINE"), version("main", FIRST, 3, weightUnit="EACH")]
    ((found, _),) = judged_by(wanted(), by_id(agreed, "main"), lambda policy: Asking(policy, AFTERWARDS, CALENDARS))
    assert found.position == 7


def test_definitions_of_another_metric_or_id_are_left_out() -> None:
    agreed = [version("fill"), version("otif", FIRST, 2, metric="OTIF")]
    assert chosen(agreed, wanted(), Metric.OTIF) == [f"otif@{FIRST}"]
    assert chosen(agreed, wanted(), Metric.ON_TIME) == []
    asking = lambda policy: Asking(policy, AFTERWARDS, CALENDARS)  # noqa: E731
    assert [v.policy_id for v, _ in judged_by(wanted(), by_id(agreed, "fill"), asking)] == ["fill"]


def test_what_if_takes_every_line_that_its_scope_covers() -> None:
    asking = lambda policy: Asking(policy, AFTERWARDS, CALENDARS)  # noqa: E731
    everything = policy_from({"policyId": "if"})
    assert len(list(judged_by(wanted(), always(everything), asking))) == 1
    elsewhere = policy_from({"scope": {"banner": "cash"}})
    assert list(judged_by(wanted(), always(elsewhere), asking)) == []


def test_an_order_under_two_definitions_is_judged_whole_under_each() -> None:
    """Drinks fail as an order only by their own lines: the lines of another definition are no part of it."""
    both = order(line(10), line(10), deliveries=[delivery("2025-04-10T10:00", {"1": 10, "2": 4})], wanted="2025-04-10")
    lines = [replace(both[0], original=replace(both[0].original, category="drinks")), both[1]]
    agreed = [scoped("all"), scoped("drinks", category="drinks")]
    assert sorted(chosen(agreed, lines)) == [f"all@{FIRST}", f"drinks@{FIRST}"]
