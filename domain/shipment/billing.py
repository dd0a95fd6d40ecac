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


def taken_back(state: ShipmentState, document: str) -> tuple[ShipmentLine, ...]:
    """What is to be credited because the advice is taken back.

    Where shipped quantities are invoiced on a receipt, a line stays invoiced that another advice names.
    """
    if state.timed_out:
        return ()
    kept: set[tuple[str, str]] = set()
    of: str | None = document
    if state.invoicing.quantity is InvoicedQuantity.SHIPPED:
        others = (advice for name, advice in state.advices.items() if name != document)
        kept, of = {(line.order, line.line) for advice in others for line in advice.lines}, None
    billed = [(line, _billed(state, line, of)) for line in state.lines if line.key not in kept]
    return tuple(line.of(quantity, state.currency) for line, quantity in billed if quantity > 0)


def _shipped_lines_not_yet_billed(
    state: ShipmentState, counted: Sequence[ReceivedLine]
) -> tuple[ShipmentLine, ...]:
    named = {(line.order, line.line) for line in counted}
    return tuple(line for line in state.lines if line.key in named and not _billed(state, line, None))


def _billed(state: ShipmentState, line: ShipmentLine, document: str | None) -> Decimal:
    """How much of the line is invoiced because of ``document``; None: because of any."""
    parts = (
        part for part in state.billed
        if (part.order, part.line) == line.key and document in (None, part.document)
    )
    return sum((part.quantity for part in parts), ZERO)
