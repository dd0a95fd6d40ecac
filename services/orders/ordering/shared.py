"""What all commands on an order share: its stream from an address, its lines, its answer."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from domain.order import Order
from services.command import Answer
from services.http import href
from services.orders.order_lines import OrderedLine

LINES_PER_ORDER = 1_000


def _numbers_once(lines: tuple[OrderedLine, ...]) -> tuple[OrderedLine, ...]:
    seen: set[str] = set()
    for line in lines:
        if line.number in seen:
            raise ValueError(f"line number {line.number} occurs twice; each line needs its own")
        seen.add(line.number)
    return lines


OrderedLines = Annotated[tuple[OrderedLine, ...], Field(max_length=LINES_PER_ORDER), AfterValidator(_numbers_once)]


def order_stream(order: str) -> str:
    """The stream of an order as addresses name it: ``{company}/{partner}/{number}/{release or -}``."""
    return order if order.startswith("order/") else f"order/{order}"


def order_answer(order: Order, status: int = 200) -> Answer:
    """Where the order stands after the command; the view shows the rest."""
    state = order.state
    body = {
        "order": order.id, "href": href("orders", order.id), "version": order.version,
        "credit": state.credit, "closed": state.closed, "revision": state.revision,
    }
    return Answer(status, body)
