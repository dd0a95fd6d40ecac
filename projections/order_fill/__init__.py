"""Order fill: the facts from which a customer's fill rate is judged; append-only, nothing is ever overwritten.

Read from the orders log. Because facts keep their positions, the same question can be asked of an earlier moment.
"""

from __future__ import annotations

from projections.order_fill import fold
from projections.order_fill.facts import (
    Advice,
    Amendment,
    Appointment,
    Arrival,
    Cancellation,
    Confirmation,
    Delivery,
    HoldSpan,
    Known,
    LineFacts,
    PromisedPart,
    Proof,
    Refusal,
)
from projections.order_fill.queries import lines_of, lines_requested
from projections.order_fill.tables import VIEW

FOLDS = (fold,)

__all__ = [
    "FOLDS",
    "VIEW",
    "Advice",
    "Amendment",
    "Appointment",
    "Arrival",
    "Cancellation",
    "Confirmation",
    "Delivery",
    "HoldSpan",
    "Known",
    "LineFacts",
    "PromisedPart",
    "Proof",
    "Refusal",
    "lines_of",
    "lines_requested",
]
