"""The 856 out: what left in a shipment, by order and line."""

from __future__ import annotations

from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from domain.order import Order
from domain.order.checks import find_line
from domain.ship_to import ShipTo
from domain.shipment import Shipment, ShipmentLine
from domain.trading_partner import TradingPartner
from domain.values import plain
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Stream
from services.orders.edi.customer_paper import CustomerPaper, customer_paper
from services.orders.edi.sending import Letter, send

KIND = "856"
SHIPMENT_ORDER_ITEM = "0004"  # BSN05 (1005): shipment, orders, items, without packs


class SendShipNotice(Command):
    """Say by EDI that goods have left. One document for one shipment."""

    NAME: ClassVar[str] = "edi.send_ship_notice"
    shipment: Stream

    def streams(self) -> tuple[str, ...]:
        return (self.shipment,)


def send_ship_notice(work: Work, command: SendShipNotice) -> Answer:
    shipment = work.get(Shipment, command.shipment)
    state = shipment.state
    partner = work.get(TradingPartner, TradingPartner.stream(state.partner))
    profile = partner.edi_profile_on(state.dispatched_on)
    orders = list(dict.fromkeys(line.order for line in state.lines))
    papers = {order: customer_paper(work, order, partner, profile) for order in orders}
    sent_at = work.context.at.astimezone(ZoneInfo(state.seller_zone))
    place = papers[orders[0]].place(work.get(ShipTo, ShipTo.stream(state.partner, state.ship_to)))
    document = {
        "document": "ship_notice", "purpose": "00", "number": state.number, "sent_on": sent_at.date().isoformat(),
        "sent_at": f"{sent_at:%H:%M}", "structure": SHIPMENT_ORDER_ITEM, "shipped_on": state.dispatched_on.isoformat(),
        "delivery_estimated_on": state.expected_on.isoformat() if state.expected_on else None,
        "bill_of_lading": state.bill_of_lading,
        "carrier": {"id_qualifier": "2", "id": state.carrier} if state.carrier else {},
        "ship_to": {name: place[name] for name in ("name", "id_qualifier", "id")},
        "orders": [_order(work, papers[order], order, state.lines) for order in orders],
    }
    outbound = send(work, Letter(
        company=state.company, partner=state.partner, kind=KIND, about=shipment.id, documents=(document,),
        profile=profile, test=profile.in_test,
    ))
    return Answer(200, {"sent": outbound.id})


def _order(work: Work, paper: CustomerPaper, stream: str, lines: tuple[ShipmentLine, ...]) -> dict[str, Any]:
    order = work.get(Order, stream)
    return {
        "number": order.state.purchase_order_number, "release": order.state.release or None,
        "ordered_on": order.state.ordered_on.isoformat(), "references": paper.references("IA", "DP"),
        "lines": [_line(paper, order, line) for line in lines if line.order == stream],
    }


def _line(paper: CustomerPaper, order: Order, line: ShipmentLine) -> dict[str, Any]:
    unit = paper.unit(line.line, line)
    return {
        "number": line.line, "items": paper.items(line.line, line), "quantity": plain(line.quantity), "unit": unit,
        "ordered": plain(find_line(order.state, line.line).quantity), "ordered_unit": unit,
    }


HANDLERS: dict[type[Command], Any] = {SendShipNotice: send_ship_notice}
