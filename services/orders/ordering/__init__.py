"""The commands on an order: place, amend, confirm, cancel, close; release and hold as credit decides."""

from __future__ import annotations

from typing import Any

from services.command import Command
from services.orders.ordering.changing import (
    AmendOrder,
    CancelLine,
    CancelOrder,
    CloseShort,
    ConfirmAsOrdered,
    ConfirmOrder,
    ExpireOrder,
    FreeDelivery,
    HoldDelivery,
    HoldOrder,
    PromisedLine,
    ReleaseOrder,
    amend_order,
    cancel_line,
    cancel_order,
    close_short,
    confirm_as_ordered,
    confirm_order,
    expire_order,
    free_delivery,
    hold_delivery,
    hold_order,
    release_order,
)
from services.orders.ordering.placing import COMPANY_UNKNOWN, CONTENT_DIFFERS, PlaceOrder, place_order
from services.orders.ordering.shared import LINES_PER_ORDER, order_answer, order_stream

HANDLERS: dict[type[Command], Any] = {
    PlaceOrder: place_order,
    AmendOrder: amend_order,
    ConfirmOrder: confirm_order,
    CancelLine: cancel_line,
    CancelOrder: cancel_order,
    CloseShort: close_short,
    ReleaseOrder: release_order,
    HoldOrder: hold_order,
    HoldDelivery: hold_delivery,
    FreeDelivery: free_delivery,
    ConfirmAsOrdered: confirm_as_ordered,
    ExpireOrder: expire_order,
}

__all__ = [
    "COMPANY_UNKNOWN",
    "CONTENT_DIFFERS",
    "HANDLERS",
    "LINES_PER_ORDER",
    "AmendOrder",
    "CancelLine",
    "CancelOrder",
    "CloseShort",
    "ConfirmAsOrdered",
    "ConfirmOrder",
    "ExpireOrder",
    "FreeDelivery",
    "HoldDelivery",
    "HoldOrder",
    "PlaceOrder",
    "PromisedLine",
    "ReleaseOrder",
    "amend_order",
    "cancel_line",
    "cancel_order",
    "close_short",
    "confirm_as_ordered",
    "confirm_order",
    "expire_order",
    "free_delivery",
    "hold_delivery",
    "hold_order",
    "order_answer",
    "order_stream",
    "place_order",
    "release_order",
]
