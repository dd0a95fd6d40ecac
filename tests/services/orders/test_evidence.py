"""Evidence by the HTTP door: stated before anything is known, in versions, in any order, and what it makes be invoiced."""

from __future__ import annotations

from decimal import Decimal as D
from itertools import permutations
from typing import Any

import pytest

from domain.agreements import ConfirmationMode, InvoicedQuantity, InvoiceTrigger
from domain.invoice import Invoice
from domain.shipment import Shipment
from services.orders import agreeing
from tests.conftest import FIRST_DAY, asking
from tests.services.shop import Shop, problem_of

PARTNER = "counting"


@pytest.fixture(scope="module")
def trade(shop: Shop) -> Shop:
    """``counting`` is invoiced on receipt what it accepted: tea and jam at 2.50 a piece, 19 % tax."""
    first = {"partner": PARTNER, "first_day": FIRST_DAY}
    commands: list[Any] = [
        agreeing.RegisterPartner(partner=PARTNER, name="Counting", company="acme", currency="EUR", zone="UTC"),
        agreeing.AgreeCreditLimit(amount="1000000.00", currency="EUR", **first),
        agreeing.AgreeConfirmation(mode=ConfirmationMode.AUTO, **first),
        agreeing.AgreeInvoicing(trigger=InvoiceTrigger.RECEIPT, quantity=InvoicedQuantity.ACCEPTED, **first),
        agreeing.AgreePlace(
            partner=PARTNER, place="dc-1", name="DC 1", zone="America/Chicago", country="DE", tax_place="de"
        ),
        *(agreeing.AgreePrice(item=item, currency="EUR", price="2.50", unit="EA", **first) for item in ("tea-25", "jam-12")),
    ]
    for command in commands:
        assert shop.wired.applications["orders"].handle(command, asking("seed")).status < 400
    return shop


def order(number: str) -> str:
    return f"acme/{PARTNER}/{number}/-"


def place(trade: Shop, number: str) -> None:
    """Ten pieces of tea and four of jam."""
    lines = [
        {"number": "1", "item": "tea-25", "quantity": "10", "unit": "EA"},
        {"number": "2", "item": "jam-12", "quantity": "4", "unit": "EA"},
    ]
    assert trade.post("/v1/orders", trade.body(number, partner=PARTNER) | {"lines": lines}).status_code == 201
    assert trade.wired.settle()


def dispatch(trade: Shop, shipment: str, number: str) -> None:
    lines = [{"order": f"order/{order(number)}", "line": n, "quantity": q} for n, q in (("1", "10"), ("2", "4"))]
    body = {
        "company": "acme", "number": shipment, "partner": PARTNER, "ship_to": "dc-1",
        "dispatched_at": "2026-03-01T08:30:00Z", "lines": lines,
    }
    assert trade.post("/v1/shipments", body).status_code == 201
    assert trade.wired.settle()


def body(number: str, version: int, about: str, *counts: tuple[str, str, str], **more: Any) -> dict[str, Any]:
    """A receiving advice of (line, received, accepted), posted on 2 March at 22:00 in Chicago."""
    lines = [{"order": order(about), "line": n, "quantity": q, "accepted": a} for n, q, a in counts]
    return {
        "partner": PARTNER, "kind": "RECEIVING_ADVICE", "number": number, "version": version,
        "at": "2026-03-03T04:00:00Z", "lines": lines, **more,
    }


def state(trade: Shop, said: dict[str, Any], status: int = 201) -> Any:
    answer = trade.post("/v1/evidence", said)
    assert answer.status_code == status, answer.text
    assert trade.wired.settle()
    return answer.json()


def issued(trade: Shop, *shipments: str) -> list[tuple[str, D]]:
    """(day, gross) of the invoices of these shipments and of the credit memos about them, in order."""
    events: Any = [r.event for r in trade.wired.feeds["receivables"].read(0, 100_000, [Invoice.Issued])[0]]
    of = {e.originator_id for e in events if e.shipment in shipments}
    return [(str(e.issued_on), e.gross) for e in events if e.originator_id in of or e.about in of]


def shipment(trade: Shop, number: str) -> Any:
    found = trade.wired.applications["orders"].look(Shipment, f"shipment/acme/{number}")
    assert found is not None
    return found.state


def parked(trade: Shop) -> int:
    return sum(reactor.parked for reactor in trade.wired.reactors)


def refused(trade: Shop) -> int:
    return sum(reactor.refused for reactor in trade.wired.reactors)


def counted(trade: Shop, number: str, document: str) -> list[tuple[str, D, D]]:
    return [(line.line, line.received, line.accepted) for line in shipment(trade, number).advices[document].lines]


def test_a_receipt_stated_before_its_order_and_shipment_is_invoiced_when_they_are_there(trade: Shop) -> None:
    """9 of 10 at 2.50 are 22.50, 19 % 4.28 (4.275), 26.78; 4 are 10.00 and 1.90, 11.90: 38.68 together."""
    said = body("RA-1", 1, "PO-1", ("1", "10", "9"), ("2", "4", "4"), shipment="acme/S-1")
    made = state(trade, said)
    assert made["evidence"] == "evidence/counting/RECEIVING_ADVICE/RA-1"
    assert (made["href"], made["newest"]) == ("/v1/evidence/counting/RECEIVING_ADVICE/RA-1", 1)
    place(trade, "PO-1")
    assert issued(trade, "shipment/acme/S-1") == []
    dispatch(trade, "S-1", "PO-1")
    assert issued(trade, "shipment/acme/S-1") == [("2026-03-02", D("38.68"))]  # the day in Chicago
    assert state(trade, said, 200)["newest"] == 1
    assert issued(trade, "shipment/acme/S-1") == [("2026-03-02", D("38.68"))]
    assert counted(trade, "S-1", "RA-1") == [("1", D(10), D(9)), ("2", D(4), D(4))]


def test_a_replacement_bills_its_difference_and_a_cancellation_takes_all_back(trade: Shop) -> None:
    """One more: 2.50 and 0.48 (0.475). Taken back: each invoice is credited whole."""
    place(trade, "PO-2")
    dispatch(trade, "S-2", "PO-2")
    state(trade, body("RA-2", 1, "PO-2", ("1", "10", "9"), ("2", "4", "4"), shipment="acme/S-2"))
    more = body("RA-2", 2, "PO-2", ("1", "10", "10"), ("2", "4", "4"), action="REPLACE", shipment="acme/S-2")
    state(trade, more)
    billed = [("2026-03-02", D("38.68")), ("2026-03-02", D("2.98"))]
    assert issued(trade, "shipment/acme/S-2") == billed
    gone = body("RA-2", 3, "PO-2", action="CANCEL", on="2026-03-07")
    for status in (201, 200):
        state(trade, gone, status)
        assert sorted(issued(trade, "shipment/acme/S-2")[2:]) == [("2026-03-07", D("-38.68")), ("2026-03-07", D("-2.98"))]
    state(trade, more, 200)
    assert len(issued(trade, "shipment/acme/S-2")) == 4
    again = body("RA-2B", 1, "PO-2", ("1", "10", "9"), ("2", "4", "4"), shipment="acme/S-2")
    state(trade, again)
    assert issued(trade, "shipment/acme/S-2")[4:] == [("2026-03-02", D("38.68"))]


def test_a_cancellation_that_came_first_lets_nothing_be_invoiced(trade: Shop) -> None:
    place(trade, "PO-3")
    state(trade, body("RA-3", 2, "PO-3", action="CANCEL"))
    dispatch(trade, "S-3", "PO-3")
    assert state(trade, body("RA-3", 1, "PO-3", ("1", "10", "10"), shipment="acme/S-3"))["newest"] == 2
    assert (issued(trade, "shipment/acme/S-3"), shipment(trade, "S-3").advices) == ([], {})


def test_any_order_of_arrival_bills_the_same_in_the_end(trade: Shop) -> None:
    """Versions 1 to 3, a repeat and the goods themselves in twelve of their orders: 7 pieces are 17.50 and 3.33 (3.325)."""
    for n, steps in enumerate(list(permutations(["1", "2", "3", "again", "left"]))[::10]):
        about, name = f"PO-P{n}", f"S-P{n}"
        place(trade, about)
        versions = {
            "1": body(f"RA-P{n}", 1, about, ("1", "10", "9"), shipment=f"acme/{name}"),
            "2": body(f"RA-P{n}", 2, about, ("1", "10", "8"), ("2", "4", "4"), shipment=f"acme/{name}", action="REPLACE"),
            "3": body(f"RA-P{n}", 3, about, ("1", "10", "7"), action="REPLACE"),  # it names no shipment
        }
        versions["again"] = versions["2"]
        for step in steps:
            if step == "left":
                dispatch(trade, name, about)
            else:
                assert trade.post("/v1/evidence", versions[step]).status_code in (200, 201)
                assert trade.wired.settle()
        assert counted(trade, name, f"RA-P{n}") == [("1", D(10), D(7))], steps
        lines = [part.quantity for part in shipment(trade, name).billed]
        assert sum(lines) == D(7), steps
        grosses = [gross for _, gross in issued(trade, f"shipment/acme/{name}")]
        assert steps[-1] != "left" or grosses == [D("20.83")], steps


def test_an_advice_that_is_corrected_to_another_shipment_moves_its_invoice(trade: Shop) -> None:
    """10 pieces: 25.00 and 4.75."""
    place(trade, "PO-4")
    place(trade, "PO-5")
    dispatch(trade, "S-4", "PO-4")
    dispatch(trade, "S-5", "PO-5")
    state(trade, body("RA-4", 1, "PO-4", ("1", "10", "10"), shipment="acme/S-4"))
    state(trade, body("RA-4", 2, "PO-5", ("1", "10", "10"), shipment="acme/S-5", action="REPLACE", on="2026-03-06"))
    assert issued(trade, "shipment/acme/S-4") == [("2026-03-02", D("29.75")), ("2026-03-06", D("-29.75"))]
    assert issued(trade, "shipment/acme/S-5") == [("2026-03-06", D("29.75"))]


def test_what_the_shipment_does_not_carry_is_left_out_and_nothing_is_parked(trade: Shop) -> None:
    place(trade, "PO-6")
    dispatch(trade, "S-6", "PO-6")
    unknown = {"order": order("PO-never"), "line": "1", "quantity": "999999"}
    other = {"order": order("PO-6"), "item": "nobody-knows", "quantity": "5"}
    item = {"order": order("PO-6"), "item": "jam-12", "quantity": "6", "accepted": "3"}
    said = body("RA-6", 1, "PO-6", ("77", "3", "3"), shipment="acme/S-6")
    state(trade, said)  # nothing of it is on the shipment
    assert shipment(trade, "S-6").advices == {}
    state(trade, body("RA-7", 1, "PO-6", shipment="acme/S-6") | {"lines": [unknown, other, item]})
    assert counted(trade, "S-6", "RA-7") == [("2", D(6), D(3))]
    early = body("N" * 80, 1, "PO-6", ("1", "1", "1"), shipment="acme/S-6", at="1970-01-01T00:00:00Z", sender="S" * 80)
    state(trade, early)  # 31 December 1969 in Chicago
    assert counted(trade, "S-6", f"{'N' * 80} of {'S' * 80}") == [("1", D(1), D(1))]
    assert parked(trade) == 0


def test_two_senders_may_use_one_number(trade: Shop) -> None:
    """Both wait for the goods to leave."""
    place(trade, "PO-9")
    state(trade, body("RA-9", 1, "PO-9", ("1", "10", "9"), shipment="acme/S-9"))
    state(trade, body("RA-9", 2, "PO-9", ("2", "4", "4"), shipment="acme/S-9", sender="warehouse"))
    dispatch(trade, "S-9", "PO-9")
    assert counted(trade, "S-9", "RA-9") == [("1", D(10), D(9))]
    assert counted(trade, "S-9", "RA-9 of warehouse") == [("2", D(4), D(4))]


def test_a_proof_of_delivery_delivers_the_shipment_once(trade: Shop) -> None:
    place(trade, "PO-10")
    signed = [{"evidence": "POD_SIGNED", "at": "2026-03-02T17:00:00Z"}]
    proof = body("POD-1", 1, "PO-10", ("1", "10", "10"), ("2", "0", "0"), shipment="acme/S-10", kind="POD", arrivals=signed)
    state(trade, proof | {"at": None})
    dispatch(trade, "S-10", "PO-10")
    known, before = shipment(trade, "S-10"), refused(trade)
    assert [(line.line, line.quantity) for line in known.deliveries["POD-1"]] == [("1", D(10))]
    assert str(known.delivered_on) == "2026-03-02"
    state(trade, proof | {"version": 2, "action": "REPLACE", "lines": [{"order": order("PO-10"), "line": "1", "quantity": "9"}]})
    state(trade, body("POD-1", 3, "PO-10", kind="POD", action="CANCEL"))
    assert shipment(trade, "S-10").deliveries == known.deliveries
    notice = body("SN-1", 1, "PO-10", ("1", "9", "9"), shipment="acme/S-10", kind="SHIP_NOTICE")
    state(trade, notice)
    assert (shipment(trade, "S-10").advices, parked(trade), refused(trade)) == ({}, 0, before)


def test_substitutes_and_the_posted_instant_reach_the_shipment(trade: Shop) -> None:
    place(trade, "PO-11")
    dispatch(trade, "S-11", "PO-11")
    line = {
        "order": order("PO-11"), "line": "1", "quantity": "6",
        "substitutes": [{"item": "jam-12", "quantity": "4", "base_quantity": "4", "approved": True}],
    }
    state(trade, body("RA-11", 1, "PO-11", shipment="acme/S-11") | {"lines": [line]})
    page = trade.get("/v1/shipments/acme/S-11").json()["shipment"]["advices"]["RA-11"]
    assert page["lines"][0]["substitutes"] == [{"item": "jam-12", "quantity": "4", "base_quantity": "4", "approved": True}]
    assert issued(trade, "shipment/acme/S-11") == [("2026-03-02", D("17.85"))]  # 6 x 2.50 = 15.00 and 2.85


def test_a_document_shows_what_counts_and_what_was_stated(trade: Shop) -> None:
    state(trade, body("RA-12", 3, "PO-12", ("1", "2", "1")))
    state(trade, body("RA-12", 1, "PO-12", ("1", "2", "2"), sender=PARTNER))
    shown = trade.get("/v1/evidence/counting/RECEIVING_ADVICE/RA-12")
    body_ = shown.json()
    assert (body_["versions"], body_["newest"]["version"], shown.headers["etag"]) == ([1, 3], 3, '"v2"')
    assert body_["newest"]["lines"][0] == {
        "order": f"order/{order('PO-12')}", "line": "1", "item": None, "quantity": "2", "accepted": "1",
        "condition": None, "substitutes": [],
    }
    problem_of(trade.get("/v1/evidence/counting/POD/RA-12"), 404, "not_known")


def test_what_cannot_be_stated_is_refused_with_a_reason(trade: Shop) -> None:
    said = body("RA-13", 1, "PO-13", ("1", "2", "2"))
    state(trade, said)
    differs = problem_of(trade.post("/v1/evidence", said | {"on": "2026-03-01"}), 409, "evidence.content_differs")
    assert "RA-13 of counting, version 1" in differs["detail"] and "2 or above" in differs["detail"]
    cases = {
        "evidence.accepted_more_than_received": body("RA-14", 1, "PO-13", ("1", "1", "2")),
        "evidence.no_lines": body("RA-14", 1, "PO-13"),
        "evidence.cancel_with_lines": body("RA-14", 1, "PO-13", ("1", "1", "1"), action="CANCEL"),
        "not_known": body("RA-14", 1, "PO-13", ("1", "1", "1"), partner="nobody"),
    }
    for code, wrong in cases.items():
        problem_of(trade.post("/v1/evidence", wrong), 422, code)
    for field, value in (("version", 0), ("lines", [{"order": "x/y", "line": "1", "quantity": "-1"}]), ("kind", "RUMOUR")):
        problem_of(trade.post("/v1/evidence", body("RA-14", 1, "PO-13", ("1", "1", "1")) | {field: value}), 422, "not_valid")
    problem_of(trade.post("/v1/evidence", said, role="planner"), 403, "not_permitted")


def test_a_slot_is_made_in_local_times_and_an_arrival_by_either_side(trade: Shop) -> None:
    place(trade, "PO-15")
    dispatch(trade, "S-15", "PO-15")
    address = "/v1/shipments/acme/S-15:make-appointment"
    slot = {
        "at": "2025-11-02T05:30:00Z", "reference": "A-1", "slot_from": "2025-11-02T00:30", "slot_to": "2025-11-02T01:30:00",
    }
    versions = [trade.post(address, slot).json()["version"] for _ in range(2)]
    assert versions == [2, 2]
    problem_of(trade.post(address, slot | {"slot_to": None}), 422, "shipment.slot_incomplete")
    problem_of(trade.post(address, slot | {"slot_to": "2025-11-02T00:29"}), 422, "shipment.slot_backwards")
    for wrong in ("2025-11-02T01:30:00Z", "2025-11-02", "2025-11-02T01:30+01:00", "2025-02-30T01:30", 1762047000):
        refused = problem_of(trade.post(address, slot | {"slot_to": wrong}), 422, "not_valid")
        assert "2025-11-02T00:30" in refused["detail"]
    said = {"at": "2026-03-02T10:41:00Z", "evidence": "CHECK_IN", "by": "customer"}
    assert trade.post("/v1/shipments/acme/S-15:arrive", said).status_code == 200
    assert set(shipment(trade, "S-15").arrivals) == {"customer:CHECK_IN"}
