"""The REST contract in one place: command routes, query routes, keys, versions, positions, problems.

A command route reads the body itself and hands the command to the group writer from the event loop: this
is the measured hot path that decision 20 leaves room for (FastAPI's dependency machinery and a thread
hop per request cost more than deciding and storing an order). It is declared like any FastAPI route, so the OpenAPI document
stays complete. Queries are plain ``def`` functions.
"""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote

from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic_core import from_json
from sqlalchemy import Connection
from starlette.responses import Response

from projections.projector import Projector, ViewBehind
from services.access import KeyRing, Principal, require
from services.application import LogApplication
from services.bodies import BODY_LIMIT, check_depth, check_json, parse, read_body
from services.command import Answer, Command, Context, Expected
from services.event_log.contract import LogStore
from services.describing import (
    COMMAND_PROBLEMS, Recorded, Shown, body_model, command_extra, described, path_names, problems, query_answers,
)
from services.problem import Problem, problem_response
from services.settings import SERVICE_NAMES

KEY_DAYS = 35
NUMBER = re.compile("[0-9]{1,18}")


@dataclass
class Door:
    """What routes need of the process they run in; kept on ``app.state.door``."""

    applications: Mapping[str, LogApplication]
    projectors: Mapping[str, Projector]
    keys: KeyRing
    wait_s: float
    webhooks: object | None = None  # services/webhooks/router.py
    logs: Mapping[str, LogStore] = field(default_factory=dict)  # all that can be read here: its own and the copies


def door_of(request: Request) -> Door:
    door: Door = request.app.state.door
    return door


def principal_of(request: Request, permission: str) -> Principal:
    """Authenticate and require the permission; the person is noted for the request log."""
    principal = door_of(request).keys.admit(request.headers.get("authorization"))
    request.state.actor = principal.person
    require(principal, permission)
    return principal


def context_of(request: Request, principal: Principal, route: str, raw: bytes) -> Context:
    """Who, when, under which key. A key belongs to its person and route; it covers the address and the body."""
    headers = request.headers
    key = headers.get("idempotency-key")
    request_id: str = request.state.request_id
    now = datetime.now(UTC)
    if key is None:
        return Context(principal.person, now, request_id, request_id)
    if not 1 <= len(key) <= 255:
        raise Problem(400, "bad_key", f"the Idempotency-Key has {len(key)} characters; send 1 to 255")
    digest = hashlib.sha256(f"{route}\n{request.url.path}\n{principal.person}\n".encode() + raw).hexdigest()
    kept = f"{quote(principal.person, safe='')}:{route} {key}"
    until = now.date() + timedelta(days=KEY_DAYS)
    return Context(principal.person, now, request_id, request_id, key=kept, fingerprint=digest, kept_until=until)


def expected_of(request: Request, stream: str) -> Expected:
    """The version the caller has seen; 428 without one."""
    header = request.headers.get("if-match")
    if header is None:
        raise Problem(
            428, "version_required",
            "send If-Match with the ETag of the version you have seen (GET it first), or If-Match: * to change it whatever it is",
        )
    if header.strip() == "*":
        return Expected(stream, None)
    text = header.strip().removeprefix("W/").strip('"').removeprefix("v")
    if not NUMBER.fullmatch(text):
        raise Problem(400, "bad_version", f'If-Match reads {header}; send an ETag such as "v3"')
    return Expected(stream, int(text))


def respond(request: Request, log: str, answer: Answer) -> Response:
    """An answer with its position and version; a refusal as a problem."""
    headers = {"O2C-Position": f"{log}={answer.position}", **answer.headers}
    if answer.replayed:
        headers["Idempotency-Replayed"] = "true"
    body = answer.body if isinstance(answer.body, dict) else from_json(answer.text or "null")
    if answer.status >= 400:
        return problem_response(
            answer.status, body["code"], body["detail"], instance=request.url.path, headers=headers,
            request_id=request.state.request_id, parameters=body.get("parameters", {}),
        )
    if isinstance(body, dict) and "version" in body:
        headers["ETag"] = f'"v{body["version"]}"'
    if answer.status == 201 and isinstance(body, dict) and "href" in body:
        headers["Location"] = body["href"]
    return Response(answer.text, answer.status, headers, "application/json")


class CommandRoute(APIRoute):
    """A route whose handler is ours; FastAPI only describes it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint.handler  # type: ignore[attr-defined]
        return handler


def command_route(
    router: APIRouter, path: str, command: type[Command], *, log: str, permission: str, summary: str,
    status: int = 200, stream: Callable[[Command], str] | None = None, limit: int = BODY_LIMIT,
    examples: Sequence[dict[str, Any]] = (), answer: Any = None, key_required: bool = False,
) -> None:
    """Declare ``POST path`` for a command. ``stream`` makes it a change of something seen: If-Match is required.

    ``key_required`` where no natural key tells a repeat from a second wish.
    """
    names = path_names(path)

    async def handle(request: Request) -> Response:
        principal = principal_of(request, permission)
        check_json(request)
        raw = await read_body(request, limit)
        check_depth(raw)
        asked = parse(command, raw, {name: _from_path(request, name, whole) for name, whole in names.items()})
        context = context_of(request, principal, path, raw)
        if key_required and context.key is None:
            raise Problem(
                400, "key_required", "send an Idempotency-Key: nothing else would tell a repeat of this from a second one"
            )
        if stream is not None:
            context = context.expecting(expected_of(request, stream(asked)))
        given = await door_of(request).applications[log].submit_async(asked, context)
        if given.status == 404 and not names:  # the address is there; what its body names is not
            given = replace(given, status=422)
        return respond(request, log, given)

    raw_route(
        router, path, handle, permission=permission, summary=summary, name=command.NAME, status=status,
        description=command.__doc__ or summary, body=body_model(command, list(names)), examples=examples,
        versioned=stream is not None, answer=answer or Recorded, key_required=key_required,
    )


Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def raw_route(
    router: APIRouter, path: str, handle: Handler, *, permission: str, summary: str, name: str, status: int = 200,
    description: str = "", body: type[BaseModel] | None = None, examples: Sequence[dict[str, Any]] = (),
    versioned: bool = False, answer: Any = None, media: Mapping[str, Any] | None = None, key_required: bool = False,
) -> None:
    """Declare ``POST path`` with a handler of ours; FastAPI describes it and calls it without its own machinery.

    ``media`` describes a body that is not JSON.
    """
    endpoint = described(name, list(path_names(path)), body)
    endpoint.__doc__ = inspect.cleandoc(description or summary)
    endpoint.handler = handle  # type: ignore[attr-defined]
    extra = command_extra(permission, examples, versioned=versioned, key_required=key_required)
    if media is not None:
        extra["requestBody"] = {"required": True, "content": dict(media)}
    router.add_api_route(
        path, endpoint, methods=["POST"], status_code=status, summary=summary, response_model=answer or Shown,
        operation_id=name, responses=problems(*COMMAND_PROBLEMS, *((412, 428) if versioned else ())), openapi_extra=extra,
        route_class_override=CommandRoute,
    )


def query_route(
    router: APIRouter, path: str, *, permission: str | None, summary: str, name: str, **more: Any
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare ``GET path`` as a plain function; ``permission`` None means that it is open to everybody."""
    checks = [] if permission is None else [Depends(allowed(permission))]

    def declare(function: Callable[..., Any]) -> Callable[..., Any]:
        router.add_api_route(
            path, function, methods=["GET"], summary=summary, operation_id=name, dependencies=checks,
            description=inspect.cleandoc(function.__doc__ or summary),
            responses=query_answers(name, function, permission),
            openapi_extra={"x-permission": permission or "none"}, **more,
        )
        return function

    return declare


def allowed(permission: str) -> Callable[[Request], Principal]:
    """Who may ask; then whether the address is one that can be looked for at all."""

    def check(request: Request) -> Principal:
        principal = principal_of(request, permission)
        _check_address(request)
        return principal

    return check


def _check_address(request: Request) -> None:
    """No NUL (no id of ours holds one), and no parameter that would be silently ignored."""
    given = request.query_params
    if "\0" in unquote(request.url.path) or any("\0" in text for pair in given.multi_items() for text in pair):
        raise Problem(400, "nul_character", "the address holds a NUL character (%00); leave it out")
    known = [name for parameter in request.scope["route"].dependant.query_params for name in _asked_by(parameter)]
    for name in given:
        if name not in known:
            raise Problem(
                422, "not_valid", f"there is no parameter {name} here; the parameters are {', '.join(known) or 'none'}",
                errors=[{"pointer": f"/{name}", "code": "extra_forbidden", "message": "leave it out or check its spelling"}],
            )


def _asked_by(parameter: Any) -> list[str]:
    """The names of a parameter: those of its fields where several are declared as one model."""
    kind = parameter.field_info.annotation
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [field.alias or name for name, field in kind.model_fields.items()]
    return [str(parameter.alias)]


@contextmanager
def reading(request: Request, view: str) -> Iterator[Connection]:
    """A connection to a view, after it has folded the positions the request asks for."""
    door = door_of(request)
    projector = door.projectors[view]
    if projector.failure is not None:
        raise ViewBehind(f"the view {view} has stopped ({projector.failure}); an operator has to look at it")
    wanted = asked_positions(request)
    if wanted:
        projector.wait_for(wanted, door.wait_s)
    with projector.engine.connect() as connection:
        yield connection


def asked_positions(request: Request) -> dict[str, int]:
    """``?min_position=orders=42,receivables=7`` or the header ``O2C-Position`` of an earlier answer."""
    return positions_in(request.query_params.get("min_position") or request.headers.get("o2c-position") or "")


def positions_in(text: str) -> dict[str, int]:
    """``orders=42,receivables=7`` by log."""
    wanted: dict[str, int] = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        log, _, number = part.partition("=")
        if log not in SERVICE_NAMES or not NUMBER.fullmatch(number):
            raise Problem(
                400, "bad_position", f"the position reads {text}; send for example orders=42, the logs are"
                f" {', '.join(SERVICE_NAMES)}",
            )
        wanted[log] = int(number)
    return wanted


def _from_path(request: Request, name: str, whole: bool) -> str:
    """An id in an address is percent-escaped as in its stream; one part of an id is unescaped here."""
    text = str(request.path_params[name])
    return text if whole else unquote(text)


def href(kind: str, stream: str) -> str:
    """The address of a resource from its stream: the kind's prefix is the collection, parts are quoted for URLs."""
    return f"/v1/{kind}/{quote(stream.partition('/')[2], safe='/:@-._~')}"
