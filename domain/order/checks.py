"""The rules of an order: functions that refuse or return, called before anything is said to have happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from domain.order import refusals as no
from domain.order.line import ConfirmedLine, LineState, OrderLine
from domain.order.state import Credit, OrderState
from domain.values import ZERO, LineQuantity, plain

NO_OVER_DELIVERY = ZERO


def check_head(order: str, currency: str) -> None:
    if not order.strip():
        raise no.NO_NUMBER()
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha() and currency.isupper()):
        raise no.NO_CURRENCY(order=order, currency=currency or "nothing")


def check_placed_lines(order: str, lines: Sequence[OrderLine]) -> None:
    """Lines as first placed: at least one, each with its own number and a quantity."""
    if not lines:
        raise no.NO_LINES(order=order)
    check_line_values(order, lines)
    for line in lines:
        if line.quantity <= 0:
            raise _quantity_refused(order, line)


def check_line_values(order: str, lines: Sequence[OrderLine]) -> None:
    """What holds of every line, placed or amended: it adds up."""
    seen: set[str] = set()
    for line in lines:
        if line.number in seen:
            raise no.LINE_TWICE(order=order, line=line.number)
        seen.add(line.number)
        _check_line_adds_up(order, line)


def _check_line_adds_up(order: str, line: OrderLine) -> None:
    if line.quantity < 0 or any(part.quantity <= 0 for part in line.schedule):
        raise _quantity_refused(order, line)
    if line.unit_price < 0 or line.price_per <= 0:
        price, per = plain(line.unit_price), plain(line.price_per)
        raise no.PRICE_NEGATIVE(line=line.number, order=order, price=price, per=per)
    scheduled = sum((part.quantity for part in line.schedule), ZERO)
    if scheduled != line.quantity:
        raise no.SCHEDULE_DOES_NOT_SUM(
            line=line.number,
            order=order,
            scheduled=plain(scheduled),
            unit=line.unit,
            quantity=plain(line.quantity),
            difference=plain(abs(scheduled - line.quantity)),
        )
    if line.net + line.tax != line.gross:
        sums = {"net": line.net, "tax": line.tax, "sum": line.net + line.tax, "gross": line.gross}
        raise no.AMOUNTS_DO_NOT_SUM(line=line.number, order=order, **sums)


def _quantity_refused(order: str, line: OrderLine) -> Exception:
    least = min([line.quantity, *(part.quantity for part in line.schedule)])
    return no.QUANTITY_NOT_POSITIVE(line=line.number, order=order, quantity=plain(least), unit=line.unit)


def find_line(state: OrderState, number: str) -> LineState:
    if number not in state.lines:
        raise no.LINE_UNKNOWN(order=state.purchase_order_number, line=number, lines=tuple(state.lines))
    return state.lines[number]


def check_open_for(state: OrderState, act: str) -> None:
    if state.closed is not None:
        closed = state.closed.value.replace("_", " ").lower()
        raise no.ORDER_CLOSED(order=state.purchase_order_number, closed=closed, act=act)


def check_released(state: OrderState, act: str) -> None:
    if state.credit is not Credit.RELEASED:
        texts = "; ".join(reason.text for reason in state.hold_reasons)
        raise no.NOT_RELEASED(
            order=state.purchase_order_number,
            credit=state.credit.value.lower(),
            act=act,
            reasons=f": {texts}" if texts else "",
        )


def check_amendment(
    state: OrderState, change: str, lines: Sequence[OrderLine], removed: Sequence[str]
) -> None:
    """A change of the customer's: nothing already dispatched or cancelled may be taken back by it."""
    order = state.purchase_order_number
    check_open_for(state, f"change ({change})")
    if not lines and not removed:
        raise no.CHANGE_SAYS_NOTHING(change=change, order=order)
    check_line_values(order, lines)
    for line in lines:
        if line.number in removed:
            raise no.AMENDED_AND_REMOVED(change=change, line=line.number, order=order)
        if line.number in state.lines:
            _check_amended_line(order, state.lines[line.number], line)
        elif line.quantity <= 0:
            raise _quantity_refused(order, line)
    for number in removed:
        _check_removed_line(order, find_line(state, number))


def _check_amended_line(order: str, now: LineState, new: OrderLine) -> None:
    dispatched, gone = plain(now.dispatched), plain(now.gone)
    if now.dispatched and (now.line.item, now.line.unit) != (new.item, new.unit):
        raise no.DISPATCHED_LINE_REPLACED(
            line=new.number,
            order=order,
            dispatched=dispatched,
            unit=now.line.unit,
            item=now.line.item,
            new_unit=new.unit,
            new_item=new.item,
            open=plain(now.open),
        )
    least = now.dispatched - now.over + now.gone
    if new.quantity < least:
        raise no.AMENDED_BELOW_SETTLED(
            line=new.number,
            order=order,
            quantity=plain(new.quantity),
            unit=new.unit,
            dispatched=dispatched,
            gone=gone,
            least=plain(least),
            missing=plain(least - new.quantity),
        )


def _check_removed_line(order: str, now: LineState) -> None:
    if now.dispatched:
        raise no.DISPATCHED_LINE_REMOVED(
            line=now.line.number,
            order=order,
            dispatched=plain(now.dispatched),
            unit=now.line.unit,
            open=plain(now.open),
        )


def check_confirmation(state: OrderState, confirmation: str, lines: Sequence[ConfirmedLine]) -> None:
    """A confirmation is of whole lines: what is dispatched already counts in it."""
    order = state.purchase_order_number
    check_open_for(state, f"confirmation ({confirmation})")
    check_released(state, f"confirmation ({confirmation})")
    if not lines:
        raise no.NOTHING_TO_CONFIRM(confirmation=confirmation, order=order)
    for part in lines:
        if part.quantity < 0:
            raise no.NEGATIVE_CONFIRMATION(line=part.number, order=order, quantity=plain(part.quantity))
        if part.quantity > 0 and part.promised_on is None:
            unit = find_line(state, part.number).line.unit
            raise no.PROMISE_WITHOUT_DATE(
                line=part.number, order=order, quantity=plain(part.quantity), unit=unit
            )
    for total in summed(LineQuantity(part.number, part.quantity) for part in lines):
        _check_confirmed_total(order, find_line(state, total.number), total.quantity)


def _check_confirmed_total(order: str, line: LineState, quantity: Decimal) -> None:
    limit = line.open + line.dispatched
    names = {"line": line.line.number, "order": order, "unit": line.line.unit, "quantity": plain(quantity)}
    if quantity > limit:
        raise no.CONFIRMED_MORE(limit=plain(limit), excess=plain(quantity - limit), **names)
    if quantity < line.dispatched:
        missing = plain(line.dispatched - quantity)
        raise no.CONFIRMED_LESS_THAN_DISPATCHED(dispatched=plain(line.dispatched), missing=missing, **names)


def check_cancellation(order: str, line: LineState, quantity: Decimal) -> None:
    names = {"line": line.line.number, "order": order, "unit": line.line.unit, "quantity": plain(quantity)}
    if quantity <= 0:
        raise no.QUANTITY_NOT_POSITIVE(**names)
    if quantity > line.open:
        raise no.CANCELLED_MORE_THAN_OPEN(open=plain(line.open), excess=plain(quantity - line.open), **names)


def check_dispatch(
    state: OrderState, shipment: str, parts: Sequence[LineQuantity], tolerance: Decimal
) -> None:
    """Not before credit has released; not more than open plus the over-delivery the partner allows."""
    order = state.purchase_order_number
    check_released(state, f"shipment ({shipment})")
    if state.delivery_hold:
        texts = "; ".join(reason.text for reason in state.delivery_hold)
        raise no.DELIVERY_HELD(order=order, shipment=shipment, reasons=texts)
    if not parts:
        raise no.NOTHING_DISPATCHED(shipment=shipment, order=order)
    for part in parts:
        line = find_line(state, part.number)
        names = {
            "line": part.number,
            "order": order,
            "unit": line.line.unit,
            "quantity": plain(part.quantity),
        }
        if part.quantity <= 0:
            raise no.QUANTITY_NOT_POSITIVE(**names)
        over = over_allowed(line, tolerance)
        limit = line.open + over
        if part.quantity > limit:
            figures = {"open": plain(line.open), "over": plain(over), "limit": plain(limit)}
            raise no.DISPATCHED_MORE_THAN_OPEN(excess=plain(part.quantity - limit), **names, **figures)


def over_allowed(line: LineState, tolerance: Decimal) -> Decimal:
    """How much may go out beyond what is open; nothing on a line that did not end by delivery."""
    if line.gone and not line.open:
        return NO_OVER_DELIVERY
    return max((line.quantity - line.gone) * tolerance - line.over, NO_OVER_DELIVERY)


def summed(parts: Iterable[LineQuantity]) -> tuple[LineQuantity, ...]:
    """One entry a line, in the order first named."""
    totals: dict[str, Decimal] = {}
    for part in parts:
        totals[part.number] = totals.get(part.number, ZERO) + part.quantity
    return tuple(LineQuantity(number, quantity) for number, quantity in totals.items())


def open_parts(lines: Mapping[str, LineState]) -> tuple[LineQuantity, ...]:
    return tuple(LineQuantity(number, line.open) for number, line in lines.items() if line.open)


def as_ordered(lines: Mapping[str, LineState]) -> tuple[ConfirmedLine, ...]:
    """Every open line promised for the days it was asked for, schedule by schedule.

    A line partly cancelled or dispatched no longer fits its schedule: it is promised whole, for the last day.
    """
    promised: list[ConfirmedLine] = []
    for number, line in lines.items():
        days = [part.requested_on for part in line.line.schedule]
        if line.open == line.quantity:
            promised += [
                ConfirmedLine(number, part.quantity, part.requested_on) for part in line.line.schedule
            ]
        elif line.open:
            promised.append(ConfirmedLine(number, line.open + line.dispatched, max(days)))
    return tuple(promised)
