"""The commands on items, their packs and numbers, their prices and the tax on them."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from domain.identifier import GTIN, item_scheme
from domain.item import Item, Pack
from domain.price import PriceAgreement
from domain.tax import TaxRates
from domain.trading_partner import TradingPartner
from services.command import Answer, Command
from services.event_log.work import Work
from services.fields import Code, CurrencyCode, Day, Part, Price, PricePer, Quantity, Rate, Text, Unit
from services.http import href
from services.orders.agreeing.recording import assign, at_partner, master_answer, same_or_refused


class ItemPack(Part):
    """One unit an item is ordered in."""

    unit: Unit
    quantity_in_base: Quantity
    gtin: Code | None = None
    weight_kg: Quantity | None = None
    volume_m3: Quantity | None = None


class RegisterItem(Command):
    """Something we sell, with its packs and their GTINs."""

    NAME: ClassVar[str] = "item.register"
    item: Code
    description: Text
    tax_category: Code
    base_unit: Unit
    packs: tuple[ItemPack, ...] = ()
    valid_from: Day
    category: Code | None = None


class AgreePacks(Command):
    """All packs of an item as they are from a day on."""

    NAME: ClassVar[str] = "item.agree_packs"
    item: Code
    packs: tuple[ItemPack, ...] = Field(min_length=1)
    first_day: Day


class CategoriseItem(Command):
    """Which category customers' agreements count the item to; orders from now on carry it."""

    NAME: ClassVar[str] = "item.categorise"
    item: Code
    category: Code


class DiscontinueItem(Command):
    """No longer sold from this day on."""

    NAME: ClassVar[str] = "item.discontinue"
    item: Code
    from_day: Day


class AgreeItemNumber(Command):
    """What a partner calls an item of ours."""

    NAME: ClassVar[str] = "item.agree_number"
    item: Code
    partner: Code
    number: Code


class AgreePrice(Command):
    """A price with a partner from a day on, per a number of units, up to 6 decimals."""

    NAME: ClassVar[str] = "price.agree"
    partner: Code
    item: Code
    currency: CurrencyCode
    price: Price
    per: PricePer = Field(default="1", validate_default=True)
    unit: Unit
    first_day: Day


class AgreeTaxRate(Command):
    """The rate of a tax category at a place from a day on; 13 % is 0.13."""

    NAME: ClassVar[str] = "tax.agree"
    place: Code
    category: Code
    rate: Rate
    first_day: Day


def _packs(packs: tuple[ItemPack, ...]) -> list[Pack]:
    return [Pack(p.unit, p.quantity_in_base, p.gtin, p.weight_kg, p.volume_m3) for p in packs]


def _name_packs(work: Work, item: Item) -> None:
    for pack in item.state.packs[-1].packs:
        if pack.gtin is not None:
            assign(work, GTIN, pack.gtin, item.id)


def register_item(work: Work, command: RegisterItem) -> Answer:
    known = work.find(Item, Item.stream(command.item))
    if known is not None:
        said = command.model_dump(include={"item", "description", "tax_category", "base_unit"})
        return same_or_refused("item", known, said)
    item = Item.register(
        item=command.item, description=command.description, tax_category=command.tax_category,
        base_unit=command.base_unit, packs=_packs(command.packs), valid_from=command.valid_from,
        category=command.category,
    )
    _name_packs(work, work.add(item))
    return master_answer("item", item, 201)


def categorise_item(work: Work, command: CategoriseItem) -> Answer:
    item = work.get(Item, Item.stream(command.item))
    item.categorise(command.category)
    return master_answer("item", item)


def agree_packs(work: Work, command: AgreePacks) -> Answer:
    item = work.get(Item, Item.stream(command.item))
    item.agree_packs(_packs(command.packs), command.first_day)
    _name_packs(work, item)
    return master_answer("item", item)


def discontinue_item(work: Work, command: DiscontinueItem) -> Answer:
    item = work.get(Item, Item.stream(command.item))
    item.discontinue(command.from_day)
    return master_answer("item", item)


def agree_item_number(work: Work, command: AgreeItemNumber) -> Answer:
    item = work.get(Item, Item.stream(command.item))
    work.get(TradingPartner, TradingPartner.stream(command.partner))
    assign(work, item_scheme(command.partner), command.number, item.id)
    return master_answer("item", item)


def agree_price(work: Work, command: AgreePrice) -> Answer:
    work.get(Item, Item.stream(command.item))
    work.get(TradingPartner, TradingPartner.stream(command.partner))
    agreement = work.find(PriceAgreement, PriceAgreement.stream(command.partner, command.item))
    if agreement is None:
        agreement = work.add(PriceAgreement.open(command.partner, command.item))
    agreement.agree(
        currency=command.currency, price=command.price, per=command.per, unit=command.unit, first_day=command.first_day
    )
    return at_partner("price", agreement, "prices")


def agree_tax_rate(work: Work, command: AgreeTaxRate) -> Answer:
    rates = work.find(TaxRates, TaxRates.stream(command.place)) or work.add(TaxRates.open_place(command.place))
    rates.agree_rate(command.category, command.rate, command.first_day)
    return Answer(200, {"tax": rates.id, "href": href("tax-rates", rates.id), "version": rates.version})


HANDLERS: dict[type[Command], Any] = {
    RegisterItem: register_item,
    AgreePacks: agree_packs,
    CategoriseItem: categorise_item,
    DiscontinueItem: discontinue_item,
    AgreeItemNumber: agree_item_number,
    AgreePrice: agree_price,
    AgreeTaxRate: agree_tax_rate,
}
