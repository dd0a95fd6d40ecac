"""Scorecards in a view: the newest version at any position, those taken back left out, everything said kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal as D

from domain.fill_rate.choices import Metric
from domain.retailer_score import RetailerScore
from domain.scorecard import Listing, ReportedLine, Result, Scorecard
from projections import retailer_scores
from projections.retailer_scores import find_scores, score, scores_of
from tests.projections.chronicle import Chronicle, Folder, check_folds_alike, reading

LOGS = ("orders",)
LINE = ReportedLine("PO-7", "1", None, D("100"), D("92.5"), datetime(2025, 8, 5, 1, 10, tzinfo=UTC), None, Result.FAILED)
AUGUST = Scorecard(Metric.FILL, "GREGORIAN_MONTH", "2025-08", "walmart-if", "92.5", "100", lines=(LINE,))
BETTER = replace(AUGUST, numerator="96", lines=(replace(LINE, received=D(96)),))
WEEK = Scorecard(Metric.OTIF, "ISO_WEEK", "2025-W32", rate="0.9467", listing=Listing.FAILED)


def told() -> Chronicle:
    """1 August reported, 2 the week, 3 one of another partner, 4 August anew, 5 the week taken back,

    6 one taken back before it came, 7 the week reported anew.
    """
    chronicle = Chronicle()
    with chronicle.command("orders") as log:
        august = RetailerScore.report("retailer", "SC-8", 1, AUGUST)
        week = RetailerScore.report("retailer", "SC-W32", 1, WEEK)
        log += [august, week, RetailerScore.report("other", "SC-8", 1, WEEK)]
    with chronicle.command("orders", actor="scorecard-import") as log:
        august.report_anew(2, BETTER)
        log.append(august)
    with chronicle.command("orders") as log:
        week.void(1, "wrong week")
        log += [week, RetailerScore.void_unseen("retailer", "SC-9", 1, "mistaken")]
    with chronicle.command("orders") as log:
        week.report_anew(2, replace(WEEK, rate="1"))
        log.append(week)
    return chronicle


def test_it_folds_alike(folder: Folder) -> None:
    check_folds_alike(folder, retailer_scores.VIEW, told(), LOGS)


def test_the_newest_version_counts_at_every_position(folder: Folder) -> None:
    again = replace(WEEK, rate="1")
    expected = {
        0: [], 1: [(1, AUGUST)], 2: [(1, AUGUST), (1, WEEK)], 3: [(1, AUGUST), (1, WEEK)], 4: [(2, BETTER), (1, WEEK)],
        5: [(2, BETTER)], 6: [(2, BETTER)], 7: [(2, BETTER), (2, again)],
    }  # fmt: skip
    with reading(folder, retailer_scores.VIEW, told(), LOGS) as connection:
        for position, cards in expected.items():
            known = scores_of(connection, "retailer", known_at=position)
            assert [(one.version, one.card) for one in known] == cards, position
        assert [(one.version, one.card) for one in scores_of(connection, "retailer")] == expected[7]
        assert scores_of(connection, "nobody") == ()
        (first, _) = scores_of(connection, "retailer")
        assert (first.score_id, first.number, first.position, first.actor) == (
            "score/retailer/SC-8", "SC-8", 4, "scorecard-import",
        )  # fmt: skip


def test_lists_show_what_was_taken_back_and_one_scorecard_all_that_was_said(folder: Folder) -> None:
    with reading(folder, retailer_scores.VIEW, told(), LOGS) as connection:
        rows = find_scores(connection, "retailer").rows
        assert [(row["number"], row["reported_version"], row["void"], row["line_count"]) for row in rows] == [
            ("SC-W32", 2, False, 0), ("SC-9", 1, True, 0), ("SC-8", 2, False, 1),
        ]  # fmt: skip
        assert "lines" not in rows[0]
        first = find_scores(connection, "retailer", limit=2)
        rest = find_scores(connection, "retailer", limit=2, after=first.after)
        assert [*first.rows, *rest.rows] == rows
        assert [row["partner"] for row in find_scores(connection, known_at=3).rows] == ["other", "retailer", "retailer"]
        august = score(connection, "score/retailer/SC-8")
        before = score(connection, "score/retailer/SC-8", known_at=3)
        week = score(connection, "score/retailer/SC-W32", known_at=6)
        assert score(connection, "score/retailer/SC-7") is None
        assert score(connection, "score/retailer/SC-8", known_at=0) is None
    assert august is not None and before is not None and week is not None
    assert (august["numerator"], august["replaces"], august["lines"]) == ("96", 1, BETTER.lines)
    assert [(said["position"], said["reported_version"]) for said in august["said"]] == [(4, 2), (1, 1)]
    assert (before["numerator"], before["lines"]) == ("92.5", AUGUST.lines)
    assert (week["void"], week["reason"], week["lines"]) == (True, "wrong week", ())
