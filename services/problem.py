"""Every error as RFC 9457 problem+json: a code for programs, a sentence for people, the field at fault."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from starlette.responses import Response

from services.sentences import sentence

MEDIA_TYPE = "application/problem+json"

TITLES = {
    400: "The request cannot be read",
    401: "Who are you?",
    403: "Not allowed",
    404: "Not known",
    405: "Not possible here",
    406: "Not in that form",
    409: "Contradicts what is recorded",
    410: "No longer here",
    412: "Changed meanwhile",
    413: "Too large",
    415: "Not a form we read",
    422: "Not valid",
    428: "Say which version you have seen",
    429: "Too many requests",
    500: "Our fault",
    503: "Not available just now",
}


class Problem(Exception):
    """An error with its answer; raised anywhere in a door, rendered in one place."""

    def __init__(
        self, status: int, code: str, detail: str, *, errors: Sequence[dict[str, Any]] = (),
        headers: dict[str, str] | None = None, **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = list(errors)
        self.headers = headers or {}
        self.extra = extra


def problem_response(
    status: int, code: str, detail: str, *, instance: str, request_id: str,
    errors: Sequence[dict[str, Any]] = (), headers: dict[str, str] | None = None, **extra: Any,
) -> Response:
    """The one shape of every error this service sends."""
    body: dict[str, Any] = {
        "type": f"/v1/problems/{code}",
        "title": TITLES.get(status, "Problem"),
        "status": status,
        "detail": detail,
        "instance": instance,
        "code": code,
        "errors": list(errors),
        "request_id": request_id,
        "retryable": status in (429, 503),
        **extra,
    }
    return Response(msgspec.json.encode(body), status, headers, MEDIA_TYPE)


def invalid(error: ValidationError) -> Problem:
    """422 with every defect that pydantic found; 400 when it was no JSON at all."""
    return validation_problem(error.errors(include_url=False, include_input=False))


def validation_problem(errors: Sequence[ErrorDetails]) -> Problem:
    """What pydantic found, each with a JSON pointer to the field and a sentence naming it."""
    found = [
        {
            "pointer": "/" + "/".join(_escaped(part) for part in error["loc"]),
            "code": error["type"],
            "message": sentence(error),
        }
        for error in _most_specific(errors)[:100]
    ]
    first = found[0]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    if first["code"] == "json_invalid":
        return Problem(400, "malformed_json", first["message"], errors=found)
    where = first["pointer"] if first["pointer"] != "/" else "the body"
    return Problem(422, "not_valid", f"{where}: {first['message']}{more}", errors=found)


def _most_specific(errors: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """A list that is too short because its items are bad says nothing new."""
    places = [error["loc"] for error in errors]
    return [e for e in errors if not any(len(p) > len(e["loc"]) and p[: len(e["loc"])] == e["loc"] for p in places)]


def _escaped(part: int | str) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")
