"""The field types of commands: codes, quantities, prices, days; each with the limits a door keeps.

Amounts and quantities are JSON strings: a JSON number would pass through a binary float somewhere.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError, core_schema

# Checked in Rust; services/problem.py says it in words.
PLAIN_TEXT = r"^(?:[^\x00-\x20\x7f](?:[^\x00-\x1f\x7f]*[^\x00-\x20\x7f])?)?$"
_MULTILINE_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


class Part(BaseModel):
    """A part of a command's body; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _no_binary(value: str) -> str:
    if _MULTILINE_CONTROL.search(value):
        raise PydanticCustomError("control_character", "control characters (such as NUL) are not allowed here")
    return value


def _sane_year(value: date) -> date:
    if not 1970 <= value.year <= 2199:
        raise PydanticCustomError("absurd_date", "the year must lie between 1970 and 2199")
    return value


class DecimalText:
    """A decimal written as text, checked in Rust: ``whole`` digits before and ``places`` after the point at most.

    A Python caller may give a Decimal; a JSON number is refused, because it would have been a binary float.
    """

    def __init__(self, example: str, whole: int, places: int, *, signed: bool = False, **limits: Any) -> None:
        self.example = example
        self.pattern = rf"^{'-?' if signed else ''}[0-9]{{1,{whole}}}(?:\.[0-9]{{1,{places}}})?$"
        self.limits = limits
        self.message = (
            f'send a decimal number as text, for example "{example}", with at most {whole} digits before and'
            f" {places} after the point{self._bounds(signed)}"
        )

    def _bounds(self, signed: bool) -> str:
        if "gt" in self.limits:
            return f", greater than {self.limits['gt']}"
        less = f", less than {self.limits['lt']}" if "lt" in self.limits else ""
        return less if signed else f", not negative{less}"

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        decimal = core_schema.decimal_schema(**self.limits)
        text = core_schema.custom_error_schema(
            core_schema.str_schema(pattern=self.pattern, strict=True), "decimal_text", custom_error_message=self.message
        )
        from_text = core_schema.chain_schema([text, decimal])
        given = core_schema.chain_schema([core_schema.is_instance_schema(Decimal), decimal])
        python = core_schema.union_schema(
            [given, from_text], mode="left_to_right", custom_error_type="decimal_text", custom_error_message=self.message
        )
        return core_schema.json_or_python_schema(json_schema=from_text, python_schema=python)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": "string", "pattern": self.pattern, "examples": [self.example]}


Code = Annotated[str, Field(min_length=1, max_length=80, pattern=PLAIN_TEXT)]
OptionalCode = Annotated[str, Field(max_length=80, pattern=PLAIN_TEXT)]
Text = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_no_binary)]
Stream = Annotated[str, Field(min_length=3, max_length=400, pattern=PLAIN_TEXT)]
Unit = Annotated[str, Field(min_length=1, max_length=8, pattern=PLAIN_TEXT)]
CurrencyCode = Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["CNY"])]
Quantity = Annotated[Decimal, DecimalText("10", 9, 6, gt=0)]
QuantityOrZero = Annotated[Decimal, DecimalText("0", 9, 6)]
Price = Annotated[Decimal, DecimalText("2.50", 9, 6)]
PricePer = Annotated[Decimal, DecimalText("1", 6, 6, gt=0)]
Amount = Annotated[Decimal, DecimalText("113000.00", 12, 3)]
SignedAmount = Annotated[Decimal, DecimalText("-226.00", 12, 3, signed=True)]
Rate = Annotated[Decimal, DecimalText("0.13", 1, 7, lt=1)]
Day = Annotated[date, AfterValidator(_sane_year)]
Moment = Annotated[AwareDatetime, Field(examples=["2026-11-25T08:30:00+08:00"])]

__all__ = [
    "Amount", "Code", "CurrencyCode", "Day", "Moment", "OptionalCode", "Part", "Price", "PricePer", "Quantity",
    "QuantityOrZero", "Rate", "SignedAmount", "Stream", "Text", "Unit",
]
