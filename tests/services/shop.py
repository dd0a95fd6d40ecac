"""A supplier's process with its HTTP doors open, master data in it, and calls to it by role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from services.serving import create_app
from services.settings import Settings
from services.wired import Wired
from tests.conftest import Master, seed_master, started
from tests.ledger import ledger_violations

PROBLEM_FIELDS = {"type", "title", "status", "detail", "instance", "code", "errors", "request_id", "retryable"}


@dataclass
class Shop:
    """One running process; ``post`` and ``get`` call it over HTTP with the key of a role."""

    wired: Wired
    master: Master
    client: TestClient

    def send(self, method: str, path: str, role: str | None = "clerk", **request: Any) -> Any:
        headers = dict(request.pop("headers", {}))
        if role is not None:
            headers.setdefault("Authorization", f"Bearer {self.master.keys[role]}")
        return self.client.request(method, path, headers=headers, **request)

    def post(self, path: str, body: Any = None, role: str | None = "clerk", **request: Any) -> Any:
        if body is not None:
            request["json"] = body
        return self.send("POST", path, role, **request)

    def get(self, path: str, role: str | None = "clerk", **request: Any) -> Any:
        return self.send("GET", path, role, **request)

    def body(self, number: str, **fields: Any) -> dict[str, Any]:
        """A purchase order as a client writes it: ten pieces of tea at 2.50, 19 % tax: 29.75 EUR."""
        line = {"number": "1", "item": "tea-25", "quantity": "10", "unit": "EA", **fields.pop("line", {})}
        whole = {
            "partner": self.master.partner, "purchase_order_number": number, "ordered_on": "2026-02-20",
            "ship_to": self.master.place, "requested_on": "2026-03-02", "lines": [line], **fields,
        }
        return {name: value for name, value in whole.items() if value is not None}

    def address(self, number: str) -> str:
        return f"/v1/orders/{self.master.company}/{self.master.partner}/{number}/-"

    def placed(self, number: str, **fields: Any) -> Any:
        """An order that was placed and that credit has released."""
        answer = self.post("/v1/orders", self.body(number, **fields))
        assert answer.status_code == 201, answer.text
        assert self.wired.settle()
        return answer

    def position(self, log: str = "orders") -> int:
        return self.wired.applications[log].store.last_position()


@contextmanager
def open_shop(settings: Settings) -> Iterator[Shop]:
    """At the end the ledger's invariants hold of every command that was carried out."""
    with started(settings) as wired:
        yield shop_of(wired, seed_master(wired, roles=tuple(ALL_ROLES)))
        assert ledger_violations(wired) == []


ALL_ROLES = ("clerk", "credit_manager", "planner", "auditor", "integration", "administrator")


def shop_of(wired: Wired, master: Master) -> Shop:
    assert wired.settle()
    return Shop(wired, master, TestClient(as_served(create_app(wired)), raise_server_exceptions=False))


def as_served(app: ASGIApp) -> ASGIApp:
    """Addresses as uvicorn hands them on, unescaped once; the test client does it twice."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["path"] = unquote(scope["raw_path"].decode("ascii"))
        await app(scope, receive, send)

    return served


def problem_of(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The problem an answer carries, checked for the whole shape of every error."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text}"
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert set(body) >= PROBLEM_FIELDS, body
    assert (body["status"], body["code"]) == (status, code), body
    assert body["type"] == f"/v1/problems/{code}"
    assert body["instance"] == unquote(answer.request.url.raw_path.decode().partition("?")[0])
    assert body["retryable"] is (status in (429, 503))
    assert body["request_id"] == answer.headers.get("x-request-id", body["request_id"])
    assert body["title"] and body["detail"]
    return body


__all__ = ["ALL_ROLES", "Shop", "open_shop", "problem_of", "shop_of"]
