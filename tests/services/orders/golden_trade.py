"""An example of the specification played through the doors: its orders, changes and documents as raw REST requests.

What the examples leave out is supplied here (decision 50): a partner of its own for each, currency, items, price 1.00.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.days import BeginDay
from tests.conftest import asking
from tests.services.shop import Shop

FIRST_DAY = "2020-01-01"
EVIDENCE = {"arrival": "GATE_ARRIVAL", "checkIn": "CHECK_IN", "posted": "RECEIPT_POSTED"}


class Trade:
    """One example with one customer."""

    def __init__(self, shop: Shop, example: Mapping[str, Any]) -> None:
        self.shop = shop
        self.example = example
        self.partner = f"cust-{example['id']}".lower()
        self.places: set[str] = set()
        self.items: dict[str, str] = {}

    def play(self) -> None:
        self.agree()
        for order in self.example["orders"]:
            self.order(order)

    def did(self, path: str, body: Any, role: str = "clerk", **request: Any) -> Any:
        answer = self.shop.post(path, body, role, **request)
        assert answer.status_code < 300, f"{path} {body}: {answer.text}"
        return answer.json()

    def agree(self) -> None:
        zone = self.example["orders"][0]["tz"]
        partner = {"partner": self.partner, "name": self.partner, "company": "acme", "currency": "EUR", "zone": zone}
        self.did("/v1/partners", partner, "administrator")
        limit = {"amount": "99999999.00", "currency": "EUR", "first_day": FIRST_DAY}
        self.did(f"/v1/partners/{self.partner}/credit-limits", limit, "credit_manager")
        manual = {"mode": "MANUAL", "first_day": FIRST_DAY}
        self.did(f"/v1/partners/{self.partner}/confirmation", manual, "administrator")

    def place(self, name: str, zone: str) -> str:
        if name not in self.places:
            place = {"place": name, "name": name, "zone": zone, "country": "DE", "tax_place": "de"}
            self.did(f"/v1/partners/{self.partner}/places", place, "administrator")
            self.places.add(name)
        return name

    def item(self, order: Mapping[str, Any], line: Mapping[str, Any]) -> str:
        """The line's item, with its case in eaches and its price a case."""
        name = f"{self.partner}-{line.get('sku', order['id'] + '-' + line['id'])}"
        if name not in self.items:
            packs = [{"unit": "CS", "quantity_in_base": str(line.get("pack", 1))}]
            item = {
                "item": name, "description": name, "tax_category": "standard", "base_unit": "EA", "packs": packs,
                "valid_from": FIRST_DAY,
            }  # fmt: skip
            self.did("/v1/items", item, "administrator")
            unit = "EA" if line.get("uom") == "EA" else "CS"
            price = {
                "item": name, "currency": "EUR", "price": str(line.get("price", "1.00")), "unit": unit, "first_day": FIRST_DAY,
            }  # fmt: skip
            self.did(f"/v1/partners/{self.partner}/prices", price, "credit_manager")
            self.items[name] = unit
        return name

    def line(self, order: Mapping[str, Any], line: Mapping[str, Any], quantity: Any) -> dict[str, Any]:
        item = self.item(order, line)
        return {
            "number": line["id"], "item": item, "quantity": str(quantity), "unit": self.items[item],
            "ship_to": self.place(line.get("loc", "dock"), order["tz"]), "requested_on": order["requested"],
        }  # fmt: skip

    def order(self, order: Mapping[str, Any]) -> None:
        requested = date.fromisoformat(order["requested"])
        lapses = [e for line in order["lines"] for e in line.get("events", ()) if e["type"] == "CANCEL" and e["by"] == "AUTO"]
        body = {
            "partner": self.partner, "purchase_order_number": order["id"],
            "ordered_on": (requested - timedelta(days=60)).isoformat(),
            "lines": [self.line(order, line, line["original"]) for line in order["lines"]],
        }  # fmt: skip
        if lapses:
            body["cancel_after"] = (datetime.fromisoformat(lapses[0]["at"]).date() - timedelta(days=1)).isoformat()
        self.stream = self.did("/v1/orders", body)["order"]
        self.address = "/v1/orders/" + self.stream.partition("/")[2]
        self.settle()
        for event, line in self.changes(order):
            self.change(order, line, event)
            self.settle()
        for number, exclusion in enumerate(order.get("exclusions", ()), 1):
            granted = {"SUPPLIER": "supplier", "CUSTOMER": "customer"}[exclusion["grantedBy"]]
            said = {"exclusion": str(number), "code": exclusion["code"], "granted_by": granted, "reference": "letter 7"}
            self.did(f"{self.address}:record-exclusion", said)
        for number, delivery in enumerate(order.get("deliveries", ()), 1):
            self.deliver(order, number, delivery)
        if lapses:
            begun = BeginDay(zone=order["tz"], date=datetime.fromisoformat(lapses[0]["at"]).date())
            self.shop.wired.applications["orders"].handle(begun, asking("runner", at=datetime.fromisoformat(lapses[0]["at"])))
        self.settle()

    def settle(self) -> None:
        assert self.shop.wired.settle()

    def changes(self, order: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        said = [(event, line) for line in order["lines"] for event in line.get("events", ())]
        for day in ("promisedFirst", "promisedLatest"):
            if day in order:
                said.append(({"at": order[day], "type": "PROMISE", "day": order[day]}, {}))
        return iter(sorted(said, key=lambda each: each[0]["at"]))

    def change(self, order: Mapping[str, Any], line: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        whatever = {"headers": {"If-Match": "*"}}
        if event["type"] == "PROMISE":
            lines = [
                {"number": one["id"], "quantity": str(one["original"]), "promised_on": event["day"]} for one in order["lines"]
            ]  # fmt: skip
            self.did(f"{self.address}:confirm", {"confirmation": event["day"], "lines": lines}, **whatever)
        elif event["type"] == "CONFIRM":
            lines = [{"number": line["id"], "quantity": str(event["qty"]), "promised_on": order["requested"]}]
            self.did(f"{self.address}:confirm", {"confirmation": "C-1", "lines": lines}, **whatever)
        elif event["type"] == "AMEND":
            change: dict[str, Any] = {"change": event["at"], "amended_on": event["at"][:10], "said_at": event["at"]}
            if event["qty"]:
                change["lines"] = [self.line(order, line, event["qty"])]
            else:
                change["removed"] = [line["id"]]
            self.did(f"{self.address}:amend", change, **whatever)
        elif event["by"] != "AUTO":
            gone = {"line": line["id"], "quantity": str(event["qty"]), "by": event["by"].lower(), "reason": "said so"}
            key = {"If-Match": "*", "Idempotency-Key": f"{self.partner}-{event['at']}"}
            self.did(f"{self.address}:cancel-line", {**gone, "said_at": event["at"]}, headers=key)

    def deliver(self, order: Mapping[str, Any], number: int, delivery: Mapping[str, Any]) -> None:
        """A shipment for each place; the customer's papers about it."""
        by_id = {line["id"]: line for line in order["lines"]}
        places = dict.fromkeys(by_id[one["line"]].get("loc", "dock") for one in delivery["lines"])
        for place in places:
            said = [one for one in delivery["lines"] if by_id[one["line"]].get("loc", "dock") == place]
            self.shipment(order, f"{self.partner}-{order['id']}-{number}-{place}", place, delivery, said)

    def shipment(
        self, order: Mapping[str, Any], number: str, place: str, delivery: Mapping[str, Any], said: list[Mapping[str, Any]]
    ) -> None:
        ordered = {line["id"]: line["original"] for line in order["lines"]}
        times = {name: datetime.fromisoformat(at) for name, at in delivery["times"].items()}
        own = [one for one in said if "substituteFor" not in one]
        loaded = [
            {"order": self.stream, "line": one["line"], "quantity": str(min(presented, ordered[one["line"]]))}
            for one in own
            for presented in [max(one["received"], one.get("pod", 0))]
        ]  # fmt: skip
        body = {
            "company": "acme", "number": number, "partner": self.partner, "ship_to": place,
            "dispatched_at": (min(times.values()) - timedelta(days=1)).isoformat(), "lines": loaded,
        }  # fmt: skip
        address = "/v1/shipments/" + self.did("/v1/shipments", body)["shipment"].partition("/")[2]
        if delivery.get("hasAppointment", True):
            for slot in order.get("appointments") or [{}]:
                at = min(times.values()).isoformat()
                booked = {"at": at, "reference": f"slot {slot}"}
                if slot:
                    booked |= {"slot_from": slot["start"], "slot_to": slot["end"]}
                self.did(f"{address}:make-appointment", booked)
        for name, at in times.items():
            by = "supplier" if name == "arrival" and "checkIn" in times else "customer"  # our telematics, their desk
            self.did(f"{address}:arrive", {"at": at.isoformat(), "evidence": EVIDENCE[name], "by": by})
        self.papers(address, times.get("posted", min(times.values())), said, own)

    def papers(self, address: str, at: datetime, said: list[Mapping[str, Any]], own: list[Mapping[str, Any]]) -> None:
        presented = [{"order": self.stream, "line": one["line"], "quantity": str(one["pod"])} for one in own if "pod" in one]
        if presented:
            self.did(f"{address}:deliver", {"at": at.isoformat(), "document": "POD", "lines": presented})
        refused = [
            {
                "order": self.stream, "line": one["line"], "quantity": str(part["qty"]), "reason": part["reason"],
                "fault": part["fault"].lower(),
            }
            for one in own for part in one.get("rejected", ())
        ]  # fmt: skip
        if refused:
            self.did(f"{address}:refuse-in-part", {"at": at.isoformat(), "document": "REF", "lines": refused})
        counted = []
        for one in own:
            back = sum(part["qty"] for part in one.get("rejected", ()))
            line = {
                "order": self.stream, "line": one["line"], "received": str(one["received"]),
                "accepted": str(one["received"] - back),
            }  # fmt: skip
            instead = [
                {
                    "item": "substitute", "quantity": str(s["received"]), "base_quantity": str(s["received"] * s["pack"]),
                    "approved": s["approved"],
                }
                for s in said if s.get("substituteFor") == one["line"]
            ]  # fmt: skip
            counted.append({**line, **({"substitutes": instead} if instead else {})})
        receipt = {
            "document": "RA", "received_on": at.date().isoformat(), "posted_at": at.astimezone(UTC).isoformat(), "lines": counted,
        }  # fmt: skip
        self.did(f"{address}:receive", receipt)
