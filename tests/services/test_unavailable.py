"""The log cannot take a command: 429 or 503 with Retry-After, nothing stored, and all by itself well again."""

from __future__ import annotations

import queue
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from services.event_log import sqlite
from tests.services.shop import Shop, problem_of


@contextmanager
def writer_stopped(shop: Shop, room: int) -> Iterator[Any]:
    """A queue that nobody empties, with ``room`` places left."""
    writer: Any = shop.wired.applications["orders"].writer
    emptied, writer._queue = writer._queue, queue.SimpleQueue()
    most, writer._most_waiting = writer._most_waiting, 3
    for _ in range(3 - room):
        writer._queue.put(None)
    try:
        yield writer
    finally:
        writer._queue, writer._most_waiting = emptied, most


def test_a_full_queue_is_429_and_takes_nothing(own_shop: Shop) -> None:
    before = own_shop.position()
    with writer_stopped(own_shop, room=0):
        answer = own_shop.post("/v1/orders", own_shop.body("PO-1"), headers={"Idempotency-Key": "k"})
        body = problem_of(answer, 429, "overloaded")
        assert body["detail"] == "3 commands are waiting, none was taken; try again shortly"
        assert answer.headers["retry-after"] == "1"
        batch = own_shop.post("/v1/orders:batch", {"items": [own_shop.body("PO-2")] * 2}).json()
        assert [(r["status"], r["body"]["code"]) for r in batch["results"]] == [(429, "overloaded")] * 2
        assert own_shop.get("/v1/orders").status_code == 200, "reading goes on"
    assert own_shop.position() == before
    assert own_shop.post("/v1/orders", own_shop.body("PO-1"), headers={"Idempotency-Key": "k"}).status_code == 201


def test_a_locked_log_is_503_until_it_is_free(own_shop: Shop, monkeypatch: Any) -> None:
    store: Any = own_shop.wired.applications["orders"].store
    store._writer.execute("PRAGMA busy_timeout = 100")
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        answer = own_shop.post("/v1/orders", own_shop.body("PO-1"), headers={"Idempotency-Key": "k"})
        body = problem_of(answer, 503, "locked")
        assert body["detail"] == "the orders log is locked by another program; nothing was stored"
        assert answer.headers["retry-after"] == "1"
        items = {"items": [own_shop.body("PO-2"), own_shop.body("PO-3")]}
        batch = own_shop.post("/v1/orders:batch", items).json()
        assert [(r["status"], r["body"]["code"]) for r in batch["results"]] == [(503, "locked")] * 2
        assert own_shop.get("/v1/orders").json()["items"] == []
    finally:
        other.execute("ROLLBACK")
        other.close()
    again = own_shop.post("/v1/orders", own_shop.body("PO-1"), headers={"Idempotency-Key": "k"})
    assert (again.status_code, again.headers.get("idempotency-replayed")) == (201, None), "the 503 was not kept"
    assert own_shop.get("/health", None).json()["logs"]["orders"] == "ok"


def test_a_full_disk_is_503_until_there_is_room(own_shop: Shop) -> None:
    store: Any = own_shop.wired.applications["orders"].store
    pages = store._writer.execute("PRAGMA page_count").fetchone()[0]
    store._writer.execute(f"PRAGMA max_page_count = {pages}")
    lines = [own_shop.body("x")["lines"][0] | {"number": str(n)} for n in range(900)]
    answer = own_shop.post("/v1/orders", own_shop.body("PO-1", lines=lines))
    body = problem_of(answer, 503, "storage_full")
    assert body["detail"] == "the disk of the orders log is full; nothing was stored"
    before = own_shop.position()
    assert own_shop.get("/v1/orders").status_code == 200
    store._writer.execute("PRAGMA max_page_count = 1000000")
    assert own_shop.post("/v1/orders", own_shop.body("PO-1", lines=lines)).status_code == 201
    assert [row.stream for row in store.read(before, 10, ["order.placed/1"])] == ["order/acme/kaufmarkt/PO-1/-"]


def test_a_log_that_is_gone_is_not_ready_but_alive(own_shop: Shop) -> None:
    own_shop.wired.applications["forecast"].close()
    assert own_shop.get("/livez", None).status_code == 200
    body = problem_of(own_shop.get("/readyz", None), 503, "not_ready")
    assert body["detail"] == "these logs take no commands: forecast"
    assert own_shop.get("/health", None).json()["logs"]["forecast"] != "ok"
    answer = own_shop.post("/v1/plans", {
        "partner": "kaufmarkt", "kind": "ANNUAL", "period": "2026",
        "lines": [{"item": "tea-25", "first_day": "2026-01-01", "last_day": "2026-12-31", "quantity": "1", "unit": "EA"}],
    }, "planner")  # fmt: skip
    problem_of(answer, 503, "closing")
    assert own_shop.post("/v1/orders", own_shop.body("PO-1")).status_code == 201, "other logs go on"


def test_a_defect_of_ours_is_a_500_that_tells_nothing(own_shop: Shop, monkeypatch: Any) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("planted: password=hunter2")

    before = own_shop.position()
    application = own_shop.wired.applications["orders"]
    command = next(c for c in application.handlers if c.NAME == "order.place")
    monkeypatch.setitem(application.handlers, command, broken)
    answer = own_shop.post("/v1/orders", own_shop.body("PO-1"), headers={"Idempotency-Key": "k"})
    body = problem_of(answer, 500, "defect")
    assert "hunter2" not in answer.text and "repeat it with its key" in body["detail"]
    batch = own_shop.post("/v1/orders:batch", {"items": [own_shop.body("PO-2")]}).json()
    assert (batch["results"][0]["status"], batch["results"][0]["body"]["code"]) == (500, "defect")
    assert own_shop.position() == before
    monkeypatch.undo()
    again = own_shop.post("/v1/orders", own_shop.body("PO-1"), headers={"Idempotency-Key": "k"})
    assert again.status_code == 201, "what failed was not kept under its key"


def test_the_lock_is_waited_for_two_seconds() -> None:
    assert sqlite.BUSY_TIMEOUT_S == 2.0, "longer than a backup's lock, shorter than a client's patience"
