"""The field types of commands: codes, quantities, prices, days; each with the limits a door keeps.

Amounts and quantities are JSON strings: a JSON number would pass through a binary float somewhere.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

_CONTROL = re.compile("[\x00-\x1f\x7f]")
_MULTILINE_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


class Part(BaseModel):
    """A part of a command's body; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _text_only(value: Any) -> Any:
    if isinstance(value, (str, Decimal)):
        return value
    raise PydanticCustomError("number_as_text", 'send numbers as text, for example "12.50"')


def _no_control(value: str) -> str:
    if _CONTROL.search(value):
        raise PydanticCustomError("control_character", "control characters (such as NUL) are not allowed here")
    if value != value.strip():
        raise PydanticCustomError("outer_space", "leave out the spaces before and after")
    return value


def _no_binary(value: str) -> str:
    if _MULTILINE_CONTROL.search(value):
        raise PydanticCustomError("control_character", "control characters (such as NUL) are not allowed here")
    return value


def _sane_year(value: date) -> date:
    if not 1970 <= value.year <= 2199:
        raise PydanticCustomError("absurd_date", "the year must lie between 1970 and 2199")
    return value


def _decimal(example: str, **limits: Any) -> Any:
    schema = {"type": "string", "examples": [example]}
    return Annotated[Decimal, BeforeValidator(_text_only), Field(**limits), WithJsonSchema(schema)]


Code = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_no_control)]
OptionalCode = Annotated[str, Field(max_length=80), AfterValidator(_no_control)]
Text = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_no_binary)]
Stream = Annotated[str, Field(min_length=3, max_length=400), AfterValidator(_no_control)]
Unit = Annotated[str, Field(min_length=1, max_length=8), AfterValidator(_no_control)]
CurrencyCode = Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["CNY"])]
Quantity = _decimal("10", gt=0, max_digits=15, decimal_places=6, le=1_000_000_000)
QuantityOrZero = _decimal("0", ge=0, max_digits=15, decimal_places=6, le=1_000_000_000)
Price = _decimal("2.50", ge=0, max_digits=15, decimal_places=6, le=1_000_000_000)
PricePer = _decimal("1", gt=0, max_digits=12, decimal_places=6, le=1_000_000)
Amount = _decimal("113000.00", ge=0, max_digits=18, decimal_places=3, le=1_000_000_000_000)
SignedAmount = _decimal("-226.00", max_digits=18, decimal_places=3, le=1_000_000_000_000, ge=-1_000_000_000_000)
Rate = _decimal("0.13", ge=0, lt=1, max_digits=8, decimal_places=7)
Day = Annotated[date, AfterValidator(_sane_year)]
Moment = Annotated[AwareDatetime, Field(examples=["2026-11-25T08:30:00+08:00"])]

__all__ = [
    "Amount", "Code", "CurrencyCode", "Day", "Moment", "OptionalCode", "Part", "Price", "PricePer", "Quantity",
    "QuantityOrZero", "Rate", "SignedAmount", "Stream", "Text", "Unit",
]
