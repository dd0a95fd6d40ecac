"""The HTTP application of a process: routers, problems, request log, health, metrics, API reference."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from prometheus_client import CollectorRegistry, generate_latest
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.permissions import PERMISSIONS
from services.describing import complete
from services.http import query_route
from services.metrics import DistributionState, HttpMetrics, LedgerState, RunningState, SealingState
from services.reference import reference_page
from services.rendering import KNOWN_ERRORS, render
from services.problem import Problem, problem_response, validation_problem
from services.wired import Wired
from services.wiring import routers

logger = structlog.get_logger()

PAGE_HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'", "X-Content-Type-Options": "nosniff"}


def new_request_id() -> str:
    """Unique over all processes: this process's random mark and a count. A system call for every request would
    give the interpreter away each time (measured: 0.3 ms of waiting)."""
    return f"{_PROCESS_MARK}{next(_REQUESTS):08x}"


_PROCESS_MARK = secrets.token_hex(8)
_REQUESTS = itertools.count(1)


class RequestLog:
    """One id and one log line a request, no bodies; counts by route template."""

    def __init__(self, app: ASGIApp, metrics: HttpMetrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = new_request_id()
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        started = time.perf_counter()
        status = 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"x-request-id", request_id.encode()))
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            self._note(scope, status, time.perf_counter() - started, state)

    def _note(self, scope: Scope, status: int, seconds: float, state: dict[str, Any]) -> None:
        route = scope.get("route")
        template = getattr(route, "path", "unknown")
        self.metrics.requests.labels(scope["method"], template, str(status)).inc()
        self.metrics.seconds.labels(scope["method"], template).observe(seconds)
        level = logger.warning if status >= 500 else logger.debug
        level(
            "request", method=scope["method"], path=scope["path"], status=status, ms=round(seconds * 1000, 1),
            request_id=state["request_id"], actor=state.get("actor"),
        )


def create_app(wired: Wired) -> FastAPI:
    """The FastAPI application over what is wired; it owns no state of its own."""
    registry = CollectorRegistry()
    registry.register(
        RunningState(wired.applications.values(), wired.projectors.values(), wired.reactors)
    )
    registry.register(SealingState(wired.sealers))
    registry.register(LedgerState(wired.invariants))
    registry.register(DistributionState(wired.relays, wired.copiers))
    app = FastAPI(
        title="o2c", version="1", summary="Order to cash for suppliers of consumer goods, event-sourced.",
        docs_url=None, redoc_url=None, openapi_url="/v1/openapi.json",
        middleware=[Middleware(RequestLog, metrics=HttpMetrics(registry))],
    )
    app.state.door = wired.door
    for router in routers(wired.settings):
        app.router.routes.extend(router.routes)
    _operate(app, wired, registry)
    _handle_errors(app)
    _document(app)
    check_permissions_declared(app)
    return app


def _operate(app: FastAPI, wired: Wired, registry: CollectorRegistry) -> None:
    @query_route(app.router, "/livez", permission=None, summary="The process is alive", name="livez")
    def livez() -> dict[str, str]:
        return {"status": "alive"}

    @query_route(app.router, "/readyz", permission=None, summary="The logs take commands", name="readyz")
    def readyz() -> dict[str, str]:
        unready = [name for name, health in log_health(wired).items() if health != "ok"]
        if unready:
            raise Problem(503, "not_ready", f"these logs take no commands: {', '.join(unready)}")
        return {"status": "ready"}

    @query_route(app.router, "/health", permission=None, summary="Every part and how it is, for people", name="health")
    def health() -> dict[str, Any]:
        return health_of(wired)

    @query_route(app.router, "/docs", permission=None, summary="The API reference", name="docs", include_in_schema=False)
    def docs() -> Response:
        return Response(reference_page(app.openapi()), headers=PAGE_HEADERS, media_type="text/html; charset=utf-8")

    @query_route(
        app.router, "/metrics", permission=None, summary="Prometheus metrics", name="metrics",
        response_class=PlainTextResponse,
    )
    def metrics() -> Response:
        return Response(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")


def log_health(wired: Wired) -> dict[str, str]:
    """Per log "ok", or what keeps it from taking commands."""
    found: dict[str, str] = {}
    for name, application in wired.applications.items():
        try:
            application.store.last_position()
            found[name] = "ok"
        except Exception as error:
            found[name] = str(error)
    return found


def health_of(wired: Wired) -> dict[str, Any]:
    """What is well and what is not: logs, views, reactions, parked items, durability."""
    logs = log_health(wired)
    views = {
        name: {
            "status": "ok" if projector.failure is None else "failed",
            "reached": projector.reached,
            "failure": None if projector.failure is None else repr(projector.failure),
        }
        for name, projector in wired.projectors.items()
    }
    reactions = {
        f"{reactor.name} on {reactor.feed.log}": "ok" if reactor.failure is None else repr(reactor.failure)
        for reactor in wired.reactors
    }
    sealing = {sealer.log: "ok" if sealer.failure is None else str(sealer.failure) for sealer in wired.sealers}
    copies = {
        copier.log: {"status": says(copier.failure), "reached": copier.store.last_position(), "behind": copier.behind}
        for copier in wired.copiers
    }
    relays = {relay.log: "; ".join(relay.complaints) or says(relay.failure) for relay in wired.relays}
    sender = wired.sender
    sending = "ok" if sender is None or sender.failure is None else repr(sender.failure)
    ledger = "ok" if wired.invariants is None else wired.invariants.says()
    parked = {name: len(a.store.parked()) for name, a in wired.applications.items() if logs[name] == "ok"}
    told = (
        *logs.values(), *reactions.values(), *sealing.values(), sending, ledger, *(view["status"] for view in views.values()),
        *(copy["status"] for copy in copies.values()), *relays.values(),
    )
    well = all(text == "ok" for text in told)
    return {
        "status": "ok" if well and not any(parked.values()) else "attention",
        "logs": logs, "views": views, "reactions": reactions, "sealing": sealing, "webhooks": sending, "invariants": ledger,
        "copies": copies, "relays": relays, "parked": parked,
        "durability": {name: a.store.durability() for name, a in wired.applications.items() if logs[name] == "ok"},
    }


def says(failure: Exception | None) -> str:
    return "ok" if failure is None else str(failure) or repr(failure)


def _handle_errors(app: FastAPI) -> None:
    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        found = [{**e, "loc": tuple(e["loc"])[1:] or e["loc"]} for e in error.errors()]
        return render(request, validation_problem(found))  # type: ignore[arg-type]

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        codes = {404: "no_such_address", 405: "method_not_allowed"}
        details = {
            404: f"there is nothing at {request.url.path}; the addresses are listed at /docs",
            405: f"{request.method} is not possible at {request.url.path}; see /docs",
        }
        return problem_response(
            error.status_code, codes.get(error.status_code, "http_error"),
            details.get(error.status_code, str(error.detail)), instance=request.url.path,
            request_id=request.state.request_id, headers=dict(error.headers or {}),
        )

    for known in KNOWN_ERRORS:
        app.add_exception_handler(known, render)

    @app.exception_handler(Exception)
    def defect(request: Request, error: Exception) -> Response:
        logger.error("defect", path=request.url.path, request_id=request.state.request_id, error=repr(error))
        return problem_response(
            500, "defect", "something of ours failed; nothing is certain about this request, repeat it with its key",
            instance=request.url.path, request_id=request.state.request_id,
        )


def _document(app: FastAPI) -> None:
    """The OpenAPI document with what FastAPI cannot know."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = complete(plain())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def check_permissions_declared(app: FastAPI) -> None:
    """A route without a declared permission, or with one that nobody can hold, fails the build (decision 21)."""
    for route in app.routes:
        if getattr(route, "path", "") == app.openapi_url:
            continue
        extra = getattr(route, "openapi_extra", None) or {}
        if "x-permission" not in extra:
            raise RuntimeError(f"{getattr(route, 'path', route)} declares no permission")
        if extra["x-permission"] not in {"none", *PERMISSIONS}:
            raise RuntimeError(f"{getattr(route, 'path', route)} declares {extra['x-permission']}, which no role can hold")


@contextmanager
def running(wired: Wired) -> Iterator[FastAPI]:
    """The application with its loops running, closed at the end."""
    wired.start()
    try:
        yield create_app(wired)
    finally:
        wired.close()


