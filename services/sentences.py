"""What is wrong with a field, in words for the person who sent it: pydantic's findings said as the trade would."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic_core import ErrorDetails

from services.fields import CURRENCY, PLAIN_TEXT

DAY = "send a day that exists as YYYY-MM-DD, for example 2026-03-02"
INSTANT = "send an instant with its offset from UTC, for example 2026-11-25T08:30:00+08:00"
OBJECT = "send an object, {{ ... }}"
LIST = "send a list, [ ... ]"
WHOLE = "send a whole number"
NO_SUCH_FIELD = "leave it out or check its spelling"

# By pydantic's error type; the braces are filled from its context.
SENTENCES: Mapping[str, str] = {
    "missing": "this field is required",
    "missing_argument": "this field is required",
    "missing_keyword_only_argument": "this field is required",
    "string_type": 'send text, in "quotes"',
    "string_too_short": "must have at least {min_length} characters",
    "too_short": "must have at least {min_length} entries",
    "string_too_long": "has more than the {max_length} characters allowed",
    "too_long": "has more than the {max_length} entries allowed",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be {le} or less",
    "date_type": DAY,
    "date_parsing": DAY,
    "date_from_datetime_parsing": DAY,
    "date_from_datetime_inexact": DAY,
    "datetime_type": INSTANT,
    "datetime_parsing": INSTANT,
    "datetime_from_date_parsing": INSTANT,
    "timezone_aware": INSTANT,
    "tuple_type": LIST,
    "list_type": LIST,
    "model_type": OBJECT,
    "model_attributes_type": OBJECT,
    "dict_type": OBJECT,
    "dataclass_type": OBJECT,
    "int_type": WHOLE,
    "int_parsing": WHOLE,
    "int_from_float": WHOLE,
    "int_parsing_size": "this number is too large",
    "bool_type": "send true or false",
    "bool_parsing": "send true or false",
    "enum": "must be one of {expected}",
    "literal_error": "must be one of {expected}",
}
PATTERNS: Mapping[str, str] = {
    PLAIN_TEXT: "leave out control characters (such as NUL) and spaces before or after",
    CURRENCY: "send the currency as three capital letters, for example EUR",
}


def sentence(error: ErrorDetails) -> str:
    """The sentence for one finding; what is not listed is said as pydantic says it."""
    kind, context = error["type"], error.get("ctx", {})
    match kind:
        case "extra_forbidden" | "unexpected_keyword_argument":
            return f"there is no field {error['loc'][-1]} here; {NO_SUCH_FIELD}"
        case "json_invalid":
            return f"the body is not JSON: {context.get('error') or error['msg']}"
        case "string_pattern_mismatch":
            return PATTERNS.get(context.get("pattern", ""), error["msg"])
        case "string_too_short" | "too_short" if context.get("min_length", 1) == 1:
            return "must not be empty"
    return _listed(SENTENCES.get(kind), context) or error["msg"].removeprefix("Value error, ")


def _listed(known: str | None, context: Mapping[str, object]) -> str | None:
    """The listed sentence filled in; None where the finding does not carry what it needs."""
    try:
        return known and known.format_map(context)
    except KeyError:
        return None
