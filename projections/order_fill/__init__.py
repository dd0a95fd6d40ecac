"""Order fill: the facts from which a customer's fill rate is judged; append-only, nothing is ever overwritten.

Read from the orders log. Because facts keep their positions, the same question can be asked of an earlier moment.
"""

from __future__ import annotations

from projections.order_fill import fold, settling
from projections.order_fill.queries import (
    AgreedPolicy, close_of, closes_of, lines_of, lines_of_orders, lines_requested, logistics_of, policies_of, position_at,
)
from projections.order_fill.strays import unplaced_of
from projections.order_fill.tables import VIEW

FOLDS = (fold,)
VIEW.settle = settling.settle

__all__ = [
    "FOLDS",
    "VIEW",
    "AgreedPolicy",
    "close_of",
    "closes_of",
    "lines_of",
    "lines_of_orders",
    "lines_requested",
    "logistics_of",
    "policies_of",
    "position_at",
    "unplaced_of",
]
