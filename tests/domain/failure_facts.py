"""Order lines and what became of them, written by hand, for the tests of failures, discrepancies and parameters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from domain.fill_rate.credit import contributions
from domain.fill_rate.facts import (
    Advice, Amendment, Appointment, Arrival, Cancellation, CauseFound, Confirmation, Delivery, Exclusion, HoldSpan, Known,
    LineFacts, PromisedPart, Proof, Refusal,
)
from domain.fill_rate.failures import FailedLine, failed_lines
from domain.fill_rate.figures import evaluate
from domain.fill_rate.form import policy_from
from domain.fill_rate.judging import Asking
from domain.fill_rate.parameters import LogisticParameters, always
from domain.fill_rate.policy import FillRatePolicy
from domain.order import HoldReason, OrderLine, ScheduleLine
from domain.shipment import ArrivalEvidence
from domain.values import Side

WANTED = date(2026, 3, 11)  # a Wednesday
AFTERWARDS = datetime(2026, 6, 1, tzinfo=UTC)
OTIF = {"metric": "OTIF", "onTime": {"earliestDays": 0}}


def day(offset: int, clock: str = "10:00") -> datetime:
    """A moment so many days after the one wanted, at a place in UTC."""
    return datetime.combine(WANTED + timedelta(days=offset), time.fromisoformat(clock), UTC)


def known(at: datetime, position: int = 1, actor: str = "clerk") -> Known:
    return Known(position, at, at, actor)


def order_line(number: str, quantity: Any, price: str = "10.00", parts: Sequence[ScheduleLine] = (), **other: Any) -> OrderLine:
    amount, per_case = Decimal(quantity), Decimal(other.pop("case_size", 1))
    schedule = tuple(parts) or (ScheduleLine("dc", WANTED, amount, "UTC"),)
    values: dict[str, Any] = {
        "item": f"item-{number}", "customer_item": None, "unit": "CS", "base_quantity": amount * per_case,
        "unit_price": Decimal(price), "price_per": Decimal(1), "customer_price": None, "net": amount * Decimal(price),
        "tax_rate": Decimal(0), "tax": Decimal(0), "gross": amount * Decimal(price), "case_size": per_case, **other,
    }
    return OrderLine(number=number, quantity=amount, schedule=schedule, **values)


def line(number: str = "1", quantity: Any = 100, price: str = "10.00", *, order: str = "PO-1", **facts: Any) -> LineFacts:
    original = facts.pop("original", None) or order_line(number, quantity, price)
    ordered = facts.pop("ordered_on", WANTED - timedelta(days=30))
    return LineFacts(
        order=order, number=number, company="acme", partner="retailer", purchase_order_number=order, release="",
        account="retailer", currency="EUR", ordered_on=ordered, cancel_after=None, known=known(day(-30)), added_by=None,
        original=original, **facts,
    )  # fmt: skip


def delivery(sent: Any, *, left: int | None = -2, came: int | None = 0, accepted: Any = None, **other: Any) -> Delivery:
    """``came``: at the gate, so many days after the one wanted, by the customer's record; ``accepted`` by its advice."""
    name = other.pop("name", "S-1")
    proof, received = other.pop("proof", None), other.pop("received", accepted)
    at = day(came) if came is not None else day(0)
    arrivals = other.pop("arrivals", None)
    if arrivals is None:
        arrivals = () if came is None else (Arrival(known(at, 20), at, ArrivalEvidence.GATE_ARRIVAL, Side.CUSTOMER),)
    advices = other.pop("advices", None)
    if advices is None:
        said = (Advice(known(at, 22), "RA-1", 1, at, Decimal(received), Decimal(accepted), None),) if accepted is not None else ()
    else:
        said = tuple(advices)
    proofs = (Proof(known(at, 21), at, at.date(), "POD-1", Decimal(proof)),) if proof is not None else ()
    quantity = None if sent is None else Decimal(sent)
    return Delivery(
        known=known(day(left or 0), 10), shipment=name, number=name, ship_to="dc", zone="UTC",
        dispatched_at=None if left is None else day(left), quantity=quantity, base_quantity=quantity, arrivals=arrivals,
        expected_on=other.pop("expected_on", None), advices=said, proofs=proofs, **other,
    )  # fmt: skip


def not_on_advice(came: int = 0) -> Advice:
    return Advice(known(day(came), 22), "RA-1", 1, day(came), None, None, None)


def refusal(quantity: Any, fault: Side, reason: str = "damaged", came: int = 0) -> Refusal:
    return Refusal(known(day(came), 23), day(came), "POD-1", Decimal(quantity), reason, fault)


def cancelled(quantity: Any, by: Side | None, at: datetime, cause: str = "CANCELLED") -> Cancellation:
    return Cancellation(known(at, 5), cause if by is not None else "EXPIRED", by, at, Decimal(quantity), "why")


def confirmed(quantity: Any, at: datetime | None = None) -> Confirmation:
    return Confirmation(known(at or day(-20), 3), "C-1", (PromisedPart(Decimal(quantity), WANTED, None),))


def amended(quantity: Any, at: datetime, wanted: date = WANTED, number: str = "1") -> Amendment:
    new = order_line(number, quantity, parts=(ScheduleLine("dc", wanted, Decimal(quantity), "UTC"),))
    return Amendment(known(at, 4), Side.CUSTOMER, "X-1", at, Decimal(quantity), new)


def held(since: datetime, until: datetime | None, *codes: str) -> HoldSpan:
    reasons = tuple(HoldReason(code, None, None, None, code) for code in codes or ("LIMIT_EXCEEDED",))
    return HoldSpan(known(since, 2), None if until is None else known(until, 6), reasons)


def appointment(at: datetime, by: Side = Side.CUSTOMER) -> Appointment:
    return Appointment(known(day(-5), 9), at, "A-1", by)


def exclusion(code: str, by: Side) -> Exclusion:
    return Exclusion(known(day(5), 30), code, by, "mail" if by is Side.CUSTOMER else "")


def finding(cause: str, fault: str, department: str, position: int = 40) -> CauseFound:
    return CauseFound(known(day(6), position, "manager"), cause, fault, department, "looked into")


def policy(**said: Any) -> FillRatePolicy:
    return policy_from(said)


def asking(said: FillRatePolicy, at: datetime = AFTERWARDS, calendars: Any = None) -> Asking:
    return Asking(said, at, calendars or {})


def failed(
    *lines: LineFacts, parameters: LogisticParameters | None = None, calendars: Any = None, at: datetime = AFTERWARDS,
    **said: Any,
) -> tuple[FailedLine, ...]:
    """The failed lines of whole orders under a policy."""
    asked = asking(policy(**said), at, calendars)
    parts = contributions(evaluate(lines, asked), asked.policy, asked.policy.metric)
    return failed_lines(parts, asked, always(parameters))


def shares(row: FailedLine) -> list[tuple[str, str, str, str, Any]]:
    """(kind, quantity, cause, department, party) of each share."""
    return [
        (str(one.kind), one.quantity, one.cause.code, str(one.cause.department), str(one.cause.party)) for one in row.shares
    ]

