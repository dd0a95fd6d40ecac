"""The one port before the services: who answers what, and what it says when nobody can."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from deploy.local.gateway import Gateway
from services.settings import SERVICE_NAMES
from tests.conftest import asking
from tests.distributed import distributed_shop
from tests.services.shop import problem_of

NOBODY = dict.fromkeys(SERVICE_NAMES, "http://127.0.0.1:9")


def scope_of(method: str, path: str, query: bytes = b"") -> dict[str, Any]:
    return {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": query, "headers": []}


@pytest.mark.parametrize(("method", "path", "query", "service"), [
    ("POST", "/v1/orders", b"", "orders"),
    ("GET", "/v1/orders/acme/kaufmarkt/PO-1/-", b"", "orders"),
    ("GET", "/v1/open-items", b"", "receivables"),
    ("POST", "/v1/settlements", b"", "receivables"),
    ("DELETE", "/v1/open-items", b"", "receivables"),
    ("GET", "/v1/feeds/events", b"log=receivables&after=3", "receivables"),
    ("GET", "/v1/feeds/events", b"log=nonsense", "orders"),
    ("GET", "/v1/feeds/events", b"", "orders"),
    ("GET", "/nowhere", b"", "orders"),
])
def test_who_answers(method: str, path: str, query: bytes, service: str) -> None:
    assert Gateway(NOBODY).service_of(scope_of(method, path, query)) == service


def test_a_service_that_is_away_is_a_503_with_the_advice_to_repeat() -> None:
    with TestClient(Gateway(NOBODY)) as client:
        answer = client.post("/v1/orders", json={})
        assert "repeat the request with its key" in problem_of(answer, 503, "service_away")["detail"]
        assert answer.headers["retry-after"] == "1"
        ready = client.get("/readyz")
        assert ready.status_code == 503 and set(ready.json()) == set(SERVICE_NAMES)


def test_an_address_that_would_name_another_host_is_refused() -> None:
    """``@elsewhere/`` behind ``http://127.0.0.1:9`` would be a user's name and another machine."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(Gateway(NOBODY)(scope_of("GET", "@elsewhere.example/"), receive, send))
    assert sent[0]["status"] == 400 and b"bad_address" in sent[1]["body"]


def test_answers_pass_unchanged(tmp_path: Path) -> None:
    """Status, body, position, version and replays as the service gave them; a key is known wherever it was issued."""
    with distributed_shop(tmp_path / "data") as shop:
        headers = {"Idempotency-Key": "once"}
        first = shop.post("/v1/orders", shop.body("PO-1"), headers=headers)
        again = shop.post("/v1/orders", shop.body("PO-1"), headers=headers)
        assert (first.status_code, again.status_code, again.text) == (201, 201, first.text)
        assert again.headers["idempotency-replayed"] == "true" and first.headers["o2c-position"].startswith("orders=")
        problem_of(shop.post("/v1/orders", shop.body("PO-2"), headers=headers), 422, "key_reused")
        assert shop.wired.settle()
        assert shop.get("/v1/open-items", role="auditor").status_code == 200
        problem_of(shop.get("/v1/open-items", role=None), 401, "missing_key")
        orders = shop.wired.applications["orders"]
        assert orders.handle(shop.master.order("PO-1"), asking()).status == 200, "the same purchase order is the same order"

