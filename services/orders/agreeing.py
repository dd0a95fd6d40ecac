"""The commands on master data: companies, partners and what is agreed with them, places, items, prices, tax."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from domain.agreements import ConfirmationMode, EdiProfile, InvoicedQuantity, InvoiceTrigger, InvoicingTerms
from domain.company import Company
from domain.identifier import EDI, GLN, GTIN, Identifier, edi_address, item_scheme, place_scheme
from domain.item import Item, Pack, PriceAgreement
from domain.payment_terms import PaymentTerms
from domain.refusal import Kind, Refusal
from domain.ship_to import Place, ShipTo
from domain.tax import TaxRates
from domain.trading_partner import TradingPartner
from services.command import Answer, Command
from services.event_log.json_form import AnyAggregate
from services.event_log.work import Work
from services.fields import (
    PLAIN_JSON, Amount, Code, CurrencyCode, Day, JsonObject, OptionalCode, Part, Price, PricePer, Quantity, Rate, Text, Unit,
)
from services.http import href

REGISTERED_OTHERWISE = Refusal(
    "master.registered_otherwise",
    "{kind} {id} is registered with other particulars ({differing}). Use the commands that agree anew, or another number.",
    Kind.CONFLICT,
)


class RegisterCompany(Command):
    """A selling company of ours, with its EDI address."""

    NAME: ClassVar[str] = "company.register"
    company: Code
    name: Text
    zone: Code
    country: Code
    currency: CurrencyCode
    edi_qualifier: Code = "ZZ"
    edi_id: Code


class RegisterPartner(Command):
    """A trading partner; its credit is judged in ``account``, its own unless another is named."""

    NAME: ClassVar[str] = "partner.register"
    partner: Code
    name: Text
    company: Code
    currency: CurrencyCode
    zone: Code
    parent: Code | None = None
    account: Code | None = None
    gln: Code | None = None
    edi_addresses: tuple[Code, ...] = Field((), description='As "qualifier:id", for example "ZZ:WALMART".')


class AgreeCreditLimit(Command):
    """The limit from its first day, to its last day where one is named."""

    NAME: ClassVar[str] = "partner.agree_credit_limit"
    partner: Code
    amount: Amount
    currency: CurrencyCode
    first_day: Day
    last_day: Day | None = None


class AgreePaymentTerms(Command):
    """When the customer has to pay (definitions 3.1)."""

    NAME: ClassVar[str] = "partner.agree_payment_terms"
    partner: Code
    terms: Annotated[PaymentTerms, PLAIN_JSON]
    first_day: Day


class AgreeFillRatePolicy(Command):
    """The customer's own definition of a filled order, as data (definitions 1.3)."""

    NAME: ClassVar[str] = "partner.agree_fill_rate_policy"
    partner: Code
    policy_id: Code
    policy: JsonObject
    first_day: Day


class AgreeDeductions(Command):
    """What the customer may deduct, as data."""

    NAME: ClassVar[str] = "partner.agree_deductions"
    partner: Code
    agreement: JsonObject
    first_day: Day


class AgreeInvoicing(Command):
    """What makes the invoice and whose count it follows (decision 30)."""

    NAME: ClassVar[str] = "partner.agree_invoicing"
    partner: Code
    trigger: InvoiceTrigger = InvoiceTrigger.DISPATCH
    timeout_days: int = Field(0, ge=0, le=365)
    quantity: InvoicedQuantity = InvoicedQuantity.SHIPPED
    first_day: Day


class AgreeConfirmation(Command):
    """AUTO confirms as ordered once credit has released, MANUAL waits for a person (decision 32)."""

    NAME: ClassVar[str] = "partner.agree_confirmation"
    partner: Code
    mode: ConfirmationMode
    first_day: Day


class AgreeEdiProfile(Command):
    """How this partner speaks EDI."""

    NAME: ClassVar[str] = "partner.agree_edi_profile"
    partner: Code
    profile: Annotated[EdiProfile, PLAIN_JSON]
    first_day: Day


class ClosePartner(Command):
    """No new business from this day on."""

    NAME: ClassVar[str] = "partner.close"
    partner: Code
    closed_on: Day


class AgreePlace(Command):
    """A ship-to place of a partner; ``numbers`` are what the partner calls it."""

    NAME: ClassVar[str] = "place.agree"
    partner: Code
    place: Code
    name: Text
    zone: Code
    country: Code
    tax_place: Code
    region: Code | None = None
    gln: Code | None = None
    banner: Code | None = None
    numbers: tuple[Code, ...] = ()


class WithdrawPlace(Command):
    """Nothing more is delivered here."""

    NAME: ClassVar[str] = "place.withdraw"
    partner: Code
    place: Code


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


class AgreePacks(Command):
    """All packs of an item as they are from a day on."""

    NAME: ClassVar[str] = "item.agree_packs"
    item: Code
    packs: tuple[ItemPack, ...] = Field(min_length=1)
    first_day: Day


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


class AgreeIdentifier(Command):
    """An outside number of something of ours: scheme gln, duns, edi; to the stream named."""

    NAME: ClassVar[str] = "identifier.agree"
    scheme: Code
    value: Code
    to: OptionalCode


def master_answer(kind: str, aggregate: AnyAggregate, status: int = 200) -> Answer:
    return Answer(status, {kind: aggregate.id, "href": href(f"{kind}s", aggregate.id), "version": aggregate.version})


def _same_or_refused(kind: str, aggregate: AnyAggregate, said: dict[str, Any]) -> Answer:
    """Registering again: the same is recognised, other particulars are refused naming them."""
    differing = [name for name, value in said.items() if getattr(aggregate.state, name) != value]
    if differing:
        raise REGISTERED_OTHERWISE(kind=kind, id=aggregate.id.partition("/")[2], differing=differing)
    return master_answer(kind, aggregate)


def assign(work: Work, scheme: str, value: str, to: str) -> None:
    """Let an outside number name one of our streams; refused while it names another."""
    known = work.find(Identifier, Identifier.stream(scheme, value))
    if known is None:
        work.add(Identifier.assign(scheme, value, to))
    else:
        known.assign_to(to)


def register_company(work: Work, command: RegisterCompany) -> Answer:
    stream = Company.stream(command.company)
    known = work.find(Company, stream)
    particulars = command.model_dump()
    if known is not None:
        return _same_or_refused("company", known, particulars)
    company = work.add(Company.register(**particulars))
    assign(work, EDI, edi_address(command.edi_qualifier, command.edi_id), company.id)
    return Answer(201, {"company": company.id, "href": href("companies", company.id), "version": company.version})


def register_partner(work: Work, command: RegisterPartner) -> Answer:
    work.get(Company, Company.stream(command.company))
    known = work.find(TradingPartner, TradingPartner.stream(command.partner))
    particulars = command.model_dump(exclude={"gln", "edi_addresses"})
    if known is not None:
        _name_partner(work, known, command)
        return _same_or_refused("partner", known, {**particulars, "account": command.account or command.partner})
    partner = work.add(TradingPartner.register(**particulars))
    _name_partner(work, partner, command)
    return master_answer("partner", partner, 201)


def _name_partner(work: Work, partner: TradingPartner, command: RegisterPartner) -> None:
    if command.gln is not None:
        assign(work, GLN, command.gln, partner.id)
    for address in command.edi_addresses:
        qualifier, _, number = address.partition(":")
        assign(work, EDI, edi_address(qualifier, number), partner.id)


def agree_place(work: Work, command: AgreePlace) -> Answer:
    work.get(TradingPartner, TradingPartner.stream(command.partner))
    particulars = Place(
        command.name, command.zone, command.country, command.tax_place, command.region, command.gln, command.banner
    )
    ship_to = work.find(ShipTo, ShipTo.stream(command.partner, command.place))
    status = 200
    if ship_to is None:
        ship_to, status = work.add(ShipTo.agree(command.partner, command.place, particulars)), 201
    else:
        ship_to.agree_anew(particulars)
    if command.gln is not None:
        assign(work, GLN, command.gln, ship_to.id)
    for number in command.numbers:
        assign(work, place_scheme(command.partner), number, ship_to.id)
    return place_answer(ship_to, status)


def withdraw_place(work: Work, command: WithdrawPlace) -> Answer:
    ship_to = work.get(ShipTo, ShipTo.stream(command.partner, command.place))
    ship_to.withdraw()
    return place_answer(ship_to)


def place_answer(ship_to: ShipTo, status: int = 200) -> Answer:
    """A place and its price belong to a partner: that is where their addresses are."""
    return _at_partner("place", ship_to, "places", status)


def _at_partner(kind: str, aggregate: AnyAggregate, collection: str, status: int = 200) -> Answer:
    _, partner, part = aggregate.id.split("/")
    address = href("partners", f"partner/{partner}/{collection}/{part}")
    return Answer(status, {kind: aggregate.id, "href": address, "version": aggregate.version})


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
        return _same_or_refused("item", known, said)
    item = Item.register(
        item=command.item, description=command.description, tax_category=command.tax_category,
        base_unit=command.base_unit, packs=_packs(command.packs), valid_from=command.valid_from,
    )
    _name_packs(work, work.add(item))
    return master_answer("item", item, 201)


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
    return _at_partner("price", agreement, "prices")


def agree_tax_rate(work: Work, command: AgreeTaxRate) -> Answer:
    rates = work.find(TaxRates, TaxRates.stream(command.place)) or work.add(TaxRates.open_place(command.place))
    rates.agree_rate(command.category, command.rate, command.first_day)
    return Answer(200, {"tax": rates.id, "href": href("tax-rates", rates.id), "version": rates.version})


def agree_identifier(work: Work, command: AgreeIdentifier) -> Answer:
    assign(work, command.scheme, command.value, command.to)
    identifier = work.get(Identifier, Identifier.stream(command.scheme, command.value))
    return Answer(200, {"identifier": identifier.id, "version": identifier.version})


def _partner(work: Work, command: Any) -> TradingPartner:
    return work.get(TradingPartner, TradingPartner.stream(command.partner))


def _on_partner(agree: Any) -> Any:
    def handler(work: Work, command: Any) -> Answer:
        partner = _partner(work, command)
        agree(partner, command)
        return master_answer("partner", partner)

    return handler


HANDLERS: dict[type[Command], Any] = {
    RegisterCompany: register_company,
    RegisterPartner: register_partner,
    AgreeCreditLimit: _on_partner(lambda p, c: p.agree_credit_limit(c.amount, c.currency, c.first_day, c.last_day)),
    AgreePaymentTerms: _on_partner(lambda p, c: p.agree_payment_terms(c.terms, c.first_day)),
    AgreeFillRatePolicy: _on_partner(lambda p, c: p.agree_fill_rate_policy(c.policy_id, c.policy, c.first_day)),
    AgreeDeductions: _on_partner(lambda p, c: p.agree_deductions(c.agreement, c.first_day)),
    AgreeInvoicing: _on_partner(
        lambda p, c: p.agree_invoicing(InvoicingTerms(c.trigger, c.timeout_days, c.quantity), c.first_day)
    ),
    AgreeConfirmation: _on_partner(lambda p, c: p.agree_confirmation(c.mode, c.first_day)),
    AgreeEdiProfile: _on_partner(lambda p, c: p.agree_edi_profile(c.profile, c.first_day)),
    ClosePartner: _on_partner(lambda p, c: p.close(c.closed_on)),
    AgreePlace: agree_place,
    WithdrawPlace: withdraw_place,
    RegisterItem: register_item,
    AgreePacks: agree_packs,
    DiscontinueItem: discontinue_item,
    AgreeItemNumber: agree_item_number,
    AgreePrice: agree_price,
    AgreeTaxRate: agree_tax_rate,
    AgreeIdentifier: agree_identifier,
}
