"""How routes are described in the OpenAPI document: bodies, headers, answers, problems, each with an example."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, create_model

from services.command import Command
from services.problem import MEDIA_TYPE, TITLES

# One believable problem for each status; ``code`` is what programs switch on.
EXAMPLES: Mapping[int, tuple[str, str]] = {
    400: ("malformed_json", "the body is not JSON: EOF while parsing a value at line 1 column 11"),
    401: ("expired_key", "This API key expired on 2026-01-31; ask for a new one"),
    403: ("not_permitted", "ann does not hold the permission order.create; ask an administrator for a role that has it"),
    404: ("not_known", "There is no order acme/kaufmarkt/PO-7/-; check the number or record it first."),
    409: ("order.content_differs", "Order PO-7 of kaufmarkt is recorded with other content: line 1 quantity is 11, was 10."),
    412: ("stale_version", "order/acme/kaufmarkt/PO-7/- is at version 4, the request was made for version 3; get it again"),
    413: ("too_large", "the body has 1,200,000 bytes, more than the 1,000,000 allowed here; split it, or use o2c import"),
    415: ("not_json", "the body is said to be text/csv; send it with the header Content-Type: application/json"),
    422: ("not_valid", "/lines/0/quantity: must be greater than 0"),
    428: ("version_required", "send If-Match with the ETag of the version you have seen"),
    429: ("overloaded", "20000 commands are waiting, none was taken; try again shortly"),
    503: ("locked", "the orders log is locked by another program; nothing was stored"),
}
COMMAND_PROBLEMS = (400, 401, 403, 404, 409, 413, 415, 422, 429, 503)
QUERY_PROBLEMS = (400, 401, 403, 404, 422, 429, 503)
OPEN_PROBLEMS = (503,)


class Body(BaseModel):
    """The base of bodies as the document shows them."""

    model_config = ConfigDict(extra="forbid")


class Recorded(BaseModel):
    """What was recorded: the name of the thing is its kind, ``href`` its address, ``version`` goes into If-Match."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={"examples": [
            {"order": "order/acme/kaufmarkt/PO-7/-", "href": "/v1/orders/acme/kaufmarkt/PO-7/-", "version": 2}
        ]},
    )
    href: str | None = None
    version: int


class ListedRows(BaseModel):
    """One page: ``next`` is the address of the page after it, null on the last one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [], "next": None}]})
    items: list[dict[str, Any]]
    next: str | None = None


class Shown(BaseModel):
    """One thing as it stands; amounts and quantities are text, days are YYYY-MM-DD."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [{"version": 2}]})


def body_model(command: type[Command], path: Sequence[str]) -> type[BaseModel]:
    """The command's fields without those that the address carries."""
    if not path:
        return command
    fields = {n: (f.annotation, f) for n, f in command.model_fields.items() if n not in path}
    model: type[BaseModel] = create_model(command.__name__, __base__=Body, **fields)  # type: ignore[call-overload]
    model.__doc__ = command.__doc__
    return model


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems a route may answer with; each with an example."""
    return {
        status: {
            "description": TITLES[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": _example(status)}},
        }
        for status in sorted(statuses)
    }


def query_answers(name: str, function: Callable[..., Any], permission: str | None) -> dict[int | str, dict[str, Any]]:
    """A page or one thing, and the problems of a read; operations pages say themselves what they answer."""
    if permission is None:
        return problems(*OPEN_PROBLEMS)
    pages = "cursor" in inspect.signature(function).parameters or name.endswith(".list")
    success = {"model": ListedRows if pages else Shown, "description": "A page" if pages else "As it stands"}
    return {200: success, **problems(*QUERY_PROBLEMS)}


def _example(status: int) -> dict[str, Any]:
    code, detail = EXAMPLES[status]
    pointed = [{"pointer": "/lines/0/quantity", "code": "greater_than", "message": "must be greater than 0"}]
    return {
        "type": f"/v1/problems/{code}", "title": TITLES[status], "status": status, "detail": detail,
        "instance": "/v1/orders", "code": code, "errors": pointed if status == 422 else [],
        "request_id": "0197c1d2a4f86b30ce1457d9", "retryable": status in (429, 503),
    }


def command_extra(
    permission: str, examples: Sequence[dict[str, Any]], *, versioned: bool, key_required: bool
) -> dict[str, Any]:
    """What a command route adds to the document: permission, headers, examples of its body."""
    key = "The same key again gets the first answer; 1 to 255 characters."
    parameters = [_header("Idempotency-Key", key, required=key_required)]
    if versioned:
        parameters.append(_header("If-Match", 'The ETag of the version seen, such as "v3", or *.', required=True))
    extra: dict[str, Any] = {"x-permission": permission, "parameters": parameters}
    if examples:
        named = {f"example {i}": {"value": example} for i, example in enumerate(examples, 1)}
        extra["requestBody"] = {"content": {"application/json": {"examples": named}}}
    return extra


def _header(name: str, description: str, *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "description": description, "schema": {"type": "string"}}


def path_names(path: str) -> dict[str, bool]:
    """The names in a route's path; True for the whole id of a stream (``:path``), False for one part of an id."""
    parts = [part.partition("}")[0].partition(":") for part in path.split("{")[1:]]
    return {name: converter == "path" for name, _, converter in parts}


def described(name: str, path: Sequence[str], body: type[BaseModel] | None) -> Callable[..., Any]:
    """A function that FastAPI reads for its parameters and that is never called."""

    def endpoint() -> None:
        raise AssertionError("the route's own handler answers")

    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [inspect.Parameter(n, keyword, annotation=str) for n in path]
    if body is not None and body.model_fields:
        parameters.append(inspect.Parameter("body", keyword, annotation=body))
    endpoint.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    endpoint.__name__ = name
    return endpoint


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """Add the problem's shape and the key's scheme; say each problem once; leave out that amounts could be numbers."""
    components = document.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{"key": []}]
    said = components.setdefault("responses", {})
    for methods in document["paths"].values():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                if MEDIA_TYPE in response.get("content", {}):
                    said[f"Problem{status}"] = response
                    operation["responses"][status] = {"$ref": f"#/components/responses/Problem{status}"}
    _amounts_are_text(components["schemas"])
    return document


def _amounts_are_text(schema: Any) -> None:
    """Pydantic describes a decimal of the domain as number or text; the doors take text only."""
    if isinstance(schema, list):
        for inner in schema:
            _amounts_are_text(inner)
    if isinstance(schema, dict):
        if {"type": "number"} in schema.get("anyOf", []):
            schema["anyOf"].remove({"type": "number"})
        for inner in schema.values():
            _amounts_are_text(inner)


PROBLEM_SCHEMA = {
    "type": "object",
    "description": "Every error (RFC 9457): switch on `code`, show `detail`, repeat with the same key when `retryable`.",
    "required": ["type", "title", "status", "detail", "instance", "code", "errors", "request_id", "retryable"],
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string"}, "instance": {"type": "string"}, "code": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object", "required": ["pointer", "code", "message"],
                "properties": {
                    "pointer": {"type": "string"}, "code": {"type": "string"}, "message": {"type": "string"},
                },
            },
        },
        "request_id": {"type": "string"}, "retryable": {"type": "boolean"},
    },
}
