"""Files of worked examples: policies and presets, orders with their documents, and cases to evaluate.

The form is that of the domain specification's own examples; what a file leaves out (item, price, partner) is supplied
here: price 1.00, one item a line, a case as the ordered unit.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from domain.calendars import WorkingDays
from domain.fill_rate.choices import Metric
from domain.fill_rate.credit import Ratio, contributions, ratio
from domain.fill_rate.facts import (
    Advice, Amendment, Appointment, Arrival, Cancellation, Confirmation, Delivery, Exclusion, Known, LineFacts,
    PromisedPart, Proof, Refusal, Substitute,
)
from domain.fill_rate.figures import evaluate, percent
from domain.fill_rate.form import laid_over, policy_from
from domain.fill_rate.judging import Asking
from domain.fill_rate.policy import FillRatePolicy
from domain.order import OrderLine, ScheduleLine
from domain.shipment import ArrivalEvidence
from domain.values import Side, exact_text
from services.calendars import known_calendars

AFTERWARDS = datetime(2199, 1, 1, tzinfo=UTC)  # all windows of an example have closed unless it names a moment
TIMES = {
    "arrival": ArrivalEvidence.GATE_ARRIVAL, "checkIn": ArrivalEvidence.CHECK_IN, "unloadEnd": ArrivalEvidence.UNLOAD_END,
    "podSigned": ArrivalEvidence.POD_SIGNED, "posted": ArrivalEvidence.RECEIPT_POSTED,
    "freightReady": ArrivalEvidence.FREIGHT_READY, "carrierRequested": ArrivalEvidence.CARRIER_REQUESTED_DATE,
}
SIDES = {"CUSTOMER": Side.CUSTOMER, "SUPPLIER": Side.SUPPLIER, "AUTO": None}


class FileUnreadable(Exception):
    """The file is not one of examples; the text says where."""


@dataclass(frozen=True)
class Case:
    """One example under one policy with the figure that came out."""

    example: str
    policy: str
    figure: Ratio

    def line(self) -> dict[str, str]:
        return {
            "example": self.example, "policy": self.policy, "numerator": exact_text(self.figure.numerator),
            "denominator": exact_text(self.figure.denominator), "percent": percent(self.figure.value),
        }


def cases_in(path: Path) -> Iterator[Case]:
    """Every case of the file, in its order; Refused or FileUnreadable where it cannot be evaluated."""
    try:
        file = json.loads(path.read_text(encoding="utf-8"), parse_float=str)
    except (ValueError, UnicodeDecodeError) as error:
        raise FileUnreadable(f"{path.name} is not JSON: {error}") from None
    if not isinstance(file, dict) or not isinstance(file.get("examples"), list):
        raise FileUnreadable(f'{path.name} holds no list "examples"')
    for example in file["examples"]:
        try:
            lines = [line for order in example["orders"] for line in order_facts(order)]
            found = [(case["policy"], policy_of(file, case), case.get("at")) for case in example["cases"]]
        except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            name = example.get("id", "?") if isinstance(example, dict) else "?"
            raise FileUnreadable(f"{path.name}, example {name}: {type(error).__name__} {error}") from error
        for name, policy, at in found:
            moment = datetime.fromisoformat(at) if at else AFTERWARDS
            yield Case(example["id"], name, figure_of(lines, policy, moment))


def policy_of(file: Mapping[str, Any], case: Mapping[str, Any]) -> FillRatePolicy:
    """The file's defaults, its preset over them, the case's override over both."""
    presets = file.get("presets", {})
    if case["policy"] not in presets:
        raise FileUnreadable(f"the case names the preset {case['policy']}; the file has {', '.join(presets) or 'none'}")
    said = laid_over(file.get("policyDefaults", {}), presets[case["policy"]])
    return policy_from(laid_over(said, case.get("override") or {}))


def figure_of(lines: Iterable[LineFacts], policy: FillRatePolicy, at: datetime, metric: Metric | None = None) -> Ratio:
    judged = evaluate(lines, Asking(policy, at, calendars_of(policy)))
    return ratio(contributions(judged, policy, metric or policy.metric))


def calendars_of(policy: FillRatePolicy) -> Mapping[str, WorkingDays]:
    """The working days that the policy names."""
    return known_calendars(policy.on_time.calendar)


def order_facts(order: Mapping[str, Any]) -> list[LineFacts]:
    """The facts of one example order."""
    zone, wanted = order["tz"], date.fromisoformat(order["requested"])
    placed = Known(1, _start(wanted - timedelta(days=60), zone), _start(wanted, zone), "example")
    exclusions = tuple(
        Exclusion(placed, one["code"], SIDES[one["grantedBy"]] or Side.SUPPLIER, "")
        for one in order.get("exclusions", ())
    )
    deliveries = [_delivery(order, number, one, zone) for number, one in enumerate(order.get("deliveries", ()), 1)]
    return [
        LineFacts(
            order=order["id"], number=line["id"], company="-", partner="-", purchase_order_number=order["id"], release="-",
            account="-", currency="XXX", ordered_on=wanted - timedelta(days=60), cancel_after=None, known=placed,
            added_by=None, original=order_line(line, zone, wanted), exclusions=exclusions,
            deliveries=tuple(found for one in deliveries if (found := _part(one, line["id"])) is not None),
            **_changes(order, line, zone, wanted),
        )
        for line in order["lines"]
    ]


def order_line(line: Mapping[str, Any], zone: str, wanted: date, quantity: Decimal | None = None) -> OrderLine:
    amount = Decimal(line["original"]) if quantity is None else quantity
    pack = Decimal(line.get("pack", 1))
    in_eaches = line.get("uom") == "EA"
    price = Decimal(line.get("price", "1.00"))
    item = line.get("sku", f"item-{line['id']}")
    return OrderLine(
        number=line["id"], item=item, customer_item=None, quantity=amount, unit="EA" if in_eaches else "CS",
        base_quantity=amount if in_eaches else amount * pack, unit_price=price, price_per=Decimal(1),
        customer_price=None, net=amount * price, tax_rate=Decimal(0), tax=Decimal(0), gross=amount * price,
        schedule=(ScheduleLine(line.get("loc", "place"), wanted, amount, zone),), case_size=pack,
    )


def _changes(order: Mapping[str, Any], line: Mapping[str, Any], zone: str, wanted: date) -> dict[str, Any]:
    """What both sides said of the line after it was ordered."""
    amendments: list[Amendment] = []
    confirmations: list[Confirmation] = []
    cancellations: list[Cancellation] = []
    for number, event in enumerate(line.get("events", ()), 2):
        at, quantity = datetime.fromisoformat(event["at"]), Decimal(event["qty"])
        known = Known(number, at, at, "example")
        if event["type"] == "AMEND":
            changed = order_line(line, zone, wanted, quantity)
            amendments.append(Amendment(known, Side.CUSTOMER, str(number), at, quantity, changed))
        elif event["type"] == "CONFIRM":
            confirmations.append(Confirmation(known, str(number), (PromisedPart(quantity, wanted, None),)))
        elif event["type"] == "CANCEL":
            by = SIDES[event["by"]]
            cancellations.append(Cancellation(known, "CANCELLED" if by else "EXPIRED", by, at, quantity, ""))
        else:
            raise ValueError(f"an event is AMEND, CONFIRM or CANCEL, not {event['type']}")
    if not confirmations:
        confirmations = _promises(order, line, zone, wanted)
    return {
        "amendments": tuple(amendments), "confirmations": tuple(confirmations), "cancellations": tuple(cancellations),
    }


def _promises(order: Mapping[str, Any], line: Mapping[str, Any], zone: str, wanted: date) -> list[Confirmation]:
    days = [order[name] for name in ("promisedFirst", "promisedLatest") if name in order]
    known = Known(2, _start(wanted - timedelta(days=30), zone), _start(wanted, zone), "example")
    quantity = Decimal(line["original"])
    return [
        Confirmation(known, day, (PromisedPart(quantity, date.fromisoformat(day), None),)) for day in days
    ]


@dataclass(frozen=True)
class _Shared:
    """What all lines of a delivery share, and what it says of each."""

    delivery: Delivery
    received: datetime
    lines: Sequence[Mapping[str, Any]]


def _delivery(order: Mapping[str, Any], number: int, said: Mapping[str, Any], zone: str) -> _Shared:
    times = {name: datetime.fromisoformat(moment) for name, moment in said["times"].items()}
    unknown = set(times) - set(TIMES)
    if unknown:
        raise ValueError(f"times are {', '.join(TIMES)}, not {', '.join(sorted(unknown))}")
    first = min(times.values(), default=_start(date.fromisoformat(order["requested"]), zone))
    known = Known(100 + number, first, first, "example")
    slots = tuple(
        Appointment(known, first, str(n), Side.CUSTOMER, *(datetime.fromisoformat(slot[end]) for end in ("start", "end")))
        for n, slot in enumerate(order.get("appointments", ()), 1)
    )
    booked = slots or (Appointment(known, first, "1", Side.CUSTOMER),)
    arrivals = tuple(Arrival(known, moment, TIMES[name], Side.CUSTOMER) for name, moment in times.items())
    delivery = Delivery(
        known=known, shipment=f"{order['id']}/{number}", number=str(number), ship_to=None, zone=zone, dispatched_at=first,
        expected_on=None, quantity=None, base_quantity=None,
        appointments=booked if said.get("hasAppointment", True) else (), arrivals=arrivals,
    )
    return _Shared(delivery, times.get("posted", first), said["lines"])


def _part(shared: _Shared, number: str) -> Delivery | None:
    """What the delivery brought of one line: an advice, a proof, refusals, substitutes."""
    said = [one for one in shared.lines if one["line"] == number]
    if not said:
        return None
    own = [one for one in said if "substituteFor" not in one]
    rejected = [part for one in own for part in one.get("rejected", ())]
    received = sum((Decimal(one.get("received", 0)) for one in own), Decimal(0))
    accepted = received - sum((Decimal(part["qty"]) for part in rejected), Decimal(0))
    known, at = shared.delivery.known, shared.received
    advised = any("received" in one for one in said)
    advice = Advice(known, "advice", 1, at, received, accepted, None, substitutes=_substitutes(said))
    proofs = tuple(
        Proof(known, at, at.date(), "pod", Decimal(one["pod"])) for one in own if "pod" in one
    )
    refusals = tuple(
        Refusal(known, at, "advice", Decimal(part["qty"]), part.get("reason", ""), SIDES[part["fault"]] or Side.SUPPLIER)
        for part in rejected
    )
    presented = max([received, *(one.quantity for one in proofs)])
    kept = {name: getattr(shared.delivery, name) for name in Delivery.__slots__}
    return Delivery(**{
        **kept, "quantity": presented, "base_quantity": presented, "advices": (advice,) if advised else (),
        "proofs": proofs, "refusals": refusals,
    })


def _substitutes(said: Sequence[Mapping[str, Any]]) -> tuple[Substitute, ...]:
    return tuple(
        Substitute(
            one.get("item", "substitute"), Decimal(one["received"]), Decimal(one["received"]) * Decimal(one.get("pack", 1)),
            bool(one.get("approved", False)),
        )
        for one in said
        if "substituteFor" in one
    )


def _start(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
