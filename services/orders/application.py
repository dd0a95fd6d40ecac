"""The orders service: what its log holds and which command does what."""

from __future__ import annotations

from typing import Any, ClassVar

from domain.company import Company
from domain.day import Day
from domain.evidence_document import EvidenceDocument
from domain.fill_rate_close import FillRateClose
from domain.goods_return import Return
from domain.identifier import Identifier
from domain.interchange import (
    ControlNumbers, EdiDocument, Interchange, OrderPaper, OutboundDocument, Payload,
)
from domain.item import Item
from domain.price import PriceAgreement
from domain.order import Order
from domain.order_findings import OrderFindings
from domain.penalty import Penalty
from domain.person import Person
from domain.retailer_score import RetailerScore
from domain.ship_to import ShipTo
from domain.shipment import Shipment
from domain.shipment_papers import ShipmentPapers
from domain.tax import TaxRates
from domain.trading_partner import TradingPartner
from domain.webhook import Webhook
from services.application import LogApplication
from services.command import Command
from services.days import HANDLERS as DAY_HANDLERS
from services.event_log.json_form import AnyAggregate
from services.orders import admitting, agreeing, evidence, finding, ordering, penalties, returning, scores, shipping
from services.orders.fill_rate import closing
from services.webhooks import commands as webhook_commands
from services.orders.edi import answered, answering, applying, billing, deciding, notifying, receiving

AGGREGATES: tuple[type[AnyAggregate], ...] = (
    Company, TradingPartner, ShipTo, Item, PriceAgreement, TaxRates, Identifier, Order, OrderFindings, FillRateClose, Shipment,
    ShipmentPapers, EvidenceDocument, RetailerScore, Penalty, Return, Person, Payload, Interchange, EdiDocument, OrderPaper,
    OutboundDocument, ControlNumbers, Day, Webhook,
)


class Orders(LogApplication):
    """Partners, items, orders, shipments and the evidence of delivery."""

    name = "orders"
    aggregates = AGGREGATES
    handlers: ClassVar[dict[type[Command], Any]] = {
        **DAY_HANDLERS,
        **admitting.HANDLERS,
        **agreeing.HANDLERS,
        **evidence.HANDLERS,
        **finding.HANDLERS,
        **closing.HANDLERS,
        **ordering.HANDLERS,
        **penalties.HANDLERS,
        **returning.HANDLERS,
        **scores.HANDLERS,
        **shipping.HANDLERS,
        **receiving.HANDLERS,
        **applying.HANDLERS,
        **answered.HANDLERS,
        **deciding.HANDLERS,
        **answering.HANDLERS,
        **notifying.HANDLERS,
        **billing.HANDLERS,
        **webhook_commands.HANDLERS,
    }
