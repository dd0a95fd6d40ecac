"""A selling company of ours: its place in time, its currency and its EDI address."""

from __future__ import annotations

from dataclasses import dataclass

from domain.aggregate import Aggregate, natural_id
from domain.codes import check_country, check_currency, check_zone
from domain.refusal import Kind, Refusal

COMPANY_DIFFERS = Refusal(
    "company.differs",
    "Company {company} is registered with {now}, not {asked}. A company is registered once; use another"
    " code.",
    Kind.CONFLICT,
)


@dataclass
class CompanyState:
    company: str
    name: str
    zone: str
    country: str
    currency: str
    edi_qualifier: str
    edi_id: str


class Company(Aggregate[CompanyState]):
    """One company of the group; it is part of every document number (decision 36)."""

    KIND = "company"
    STATE = CompanyState
    STATE_VERSION = 1

    class Registered(Aggregate.Created):
        TYPE = "company.registered/1"
        company: str
        name: str
        zone: str
        country: str
        currency: str
        edi_qualifier: str
        edi_id: str

        def apply(self, company: Company) -> None:
            company.state = CompanyState(
                self.company,
                self.name,
                self.zone,
                self.country,
                self.currency,
                self.edi_qualifier,
                self.edi_id,
            )

    @staticmethod
    def stream(company: str) -> str:
        return natural_id("company", company)

    @classmethod
    def register(
        cls,
        *,
        company: str,
        name: str,
        zone: str,
        country: str,
        currency: str,
        edi_qualifier: str = "ZZ",
        edi_id: str = "",
    ) -> Company:
        """A company with the zone its days are counted in and the currency its books are kept in."""
        check_zone(zone)
        check_country(country)
        check_currency(currency)
        return cls.begin(
            cls.Registered,
            cls.stream(company),
            company=company,
            name=name,
            zone=zone,
            country=country,
            currency=currency,
            edi_qualifier=edi_qualifier,
            edi_id=edi_id,
        )

    def register_again(self, said: CompanyState) -> None:
        """The same registration again is silent; other content under the same code is refused."""
        if said != self.state:
            now, asked = vars(self.state), vars(said)
            differing = [name for name in now if now[name] != asked[name]]
            raise COMPANY_DIFFERS(
                company=self.state.company,
                now=[f"{name} {now[name]}" for name in differing],
                asked=[f"{name} {asked[name]}" for name in differing],
            )
