"""Clients that take orders through the whole cycle over HTTP, a process of its own; JSON in, JSON out.

Each client does what an integration does: place the order, look (with min_position) until credit has released it and
it is confirmed, dispatch, record the receipt, look until the shipment is invoiced, pay the invoice. Only whole cycles
whose every call succeeded count.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from itertools import count
from typing import Any
from urllib.parse import quote

import uvloop

FIRST_WAIT_S, LONGEST_WAIT_S, PATIENCE_S = 0.01, 0.1, 30.0


class Http:
    """One keep-alive connection."""

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._head = f"Host: 127.0.0.1\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def call(self, method: str, path: str, body: Any = None, key: str = "") -> tuple[int, dict[str, str], Any]:
        raw = b"" if body is None else json.dumps(body).encode()
        keyed = f"Idempotency-Key: {key}\r\n" if key else ""
        head = f"{method} {path} HTTP/1.1\r\n{self._head}{keyed}Content-Length: {len(raw)}\r\n\r\n"
        self._writer.write(head.encode() + raw)
        lines = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines[1:]) if k}
        content = await self._reader.readexactly(int(headers.get("content-length", "0")))
        return int(lines[0][9:12]), headers, json.loads(content) if content else None


class Clients:
    """What all clients share."""

    def __init__(self, asked: dict[str, Any]) -> None:
        self.asked = asked
        self.numbers = count()
        self.calls: Counter[str] = Counter()
        self.took: list[float] = []
        self.failed: list[str] = []
        self.begins = time.perf_counter() + float(asked["warm_up"])
        self.ends = self.begins + float(asked["seconds"])

    async def client(self, number: int) -> None:
        http = Http(self.asked["port"], self.asked["key"])
        await http.open()
        while (started := time.perf_counter()) < self.ends:
            try:
                await Cycle(self, http, number).run()
            except ValueError as error:
                self.failed.append(str(error))
                continue
            if self.begins <= (now := time.perf_counter()) <= self.ends:
                self.took.append(now - started)


class Cycle:
    """One order from its placing to its payment."""

    def __init__(self, clients: Clients, http: Http, client: int) -> None:
        self._clients = clients
        self._http = http
        number = next(clients.numbers)
        self.name = f"{clients.asked['run']}-{number}"
        bodies = clients.asked["bodies"]
        self.body = {**bodies[(client + number) % len(bodies)], "purchase_order_number": self.name}

    async def run(self) -> None:
        placed, at = await self._post("/v1/orders", self.body)
        await self._released(at)
        shipment = await self._dispatch(placed["order"])
        at = await self._receive(placed["order"], shipment)
        invoice = await self._invoiced(shipment, at)
        await self._pay(invoice)

    async def _post(self, path: str, body: Any) -> tuple[Any, str]:
        self._clients.calls[path.partition(":")[2] or path] += 1
        status, headers, answer = await self._http.call("POST", path, body, key=f"{self.name}:{path}")
        if status >= 300:
            raise ValueError(f"{path}: {status} {answer}")
        return answer, headers["o2c-position"]

    async def _look(self, what: str, path: str, found: Any) -> Any:
        """Ask until ``found`` says so, waiting longer each time."""
        wait, until = FIRST_WAIT_S, time.perf_counter() + PATIENCE_S
        while True:
            self._clients.calls[what] += 1
            status, _, answer = await self._http.call("GET", path)
            if status == 200 and (value := found(answer)):
                return value
            if time.perf_counter() > until:
                raise ValueError(f"{path} did not come to it: {status} {answer}")
            await asyncio.sleep(wait)
            wait = min(wait * 1.5, LONGEST_WAIT_S)

    async def _released(self, at: str) -> None:
        path = f"/v1/orders?partner={self.body['partner']}&number={self.name}&limit=1&status=RELEASED&status=CONFIRMED"
        await self._look("look for release", f"{path}&min_position={quote(at)}", lambda answer: answer["items"])

    def _lines(self, order: str, *names: str) -> list[dict[str, Any]]:
        return [
            {"order": order, "line": line["number"], **dict.fromkeys(names, line["quantity"])} for line in self.body["lines"]
        ]

    async def _dispatch(self, order: str) -> str:
        answer, _ = await self._post("/v1/shipments", {
            "company": "acme", "number": self.name, "partner": self.body["partner"], "ship_to": self.body["ship_to"],
            "dispatched_at": "2026-03-01T08:00:00+00:00", "lines": self._lines(order, "quantity"),
        })
        return str(answer["shipment"]).removeprefix("shipment/")

    async def _receive(self, order: str, shipment: str) -> str:
        _, at = await self._post(f"/v1/shipments/{shipment}:receive", {
            "document": f"GR-{self.name}", "received_on": "2026-03-02", "lines": self._lines(order, "received", "accepted"),
        })
        return at

    async def _invoiced(self, shipment: str, at: str) -> dict[str, Any]:
        path = f"/v1/shipments/{shipment}?min_position={quote(at)}"
        found: dict[str, Any] = await self._look("look for invoice", path, lambda answer: (answer["invoices"] or [None])[0])
        return found

    async def _pay(self, invoice: dict[str, Any]) -> None:
        await self._post("/v1/settlements", {
            "company": "acme", "partner": self.body["partner"], "reference": self.name, "paid_on": "2026-04-01",
            "amount": invoice["gross"],
            "items": [{"reference": invoice["number"], "gross": invoice["gross"], "paid": invoice["gross"]}],
        })


async def generate(asked: dict[str, Any]) -> dict[str, Any]:
    clients = Clients(asked)
    await asyncio.gather(*(clients.client(number) for number in range(asked["clients"])))
    took = sorted(clients.took) or [0.0]
    return {
        "count": len(clients.took), "seconds": asked["seconds"], "p50": took[len(took) // 2] * 1000,
        "p99": took[int(len(took) * 0.99)] * 1000, "failed": clients.failed[:3], "failures": len(clients.failed),
        "calls": dict(clients.calls), "started": next(clients.numbers),
    }


if __name__ == "__main__":
    print(json.dumps(uvloop.run(generate(json.loads(sys.stdin.read())))))
