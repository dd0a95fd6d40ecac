"""A scorecard is kept by number and version: replaced, voided, never overridden by an old one, whatever comes first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given as supposing
from hypothesis import strategies as st

from domain.aggregate import deciding_at
from domain.fill_rate.choices import Metric
from domain.fill_rate.periods import PERIOD_UNKNOWN
from domain.refusal import Kind, Refusal
from domain.retailer_score import VERSION_BELOW_ONE, VERSION_DIFFERS, RetailerScore
from domain.scorecard import (
    CALENDAR_UNKNOWN,
    CORRECTED_BELOW_ZERO,
    DENOMINATOR_ZERO,
    FIGURE_HALF,
    FIGURE_NEGATIVE,
    FIGURE_TWICE,
    LINE_UNNAMED,
    NOTHING_REPORTED,
    NOTHING_TO_CORRECT,
    ORDERED_NEGATIVE,
    RATE_ABOVE_ONE,
    Listing,
    ReportedLine,
    Result,
    Scorecard,
)
from tests.given import MOMENT, fact, given

D = Decimal
CAME = datetime(2025, 8, 5, 1, 10, tzinfo=UTC)
LINE = ReportedLine("PO-7", "1", None, D(100), D(92), CAME, None, Result.FAILED)
CARD = Scorecard(Metric.FILL, "GREGORIAN_MONTH", "2025-08", "walmart-if", "92", "100", lines=(LINE,))
BETTER = replace(CARD, numerator="96", lines=(replace(LINE, received=D(96)),))


def reported(version: int, card: Scorecard = CARD) -> Any:
    return fact(RetailerScore.Reported, partner="retail-a", number="SC-8", version=version, **vars(card))


def anew(version: int, card: Scorecard = BETTER, replaces: int | None = 1) -> Any:
    names = {"partner": "retail-a", "number": "SC-8", "version": version, "replaces": replaces}
    return fact(RetailerScore.ReportedAnew, **names, **vars(card))


def voided(version: int) -> Any:
    return fact(RetailerScore.Voided, partner="retail-a", number="SC-8", version=version, reason="recount")


def unseen(version: int) -> Any:
    return fact(RetailerScore.VoidedUnseen, partner="retail-a", number="SC-8", version=version, reason="recount")


def report(card: Scorecard, version: int = 1) -> Any:
    return given(RetailerScore).when_new(lambda: RetailerScore.report("retail-a", "SC-8", version, card))


def test_a_scorecard_is_reported() -> None:
    assert RetailerScore.stream("retail-a", "SC/8") == "score/retail-a/SC%2F8"
    report(CARD).then(reported(1)).then_state(versions=(1,), card=CARD, is_void=False)
    assert CARD.value == Fraction(92, 100)


def test_a_higher_version_takes_its_place_and_an_old_one_never_does() -> None:
    given(RetailerScore, reported(1)).when(lambda s: s.report_anew(3, BETTER)).then(anew(3)).then_state(
        versions=(1, 3), card=BETTER
    )
    for late in (1, 2):
        given(RetailerScore, reported(1), anew(3)).when(lambda s, v=late: s.report_anew(v, CARD)).then_nothing()


def test_the_same_version_again_is_silent_with_other_content_refused() -> None:
    there = given(RetailerScore, reported(1))
    there.when(lambda s: s.report_anew(1, CARD)).then_nothing()
    zone = timezone(timedelta(hours=8))
    written = replace(LINE, ordered=D("100.0"), arrived_at=CAME.astimezone(zone))
    again = replace(CARD, numerator="92.0", lines=(written,))
    given(RetailerScore, reported(1)).when(lambda s: s.report_anew(1, again)).then_nothing()
    given(RetailerScore, reported(1)).when(lambda s: s.report_anew(1, BETTER)).then_refused(
        VERSION_DIFFERS,
        "Scorecard SC-8 of retail-a has a version 1 with other content: numerator, lines differ. Send what is"
        " corrected as version 2.",
    )
    assert VERSION_DIFFERS.kind is Kind.CONFLICT


def test_the_order_of_the_lines_says_nothing() -> None:
    other = replace(LINE, line="2")
    both, turned = replace(CARD, lines=(LINE, other)), replace(CARD, lines=(other, LINE))
    given(RetailerScore, reported(1, both)).when(lambda s: s.report_anew(1, turned)).then_nothing()


def test_a_scorecard_is_voided_once_and_may_be_reported_anew() -> None:
    given(RetailerScore, reported(1)).when(lambda s: s.void(1, "recount")).then(voided(1)).then_state(is_void=True)
    there = (reported(1), voided(1))
    given(RetailerScore, *there).when(lambda s: s.void(1, "again")).then_nothing()
    given(RetailerScore, *there).when(lambda s: s.report_anew(1, CARD)).then_nothing()
    given(RetailerScore, *there).when(lambda s: s.report_anew(1, BETTER)).then_refused(VERSION_DIFFERS, next_version=2)
    given(RetailerScore, *there).when(lambda s: s.report_anew(2, BETTER)).then(anew(2)).then_state(is_void=False)


def test_an_old_cancellation_does_not_take_back_a_newer_version() -> None:
    given(RetailerScore, reported(1), anew(2)).when(lambda s: s.void(1, "recount")).then_nothing()


def test_a_cancellation_may_come_before_what_it_cancels() -> None:
    given(RetailerScore).when_new(lambda: RetailerScore.void_unseen("retail-a", "SC-8", 1, "recount")).then(unseen(1))
    given(RetailerScore, unseen(1)).when(lambda s: s.report_anew(1, CARD)).then_nothing()
    given(RetailerScore, unseen(1)).when(lambda s: s.report_anew(2, BETTER)).then(anew(2, replaces=None)).then_state(
        is_void=False, card=BETTER
    )


SAID: dict[str, Any] = {
    "version 1": (1, CARD), "version 2": (2, BETTER), "version 2 taken back": (2, None), "version 3": (3, CARD),
}  # fmt: skip


@supposing(st.lists(st.sampled_from(sorted(SAID)), min_size=1, max_size=9))
def test_what_counts_in_the_end_does_not_depend_on_what_came_first(heard: list[str]) -> None:
    """The highest version wins; at the same version the cancellation does."""
    score: RetailerScore | None = None
    with deciding_at(MOMENT):
        for name in heard:
            version, card = SAID[name]
            if score is None:
                names = ("retail-a", "SC-8", version)
                score = RetailerScore.report(*names, card) if card else RetailerScore.void_unseen(*names, "recount")
            elif card:
                score.report_anew(version, card)
            else:
                score.void(version, "recount")
    assert score is not None
    last = max(heard, key=lambda name: (SAID[name][0], SAID[name][1] is None))
    assert (None if score.state.is_void else score.state.card) == SAID[last][1]


@pytest.mark.parametrize(
    ("card", "refusal", "says"),
    [
        (
            replace(CARD, calendar="LUNAR"),
            CALENDAR_UNKNOWN,
            "Scorecard SC-8 counts its period by LUNAR; the calendars known are GREGORIAN_MONTH, ISO_WEEK, WEEK_SUN_SAT,"
            " FISCAL_NRF, FISCAL_WALMART, FISCAL_445. Name one of these.",
        ),
        (
            replace(CARD, period="2025-13"),
            PERIOD_UNKNOWN,
            "2025-13 is no period of the calendar GREGORIAN_MONTH. Name one as that calendar writes it, for example 2026-03.",
        ),
        (
            replace(CARD, numerator=None, denominator=None, lines=()),
            NOTHING_REPORTED,
            "Scorecard SC-8 states neither a figure nor lines. Send numerator and denominator, or a rate, or the lines.",
        ),
        (
            replace(CARD, rate="0.92"),
            FIGURE_TWICE,
            "Scorecard SC-8 states the figure 92/100 and the rate 0.92. Send the exact figure alone where it is known, else"
            " the rate alone.",
        ),
        (
            replace(CARD, denominator=None),
            FIGURE_HALF,
            "Scorecard SC-8 states the numerator 92 without its denominator. Send both, or the rate alone.",
        ),
        (
            replace(CARD, numerator="-1"),
            FIGURE_NEGATIVE,
            "Scorecard SC-8 states -1 as its numerator, the least is 0. Send the figure after all corrections.",
        ),
        (
            replace(CARD, denominator="0"),
            DENOMINATOR_ZERO,
            "Scorecard SC-8 states 92 of 0. Send the denominator, or 0 and 0 where nothing was due.",
        ),
        (
            replace(CARD, numerator=None, denominator=None, rate="92"),
            RATE_ABOVE_ONE,
            "Scorecard SC-8 states the rate 92, 91 above the limit 1. Write 92 % as 0.92; a figure above 100 % is sent as"
            " numerator and denominator.",
        ),
        (
            replace(CARD, lines=(replace(LINE, line=None),)),
            LINE_UNNAMED,
            "Scorecard SC-8: a line of order PO-7 names neither its number nor its item. Send one of the two.",
        ),
        (
            replace(CARD, lines=(replace(LINE, ordered=D(-1)),)),
            ORDERED_NEGATIVE,
            "Scorecard SC-8: line 1 of order PO-7 has -1 ordered, the least is 0. Send what the customer counts as ordered.",
        ),
        (
            replace(CARD, lines=(LINE, replace(LINE, ordered=D(0), received=D(-8)))),
            NOTHING_TO_CORRECT,
            "Scorecard SC-8 version 1: line 1 of order PO-7 has -8 received, the least is 0; nothing was reported before"
            " that it could correct. Send a correction in version 2 or later.",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(card: Scorecard, refusal: Refusal, says: str) -> None:
    report(card).then_refused(refusal, says)


def test_a_correction_comes_in_a_later_version_and_takes_back_no_more_than_was_received() -> None:
    corrected = replace(CARD, lines=(LINE, replace(LINE, ordered=D(0), received=D(-92), result=None)))
    given(RetailerScore, reported(1)).when(lambda s: s.report_anew(2, corrected)).then(anew(2, corrected))
    below = replace(CARD, lines=(LINE, replace(LINE, ordered=D(0), received=D("-92.5"), item="tea")))
    given(RetailerScore, reported(1)).when(lambda s: s.report_anew(2, below)).then_refused(
        CORRECTED_BELOW_ZERO,
        "Scorecard SC-8 version 2: what is received of line 1 of order PO-7 sums to -0.5, 0.5 below the least 0. Send the"
        " line whole, with its corrections, in one version.",
    )


def test_versions_count_from_one() -> None:
    report(CARD, version=0).then_refused(
        VERSION_BELOW_ONE,
        "Scorecard SC-8 of retail-a has version 0; versions count from 1. Send the first one as version 1.",
    )
    given(RetailerScore, reported(1)).when(lambda s: s.void(0, "x")).then_refused(VERSION_BELOW_ONE)


@pytest.mark.parametrize(
    ("numerator", "denominator", "rate", "value"),
    [
        ("19/10", "2", None, Fraction(19, 20)), ("0", "0", None, None), ("102", "100", None, Fraction(51, 50)),
        (None, None, "0.9467", Fraction(9467, 10_000)), (None, None, None, None),
    ],
)  # fmt: skip
def test_a_figure_is_exact(numerator: str | None, denominator: str | None, rate: str | None, value: Fraction | None) -> None:
    card = replace(CARD, numerator=numerator, denominator=denominator, rate=rate, listing=Listing.FAILED)
    report(card).then(reported(1, card))
    assert (card.value, card.has_figure) == (value, bool(rate or numerator))
