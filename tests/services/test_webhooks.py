"""Webhooks to a real receiver on this machine, on both back ends: signed, in order, tried again, kept, sent again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from services.webhooks import sending
from services.webhooks.posting import post
from services.wiring import wire
from tests.conftest import asking, fresh_database, settings_for
from tests.log.reader import facts, select
from tests.log.sealed import do
from tests.services.receiver import Receiver, receiving
from tests.services.shop import Shop, open_shop, problem_of, shop_of

QUICK = (0.05, 0.1, 0.1, 0.2)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A process that may send to this machine and does not wait for hours."""
    with ExitStack() as stack:
        url = None
        if request.param == "postgres":
            url = stack.enter_context(fresh_database(request.getfixturevalue("postgres_url")))
        settings = settings_for(tmp_path_factory.mktemp("webhooks") / "data", url)
        settings = settings.model_copy(update={"webhooks_private": True})
        shop = stack.enter_context(open_shop(settings))
        assert shop.wired.sender is not None
        shop.wired.sender.back_off, shop.wired.sender.timeout = QUICK, 0.5
        yield shop


def register(shop: Shop, name: str, url: str, *events: str, **more: Any) -> dict[str, Any]:
    body = {"webhook": name, "url": url, "events": events or ("order.placed",), **more}
    answer = shop.post("/v1/webhooks", body, role="administrator")
    assert answer.status_code == 201, answer.text
    registered: dict[str, Any] = answer.json()
    return registered


def deliveries(shop: Shop, name: str, **asked: Any) -> list[dict[str, Any]]:
    answer = shop.get(f"/v1/webhooks/{name}/deliveries", role="administrator", params=asked)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def place(shop: Shop, *numbers: str) -> None:
    for number in numbers:
        assert shop.post("/v1/orders", shop.body(number)).status_code == 201


def disable(shop: Shop, name: str) -> None:
    answer = shop.post(f"/v1/webhooks/{name}:disable", {"reason": "the test is over"}, role="administrator")
    assert answer.status_code == 200, answer.text


def until(shop: Shop, name: str, state: str, count: int) -> list[dict[str, Any]]:
    deadline = time.monotonic() + 20
    while len(found := deliveries(shop, name, state=state)) < count and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(found) == count, found
    return found


def test_a_placed_order_is_sent_signed_and_kept(here: Shop) -> None:
    with receiving() as receiver:
        made = register(here, "first", f"{receiver.url}/in?from=o2c")
        assert made["secret"].startswith("whsec_") and made["href"] == "/v1/webhooks/first"
        place(here, "H-1")
        (got,) = receiver.wait(1)
        assert got.path == "/in?from=o2c" and got.signed_with(made["secret"])
        assert not got.signed_with("whsec_" + "A" * 43 + "=")
        assert abs(int(got.headers["webhook-timestamp"]) - time.time()) < 60
        event = got.event
        assert (event["specversion"], event["type"], event["source"]) == ("1.0", "com.o2c.order.placed.v1", "urn:o2c:orders")
        assert event["subject"] == "order/acme/kaufmarkt/H-1/-" and event["timestamp"] == event["time"]
        (kept,) = until(here, "first", "DELIVERED", 1)
        assert (kept["delivery"], kept["attempts"], kept["status"], kept["type"]) == (got.id, 1, 204, "order.placed/1")
        assert [(one["attempt"], one["status"], one["error"]) for one in kept["tried"]] == [(1, 204, None)]
        disable(here, "first")


def test_it_is_what_the_feed_gives(here: Shop) -> None:
    with receiving() as receiver:
        register(here, "same", receiver.url, "*", after={"orders": 0, "receivables": 0, "forecast": 0})
        ends = {log: here.position(log) for log in ("orders", "receivables")}
        got = [one.event for one in receiver.wait(sum(ends.values()))]
        for log, end in ends.items():
            feed = here.get("/v1/feeds/events", role="auditor", params={"log": log, "limit": 500}).json()["items"]
            sent = [{name: value for name, value in one.items() if name != "timestamp"} for one in got]
            mine = [one for one in sent if one["source"] == f"urn:o2c:{log}"]
            assert mine[:end] == feed[:end], "all of it, in order, and the digests of keys withheld"
        disable(here, "same")


def test_only_what_was_asked_for_is_sent_and_from_now_on(here: Shop) -> None:
    place(here, "H-2")
    assert here.wired.settle()
    with receiving() as receiver:
        register(here, "some", receiver.url, "order.*", "invoice.issued")
        place(here, "H-3")
        assert here.wired.settle()
        receiver.wait(2)
        time.sleep(0.3)
        types = {one.event["type"].split(".")[2] for one in receiver.got}
        assert types == {"order"} and all("/H-3/" in one.event["subject"] for one in receiver.got)
        disable(here, "some")


def test_a_receiver_that_fails_gets_it_again_in_order_under_the_same_id(here: Shop) -> None:
    plan: dict[int, int | None] = {0: 500, 1: 302, 2: None, 3: 200}
    with receiving(lambda n: plan.get(n, 200)) as receiver:
        register(here, "failing", receiver.url)
        place(here, "R-1", "R-2", "R-3")
        arrived = receiver.wait(3)
        assert [one.event["subject"].split("/")[3] for one in arrived] == ["R-1", "R-2", "R-3"], "nothing overtakes"
        assert {one.id for one in receiver.got[:4]} == {arrived[0].id} and len({one.id for one in arrived}) == 3
        assert {one.body for one in receiver.got[:4]} == {arrived[0].body}
        assert all(one.path == "/" for one in receiver.got), "a redirect is not followed"
        until(here, "failing", "DELIVERED", 3)
        first = deliveries(here, "failing")[-1]
        assert [(one["status"], one["error"]) for one in first["tried"]] == [
            (500, None), (302, None), (None, "no answer within 0.5 s"), (200, None)]  # fmt: skip
        assert first["tried"][0]["response"] == "said" and first["tried"][2]["ms"] >= 400
        assert first["status"] == 200 and first["attempts"] == 4
        disable(here, "failing")


def test_who_never_answers_is_disabled_with_a_reason_and_goes_on_when_enabled(here: Shop) -> None:
    well = False
    with receiving(lambda _: 200 if well else 503) as receiver:
        register(here, "dead", receiver.url)
        place(here, "D-1", "D-2")
        deadline = time.monotonic() + 20
        while here.get("/v1/webhooks/dead", role="administrator").json()["enabled"] and time.monotonic() < deadline:
            time.sleep(0.05)
        shown = here.get("/v1/webhooks/dead", role="administrator").json()
        assert not shown["enabled"] and "did not arrive in 5 attempts; the last one answered 503" in shown["disabled_because"]
        assert len(receiver.got) == len(QUICK) + 1 and len({one.id for one in receiver.got}) == 1
        place(here, "D-3")
        well = True
        time.sleep(0.5)
        assert len(receiver.got) == 5, "nothing is sent while it is disabled"
        assert here.post("/v1/webhooks/dead:enable", {}, role="administrator").status_code == 200
        assert [one.event["subject"].split("/")[3] for one in receiver.wait(3)] == ["D-1", "D-2", "D-3"]
        disable(here, "dead")


def test_who_is_gone_is_disabled_at_once(here: Shop) -> None:
    with receiving(lambda _: 410) as receiver:
        register(here, "gone", receiver.url)
        place(here, "G-1")
        deadline = time.monotonic() + 20
        while here.get("/v1/webhooks/gone", role="administrator").json()["enabled"] and time.monotonic() < deadline:
            time.sleep(0.05)
        assert "answered 410" in here.get("/v1/webhooks/gone", role="administrator").json()["disabled_because"]
        assert len(receiver.got) == 1


def test_a_slow_receiver_keeps_no_other_waiting(here: Shop) -> None:
    with receiving(lambda _: None) as slow, receiving() as quick:
        register(here, "slow", slow.url)
        register(here, "quick", quick.url)
        place(here, "S-1", "S-2")
        assert len(quick.wait(2, 10)) == 2 and not slow.arrived()
        disable(here, "slow")
        disable(here, "quick")


def test_a_delivery_is_sent_again_by_hand_and_both_are_kept(here: Shop) -> None:
    with receiving() as receiver:
        made = register(here, "again", receiver.url)
        place(here, "A-1")
        receiver.wait(1)
        (kept,) = until(here, "again", "DELIVERED", 1)
        asked = here.post("/v1/webhooks/again:resend", {"delivery": kept["delivery"]}, role="administrator")
        assert asked.status_code == 202 and asked.json()["asked_again_by"] == "administrator"
        first, second = receiver.wait(2)
        assert first.id == second.id and first.body == second.body and second.signed_with(made["secret"])
        (kept,) = until(here, "again", "DELIVERED", 1)
        assert [one["attempt"] for one in kept["tried"]] == [1, 2]
        unknown = here.post("/v1/webhooks/again:resend", {"delivery": "msg_none"}, role="administrator")
        problem_of(unknown, 404, "not_known")
        disable(here, "again")
        problem_of(here.post("/v1/webhooks/again:resend", {"delivery": kept["delivery"]}, role="administrator"), 409,
                   "webhook_disabled")  # fmt: skip


def test_a_rotated_secret_overlaps_with_the_one_before(here: Shop) -> None:
    with receiving() as receiver:
        old = register(here, "turning", receiver.url)["secret"]
        path, key = "/v1/webhooks/turning:rotate-secret", {"Idempotency-Key": "r1"}
        problem_of(here.post(path, {}, role="administrator"), 400, "key_required")
        turned = here.post(path, {}, role="administrator", headers=key)
        new = turned.json()["secret"]
        assert turned.status_code == 200 and new != old
        again = here.post(path, {}, role="administrator", headers=key)
        assert "secret" not in again.json() and again.headers["Idempotency-Replayed"] == "true"
        position = turned.headers["O2C-Position"]
        assert here.get("/v1/webhooks/turning", "administrator", params={"min_position": position}).json()["secret_number"] == 2
        place(here, "T-1")
        (got,) = receiver.wait(1)
        assert got.signed_with(old) and got.signed_with(new)
        disable(here, "turning")


def test_a_secret_is_shown_once_and_kept_nowhere(here: Shop) -> None:
    with receiving() as receiver:
        body = {"webhook": "quiet", "url": receiver.url, "events": ["order.placed"]}
        key = {"Idempotency-Key": "w1"}
        made = here.post("/v1/webhooks", body, role="administrator", headers=key).json()
        for headers in (key, {}):
            repeat = here.post("/v1/webhooks", body, role="administrator", headers=headers)
            assert "secret" not in repeat.json() and repeat.json()["webhook"] == made["webhook"], repeat.text
        secret = made["secret"].removeprefix("whsec_")
        settings = here.wired.settings
        stored = [str(fact) for fact in facts(settings, "orders")]
        stored += [str(row) for row in select(settings, "orders", "SELECT * FROM {log}answer")]
        stored += [here.get("/v1/webhooks/quiet", role="administrator").text, str(deliveries(here, "quiet"))]
        assert stored and not [text for text in stored if secret in text]
        listed = here.get("/v1/webhooks", role="administrator").json()["items"]
        assert "quiet" in [one["webhook"] for one in listed] and "secret" not in listed[0]
        disable(here, "quiet")


def test_what_is_refused(here: Shop) -> None:
    def asked(role: str = "administrator", **fields: Any) -> Any:
        whole = {"webhook": "bad", "url": "http://127.0.0.1:1/x", "events": ["order.placed"], **fields}
        return here.post("/v1/webhooks", whole, role=role)

    for role in ("clerk", "integration", "auditor", "credit_manager"):
        problem_of(asked(role), 403, "not_permitted")
    problem_of(asked(events=["order.plaiced"]), 422, "not_valid")
    problem_of(asked(events=[]), 422, "not_valid")
    problem_of(asked(url="ftp://127.0.0.1/x"), 422, "not_valid")
    problem_of(asked(url="http://ann:pw@127.0.0.1/x"), 422, "address_refused")
    problem_of(asked(url="http://nowhere.invalid/x"), 422, "address_refused")
    problem_of(asked(after={"stock": 1}), 422, "not_valid")
    assert asked().status_code == 201 and asked().status_code == 200
    problem_of(asked(url="http://127.0.0.1:1/other"), 409, "webhook.content_differs")
    problem_of(here.post("/v1/webhooks/none:disable", {"reason": "x"}, role="administrator"), 404, "not_known")
    problem_of(here.get("/v1/webhooks/none", role="administrator"), 404, "not_known")
    problem_of(here.get("/v1/webhooks/none/deliveries", role="administrator"), 404, "not_known")
    disable(here, "bad")


def test_a_large_fact_says_where_to_read_it(here: Shop) -> None:
    store = here.wired.applications["orders"].store
    row = next(row for row in store.read(0, 500) if row.type == "order.placed/1")
    small = sending.body_of("orders", 1, row)
    large = sending.body_of("orders", 1, row._replace(data='{"x": "' + "y" * 30_000 + '"}'))
    assert b'"data":' in small and b'"data":' not in large and len(large) < 2_000
    assert f'"dataref":"/v1/feeds/events?log=orders&after={row.position - 1}&limit=1"'.encode() in large


# A process that dies


def test_after_a_crash_everything_arrives_and_what_had_arrived_does_not_come_twice(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "data", None).model_copy(update={"webhooks_private": True})
    with receiving() as receiver:
        with open_shop(settings) as shop:
            register(shop, "steady", receiver.url)
            place(shop, "C-1", "C-2")
            receiver.wait(2)
            until(shop, "steady", "DELIVERED", 2)
            master = shop.master
        wired = wire(settings)  # nothing runs: recorded while nobody sends
        for number in ("C-3", "C-4"):
            wired.applications["orders"].handle(master.order(number), asking())
        wired.close()
        wired = wire(settings)
        try:
            wired.start()
            again = shop_of(wired, master)
            got = receiver.wait(4)
            until(again, "steady", "DELIVERED", 4)
        finally:
            wired.close()
        assert [one.event["subject"].split("/")[3] for one in got] == ["C-1", "C-2", "C-3", "C-4"]


def test_what_had_not_arrived_when_the_log_was_restored_is_taken_up_anew(tmp_path: Path) -> None:
    """C-1 arrived, C-2 did not; the log is brought back to where it is now, as generation 2."""
    settings = settings_for(tmp_path / "data", None).model_copy(update={"webhooks_private": True})
    with receiving(lambda n: 200 if n == 0 else 503) as receiver:
        with open_shop(settings) as shop:
            register(shop, "restored", receiver.url)
            place(shop, "C-1", "C-2")
            receiver.wait(2, arrived=False)
            master = shop.master
        do(settings, "UPDATE log_head SET generation = 2", log="orders")
        receiver.answer = lambda _: 200
        wired = wire(settings)
        try:
            wired.start()
            again = shop_of(wired, master)
            got = receiver.wait(2)
            place(again, "C-3")
            got = receiver.wait(3)
            until(again, "restored", "DELIVERED", 3)
            until(again, "restored", "GIVEN_UP", 1)
        finally:
            wired.close()
        assert [(one.event["subject"].split("/")[3], one.event["generation"]) for one in got] == [
            ("C-1", 1), ("C-2", 2), ("C-3", 2)]  # fmt: skip
        assert len({one.id for one in got}) == 3


def test_a_process_that_dies_behind_the_answer_sends_the_same_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At least once: the attempt could not be kept, so it is made again, under the same id."""
    settings = settings_for(tmp_path / "data", None).model_copy(update={"webhooks_private": True})
    kept = sending.log_of.record
    failing = iter([True])

    def record(*args: Any, **more: Any) -> None:
        if next(failing, False):
            raise OSError("planted: the disk is full")
        kept(*args, **more)

    monkeypatch.setattr(sending.log_of, "record", record)
    with receiving() as receiver, open_shop(settings) as shop:
        register(shop, "twice", receiver.url)
        place(shop, "Z-1")
        first, second = receiver.wait(2)
        assert first.id == second.id and first.body == second.body
        until(shop, "twice", "DELIVERED", 1)


def test_two_processes_on_one_database_send_once_and_in_order(own_postgres: Any, tmp_path: Path) -> None:
    """On a server of its own: two processes more are too many connections for the one that all tests share."""
    fields = {"webhooks_private": True, "keys": tmp_path / "keys", "services": ("orders",)}
    settings = settings_for(tmp_path / "one", own_postgres.get_uri()).model_copy(update=fields)
    other = settings.model_copy(update={"data": tmp_path / "two"})
    with receiving() as receiver, open_shop(settings) as shop:
        beside = wire(other)
        try:
            beside.start()
            register(shop, "both", receiver.url)
            numbers = [f"B-{n}" for n in range(12)]
            place(shop, *numbers)
            got = receiver.wait(12)
            time.sleep(0.5)
            assert [one.event["subject"].split("/")[3] for one in receiver.got] == numbers and len(got) == 12
        finally:
            beside.close()


def test_a_name_that_turns_private_after_it_was_registered_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: checked at every attempt, and the very address that was checked is connected to."""
    from services.webhooks import addresses

    with receiving() as receiver:
        port = int(receiver.url.rpartition(":")[2])
        monkeypatch.setattr(addresses, "resolved", lambda *_: ("127.0.0.1",))
        tried = post(f"https://innocent.example:{port}/", {}, b"{}", private=False)
        assert tried.status is None and "127.0.0.1, which is not public" in str(tried.error) and not receiver.got


def test_a_receiver_that_answers_a_byte_at_a_time_is_cut_off() -> None:
    import socket
    import threading

    def trickle() -> None:
        taken, _ = listener.accept()
        with taken:
            taken.settimeout(5)
            for byte in b"HTTP/1.1 200 OK\r\n" + b"x" * 100:
                try:
                    taken.sendall(bytes([byte]))
                except OSError:
                    return
                time.sleep(0.1)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=trickle)
        thread.start()
        started = time.monotonic()
        tried = post(f"http://127.0.0.1:{listener.getsockname()[1]}/", {}, b"{}", private=True, timeout=0.6)
        assert tried.status is None and tried.error == "no answer within 0.6 s" and time.monotonic() - started < 4
        thread.join(10)


def test_a_refused_connection_is_an_attempt() -> None:
    tried = post("http://127.0.0.1:1/", {}, b"{}", private=True)
    assert tried.status is None and "refused" in str(tried.error).lower()


def test_the_receiver_of_the_tests_can_tell_a_forged_signature() -> None:
    with receiving() as receiver:
        headers = {"webhook-id": "msg_1", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"}
        post(f"{receiver.url}/", headers, b"{}", private=True)
        assert isinstance(receiver, Receiver) and not receiver.got[0].signed_with("whsec_" + "A" * 43 + "=")
