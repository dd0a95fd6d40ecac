"""Figures without their lines, through the doors: the same whether the orders are settled or not, and settled by themselves."""

from __future__ import annotations

import time

from sqlalchemy import text

from tests.services.orders.test_fill_rate_doors import OTIF, example, figure, played
from tests.services.shop import Shop

LATE = {"metric": "OTIF", "onTime": {"latestDays": 1}}


def test_what_if_without_lines_has_the_same_figures(shop: Shop) -> None:
    trade = played(shop, example("BARE"), OTIF)
    question = {"partner": trade.partner, "period": "2026-03", "under": LATE, "min_position": f"orders={shop.position()}"}
    whole = shop.post("/v1/fill-rate/what-if", question).json()
    bare = shop.post("/v1/fill-rate/what-if", {**question, "with_lines": False}).json()
    assert bare["what_if"]["figure"]["numerator"] == "100"
    assert bare["what_if"] == whole["what_if"]
    (agreed,), (lines,) = bare["as_agreed"], whole["as_agreed"]
    assert agreed == {name: lines[name] for name in agreed}
    assert not {"changed", "lines_that_change"} & agreed.keys()


def test_a_running_view_settles_its_orders_and_the_figure_stays(shop: Shop) -> None:
    trade = played(shop, example("SETTLED"), OTIF)
    before = figure(shop, trade.partner)
    projector = shop.wired.projectors["order_fill"]
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with projector.engine.connect() as connection:
            if not connection.execute(text("SELECT COUNT(*) FROM unsettled")).scalar():
                break
        time.sleep(0.05)
    with projector.engine.connect() as connection:
        settled = connection.execute(
            text("SELECT plain FROM settled WHERE order_id = :order"), {"order": trade.stream}
        ).scalar()
        lots = connection.execute(text("SELECT SUM(lines) FROM lots WHERE partner = :p"), {"p": trade.partner}).scalar()
    assert (bool(settled), lots) == (True, 1)
    assert figure(shop, trade.partner) == before == ("60", "100")
