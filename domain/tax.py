"""Tax as data, by place, category and first day; and the one way a line's amounts are rounded."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from domain.aggregate import Aggregate, natural_id
from domain.refusal import Kind, Refusal
from domain.values import EXACT, plain, round_money

RATE_OUT_OF_RANGE = Refusal(
    "tax.rate_out_of_range",
    "A tax rate is a fraction from 0 up to, not including, 1; {rate} for category {category} at {place} is"
    " not. Send 13 % as 0.13.",
)
RATE_NOT_AGREED = Refusal(
    "tax.rate_not_agreed",
    "No tax rate is agreed for category {category} at {place} on {day}. Record one with a first day on or"
    " before {day}.",
    Kind.NOT_FOUND,
)
PRICE_PER_NOT_POSITIVE = Refusal(
    "tax.price_per_not_positive",
    "A price is stated per a number of units above 0; {per} is not. Send per 1 for a price of one unit.",
)


@dataclass(frozen=True)
class Amounts:
    """What a line or a document comes to; ``gross`` is always ``net`` + ``tax``."""

    net: Decimal
    tax: Decimal
    gross: Decimal

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(self.net + other.net, self.tax + other.tax, self.gross + other.gross)


NOTHING = Amounts(Decimal(0), Decimal(0), Decimal(0))


def line_amounts(quantity: Decimal, price: Decimal, per: Decimal, rate: Decimal, currency: str) -> Amounts:
    """Net is rounded once from the exact product, tax once from that net; gross is their sum."""
    if per <= 0:
        raise PRICE_PER_NOT_POSITIVE(per=per)
    if per == 1:  # the usual price of one unit needs no rationals: products of decimals are exact
        net = round_money(EXACT.multiply(quantity, price), currency)
    else:
        net = round_money(Fraction(quantity) * Fraction(price) / Fraction(per), currency)
    tax = round_money(EXACT.multiply(net, rate), currency)
    return Amounts(net, tax, net + tax)


@dataclass(frozen=True)
class AgreedRate:
    """``rate`` holds for ``category`` from ``first_day`` on."""

    category: str
    rate: Decimal
    first_day: date


@dataclass
class TaxRatesState:
    place: str
    rates: tuple[AgreedRate, ...] = field(default=())


class TaxRates(Aggregate[TaxRatesState]):
    """The tax rates of one place, by category and first day."""

    KIND = "tax"
    STATE = TaxRatesState
    STATE_VERSION = 1

    class PlaceOpened(Aggregate.Created):
        TYPE = "tax.place_opened/1"
        place: str

        def apply(self, rates: TaxRates) -> None:
            rates.state = TaxRatesState(self.place)

    class RateAgreed(Aggregate.Event):
        TYPE = "tax.rate_agreed/1"
        category: str
        rate: Decimal
        first_day: date

        def apply(self, rates: TaxRates) -> None:
            kept = [
                r for r in rates.state.rates if (r.category, r.first_day) != (self.category, self.first_day)
            ]
            rates.state.rates = (*kept, AgreedRate(self.category, self.rate, self.first_day))

    @staticmethod
    def stream(place: str) -> str:
        return natural_id("tax", place)

    @classmethod
    def open_place(cls, place: str) -> TaxRates:
        """Start keeping the rates of ``place``; agree them next."""
        return cls.begin(cls.PlaceOpened, cls.stream(place), place=place)

    def agree_rate(self, category: str, rate: Decimal, first_day: date) -> None:
        """The rate of ``category`` from ``first_day``; the same day replaces, the same rate is silent."""
        if not 0 <= rate < 1:
            raise RATE_OUT_OF_RANGE(rate=plain(rate), category=category, place=self.state.place)
        if AgreedRate(category, rate, first_day) not in self.state.rates:
            self.happened(self.RateAgreed, category=category, rate=rate, first_day=first_day)

    def rate_on(self, category: str, day: date) -> Decimal:
        """The rate in force on ``day``: the latest agreed whose first day has come."""
        rates = [r for r in self.state.rates if r.category == category and r.first_day <= day]
        if not rates:
            raise RATE_NOT_AGREED(category=category, place=self.state.place, day=day)
        return max(rates, key=lambda r: r.first_day).rate
