"""Our companies."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from domain.codes import COUNTRY_UNKNOWN, CURRENCY_UNKNOWN, ZONE_UNKNOWN
from domain.company import COMPANY_DIFFERS, Company, CompanyState
from tests.given import fact, given

ACME = {"company": "acme", "name": "Acme", "zone": "Asia/Shanghai", "country": "CN", "currency": "CNY"}
REGISTERED = fact(Company.Registered, **ACME, edi_qualifier="ZZ", edi_id="ACME")
STATE = CompanyState(**ACME, edi_qualifier="ZZ", edi_id="ACME")


def test_a_company_is_registered() -> None:
    outcome = given(Company).when_new(lambda: Company.register(**ACME, edi_id="ACME")).then(REGISTERED)
    assert outcome.aggregate is not None
    assert outcome.aggregate.id == "company/acme"


def test_its_zone_country_and_currency_exist() -> None:
    for wrong, refusal in [
        ({"zone": "China"}, ZONE_UNKNOWN),
        ({"country": "cn"}, COUNTRY_UNKNOWN),
        ({"currency": "RMB "}, CURRENCY_UNKNOWN),
    ]:
        facts = ACME | wrong
        given(Company).when_new(partial(Company.register, **facts)).then_refused(refusal)


def test_the_same_registration_again_is_silent_and_another_refused() -> None:
    given(Company, REGISTERED).when(lambda company: company.register_again(STATE)).then_nothing()
    given(Company, REGISTERED).when(
        lambda company: company.register_again(replace(STATE, currency="USD"))
    ).then_refused(COMPANY_DIFFERS, now="currency CNY", asked="currency USD")
