"""Master data: lists and pages of what is registered and agreed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

from domain.agreements import ConfirmationMode, EdiProfile, InvoicedQuantity, InvoiceTrigger, InvoicingTerms
from domain.company import Company
from domain.identifier import Identifier
from domain.item import Item, Pack
from domain.price import PriceAgreement
from domain.ship_to import Place, ShipTo
from domain.tax import TaxRates
from domain.trading_partner import TradingPartner
from projections import master_data
from projections.master_data import (
    companies,
    find_items,
    find_partners,
    find_places,
    find_prices,
    item,
    partner,
    place,
    price,
    taxes,
)
from tests.projections.chronicle import Chronicle, Folder, check_folds_alike, reading
from tests.projections.story import NET_30

LOGS = ("orders",)
FIRST = date(2026, 1, 1)
SECOND = date(2026, 7, 1)


def told() -> tuple[Chronicle, TradingPartner, Item]:
    chronicle = Chronicle()
    with chronicle.command("orders") as log:
        retailer = TradingPartner.register(
            partner="retailer", name="Retailer A", company="acme", currency="USD", zone="America/Chicago"
        )
        child = TradingPartner.register(
            partner="child", name="Retailer B", company="acme", currency="USD", zone="UTC", parent="retailer"
        )
        soap = Item.register(
            item="100", description="Soap", tax_category="standard", base_unit="EA", valid_from=FIRST,
            packs=[Pack("CS", D(12), "10614141000415", D("1.5"))],
        )  # fmt: skip
        soap_price = PriceAgreement.open("retailer", "100")
        dc1 = ShipTo.agree("retailer", "dc1", Place("DC 1", "America/Chicago", "US", "US-TX"))
        gtin = Identifier.assign("gtin", "10614141000415", Item.stream("100"))
        rates = TaxRates.open_place("US-TX")
        log += [Company.register(company="acme", name="Acme", zone="UTC", country="US", currency="USD")]
        log += [retailer, child, soap, soap_price, dc1, gtin, rates]
    with chronicle.command("orders") as log:
        retailer.agree_payment_terms(NET_30, FIRST)
        retailer.agree_fill_rate_policy("main", {"metric": "OTIF", "goal": {"rate": "0.95"}}, FIRST)
        retailer.agree_deductions({"handling": {"cap": D("0.02")}}, FIRST)
        retailer.agree_invoicing(InvoicingTerms(InvoiceTrigger.RECEIPT, 0, InvoicedQuantity.ACCEPTED), SECOND)
        retailer.agree_confirmation(ConfirmationMode.MANUAL, FIRST)
        retailer.agree_edi_profile(EdiProfile(in_test=True), FIRST)
        soap.agree_packs([Pack("CS", D(24))], SECOND)
        soap_price.agree(currency="USD", price=D("1.25"), per=D(1), unit="EA", first_day=FIRST)
        soap_price.agree(currency="USD", price=D("1.30"), per=D(1), unit="EA", first_day=SECOND)
        rates.agree_rate("standard", D("0.0825"), FIRST)
        child.close(SECOND)
        log += [retailer, soap, soap_price, rates, child]
    with chronicle.command("orders") as log:
        soap.discontinue(date(2027, 1, 1))
        dc1.withdraw()
        log += [soap, dc1]
    return chronicle, retailer, soap


def test_it_folds_alike(folder: Folder) -> None:
    check_folds_alike(folder, master_data.VIEW, told()[0], LOGS)


def test_a_partner_has_every_agreement_by_first_day(folder: Folder) -> None:
    chronicle, retailer, _ = told()
    with reading(folder, master_data.VIEW, chronicle, LOGS) as connection:
        found = partner(connection, "retailer")
        assert partner(connection, "nobody") is None
        rows = find_partners(connection).rows
        assert [row["partner"] for row in find_partners(connection, name_prefix="Retailer B").rows] == ["child"]
        assert find_partners(connection, company="other").rows == []
    assert [(row["partner"], row["parent"], row["closed_on"]) for row in rows] == [
        ("child", "retailer", SECOND), ("retailer", None, None),
    ]  # fmt: skip
    assert found is not None
    state = found["state"]
    assert state.payment_terms == retailer.state.payment_terms
    assert state.edi_profiles == retailer.state.edi_profiles
    assert [(a.first_day, a.terms.trigger) for a in state.invoicing] == [(SECOND, InvoiceTrigger.RECEIPT)]
    assert state.fill_rate_policies[0].policy == {"metric": "OTIF", "goal": {"rate": "0.95"}}
    assert [(p["place"], p["state"].withdrawn) for p in found["places"]] == [("dc1", True)]


def test_an_item_has_packs_numbers_and_prices(folder: Folder) -> None:
    chronicle, _, soap = told()
    with reading(folder, master_data.VIEW, chronicle, LOGS) as connection:
        found = item(connection, "100")
        assert [row["description"] for row in find_items(connection, "1").rows] == ["Soap"]
        assert find_items(connection, "2").rows == []
    assert found is not None
    assert found["state"] == soap.state
    assert (found["tax_category"], found["discontinued_from"]) == ("standard", date(2027, 1, 1))
    assert found["numbers"] == [{"scheme": "gtin", "value": "10614141000415"}]
    assert [(a.first_day, a.price) for a in found["prices"][0]["state"].prices] == [
        (FIRST, D("1.25")), (SECOND, D("1.30")),
    ]  # fmt: skip


def test_the_rest_is_listed(folder: Folder) -> None:
    with reading(folder, master_data.VIEW, told()[0], LOGS) as connection:
        assert [row["name"] for row in companies(connection)] == ["Acme"]
        assert [row["place"] for row in find_places(connection, "retailer").rows] == ["dc1"]
        assert [row["item"] for row in find_prices(connection, partner="retailer").rows] == ["100"]
        assert find_prices(connection, item="200").rows == []
        assert price(connection, "retailer", "100") is not None
        one = place(connection, "retailer", "dc1")
        assert one is not None
        assert (one["state"].agreed.name, one["numbers"]) == ("DC 1", [])
        assert taxes(connection)[0]["state"].rates[0].rate == D("0.0825")
