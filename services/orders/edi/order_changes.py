"""An 860 applied: the customer's change of an order, line by line (edi.md 3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter, ValidationError

from domain.order import Order, OrderLine
from domain.order.content import line_key
from domain.refusal import Refusal
from domain.values import Side
from services.orders.edi.incoming import Incoming
from services.orders.edi.outcome import Outcome
from services.orders.edi.purchase_lines import currency_of, header_place, ordered_line, requested_day
from services.orders.edi.purchase_orders import NOT_AN_ORDER, PURPOSE_NOT_TAKEN, ordered_before
from services.orders.order_lines import OrderedLine, Ordering, agreed_currency, order_lines
from services.problem import invalid

CHANGE_NOT_TAKEN = Refusal(
    "edi.change_not_taken",
    "{document}, line {line}: the change {change} is not one that is applied here. Ask the customer what is meant.",
)
LINE_NOT_ORDERED = Refusal(
    "edi.change_of_no_line",
    "{document} changes line {line}, which order {order} does not have. Ask the customer which line is meant.",
)

# X12 670: what is said of a line. Others (terms, holds, transfers) are for a person.
ADDED, DELETED, UNCHANGED, WHOLE_ORDER_CANCELLED = "AI", "DI", "NC", "CF"
RESTATED = frozenset({"QI", "QD", "PC", "PQ", "CA", "CT", "RQ", "RS", "RZ"})

LINES: TypeAdapter[tuple[OrderedLine, ...]] = TypeAdapter(tuple[OrderedLine, ...])


def apply_order_change(paper: Incoming) -> Outcome:
    document = paper.document
    purpose, lines = document.get("purpose"), document.get("lines") or []
    if purpose not in ("01", "04", "05"):
        raise PURPOSE_NOT_TAKEN(document=paper.name, purpose=purpose)
    order = ordered_before(paper, purpose)
    if purpose == "01" or any(line.get("change") == WHOLE_ORDER_CANCELLED for line in lines):
        order.cancel(by=Side.CUSTOMER, reason=f"cancelled by {paper.name}")
        return Outcome(order.id)
    stated = [one for one in lines if not _is_gone(one) and one.get("change") != UNCHANGED]
    if purpose == "05":
        kept = [one for one in lines if not _is_gone(one)]
        order.replace_by_customer(change_number(paper), _lines(paper, order, kept), amended_on=_day(paper))
        return Outcome(order.id)
    removed = [_number(paper, order, one) for one in lines if _is_gone(one)]
    if stated or removed:
        changed = _lines(paper, order, stated)
        order.amend_by_customer(change_number(paper), changed, removed, amended_on=_day(paper))
    return Outcome(order.id)


def change_number(paper: Incoming) -> str:
    """The customer's own number of the change; else the control numbers of the document."""
    sequence = paper.document.get("change_sequence")
    return f"{paper.type}-{sequence}" if sequence else paper.tail


def _day(paper: Incoming) -> date:
    said = paper.document.get("changed_on") or paper.document.get("acknowledged_on")
    return date.fromisoformat(said) if said else paper.day


def _is_gone(line: Mapping[str, Any]) -> bool:
    """Deleted, with or without a quantity; or changed down to nothing."""
    quantity = line.get("quantity")
    return line.get("change") == DELETED or (quantity is not None and Decimal(quantity) == 0)


def _number(paper: Incoming, order: Order, line: Mapping[str, Any]) -> str:
    known = _known(order, line)
    if known is None:
        raise LINE_NOT_ORDERED(document=paper.name, line=line["number"], order=order.state.purchase_order_number)
    return known.number


def _known(order: Order, line: Mapping[str, Any]) -> OrderLine | None:
    """The order's own line of that number, however many noughts stand before it."""
    key = line_key(line["number"])
    return next((at.line for number, at in order.state.lines.items() if line_key(number) == key), None)


def _lines(paper: Incoming, order: Order, lines: list[dict[str, Any]]) -> tuple[OrderLine, ...]:
    """The lines whole in their new values; what a change leaves out is as it was ordered."""
    state = order.state
    currency = agreed_currency(state.purchase_order_number, paper.partner, currency_of(paper))
    fields = [_restated(paper, order, line) for line in lines]
    try:
        wanted = LINES.validate_python(fields)
    except ValidationError as error:
        raise NOT_AN_ORDER(document=paper.name, detail=invalid(error).detail) from None
    day = requested_day(paper.document)
    ordering = Ordering(
        state.purchase_order_number, paper.partner, currency, state.ordered_on, header_place(paper),
        date.fromisoformat(day) if day else None,
    )
    return order_lines(paper.work, ordering, wanted)


def _restated(paper: Incoming, order: Order, line: dict[str, Any]) -> dict[str, Any]:
    change, known = line.get("change"), _known(order, line)
    if change not in RESTATED and change not in (ADDED, UNCHANGED):
        raise CHANGE_NOT_TAKEN(document=paper.name, line=line["number"], change=change or "that is not named")
    if known is None:
        if change != ADDED and paper.document.get("purpose") != "05":
            raise LINE_NOT_ORDERED(document=paper.name, line=line["number"], order=order.state.purchase_order_number)
        return ordered_line(paper, line)
    fields = ordered_line(paper, {**line, "unit": line.get("unit") or known.unit})
    fields["number"] = known.number
    if fields["quantity"] is None:
        fields["quantity"] = known.quantity
    if not fields["item"] and not fields["item_numbers"]:
        fields["item"] = known.item
    if known.customer_price is not None and "price" not in fields:
        fields |= {"price": known.customer_price, "price_per": known.price_per}
    return fields | _when_and_where(paper, fields, known)


def _when_and_where(paper: Incoming, fields: dict[str, Any], known: OrderLine) -> dict[str, Any]:
    """Where the change says nothing of places and days: as ordered, for the new quantity when it was one part."""
    if "schedule" in fields:
        return {}
    (first, *more) = known.schedule
    if more and Decimal(fields["quantity"]) == known.quantity and not fields["requested_on"]:
        parts = [
            {"ship_to": one.ship_to, "requested_on": one.requested_on, "quantity": one.quantity}
            for one in known.schedule
        ]
        return {"schedule": parts}
    if more:
        return {}
    day = fields["requested_on"] or requested_day(paper.document) or first.requested_on
    return {"ship_to": fields["ship_to"] or header_place(paper) or first.ship_to, "requested_on": day}
