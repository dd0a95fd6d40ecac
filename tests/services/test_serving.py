"""The real server, ``o2c serve`` as a process: the first key, floods, sockets that misbehave, its end by a signal."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.services.command_line import o2c, o2c_running

MEGABYTE = 1_000_000


@dataclass
class Server:
    port: int
    pid: int
    key: str
    folder: Path

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            sent = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"} | headers
            connection.request(method, path, None if body is None else json.dumps(body), sent)
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def raw(self, text: bytes, timeout: float = 10) -> bytes:
        """What the server answers to bytes that no client library would send."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as connection:
            connection.sendall(text)
            connection.shutdown(socket.SHUT_WR)
            found = b""
            while part := connection.recv(65_536):
                found += part
            return found

    def largest_memory(self) -> int:
        """The most memory the process ever held, in bytes."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) * 1024


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def whole(connection: socket.socket) -> bytes:
    """An answer with its body, whose end is that of a problem."""
    found = b""
    while not found.endswith(b"}") and (part := connection.recv(65_536)):
        found += part
    return found


def wait_until_ready(port: int, process: Any) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, process.stderr.read()
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
                connection.request("GET", "/readyz")
                with connection.getresponse() as answer:
                    if answer.status == 200:
                        return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the server did not become ready")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder, port = tmp_path_factory.mktemp("served"), free_port()
    with o2c_running(folder, "serve", O2C_PORT=str(port)) as process:
        wait_until_ready(port, process)
        assert process.stdout is not None
        assert process.stdout.readline().startswith("The administrator's API key, shown this once:")
        yield Server(port, process.pid, process.stdout.readline().strip(), folder)


def test_the_key_of_the_first_start_opens(server: Server) -> None:
    status, headers, body = server.call("GET", "/v1/persons")
    assert (status, json.loads(body)["items"][0]["person"]) == (200, "administrator")
    assert headers["x-request-id"]
    assert server.key.encode() not in (server.folder / "data" / "orders.events.sqlite").read_bytes()


def test_fifty_megabytes_are_refused_early_and_not_kept(server: Server) -> None:
    """With its length said: refused before a byte of it is read. Without: as soon as a million have come."""
    server.call("POST", "/v1/items", {})
    before = server.largest_memory()
    head = (
        f"POST /v1/items HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.key}\r\nContent-Type: application/json\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(f"{head}Content-Length: 50000000\r\n\r\n".encode())
        answer = whole(connection)
        assert answer.startswith(b"HTTP/1.1 413") and b"50000000 bytes, more than the 1,000,000 allowed" in answer
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        chunk = b"%x\r\n" % MEGABYTE + b"x" * MEGABYTE + b"\r\n"
        with suppress(OSError):  # the server may hang up on what it has refused
            for _ in range(50):
                connection.sendall(chunk)
        assert whole(connection).startswith(b"HTTP/1.1 413")
    assert server.largest_memory() - before < 20 * MEGABYTE
    assert server.call("GET", "/livez")[0] == 200


def test_somebody_without_a_key_cannot_make_it_read(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(b"POST /v1/items HTTP/1.1\r\nHost: x\r\nContent-Length: 50000000\r\n\r\n" + b"x" * 1_000)
        assert whole(connection).startswith(b"HTTP/1.1 401")


@pytest.mark.parametrize(
    "text",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET /v1/items HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer o2c_live_a\x00b_c\r\n\r\n",
        b"POST /v1/items HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/items HTTP/1.1\r\nHost: x\r\nContent-Length: minus\r\n\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /v1/items HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
    ],
    ids=["binary", "nul in header", "two lengths", "length no number", "long address", "long header"],
)
def test_what_is_no_http_is_refused_and_the_server_goes_on(server: Server, text: bytes) -> None:
    answer = server.raw(text)
    assert b"HTTP/1.1 5" not in answer and b"HTTP/1.1 200" not in answer, answer[:200]
    assert server.call("GET", "/livez")[0] == 200


def log_positions(server: Server) -> list[str]:
    text = server.call("GET", "/metrics")[2].decode()
    return [line for line in text.splitlines() if line.startswith("o2c_log_position{")]


def test_a_client_that_hangs_up_in_the_middle_stores_nothing(server: Server) -> None:
    before = log_positions(server)
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(
            f"POST /v1/items HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.key}\r\nContent-Length: 500\r\n\r\n".encode()
            + b'{"item": "half"'
        )
    time.sleep(0.3)
    assert log_positions(server) == before
    assert server.call("GET", "/v1/items/half")[0] == 404


def test_addresses_are_unescaped_once(server: Server) -> None:
    """Why tests/services/shop.py corrects the test client: %252F is the id's own %2F."""
    item = {"item": "a/b", "description": "x", "tax_category": "s", "base_unit": "EA", "valid_from": "2020-01-01"}
    status, headers, body = server.call("POST", "/v1/items", item)
    assert (status, headers["location"]) == (201, "/v1/items/a%252Fb")
    status, _, body = server.call("GET", f"{headers['location']}?min_position={headers['o2c-position']}")
    assert (status, json.loads(body)["item"]) == (200, "a/b")


def test_a_second_server_on_the_port_says_so(server: Server, tmp_path: Path) -> None:
    ended = o2c(tmp_path, "serve", O2C_PORT=str(server.port))
    assert ended.returncode == 1 and "Traceback" not in ended.stderr
    assert f"127.0.0.1:{server.port}" in ended.stderr and "address already in use" in ended.stderr.lower()


def test_a_server_that_is_told_to_end_ends_and_keeps_what_it_answered(tmp_path: Path) -> None:
    port = free_port()
    with o2c_running(tmp_path, "serve", O2C_PORT=str(port)) as process:
        wait_until_ready(port, process)
        assert process.stdout is not None
        process.stdout.readline()
        server = Server(port, process.pid, process.stdout.readline().strip(), tmp_path)
        status, _, _ = server.call("POST", "/v1/persons", {"person": "ann", "roles": ["clerk"]})
        assert status == 201
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    with o2c_running(tmp_path, "serve", O2C_PORT=str(port)) as process:
        wait_until_ready(port, process)
        assert process.stdout is not None
        assert process.stdout.readline().startswith("o2c serves"), "the key is shown once in a data folder's life"
        server = Server(port, process.pid, server.key, tmp_path)
        assert server.call("GET", "/v1/persons/ann")[0] == 200
