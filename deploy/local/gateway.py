"""One port before the services: sends each request to the service that has its route, by the same tables that wire them.

For one machine and for tests; a deployment uses a reverse proxy of its own with the rules that ``rules`` gives.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs

import httpx2
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from services.problem import problem_response
from services.wiring import ROUTERS

HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "host", "content-length"})
NOT_PASSED_ON = HOP_BY_HOP | {"content-encoding"}  # the client has unpacked it
BY_LOG = "/v1/feeds/events"
OWNER_OF_THE_REST = "orders"
TIMEOUT_S = 60.0


def rules() -> Iterator[tuple[str, Route]]:
    """Every route with the service that has it."""
    for service, makers in ROUTERS.items():
        for make in makers:
            for route in make().routes:
                assert isinstance(route, Route)
                yield service, route


class Gateway:
    """An ASGI application; ``addresses`` are the services' own."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self._addresses = dict(addresses)
        self._rules = list(rules())
        self._client = httpx2.AsyncClient(timeout=TIMEOUT_S, trust_env=False)

    def service_of(self, scope: Scope) -> str:
        """Which service answers; what is nobody's route is answered by the one for the rest, with its 404."""
        path = scope["path"]
        if path == BY_LOG:
            log = parse_qs(scope["query_string"].decode("latin-1")).get("log", [OWNER_OF_THE_REST])[0]
            return log if log in self._addresses else OWNER_OF_THE_REST
        partial = None
        for service, route in self._rules:
            match, _ = route.matches(scope)
            if match is Match.FULL:
                return service
            if match is Match.PARTIAL and partial is None:
                partial = service
        return partial or OWNER_OF_THE_REST

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._lifespan(receive, send)
            return
        if scope["path"] in ("/livez", "/readyz", "/health"):
            await self._ask_all(scope, send)
            return
        path = scope["raw_path"].decode("latin-1").partition("?")[0]
        if not path.startswith("/"):  # joined to an address it could name another host
            refused = problem(scope, 400, "bad_address", "the address of a request begins with a slash")
            await refused(scope, receive, send)
            return
        url = self._addresses[self.service_of(scope)] + path
        if scope["query_string"]:
            url += "?" + scope["query_string"].decode("latin-1")
        headers = [(name, value) for name, value in scope["headers"] if name.decode("latin-1").lower() not in HOP_BY_HOP]
        body = await _body(receive)
        try:
            answer = await self._client.request(scope["method"], url, content=body, headers=headers)
        except httpx2.TransportError as error:
            detail = f"the service behind this address cannot be reached; repeat the request with its key ({error!r})"
            await problem(scope, 503, "service_away", detail, {"Retry-After": "1"})(scope, receive, send)
            return
        kept = [(name, value) for name, value in answer.headers.raw if name.decode("latin-1").lower() not in NOT_PASSED_ON]
        await _answer(send, answer.status_code, answer.content, kept)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                await self._client.aclose()
                return

    async def _ask_all(self, scope: Scope, send: Send) -> None:
        """Every service's own answer; the worst status stands for all."""
        found: dict[str, Any] = {}
        worst = 200
        for service, address in self._addresses.items():
            try:
                answer = await self._client.get(address + scope["path"])
                found[service], status = answer.json(), answer.status_code
            except (httpx2.TransportError, ValueError) as error:
                found[service], status = {"status": "away", "detail": repr(error)}, 503
            worst = max(worst, status)
        await _answer(send, worst, json.dumps(found).encode(), [(b"content-type", b"application/json")])


def problem(scope: Scope, status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> Response:
    """The answer to a request that no service has seen."""
    return problem_response(status, code, detail, instance=scope["path"], request_id=secrets.token_hex(8), headers=headers)


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _answer(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    sized = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": sized})
    await send({"type": "http.response.body", "body": body})
