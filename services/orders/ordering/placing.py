"""Placing an order: a new one, the same one again, or the same number with other content."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from pydantic import Field

from domain.company import Company
from domain.order import Door, Flow, FreightTerms, Order, OrderLine, content_digest, differences
from domain.refusal import Kind, Refusal
from domain.trading_partner import TradingPartner
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Code, CurrencyCode, Day, OptionalCode
from services.http import href
from services.orders.order_lines import PARTNER_UNKNOWN, Ordering, agreed_currency, line_streams, order_lines
from services.orders.ordering.shared import OrderedLines, order_answer

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
    freight_terms: FreightTerms | None = None
    flow: Flow | None = None
    lines: OrderedLines = Field(min_length=1)

    def streams(self) -> tuple[str, ...]:
        known = [TradingPartner.stream(self.partner), *line_streams(self.partner, self.lines, self.ship_to)]
        return tuple(known)

    def then_streams(self, peek: Callable[[str], Any]) -> tuple[str, ...]:
        """The order itself, whose company may be the partner's."""
        partner = peek(TradingPartner.stream(self.partner))
        company = self.company or (partner.state.company if partner is not None else None)
        if company is None:
            return ()
        return (Order.stream(company, self.partner, self.purchase_order_number, self.release),)


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
        freight_terms=command.freight_terms, flow=command.flow,
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
