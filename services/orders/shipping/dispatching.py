"""The command that lets goods leave: each order remembers its share of them in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from pydantic import Field

from domain.company import Company
from domain.order import Order
from domain.refusal import Refusal
from domain.shipment import Shipment, ShipmentLine, shipment_line
from domain.ship_to import ShipTo
from domain.trading_partner import TradingPartner
from domain.values import LineQuantity, local_date
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Code, Day, Moment, Part, Quantity, Stream
from services.orders.order_lines import PLACE_UNKNOWN, find_place
from services.orders.shipping.shared import LINES_PER_SHIPMENT, shipment_answer

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


HANDLERS: dict[type[Command], Any] = {DispatchShipment: dispatch_shipment}
