"""A seeded TCP proxy on loopback that spoils exchanges: it cuts requests, swallows replies, delays and trickles."""

from __future__ import annotations

import random
import select
import socket
import struct
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

CHUNK = 65_536
AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER that resets the connection instead of closing it

PASS, CUT_REQUEST, SWALLOW_REPLY, HALF_REPLY, LATE, TRICKLE, SILENT = (
    "pass", "cut request", "swallow reply", "half a reply", "late", "trickle", "silent",
)  # fmt: skip


@dataclass
class Proxy:
    """Between a client and ``upstream`` (``("127.0.0.1", port)`` or the path of a socket). ``weights`` say how often an
    exchange (one request and its reply) meets which fault; what happened is counted in ``happened``."""

    upstream: tuple[str, int] | str
    seed: int
    weights: dict[str, int]
    happened: Counter[str] = field(default_factory=Counter)
    spoiling: bool = True

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name="proxy", daemon=True).start()

    def close(self) -> None:
        self._stopping.set()
        self._listener.close()

    def fate(self) -> tuple[str, float]:
        """The fault of the next exchange and a number in 0..1 that says how much of it."""
        with self._lock:
            drawn = self._random.choices(list(self.weights), list(self.weights.values()))[0] if self.spoiling else PASS
            self.happened[drawn] += 1
            return drawn, self._random.random()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), name="proxied", daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            if isinstance(self.upstream, str):
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.upstream)
            else:
                server = socket.create_connection(self.upstream, timeout=10)
        except OSError:
            reset(client)
            return
        with suppress(OSError):
            self._exchange(client, server)
        reset(client)
        reset(server)

    def _exchange(self, client: socket.socket, server: socket.socket) -> None:
        """Bytes both ways; a new exchange begins when the client speaks after the server has."""
        fate, much, replying = *self.fate(), False
        while not self._stopping.is_set():
            readable, _, _ = select.select([client, server], [], [], 0.5)
            if client in readable:
                if replying:
                    fate, much, replying = *self.fate(), False
                data = client.recv(CHUNK)
                if not data:
                    return
                if fate == CUT_REQUEST:
                    server.sendall(data[: int(len(data) * much)])
                    return
                if fate == LATE:
                    time.sleep(0.05 * much)
                trickled(server, data) if fate == TRICKLE else server.sendall(data)
                if fate == SILENT:  # half open: the other side hears nothing for a while, then the line is dead
                    time.sleep(1.0)
                    return
            if server in readable:
                replying = True
                data = server.recv(CHUNK)
                if not data or fate == SWALLOW_REPLY:
                    return
                if fate == HALF_REPLY:
                    client.sendall(data[: int(len(data) * much)])
                    return
                trickled(client, data) if fate == TRICKLE else client.sendall(data)


def trickled(to: socket.socket, data: bytes) -> None:
    """In small pieces: the first bytes one by one."""
    for n in range(min(20, len(data))):
        to.sendall(data[n : n + 1])
        time.sleep(0.001)
    to.sendall(data[20:])


def reset(one: socket.socket) -> None:
    """RST, as a machine that lost its memory answers."""
    with suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    one.close()
