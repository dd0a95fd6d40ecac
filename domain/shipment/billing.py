"""What a receiving advice gives to be invoiced, and what it takes back from what was invoiced before."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from domain.agreements import InvoicedQuantity, InvoiceTrigger
from domain.shipment.lines import ReceivedLine, ShipmentLine
from domain.shipment.state import ShipmentState
from domain.values import ZERO

Billing = tuple[tuple[ShipmentLine, ...], tuple[ShipmentLine, ...]]


def billed_by_receipt(state: ShipmentState, document: str, counted: Sequence[ReceivedLine]) -> Billing:
    """(to be invoiced, to be credited) because of this version of the advice.

    Nothing where the invoice was made at dispatch or after a time-out: the customer's difference then comes
    back as a deduction. A later version gives only its difference, so that no quantity is invoiced twice.
    """
    if state.invoicing.trigger is InvoiceTrigger.DISPATCH or state.timed_out:
        return (), ()
    if state.invoicing.quantity is InvoicedQuantity.SHIPPED:
        return _shipped_lines_not_yet_billed(state, counted), ()
    accepted = {(line.order, line.line): line.accepted for line in counted}
    more: list[ShipmentLine] = []
    less: list[ShipmentLine] = []
    for line in state.lines:
        difference = accepted.get(line.key, ZERO) - _billed(state, line, document)
        if difference > 0:
            more.append(line.of(difference, state.currency))
        elif difference < 0:
            less.append(line.of(-difference, state.currency))
    return tuple(more), tuple(less)


def _shipped_lines_not_yet_billed(
    state: ShipmentState, counted: Sequence[ReceivedLine]
) -> tuple[ShipmentLine, ...]:
    billed = {(part.order, part.line) for part in state.billed}
    named = {(line.order, line.line) for line in counted} - billed
    return tuple(line for line in state.lines if line.key in named)


def _billed(state: ShipmentState, line: ShipmentLine, document: str) -> Decimal:
    parts = (
        part for part in state.billed if (part.order, part.line) == line.key and part.document == document
    )
    return sum((part.quantity for part in parts), ZERO)
