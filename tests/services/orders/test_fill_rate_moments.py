"""Two time axes and evidence in versions: whatever the order of hearing, and as known at every moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete

from domain.fill_rate.choice import Version
from domain.fill_rate.choices import Metric
from domain.fill_rate.citing import cited
from domain.fill_rate.credit import Contribution
from domain.refusal import Refused
from projections.order_fill import VIEW
from projections.order_fill.tables import FACTS
from projections.projector import Projector
from projections.view_store import ViewStore
from services.fill_rate.presets import whole_policy
from services.orders.fill_rate.reporting import Asked, report, reports, what_if
from services.orders.fill_rate.showing import reasons
from tests.projections.chronicle import Chronicle, Folder
from tests.services.orders.fill_story import CHAPTERS, OTIF, PAPERS, Teller

NOW = datetime(2026, 6, 1, tzinfo=UTC)
F = Fraction
CHECK_IN = {"onTime": {"earliestDays": 0, "arrivalEvidence": ["CHECK_IN"]}}
POLICIES: dict[str, tuple[dict[str, Any], tuple[int, int]]] = {
    "fill in cases": ({}, (133, 140)),
    "on time and in full": (OTIF, (98, 140)),
    "on time, of what came": ({**CHECK_IN, "metric": "ON_TIME"}, (98, 133)),
    "the first delivery only": ({**CHECK_IN, "splitDeliveries": "FIRST_ONLY"}, (98, 140)),
    "all on time or nothing": ({**OTIF, "splitDeliveries": "ALL_ON_TIME"}, (38, 140)),
    "by the proof of delivery": ({"inFull": {"quantityEvidence": ["POD", "RECEIVING_ADVICE"]}}, (135, 140)),
    "by value": ({"weightUnit": "VALUE"}, (1710, 1800)),
}


@pytest.fixture
def store(tmp_path: Any) -> Iterator[Folder]:
    made = Folder(ViewStore(tmp_path, None))
    yield made
    made.close()


def contributions(connection: Connection, policy: dict[str, Any], known_at: int | None = None) -> list[Contribution]:
    asked = Asked("retailer", NOW, known_at, period="2026-03")
    return report(connection, asked, what_if(whole_policy(policy))).contributions


def pooled(found: list[Contribution]) -> tuple[Fraction, Fraction]:
    return sum((one.numerator for one in found), F(0)), sum((one.denominator for one in found), F(0))


@st.composite
def sequences(draw: st.DrawFn) -> list[str]:
    """Everything, in any order in which it can be heard, papers up to three times."""
    papers = draw(st.permutations([*PAPERS, *draw(st.lists(st.sampled_from(PAPERS), max_size=6))]))
    ours = ["place", *draw(st.permutations(["ship S-1", "ship S-2"]))]
    whole: list[str] = []
    while ours or papers:
        take_ours = ours and (not papers or draw(st.booleans()))
        whole.append(ours.pop(0) if take_ours else papers.pop(0))
    return whole


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chapters=sequences())
def test_papers_may_come_before_what_they_speak_of_in_any_order_and_twice(store: Folder, chapters: list[str]) -> None:
    engine = store.folded(VIEW, Teller().tell(chapters), ("orders",))
    with engine.connect() as connection:
        found = {name: pooled(contributions(connection, policy)) for name, (policy, _) in POLICIES.items()}
    assert found == {name: (F(n), F(d)) for name, (_, (n, d)) in POLICIES.items()}


STORY = (
    "RA-1 v1", "agree otif", "place", "ship S-1", "RA-2 v1", "ship S-2", "RA-1 v2", "POD-1", "cancel 5", "RA-2 v2",
    "agree a wider window, back-dated", "RA-2 v3", "exclude line 2",
)  # fmt: skip


def figures_of(connection: Connection, known_at: int | None) -> list[Any]:
    """The agreed figure with every line's part in it; or that nothing was agreed yet."""
    try:
        found = reports(connection, Asked("retailer", NOW, known_at, period="2026-03", metric=Metric.OTIF))
    except Refused as refused:
        return [refused.code]
    return [
        [
            (one.judged.want.key, one.judged.status, one.numerator, one.denominator, reasons(one.judged))
            for one in each.contributions
        ]
        for each in found
    ]  # fmt: skip


def test_as_known_at_every_position_is_what_was_shown_then(store: Folder) -> None:
    """The view is asked after every single event; later the same questions are asked of the whole log (X2)."""
    chronicle = Teller().tell(STORY)
    end = len(chronicle.logs["orders"])
    shown = []
    feeds = chronicle.feeds(("orders",))
    projector = Projector(VIEW, feeds, store.engine(VIEW))
    for position in range(1, end + 1):
        feeds["orders"].end = position
        projector.fold_page("orders")
        with projector.engine.connect() as connection:
            shown.append(figures_of(connection, None))
    with projector.engine.connect() as connection:
        again = [figures_of(connection, position) for position in range(1, end + 1)]
    assert again == shown
    assert len({str(one) for one in shown}) >= 7, "the story has to move the figure"


def test_what_was_known_differs_from_what_is_known(store: Folder) -> None:
    """By hand: before the wider window was agreed 60 of line 1 counted, with it 95; 5 that we cancelled stay in D."""
    chronicle = Teller().tell(STORY)
    agreed = [e.position for e in chronicle.logs["orders"] if e.type == "partner.fill_rate_policy_agreed/1"]
    with store.folded(VIEW, chronicle, ("orders",)).connect() as connection:
        (before,) = reports(connection, Asked("retailer", NOW, agreed[1] - 1, period="2026-03"))
        (after,) = reports(connection, Asked("retailer", NOW, None, period="2026-03"))
    assert (before.ratio.numerator, before.ratio.denominator) == (F(98), F(140))
    assert (after.ratio.numerator, after.ratio.denominator) == (F(133), F(140))


def one_line(found: list[Contribution], key: Any) -> Any:
    for one in found:
        if one.judged.want.key == key:
            came = [(d.punctuality, d.quantity, d.evidence, d.admitted) for d in one.judged.deliveries]
            return one.judged.status, one.numerator, one.denominator, reasons(one.judged), came
    return None


def without(connection: Connection, position: int, policy: dict[str, Any], key: Any) -> Any:
    """The line as it would be had the event at the position never been heard."""
    nested = connection.begin_nested()
    connection.execute(delete(FACTS).where(FACTS.c.position == position))
    found = one_line(contributions(connection, policy), key)
    nested.rollback()
    return found


@pytest.mark.parametrize("name", [*POLICIES, "as last amended"])
def test_every_cited_event_matters_and_no_other(store: Folder, name: str) -> None:
    """X1: without any one cited event the line is another, and from the cited ones alone it is the same."""
    policy = POLICIES[name][0] if name in POLICIES else {"denominator": {"quantityBasis": "LATEST_AMENDED"}}
    chronicle = Teller().tell(("place", "ship S-1", "ship S-2", "RA-1 v2", "POD-1", "RA-2 v3"))
    version = Version("what-if", NOW.date(), 0, whole_policy(policy))
    with store.folded(VIEW, chronicle, ("orders",)).connect() as connection:
        whole = contributions(connection, policy)
        for one in whole:
            key = one.judged.want.key
            positions = [each.known.position for each in cited(one.judged, version.policy)]
            told = one_line(whole, key)
            for position in positions[1:]:  # the first is the order itself: without it there is no line
                assert without(connection, position, policy, key) != told, f"{key}: event {position} is cited for nothing"
            nested = connection.begin_nested()
            connection.execute(delete(FACTS).where(FACTS.c.position.not_in([*positions, *carrying(chronicle)])))
            assert one_line(contributions(connection, policy), key) == told, f"{key}: {positions} are not enough"
            nested.rollback()


def carrying(chronicle: Chronicle) -> list[int]:
    """The dispatches: which delivery a paper belongs to is told by them."""
    return [e.position for e in chronicle.logs["orders"] if e.type == "shipment.dispatched/1"]


def test_every_chapter_is_told() -> None:
    assert set(STORY) | {"place"} == set(CHAPTERS)
