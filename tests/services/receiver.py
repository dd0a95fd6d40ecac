"""A receiver of webhooks: a real HTTP server on this machine that can fail, hang, redirect and recover."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Got:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes
    status: int

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    def signed_with(self, secret: str) -> bool:
        """As the specification of Standard Webhooks says, written apart from the code under test."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        content = b".".join([self.id.encode(), self.headers["webhook-timestamp"].encode(), self.body])
        wanted = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        return any(mark == f"v1,{wanted}" for mark in self.headers["webhook-signature"].split(" "))


@dataclass
class Receiver:
    """``answer`` says what to answer to the next request; ``got`` is everything that came, in order."""

    url: str
    answer: Callable[[int], int | None]
    got: list[Got] = field(default_factory=list)
    hang_s: float = 5.0

    def arrived(self) -> list[Got]:
        return [one for one in self.got if 200 <= one.status < 300]

    def wait(self, count: int, timeout: float = 30.0, *, arrived: bool = True) -> list[Got]:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            found = self.arrived() if arrived else list(self.got)
            if len(found) >= count:
                return found
            time.sleep(0.02)
        raise AssertionError(f"{len(self.arrived())} of {count} arrived, {len(self.got)} came")


@contextmanager
def receiving(answer: Callable[[int], int | None] = lambda _: 204) -> Iterator[Receiver]:
    """``answer`` gets the number of the request from 0; None means no answer in time."""
    receiver: Receiver
    taking = threading.Lock()
    stopped = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            with taking:
                status = receiver.answer(len(receiver.got))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.got.append(Got(self.path, headers, body, status or 0))
            if status is None:
                stopped.wait(receiver.hang_s)
                return
            self.send_response(status)
            if status == 302:
                self.send_header("Location", f"{receiver.url}/elsewhere")
            self.send_header("Content-Length", "4")
            self.end_headers()
            self.wfile.write(b"said")

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}", answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        stopped.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
