"""Logistic parameters through the doors: agreed, shown, refused with the field named, and what they excuse."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.agreements import AgreedLogistics
from projections.order_fill import logistics_of
from tests.services.orders.golden_trade import Trade
from tests.services.orders.test_fill_rate_doors import OTIF, asked, example, played
from tests.services.shop import Shop, problem_of

AGREED = {"minimumOrderCases": "40", "leadTimeDays": 5, "deliveryWeekdays": [1], "calendar": "DE"}
WHOLE = {
    "minimumOrderCases": "40", "leadTimeDays": 5, "deliveryWeekdays": [1], "supplierHolidays": [], "calendar": "DE",
    "transitDays": None, "excused": True,
}  # fmt: skip


def agree(shop: Shop, partner: str, parameters: Any, first_day: str = "2020-01-01", role: str = "administrator") -> Any:
    body = {"parameters": parameters, "first_day": first_day}
    return shop.post(f"/v1/partners/{partner}/logistic-parameters", body, role)


def partner_of(shop: Shop, name: str) -> str:
    trade = Trade(shop, {"id": name, "orders": [{"tz": "Europe/Berlin"}]})
    trade.agree()
    return trade.partner


def test_they_are_agreed_and_shown_whole(shop: Shop) -> None:
    partner = partner_of(shop, "LOGISTICS")
    assert agree(shop, partner, AGREED).status_code == 200
    again = agree(shop, partner, AGREED).json()
    assert agree(shop, partner, {**AGREED, "calendar": None}, "2026-04-01").json()["version"] == again["version"] + 1
    shown = shop.get(f"/v1/partners/{partner}", params={"min_position": f"orders={shop.position()}"}).json()
    assert [(one["first_day"], one["parameters"]) for one in shown["state"]["logistics"]] == [
        ("2020-01-01", WHOLE), ("2026-04-01", {**WHOLE, "calendar": None}),
    ]  # fmt: skip


def test_each_version_is_kept_where_the_log_knows_it(shop: Shop) -> None:
    """Corrected for the same first day: what was known before stays known as it was."""
    partner = partner_of(shop, "VERSIONS")
    agree(shop, partner, {"leadTimeDays": 5})
    before = shop.position()
    agree(shop, partner, {"leadTimeDays": 7})
    assert shop.wired.settle()
    with shop.wired.projectors["order_fill"].engine.connect() as connection:
        known = [logistics_of(connection, partner, known_at=position) for position in (before - 1, before, None)]
    whole = {**WHOLE, "minimumOrderCases": None, "deliveryWeekdays": [], "calendar": None}
    five, seven = (AgreedLogistics(date(2020, 1, 1), {**whole, "leadTimeDays": days}) for days in (5, 7))
    assert known == [(), (five,), (five, seven)]


BAD: dict[str, tuple[Any, str]] = {
    "no such field": ({"leadTime": 5}, "/leadTime: there is no such field; the fields here are minimumOrderCases"),
    "no weekday": ({"deliveryWeekdays": [8]}, "/deliveryWeekdays: 8 is no weekday; 1 is Monday, 7 is Sunday"),
    "no calendar of ours": ({"calendar": "XX"}, "/calendar: XX is no calendar of bank holidays; there are CN, DE, FR, GB, US"),
    "two at once": ({"leadTimeDays": -1, "transitDays": "2"}, "/transitDays: send a whole number"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_ones_are_refused_with_the_field(shop: Shop, name: str) -> None:
    said, sentence = BAD[name]
    problem = problem_of(agree(shop, shop.master.partner, said), 422, "logistics.not_valid")
    assert sentence in problem["detail"]


def test_only_who_agrees_with_partners_may(shop: Shop) -> None:
    problem_of(agree(shop, shop.master.partner, AGREED, role="clerk"), 403, "not_permitted")
    problem_of(agree(shop, "nobody", AGREED), 404, "not_known")


def test_what_was_ordered_off_schedule_is_the_customer_s_and_the_net_figure_forgives_it(shop: Shop) -> None:
    """100 wanted on Tuesday 2026-03-10, of which 40 came a day late; the agreed days are Mondays."""
    trade = played(shop, example("SCHEDULE"), OTIF)
    (ours,) = asked(shop, "/failed-lines", partner=trade.partner, period="2026-03").json()["programmes"]
    agree(shop, trade.partner, {"deliveryWeekdays": [1]})
    body = asked(shop, "/failed-lines", partner=trade.partner, period="2026-03").json()
    (row,), (totals,) = body["items"], body["programmes"]
    assert (row["causes"], row["CUSTOMER"], row["excused"], row["missed"]) == (["OFF_SCHEDULE"], "1", True, "40")
    assert [totals[name]["rate"] for name in ("gross", "net")] == ["3/5", "1"]
    assert (ours["net"]["rate"], ours["excused"]) == ("3/5", 0)
