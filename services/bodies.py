"""Reading a request's body: its form, its size, its depth, the command it says."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request
from pydantic import ValidationError
from pydantic_core import from_json

from services.command import Command
from services.problem import Problem, invalid

BODY_LIMIT = 1_000_000
JSON_DEPTH = 32


def check_json(request: Request) -> None:
    """415 for a body that says it is something else than plain JSON in UTF-8; saying nothing is fine."""
    declared = request.headers.get("content-type")
    if declared is not None:
        form, _, parameters = declared.partition(";")
        name, _, charset = parameters.strip().partition("=")
        plain = name.lower() != "charset" or charset.strip('"').lower() in ("utf-8", "utf8")
        if form.strip().lower() != "application/json" or not plain:
            raise Problem(
                415, "not_json", f"the body is said to be {declared}; this address reads JSON in UTF-8: send it with the"
                " header Content-Type: application/json",
            )
    packed = request.headers.get("content-encoding", "identity")
    if packed != "identity":
        raise Problem(415, "not_plain", f"the body is packed with {packed}; send it as it is, without Content-Encoding")


async def read_body(request: Request, limit: int) -> bytes:
    """The body, refused with 413 as soon as it passes ``limit`` bytes, before it is in memory."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and (len(declared) > 18 or int(declared) > limit):
        raise _too_large(f"{declared} bytes", limit)
    parts: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise _too_large(f"at least {size:,} bytes", limit)
        parts.append(chunk)
    return b"".join(parts)


def _too_large(size: str, limit: int) -> Problem:
    return Problem(
        413, "too_large", f"the body has {size}, more than the {limit:,} allowed here; split it, or use o2c import",
    )


def check_depth(raw: bytes) -> None:
    """JSON nested deeper than any document of ours is refused before it is parsed."""
    if raw.count(b"{") + raw.count(b"[") <= JSON_DEPTH:
        return
    depth = 0
    in_text = escaped = False
    for byte in raw:
        if in_text:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                in_text = False
        elif byte == 0x22:
            in_text = True
        elif byte in b"{[":
            depth += 1
            if depth > JSON_DEPTH:
                raise Problem(400, "too_deep", f"the JSON is nested deeper than {JSON_DEPTH} levels")
        elif byte in b"}]":
            depth -= 1


def parse(command: type[Command], raw: bytes, path: Mapping[str, str]) -> Command:
    """The command from the body, with the identifiers of the path; every defect named with its field."""
    try:
        if not path:
            return command.model_validate_json(raw or b"{}")
        fields = from_json(raw, allow_inf_nan=False) if raw.strip() else {}
        if not isinstance(fields, dict):
            raise Problem(422, "not_valid", "the body: send one JSON object, { ... }")
        twice = sorted(set(path) & set(fields))
        if twice:
            raise Problem(422, "not_valid", f"/{twice[0]}: this is part of the address; leave it out of the body")
        return command.model_validate({**fields, **path})
    except ValidationError as error:
        raise invalid(error) from None
    except ValueError as error:
        raise Problem(400, "malformed_json", f"the body is not JSON: {error}") from None
