"""Single elements: the canonical value behind a text, the text behind a value, and what a text may be.

Canonical values are strings: decimals with a point, dates as YYYY-MM-DD, times as HH:MM or HH:MM:SS.
Standard codes: AK403 4 too short, 5 too long, 6 bad character, 7 bad code, 8 bad date, 9 bad time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from services.edi.dictionary import ElementRule
from services.edi.findings import Severity

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_WHOLE = re.compile(r"[+-]?[0-9]+")
_TIME = re.compile(r"([01][0-9]|2[0-3])([0-5][0-9])(?:([0-5][0-9])([0-9]{0,2}))?")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one element. Faults of codes, dates and numbers change meaning: they are errors."""

    severity: Severity
    code: str
    words: str
    hint: str = ""


def fault(rule: ElementRule, text: str, date_format: str = "") -> Fault | None:
    """The first thing wrong with a text that is there; None if all is well."""
    kind = rule.kind
    if kind in ("DT", "DF"):
        return _date_fault(text, kind, date_format)
    if kind == "TM":
        return None if _TIME.fullmatch(text) else Fault("warning", "9", "is not a time")
    if kind == "R" or kind.startswith("N"):
        return _number_fault(rule, text)
    return _text_fault(rule, text)


def _text_fault(rule: ElementRule, text: str) -> Fault | None:
    severity: Severity = "error" if rule.kind == "ID" else "warning"
    if len(text) > rule.longest:
        return Fault(severity, "5", f"has more than {rule.longest} characters")
    if len(text) < rule.shortest:
        return Fault(severity, "4", f"has fewer than {rule.shortest} characters")
    if rule.codes and text not in rule.codes:
        return Fault("error", "7", "is not a code that the standard lists")
    return None


def _number_fault(rule: ElementRule, text: str) -> Fault | None:
    if rule.kind != "R" and "." in text and _NUMBER.fullmatch(text):
        return Fault(
            "warning",
            "6",
            "has a decimal point where the decimals are implied",
            "the point was taken literally",
        )
    if not (_NUMBER if rule.kind == "R" else _WHOLE).fullmatch(text):
        return Fault("error", "6", "is not a number")
    digits = sum(character.isdigit() for character in text)
    if digits > rule.longest:
        return Fault("warning", "5", f"has more than {rule.longest} digits")
    return Fault("warning", "4", f"has fewer than {rule.shortest} digits") if digits < rule.shortest else None


def _date_fault(text: str, kind: str, date_format: str) -> Fault | None:
    if canonical(ElementRule("", False, kind), text, date_format) is None:
        return Fault("error", "8", "is not a date")
    if kind == "DT" and len(text) == 6:
        return Fault("warning", "8", "has six digits; the century was guessed")
    return None


def canonical(rule: ElementRule | None, text: str, date_format: str = "") -> str | None:
    """The value behind an element's text; None if there is none or it cannot be told."""
    text = text.strip()
    kind = rule.kind if rule else ""
    if not text:
        return None
    if kind == "R" or (kind.startswith("N") and kind[1:].isdigit()):
        return _decimal(text, 0 if kind == "R" or "." in text else int(kind[1:]))
    if kind == "DT":
        return _date(text)
    if kind == "DF":
        return _formatted_date(text, date_format)
    if kind == "TM":
        matched = _TIME.fullmatch(text)
        return ":".join(part for part in matched.groups()[:3] if part) if matched else None
    return text


def _decimal(text: str, implied: int) -> str | None:
    if not _NUMBER.fullmatch(text):
        return None
    number = Decimal(text)
    if implied:
        number = number.scaleb(-implied)
    if not number:
        number = abs(number)
    return f"{number:f}"


def _date(text: str) -> str | None:
    if not text.isascii() or not text.isdigit() or len(text) not in (6, 8):
        return None
    if len(text) == 6:
        text = ("19" if text[:2] >= "70" else "20") + text
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8])).isoformat()
    except ValueError:
        return None


def _formatted_date(text: str, date_format: str) -> str | None:
    """EDIFACT 2379: 101 and 102 are days, 203, 204 and 303 begin with one; others are kept as they are."""
    if date_format == "101":
        return _date(text[:6])
    if date_format in ("102", "203", "204", "303", "304"):
        return _date(text[:8])
    return text


def written(rule: ElementRule, value: str) -> str | None:
    """The text that carries a canonical value; None if the element cannot carry it."""
    kind = rule.kind
    if kind == "R" or kind.startswith("N"):
        try:
            number = Decimal(value)
        except InvalidOperation:
            return None
        return _number_text(rule, number) if number.is_finite() else None
    if kind == "DT":
        compact = value.replace("-", "")[:8]
        return compact if _date(compact) and len(compact) == 8 else None
    if kind == "TM":
        compact = value.replace(":", "").split(".")[0]
        return compact if _TIME.fullmatch(compact) else None
    return value.strip()


def _number_text(rule: ElementRule, number: Decimal) -> str | None:
    if rule.kind == "R":
        text = f"{number:f}"
    else:
        scaled = number.scaleb(int(rule.kind[1:]))
        if scaled != scaled.to_integral_value():
            return None
        text = f"{int(scaled)}".rjust(rule.shortest, "0")
    return text if sum(character.isdigit() for character in text) <= rule.longest else None
