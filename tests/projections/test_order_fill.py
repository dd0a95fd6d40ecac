"""Order fill: the facts of each line, also as they were known earlier."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

from domain.fill_rate.facts import LineFacts, PromisedPart
from domain.order import ConfirmedLine, HoldReason, Order, ScheduleLine
from domain.shipment import ArrivalEvidence
from domain.values import Side
from projections import order_fill
from projections.order_fill import lines_of, lines_requested
from tests.projections.chronicle import Chronicle, Folder, check_folds_alike, reading
from tests.projections.story import LATER, ORDER, OTHER, SHIPMENT, WANTED, Story, line, place

LOGS = ("orders",)


def test_it_folds_alike(folder: Folder) -> None:
    check_folds_alike(folder, order_fill.VIEW, Story().told(), LOGS)


def test_a_line_has_every_fact_with_its_place_in_the_log(folder: Folder) -> None:
    with reading(folder, order_fill.VIEW, Story().told(), LOGS) as connection:
        one, two = lines_of(connection, ORDER)
    assert (one.number, one.ordered, one.requested_on, one.known.position) == ("1", D(10), WANTED, 3)
    assert [(part.ship_to, part.requested_on, part.quantity) for part in one.original.schedule] == [
        ("dc1", WANTED, D(6)), ("dc2", LATER, D(4)),
    ]  # fmt: skip
    assert [(c.confirmation, c.parts) for c in one.confirmations] == [("C-1", (PromisedPart(D(10), WANTED, None),))]
    (gone,) = one.cancellations
    assert (gone.cause, gone.by, gone.quantity, gone.reason) == ("CANCELLED", Side.CUSTOMER, D(2), "too many")
    assert (gone.known.position, gone.known.actor) == (8, "buyer")
    (hold,) = one.holds
    assert hold.until is not None
    assert (hold.since.position, hold.until.position, hold.reasons[0].excess) == (4, 5, D(40))
    (delivery,) = one.deliveries
    assert (delivery.shipment, delivery.quantity, delivery.base_quantity) == (SHIPMENT, D(8), D(96))
    assert delivery.first_appointment is not None
    assert delivery.latest_appointment is not None
    assert (delivery.first_appointment.reference, delivery.latest_appointment.reference) == ("A-1", "A-2")
    assert [(a.evidence, a.by, a.known.position) for a in delivery.arrivals] == [
        (ArrivalEvidence.GATE_ARRIVAL, Side.CUSTOMER, 13)
    ]
    assert [(p.document, p.quantity) for p in delivery.proofs] == [("POD-1", D(8))]
    assert [(r.quantity, r.reason, r.fault) for r in delivery.refusals] == [(D(1), "damaged", Side.SUPPLIER)]
    assert [(a.version, a.accepted) for a in two.deliveries[0].advices] == [(2, D(4))]
    assert two.cancellations == ()


def test_whole_orders_are_found_by_the_days_first_asked_for(folder: Folder) -> None:
    def found(first: date, last: date, company: str | None = None) -> set[tuple[str, str]]:
        return {(f.order, f.number) for f in lines_requested(connection, "retailer", first, last, company=company)}

    every = {(ORDER, "1"), (ORDER, "2"), (OTHER, "1")}
    with reading(folder, order_fill.VIEW, Story().told(), LOGS) as connection:
        assert found(WANTED, WANTED) == every
        assert found(LATER, LATER) == {(ORDER, "1"), (ORDER, "2")}
        assert found(date(2026, 3, 1), date(2026, 3, 8)) == set()
        assert found(date(2026, 3, 17), date(2026, 3, 31)) == set()
        assert found(WANTED, LATER, company="acme") == every
        assert found(WANTED, LATER, company="other") == set()


def test_what_was_known_earlier_can_be_asked(folder: Folder) -> None:
    with reading(folder, order_fill.VIEW, Story().told(), LOGS) as connection:
        assert lines_of(connection, ORDER, known_at=2) == ()
        (one, _) = lines_of(connection, ORDER, known_at=7)
        assert (one.cancellations, one.deliveries) == ((), ())
        (_, two) = lines_of(connection, ORDER, known_at=16)
        assert [a.version for a in two.deliveries[0].advices] == [1]
        assert len(list(lines_requested(connection, "retailer", WANTED, WANTED, known_at=17))) == 2


def amended() -> tuple[Chronicle, str]:
    chronicle = Chronicle()
    with chronicle.command("orders") as log:
        order: Order = place("PO-9", line("1", "100", 10, "25"), line("2", "200", 4, "10"))
        order.hold(1, [HoldReason("NO_LIMIT", None, None, None, "no limit")])
        order.amend_by_customer(
            "X1",
            [line("1", "100", 12, "25"), line("3", "300", 5, "1", ScheduleLine("dc1", LATER, D(5)))],
            ["2"],
            amended_on=date(2026, 3, 4),
        )
        order.release(2, "r")
        order.confirm("C", [ConfirmedLine("1", D(7), WANTED), ConfirmedLine("1", D(5), LATER, "late")])
        order.close_short("sold out")
        log.append(order)
    return chronicle, order.id


def test_a_line_taken_out_keeps_what_of_it_had_gone_before(folder: Folder) -> None:
    """10, then 15, of which we cancel 2; the 13 still open are taken out: 2 remain of what the customer wanted."""
    chronicle = Chronicle()
    with chronicle.command("orders") as log:
        order: Order = place("PO-9", line("1", "100", 10, "25"), line("2", "200", 4, "10"))
        order.release(1, "r")
        order.amend_by_customer("X1", [line("1", "100", 15, "25")], amended_on=date(2026, 3, 4))
        order.release(2, "r")
        order.cancel_line("1", D(2), by=Side.SUPPLIER, reason="sold out")
        order.amend_by_customer("X2", (), ["1"], amended_on=date(2026, 3, 5))
        log.append(order)
    with reading(folder, order_fill.VIEW, chronicle, LOGS) as connection:
        one = next(f for f in lines_of(connection, order.id) if f.number == "1")
    assert [(a.change, a.quantity) for a in one.amendments] == [("X1", D(15)), ("X2", D(2))]


def test_the_first_wish_is_never_overwritten(folder: Folder) -> None:
    chronicle, order_id = amended()
    check_folds_alike(folder, order_fill.VIEW, chronicle, LOGS)
    with reading(folder, order_fill.VIEW, chronicle, LOGS) as connection:
        added = list(lines_requested(connection, "retailer", LATER, LATER))
        facts: dict[str, LineFacts] = {f.number: f for f in lines_of(connection, order_id)}
    assert (facts["1"].ordered, [a.quantity for a in facts["1"].amendments]) == (D(10), [D(12)])
    assert (facts["1"].added_by, facts["3"].added_by, facts["3"].known.position) == (None, "X1", 3)
    assert facts["3"].amendments == ()
    assert [f.number for f in added] == ["1", "2", "3"]
    assert [(a.change, a.quantity) for a in facts["2"].amendments] == [("X1", D(0))]
    assert [part.quantity for part in facts["1"].confirmations[0].parts] == [D(7), D(5)]
    assert [(c.cause, c.by) for c in facts["3"].cancellations] == [("CLOSED_SHORT", Side.SUPPLIER)]
    hold = facts["1"].holds[0]
    assert hold.until is not None
    assert (hold.since.position, hold.until.position) == (2, 3)
