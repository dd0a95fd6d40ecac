"""Figures added up from lots equal those of the evaluator, exactly, for any plain policy, moment and state of the view."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from domain.evidence_document import EvidenceAction, EvidenceDocument, EvidenceKind, StatedLine
from domain.fill_rate.choice import Version, by_id
from domain.fill_rate.choices import BucketBy
from domain.fill_rate.form import policy_from
from domain.fill_rate.lots import lots_of
from domain.fill_rate.policy import FillRatePolicy
from domain.recorded import RecordedEvent
from domain.shipment import ArrivalEvidence
from projections import order_fill
from projections.digest import digests
from projections.order_fill import pushdown, summed
from projections.order_fill.lot_tables import LOTS, SETTLED, UNSETTLED
from projections.projector import Projector
from services.orders.fill_rate.reporting import Asked, Filters, Programme, report, what_if
from services.orders.fill_rate.totals import totals
from tests.projections.chronicle import Folder, ListFeed
from tests.projections.random_orders import DAYS, FIRST, PARTNER, Orders, event

LAST = FIRST + timedelta(days=DAYS)
ARRIVALS = [one.value for one in ArrivalEvidence]
EVIDENCE = ["RECEIVING_ADVICE", "POD", "ASN"]


class Told:
    """The view folded from some events; ``settled`` as far as is asked."""

    def __init__(self, folder: Folder, events: list[RecordedEvent]) -> None:
        self.feed = ListFeed("orders", events)
        self.projector = Projector(order_fill.VIEW, {"orders": self.feed}, folder.engine(order_fill.VIEW))

    def fold(self, end: int | None = None) -> Told:
        self.feed.end = len(self.feed.events) if end is None else end
        self.projector.catch_up()
        return self

    def settle(self) -> Told:
        while self.projector.settle():
            pass
        return self

    def connect(self) -> Connection:
        return self.projector.engine.connect()


def some_policy(dice: random.Random) -> FillRatePolicy:
    """Any policy that lots are enough for."""
    pick = dice.choice
    credit, weight = pick(["PROPORTIONAL", "ALL_OR_NOTHING"]), pick(["CASE", "EACH", "VALUE", "LINE", "ORDER"])
    by_order = credit == "ALL_OR_NOTHING" and weight != "ORDER" and dice.random() < 0.4
    over = pick([{"value": pick([None, "10"]), "onExceed": "CAP"}, {"value": pick(["0", "10"]), "onExceed": "FAIL"}])
    earliest, latest = pick([(None, 0), (None, 1), (None, -1), (0, 0), (-1, 0), (-1, 1), (0, 1)])
    said: dict[str, Any] = {
        "metric": pick(["FILL", "ON_TIME", "OTIF"]),
        "weightUnit": weight, "creditMode": credit, "passLevel": "ORDER" if by_order else "LINE",
        "splitDeliveries": pick(["ACCUMULATE_IN_WINDOW", "ALL_ON_TIME"]),
        "denominator": {
            "quantityBasis": pick(
                ["ORIGINAL", "AMENDED_AT_CUTOFF", "LATEST_AMENDED", "FIRST_CONFIRMED", "LATEST_CONFIRMED"]
            ),
        },
        "inFull": {
            "quantityEvidence": dice.sample(EVIDENCE, dice.randint(1, 3)),
            "underTolerance": {"kind": "PERCENT", "value": pick(["0", "10", "12.5"])},
            "overTolerance": {"kind": "PERCENT", **over},
        },
        "onTime": {
            "target": pick(["REQUESTED_ORIGINAL", "REQUESTED_CURRENT", "PROMISED_FIRST", "PROMISED_LATEST"]),
            "earliestDays": earliest, "latestDays": latest,
            "earlyArrival": pick(["FAIL", "PASS"]), "withoutAppointment": pick(["IGNORE", "FAIL", "RECEIPT_POSTED"]),
            "arrivalEvidence": dice.sample(ARRIVALS, dice.randint(1, 3)),
        },
    }  # fmt: skip
    return policy_from(said)


def some_question(dice: random.Random, positions: int) -> Asked:
    """Any days, moment and state of knowledge; now and then only some of the lines."""
    first = FIRST + timedelta(days=dice.randrange(DAYS))
    last = min(first + timedelta(days=dice.choice((0, 3, 30))), LAST)
    if dice.random() < 0.4:
        first, last = FIRST, LAST
    at = datetime.combine(FIRST, time(dice.randrange(24)), UTC) + timedelta(days=dice.choice((3, 8, 12, 30, 60)))
    known = dice.choice((None, None, dice.randint(1, positions)))
    only = dice.choice(
        (*[Filters()] * 5, Filters(company="acme"), Filters(banner="north"), Filters(ship_to="dc1"), Filters(category="food"))
    )
    return Asked(PARTNER, at, known, days=(first, last), filters=only)


def same(connection: Connection, asked: Asked, programme: Programme) -> None:
    """Every figure of every version, exactly."""
    expected, found = report(connection, asked, programme), totals(connection, asked, programme)
    assert [(one.version.key, one.figures) for one in found.sections] == [
        (one.version.key, one.figures) for one in expected.sections
    ]
    assert (found.ratio, found.period) == (expected.ratio, expected.period)


def settled_share(connection: Connection) -> Fraction:
    """How many of the orders have lots: what the comparison is worth."""
    plain = connection.execute(select(func.count()).where(SETTLED.c.plain)).scalar() or 0
    return Fraction(plain, connection.execute(select(func.count()).select_from(SETTLED)).scalar() or 1)


@pytest.mark.parametrize("seed", range(6))
def test_totals_equal_the_report(folder: Folder, seed: int) -> None:
    """Folded in part, settled, folded on, settled in part: whatever is settled, the figures are the evaluator's."""
    events = Orders(seed, plain=0.97 if seed % 2 else 0.8).recorded()
    dice = random.Random(seed)
    told = Told(folder, events)
    for end, whole in ((len(events) * 2 // 3, True), (len(events), False), (len(events), True)):
        told.fold(end)
        if whole:
            told.settle()
        with told.connect() as connection:
            for _ in range(25):
                same(connection, some_question(dice, end), what_if(some_policy(dice)))
    with told.connect() as connection:
        assert settled_share(connection) > Fraction(1, 4)
        assert connection.execute(select(func.count()).select_from(UNSETTLED)).scalar() == 0


def test_versions_of_a_definition_meet_within_the_period(folder: Folder) -> None:
    dice = random.Random(7)
    told = Told(folder, Orders(7, plain=0.97).recorded()).fold().settle()
    with told.connect() as connection:
        for _ in range(20):
            agreed = [
                Version("P", FIRST + timedelta(days=days), position, some_policy(dice))
                for position, days in enumerate(sorted(dice.sample(range(DAYS), 3)), 1)
            ]
            agreed[0] = replace(agreed[0], policy=replace(agreed[0].policy, effective_to=FIRST + timedelta(days=9)))
            programme = Programme("P", by_id(agreed, "P"), agreed[-1].policy)
            same(connection, some_question(dice, len(told.feed.events)), programme)


def a_plain_order(connection: Connection) -> str:
    query = select(SETTLED.c.order_id).where(SETTLED.c.plain).order_by(SETTLED.c.order_id)
    return str(connection.execute(query).scalars().first())


def test_what_was_heard_since_counts_at_once(folder: Folder) -> None:
    """Before anything is settled anew, a receiving advice of a settled order counts; in its old state it is not counted too."""
    events = Orders(1, plain=1.0).recorded()
    told = Told(folder, events).fold().settle()
    asked = Asked(PARTNER, datetime(2026, 6, 1, tzinfo=UTC), days=(FIRST, LAST))
    programme = what_if(policy_from({"weightUnit": "LINE", "creditMode": "ALL_OR_NOTHING"}))
    with told.connect() as connection:
        order = a_plain_order(connection)
        before = totals(connection, asked, programme).ratio
    at = datetime(2026, 5, 1, tzinfo=UTC)
    head = {"sender": PARTNER, "partner": PARTNER, "kind": EvidenceKind.RECEIVING_ADVICE, "number": "late", "version": 1}
    lines = tuple(StatedLine(order, str(n), None, 500, 500, None) for n in range(1, 6))  # type: ignore[arg-type]
    said = event(
        EvidenceDocument.Stated, f"evidence/{PARTNER}/RECEIVING_ADVICE/late", at, action=EvidenceAction.STATE, shipment=None,
        at=at, on=at.date(), arrivals=(), lines=lines, **head,
    )  # fmt: skip
    position = len(events) + 1
    told.feed.events = [
        *events, RecordedEvent("orders", position, type(said).TYPE, said, at, "x", "c", None, "story"),
    ]  # fmt: skip
    told.fold()
    with told.connect() as connection:
        stale = totals(connection, asked, programme).ratio
        assert stale == report(connection, asked, programme).ratio
        assert stale.denominator == before.denominator
        assert stale.numerator > before.numerator
        assert totals(connection, replace(asked, known_at=position - 1), programme).ratio == before
    told.settle()
    with told.connect() as connection:
        assert totals(connection, asked, programme).ratio == stale
        assert totals(connection, replace(asked, known_at=position - 1), programme).ratio == before


def test_settling_changes_no_digest(folder: Folder) -> None:
    told = Told(folder, Orders(2).recorded()).fold()
    with told.connect() as connection:
        before = digests(connection, order_fill.VIEW)
    told.settle()
    with told.connect() as connection:
        assert digests(connection, order_fill.VIEW) == before
        assert connection.execute(select(func.count()).select_from(LOTS)).scalar()
    assert not {LOTS.name, SETTLED.name, UNSETTLED.name} & before.keys()


def test_lines_that_fared_alike_are_one_lot(folder: Folder) -> None:
    """Lots are fewer than lines, and none is lost: else nothing would be gained, or something lost, by them."""
    told = Told(folder, Orders(3, plain=1.0).recorded()).fold().settle()
    with told.connect() as connection:
        orders = connection.execute(select(SETTLED.c.order_id).where(SETTLED.c.plain)).scalars().all()
        lines = sum(len(order_fill.lines_of(connection, order)) for order in orders)
        count, summed_up = connection.execute(select(func.count(), func.sum(LOTS.c.lines)).select_from(LOTS)).one()
    assert (summed_up, count < lines) == (lines, True)


def test_an_overflow_is_judged_line_by_line(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond 64 bits the database refuses to add up; the evaluator knows no such bound."""
    told = Told(folder, Orders(4, plain=1.0).recorded()).fold().settle()
    asked, programme = Asked(PARTNER, datetime(2026, 6, 1, tzinfo=UTC), days=(FIRST, LAST)), what_if(policy_from({}))
    with told.connect() as connection:
        connection.execute(LOTS.update().values(value=2**62))
        connection.commit()
        same(connection, asked, programme)


@pytest.mark.parametrize(
    "said",
    [
        {"weightUnit": "SKU_LOCATION"}, {"splitDeliveries": "FIRST_ONLY"}, {"conditions": ["UNDAMAGED"]},
        {"scope": {"shipTo": "dc1"}}, {"period": {"recogniseAt": "ORDER_CLOSE"}}, {"denominator": {"caseRounding": "UP"}},
        {"denominator": {"cancellation": {"supplier": "EXCLUDE"}}}, {"inFull": {"wholeCasesOnly": True}},
        {"denominator": {"demandCap": {"basis": "SAME_PERIOD_LAST_YEAR", "factor": "1.2"}}},
        {"inFull": {"quantityEvidence": ["CONFIRMATION"]}}, {"inFull": {"underTolerance": {"kind": "ABSOLUTE", "value": "2"}}},
        {"onTime": {"windowKind": "TIME_OF_DAY", "timeOfDay": "11:00"}}, {"onTime": {"timeZone": "Asia/Shanghai"}},
        {"onTime": {"target": "APPOINTMENT_FIRST"}}, {"onTime": {"dayUnit": "BUSINESS", "calendar": "DE"}},
        {"onTime": {"nonWorkingTarget": "FOLLOWING", "calendar": "DE"}}, {"period": {"bucketBy": BucketBy.RECEIVED}},
        {"denominator": {"quantityBasis": "FIRST_CONFIRMED", "zeroQuantityLine": "COUNT_AS_FULL"}},
    ],
)  # fmt: skip
def test_what_lots_do_not_say_is_left_to_the_evaluator(folder: Folder, said: dict[str, Any]) -> None:
    policy = policy_from(said)
    assert not pushdown.eligible(policy)
    told = Told(folder, Orders(5, count=12, plain=0.5).recorded()).fold().settle()
    with told.connect() as connection:
        for at in (datetime(2025, 11, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)):
            same(connection, Asked(PARTNER, at, days=(FIRST, LAST)), what_if(policy))


def test_an_order_of_which_more_has_to_be_known_has_no_lots() -> None:
    from tests.domain.fill_rate.builders import cancelled, delivery, line, order

    at = "2025-04-10T09:00"
    assert lots_of(order(line(5), deliveries=[delivery(at, {"1": 5})])) is not None
    assert lots_of(order(line(5), deliveries=[delivery(at, {"1": 1})] * 3)) is None
    assert lots_of(order(line(5, cancelled("2025-04-01T09:00", 2)))) is None
    assert lots_of(order(line("0.0000001"))) is None
    assert lots_of(order(line(5, price=1, per=7))) is None


@pytest.mark.parametrize("fault", ["late", "short", "known", "closing"])
def test_a_planted_fault_is_seen(folder: Folder, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """The comparison above can fail: each rule of it, turned round, makes it fail."""
    if fault == "late":
        plain = pushdown.Sight._punctual
        monkeypatch.setattr(pushdown.Sight, "_punctual", lambda self, n: plain(self, n).replace("<=", "<"))
    elif fault == "short":
        whole = pushdown.Sight.passes
        monkeypatch.setattr(pushdown.Sight, "passes", lambda self, metric: whole(self, metric).replace(">=", ">"))
    elif fault == "known":
        monkeypatch.setattr(summed, "_unfit", lambda wanted, policy: iter([SETTLED.c.plain.is_(False)]))
    else:
        monkeypatch.setattr(summed, "_today", lambda wanted: 10**6)
    with pytest.raises(AssertionError):
        for seed in range(6):
            dice = random.Random(seed)
            told = Told(folder, Orders(seed, plain=0.97).recorded()).fold().settle()
            with told.connect() as connection:
                for _ in range(25):
                    same(connection, some_question(dice, len(told.feed.events)), what_if(some_policy(dice)))

