"""The load generator, a process of its own: keep-alive connections that each send the next order after an answer.

Reads what to do as JSON from standard input, answers with JSON: requests by status, latencies, its own CPU share.
Bodies are encoded beforehand in two halves, between which the purchase order number goes.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from itertools import count
from typing import Any

import uvloop

NUMBER = b"@@@@@@@@@@@@@@@@"


class Load:
    """What all connections share."""

    def __init__(self, asked: dict[str, Any]) -> None:
        self.run = str(asked["run"])
        self.halves = [self._halves(asked, body) for body in asked["bodies"]]
        self.numbers = count(int(asked.get("first", 0)))
        self.statuses: Counter[int] = Counter()
        self.latencies: list[float] = []
        self.answered = 0
        self.begins = self.ends = 0.0
        self.stopped = False

    def _halves(self, asked: dict[str, Any], body: str) -> list[bytes]:
        """Head with the key, and the body: split where the number goes."""
        raw = body.encode()
        assert raw.count(NUMBER) == 1
        head = (
            f"POST {asked['path']} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {asked['key']}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(raw)}\r\nIdempotency-Key: "
        ).encode()
        before, _, after = raw.partition(NUMBER)
        return [head, b"\r\n\r\n" + before, after]

    def request(self) -> bytes:
        number = next(self.numbers)
        head, before, after = self.halves[number % len(self.halves)]
        name = b"%s-%09d" % (self.run.encode(), number)
        return b"".join((head, name, before, name, after))

    def note(self, status: int, sent: float) -> None:
        now = time.perf_counter()
        self.answered += status == 201
        if self.begins <= now <= self.ends:
            self.statuses[status] += 1
            self.latencies.append(now - sent)


class Connection(asyncio.Protocol):
    """One client: the next request goes out when the answer to the one before is complete."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.buffer = b""
        self.sent = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.send()

    def send(self) -> None:
        if self.load.stopped:
            self.transport.close()
            return
        self.sent = time.perf_counter()
        self.transport.write(self.load.request())

    def data_received(self, data: bytes) -> None:
        self.buffer = self.buffer + data if self.buffer else data
        head = self.buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        at = self.buffer.find(b"content-length: ")
        length = int(self.buffer[at + 16 : self.buffer.find(b"\r", at)])
        if len(self.buffer) < head + 4 + length:
            return
        self.load.note(int(self.buffer[9:12]), self.sent)
        self.buffer = b""
        self.send()

    def connection_lost(self, _: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def generate(asked: dict[str, Any]) -> dict[str, Any]:
    load = Load(asked)
    loop = asyncio.get_running_loop()
    load.begins = time.perf_counter() + float(asked["warm_up"])
    load.ends = load.begins + float(asked["seconds"])
    made = [
        await loop.create_connection(lambda: Connection(load), "127.0.0.1", asked["port"])
        for _ in range(asked["connections"])
    ]
    await asyncio.sleep(load.begins - time.perf_counter())
    cpu = time.process_time()
    await asyncio.sleep(load.ends - time.perf_counter())
    cpu = time.process_time() - cpu
    load.stopped = True
    await asyncio.wait([protocol.done for _, protocol in made], timeout=30)
    return summary(load, cpu, float(asked["seconds"]))


def summary(load: Load, cpu: float, seconds: float) -> dict[str, Any]:
    ordered = sorted(load.latencies) or [0.0]

    def percentile(share: float) -> float:
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000

    return {
        "count": sum(load.statuses.values()), "statuses": dict(load.statuses), "seconds": seconds,
        "answered": load.answered, "p50": percentile(0.50), "p99": percentile(0.99), "cpu_share": cpu / seconds,
    }


def main() -> None:
    asked = json.loads(sys.stdin.read())
    print(json.dumps(uvloop.run(generate(asked))))


if __name__ == "__main__":
    main()
