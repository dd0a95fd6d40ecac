"""The commands on a return: authorised, come back, credited."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from domain.goods_return import CameBack, Return, ReturnLine
from domain.order import Order
from domain.refusal import Kind, Refusal
from domain.trading_partner import TradingPartner
from domain.values import LineQuantity, Side
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Code, Day, Part, Quantity, Stream, Text
from services.http import href

LINES_PER_RETURN = 1_000

LINE_UNKNOWN = Refusal(
    "return.order_line_unknown",
    "Return {number}: order {order} has no line {line}; its lines are {lines}. Name the line that was sold.",
)
AUTHORISED_OTHERWISE = Refusal(
    "return.authorised_otherwise",
    "Return {number} was authorised before for other goods. Use a new return number.",
    Kind.CONFLICT,
)


class SoldLine(Part):
    """What may come back of which order line; it is credited at the price it was sold for."""

    number: Code
    order: Stream
    order_line: Code
    quantity: Quantity
    reason: Text
    fault: Side


class AuthoriseReturn(Command):
    """The customer may send goods back."""

    NAME: ClassVar[str] = "return.authorise"
    company: Code
    number: Code
    partner: Code
    authorised_on: Day
    invoice: Code | None = None
    lines: tuple[SoldLine, ...] = Field(min_length=1, max_length=LINES_PER_RETURN)

    def streams(self) -> tuple[str, ...]:
        orders = dict.fromkeys(line.order for line in self.lines)
        return (Return.stream(self.company, self.number), TradingPartner.stream(self.partner), *orders)


class ReturnedLine(Part):
    number: Code
    quantity: Quantity
    condition: Code | None = None


class ReceiveReturn(Command):
    """Goods came back to us."""

    NAME: ClassVar[str] = "return.receive"
    goods_return: Stream
    document: Code
    received_on: Day
    lines: tuple[ReturnedLine, ...] = Field(min_length=1, max_length=LINES_PER_RETURN)


class CreditReturn(Command):
    """What came back was credited on the credit memo ``document``; without lines, all that is not yet credited."""

    NAME: ClassVar[str] = "return.credit"
    goods_return: Stream
    document: Code
    credited_on: Day
    lines: tuple[ReturnedLine, ...] | None = None


def return_stream(goods_return: str) -> str:
    """The stream of a return as addresses name it: ``{company}/{number}``."""
    return goods_return if goods_return.startswith("return/") else f"return/{goods_return}"


def return_answer(goods: Return, status: int = 200) -> Answer:
    return Answer(status, {"return": goods.id, "href": href("returns", goods.id), "version": goods.version})


def authorise_return(work: Work, command: AuthoriseReturn) -> Answer:
    partner = work.get(TradingPartner, TradingPartner.stream(command.partner))
    lines = [_return_line(work, command.number, line) for line in command.lines]
    known = work.find(Return, Return.stream(command.company, command.number))
    if known is not None:
        if known.state.lines != {line.number: line for line in lines}:
            raise AUTHORISED_OTHERWISE(number=command.number)
        return return_answer(known)
    goods = Return.authorise(
        company=command.company, number=command.number, partner=command.partner, account=partner.state.account,
        currency=partner.state.currency, authorised_on=command.authorised_on, lines=lines, invoice=command.invoice,
    )
    return return_answer(work.add(goods), 201)


def _return_line(work: Work, number: str, sold: SoldLine) -> ReturnLine:
    order = work.get(Order, sold.order)
    known = order.state.lines.get(sold.order_line)
    if known is None:
        raise LINE_UNKNOWN(
            number=number, order=order.state.purchase_order_number, line=sold.order_line, lines=list(order.state.lines)
        )
    line = known.line
    return ReturnLine(
        sold.number, sold.order, sold.order_line, line.item, sold.quantity, line.unit, line.unit_price, line.price_per,
        line.tax_rate, sold.reason, sold.fault,
    )


def receive_return(work: Work, command: ReceiveReturn) -> Answer:
    goods = work.get(Return, return_stream(command.goods_return))
    came = [CameBack(line.number, line.quantity, line.condition) for line in command.lines]
    goods.receive(command.document, command.received_on, came)
    return return_answer(goods)


def credit_return(work: Work, command: CreditReturn) -> Answer:
    goods = work.get(Return, return_stream(command.goods_return))
    lines = command.lines
    asked = goods.to_credit() if lines is None else [LineQuantity(line.number, line.quantity) for line in lines]
    goods.credit(command.document, command.credited_on, asked)
    return return_answer(goods)


HANDLERS: dict[type[Command], Any] = {
    AuthoriseReturn: authorise_return,
    ReceiveReturn: receive_return,
    CreditReturn: credit_return,
}
