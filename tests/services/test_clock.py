"""The clock records the day of every zone in which something waits for one, once; expiries follow from it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from domain.day import Day
from domain.order import Closure, Order
from services.starting import begin_days, today_by_zone
from services.wired import Wired
from tests.conftest import Master, asking


def test_an_order_past_its_cancel_after_day_expires_when_the_day_begins_in_its_partners_zone(
    wired: Wired, master: Master
) -> None:
    orders = wired.applications["orders"]
    command = master.order("PO-LATE").model_copy(update={"cancel_after": date(2026, 3, 10)})
    placed = orders.handle(command, asking("clerk")).body["order"]
    assert wired.settle()
    order = orders.look(Order, placed)
    assert order is not None
    begin_days(wired, datetime(2026, 3, 10, 12, tzinfo=UTC))
    assert wired.settle()
    assert order.state.closed is None
    later = datetime(2026, 3, 12, 12, tzinfo=UTC)
    zones = today_by_zone(wired, later)
    begin_days(wired, later)
    begin_days(wired, later)
    assert wired.settle()
    order = orders.look(Order, placed)
    assert order is not None and order.state.closed is Closure.EXPIRED
    for zone, day in zones.items():
        stream = Day.stream(zone, day)
        assert len(orders.store.stream(stream)) == 1, "a day begins once"
