"""The demo's world: three selling companies, three key accounts with their agreements and habits, twelve items.

Every name and figure is made up. What the customers agreed follows presets that are plausible, not verified.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

FIRST_DAY = date(2026, 1, 1)
ITEMS = (
    ("tea-black-25", "Black tea, 25 bags", "12", "2.10"),
    ("tea-green-25", "Green tea, 25 bags", "12", "2.35"),
    ("coffee-250", "Ground coffee, 250 g", "20", "3.90"),
    ("coffee-beans-1k", "Coffee beans, 1 kg", "8", "11.40"),
    ("oats-500", "Rolled oats, 500 g", "10", "1.15"),
    ("muesli-750", "Fruit muesli, 750 g", "8", "2.80"),
    ("honey-350", "Blossom honey, 350 g", "12", "3.45"),
    ("jam-straw-370", "Strawberry jam, 370 g", "12", "1.95"),
    ("juice-apple-1l", "Apple juice, 1 l", "6", "1.30"),
    ("juice-orange-1l", "Orange juice, 1 l", "6", "1.55"),
    ("biscuit-200", "Butter biscuits, 200 g", "24", "1.20"),
    ("choc-milk-100", "Milk chocolate, 100 g", "30", "0.95"),
)


@dataclass(frozen=True)
class Habits:
    """How the customer behaves: what of ours it misses, when it pays, what it keeps back and why."""

    cut_every: int  # every n-th line is dispatched short
    late_every: int  # every n-th shipment arrives a day late
    short_count_every: int  # every n-th receipt counts one line lower than we shipped
    days_after_due: int
    deducts_shortages: bool
    fee: Decimal | None = None  # kept back from each payment without an invoice
    fee_reason: str = ""


@dataclass(frozen=True)
class Account:
    partner: str
    name: str
    company: str
    company_name: str
    currency: str
    country: str
    zone: str
    company_zone: str
    company_country: str
    tax_rate: str
    limit: str
    price_factor: str
    places: tuple[tuple[str, str], ...]
    terms: dict[str, Any]
    invoicing: dict[str, Any]
    fill_rates: tuple[tuple[str, dict[str, Any]], ...]  # policy id and definition: a preset, and what the contract says
    logistics: dict[str, Any]
    deductions: dict[str, Any]
    habits: Habits
    edi: str
    profile: dict[str, Any] = field(default_factory=dict)


ACCOUNTS = (
    Account(
        partner="walmart-us", name="Walmart US (demo)", company="acme-us", company_name="Acme Foods Inc.",
        currency="USD", country="US", zone="America/Chicago", company_zone="America/New_York", company_country="US",
        tax_rate="0", limit="190000", price_factor="1.1", places=(("dc-6021", "DC 6021"), ("dc-7045", "DC 7045")),
        terms={"rule": {"kind": "NET_DAYS", "days": 30}},
        invoicing={"trigger": "DISPATCH", "quantity": "SHIPPED"},
        fill_rates=(("demo-in-full", {"preset": "WMT-FOOD-IF"}), ("demo-on-time", {"preset": "WMT-FOOD-OT"})),
        logistics={"leadTimeDays": 5, "transitDays": 2},
        deductions={"tolerance": {"amount": "10.00", "percent": "0.5"}},
        habits=Habits(7, 6, 5, 3, True, Decimal("250.00"), "99"),
        edi="ZZ:DEMOWMT", profile={"item_qualifiers": {"VN": "item"}, "interchange_id": "DEMOWMT"},
    ),
    Account(
        partner="carrefour-fr", name="Carrefour France (demo)", company="acme-eu", company_name="Acme Aliments SAS",
        currency="EUR", country="FR", zone="Europe/Paris", company_zone="Europe/Paris", company_country="FR",
        tax_rate="0.055", limit="175000", price_factor="1",
        places=(("entrepot-nord", "Entrepot Nord"), ("entrepot-sud", "Entrepot Sud")),
        terms={"rule": {"kind": "DAYS_THEN_EOM", "days": 15}},
        invoicing={"trigger": "RECEIPT", "quantity": "ACCEPTED"},
        fill_rates=((
            "demo-taux-de-service",
            {
                "preset": "DAY-OTIF", "onTime": {"earliestDays": -1}, "goal": {"rate": "0.985"},
                "penalty": {
                    "trigger": "BELOW_GOAL", "base": "COST_OF_NONCOMPLIANT", "rate": "0.05", "maxAgeDays": 365,
                    "cap": {"pct": "2", "of": "CATEGORY_ORDERED_VALUE"},
                },
            },
        ),),
        logistics={"leadTimeDays": 6, "minimumOrderCases": "100", "transitDays": 2},
        deductions={"tolerance": {"amount": "5.00", "percent": "0.5"}},
        habits=Habits(9, 8, 6, 0, False),
        edi="14:3020400000019", profile={"interchange_qualifier": "14", "interchange_id": "3020400000019"},
    ),
    Account(
        partner="rt-mart-cn", name="RT-Mart (demo)", company="acme-cn", company_name="Acme Shipin Youxian Gongsi",
        currency="CNY", country="CN", zone="Asia/Shanghai", company_zone="Asia/Shanghai", company_country="CN",
        tax_rate="0.13", limit="1400000", price_factor="7.8",
        places=(("store-1001", "Store 1001"), ("store-1014", "Store 1014"), ("store-1022", "Store 1022")),
        terms={
            "rule": {"kind": "NET_DAYS", "days": 30}, "baseline": "GOODS_RECEIPT_DATE", "roll": "FOLLOWING", "calendar": "CN",
        },
        invoicing={"trigger": "DISPATCH", "quantity": "SHIPPED"},
        fill_rates=(("demo-hypermarket", {"preset": "CN-KA-FILL", "goal": {"rate": "0.9"}}),),
        logistics={"deliveryWeekdays": [1, 2, 3, 4, 5], "calendar": "CN", "transitDays": 2},
        deductions={"tolerance": {"amount": "10.00", "percent": "0.5"}},
        habits=Habits(5, 4, 3, 7, True, Decimal("3000.00"), "16"),
        edi="ZZ:DEMORTM", profile={"interchange_id": "DEMORTM"},
    ),
)

# The category that customers count an item to, by how its number begins.
CATEGORIES = {
    "tea": "hot drinks", "coffee": "hot drinks", "oats": "breakfast", "muesli": "breakfast", "honey": "breakfast",
    "jam": "breakfast", "juice": "cold drinks", "biscuit": "sweets", "choc": "sweets",
}

PEOPLE = (
    ("clerk-chen", ("clerk",)),
    ("credit-manager-cruz", ("credit_manager",)),
    ("planner-petit", ("planner",)),
    ("auditor-adams", ("auditor",)),
)
