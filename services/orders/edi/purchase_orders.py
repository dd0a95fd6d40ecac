"""An 850 (or ORDERS) applied: a new order, a repeat, a replacement, a change or a cancellation (decision 37)."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from domain.interchange import OrderPaper
from domain.order import Door, Order, OrderLine, replacement
from domain.refusal import Refusal
from domain.values import Side
from services.orders.edi.incoming import Incoming
from services.orders.edi.outcome import Outcome
from services.orders.edi.purchase_lines import currency_of, header_place, ordered_line, requested_day
from services.orders.order_lines import Ordering, agreed_currency, order_lines
from services.orders.ordering import PlaceOrder, place_order
from services.problem import invalid

NOT_AN_ORDER = Refusal(
    "edi.not_an_order",
    "{document} cannot be taken as an order: {detail}. Ask the customer for a corrected one.",
)
PURPOSE_NOT_TAKEN = Refusal(
    "edi.purpose_not_taken",
    "{document} has the purpose {purpose}; an order is new (00), a repeat (07), a change (04), a replacement (05) or a"
    " cancellation (01). Ask the customer what is meant.",
)
KIND_NOT_TAKEN = Refusal(
    "edi.kind_not_taken",
    "{document} is of kind {kind} ({words}), which orders nothing by itself. Agree with the customer how to go on.",
)
ORDER_UNKNOWN = Refusal(
    "edi.order_unknown",
    "{document} {asks} order {order}, which {partner} never placed here. Ask the customer for the order itself.",
)

KINDS_HELD = {"BK": "a blanket order", "CN": "consigned goods"}
ASKS = {"01": "cancels", "04": "changes", "05": "replaces", "07": "repeats"}


def apply_purchase_order(paper: Incoming) -> Outcome:
    """What the document does to the order it names, refused whole where it cannot."""
    purpose, kind = paper.document.get("purpose") or "00", paper.document.get("kind")
    if kind in KINDS_HELD:
        raise KIND_NOT_TAKEN(document=paper.name, kind=kind, words=KINDS_HELD[kind])
    if purpose == "00":
        return _place(paper)
    if purpose not in ASKS:
        raise PURPOSE_NOT_TAKEN(document=paper.name, purpose=purpose)
    order = ordered_before(paper, purpose)
    if purpose == "07":
        return _place(paper)
    if purpose == "01":
        order.cancel(by=Side.CUSTOMER, reason=f"cancelled by {paper.name}")
        return Outcome(order.id)
    return _restate(paper, order, whole=purpose == "05")


def order_stream(paper: Incoming, number: str, release: str | None) -> str:
    return Order.stream(paper.company, paper.partner.state.partner, number, release or "")


def ordered_before(paper: Incoming, purpose: str) -> Order:
    """The order that the document speaks of; refused where there is none."""
    number = paper.document.get("number") or ""
    order = paper.work.find(Order, order_stream(paper, number, paper.document.get("release")))
    if order is None:
        raise ORDER_UNKNOWN(
            document=paper.name, asks=ASKS[purpose], order=number, partner=paper.partner.state.partner
        )
    return order


def _place(paper: Incoming) -> Outcome:
    command = place_command(paper)
    before = paper.work.exists(order_stream(paper, command.purchase_order_number, command.release))
    place_order(paper.work, command, Door.EDI)
    order = order_stream(paper, command.purchase_order_number, command.release)
    _keep_paper(paper, order, anew=False)
    return Outcome(order, _not_applied(paper, "the same as placed before" if before else ""))


def _restate(paper: Incoming, order: Order, *, whole: bool) -> Outcome:
    """05 states the whole order anew, 04 only the lines it names; no difference is no change."""
    command = place_command(paper)
    lines = _lines(paper, order, command)
    if whole:
        order.replace_by_customer(paper.tail, lines, amended_on=paper.day)
    else:
        now = {number: at.line for number, at in order.state.lines.items()}
        changed, _ = replacement(now, lines)
        if changed:
            order.amend_by_customer(paper.tail, changed, amended_on=paper.day)
    _keep_paper(paper, order.id, anew=whole)
    return Outcome(order.id, _not_applied(paper, ""))


def _lines(paper: Incoming, order: Order, command: PlaceOrder) -> tuple[OrderLine, ...]:
    number = order.state.purchase_order_number
    currency = agreed_currency(number, paper.partner, command.currency)
    ordering = Ordering(
        number, paper.partner, currency, order.state.ordered_on, command.ship_to, command.requested_on
    )
    return order_lines(paper.work, ordering, command.lines)


def place_command(paper: Incoming) -> PlaceOrder:
    """The same command as through any other door (decision 19)."""
    document = paper.document
    fields: dict[str, Any] = {
        "partner": paper.partner.state.partner, "company": paper.company,
        "purchase_order_number": document.get("number"), "release": document.get("release") or "",
        "ordered_on": document.get("ordered_on"), "currency": currency_of(paper),
        "ship_to": header_place(paper), "requested_on": requested_day(document),
        "cancel_after": document.get("cancel_after"),
        "lines": [ordered_line(paper, line) for line in document.get("lines") or []],
    }
    try:
        return PlaceOrder.model_validate(fields)
    except ValidationError as error:
        raise NOT_AN_ORDER(document=paper.name, detail=invalid(error).detail) from None


def _keep_paper(paper: Incoming, order: str, *, anew: bool) -> None:
    """What we send about the order repeats the customer's own numbers from the paper that states it."""
    known = paper.work.find(OrderPaper, OrderPaper.stream(order))
    if known is None:
        paper.work.add(OrderPaper.state_order(order, paper.stream))
    elif anew:
        known.state_anew(paper.stream)


def _not_applied(paper: Incoming, first: str) -> str:
    """What the document says that our agreement decides instead: for a clerk to see."""
    lines = paper.document.get("lines") or []
    allowances = len(paper.document.get("allowances") or [])
    allowances += sum(len(line.get("allowances") or []) for line in lines)
    said = [first] if first else []
    if allowances:
        said.append(f"{allowances} allowances or charges of the customer are not applied: agreed prices are net")
    if paper.document.get("terms"):
        said.append("its payment terms are not applied: those agreed hold")
    return "; ".join(said)
