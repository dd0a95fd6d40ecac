"""The view of penalties: amounts and states as they stand, and everything that happened to each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

from domain.penalty import Calculation, Penalty, PenaltyStatus
from projections import penalties
from projections.penalties import PenaltySearch, find_penalties, penalty
from tests.projections.chronicle import Chronicle, Folder, check_folds_alike, reading

LOGS = ("orders",)
DAY = date(2026, 4, 20)
FOUND = Calculation(D("186.37"), 3, "9499/10000", "19/20", date(2026, 1, 1), "ab12", 40)
MARCH = Penalty.stream("retail-a", "WMT-IF", "2026-03")


def begun(partner: str, policy: str, period: str, currency: str = "USD", **figures: object) -> Penalty:
    found = replace(FOUND, **figures)  # type: ignore[arg-type]
    return Penalty.calculate(partner=partner, policy=policy, period=period, currency=currency, found=found)


def told() -> Chronicle:
    """Three penalties of one customer, one of another; the one of March goes all the way, twice."""
    chronicle = Chronicle()
    with chronicle.command("orders") as log:
        march = begun("retail-a", "WMT-IF", "2026-03")
        february = begun("retail-a", "WMT-IF", "2026-02")
        other_policy = begun("retail-a", "WMT-OT", "2026-03")
        other = begun("retail-b", "FLAT", "2026-03", "JPY", amount=D(1200), rate=None, goal=None)
        log += [march, february, other_policy, other]
    steps = (
        lambda: march.announce("F-1", D("200.00"), DAY),
        lambda: march.recalculate("USD", replace(FOUND, amount=D("100.00"), charges=2, position=57), "a late receipt"),
        lambda: march.dispute(D("80.00"), "received late", "mei"),
        lambda: march.announce("F-2", D("50.00"), DAY),
        lambda: march.settle("CM-1", D("120.00"), DAY),
        lambda: march.announce("F-3", D("30.00"), DAY),
        lambda: march.waive("goodwill"),
        lambda: march.announce("F-4", D("10.00"), DAY),
    )
    for step in steps:
        with chronicle.command("orders", actor="mei") as log:
            step()
            log.append(march)
    with chronicle.command("orders") as log:
        february.announce("F-5", D("186.37"), DAY)
        february.dispute(D("186.37"), "no order was short", "mei")
        february.announce("F-6", D("1.00"), DAY)
        log.append(february)
    return chronicle


def test_it_folds_alike(folder: Folder) -> None:
    check_folds_alike(folder, penalties.VIEW, told(), LOGS)


def test_the_list_shows_amounts_and_states(folder: Folder) -> None:
    with reading(folder, penalties.VIEW, told(), LOGS) as connection:
        rows = find_penalties(connection, PenaltySearch()).rows
        first = find_penalties(connection, PenaltySearch(), limit=2)
        rest = find_penalties(connection, PenaltySearch(), limit=2, after=first.after)
        by = {
            "partner": PenaltySearch(partner="retail-b"), "policy": PenaltySearch(policy="WMT-OT"),
            "period": PenaltySearch(partner="retail-a", period="2026-02"),
            "state": PenaltySearch(state=PenaltyStatus.DISPUTED), "none": PenaltySearch(state=PenaltyStatus.SETTLED),
        }  # fmt: skip
        found = {name: find_penalties(connection, search).rows for name, search in by.items()}
    names = [(row["partner"], row["period"], row["policy"], row["state"]) for row in rows]
    assert names == [
        ("retail-a", "2026-03", "WMT-IF", "ANNOUNCED"), ("retail-a", "2026-03", "WMT-OT", "CALCULATED"),
        ("retail-a", "2026-02", "WMT-IF", "DISPUTED"), ("retail-b", "2026-03", "FLAT", "CALCULATED"),
    ]  # fmt: skip
    assert (first.rows + rest.rows, rest.after) == (rows, None)
    assert {name: [row["penalty_id"] for row in some] for name, some in found.items()} == {
        "partner": [rows[3]["penalty_id"]], "policy": [rows[1]["penalty_id"]], "period": [rows[2]["penalty_id"]],
        "state": [rows[2]["penalty_id"]], "none": [],
    }  # fmt: skip
    flat = rows[3]
    assert (flat["calculated"], flat["currency"], flat["rate"], flat["goal"]) == (D(1200), "JPY", None, None)
    february = rows[2]
    assert (february["announced"], february["open"], february["disputed"]) == (D("187.37"), D("187.37"), D("186.37"))


def test_the_page_shows_what_came_of_each_document(folder: Folder) -> None:
    with reading(folder, penalties.VIEW, told(), LOGS) as connection:
        row = penalty(connection, MARCH)
        assert penalty(connection, "penalty/none") is None
    assert row is not None
    amounts = {name: row[name] for name in ("calculated", "announced", "open", "disputed", "settled", "waived")}
    assert amounts == {
        "calculated": D("100.00"), "announced": D("290.00"), "open": D("10.00"), "disputed": D(0), "settled": D("120.00"),
        "waived": D("30.00"),
    }  # fmt: skip
    assert (row["charges"], row["rate"], row["goal"], row["position"]) == (2, "9499/10000", "19/20", 57)
    assert [(each["what"], each["amount"], each["document"], each["reason"], each["actor"]) for each in row["history"]] == [
        ("penalty.calculated/1", D("186.37"), None, None, "li.wei"),
        ("penalty.announced_by_customer/1", D("200.00"), "F-1", None, "mei"),
        ("penalty.recalculated/1", D("100.00"), None, "a late receipt", "mei"),
        ("penalty.disputed/1", D("80.00"), None, "received late", "mei"),
        ("penalty.announced_by_customer/1", D("50.00"), "F-2", None, "mei"),
        ("penalty.settled/1", D("120.00"), "CM-1", None, "mei"),
        ("penalty.announced_by_customer/1", D("30.00"), "F-3", None, "mei"),
        ("penalty.waived/1", D("30.00"), None, "goodwill", "mei"),
        ("penalty.announced_by_customer/1", D("10.00"), "F-4", None, "mei"),
    ]
    assert {each["dated_on"] for each in row["history"] if each["document"]} == {DAY}
