"""The facts of a trading partner; an agreement for the same first day gives way to the later one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from domain.aggregate import Aggregate
from domain.agreements import (
    AgreedConfirmation,
    AgreedDeductions,
    AgreedEdiProfile,
    AgreedFillRatePolicy,
    AgreedInvoicing,
    AgreedLimit,
    AgreedLogistics,
    AgreedTerms,
    ConfirmationMode,
    EdiProfile,
    InvoicedQuantity,
    InvoiceTrigger,
    InvoicingTerms,
    with_agreement,
)
from domain.payment_terms import PaymentTerms
from domain.trading_partner.state import TradingPartnerState


class Registered(Aggregate.Created):
    TYPE = "partner.registered/1"
    partner: str
    name: str
    company: str
    currency: str
    zone: str
    parent: str | None
    account: str

    def apply(self, partner: Aggregate[TradingPartnerState]) -> None:
        partner.state = TradingPartnerState(
            self.partner, self.name, self.company, self.currency, self.zone, self.parent, self.account
        )


class CreditLimitAgreed(Aggregate.Event):
    TYPE = "partner.credit_limit_agreed/1"
    partner: str
    account: str
    amount: Decimal
    currency: str
    first_day: date
    last_day: date | None

    def apply(self, partner: Aggregate[TradingPartnerState]) -> None:
        agreed = AgreedLimit(self.first_day, self.amount, self.currency, self.last_day)
        partner.state.credit_limits = with_agreement(partner.state.credit_limits, agreed)


class PaymentTermsAgreed(Aggregate.Event):
    TYPE = "partner.payment_terms_agreed/1"
    partner: str
    terms: PaymentTerms
    first_day: date

    def apply(self, partner: Aggregate[TradingPartnerState]) -> None:
        agreed = AgreedTerms(self.first_day, self.terms)
        partner.state.payment_terms = with_agreement(partner.state.payment_terms, agreed)


class FillRatePolicyAgreed(Aggregate.Event):
    TYPE = "partner.fill_rate_policy_agreed/1"
    partner: str
    policy_id: str
    policy: dict[str, Any]
    first_day: date

    def apply(self, partner: Aggregate[TradingPartnerState]) -> None:
        state = partner.state
        same = tuple(a for a in state.fill_rate_policies if a.policy_id == self.policy_id)
        others = tuple(a for a in state.fill_rate_policies if a.policy_id != self.policy_id)
        agreed = AgreedFillRatePolicy(self.first_day, self.policy_id, self.policy)
        state.fill_rate_policies = (*others, *with_agreement(same, agreed))


class DeductionAgreementAgreed(Aggregate.Event):
    TYPE = "partner.deduction_agreement_agreed/1"
    partner: str
    agreement: dict[str, Any]
    first_day: date

    def apply(self, partner: Aggregate[TradingPartnerState]) -> None:
        agreed = AgreedDeductions(self.first_day, self.agreement)
        partner.state.deduction_agreements = with_agreement(partner.state.deduction_agreements, agreed)


class LogisticParametersAgreed(Aggregate.Event):
    """What orders have to keep to, every field written out (domain.fill_rate.parameters)."""

    TYPE = "partner.logistic_parameters_agreed/1"
    partner: str
    parameters: dict[str, Any]
    first_day: date

    def apply(self, partner: Aggregate[TradingPartnerState]) -> None:
        agreed = AgreedLogistics(self.first_day, self.parameters)
        partner.state.logistics = with_agreement(partner.state.logistics, agreed)


class InvoicingAgreed(Aggregate.Event):
    TYPE = "partner.invoicing_agreed/1"
    partner: str
    trigger: InvoiceTrigger
    timeout_days: int
    quantity: InvoicedQuantity
    first_day: date

    def apply(self, partner: Aggregate[TradingPartnerState]) -> None:
        terms = InvoicingTerms(self.trigger, self.timeout_days, self.quantity)
        partner.state.invoicing = with_agreement(
            partner.state.invoicing, AgreedInvoicing(self.first_day, terms)
        )


class ConfirmationAgreed(Aggregate.Event):
    TYPE = "partner.confirmation_agreed/1"
    partner: str
    mode: ConfirmationMode
    first_day: date

    def apply(self, partner: Aggregate[TradingPartnerState]) -> None:
        agreed = AgreedConfirmation(self.first_day, self.mode)
        partner.state.confirmation = with_agreement(partner.state.confirmation, agreed)


class EdiProfileAgreed(Aggregate.Event):
    TYPE = "partner.edi_profile_agreed/1"
    partner: str
    profile: EdiProfile
    first_day: date

    def apply(self, partner: Aggregate[TradingPartnerState]) -> None:
        agreed = AgreedEdiProfile(self.first_day, self.profile)
        partner.state.edi_profiles = with_agreement(partner.state.edi_profiles, agreed)


class Closed(Aggregate.Event):
    TYPE = "partner.closed/1"
    partner: str
    closed_on: date

    def apply(self, partner: Aggregate[TradingPartnerState]) -> None:
        partner.state.closed_on = self.closed_on
