"""The clients of the kill harness: each sends mixed commands, keeps a journal and repeats what it does not know."""

from __future__ import annotations

import json
import os
import random
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any

from tests.conftest import Master

UNKNOWN = {429, 500, 502, 503, 504}  # answers after which the same request is sent again
REFUSED = {409, 422}


@dataclass
class Operation:
    """One request, whatever became of it."""

    number: str
    kind: str
    path: str
    body: dict[str, Any]
    order: str
    status: int = 0
    text: str = ""
    sent: int = 0
    in_doubt: bool = False


@dataclass
class Journal:
    """What one client has sent and what it was told; each line is on the disk before the next step."""

    path: Path
    operations: dict[str, Operation] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._file = self.path.open("a", encoding="utf-8")

    def note(self, **line: Any) -> None:
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


class Client(threading.Thread):
    """Sends mixed commands one after the other; each until its outcome is known; some once more afterwards."""

    def __init__(self, name: str, seed: int, port: int, master: Master, folder: Path, stopping: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self.random = random.Random(f"{seed}-{name}")
        self.port = port
        self.master = master
        self.journal = Journal(folder / f"{name}.journal")
        self.stopping = stopping
        self.orders: list[str] = []
        self.count = 0
        self._connection: HTTPConnection | None = None

    def run(self) -> None:
        try:
            while not self.stopping.is_set():
                operation = self._next()
                self.journal.operations[operation.number] = operation
                self.journal.note(sent=operation.number, path=operation.path, body=operation.body)
                self._until_known(operation)
                self.journal.note(known=operation.number, status=operation.status, text=operation.text)
                if operation.kind == "place" and operation.status == 201:
                    self.orders.append(operation.number)
                if self.random.random() < 0.15:
                    self._again(self.random.choice(list(self.journal.operations.values())[-5:]))
        except Exception as error:
            self.journal.complaints.append(f"{self.name} stopped: {error!r}")
        finally:
            self._hang_up()
            self.journal.close()

    def _next(self) -> Operation:
        self.count += 1
        number = f"{self.name}-{self.count}"
        kind = self.random.choices(("place", "amend", "confirm", "cancel", "dispatch"), (30, 15, 15, 20, 20))[0]
        if not self.orders:
            kind = "place"
        order = number if kind == "place" else self.random.choice(self.orders[-20:])
        path, body = self._request(kind, number, order)
        return Operation(number, kind, path, body, order)

    def _request(self, kind: str, number: str, order: str) -> tuple[str, dict[str, Any]]:
        master = self.master
        address = f"/v1/orders/{master.stream(order).removeprefix('order/')}"
        quantity = str(self.random.randint(500, 1_000))
        line = {"number": "1", "item": master.items[0], "quantity": quantity, "unit": "EA"}
        if kind == "place":
            named = {"partner": master.partner, "purchase_order_number": number, "ordered_on": "2026-02-20"}
            return "/v1/orders", {**named, "ship_to": master.place, "requested_on": "2026-03-02", "lines": [line]}
        if kind == "amend":
            ask = {"change": number, "amended_on": "2026-02-21", "ship_to": master.place, "requested_on": "2026-03-03"}
            return f"{address}:amend", {**ask, "lines": [line]}
        if kind == "confirm":
            promise = {"number": "1", "quantity": "1", "promised_on": "2026-03-02"}
            return f"{address}:confirm", {"confirmation": number, "lines": [promise]}
        if kind == "cancel":
            return f"{address}:cancel-line", {"line": "1", "quantity": "1", "by": "customer", "reason": number}
        loaded = {"order": master.stream(order), "line": "1", "quantity": "1"}
        head = {"company": master.company, "number": number, "partner": master.partner, "ship_to": master.place}
        return "/v1/shipments", {**head, "dispatched_at": "2026-03-01T08:30:00Z", "lines": [loaded]}

    def _until_known(self, operation: Operation) -> None:
        deadline = time.monotonic() + 120
        while True:
            answered = self._send(operation)
            if answered is not None and answered[0] not in UNKNOWN:
                operation.status, operation.text = answered[0], answered[1]
                if operation.status >= 400 and operation.status not in REFUSED:
                    self.journal.complaints.append(f"{operation.number} was answered {answered[0]}: {answered[1][:300]}")
                return
            operation.in_doubt = True
            if time.monotonic() > deadline:
                raise TimeoutError(f"{operation.number} stayed unknown, last answered {answered}")
            time.sleep(0.02)

    def _again(self, operation: Operation) -> None:
        """The same request with the same key: the same answer, marked as a repetition."""
        answered = self._send(operation)
        if answered is None or answered[0] in UNKNOWN:
            return
        status, text, replayed = answered
        same = text == operation.text or _without_id(text) == _without_id(operation.text)
        if not replayed or status != operation.status or not same:
            self.journal.complaints.append(
                f"{operation.number} again was answered {status} replayed={replayed}: {text[:200]} not {operation.text[:200]}"
            )

    def _send(self, operation: Operation) -> tuple[int, str, bool] | None:
        """Status, text and whether it was a repetition; None when nothing is known."""
        operation.sent += 1
        headers = {
            "Authorization": f"Bearer {self.master.keys['integration']}", "Idempotency-Key": operation.number,
            "If-Match": "*", "Content-Type": "application/json",
        }
        try:
            if self._connection is None:
                self._connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
            self._connection.request("POST", operation.path, json.dumps(operation.body), headers)
            response: HTTPResponse
            with self._connection.getresponse() as response:  # cut in the middle of a body, it would keep the socket open
                text = response.read().decode()
        except (OSError, HTTPException):
            self._hang_up()
            return None
        return response.status, text, response.getheader("Idempotency-Replayed") == "true"

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _without_id(text: str) -> dict[str, Any]:
    """A problem without what differs from request to request."""
    body: dict[str, Any] = json.loads(text)
    return {name: value for name, value in body.items() if name != "request_id"}
