"""The customer's purchase order: placed, amended, released, confirmed, dispatched, cancelled or closed."""

from __future__ import annotations

from domain.agreements import ConfirmationMode
from domain.order.content import content_digest, differences, replacement
from domain.order.line import ConfirmedLine, LineState, OrderLine, Promise, ScheduleLine
from domain.order.order import Order
from domain.order.state import Closure, Credit, Door, Flow, FreightTerms, HoldReason, OrderState

__all__ = [
    "Closure",
    "ConfirmationMode",
    "ConfirmedLine",
    "Credit",
    "Door",
    "Flow",
    "FreightTerms",
    "HoldReason",
    "LineState",
    "Order",
    "OrderLine",
    "OrderState",
    "Promise",
    "ScheduleLine",
    "content_digest",
    "differences",
    "replacement",
]
