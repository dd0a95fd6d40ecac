"""The JSON form of a fill-rate policy: reading it with every defect named, writing it whole, laying one over another."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from domain.fill_rate.contradictions import contradictions
from domain.fill_rate.policy import FillRatePolicy
from domain.refusal import Refusal
from domain.values import exact_text, plain

POLICY_NOT_VALID = Refusal(
    "fill_rate.policy_not_valid",
    "The fill-rate policy is not valid: {findings}. Correct these fields; the schema is at GET /v1/fill-rate-policies/schema.",
)

_DURATION = re.compile(r"P(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?")
_DECIMAL = re.compile(r"-?\d{1,12}(\.\d{1,12})?")
_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,12})?|-?\d{1,12}/\d{1,12}")
_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,59}")
_LONGEST_TEXT = 200
_LARGEST_COUNT = 100_000


@dataclass(frozen=True)
class Finding:
    """One defect: where (a JSON pointer) and what, with the values that are allowed."""

    pointer: str
    message: str

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.message}"


class _Wrong(Exception):
    """One value that cannot be read."""


def policy_from(said: Mapping[str, Any]) -> FillRatePolicy:
    """The policy that the JSON says; refused with every defect and every contradiction in it."""
    policy, findings = read_policy(said)
    if policy is None or findings:
        raise POLICY_NOT_VALID(findings="; ".join(map(str, findings)))
    return policy


def read_policy(said: Mapping[str, Any]) -> tuple[FillRatePolicy | None, tuple[Finding, ...]]:
    """The policy, or None, and what is wrong with the JSON."""
    found: list[Finding] = []
    policy = read_fields(FillRatePolicy, said, "", found)
    if found:
        return None, tuple(found)
    return policy, tuple(Finding(pointer, message) for pointer, message in contradictions(policy))


def stored_policy(said: Mapping[str, Any]) -> FillRatePolicy:
    """A policy that was checked when it was agreed."""
    return _read_stored(_frozen(said))


def policy_json(policy: FillRatePolicy) -> dict[str, Any]:
    """The whole policy, every field written out."""
    written: dict[str, Any] = written_out(policy)
    return written


def laid_over(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """``base`` with the fields of ``over`` in their place; objects are merged field by field."""
    merged = dict(base)
    for name, value in over.items():
        below = merged.get(name)
        both = isinstance(below, Mapping) and isinstance(value, Mapping) and name != "exclusions"
        merged[name] = laid_over(below, value) if both else value  # type: ignore[arg-type]
    return merged


def _frozen(value: Any) -> Any:
    """Hashable, so that a policy that was read before is not read again."""
    if isinstance(value, Mapping):
        return ("{}", *((name, _frozen(inner)) for name, inner in value.items()))
    return ("[]", *map(_frozen, value)) if isinstance(value, list | tuple) else value


def _thawed(value: Any) -> Any:
    if not isinstance(value, tuple):
        return value
    kind, *inner = value
    return {name: _thawed(one) for name, one in inner} if kind == "{}" else [_thawed(one) for one in inner]


_read_stored = lru_cache(maxsize=4_096)(lambda frozen: policy_from(_thawed(frozen)))


@lru_cache(maxsize=64)
def _fields(kind: Any) -> dict[str, tuple[str, Any, bool]]:
    """JSON name -> (field, type, whether it must be said)."""
    hints = typing.get_type_hints(kind)
    needed = {f.name for f in fields(kind) if f.default is f.default_factory}  # both MISSING
    return {camel(f.name): (f.name, hints[f.name], f.name in needed) for f in fields(kind)}


@lru_cache(maxsize=256)
def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def read_fields(kind: Any, said: Any, at: str, found: list[Finding]) -> Any:
    """A dataclass from a JSON object; None where something in it is wrong."""
    if not isinstance(said, Mapping):
        found.append(Finding(at, f"send an object with {_names(kind)}"))
        return None
    known = _fields(kind)
    values: dict[str, Any] = {}
    for name, value in said.items():
        if name not in known:
            found.append(Finding(f"{at}/{name}", f"there is no such field; the fields here are {_names(kind)}"))
            continue
        field_name, hint, _ = known[name]
        try:
            values[field_name] = _value(hint, value, f"{at}/{name}", found)
        except _Wrong as wrong:
            found.append(Finding(f"{at}/{name}", str(wrong)))
    missing = [name for name, (field_name, _, needed) in known.items() if needed and name not in said]
    found += [Finding(f"{at}/{name}", f"this field is needed here; {_asked(known[name][1])}") for name in missing]
    return None if any(finding.pointer.startswith(at) for finding in found) else kind(**values)


def _value(hint: Any, value: Any, at: str, found: list[Finding]) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return None if value is None else _value(arguments[0], value, at, found)
    if value is None:
        raise _Wrong(f"this field cannot be blank; {_asked(hint)}")
    if is_dataclass(hint):
        return read_fields(typing.cast(type[Any], hint), value, at, found)
    if origin is tuple:
        return _objects(arguments[0], value, at, found) if is_dataclass(arguments[0]) else _many(arguments[0], value)
    if origin is not None:  # exclusions: code -> effect
        return _exclusions(arguments[1], value)
    return _plain(hint, value)


def _objects(kind: Any, value: Any, at: str, found: list[Finding]) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise _Wrong(f"send a list of objects with {_names(kind)}")
    return tuple(read_fields(kind, one, f"{at}/{number}", found) for number, one in enumerate(value))


def _many(kind: type[Any], value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise _Wrong(f"send a list of {_choices(kind) if issubclass(kind, StrEnum) else _LISTED[kind]}")
    chosen = tuple(_plain(kind, one) for one in value)
    if len(set(chosen)) < len(chosen):
        raise _Wrong("each may be named once")
    return chosen


def _exclusions(effect: type[StrEnum], value: Any) -> Mapping[str, StrEnum]:
    if not isinstance(value, Mapping):
        raise _Wrong(f"send an object of code and effect ({_choices(effect)})")
    for code in value:
        if not _CODE.fullmatch(code):
            raise _Wrong(f"{code!r} is not a code; write codes like FORCE_MAJEURE")
    return MappingProxyType({code: _plain(effect, one) for code, one in value.items()})


def _plain(hint: Any, value: Any) -> Any:
    if issubclass(hint, StrEnum):
        if not isinstance(value, str) or value not in set(hint):
            raise _Wrong(f"{value!r} is not one of {_choices(hint)}")
        return hint(value)
    return _READERS[hint](value)


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("send true or false")
    return value


def _int(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST_COUNT:
        raise _Wrong(f"send a whole number between -{_LARGEST_COUNT} and {_LARGEST_COUNT}")
    return value


def _fraction(value: Any) -> Fraction:
    """Exact: a whole number, or text such as "0.95" or "19/20"; a binary fraction never comes this far."""
    if isinstance(value, bool) or not isinstance(value, int | str) or not _NUMBER.fullmatch(str(value)):
        raise _Wrong('send a number as text, for example "0.95" or "2"')
    if str(value).partition("/")[2].strip("0") == "" and "/" in str(value):
        raise _Wrong('send a number as text, for example "0.95"; nothing is divided by 0')
    return Fraction(value)


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | str) or not _DECIMAL.fullmatch(str(value)):
        raise _Wrong('send a number as text, for example "12.5" or "40"')
    return Decimal(value)


def _date(value: Any) -> date:
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        day = None
    if day is None or day.isoformat() != value:  # ISO 8601 knows other spellings, such as week dates
        raise _Wrong("send a day that exists as YYYY-MM-DD")
    return day


def _duration(value: Any) -> timedelta:
    matched = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if matched is None or not any(matched.groups()) or value.endswith("T"):
        raise _Wrong('send a duration such as "PT0S", "P2D" or "P1DT12H"')
    days, hours, minutes, seconds = (int(part or 0) for part in matched.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= _LONGEST_TEXT or not value.isprintable():
        raise _Wrong(f"send a text of 1 to {_LONGEST_TEXT} characters")
    return value


_READERS: Mapping[Any, Callable[[Any], Any]] = MappingProxyType({
    bool: _bool, int: _int, Fraction: _fraction, Decimal: _decimal, date: _date, timedelta: _duration, str: _text,
})  # fmt: skip
_LISTED = MappingProxyType({int: "whole numbers", date: "days as YYYY-MM-DD", str: "texts"})


def _asked(hint: Any) -> str:
    """What a field may hold, in words."""
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        hint = typing.get_args(hint)[0]
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return f"send one of {_choices(hint)}"
    words = {Fraction: 'send a number as text, for example "0.95"', int: "send a whole number", str: "send a text"}
    return words.get(hint, "see the schema")


def _choices(choice: type[StrEnum]) -> str:
    return ", ".join(choice)


def _names(kind: Any) -> str:
    return ", ".join(_fields(kind))


def written_out(value: Any) -> Any:
    """A value of ours as plain JSON, every field of it."""
    if is_dataclass(value) and not isinstance(value, type):
        return {camel(f.name): written_out(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {name: written_out(one) for name, one in value.items()}
    if isinstance(value, tuple):
        return [written_out(one) for one in value]
    if isinstance(value, timedelta):
        return duration_text(value)
    if isinstance(value, Fraction | Decimal):
        return exact_text(value) if isinstance(value, Fraction) else plain(value)
    return value.isoformat() if isinstance(value, date) else value


def duration_text(span: timedelta) -> str:
    """ISO 8601: P2D, PT0S, P1DT12H."""
    hours, rest = divmod(span.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = ((hours, "H"), (minutes, "M"), (seconds, "S"))
    clock = "".join(f"{n}{unit}" for n, unit in parts if n)
    days = f"{span.days}D" if span.days else ""
    return f"P{days}{'T' + clock if clock else ''}" if days or clock else "PT0S"
