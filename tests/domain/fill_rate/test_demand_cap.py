"""The demand cap, the digest of a figure, what changed between two, and versions of documents: small rules by hand."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations

from domain.fill_rate.changes import changed
from domain.fill_rate.credit import contributions, ratio
from domain.fill_rate.demand_cap import capped, demand_by_item
from domain.fill_rate.digest import contributions_digest
from domain.fill_rate.figures import evaluate
from domain.fill_rate.form import policy_from, policy_json
from domain.fill_rate.judging import Asking
from domain.fill_rate.policy import FillRatePolicy
from domain.fill_rate.schema import policy_schema
from domain.fill_rate.versions import in_force
from tests.domain.fill_rate.builders import AFTERWARDS, CALENDARS, delivery, line, order

CAP = policy_from({"denominator": {"demandCap": {"basis": "SAME_PERIOD_LAST_YEAR", "factor": "1.2"}}})


def judged(policy: FillRatePolicy = CAP) -> list[object]:
    """100 + 50 of item tea and 40 of item jam, of which 90, 30 and 40 came."""
    lines = order(
        line(100, item="tea"), line(50, item="tea"), line(40, item="jam"),
        deliveries=[delivery("2025-04-10T10:00", {"1": 90, "2": 30, "3": 40})],
    )  # fmt: skip
    return evaluate(lines, Asking(policy, AFTERWARDS, CALENDARS))  # type: ignore[return-value]


def test_demand_above_the_cap_is_cut_pro_rata() -> None:
    """Last year 100 of tea: 120 count of the 150 ordered, 80 and 40 by line; 80 and 30 of it came. Jam is not capped."""
    assert CAP.denominator.demand_cap is not None
    found = capped(judged(), CAP.denominator.demand_cap, {"tea": Fraction(100)})  # type: ignore[arg-type]
    assert [one.d for one in found] == [Fraction(80), Fraction(40), Fraction(40)]
    pooled = ratio(contributions(found, CAP, CAP.metric))
    assert (pooled.numerator, pooled.denominator) == (Fraction(80 + 30 + 40), Fraction(160))


def test_demand_within_the_cap_or_new_is_left_alone() -> None:
    assert CAP.denominator.demand_cap is not None
    at_the_cap = capped(judged(), CAP.denominator.demand_cap, {"tea": Fraction(125)})  # type: ignore[arg-type]
    assert [one.d for one in at_the_cap] == [100, 50, 40]
    new = capped(judged(), CAP.denominator.demand_cap, {})  # type: ignore[arg-type]
    assert [one.d for one in new] == [100, 50, 40]
    assert demand_by_item(judged()) == {"tea": 150, "jam": 40}  # type: ignore[arg-type]


def test_the_digest_is_of_the_contributions_and_not_of_their_order() -> None:
    parts = contributions(judged(), CAP, CAP.metric)  # type: ignore[arg-type]
    assert contributions_digest(parts) == contributions_digest(reversed(parts))
    other = contributions(judged(), policy_from({"weightUnit": "EACH", "creditMode": "ALL_OR_NOTHING"}), CAP.metric)  # type: ignore[arg-type]
    assert contributions_digest(parts) != contributions_digest(other)
    assert len({contributions_digest(parts[:n]) for n in range(len(parts) + 1)}) == len(parts) + 1


def test_only_lines_that_add_something_else_have_changed() -> None:
    whole = policy_from({"creditMode": "ALL_OR_NOTHING"})
    before, after = (contributions(judged(p), p, p.metric) for p in (CAP, whole))  # type: ignore[arg-type]
    found = changed(before, after)
    assert [one.key[1] for one in found] == ["1", "2"], "line 3 came whole"
    assert [(one.before.numerator, one.after.numerator) for one in found if one.before and one.after] == [(90, 0), (30, 0)]
    assert [one.key[1] for one in changed(before, before[:2])] == ["3"]


@dataclass(frozen=True)
class Paper:
    document: str
    version: int
    voids: bool = False
    rank: int = 0


def test_the_highest_version_holds_in_whatever_order_they_come() -> None:
    told = [Paper("RA-1", 1), Paper("RA-1", 3), Paper("RA-1", 2, voids=True), Paper("RA-2", 1), Paper("RA-2", 2, voids=True)]
    for heard in permutations([*told, Paper("RA-1", 1)]):
        assert in_force(heard) == [Paper("RA-1", 3)]


def test_the_schema_speaks_of_every_field_and_its_default() -> None:
    schema, defaults = policy_schema(), policy_json(FillRatePolicy())
    assert set(schema["properties"]) == set(defaults)
    assert schema["properties"]["metric"] == {"type": "string", "enum": ["FILL", "ON_TIME", "OTIF"], "default": "FILL"}
    on_time = schema["properties"]["onTime"]
    assert set(on_time["properties"]) == set(defaults["onTime"])
    assert on_time["properties"]["earliestDays"] == {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None}
    goal = schema["properties"]["goal"]["anyOf"][0]
    assert goal["required"] == ["rate"]
    assert on_time["default"] == defaults["onTime"]
