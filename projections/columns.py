"""Columns that keep decimals exact: scaled integers in SQL, Decimal in Python (decision 24)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

MONEY_PLACES = 3
QUANTITY_PLACES = 6
PRICE_PLACES = 6

_ENCODER = msgspec.json.Encoder(decimal_format="string")


def key() -> TypeEngine[str]:
    """Text compared byte by byte on both back ends, so that keyset pages come in the same order."""
    return Text().with_variant(Text(collation="C"), "postgresql")


class Exact(TypeDecorator[Decimal]):
    """A decimal with a fixed number of places, stored as a BIGINT; sums in SQL are exact.

    Read back without trailing zeros, but with ``least`` places.
    """

    impl = BigInteger
    cache_ok = True

    def __init__(self, places: int, least: int = 0) -> None:
        super().__init__()
        self.places = places
        self.least = least

    @property
    def python_type(self) -> type[Decimal]:
        return Decimal

    def process_bind_param(self, value: Decimal | None, dialect: Any) -> int | None:
        if value is None:
            return None
        scaled = value.scaleb(self.places)
        whole = int(scaled)
        if whole != scaled:
            raise ValueError(f"{value} has more than {self.places} places")
        return whole

    def process_result_value(self, value: Any, dialect: Any) -> Decimal | None:
        if value is None:
            return None
        whole, places = int(value), self.places
        while places > self.least and whole % 10 == 0:
            whole //= 10
            places -= 1
        return Decimal(whole).scaleb(-places)


class Instant(TypeDecorator[datetime]):
    """A UTC instant as ISO text: sorts as it reads, the same on every back end."""

    impl = Text
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Any) -> str | None:
        if value is None:
            return None
        return (value if value.tzinfo is UTC else value.astimezone(UTC)).isoformat(timespec="microseconds")

    def process_result_value(self, value: Any, dialect: Any) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


class Packed(TypeDecorator[Any]):
    """A value of the shape ``shape`` as readable JSON text: what is only ever read and written whole."""

    impl = Text
    cache_ok = True

    def __init__(self, shape: Any = Any) -> None:
        super().__init__()
        self.shape = shape
        self._decoder = msgspec.json.Decoder(shape)

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:
        return None if value is None else _ENCODER.encode(value).decode()

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        return None if value is None else self._decoder.decode(value)


def money() -> Exact:
    return Exact(MONEY_PLACES, 2)


def quantity() -> Exact:
    return Exact(QUANTITY_PLACES)


def price() -> Exact:
    return Exact(PRICE_PLACES, 2)
