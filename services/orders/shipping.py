"""The commands on a shipment: dispatch, and what is said of the goods on their way until the customer's receipt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from pydantic import Field

from domain.company import Company
from domain.order import Order
from domain.refusal import Refusal
from domain.shipment import ArrivalEvidence, DeliveredLine, ReceivedLine, RefusedLine, Shipment, ShipmentLine, shipment_line
from domain.ship_to import ShipTo
from domain.trading_partner import TradingPartner
from domain.values import LineQuantity, Side, local_date
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Code, Day, Moment, Part, Quantity, QuantityOrZero, Stream, Text
from services.http import href
from services.orders.order_lines import PLACE_UNKNOWN, find_place

LINES_PER_SHIPMENT = 5_000

ANOTHER_PARTNER = Refusal(
    "shipment.another_partner",
    "Shipment {shipment} goes to {partner}; order {order} is of {other}. Send the goods of {other} in a shipment of their own.",
)
ANOTHER_COMPANY = Refusal(
    "shipment.another_company",
    "Shipment {shipment} is of company {company}; order {order} was placed with {other}. Ship it from {other}.",
)
SEVERAL_CURRENCIES = Refusal(
    "shipment.several_currencies",
    "Shipment {shipment} carries orders in {currencies}; one shipment is invoiced in one currency. Split it.",
)


class LoadedLine(Part):
    """A quantity of one order line on the truck, in the ordered unit."""

    order: Stream
    line: Code
    quantity: Quantity


class DispatchShipment(Command):
    """The goods have left; each order remembers its share of them in the same transaction."""

    NAME: ClassVar[str] = "shipment.dispatch"
    company: Code
    number: Code
    partner: Code
    ship_to: Code
    dispatched_at: Moment
    expected_on: Day | None = None
    carrier: Code | None = None
    bill_of_lading: Code | None = None
    lines: tuple[LoadedLine, ...] = Field(min_length=1, max_length=LINES_PER_SHIPMENT)

    def streams(self) -> tuple[str, ...]:
        orders = {line.order for line in self.lines}
        return (Shipment.stream(self.company, self.number), TradingPartner.stream(self.partner), *orders)


class MakeAppointment(Command):
    """A delivery slot is booked; ``reference`` names the booking."""

    NAME: ClassVar[str] = "shipment.make_appointment"
    shipment: Stream
    at: Moment
    reference: Code
    by: Side = Side.CUSTOMER


class RecordArrival(Command):
    """The truck is at the place; ``evidence`` says who says so (gate log, telematics, driver)."""

    NAME: ClassVar[str] = "shipment.arrive"
    shipment: Stream
    at: Moment
    evidence: ArrivalEvidence


class PresentedLine(Part):
    order: Stream
    line: Code
    quantity: Quantity


class RecordDelivery(Command):
    """A signed proof of delivery: what was presented at the place."""

    NAME: ClassVar[str] = "shipment.deliver"
    shipment: Stream
    at: Moment
    document: Code
    lines: tuple[PresentedLine, ...] = Field(min_length=1, max_length=LINES_PER_SHIPMENT)


class SentBackLine(Part):
    order: Stream
    line: Code
    quantity: Quantity
    reason: Text
    fault: Side


class RecordRefusal(Command):
    """Goods were sent back at the door; a mixed fault is two lines."""

    NAME: ClassVar[str] = "shipment.refuse_in_part"
    shipment: Stream
    at: Moment
    document: Code
    lines: tuple[SentBackLine, ...] = Field(min_length=1, max_length=LINES_PER_SHIPMENT)


class CountedLine(Part):
    order: Stream
    line: Code
    received: QuantityOrZero
    accepted: QuantityOrZero
    condition: Code | None = None


class RecordReceipt(Command):
    """The customer's receiving advice; a higher version replaces a lower one."""

    NAME: ClassVar[str] = "shipment.receive"
    shipment: Stream
    document: Code
    version: int = Field(1, ge=1, le=1_000_000)
    received_on: Day
    lines: tuple[CountedLine, ...] = Field(min_length=1, max_length=LINES_PER_SHIPMENT)


class TimeOutReceipt(Command):
    """A day has begun without the receiving advice that was waited for."""

    NAME: ClassVar[str] = "shipment.time_out_receipt"
    shipment: Stream
    day: date


def shipment_stream(shipment: str) -> str:
    """The stream of a shipment as addresses name it: ``{company}/{number}``."""
    return shipment if shipment.startswith("shipment/") else f"shipment/{shipment}"


def shipment_answer(shipment: Shipment, status: int = 200) -> Answer:
    body = {"shipment": shipment.id, "href": href("shipments", shipment.id), "version": shipment.version}
    return Answer(status, body)


def dispatch_shipment(work: Work, command: DispatchShipment, tolerance: Decimal = Decimal(0)) -> Answer:
    """Begin the shipment and tell every order; the same shipment again is recognised."""
    partner = work.get(TradingPartner, TradingPartner.stream(command.partner))
    ship_to = find_place(work, command.partner, command.ship_to)
    if ship_to is None:
        raise PLACE_UNKNOWN(order=command.number, line="-", partner=command.partner, place=command.ship_to)
    orders = {stream: work.get(Order, stream) for stream in dict.fromkeys(line.order for line in command.lines)}
    currency = _check_orders(command, orders)
    known = work.find(Shipment, Shipment.stream(command.company, command.number))
    lines = [shipment_line(orders[line.order], line.line, line.quantity) for line in command.lines]
    if known is not None:
        known.dispatch_again(
            partner=command.partner, ship_to=ship_to.state.place, dispatched_at=command.dispatched_at, lines=lines
        )
        return shipment_answer(known)
    fulfils = _record_in_orders(command, orders, tolerance)
    seller = work.get(Company, Company.stream(command.company))
    shipment = _dispatched(command, partner, ship_to, seller, currency, lines, fulfils)
    return shipment_answer(work.add(shipment), 201)


def _record_in_orders(
    command: DispatchShipment, orders: dict[str, Order], tolerance: Decimal
) -> dict[str, Decimal]:
    """Each order remembers its share; answers by how much the open value of each fell."""
    shipment = Shipment.stream(command.company, command.number)
    fulfils: dict[str, Decimal] = {}
    for stream, order in orders.items():
        parts = [LineQuantity(line.line, line.quantity) for line in command.lines if line.order == stream]
        before = order.open_value()
        order.record_dispatch(shipment, parts, tolerance=tolerance)
        fulfils[stream] = before - order.open_value()
    return fulfils


def _check_orders(command: DispatchShipment, orders: dict[str, Order]) -> str:
    """One partner, one company, one currency a shipment; answers the currency."""
    for order in orders.values():
        state = order.state
        if state.partner != command.partner:
            raise ANOTHER_PARTNER(
                shipment=command.number, partner=command.partner, order=state.purchase_order_number, other=state.partner
            )
        if state.company != command.company:
            raise ANOTHER_COMPANY(
                shipment=command.number, company=command.company, order=state.purchase_order_number, other=state.company
            )
    currencies = {order.state.currency for order in orders.values()}
    if len(currencies) > 1:
        raise SEVERAL_CURRENCIES(shipment=command.number, currencies=currencies)
    return currencies.pop()


def _dispatched(
    command: DispatchShipment, partner: TradingPartner, ship_to: ShipTo, seller: Company, currency: str,
    lines: Sequence[ShipmentLine], fulfils: dict[str, Decimal],
) -> Shipment:
    """The terms, the trigger and the quantity basis of the day of dispatch travel with the goods (decision 30)."""
    day = local_date(command.dispatched_at, seller.state.zone)
    return Shipment.dispatch(
        company=command.company, number=command.number, partner=command.partner, account=partner.state.account,
        currency=currency, ship_to=ship_to.state.place, zone=ship_to.state.agreed.zone, seller_zone=seller.state.zone,
        dispatched_at=command.dispatched_at, lines=lines, invoicing=partner.invoicing_on(day),
        terms=partner.terms_on(day), expected_on=command.expected_on, carrier=command.carrier,
        bill_of_lading=command.bill_of_lading, fulfils=fulfils,
    )


def make_appointment(work: Work, command: MakeAppointment) -> Answer:
    shipment = work.get(Shipment, shipment_stream(command.shipment))
    shipment.make_appointment(command.at, command.reference, command.by)
    return shipment_answer(shipment)


def record_arrival(work: Work, command: RecordArrival) -> Answer:
    shipment = work.get(Shipment, shipment_stream(command.shipment))
    shipment.arrive(command.at, command.evidence)
    return shipment_answer(shipment)


def record_delivery(work: Work, command: RecordDelivery) -> Answer:
    shipment = work.get(Shipment, shipment_stream(command.shipment))
    shipment.deliver(
        command.at, command.document, [DeliveredLine(p.order, p.line, p.quantity) for p in command.lines]
    )
    return shipment_answer(shipment)


def record_refusal(work: Work, command: RecordRefusal) -> Answer:
    shipment = work.get(Shipment, shipment_stream(command.shipment))
    lines = [RefusedLine(p.order, p.line, p.quantity, p.reason, p.fault) for p in command.lines]
    shipment.refuse_in_part(command.at, command.document, lines)
    return shipment_answer(shipment)


def record_receipt(work: Work, command: RecordReceipt) -> Answer:
    shipment = work.get(Shipment, shipment_stream(command.shipment))
    lines = [ReceivedLine(p.order, p.line, p.received, p.accepted, p.condition) for p in command.lines]
    shipment.receive(command.document, command.version, command.received_on, lines)
    return shipment_answer(shipment)


def time_out_receipt(work: Work, command: TimeOutReceipt) -> Answer:
    shipment = work.get(Shipment, command.shipment)
    shipment.time_out_receipt(command.day)
    return shipment_answer(shipment)


HANDLERS: dict[type[Command], Any] = {
    DispatchShipment: dispatch_shipment,
    MakeAppointment: make_appointment,
    RecordArrival: record_arrival,
    RecordDelivery: record_delivery,
    RecordRefusal: record_refusal,
    RecordReceipt: record_receipt,
    TimeOutReceipt: time_out_receipt,
}
