"""A partner who speaks EDI in a shop: its master data by commands, its documents as X12 text, its calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.agreements import ConfirmationMode, EdiProfile
from services.orders import agreeing
from tests.conftest import FIRST_DAY, asking
from tests.services.shop import Shop

CODES = {"850": "PO", "860": "PC", "861": "RC", "820": "RA", "997": "FA", "855": "PR", "812": "CD"}

LINE = "PO1*1*10*EA*2.50*PE*UP*012345678905*IN*C-100"


def interchange(
    *sets: str, sender: str = "GROSS", receiver: str = "ACME", control: int | str = 1, kind: str = "850",
    test: bool = False, version: str = "004010", group: int | str = 7, code: str | None = None,
) -> str:
    """One interchange with one group; the counts and control numbers are right. A set is its segments, one a line."""
    lines = [
        f"ISA*00*{'':10}*00*{'':10}*12*{sender:15}*ZZ*{receiver:15}*260302*0905*U*00401*{control:0>9}*0*"
        f"{'T' if test else 'P'}*>",
        f"GS*{code or CODES[kind]}*{sender}*{receiver}*20260302*0905*{group}*X*{version}",
    ]
    for number, body in enumerate(sets, 1):
        segments = body.strip().splitlines()
        lines += [f"ST*{kind}*{number:04d}", *segments, f"SE*{len(segments) + 2}*{number:04d}"]
    lines += [f"GE*{len(sets)}*{group}", f"IEA*1*{control:0>9}"]
    return "".join(line + "~\n" for line in lines)


def purchase_order(
    number: str, *lines: str, purpose: str = "00", head: Sequence[str] = (), place: str = "N1*ST*DC*92*0451",
    kind: str = "SA", requested: str = "DTM*002*20260302",
) -> str:
    """The body of an 850 for a place and a day."""
    body = lines or (LINE,)
    count = sum(1 for line in body if line.startswith("PO1"))
    parts = [f"BEG*{purpose}*{kind}*{number}**20260220", *head, requested, place, *body, f"CTT*{count}"]
    return "\n".join(part for part in parts if part)


@dataclass
class EdiTrade:
    """``partner`` of acme at the address 12:``address``; a piece of tea costs 2.50 EUR and 19 % tax."""

    shop: Shop
    partner: str
    address: str
    control: int = 0
    sent: list[str] = field(default_factory=list)

    @classmethod
    def open(
        cls, shop: Shop, partner: str, *, confirmation: ConfirmationMode = ConfirmationMode.AUTO,
        limit: str = "1000000.00", known: bool = True, **profile: Any,
    ) -> EdiTrade:
        trade = cls(shop, partner, partner.upper().replace("-", ""))
        addresses = (f"12:{trade.address}",) if known else ()
        trade.handle(
            agreeing.RegisterPartner(
                partner=partner, name=partner.title(), company="acme", currency="EUR", zone="UTC",
                edi_addresses=addresses,
            ),
            agreeing.AgreeCreditLimit(partner=partner, amount=limit, currency="EUR", first_day=FIRST_DAY),
            agreeing.AgreeConfirmation(partner=partner, mode=confirmation, first_day=FIRST_DAY),
            agreeing.AgreePlace(
                partner=partner, place="dc-1", name="DC 1", zone="UTC", country="DE", tax_place="de", numbers=("0451",)
            ),
            agreeing.AgreePlace(
                partner=partner, place="dc-2", name="DC 2", zone="UTC", country="DE", tax_place="de", numbers=("0452",)
            ),
            *(
                agreeing.AgreePrice(
                    partner=partner, item=item, currency="EUR", price="2.50", unit="EA", first_day=FIRST_DAY
                )
                for item in ("tea-25", "jam-12")
            ),
            agreeing.AgreeItemNumber(item="tea-25", partner=partner, number="C-100"),
            agreeing.AgreeItemNumber(item="jam-12", partner=partner, number="C-200"),
        )
        trade.agree(**profile)
        return trade

    def agree(self, **profile: Any) -> None:
        """Its EDI profile from the first day on."""
        whole = {"interchange_qualifier": "12", "interchange_id": self.address, **profile}
        self.handle(agreeing.AgreeEdiProfile(partner=self.partner, profile=EdiProfile(**whole), first_day=FIRST_DAY))

    def handle(self, *commands: Any) -> None:
        for command in commands:
            answer = self.shop.wired.applications["orders"].handle(command, asking("seed"))
            assert answer.status < 400, answer.text

    def post(self, text: str | bytes, role: str = "integration", path: str = "/v1/edi/interchanges", **more: Any) -> Any:
        headers = {"Content-Type": "application/edi-x12", **more.pop("headers", {})}
        return self.shop.send("POST", path, role, content=text, headers=headers, **more)

    def send(self, *sets: str, kind: str = "850", **envelope: Any) -> dict[str, Any]:
        """One interchange with the next control number, read and reacted to; its page."""
        self.control += 1
        values = {"sender": self.address, "control": self.control, "kind": kind, **envelope}
        answer = self.post(interchange(*sets, **values))
        assert answer.status_code == 202, answer.text
        return self.read(answer)

    def read(self, answer: Any) -> dict[str, Any]:
        """The first interchange of a payload, when all is done about it."""
        assert self.shop.wired.settle()
        page = self.shop.get(answer.json()["href"]).json()
        assert page["status"] == "read", page
        one: dict[str, Any] = self.shop.get(page["interchanges"][0]["href"]).json()
        return one

    def document(self, page: dict[str, Any], index: int = 0) -> dict[str, Any]:
        """One document of an interchange, as its own page shows it."""
        one: dict[str, Any] = self.shop.get(page["documents"][index]["href"]).json()
        return one

    def order(self, number: str) -> dict[str, Any] | None:
        answer = self.shop.get(f"/v1/orders/acme/{self.partner}/{number}/-")
        return answer.json() if answer.status_code == 200 else None

    def out(self, kind: str) -> list[list[str]]:
        """The documents of a kind that were sent to it, the first first: segments without the envelope."""
        rows = self.shop.get("/v1/edi/sent", params={"partner": self.partner, "kind": kind}).json()["items"]
        return [self.segments(row["document_id"]) for row in reversed(rows)]

    def raw(self, document: str) -> str:
        answer = self.shop.get(f"/v1/edi/outbox/{document.partition('/')[2].replace('%', '%25')}/raw")
        assert answer.status_code == 200, answer.text
        text: str = answer.content.decode()
        return text

    def segments(self, document: str) -> list[str]:
        return [one for one in self.raw(document).split("~") if one and one[:2] not in ("IS", "GS", "ST", "SE", "GE", "IE")]
