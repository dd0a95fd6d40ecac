"""From a line as a customer writes it to an order line: item, price, tax and schedule found in this log.

Every look-up is a committed aggregate of the same log, read inside the transaction that places the order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from domain.identifier import GTIN, Identifier, item_scheme, normalised, place_scheme
from domain.item import Item, Pack, base_quantity, case_size
from domain.price import PriceAgreement, price_in_unit
from domain.order import OrderLine, ScheduleLine
from domain.refusal import Refusal, Refused
from domain.ship_to import ShipTo
from domain.tax import TaxRates, line_amounts
from domain.trading_partner import TradingPartner
from services.event_log.work import Work
from services.fields import Code, Day, Part, Price, PricePer, Quantity, Unit

PARTNER_UNKNOWN = Refusal(
    "order.partner_unknown", "Order {order}: there is no trading partner {partner}. Register the partner first."
)
ITEM_UNKNOWN = Refusal(
    "order.item_unknown",
    "Order {order}, line {line}: no item of ours is known as {named}. Register it, or agree the customer's number for it.",
)
ITEM_AMBIGUOUS = Refusal(
    "order.item_ambiguous",
    "Order {order}, line {line}: its numbers name different items ({items}). Ask the customer which one is meant.",
)
ITEM_NOT_SOLD = Refusal(
    "order.item_not_sold",
    "Order {order}, line {line}: item {item} is not sold on {day}. Propose another item or cancel the line.",
)
NO_PRICE = Refusal(
    "order.no_price",
    "Order {order}, line {line}: no price of item {item} is agreed with {partner} on {day}. Agree one, then send it again.",
)
PRICE_CURRENCY = Refusal(
    "order.price_currency",
    "Order {order}, line {line}: item {item} is agreed in {agreed}, the order is in {currency}. Correct the one that is wrong.",
)
CURRENCY_DIFFERS = Refusal(
    "order.currency_differs",
    "Order {order} is in {currency}, the agreement with {partner} is in {agreed}. Ask for an order in {agreed}.",
)
NO_PLACE = Refusal(
    "order.no_place", "Order {order}, line {line}: it says nowhere to deliver to. Send ship_to for the order or for the line."
)
PLACE_UNKNOWN = Refusal(
    "order.place_unknown",
    "Order {order}, line {line}: {partner} has no place {place}. Agree the place first; an unknown one is never made up.",
)
NO_DATE = Refusal(
    "order.no_date",
    "Order {order}, line {line}: it says no day to deliver on. Send requested_on for the order or for the line.",
)


class ItemNumber(Part):
    """An outside number of an item: scheme ``gtin``, or ``customer`` for the partner's own number."""

    scheme: Code
    value: Code


class Scheduled(Part):
    """How much of a line is wanted where and when."""

    ship_to: Code
    requested_on: Day
    quantity: Quantity


class OrderedLine(Part):
    """One line as the customer writes it. ``price`` is the customer's own price, compared with the agreed one."""

    number: Code
    item: Code | None = None
    item_numbers: tuple[ItemNumber, ...] = ()
    quantity: Quantity
    unit: Unit
    price: Price | None = None
    price_per: PricePer = Decimal(1)
    ship_to: Code | None = None
    requested_on: Day | None = None
    schedule: tuple[Scheduled, ...] = ()


@dataclass(frozen=True)
class Ordering:
    """What all lines of one order share while they are looked up; each place and tax rate is looked up once."""

    order: str
    partner: TradingPartner
    currency: str
    ordered_on: date
    ship_to: str | None
    requested_on: date | None
    places: dict[str, ShipTo] = field(default_factory=dict)
    rates: dict[tuple[str, str, date], Decimal] = field(default_factory=dict)


def line_streams(partner: str, lines: Sequence[OrderedLine], ship_to: str | None) -> list[str]:
    """The streams that placing these lines will read, as far as the command itself tells."""
    streams: list[str] = []
    for line in lines:
        if line.item is not None:
            streams += [Item.stream(line.item), PriceAgreement.stream(partner, line.item)]
        place = line.ship_to or ship_to
        if place is not None:
            streams.append(ShipTo.stream(partner, place))
    return streams


def agreed_currency(order: str, partner: TradingPartner, currency: str | None) -> str:
    """The order's currency; absent it is the agreement's, another one is refused."""
    agreed = partner.state.currency
    if currency is not None and currency != agreed:
        raise CURRENCY_DIFFERS(order=order, currency=currency, partner=partner.state.partner, agreed=agreed)
    return agreed


def order_lines(work: Work, ordering: Ordering, lines: Sequence[OrderedLine]) -> tuple[OrderLine, ...]:
    """Every line with our item, the agreed price and the tax due; refused at the first that cannot be found."""
    return tuple(_order_line(work, ordering, line) for line in lines)


def _order_line(work: Work, ordering: Ordering, line: OrderedLine) -> OrderLine:
    item = _item(work, ordering, line)
    number = item.state.item
    if not item.sold_on(ordering.ordered_on):
        raise ITEM_NOT_SOLD(order=ordering.order, line=line.number, item=number, day=ordering.ordered_on)
    packs = item.packs_on(ordering.ordered_on)
    unit_price, per = _agreed_price(work, ordering, line, item, packs)
    schedule = _schedule(work, ordering, line)
    tax_rate = _tax_rate(work, ordering, item, schedule)
    amounts = line_amounts(line.quantity, unit_price, per, tax_rate, ordering.currency)
    return OrderLine(
        number=line.number, item=number, customer_item=_customer_item(line), quantity=line.quantity, unit=line.unit,
        base_quantity=base_quantity(packs, line.quantity, line.unit, number), unit_price=unit_price, price_per=per,
        customer_price=_customer_price(line, per), net=amounts.net, tax_rate=tax_rate, tax=amounts.tax,
        gross=amounts.gross, schedule=tuple(part for part, _ in schedule), case_size=case_size(packs),
        category=item.state.category,
    )


def _item(work: Work, ordering: Ordering, line: OrderedLine) -> Item:
    """The one item that all numbers of the line name."""
    if line.item is not None and not line.item_numbers:
        only = work.find(Item, Item.stream(line.item))
        if only is not None:
            return only
    found: dict[str, Item] = {}
    if line.item is not None:
        item = work.find(Item, Item.stream(line.item))
        if item is not None:
            found[item.id] = item
    for number in line.item_numbers:
        stream = _item_stream(work, ordering.partner.state.partner, number)
        item = work.find(Item, stream) if stream is not None else None
        if item is not None:
            found[item.id] = item
    if len(found) > 1:
        items = sorted(item.state.item for item in found.values())
        raise ITEM_AMBIGUOUS(order=ordering.order, line=line.number, items=items)
    if not found:
        named = [line.item] if line.item else [f"{n.scheme} {n.value}" for n in line.item_numbers]
        raise ITEM_UNKNOWN(order=ordering.order, line=line.number, named=named or ["nothing"])
    return next(iter(found.values()))


def _item_stream(work: Work, partner: str, number: ItemNumber) -> str | None:
    scheme = item_scheme(partner) if number.scheme == "customer" else number.scheme
    try:
        value = normalised(scheme, number.value)
    except Refused:
        if scheme == GTIN:
            return None  # an ill-formed GTIN names nothing; another number of the line may
        raise
    identifier = work.find(Identifier, Identifier.stream(scheme, value))
    return None if identifier is None else identifier.state.to


def find_place(work: Work, partner: str, named: str) -> ShipTo | None:
    """A place by our number for it, or by the number the partner gives it."""
    ship_to = work.find(ShipTo, ShipTo.stream(partner, named))
    if ship_to is not None:
        return ship_to
    identifier = work.find(Identifier, Identifier.stream(place_scheme(partner), named))
    if identifier is None or identifier.state.to is None:
        return None
    return work.find(ShipTo, identifier.state.to)


def _agreed_price(
    work: Work, ordering: Ordering, line: OrderedLine, item: Item, packs: tuple[Pack, ...]
) -> tuple[Decimal, Decimal]:
    number, partner = item.state.item, ordering.partner.state.partner
    agreement = work.find(PriceAgreement, PriceAgreement.stream(partner, number))
    agreed = agreement.price_on(ordering.ordered_on) if agreement is not None else None
    if agreed is None:
        raise NO_PRICE(order=ordering.order, line=line.number, item=number, partner=partner, day=ordering.ordered_on)
    if agreed.currency != ordering.currency:
        raise PRICE_CURRENCY(
            order=ordering.order, line=line.number, item=number, agreed=agreed.currency, currency=ordering.currency
        )
    return price_in_unit(agreed, packs, line.unit, number)


def _customer_price(line: OrderedLine, per: Decimal) -> Decimal | None:
    """The customer's price on the agreed basis, kept to 6 decimals."""
    price: Decimal | None = line.price
    if price is None or line.price_per == per:
        return price
    exact = Fraction(price) * Fraction(per) / Fraction(line.price_per)
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal("0.000001")).normalize() + 0


def _customer_item(line: OrderedLine) -> str | None:
    own = [number.value for number in line.item_numbers if number.scheme == "customer"]
    return own[0] if own else None


def _schedule(work: Work, ordering: Ordering, line: OrderedLine) -> tuple[tuple[ScheduleLine, ShipTo], ...]:
    """What is wanted where and when, each part with the place it names."""
    whole: tuple[str | None, date | None, Decimal] = (
        line.ship_to or ordering.ship_to, line.requested_on or ordering.requested_on, line.quantity,
    )
    parts: list[tuple[str | None, date | None, Decimal]] = [
        (part.ship_to, part.requested_on, part.quantity) for part in line.schedule
    ]
    found: list[tuple[ScheduleLine, ShipTo]] = []
    for named, day, quantity in parts or [whole]:
        if named is None:
            raise NO_PLACE(order=ordering.order, line=line.number)
        if day is None:
            raise NO_DATE(order=ordering.order, line=line.number)
        ship_to = _place(work, ordering, line, named)
        place = ship_to.state
        found.append((ScheduleLine(place.place, day, quantity, place.agreed.zone, place.agreed.banner), ship_to))
    return tuple(found)


def _place(work: Work, ordering: Ordering, line: OrderedLine, named: str) -> ShipTo:
    known = ordering.places.get(named)
    if known is not None:
        return known
    partner = ordering.partner.state.partner
    ship_to = find_place(work, partner, named)
    if ship_to is None:
        raise PLACE_UNKNOWN(order=ordering.order, line=line.number, partner=partner, place=named)
    ship_to.check_takes("orders")
    ordering.places[named] = ship_to
    return ship_to


def _tax_rate(
    work: Work, ordering: Ordering, item: Item, schedule: tuple[tuple[ScheduleLine, ShipTo], ...]
) -> Decimal:
    """The rate of the item's category at the first place delivered to, on the first day asked for."""
    first = schedule[0][0].requested_on if len(schedule) == 1 else min(part.requested_on for part, _ in schedule)
    wanted = (schedule[0][1].state.agreed.tax_place, item.state.tax_category, first)
    known = ordering.rates.get(wanted)
    if known is None:
        known = work.get(TaxRates, TaxRates.stream(wanted[0])).rate_on(wanted[1], first)
        ordering.rates[wanted] = known
    return known
