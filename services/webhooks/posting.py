"""One attempt: POST to a checked address, no redirect followed, no proxy asked, a limit on time and on the answer's size.

``http.client`` of the standard library: it lets us connect to the very address that was checked.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime

from projections.webhook_deliveries import Tried
from services.webhooks.addresses import AddressRefused, Target, target_of

TIMEOUT_S = 10.0
MOST_READ = 64_000
EXCERPT = 1_000


def post(url: str, headers: Mapping[str, str], body: bytes, *, private: bool, timeout: float = TIMEOUT_S) -> Tried:
    """What came of it; whatever goes wrong on the way is an attempt with an error."""
    at, started = datetime.now(UTC), time.monotonic()
    status, error, response = None, None, None
    try:
        status, response = _sent(target_of(url, private=private), headers, body, timeout)
    except AddressRefused as refused:
        error = str(refused)
    except (OSError, http.client.HTTPException) as failed:
        late = time.monotonic() - started >= timeout or isinstance(failed, TimeoutError)
        error = f"no answer within {timeout:g} s" if late else f"{type(failed).__name__}: {failed}"
    return Tried(at, round((time.monotonic() - started) * 1000), status, error and error[:EXCERPT], response)


def _sent(target: Target, headers: Mapping[str, str], body: bytes, timeout: float) -> tuple[int, str]:
    plain = _connected(target, timeout)
    watch = threading.Timer(timeout, _cut, (plain,))  # who sends a byte now and then is cut off too
    watch.daemon = True
    watch.start()
    connection = http.client.HTTPConnection(target.host, target.port, timeout=timeout)
    try:
        if target.secure:
            context = ssl.create_default_context()
            connection = http.client.HTTPSConnection(target.host, target.port, timeout=timeout, context=context)
            connection.sock = context.wrap_socket(plain, server_hostname=target.host)
        else:
            connection.sock = plain
        connection.request("POST", target.path, body, dict(headers))
        answer = connection.getresponse()
        read = answer.read(MOST_READ)
        return answer.status, read[:EXCERPT].decode("utf-8", "replace").replace("\0", "\ufffd")
    finally:
        watch.cancel()
        connection.close()
        plain.close()


def _connected(target: Target, timeout: float) -> socket.socket:
    """Connected to the first of the checked addresses that answers."""
    failed: OSError = OSError("no address")
    for address in target.addresses:
        try:
            return socket.create_connection((address, target.port), timeout)
        except OSError as error:
            failed = error
    raise failed


def _cut(plain: socket.socket) -> None:
    with suppress(OSError):
        plain.shutdown(socket.SHUT_RDWR)
