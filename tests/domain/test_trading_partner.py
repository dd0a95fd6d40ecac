"""Trading partners: agreements from a first day, back-dated ones included."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from domain.agreements import ConfirmationMode, EdiProfile, InvoicedQuantity, InvoiceTrigger, InvoicingTerms
from domain.codes import CURRENCY_UNKNOWN, ZONE_UNKNOWN
from domain.payment_terms import DueRule, PaymentTerms, RuleKind
from domain.refusal import Refused
from domain.trading_partner import AgreedLimit, TradingPartner
from domain.trading_partner import refusals as no
from tests.given import fact, given, other

JANUARY, MARCH, JUNE = date(2026, 1, 1), date(2026, 3, 1), date(2026, 6, 1)


def register(partner: str = "retailer-a", **other: str) -> TradingPartner:
    facts = {"name": "Retailer A", "company": "acme", "currency": "CNY", "zone": "Asia/Shanghai"} | other
    return TradingPartner.register(partner=partner, **facts)


REGISTERED = fact(
    TradingPartner.Registered,
    partner="retailer-a",
    name="Retailer A",
    company="acme",
    currency="CNY",
    zone="Asia/Shanghai",
    parent=None,
    account="retailer-a",
)


def test_a_partner_is_registered_with_a_credit_account_of_its_own() -> None:
    given(TradingPartner).when_new(register).then(REGISTERED)
    given(TradingPartner).when_new(lambda: register(account="group", parent="group")).then(
        other(REGISTERED, account="group", parent="group")
    )


def test_what_a_partner_cannot_be_is_refused() -> None:
    given(TradingPartner).when_new(lambda: register(zone="Asia/Nowhere")).then_refused(ZONE_UNKNOWN)
    given(TradingPartner).when_new(lambda: register(currency="yuan")).then_refused(CURRENCY_UNKNOWN)
    given(TradingPartner).when_new(lambda: register(parent="retailer-a")).then_refused(no.OWN_PARENT)


def limit(amount: str, first_day: date, last_day: date | None = None) -> TradingPartner.CreditLimitAgreed:
    return fact(
        TradingPartner.CreditLimitAgreed,
        partner="retailer-a",
        account="retailer-a",
        amount=Decimal(amount),
        currency="CNY",
        first_day=first_day,
        last_day=last_day,
    )


def test_a_credit_limit_is_agreed_once() -> None:
    agreed = limit("5000000.00", JANUARY)
    given(TradingPartner, REGISTERED).when(
        lambda partner: partner.agree_credit_limit(Decimal("5000000.00"), "CNY", JANUARY)
    ).then(agreed)
    given(TradingPartner, REGISTERED, agreed).when(
        lambda partner: partner.agree_credit_limit(Decimal("5000000.00"), "CNY", JANUARY)
    ).then_nothing()


def test_a_credit_limit_that_cannot_be_is_refused() -> None:
    def agree(amount: str, currency: str, last_day: date | None, partner: TradingPartner) -> None:
        partner.agree_credit_limit(Decimal(amount), currency, MARCH, last_day)

    known = (TradingPartner, REGISTERED)
    given(*known).when(lambda partner: agree("-1", "CNY", None, partner)).then_refused(
        no.LIMIT_NEGATIVE, amount="-1"
    )
    given(*known).when(lambda partner: agree("1", "USD", None, partner)).then_refused(
        no.LIMIT_IN_ANOTHER_CURRENCY, currency="CNY", asked="USD"
    )
    given(*known).when(lambda partner: agree("1", "CNY", JANUARY, partner)).then_refused(
        no.LAST_BEFORE_FIRST, first_day=MARCH, last_day=JANUARY
    )


def test_limits_are_looked_up_by_day_and_a_last_day_ends_them() -> None:
    partner = given(
        TradingPartner,
        REGISTERED,
        limit("7", JUNE),
        limit("5", JANUARY),  # back-dated
        limit("6", MARCH, date(2026, 3, 31)),
    ).aggregate
    assert partner is not None
    assert partner.limit_on(date(2025, 12, 31)) is None
    assert partner.limit_on(date(2026, 3, 31)) == AgreedLimit(MARCH, Decimal(6), "CNY", date(2026, 3, 31))
    assert [limit and limit.amount for limit in map(partner.limit_on, (JANUARY, date(2026, 4, 1), JUNE))] == [
        5,
        5,
        7,
    ]


def test_what_is_not_agreed_has_its_default() -> None:
    partner = given(TradingPartner, REGISTERED).aggregate
    assert partner is not None
    assert partner.terms_on(JUNE) is None
    assert partner.deduction_agreement_on(JUNE) is None
    assert partner.fill_rate_policies_on(JUNE) == ()
    assert partner.invoicing_on(JUNE) == InvoicingTerms(InvoiceTrigger.DISPATCH, 0, InvoicedQuantity.SHIPPED)
    assert partner.confirmation_on(JUNE) is ConfirmationMode.AUTO
    assert partner.edi_profile_on(JUNE).documents_out == ("855", "856", "810")


def test_payment_terms_confirmation_and_profile_are_agreed_from_a_day() -> None:
    net_30 = PaymentTerms(rule=DueRule(RuleKind.NET_DAYS, days=30))
    terms = fact(TradingPartner.PaymentTermsAgreed, partner="retailer-a", terms=net_30, first_day=MARCH)
    manual = fact(
        TradingPartner.ConfirmationAgreed,
        partner="retailer-a",
        mode=ConfirmationMode.MANUAL,
        first_day=MARCH,
    )
    profile = EdiProfile(in_test=True, unit_codes={"CT": "CA"}, item_qualifiers={"IN": "item:retailer-a"})
    edi = fact(TradingPartner.EdiProfileAgreed, partner="retailer-a", profile=profile, first_day=MARCH)
    given(TradingPartner, REGISTERED).when(lambda partner: partner.agree_payment_terms(net_30, MARCH)).then(
        terms
    )
    given(TradingPartner, REGISTERED).when(
        lambda partner: partner.agree_confirmation(ConfirmationMode.MANUAL, MARCH)
    ).then(manual)
    given(TradingPartner, REGISTERED).when(lambda partner: partner.agree_edi_profile(profile, MARCH)).then(
        edi
    )
    agreed = given(TradingPartner, REGISTERED, terms, manual, edi)
    agreed.when(lambda partner: partner.agree_payment_terms(net_30, MARCH)).then_nothing()
    agreed.when(lambda partner: partner.agree_edi_profile(profile, MARCH)).then_nothing()
    agreed.when(lambda partner: partner.agree_confirmation(ConfirmationMode.MANUAL, MARCH)).then_nothing()
    assert agreed.aggregate is not None
    assert agreed.aggregate.terms_on(MARCH) == net_30
    assert agreed.aggregate.confirmation_on(JANUARY) is ConfirmationMode.AUTO
    assert agreed.aggregate.confirmation_on(JUNE) is ConfirmationMode.MANUAL
    assert agreed.aggregate.edi_profile_on(JUNE) == profile


def test_a_policy_of_each_id_is_in_force_beside_the_others() -> None:
    def policy(policy_id: str, goal: str, first_day: date) -> TradingPartner.FillRatePolicyAgreed:
        return fact(
            TradingPartner.FillRatePolicyAgreed,
            partner="retailer-a",
            policy_id=policy_id,
            policy={"goal": {"rate": goal}},
            first_day=first_day,
        )

    first, second, other = (
        policy("otif", "0.95", MARCH),
        policy("otif", "0.98", JANUARY),
        policy("if", "1", JUNE),
    )
    given(TradingPartner, REGISTERED).when(
        lambda partner: partner.agree_fill_rate_policy("otif", {"goal": {"rate": "0.95"}}, MARCH)
    ).then(first)
    partner = given(TradingPartner, REGISTERED, first, second, other).aggregate
    assert partner is not None

    def in_force(day: date) -> list[tuple[str, str]]:
        return [(each.policy_id, each.policy["goal"]["rate"]) for each in partner.fill_rate_policies_on(day)]

    assert in_force(date(2026, 2, 28)) == [("otif", "0.98")]
    assert in_force(MARCH) == [("otif", "0.95")]
    assert in_force(JUNE) == [("otif", "0.95"), ("if", "1")]


def test_deductions_are_agreed_from_a_day() -> None:
    agreement = {"tolerance": {"amount": "10.00", "percent": "0.5"}}
    agreed = fact(
        TradingPartner.DeductionAgreementAgreed,
        partner="retailer-a",
        agreement=agreement,
        first_day=MARCH,
    )
    given(TradingPartner, REGISTERED).when(lambda partner: partner.agree_deductions(agreement, MARCH)).then(
        agreed
    )
    partner = given(TradingPartner, REGISTERED, agreed).aggregate
    assert partner is not None
    assert partner.deduction_agreement_on(MARCH) == agreement


def test_invoicing_is_agreed_where_it_can_be_done() -> None:
    on_receipt = InvoicingTerms(InvoiceTrigger.RECEIPT, 0, InvoicedQuantity.ACCEPTED)
    given(TradingPartner, REGISTERED).when(lambda partner: partner.agree_invoicing(on_receipt, MARCH)).then(
        fact(
            TradingPartner.InvoicingAgreed,
            partner="retailer-a",
            trigger=InvoiceTrigger.RECEIPT,
            timeout_days=0,
            quantity=InvoicedQuantity.ACCEPTED,
            first_day=MARCH,
        )
    )
    no_days = InvoicingTerms(InvoiceTrigger.RECEIPT_OR_TIMEOUT, 0)
    given(TradingPartner, REGISTERED).when(
        lambda partner: partner.agree_invoicing(no_days, MARCH)
    ).then_refused(no.TIMEOUT_WITHOUT_DAYS, days=0)
    too_early = InvoicingTerms(InvoiceTrigger.DISPATCH, 0, InvoicedQuantity.ACCEPTED)
    given(TradingPartner, REGISTERED).when(
        lambda partner: partner.agree_invoicing(too_early, MARCH)
    ).then_refused(no.ACCEPTED_AT_DISPATCH)


def test_a_closed_partner_takes_no_new_business() -> None:
    closed = fact(TradingPartner.Closed, partner="retailer-a", closed_on=MARCH)
    given(TradingPartner, REGISTERED).when(lambda partner: partner.close(MARCH)).then(closed)
    given(TradingPartner, REGISTERED, closed).when(lambda partner: partner.close(JUNE)).then_nothing()
    given(TradingPartner, REGISTERED, closed).when(
        lambda partner: partner.agree_confirmation(ConfirmationMode.MANUAL, JUNE)
    ).then_refused(no.PARTNER_CLOSED, closed_on=MARCH, act="confirmation agreement")
    partner = given(TradingPartner, REGISTERED, closed).aggregate
    assert partner is not None
    partner.check_takes_orders(date(2026, 2, 28))
    with pytest.raises(Refused) as refused:
        partner.check_takes_orders(MARCH)
    assert str(refused.value) == (
        "Partner retailer-a is closed since 2026-03-01 and takes no order on 2026-03-01."
        " Register a new partner for new business."
    )
