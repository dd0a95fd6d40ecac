"""The 855 out: what we confirm of an order, line by line, against what was asked for."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, ClassVar

from domain.company import Company
from domain.order import ConfirmedLine, LineState, Order
from domain.ship_to import ShipTo
from domain.trading_partner import TradingPartner
from domain.values import ZERO, local_date, plain
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Stream
from services.orders.edi.customer_paper import CustomerPaper, customer_paper, price_fields
from services.orders.edi.sending import Letter, send

KIND = "855"

# X12 668: what is said of a line. The first that applies: nothing comes, less comes, later, at another price, as asked.
REJECTED, QUANTITY, RESCHEDULED, PRICE, ACCEPTED = "IR", "IQ", "DR", "IP", "IA"

# X12 587: derived from the lines, never stated beside them.
ALL_ACCEPTED, CHANGED, ALL_REJECTED = "AD", "AC", "RD"


class SendOrderAcknowledgment(Command):
    """Say by EDI what was confirmed. One document for one confirmation."""

    NAME: ClassVar[str] = "edi.send_order_acknowledgment"
    order: Stream
    confirmation: str

    def streams(self) -> tuple[str, ...]:
        return (self.order,)


def send_order_acknowledgment(work: Work, command: SendOrderAcknowledgment) -> Answer:
    order = work.get(Order, command.order)
    state = order.state
    partner = work.get(TradingPartner, TradingPartner.stream(state.partner))
    company = work.get(Company, Company.stream(state.company))
    day = local_date(work.context.at, company.state.zone)
    profile = partner.edi_profile_on(day)
    paper = customer_paper(work, order.id, partner, profile)
    lines = [
        _line(paper, state.lines[number], parts)
        for number, parts in _by_line(state.confirmations[command.confirmation]).items()
    ]
    document = {
        "document": "order_acknowledgment", "purpose": "00", "type": _type(lines),
        "number": state.purchase_order_number, "release": state.release or None,
        "ordered_on": state.ordered_on.isoformat(), "acknowledged_on": day.isoformat(), "currency": state.currency,
        "references": paper.references("IA", "DP", "MR"), "parties": _parties(work, paper, order), "lines": lines,
    }
    outbound = send(work, Letter(
        company=state.company, partner=state.partner, kind=KIND, about=f"{order.id}#{command.confirmation}",
        documents=(document,), profile=profile, test=profile.in_test,
    ))
    return Answer(200, {"sent": outbound.id})


def _by_line(parts: Iterable[ConfirmedLine]) -> dict[str, list[ConfirmedLine]]:
    lines: dict[str, list[ConfirmedLine]] = {}
    for part in parts:
        lines.setdefault(part.number, []).append(part)
    return lines


def _line(paper: CustomerPaper, at: LineState, parts: list[ConfirmedLine]) -> dict[str, Any]:
    """The line as ordered with our price, and one ACK for each part promised."""
    line = at.line
    asked = at.quantity - at.cancelled_by_customer - at.expired
    unit = paper.unit(line.number, line)
    status = _status(at, asked, parts)
    promised = [part for part in parts if part.quantity > 0]
    acknowledged: list[dict[str, Any]] = [
        {
            "status": status, "quantity": plain(part.quantity), "unit": unit, "date_qualifier": "067",
            "date": part.promised_on.isoformat() if part.promised_on else None, "items": [],
        }
        for part in promised
    ]
    if not promised:
        acknowledged = [{"status": REJECTED, "quantity": plain(asked), "unit": unit, "items": []}]
    return {
        "number": line.number, "quantity": plain(asked), "unit": unit, "items": paper.items(line.number, line),
        "acknowledgments": acknowledged, **price_fields(line.unit_price, line.price_per),
    }


def _status(at: LineState, asked: Decimal, parts: list[ConfirmedLine]) -> str:
    confirmed = sum((part.quantity for part in parts), ZERO)
    if confirmed == 0:
        return REJECTED
    if confirmed < asked:
        return QUANTITY
    wanted = _by_day((part.requested_on, part.quantity) for part in at.line.schedule)
    promised = _by_day((part.promised_on, part.quantity) for part in parts)
    if promised != wanted and not _whole_in_time(at, parts):
        return RESCHEDULED
    price = at.line.customer_price
    return PRICE if price is not None and price != at.line.unit_price else ACCEPTED


def _by_day(parts: Iterable[tuple[Any, Decimal]]) -> dict[Any, Decimal]:
    days: dict[Any, Decimal] = {}
    for day, quantity in parts:
        days[day] = days.get(day, ZERO) + quantity
    return days


def _whole_in_time(at: LineState, parts: list[ConfirmedLine]) -> bool:
    """A line partly gone is promised whole, for the last day it was asked for: that is no other date."""
    last = max((part.requested_on for part in at.line.schedule), default=None)
    return bool(at.gone or at.dispatched) and all(part.promised_on == last for part in parts)


def _type(lines: list[dict[str, Any]]) -> str:
    statuses = {one["status"] for line in lines for one in line["acknowledgments"]}
    if statuses == {ACCEPTED}:
        return ALL_ACCEPTED
    return ALL_REJECTED if statuses == {REJECTED} else CHANGED


def _parties(work: Work, paper: CustomerPaper, order: Order) -> list[dict[str, Any]]:
    """The place, where all of it goes to one."""
    places = {part.ship_to for at in order.state.lines.values() for part in at.line.schedule}
    place = work.find(ShipTo, ShipTo.stream(order.state.partner, min(places))) if len(places) == 1 else None
    return [paper.place(place)] if place is not None else []


HANDLERS: dict[type[Command], Any] = {SendOrderAcknowledgment: send_order_acknowledgment}
