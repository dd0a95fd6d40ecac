"""The commands on companies, on partners and what is agreed with them, on their places and outside numbers."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from domain.agreements import ConfirmationMode, EdiProfile, InvoicedQuantity, InvoiceTrigger, InvoicingTerms
from domain.company import Company
from domain.identifier import EDI, GLN, Identifier, edi_address, place_scheme
from domain.payment_terms import PaymentTerms
from domain.refusal import Refusal
from domain.ship_to import Place, ShipTo
from domain.trading_partner import TradingPartner
from services.command import Answer, Command
from services.event_log.work import Work
from services.fill_rate.presets import expanded
from services.fields import PLAIN_JSON, Amount, Code, CurrencyCode, Day, JsonObject, OptionalCode, Text
from services.http import href
from services.orders.agreeing.recording import assign, at_partner, master_answer, same_or_refused


POLICY_NAMES_ANOTHER = Refusal(
    "fill_rate.policy_names_another",
    "The fill-rate policy says {field} {said}, it would be agreed as {value}. Leave {field} out of the policy, or correct it.",
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
    """The customer's own definition of a filled order, as data (definitions 1.3): a preset and what the contract says
    otherwise, or all of it. What is agreed is stored whole; a preset that changes later changes no agreement."""

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


class AgreeIdentifier(Command):
    """An outside number of something of ours: scheme gln, duns, edi; to the stream named."""

    NAME: ClassVar[str] = "identifier.agree"
    scheme: Code
    value: Code
    to: OptionalCode


def register_company(work: Work, command: RegisterCompany) -> Answer:
    stream = Company.stream(command.company)
    known = work.find(Company, stream)
    particulars = command.model_dump()
    if known is not None:
        return same_or_refused("company", known, particulars)
    company = work.add(Company.register(**particulars))
    assign(work, EDI, edi_address(command.edi_qualifier, command.edi_id), company.id)
    return Answer(201, {"company": company.id, "href": href("companies", company.id), "version": company.version})


def register_partner(work: Work, command: RegisterPartner) -> Answer:
    work.get(Company, Company.stream(command.company))
    known = work.find(TradingPartner, TradingPartner.stream(command.partner))
    particulars = command.model_dump(exclude={"gln", "edi_addresses"})
    if known is not None:
        _name_partner(work, known, command)
        return same_or_refused("partner", known, {**particulars, "account": command.account or command.partner})
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
    return at_partner("place", ship_to, "places", status)


def agree_identifier(work: Work, command: AgreeIdentifier) -> Answer:
    assign(work, command.scheme, command.value, command.to)
    identifier = work.get(Identifier, Identifier.stream(command.scheme, command.value))
    return Answer(200, {"identifier": identifier.id, "version": identifier.version})


def _partner(work: Work, command: Any) -> TradingPartner:
    return work.get(TradingPartner, TradingPartner.stream(command.partner))


def _agreed_policy(command: AgreeFillRatePolicy) -> dict[str, Any]:
    """The policy whole, with its id, customer and first day in it; one that says others of these is refused."""
    named = {
        "policyId": command.policy_id, "customerId": command.partner, "effectiveFrom": command.first_day.isoformat(),
    }
    for name, value in named.items():
        if command.policy.get(name) not in (None, value):
            raise POLICY_NAMES_ANOTHER(field=name, said=command.policy[name], value=value)
    return expanded({**command.policy, **named})


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
    AgreeFillRatePolicy: _on_partner(lambda p, c: p.agree_fill_rate_policy(c.policy_id, _agreed_policy(c), c.first_day)),
    AgreeDeductions: _on_partner(lambda p, c: p.agree_deductions(c.agreement, c.first_day)),
    AgreeInvoicing: _on_partner(
        lambda p, c: p.agree_invoicing(InvoicingTerms(c.trigger, c.timeout_days, c.quantity), c.first_day)
    ),
    AgreeConfirmation: _on_partner(lambda p, c: p.agree_confirmation(c.mode, c.first_day)),
    AgreeEdiProfile: _on_partner(lambda p, c: p.agree_edi_profile(c.profile, c.first_day)),
    ClosePartner: _on_partner(lambda p, c: p.close(c.closed_on)),
    AgreePlace: agree_place,
    WithdrawPlace: withdraw_place,
    AgreeIdentifier: agree_identifier,
}
