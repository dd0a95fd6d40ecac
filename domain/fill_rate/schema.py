"""The schema of a fill-rate policy as JSON Schema, read off the value itself: every field, what it may say, its default."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Any

from domain.fill_rate.form import camel, written_out
from domain.fill_rate.periods import CALENDARS
from domain.fill_rate.policy import FillRatePolicy

_PLAIN: Mapping[Any, Mapping[str, Any]] = types.MappingProxyType(
    {
        bool: {"type": "boolean"},
        int: {"type": "integer"},
        str: {"type": "string"},
        date: {"type": "string", "format": "date"},
        timedelta: {"type": "string", "format": "duration", "examples": ["P2D"]},
        Fraction: {"type": ["string", "integer"], "examples": ["0.95", "19/20"]},
    }
)


def policy_schema() -> dict[str, Any]:
    """JSON Schema 2020-12; a field that is left out has its default, null is not evaluated."""
    whole = _object(FillRatePolicy, FillRatePolicy())
    whole["properties"]["period"]["properties"]["calendar"] |= {"enum": list(CALENDARS)}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "FillRatePolicy", **whole}


def _object(kind: Any, defaults: Any = None) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    properties: dict[str, Any] = {}
    needed: list[str] = []
    for each in fields(kind):
        default = getattr(defaults, each.name, None) if defaults is not None else None
        said = _of(hints[each.name], default)
        if defaults is not None:
            said["default"] = written_out(default)
        elif each.default is each.default_factory:  # neither is given
            needed.append(camel(each.name))
        else:
            said["default"] = written_out(each.default)
        properties[camel(each.name)] = said
    required = {"required": needed} if needed else {}
    return {"type": "object", "additionalProperties": False, "properties": properties, **required}


def _of(hint: Any, default: Any) -> dict[str, Any]:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return {"anyOf": [_of(inner[0], default), {"type": "null"}]}
    if is_dataclass(hint):
        return _object(hint, default)
    if origin is tuple:
        return {"type": "array", "items": _of(inner[0], None), "uniqueItems": True}
    if origin is not None:  # exclusions: code -> effect
        return {"type": "object", "additionalProperties": _of(inner[1], None)}
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return {"type": "string", "enum": list(hint)}
    return dict(_PLAIN[hint])
