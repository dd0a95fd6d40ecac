"""Services apart: who may copy a log as it was stored, what the doctor and health say of copies, an outage of an owner."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from services.doctor import examine
from services.peers import Peer, PeerAway
from services.relay import Relay
from services.serving import create_app, health_of
from services.settings import Settings
from services.event_log.leases import SoleHolder
from services.wiring import wire
from tests.conftest import asking, seed_master
from tests.distributed import Distributed, distributed
from tests.log.tally import Open, opened
from tests.services.shop import problem_of

SECRET = "a secret that all the services share"
FEED = "/v1/feeds/events?log=orders&whole=true"


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Distributed]:
    with distributed(tmp_path_factory.mktemp("apart")) as whole:
        wired: Any = whole
        whole.master = seed_master(wired)  # type: ignore[attr-defined]
        assert whole.settle()
        yield whole


@pytest.fixture
def door(apart: Distributed) -> TestClient:
    return TestClient(create_app(apart.parts["orders"]), raise_server_exceptions=False)


def peer_headers(apart: Distributed) -> dict[str, str]:
    return {"Authorization": f"Bearer {apart.parts['orders'].settings.peer_key}"}


def test_only_our_services_get_facts_as_they_were_stored(apart: Distributed, door: TestClient) -> None:
    """Digests of keys are in them: no person's role is enough, and a wrong secret is nobody."""
    keys = apart.master.keys  # type: ignore[attr-defined]
    for role in ("auditor", "integration", "administrator"):
        problem_of(door.get(FEED, headers={"Authorization": f"Bearer {keys[role]}"}), 403, "not_permitted")
    for wrong in ("Bearer " + "x" * 43, "Bearer ", "Bearer é" + "x" * 42):
        assert door.get(FEED, headers={"Authorization": wrong.encode()}).status_code == 401
    problem_of(door.get(FEED), 401, "missing_key")
    page = door.get(FEED, headers=peer_headers(apart)).json()
    issued = next(item for item in page["items"] if item["type"] == "com.o2c.person.key_issued.v1")
    assert len(issued["data"]["digest"]) == 64 and issued["commandid"]
    assert page["generations"] == []
    withheld = door.get("/v1/feeds/events?log=orders", headers=peer_headers(apart)).json()
    assert "commandid" not in json.dumps(withheld) and '"withheld"' in json.dumps(withheld)


def test_the_secret_of_the_services_opens_nothing_else(apart: Distributed, door: TestClient) -> None:
    for method, path in (("GET", "/v1/orders"), ("POST", "/v1/orders"), ("GET", "/v1/persons")):
        problem_of(door.request(method, path, json={}, headers=peer_headers(apart)), 403, "not_permitted")


def test_without_a_secret_nobody_is_a_service(tmp_path: Path) -> None:
    wired = wire(Settings(data=tmp_path))
    try:
        client = TestClient(create_app(wired), raise_server_exceptions=False)
        for token in ("", "None", "x" * 40):
            assert client.get(FEED, headers={"Authorization": f"Bearer {token}"}).status_code == 401
    finally:
        wired.close()


def test_a_service_started_anew_catches_up(tmp_path: Path) -> None:
    """Receivables is away while orders are placed; back again it decides about each, once."""
    with distributed(tmp_path) as whole:
        wired: Any = whole
        master = seed_master(wired)
        assert whole.settle()
        away = whole.parts.pop("receivables")
        away.close()
        for number in range(5):
            assert whole.parts["orders"].applications["orders"].handle(master.order(f"PO-{number}"), asking()).status == 201
        again = whole.parts["receivables"] = wire(away.settings)
        try:
            again.start()
            deadline = time.monotonic() + 30
            reserved: list[Any] = []
            while len(reserved) < 5 and time.monotonic() < deadline:
                time.sleep(0.05)
                rows = again.applications["receivables"].store.read(0, 1_000)
                reserved = [json.loads(row.data)["order"] for row in rows if row.type == "credit.reserved/1"]
            assert sorted(reserved) == [master.stream(f"PO-{number}") for number in range(5)]
        finally:
            again.close()


def test_what_the_doctor_says_of_copies(tmp_path: Path) -> None:
    with distributed(tmp_path) as whole:
        wired: Any = whole
        seed_master(wired)
        assert whole.settle()
        part = whole.parts.pop("receivables")
        part.close()
        end = whole.applications["orders"].store.last_position()
        said = {found.what: found for found in examine(part.settings)}
        assert said["copy of orders"].ok and said["copy of orders"].says == f"position {end:,}, complete, generation 1"
        seed_master(wired, partner="another")
        more = whole.applications["orders"].store.last_position() - end
        assert {found.what: found.says for found in examine(part.settings)}["copy of orders"] == (
            f"position {end:,}, {more} facts behind, generation 1"
        )
    said = {found.what: found for found in examine(part.settings)}
    assert not said["copy of orders"].ok and "cannot be reached" in said["copy of orders"].says
    alone = part.settings.model_copy(update={"peers": {}})
    said = {found.what: found for found in examine(alone)}
    assert not said["log orders"].ok and "name its owner in O2C_PEERS (orders=http://...)" in said["log orders"].says


def test_an_owner_that_is_away_is_named_in_health(tmp_path: Path) -> None:
    secret = tmp_path / "peer.key"
    secret.write_text(SECRET)
    settings = Settings(
        data=tmp_path / "data", services=("forecast",), peers={"orders": "http://127.0.0.1:9"}, peer_key_file=secret
    )
    wired = wire(settings)
    try:
        wired.start()
        deadline = time.monotonic() + 10
        while wired.copiers[0].failure is None and time.monotonic() < deadline:
            time.sleep(0.02)
        health = health_of(wired)
        assert health["status"] == "attention"
        assert "the orders service at http://127.0.0.1:9 cannot be reached" in health["copies"]["orders"]["status"]
    finally:
        wired.close()


def test_something_else_behind_the_address_is_named() -> None:
    """A server that is not o2c; and one that hangs up after the first answer is asked again."""
    listener = socket.create_server(("127.0.0.1", 0))
    asked = []

    def answer() -> None:
        for body in (b"<html>", b'{"log":"orders","generation":1,"last":0}', b'{"log":"orders","generation":1,"last":5}'):
            connection, _ = listener.accept()
            with connection:
                asked.append(connection.recv(10_000))
                status = b"502 Bad" if body.startswith(b"<") else b"200 OK"
                connection.sendall(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    peer = Peer("orders", f"http://127.0.0.1:{listener.getsockname()[1]}", SECRET)
    with pytest.raises(PeerAway, match="answers 502 and no problem document: is it o2c"):
        peer.facts(0)
    for last in (0, 5):  # each time over a connection that the other side has closed meanwhile
        page = peer.facts(0)
        assert page is not None and page.last == last
    thread.join(5)
    peer.close()
    listener.close()
    assert all(f"Bearer {SECRET}".encode() in one for one in asked)


def test_a_relay_outlives_a_client_that_cannot_be_closed(tmp_path: Path) -> None:
    """Without a broker it says so and goes on trying; whatever its client does when it is closed."""

    class Hanging:
        closed = 0

        def close(self, timeout: float) -> None:
            Hanging.closed += 1
            raise TimeoutError("the broker does not answer")

    with opened(Settings(data=tmp_path, kafka=("127.0.0.1:9",))) as tallies:
        tallies.handle(Open(tally="a"), asking())
        relay = Relay(tallies, Settings(data=tmp_path, kafka=("127.0.0.1:9",)), SoleHolder())
        relay._producer = Hanging()  # its first message fails, as it has no ``send``
        stopping = threading.Event()
        thread = threading.Thread(target=relay.run, args=(stopping,), daemon=True)
        thread.start()
        deadline = time.monotonic() + 10
        while "cannot be used" not in str(relay.failure) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert thread.is_alive() and Hanging.closed == 1
        assert "Kafka at 127.0.0.1:9 cannot be used" in str(relay.failure)
        assert relay.behind() == 1
        stopping.set()
        thread.join(5)
