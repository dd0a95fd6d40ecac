"""Plain values of the trade: money rounding, quantities, who is at fault, places in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

ZERO = Decimal(0)

# Wide enough for every product of two figures a door lets in: nothing is lost before the one rounding.
EXACT = Context(prec=100, rounding=ROUND_HALF_UP)

# ISO 4217 minor-unit exponents that differ from 2 (decision 35). Source: ISO 4217 list one.
_EXPONENTS: Mapping[str, int] = MappingProxyType(
    {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "PYG": 0, "ISK": 0, "UGX": 0, "XAF": 0, "XOF": 0, "XPF": 0}
    | {"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3}
)


class Side(StrEnum):
    """One side of the trade: who cancelled, who amended, whose fault."""

    CUSTOMER = "customer"
    SUPPLIER = "supplier"


@lru_cache(maxsize=256)
def minor_unit(currency: str) -> Decimal:
    """The smallest amount of ``currency``: 0.01 for USD, 1 for JPY, 0.001 for KWD."""
    return Decimal(1).scaleb(-_EXPONENTS.get(currency, 2))


def round_money(amount: Decimal | Fraction, currency: str) -> Decimal:
    """Half-up (away from zero) to the currency's minor unit; the one rounding of amounts."""
    unit = minor_unit(currency)
    if not isinstance(amount, Decimal):  # asking for Fraction, an abstract base class, takes ten times longer
        whole, rest = divmod(abs(amount.numerator) * unit.as_integer_ratio()[1], amount.denominator)
        units = whole + (1 if 2 * rest >= amount.denominator else 0)
        return (Decimal(units) * unit).copy_sign(Decimal(amount.numerator))
    return EXACT.quantize(amount, unit)


def split_money(total: Decimal, weights: list[Decimal], currency: str) -> list[Decimal]:
    """``total`` in parts by weight; the last part takes the remainder so that parts sum to the whole."""
    whole = sum(weights, ZERO)
    parts = [round_money(Fraction(total) * Fraction(w) / Fraction(whole), currency) for w in weights[:-1]]
    return [*parts, total - sum(parts, ZERO)]


def local_date(moment: datetime, zone: str) -> date:
    """The calendar date of a UTC instant in the named zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def utc(moment: datetime) -> datetime:
    """The same instant in UTC; a moment without an offset is a programming error."""
    if moment.tzinfo is None:
        raise ValueError("an instant needs an offset")
    return moment.astimezone(UTC)


@dataclass(frozen=True)
class LineQuantity:
    """A quantity of one order line, in the ordered unit."""

    number: str
    quantity: Decimal


def exact_text(number: Decimal | Fraction) -> str:
    """A number as its reduced rational, the same however it is written: 12.50 and 25/2 are "25/2", 10.0 is "10"."""
    numerator, denominator = number.as_integer_ratio()
    return str(numerator) if denominator == 1 else f"{numerator}/{denominator}"


def plain(number: Decimal) -> str:
    """A decimal as people write it: no exponent, no trailing zeros after the point."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
