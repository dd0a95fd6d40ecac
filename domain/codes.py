"""Codes of the outside world that we accept: IANA time zones, ISO 4217 currencies, ISO 3166 countries."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from domain.refusal import Refusal

ZONE_UNKNOWN = Refusal(
    "codes.zone_unknown",
    "{zone} is not an IANA time zone. Send a name such as Asia/Shanghai or America/Chicago.",
)
CURRENCY_UNKNOWN = Refusal(
    "codes.currency_unknown",
    "{currency} is not a currency code; three capital letters of ISO 4217 are needed, such as CNY or USD.",
)
COUNTRY_UNKNOWN = Refusal(
    "codes.country_unknown",
    "{country} is not a country code; two capital letters of ISO 3166 are needed, such as CN or US.",
)


def check_zone(zone: str) -> None:
    """Refuse a zone that has no rules: a date there would be a guess."""
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as unknown:
        raise ZONE_UNKNOWN(zone=zone or "an empty text") from unknown


def check_currency(currency: str) -> None:
    if not _capitals(currency, 3):
        raise CURRENCY_UNKNOWN(currency=currency or "an empty text")


def check_country(country: str) -> None:
    if not _capitals(country, 2):
        raise COUNTRY_UNKNOWN(country=country or "an empty text")


def _capitals(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isalpha() and text.isupper()
