"""Credit through REST on both back ends: C2, C3, C4 and C8, replays, as of any moment, and back-tests."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from starlette.testclient import TestClient

from domain.agreements import ConfirmationMode
from domain.credit_account import CreditAccount
from domain.credit_replay import DECISIONS
from services.orders import agreeing
from services.serving import create_app
from services.starting import issue_key
from services.wired import Wired
from tests.services.receivables.trade import FIRST_DAY, Trade
from tests.services.shop import as_served

D = Decimal
ACCOUNT = "/v1/credit-accounts/retail-a"


class Office:
    """A clerk and a credit manager at the doors of a supplier whose only item costs 1.00 without tax."""

    def __init__(self, trade: Trade, client: TestClient) -> None:
        self.trade = trade
        self.client = client
        self.keys = {role: issue_key(trade.wired, role, (role,)) for role in ("clerk", "credit_manager")}
        self.seed("retail-a", "100000.00")

    def seed(self, partner: str, limit: str) -> None:
        first = {"first_day": FIRST_DAY}
        commands: list[Any] = [agreeing.AgreeCreditLimit(partner=partner, amount=limit, currency="CNY", **first)]
        if partner != "retail-a":
            commands = [
                agreeing.RegisterPartner(
                    partner=partner, name=partner, company="acme", currency="CNY", zone="Asia/Shanghai"
                ),
                *commands,
                agreeing.AgreeConfirmation(partner=partner, mode=ConfirmationMode.AUTO, **first),
                agreeing.AgreePlace(partner=partner, place="dc", name="DC", zone="Asia/Shanghai", country="CN", tax_place="CN"),
            ]
        else:
            commands += [
                agreeing.AgreeTaxRate(place="CN", category="none", rate="0", **first),
                agreeing.RegisterItem(
                    item="one", description="one", tax_category="none", base_unit="EA", valid_from=FIRST_DAY
                ),
            ]
        commands.append(agreeing.AgreePrice(partner=partner, item="one", currency="CNY", price="1", unit="EA", **first))
        for command in commands:
            answer = self.trade.orders(command)
            assert answer.status < 300, answer.text
        self.trade.settle()

    def get(self, path: str) -> Any:
        answer = self.client.get(path, headers={"Authorization": f"Bearer {self.keys['clerk']}"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def send(self, path: str, body: dict[str, Any], role: str = "clerk", key: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.keys[role]}"} | ({"Idempotency-Key": key} if key else {})
        return self.client.post(path, json=body, headers=headers)

    def post(self, path: str, body: dict[str, Any], role: str = "clerk", key: str | None = None) -> Any:
        answer = self.send(path, body, role, key)
        assert answer.status_code in (200, 201), answer.text
        self.trade.settle()
        return answer.json()

    def order(self, number: str, amount: int, partner: str = "retail-a", settle: bool = True) -> str:
        body = {
            "partner": partner, "purchase_order_number": number, "ordered_on": "2026-02-20", "ship_to": "dc",
            "requested_on": "2026-03-02", "lines": [{"number": "1", "item": "one", "quantity": str(amount), "unit": "EA"}],
        }
        answer = self.send("/v1/orders", body)
        assert answer.status_code in (200, 201), answer.text
        if settle:
            self.trade.settle()
        return f"order/acme/{partner}/{number}/-"

    def credit(self, number: str, partner: str = "retail-a") -> str:
        return str(self.get(f"/v1/orders/acme/{partner}/{number}/-")["header"]["credit"])

    def owe(self, amount: int, partner: str = "retail-a") -> str:
        line = {"item": "one", "quantity": "1", "unit": "EA", "unit_price": str(amount), "tax_rate": "0"}
        body = {"partner": partner, "issued_on": "2026-03-02", "lines": [line]}
        return str(self.post("/v1/invoices", body, key=f"{partner}-{amount}")["number"])

    def pay(self, reference: str, number: str, amount: int, partner: str = "retail-a") -> None:
        self.post("/v1/settlements", {
            "company": "acme", "partner": partner, "reference": reference, "paid_on": "2026-04-01", "amount": str(amount),
            "items": [{"reference": number, "gross": str(amount), "paid": str(amount)}],
        })

    def exposure(self, account: str = "retail-a") -> Decimal:
        return D(self.get(f"/v1/credit-accounts/{account}")["exposure"])

    def decisions(self) -> list[int]:
        """The positions of all decisions."""
        events, _ = self.trade.wired.feeds["receivables"].read(0, 100_000, DECISIONS)
        return [recorded.position for recorded in events]


@pytest.fixture
def office(wired: Wired) -> Iterator[Office]:
    with TestClient(as_served(create_app(wired))) as client:
        yield Office(Trade(wired).seed(), client)


def test_c2_two_orders_at_once_and_the_approved_one_again(office: Office) -> None:
    office.owe(60_000)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda one: office.order(*one, settle=False), [("O30", 30_000), ("O25", 25_000)]))
    office.trade.settle()
    end = {number: office.credit(number) for number in ("O30", "O25")}
    assert (end, office.exposure()) in (
        ({"O30": "RELEASED", "O25": "HELD"}, D(90_000)), ({"O30": "HELD", "O25": "RELEASED"}, D(85_000)),
    )  # fmt: skip
    before = office.exposure()
    for number, amount in (("O30", 30_000), ("O25", 25_000)):
        office.order(number, amount)
    assert office.exposure() == before


@pytest.mark.parametrize(("strict", "second"), [(False, "RELEASED"), (True, "HELD")])
def test_c8_the_held_queue(office: Office, strict: bool, second: str) -> None:
    """The 12 000 of the example are paid together with 4 500 more, without which H2 would not have been held."""
    office.post(f"{ACCOUNT}:agree-policy", {"first_day": "2020-01-01", "policy": {"strictFifo": strict}}, "credit_manager")
    office.owe(83_000)
    number = office.owe(16_500)
    office.order("H1", 20_000)
    office.order("H2", 4_000)
    assert (office.credit("H1"), office.credit("H2")) == ("HELD", "HELD")
    office.pay("R1", number, 16_500)
    assert (office.credit("H1"), office.credit("H2")) == ("HELD", second)
    assert office.exposure() == D(83_000) + (0 if strict else 4_000)


def test_c3_a_group_is_decided_together_and_a_payment_elsewhere_lets_go(office: Office) -> None:
    office.seed("retail-b", "40000.00")
    office.post("/v1/credit-accounts", {"account": "group", "currency": "CNY", "zone": "Asia/Shanghai"}, "credit_manager")
    group = "/v1/credit-accounts/group"
    office.post(f"{group}:agree-limit", {"amount": "80000.00", "first_day": "2020-01-01"}, "credit_manager")
    office.owe(42_000)
    number = office.owe(35_000, "retail-b")
    for member in ("retail-a", "retail-b"):
        office.post(f"/v1/credit-accounts/{member}:place-under", {"parent": "group"}, "credit_manager")
    office.order("OA", 5_000)
    office.order("OB", 3_000, "retail-b")
    assert (office.credit("OA"), office.credit("OB", "retail-b")) == ("HELD", "RELEASED")
    (held,) = office.get(ACCOUNT)["held"]
    (reason,) = held["reasons"]
    assert (reason["code"], reason["subject"], reason["excess"]) == ("PARENT_LIMIT", "group", "2000.00")
    assert (office.exposure(), office.exposure("retail-b")) == (D(42_000), D(38_000))
    now = office.get(f"{ACCOUNT}?known_at=999999")
    assert [(one["account"], one["exposure"], one["headroom"]) for one in now["above"]] == [("group", "80000.00", "0.00")]
    office.pay("R1", number, 35_000, "retail-b")
    assert office.credit("OA") == "RELEASED"
    again = office.send(f"{group}:place-under", {"parent": "retail-a"}, "credit_manager")
    assert again.status_code == 404 and again.json()["code"] == "credit.no_such_member"
    check_replays(office)


def test_c4_a_rate_move_blocks_nothing_until_goods_are_to_leave(office: Office) -> None:
    """The limiting account is a group in USD; the customer orders in CNY."""
    office.post("/v1/credit-accounts", {"account": "usd", "currency": "USD", "zone": "Asia/Shanghai"}, "credit_manager")
    office.post("/v1/credit-accounts/usd:agree-limit", {"amount": "60000.00", "first_day": "2020-01-01"}, "credit_manager")
    office.post(f"{ACCOUNT}:agree-limit", {"amount": "1000000.00", "first_day": "2020-01-01"}, "credit_manager")
    pair = {"currency": "CNY", "against": "USD"}
    office.post("/v1/credit-accounts/usd:record-rate", pair | {"rate": "7.25", "first_day": "2020-01-01"}, "credit_manager")
    office.post(f"{ACCOUNT}:place-under", {"parent": "usd"}, "credit_manager")
    number = office.owe(290_000)
    order = office.order("OC", 145_000)
    assert office.credit("OC") == "RELEASED"
    office.post("/v1/credit-accounts/usd:record-rate", pair | {"rate": "7.20", "first_day": "2026-03-01"}, "credit_manager")
    assert office.credit("OC") == "RELEASED"
    checked = office.post(f"{ACCOUNT}:check-delivery", {"order": order})
    # 290 000 / 7.20 = 40 277.78 and 145 000 / 7.20 = 20 138.89, each item rounded
    assert (checked["passed"], checked["reasons"][0]["figure"]) == (False, "60416.67")
    shipment = {
        "company": "acme", "number": "S1", "partner": "retail-a", "ship_to": "dc",
        "dispatched_at": "2026-03-02T08:00:00+08:00", "lines": [{"order": order, "line": "1", "quantity": "145000"}],
    }
    refused = office.send("/v1/shipments", shipment)
    assert (refused.status_code, refused.json()["code"]) == (409, "order.delivery_held")
    assert [one["order_id"] for one in office.get(ACCOUNT)["delivery_holds"]] == [order]
    office.pay("R1", number, 290_000)
    assert office.get(ACCOUNT)["delivery_holds"] == []
    office.post("/v1/shipments", shipment)
    check_replays(office)


def check_replays(office: Office) -> None:
    """Every decision in the log comes out the same."""
    positions = office.decisions()
    assert positions
    for position in positions:
        again = office.get(f"/v1/credit-decisions/{position}/replay")
        assert again["same"], again
        assert again["decision"] == position


def test_a_decision_is_replayed_with_the_rules_it_saw_and_those_of_today(office: Office) -> None:
    office.post(f"{ACCOUNT}:agree-policy", {"first_day": "2020-01-01", "policy": {"maximumDocument": "500"}}, "credit_manager")
    office.order("O1", 501)
    (position,) = office.decisions()
    again = office.get(f"/v1/credit-decisions/{position}/replay")
    assert (again["saw"]["policy_version"], again["recorded"]["outcome"], again["same_today"]) == (1, "HELD", True)
    assert int(again["saw"]["position"].removeprefix("receivables=")) < position
    office.post(f"{ACCOUNT}:agree-policy", {"first_day": "2026-03-01", "policy": {}}, "credit_manager")
    assert office.credit("O1") == "RELEASED"
    again = office.get(f"/v1/credit-decisions/{position}/replay")
    assert (again["same"], again["under_todays_rules"]["outcome"], again["same_today"]) == (True, "RESERVED", False)
    listed = office.get(f"{ACCOUNT}/decisions?first=2020-01-01&last=2199-12-31&differing=true")["items"]
    assert [one["decision"] for one in listed] == [position]
    missing = office.client.get("/v1/credit-decisions/1/replay", headers={"Authorization": f"Bearer {office.keys['clerk']}"})
    assert missing.status_code == 404
    check_replays(office)


def test_an_account_as_it_was_and_as_it_was_known(office: Office) -> None:
    """The exposure after every fact, asked again later, is what it was then."""
    office.owe(60_000)
    office.order("O1", 30_000)
    log = office.trade.wired.applications["receivables"]
    account: Any = None
    known: dict[int, Decimal] = {}
    for row in log.store.stream("credit/retail-a"):
        account = log.form.event(row).mutate(account)
        known[row.position] = account.exposure()
    office.order("O2", 5_000)
    for position, exposure in known.items():
        assert D(office.get(f"{ACCOUNT}?known_at=receivables={position}")["exposure"]) == exposure
    assert office.get(f"{ACCOUNT}?known_at={max(known)}")["known_at"] == f"receivables={max(known)}"
    now = office.get(f"{ACCOUNT}?as_of=2199-01-01T00:00:00Z")
    assert (now["exposure"], now["limit"], now["headroom"]) == ("95000.00", "100000.00", "5000.00")
    before = office.client.get(
        f"{ACCOUNT}?as_of=2019-01-01T00:00:00Z", headers={"Authorization": f"Bearer {office.keys['clerk']}"}
    )
    assert before.status_code == 404


def test_a_backtest_repeats_history_tries_another_limit_and_appends_nothing(office: Office) -> None:
    number = office.owe(95_000)
    office.order("H1", 20_000)
    office.order("O1", 3_000)
    office.pay("R1", number, 95_000)
    today = datetime.now(UTC).date()
    period = {"first_day": str(today - timedelta(days=30)), "last_day": str(today + timedelta(days=30))}
    before = office.trade.position()
    same = office.post(f"{ACCOUNT}:backtest", period)
    assert (same["requests"], same["held"], same["would_have_been_held"], same["differing"]) == (2, 1, 1, 0)
    lower = office.post(f"{ACCOUNT}:backtest", period | {"limit": "97000.00", "differing": True})
    assert (lower["held"], lower["would_have_been_held"], lower["would_have_been_held_value"]) == (1, 2, "23000.00")
    assert [one["order"] for one in lower["orders"]] == ["order/acme/retail-a/O1/-"]
    higher = office.post(f"{ACCOUNT}:backtest", period | {"limit": "118000.00"})
    assert (higher["would_have_been_held"], higher["differing"]) == (0, 1)
    rules = office.post(f"{ACCOUNT}:backtest", period | {"policy": {"maximumDocument": "2999.99"}})
    assert {one["order"]: one["would_have"]["reasons"] for one in rules["orders"]} == {
        "order/acme/retail-a/H1/-": ["LIMIT_EXCEEDED", "MAXIMUM_DOCUMENT"], "order/acme/retail-a/O1/-": ["MAXIMUM_DOCUMENT"],
    }
    assert office.trade.position() == before
    wrong = office.send(f"{ACCOUNT}:backtest", period | {"policy": {"maximumDocument": "-1", "horizont": 3}})
    assert wrong.status_code == 422 and "horizont" in wrong.json()["detail"]
    long = office.send(f"{ACCOUNT}:backtest", {"first_day": "2020-01-01", "last_day": "2026-01-01"})
    assert long.status_code == 422 and "800 days" in long.json()["detail"]


def test_a_release_needs_another_person_with_authority(office: Office) -> None:
    policy = {"authorities": [{"person": "credit_manager", "upTo": "1000"}], "releaseDays": 5}
    office.post(f"{ACCOUNT}:agree-policy", {"first_day": "2020-01-01", "policy": policy}, "credit_manager")
    order = office.order("O1", 101_001)
    body = {"order": order, "revision": 1, "requester": "clerk"}
    assert office.send(f"{ACCOUNT}:release", body).status_code == 403
    refused = office.send(f"{ACCOUNT}:release", body, "credit_manager")
    assert (refused.status_code, refused.json()["code"]) == (403, "credit.approver_lacks_authority")
    own = office.send(f"{ACCOUNT}:release", body | {"requester": "credit_manager"}, "credit_manager")
    assert (own.status_code, own.json()["code"]) == (403, "credit.requester_cannot_approve")
    policy["authorities"][0]["upTo"] = "1001"  # type: ignore[index]
    office.post(f"{ACCOUNT}:agree-policy", {"first_day": "2020-01-01", "policy": policy}, "credit_manager")
    office.post(f"{ACCOUNT}:release", body, "credit_manager")
    assert office.credit("O1") == "RELEASED"
    check_replays(office)


def test_the_beginning_of_a_day_checks_what_comes_within_the_horizon(office: Office) -> None:
    from services.days import BeginDay

    office.post(f"{ACCOUNT}:agree-policy", {"first_day": "2020-01-01", "policy": {"horizon": 0}}, "credit_manager")
    office.trade.receivables(BeginDay(zone="Asia/Shanghai", date=date(2199, 1, 1)))
    office.trade.settle()
    account = office.trade.look(CreditAccount, "credit/retail-a")
    assert account.state.delivery_holds == {}


def test_what_is_recorded_of_an_account_shows_in_it(office: Office) -> None:
    """Rules, cover, drafts, disputes, prepayment and a block, each through its door."""
    number = office.owe(10_000)
    policy = {"includeDisputed": False, "securedTreatment": "REPORT_ONLY"}
    office.post(f"{ACCOUNT}:agree-policy", {"first_day": "2020-01-01", "policy": policy}, "credit_manager")
    cover = {"document": "P-1", "kind": "INSURANCE", "amount": "5000.00", "quota_percent": "90", "first_day": "2020-01-01"}
    office.post(f"{ACCOUNT}:agree-cover", cover, "credit_manager")
    disputed = {"item": f"invoice/acme/{number}", "disputed": "1000.00"}
    office.post(f"{ACCOUNT}:dispute-item", disputed)
    draft = {"draft": "B1", "kind": "COMMERCIAL", "amount": "700.00", "matures_on": "2026-09-01"}
    office.post(f"{ACCOUNT}:record-draft", draft)
    now = office.get(f"{ACCOUNT}?known_at=999999")
    assert (now["exposure"], now["secured"], now["net_risk"]) == ("9700.00", "4500.00", "5200.00")
    assert (now["disputed"], now["stages"]["drafts"], now["policy_version"]) == ("1000.00", "700.00", 1)
    office.post(f"{ACCOUNT}:end-draft", {"draft": "B1"})
    again = office.send(f"{ACCOUNT}:end-draft", {"draft": "B1"})
    assert (again.status_code, again.json()["code"]) == (409, "credit.draft_unknown")
    much = office.send(f"{ACCOUNT}:dispute-item", disputed | {"disputed": "10000.01"})
    assert (much.status_code, much.json()["code"]) == (409, "credit.item_not_open")
    office.post(f"{ACCOUNT}:block", {"reason": "insolvent"}, "credit_manager")
    assert office.send(f"{ACCOUNT}:block", {"reason": "insolvent"}).status_code == 403
    order = office.order("O1", 50)
    office.order("O2", 5)
    assert (office.credit("O1"), office.get(ACCOUNT)["blocked"]) == ("HELD", "insolvent")
    office.post(f"{ACCOUNT}:record-prepayment", {"order": order, "amount": "50.00"})
    assert (office.credit("O1"), office.credit("O2")) == ("RELEASED", "HELD")
    office.post(f"{ACCOUNT}:unblock", {"reason": "paid"}, "credit_manager")
    assert office.credit("O2") == "RELEASED"
    check_replays(office)


def test_exposure_of_a_member_as_of_before_and_after_it_joined(office: Office) -> None:
    office.owe(10_000)
    alone = office.trade.position()
    office.post("/v1/credit-accounts", {"account": "top", "currency": "CNY", "zone": "UTC"}, "credit_manager")
    office.post(f"{ACCOUNT}:place-under", {"parent": "top"}, "credit_manager")
    office.owe(500)
    before, after = (office.get(f"{ACCOUNT}?known_at={position}") for position in (alone, office.trade.position()))
    assert (before["exposure"], before["above"]) == ("10000.00", [])
    assert (after["exposure"], [one["account"] for one in after["above"]]) == ("10500.00", ["top"])
    assert office.get(f"/v1/credit-accounts/top?known_at={office.trade.position()}")["exposure"] == "10500.00"
    second = office.send("/v1/credit-accounts/top:place-under", {"parent": "retail-a"}, "credit_manager")
    assert second.status_code == 404
