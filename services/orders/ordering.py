"""The commands on an order: place, amend, confirm, cancel, close; release and hold as credit decides."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field

from domain.company import Company
from domain.order import ConfirmedLine, Door, HoldReason, Order, OrderLine, content_digest, differences
from domain.refusal import Kind, Refusal
from domain.trading_partner import TradingPartner
from domain.values import Side
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Code, CurrencyCode, Day, OptionalCode, Part, Quantity, QuantityOrZero, Stream, Text
from services.http import href
from services.orders.order_lines import (
    PARTNER_UNKNOWN, OrderedLine, Ordering, agreed_currency, line_streams, order_lines,
)

LINES_PER_ORDER = 1_000

CONTENT_DIFFERS = Refusal(
    "order.content_differs",
    "Order {order} of {partner} is recorded with other content: {differences}. A purchase order number is used once;"
    " to change the order send a change (POST {href}:amend, or an 860).",
    Kind.CONFLICT,
)
COMPANY_UNKNOWN = Refusal(
    "order.company_unknown",
    "Order {order}: there is no company {company} of ours. Leave it out for the partner's own, or register it first.",
)


def _numbers_once(lines: tuple[OrderedLine, ...]) -> tuple[OrderedLine, ...]:
    seen: set[str] = set()
    for line in lines:
        if line.number in seen:
            raise ValueError(f"line number {line.number} occurs twice; each line needs its own")
        seen.add(line.number)
    return lines


OrderedLines = Annotated[tuple[OrderedLine, ...], Field(max_length=LINES_PER_ORDER), AfterValidator(_numbers_once)]


class PlaceOrder(Command):
    """A customer's purchase order. The same number again with the same content is the same order."""

    NAME: ClassVar[str] = "order.place"
    partner: Code
    purchase_order_number: Code
    release: OptionalCode = ""
    company: Code | None = None
    ordered_on: Day
    currency: CurrencyCode | None = None
    ship_to: Code | None = None
    requested_on: Day | None = None
    cancel_after: Day | None = None
    lines: OrderedLines = Field(min_length=1)

    def streams(self) -> tuple[str, ...]:
        known = [TradingPartner.stream(self.partner), *line_streams(self.partner, self.lines, self.ship_to)]
        if self.company is not None:
            known.append(Order.stream(self.company, self.partner, self.purchase_order_number, self.release))
        return tuple(known)



class AmendOrder(Command):
    """The customer's change: lines whole in their new values, lines taken out by number."""

    NAME: ClassVar[str] = "order.amend"
    order: Stream
    change: Code
    amended_on: Day
    ship_to: Code | None = None
    requested_on: Day | None = None
    lines: OrderedLines = ()
    removed: tuple[Code, ...] = Field((), max_length=LINES_PER_ORDER)

    def streams(self) -> tuple[str, ...]:
        return (order_stream(self.order),)


class PromisedLine(Part):
    """What we promise of a line and by when; a quantity of 0 says that nothing comes."""

    number: Code
    quantity: QuantityOrZero
    promised_on: Day | None = None
    reason: Text | None = None


class ConfirmOrder(Command):
    """Our confirmation, whole lines at a time; without lines everything is promised as ordered."""

    NAME: ClassVar[str] = "order.confirm"
    order: Stream
    confirmation: Code
    lines: tuple[PromisedLine, ...] | None = None

    def streams(self) -> tuple[str, ...]:
        return (order_stream(self.order),)


class CancelLine(Command):
    """Take a quantity of what is still open out of a line."""

    NAME: ClassVar[str] = "order.cancel_line"
    order: Stream
    line: Code
    quantity: Quantity
    by: Side
    reason: Text

    def streams(self) -> tuple[str, ...]:
        return (order_stream(self.order),)


class CancelOrder(Command):
    """Take everything still open out of the order."""

    NAME: ClassVar[str] = "order.cancel"
    order: Stream
    by: Side
    reason: Text

    def streams(self) -> tuple[str, ...]:
        return (order_stream(self.order),)


class CloseShort(Command):
    """We will not deliver what is still open."""

    NAME: ClassVar[str] = "order.close_short"
    order: Stream
    reason: Text

    def streams(self) -> tuple[str, ...]:
        return (order_stream(self.order),)


class ReleaseOrder(Command):
    """Credit has reserved for this revision of the order."""

    NAME: ClassVar[str] = "order.release"
    order: Stream
    revision: int
    reservation: str

    def streams(self) -> tuple[str, ...]:
        return (self.order,)


class HoldOrder(Command):
    """Credit has refused this revision of the order, for all these reasons."""

    NAME: ClassVar[str] = "order.hold"
    order: Stream
    revision: int
    reasons: tuple[HoldReason, ...]

    def streams(self) -> tuple[str, ...]:
        return (self.order,)


class ConfirmAsOrdered(Command):
    """Promise what was asked for, when it was asked for (confirmation agreed as AUTO)."""

    NAME: ClassVar[str] = "order.confirm_as_ordered"
    order: Stream
    confirmation: str

    def streams(self) -> tuple[str, ...]:
        return (self.order,)


class ExpireOrder(Command):
    """A day has begun after the customer's cancel-after date."""

    NAME: ClassVar[str] = "order.expire"
    order: Stream
    day: date

    def streams(self) -> tuple[str, ...]:
        return (self.order,)


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


def place_order(work: Work, command: PlaceOrder, door: Door = Door.REST) -> Answer:
    """Place the order, or recognise it: same content gets the order, other content is refused naming the differences."""
    number = command.purchase_order_number
    partner = work.find(TradingPartner, TradingPartner.stream(command.partner))
    if partner is None:
        raise PARTNER_UNKNOWN(order=number, partner=command.partner)
    company = command.company or partner.state.company
    currency = agreed_currency(number, partner, command.currency)
    stream = Order.stream(company, command.partner, number, command.release)
    known = work.find(Order, stream)
    if known is None:
        if work.find(Company, Company.stream(company)) is None:
            raise COMPANY_UNKNOWN(order=number, company=company)
        partner.check_takes_orders(command.ordered_on)
    ordering = Ordering(number, partner, currency, command.ordered_on, command.ship_to, command.requested_on)
    lines = order_lines(work, ordering, command.lines)
    if known is not None:
        return _placed_before(work, known, command, currency, lines)
    order = Order.place(
        company=company, partner=command.partner, purchase_order_number=number, release=command.release,
        ordered_on=command.ordered_on, currency=currency, account=partner.state.account, door=door, lines=lines,
        confirmation=partner.confirmation_on(command.ordered_on), cancel_after=command.cancel_after,
    )
    return order_answer(work.add(order), 201)


def _placed_before(
    work: Work, known: Order, command: PlaceOrder, currency: str, lines: tuple[OrderLine, ...]
) -> Answer:
    digest = content_digest(currency, command.ordered_on, command.cancel_after, lines)
    if known.same_content(digest):
        return order_answer(known)
    placed = work.first_fact(known.id)
    found = list(differences(placed.lines, lines))
    for name, before, after in (
        ("the order date", placed.ordered_on, command.ordered_on),
        ("the cancel-after date", placed.cancel_after, command.cancel_after),
    ):
        if before != after:
            found.append(f"{name} is {after or 'not given'}, was {before or 'not given'}")
    raise CONTENT_DIFFERS(
        order=command.purchase_order_number, partner=command.partner, differences="; ".join(found),
        href=href("orders", known.id),
    )


def amend_order(work: Work, command: AmendOrder) -> Answer:
    order = work.get(Order, order_stream(command.order))
    state = order.state
    partner = work.get(TradingPartner, TradingPartner.stream(state.partner))
    ordering = Ordering(
        state.purchase_order_number, partner, state.currency, state.ordered_on, command.ship_to, command.requested_on
    )
    lines = order_lines(work, ordering, command.lines)
    order.amend_by_customer(command.change, lines, command.removed, amended_on=command.amended_on)
    return order_answer(order)


def confirm_order(work: Work, command: ConfirmOrder) -> Answer:
    order = work.get(Order, order_stream(command.order))
    if command.lines is None:
        order.confirm_as_ordered(command.confirmation)
    else:
        lines = [ConfirmedLine(p.number, p.quantity, p.promised_on, p.reason) for p in command.lines]
        order.confirm(command.confirmation, lines)
    return order_answer(order)


def cancel_line(work: Work, command: CancelLine) -> Answer:
    order = work.get(Order, order_stream(command.order))
    order.cancel_line(command.line, command.quantity, by=command.by, reason=command.reason)
    return order_answer(order)


def cancel_order(work: Work, command: CancelOrder) -> Answer:
    order = work.get(Order, order_stream(command.order))
    order.cancel(by=command.by, reason=command.reason)
    return order_answer(order)


def close_short(work: Work, command: CloseShort) -> Answer:
    order = work.get(Order, order_stream(command.order))
    order.close_short(command.reason)
    return order_answer(order)


def release_order(work: Work, command: ReleaseOrder) -> Answer:
    order = work.get(Order, command.order)
    order.release(command.revision, command.reservation)
    return order_answer(order)


def hold_order(work: Work, command: HoldOrder) -> Answer:
    order = work.get(Order, command.order)
    order.hold(command.revision, command.reasons)
    return order_answer(order)


def confirm_as_ordered(work: Work, command: ConfirmAsOrdered) -> Answer:
    order = work.get(Order, command.order)
    order.confirm_as_ordered(command.confirmation)
    return order_answer(order)


def expire_order(work: Work, command: ExpireOrder) -> Answer:
    order = work.get(Order, command.order)
    order.expire(command.day)
    return order_answer(order)


HANDLERS: dict[type[Command], Any] = {
    PlaceOrder: place_order,
    AmendOrder: amend_order,
    ConfirmOrder: confirm_order,
    CancelLine: cancel_line,
    CancelOrder: cancel_order,
    CloseShort: close_short,
    ReleaseOrder: release_order,
    HoldOrder: hold_order,
    ConfirmAsOrdered: confirm_as_ordered,
    ExpireOrder: expire_order,
}
