"""Files of worked due dates: rows with a baseline, a rule, a calendar and how to roll, as the specification writes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from domain.calendars import NO_CALENDAR, Roll
from domain.payment_terms import Bracket, DueRule, PaymentTerms, RuleKind, check_terms, due_dates
from services.calendars import working_days_for

_RULE_NAMES = {"days": "days", "months": "months", "day": "day", "cutoffDay": "cutoff_day"}
_BRACKET_NAMES = {"fromDay": "from_day", "toDay": "to_day", "months": "months", "day": "day"}


class FileUnreadable(Exception):
    """The file holds no rows of payment terms; the text says where."""


def rows_in(path: Path) -> Iterator[tuple[str, date]]:
    """The id and the due date of every row, in the file's order; Refused where a row gives none."""
    try:
        file = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        raise FileUnreadable(f"{path.name} is not JSON: {error}") from None
    if not isinstance(file, dict) or not isinstance(file.get("paymentTerms"), list):
        raise FileUnreadable(f'{path.name} holds no list "paymentTerms"')
    for place, row in enumerate(file["paymentTerms"], start=1):
        name = row.get("id") if isinstance(row, dict) else None
        try:
            if not isinstance(name, str):
                raise ValueError("it has no id")
            terms, baseline = _terms(row), date.fromisoformat(row["baseline"])
        except (KeyError, TypeError, ValueError) as error:
            missing = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
            raise FileUnreadable(f"{path.name}, row {place} of paymentTerms ({name or '?'}): {missing}") from None
        check_terms(terms)
        yield name, due_dates(terms, baseline, working_days_for(terms)).due_on


def _terms(row: dict[str, Any]) -> PaymentTerms:
    return PaymentTerms(_rule(row["rule"]), roll=Roll(row.get("roll") or Roll.NONE), calendar=row.get("calendar") or NO_CALENDAR)


def _rule(said: dict[str, Any]) -> DueRule:
    if not isinstance(said, dict):
        raise TypeError("the rule is not an object")
    brackets = tuple(Bracket(**_whole(bracket, _BRACKET_NAMES, ())) for bracket in said.get("brackets", ()))
    return DueRule(RuleKind(said["kind"]), brackets=brackets, **_whole(said, _RULE_NAMES, ("kind", "brackets")))


def _whole(said: dict[str, Any], names: dict[str, str], beside: tuple[str, ...]) -> dict[str, int]:
    """Whole numbers under our names; a name that says nothing here is an error, not ignored."""
    found = {}
    for name, value in said.items():
        if name in beside:
            continue
        if name not in names:
            raise ValueError(f"{name} is no part of a rule")
        if type(value) is not int:
            raise TypeError(f"{name} is {value!r}, not a whole number")
        found[names[name]] = value
    return found
