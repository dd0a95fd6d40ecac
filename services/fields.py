"""The field types of commands: codes, quantities, prices, days; each with the limits a door keeps.

Amounts and quantities are JSON strings: a JSON number would pass through a binary float somewhere.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError, core_schema

# Checked in Rust; services/sentences.py says it in words.
PLAIN_TEXT = r"^(?:[^\x00-\x20\x7f](?:[^\x00-\x1f\x7f]*[^\x00-\x20\x7f])?)?$"
CURRENCY = "^[A-Z]{3}$"
_MULTILINE_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


class Part(BaseModel):
    """A part of a command's body; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _no_binary(value: str) -> str:
    if _MULTILINE_CONTROL.search(value):
        raise PydanticCustomError("control_character", "control characters (such as NUL) are not allowed here")
    return value


LONGEST_NUMBER = 10**18


def _plain_json(value: Any) -> Any:
    """What is kept as it was sent: figures as text or whole numbers, no binary fraction, no control character."""
    match value:
        case float():
            raise PydanticCustomError("binary_number", "send decimal numbers as text, for example \"0.05\"")
        case int() if abs(value) >= LONGEST_NUMBER:
            raise PydanticCustomError("number_too_large", "a whole number of more than 18 digits is not a figure of ours")
        case str():
            return _no_binary(value)
        case dict():
            for name, inner in value.items():
                _plain_json(name)
                _plain_json(inner)
        case list() | tuple():
            for inner in value:
                _plain_json(inner)
    return value


class Written:
    """A day or an instant, written as text; numbers (seconds since 1970) and other forms are refused."""

    def __init__(self, kind: type[date], pattern: str, text: str, message: str, schema: core_schema.CoreSchema) -> None:
        self.kind = kind
        self.pattern = pattern
        self.text = text
        self.message = message
        self.schema = schema

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        text = core_schema.str_schema(pattern=self.pattern, strict=True)
        from_text = core_schema.custom_error_schema(
            core_schema.chain_schema([text, self.schema]), self.text, custom_error_message=self.message
        )
        given = core_schema.chain_schema([core_schema.is_instance_schema(self.kind), self.schema])
        python = core_schema.union_schema(
            [given, from_text], mode="left_to_right", custom_error_type=self.text, custom_error_message=self.message
        )
        return core_schema.json_or_python_schema(json_schema=from_text, python_schema=python)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        example = "2026-03-02" if self.kind is date else "2026-11-25T08:30:00+08:00"
        return {"type": "string", "format": "date" if self.kind is date else "date-time", "examples": [example]}


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
        text = core_schema.str_schema(pattern=self.pattern, strict=True)
        from_text = core_schema.custom_error_schema(
            core_schema.chain_schema([text, decimal]), "decimal_text", custom_error_message=self.message
        )
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
Stream = Annotated[str, Field(min_length=3, max_length=4_000, pattern=PLAIN_TEXT)]
Unit = Annotated[str, Field(min_length=1, max_length=8, pattern=PLAIN_TEXT)]
CurrencyCode = Annotated[str, Field(pattern=CURRENCY, examples=["CNY"])]
Quantity = Annotated[Decimal, DecimalText("10", 9, 6, gt=0)]
QuantityOrZero = Annotated[Decimal, DecimalText("0", 9, 6)]
Price = Annotated[Decimal, DecimalText("2.50", 9, 6)]
PricePer = Annotated[Decimal, DecimalText("1", 6, 6, gt=0)]
Amount = Annotated[Decimal, DecimalText("113000.00", 12, 3)]
SignedAmount = Annotated[Decimal, DecimalText("-226.00", 12, 3, signed=True)]
Rate = Annotated[Decimal, DecimalText("0.13", 1, 7, lt=1)]
Day = Annotated[
    date,
    Written(
        date, r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "day",
        "send a day that exists as YYYY-MM-DD, for example 2026-03-02, between 1970 and 2199",
        core_schema.date_schema(ge=date(1970, 1, 1), le=date(2199, 12, 31)),
    ),
]
Moment = Annotated[
    datetime,
    Written(
        datetime, r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|[+-][0-9]{2}:[0-9]{2})$", "instant",
        "send an instant with its offset from UTC, for example 2026-11-25T08:30:00+08:00, between 1970 and 2199",
        core_schema.datetime_schema(
            tz_constraint="aware", ge=datetime(1970, 1, 1, tzinfo=UTC), le=datetime(2199, 12, 31, tzinfo=UTC)
        ),
    ),
]
LocalMoment = Annotated[
    datetime,
    Written(
        datetime, r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2})?$", "local_time",
        "send the local time of the place without an offset, for example 2025-11-02T00:30, between 1970 and 2199",
        core_schema.datetime_schema(
            tz_constraint="naive", ge=datetime.fromisoformat("1970-01-01"), le=datetime.fromisoformat("2199-12-31")
        ),
    ),
    WithJsonSchema({"type": "string", "examples": ["2025-11-02T00:30"]}),
]
JsonObject = Annotated[dict[str, Any], BeforeValidator(_plain_json)]
PLAIN_JSON = BeforeValidator(_plain_json)

__all__ = [
    "PLAIN_JSON", "Amount", "Code", "CurrencyCode", "Day", "JsonObject", "LocalMoment", "Moment", "OptionalCode", "Part",
    "Price", "PricePer", "Quantity", "QuantityOrZero", "Rate", "SignedAmount", "Stream", "Text", "Unit",
]
