"""Prices agreed for an item with a partner, by first day: up to 6 decimals, per a stated number of units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from domain.aggregate import Aggregate, natural_id
from domain.agreements import in_force, with_agreement
from domain.codes import check_currency
from domain.item import Pack, find_pack
from domain.refusal import Kind, Refusal
from domain.values import plain

PRICE_DECIMALS = 6

PRICE_NOT_AGREED = Refusal(
    "price.not_agreed",
    "No price of item {item} is agreed with partner {partner} on {day}. Agree one with a first day on or"
    " before {day}.",
    Kind.NOT_FOUND,
)
PRICE_MALFORMED = Refusal(
    "price.malformed",
    "The price {price} per {per} {unit} of item {item} is refused: a price is 0 or more with at most 6"
    " decimals, per a number above 0. State it per more units if it needs more decimals.",
)


@dataclass(frozen=True)
class AgreedPrice:
    """``price`` for ``per`` units of ``unit``: 13.31 per 100 EA."""

    first_day: date
    currency: str
    price: Decimal
    per: Decimal
    unit: str


def price_in_unit(
    agreed: AgreedPrice, packs: Iterable[Pack], unit: str, item: str = ""
) -> tuple[Decimal, Decimal]:
    """The agreed price for the unit ordered, as (price, per): exact, as both are scaled."""
    known = tuple(packs)
    if unit == agreed.unit:
        find_pack(known, unit, item)
        return agreed.price, agreed.per
    ordered = find_pack(known, unit, item).quantity_in_base
    ratio = Fraction(ordered) / Fraction(find_pack(known, agreed.unit, item).quantity_in_base)
    return agreed.price * ratio.numerator, agreed.per * ratio.denominator


@dataclass
class PriceState:
    partner: str
    item: str
    prices: tuple[AgreedPrice, ...] = ()


class PriceAgreement(Aggregate[PriceState]):
    """The prices of one item agreed with one partner, by first day."""

    KIND = "price"
    STATE = PriceState
    STATE_VERSION = 1

    class Opened(Aggregate.Created):
        TYPE = "price.opened/1"
        partner: str
        item: str

        def apply(self, price: PriceAgreement) -> None:
            price.state = PriceState(self.partner, self.item)

    class Agreed(Aggregate.Event):
        TYPE = "price.agreed/1"
        partner: str
        item: str
        currency: str
        price: Decimal
        per: Decimal
        unit: str
        first_day: date

        def apply(self, price: PriceAgreement) -> None:
            agreed = AgreedPrice(self.first_day, self.currency, self.price, self.per, self.unit)
            price.state.prices = with_agreement(price.state.prices, agreed)

    @staticmethod
    def stream(partner: str, item: str) -> str:
        return natural_id("price", partner, item)

    @classmethod
    def open(cls, partner: str, item: str) -> PriceAgreement:
        """Start the stream of a partner's prices of an item; agree the first one next."""
        return cls.begin(cls.Opened, cls.stream(partner, item), partner=partner, item=item)

    def agree(self, *, currency: str, price: Decimal, per: Decimal, unit: str, first_day: date) -> None:
        """The price from ``first_day``; one for the same day gives way, the same price again is silent."""
        check_currency(currency)
        if price < 0 or per <= 0 or -int(price.normalize().as_tuple().exponent) > PRICE_DECIMALS:
            raise PRICE_MALFORMED(price=plain(price), per=plain(per), unit=unit, item=self.state.item)
        if AgreedPrice(first_day, currency, price, per, unit) not in self.state.prices:
            names = {"partner": self.state.partner, "item": self.state.item}
            figures = {"currency": currency, "price": price, "per": per, "unit": unit, "first_day": first_day}
            self.happened(self.Agreed, **names, **figures)

    def price_on(self, day: date) -> AgreedPrice | None:
        """The price in force on ``day``; None where none is agreed yet."""
        return in_force(self.state.prices, day)
