"""The order book: orders as a search and as a page, with shipments, invoices, returns and the full timeline.

Read from the logs of orders and receivables. Every table is written from one log alone and joined when asked,
so it does not matter which log is folded first.
"""

from __future__ import annotations

from projections.order_book import deliveries, orders, payments
from projections.order_book.page import LinePage, OrderPage, ShipmentPage
from projections.order_book.queries import (
    STATUS,
    OrderSearch,
    find_orders,
    find_returns,
    goods_return,
    order,
    shipment,
    timeline,
)
from projections.order_book.tables import VIEW

FOLDS = (orders, deliveries, payments)

__all__ = [
    "FOLDS",
    "STATUS",
    "VIEW",
    "LinePage",
    "OrderPage",
    "OrderSearch",
    "ShipmentPage",
    "find_orders",
    "find_returns",
    "goods_return",
    "order",
    "shipment",
    "timeline",
]
