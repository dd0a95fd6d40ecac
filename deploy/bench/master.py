"""The master data every part needs: a company, partners with credit, places, items with prices, a tax rate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.agreements import ConfirmationMode
from domain.payment_terms import DueRule, PaymentTerms, RuleKind
from services.command import Command
from services.orders import agreeing
from services.starting import issue_key, own_context
from services.wired import Wired

FIRST_DAY = date(1990, 1, 1)
COMPANY = "acme"
LIMIT = "900000000000"


@dataclass(frozen=True)
class Range:
    """How many of each there are; numbers are ``partner-007``, ``dc-3``, ``item-0042``."""

    partners: int = 16
    places: int = 4
    items: int = 50
    lines: int = 10

    def partner(self, number: int) -> str:
        return f"partner-{number % self.partners:03d}"

    def place(self, number: int) -> str:
        return f"dc-{number % self.places}"

    def item(self, number: int) -> str:
        return f"item-{number % self.items:04d}"

    def order(self, partner: int, number: str) -> dict[str, Any]:
        """The body of a purchase order with ten (``lines``) lines."""
        lines = [
            {
                "number": str(line + 1), "item": self.item(partner * 7 + line * 3), "quantity": str(10 + line), "unit": "CS",
                "price": "30.00",
            }
            for line in range(self.lines)
        ]
        return {
            "partner": self.partner(partner), "purchase_order_number": number, "ordered_on": "2026-02-20",
            "currency": "EUR", "ship_to": self.place(partner), "requested_on": "2026-03-02", "lines": lines,
        }


def commands(wanted: Range) -> Iterator[Command]:
    """Everything an order of this range looks up, in the order in which it has to be there."""
    yield agreeing.RegisterCompany(company=COMPANY, name="Acme", zone="UTC", country="DE", currency="EUR", edi_id="ACME")
    yield agreeing.AgreeTaxRate(place="de", category="standard", rate="0.19", first_day=FIRST_DAY)
    for number in range(wanted.items):
        yield agreeing.RegisterItem(
            item=wanted.item(number), description=f"Item {number}", tax_category="standard", base_unit="EA",
            packs=(agreeing.ItemPack(unit="CS", quantity_in_base="12"),), valid_from=FIRST_DAY,
        )
    for number in range(wanted.partners):
        yield from _partner(wanted, wanted.partner(number))


def _partner(wanted: Range, partner: str) -> Iterator[Command]:
    yield agreeing.RegisterPartner(partner=partner, name=partner, company=COMPANY, currency="EUR", zone="UTC")
    yield agreeing.AgreeCreditLimit(partner=partner, amount=LIMIT, currency="EUR", first_day=FIRST_DAY)
    terms = PaymentTerms(DueRule(RuleKind.NET_DAYS, days=30))
    yield agreeing.AgreePaymentTerms(partner=partner, terms=terms, first_day=FIRST_DAY)
    yield agreeing.AgreeConfirmation(partner=partner, mode=ConfirmationMode.AUTO, first_day=FIRST_DAY)
    for place in range(wanted.places):
        yield agreeing.AgreePlace(
            partner=partner, place=wanted.place(place), name=f"DC {place}", zone="UTC", country="DE", tax_place="de"
        )
    for item in range(wanted.items):
        yield agreeing.AgreePrice(
            partner=partner, item=wanted.item(item), currency="EUR", price="2.50", unit="EA", first_day=FIRST_DAY
        )


def seed(wired: Wired, wanted: Range) -> str:
    """Record the master data; answers the API key of an integration."""
    orders = wired.applications["orders"]
    waiting = [orders.submit(command, own_context("bench")) for command in commands(wanted)]
    refused = [answer.text for answer in (one.result(60) for one in waiting) if answer.status >= 400]
    if refused:
        raise SystemExit(f"the master data was refused: {refused[:3]}")
    return issue_key(wired, "integration", ("integration",))


def drain(wired: Wired) -> None:
    """Let all views and reactions catch up in this thread, without starting their loops."""
    moved = True
    while moved:
        moved = any([projector.catch_up() for projector in wired.projectors.values()])
        moved = any([reactor.react_page() for reactor in wired.reactors]) or moved
