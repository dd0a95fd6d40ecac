"""The feed of a log over HTTP: gap-free, in order, nothing late, CloudEvents 1.0, nothing secret."""

from __future__ import annotations

import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services import cloud_events
from tests.conftest import asking
from tests.log.golden import CONTRACTS
from tests.log.reader import facts
from tests.services.shop import Shop, problem_of

FEED = "/v1/feeds/events"


def page(shop: Shop, **asked: Any) -> Any:
    answer = shop.get(FEED, role="integration", params={"log": "orders", **asked})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_feed_is_the_log(shop: Shop) -> None:
    shop.placed("F-1")
    stored = facts(shop.wired.settings, "orders")
    items, following = [], f"{FEED}?log=orders&limit=7"
    while True:
        body = shop.get(following, role="auditor").json()
        if not body["items"]:
            break
        items += body["items"]
        following = body["next"]
    assert [int(item["sequence"]) for item in items] == list(range(1, len(stored) + 1))
    for item, fact in zip(items, stored, strict=True):
        assert (item["subject"], item["streamversion"], item["time"]) == (fact.stream, fact.version, fact.recorded_at)
        if fact.type != "person.key_issued/1":
            assert item["data"] == json.loads(fact.data)
    placed = next(item for item in items if item["subject"].endswith("/F-1/-"))
    assert placed["type"] == "com.o2c.order.placed.v1" and placed["source"] == "urn:o2c:orders"
    assert placed["actor"] == "clerk" and placed["generation"] == 1 and placed["id"] == f"orders:1:{placed['sequence']}"


# CloudEvents 1.0: attribute names, the required ones, times as RFC 3339

REQUIRED = {"id", "source", "specversion", "type"}


def test_every_item_is_a_cloud_event(shop: Shop) -> None:
    shop.placed("F-2")
    for log in ("orders", "receivables"):
        for item in page(shop, log=log, limit=500)["items"]:
            assert set(item) >= REQUIRED and item["specversion"] == "1.0"
            assert all(re.fullmatch("[a-z0-9]{1,20}", name) for name in item)
            assert all(isinstance(value, str | int) for name, value in item.items() if name != "data")
            assert all(value != "" for name, value in item.items() if name != "data")
            assert datetime.fromisoformat(item["time"]).tzinfo is not None
            assert item["datacontenttype"] == "application/json" and item["source"] == f"urn:o2c:{log}"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(1, 9), min_size=1, max_size=6), start=st.integers(0, 30))
def test_any_way_of_paging_gives_the_same(shop: Shop, cuts: list[int], start: int) -> None:
    whole = [item["id"] for item in page(shop, after=start, limit=500)["items"]]
    got: list[str] = []
    after, turn = start, 0
    while True:
        body = page(shop, after=after, limit=cuts[turn % len(cuts)])
        if not body["items"]:
            break
        got += [item["id"] for item in body["items"]]
        after, turn = body["after"], turn + 1
    assert got == whole


def test_nothing_appears_late_while_many_write(shop: Shop) -> None:
    """A reader that follows the feed while sixteen clients write sees every position once, in order, and all of them."""
    seen: list[int] = []
    done = threading.Event()

    def follow() -> None:
        after = page(shop, after=0, limit=1)["last"]
        seen.append(after)
        while True:
            ended = done.is_set()
            body = page(shop, after=after, limit=50)
            seen.extend(int(item["sequence"]) for item in body["items"])
            after = body["after"]
            if ended and not body["items"]:
                return

    reader = threading.Thread(target=follow)
    reader.start()
    orders = shop.wired.applications["orders"]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda n: orders.handle(shop.master.order(f"L-{n}"), asking()), range(120)))
    assert shop.wired.settle()
    done.set()
    reader.join(60)
    assert seen == list(range(seen[0], shop.position() + 1)) and len(seen) > 120


# Waiting


def test_waiting_answers_as_soon_as_something_is_there(shop: Shop) -> None:
    last = page(shop)["last"]
    started = time.monotonic()
    assert page(shop, after=last, wait=1)["items"] == []
    assert 0.9 < time.monotonic() - started < 10
    writer = threading.Timer(0.3, lambda: shop.post("/v1/orders", shop.body("W-1")))
    writer.start()
    started = time.monotonic()
    body = page(shop, after=last, wait=30)
    assert body["items"][0]["sequence"] == str(last + 1) and time.monotonic() - started < 20
    writer.join()
    assert shop.wired.settle()


# What is refused


def test_who_may_not_read_logs_is_refused(shop: Shop) -> None:
    for role in ("clerk", "planner", "credit_manager"):
        problem_of(shop.get(FEED, role=role, params={"log": "orders"}), 403, "not_permitted")
    problem_of(shop.get(FEED, role=None, params={"log": "orders"}), 401, "missing_key")
    for role in ("integration", "auditor", "administrator"):
        assert shop.get(FEED, role=role, params={"log": "orders", "limit": 1}).status_code == 200


@pytest.mark.parametrize("asked", [
    {"log": "stock"}, {}, {"log": "orders", "after": -1}, {"log": "orders", "limit": 501}, {"log": "orders", "wait": 31},
    {"log": "orders", "after": "x"}, {"log": "orders", "before": 4},
])  # fmt: skip
def test_a_parameter_that_is_off_is_named(shop: Shop, asked: dict[str, Any]) -> None:
    problem_of(shop.get(FEED, role="integration", params=asked), 422, "not_valid")


def test_a_reader_of_what_was_given_up_is_told(own_shop: Shop) -> None:
    last = own_shop.position()
    ahead = own_shop.get(FEED, role="integration", params={"log": "orders", "after": last + 5, "wait": 30})
    assert problem_of(ahead, 409, "ahead_of_log")["last"] == last
    other = own_shop.get(FEED, role="integration", params={"log": "orders", "generation": 2})
    assert problem_of(other, 409, "another_generation")["generation"] == 1


def test_a_gap_is_never_stepped_over(own_shop: Shop) -> None:
    from tests.log.sealed import do

    do(own_shop.wired.settings, "DELETE FROM event WHERE position = 3", log="orders")
    gap = own_shop.get(FEED, role="integration", params={"log": "orders"})
    assert "orders position 3 is missing" in problem_of(gap, 503, "gap")["detail"]
    assert len(page(own_shop, after=0, limit=2)["items"]) == 2


# Secrets

TELLING = re.compile("secret|password|token|credential|private|digest|hash")


def test_the_keys_of_persons_go_out_without_their_digests(shop: Shop) -> None:
    items = page(shop, limit=500)["items"]
    issued = [item for item in items if item["type"] == "com.o2c.person.key_issued.v1"]
    assert issued and all(item["data"]["digest"] == "withheld" and item["data"]["key_id"] for item in issued)
    everything = json.dumps(items)
    for key in shop.master.keys.values():
        assert key.rpartition("_")[2] not in everything


def test_no_other_fact_of_a_person_holds_something_to_withhold() -> None:
    """Every field of every stored form whose name tells of a secret is either withheld or the digest of a paper."""
    for path in (CONTRACTS / "events").glob("*.json"):
        golden = json.loads(path.read_text(encoding="utf-8"))
        name = golden["type"].partition("/")[0]
        telling = {field for field in golden["full"] if TELLING.search(field)}
        if name.startswith(("person.", "webhook.")):
            assert telling <= set(cloud_events.WITHHELD.get(name, ())) | {"secret_number"}, name
        else:
            assert all(field.endswith("digest") for field in telling), (name, telling)
