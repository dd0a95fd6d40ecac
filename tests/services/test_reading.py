"""Reads over HTTP: they see what the reader wrote, and pages walk every row once while rows are added."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from services.settings import Settings
from services.wired import Wired
from services.wiring import wire
from tests.conftest import seed_master
from tests.services.shop import Shop, problem_of, shop_of


def test_an_answer_names_its_position(shop: Shop) -> None:
    assert shop.wired.settle()
    before = shop.position()
    answer = shop.post("/v1/orders", shop.body("PO-r1"))
    assert answer.headers["o2c-position"] == f"orders={before + 1}"


@pytest.mark.parametrize("how", ["parameter", "header"])
def test_a_read_at_the_position_of_a_write_sees_it(shop: Shop, how: str) -> None:
    for n in range(10):
        number = f"PO-{how}{n}"
        position = shop.post("/v1/orders", shop.body(number)).headers["o2c-position"]
        if how == "parameter":
            answer = shop.get(f"{shop.address(number)}?min_position={position}")
        else:
            answer = shop.get(shop.address(number), headers={"O2C-Position": position})
        assert answer.status_code == 200, answer.text


@pytest.fixture
def still(tmp_path: Path) -> Any:
    """A process whose views do not move: nothing folds them but the test."""
    wired = wire(Settings(data=tmp_path / "data", wait_s=0.3))
    try:
        master = seed_master(wired)
        for projector in wired.projectors.values():
            projector.catch_up()
        yield _unsettled(wired, master)
    finally:
        wired.close()


def _unsettled(wired: Wired, master: Any) -> Shop:
    wired.settle = lambda timeout=0.0: True  # type: ignore[method-assign]  # its loops never run
    return shop_of(wired, master)


def test_a_view_that_does_not_come_is_503_and_says_how_far_it_is(still: Shop) -> None:
    position = still.post("/v1/orders", still.body("PO-1")).headers["o2c-position"]
    started = time.monotonic()
    answer = still.get(f"/v1/orders?min_position={position}")
    waited = time.monotonic() - started
    body = problem_of(answer, 503, "view_behind")
    reached = still.wired.projectors["order_book"].reached["orders"]
    assert f"the view order_book has folded orders={reached}" in body["detail"]
    assert answer.headers["retry-after"] == "1" and 0.3 <= waited < 2
    assert still.get("/v1/orders").json()["items"] == [], "without a position the view answers as it is"


def test_a_read_waits_for_a_view_that_comes_in_time(still: Shop) -> None:
    position = still.post("/v1/orders", still.body("PO-1")).headers["o2c-position"]
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(still.get, f"/v1/orders?min_position={position}")
        time.sleep(0.1)
        assert not asked.done()
        still.wired.projectors["order_book"].catch_up()
        assert [row["purchase_order_number"] for row in asked.result().json()["items"]] == ["PO-1"]


def test_a_view_that_broke_says_so_at_once(own_shop: Shop) -> None:
    projector = own_shop.wired.projectors["order_book"]
    projector.failure = ValueError("planted")
    body = problem_of(own_shop.get("/v1/orders"), 503, "view_behind")
    assert "the view order_book has stopped" in body["detail"] and "an operator has to look at it" in body["detail"]
    assert own_shop.get("/v1/partners").status_code == 200, "other views go on"
    assert own_shop.get("/health", None).json()["status"] == "attention"
    projector.failure = None
    assert own_shop.get("/v1/orders").status_code == 200


# Pages


def walk(shop: Shop, address: str, between: Any = lambda: None) -> list[list[dict[str, Any]]]:
    """Every page by following ``next``."""
    pages, following = [], address
    while following is not None:
        answer = shop.get(following)
        assert answer.status_code == 200, answer.text
        pages.append(answer.json()["items"])
        following = answer.json()["next"]
        between()
    return pages


def numbers(pages: list[list[dict[str, Any]]]) -> list[str]:
    return [row["purchase_order_number"] for page in pages for row in page]


def test_pages_walk_every_row_once(own_shop: Shop) -> None:
    placed = [f"PO-{n:02}" for n in range(23)]
    for number in placed:
        own_shop.post("/v1/orders", own_shop.body(number))
    assert own_shop.wired.settle()
    for limit, sizes in ((1, [1] * 23), (10, [10, 10, 3]), (23, [23]), (500, [23])):
        pages = walk(own_shop, f"/v1/orders?limit={limit}")
        assert [len(page) for page in pages] == sizes
        assert sorted(numbers(pages)) == placed


def test_rows_added_meanwhile_shift_nothing(own_shop: Shop) -> None:
    placed = [f"PO-{n:02}" for n in range(20)]
    for number in placed:
        own_shop.post("/v1/orders", own_shop.body(number))
    assert own_shop.wired.settle()
    added = iter(range(100))

    def place_one_before_and_one_after() -> None:
        n = next(added)
        if n < 5:
            own_shop.post("/v1/orders", own_shop.body(f"NEW-{n}", ordered_on="2026-02-28"))  # sorts before all pages
            own_shop.post("/v1/orders", own_shop.body(f"OLD-{n}", ordered_on="2026-01-01"))  # sorts behind them
            assert own_shop.wired.settle()

    pages = walk(own_shop, "/v1/orders?limit=4", place_one_before_and_one_after)
    seen = numbers(pages)
    assert len(seen) == len(set(seen)), "no row twice"
    assert set(placed) <= set(seen), "every row that was there"
    assert not [number for number in seen if number.startswith("NEW")]


def test_filters_stay_with_the_pages(own_shop: Shop) -> None:
    for n in range(6):
        own_shop.post("/v1/orders", own_shop.body(f"PO-{n}", ordered_on="2026-02-20" if n % 2 else "2026-02-21"))
    assert own_shop.wired.settle()
    pages = walk(own_shop, "/v1/orders?limit=2&ordered_to=2026-02-20&number=PO-")
    assert sorted(numbers(pages)) == ["PO-1", "PO-3", "PO-5"]


def test_a_cursor_belongs_to_its_list_and_filters(own_shop: Shop) -> None:
    for n in range(3):
        own_shop.post("/v1/orders", own_shop.body(f"PO-{n}"))
    assert own_shop.wired.settle()
    following = own_shop.get("/v1/orders?limit=1&partner=kaufmarkt").json()["next"]
    cursor = following.rpartition("cursor=")[2]
    says = "this cursor belongs to another list or other filters; follow `next` unchanged"
    for address in (
        f"/v1/orders?limit=1&cursor={cursor}", f"/v1/orders?limit=1&partner=other&cursor={cursor}",
        f"/v1/orders?limit=1&partner=kaufmarkt&status=OPEN&cursor={cursor}", f"/v1/partners?cursor={cursor}",
        f"/v1/orders?limit=1&partner=kaufmarkt&cursor={cursor[:-3]}", "/v1/orders?cursor=x", "/v1/orders?cursor=",
    ):
        assert problem_of(own_shop.get(address), 400, "bad_cursor")["detail"] == says, address
    assert len(own_shop.get(f"/v1/orders?limit=2&partner=kaufmarkt&cursor={cursor}").json()["items"]) == 2


LISTS = ["partners", "partners/kaufmarkt/places", "items", "prices", "invoices", "open-items", "settlements",
         "deductions", "returns", "plans", "credit-accounts/kaufmarkt/movements"]  # fmt: skip


@pytest.mark.parametrize("collection", LISTS)
def test_every_list_has_pages(shop: Shop, collection: str) -> None:
    whole = [row for page in walk(shop, f"/v1/{collection}?limit=500") for row in page]
    single = [row for page in walk(shop, f"/v1/{collection}?limit=1") for row in page]
    assert whole == single
    problem_of(shop.get(f"/v1/{collection}?limit=501"), 422, "not_valid")
    problem_of(shop.get(f"/v1/{collection}?cursor=abc.def"), 400, "bad_cursor")
